"""How sure, how precise and how valid are the numbers, and what comes first, in lines of text?"""

from collections.abc import Iterable

from analysis.full import FullResults
from analysis.gap_tests import GapTest
from analysis.methods.grades import GradeCertainty, NextGrade
from analysis.methods.importance import GRAND_MEAN
from analysis.texts.telling import MOST_GROUPS, Teller
from analysis.topics.certainty import AgencyTopic, IndexCertainty
from analysis.topics.priorities import Map, Regression
from analysis.topics.validity import Model

DISTINCT = 0.85
"""HTMT from here on: two dimensions measure nearly the same."""


class Measured(Teller):
    """Certainty, gaps, reliability, validity and priorities."""

    def certainty(self, full: FullResults) -> Iterable[str]:
        """Intervals of the index, how probable each grade is, the way to the next one, and the units."""
        told = [index for index in (full.results.index, *full.results.indices) if index is not None]
        if told and not any(index.official for index in told):
            yield self.words("full.unofficial")
        for index in full.certainty:
            yield from self._certainty(index)

    def _certainty(self, found: IndexCertainty) -> Iterable[str]:
        if found.dimension:
            yield f"{self.label(found.dimension)}:"
        if found.index is None:
            yield self.words("full.undefined", reason=self.reason(found.reason), n="0")
            return
        for interval in (found.index.t, found.index.logit):
            if interval.low is None or interval.high is None:
                told = self.reason(interval.reason)
            else:
                told = self.words("full.range", low=self.number(interval.low), high=self.number(interval.high))
            yield self.words("full.interval", method=interval.method, told=told, n=self.words.count(found.index.n))
        if found.index.population is not None:
            note = f" ({self.reason(found.index.note)})" if found.index.note else ""
            yield self.words("full.correction", factor=self.number(found.index.correction, 4)) + note
        for grade in found.grades:
            yield self._grades(grade)
        if found.next_grade:
            yield self._next(found.next_grade)
        if found.agency:
            yield from self._agency(found.agency, found)

    def _grades(self, found: GradeCertainty) -> str:
        value = self.number(float(found.value.rounded))
        if not found.grades:
            return self.words(
                "full.no_grades", convention=found.value.convention, value=value, reason=self.reason(found.reason)
            )
        chances = ", ".join(f"{one.grade} {self.words.percent(one.probability, 1)}" for one in found.grades)
        note = f" ({self.reason(found.reason)})" if found.reason else ""
        return (
            self.words(
                "full.grades",
                convention=found.value.convention,
                value=value,
                grade=found.value.grade or "–",
                chances=chances,
            )
            + note
        )

    def _next(self, found: NextGrade) -> str:
        if found.grade is None or found.rise is None:
            return self.words("full.no_next", reason=self.reason(found.reason))
        return self.words("full.next", grade=found.grade, rise=self.number(float(found.rise)))

    def _agency(self, found: AgencyTopic, index: IndexCertainty) -> Iterable[str]:
        groups = next((by.groups for by in index.by if by.grouping == found.grouping), ())
        chances = {(group.name, one.rounded): one.probability for group in groups for one in group.grades}
        figures = found.figures
        for name in ("pooled", "mean_of_units", "by_population"):
            yield self.words(f"full.agency.{name}", told=self.estimate(getattr(figures, name)))
        for unit in found.units[:MOST_GROUPS]:
            chance = None if unit.rounded is None else chances.get((unit.name, unit.rounded))
            told = f"  {unit.name}: {self.estimate(unit.index)} {unit.grade}".rstrip()
            yield (
                told
                if chance is None
                else f"{told} ({self.words('full.chance', chance=self.words.percent(chance, 1))})"
            )
        yield from self.more(len(found.units))

    def gaps(self, full: FullResults) -> Iterable[str]:
        """Each gap with its tests, corrected for all that are judged together."""
        results = full.results
        tested = [gap for gap in (*results.dimensions, *results.items) if gap.test is not None]
        if not any(gap.gap.n for gap in tested):
            yield from (self.reason(gap.gap.reason) for gap in tested[:1])
            return
        yield self.words("full.gap.about")
        for gap in tested:
            assert gap.test is not None
            yield f"{self.label(gap.name)}: {self.estimate(gap.gap)}; {self._gap_test(gap.test)}"
        if full.gaps:
            for one in full.gaps.zones:
                yield self.words(
                    "full.zone",
                    item=self.label(one.name),
                    enough=self.estimate(one.zone.adequacy.difference),
                    superior=self.estimate(one.zone.superiority.difference),
                )

    def _gap_test(self, test: GapTest) -> str:
        if test.t is None:
            return self.reason(test.reason)
        return self.words(
            "full.gap.test",
            t=self.number(test.t),
            p=self.p(test.p),
            holm=self.p(test.holm),
            ranks=self.p(test.signed_rank_p),
            d_z=self.number(test.d_z),
            biserial=self.number(test.rank_biserial),
        )

    def reliability(self, full: FullResults) -> Iterable[str]:
        """Alpha and omega of every scale, and of the gaps as differences."""
        if full.reliability is None:
            return
        yield self.words("full.reliability.about", policy=full.reliability.policy)
        silent = _silent((scale.kind, scale.found.n) for scale in full.reliability.scales)
        yield from self._silent(silent)
        for scale in full.reliability.scales:
            if scale.kind in silent:
                continue
            yield self.words(
                "full.reliability.scale",
                kind=self.words(f"full.kind.{scale.kind}"),
                scale=self.label(scale.dimension),
                k=self.words.count(scale.found.k),
                alpha=self.estimate(scale.found.alpha),
                omega=self.estimate(scale.found.omega),
            )
        for one in full.reliability.differences if "gap" not in silent else ():
            told = self.estimate(one.found.general)
            yield self.words("full.reliability.gap", scale=self.label(one.dimension), told=told)

    def validity(self, full: FullResults) -> Iterable[str]:
        """Which items go with their scale, whether a factor analysis is worth while, and how the models fit."""
        if full.validity is None:
            return
        silent = _silent((model.kind, model.fit.n) for model in full.validity.confirmatory)
        silent -= {scale.kind for scale in full.validity.items for item in scale.found if item.corrected.r.n}
        yield from self._silent(silent)
        for scale in full.validity.items:
            if scale.kind in silent:
                continue
            weak = [scale.items[item.place] for item in scale.found if item.enough is False]
            told = [item for item in scale.found if item.enough is not None]
            head = f"{self.words(f'full.kind.{scale.kind}')}, {self.label(scale.dimension)}"
            if not told:
                yield f"{head}: {self.reason(scale.found[0].corrected.r.reason) if scale.found else '–'}"
                continue
            passed = sum(bool(item.in_table) for item in told)
            key = "full.validity.weak" if weak else "full.validity.good"
            yield self.words(
                key,
                scale=head,
                passed=self.words.count(passed),
                all=self.words.count(len(told)),
                weak=self.labels(weak),
                limit=self.number(told[0].threshold),
                n=self.words.count(told[0].corrected.r.n),
            )
        for found in full.validity.exploratory:
            if found.kind in silent:
                continue
            factors = self.reason(found.parallel.reason)
            if found.parallel.factors is not None:
                factors = self.words.count(found.parallel.factors)
            yield self.words(
                "full.validity.factors",
                kind=self.words(f"full.kind.{found.kind}"),
                kmo=self.estimate(found.adequacy.overall),
                bartlett=self.test(found.sphericity),
                factors=factors,
            )
        for model in full.validity.confirmatory:
            if model.kind not in silent:
                yield from self._model(model)

    def _silent(self, kinds: Iterable[str]) -> Iterable[str]:
        """One line for each respect in which nobody answered everything."""
        for kind in sorted(kinds):
            yield f"{self.words(f'full.kind.{kind}')}: {self.reason('no_complete_responses')}"

    def _model(self, model: Model) -> Iterable[str]:
        fit, n = model.fit.fit, self.words.count(model.fit.n)
        head = f"{self.words(f'full.kind.{model.kind}')}, {self.words(f'full.model.{model.model}')}"
        if fit is None:
            yield f"{head}: {self.words('full.undefined', reason=self.reason(model.fit.reason), n=n)}"
            return
        yield self.words(
            "full.model.fit",
            model=head,
            chi_square=self.number(fit.chi_square),
            df=self.words.count(fit.df),
            p=self.p(fit.test.p if fit.test else None),
            cfi=self.number(fit.cfi, 3),
            tli=self.number(fit.tli, 3),
            rmsea=self.number(fit.rmsea, 3),
            low=self.number(fit.rmsea_low, 3),
            high=self.number(fit.rmsea_high, 3),
            srmr=self.number(fit.srmr, 3),
            n=n,
        )
        if model.fit.reason:
            yield f"  {self.words('full.model.warning', reason=self.reason(model.fit.reason))}"
            return
        for dimension, one in zip(model.dimensions, model.convergence, strict=False):
            ave, cr = self.estimate(one.ave), self.estimate(one.cr)
            yield f"  {self.words('full.model.convergence', scale=self.label(dimension), ave=ave, cr=cr)}"
        for pair in model.discrimination:
            if pair.htmt.value is not None and pair.htmt.value >= DISTINCT:
                pair_of = self.labels((model.dimensions[pair.first], model.dimensions[pair.second]))
                yield f"  {self.words('full.model.alike', pair=pair_of, htmt=self.number(pair.htmt.value))}"

    def priorities(self, full: FullResults) -> Iterable[str]:
        """The quadrants of each map, satisfaction in one number, and what goes with the overall judgement."""
        found = full.priorities
        if found is None:
            return
        if found.reason:
            yield self.reason(found.reason)
        for one in found.maps:
            if one.found.cut == GRAND_MEAN:
                yield from self._map(one)
        if found.satisfaction:
            csi = found.satisfaction.from_maximum
            yield self.words("full.csi", told=self.estimate(csi.estimate))
        for regression in found.drivers:
            yield self._drivers(regression)

    def _map(self, found: Map) -> Iterable[str]:
        head = self.words(
            "full.map", importance=self.words(f"full.importance.{found.found.importance}"),
            cut=self.words(f"full.cut.{found.found.cut}"),
        )  # fmt: skip
        if found.found.reason:
            yield f"{head}: {self.reason(found.found.reason)}"
            return
        yield f"{head}:"
        placed = list(zip(found.items, found.found.items, strict=True))
        for quadrant in ("concentrate", "keep_up", "low_priority", "possible_overkill"):
            sure = [name for name, one in placed if one.quadrant == quadrant and not one.undecided]
            unsure = [name for name, one in placed if one.quadrant == quadrant and one.undecided]
            told = self.labels(sure) or "–"
            if unsure:
                told = self.words("full.undecided", sure=told, unsure=self.labels(unsure))
            yield f"  {self.words(f'figure.priority.{quadrant}')}: {told}"
        for name, one in placed:
            if one.quadrant is None:
                yield f"  {self.label(name)}: {self.reason(one.reason)}"

    def _drivers(self, found: Regression) -> str:
        head = self.words("full.drivers", outcome=found.outcome)
        if found.found.reason or found.found.r2.value is None:
            reason = self.reason(found.found.reason or found.found.r2.reason)
            return f"{head}: {self.words('full.undefined', reason=reason, n=self.words.count(found.found.n))}"
        rows = sorted(
            zip(found.predictors, found.found.drivers, strict=True), key=lambda row: -(row[1].percent.value or 0)
        )
        shares = ", ".join(f"{self.label(name)} {self.number(one.percent.value, 1)} %" for name, one in rows[:8])
        return f"{head}: R² {self.estimate(found.found.r2)}; {shares}"


def _silent(told: Iterable[tuple[str, int]]) -> set[str]:
    """The respects of which no scale has a respondent."""
    most: dict[str, int] = {}
    for kind, n in told:
        most[kind] = max(most.get(kind, 0), n)
    return {kind for kind, n in most.items() if not n}
