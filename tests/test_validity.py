"""Validity against R (semTools, by formula). Tolerance 1e-9; what comes from a fitted model 1e-5."""

from itertools import combinations

import numpy as np
import pytest

from analysis.methods.cfa import confirmatory
from analysis.methods.covariance import Covariance
from analysis.methods.validity import convergence, discrimination, htmt, item_validity
from tests.numbers import SERVQUAL, reference
from tests.psychometrics import FACTORS, KINDS, alike, covariance400, nobody, of_rows, values
from tests.soundness import nothing_is_nan

NAMES = list(SERVQUAL)


@pytest.mark.parametrize("kind", KINDS)
def test_htmt_is_that_of_semtools(kind: str) -> None:
    """R: semTools::htmt(model, data, absolute = TRUE, htmt2 = FALSE and TRUE), complete rows."""
    r, covariance = reference()[f"cfa_{kind}"], covariance400(kind)
    for geometric, key in ((False, "HTMT"), (True, "HTMT2_geometric")):
        theirs = values(r[key])
        for found, (one, other) in zip(
            htmt(covariance, FACTORS, geometric=geometric), combinations(range(5), 2), strict=True
        ):
            assert found.value == pytest.approx(theirs[other, one], rel=1e-8)


@pytest.mark.parametrize("kind", KINDS)
def test_ave_and_cr_are_those_of_the_standardised_loadings(kind: str) -> None:
    """R: mean(l^2) and sum(l)^2 / (sum(l)^2 + sum(1 - l^2)), l from lavInspect(fit, "std")$lambda."""
    r = reference()[f"cfa_{kind}"]
    for name, found in zip(NAMES, convergence(confirmatory(covariance400(kind), FACTORS)), strict=True):
        assert found.ave.value == pytest.approx(r["AVE_std_meanl2"][name], abs=2e-5)
        assert found.cr.value == pytest.approx(r["CR_std"][name], abs=2e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_fornell_and_larckers_rule_is_that_of_r(kind: str) -> None:
    """R: sqrt(AVE) against the largest |phi| of each factor: a factor passes when it passes with every other."""
    r, covariance = reference()[f"cfa_{kind}"], covariance400(kind)
    found = discrimination(covariance, confirmatory(covariance, FACTORS))
    root, most = r["fornell_larcker"]["sqrt_ave"], r["fornell_larcker"]["max_abs_phi"]
    phi = values(r["phi"])
    assert [(each.first, each.second) for each in found] == list(combinations(range(5), 2))
    for each in found:
        one, other = NAMES[each.first], NAMES[each.second]
        assert each.correlation.value == pytest.approx(phi[each.first, each.second], abs=1e-5)
        assert each.squared_below_ave == (abs(phi[each.first, each.second]) < min(root[one], root[other]))
    assert all(each.squared_below_ave for each in found) == all(most[name] < root[name] for name in NAMES)


def test_with_400_persons_the_r_table_passes_what_the_threshold_does_not() -> None:
    """By hand: 0.25 / sqrt(6) = 0.102 with the rest: above 0.098, the r table at n = 400, and far below .30."""
    found = item_validity(alike(6, 0.05, 400))
    assert found[0].critical.value == pytest.approx(0.0980687679089784, rel=1e-9)
    for item in found:
        assert item.corrected.r.value == pytest.approx(0.25 / np.sqrt(6), rel=1e-9)
        assert (item.in_table, item.enough) == (True, False)


def test_the_verdict_uses_the_correlation_with_the_other_items() -> None:
    """By hand: uncorrelated items; each correlates 1/2 with the sum of four, only because it is part of it."""
    item = item_validity(alike(4, 0.0, 100))[0]
    assert item.total.r.value == pytest.approx(0.5)
    assert item.corrected.r.value == pytest.approx(0.0)
    assert (item.in_table, item.enough) == (False, False)


def test_an_item_that_goes_against_the_others_is_not_valid() -> None:
    matrix = np.full((4, 4), 0.6)
    matrix[0] = matrix[:, 0] = -0.6
    np.fill_diagonal(matrix, 1)
    found = item_validity(Covariance(matrix, 100))
    assert (found[0].in_table, found[0].enough) == (False, False)
    assert found[1].corrected.r.value == pytest.approx(0.6 / np.sqrt(1.8))
    assert (found[1].in_table, found[1].enough) == (True, True)


@pytest.mark.parametrize(
    ("covariance", "reason"),
    [
        (nobody(3), "no_complete_responses"),
        (Covariance(np.eye(3), 1), "one_respondent"),
        (Covariance(np.zeros((3, 3)), 30), "constant_item"),
        (Covariance(np.eye(1), 30), "one_item"),
    ],
)
def test_without_a_correlation_there_is_no_verdict_but_a_reason(covariance: Covariance, reason: str) -> None:
    for item in item_validity(covariance):
        assert (item.in_table, item.enough, item.corrected.r.reason) == (None, None, reason)
        nothing_is_nan(item)


def test_two_persons_have_no_r_table() -> None:
    item = item_validity(of_rows([[1, 2], [3, 5]]))[0]
    assert (item.in_table, item.critical.reason, item.enough) == (None, "few_respondents", True)


def test_an_impossible_solution_gives_no_ave_but_htmt_stays() -> None:
    """Items of different dimensions correlate more (0.6) than items of the same (0.5): HTMT = 0.6 / 0.5."""
    matrix = np.full((6, 6), 0.6)
    matrix[:3, :3] = matrix[3:, 3:] = 0.5
    np.fill_diagonal(matrix, 1)
    covariance = Covariance(matrix, 200)
    fit = confirmatory(covariance, [range(3), range(3, 6)])
    assert [each.ave.reason for each in convergence(fit)] == ["factor_correlation"] * 2
    (found,) = discrimination(covariance, fit)
    assert (found.correlation.reason, found.squared_below_ave) == ("factor_correlation", None)
    assert found.htmt.value == pytest.approx(1.2)
    nothing_is_nan((convergence(fit), found))


def test_a_dimension_of_one_item_has_neither_ave_nor_htmt() -> None:
    covariance = covariance400("P").of([0, 4, 5, 6, 7])
    fit = confirmatory(covariance, [[0], [1, 2, 3, 4]])
    assert convergence(fit)[0].ave.reason == convergence(fit)[0].cr.reason == "one_item"
    assert convergence(fit)[1].ave.value is not None
    (found,) = discrimination(covariance, fit)
    assert (found.htmt.reason, found.squared_below_ave) == ("one_item", None)
    assert found.correlation.value is not None
    nothing_is_nan((convergence(fit), found))


@pytest.mark.parametrize(
    ("covariance", "reason"),
    [
        (nobody(4), "no_complete_responses"),
        (Covariance(np.diag([1.0, 0, 1, 1]), 30), "constant_item"),
        (Covariance(np.eye(4), 30), "unrelated_items"),
    ],
)
def test_htmt_that_is_not_defined_says_why(covariance: Covariance, reason: str) -> None:
    (found,) = htmt(covariance, [[0, 1], [2, 3]])
    assert (found.value, found.reason) == (None, reason)
    assert htmt(covariance, [[0, 1, 2, 3]]) == ()
