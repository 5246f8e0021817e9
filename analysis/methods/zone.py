"""Is what citizens found within what they tolerate?

In the three-column form a citizen says the least acceptable level (minimum), the desired level (expectation) and what
was found (perception). Between minimum and expectation lies the zone of tolerance. Parasuraman, Zeithaml and Berry
(1994).
"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Integers
from analysis.methods.distribution import share
from analysis.methods.estimate import Estimate
from analysis.methods.paired import Paired, paired

BELOW = "below"
WITHIN = "within"
ABOVE = "above"


@dataclass(frozen=True)
class Zone:
    """Where perception stands, over the ``n`` persons who gave all three answers.

    ``adequacy`` compares perception with minimum (difference = P - M), ``superiority`` with expectation (P - E);
    ``width`` is the mean of E - M. ``position`` of the mean: ``below`` (adequacy < 0), ``above`` (superiority > 0),
    else ``within``; ``undecided`` when a 95 % interval leaves another position possible. ``below``, ``within`` and
    ``above`` are shares of persons by their own zone, with Wilson's interval. ``inverted`` persons gave a minimum above
    their expectation: they count in the means, but have no zone and are left out of the shares.
    """

    n: int
    adequacy: Paired
    superiority: Paired
    width: Estimate
    position: str | None
    undecided: bool
    below: Estimate
    within: Estimate
    above: Estimate
    inverted: int


def zone_of_tolerance(triple: Integers) -> Zone:
    """The zone of tolerance of one item.

    triple: (minimum codes + 1, expectation codes + 1, perception codes + 1) persons by all three answers; place 0 of an
    axis is *not answered*, and such persons are left out. Without anybody: reason ``no_pairs``.
    R: ``t.test(P, M, paired = TRUE)``, ``t.test(P, E, paired = TRUE)``.
    """
    complete = triple.copy()
    complete[0], complete[:, 0], complete[:, :, 0] = 0, 0, 0
    n = int(complete.sum())
    adequacy, superiority = paired(complete.sum(axis=1)), paired(complete.sum(axis=0))
    width = paired(complete.sum(axis=2)).difference
    m, e, p = np.ogrid[: triple.shape[0], : triple.shape[1], : triple.shape[2]]
    ordered = np.where(m <= e, complete, 0)
    with_zone = int(ordered.sum())
    below, within, above = (
        share(int((ordered * place).sum()), with_zone)
        if with_zone
        else Estimate(None, 0, reason="no_pairs" if n == 0 else "no_zone")
        for place in (p < m, (p >= m) & (p <= e), p > e)
    )
    position, undecided = _position(adequacy.difference, superiority.difference)
    return Zone(n, adequacy, superiority, width, position, undecided, below, within, above, n - with_zone)


def _position(adequacy: Estimate, superiority: Estimate) -> tuple[str | None, bool]:
    if adequacy.value is None or superiority.value is None:
        return None, False
    position = BELOW if adequacy.value < 0 else ABOVE if superiority.value > 0 else WITHIN
    low, high = (superiority.low, adequacy.high) if position != WITHIN else (adequacy.low, superiority.high)
    if low is None or high is None:
        return position, True
    if position == BELOW:
        return position, high >= 0
    if position == ABOVE:
        return position, low <= 0
    return position, low < 0 or high > 0
