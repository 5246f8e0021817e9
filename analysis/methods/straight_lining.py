"""How many people would give every question the same answer anyway?"""

from dataclasses import dataclass
from math import pi, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.special import ndtr, ndtri

from analysis.arrays import Floats, Integers

NODES = 64  # of the numerical integral over the factor
LARGEST_FACTOR = 0.98
CONSTANT = 1e-9


@dataclass(frozen=True)
class Straight:
    """How many of ``n`` complete responses gave every question the same code, and how many were to be expected.

    ``observed``, ``independent`` and ``expected`` are shares of the complete responses by code, from code 1 upwards.
    ``independent``: as if the answers of a person had nothing to do with each other. ``expected``: as if they went
    together as much as the questions correlate (``factor`` is the correlation of what stands behind two answers), which
    is the fair comparison: satisfied people are satisfied with everything. Where far more occur than ``expected``, look
    at their time and place.
    """

    n: int
    observed: tuple[float, ...]
    independent: tuple[float, ...]
    expected: tuple[float, ...] | None
    factor: float | None
    reason: str | None = None


def straight_lining(marginals: Integers, same: Integers, *, correlation: float | None = None) -> Straight:
    """Observed and expected straight-lining, from counts.

    Formula: independent: product over questions j of p_j(v). Expected: all questions share one normal factor z, with
    correlation r between any two of them: integral over z of the product over j of p_j(v | z), where
    p_j(v | z) = Phi((t_jv - sqrt(r) z) / sqrt(1 - r)) - the same at v - 1, and t_jv = Phi^-1(P_j(code up to v)). r is
    chosen so that the codes drawn from this model have the mean ``correlation`` of the real ones.
    Our own; the model is a normal copula with one factor.

    marginals: (k, codes + 1) complete responses by question and code, [:, 0] not used. same: (codes + 1,) complete
    responses by the code that all their answers have (counted from ``quality.Patterns.same``); [0] those whose answers
    differ. correlation: the mean Pearson correlation between two questions; below 0 it is taken as 0; None: no
    ``expected``. Not defined without complete responses (``no_complete_responses``).
    """
    n = int(same.sum())
    if n == 0:
        return Straight(0, (), (), None, None, "no_complete_responses")
    if marginals.ndim != 2 or marginals.shape[1] != len(same) or not (marginals[:, 1:].sum(axis=1) > 0).all():
        raise ValueError(f"marginals of shape {marginals.shape} do not fit {len(same) - 1} codes")
    observed = tuple(float(count / n) for count in same[1:])
    shares = marginals[:, 1:] / marginals[:, 1:].sum(axis=1, keepdims=True)
    independent = tuple(float(share) for share in shares.prod(axis=0))
    if correlation is None:
        return Straight(n, observed, independent, None, None)
    factor = _factor_behind(shares, correlation)
    _, weights = np.polynomial.hermite_e.hermegauss(NODES)
    expected = (weights / sqrt(2 * pi)) @ _shares_given_factor(shares, factor).prod(axis=1)
    return Straight(n, observed, independent, tuple(float(share) for share in expected), factor)


def _shares_given_factor(shares: Floats, r: float) -> Floats:
    """(nodes, k, codes) p_j(v | z) at the nodes of the integral."""
    nodes, _ = np.polynomial.hermite_e.hermegauss(NODES)
    upper = ndtri(np.minimum(np.cumsum(shares, axis=1), 1.0))
    upper[:, -1] = np.inf
    below = ndtr((upper - sqrt(r) * nodes[:, None, None]) / sqrt(1 - r))
    return np.diff(below, axis=2, prepend=0.0)


def _factor_behind(shares: Floats, correlation: float) -> float:
    """The r for which the codes of the model have this mean correlation; constant questions have none."""
    codes = np.arange(1, shares.shape[1] + 1)
    mean = shares @ codes
    deviation = np.sqrt(np.maximum(shares @ codes**2 - mean**2, 0))
    vary = deviation > CONSTANT
    if vary.sum() < 2 or correlation <= 0:
        return 0.0
    _, weights = np.polynomial.hermite_e.hermegauss(NODES)

    def excess(r: float) -> float:
        given = ((_shares_given_factor(shares, r) @ codes - mean)[:, vary]) / deviation[vary]
        together = (weights / sqrt(2 * pi)) @ (given.sum(axis=1) ** 2 - (given**2).sum(axis=1))
        return float(together) / float(vary.sum() * (vary.sum() - 1)) - correlation

    return float(brentq(excess, 0.0, LARGEST_FACTOR)) if excess(LARGEST_FACTOR) > 0 else LARGEST_FACTOR
