"""From which side are factors easiest to read? Rotations of a factor solution."""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Floats
from analysis.methods.factors import in_order

POWER = 4
STEPS = 10_000
SETTLED = 1e-14


@dataclass(frozen=True, eq=False)
class Rotated:
    """Rotated factors, the one with the largest sum of squared loadings first.

    loadings: (k, m); after ``promax`` these are weights (the pattern), no longer correlations. correlations: (m, m) of
    the factors; the identity after ``varimax``. explained: (m,) sums of squared loadings.
    """

    loadings: Floats
    correlations: Floats

    @property
    def explained(self) -> Floats:
        """(m,) sums of squared loadings; divided by k, the share of all variance (after ``varimax``)."""
        found: Floats = (self.loadings**2).sum(axis=0)
        return found


def varimax(loadings: Floats) -> Rotated:
    """Factors at right angles whose squared loadings vary as much as possible (Kaiser 1958, with his normalisation).

    loadings: (k, m) unrotated. The communalities stay as they are; with one factor nothing changes.
    R: ``stats::varimax(loadings, normalize = TRUE, eps = 1e-12)``, up to order and sign of the factors.
    """
    return Rotated(*in_order(_varimax(loadings)))


def promax(loadings: Floats, *, power: int = POWER) -> Rotated:
    """Factors that may correlate: the varimax solution drawn towards its own powers (Hendrickson and White 1964).

    Formula: with A the varimax loadings and Q_ij = a_ij |a_ij|^(power - 1), U = (A'A)^-1 A'Q with its columns scaled so
    that the factors (correlations (U'U)^-1) have variance 1; loadings A U.
    R: ``stats::promax(varimax(loadings)$loadings, m = power)``, up to order and sign of the factors.
    Factors of which two coincide cannot be turned so: then the varimax solution is returned.
    """
    straight = _varimax(loadings)
    m = straight.shape[1]
    if m < 2 or np.linalg.matrix_rank(straight) < m:
        return Rotated(*in_order(straight))
    turn = np.linalg.lstsq(straight, straight * np.abs(straight) ** (power - 1), rcond=None)[0]
    if np.linalg.matrix_rank(turn) < m:
        return Rotated(*in_order(straight))
    turn = turn * np.sqrt(np.linalg.inv(turn.T @ turn).diagonal())
    correlations = np.linalg.inv(turn.T @ turn)
    return Rotated(*in_order(straight @ turn, correlations))


def _varimax(loadings: Floats) -> Floats:
    k, m = loadings.shape
    if m < 2:
        return loadings
    length = np.sqrt((loadings**2).sum(axis=1))
    length[length == 0] = 1
    directions = loadings / length[:, None]
    turn, spread = np.eye(m), 0.0
    for _ in range(STEPS):
        turned = directions @ turn
        left, values, right = np.linalg.svd(directions.T @ (turned**3 - turned * (turned**2).sum(axis=0) / k))
        turn, before, spread = left @ right, spread, float(values.sum())
        if spread <= before * (1 + SETTLED):
            break
    rotated: Floats = directions @ turn * length[:, None]
    return rotated
