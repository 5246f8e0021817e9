"""Exploratory factor analysis against R (psych 2.2.9, stats). Communalities 1e-4 absolute, closed forms 1e-9."""

from itertools import permutations

import numpy as np
import numpy.typing as npt
import pytest

from analysis.methods.covariance import Covariance
from analysis.methods.factors import (
    MINRES,
    ML,
    adequacy,
    eigenvalues,
    explore,
    in_order,
    parallel_analysis,
    sphericity,
)
from analysis.methods.rotation import promax, varimax
from tests.numbers import reference
from tests.psychometrics import KINDS, alike, covariance400, nobody, of_rows, values
from tests.soundness import nothing_is_nan

Floats = npt.NDArray[np.float64]


def matched(ours: Floats, theirs: Floats) -> tuple[list[int], Floats]:
    """Which of our factors is which of theirs, and with which sign: order and sign of factors mean nothing."""
    m = ours.shape[1]
    order = max(permutations(range(m)), key=lambda o: abs((ours[:, list(o)] * theirs).sum(axis=0)).sum())
    return list(order), np.sign((ours[:, list(order)] * theirs).sum(axis=0))


def same_factors(ours: Floats, theirs: Floats, tolerance: float) -> None:
    order, signs = matched(ours, theirs)
    np.testing.assert_allclose(ours[:, order] * signs, theirs, rtol=0, atol=tolerance)


@pytest.mark.parametrize("kind", KINDS)
def test_kmo_bartlett_and_eigenvalues_are_those_of_r(kind: str) -> None:
    """R: psych::KMO(R), psych::cortest.bartlett(R, n), eigen(R); p down to 1e-223."""
    covariance, r = covariance400(kind), reference()[f"efa_{kind}"]
    found, test = adequacy(covariance), sphericity(covariance)
    assert found.overall.n == r["n"]
    assert found.overall.value == pytest.approx(r["kmo"], rel=1e-9)
    np.testing.assert_allclose([item.value for item in found.items], list(r["msa_items"].values()), rtol=1e-9)  # type: ignore[arg-type]
    assert test.statistic == pytest.approx(r["bartlett"]["chisq"], rel=1e-9)
    assert test.df == (r["bartlett"]["df"],)
    assert test.p == pytest.approx(r["bartlett"]["p"], rel=1e-7)
    np.testing.assert_allclose(eigenvalues(covariance), r["eigen"], rtol=1e-9)


@pytest.mark.parametrize("method", [MINRES, ML])
@pytest.mark.parametrize("kind", KINDS)
def test_five_factors_are_those_of_psych(kind: str, method: str) -> None:
    """R: psych::fa(R, 5, n.obs = n, fm = method, rotate = "none")."""
    found, r = explore(covariance400(kind), 5, method=method), reference()[f"efa_{kind}"][f"fa_{method}"]
    assert found.communalities is not None and found.loadings is not None and found.test is not None
    np.testing.assert_allclose(found.communalities, list(r["communalities"].values()), rtol=0, atol=1e-4)
    same_factors(found.loadings, values(r["loadings_unrotated"]), 1e-4)
    assert (found.df, found.n) == (r["dof"], reference()[f"efa_{kind}"]["n"])
    assert found.objective == pytest.approx(r["objective"], rel=1e-5)
    assert found.test.statistic == pytest.approx(r["chi"], rel=1e-5)
    assert found.residual == pytest.approx(r["rms"], rel=1e-5)


@pytest.mark.parametrize("kind", KINDS)
def test_maximum_likelihood_is_that_of_factanal(kind: str) -> None:
    """R: factanal(covmat = R, factors = 5, n.obs = n, lower = .005). Of the gaps it is a Heywood case, item ASS2."""
    found, r = explore(covariance400(kind), 5, method=ML), reference()[f"efa_{kind}"]["factanal_ml"]
    assert found.uniquenesses is not None and found.test is not None
    np.testing.assert_allclose(found.uniquenesses, list(r["uniqueness"].values()), rtol=0, atol=1e-4)
    assert found.test.statistic == pytest.approx(r["chisq"], rel=1e-7)
    assert (found.reason, found.heywood) == (("heywood", (14,)) if kind == "gap" else (None, ()))


@pytest.mark.parametrize("kind", KINDS)
def test_minres_is_where_principal_axes_end(kind: str) -> None:
    """R: psych::fa(fm = "pa") iterated to 1e-12 ends where minres does, and is more precise."""
    found = explore(covariance400(kind), 5).communalities
    assert found is not None
    theirs = list(reference()[f"efa_{kind}"]["fa_pa"]["communalities"].values())
    np.testing.assert_allclose(found, theirs, rtol=0, atol=1e-7)


@pytest.mark.parametrize("method", [MINRES, ML])
@pytest.mark.parametrize("kind", KINDS)
def test_varimax_is_that_of_r(kind: str, method: str) -> None:
    """R: stats::varimax(loadings, normalize = TRUE, eps = 1e-12), from R's own unrotated loadings and from ours."""
    r = reference()[f"efa_{kind}"][f"fa_{method}"]
    unrotated, theirs = values(r["loadings_unrotated"]), values(r["varimax"])
    found = varimax(unrotated)
    same_factors(found.loadings, theirs, 1e-5)
    np.testing.assert_allclose(np.sort(found.explained), np.sort(r["ss_varimax"]), rtol=1e-5)
    assert np.all(np.diff(found.explained) <= 0)
    own = explore(covariance400(kind), 5, method=method).loadings
    assert own is not None
    same_factors(varimax(own).loadings, theirs, 1e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_promax_is_that_of_r(kind: str) -> None:
    """R: stats::promax(stats::varimax(loadings)$loadings, m = 4)."""
    r = reference()[f"efa_{kind}"]["fa_minres"]
    found = promax(values(r["loadings_unrotated"]))
    theirs = values(r["promax4_stats"]["loadings"])
    order, signs = matched(found.loadings, theirs)
    np.testing.assert_allclose(found.loadings[:, order] * signs, theirs, rtol=0, atol=1e-5)
    correlations = found.correlations[np.ix_(order, order)] * np.outer(signs, signs)
    np.testing.assert_allclose(correlations, values(r["promax4_stats"]["phi"]), rtol=0, atol=1e-5)
    own = explore(covariance400(kind), 5).loadings
    assert own is not None
    same_factors(promax(own).loadings, theirs, 1e-4)


def test_a_rotation_keeps_what_the_factors_explain() -> None:
    found = explore(covariance400("P"), 5)
    assert found.loadings is not None and found.communalities is not None
    np.testing.assert_allclose((varimax(found.loadings).loadings ** 2).sum(axis=1), found.communalities, atol=1e-12)
    turned = promax(found.loadings)
    np.testing.assert_allclose(
        (turned.loadings @ turned.correlations @ turned.loadings.T).diagonal(), found.communalities, atol=1e-12
    )
    np.testing.assert_allclose(turned.correlations.diagonal(), 1)


def test_a_clear_structure_is_found_exactly() -> None:
    """By hand: two factors, loadings 0.8 and 0.6, nothing else."""
    loadings = np.zeros((8, 2))
    loadings[:4, 0], loadings[4:, 1] = 0.8, 0.6
    covariance = Covariance(loadings @ loadings.T + np.diag(1 - (loadings**2).sum(axis=1)), 300)
    for method in (MINRES, ML):
        found = explore(covariance, 2, method=method)
        assert found.loadings is not None and found.reason is None
        for turned in (varimax(found.loadings), promax(found.loadings)):
            np.testing.assert_allclose(turned.loadings, loadings, atol=1e-5)
            np.testing.assert_allclose(turned.correlations, np.eye(2), atol=1e-4)
    assert parallel_analysis(covariance).factors == 2


def test_parallel_analysis_is_what_drawing_persons_gives() -> None:
    """2,000 samples of 60 persons x 6 normal numbers, drawn one by one; mean and 95th percentile within 4 SE or so."""
    generator = np.random.default_rng(5)
    drawn = np.array([np.linalg.eigvalsh(np.corrcoef(generator.standard_normal((6, 60))))[::-1] for _ in range(2000)])
    found = parallel_analysis(alike(6, 0.0, 60), samples=2000)
    assert found.chance_mean is not None and found.chance_high is not None
    np.testing.assert_allclose(found.chance_mean, drawn.mean(axis=0), atol=0.01)
    np.testing.assert_allclose(found.chance_high, np.percentile(drawn, 95, axis=0), atol=0.025)


def test_parallel_analysis_is_the_same_each_time_and_stops_at_the_first_that_is_chance() -> None:
    one, other = parallel_analysis(covariance400("P")), parallel_analysis(covariance400("P"))
    assert one.chance_high is not None and other.chance_high is not None and one.eigenvalues is not None
    assert np.array_equal(one.chance_high, other.chance_high)
    assert one.factors == 4 and one.kaiser == 5
    assert np.all(one.eigenvalues[:4] > one.chance_high[:4]) and one.eigenvalues[4] <= one.chance_high[4]
    assert parallel_analysis(alike(5, 0.0)).factors == 0


def test_one_factor_is_left_as_it_is() -> None:
    found = explore(covariance400("P", range(4)), 1)
    assert found.loadings is not None
    for turned in (varimax(found.loadings), promax(found.loadings)):
        np.testing.assert_array_equal(turned.loadings, found.loadings)
    assert np.all(found.loadings > 0)


def test_factors_that_coincide_are_not_turned_obliquely() -> None:
    loadings = np.array([[0.8, 0.0], [0.7, 0.0], [0.6, 0.0]])
    found = promax(loadings)
    assert np.isfinite(found.loadings).all() and np.array_equal(found.correlations, np.eye(2))
    assert np.isfinite(varimax(np.zeros((4, 2))).loadings).all()


def test_factors_come_largest_first_and_pointing_upwards() -> None:
    loadings, correlations = in_order(np.array([[0.1, -0.9], [0.2, -0.8]]), np.array([[1, 0.3], [0.3, 1]]))
    assert loadings.tolist() == [[0.9, 0.1], [0.8, 0.2]]
    assert correlations.tolist() == [[1, -0.3], [-0.3, 1]]


@pytest.mark.parametrize(
    ("covariance", "reason"),
    [
        (nobody(5), "no_complete_responses"),
        (Covariance(np.eye(5), 1), "one_respondent"),
        (Covariance(np.eye(5), 5), "too_few_complete"),
        (Covariance(np.diag([1.0, 1, 0, 1, 1]), 50), "constant_item"),
        (alike(5, 1.0), "singular"),
        (alike(1, 1.0), "one_item"),
        (Covariance(np.zeros((0, 0)), 50), "not_asked"),
    ],
)
def test_what_cannot_be_factored_says_why(covariance: Covariance, reason: str) -> None:
    found = adequacy(covariance), sphericity(covariance), explore(covariance, 1)
    assert [found[0].overall.reason, found[1].reason, found[2].reason] == [reason] * 3
    chance = parallel_analysis(covariance)
    assert chance.reason == (None if reason == "singular" else reason)
    nothing_is_nan((*found, chance))


def test_more_factors_than_the_items_can_tell_are_refused_with_a_reason() -> None:
    assert explore(covariance400("P", range(4)), 2).reason == "too_many_factors"
    assert explore(covariance400("P", range(4)), 4).reason == "too_many_factors"
    assert explore(of_rows(np.random.default_rng(1).standard_normal((9, 2))), 1).reason == "too_many_factors"
    with pytest.raises(ValueError, match="at least one"):
        explore(covariance400("P"), 0)
    with pytest.raises(ValueError, match="unknown method"):
        explore(covariance400("P"), 2, method="pca")


def test_items_without_any_correlation_have_no_kmo() -> None:
    found = adequacy(alike(4, 0.0))
    assert found.overall.reason == "unrelated_items"
    assert sphericity(alike(4, 0.0)).p == 1
    nothing_is_nan(found)


def test_of_the_valleys_that_three_starts_reach_the_lowest_is_told() -> None:
    """Seven gaps of 60 persons that hardly go together: from the squared multiple correlations alone the search ends at
    0.1437, with two items at the bound; scipy's L-BFGS-B over the formula, from halves, ends at 0.1390890.
    """
    below = (0.109, 0.065, 0.161, 0.034, -0.082, 0.168, 0.1, 0.022, 0.359, 0.177, 0.153, 0.105, -0.086, -0.069)
    below += (-0.015, 0.291, 0.101, 0.067, 0.077, 0.113, 0.165)
    correlation = np.eye(7)
    correlation[np.triu_indices(7, 1)] = below
    correlation = correlation + correlation.T - np.eye(7)
    found = explore(Covariance(correlation, 60), 2, method=ML)
    assert found.objective == pytest.approx(0.13908903, rel=1e-6)
    assert found.reason == "heywood"
