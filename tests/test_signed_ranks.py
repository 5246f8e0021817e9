"""The tests of all gaps at once say what the tests one by one say."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis import gap_tests
from analysis.counting.tally import Tally
from analysis.methods import servqual
from analysis.methods.multiplicity import holm
from analysis.methods.paired import Paired, paired_items, paired_scores, paired_sums
from tests.numbers import matrix, questionnaire, servqual400

SMALL = questionnaire({"a": ["x", "y", "z"], "b": ["v"]})
AVAILABLE, LISTWISE = servqual.AVAILABLE, servqual.LISTWISE


def told(test: Paired) -> tuple[object, ...]:
    """What the short form has of a test."""
    plain = test.wilcoxon.plain
    return (test.n, test.t.statistic, test.t.p, plain.p, test.d_z.value, test.rank_biserial.value, test.t.reason)


def compare(tally: Tally) -> None:
    layout = tally.layout
    names = [pair.name for pair in layout.pairs if pair.is_paired]
    gaps = [scores for scores in layout.of_kind("gap") if scores.items]
    expected = {
        "items": dict(zip(names, paired_items([tally.joint(name) for name in names]), strict=True)),
        AVAILABLE: {s.dimension: paired_scores(tally.scores(s.dimension, "gap"), lowest=s.lowest) for s in gaps},
        LISTWISE: {s.dimension: paired_sums(tally.sums(s.dimension), items=s.items) for s in gaps},
    }
    found = {"items": gap_tests.tests_of_items(tally)}
    found |= {policy: gap_tests.tests_of_dimensions(tally, policy) for policy in (AVAILABLE, LISTWISE)}
    for family, tests in found.items():
        for name, test in tests.items():
            values = (test.n, test.t, test.p, test.signed_rank_p, test.d_z, test.rank_biserial, test.reason)
            for one, other in zip(values, told(expected[family][name]), strict=True):
                assert one == (pytest.approx(other, rel=1e-12) if isinstance(other, float) else other), (family, name)
        adjusted = holm([test.t.log_p for test in expected[family].values()])
        assert [test.holm for test in tests.values()] == [
            value if value is None else pytest.approx(value, rel=1e-9, abs=1e-300) for value in adjusted
        ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 4), min_size=8, max_size=8), max_size=30))
def test_all_gaps_at_once_are_those_one_by_one(rows: list[list[int]]) -> None:
    """Property: items and dimensions, missing answers, nobody, one person, no variance."""
    compare(Tally.of(matrix(SMALL, {column.name: [row[k] for row in rows] for k, column in enumerate(SMALL.columns)})))


def test_the_400_respondents_too() -> None:
    """22 items in five dimensions, 3 % missing (``servqual400.csv``)."""
    compare(Tally.of(servqual400()))


def test_a_probability_too_small_for_a_number_is_0_also_when_corrected() -> None:
    """A million persons who all found one point less: p underflows, and so do the corrected ones."""
    answers = {column.name: [4, 4] if column.name[0] == "E" else [3, 2] for column in SMALL.columns}
    two = Tally.of(matrix(SMALL, answers))
    tests = gap_tests.tests_of_items(Tally(two.layout, two.counts * 500_000))
    assert {(test.p, test.holm, test.benjamini_hochberg) for test in tests.values()} == {(0.0, 0.0, 0.0)}
    assert np.isfinite([test.t for test in tests.values()]).all()
