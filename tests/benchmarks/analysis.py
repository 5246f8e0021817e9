"""How long does the analysis of a large survey take, against the usual libraries?

``python -m tests.benchmarks.analysis [--short] [--responses N] [--full]``
"""

import os

# As in the app. On a busy machine the threads of the linear algebra wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import gc
import importlib.util
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np

from analysis.counting.cells import Cells, evaluate_cells
from analysis.counting.live import Live
from analysis.counting.matrix import Matrix
from analysis.counting.moments import MomentLayout, Moments
from analysis.counting.tally import Tally
from analysis.methods.cfa import confirmatory
from analysis.results import evaluate
from survey.principal import LOCAL_STAFF
from survey.questionnaire import load_questionnaire
from survey.settings import ROOT
from survey.store import open_store
from tests.benchmarks import peers
from tests.benchmarks.asked_twice import DIMENSIONS, asked_twice, cells_of, made_matrix, made_responses
from tests.benchmarks.dashboard_job import agree, ours, ours_from_cells, quietly, refresh
from tests.benchmarks.stored import bare_read, store_survey

MILLION = 1_000_000
FEW, MANY = 10_000, 10 * MILLION
STORED_AT_ONCE = 50_000
AGREED = 100_000  # responses about which all ways have to say the same before they are measured
LIBRARIES = ("pandas", "pingouin", "polars")


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure everything, print the medians (and the least, where the machine's other work would drown them)."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.analysis", description=__doc__)
    parser.add_argument("--short", action="store_true", help="20,000 responses, to see that everything runs")
    parser.add_argument("--responses", type=int, default=MILLION, metavar="N")
    parser.add_argument("--full", action="store_true", help="ten times as many too (about 3 GB), and more rounds")
    options = parser.parse_args(arguments)
    n = 20_000 if options.short else options.responses
    rounds = 1 if options.short else 7 if options.full else 2
    quietly()
    print(f"{n:,} responses: 22 items asked twice, nine elements, 20 units, 24 months; times in ms, medians (least)")
    ratios = []
    matrix = made_matrix(n)
    ratios += _dashboard_job(matrix, rounds)
    if options.full:
        ratios += _ten_times(n, rounds)
    ratios += _small_changes(matrix, MANY if options.full else None)
    _missing(n, rounds)
    _factors(matrix)
    del matrix
    ratios += _open(n, rounds)
    _command(100_000 if n >= 100_000 else n, rounds)
    print("ratios of medians (of least times): " + "; ".join(ratios))


def _dashboard_job(matrix: Matrix, rounds: int) -> list[str]:
    """The job from the responses in memory; ours and the peers take turns, and have to agree about some of them."""
    cell, cells = cells_of(matrix), Cells.of(matrix)
    agree(ours(matrix, cell), ours_from_cells(cells))
    some = np.arange(len(matrix)) % max(len(matrix) // AGREED, 1) == 0
    compared, cell_of_compared = matrix.select(some), cell[some]
    told = ours(compared, cell_of_compared)
    missing = [name for name in LIBRARIES if importlib.util.find_spec(name) is None]
    if missing:
        print(f"  no peers: {', '.join(missing)} not installed (pip install -r tests/benchmarks/requirements.txt)")
    for kind in peers.ALL if not missing else ():
        agree(told, kind(compared, cell_of_compared).run())
    ways: list[Any] = [] if missing else [kind(matrix, cell) for kind in peers.ALL]
    mine: list[float] = []
    theirs: dict[str, list[float]] = {way.name: [] for way in ways}
    for _ in range(rounds):
        mine += _seconds(lambda: ours(matrix, cell), 3)
        for way in ways:
            theirs[way.name] += _seconds(way.run, 1 if way.slow else 3)
    _say("dashboard job from the responses", mine)
    _say("  the same from the cells", _seconds(lambda: ours_from_cells(cells), 20))
    _say("  counting all cells (once, when a survey is opened)", _seconds(lambda: Cells.of(matrix), 3))
    ratios = []
    for name, seconds in theirs.items():
        _say(f"  {name}", seconds)
        medians = statistics.median(seconds) / statistics.median(mine)
        ratios.append(f"{name} {medians:.1f}x ({min(seconds) / min(mine):.1f}x)")
    return ratios


def _ten_times(n: int, rounds: int) -> list[str]:
    """The job for ten times as many: memory and caches must not spoil it."""
    matrix = made_matrix(n)
    cell = cells_of(matrix)
    small = _seconds(lambda: ours(matrix, cell), rounds)
    more = made_matrix(10 * n)
    cell_of_more = cells_of(more)
    large = _seconds(lambda: ours(more, cell_of_more), 3)
    _say(f"dashboard job, {10 * n:,} responses", large)
    medians = statistics.median(large) / statistics.median(small)
    return [f"ten times as many responses {medians:.1f}x ({min(large) / min(small):.1f}x) the time"]


def _small_changes(matrix: Matrix, many: int | None) -> list[str]:
    """Add one response and compute the job anew; change the filter. Neither may depend on how many there are."""
    least = {}
    for name, whole in ((FEW, made_matrix(FEW)), (many or len(matrix), made_matrix(many) if many else matrix)):
        seconds = list(refresh(whole, [made_responses(asked_twice(), 1, seed=seed) for seed in range(200)]))
        _say(f"add one response and refresh the job, {name:,} responses", seconds)
        least[name] = min(seconds)
    cells = Cells.of(matrix)
    filters = [(unit, months) for unit in range(1, 21) for months in ((202501, 202512), (202607, 202607))]

    def look(unit: int, months: tuple[int, int]) -> None:
        chosen = cells.chosen(unit=unit, months=months)
        assert chosen is not None
        evaluate_cells(asked_twice(), chosen)

    _say("filter by unit and period", _each(look, filters))
    bytes_each = cells.nbytes / len(matrix)
    print(f"  memory of {len(cells.cells)} cells: {cells.nbytes / 1e6:.1f} MB, {bytes_each:.1f} bytes per response")
    few, large = least.values()
    return [f"refresh with {list(least)[1]:,} against {FEW:,} responses {large / few:.2f}x"]


def _missing(n: int, rounds: int) -> None:
    matrix = made_matrix(n, missing=0.03)
    _say("tally, 3 % of the answers missing", _seconds(lambda: Tally.of(matrix), rounds))
    _say("evaluate, 3 % missing", _seconds(lambda: evaluate(asked_twice(), matrix), rounds))


def _factors(matrix: Matrix) -> None:
    """Confirmatory factor analysis of 22 items and five factors, from sums of products that are counted once."""
    columns = [place for place, column in enumerate(asked_twice().columns) if column.name[:3] in _PERCEPTIONS]
    ends = np.cumsum([0, *DIMENSIONS.values()]).tolist()
    factors = [range(first, last) for first, last in pairwise(ends)]
    layout = MomentLayout(22, (tuple(range(22)),), pairwise=False)
    for n in sorted({min(5000, len(matrix)), len(matrix)}):
        answers = np.ascontiguousarray(matrix.answers[columns][:, :n])
        counting = _seconds(partial(Moments.of, layout, answers), 3)
        covariance = Moments.of(layout, answers).covariance(range(22))
        fit = confirmatory(covariance, factors)
        seconds = _seconds(partial(confirmatory, covariance, factors), 20)
        assert fit.fit is not None
        _say(f"CFA of 22 items and 5 factors, n = {n:,} (chi-square {fit.fit.chi_square:.4f})", seconds)
        _say("  its sums of products", counting)


_PERCEPTIONS = {f"P_{dimension}"[:3] for dimension in DIMENSIONS}


def _open(n: int, rounds: int) -> list[str]:
    """Open the store, read everything and count all cells, until a dashboard can be shown: 44 answers and a profile."""
    questionnaire = asked_twice(elements=0)
    once = min(n, STORED_AT_ONCE)
    packed = made_responses(questionnaire, once)
    with tempfile.TemporaryDirectory() as folder:
        settings, survey = store_survey(Path(folder), packed, n // once)

        read = list[int]()

        def ready() -> None:
            store = open_store(settings)
            read.append(len(Live(store).seen(LOCAL_STAFF, survey).matrix))
            store.close()

        def bare_ready() -> None:
            read.append(len(bare_read(settings.database, survey)[0]))

        held = _memory(settings.data)  # also brings the file into the memory of the operating system, for both
        mine, bare = list[float](), list[float]()
        for _ in range(rounds):
            mine += _seconds(ready, 1)
            bare += _seconds(bare_ready, 1)
        assert set(read) == {n // once * once}
    _say("open the store and be ready, 44 answers", mine)
    _say("  the bare read of the same columns", bare)
    print(f"  memory when ready: {held / (n // once * once):.1f} bytes per response more than before (whole process)")
    medians = statistics.median(mine) / statistics.median(bare)
    return [f"open and ready {medians:.2f}x ({min(mine) / min(bare):.2f}x) the bare read"]


_LOOK = """
import gc, os, sys
from analysis.counting.live import Live
from survey.principal import LOCAL_STAFF
from survey.settings import read_settings
from survey.store import open_store
from survey.store.plans.surveys import find_survey
from tests.benchmarks.memory import resident
store = open_store(read_settings({"SURVEY_DATA": sys.argv[1]}))
live, survey = Live(store), find_survey(store, "measured")
before = resident()
seen = live.seen(LOCAL_STAFF, survey)
print(resident() - before)
"""


def _memory(folder: Path) -> int:
    """How many bytes a process grows by when it looks at the survey."""
    command = [sys.executable, "-c", _LOOK, str(folder)]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    return int(run.stdout)


def _command(n: int, rounds: int) -> None:
    """``python -m analysis evaluate`` of a CSV file, the whole process."""
    questionnaire = load_questionnaire(ROOT / "questionnaires" / "servqual-22.yaml")
    packed = made_responses(asked_twice(elements=0), n)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "answers.csv")
        head = ",".join(column.name for column in questionnaire.columns[:44])
        cells = np.full((n, 2 * packed.answers.shape[1]), ord(","), dtype=np.uint8)
        cells[:, ::2] = packed.answers + ord("0")
        cells[:, -1] = ord("\n")
        file.write_bytes(head.encode() + b"\n" + cells.tobytes())
        command = [sys.executable, "-m", "analysis", "evaluate", str(file), "--questionnaire", "servqual-22", "--json"]
        seconds = _seconds(lambda: subprocess.run(command, cwd=ROOT, capture_output=True, check=True), rounds)
    _say(f"python -m analysis evaluate, {n:,} x 44 (whole process)", seconds)


def _seconds(what: Callable[[], Any], times: int) -> list[float]:
    """How long it takes, several times."""
    gc.collect()
    found = []
    for _ in range(times):
        began = time.perf_counter()
        what()
        found.append(time.perf_counter() - began)
    return found


def _each(what: Callable[..., Any], arguments: Sequence[tuple[Any, ...]]) -> list[float]:
    """How long it takes for each of several arguments."""
    gc.collect()
    found = []
    for own in arguments:
        began = time.perf_counter()
        what(*own)
        found.append(time.perf_counter() - began)
    return found


def _say(what: str, seconds: Sequence[float]) -> None:
    print(f"{what:75s}{statistics.median(seconds) * 1000:11.2f} ({min(seconds) * 1000:.2f})", flush=True)


if __name__ == "__main__":
    main()
