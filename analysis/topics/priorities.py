"""Where should an agency concentrate, how far is expectation fulfilled, and what drives the overall judgement?"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from analysis.arrays import Integers
from analysis.methods.csi import SatisfactionIndex, satisfaction_index
from analysis.methods.drivers import Drivers, correlations, cross_products, drivers, with_bootstrap
from analysis.methods.estimate import Estimate
from analysis.methods.importance import (
    AVAILABLE,
    GRAND_MEAN,
    MEDIAN,
    PAIRS,
    PEARSON,
    SCALE_MIDDLE,
    SPEARMAN,
    Priorities,
    conformity,
    derived_priorities,
    stated_priorities,
)
from analysis.study import PERCEPTION, Study
from survey.questionnaire import Aspect


@dataclass(frozen=True)
class Map:
    """One map of priorities; ``stated_as`` says what was asked: ``expectation``, ``importance`` or nothing (derived).

    ``items`` names the items by their place.
    """

    stated_as: str
    items: tuple[str, ...]
    found: Priorities


@dataclass(frozen=True)
class Conformity:
    """How far the performance of one item fulfils what is expected (tingkat kesesuaian), under both policies."""

    name: str
    available: Estimate
    pairs: Estimate


@dataclass(frozen=True)
class Regression:
    """What drives the overall judgement; ``predictors`` names them by their place."""

    outcome: str
    predictors: tuple[str, ...]
    found: Drivers


@dataclass(frozen=True)
class PrioritiesTopic:
    """Maps with stated and derived importance, conformity, the satisfaction index, and drivers.

    ``drivers`` are the dimensions (scores of available items) and, where they are not too many, the items. ``reason``
    says why there is no derived importance and no driver: ``no_overall``.
    """

    maps: tuple[Map, ...]
    conformity: tuple[Conformity, ...]
    stated_as: str | None
    satisfaction: SatisfactionIndex | None
    drivers: tuple[Regression, ...]
    reason: str | None = None


def priorities_topic(study: Study) -> PrioritiesTopic:
    """Everything about priorities."""
    stated_as, items, columns = _stated(study)
    maps, satisfied = [], None
    joints = [_joint(study, *pair) for pair in columns]
    if joints:
        both = [first for first, _ in columns] + [second for _, second in columns]
        cross, persons = study.cross(study.places(both)), study.persons(both)
        found = [
            stated_priorities(joints, cut=GRAND_MEAN, cross=cross, persons=persons),
            *(stated_priorities(joints, cut=cut) for cut in (GRAND_MEAN, MEDIAN, SCALE_MIDDLE)),
        ]
        maps = [Map(stated_as, items, one) for one in found]
        importance, performance = ([study.tally.marginal(pair[at]) for pair in columns] for at in (0, 1))
        if len({len(counts) for counts in performance}) == 1:
            satisfied = satisfaction_index(importance, performance, cross=cross, persons=persons)
    fulfilled = tuple(
        Conformity(name, conformity(joint, policy=AVAILABLE), conformity(joint, policy=PAIRS))
        for name, joint in zip(items, joints, strict=True)
    )
    if study.background.overall is None:
        return PrioritiesTopic(tuple(maps), fulfilled, stated_as or None, satisfied, (), "no_overall")
    judged, with_overall = _with_overall(study)
    for kind in (PEARSON, SPEARMAN):
        for cut in (GRAND_MEAN, MEDIAN):
            maps.append(Map("", judged, derived_priorities(with_overall, kind=kind, cut=cut)))
    return PrioritiesTopic(tuple(maps), fulfilled, stated_as or None, satisfied, _drivers(study))


def stated_map(study: Study) -> Map | None:
    """Stated importance against performance, lines at the grand means, ellipses of the distances from them."""
    stated_as, items, columns = _stated(study)
    if not columns:
        return None
    both = [first for first, _ in columns] + [second for _, second in columns]
    cross, persons = study.cross(study.places(both)), study.persons(both)
    joints = [_joint(study, *pair) for pair in columns]
    return Map(stated_as, items, stated_priorities(joints, cut=GRAND_MEAN, cross=cross, persons=persons))


def _stated(study: Study) -> tuple[str, tuple[str, ...], list[tuple[int, int]]]:
    """What stands for importance, the items that have it and a perception, and the two columns of each."""
    at = study.questionnaire.positions
    for aspect in (Aspect.IMPORTANCE, Aspect.EXPECTATION):
        found = [
            (pair.name, at[f"{aspect.prefix}_{pair.name}"], pair.perception)
            for pair in study.layout.pairs
            if pair.perception is not None and f"{aspect.prefix}_{pair.name}" in at
        ]
        if found:
            return aspect.value, tuple(name for name, _, _ in found), [(one, other) for _, one, other in found]
    return "", (), []


def _joint(study: Study, first: int, second: int) -> Integers:
    """(codes + 1, codes + 1) persons by both answers."""
    shape = (study.layout.codes[first] + 1, study.layout.codes[second] + 1)
    key = study.matrix.answers[first].astype(np.int64) * shape[1] + study.matrix.answers[second]
    return np.bincount(key, minlength=shape[0] * shape[1]).reshape(shape).astype(np.int64)


def _with_overall(study: Study) -> tuple[tuple[str, ...], list[Integers]]:
    """The items with a perception, and persons by the overall judgement and by perception."""
    overall = study.background.overall
    assert overall is not None
    names, joints = [], []
    for pair in study.layout.pairs:
        if pair.perception is None:
            continue
        size = study.layout.codes[pair.perception] + 1
        key = overall.codes.astype(np.int64) * size + study.matrix.answers[pair.perception]
        names.append(pair.name)
        joints.append(np.bincount(key, minlength=(overall.points + 1) * size).reshape(-1, size).astype(np.int64))
    return tuple(names), joints


def _drivers(study: Study) -> tuple[Regression, ...]:
    overall = study.background.overall
    assert overall is not None
    outcome = np.where(overall.codes > 0, overall.codes, np.nan).astype(np.float64)
    scores = [(name, study.dimension_scores(name, PERCEPTION)) for name, _ in study.items_of(PERCEPTION)]
    answers = [
        (pair.name, np.where(study.matrix.answers[pair.perception] > 0, study.matrix.answers[pair.perception], np.nan))
        for pair in study.layout.pairs
        if pair.perception is not None
    ]
    predictors: list[Sequence[tuple[str, np.ndarray]]] = [scores] if len(scores) < len(answers) else []
    predictors.append(answers)
    found = []
    for chosen in predictors:
        if not chosen:
            continue
        values = np.column_stack([*(values for _, values in chosen), outcome])
        blocks = cross_products(values)
        whole = blocks.sum(axis=0)
        fitted = drivers(correlations(whole), int(whole[0, 0]))
        names = tuple(name for name, _ in chosen)
        found.append(Regression(overall.name, names, with_bootstrap(fitted, blocks)))
    return tuple(found)
