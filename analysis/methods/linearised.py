"""What does each person contribute to a weighted sum of means, when the means have different denominators?

The count tables are those of ``Tally.cross_of_index``: (..., 2k, 2k) sums of products over persons, of k values (0
where missing) followed by the k indicators *answered*. Any number of tables may be stacked in front.
"""

import numpy as np

from analysis.arrays import Floats, Integers


def counts_of(cross: Integers) -> Integers:
    """(..., k) how many persons gave each answer."""
    k = cross.shape[-1] // 2
    return np.diagonal(cross[..., k:, k:], axis1=-2, axis2=-1)


def sums_of(cross: Integers) -> Integers:
    """(..., k) the sum of the answers."""
    k = cross.shape[-1] // 2
    return np.diagonal(cross[..., :k, k:], axis1=-2, axis2=-1)


def centred_products(cross: Integers, means: Floats) -> Floats:
    """(..., k, k) sums over persons of o_i o_j (x_i - m_i) (x_j - m_j).

    x_i is a person's answer to i, o_i is 1 when there is one and 0 otherwise, m_i is ``means`` (..., k). The answers
    are first shifted by a whole number near the mean, in integers: the subtraction of large sums would lose digits.
    """
    k = cross.shape[-1] // 2
    both, value_where, pairs = cross[..., :k, :k], cross[..., :k, k:], cross[..., k:, k:]
    shift = np.rint(means).astype(np.int64)
    rest = means - shift
    crossed = shift[..., None, :] * value_where
    outer = shift[..., :, None] * shift[..., None, :]
    shifted = both - crossed - np.swapaxes(crossed, -1, -2) + outer * pairs
    where = value_where - shift[..., :, None] * pairs
    moved = rest[..., None, :] * where
    centred: Floats = shifted - moved - np.swapaxes(moved, -1, -2) + rest[..., :, None] * rest[..., None, :] * pairs
    return centred


def centred_sums(cross: Integers, means: Floats) -> Floats:
    """(..., k) sums over persons of o_i (x_i - m_i), 0 where the mean is that of the table itself."""
    shift = np.rint(means).astype(np.int64)
    centred: Floats = (sums_of(cross) - shift * counts_of(cross)) - (means - shift) * counts_of(cross)
    return centred


def variances(cross: Integers, persons: Integers, factors: Floats) -> Floats:
    """(...,) the variance of sum of f_j mean_j of each table, with persons independent.

    The formula is that of ``ikm.linearised_variance``, for many tables at once: n / (n - 1) x sum of z_i^2 with
    z_i = sum over j of f_j o_ij (x_ij - mean_j) / n_j.
    persons: (...,) n. factors: (k,) f_j. NaN where n < 2 or a mean has no answer.
    """
    counts = counts_of(cross)
    known = np.maximum(counts, 1)
    centred = centred_products(cross, sums_of(cross) / known)
    scale = factors / known
    # Added row by row of a contiguous array: the same table gives the same last digit, whatever stands beside it.
    products = np.ascontiguousarray(centred * scale[..., :, None] * scale[..., None, :])
    squares = products.reshape(*products.shape[:-2], -1).sum(axis=-1)
    found = np.maximum(squares, 0.0) * persons / np.maximum(persons - 1, 1)
    return np.where((persons >= 2) & (counts > 0).all(axis=-1), found, np.nan)
