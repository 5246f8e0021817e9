"""Are the sums that reliability and factor models need exact, additive, and quick to count?"""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.counting import moments
from analysis.counting.moments import MomentLayout, Moments
from analysis.methods.covariance import LISTWISE, PAIRWISE
from tests.numbers import SERVQUAL, reference
from tests.psychometrics import FACTORS, ITEMS, answers400, covariance400, moments400, values

REL = 1e-9
SMALL = MomentLayout(4, ((0, 1), (2, 3), (0, 1, 2, 3)))


def some_answers(n: int, *, missing: float = 0.2, columns: int = 4, seed: int = 1) -> np.ndarray:
    generator = np.random.default_rng(seed)
    answers = generator.integers(1, 8, (columns, n), dtype=np.uint8)
    answers[generator.random((columns, n)) < missing] = 0
    return answers


@pytest.mark.parametrize("dimension", SERVQUAL)
@pytest.mark.parametrize("kind", ["E", "P", "gap"])
def test_listwise_covariances_are_those_of_r(kind: str, dimension: str) -> None:
    """R: cov(x[complete.cases(x), ]), per dimension (rel() in tests/reference/r/lib.R)."""
    places = FACTORS[list(SERVQUAL).index(dimension)]
    r = reference()["reliability"][kind][dimension]
    ours = covariance400(kind, places)
    assert ours.n == r["n_complete"]
    np.testing.assert_allclose(ours.values, values(r["cov_listwise"]), rtol=REL)
    np.testing.assert_allclose(ours.correlation, values(r["cor_listwise"]), rtol=REL)


@pytest.mark.parametrize("dimension", SERVQUAL)
def test_pairwise_covariances_are_those_of_r(dimension: str) -> None:
    """R: cov(x, use = "pairwise"); of gaps too, where a gap needs both answers."""
    places = FACTORS[list(SERVQUAL).index(dimension)]
    r, all_answers = reference()["reliability"], answers400()
    e = moments400().covariance(places, PAIRWISE)
    p = moments400().covariance([22 + place for place in places], PAIRWISE)
    gaps = Moments.of_gaps(MomentLayout(22, ()), all_answers[:22], all_answers[22:]).covariance(places, PAIRWISE)
    for kind, ours in (("E", e), ("P", p), ("gap", gaps)):
        np.testing.assert_allclose(ours.values, values(r[kind][dimension]["cov_pairwise"]), rtol=REL, atol=1e-15)


def test_the_n_of_a_pairwise_matrix_is_the_smallest_behind_any_pair() -> None:
    answers = np.array([[1, 2, 3, 0], [1, 2, 0, 4], [0, 1, 2, 3]], dtype=np.uint8)
    found = Moments.of(MomentLayout(3, ()), answers).covariance([0, 1, 2], PAIRWISE)
    assert (found.n, found.policy) == (2, PAIRWISE)


@pytest.mark.parametrize("rows", [64, 16384])
@pytest.mark.parametrize("missing", [0.0, 0.001, 0.3, 1.0])
def test_the_sums_are_those_of_plain_arithmetic(missing: float, rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted again with Python's own integers, row by row; blocks of 64 and of the usual size."""
    monkeypatch.setattr(moments, "ROWS", rows)
    answers = some_answers(200, missing=missing)
    found = Moments.of(SMALL, answers)
    people = [[int(code) for code in person] for person in answers.T]
    for columns in SMALL.sets:
        complete = [[1, *(person[c] for c in columns)] for person in people if all(person[c] for c in columns)]
        size = len(columns) + 1
        expected = [[sum(p[i] * p[j] for p in complete) for j in range(size)] for i in range(size)]
        assert found.table(columns).tolist() == expected
    n, sums, products = SMALL.table(found.counts, PAIRWISE).tolist()
    for i in range(4):
        for j in range(4):
            both = [(p[i], p[j]) for p in people if p[i] and p[j]]
            assert (n[i][j], sums[i][j]) == (len(both), sum(a for a, _ in both))
            assert products[i][j] == sum(a * b for a, b in both)


@settings(max_examples=30, deadline=None)
@given(cut=st.integers(0, 50), missing=st.sampled_from([0.0, 0.3]))
def test_the_moments_of_two_parts_add_up_to_those_of_the_whole(cut: int, missing: float) -> None:
    answers = some_answers(50, missing=missing)
    parts = Moments.of(SMALL, answers[:, :cut]) + Moments.of(SMALL, answers[:, cut:])
    assert np.array_equal(parts.counts, Moments.of(SMALL, answers).counts)
    assert parts.rows == 50


def test_gaps_from_products_are_gaps_counted_person_by_person() -> None:
    answers = some_answers(300)
    one = Moments.of(SMALL, answers).gaps((0, 1), (2, 3))
    other = Moments.of_gaps(MomentLayout(2, ((0, 1),)), answers[:2], answers[2:]).covariance((0, 1))
    assert one.n == other.n
    assert np.array_equal(one.values, other.values)


def test_items_that_do_not_vary_have_variance_exactly_0_among_a_million() -> None:
    """Floats would leave 1e-17 and divide by it."""
    answers = np.full((2, 1_000_000), 7, dtype=np.uint8)
    answers[1, ::3] = 6
    found = Moments.of(MomentLayout(2, ((0, 1),)), answers).covariance((0, 1))
    assert found.constant == (0,)
    assert found.values[0].tolist() == [0.0, 0.0]


def test_counts_of_a_whole_nation_do_not_overflow() -> None:
    """n x products passes 2^63 near a hundred million persons; the covariance then comes from unlimited integers."""
    layout = MomentLayout(2, ((0, 1),))
    few = Moments.of(layout, np.array([[1, 7, 7, 3], [2, 7, 6, 1]], dtype=np.uint8))
    many = Moments(layout, few.counts * 10**9).covariance((0, 1))
    assert many.n == 4 * 10**9
    np.testing.assert_allclose(many.values, few.covariance((0, 1)).values * 3 / 4, rtol=1e-9)


def test_nobody_and_one_person_have_no_covariance() -> None:
    nobody = Moments.nothing(SMALL).covariance((0, 1))
    assert (nobody.n, nobody.reason) == (0, "no_complete_responses")
    assert not nobody.values.any()
    person = Moments.of(SMALL, np.array([[1], [2], [3], [0]], dtype=np.uint8))
    assert person.covariance((0, 1)).reason == "one_respondent"
    assert person.covariance((2, 3)).reason == "no_complete_responses"
    assert person.covariance((0, 1, 2, 3), PAIRWISE).n == 0


def test_the_usual_sets_are_each_dimension_and_all_in_each_respect_and_both() -> None:
    layout = MomentLayout.usual(5, [((0,), (2,)), ((), (3, 4))])
    assert layout.sets == ((0,), (2,), (0, 2), (3, 4), (2, 3, 4), (0, 2, 3, 4))
    assert len(MomentLayout.usual(44, [(g, tuple(22 + c for c in g)) for g in FACTORS]).sets) == 18


def test_wrong_shapes_are_refused() -> None:
    answers = some_answers(5)
    for wrong in (answers[:3], answers.astype(np.int64), answers[0]):
        with pytest.raises(ValueError, match="uint8 wanted"):
            Moments.of(SMALL, wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="codes above"):
        Moments.of(SMALL, np.full((4, 2), 99, dtype=np.uint8))
    with pytest.raises(ValueError, match="no sums are kept"):
        Moments.of(SMALL, answers).covariance((0, 2), LISTWISE)
    with pytest.raises(ValueError, match="unknown policy"):
        Moments.of(SMALL, answers).covariance((0, 1), "both")
    with pytest.raises(ValueError, match="different layouts"):
        Moments.of(SMALL, answers) + Moments.of(MomentLayout(4, ()), answers)
    with pytest.raises(ValueError, match="expectations for"):
        Moments.of(SMALL, answers).gaps((0,), (2, 3))
    with pytest.raises(ValueError, match="not a set"):
        MomentLayout(2, ((0, 2),))
    with pytest.raises(ValueError, match="two arrays"):
        Moments.of_gaps(SMALL, answers, answers[:, :2])


def test_the_reference_file_has_the_items_in_order() -> None:
    assert list(reference()["item_P"]) == ITEMS
