"""How well does a model of covariances describe the answers?"""

from collections.abc import Callable
from dataclasses import dataclass
from math import log, pi, sqrt

import numpy as np
from scipy.optimize import brentq
from scipy.special import chndtr, ndtr

from analysis.arrays import Floats
from analysis.methods.covariance import Covariance
from analysis.methods.significance import Significance, by_chi_square

CLOSE = 0.05  # an RMSEA up to here is called a close fit
RMSEA_CONFIDENCE = 0.90
MANY = 1e7  # beyond such noncentrality the normal approximation is as good, and never slow


@dataclass(frozen=True)
class FitIndices:
    """How far a fitted model is from the answers; names and formulas as in lavaan, without rounding.

    n: persons. parameters: free ones. chi_square, df, test: whether the model could be exactly true (test None without
    degrees of freedom); with many persons it rejects any model. baseline_chi_square, baseline_df: of the model in which
    no two items have anything in common. cfi (0..1), tli (may exceed 1): how far from there. rmsea (>= 0) with its 90 %
    interval, close: the chance of so bad a fit if the RMSEA is 0.05. srmr (>= 0): the residual correlations.
    log_likelihood, unrestricted_log_likelihood, aic, bic: to compare models of the same answers; smaller is better.
    cfi, tli, rmsea ... of a model without degrees of freedom are trivially perfect: nothing was tested.
    """

    n: int
    parameters: int
    chi_square: float
    df: int
    test: Significance | None
    baseline_chi_square: float
    baseline_df: int
    cfi: float
    tli: float
    rmsea: float
    rmsea_low: float
    rmsea_high: float
    close: float | None
    srmr: float
    log_likelihood: float
    unrestricted_log_likelihood: float
    aic: float
    bic: float


def fit_indices(covariance: Covariance, implied: Floats, *, discrepancy: float, df: int) -> FitIndices:
    """Every index of one fitted model.

    Formulas, with n persons, k items, F the discrepancy, X = n F, and X0, d0 those of the baseline:
    CFI = 1 - max(X - d, 0) / max(X - d, X0 - d0, 0); TLI = 1 - (X - d) d0 / ((X0 - d0) d);
    RMSEA = sqrt(max(X - d, 0) / (n d)), its interval by the noncentral chi-square (lambda with P(X | d, lambda) = 0.95
    and 0.05); SRMR = sqrt(sum over i <= j of ((s_ij - sigma_ij) / sqrt(s_ii s_jj))^2 / (k (k + 1) / 2));
    log-likelihood = -n / 2 (k log 2 pi + log|Sigma| + tr(S Sigma^-1)), S with divisor n;
    AIC = -2 LL + 2 q, BIC = -2 LL + q log n, q free parameters. R: ``lavaan::fitMeasures(fit)``.

    implied: (k, k) covariance matrix of the *standardised* items (those of ``covariance.correlation``).
    """
    n, k = covariance.n, covariance.items
    chi_square = max(n * discrepancy, 0.0)
    log_r = float(np.linalg.slogdet(covariance.correlation)[1])
    log_s = log_r + float(np.log(covariance.variances * (n - 1) / n).sum())
    baseline, baseline_df = -n * log_r, k * (k - 1) // 2
    parameters = k * (k + 1) // 2 - df
    unrestricted = -n / 2 * (k * log(2 * pi) + log_s + k)
    likelihood = unrestricted - chi_square / 2
    low, high = rmsea_interval(chi_square, df, n)
    residual = (covariance.correlation - implied)[np.tril_indices(k)]
    return FitIndices(
        n=n,
        parameters=parameters,
        chi_square=chi_square,
        df=df,
        test=by_chi_square(chi_square, df, n) if df else None,
        baseline_chi_square=baseline,
        baseline_df=baseline_df,
        cfi=comparative_fit(chi_square, df, baseline, baseline_df),
        tli=tucker_lewis(chi_square, df, baseline, baseline_df),
        rmsea=sqrt(max(chi_square - df, 0.0) / (n * df)) if df else 0.0,
        rmsea_low=low,
        rmsea_high=high,
        close=1 - _noncentral(chi_square, df, n * df * CLOSE**2) if df else None,
        srmr=sqrt(float((residual**2).mean())),
        log_likelihood=likelihood,
        unrestricted_log_likelihood=unrestricted,
        aic=-2 * likelihood + 2 * parameters,
        bic=-2 * likelihood + parameters * log(n),
    )


def comparative_fit(chi_square: float, df: int, baseline: float, baseline_df: int) -> float:
    """CFI (Bentler 1990), 0..1; 1 when neither the model nor the baseline is further off than chance."""
    off, most = max(chi_square - df, 0.0), max(chi_square - df, baseline - baseline_df, 0.0)
    return 1 - off / most if most > 0 else 1.0


def tucker_lewis(chi_square: float, df: int, baseline: float, baseline_df: int) -> float:
    """TLI (Tucker and Lewis 1973), not cut: it may exceed 1 or be negative. 1 without degrees of freedom."""
    below = (baseline - baseline_df) * df
    return 1 - (chi_square - df) * baseline_df / below if below != 0 else 1.0


def rmsea_interval(chi_square: float, df: int, n: int) -> tuple[float, float]:
    """The 90 % interval of the RMSEA (Browne and Cudeck 1992); (0, 0) without degrees of freedom."""
    if not df:
        return 0.0, 0.0
    tail = (1 - RMSEA_CONFIDENCE) / 2
    low, high = (_noncentrality(chi_square, df, share) for share in (1 - tail, tail))
    return sqrt(low / (n * df)), sqrt(high / (n * df))


def _noncentrality(chi_square: float, df: int, share: float) -> float:
    """The lambda >= 0 with P(noncentral chi-square <= ``chi_square``) = share; 0 if even lambda = 0 is too much."""
    if _noncentral(chi_square, df, 0.0) < share:
        return 0.0

    def miss(noncentrality: float) -> float:
        return _noncentral(chi_square, df, noncentrality) - share

    most = max(chi_square - df, 0.0) + 10 * sqrt(2 * df + 4 * chi_square) + 20
    return _root(miss, most)


def _root(miss: Callable[[float], float], most: float) -> float:
    return float(brentq(miss, 0.0, most, xtol=1e-10, rtol=1e-13))


def _noncentral(x: float, df: int, noncentrality: float) -> float:
    """P(X <= x) of the noncentral chi-square distribution."""
    if noncentrality < MANY:
        return float(chndtr(x, df, noncentrality))
    return _sankaran(x, df, noncentrality)


def _sankaran(x: float, df: int, noncentrality: float) -> float:
    """Sankaran's (1959) normal approximation of the noncentral chi-square; its error shrinks as lambda grows."""
    m, spread = df + noncentrality, df + 2 * noncentrality
    h = 1 - 2 * m * (df + 3 * noncentrality) / (3 * spread**2)
    p = spread / m**2
    middle = 1 + h * p * (h - 1 - 0.5 * (2 - h) * (1 - 3 * h) * p)
    return float(ndtr(((x / m) ** h - middle) / (h * sqrt(2 * p) * (1 + 0.5 * (h - 1) * (1 - 3 * h) * p))))
