"""In which shape do many responses travel from the store to the analysis?"""

from dataclasses import dataclass
from datetime import datetime
from enum import IntFlag

import numpy as np
import numpy.typing as npt

from survey.questionnaire import Questionnaire

Bytes2D = npt.NDArray[np.uint8]


class Flag(IntFlag):
    """Why a response deserves a second look. Nothing is dropped silently; ``NOT_COUNTED`` stays out of results.

    UNKNOWN_STATION: it came under the name of a station that is retired, or without the token of a registered one.
    TICKET_USED: its queue ticket was used before. NO_TICKET: the survey asks for a ticket, and it had none or an
    unknown one.
    """

    CLOSED = 1
    UNKNOWN_SERVICE = 2
    UNKNOWN_STATION = 4
    CLOCK = 8
    SEQUENCE_TAKEN = 16
    OUT_OF_HOURS = 32
    TICKET_USED = 64
    NO_TICKET = 128


NOT_COUNTED = Flag.CLOSED


@dataclass(frozen=True)
class PackedResponses:
    """n responses to one survey as arrays, in the order in which they were stored.

    ``answers``: (n, columns) uint8 in codebook order of ``questionnaire``, 0 = not answered. ``profile``: (n, profile
    questions) uint8, 0 = skipped. ``unit`` and ``service``: (n,) uint16 keys of the store, 0 = not known. ``day``:
    (n,) int32 as yyyymmdd, the day the answer counts for in the office's zone. ``channel``: (n,) uint8,
    ``Channel.code``. ``flags``: (n,) uint8, ``Flag``. ``last`` is the store's number of the newest response (0 when
    none), with which the next read goes on; ``newest`` is when it was received (UTC). ``deleted`` counts the
    responses that were deleted on request until then: when it changes, what was read before is not true any more.
    """

    questionnaire: Questionnaire
    answers: Bytes2D
    profile: Bytes2D
    unit: npt.NDArray[np.uint16]
    service: npt.NDArray[np.uint16]
    day: npt.NDArray[np.int32]
    channel: npt.NDArray[np.uint8]
    flags: npt.NDArray[np.uint8]
    last: int
    newest: datetime | None
    deleted: int = 0

    def __len__(self) -> int:
        return len(self.answers)
