"""Who differs from whom, what moves, how many are enough and how good the answers are, in lines of text?"""

from collections.abc import Iterable, Sequence

from analysis.full import FullResults
from analysis.methods.control_chart import Chart
from analysis.texts.telling import MOST_GROUPS, Teller
from analysis.topics.comparison import GroupedBy, Outcome
from analysis.topics.quality import Without
from analysis.topics.time import Trend

MOST_PERIODS = 24


class Compared(Teller):
    """Comparison, time, sample and quality."""

    def comparison(self, full: FullResults) -> Iterable[str]:
        """Means by group with tiers, what goes together, and whether the ways of answering may be pooled."""
        if full.comparison is None:
            return
        for grouping in full.comparison.groupings:
            unknown = self.words.count(grouping.unknown)
            groups = self.words.count(len(grouping.groups))
            yield self.words("full.grouping", variable=grouping.variable, groups=groups, unknown=unknown)
            for outcome in grouping.outcomes:
                if outcome.test.n and not outcome.name.startswith("P_"):
                    yield from self._outcome(outcome, grouping)
        for pair in full.comparison.associations:
            v = self.estimate(pair.found.cramers_v)
            yield self.words(
                "full.association", first=pair.first, second=pair.second, test=self.test(pair.found.test), v=v
            )
        for modes in full.comparison.modes:
            for effect in modes.effects:
                verdict = (
                    self.words(f"full.mode.{effect.verdict}") if effect.verdict else self.reason(effect.test.reason)
                )
                yield self.words(
                    "full.mode",
                    outcome=self.outcome(modes.outcome),
                    mode=modes.modes[effect.mode],
                    reference=modes.modes[effect.reference],
                    difference=self.estimate(effect.adjusted),
                    verdict=verdict,
                )

    def _outcome(self, outcome: Outcome, grouping: GroupedBy) -> Iterable[str]:
        effect = self.number(outcome.test.epsilon2.value, 3)
        yield f"  {self.outcome(outcome.name)}: Welch {self.test(outcome.test.welch)}; ε² {effect}"
        if outcome.name != "index" and not outcome.name.startswith("index."):
            return
        letters = outcome.tiers.letters
        order = [*outcome.tiers.order, *outcome.tiers.left_out] or list(range(len(grouping.groups)))
        for place in order[:MOST_GROUPS]:
            letter = letters[place] if place < len(letters) else ""
            yield f"    {grouping.groups[place]}: {self.estimate(outcome.means[place])} {letter}".rstrip()
        yield from self.more(len(order))

    def time(self, full: FullResults) -> Iterable[str]:
        """The index by period, whether it moves, and what happened last."""
        if full.time is None:
            return
        if full.time.reason:
            yield self.reason(full.time.reason)
        for trend in full.time.trends:
            yield from self._trend(trend)

    def _trend(self, trend: Trend) -> Iterable[str]:
        label = f" {self.label(trend.dimension)}" if trend.dimension else ""
        yield f"{self.words(f'full.period.{trend.kind}')}{label}:"
        if trend.kind == "month":
            for period in trend.periods[-MOST_PERIODS:]:
                yield f"  {period.period}: {self.estimate(period.index)} {period.grade}".rstrip()
        kendall = trend.mann_kendall
        if kendall.reason:
            yield f"  {self.words('full.no_trend', reason=self.reason(kendall.reason), n=self.words.count(kendall.n))}"
        else:
            p = kendall.p if kendall.p_exact is None else kendall.p_exact
            slope = self.estimate(trend.sen_slope)
            yield f"  {self.words('full.trend', tau=self.number(kendall.tau), p=self.p(p), slope=slope)}"
        yield f"  {self._signals(trend.x)}"
        change = trend.last_change
        if change:
            told = self.estimate(change.change.difference)
            yield "  " + self.words(
                "full.change", before=change.before, after=change.after, told=told, test=self.test(change.change.test)
            )
            if change.standardised:
                same = self.estimate(change.standardised.standardised.difference)
                yield f"  {self.words('full.change.standardised', told=same)}"

    def _signals(self, chart: Chart) -> str:
        if chart.reason:
            return self.words("full.no_chart", reason=self.reason(chart.reason))
        return self.words("full.chart", n=self.words.count(len({place for s in chart.signals for place in s.places})))

    def sample(self, full: FullResults) -> Iterable[str]:
        """How many respondents are enough, and how precise so many are."""
        found, count = full.sample, self.words.count
        if found is None:
            return
        for size in found.sizes:
            yield self.words("full.size", method=self.words(f"full.method.{size.method}"), size=count(size.size))
        if found.margin_of_share is not None:
            yield self.words("full.margin", margin=self.words.percent(found.margin_of_share, 1), n=count(found.n))
        for one in found.precision:
            told = self.reason(one.reason) if one.size is None else count(one.size.size)
            yield self.words("full.precision", width=self.number(one.half_width), told=told)
        if found.progress:
            share = self.words.percent(found.progress.share)
            yield self.words(
                "full.progress", n=count(found.progress.n), target=count(found.progress.target), share=share
            )
        weighting = found.weighting
        if weighting and weighting.reason:
            yield self.words("full.no_weighting", reason=self.reason(weighting.reason))
        elif weighting:
            for part in weighting.indices:
                label = self.label(part.dimension)
                yield self.words("full.weighted", index=label, told=self.estimate(part.found.weighted))

    def quality(self, full: FullResults) -> Iterable[str]:
        """How many responses have which doubt, and what would be said without them."""
        found, count = full.quality, self.words.count
        if found is None:
            return
        yield self.words(
            "full.quality.answers", n=count(found.n), missing=count(found.missing), complete=count(found.complete)
        )
        for name, many in found.doubts.items():
            yield f"{self.words(f'figure.doubt.{name}')}: {count(many)}"
        for name, reason in found.not_judged_because.items():
            told = self.words("figure.doubts.not_judged", reason=self.reason(reason))
            yield f"{self.words(f'figure.doubt.{name}')}: {told}"
        for one in found.comparison:
            yield f"{self.words(f'figure.without.{one.without}')}: {self._without(one)}"

    def _without(self, one: Without) -> str:
        told: Sequence[str] = [
            f"{self.words(f'full.kind.{kind}')} {self.estimate(estimate)}"
            for kind, estimate in (("index", one.index), ("gap", one.overall_gap))
            if estimate is not None
        ]
        return "; ".join(told) or self.words("full.left", n=self.words.count(one.left))
