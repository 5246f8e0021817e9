"""Does it get better or worse over time, which periods stand out, and what has changed since the last one?"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from analysis.files.background import Grouping
from analysis.methods.certainty import IndexCells, ends_of_scale, index_cells
from analysis.methods.change import Change, StandardisedChange, change, standardised_change
from analysis.methods.control_chart import Chart, p_chart, p_prime, xbar_s, xmr
from analysis.methods.estimate import Estimate
from analysis.methods.ikm import IndexValue
from analysis.methods.trend import MannKendall, Period, Periods, mann_kendall, period_name, periods_of, sen_slope
from analysis.study import IndexPart, Study

KINDS = (Period.MONTH, Period.QUARTER, Period.SEMESTER, Period.YEAR)


@dataclass(frozen=True)
class PeriodIndex:
    """The index of one period with its grade (empty where it has none)."""

    period: str
    index: Estimate
    rounded: float | None
    grade: str


@dataclass(frozen=True)
class LastChange:
    """The change of the index from one period to the next one that has an index.

    ``standardised`` keeps the mix of ``strata`` (the units); None without units.
    """

    before: str
    after: str
    change: Change
    strata: tuple[str, ...]
    standardised: StandardisedChange | None


@dataclass(frozen=True, eq=False)
class Trend:
    """The index over periods of one kind (``month``, ``quarter``, ``semester``, ``year``).

    ``dimension`` is empty for the index of the whole. ``missing`` periods lie between others and have no response (or
    fewer than may be shown).
    Charts and trend use the periods with an index (``charted``); the slope is per period.
    """

    kind: str
    dimension: str
    periods: tuple[PeriodIndex, ...]
    missing: tuple[str, ...]
    charted: tuple[str, ...]
    x: Chart
    moving_range: Chart
    xbar: Chart
    s: Chart
    mann_kendall: MannKendall
    sen_slope: Estimate
    last_change: LastChange | None


@dataclass(frozen=True, eq=False)
class TopShare:
    """The share of the two highest overall judgements by period: ``p`` by chance alone, ``p_prime`` after Laney."""

    kind: str
    periods: tuple[str, ...]
    p: Chart
    p_prime: Chart


@dataclass(frozen=True, eq=False)
class TimeTopic:
    """Trends by kind of period. ``unknown`` responses have no day. Without any day: a ``reason``."""

    unknown: int
    trends: tuple[Trend, ...]
    top_shares: tuple[TopShare, ...]
    reason: str | None = None


def time_topic(study: Study) -> TimeTopic:
    """Everything about time."""
    days = study.days
    if days is None or not (days > 0).any():
        return TimeTopic(study.n, (), (), "no_days")
    trends = [trend(study, part, kind) for part in study.indices for kind in KINDS]
    shares = [] if study.background.overall is None else [_share(study, periods_in(study, kind)[1]) for kind in KINDS]
    return TimeTopic(int(np.count_nonzero(days <= 0)), tuple(trends), tuple(shares))


def periods_in(study: Study, kind: Period) -> tuple[Periods, Grouping]:
    """The periods of one kind; those with fewer respondents than may be shown count as not known."""
    days = np.zeros(study.n, dtype=np.int64) if study.days is None else study.days
    found = periods_of(days, kind)
    sizes = np.bincount(found.place[found.place >= 0], minlength=len(found.numbers))
    if len(sizes) and sizes.min() < study.results.minimum:
        few = (found.place >= 0) & (sizes[found.place] < study.results.minimum)
        found = periods_of(np.where(few, 0, days), kind)
    return found, Grouping(kind.name.lower(), found.names, found.place.astype(np.int64))


def trend(study: Study, part: IndexPart, kind: Period) -> Trend:
    """One index over the periods of one kind."""
    periods, grouping = periods_in(study, kind)
    cross, persons = study.index_by(grouping, part)
    cells = index_cells(cross, persons, points=part.points, weight=part.weight)
    used = np.flatnonzero(~np.isnan(cells.value))
    values = [float(cells.value[at]) for at in used]
    low, high = (float(end) for end in ends_of_scale(part.points, part.weight))
    x, moving_range = xmr(values, ends=(low, high))
    sizes = [int(cells.n[at]) for at in used]
    deviations = [float(np.nan_to_num(cells.se[at]) * cells.n[at] ** 0.5) for at in used]
    xbar, s = xbar_s(sizes, values, deviations, ends=(low, high))
    return Trend(
        kind=grouping.name,
        dimension=part.dimension,
        periods=tuple(
            _period(name, cells.estimate(at), study.graded(part, cross[at])) for at, name in enumerate(grouping.names)
        ),
        missing=tuple(period_name(number, periods.kind) for number in periods.missing),
        charted=tuple(grouping.names[at] for at in used),
        x=x,
        moving_range=moving_range,
        xbar=xbar,
        s=s,
        mann_kendall=mann_kendall(values),
        sen_slope=sen_slope(values, [float(periods.numbers[at]) for at in used]),
        last_change=_last_change(study, part, grouping, used.tolist(), cells),
    )


def _period(name: str, index: Estimate, value: IndexValue | None) -> PeriodIndex:
    if value is None:
        return PeriodIndex(name, index, None, "")
    return PeriodIndex(name, replace(index, value=float(value.exact)), float(value.rounded), value.grade)


def _last_change(
    study: Study, part: IndexPart, grouping: Grouping, used: Sequence[int], cells: IndexCells
) -> LastChange | None:
    if len(used) < 2:
        return None
    before, after = used[-2:]
    found = change(cells.estimate(before), cells.estimate(after))
    units = study.background.grouping(study.background.unit)
    names = (grouping.names[before], grouping.names[after])
    if units is None:
        return LastChange(*names, found, (), None)
    strata = []
    for period in (before, after):
        inside = Grouping(units.name, units.names, np.where(grouping.place == period, units.place, -1))
        tables = index_cells(*study.index_by(inside, part), points=part.points, weight=part.weight)
        strata.append([tables.estimate(at) for at in range(len(tables))])
    people = study.background.margins.get(units.name)
    mix = [people.get(name, 0.0) for name in units.names] if people else None
    return LastChange(*names, found, units.names, standardised_change(*strata, mix=mix))


def _share(study: Study, grouping: Grouping) -> TopShare:
    overall = study.background.overall
    assert overall is not None
    known = (overall.codes > 0) & (grouping.place >= 0)
    top = known & (overall.codes >= overall.points - 1)
    sizes = np.bincount(grouping.place[known], minlength=len(grouping.names))
    counts = np.bincount(grouping.place[top], minlength=len(grouping.names))
    used = np.flatnonzero(sizes)
    names = tuple(grouping.names[at] for at in used)
    found = (counts[used].tolist(), sizes[used].tolist())
    return TopShare(grouping.name, names, p_chart(*found), p_prime(*found))
