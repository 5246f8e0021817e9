"""How does one say how sure a grade is, what would raise it, and that a gap is no chance?"""

from collections.abc import Sequence

from analysis.figures import findings
from analysis.gaps import Gap
from analysis.index import Index
from survey.questionnaire import Questionnaire
from survey.words import Words

NEARLY = 0.995
"""A probability above is said as *more than 99 %*: nobody knows the rest so exactly."""
OTHERS_FROM = 0.005


def grade_certainty(index: Index, words: Words) -> str | None:
    """How probable the grade is, and which others remain possible; None where that is not defined."""
    sure = index.certainty
    if sure.probability is None or sure.reason:
        return None
    if sure.probability >= NEARLY:
        return words("dashboard.grade.nearly", grade=index.value.grade)
    others = [
        words("dashboard.grade.other", grade=each.grade, share=words.percent(each.probability))
        for each in sure.grades
        if each.grade != index.value.grade and each.probability >= OTHERS_FROM
    ]
    share = words.percent(sure.probability)
    return words(
        "dashboard.grade.probable", grade=index.value.grade, share=share, others=findings.listed(others, words)
    )


def next_grade(index: Index, questionnaire: Questionnaire, words: Words) -> str | None:
    """By how much the index has to rise for the next grade, and which single element could do it most easily."""
    wanted = index.next_grade
    if wanted.grade is None or wanted.rise is None:
        return words("dashboard.grade.best") if wanted.reason == "highest_grade" else None
    rise = words.number(float(wanted.rise))
    alone = [each for each in wanted.elements if each.possible]
    if alone:
        easiest = min(alone, key=lambda each: each.mean)
        label = findings.item_labels(questionnaire, words)[index.elements[easiest.place].name]
        return words(
            "dashboard.grade.next_by_one",
            grade=wanted.grade,
            rise=rise,
            element=label,
            mean=words.number(float(easiest.mean)),
            needed=words.number(float(easiest.needed)),
        )
    if wanted.rise_of_each is not None:
        each = words.number(float(wanted.rise_of_each))
        return words("dashboard.grade.next_by_all", grade=wanted.grade, rise=rise, each=each)
    return words("dashboard.grade.next", grade=wanted.grade, rise=rise)


def chance(gap: Gap, words: Words) -> str:
    """Whether one gap is more than chance, judged together with the others."""
    if gap.test is None or gap.test.holm is None:
        return "–"
    return words("figure.gap.certain" if gap.test.is_certain else "figure.gap.unclear")


def chance_of_all(gaps: Sequence[Gap], words: Words) -> str | None:
    """How many of these gaps are more than chance; None where none is tested."""
    tested = [gap.test for gap in gaps if gap.test is not None and gap.test.holm is not None]
    if not tested:
        return None
    certain = sum(test.is_certain for test in tested)
    return words("figure.gap.chance", count=words.count(certain), all=words.count(len(tested)))
