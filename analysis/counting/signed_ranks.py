"""Which of many gaps are more than chance, when a screen wants to know it of all at once and again with every response?

The formulas are those of ``paired``, which tells more of each; here all gaps are rows of one array. Where the counts
stand that a row is made of depends on the questionnaire alone and is found once.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import lcm, sqrt

import numpy as np
import numpy.typing as npt
from scipy import special

from analysis.arrays import Integers
from analysis.counting.layout import Layout, Scores, name_of

Places = npt.NDArray[np.intp]


@dataclass(frozen=True, eq=False)
class Brief:
    """The paired tests of many gaps in short, a list of each number; they mean what they mean in ``paired.Paired``.

    ``t`` and ``p`` are those of Student's test with n - 1 degrees of freedom, ``signed_rank_p`` that of Wilcoxon's with
    zeros dropped, by the normal distribution. None with a ``reason`` where not defined.
    """

    n: list[int]
    t: list[float | None]
    p: list[float | None]
    signed_rank_p: list[float | None]
    d_z: list[float | None]
    rank_biserial: list[float | None]
    reason: list[str | None]


@dataclass(frozen=True, eq=False)
class Differences:
    """Where the persons of each gap stand in the vector of a layout, by sign and size of their difference.

    ``place`` are counts of the vector, ``key`` where each belongs in a (rows, 2 sizes + 1) table whose middle column
    counts differences of 0 and whose others go outwards from the smallest to the largest size.
    """

    rows: int
    sizes: int
    place: Places
    key: Places

    @classmethod
    def of(cls, rows: Sequence[tuple[Places, Integers]]) -> "Differences":
        """rows: of each gap, places of the vector and the difference that each counts, in any unit."""
        ranks = [np.unique(np.abs(values[values != 0])) for _, values in rows]
        most = max((len(sizes) for sizes in ranks), default=0)
        keys = [
            row * (2 * most + 1)
            + most
            + np.where(values == 0, 0, np.sign(values) * (1 + np.searchsorted(sizes, abs(values))))
            for row, ((_, values), sizes) in enumerate(zip(rows, ranks, strict=True))
        ]
        nothing = np.zeros(0, dtype=np.intp)
        places = [places for places, _ in rows]
        return cls(
            len(rows), most, np.concatenate([nothing, *places]), np.concatenate([nothing, *keys]).astype(np.intp)
        )

    @classmethod
    def of_items(cls, layout: Layout) -> "Differences":
        """Every item asked twice, in the order of the layout."""
        rows = []
        for pair in layout.pairs:
            if pair.is_paired:
                place, shape = layout.places[f"joint {pair.name}"]
                e, p = (axis.ravel() for axis in np.indices(shape))
                inside = np.flatnonzero((e > 0) & (p > 0))
                rows.append((place.start + inside, (p - e)[inside].astype(np.int64)))
        return cls.of(rows)

    @classmethod
    def of_dimensions(cls, layout: Layout, *, listwise: bool) -> "Differences":
        """The score of every dimension with a gap; ``listwise`` of persons who answered all its items twice."""
        rows = []
        for scores in gaps_of(layout):
            place, shape = layout.places[name_of(scores)]
            answered, column = (axis.ravel() for axis in np.indices(shape))
            inside = np.flatnonzero(answered == scores.items if listwise else answered > 0)
            parts = unit_of(scores) // answered[inside]
            rows.append((place.start + inside, (column[inside] + scores.lowest) * parts))
        return cls.of(rows)

    def table(self, counts: Integers) -> Integers:
        """(rows, 2 sizes + 1) persons by difference; counts below 2**53 stay whole numbers in the weights."""
        width = 2 * self.sizes + 1
        found = np.bincount(self.key, weights=counts[self.place], minlength=self.rows * width)
        return found.astype(np.int64).reshape(self.rows, width)


def gaps_of(layout: Layout) -> tuple[Scores, ...]:
    """The dimensions with a gap."""
    return tuple(scores for scores in layout.of_kind("gap") if scores.items)


def unit_of(scores: Scores) -> int:
    """Into how many parts of a point the mean difference of a person is divided so that it is a whole number."""
    return lcm(*range(1, scores.items + 1))


def brief_tests(table: Integers, sums: Sequence[tuple[int, int, int]]) -> Brief:
    """The tests of every row.

    table: (rows, 2 sizes + 1) persons, as ``Differences.table`` gives them. sums: of each row the persons, and the sums
    of the differences and of their squares, all in one unit, exact.
    """
    sizes = table.shape[1] // 2
    plus, minus = table[:, sizes + 1 :], table[:, sizes - 1 :: -1] if sizes else table[:, :0]
    tied = plus + minus
    twice_rank = 2 * tied.cumsum(axis=1) - tied + 1  # twice the mid-rank, a whole number
    w_plus, w_minus = (plus * twice_rank).sum(axis=1) / 2, (minus * twice_rank).sum(axis=1) / 2
    deviation = np.sqrt((tied * (twice_rank / 4.0) ** 2).sum(axis=1))
    z = (w_plus - w_minus) / 2 / np.where(deviation > 0, deviation, 1.0)
    ranked = zip(w_plus.tolist(), w_minus.tolist(), (2 * special.ndtr(-np.abs(z))).tolist(), strict=True)
    found = [(p, (up - down) / (up + down)) if up + down > 0 else (None, None) for up, down, p in ranked]
    standard = [_standard(*row) for row in sums]
    t = [each and each[1] for each in standard]
    degrees = np.array([max(n - 1, 1) for n, _, _ in sums], dtype=np.float64)
    p_of_t = (2 * special.stdtr(degrees, -np.abs(np.array([each or 0.0 for each in t])))).tolist()
    return Brief(
        [n for n, _, _ in sums],
        t,
        [None if each is None else p for each, p in zip(t, p_of_t, strict=True)],
        [p for p, _ in found],
        [each and each[0] for each in standard],
        [effect for _, effect in found],
        [None if each else _why_not(n) for each, (n, _, _) in zip(standard, sums, strict=True)],
    )


def _standard(n: int, total: int, squares: int) -> tuple[float, float] | None:
    """d_z and t, None where they are not defined."""
    spread = n * squares - total * total  # n (n - 1) times the variance
    if n < 2 or spread == 0:
        return None
    d_z = total / n / sqrt(spread / (n * (n - 1)))
    return d_z, d_z * sqrt(n)


def _why_not(n: int) -> str:
    return "no_pairs" if n == 0 else "one_respondent" if n == 1 else "no_variance"
