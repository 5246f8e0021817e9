"""How is a survey made, changed, opened and closed, so that no answer given before is touched?"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa

from survey.catalogue import EXACT_WEIGHTS, Survey, SurveyStatus, weight_conventions
from survey.hours import Hours
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.questionnaire import Questionnaire, Text
from survey.revision import lost_columns
from survey.store.answers.responses import COMMENT, RESPONSE
from survey.store.first_start import EXAMPLE_QUESTIONNAIRE, RETENTION_MONTHS
from survey.store.people.audit import Did, record
from survey.store.plans.surveys import (
    AGENCY,
    QUESTIONNAIRE,
    SURVEY,
    SURVEY_UNIT,
    UNIT,
    find_questionnaire,
    insert,
    load_survey,
    require_survey,
)
from survey.words import LANGUAGES

if TYPE_CHECKING:
    from survey.store import Store

SURVEY_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,60}")
"""What may stand in the address of a survey."""
TITLE_LONGEST, NOTICE_LONGEST, THANKS_LONGEST, IMPROVED_LONGEST = 90, 300, 200, 160
"""Letters: these texts are read in passing, and every one travels on a slow line."""
MONTHS_LONGEST = 60
REASON_SHORTEST = 10

NEXT: Mapping[SurveyStatus, tuple[SurveyStatus, ...]] = {
    SurveyStatus.DRAFT: (SurveyStatus.OPEN,),
    SurveyStatus.OPEN: (SurveyStatus.CLOSED, SurveyStatus.DRAFT),
    SurveyStatus.CLOSED: (SurveyStatus.PUBLISHED, SurveyStatus.OPEN),
    SurveyStatus.PUBLISHED: (SurveyStatus.OPEN,),
}
"""Which step a survey may take: back to draft without any answer only, from published with a reason only."""


@dataclass(frozen=True)
class Plan:
    """Everything of a survey that can be set. ``questionnaire`` is a name and a version, ``units`` are numbers."""

    title: Text
    questionnaire: tuple[str, int]
    units: frozenset[int]
    test: bool = False
    weights: str = EXACT_WEIGHTS
    opens: date | None = None
    closes: date | None = None
    population: int | None = None
    target: int | None = None
    retention_months: int = RETENTION_MONTHS
    notice: Text | None = None
    thanks: Text | None = None
    hours: Hours | None = None

    @classmethod
    def of(cls, survey: Survey) -> Plan:
        """The plan that a survey follows now."""
        s = survey
        return cls(
            title=dict(s.title),
            questionnaire=(s.questionnaire.name, s.questionnaire.version),
            units=frozenset(unit.number for unit in s.units),
            test=s.test,
            weights=s.weight_convention,
            opens=s.opens,
            closes=s.closes,
            population=s.population,
            target=s.target,
            retention_months=s.retention_months,
            notice=dict(s.notice) if s.notice else None,
            thanks=dict(s.thanks) if s.thanks else None,
            hours=s.hours,
        )

    def told(self) -> dict[str, Any]:
        """The plan as plain values, for the audit."""
        return {
            "title": dict(self.title),
            "questionnaire": list(self.questionnaire),
            "units": sorted(self.units),
            "test": self.test,
            "weights": self.weights,
            "opens": self.opens.isoformat() if self.opens else None,
            "closes": self.closes.isoformat() if self.closes else None,
            "population": self.population,
            "target": self.target,
            "retention_months": self.retention_months,
            "notice": dict(self.notice) if self.notice else None,
            "thanks": dict(self.thanks) if self.thanks else None,
            "hours": self.hours.stored() if self.hours else None,
        }


def plan_survey(store: Store, principal: Principal, name: str, plan: Plan) -> Survey:
    """A new survey of the agency, a draft until it is opened. Raises ``Problem`` for what does not fit.

    Its name stands in its address (``/s/<name>``), so no two surveys have the same, whatever their agency.
    """
    principal.require(Permission.MANAGE_SURVEYS)
    _require_name(name)
    with store.engine.begin() as connection:
        _require_free(connection, name)
        agency = _agency(connection)
        made = _Making(connection, agency)
        number = insert(connection, SURVEY, {**made.row(_tidied(plan)), **_new(agency, name, SurveyStatus.DRAFT)})
        made.ask_in(number, plan.units)
        record(connection, principal, Did.SURVEY_MADE, name, **_tidied(plan).told())
        return _loaded(connection, name)


def change_survey(store: Store, principal: Principal, name: str, plan: Plan) -> Survey:
    """Let a survey follow another plan from now on. Every answer stays as it is; what changed is in the audit.

    Raises ``Problem`` for what does not fit, and for what would give answers another meaning: a test that was real, a
    unit with answers that is left out, a questionnaire without columns that have answers, comments kept for longer than
    was promised.
    """
    principal.require(Permission.MANAGE_SURVEYS)
    plan = _tidied(plan)
    with store.engine.begin() as connection:
        survey = _loaded(connection, name)
        made = _Making(connection, survey.agency.number)
        row = made.row(plan)
        made.require_harmless(survey, plan)
        before, after = Plan.of(survey).told(), plan.told()
        changed: dict[str, Any] = {key: [before[key], value] for key, value in after.items() if before[key] != value}
        if changed:
            connection.execute(sa.update(SURVEY).where(SURVEY.c.number == survey.number).values(**row))
            made.ask_in(survey.number, plan.units)
            record(connection, principal, Did.SURVEY_CHANGED, name, **changed)
        return _loaded(connection, name)


def move_survey(store: Store, principal: Principal, name: str, status: SurveyStatus, reason: str = "") -> Survey:
    """Open, close or publish a survey. A published one opens again only with a reason, which the audit keeps.

    An open survey becomes a draft again while it has no answer at all. Raises ``Problem`` for any other step.
    """
    principal.require(Permission.MANAGE_SURVEYS)
    with store.engine.begin() as connection:
        survey = _loaded(connection, name)
        if status not in NEXT[survey.status]:
            raise Problem("survey.step", name=name, status=survey.status.value, wanted=status.value)
        if status is SurveyStatus.DRAFT and has_answers(connection, survey):
            raise Problem("survey.draft_with_answers", name=name)
        if status is SurveyStatus.OPEN and not survey.units and survey.questionnaire.audience != "staff":
            raise Problem("survey.no_units")
        told: dict[str, Any] = {"status": [survey.status.value, status.value]}
        if survey.status is SurveyStatus.PUBLISHED:
            said = " ".join(reason.split())
            if len(said) < REASON_SHORTEST:
                raise Problem("survey.reason", shortest=REASON_SHORTEST)
            told["reason"] = [said[:300]]
        connection.execute(sa.update(SURVEY).where(SURVEY.c.number == survey.number).values(status=status.value))
        record(connection, principal, Did.SURVEY_CHANGED, name, **told)
        return _loaded(connection, name)


def has_answers(connection: sa.Connection, survey: Survey, *of: sa.ColumnElement[bool]) -> bool:
    """Whether the survey has a response, of a kind if one is named."""
    query = sa.select(RESPONSE.c.number).where(RESPONSE.c.survey == survey.number, *of).limit(1)
    return connection.scalar(query) is not None


def add_survey(
    store: Store,
    principal: Principal,
    name: str,
    questionnaire: str,
    *,
    test: bool = False,
    weights: str = EXACT_WEIGHTS,
) -> Survey:
    """A new open survey of the agency in all its units, with the newest published version of a questionnaire.

    Its title is the questionnaire's. Raises ``Problem`` for a name that is taken or cannot be part of an address, for
    a questionnaire that was never published here, for weights that do not fit it, and while there is no agency.
    """
    principal.require(Permission.MANAGE_SURVEYS)
    _require_name(name)
    with store.engine.begin() as connection:
        _require_free(connection, name)
        asked = _newest(connection, questionnaire)
        agency = _agency(connection)
        units = frozenset(connection.scalars(sa.select(UNIT.c.number).where(UNIT.c.agency == agency)))
        plan = Plan(dict(asked.title), (asked.name, asked.version), units, test, weights)
        made = _Making(connection, agency)
        number = insert(connection, SURVEY, {**made.row(plan), **_new(agency, name, SurveyStatus.OPEN)})
        made.ask_in(number, units)
        record(connection, principal, Did.SURVEY_MADE, name, **plan.told(), status=SurveyStatus.OPEN.value)
        return _loaded(connection, name)


def choose_weights(store: Store, principal: Principal, name: str, weights: str) -> Survey:
    """Count the index of a survey with other weights from now on; its answers stay as they are.

    Raises ``Problem`` for a survey that is not there and for weights that do not fit its questionnaire.
    """
    return change_survey(store, principal, name, replace(_plan(store, principal, name), weights=weights))


def tell_improved(store: Store, principal: Principal, name: str, improved: Mapping[str, str]) -> Survey:
    """Change what the survey's inviting screen tells of what was improved lately; empty texts tell nothing any more.

    The text is there in every language of the program or in none. Raises ``Problem`` for a survey that is not there, a
    language that is missing, and a text that is too long to be read in passing.
    """
    principal.require(Permission.MANAGE_SURVEYS)
    told = said_in_all(improved, IMPROVED_LONGEST, "survey.improved_in_all", "survey.improved_too_long")
    survey = require_survey(store, name)
    with store.engine.begin() as connection:
        if told != survey.improved:
            connection.execute(sa.update(SURVEY).where(SURVEY.c.number == survey.number).values(improved=told))
            record(connection, principal, Did.SURVEY_CHANGED, name, improved=[survey.improved, told])
        return _loaded(connection, name)


def said_in_all(text: Mapping[str, str] | None, longest: int, missing: str, too_long: str) -> dict[str, str] | None:
    """A text on one line in every language of the program; None when it says nothing in any.

    Raises the ``Problem`` called ``missing`` when a language is, and that called ``too_long``.
    """
    told = {language: " ".join((text or {}).get(language, "").split()) for language in LANGUAGES}
    if not any(told.values()):
        return None
    if not all(told.values()):
        raise Problem(missing)
    if max(map(len, told.values())) > longest:
        raise Problem(too_long, longest=longest)
    return told


def _plan(store: Store, principal: Principal, name: str) -> Plan:
    principal.require(Permission.MANAGE_SURVEYS)
    return Plan.of(require_survey(store, name))


def _tidied(plan: Plan) -> Plan:
    """The same with its texts on one line each; raises ``Problem`` for what no survey may have."""
    title = said_in_all(plan.title, TITLE_LONGEST, "survey.title_in_all", "survey.text_too_long")
    if title is None:
        raise Problem("survey.title_in_all")
    notice = said_in_all(plan.notice, NOTICE_LONGEST, "survey.text_in_all", "survey.text_too_long")
    thanks = said_in_all(plan.thanks, THANKS_LONGEST, "survey.text_in_all", "survey.text_too_long")
    if any("{" in said or "}" in said for text in (notice, thanks) if text for said in text.values()):
        raise Problem("survey.text_sign")
    if plan.opens and plan.closes and plan.opens > plan.closes:
        raise Problem("survey.period")
    for value in (plan.population, plan.target):
        if value is not None and not 1 <= value < 2**31:
            raise Problem("survey.number", given=value)
    if not 1 <= plan.retention_months <= MONTHS_LONGEST:
        raise Problem("survey.months", longest=MONTHS_LONGEST)
    return replace(plan, title=title, notice=notice, thanks=thanks)


def _require_name(name: str) -> None:
    if not SURVEY_NAME.fullmatch(name):
        raise Problem("survey.bad_name", name=name)


def _require_free(connection: sa.Connection, name: str) -> None:
    if connection.scalar(sa.select(SURVEY.c.number).where(SURVEY.c.name == name)):
        raise Problem("survey.exists", name=name)


def _agency(connection: sa.Connection) -> int:
    agency: int | None = connection.scalar(sa.select(AGENCY.c.number).order_by(AGENCY.c.number).limit(1))
    if agency is None:
        raise Problem("survey.no_agency", questionnaire=EXAMPLE_QUESTIONNAIRE)
    return agency


def _newest(connection: sa.Connection, name: str) -> Questionnaire:
    newest = sa.select(sa.func.max(QUESTIONNAIRE.c.version)).where(QUESTIONNAIRE.c.name == name)
    found = find_questionnaire(connection, name, connection.scalar(newest) or 0)
    if found is None:
        known = connection.scalars(sa.select(QUESTIONNAIRE.c.name).distinct().order_by(QUESTIONNAIRE.c.name)).all()
        raise Problem("survey.no_questionnaire", given=name, known=", ".join(known))
    return found[1]


def _new(agency: int, name: str, status: SurveyStatus) -> dict[str, Any]:
    return {"agency": agency, "name": name, "status": status.value}


def _loaded(connection: sa.Connection, name: str) -> Survey:
    found = load_survey(connection, name)
    if found is None:
        known = connection.scalars(sa.select(SURVEY.c.name).order_by(SURVEY.c.name)).all()
        raise Problem("survey.unknown", name=name, known=", ".join(known))
    return found


class _Making:
    """Turns a plan into what is stored, within one transaction."""

    def __init__(self, connection: sa.Connection, agency: int) -> None:
        self.connection = connection
        self.agency = agency

    def row(self, plan: Plan) -> dict[str, Any]:
        """The columns of the survey; raises ``Problem`` for a questionnaire, weights or units that do not fit."""
        found = find_questionnaire(self.connection, *plan.questionnaire)
        if found is None:
            raise Problem("survey.no_questionnaire", given=plan.questionnaire[0], known="-")
        number, asked = found
        known = weight_conventions(asked)
        if plan.weights not in known:
            raise Problem("survey.weights", given=plan.weights, questionnaire=asked.name, known=", ".join(known))
        ours = set(self.connection.scalars(sa.select(UNIT.c.number).where(UNIT.c.agency == self.agency)))
        if not plan.units <= ours:
            raise Problem("survey.no_units")
        return {
            "title": dict(plan.title),
            "questionnaire": number,
            "test": plan.test,
            "weight_convention": plan.weights,
            "opens": plan.opens,
            "closes": plan.closes,
            "population": plan.population,
            "target": plan.target,
            "retention_months": plan.retention_months,
            "notice": plan.notice,
            "thanks": plan.thanks,
            "hours": plan.hours.stored() if plan.hours else None,
        }

    def ask_in(self, survey: int, units: frozenset[int]) -> None:
        """Let the survey be about these units."""
        self.connection.execute(sa.delete(SURVEY_UNIT).where(SURVEY_UNIT.c.survey == survey))
        if units:
            self.connection.execute(sa.insert(SURVEY_UNIT), [{"survey": survey, "unit": unit} for unit in units])

    def require_harmless(self, survey: Survey, plan: Plan) -> None:
        """Raise ``Problem`` when an answer that is there would come to mean something else."""
        if not has_answers(self.connection, survey):
            return
        for problem in self._harm(survey, plan):
            raise problem

    def _harm(self, survey: Survey, plan: Plan) -> Iterator[Problem]:
        if plan.test != survey.test:
            yield Problem("survey.test_with_answers")
        for unit in survey.units:
            gone = unit.number not in plan.units
            if gone and has_answers(self.connection, survey, RESPONSE.c.unit == unit.number):
                yield Problem("survey.unit_with_answers", unit=unit.name)
        found = find_questionnaire(self.connection, *plan.questionnaire)
        lost = lost_columns(survey.questionnaire, found[1]) if found else ()
        if lost:
            yield Problem("survey.columns_lost", columns=", ".join(lost))
        if plan.retention_months > survey.retention_months and self._has_comments(survey):
            yield Problem("survey.months_promised", months=survey.retention_months)

    def _has_comments(self, survey: Survey) -> bool:
        query = sa.select(COMMENT.c.response).join(RESPONSE, COMMENT.c.response == RESPONSE.c.number)
        return self.connection.scalar(query.where(RESPONSE.c.survey == survey.number).limit(1)) is not None
