"""How long does the store take to load many responses, against the bare read of the packed column?

``python -m tests.benchmarks.load [--short] [--responses N ...]``
"""

import argparse
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import numpy as np
import sqlalchemy as sa

from survey.catalogue import Survey
from survey.principal import LOCAL_STAFF
from survey.settings import read_settings
from survey.store import Store, open_store
from survey.store.answers.responses import RESPONSE, read_responses
from survey.store.engine import pick_sqlite
from survey.store.plans.surveys import SURVEY, find_survey

ROWS_AT_ONCE = 20_000


def main(arguments: Sequence[str] | None = None) -> None:
    """Load each number of responses both ways in turn, print the medians, and the ratios on the last line."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.load", description=__doc__)
    parser.add_argument("--short", action="store_true", help="20,000 responses only, within 20 s")
    parser.add_argument("--responses", type=int, nargs="+", default=[100_000, 1_000_000], metavar="N")
    parser.add_argument("--rounds", type=int, default=7, help="rounds of which the median counts (default 7)")
    options = parser.parse_args(arguments)
    print("responses  read_responses   bare read  ratio")
    ratios = []
    for count in [20_000] if options.short else options.responses:
        ours, bare = _measure(count, options.rounds)
        print(f"{count:9,}{ours * 1000:13.1f} ms{bare * 1000:9.1f} ms{ours / bare:7.2f}", flush=True)
        ratios.append(f"{count:,} responses: {ours / bare:.2f}")
    print("ratios to the bare read of the packed column: " + "; ".join(ratios))


def _measure(count: int, rounds: int) -> tuple[float, float]:
    """Seconds by the store and by the bare read: medians of runs that take turns, after one of each."""
    with tempfile.TemporaryDirectory() as folder:
        store = open_store(read_settings({"SURVEY_DATA": folder}))
        survey = find_survey(store, "skm")
        assert survey
        _fill(store, survey, count)
        bare = pick_sqlite().connect(Path(folder, "survey.db"))
        ours = _timed(lambda: len(read_responses(store, LOCAL_STAFF, survey)), count)
        peer = _timed(lambda: len(_bare_read(bare, survey)), count)
        next(ours), next(peer)
        pairs = [(next(ours), next(peer)) for _ in range(rounds)]
        bare.close()
        store.close()
    return statistics.median(mine for mine, _ in pairs), statistics.median(theirs for _, theirs in pairs)


def _bare_read(connection: Any, survey: Survey) -> "np.ndarray[Any, np.dtype[np.uint8]]":
    """The peer: the answers alone, as somebody who knows SQLite and numpy reads them."""
    rows = connection.execute("SELECT answers FROM response WHERE survey = ? ORDER BY number", (survey.number,))
    packed = b"".join(answers for (answers,) in rows)
    return np.frombuffer(packed, np.uint8).reshape(-1, len(survey.questionnaire.columns))


def _timed(read: Callable[[], int], count: int) -> Iterator[float]:
    while True:
        began = time.perf_counter()
        if read() != count:
            raise SystemExit("not every response was read")
        yield time.perf_counter() - began


def _fill(store: Store, survey: Survey, count: int) -> None:
    """Write made-up rows straight into the table, many at once."""
    with store.engine.begin() as connection:
        questionnaire = connection.execute(sa.select(SURVEY.c.questionnaire).where(SURVEY.c.number == survey.number))
        number = int(questionnaire.scalar_one())
        for first in range(0, count, ROWS_AT_ONCE):
            rows = _rows(survey, number, min(ROWS_AT_ONCE, count - first), seed=first)
            connection.execute(sa.insert(RESPONSE), rows)


def _rows(survey: Survey, questionnaire: int, count: int, seed: int) -> list[dict[str, Any]]:
    chance = np.random.default_rng(seed)
    answers = chance.integers(0, 5, (count, len(survey.questionnaire.columns)), np.uint8)  # 0: a fifth is missing
    profile = chance.integers(0, 3, (count, len(survey.questionnaire.profile)), np.uint8)
    service = chance.integers(0, len(survey.services), count)
    identities = chance.bytes(16 * count)
    began = datetime(2026, 1, 5, 1, tzinfo=UTC)
    rows = []
    for index in range(count):
        moment = began + timedelta(days=index % 300)
        rows.append(
            {
                "agency": survey.agency.number,
                "id": UUID(bytes=identities[16 * index : 16 * index + 16], version=4),
                "survey": survey.number,
                "questionnaire": questionnaire,
                "unit": survey.services[service[index]].unit,
                "service": survey.services[service[index]].number,
                "channel": 1,
                "language": "id",
                "started_at": moment,
                "submitted_at": moment,
                "received_at": moment,
                "answered_on": moment.date(),
                "profile": profile[index].tobytes(),
                "answers": answers[index].tobytes(),
                "timings": bytes(2 * answers.shape[1]),
                "digest": bytes(32),
                "flags": 0,
            }
        )
    return rows


if __name__ == "__main__":
    main()
