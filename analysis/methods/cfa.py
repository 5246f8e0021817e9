"""Do the items belong to the dimensions that the questionnaire says? Confirmatory factor analysis.

Maximum likelihood on the covariance matrix alone, so that the cost does not depend on the number of persons. Answers
on a few points are taken as numbers, as usual; that is an approximation, and the name of the estimator (ML) belongs
beside its results. What is improper or did not converge is said, never hidden.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Floats
from analysis.methods.covariance import Covariance
from analysis.methods.fit_indices import FitIndices, fit_indices

ITERATIONS = 150  # what has an end is found within 20; the rest runs away towards impossible values
HALVINGS = 30
SETTLED = 1e-15  # the squared length of the next step, in units of the likelihood; 0.5 n of it is left of chi-square
STILL = 1e-13  # a rise of the discrepancy that is rounding
SMALLEST_RESIDUAL = 0.05  # share of an item's variance that a start leaves unexplained


@dataclass(frozen=True, eq=False)
class Confirmatory:
    """A fitted model; arrays follow the order of the items and factors given.

    reason: why there are no numbers (``value``-like fields are None), or, with numbers present, why they must not be
    trusted: ``heywood`` (an item with a negative residual variance), ``factor_correlation`` (two factors correlate
    1 or more), ``factors_not_positive`` (the correlations of the factors contradict each other).
    heywood: the items (places) with a negative residual variance. factors: the items of each factor.

    loadings: (k,) of each item on its factor when every factor has variance 1. residuals: (k,) residual variances.
    acov: (2k, 2k) their covariance matrix (loadings, then residuals).
    marker, marker_se: (k,) unstandardised loadings when the first item of each factor has 1 (lavaan's default) and
    their standard errors (0 for the first). standardised, standardised_se: (k,) correlations of item and factor.
    residuals_se: (k,). factor_variances: (f,) in the marker's scale. correlations, correlations_se: (f, f) of factors.
    residual_correlations: (k, k) observed minus implied, each covariance divided by the observed deviations.
    """

    n: int
    items: int
    factors: tuple[tuple[int, ...], ...]
    converged: bool
    iterations: int
    reason: str | None
    heywood: tuple[int, ...] = ()
    fit: FitIndices | None = None
    loadings: Floats | None = None
    residuals: Floats | None = None
    acov: Floats | None = None
    marker: Floats | None = None
    marker_se: Floats | None = None
    standardised: Floats | None = None
    standardised_se: Floats | None = None
    residuals_se: Floats | None = None
    factor_variances: Floats | None = None
    correlations: Floats | None = None
    correlations_se: Floats | None = None
    residual_correlations: Floats | None = None

    @property
    def proper(self) -> bool:
        """Whether there are numbers, and they are possible ones."""
        return self.reason is None


def confirmatory(covariance: Covariance, factors: Sequence[Sequence[int]]) -> Confirmatory:
    """Fit the model in which each item depends on one factor, and the factors correlate freely.

    Formulas: Sigma = L Phi L' + T, with L (k, f) loadings, Phi (f, f) correlations of the factors, T (k, k) diagonal
    residual variances; minimised is F = log|Sigma| + tr(S Sigma^-1) - log|S| - k, by Newton's steps, and by those of
    Fisher scoring (the expected information) wherever F is not bent upwards. S is the covariance matrix with divisor n
    (not n - 1), and chi-square = n F, as in lavaan. Standard errors: from the expected information, and the delta
    method. Source: Joreskog (1969).
    R: ``lavaan::cfa(model, data, estimator = "ML")``, ``standardizedSolution``.

    covariance: of the k items, divisor n - 1 as everywhere here. Listwise; a pairwise matrix is fitted too, but its
    chi-square then is a rough guide only.
    factors: the places of the items of each factor; together every item once, else ``ValueError``.
    A factor with one item is that item, its residual variance 0 (as lavaan does).

    Reasons for no numbers: ``constant_item``, ``too_few_complete``, ``singular`` (an item is told by the
    others), ``not_identified`` (more unknowns than covariances, as with two items alone), ``model_not_converged``.
    """
    groups = tuple(tuple(int(place) for place in group) for group in factors)
    k, n = covariance.items, covariance.n
    if sorted(place for group in groups for place in group) != list(range(k)) or not all(groups):
        raise ValueError(f"the factors must share out {k} items, each once: {groups}")
    reason = "not_asked" if k == 0 else covariance.not_invertible
    model = _Model.of(groups, k)
    df = k * (k + 1) // 2 - model.size
    if not reason and df < 0:
        reason = "not_identified"
    if reason:
        return Confirmatory(n, k, groups, False, 0, reason)
    observed = covariance.correlation  # ML is the same in any units of the items: in these all variances are 1
    found = _minimise(model, observed)
    if found.reason:
        return Confirmatory(n, k, groups, False, found.iterations, found.reason)
    return _report(covariance, model, found, df)


@dataclass(frozen=True, eq=False)
class _Model:
    """Where the unknowns stand in one vector: loadings of all items, correlations of factors, residual variances."""

    groups: tuple[tuple[int, ...], ...]
    of_item: Floats  # (k, f) 1 where the item belongs to the factor
    factor: list[int]  # (k,) the factor of each item
    pairs: tuple[list[int], list[int]]  # the factors of each correlation
    free: list[int]  # the items whose residual variance is estimated

    @classmethod
    def of(cls, groups: tuple[tuple[int, ...], ...], k: int) -> "_Model":
        of_item, factor = np.zeros((k, len(groups))), [0] * k
        for number, group in enumerate(groups):
            of_item[list(group), number] = 1
            for place in group:
                factor[place] = number
        pairs = [(j, h) for j in range(len(groups)) for h in range(j)]
        alone = {group[0] for group in groups if len(group) == 1}
        free = [place for place in range(k) if place not in alone]
        return cls(groups, of_item, factor, ([j for j, _ in pairs], [h for _, h in pairs]), free)

    @property
    def k(self) -> int:
        return len(self.factor)

    @property
    def size(self) -> int:
        """How many unknowns there are."""
        return self.k + len(self.pairs[0]) + len(self.free)

    def parts(self, unknowns: Floats) -> tuple[Floats, Floats, Floats]:
        """(k, f) loadings, (f, f) correlations, (k,) residual variances."""
        k, both = self.k, self.k + len(self.pairs[0])
        phi = np.eye(len(self.groups))
        phi[self.pairs] = unknowns[k:both]
        phi[self.pairs[::-1]] = unknowns[k:both]
        residuals = np.zeros(k)
        residuals[self.free] = unknowns[both:]
        return self.of_item * unknowns[:k, None], phi, residuals

    def implied(self, unknowns: Floats) -> Floats:
        """(k, k) the covariance matrix that the unknowns imply."""
        loadings, phi, residuals = self.parts(unknowns)
        implied: Floats = loadings @ phi @ loadings.T
        implied.flat[:: self.k + 1] += residuals
        return implied

    def directions(self, unknowns: Floats) -> tuple[Floats, Floats]:
        """U, V, each (size, k): the derivative of Sigma by unknown a is u_a v_a' + v_a u_a'."""
        loadings, phi, _ = self.parts(unknowns)
        each = np.eye(self.k)
        toward = (loadings @ phi).T
        first = np.concatenate([each, loadings.T[self.pairs[0]], each[self.free]])
        second = np.concatenate([toward[self.factor], loadings.T[self.pairs[1]], each[self.free] / 2])
        return first, second


@dataclass(frozen=True, eq=False)
class _Found:
    unknowns: Floats
    discrepancy: float
    information: Floats
    iterations: int
    reason: str | None


def _start(model: _Model, observed: Floats) -> Floats:
    """The first principal component of each factor's items, and the correlations of these components."""
    loadings = np.zeros(model.k)
    weights = np.zeros((len(model.groups), model.k))
    for number, group in enumerate(model.groups):
        inside = observed[np.ix_(group, group)]
        values, vectors = np.linalg.eigh(inside)
        vector = vectors[:, -1] * (1 if vectors[0, -1] >= 0 else -1)
        share = max((values[-1] - 1) / max(len(group) - 1, 1), 0.1) if len(group) > 1 else 1.0
        loadings[list(group)] = vector * np.sqrt(share * len(group))
        weights[number, list(group)] = vector
    between = weights @ observed @ weights.T
    spread = np.sqrt(between.diagonal())
    correlations = np.clip((between / np.outer(spread, spread))[model.pairs], -0.9, 0.9)
    limit = np.sqrt(1 - SMALLEST_RESIDUAL)
    loadings[model.free] = np.clip(loadings[model.free], -limit, limit)
    return np.concatenate([loadings, correlations, 1 - loadings[model.free] ** 2])


def _minimise(model: _Model, observed: Floats) -> _Found:
    """Newton's or Fisher's steps, shortened where a full one would not lower the discrepancy."""
    unknowns = _start(model, observed)
    constant = float(np.linalg.slogdet(observed)[1]) + model.k
    discrepancy, inverse = _discrepancy(model, observed, unknowns, constant)
    information, reason, iteration = np.eye(model.size), "model_not_converged", 0
    if inverse is None:
        return _Found(unknowns, discrepancy, information, 0, "model_not_converged")
    for iteration in range(1, ITERATIONS + 1):
        slope, information, bend = _derivatives(model, observed, unknowns, inverse)
        try:
            step = _step(slope, information, bend)
        except np.linalg.LinAlgError:
            return _Found(unknowns, discrepancy, information, iteration, "not_identified")
        length = float(slope @ step)
        if abs(length) < SETTLED:
            reason = ""
            break
        share = 1.0
        for _ in range(HALVINGS):
            tried = unknowns - share * step
            found, other = _discrepancy(model, observed, tried, constant)
            if other is not None and found <= discrepancy + STILL:
                break
            share /= 2
        else:
            break
        unknowns, discrepancy, inverse = tried, found, other
    if not reason and np.linalg.cond(information) > 1 / np.finfo(float).eps:
        reason = "not_identified"
    return _Found(unknowns, discrepancy, information, iteration, reason or None)


def _discrepancy(model: _Model, observed: Floats, unknowns: Floats, constant: float) -> tuple[float, Floats | None]:
    """F and the inverse of Sigma; None where Sigma is not positive definite."""
    implied = model.implied(unknowns)
    try:
        root = np.linalg.cholesky(implied)
    except np.linalg.LinAlgError:
        return float("inf"), None
    inverse = np.asarray(np.linalg.inv(implied), dtype=np.float64)
    log_determinant = 2 * float(np.log(root.diagonal()).sum())
    return log_determinant + float((inverse * observed).sum()) - constant, inverse


def _derivatives(model: _Model, observed: Floats, unknowns: Floats, inverse: Floats) -> tuple[Floats, Floats, Floats]:
    """The slope of F, its expected second derivatives tr(W D_a W D_b) with W = Sigma^-1, and its actual ones.

    Actual: tr(D_a W D_b M) + tr(G D_ab), with M = W (2 S - Sigma) W, G = W (Sigma - S) W and D_ab the second
    derivatives of Sigma, which are not 0 for two loadings, and for a loading and a correlation of its factor.
    """
    first, second = model.directions(unknowns)
    explained = inverse @ observed @ inverse
    gradient = inverse - explained
    slope = 2 * ((first @ gradient) * second).sum(axis=1)
    a = first @ inverse @ first.T, first @ inverse @ second.T, second @ inverse @ second.T
    information = 2 * (a[0] * a[2] + a[1] * a[1].T)
    m = 2 * explained - inverse
    b = first @ m @ first.T, first @ m @ second.T, second @ m @ second.T
    bend = a[2] * b[0] + a[0] * b[2] + a[1].T * b[1] + a[1] * b[1].T
    loadings, phi, _ = model.parts(unknowns)
    k, both = model.k, model.k + len(model.pairs[0])
    bend[:k, :k] += 2 * gradient * phi[np.ix_(model.factor, model.factor)]
    toward = 2 * gradient @ loadings
    mixed = model.of_item[:, model.pairs[0]] * toward[:, model.pairs[1]]
    mixed += model.of_item[:, model.pairs[1]] * toward[:, model.pairs[0]]
    bend[:k, k:both] += mixed
    bend[k:both, :k] += mixed.T
    return slope, information, bend


def _step(slope: Floats, information: Floats, bend: Floats) -> Floats:
    """Newton's step where F is bent upwards in every direction, else the one by the expected information."""
    try:
        np.linalg.cholesky(bend)
    except np.linalg.LinAlgError:
        bend = information
    return np.asarray(np.linalg.solve(bend, slope), dtype=np.float64)


def _report(covariance: Covariance, model: _Model, found: _Found, df: int) -> Confirmatory:
    """Turn round what points the wrong way, go back to the items' units, and derive everything."""
    n, k, groups = covariance.n, covariance.items, model.groups
    unknowns = found.unknowns * _signs(model, found.unknowns)
    signs = _signs(model, found.unknowns)
    acov = np.linalg.inv(found.information) * 2 / n * np.outer(signs, signs)
    loadings, phi, residuals = model.parts(unknowns)
    loading = loadings.sum(axis=1)
    implied = model.implied(unknowns)
    both = k + len(model.pairs[0])
    of_item = np.zeros((2 * k, 2 * k))
    known = np.concatenate([np.arange(k), k + np.array(model.free, dtype=np.intp)])
    inside = np.concatenate([np.arange(k), np.arange(both, model.size)])
    of_item[np.ix_(known, known)] = acov[np.ix_(inside, inside)]
    deviation = np.sqrt(covariance.variances * (n - 1) / n)
    units = np.concatenate([deviation, deviation**2])
    standardised, standardised_se = _standardised(loading, residuals, of_item)
    marker, marker_se = _marker(loading * deviation, of_item * np.outer(units, units), groups)
    correlations_se = np.zeros_like(phi)
    correlations_se[model.pairs] = np.sqrt(acov.diagonal()[k:both])
    heywood = tuple(int(place) for place in np.flatnonzero(residuals < 0))
    first_items = [group[0] for group in groups]
    return Confirmatory(
        n=n,
        items=k,
        factors=groups,
        converged=True,
        iterations=found.iterations,
        reason=_improper(heywood, phi),
        heywood=heywood,
        fit=fit_indices(covariance, implied, discrepancy=found.discrepancy, df=df),
        loadings=loading * deviation,
        residuals=residuals * deviation**2,
        acov=of_item * np.outer(units, units),
        marker=marker,
        marker_se=marker_se,
        standardised=standardised,
        standardised_se=standardised_se,
        residuals_se=np.sqrt(of_item.diagonal()[k:]) * deviation**2,
        factor_variances=(loading * deviation)[first_items] ** 2,
        correlations=phi,
        correlations_se=correlations_se + correlations_se.T,
        residual_correlations=covariance.correlation - implied,
    )


def _signs(model: _Model, unknowns: Floats) -> Floats:
    """(size,) -1 for what changes its sign when each factor's first item is given a positive loading."""
    turn = np.array([1.0 if unknowns[group[0]] >= 0 else -1.0 for group in model.groups])
    return np.concatenate([turn[model.factor], turn[model.pairs[0]] * turn[model.pairs[1]], np.ones(len(model.free))])


def _standardised(loading: Floats, residuals: Floats, acov: Floats) -> tuple[Floats, Floats]:
    """Standardised loadings l / sqrt(l^2 + t) with standard errors: the derivatives are
    t / (l^2 + t)^1.5 by l and -l / 2 (l^2 + t)^-1.5 by t.
    """
    k = len(loading)
    variance = loading**2 + residuals
    by_loading, by_residual = residuals / variance**1.5, -loading / (2 * variance**1.5)
    places = np.arange(k)
    squared = (
        by_loading**2 * acov[places, places]
        + by_residual**2 * acov[k + places, k + places]
        + 2 * by_loading * by_residual * acov[places, k + places]
    )
    return loading / np.sqrt(variance), np.sqrt(np.maximum(squared, 0))


def _marker(loading: Floats, acov: Floats, groups: tuple[tuple[int, ...], ...]) -> tuple[Floats, Floats]:
    """l_i / l_m, m the first item of the factor, with the standard error of a ratio."""
    values, errors = np.ones(len(loading)), np.zeros(len(loading))
    for first, *others in groups:
        for place in others:
            ratio = loading[place] / loading[first]
            squared = acov[place, place] - 2 * ratio * acov[place, first] + ratio**2 * acov[first, first]
            values[place] = ratio
            errors[place] = np.sqrt(max(float(squared), 0.0)) / abs(loading[first])
    return values, errors


def _improper(heywood: tuple[int, ...], phi: Floats) -> str | None:
    if heywood:
        return "heywood"
    if len(phi) > 1 and float(np.abs(phi - np.eye(len(phi))).max()) >= 1:
        return "factor_correlation"
    return "factors_not_positive" if float(np.linalg.eigvalsh(phi)[0]) <= 0 else None
