"""What has a dashboard to compute?

The job: means with intervals of all columns, gaps, paired t and Wilcoxon for 22 items, the scores of the dimensions,
alpha of 15 scales, the index by unit and month with its standard error, the distributions of the 44 columns. Each way
tells a ``Told``, so that all of them can be seen to say the same.
"""

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.counting.cells import Cells, evaluate_cells
from analysis.counting.matrix import Matrix
from analysis.counting.tally import Tally
from analysis.groups import index_in_cells
from analysis.results import Results, evaluate_tally
from survey.packed import PackedResponses
from tests.benchmarks.asked_twice import DIMENSIONS, MONTHS, UNITS, asked_twice

Floats = npt.NDArray[np.float64]
ITEMS = {d: [f"{d}{k}" for k in range(1, count + 1)] for d, count in DIMENSIONS.items()}
NAMES = [name for inside in ITEMS.values() for name in inside]
ELEMENTS = [f"P_u{k}" for k in range(1, 10)]
KINDS = ("expectation", "perception", "gap")


@dataclass(frozen=True)
class Told:
    """Some of what was computed, in one order: (22, ...) by item, (5,) by dimension, (15,) alphas, (480,) cells."""

    means: Floats
    gaps: Floats
    half_widths: Floats
    t: Floats
    signed_rank_p: Floats
    dimensions: Floats
    alphas: Floats
    index: Floats
    index_se: Floats
    counts: Floats


def ours(matrix: Matrix, cell: npt.NDArray[np.intp]) -> Told:
    """From the responses: a tally, everything that follows from it, and the index of every unit in every month."""
    questionnaire, tally = asked_twice(), Tally.of(matrix)
    results = evaluate_tally(questionnaire, tally)
    index = index_in_cells(questionnaire, matrix, cell, cells=UNITS * MONTHS, weights="exact")
    return _told(results, [(estimate.value, estimate.se) for estimate in index])


def ours_from_cells(cells: Cells) -> Told:
    """The same from what is counted already."""
    chosen = cells.chosen()
    assert chosen is not None
    results = evaluate_cells(asked_twice(), chosen)
    by_cell = cells.index("exact")
    months = [202501 + month // 12 * 100 + month % 12 for month in range(MONTHS)]
    index = [by_cell[unit, month] for month in months for unit in range(1, UNITS + 1)]
    return _told(results, [(estimate.value, estimate.se) for estimate in index])


def _told(results: Results, index: Any) -> Told:
    items = [item for item in results.items if item.test is not None]
    tests = [item.test for item in items if item.test]
    alphas = {(scale.dimension, scale.kind): scale.alpha.value for scale in results.scales}
    scales = [alphas[dimension, kind] for kind in KINDS for dimension in DIMENSIONS]
    asked = [found for found in results.distributions if not found.column.startswith("P_u")]
    return Told(
        means=np.array([[item.expectation.value, item.perception.value] for item in items]),
        gaps=np.array([item.gap.value for item in items]),
        half_widths=np.array([(item.gap.high or 0) - (item.gap.value or 0) for item in items]),
        t=np.array([test.t for test in tests]),
        signed_rank_p=np.array([test.signed_rank_p for test in tests]),
        dimensions=np.array([found.gap.value for found in results.dimensions if found.name in DIMENSIONS]),
        alphas=np.array(scales),
        index=np.array([value for value, _ in index]),
        index_se=np.array([se for _, se in index]),
        counts=np.array([found.counts for found in asked], dtype=np.float64),
    )


def refresh(matrix: Matrix, responses: Sequence[PackedResponses]) -> Iterator[float]:
    """Add each response to the matrix and its cells, compute the job anew, and give the seconds it took.

    The index of a unit in a month is remembered with its cell: only those are computed that changed.
    """
    cells, questionnaire = Cells.of(matrix), asked_twice()
    cells.index("exact")
    for response in responses:
        began = perf_counter()
        matrix = matrix.append(response)
        cells = cells.upto(matrix)
        chosen = cells.chosen()
        assert chosen is not None
        results, index = evaluate_cells(questionnaire, chosen), cells.index("exact")
        took = perf_counter() - began
        assert results.n == len(matrix)
        assert len(results.scales) > len(KINDS) * len(DIMENSIONS)
        assert len(index) >= UNITS
        yield took


def agree(one: Told, other: Told) -> None:
    """Stop the benchmark when two ways do not say the same to nine digits (p: six, until they underflow)."""
    for name, value in vars(one).items():
        tolerance = {"rtol": 1e-6, "atol": 1e-280} if name == "signed_rank_p" else {"rtol": 1e-9, "atol": 1e-9}
        np.testing.assert_allclose(value, getattr(other, name), err_msg=name, **tolerance)


def quietly() -> None:
    """Let the peers not warn: what they compute is compared anyway."""
    warnings.simplefilter("ignore")
