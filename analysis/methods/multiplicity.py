"""Which of many tests still say something when they are judged together?

Twenty-two tests at 5 % find one difference by chance alone. A *family* is the set of tests that answer one question,
and it has a name, which is shown with the result. Holm keeps the chance of even one false claim in the family at 5 %
(for claims); Benjamini and Hochberg keep the share of false ones among the claims at 5 % (for screening).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import exp, log


@dataclass(frozen=True)
class Family:
    """Tests judged together, in the order given. ``p`` and the adjusted values are 0..1, None for undefined tests.

    ``m`` tests are defined, and only these count.
    """

    name: str
    tests: tuple[str, ...]
    m: int
    p: tuple[float | None, ...]
    holm: tuple[float | None, ...]
    benjamini_hochberg: tuple[float | None, ...]


def family(name: str, log_p: Mapping[str, float | None]) -> Family:
    """Adjust the p-values of a family.

    log_p: ln p of each test by its name (``Significance.log_p``), None for a test that is not defined: it is left out
    and does not count. R: ``p.adjust(p, "holm")``, ``p.adjust(p, "BH")`` (which leave NA out alike).
    """
    logs = tuple(log_p.values())
    return Family(
        name,
        tuple(log_p),
        sum(value is not None for value in logs),
        tuple(None if value is None else exp(value) for value in logs),
        *holm_and_hochberg(logs),
    )


def holm(log_p: Sequence[float | None]) -> tuple[float | None, ...]:
    """Step-down adjusted p-values: the i-th smallest of m becomes max over j <= i of (m - j + 1) p_j, at most 1.

    Holm (1979). log_p: ln p, None = not defined. Returns p, 0..1, in the order given.

    >>> [round(p, 3) for p in holm([log(0.01), log(0.04), log(0.03)])]
    [0.03, 0.06, 0.06]
    """
    return holm_and_hochberg(log_p)[0]


def benjamini_hochberg(log_p: Sequence[float | None]) -> tuple[float | None, ...]:
    """Step-up adjusted p-values: the i-th smallest of m becomes min over j >= i of m p_j / j, at most 1.

    Benjamini and Hochberg (1995). log_p: ln p, None = not defined. Returns p, 0..1, in the order given.

    >>> [round(p, 3) for p in benjamini_hochberg([log(0.01), log(0.04), log(0.03)])]
    [0.03, 0.04, 0.04]
    """
    return holm_and_hochberg(log_p)[1]


def holm_and_hochberg(
    log_p: Sequence[float | None],
) -> tuple[tuple[float | None, ...], tuple[float | None, ...]]:
    """Both corrections, the tests being put in order once."""
    known = sorted((value, place) for place, value in enumerate(log_p) if value is not None)
    m = len(known)
    down: list[float | None] = [None] * len(log_p)
    up: list[float | None] = [None] * len(log_p)
    largest, smallest = float("-inf"), 0.0
    for number, (value, place) in enumerate(known):
        largest = max(largest, value + log(m - number))
        down[place] = exp(min(largest, 0.0))
    for number in range(m - 1, -1, -1):
        value, place = known[number]
        smallest = min(smallest, value + log(m / (number + 1)))
        up[place] = exp(smallest)
    return tuple(down), tuple(up)
