"""Builders for tests of reliability, validity and factor models: the reference answers, and small covariances."""

from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.counting.moments import MomentLayout, Moments
from analysis.methods.covariance import Covariance
from tests.numbers import SERVQUAL, codes400

Floats = npt.NDArray[np.float64]
ITEMS = [f"{dimension}{k}" for dimension, n in SERVQUAL.items() for k in range(1, n + 1)]
FACTORS = [tuple(place for place, item in enumerate(ITEMS) if item.startswith(dimension)) for dimension in SERVQUAL]
KINDS = ("E", "P", "gap")


@cache
def answers400() -> npt.NDArray[np.uint8]:
    """(44, 400) the answers of the reference file: 22 expectations, then 22 perceptions."""
    return np.array([codes400(f"{kind}_{item}") for kind in "EP" for item in ITEMS], dtype=np.uint8)


@cache
def moments400() -> Moments:
    """What reliability, validity and factor models need of the reference file."""
    layout = MomentLayout.usual(44, [(group, tuple(22 + place for place in group)) for group in FACTORS])
    return Moments.of(layout, answers400())


def covariance400(kind: str, places: Sequence[int] = range(22)) -> Covariance:
    """Of the items at ``places``: of expectations (E), perceptions (P), or gaps; listwise over these items."""
    perception = tuple(22 + place for place in places)
    if kind == "gap":
        return moments400().gaps(tuple(places), perception)
    return moments400().covariance(tuple(places) if kind == "E" else perception)


def of_rows(rows: Sequence[Sequence[float]] | Floats) -> Covariance:
    """The covariance of complete rows."""
    values = np.asarray(rows, dtype=np.float64)
    return Covariance(np.atleast_2d(np.cov(values, rowvar=False)), len(values))


def alike(k: int, r: float, n: int = 100) -> Covariance:
    """k items with variance 1 and the same correlation."""
    return Covariance(np.full((k, k), r) + (1 - r) * np.eye(k), n)


def nobody(k: int) -> Covariance:
    """k items that nobody answered."""
    return Covariance(np.zeros((k, k)), 0)


def values(found: Any) -> Floats:
    """The numbers of an R matrix."""
    return np.array(found["values"], dtype=np.float64)
