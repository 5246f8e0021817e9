"""How do times and stations come out, which only the judgement of quality asks for?"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import sqlalchemy as sa

from survey.catalogue import Survey
from survey.circumstances import Circumstances
from survey.packed import Flag
from survey.principal import Permission, Principal
from survey.store.plans import surveys
from survey.store.plans.surveys import table
from survey.tables import ResponseRow

if TYPE_CHECKING:
    from survey.store import Store

RESPONSE = table(ResponseRow)
_ROWS_AT_ONCE = 500  # as in ``responses``: while they are this few, the row objects stay in the processor's cache


def read_circumstances(store: Store, principal: Principal, survey: Survey, last: int, after: int = 0) -> Circumstances:
    """Of the responses after number ``after`` up to ``last``: those, and in the order, of ``responses.read_responses``.

    Responses in doubt about the clock of their device have the moment at which they were received.
    """
    principal.require(Permission.READ_RESULTS)
    r = RESPONSE.c
    sent, received = (sa.cast(sa.extract("epoch", moment), sa.BigInteger) for moment in (r.submitted_at, r.received_at))
    by_server = sa.func.coalesce(sent + r.clock_offset, received)
    moment = sa.case((r.flags.op("&")(int(Flag.CLOCK)) > 0, received), else_=by_server)
    station = sa.func.coalesce(r.station, 0)
    query = sa.select(r.questionnaire, station, moment, r.timings).where(
        r.survey == survey.number, r.number > after, r.number <= last
    )
    if principal.units is not None:
        query = query.where(r.unit.in_(principal.units))
    numbers: list[npt.NDArray[np.int64]] = []
    timings: list[bytes] = []
    with store.reading.connect() as connection:
        cursor = connection.execute(query.order_by(r.number)).cursor
        assert cursor is not None
        while rows := cursor.fetchmany(_ROWS_AT_ONCE):
            flat = list(chain.from_iterable(rows))
            numbers.append(np.array([flat[0::4], flat[1::4], flat[2::4]], np.int64))
            timings.append(b"".join(flat[3::4]))
        version, station_of, moments = np.concatenate([np.empty((3, 0), np.int64), *numbers], axis=1)
        names = {
            int(number): [column.name for column in surveys.questionnaire_numbered(connection, int(number)).columns]
            for number in np.unique(version)
        }
    present = [column.name for column in survey.questionnaire.columns]
    return Circumstances(_aligned(b"".join(timings), version, names, present), station_of, moments)


def _aligned(
    given: bytes, version: npt.NDArray[np.int64], names: dict[int, list[str]], present: list[str]
) -> npt.NDArray[np.uint16]:
    """(n, columns of the present version), from the timings of all rows behind each other, each in its own version."""
    whole = np.frombuffer(given, "<u2")
    if all(theirs == present for theirs in names.values()):
        return whole.reshape(len(version), len(present))
    width = np.zeros(len(version), np.int64)
    for number, theirs in names.items():
        width[version == number] = len(theirs)
    begin = np.cumsum(width) - width
    found = np.zeros((len(version), len(present)), np.uint16)
    for number, theirs in names.items():
        mine = np.flatnonzero(version == number)
        shared = [name for name in present if name in theirs]
        source = np.array([theirs.index(name) for name in shared], np.int64)
        target = np.array([present.index(name) for name in shared], np.int64)
        found[mine[:, None], target] = whole[begin[mine][:, None] + source]
    return found
