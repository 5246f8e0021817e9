"""Which kinds of arrays do we count and compute with, and how do several tables share one vector?"""

from collections.abc import Mapping
from math import prod
from typing import TypeVar

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
"""Counts and sums: exact, however many responses there are."""
Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
"""Answers as they are kept: 0 is *not answered*."""

Name = TypeVar("Name")


def places_of(shapes: Mapping[Name, tuple[int, ...]]) -> dict[Name, tuple[slice, tuple[int, ...]]]:
    """Where in one vector each table of these shapes stands, one behind the other, and its shape."""
    places, at = {}, 0
    for name, shape in shapes.items():
        places[name] = (slice(at, at + prod(shape)), shape)
        at += prod(shape)
    return places
