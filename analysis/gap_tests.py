"""Which gaps are more than chance, when all of them are judged together, and how large are they?"""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis import servqual
from analysis.multiplicity import benjamini_hochberg, holm
from analysis.paired import Paired, paired_items, paired_scores, paired_sums
from analysis.tally import Tally

LEVEL = 0.05


@dataclass(frozen=True)
class GapTest:
    """The paired tests of one gap. ``n`` persons answered both; the rest is None with a ``reason`` where undefined.

    ``t`` with ``df`` degrees of freedom and ``p`` (two-sided; 0 means below 1e-308); ``holm`` and
    ``benjamini_hochberg`` are p corrected for all items, or all dimensions, together. ``signed_rank_p``: Wilcoxon's
    test, zeros dropped, by the normal distribution without continuity correction. Effects: ``d_z`` in standard
    deviations of the differences, ``rank_biserial`` from -1 (all found less than they expect) to 1.
    """

    n: int
    t: float | None
    df: float | None
    p: float | None
    holm: float | None
    benjamini_hochberg: float | None
    signed_rank_p: float | None
    d_z: float | None
    rank_biserial: float | None
    reason: str | None

    @property
    def is_certain(self) -> bool:
        """Whether the gap is more than chance, at 5 % for the whole family (Holm)."""
        return self.holm is not None and self.holm < LEVEL


def tests_of_items(tally: Tally) -> dict[str, GapTest]:
    """The tests of every item asked twice, by name, corrected as one family."""
    pairs = [pair.name for pair in tally.layout.pairs if pair.is_paired]
    return dict(zip(pairs, _together(paired_items([tally.joint(name) for name in pairs])), strict=True))


def tests_of_dimensions(tally: Tally, policy: str) -> dict[str, GapTest]:
    """The same of every dimension, from the scores of persons; ``policy`` as in ``servqual``."""
    found = {}
    for scores in tally.layout.of_kind("gap"):
        if not scores.items:
            continue
        if policy == servqual.LISTWISE:
            found[scores.dimension] = paired_sums(tally.sums(scores.dimension), items=scores.items)
        else:
            found[scores.dimension] = paired_scores(tally.scores(scores.dimension, "gap"), lowest=scores.lowest)
    return dict(zip(found, _together(list(found.values())), strict=True))


def _together(tests: Sequence[Paired]) -> list[GapTest]:
    logs = [test.t.log_p for test in tests]
    corrected = zip(tests, holm(logs), benjamini_hochberg(logs), strict=True)
    return [
        GapTest(
            n=test.n,
            t=test.t.statistic,
            df=test.t.df[0] if test.t.df else None,
            p=test.t.p,
            holm=by_holm,
            benjamini_hochberg=by_benjamini_hochberg,
            signed_rank_p=test.wilcoxon.plain.p,
            d_z=test.d_z.value,
            rank_biserial=test.rank_biserial.value,
            reason=test.t.reason,
        )
        for test, by_holm, by_benjamini_hochberg in corrected
    ]
