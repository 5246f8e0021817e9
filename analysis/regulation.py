"""By which rule is the index computed: which elements, which weights, which rounding, which grades?"""

from decimal import Decimal
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from survey.problem import Problem
from survey.strict_yaml import read_yaml

FILE = Path(__file__).with_name("regulation.yaml")
EXACT = "exact"
ONCE = "once"


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Grade(_Part):
    """A grade and the lowest rounded index that earns it; None for the last one."""

    grade: str
    lowest: Annotated[Decimal | None, Field(alias="from")] = None


class Weights(_Part):
    """A convention for the weight of one element: ``exact`` (1/n) or the decimal that reports print."""

    name: str
    source: str

    def weight(self, elements: int) -> Fraction:
        """The weight of one of ``elements`` elements."""
        return _weight(self.name, elements)


class Rounding(_Part):
    """When numbers are rounded: ``once`` at the end, or each product to ``decimals`` before adding."""

    name: str
    source: str
    decimals: int | None = None


class RuleSet(_Part):
    """One regulation as data. ``checked`` says whether its facts were compared with the regulation's own text."""

    name: str
    issued: int
    title: dict[str, str]
    source: str
    checked: bool
    points: int
    elements: tuple[str, ...]
    grades: tuple[Grade, ...]
    weights: tuple[Weights, ...]
    roundings: tuple[Rounding, ...]

    def grade(self, rounded: Decimal) -> str:
        """The grade of an index that is already rounded half-up to two decimals.

        The printed bands have holes (88.30 to 88.31), so only lower limits are compared, and only with the rounded
        value. The lowest grade has no lower limit: less than 25 occurs only with weights that add up to less than 1.
        """
        return next(grade.grade for grade in self.grades if grade.lowest is None or rounded >= grade.lowest)

    def conventions(self, elements: int) -> tuple[Weights, ...]:
        """The weight conventions for ``elements`` elements: the printed decimals fit the regulated number only."""
        return tuple(kind for kind in self.weights if self._fits(kind, elements))

    def _fits(self, kind: Weights, elements: int) -> bool:
        return kind.name == EXACT or elements == len(self.elements)

    def convention(self, name: str, elements: int) -> Weights:
        """The weight convention called ``name``. Raises ``Problem`` when it does not fit."""
        for kind in self.weights:
            if kind.name == name and self._fits(kind, elements):
                return kind
        known = ", ".join(kind.name for kind in self.conventions(elements))
        raise Problem("regulation.weights", given=name, regulation=self.name, known=known)

    def rounding(self, name: str) -> Rounding:
        """The rounding called ``name``. Raises ``Problem`` when this rule has none of that name."""
        for kind in self.roundings:
            if kind.name == name:
                return kind
        known = ", ".join(kind.name for kind in self.roundings)
        raise Problem("regulation.rounding", given=name, regulation=self.name, known=known)


@cache
def _weight(name: str, elements: int) -> Fraction:
    return Fraction(1, elements) if name == EXACT else Fraction(name)


@cache
def rule_sets() -> tuple[RuleSet, ...]:
    """Every rule set, the oldest first."""
    content: Any = read_yaml(FILE.read_text(encoding="utf-8"), FILE.name)
    return tuple(RuleSet.model_validate(entry) for entry in content["rule_sets"])


def rule_set(name: str) -> RuleSet:
    """The rule set called ``name``. Raises ``Problem`` when there is none."""
    for rules in rule_sets():
        if rules.name == name:
            return rules
    raise Problem("regulation.unknown", given=name, known=", ".join(rules.name for rules in rule_sets()))


def rule_set_of(year: int) -> RuleSet | None:
    """The newest rule set issued in ``year`` or before, None before the first.

    In a year of change both rules were in use: a questionnaire file therefore names its rule set itself.
    """
    issued = [rules for rules in rule_sets() if rules.issued <= year]
    return max(issued, key=lambda rules: rules.issued) if issued else None
