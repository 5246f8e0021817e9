"""Which gaps are more than chance, when all of them are judged together, and how large are they?"""

from dataclasses import dataclass
from math import log

from analysis.counting.signed_ranks import Brief, Differences, brief_tests, gaps_of, unit_of
from analysis.counting.tally import Layout, Tally
from analysis.methods import servqual
from analysis.methods.multiplicity import holm_and_hochberg
from analysis.methods.significance import SMALL, by_t

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
    table = _plan(tally.layout).items.table(tally.counts)
    sums = [(n, total, squares) for n, total, squares in tally.sums_of_gaps.values()]
    return dict(zip(tally.sums_of_gaps, _together(brief_tests(table, sums)), strict=True))


def tests_of_dimensions(tally: Tally, policy: str) -> dict[str, GapTest]:
    """The same of every dimension, from the scores of persons; ``policy`` as in ``servqual``."""
    plan, asked = _plan(tally.layout), gaps_of(tally.layout)
    differences = plan.listwise if policy == servqual.LISTWISE else plan.available
    by_answered = [tally.sums_of_scores[scores.dimension, scores.kind] for scores in asked]
    sums = [
        servqual.sums_of_means(rows, policy=policy, unit=unit_of(scores))
        for scores, rows in zip(asked, by_answered, strict=True)
    ]
    tests = _together(brief_tests(differences.table(tally.counts), sums))
    return dict(zip([scores.dimension for scores in asked], tests, strict=True))


@dataclass(frozen=True, eq=False)
class _Plan:
    """Where the differences of a layout stand; ``available`` and ``listwise`` are those of dimensions."""

    layout: Layout
    items: Differences
    available: Differences
    listwise: Differences


_plans: dict[int, _Plan] = {}
"""By the identity of the layout, which the plan keeps alive."""


def _plan(layout: Layout) -> _Plan:
    if id(layout) not in _plans:
        _plans[id(layout)] = _Plan(
            layout,
            Differences.of_items(layout),
            Differences.of_dimensions(layout, listwise=False),
            Differences.of_dimensions(layout, listwise=True),
        )
    return _plans[id(layout)]


def _together(tests: Brief) -> list[GapTest]:
    by_holm, by_benjamini_hochberg = holm_and_hochberg(list(map(_log_p, tests.p, tests.t, tests.n)))
    df = [None if t is None else n - 1 for n, t in zip(tests.n, tests.t, strict=True)]
    return list(
        map(
            GapTest,  # in the order of its fields
            tests.n,
            tests.t,
            df,
            tests.p,
            by_holm,
            by_benjamini_hochberg,
            tests.signed_rank_p,
            tests.d_z,
            tests.rank_biserial,
            tests.reason,
        )
    )


def _log_p(p: float | None, t: float | None, n: int) -> float | None:
    """Ln p. What is 0 as a number is so small that its logarithm, which takes time, would change nothing here."""
    if p is None or t is None:
        return None
    if p >= SMALL:
        return log(p)
    return by_t(t, n - 1, n).log_p if p else float("-inf")
