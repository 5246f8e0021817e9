"""Which groups cannot be told apart, and so must share a place in a ranking?

A ranking of twenty units by their mean pretends to know an order that the data do not show. Here groups that the
Games-Howell comparison cannot tell apart share a tier, and a group can stand in several: *a*, *ab*, *b*. Two groups
share a tier if and only if they are not significantly different (a compact letter display).
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from string import ascii_lowercase

from analysis.methods.comparison import Moments
from analysis.methods.pairwise import PairOfGroups, games_howell

ALPHA = 0.05
MOST_TIERS = 500


@dataclass(frozen=True)
class Tiers:
    """The tiers (1 = the highest means) of every group, ascending; empty for a group that could not be compared.

    ``order`` lists the compared groups from the highest mean to the lowest. ``left_out`` groups have fewer than two
    persons. ``reason`` says why there are no tiers.
    """

    alpha: float
    order: tuple[int, ...]
    tiers: tuple[tuple[int, ...], ...]
    left_out: tuple[int, ...]
    reason: str | None = None

    @property
    def letters(self) -> tuple[str, ...]:
        """The tiers as letters, such as *ab*; after *z* comes *aa*, set off by dots."""
        return tuple((".".join if any(t > 26 for t in own) else "".join)(map(_letter, own)) for own in self.tiers)


def tiers(moments: Moments, *, alpha: float = ALPHA, pairs: Sequence[PairOfGroups] | None = None) -> Tiers:
    """Put groups into tiers by their means.

    moments: (g,) groups. alpha: level of the Games-Howell comparisons, which holds for all pairs together. pairs: these
    comparisons, if they are already made (``games_howell(moments)``).
    Two groups within which nobody differs are told apart when their means differ. Reason ``fewer_than_two_groups``.
    """
    used = moments.usable.tolist()
    left_out = tuple(place for place in range(len(moments.n)) if place not in used)
    if len(used) < 2:
        alone: dict[int, tuple[int, ...]] = {place: (1,) for place in used}
        own = tuple(alone.get(place, ()) for place in range(len(moments.n)))
        return Tiers(alpha, tuple(used), own, left_out, "fewer_than_two_groups")
    apart = {
        (pair.first, pair.second)
        for pair in (games_howell(moments, intervals=False) if pairs is None else pairs)
        if (pair.difference.value != 0 if pair.test.p is None else pair.test.p <= alpha)
    }
    order = sorted(used, key=lambda place: (-float(moments.mean[place]), place))
    found = letter_display(order, apart)
    if found is None:
        return Tiers(alpha, tuple(order), ((),) * len(moments.n), left_out, "too_many_tiers")
    own = tuple(found.get(place, ()) for place in range(len(moments.n)))
    return Tiers(alpha, tuple(order), own, left_out)


def letter_display(order: Sequence[int], apart: Collection[tuple[int, int]]) -> dict[int, tuple[int, ...]] | None:
    """Insert and absorb. Piepho (2004), "An algorithm for a letter-based representation of all-pairwise comparisons".

    1. Begin with one tier that holds every group.
    2. For each pair that is told apart, replace every tier that holds both by two: one without the first, one without
       the second group.
    3. After each pair remove every tier that lies within another.
    What remains are all largest sets of groups none of which are told apart. They are numbered from the tier whose
    highest group is highest (then whose next is).

    order: the groups from the highest to the lowest. apart: pairs of groups, in any order. Returns the tiers of each
    group, or None with more than 500 tiers, which no reader could use.
    """
    place = {group: at for at, group in enumerate(order)}
    sets = [frozenset(order)]
    for first, second in sorted(apart, key=lambda pair: sorted((place[pair[0]], place[pair[1]]))):
        split = [tier for tier in sets if first in tier and second in tier]
        kept = [tier for tier in sets if not (first in tier and second in tier)]
        new = {part for tier in split for part in (tier - {first}, tier - {second})}
        # Only new tiers can lie within others: those that were kept did not before.
        for part in sorted(new, key=len, reverse=True):
            if not any(part <= tier for tier in kept):
                kept.append(part)
        sets = kept
        if len(sets) > MOST_TIERS:
            return None
    sets.sort(key=lambda tier: sorted(place[group] for group in tier))
    return {group: tuple(number for number, tier in enumerate(sets, 1) if group in tier) for group in order}


def _letter(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = ascii_lowercase[rest] + letters
    return letters
