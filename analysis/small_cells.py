"""Which counts may be shown without giving a person away?"""

from collections.abc import Sequence


def safe_counts(counts: Sequence[int], minimum: int) -> tuple[int | None, ...]:
    """The counts of one table row, None where showing it could point at somebody.

    A count from 1 to ``minimum`` - 1 is hidden. If exactly one is hidden, its value would follow from the total, so
    the smallest of the others that is not 0 is hidden too (complementary suppression). 0 is shown: nobody is there.

    >>> safe_counts([12, 3, 9], 5)
    (12, None, None)
    >>> safe_counts([12, 3, 2], 5)
    (12, None, None)
    >>> safe_counts([12, 9, 0], 5)
    (12, 9, 0)
    """
    hidden = {at for at, count in enumerate(counts) if 0 < count < minimum}
    if len(hidden) == 1:
        others = [(count, at) for at, count in enumerate(counts) if count and at not in hidden]
        if others:
            hidden.add(min(others)[1])
    return tuple(None if at in hidden else count for at, count in enumerate(counts))
