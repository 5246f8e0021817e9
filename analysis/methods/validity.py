"""Does each item belong to its scale, and are the scales different things?

From covariance matrices and the number of persons; missing answers as the matrix says (listwise by default).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import combinations
from math import sqrt

import numpy as np

from analysis.arrays import Floats
from analysis.methods.cfa import Confirmatory
from analysis.methods.correlation import Correlation, critical_r
from analysis.methods.covariance import NOTHING, Covariance
from analysis.methods.estimate import Estimate
from analysis.methods.reliability import items_in_scale

ENOUGH = 0.30  # the customary least correlation of an item with the rest of its scale
LEVEL = 0.05
AVE_ENOUGH = 0.50
CR_ENOUGH = 0.70
HTMT_LIMIT = 0.85


@dataclass(frozen=True)
class ItemValidity:
    """Whether an item belongs to its scale.

    total: correlation with the sum of all items, as many theses report it, though the item is part of the sum.
    corrected: with the sum of the others; both verdicts use this one. critical: the r table's value (df = n - 2).
    in_table: corrected reaches ``critical``; with some hundred persons nearly every item does. enough: it reaches
    ``threshold`` (.30). Both None where nothing is defined.
    """

    place: int
    total: Correlation
    corrected: Correlation
    critical: Estimate
    in_table: bool | None
    enough: bool | None
    threshold: float


@dataclass(frozen=True)
class Convergence:
    """Whether the items of one factor share enough: from standardised loadings of a proper solution.

    ave: average variance extracted, 0..1, the mean share of an item that the factor explains (.50 is customary).
    cr: composite reliability, 0..1 (.70 is customary).
    """

    ave: Estimate
    cr: Estimate


@dataclass(frozen=True)
class Discrimination:
    """Whether two factors (``first``, ``second``: their places) are different things.

    correlation: of the two in the confirmatory model. squared_below_ave: Fornell and Larcker's rule, that each of both
    shares more with its own items than with the other: the squared correlation is below both AVE; None if undefined.
    htmt: heterotrait-monotrait ratio, below .85 when they differ; it needs no fitted model.
    """

    first: int
    second: int
    correlation: Estimate
    squared_below_ave: bool | None
    htmt: Estimate


def item_validity(
    covariance: Covariance, *, level: float = LEVEL, threshold: float = ENOUGH
) -> tuple[ItemValidity, ...]:
    """Each item of a scale against the r table and against ``threshold``.

    Formulas: see ``reliability.items_in_scale`` and ``correlation.critical_r``. covariance: of the items of one scale.
    An item that goes against the others (a negative correlation) passes neither. R: ``cor.test(x[, i], rest)``.
    """
    critical = critical_r(covariance.n, level)
    found = []
    for item in items_in_scale(covariance):
        r = item.corrected.r.value
        found.append(
            ItemValidity(
                place=item.place,
                total=item.total,
                corrected=item.corrected,
                critical=critical,
                in_table=None if r is None or critical.value is None else r >= critical.value,
                enough=None if r is None else r >= threshold,
                threshold=threshold,
            )
        )
    return tuple(found)


def convergence(fit: Confirmatory) -> tuple[Convergence, ...]:
    """AVE and CR of each factor of a confirmatory model.

    Formulas, l the standardised loadings of a factor's items: AVE = mean of l^2, CR = (sum l)^2 / ((sum l)^2 +
    sum (1 - l^2)). Source: Fornell and Larcker (1981). R: from ``lavInspect(fit, "std")$lambda``.
    Not defined (the fit's reason) without a converged, proper solution, nor for a factor of one item (``one_item``).
    """
    found = []
    for group in fit.factors:
        reason = fit.reason or ("one_item" if len(group) == 1 else None)
        if reason or fit.standardised is None:
            nothing = Estimate(None, fit.n, reason=reason)
            found.append(Convergence(nothing, nothing))
            continue
        loading = fit.standardised[list(group)]
        explained, total = float((loading**2).sum()), float(loading.sum()) ** 2
        ave, cr = explained / len(group), total / (total + len(group) - explained)
        found.append(Convergence(Estimate(ave, fit.n), Estimate(cr, fit.n)))
    return tuple(found)


def discrimination(covariance: Covariance, fit: Confirmatory) -> tuple[Discrimination, ...]:
    """Every two factors of a confirmatory model against each other: Fornell-Larcker and HTMT.

    Source: Fornell and Larcker (1981), Henseler, Ringle and Sarstedt (2015). covariance: the matrix that was fitted.
    Without a proper solution only HTMT is told.
    """
    ave = [each.ave.value for each in convergence(fit)]
    ratios = htmt(covariance, fit.factors)
    found = []
    for number, (first, second) in enumerate(combinations(range(len(fit.factors)), 2)):
        correlation, below = Estimate(None, fit.n, reason=fit.reason), None
        if fit.proper and fit.correlations is not None and fit.correlations_se is not None:
            r = float(fit.correlations[first, second])
            correlation = Estimate(r, fit.n, float(fit.correlations_se[first, second]))
            one, other = ave[first], ave[second]
            if one is not None and other is not None:
                below = r * r < min(one, other)
        found.append(Discrimination(first, second, correlation, below, ratios[number]))
    return tuple(found)


def htmt(covariance: Covariance, factors: Sequence[Sequence[int]], *, geometric: bool = False) -> tuple[Estimate, ...]:
    """The heterotrait-monotrait ratio of every two scales, in the order of ``itertools.combinations``.

    Formula: mean |r| between the items of both / sqrt(mean |r| among the items of one x the same of the other).
    ``geometric``: HTMT2, with geometric means (Roemer, Schuberth and Henseler 2021). Source: Henseler, Ringle and
    Sarstedt (2015). R: ``semTools::htmt(model, data, absolute = TRUE, htmt2 = geometric)``.

    factors: the places of the items of each scale. Returns >= 0, near 1 when the scales are one thing.
    Not defined for a scale of one item (``one_item``), for constant items (``constant_item``), and where the items of a
    scale have nothing in common (``unrelated_items``).
    """
    n = covariance.n
    size = np.abs(covariance.correlation)
    found = []
    for first, second in combinations(factors, 2):
        reason = covariance.reason
        if not reason and min(len(first), len(second)) < 2:
            reason = "one_item"
        if not reason and set(covariance.constant) & {*first, *second}:
            reason = "constant_item"
        if reason:
            found.append(Estimate(None, n, reason=reason))
            continue
        between = _mean(size[np.ix_(first, second)].ravel(), geometric)
        within = _mean(_below(size, first), geometric) * _mean(_below(size, second), geometric)
        if within <= NOTHING:
            found.append(Estimate(None, n, reason="unrelated_items"))
        else:
            found.append(Estimate(between / sqrt(within), n))
    return tuple(found)


def _below(values: Floats, places: Sequence[int]) -> Floats:
    """The values between different items, each pair once."""
    inside = values[np.ix_(places, places)]
    chosen: Floats = inside[np.tril_indices(len(inside), -1)]
    return chosen


def _mean(values: Floats, geometric: bool) -> float:
    if not geometric:
        return float(values.mean())
    return float(np.exp(np.log(values).mean())) if values.min() > 0 else 0.0
