"""What do the numbers say, in one sentence each? Headlines and titles of charts, written by the results themselves.

A difference is called one only when the 95 % intervals do not overlap; otherwise the sentence says that there is no
clear difference. Intervals of answers by the same persons make this rule cautious: it may miss a difference, it seldom
invents one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from math import sqrt

from analysis.methods.estimate import Estimate
from analysis.results import Distribution, Gap, Group, Index, Month, Results, Weighted
from survey.questionnaire import Column, Questionnaire, Text
from survey.words import Words

RARE = 0.05
Z95 = 1.959963984540054  # the 97.5 % point of the normal distribution


@dataclass(frozen=True)
class Headline:
    """The finding of a selection: ``lead`` is the index with its grade, ``rest`` what follows it."""

    lead: str
    rest: str

    @property
    def sentence(self) -> str:
        """Both together."""
        return f"{self.lead}{self.rest}"


def said(text: Text, words: Words) -> str:
    """A text of a questionnaire or a catalogue in the language of ``words``, else in its first language."""
    return text.get(words.language) or next(iter(text.values()), "")


def interval(estimate: Estimate, words: Words, decimals: int = 2) -> str | None:
    """The 95 % interval in words, such as *76,32 sampai 81,16*; None when it is not defined."""
    if estimate.low is None or estimate.high is None:
        return None
    return words("figure.between", low=words.number(estimate.low, decimals), high=words.number(estimate.high, decimals))


def overlap(one: Estimate, other: Estimate) -> bool:
    """Whether two intervals share a number; True also when one of them is not known, so that nothing is claimed."""
    if one.low is None or one.high is None or other.low is None or other.high is None:
        return True
    return one.low <= other.high and other.low <= one.high


def share_interval(count: int, n: int) -> Estimate:
    """A share with its 95 % interval by Wilson (1927).

    (p + z²/2n ± z sqrt(p(1-p)/n + z²/4n²)) / (1 + z²/n), with p = count / n and z = 1.96. Both bounds lie in 0..1.
    Not defined for n = 0. R: ``prop.test(count, n, correct = FALSE)$conf.int``.
    """
    if n == 0:
        return Estimate(None, 0, reason="no_answers")
    p, z2 = count / n, Z95**2
    middle, half = p + z2 / (2 * n), Z95 * sqrt(p * (1 - p) / n + z2 / (4 * n * n))
    spread = 1 + z2 / n
    return Estimate(p, n, sqrt(p * (1 - p) / n), max(0.0, (middle - half) / spread), min(1.0, (middle + half) / spread))


def headline(results: Results, questionnaire: Questionnaire, words: Words) -> Headline:
    """The finding of the whole selection: the index, its grade and interval, and what is weakest."""
    index = results.index
    if results.indices:
        return Headline(*several_named(results.indices, questionnaire, words))
    if index is None:
        labels = item_labels(questionnaire, words)
        missing = [labels.get(name, name) for name in results.elements_without_answers]
        if missing:
            kind = "incomplete" if questionnaire.regulation else "incomplete_unofficial"
            return Headline(words(f"figure.headline.{kind}", elements=listed(missing, words)), "")
        labels = dimension_labels(questionnaire, words)
        title = gap_title if any(gap.gap.value is not None for gap in results.dimensions) else means_title
        return Headline(title(results.dimensions, labels, words, "dimension"), "")
    return Headline(
        index_named(index, words), index_between(index, words) + weakest(index, questionnaire, words, ". ", ".")
    )


def index_named(index: Index, words: Words) -> str:
    """*IKM 78,74 — B, Baik*; an index that is not the official one says so."""
    value = words.number(index.value.rounded)
    if not index.official:
        return words("figure.headline.unofficial", value=value)
    return words(
        "figure.headline.index", value=value, grade=index.value.grade, meaning=grade_word(index.value.grade, words)
    )


def several_named(indices: Sequence[Index], questionnaire: Questionnaire, words: Words) -> tuple[str, str]:
    """*SPKP 85,10 dan SPAK 91,20*, and that these are not the official index."""
    labels = dimension_labels(questionnaire, words)
    named = [f"{labels[index.dimension]} {words.number(index.value.rounded)}" for index in indices]
    return listed(named, words), words("figure.headline.several")


def indices_title(indices: Sequence[Index], questionnaire: Questionnaire, words: Words) -> str:
    """Which index is lowest, as far as the intervals can tell."""
    labels = dimension_labels(questionnaire, words)
    rising = sorted(indices, key=lambda index: index.value.exact)
    told = lowest([(labels[index.dimension], index.interval) for index in rising], words, "dimension")
    return told or words("figure.index.unofficial")


def weighted_title(weighted: Weighted, overall: Gap | None, words: Words) -> str:
    """What becomes of the gap when each respondent's dimensions count by the respondent's points."""
    if weighted.gap.value is None or overall is None or overall.gap.value is None:
        return words("figure.points.title")
    return words(
        "figure.points.finding",
        weighted=words.number(weighted.gap.value),
        interval=interval(weighted.gap, words) or "–",
        unweighted=words.number(overall.gap.value),
    )


def index_between(index: Index, words: Words) -> str:
    """*; antara 76,3 dan 81,2*, or nothing when there is no interval."""
    if index.interval.low is None or index.interval.high is None:
        return ""
    low, high = words.number(index.interval.low, 1), words.number(index.interval.high, 1)
    return words("figure.headline.between", low=low, high=high)


def grade_word(grade: str, words: Words) -> str:
    """The word of a grade letter."""
    return words(f"grade.{grade}")


def weakest(index: Index, questionnaire: Questionnaire, words: Words, before: str = "", after: str = "") -> str:
    """Which elements are lowest, as far as the intervals can tell. Empty when fewer than two elements have answers."""
    labels = item_labels(questionnaire, words)
    answered = [(labels[e.name], e.interval) for e in index.weakest_first if e.mean is not None]
    sentence = lowest(answered, words, "element")
    return f"{before}{sentence}{after}" if sentence else ""


def lowest(rising: Sequence[tuple[str, Estimate]], words: Words, kind: str) -> str:
    """Which of these, the lowest first, the intervals call lowest; ``kind`` is ``element`` or ``dimension``."""
    if len(rising) < 2:
        return ""
    tied = [name for at, (name, estimate) in enumerate(rising) if at == 0 or overlap(estimate, rising[0][1])]
    if len(tied) == 1:
        return words("figure.weakest.one", element=tied[0])
    if len(tied) == len(rising):
        return words(f"figure.weakest.none.{kind}")
    if len(tied) <= 3:
        return words("figure.weakest.few", elements=listed(tied, words))
    return words(f"figure.weakest.several.{kind}", count=words.count(len(tied)), element=tied[0])


def means_title(gaps: Sequence[Gap], labels: Mapping[str, str], words: Words, kind: str) -> str:
    """Which perceptions are lowest, where no expectation was asked."""
    known = sorted((g for g in gaps if g.perception.value is not None), key=lambda g: g.perception.value or 0.0)
    said_of = lowest([(labels[g.name], g.perception) for g in known], words, "element" if kind == "item" else kind)
    return said_of or words("figure.perception")


def gap_title(gaps: Sequence[Gap], labels: Mapping[str, str], words: Words, kind: str) -> str:
    """Where perception stays behind expectation. ``kind`` is ``dimension`` or ``item``."""
    known = sorted((gap for gap in gaps if gap.gap.value is not None), key=lambda gap: gap.gap.value or 0.0)
    behind = [gap for gap in known if gap.gap.high is not None and gap.gap.high < 0]
    ahead = [gap for gap in known if gap.gap.low is not None and gap.gap.low > 0]
    if not behind and not ahead:
        return words("figure.gap.none")
    if not behind:
        return words("figure.gap.ahead", where=listed([labels[gap.name] for gap in ahead[:2]], words))
    worst = behind[0]
    distinct = all(not overlap(worst.gap, gap.gap) for gap in known if gap is not worst)
    everywhere = len(behind) == len(known)
    if distinct and len(known) > 1:
        return words("figure.gap.mostly", where=labels[worst.name])
    if everywhere:
        return words(f"figure.gap.everywhere.{kind}")
    return words(f"figure.gap.some.{kind}", count=words.count(len(behind)), all=words.count(len(known)))


def low_answers(distribution: Distribution) -> int:
    """How many chose an answer below the middle of the scale."""
    return sum(distribution.counts[: len(distribution.counts) // 2])


def distribution_title(distributions: Sequence[Distribution], labels: Mapping[str, str], words: Words) -> str:
    """Which column got most answers below the middle of its scale."""
    shares = [(share_interval(low_answers(d), d.n), d) for d in distributions if d.n]
    if not shares:
        return words("figure.distribution.empty")
    shares.sort(key=lambda pair: -(pair[0].value or 0.0))
    top, worst = shares[0]
    if not top.value:
        return words("figure.distribution.no_low")
    if (top.high or 0.0) < RARE:
        return words("figure.distribution.rare", share=words.percent(top.value))
    if len(shares) > 1 and overlap(top, shares[1][0]):
        return words("figure.distribution.unclear")
    return words("figure.distribution.worst", share=words.percent(top.value), item=labels[worst.column])


def group_title(groups: Sequence[Group], labels: Mapping[int, str], words: Words, n: int) -> str:
    """Which group is the largest of the ``n`` who answered, when that is clear."""
    known = sorted((group for group in groups if group.code and group.n), key=lambda group: -group.n)
    if not known:
        return words("figure.group.unknown")
    first = share_interval(known[0].n, n)
    if len(known) > 1 and overlap(first, share_interval(known[1].n, n)):
        return words("figure.group.unclear")
    return words("figure.group.largest", group=labels.get(known[0].code, "?"), share=words.percent(first.value or 0.0))


def month_title(months: Sequence[Month], words: Words) -> str:
    """Whether the index of the last month differs from that of the first, as far as the intervals can tell."""
    shown = [month for month in months if month.index.value is not None]
    if not shown:
        return words("figure.month.hidden")
    if len(shown) == 1:
        return words("figure.month.single", month=month_name(shown[0].month, words))
    first, last = shown[0], shown[-1]
    names = {"first": month_name(first.month, words), "last": month_name(last.month, words)}
    if overlap(first.index, last.index):
        return words("figure.month.unclear", **names)
    rose = (last.index.value or 0.0) > (first.index.value or 0.0)
    change = words.number(abs((last.index.value or 0.0) - (first.index.value or 0.0)), 1)
    return words("figure.month.rose" if rose else "figure.month.fell", change=change, **names)


def month_name(month: int, words: Words) -> str:
    """*November 2026* for 202611."""
    return words.month(date(month // 100, month % 100, 1))


def weights_warning(index: Index, words: Words) -> str | None:
    """A plain warning when another usual weight convention would give another grade."""
    flips = index.grade_depends_on_weights
    if not flips:
        return None
    others = [
        words(
            "figure.weights.other",
            convention=convention_name(other.convention, len(index.elements), words),
            value=words.number(other.rounded),
            grade=other.grade,
            meaning=grade_word(other.grade, words),
        )
        for other in flips
    ]
    return words("figure.weights.warning", others=listed(others, words), grade=index.value.grade)


def weights_note(index: Index, words: Words) -> str | None:
    """The values under the other usual weights, when they leave the grade as it is."""
    if not index.others or index.grade_depends_on_weights:
        return None
    others = [
        words(
            "figure.weights.also",
            convention=convention_name(other.convention, len(index.elements), words),
            value=words.number(other.rounded),
        )
        for other in index.others
    ]
    return words("figure.weights.same", others=listed(others, words))


def convention_name(convention: str, elements: int, words: Words) -> str:
    """*bobot tepat 1/9* or *bobot 0,11*."""
    if convention == "exact":
        return words("figure.weights.exact", elements=words.count(elements))
    decimals = len(convention.partition(".")[2])
    return words("figure.weights.rounded", weight=words.number(float(convention), decimals))


def item_labels(questionnaire: Questionnaire, words: Words) -> dict[str, str]:
    """The words of every item, by name."""
    return {item.name: said(item.label, words) for item in questionnaire.items}


def dimension_labels(questionnaire: Questionnaire, words: Words) -> dict[str, str]:
    """The words of every dimension, by name."""
    return {dimension.name: said(dimension.label, words) for dimension in questionnaire.dimensions}


def column_label(column: Column, questionnaire: Questionnaire, words: Words) -> str:
    """The words of the item a column asks about, or of the dimension that got points."""
    if column.item:
        return said(column.item.label, words)
    return dimension_labels(questionnaire, words)[column.dimension]


def listed(names: Sequence[str], words: Words) -> str:
    """*a, b, dan c*."""
    if len(names) < 2:
        return "".join(names)
    key = "figure.list.two" if len(names) == 2 else "figure.list.many"
    return words(key, first=", ".join(names[:-1]), last=names[-1])
