"""What drives the overall judgement: regression, Shapley shares and relative weights against R. Relative 1e-9."""

from functools import cache
from itertools import permutations
from math import isclose
from time import perf_counter

import numpy as np
import pytest

from analysis.methods.drivers import (
    Drivers,
    correlations,
    cross_products,
    drivers,
    relative_weights,
    shapley,
    with_bootstrap,
)
from tests.numbers import SERVQUAL, codes400, reference
from tests.soundness import nothing_is_nan

DIMENSIONS = tuple(SERVQUAL)


@cache
def values400() -> np.ndarray:
    """(400, 6) R: data.frame(sapply(dims, function(v) rowMeans(P[, v], na.rm = TRUE)), overall)."""
    columns = []
    for dimension, items in SERVQUAL.items():
        answers = np.array([codes400(f"P_{dimension}{k}") for k in range(1, items + 1)])
        columns.append(answers.sum(axis=0) / (answers > 0).sum(axis=0))
    return np.column_stack([*columns, codes400("overall")])


@cache
def found400() -> Drivers:
    return of(values400())


def of(values: np.ndarray) -> Drivers:
    cross = cross_products(values).sum(axis=0)
    return drivers(correlations(cross), int(cross[0, 0]))


def close(ours: float | None, theirs: float, rel: float = 1e-9) -> None:
    assert ours is not None and isclose(ours, theirs, rel_tol=rel), (ours, theirs)


def test_the_regression_is_that_of_r() -> None:
    """R: lm(y ~ .): r.squared, adj.r.squared, fstatistic; its t and p values are those of the standardised betas."""
    found, r = found400(), reference()["drivers"]
    assert found.n == r["n"] == 400
    close(found.r2.value, r["r2"])
    close(found.adjusted_r2.value, r["adj_r2"])
    close(found.test.statistic, r["F"][0])
    assert found.test.df == tuple(r["F"][1:])
    rows = dict(zip(r["coef"]["rows"], r["coef"]["values"], strict=True))
    for dimension, driver in zip(DIMENSIONS, found.drivers, strict=True):
        close(driver.beta.value, r["beta_std"][dimension])
        close(driver.test.statistic, rows[dimension][2])
        close(driver.test.p, rows[dimension][3], 1e-7)
        close(driver.vif, r["vif"][dimension])
        close(driver.r, r["zero_order_r"][dimension])


def test_shapley_shares_and_relative_weights_are_those_of_r() -> None:
    """R: averages over all orders of lm()$r.squared, 2^5 regressions; Johnson's weights by eigen()."""
    found, r = found400(), reference()["drivers"]
    for dimension, driver in zip(DIMENSIONS, found.drivers, strict=True):
        close(driver.shapley.value, r["shapley_lmg"][dimension])
        close(driver.percent.value, r["shapley_pct"][dimension])
        close(driver.relative_weight, r["johnson_relative_weights"][dimension])
    close(sum(driver.shapley.value or 0 for driver in found.drivers), r["r2"])
    close(sum(driver.relative_weight or 0 for driver in found.drivers), r["r2"])


def test_a_shapley_share_is_the_mean_gain_over_all_orders_of_entry() -> None:
    """Three predictors, all six orders by hand."""
    matrix = np.corrcoef(np.random.default_rng(2).normal(size=(30, 4)) @ np.tri(4).T, rowvar=False)

    def r2(chosen: tuple[int, ...]) -> float:
        inside, own = matrix[np.ix_(chosen, chosen)], matrix[list(chosen), 3]
        return float(own @ np.linalg.solve(inside, own)) if chosen else 0.0

    gains = np.zeros(3)
    for order in permutations(range(3)):
        for at, j in enumerate(order):
            gains[j] += (r2((*order[:at], j)) - r2(order[:at])) / 6
    assert np.allclose(shapley(matrix), gains, rtol=1e-12)


def test_uncorrelated_predictors_share_by_their_squared_correlations() -> None:
    matrix = np.eye(4)
    matrix[:3, 3] = matrix[3, :3] = (0.6, 0.3, 0.0)
    assert shapley(matrix) == pytest.approx([0.36, 0.09, 0.0])
    assert relative_weights(matrix) == pytest.approx([0.36, 0.09, 0.0])
    found = drivers(matrix, 50)
    assert [driver.vif for driver in found.drivers] == [1, 1, 1]


def test_the_bootstrap_is_the_same_for_the_same_seed_and_covers_the_estimate() -> None:
    blocks = cross_products(values400())
    one, other = (with_bootstrap(found400(), blocks, replicates=400, seed=7) for _ in range(2))
    assert one == other and (one.replicates, one.seed) == (400, 7)
    assert one != with_bootstrap(found400(), blocks, replicates=400, seed=8)
    for driver in one.drivers:
        share = driver.shapley
        assert share.low < share.value < share.high  # type: ignore[operator]
        assert driver.percent.low < driver.percent.value < driver.percent.high  # type: ignore[operator]
    assert sum(driver.first or 0 for driver in one.drivers) == pytest.approx(1)
    assert max(range(5), key=lambda j: one.drivers[j].first or 0) == DIMENSIONS.index("REL")


def test_the_bootstrap_on_products_is_that_on_rows() -> None:
    """The same draws of persons, with numpy's corrcoef on the rows themselves."""
    values = values400()[:80]
    found = with_bootstrap(of(values), cross_products(values), replicates=50, seed=3)
    drawn = np.random.default_rng(3).multinomial(80, np.full(80, 1 / 80), size=50)
    rows = [np.corrcoef(np.repeat(values, times, axis=0), rowvar=False) for times in drawn]
    shares = shapley(np.array(rows))
    for j, driver in enumerate(found.drivers):
        close(driver.shapley.low, float(np.quantile(shares[:, j], 0.025)), 1e-8)
        close(driver.shapley.se, float(shares[:, j].std(ddof=1)), 1e-8)


def test_blocks_of_many_persons_give_the_interval_of_a_bootstrap_on_persons() -> None:
    """20 000 persons: standard errors from 1000 random blocks and from persons agree to the noise of both (15 %)."""
    generator = np.random.default_rng(4)
    common = generator.normal(size=(20_000, 1))
    values = common + generator.normal(size=(20_000, 4))
    found = of(values)
    by_block = with_bootstrap(found, cross_products(values), replicates=400)
    by_person = with_bootstrap(found, cross_products(values[:, :], blocks=20_000), replicates=200)
    for one, other in zip(by_block.drivers, by_person.drivers, strict=True):
        assert one.shapley.se == pytest.approx(other.shapley.se, rel=0.15)


def test_the_bootstrap_of_a_large_survey_takes_well_under_a_second() -> None:
    blocks = cross_products(values400())
    start = perf_counter()
    with_bootstrap(found400(), blocks)
    assert perf_counter() - start < 2


def test_blocks_add_up_to_everybody_and_leave_out_the_incomplete() -> None:
    values = values400().copy()
    values[::7, 2] = np.nan
    for blocks in (10, 1000):
        cross = cross_products(values, blocks=blocks).sum(axis=0)
        assert cross[0, 0] == np.isfinite(values[:, 2]).sum()
        complete = values[np.isfinite(values).all(axis=1)]
        assert np.allclose(correlations(cross), np.corrcoef(complete, rowvar=False), rtol=1e-12)


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        (np.full((5, 3), np.nan), "no_answers"),
        (np.zeros((0, 3)), "no_answers"),
        (np.array([[1.0, 2, 3]]), "fewer_respondents_than_predictors"),
        (np.array([[1.0, 2, 3], [2, 1, 3], [1, 1, 2]]), "fewer_respondents_than_predictors"),
        (np.array([[1.0, 2, 4], [1, 3, 3], [1, 4, 5], [1, 2, 6], [1, 3, 4]]), "no_variance"),
        (np.array([[1.0, 2, 4], [2, 4, 3], [3, 6, 5], [4, 8, 6], [2, 4, 2]]), "collinear"),
    ],
)
def test_what_cannot_be_computed_says_why(values: np.ndarray, reason: str) -> None:
    """No complete person, one, three for two predictors, a constant predictor, one twice the other."""
    found = of(values)
    assert found.reason == found.r2.reason == reason
    assert found.drivers[0].shapley.reason == reason
    nothing_is_nan(found)
    assert with_bootstrap(found, cross_products(values)) == found


def test_one_predictor_explains_its_squared_correlation() -> None:
    values = values400()[:, [1, 5]]
    found = of(values)
    close(found.r2.value, reference()["drivers"]["zero_order_r"]["REL"] ** 2)
    close(found.drivers[0].percent.value, 100)
    close(found.drivers[0].vif, 1)


def test_a_perfect_fit_has_no_test_and_too_many_predictors_have_weights_but_no_shares() -> None:
    generator = np.random.default_rng(1)
    x = generator.normal(size=(60, 14))
    many = of(np.column_stack([x, x @ np.ones(14) + generator.normal(size=60)]))
    assert many.reason == many.drivers[0].shapley.reason == "too_many_predictors"
    close(sum(driver.relative_weight or 0 for driver in many.drivers), many.r2.value or 0)
    nothing_is_nan(many)
    two = np.array([[1, 0, 0.6], [0, 1, 0.8], [0.6, 0.8, 1]])
    perfect = drivers(two, 30)
    assert perfect.r2.value == pytest.approx(1)
    nothing_is_nan(perfect)
    nothing_is_nan(drivers(np.eye(3), 30))


def test_a_shape_that_is_no_correlation_matrix_is_a_programming_error() -> None:
    with pytest.raises(ValueError, match="shape"):
        drivers(np.eye(1), 10)
    with pytest.raises(ValueError, match="regressions"):
        shapley(np.eye(14))
