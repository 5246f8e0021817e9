"""How long does it take to bring in and to take away a hundred thousand responses, against pandas and pyreadstat?

``python -m tests.benchmarks.importing [--short] [--rows N]``
"""

import argparse
import csv
import io
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import xlsxwriter

from analysis.counting.matrix import Matrix
from analysis.files.datasets import data_set
from analysis.files.spss import sav, sav_arguments
from survey.importing.understanding import Wishes, understand
from survey.principal import LOCAL_STAFF
from survey.reading.table import read_table
from survey.reading.workbook import Limits
from survey.settings import read_settings
from survey.store import Store, open_store
from survey.store.answers.imports import import_responses
from survey.store.answers.responses import read_responses
from survey.store.plans.surveys import find_survey

LIMITS = Limits(file=10**9, unpacked=10**10, columns=200, cells=10**9)
ROUNDS = 5


def main(arguments: Sequence[str] | None = None) -> None:
    """Bring the same rows in from CSV and from Excel, write them for SPSS, and print seconds and ratios."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.importing", description=__doc__)
    parser.add_argument("--short", action="store_true", help="4,000 rows only, within 20 s")
    parser.add_argument("--rows", type=int, default=100_000, metavar="N")
    options = parser.parse_args(arguments)
    rows = 4_000 if options.short else options.rows
    made = _made(rows)
    print(f"{rows:,} rows of {len(made[0])} columns        wall      processor")
    ratios = []
    with tempfile.TemporaryDirectory() as folder:
        for name, content, read in (("CSV", _csv(made), pd.read_csv), ("XLSX", _xlsx(made), pd.read_excel)):
            store = open_store(read_settings({"SURVEY_DATA": str(Path(folder, name))}))
            shown = _Progress()
            ours = _timed(f"bring in {name}", lambda: _bring(store, content, rows, shown))  # noqa: B023 - called at once
            print(f"    progress was told {shown.times} times")
            peer = _timed(f"pandas into SQLite, {name}", lambda: _by_pandas(read, content, Path(folder, f"{name}.db")))  # noqa: B023
            ratios.append(f"{name}: {ours / peer:.2f}")
            if name == "CSV":
                ratios.append(f".sav: {_spss(store, Path(folder, 'peer.sav')):.2f}")
            store.close()
    print("ratios to pandas and pyreadstat alone: " + "; ".join(ratios))


class _Progress:
    """Shows progress as the command does, on a line that nobody reads."""

    def __init__(self) -> None:
        self.times = 0
        self.line = io.StringIO()

    def __call__(self, done: int, of: int) -> None:
        self.times += 1
        self.line.write(f"\r{done:,} / {of:,}")


def _bring(store: Store, content: bytes, rows: int, shown: _Progress) -> None:
    survey = find_survey(store, "skm")
    assert survey
    table = read_table(content, "made", limits=LIMITS)
    understood = understand(table, survey, Wishes(), datetime.now(UTC), shown)
    done = import_responses(store, LOCAL_STAFF, survey, understood.arrived, progress=shown)
    if done.new != rows:
        raise SystemExit(f"{done.new} of {rows} rows came")


def _by_pandas(read: Callable[..., pd.DataFrame], content: bytes, file: Path) -> None:
    """The peer: into a table of its own, without looking at what the cells say."""
    with sqlite3.connect(file) as connection:
        read(io.BytesIO(content)).to_sql("answers", connection, index=False)


def _spss(store: Store, file: Path) -> float:
    """The data set as ``.sav``, and pyreadstat alone on the same finished table: the ratio of the medians."""
    survey = find_survey(store, "skm")
    assert survey
    data = data_set(Matrix.from_packed(read_responses(store, LOCAL_STAFF, survey)), survey, LOCAL_STAFF)
    frame, how = sav_arguments(data, "id")
    ours, alone = [], []
    for _ in range(ROUNDS):
        ours.append(_seconds(lambda: sav(data, "id")))
        alone.append(_seconds(lambda: pyreadstat.write_sav(frame, file, **how)))
    mine, theirs = statistics.median(ours), statistics.median(alone)
    print(f"    .sav{mine:25.2f} s (pyreadstat alone {theirs:.2f} s, medians of {ROUNDS})")
    return mine / theirs


def _timed(what: str, work: Callable[[], object]) -> float:
    """Do it, print it, and give the processor's seconds: other work on the machine does not count."""
    processor = time.process_time()
    wall = _seconds(work)
    processor = time.process_time() - processor
    print(f"{what:28}{wall:10.2f} s{processor:12.2f} s", flush=True)
    return processor


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _made(rows: int) -> list[list[Any]]:
    """Headings and rows: number, date, service, sex, nine perceptions and nine expectations; a twentieth is empty."""
    chance = random.Random(7)
    headings = ["no", "tanggal", "layanan", "sex", *(f"U{k}" for k in range(1, 10)), *(f"E_U{k}" for k in range(1, 10))]
    answers = np.random.default_rng(7).integers(0, 20, (rows, 18))
    return [
        headings,
        *(
            [
                number,
                f"{chance.randint(1, 28)}/{chance.randint(1, 12)}/{chance.choice((2022, 2023))}",
                chance.choice(("nib", "Izin usaha", "pbg")),
                chance.randint(1, 2),
                *("" if code == 0 else code % 4 + 1 for code in codes),
            ]
            for number, codes in enumerate(answers.tolist(), start=1)
        ),
    ]


def _csv(made: list[list[Any]]) -> bytes:
    held = io.StringIO()
    csv.writer(held).writerows(made)
    return held.getvalue().encode()


def _xlsx(made: list[list[Any]]) -> bytes:
    held = io.BytesIO()
    book = xlsxwriter.Workbook(held, {"constant_memory": True})
    sheet = book.add_worksheet()
    for number, row in enumerate(made):
        sheet.write_row(number, 0, row)
    book.close()
    return held.getvalue()


if __name__ == "__main__":
    main()
