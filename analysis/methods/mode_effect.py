"""May answers from the kiosk, the phone and paper be pooled?

People who answer at a counter, under the eyes of staff, may answer more kindly than at home; and other people use the
phone. Modes are therefore compared within the same unit (stratum), and called alike only when the difference is shown
to be small: a difference that is merely not significant proves nothing.
"""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from scipy.special import stdtrit

from analysis.arrays import Floats
from analysis.methods.comparison import Moments
from analysis.methods.estimate import CONFIDENCE, Estimate
from analysis.methods.significance import Significance, by_chi_square, by_t, undefined

SMALL_EFFECT = 0.2  # in standard deviations between persons: Cohen's small effect

ALIKE = "alike"
DIFFERENT = "different"
UNCLEAR = "unclear"
VARIES = "varies"
LEVEL = 0.05


@dataclass(frozen=True)
class ModeEffect:
    """One mode against the reference mode (the one with most answers). Positive: this mode gives higher values.

    ``crude`` is the plain difference, ``adjusted`` the difference within strata, ``strata`` how many strata have both
    modes. ``test``: whether the adjusted difference is 0; ``heterogeneity``: whether it differs between strata.
    ``between`` is the standard deviation of the true difference between strata (None for one stratum). ``margin`` is
    the largest difference that would not matter, in the unit of the values. ``verdict``: ``varies`` (heterogeneous at
    5 %, and ``between`` above the margin: differences that cancel out on the whole do not cancel out in a unit), else
    ``alike`` (the 90 % interval lies within +- margin: two one-sided tests at 5 %), else ``different`` (the 95 %
    interval excludes 0), else ``unclear``; None when it cannot be said.
    """

    mode: int
    reference: int
    crude: Estimate
    adjusted: Estimate
    strata: int
    test: Significance
    heterogeneity: Significance
    between: float | None
    margin: float | None
    verdict: str | None


def mode_effects(
    cells: Moments, *, modes: int, margin: float | None = None, effect: float = SMALL_EFFECT
) -> tuple[ModeEffect, ...]:
    """Compare every mode with the most used one.

    Within stratum s: d_s = mean of the mode - mean of the reference. Adjusted difference = sum of w_s d_s / sum of w_s,
    w_s = n_m n_r / (n_m + n_r) (Cochran 1954), with Satterthwaite's degrees of freedom. Heterogeneity: sum of
    (d_s - d)^2 / var_s around the mean d weighted by 1 / var_s, chi-square with strata - 1 degrees of freedom;
    between^2 = (that statistic - (strata - 1)) / (sum v - sum v^2 / sum v), v = 1 / var_s (DerSimonian and Laird 1986).
    Equivalence by two one-sided tests: Schuirmann (1987).

    cells: groups in the order (stratum 0, mode 0), (stratum 0, mode 1), ..., from counts of one item or dimension
    (``Moments.of_counts`` of a (strata x modes, v) table) or from the index of each cell (``Moments.of_estimates``).
    modes: how many modes each stratum has places for; without strata, as many as there are cells. margin: what would
    not matter, in the unit of the values; None = ``effect`` x the standard deviation between persons within cells.
    Cells with fewer than two persons count in the crude difference only. Reasons: ``no_common_strata``,
    ``no_variance``. Returns nothing with fewer than two used modes.
    """
    if modes < 1 or len(cells.n) % modes:
        raise ValueError(f"{len(cells.n)} cells do not make strata of {modes} modes")
    n = cells.n.reshape(-1, modes)
    persons = n.sum(axis=0)
    if np.count_nonzero(persons) < 2:
        return ()
    reference = int(np.argmax(persons))
    total = (n * np.where(n > 0, cells.mean.reshape(-1, modes), 0.0)).sum(axis=0)
    means = total / np.maximum(persons, 1)
    used = cells.usable
    within = float((cells.n[used] - 1) @ cells.variance[used])
    df = int((cells.n[used] - 1).sum())
    largest = margin if margin is not None else effect * sqrt(within / df) if df else None
    return tuple(
        _mode_effect(
            cells,
            (mode, reference, modes),
            Estimate(float(means[mode] - means[reference]), int(persons[mode] + persons[reference])),
            largest,
        )
        for mode in np.flatnonzero(persons).tolist()
        if mode != reference
    )


def _mode_effect(cells: Moments, places: tuple[int, int, int], crude: Estimate, margin: float | None) -> ModeEffect:
    mode, reference, modes = places
    n = crude.n
    one, other = (cells[np.arange(at, len(cells.n), modes)] for at in (mode, reference))
    both = np.intersect1d(one.usable, other.usable)
    one, other = one[both], other[both]

    def nothing(reason: str) -> ModeEffect:
        test = undefined("t", n, reason)
        spread = undefined("chi_square", n, reason)
        at = (mode, reference, crude, Estimate(None, 0, reason=reason), len(both))
        return ModeEffect(*at, test, spread, None, margin, None)

    if not len(both):
        return nothing("no_common_strata")
    errors = np.stack([one.variance / one.n, other.variance / other.n])
    if not errors.any():
        return nothing("no_variance")
    difference = one.mean - other.mean
    weight = one.n * other.n / (one.n + other.n)
    share = weight / weight.sum()
    value, variance = float(share @ difference), float((share**2 * errors.sum(axis=0)).sum())
    df = variance**2 / float(((share**2 * errors) ** 2 / np.stack([one.n - 1, other.n - 1])).sum())
    se, used = sqrt(variance), int(one.n.sum() + other.n.sum())
    reach = float(stdtrit(df, 1 - (1 - CONFIDENCE) / 2)) * se
    adjusted = Estimate(value, used, se, value - reach, value + reach)
    heterogeneity, between = _heterogeneity(difference, errors.sum(axis=0), used)
    verdict = _verdict(adjusted, float(stdtrit(df, CONFIDENCE)) * se, margin)
    if verdict and margin is not None and between is not None and between > margin and (heterogeneity.p or 0.0) < LEVEL:
        verdict = VARIES
    test = by_t(value / se, df, used)
    return ModeEffect(mode, reference, crude, adjusted, len(both), test, heterogeneity, between, margin, verdict)


def _heterogeneity(difference: Floats, variance: Floats, n: int) -> tuple[Significance, float | None]:
    if len(difference) < 2:
        return undefined("chi_square", n, "one_stratum"), None
    if np.any(variance == 0):
        return undefined("chi_square", n, "no_variance"), None
    weight = 1 / variance
    centre = float(weight @ difference / weight.sum())
    q, df = float(weight @ (difference - centre) ** 2), len(difference) - 1
    spread = max(q - df, 0.0) / float(weight.sum() - (weight**2).sum() / weight.sum())
    return by_chi_square(q, df, n), sqrt(spread)


def _verdict(adjusted: Estimate, reach_90: float, margin: float | None) -> str | None:
    if adjusted.value is None or adjusted.low is None or adjusted.high is None or margin is None:
        return None
    if abs(adjusted.value) + reach_90 < margin:
        return ALIKE
    return DIFFERENT if adjusted.low > 0 or adjusted.high < 0 else UNCLEAR
