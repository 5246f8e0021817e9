"""How do the answers to several items vary together?"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from analysis.arrays import Floats

LISTWISE = "listwise"
PAIRWISE = "pairwise"
NOTHING = 1e-12  # a variance below this share of what it is made of is rounding, not variance
SINGULAR = 1e-10  # smallest eigenvalue of a correlation matrix of items none of which is told by the others


@dataclass(frozen=True, eq=False)
class Covariance:
    """The covariance matrix of k items, and how many persons it is made of.

    values: (k, k) with divisor n - 1, as R's ``cov``; all 0 when ``n`` < 2 (``reason`` then says so).
    n: the persons who answered every item (``listwise``), or the smallest number behind any pair (``pairwise``):
    an interval that uses the latter is rather too wide than too narrow.
    """

    values: Floats
    n: int
    policy: str = LISTWISE

    def __post_init__(self) -> None:
        if self.values.ndim != 2 or self.values.shape[0] != self.values.shape[1]:
            raise ValueError(f"a covariance matrix is square, not {self.values.shape}")
        if not np.isfinite(self.values).all():
            raise ValueError("a covariance matrix has only finite numbers")

    @property
    def items(self) -> int:
        """How many items there are (k)."""
        return len(self.values)

    @property
    def reason(self) -> str | None:
        """Why nothing can be computed from this matrix at all, or None."""
        if self.n == 0:
            return "no_complete_responses"
        return "one_respondent" if self.n < 2 else None

    @cached_property
    def variances(self) -> Floats:
        """(k,) the variance of each item."""
        return self.values.diagonal().copy()

    @cached_property
    def constant(self) -> tuple[int, ...]:
        """The items to which everybody gave the same answer."""
        return tuple(int(place) for place in np.flatnonzero(self.variances <= 0))

    @cached_property
    def total_variance(self) -> float:
        """The variance of the sum of all items; exactly 0 where only rounding is left of it."""
        total = float(self.values.sum())
        return total if total > NOTHING * float(np.abs(self.values).sum()) else 0.0

    @cached_property
    def correlation(self) -> Floats:
        """(k, k) correlations; rows and columns of constant items are 0 off the diagonal."""
        scale = np.sqrt(np.where(self.variances > 0, self.variances, 1.0))
        values: Floats = self.values / np.outer(scale, scale)
        np.fill_diagonal(values, 1.0)
        return values

    @cached_property
    def not_invertible(self) -> str | None:
        """Why the correlation matrix has no inverse, or None: then factor models can be fitted."""
        if self.reason:
            return self.reason
        if self.constant:
            return "constant_item"
        if self.n <= self.items and self.policy == LISTWISE:
            return "too_few_complete"
        if self.items and float(np.linalg.eigvalsh(self.correlation)[0]) < SINGULAR:
            return "singular"
        return None

    def of(self, places: Sequence[int]) -> "Covariance":
        """The matrix of some of the items, of the same persons."""
        return Covariance(self.values[np.ix_(places, places)], self.n, self.policy)

    def between(self, first: Sequence[int], second: Sequence[int]) -> tuple[float, float, float]:
        """The variance of the sum of ``first``, of the sum of ``second``, and the covariance of both sums."""
        return (
            self.of(first).total_variance,
            self.of(second).total_variance,
            float(self.values[np.ix_(first, second)].sum()),
        )
