"""How precisely do the scales measure, in every respect asked, and how reliable is the gap itself?"""

from dataclasses import dataclass

from analysis.methods.reliability import (
    DifferenceReliability,
    ScaleReliability,
    difference_reliability,
    scale_reliability,
)
from analysis.study import GAP, KINDS, Study

EVERYTHING = "all"


@dataclass(frozen=True)
class Scale:
    """One scale; ``items`` names its items by their place. ``dimension`` is ``all`` for all items together."""

    kind: str
    dimension: str
    items: tuple[str, ...]
    found: ScaleReliability


@dataclass(frozen=True)
class Difference:
    """The reliability of the gap of one dimension."""

    dimension: str
    found: DifferenceReliability


@dataclass(frozen=True)
class ReliabilityTopic:
    """Every scale in every respect, and the gaps as differences. ``policy``: whose answers are used."""

    policy: str
    scales: tuple[Scale, ...]
    differences: tuple[Difference, ...]


def reliability_topic(study: Study) -> ReliabilityTopic:
    """Everything about reliability."""
    scales = []
    for kind in KINDS:
        dimensions = study.items_of(kind)
        for dimension, items in dimensions:
            scales.append(Scale(kind, dimension, items, scale_reliability(study.covariance(kind, dimension))))
        if len(dimensions) > 1:
            items = tuple(item for _, inside in dimensions for item in inside)
            scales.append(Scale(kind, EVERYTHING, items, scale_reliability(study.covariance(kind))))
    differences = []
    for dimension, items in study.items_of(GAP):
        both, k = study.covariance_of_both(dimension), len(items)
        differences.append(Difference(dimension, difference_reliability(both, range(k), range(k, 2 * k))))
    return ReliabilityTopic(study.covariances, tuple(scales), tuple(differences))
