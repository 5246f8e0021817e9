"""Confirmatory factor analysis against lavaan 0.6-14, and by hand.

Tolerances: chi-square 1e-8 relative; CFI, TLI, RMSEA 1e-6, SRMR, standardised loadings and standard errors 1e-5. lavaan
stops a little earlier than we do: of the gaps (96 persons) its
chi-square is above ours by 5e-8, and its estimates differ by up to 5e-5. That ours is the lower minimum is a test.
"""

import time
from typing import Any

import numpy as np
import pytest

from analysis.methods.cfa import Confirmatory, confirmatory
from analysis.methods.covariance import Covariance
from analysis.methods.fit_indices import FitIndices, _sankaran, comparative_fit, rmsea_interval, tucker_lewis
from tests.numbers import reference
from tests.psychometrics import FACTORS, KINDS, alike, covariance400, nobody, of_rows, values
from tests.soundness import nothing_is_nan


def fitted(kind: str) -> tuple[Confirmatory, Any]:
    """Our fit of the five dimensions and what lavaan says."""
    return confirmatory(covariance400(kind), FACTORS), reference()[f"cfa_{kind}"]


def indices(fit: Confirmatory) -> FitIndices:
    assert fit.fit is not None
    return fit.fit


@pytest.mark.parametrize("kind", KINDS)
def test_the_fit_of_five_dimensions_is_that_of_lavaan(kind: str) -> None:
    """R: fitMeasures(cfa(model, data, estimator = "ML")), complete rows (cfa_ref() in tests/reference/r/lib.R)."""
    fit, r = fitted(kind)
    ours, theirs = indices(fit), r["fit"]
    assert fit.converged and fit.proper
    assert (ours.n, ours.parameters, ours.df, ours.baseline_df) == (r["n"], 54, 199, 231)
    assert ours.chi_square == pytest.approx(theirs["chisq"], rel=1e-8)
    assert ours.baseline_chi_square == pytest.approx(theirs["baseline.chisq"], rel=1e-8)
    assert ours.test is not None and ours.test.p == pytest.approx(theirs["pvalue"], rel=1e-7)
    for name, of_lavaan, tolerance in (
        ("cfi", "cfi", 1e-6),
        ("tli", "tli", 1e-6),
        ("rmsea", "rmsea", 1e-6),
        ("rmsea_low", "rmsea.ci.lower", 1e-6),
        ("rmsea_high", "rmsea.ci.upper", 1e-6),
        ("close", "rmsea.pvalue", 1e-6),
        ("srmr", "srmr", 1e-5),
        ("log_likelihood", "logl", 1e-6),
        ("unrestricted_log_likelihood", "unrestricted.logl", 1e-6),
        ("aic", "aic", 1e-6),
        ("bic", "bic", 1e-6),
    ):
        assert abs(getattr(ours, name) - theirs[of_lavaan]) < tolerance, name


@pytest.mark.parametrize("kind", KINDS)
def test_loadings_and_standard_errors_are_those_of_lavaan(kind: str) -> None:
    """R: parameterEstimates(fit, standardized = TRUE) and standardizedSolution(fit)."""
    fit, r = fitted(kind)
    table, standard = r["parameters"], r["standardized"]
    loadings = [row for row, op in enumerate(table["op"]) if op == "=~"]
    same = [
        row
        for row, op in enumerate(table["op"])
        if op == "~~" and table["lhs"][row] == table["rhs"][row] and table["lhs"][row][-1].isdigit()
    ]
    near = 1e-5 if kind != "gap" else 2e-5  # see above
    for ours, theirs, tolerance in (
        (fit.marker, [table["est"][row] for row in loadings], 2 * near),
        (fit.marker_se, [table["se"][row] for row in loadings], near),
        (fit.standardised, [table["std.all"][row] for row in loadings], near),
        (fit.standardised_se, [standard["se"][row] for row in loadings], near),
        (fit.residuals, [table["est"][row] for row in same], near),
        (fit.residuals_se, [table["se"][row] for row in same], near),
    ):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=tolerance)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_the_correlations_of_the_dimensions_are_those_of_lavaan(kind: str) -> None:
    """R: lavInspect(fit, "std")$psi and standardizedSolution(fit)."""
    fit, r = fitted(kind)
    table = r["standardized"]
    assert fit.correlations is not None and fit.correlations_se is not None
    np.testing.assert_allclose(fit.correlations, values(r["phi"]), rtol=0, atol=1e-5)
    names = ["TAN", "REL", "RES", "ASS", "EMP"]
    for row, op in enumerate(table["op"]):
        one, other = table["lhs"][row], table["rhs"][row]
        if op == "~~" and one != other:
            ours = fit.correlations_se[names.index(one), names.index(other)]
            assert abs(ours - table["se"][row]) < 1e-5
    variances = [
        r["parameters"]["est"][row]
        for row, (op, one, other) in enumerate(
            zip(r["parameters"]["op"], r["parameters"]["lhs"], r["parameters"]["rhs"], strict=True)
        )
        if op == "~~" and one == other and one in names
    ]
    near = 1e-5 if kind != "gap" else 1e-4  # see above
    np.testing.assert_allclose(fit.factor_variances, variances, rtol=0, atol=near)  # type: ignore[arg-type]


@pytest.mark.parametrize("kind", KINDS)
def test_where_lavaan_stops_the_discrepancy_is_not_lower_than_ours(kind: str) -> None:
    """F = log|Sigma| + tr(S Sigma^-1) - log|S| - k at the covariances that lavaan implies, fitted(fit)$cov."""
    fit, r = fitted(kind)
    implied, observed = values(r["implied_cov"]), values(r["sample_cov_n"])
    theirs = np.linalg.slogdet(implied)[1] - np.linalg.slogdet(observed)[1] - 22
    theirs += np.trace(np.linalg.solve(implied, observed))
    assert indices(fit).chi_square <= r["n"] * theirs + 1e-9


def test_the_fit_of_one_dimension_is_that_of_lavaan() -> None:
    """R: cfa("g =~ all 22 items"), a model that does not fit: chi-square 698 with 209 degrees of freedom."""
    ours, theirs = indices(confirmatory(covariance400("P"), [range(22)])), reference()["cfa_P_1factor"]
    assert ours.chi_square == pytest.approx(theirs["chisq"], rel=1e-8)
    for name, of_lavaan in (("cfi", "cfi"), ("tli", "tli"), ("rmsea", "rmsea"), ("srmr", "srmr")):
        assert abs(getattr(ours, name) - theirs[of_lavaan]) < 1e-6
    assert abs(ours.rmsea_low - theirs["rmsea.ci.lower"]) < 1e-6
    assert abs(ours.rmsea_high - theirs["rmsea.ci.upper"]) < 1e-6
    assert ours.test is not None and ours.test.p is not None and 0 < ours.test.p < 1e-50  # lavaan prints 0


def test_a_published_example_is_reproduced() -> None:
    """Nine tests of 301 children (Holzinger and Swineford 1939), against what lavaan 0.6-19 prints for three factors.

    The covariances (divisor 301) were computed from the file that semopy 2.3.11 ships as an example
    (holzinger_swineford39_data.csv); it is the data set ``HolzingerSwineford1939`` of lavaan. The printed numbers are
    those of ``fitMeasures(cfa(model, data = HolzingerSwineford1939))`` in lavaan's tutorial and manual.
    """
    lower = [
        [1.358370],
        [0.407371, 1.381784],
        [0.579899, 0.451064, 1.274865],
        [0.504835, 0.208923, 0.208170, 1.350665],
        [0.440616, 0.211091, 0.112296, 1.097753, 1.659786],
        [0.454808, 0.247545, 0.244109, 0.895516, 1.014524, 1.196358],
        [0.084765, -0.096751, 0.088342, 0.219743, 0.143000, 0.144078, 1.183139],
        [0.263838, 0.109659, 0.212323, 0.125593, 0.180605, 0.165431, 0.535245, 1.021983],
        [0.458339, 0.244009, 0.373853, 0.243363, 0.295241, 0.235997, 0.373297, 0.457317, 1.015004],
    ]
    matrix = np.zeros((9, 9))
    for row, numbers in enumerate(lower):
        matrix[row, : row + 1] = matrix[: row + 1, row] = numbers
    fit = indices(confirmatory(Covariance(matrix * 301 / 300, 301), [range(3), range(3, 6), range(6, 9)]))
    assert (fit.df, fit.parameters, fit.baseline_df) == (24, 21, 36)
    for ours, printed in (
        (fit.chi_square, 85.306),
        (fit.baseline_chi_square, 918.852),
        (fit.cfi, 0.931),
        (fit.tli, 0.896),
        (fit.rmsea, 0.092),
        (fit.rmsea_low, 0.071),
        (fit.rmsea_high, 0.114),
        (fit.close, 0.001),
        (fit.srmr, 0.065),
        (fit.log_likelihood, -3737.745),
        (fit.unrestricted_log_likelihood, -3695.092),
        (fit.aic, 7517.490),
        (fit.bic, 7595.339),
    ):
        assert ours == pytest.approx(printed, abs=0.0006)


def test_three_items_are_fitted_exactly_and_nothing_is_tested() -> None:
    """By hand: l1^2 = r12 r13 / r23 = 0.42 x 0.54 / 0.63 = 0.36, so 0.6, 0.7 and 0.9."""
    matrix = np.array([[1, 0.42, 0.54], [0.42, 1, 0.63], [0.54, 0.63, 1]])
    fit = confirmatory(Covariance(matrix, 100), [range(3)])
    np.testing.assert_allclose(fit.standardised, [0.6, 0.7, 0.9], atol=1e-7)  # type: ignore[arg-type]
    ours = indices(fit)
    assert (ours.df, ours.test, ours.close, ours.rmsea, ours.cfi, ours.tli) == (0, None, None, 0, 1, 1)
    assert ours.chi_square == pytest.approx(0, abs=1e-9)


def test_a_negative_residual_variance_is_said() -> None:
    """By hand: l1^2 = 0.8 x 0.8 / 0.5 = 1.28, so that 1 - 1.28 = -0.28 is left of the first item."""
    matrix = np.array([[1, 0.8, 0.8], [0.8, 1, 0.5], [0.8, 0.5, 1]])
    fit = confirmatory(Covariance(matrix, 100), [range(3)])
    assert (fit.converged, fit.reason, fit.heywood, fit.proper) == (True, "heywood", (0,), False)
    assert fit.residuals is not None and fit.residuals[0] == pytest.approx(-0.28 * 0.99, abs=1e-6)


def test_dimensions_that_are_one_thing_are_said_to_correlate_too_much() -> None:
    """Items of different dimensions correlate 0.6, items of the same 0.5."""
    matrix = np.full((6, 6), 0.6)
    matrix[:3, :3] = matrix[3:, 3:] = 0.5
    np.fill_diagonal(matrix, 1)
    fit = confirmatory(Covariance(matrix, 200), [range(3), range(3, 6)])
    assert (fit.converged, fit.reason) == (True, "factor_correlation")
    assert fit.correlations is not None and fit.correlations[0, 1] == pytest.approx(1.2, abs=1e-5)


def test_items_without_anything_in_common_find_no_solution_or_an_impossible_one() -> None:
    """Independent random answers: whatever happens is said, and quickly."""
    generator = np.random.default_rng(3)
    for _ in range(3):
        fit = confirmatory(of_rows(generator.standard_normal((60, 9))), [range(3), range(3, 6), range(6, 9)])
        assert fit.reason in {"model_not_converged", "heywood", "factor_correlation", "factors_not_positive"}
        nothing_is_nan(fit)


def test_a_dimension_of_one_item_is_that_item() -> None:
    """As lavaan does: its residual variance is fixed to 0. One unknown less than with a residual."""
    covariance = covariance400("P").of([0, 4, 5, 6, 7])
    fit = confirmatory(covariance, [[0], [1, 2, 3, 4]])
    assert fit.proper and fit.standardised is not None and fit.residuals is not None
    assert (fit.standardised[0], fit.residuals[0], indices(fit).df) == (pytest.approx(1), 0, 5)
    # One more way: the four items' own model, with the lone item correlating freely, leaves 2 + 3 degrees of freedom.
    assert indices(confirmatory(covariance.of([1, 2, 3, 4]), [range(4)])).df == 2


@pytest.mark.parametrize(
    ("covariance", "factors", "reason"),
    [
        (nobody(6), [range(3), range(3, 6)], "no_complete_responses"),
        (Covariance(np.eye(6), 1), [range(3), range(3, 6)], "one_respondent"),
        (Covariance(np.eye(6), 6), [range(3), range(3, 6)], "too_few_complete"),
        (Covariance(np.diag([1.0, 0, 1, 1, 1, 1]), 50), [range(3), range(3, 6)], "constant_item"),
        (alike(6, 1.0), [range(3), range(3, 6)], "singular"),
        (alike(2, 0.5), [range(2)], "not_identified"),
        (Covariance(np.zeros((0, 0)), 50), [], "not_asked"),
    ],
)
def test_what_cannot_be_fitted_says_why(covariance: Covariance, factors: Any, reason: str) -> None:
    fit = confirmatory(covariance, factors)
    assert (fit.converged, fit.reason, fit.fit, fit.loadings) == (False, reason, None, None)
    nothing_is_nan(fit)


@pytest.mark.parametrize("factors", [[[0, 1]], [[0, 1], [1, 2]], [[0, 1, 2, 3]], [[0, 1, 2], []]])
def test_factors_must_share_out_the_items(factors: Any) -> None:
    with pytest.raises(ValueError, match="share out"):
        confirmatory(alike(3, 0.5), factors)


def test_units_and_signs_of_the_items_do_not_change_the_fit() -> None:
    """Items in other units, one of them turned round: the same chi-square, the loading turned round."""
    covariance = covariance400("P")
    units = np.linspace(0.01, 300, 22)
    units[2] *= -1
    other = confirmatory(Covariance(covariance.values * np.outer(units, units), covariance.n), FACTORS)
    first = confirmatory(covariance, FACTORS)
    assert indices(other).chi_square == pytest.approx(indices(first).chi_square, rel=1e-9)
    assert first.standardised is not None and other.standardised is not None
    np.testing.assert_allclose(np.abs(other.standardised), first.standardised, atol=1e-7)
    assert other.standardised[2] < 0


def test_the_cost_does_not_depend_on_the_number_of_persons() -> None:
    """The goal is 20 ms for 22 items and 5 factors; here the best of some tries, with room for a busy computer."""
    for n in (5_000, 1_000_000):
        covariance, times = Covariance(covariance400("P").values, n), []
        for _ in range(7):
            start = time.perf_counter()
            fit = confirmatory(covariance, FACTORS)
            times.append(time.perf_counter() - start)
        assert fit.proper and min(times) < 0.05


def test_small_indices_by_hand() -> None:
    """CFI 1 - 30/190, TLI 1 - 30 x 10 / (190 x 5); both perfect where the model is no further off than chance."""
    assert comparative_fit(35, 5, 200, 10) == pytest.approx(1 - 30 / 190)
    assert tucker_lewis(35, 5, 200, 10) == pytest.approx(1 - 30 * 10 / (190 * 5))
    assert comparative_fit(3, 5, 8, 10) == 1
    assert tucker_lewis(0, 0, 200, 10) == 1
    assert rmsea_interval(0, 0, 100) == (0, 0)
    assert rmsea_interval(1, 10, 100) == (0, 0)


def test_a_huge_chi_square_still_has_an_interval() -> None:
    """A hundred million persons and a bad model: beyond the exact distribution, Sankaran's formula is as good."""
    from scipy.special import chndtr

    low, high = rmsea_interval(0.08**2 * 1e8 * 199, 199, 10**8)
    assert 0.0799 < low < 0.08 < high < 0.0801
    assert _sankaran(1e6, 199, 1e6 - 199) == pytest.approx(float(chndtr(1e6, 199, 1e6 - 199)), abs=1e-7)
