"""How does the full evaluation read at a terminal? Its main parts in lines; every number is in the JSON."""

from analysis.full import FullResults
from analysis.texts.compared import Compared
from analysis.texts.measured import Measured
from survey.questionnaire import Questionnaire
from survey.words import Words


def full_lines(full: FullResults, questionnaire: Questionnaire, words: Words) -> list[str]:
    """The main parts of the full evaluation, each with its heading."""
    measured, compared = Measured(words, questionnaire), Compared(words, questionnaire)
    parts = (
        ("certainty", measured.certainty(full)),
        ("gaps", measured.gaps(full)),
        ("reliability", measured.reliability(full)),
        ("validity", measured.validity(full)),
        ("priorities", measured.priorities(full)),
        ("comparison", compared.comparison(full)),
        ("trend", compared.time(full)),
        ("sample", compared.sample(full)),
        ("quality", compared.quality(full)),
    )
    lines: list[str] = []
    for name, told in parts:
        inside = list(told) or [words("full.nothing")]
        lines += ["", words(f"full.title.{name}"), *(f"  {line}" for line in inside)]
    return [*lines, "", words("full.all_in_json")]
