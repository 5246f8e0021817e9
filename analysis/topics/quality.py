"""Which responses deserve a second look, and what do the results say without them?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.counting.moments import MomentLayout, Moments
from analysis.methods.estimate import Estimate
from analysis.methods.quality import (
    Distances,
    Doubt,
    Flags,
    Patterns,
    counts_by_doubt,
    mahalanobis,
    outlier_flags,
    pace_flags,
    pattern_flags,
    patterns,
)
from analysis.methods.quality_places import bursts, duplicates
from analysis.methods.reliability import mean_correlation
from analysis.methods.straight_lining import Straight, straight_lining
from analysis.results import evaluate
from analysis.study import EXPECTATION, PERCEPTION, Study
from survey.packed import Flag

MOST_TOLD = 1000
NOT_A_GROUND = Doubt.LONG_STRING
"""A long run of equal answers alone is no ground for leaving a response out."""


@dataclass(frozen=True)
class Run:
    """How many responses have a longest run of equal answers of this ``length``."""

    length: int
    n: int


@dataclass(frozen=True)
class Outliers:
    """Mahalanobis distances: ``n`` complete responses, ``found`` of them with p < 0.001 and how many were to be
    ``expected`` among honest normal answers.
    """

    n: int
    found: int
    expected: float
    largest: float | None
    reason: str | None


@dataclass(frozen=True)
class StraightOn:
    """Straight-lining over the ``questions`` that have so many ``points``."""

    points: int
    questions: int
    found: Straight


@dataclass(frozen=True)
class Block:
    """The questions of one respect: patterns, straight-lining with its expected rate, and outliers.

    ``irv`` are the quartiles of the standard deviation of a person's own answers, None without anybody who gave two.
    """

    kind: str
    questions: int
    runs: tuple[Run, ...]
    irv: tuple[float, float, float] | None
    straight: tuple[StraightOn, ...]
    outliers: Outliers


@dataclass(frozen=True)
class Without:
    """The main results without responses that have a doubt (``without`` names it), beside those of all (``all``).

    ``left`` responses remain. ``grade`` is empty without a regulation.
    """

    without: str
    left: int
    index: Estimate | None
    grade: str
    overall_gap: Estimate | None
    gaps: Mapping[str, Estimate]


@dataclass(frozen=True)
class Flagged:
    """One response (its ``row`` of the file, or its place from 1) and its doubts."""

    row: int
    doubts: tuple[str, ...]


@dataclass(frozen=True)
class QualityTopic:
    """Patterns by block, how many responses have which doubt, what the store flagged, and results without them.

    ``doubtful`` responses have a doubt that is a ground for leaving them out (see ``NOT_A_GROUND``).
    ``responses`` are the first thousand with a doubt. ``not_judged`` names doubts that need times or stations which are
    not known, ``not_judged_because`` says of each why.
    """

    n: int
    missing: int
    complete: int
    blocks: tuple[Block, ...]
    doubts: Mapping[str, int]
    flags: Mapping[str, int]
    doubtful: int
    flagged: int
    comparison: tuple[Without, ...]
    responses: tuple[Flagged, ...]
    not_judged: tuple[str, ...]
    not_judged_because: Mapping[str, str]


def quality_topic(study: Study, rows: npt.NDArray[np.int64] | None = None) -> QualityTopic:
    """Everything about the quality of the answers. rows: (n,) the row of each response in its file."""
    answers = study.matrix.answers[list(study.item_columns)]
    flags = np.zeros(study.n, dtype=np.uint16)
    blocks: list[Block] = []
    for kind in (PERCEPTION, EXPECTATION):
        columns = [column for pair in study.layout.pairs if (column := getattr(pair, kind)) is not None]
        if not columns:
            continue
        block, found = _block(study, kind, columns)
        if not blocks:  # expectations are judged only where nothing else was asked: all of them the best is honest
            flags = found
        blocks.append(block)
    of_visits, unseen = visit_flags(study, answers.T)
    flags = flags | of_visits
    doubts = {doubt: count for doubt, count in counts_by_doubt(flags).items() if doubt not in unseen}
    stored = study.matrix.flags
    named = {str(flag.name).lower(): int(np.count_nonzero(stored & np.uint8(flag))) for flag in Flag}
    marked = np.asarray(stored > 0)
    if study.background.flagged is not None:
        marked = marked | study.background.flagged
    return QualityTopic(
        n=study.n,
        missing=int(np.count_nonzero(answers == 0)),
        complete=int(np.count_nonzero((answers > 0).all(axis=0))),
        blocks=tuple(blocks),
        doubts={(doubt.name or "").lower(): count for doubt, count in doubts.items()},
        flags={name: count for name, count in named.items() if count},
        doubtful=int(np.count_nonzero(flags & np.uint16(sum(doubt for doubt in Doubt if doubt != NOT_A_GROUND)))),
        flagged=int(np.count_nonzero(marked)),
        comparison=_comparison(study, flags, marked),
        responses=_responses(flags, rows),
        not_judged=tuple((doubt.name or "").lower() for doubt in unseen),
        not_judged_because={(doubt.name or "").lower(): reason for doubt, reason in unseen.items()},
    )


def visit_flags(study: Study, answers: npt.NDArray[np.uint8]) -> tuple[Flags, Mapping[Doubt, str]]:
    """((n,) FAST, BURST, OUT_OF_HOURS, DUPLICATE; which of these could not be judged, and why).

    answers: (n, k) what has to be the same in a duplicate, besides the profile.
    """
    flags, visits = np.zeros(study.n, dtype=np.uint16), study.background.visits
    if visits is None:
        return flags, dict.fromkeys((Doubt.FAST, Doubt.BURST, Doubt.OUT_OF_HOURS, Doubt.DUPLICATE), "not_read")
    unseen: dict[Doubt, str] = {}
    if visits.pace is None or visits.timed is None or np.isnan(visits.pace).all():
        unseen[Doubt.FAST] = "no_timings"
    else:
        flags |= pace_flags(visits.pace, visits.timed)
    station, moment = visits.station, visits.moment
    if station is None or not station.any():
        unseen |= {Doubt.BURST: "no_stations", Doubt.DUPLICATE: "no_stations"}
    elif moment is None or not moment.any():
        unseen |= {Doubt.BURST: "no_moments", Doubt.DUPLICATE: "no_moments"}
    else:
        known = np.where(moment > 0, station, 0)
        flags |= bursts(known, moment) | duplicates(answers, known, moment, profile=study.matrix.profile.T)
    if visits.closed is None:
        unseen[Doubt.OUT_OF_HOURS] = "no_moments" if moment is None or not moment.any() else "no_hours"
    else:
        flags |= np.where(visits.closed, np.uint16(Doubt.OUT_OF_HOURS), np.uint16(0)).astype(np.uint16)
    return flags, unseen


def _block(study: Study, kind: str, columns: list[int]) -> tuple[Block, Flags]:
    answers = study.matrix.answers[columns].T
    seen, k = patterns(answers), len(columns)
    distances = mahalanobis(answers)
    flags = pattern_flags(seen, k) | outlier_flags(distances)
    lengths = np.bincount(seen.longest_run)
    runs = tuple(Run(int(at), int(lengths[at])) for at in np.flatnonzero(lengths))
    known = seen.irv[~np.isnan(seen.irv)]
    low, middle, high = np.quantile(known, [0.25, 0.5, 0.75]) if len(known) else (0.0, 0.0, 0.0)
    irv = (float(low), float(middle), float(high)) if len(known) else None
    return Block(kind, k, runs, irv, _straight(study, columns, seen), _outliers(distances)), flags


def _outliers(distances: Distances) -> Outliers:
    known = distances.p[~np.isnan(distances.p)]
    largest = float(np.nanmax(distances.squared)) if len(known) else None
    found = int(np.count_nonzero(known < 0.001))
    return Outliers(distances.n, found, distances.n * 0.001, largest, distances.reason)


def _straight(study: Study, columns: list[int], seen: Patterns) -> tuple[StraightOn, ...]:
    """Observed and expected straight-lining of complete responses, of the questions with equally many answers."""
    found = []
    for points in sorted({study.layout.codes[column] for column in columns}):
        same = [column for column in columns if study.layout.codes[column] == points]
        if len(same) < 2:
            continue
        answers = study.matrix.answers[same]
        complete = (answers > 0).all(axis=0)
        inside = answers[:, complete]
        marginals = np.stack([np.bincount(row, minlength=points + 1) for row in inside]).astype(np.int64)
        equal = (inside == inside[0]).all(axis=0) if inside.shape[1] else np.zeros(0, dtype=np.bool_)
        counted = np.bincount(inside[0][equal], minlength=points + 1).astype(np.int64)
        counted[0] = inside.shape[1] - int(equal.sum())
        correlation = None
        if inside.shape[1]:
            layout = MomentLayout(len(same), (tuple(range(len(same))),), pairwise=False)
            correlation = mean_correlation(
                Moments.of(layout, np.ascontiguousarray(inside)).covariance(range(len(same)))
            ).value
        found.append(StraightOn(points, len(same), straight_lining(marginals, counted, correlation=correlation)))
    return tuple(found)


def _comparison(study: Study, flags: Flags, marked: npt.NDArray[np.bool_]) -> tuple[Without, ...]:
    """With everybody, without each doubt that occurs, without all of them, and without what was flagged before."""
    everybody = np.ones(study.n, dtype=np.bool_)
    choices = {"none": everybody}
    chosen = [doubt for doubt in Doubt if doubt != NOT_A_GROUND]
    for doubt in chosen:
        if (flags & np.uint16(doubt)).any():
            choices[(doubt.name or "").lower()] = (flags & np.uint16(doubt)) == 0
    choices["any"] = (flags & np.uint16(sum(chosen))) == 0
    if marked.any():
        choices["flagged"] = ~marked
    return tuple(_without(study, name, keep) for name, keep in choices.items())


def _without(study: Study, name: str, keep: npt.NDArray[np.bool_]) -> Without:
    found = study.results
    if not keep.all():
        found = evaluate(
            study.questionnaire,
            study.matrix.select(keep),
            weights=study.weights,
            minimum=study.results.minimum,
            rounding=study.rounding_name,
        )
    index = found.index
    return Without(
        without=name,
        left=int(np.count_nonzero(keep)),
        index=None if index is None else index.interval,
        grade="" if index is None else index.value.grade,
        overall_gap=None if found.overall is None else found.overall.gap,
        gaps={gap.name: gap.gap for gap in found.dimensions},
    )


def _responses(flags: Flags, rows: npt.NDArray[np.int64] | None) -> tuple[Flagged, ...]:
    places = np.flatnonzero(flags)[:MOST_TOLD]
    found = []
    for place in places.tolist():
        doubts = tuple((doubt.name or "").lower() for doubt in Doubt if flags[place] & np.uint16(doubt))
        found.append(Flagged(place + 1 if rows is None else int(rows[place]), doubts))
    return tuple(found)
