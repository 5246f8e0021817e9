"""How many things do these items measure, and which items go together? Exploratory factor analysis.

Everything comes from the correlation matrix and the number of persons; missing answers as the matrix says (listwise
over all items, unless asked otherwise).
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.optimize import minimize

from analysis.arrays import Floats
from analysis.methods.covariance import Covariance
from analysis.methods.estimate import Estimate
from analysis.methods.significance import Significance, by_chi_square, undefined

MINRES = "minres"
ML = "ml"
SMALLEST_UNIQUENESS = 0.005  # as in R's factanal: below it a solution is a Heywood case
AT_THE_BOUND = 1e-6


@dataclass(frozen=True)
class Adequacy:
    """Whether the correlations are worth a factor analysis: Kaiser-Meyer-Olkin.

    overall: 0..1, over .80 good, under .50 not acceptable (Kaiser 1974). items: the same of each item.
    """

    overall: Estimate
    items: tuple[Estimate, ...]


@dataclass(frozen=True, eq=False)
class FactorSolution:
    """An exploratory solution with m factors, before rotation.

    reason: why there are no numbers (arrays then are None), or ``heywood`` beside numbers: an item of ``heywood`` has a
    uniqueness at its lower bound 0.005, so that the solution must not be trusted, or ``model_not_converged``.
    loadings: (k, m), the factor with the largest share first, each with a positive sum. communalities: (k,) 0..1, the
    share of an item that the factors explain. uniquenesses: (k,) the rest. test: whether m factors could be enough
    (Bartlett's chi-square; None without degrees of freedom). objective: the maximum-likelihood discrepancy of the
    solution. residual: the root mean square of the residual correlations.
    """

    method: str
    n: int
    factors: int
    reason: str | None
    heywood: tuple[int, ...] = ()
    loadings: Floats | None = None
    communalities: Floats | None = None
    uniquenesses: Floats | None = None
    df: int | None = None
    objective: float | None = None
    test: Significance | None = None
    residual: float | None = None


@dataclass(frozen=True, eq=False)
class ParallelAnalysis:
    """How many factors are more than chance (Horn 1965).

    factors: how many of the first eigenvalues exceed the chance ones; None with a ``reason``. eigenvalues: (k,) of the
    correlation matrix, falling. chance_mean, chance_high: (k,) the mean and the ``percentile`` of the same of
    ``samples`` random samples of n persons whose answers are independent normal numbers. kaiser: how many exceed 1, the
    older rule, which finds too many.
    """

    n: int
    factors: int | None
    kaiser: int | None
    reason: str | None
    samples: int
    seed: int
    percentile: float
    eigenvalues: Floats | None = None
    chance_mean: Floats | None = None
    chance_high: Floats | None = None


def adequacy(covariance: Covariance) -> Adequacy:
    """The Kaiser-Meyer-Olkin measure of sampling adequacy.

    Formula: sum r_ij^2 / (sum r_ij^2 + sum q_ij^2) over i != j (for one item: over j), r the correlations and
    q_ij = -w_ij / sqrt(w_ii w_jj) the partial ones, w the inverse of the correlation matrix. Source: Kaiser and Rice
    (1974). R: ``psych::KMO(cor(x))``. Returns 0..1.
    Not defined where the matrix has no inverse (``constant_item``, ``too_few_complete``, ``singular``), for
    one item (``one_item``), and for an item that correlates with no other (``unrelated_items``).
    """
    n, k = covariance.n, covariance.items
    reason = _few_items(k) or covariance.not_invertible
    if reason:
        nothing = Estimate(None, n, reason=reason)
        return Adequacy(nothing, (nothing,) * k)
    inverse = np.linalg.inv(covariance.correlation)
    scale = np.sqrt(inverse.diagonal())
    r, q = covariance.correlation**2, (inverse / np.outer(scale, scale)) ** 2
    np.fill_diagonal(r, 0)
    np.fill_diagonal(q, 0)

    def share(common: float, partial: float) -> Estimate:
        if common + partial == 0:
            return Estimate(None, n, reason="unrelated_items")
        return Estimate(common / (common + partial), n)

    each = zip(r.sum(axis=1), q.sum(axis=1), strict=True)
    return Adequacy(share(float(r.sum()), float(q.sum())), tuple(share(float(a), float(b)) for a, b in each))


def sphericity(covariance: Covariance) -> Significance:
    """Bartlett's test that no two items correlate.

    Formula: chi-square = -(n - 1 - (2 k + 5) / 6) ln|R| with k (k - 1) / 2 degrees of freedom. Source: Bartlett (1951).
    R: ``psych::cortest.bartlett(cor(x), n)``. Reasons as for ``adequacy``.
    """
    n, k = covariance.n, covariance.items
    reason = _few_items(k) or covariance.not_invertible
    if reason:
        return undefined("chi_square", n, reason)
    log_determinant = float(np.linalg.slogdet(covariance.correlation)[1])
    return by_chi_square(max(-(n - 1 - (2 * k + 5) / 6) * log_determinant, 0.0), k * (k - 1) / 2, n)


def eigenvalues(covariance: Covariance) -> Floats:
    """(k,) eigenvalues of the correlation matrix, falling; they add up to k. Constant items count as unrelated."""
    return np.asarray(np.linalg.eigvalsh(covariance.correlation)[::-1], dtype=np.float64)


def parallel_analysis(
    covariance: Covariance, *, samples: int = 500, percentile: float = 95.0, seed: int = 20171
) -> ParallelAnalysis:
    """Compare the eigenvalues with those of samples without any structure.

    The random correlation matrices are drawn directly (a Wishart matrix by its Bartlett decomposition), which has the
    same distribution as drawing n persons, but costs the same for ten persons and a million. The same ``seed`` gives
    the same numbers. R: ``psych::fa.parallel(x, fa = "pc")``, up to its random numbers.

    samples: how many random matrices. percentile: which of their eigenvalues the observed ones must exceed; counting
    stops at the first that does not. Not defined where no correlations are (``constant_item`` ...), nor with no more
    persons than items (``too_few_complete``).
    """
    n, k = covariance.n, covariance.items
    reason = _few_items(k) or covariance.reason or ("constant_item" if covariance.constant else None)
    if not reason and n <= k:
        reason = "too_few_complete"
    if reason:
        return ParallelAnalysis(n, None, None, reason, samples, seed, percentile)
    generator = np.random.default_rng(seed)
    lower = np.tril(generator.standard_normal((samples, k, k)), -1)
    places = np.arange(k)
    lower[:, places, places] = np.sqrt(generator.chisquare(n - 1 - places, size=(samples, k)))
    lower /= np.sqrt((lower**2).sum(axis=2))[:, :, None]
    chance = np.linalg.eigvalsh(lower @ lower.transpose(0, 2, 1))[:, ::-1]
    observed, high = eigenvalues(covariance), np.percentile(chance, percentile, axis=0)
    below = np.flatnonzero(observed <= high)
    return ParallelAnalysis(
        n=n,
        factors=int(below[0]) if len(below) else k,
        kaiser=int((observed > 1).sum()),
        reason=None,
        samples=samples,
        seed=seed,
        percentile=percentile,
        eigenvalues=observed,
        chance_mean=chance.mean(axis=0),
        chance_high=high,
    )


def explore(covariance: Covariance, factors: int, *, method: str = MINRES) -> FactorSolution:
    """An exploratory factor analysis of the correlations with ``factors`` factors, without rotation.

    Formulas: R = L L' + U, U diagonal. ``minres`` minimises the sum of the squared residual correlations (Harman and
    Jones 1966), ``ml`` the discrepancy ln|LL' + U| + tr(R (LL' + U)^-1) - ln|R| - k (Lawley 1940); both over the
    uniquenesses in 0.005..1, the loadings being eigenvectors for given U. Chi-square = (n - 1 - (2 k + 5) / 6 -
    2 m / 3) x discrepancy with ((k - m)^2 - k - m) / 2 degrees of freedom (Bartlett 1951).
    R: ``psych::fa(R, m, n.obs = n, fm = method, rotate = "none")``; ``factanal(covmat = R, factors = m, n.obs = n)``.

    Reasons: as ``adequacy``; ``too_many_factors`` when more is asked than the correlations can tell.
    """
    n, k = covariance.n, covariance.items
    if method not in (MINRES, ML):
        raise ValueError(f"unknown method: {method}")
    if factors < 1:
        raise ValueError(f"at least one factor, not {factors}")
    df = ((k - factors) ** 2 - k - factors) // 2
    reason = _few_items(k) or covariance.not_invertible
    if not reason and (df < 0 or factors >= k):
        reason = "too_many_factors"
    if reason:
        return FactorSolution(method, n, factors, reason)
    observed = covariance.correlation
    uniquenesses, converged = _uniquenesses(observed, factors, method)
    loadings = (_ml_loadings if method == ML else _minres_loadings)(observed, uniquenesses, factors)
    implied = loadings @ loadings.T
    off_diagonal = (observed - implied)[np.tril_indices(k, -1)]
    communalities = implied.diagonal().copy()
    heywood = tuple(int(item) for item in np.flatnonzero(uniquenesses <= SMALLEST_UNIQUENESS + AT_THE_BOUND))
    implied.flat[:: k + 1] = communalities + uniquenesses
    objective = max(_discrepancy(observed, implied), 0.0)
    chi_square = max((n - 1 - (2 * k + 5) / 6 - 2 * factors / 3) * objective, 0.0)
    return FactorSolution(
        method=method,
        n=n,
        factors=factors,
        reason="heywood" if heywood else None if converged else "model_not_converged",
        heywood=heywood,
        loadings=in_order(loadings)[0],
        communalities=communalities,
        uniquenesses=uniquenesses,
        df=df,
        objective=objective,
        test=by_chi_square(chi_square, df, n) if df else None,
        residual=sqrt(float((off_diagonal**2).mean())),
    )


def in_order(loadings: Floats, with_them: Floats | None = None) -> tuple[Floats, Floats]:
    """The factors with the largest sum of squared loadings first, each turned so that its loadings sum to above 0.

    loadings: (k, m). with_them: (m, m) correlations of the factors, rearranged in the same way (default: identity).
    """
    order = np.argsort(-(loadings**2).sum(axis=0), kind="stable")
    signs = np.where(loadings[:, order].sum(axis=0) < 0, -1.0, 1.0)
    correlations = np.eye(loadings.shape[1]) if with_them is None else with_them
    return loadings[:, order] * signs, correlations[np.ix_(order, order)] * np.outer(signs, signs)


def _few_items(k: int) -> str | None:
    return "not_asked" if k == 0 else "one_item" if k == 1 else None


def _discrepancy(observed: Floats, implied: Floats) -> float:
    sign, size = np.linalg.slogdet(implied)
    if sign <= 0:
        return float("inf")
    trace = float((np.linalg.inv(implied) * observed).sum())
    return float(size) + trace - float(np.linalg.slogdet(observed)[1]) - len(observed)


def _minres_loadings(observed: Floats, uniquenesses: Floats, factors: int) -> Floats:
    values, vectors = np.linalg.eigh(observed - np.diag(uniquenesses))
    loadings: Floats = vectors[:, -factors:] * np.sqrt(np.maximum(values[-factors:], 0))
    return loadings


def _ml_loadings(observed: Floats, uniquenesses: Floats, factors: int) -> Floats:
    scale = np.sqrt(uniquenesses)
    values, vectors = np.linalg.eigh(observed / np.outer(scale, scale))
    loadings: Floats = scale[:, None] * vectors[:, -factors:] * np.sqrt(np.maximum(values[-factors:] - 1, 0))
    return loadings


def _uniquenesses(observed: Floats, factors: int, method: str) -> tuple[Floats, bool]:
    """The best uniquenesses, and whether found, from three starts: squared multiple correlations, R's factanal, halves.

    Where a solution is at its bound there are several valleys, and one start may end in a higher one.
    """
    k = len(observed)
    told = 1 / np.linalg.inv(observed).diagonal()
    starts = (told, (1 - 0.5 * factors / k) * told, np.full(k, 0.5))
    slope = _ml_slope if method == ML else _minres_slope
    best, value, converged = told, float("inf"), False
    for start in starts:
        found = minimize(
            _of(slope, observed, factors),
            np.clip(start, SMALLEST_UNIQUENESS, 1),
            jac=True,
            method="L-BFGS-B",
            bounds=[(SMALLEST_UNIQUENESS, 1.0)] * k,
            options={"maxiter": 5000, "maxfun": 20000, "ftol": 1e-15, "gtol": 1e-9, "maxcor": 30},
        )
        if found.fun < value:
            best, value = np.asarray(found.x), float(found.fun)
            inside = (best > SMALLEST_UNIQUENESS) & (best < 1)
            converged = bool(found.success) or float(np.abs(np.asarray(found.jac)[inside]).max(initial=0)) < 1e-6
    return best, converged


Slope = Callable[[Floats, Floats, int], tuple[float, Floats]]


def _of(slope: Slope, observed: Floats, factors: int) -> Callable[[Floats], tuple[float, Floats]]:
    return lambda uniquenesses: slope(observed, uniquenesses, factors)


def _minres_slope(observed: Floats, uniquenesses: Floats, factors: int) -> tuple[float, Floats]:
    """Half the sum of squared residuals, and its derivative by the uniquenesses."""
    values, vectors = np.linalg.eigh(observed - np.diag(uniquenesses))
    kept = values.copy()
    kept[-factors:] = np.minimum(kept[-factors:], 0)
    return float((kept**2).sum()) / 2, -(vectors**2) @ kept


def _ml_slope(observed: Floats, uniquenesses: Floats, factors: int) -> tuple[float, Floats]:
    """The discrepancy at the best loadings, sum of (v - ln v - 1) over the small eigenvalues v, and its derivative."""
    scale = np.sqrt(uniquenesses)
    values, vectors = np.linalg.eigh(observed / np.outer(scale, scale))
    small = np.maximum(values, np.finfo(float).tiny)
    small[-factors:] = np.where(small[-factors:] > 1, 1.0, small[-factors:])
    value = float((small - np.log(small) - 1).sum())
    return value, (vectors**2) @ (1 - small) / uniquenesses
