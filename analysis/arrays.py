"""Which kinds of arrays do we count and compute with?"""

import numpy as np
import numpy.typing as npt

Integers = npt.NDArray[np.int64]
"""Counts and sums: exact, however many responses there are."""
Floats = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]
"""Answers as they are kept: 0 is *not answered*."""
