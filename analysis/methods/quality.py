"""Which responses deserve a second look, and why?

Nothing is dropped here. Every rule gives a flag (``Doubt``), a response may have several, and ``with_and_without``
gives any result twice. Rules are absolute, never relative to the sample alone: "the fastest tenth" always exists.
An all-*4* response is legitimate where the service is good; ``straight_lining`` tells how many are to be expected.
Rules about time and place are in ``quality_places``.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import IntFlag
from typing import Any, Generic, TypeVar

import numpy as np
import numpy.typing as npt
from scipy.special import chdtrc

from analysis.arrays import Floats, Integers

Mask = npt.NDArray[np.bool_]
Flags = npt.NDArray[np.uint16]
Result = TypeVar("Result")


class Doubt(IntFlag):
    """Why a response deserves a second look."""

    STRAIGHT = 1  # every answer the same
    NEARLY_STRAIGHT = 2  # at most one answer one step beside the others
    LONG_STRING = 4  # a long run of the same answer
    FAST = 8  # less time per question than reading it takes
    OUTLIER = 16  # a combination of answers unlike all others
    BURST = 32  # one of many at the same station within minutes
    OUT_OF_HOURS = 64  # when the office was closed
    DUPLICATE = 128  # the same answers as another at the same station within minutes

    @property
    def key(self) -> str:
        """Under which key the words say why."""
        return f"reason.doubt.{(self.name or '').lower()}"


@dataclass(frozen=True)
class Limits:
    """From where on a response is flagged. Each is a convention, to be stated beside the counts.

    fewest: answers that a response needs for the rules about its pattern. longest_run: answers in a row that are the
    same, as a share of the questions (1/2 after Curran 2016). seconds: on average per question; 1 second is too short
    for reading a question and its options on a touch screen (Huang et al. 2012 take 2 seconds for statements).
    unlikely: p of the Mahalanobis distance, which flags that share of honest answers too.
    """

    fewest: int = 5
    longest_run: float = 0.5
    seconds: float = 1.0
    unlikely: float = 0.001


DEFAULT = Limits()
BLOCK = 65_536  # rows at a time: temporaries stay in the cache
SINGULAR = 1e-12  # smallest eigenvalue of a correlation matrix, as a share of the largest
CONSTANT = 1e-7  # a standard deviation that is nothing but errors of the machine


@dataclass(frozen=True, eq=False)
class Patterns:
    """What the answers of each response look like; every array is (n,).

    ``answered``: how many questions. ``longest_run``: how many answers in a row are the same, skipped ones not counted
    between. ``irv``: standard deviation (n - 1) of a response's own answers, NaN with fewer than two. ``same``: the
    code that all of its answers have, 0 when they differ or there is none.
    """

    answered: Integers
    longest_run: Integers
    irv: Floats
    same: npt.NDArray[np.uint8]


def patterns(answers: npt.NDArray[Any]) -> Patterns:
    """Long strings and intra-individual response variability.

    answers: (n, k) codes of one block of questions in the order in which they were asked, 0 = not answered; a view of
    column-major bytes (``matrix.answers[columns].T``) is fastest.
    R: ``careless::longstring(x)`` and ``apply(x, 1, sd, na.rm = TRUE)``, with missing answers left out.
    """
    n = len(answers)
    found = Patterns(np.zeros(n, np.int64), np.zeros(n, np.int64), np.full(n, np.nan), np.zeros(n, np.uint8))
    for low in range(0, n, BLOCK):
        rows = slice(low, low + BLOCK)
        for whole, part in zip(vars(found).values(), _patterns_of_block(answers[rows]), strict=True):
            whole[rows] = part
    return found


def _patterns_of_block(answers: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], ...]:
    n, k = answers.shape
    last = np.zeros(n, dtype=np.uint8)
    run, longest, answered, sums, squares = (np.zeros(n, dtype=np.int32) for _ in range(5))
    for column in range(k):
        code = np.ascontiguousarray(answers[:, column]).astype(np.uint8, copy=False)
        there = code > 0
        run = np.where(there, np.where(code == last, run + 1, 1), run)
        last = np.where(there, code, last)
        np.maximum(longest, run, out=longest)
        answered += there
        sums += code
        squares += code.astype(np.int32) ** 2
    with np.errstate(invalid="ignore", divide="ignore"):
        variance = (squares * answered - sums**2) / (answered * (answered.astype(np.float64) - 1))
        irv = np.where(answered >= 2, np.sqrt(variance), np.nan)
    return answered, longest, irv, np.where((longest == answered) & (answered > 0), last, 0)


def pattern_flags(found: Patterns, questions: int, limits: Limits = DEFAULT) -> Flags:
    """(n,) STRAIGHT, NEARLY_STRAIGHT and LONG_STRING.

    One answer one step beside k - 1 equal ones has an IRV of exactly 1 / sqrt(k): that is the limit of NEARLY_STRAIGHT.
    A straight response is neither of the other two. questions: k of the block.
    """
    enough = found.answered >= limits.fewest
    straight = enough & (found.same > 0)
    with np.errstate(invalid="ignore", divide="ignore"):
        nearly = enough & ~straight & (found.irv <= (1 + 1e-9) / np.sqrt(found.answered))
    long = enough & ~straight & (found.longest_run >= max(limits.longest_run * questions, 2))
    flags = _flagged(straight, Doubt.STRAIGHT)
    return flags | _flagged(nearly, Doubt.NEARLY_STRAIGHT) | _flagged(long, Doubt.LONG_STRING)


def _flagged(mask: Mask, doubt: Doubt) -> Flags:
    return np.where(mask, np.uint16(doubt), np.uint16(0)).astype(np.uint16)


def seconds_per_question(timings: npt.NDArray[Any]) -> Floats:
    """(n,) mean seconds on the screen over the questions that have a timing; NaN without any.

    timings: (n, k) tenths of seconds as the device sends them, 0 = not seen.
    """
    seen = (timings > 0).sum(axis=1)
    total = timings.sum(axis=1, dtype=np.int64)
    return np.where(seen > 0, total / np.maximum(seen, 1) / 10, np.nan)


def speed_flags(timings: npt.NDArray[Any], limits: Limits = DEFAULT) -> Flags:
    """(n,) FAST: less than ``limits.seconds`` per question, over at least ``limits.fewest`` questions with a timing.

    Responses without timings (paper, import) are not flagged. Arguments as in ``seconds_per_question``.
    """
    return pace_flags(seconds_per_question(timings), (timings > 0).sum(axis=1), limits)


def pace_flags(seconds: Floats, questions: Integers, limits: Limits = DEFAULT) -> Flags:
    """The same from (n,) mean seconds per question, NaN where not known, and (n,) over how many questions."""
    with np.errstate(invalid="ignore"):
        fast = seconds < limits.seconds
    return _flagged(fast & (questions >= limits.fewest), Doubt.FAST)


@dataclass(frozen=True, eq=False)
class Distances:
    """Squared Mahalanobis distances and p from chi-square with k degrees of freedom, (n,); NaN for incomplete ones.

    ``n`` complete responses were used. Answers on a few steps are not normal: p is a measure of strangeness, and of
    n honest responses n x 0.001 have p < 0.001 anyway. With a ``reason`` (``too_few_complete``; ``singular``: a
    question is constant, or follows from others) every value is NaN.
    """

    n: int
    squared: Floats
    p: Floats
    reason: str | None = None


def mahalanobis(
    answers: npt.NDArray[Any], *, means: Floats | None = None, covariance: Floats | None = None
) -> Distances:
    """How far each response is from the middle, in the metric of how answers vary together.

    Formula: d2 = (x - m)' S^-1 (x - m), with m and S (n - 1) of the complete responses.
    R: ``mahalanobis(x, colMeans(x), cov(x))`` of complete rows, ``pchisq(d2, k, lower.tail = FALSE)``.

    answers: (n, k) codes, 0 = not answered. means (k,), covariance (k, k): to take them from a tally instead.
    """
    total, k = answers.shape
    squared, p = np.full(total, np.nan), np.full(total, np.nan)
    blocks = [slice(low, low + BLOCK) for low in range(0, total, BLOCK)]
    n, sums, products = 0, np.zeros(k), np.zeros((k, k))  # whole numbers, exact below 2^53
    for rows in blocks:
        x, _ = _complete(answers[rows])
        n, sums, products = n + x.shape[1], sums + x.sum(axis=1), products + x @ x.T
    if k == 0 or n <= k:
        return Distances(n, squared, p, "too_few_complete")
    middle = sums / n if means is None else means
    spread = (products - np.outer(sums, sums) / n) / (n - 1) if covariance is None else covariance
    deviation = np.sqrt(np.maximum(np.diagonal(spread), 0))
    if not (deviation > CONSTANT).all():
        return Distances(n, squared, p, "singular")
    values, vectors = np.linalg.eigh(spread / np.outer(deviation, deviation))
    if values[0] <= SINGULAR * values[-1]:
        return Distances(n, squared, p, "singular")
    white = (vectors / deviation[:, None] / np.sqrt(values)).T
    for rows in blocks:
        x, complete = _complete(answers[rows])
        squared[rows][complete] = ((white @ (x - middle[:, None])) ** 2).sum(axis=0)
    p = chdtrc(k, squared)
    return Distances(n, squared, p)


def _complete(answers: npt.NDArray[Any]) -> tuple[Floats, Mask]:
    """((k, c) the c complete responses of a block, (rows,) which they are)."""
    columns = np.ascontiguousarray(answers.T)
    complete: Mask = np.asarray((columns > 0).all(axis=0))
    return columns[:, complete].astype(np.float64), complete


def outlier_flags(distances: Distances, limits: Limits = DEFAULT) -> Flags:
    """(n,) OUTLIER: p below ``limits.unlikely``."""
    with np.errstate(invalid="ignore"):
        return _flagged(distances.p < limits.unlikely, Doubt.OUTLIER)


def counts_by_doubt(flags: Flags) -> Mapping[Doubt, int]:
    """How many responses have each flag; a response with several counts in each."""
    return {doubt: int(np.count_nonzero(flags & np.uint16(doubt))) for doubt in Doubt}


@dataclass(frozen=True)
class WithAndWithout(Generic[Result]):
    """A result of all responses, and of those without any of the flags ``doubts``.

    ``n`` and ``n_without`` are their numbers, ``by_doubt`` how many have each of the flags. ``without`` equals ``all``
    when nothing is flagged.
    """

    doubts: Doubt
    all: Result
    without: Result
    n: int
    n_without: int
    by_doubt: Mapping[Doubt, int]


def with_and_without(
    result: Callable[[Mask], Result], flags: Flags, doubts: Doubt | None = None
) -> WithAndWithout[Result]:
    """Any result twice: of all responses, and without those that have one of ``doubts`` (None = any flag).

    result: computes from a mask (n,) of the responses to use: ``lambda keep: evaluate(q, matrix.select(keep))``.
    """
    chosen = Doubt(sum(Doubt)) if doubts is None else doubts
    doubtful = (flags & np.uint16(chosen)) > 0
    everybody = result(np.ones(len(flags), dtype=np.bool_))
    left = everybody if not doubtful.any() else result(~doubtful)
    counts = {doubt: count for doubt, count in counts_by_doubt(flags).items() if doubt & chosen}
    return WithAndWithout(chosen, everybody, left, len(flags), int((~doubtful).sum()), counts)
