"""Reliability against R (psych, lavaan) and by hand. Tolerance 1e-9 relative; p-values 1e-7; omega 1e-6 absolute."""

import json
from math import isclose, sqrt
from typing import Any

import numpy as np
import pytest

from analysis.methods.correlation import critical_r, of_correlation
from analysis.methods.covariance import PAIRWISE, Covariance
from analysis.methods.estimate import Estimate
from analysis.methods.reliability import (
    SplitHalf,
    alpha_of_counts,
    cronbach_alpha,
    difference_reliability,
    items_in_scale,
    omega,
    scale_reliability,
    split_half,
    standardised_alpha,
)
from tests.numbers import REFERENCE, SERVQUAL, reference
from tests.psychometrics import FACTORS, KINDS, alike, answers400, covariance400, moments400, nobody, of_rows
from tests.soundness import nothing_is_nan

REL = 1e-9
SCALES = [(kind, dimension) for kind in KINDS for dimension in SERVQUAL] + [("E", "all"), ("P", "all")]


def scale(kind: str, dimension: str) -> tuple[Covariance, Any]:
    """Our covariance and what R says."""
    found = reference()["reliability"]
    if dimension == "all":
        return covariance400(kind), found[f"{kind}_all"]
    return covariance400(kind, FACTORS[list(SERVQUAL).index(dimension)]), found[kind][dimension]


def near(ours: Estimate, theirs: float, *, rel: float = REL) -> bool:
    return ours.value is not None and isclose(ours.value, theirs, rel_tol=rel)


@pytest.mark.parametrize(("kind", "dimension"), SCALES)
def test_alpha_and_feldts_interval_are_those_of_r(kind: str, dimension: str) -> None:
    """R: psych::alpha(x)$total, psych::alpha.ci(), complete rows (rel() in tests/reference/r/lib.R)."""
    covariance, r = scale(kind, dimension)
    alpha = cronbach_alpha(covariance)
    assert (alpha.n, covariance.items) == (r["n_complete"], r["k"])
    assert near(alpha, r["alpha_listwise"])
    assert (alpha.low, alpha.high) == pytest.approx(tuple(r["ci95_feldt_F"]), rel=REL)
    assert near(standardised_alpha(covariance), r["alpha_std_listwise"])
    found = scale_reliability(covariance)
    assert found.coefficient == found.alpha == alpha
    assert near(found.mean_correlation, r["avg_interitem_r"])
    assert near(found.error_of_sum, r["sem_total"])
    nothing_is_nan(found)


@pytest.mark.parametrize(("kind", "dimension"), SCALES)
def test_item_total_correlations_and_alpha_if_deleted_are_those_of_r(kind: str, dimension: str) -> None:
    """R: cor.test(x[, i], rowSums(x)), cor.test(x[, i], rowSums(x[, -i])), alpha of x[, -i]; p down to 1e-79."""
    covariance, r = scale(kind, dimension)
    for item, theirs in zip(items_in_scale(covariance), r["items"].values(), strict=True):
        assert near(item.total.r, theirs["r_total"])
        assert near(item.corrected.r, theirs["r_corrected"])
        assert near(item.alpha_if_deleted, theirs["alpha_if_deleted"])
        assert isclose(item.total.test.p or 0, theirs["p_total"], rel_tol=1e-7)
        assert isclose(item.corrected.test.p or 0, theirs["p_corrected"], rel_tol=1e-7)


@pytest.mark.parametrize(("kind", "dimension"), SCALES)
def test_split_halves_are_those_of_r(kind: str, dimension: str) -> None:
    """R: cor() of the halves' sums, 2r/(1+r), Horst's formula, 4 cov / var; odd-even, and first-second."""
    covariance, r = scale(kind, dimension)
    found = scale_reliability(covariance)
    for half, theirs in (
        (found.odd_even, r["split_half_oddeven"]),
        (found.first_second, r["split_half_firstsecond"]),
    ):
        assert near(half.r, theirs["r"])
        assert near(half.spearman_brown, theirs["spearman_brown"])
        assert near(half.horst, theirs["horst_unequal"])
        assert near(half.guttman, theirs["guttman_lambda4"])


@pytest.mark.parametrize(("kind", "dimension"), SCALES)
def test_omega_is_that_of_lavaans_one_factor_model(kind: str, dimension: str) -> None:
    """R: fit <- lavaan::cfa(one factor, std.lv = TRUE); sum(L)^2 / (sum(L)^2 + sum(theta)). Tolerance 1e-6."""
    covariance, r = scale(kind, dimension)
    ours = omega(covariance)
    assert ours.value is not None
    assert abs(ours.value - r["omega"]["omega_cfa_modelimplied"]) < 1e-6


@pytest.mark.parametrize("kind", ["E", "P"])
@pytest.mark.parametrize("dimension", SERVQUAL)
def test_pairwise_alpha_is_that_of_r(kind: str, dimension: str) -> None:
    """R: alpha from cov(x, use = "pairwise"); n is the smallest number of persons behind any pair."""
    places = [place + 22 * (kind == "P") for place in FACTORS[list(SERVQUAL).index(dimension)]]
    ours = cronbach_alpha(moments400().covariance(places, PAIRWISE))
    assert near(ours, reference()["reliability"][kind][dimension]["alpha_pairwise"])
    assert ours.n > reference()["reliability"][kind][dimension]["n_complete"]


@pytest.mark.parametrize("dimension", SERVQUAL)
def test_the_reliability_of_the_gap_is_that_of_r(dimension: str) -> None:
    """R: difference_reliability in tests/reference/r/servqual.R, from the rows complete in E and P."""
    places = FACTORS[list(SERVQUAL).index(dimension)]
    k = len(places)
    both = moments400().covariance((*places, *(22 + place for place in places)))
    ours, r = difference_reliability(both, range(k), range(k, 2 * k)), reference()["difference_reliability"][dimension]
    assert ours.n == r["n"]
    for name, theirs in (
        ("alpha_expectation", "alpha_E"),
        ("alpha_perception", "alpha_P"),
        ("r", "r_EP"),
        ("sd_expectation", "sd_E"),
        ("sd_perception", "sd_P"),
        ("general", "rel_diff_general"),
        ("equal_variances", "rel_diff_equal_var"),
        ("alpha_of_gaps", "alpha_of_gap_items"),
    ):
        assert near(getattr(ours, name), r[theirs]), name


def test_alpha_of_equally_correlated_items_follows_spearman_and_brown() -> None:
    """By hand: k r / (1 + (k - 1) r) = 4 x 0.5 / 2.5 = 0.8; omega, standardised alpha and both halves agree."""
    found = scale_reliability(alike(4, 0.5))
    for ours in (
        found.alpha,
        found.alpha_standardised,
        found.omega,
        found.odd_even.spearman_brown,
        found.odd_even.guttman,
    ):
        assert near(ours, 0.8, rel=1e-7)


def test_the_interval_of_omega_covers_the_truth_as_often_as_it_says() -> None:
    """200 samples of 300 persons from a one-factor model: about 95 % of the intervals hold the true omega (3 SE)."""
    generator = np.random.default_rng(7)
    loadings = np.array([0.5, 0.6, 0.7, 0.8])
    true = loadings.sum() ** 2 / (loadings.sum() ** 2 + (1 - loadings**2).sum())
    hits = 0
    for _ in range(200):
        errors = generator.standard_normal((300, 4)) * np.sqrt(1 - loadings**2)
        found = omega(of_rows(generator.standard_normal((300, 1)) * loadings + errors))
        assert found.low is not None and found.high is not None
        hits += found.low <= true <= found.high
    assert abs(hits / 200 - 0.95) < 0.046


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("dimension", SERVQUAL)
def test_alpha_needs_no_products_when_the_complete_persons_are_counted(kind: str, dimension: str) -> None:
    """The same reference values from counts by answer and by sum; of gaps, the differences begin at -6."""
    places = list(FACTORS[list(SERVQUAL).index(dimension)])
    e, p = (answers400()[[place + shift for place in places]].astype(np.int64) for shift in (0, 22))
    known = {"E": e > 0, "P": p > 0, "gap": (e > 0) & (p > 0)}[kind].all(axis=0)
    answers = {"E": e, "P": p, "gap": p - e + 6}[kind][:, known]
    ours = alpha_of_counts([np.bincount(item) for item in answers], np.bincount(answers.sum(axis=0)))
    r = reference()["reliability"][kind][dimension]
    assert ours.n == r["n_complete"] and near(ours, r["alpha_listwise"])
    assert (ours.low, ours.high) == pytest.approx(tuple(r["ci95_feldt_F"]), rel=REL)


def test_alpha_from_counts_says_why_it_is_not_defined() -> None:
    one, two, nobody_there = np.array([0, 1]), np.array([0, 2]), np.array([0, 0])
    assert alpha_of_counts([], one).reason == "not_asked"
    assert alpha_of_counts([two], two).reason == "one_item"
    assert alpha_of_counts([nobody_there] * 2, nobody_there).reason == "no_complete_responses"
    assert alpha_of_counts([one] * 2, one).reason == "one_respondent"
    assert alpha_of_counts([two] * 2, two).reason == "sum_does_not_vary"
    with pytest.raises(ValueError, match="the same 1 persons"):
        alpha_of_counts([two, one], one)


def test_a_negative_alpha_is_shown() -> None:
    """Two items that contradict each other: 2 (1 - 2 / (2 - 2 x 0.5)) = -2."""
    covariance = alike(2, -0.5)
    assert near(cronbach_alpha(covariance), -2.0)
    assert near(standardised_alpha(covariance), -2.0)
    assert near(scale_reliability(covariance).odd_even.spearman_brown, -2.0)


def test_a_scale_of_two_items_is_reported_by_spearman_and_brown() -> None:
    """2 x 0.6 / 1.6 = 0.75, whatever the variances; alpha stands beside it; nothing can be deleted."""
    covariance = Covariance(np.array([[1.0, 1.2], [1.2, 4.0]]), 50)
    found = scale_reliability(covariance)
    assert found.preferred == "spearman_brown"
    assert near(found.coefficient, 0.75)
    assert near(found.alpha, 2 * (1 - 5 / 7.4))
    assert found.omega.reason == "two_items"
    assert [item.alpha_if_deleted.reason for item in found.items] == ["two_items"] * 2
    assert near(found.items[0].corrected.r, 0.6)
    nothing_is_nan(found)


def test_one_item_has_no_reliability_and_says_so() -> None:
    found = scale_reliability(Covariance(np.array([[1.5]]), 50))
    for ours in (found.alpha, found.alpha_standardised, found.omega, found.odd_even.r, found.items[0].corrected.r):
        assert (ours.value, ours.reason, ours.n) == (None, "one_item", 50)
    nothing_is_nan(found)


@pytest.mark.parametrize(
    ("covariance", "reason"),
    [
        (nobody(4), "no_complete_responses"),
        (Covariance(np.zeros((4, 4)), 1), "one_respondent"),
        (Covariance(np.zeros((4, 4)), 30), "sum_does_not_vary"),
        (Covariance(np.zeros((0, 0)), 30), "not_asked"),
        (of_rows([[1, 3], [2, 2], [3, 1]]), "sum_does_not_vary"),
    ],
)
def test_without_answers_or_variance_there_is_a_reason(covariance: Covariance, reason: str) -> None:
    found = scale_reliability(covariance)
    assert (found.alpha.value, found.alpha.reason) == (None, reason)
    nothing_is_nan(found)


def test_items_that_all_get_the_same_answer_leave_raw_alpha_defined_only() -> None:
    """A constant third item: raw alpha counts it as an item, a correlation with it does not exist."""
    found = scale_reliability(of_rows([[1, 2, 5], [2, 2, 5], [3, 4, 5], [5, 4, 5]]))
    assert found.alpha.value is not None
    assert found.alpha_standardised.reason == found.omega.reason == "constant_item"
    assert found.items[2].total.r.reason == "constant_item"
    assert found.items[0].corrected.r.value is not None
    nothing_is_nan(found)


def test_two_persons_are_enough_for_alpha_but_not_for_a_test() -> None:
    found = scale_reliability(of_rows([[1, 2, 4], [3, 3, 5]]))
    assert found.alpha.value is not None and found.alpha.low is not None
    assert found.items[0].corrected.r.reason == "few_respondents"
    assert found.omega.reason == "too_few_complete"
    nothing_is_nan(found)


def test_copies_of_one_item_are_perfectly_reliable() -> None:
    found = scale_reliability(of_rows([[1, 1, 1], [2, 2, 2], [5, 5, 5], [3, 3, 3]]))
    for ours in (found.alpha, found.odd_even.spearman_brown, found.odd_even.horst):
        assert ours.value == pytest.approx(1, abs=1e-12)
    assert found.omega.reason == "singular"
    assert found.items[0].corrected.test.p == 0
    nothing_is_nan(found)


def test_an_impossible_one_factor_solution_gives_no_omega() -> None:
    """By hand: the first loading squared is 0.8 x 0.8 / 0.5 = 1.28 > 1."""
    covariance = Covariance(np.array([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]]), 100)
    assert omega(covariance).reason == "heywood"


def test_the_gap_of_one_item_has_no_reliability_and_says_so() -> None:
    found = difference_reliability(Covariance(np.array([[1.0, 0.3], [0.3, 2.0]]), 40), [0], [1])
    assert found.general.reason == found.equal_variances.reason == found.alpha_of_gaps.reason == "one_item"
    assert near(found.r, 0.3 / sqrt(2))
    nothing_is_nan(found)


def test_perceptions_that_copy_the_expectations_leave_no_difference_to_measure() -> None:
    rows = [[1, 2, 1, 2], [2, 4, 2, 4], [5, 3, 5, 3]]
    found = difference_reliability(of_rows(rows), [0, 1], [2, 3])
    assert found.general.reason == found.equal_variances.reason == "sum_does_not_vary"
    nothing_is_nan(found)
    nothing_is_nan(difference_reliability(nobody(4), [0, 1], [2, 3]))
    nothing_is_nan(difference_reliability(Covariance(np.zeros((4, 4)), 9), [0, 1], [2, 3]))


def test_halves_that_contradict_each_other_completely_have_no_sum_to_rely_on() -> None:
    found: SplitHalf = split_half(of_rows([[1, 3], [2, 2], [3, 1]]), [0], [1])
    assert found.r.value == -1
    assert found.spearman_brown.reason == found.guttman.reason == "sum_does_not_vary"


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(ValueError, match="both halves"):
        split_half(alike(3, 0.5), [0, 1], [1, 2])
    with pytest.raises(ValueError, match="expectations for"):
        difference_reliability(alike(3, 0.5), [0, 1], [2])
    with pytest.raises(ValueError, match="square"):
        Covariance(np.zeros((2, 3)), 5)
    with pytest.raises(ValueError, match="finite"):
        Covariance(np.array([[np.nan]]), 5)


def test_the_r_table_is_that_of_r() -> None:
    """R: t <- qt(1 - a/2, n - 2); t / sqrt(t^2 + n - 2), in tests/reference/formulas.json."""
    table = reference_table()
    sizes = [5, 10, 20, 25, 30, 50, 75, 100, 150, 200, 400, 1000]
    for level, column in table.items():
        for n, theirs in zip(sizes, column, strict=True):
            assert near(critical_r(n, float(level)), theirs)
    assert critical_r(2).reason == "few_respondents"


def reference_table() -> dict[str, list[float]]:
    table: dict[str, list[float]] = json.loads((REFERENCE / "formulas.json").read_text())["r_table"]
    return table


def test_the_interval_of_a_correlation_is_fishers() -> None:
    """By hand: n = 103, r = 0.5: tanh(0.549306 -+ 1.959964 / 10) = 0.339308 .. 0.632338 (R: cor.test()$conf.int)."""
    found = of_correlation(0.5, 103)
    assert found.r.low == pytest.approx(0.339308, abs=1e-6)
    assert found.r.high == pytest.approx(0.632338, abs=1e-6)


def test_the_chance_of_a_correlation_among_a_million_is_not_lost() -> None:
    found = of_correlation(0.6, 1_000_000).test
    assert found.p == 0
    assert found.log_p == pytest.approx(500_000 * np.log(1 - 0.36), rel=1e-3)
