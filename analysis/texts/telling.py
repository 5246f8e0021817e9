"""How are estimates, tests and names written in a line of text?"""

from collections.abc import Iterable
from dataclasses import dataclass

from analysis.methods.estimate import Estimate
from analysis.methods.significance import Significance
from survey.questionnaire import Questionnaire
from survey.words import Words

MOST_GROUPS = 12
"""More are not written out."""
SMALLEST_P = 0.001


@dataclass(frozen=True)
class Teller:
    """Writes in the language of ``words``, with the labels of the questionnaire."""

    words: Words
    questionnaire: Questionnaire

    def number(self, value: float | None, decimals: int = 2) -> str:
        """A number, or a dash."""
        return "–" if value is None else self.words.number(float(value), decimals)

    def estimate(self, found: Estimate, decimals: int = 2) -> str:
        """A value with its interval and n, or the reason why there is none."""
        n = self.words.count(found.n)
        if found.value is None:
            return self.words("full.undefined", reason=self.reason(found.reason), n=n)
        value = self.number(found.value, decimals)
        if found.low is None or found.high is None:
            return self.words("full.bare", value=value, n=n)
        low, high = self.number(found.low, decimals), self.number(found.high, decimals)
        return self.words("full.estimate", value=value, low=low, high=high, n=n)

    def reason(self, reason: str | None) -> str:
        """Why something is not defined."""
        return self.words(f"reason.{reason}") if reason else "–"

    def p(self, value: float | None) -> str:
        """A probability of error: *p = 0,012* or *p < 0,001*."""
        if value is None:
            return "p –"
        small = value < SMALLEST_P
        return f"p {'<' if small else '='} {self.number(SMALLEST_P if small else value, 3)}"

    def test(self, found: Significance) -> str:
        """A test with its statistic, or the reason why it cannot be made."""
        if found.statistic is None:
            return self.words("full.undefined", reason=self.reason(found.reason), n=self.words.count(found.n))
        df = ", ".join(self.number(value, 0 if float(value).is_integer() else 1) for value in found.df)
        symbol = self.words(f"full.law.{found.law}")
        return f"{symbol}{f' ({df})' if df else ''} = {self.number(found.statistic)}, {self.p(found.p)}"

    def label(self, name: str) -> str:
        """The words of an item or a dimension, else the name itself."""
        said = {item.name: item.label for item in self.questionnaire.items}
        said |= {dimension.name: dimension.label for dimension in self.questionnaire.dimensions}
        if name in said:
            return said[name].get(self.words.language) or next(iter(said[name].values()))
        return self.words("full.everything") if name in ("", "all") else name

    def labels(self, names: Iterable[str]) -> str:
        """Several of them."""
        return ", ".join(self.label(name) for name in names)

    def outcome(self, name: str) -> str:
        """What is compared, in words: *index*, *perception.time*, *P_time*."""
        kind, _, what = name.partition(".")
        if kind in ("index", "perception", "gap"):
            return f"{self.words(f'full.kind.{kind}')}{f': {self.label(what)}' if what else ''}"
        return self.label(name.removeprefix("P_"))

    def more(self, count: int, most: int = MOST_GROUPS) -> Iterable[str]:
        """How many were not written out."""
        if count > most:
            yield f"  {self.words('full.more', n=self.words.count(count - most))}"
