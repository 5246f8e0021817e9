"""How are the answers to each question spread, besides their mean?"""

from dataclasses import dataclass

import numpy as np

from analysis.arrays import Integers
from analysis.methods.distribution import (
    CLOPPER_PEARSON,
    Quartiles,
    Shape,
    bottom_boxes,
    net_balance,
    quartiles,
    shape,
    top_boxes,
)
from analysis.methods.estimate import Estimate
from analysis.methods.servqual import mean_of_codes
from analysis.study import Study

BOXES = 2


@dataclass(frozen=True)
class Spread:
    """One question. ``top`` and ``bottom`` are the shares of the two highest and lowest answers (Wilson intervals),
    ``top_exact`` the first with the interval of Clopper and Pearson, ``balance`` favourable minus unfavourable.

    The four are None for points shared over dimensions. ``sd`` is the standard deviation (n - 1), ``mode`` the code
    that most chose (the lowest of equals); None where not defined.
    """

    column: str
    counts: tuple[int, ...]
    missing: int
    mean: Estimate
    sd: float | None
    mode: int | None
    quartiles: Quartiles
    top: Estimate | None
    top_exact: Estimate | None
    bottom: Estimate | None
    balance: Estimate | None
    shape: Shape


def distributions_topic(study: Study) -> tuple[Spread, ...]:
    """The spread of every column in codebook order, and of the overall judgement."""
    found = [
        _spread(column.name, study.tally.marginal(at), boxes=column.item is not None)
        for at, column in enumerate(study.questionnaire.columns)
    ]
    overall = study.background.overall
    if overall is not None:
        counts = np.bincount(overall.codes, minlength=overall.points + 1).astype(np.int64)
        found.append(_spread(overall.name, counts, boxes=overall.points > 1))
    return tuple(found)


def _spread(name: str, counts: Integers, *, boxes: bool) -> Spread:
    mean = mean_of_codes(counts)
    return Spread(
        column=name,
        counts=tuple(int(count) for count in counts[1:]),
        missing=int(counts[0]),
        mean=mean,
        sd=None if mean.se is None else mean.se * mean.n**0.5,
        mode=int(np.argmax(counts[1:])) + 1 if mean.n else None,
        quartiles=quartiles(counts),
        top=top_boxes(counts, boxes=BOXES) if boxes else None,
        top_exact=top_boxes(counts, boxes=BOXES, method=CLOPPER_PEARSON) if boxes else None,
        bottom=bottom_boxes(counts, boxes=BOXES) if boxes else None,
        balance=net_balance(counts) if boxes else None,
        shape=shape(counts),
    )
