"""When, where and how quickly was each response given, for whoever judges the quality of answers?"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True, eq=False)
class Circumstances:
    """What the store knows of n responses besides their answers, in the order of ``PackedResponses``.

    ``timings``: (n, columns) tenths of seconds on the screen of each question, 0 = not seen. ``station``: (n,) key of a
    registered station, 0 = none. ``moment``: (n,) seconds since 1970 (UTC) at which it was finished by the clock of the
    server; a response that waited on a device is dated back by the time it waited.
    """

    timings: npt.NDArray[np.uint16]
    station: npt.NDArray[np.int64]
    moment: npt.NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.station)

    def chosen(self, keep: npt.NDArray[np.bool_] | npt.NDArray[Any]) -> "Circumstances":
        """The same of some responses."""
        return Circumstances(self.timings[keep], self.station[keep], self.moment[keep])
