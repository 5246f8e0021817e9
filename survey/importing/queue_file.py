"""What did a kiosk or tablet save from its queue, for the days when no network reaches it?

The staff's panel (``survey/form/operator.js``) writes the file. Each record holds the very bytes that the device would
have sent, so that a response that comes twice, by the file and by the network, is the same response.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from survey.problem import Problem

VERSION = 1
LARGEST = 500_000_000
"""In bytes: more than a browser keeps, and not more than a computer has."""

_LONGEST_AHEAD = 4_000_000_000


class _Record(BaseModel):
    """One response that waits. ``body`` is empty when the device could not read it any more."""

    model_config = ConfigDict(frozen=True)
    body: str | None = None


class _File(BaseModel):
    model_config = ConfigDict(frozen=True)
    kind: Literal["survey-queue"]
    version: int
    station: str | None = None
    saved_at: str = ""
    ahead: Annotated[float, Field(ge=-_LONGEST_AHEAD, le=_LONGEST_AHEAD)] | None = None
    records: list[_Record]


@dataclass(frozen=True)
class QueueFile:
    """What stands in a file: the bodies, oldest first.

    ``ahead`` is how far the clock of the device was ahead of the server's when they last spoke, None when they never
    did. ``saved_at`` is what the device's clock said then, word for word.
    """

    station: str | None
    saved_at: str
    ahead: timedelta | None
    bodies: tuple[bytes, ...]

    def device_time(self, now: datetime) -> datetime | None:
        """What the clock of the device says now, as far as it is known: the day of an answer is reckoned by it."""
        try:
            return now + self.ahead if self.ahead is not None else None
        except OverflowError:
            return None


def read_queue_file(path: Path) -> QueueFile:
    """The queue in a file. Raises ``Problem`` when it cannot be read, is none, or is of a newer form."""
    try:
        if path.stat().st_size > LARGEST:
            raise Problem("queue.not_a_queue", where=str(path), detail=f"> {LARGEST // 1_000_000} MB")
        said = json.loads(path.read_bytes())
    except OSError as error:
        raise Problem("queue.unreadable", where=str(path), detail=error.strerror or str(error)) from error
    except (ValueError, RecursionError) as error:
        raise Problem("queue.not_a_queue", where=str(path), detail="JSON") from error
    return _understood(said, str(path))


def _understood(said: Any, where: str) -> QueueFile:
    if isinstance(said, Mapping) and said.get("kind") == "survey-queue":
        version = said.get("version")
        if isinstance(version, int) and version > VERSION:
            raise Problem("queue.newer", where=where, version=version)
    try:
        file = _File.model_validate(said)
    except ValidationError as error:
        place = ".".join(str(step) for step in error.errors()[0]["loc"])[:80] or "-"
        raise Problem("queue.not_a_queue", where=where, detail=place) from error
    return QueueFile(
        station=file.station,
        saved_at=file.saved_at[:40],
        ahead=timedelta(seconds=file.ahead) if file.ahead is not None else None,
        bodies=tuple((record.body or "").encode("utf-8", "surrogatepass") for record in file.records),
    )
