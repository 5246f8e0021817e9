"""How is a paper form keyed twice, by two people, and what becomes of it when they differ?

The first keying waits. The second is keyed blind, by somebody else; when both are the same, the form is kept. When they
differ, somebody decides item by item with the paper in hand. What was keyed is forgotten once the form is kept, so that
an answer stands in one place only.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

import sqlalchemy as sa

from survey.catalogue import Survey
from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.store.answers.responses import RESPONSE
from survey.store.engine import insert_or_ignore
from survey.store.paper.forms import PaperForm, keep_form, understood_form
from survey.store.paper.numbered import FORM
from survey.store.people.audit import Did, record

if TYPE_CHECKING:
    from survey.store import Store

_FORGOTTEN = {"first": None, "second": None}


class Keying(StrEnum):
    """What became of a form that was keyed."""

    KEPT = "kept"
    WAITS = "waits"
    """It was keyed for the first time; somebody else keys it once more."""
    DIFFERS = "differs"
    """The second keying is not the same; somebody decides."""


@dataclass(frozen=True)
class Waiting:
    """A form that was keyed once, by whom and when."""

    number: int
    by: str
    at: datetime


@dataclass(frozen=True)
class Differing:
    """A form whose two keyings are not the same. ``differences`` names the fields, as ``fields_of`` does."""

    number: int
    first: PaperForm
    second: PaperForm
    first_by: str
    second_by: str

    @property
    def differences(self) -> tuple[str, ...]:
        """The fields in which they differ."""
        one, other = fields_of(self.first), fields_of(self.second)
        return tuple(name for name in {**one, **other} if one.get(name) != other.get(name))


def key_carefully(
    store: Store, principal: Principal, survey: Survey, form: PaperForm, *, double: bool, now: datetime | None = None
) -> Keying:
    """Key a form: at once, or as the first or second of two. A form that waits is always taken as its second keying.

    Raises ``Problem`` as ``key_form`` does, when the same person keys a form twice, and for a form that waits for a
    decision.
    """
    moment = now or datetime.now(UTC)
    arrived = understood_form(store, principal, survey, form, moment)
    here = (FORM.c.survey == survey.number, FORM.c.form == form.number)
    with store.reading.connect() as connection:
        row = connection.execute(sa.select(FORM).where(*here)).one_or_none()
    if row is None or row.first is None:
        if not double:
            keep_form(store, survey, arrived, moment)
            return Keying.KEPT
        _keep_first(store, principal, survey, form, moment)
        return Keying.WAITS
    if row.second is not None:
        raise Problem("key.undecided", number=form.number)
    if row.first_by == principal.name:
        raise Problem("key.same_person", number=form.number)
    if fields_of(_read(row.first)) == fields_of(form):
        by = {"second_by": principal.name, "second_at": moment, "response": arrived.response.id}
        kept = sa.update(FORM).where(*here).values(**by, **_FORGOTTEN)
        keep_form(store, survey, arrived, moment, lambda connection: _only(connection, kept))
        return Keying.KEPT
    second = {"second": _written(form), "second_by": principal.name, "second_at": moment}
    with store.engine.begin() as connection:
        _only(connection, sa.update(FORM).where(*here, FORM.c.second.is_(None)).values(second))
    return Keying.DIFFERS


def waiting_forms(store: Store, principal: Principal, survey: Survey) -> tuple[Waiting, ...]:
    """The forms that wait for their second keying, by number."""
    principal.require(Permission.KEY_FORMS)
    query = (
        sa.select(FORM.c.form, FORM.c.first_by, FORM.c.first_at)
        .where(FORM.c.survey == survey.number, FORM.c.first.is_not(None), FORM.c.second.is_(None))
        .order_by(FORM.c.form)
    )
    with store.reading.connect() as connection:
        return tuple(Waiting(*row) for row in connection.execute(query))


def differing_forms(store: Store, principal: Principal, survey: Survey) -> tuple[Differing, ...]:
    """The forms that wait for a decision, by number; those of other units' services are not shown."""
    principal.require(Permission.KEY_FORMS)
    query = (
        sa.select(FORM)
        .where(FORM.c.survey == survey.number, FORM.c.first.is_not(None), FORM.c.second.is_not(None))
        .order_by(FORM.c.form)
    )
    with store.reading.connect() as connection:
        rows = connection.execute(query).all()
    found = (Differing(r.form, _read(r.first), _read(r.second), r.first_by, r.second_by) for r in rows)
    return tuple(one for one in found if _within(principal, survey, one))


def decide(
    store: Store,
    principal: Principal,
    survey: Survey,
    number: int,
    chosen: Mapping[str, str],
    *,
    now: datetime | None = None,
) -> None:
    """Keep a form whose keyings differ: for each field that differs, what stands on the paper.

    Raises ``Problem`` when a decision is missing, or the form does not wait for one any more.
    """
    moment = now or datetime.now(UTC)
    found = {one.number: one for one in differing_forms(store, principal, survey)}.get(number)
    if found is None:
        raise Problem("key.decided", number=number)
    if set(found.differences) - chosen.keys():
        raise Problem("key.undecided", number=number)
    fields = {**fields_of(found.first), **{name: chosen[name] for name in found.differences}}
    arrived = understood_form(store, principal, survey, _form_of(number, fields), moment)
    here = (FORM.c.survey == survey.number, FORM.c.form == number, FORM.c.second.is_not(None))

    def forget(connection: sa.Connection) -> None:
        _only(connection, sa.update(FORM).where(*here).values(response=arrived.response.id, **_FORGOTTEN))
        decided = {"fields": len(found.differences)}  # which and how is never told: these are answers
        record(connection, principal, Did.FORM_CORRECTED, f"{survey.name} {number}", now, **decided)

    keep_form(store, survey, arrived, moment, forget)


def fields_of(form: PaperForm) -> dict[str, str]:
    """Everything that was keyed, as text by the name of its field; what was left out is absent."""
    told = {"day": form.day.isoformat(), "service": form.service, "comment": " ".join(form.comment.split())}
    codes = {f"profile.{name}": str(code) for name, code in form.profile.items()}
    codes |= {name: str(code) for name, code in form.answers.items()}
    return {name: value for name, value in {**told, **codes}.items() if value}


def _form_of(number: int, fields: Mapping[str, str]) -> PaperForm:
    """The form that these fields say; an empty one is left out."""
    said = {name: value for name, value in fields.items() if value}
    day, service, comment = date.fromisoformat(said.pop("day")), said.pop("service", None), said.pop("comment", "")
    profile = {n.removeprefix("profile."): int(code) for n, code in said.items() if n.startswith("profile.")}
    answers = {name: int(code) for name, code in said.items() if not name.startswith("profile.")}
    return PaperForm(number, day, service, profile, answers, comment)


def _written(form: PaperForm) -> bytes:
    return json.dumps([form.number, fields_of(form) | {"comment": form.comment}], ensure_ascii=False).encode()


def _read(written: bytes) -> PaperForm:
    number, fields = json.loads(bytes(written))
    return replace(_form_of(number, fields), comment=fields["comment"])


def _keep_first(store: Store, principal: Principal, survey: Survey, form: PaperForm, moment: datetime) -> None:
    here = (FORM.c.survey == survey.number, FORM.c.form == form.number)
    keyed = {"first": _written(form), "first_by": principal.name, "first_at": moment}
    taken = sa.select(RESPONSE.c.number).where(
        RESPONSE.c.survey == survey.number, RESPONSE.c.sequence == form.number, RESPONSE.c.station.is_(None)
    )
    with store.engine.begin() as connection:
        if connection.scalar(taken) is not None:
            raise Problem("key.again", number=form.number)
        row = {"survey": survey.number, "form": form.number}
        connection.execute(insert_or_ignore(connection.dialect.name, FORM), row)
        _only(connection, sa.update(FORM).where(*here, FORM.c.first.is_(None)).values(keyed))


def _only(connection: sa.Connection, change: sa.Update) -> None:
    """Make the change, unless somebody at another desk was a moment earlier."""
    if connection.execute(change).rowcount != 1:
        raise Problem("key.other_desk")


def _within(principal: Principal, survey: Survey, found: Differing) -> bool:
    units = {service.name: service.unit for service in survey.services}
    named = [units.get(form.service or "") for form in (found.first, found.second)]
    return principal.units is None or all(unit is None or unit in principal.units for unit in named)
