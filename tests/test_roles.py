"""May everybody do exactly what the role allows, and see exactly the units that are theirs, whatever the screens show?

Every function of the project that takes a ``Principal`` stands in ``ASKS``; one that does not is found by inspection.
Those that a person of one unit may call stand in ``NARROWED``, ``REFUSED`` or ``NAMES_NO_UNIT`` too.
"""

import importlib
import inspect
import pkgutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

import analysis
import survey as package
from analysis.counting.live import Live
from analysis.files.datasets import data_set
from analysis.files.live_visits import LiveVisits
from survey.catalogue import Survey
from survey.principal import CITIZEN, LOCAL_STAFF, MAY, Forbidden, Permission, Principal, Role
from survey.problem import Problem
from survey.served import Count
from survey.settings import Settings
from survey.store import Store
from survey.store.answers.circumstances import read_circumstances
from survey.store.answers.responses import count_set_aside, newest, read_responses, rebuild
from survey.store.paper.forms import PaperForm, key_form, last_forms
from survey.store.paper.twice import decide, differing_forms, key_carefully
from survey.store.plans.surveys import list_surveys
from survey.store.stations.arrivals import completeness
from survey.store.stations.registration import change_pin, new_code, rename_station, retire
from survey.store.stations.served import enter_served, entered_served, forget_served, read_served
from survey.store.stations.watch import watch_stations
from tests.builders import NOW, respond, settings_of, shipped, survey_called
from tests.people import principal, unit_number

P = Permission
ASKS: dict[str, tuple[Permission, ...]] = {
    "analysis.counting.live.Live.matrix": (P.READ_RESULTS,),
    "analysis.counting.live.Live.newest": (P.READ_RESULTS,),
    "analysis.counting.live.Live.seen": (P.READ_RESULTS,),
    "analysis.files.live_visits.LiveVisits.visits": (P.READ_RESULTS,),
    "analysis.files.datasets.data_set": (P.EXPORT_DATA,),
    "survey.example.add_example_answers": (P.MANAGE_SURVEYS,),
    "survey.store.people.accounts.change_account": (P.MANAGE_ACCOUNTS,),
    "survey.store.people.accounts.disable_account": (P.MANAGE_ACCOUNTS,),
    "survey.store.people.accounts.list_accounts": (P.MANAGE_ACCOUNTS,),
    "survey.store.people.accounts.make_account": (P.MANAGE_ACCOUNTS,),
    "survey.store.people.accounts.make_reset_code": (P.MANAGE_ACCOUNTS,),
    "survey.store.people.audit.first_broken": (P.READ_AUDIT,),
    "survey.store.people.audit.people_in_audit": (P.READ_AUDIT,),
    "survey.store.people.audit.read_audit": (P.READ_AUDIT,),
    "survey.store.people.audit.record_export": (P.EXPORT_DATA,),
    "survey.store.safety.backup.make_backup": (P.BACK_UP,),
    "survey.store.answers.circumstances.read_circumstances": (P.READ_RESULTS,),
    "survey.store.answers.deletion.delete_response": (P.DELETE_RESPONSES,),
    "survey.store.answers.deletion.find_by_receipt": (P.DELETE_RESPONSES,),
    "survey.store.answers.deletion.list_deletions": (P.DELETE_RESPONSES,),
    "survey.store.safety.health.health": (P.BACK_UP,),
    "survey.store.safety.health.verify": (P.BACK_UP,),
    "survey.store.answers.imports.import_responses": (P.MANAGE_SURVEYS,),
    "survey.store.paper.numbered.number_forms": (P.KEY_FORMS,),
    "survey.store.paper.numbered.printed_forms": (P.KEY_FORMS,),
    "survey.store.paper.forms.key_form": (P.KEY_FORMS,),
    "survey.store.paper.forms.keyed_numbers": (P.KEY_FORMS,),
    "survey.store.paper.forms.last_forms": (P.KEY_FORMS,),
    "survey.store.paper.forms.understood_form": (P.KEY_FORMS,),
    "survey.store.plans.planning.add_survey": (P.MANAGE_SURVEYS,),
    "survey.store.plans.planning.change_survey": (P.MANAGE_SURVEYS,),
    "survey.store.plans.planning.choose_weights": (P.MANAGE_SURVEYS,),
    "survey.store.plans.planning.move_survey": (P.MANAGE_SURVEYS,),
    "survey.store.plans.planning.plan_survey": (P.MANAGE_SURVEYS,),
    "survey.store.plans.planning.tell_improved": (P.MANAGE_SURVEYS,),
    "survey.store.plans.progress.read_quotas": (P.MANAGE_SURVEYS,),
    "survey.store.plans.progress.set_quotas": (P.MANAGE_SURVEYS,),
    "survey.store.plans.progress.standings": (P.MANAGE_SURVEYS,),
    "survey.store.plans.questionnaires.discard_draft": (P.MANAGE_SURVEYS,),
    "survey.store.plans.questionnaires.keep_draft": (P.MANAGE_SURVEYS,),
    "survey.store.plans.questionnaires.list_drafts": (P.MANAGE_SURVEYS,),
    "survey.store.plans.questionnaires.list_questionnaires": (P.MANAGE_SURVEYS,),
    "survey.store.plans.questionnaires.publish_draft": (P.MANAGE_SURVEYS,),
    "survey.store.stations.registration.change_pin": (P.RUN_STATIONS,),
    "survey.store.stations.registration.make_station": (P.MANAGE_SURVEYS,),
    "survey.store.stations.registration.new_code": (P.RUN_STATIONS,),
    "survey.store.stations.registration.rename_station": (P.RUN_STATIONS,),
    "survey.store.stations.registration.retire": (P.RUN_STATIONS,),
    "survey.store.answers.responses.count_set_aside": (P.READ_RESULTS,),
    "survey.store.answers.responses.newest": (P.READ_RESULTS,),
    "survey.store.answers.responses.read_responses": (P.READ_RESULTS,),
    "survey.store.answers.responses.rebuild": (P.EXPORT_DATA,),
    "survey.store.safety.restore.rehearse": (P.BACK_UP,),
    "survey.store.answers.retention.forgotten_comments": (P.DELETE_RESPONSES,),
    "survey.store.answers.retention.kept_comments": (P.DELETE_RESPONSES,),
    "survey.store.stations.served.enter_served": (P.KEY_FORMS,),
    "survey.store.stations.served.entered_served": (P.READ_RESULTS,),
    "survey.store.stations.served.forget_served": (P.KEY_FORMS,),
    "survey.store.stations.served.read_served": (P.KEY_FORMS, P.READ_RESULTS),
    "survey.store.safety.second_place.choose_second_place": (P.BACK_UP,),
    "survey.store.plans.setup.add_service": (P.MANAGE_SURVEYS,),
    "survey.store.plans.setup.add_unit": (P.MANAGE_SURVEYS,),
    "survey.store.plans.setup.change_agency": (P.MANAGE_SURVEYS,),
    "survey.store.plans.setup.change_part": (P.MANAGE_SURVEYS,),
    "survey.store.plans.setup.delete_part": (P.MANAGE_SURVEYS,),
    "survey.store.plans.setup.order_parts": (P.MANAGE_SURVEYS,),
    "survey.store.plans.setup.read_office": (P.MANAGE_SURVEYS,),
    "survey.store.stations.arrivals.completeness": (P.READ_RESULTS, P.RUN_STATIONS),
    "survey.store.plans.surveys.list_surveys": (P.READ_RESULTS, P.RUN_STATIONS, P.KEY_FORMS),
    "survey.store.stations.tickets.ask_for_tickets": (P.MANAGE_SURVEYS,),
    "survey.store.stations.tickets.issue_tickets": (P.RUN_STATIONS,),
    "survey.store.stations.tickets.issued_tickets": (P.RUN_STATIONS,),
    "survey.store.people.tokens.list_tokens": (P.MANAGE_ACCOUNTS,),
    "survey.store.people.tokens.make_token": (P.MANAGE_ACCOUNTS,),
    "survey.store.people.tokens.revoke_token": (P.MANAGE_ACCOUNTS,),
    "survey.store.paper.twice.decide": (P.KEY_FORMS,),
    "survey.store.paper.twice.differing_forms": (P.KEY_FORMS,),
    "survey.store.paper.twice.key_carefully": (P.KEY_FORMS,),
    "survey.store.paper.twice.waiting_forms": (P.KEY_FORMS,),
    "survey.store.safety.verify.verify_database": (P.BACK_UP,),
    "survey.store.stations.watch.watch_stations": (P.READ_RESULTS, P.RUN_STATIONS),
}
"""By which permission; any of them where there are several. It is asked for before anything else is looked at."""
ASKS_NOTHING = {"survey.store.people.audit.record"}
"""It writes down what somebody did who was asked before."""
LIMITED = (Role.MANAGER, Role.OPERATOR)
"""Roles whose people may be limited to units."""


def functions() -> Iterator[tuple[str, Callable[..., Any]]]:
    """Every public function and method outside the screens that takes a principal, by its full name."""
    for root in (package, analysis):
        for found in pkgutil.walk_packages(root.__path__, f"{root.__name__}."):
            if ".screens" in found.name or ".migrations" in found.name or found.name.endswith("__main__"):
                continue
            module = importlib.import_module(found.name)
            for owner, members in [("", vars(module)), *_classes(module)]:
                for name, member in members.items():
                    called = inspect.unwrap(member) if callable(member) else None
                    if not inspect.isfunction(called) or called.__module__ != module.__name__ or name.startswith("_"):
                        continue
                    if any("Principal" in str(one.annotation) for one in inspect.signature(called).parameters.values()):
                        yield f"{module.__name__}.{owner}{name}", called


def _classes(module: object) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, member in vars(module).items():
        if inspect.isclass(member) and member.__module__ == module.__name__:  # type: ignore[attr-defined]
            yield f"{name}.", dict(vars(member))


def call(function: Callable[..., Any], store: Store, asked: Survey, settings: Settings, who: Principal) -> None:
    """Call it as somebody, with what cannot mean anything for whatever else it wants."""
    known = {"store": store, "principal": who, "survey": asked, "settings": settings, "self": Live(store), "pin": None}
    given = {}
    for name, one in inspect.signature(function).parameters.items():
        if name in known:
            given[name] = known[name]
        elif one.default is inspect.Parameter.empty:
            given[name] = "nothing of ours" if "str" in str(one.annotation) else object()
    found = function(**given)
    if inspect.isgenerator(found):
        list(found)


def test_every_function_that_takes_a_principal_stands_in_the_table() -> None:
    assert {name for name, _ in functions()} == ASKS.keys() | ASKS_NOTHING


@pytest.mark.parametrize("role", [*Role, None])
def test_each_function_gives_nothing_to_a_role_without_its_permission_and_refuses_no_other(
    store: Store, role: Role | None
) -> None:
    """None is a citizen. Whoever may is let in; what the nonsense given to it then leads to is another matter."""
    who = principal(store, role) if role else CITIZEN
    asked, settings = survey_called(store), settings_of(store.data)
    wrong = []
    for name, function in functions():
        if name in ASKS_NOTHING:
            continue
        allowed = any(permission in who.permissions for permission in ASKS[name])
        try:
            call(function, store, asked, settings, who)
        except Forbidden:
            let_in = False
        except Exception:
            let_in = True
        else:
            let_in = True
        if let_in != allowed:
            wrong.append((name, "let in" if let_in else "refused"))
    assert wrong == []


# --- units

MINE, THEIRS = "perizinan", ("bangunan", "informasi")
OF_OTHERS = ("bangunan", "informasi", "pbg", "reklame", "konsultasi", "loket-2", "tablet-1", "Loket 2", "Tablet 1")
"""Names of other units, their services and stations, none of which may appear."""


@pytest.fixture
def office(store: Store) -> Store:
    """An answer from each unit's station, one set aside and one keyed at each, numbers served in each."""
    for number, (service, station) in enumerate(
        [("nib", "loket-1"), ("pbg", "loket-2"), ("konsultasi", "tablet-1")], start=1
    ):
        epoch = f"6f7d6b80-1111-4222-8333-44445555666{number}"
        given = {"service": service, "station": station, "channel": "kiosk", "epoch": epoch, "sequence": number}
        first = respond(store, time=4, **given)
        respond(store, id=str(first.id), time=3, **given)
        survey = survey_called(store)
        key_form(store, LOCAL_STAFF, survey, form(number, service), now=NOW)
        unit = next(one.unit for one in survey.services if one.name == service)
        enter_served(store, LOCAL_STAFF, [Count(unit, NOW.date(), 10 * number, number)], now=NOW)
    return store


def form(number: int, service: str | None) -> PaperForm:
    return PaperForm(number, NOW.date(), service, {}, {"P_time": 4})


def visits_seen(store: Store, survey: Survey, reader: Principal) -> int:
    """How many responses have visits, for this reader."""
    seen = Live(store).seen(reader, survey)
    found = LiveVisits(store).visits(reader, survey, seen.matrix, seen.deleted)
    return 0 if found is None or found.station is None else len(found.station)


Narrowed = Callable[[Store, Survey, Principal], object]
NARROWED: dict[str, tuple[Narrowed, object]] = {
    "analysis.counting.live.Live.matrix": (lambda s, a, p: len(Live(s).matrix(p, a)), 2),
    "analysis.counting.live.Live.seen": (lambda s, a, p: len(Live(s).seen(p, a).matrix), 2),
    "analysis.counting.live.Live.newest": (lambda s, a, p: Live(s).newest(p, a).last, 2),
    "analysis.files.live_visits.LiveVisits.visits": (visits_seen, 2),
    "survey.store.answers.circumstances.read_circumstances": (lambda s, a, p: len(read_circumstances(s, p, a, 99)), 2),
    "survey.store.answers.responses.count_set_aside": (lambda s, a, p: sum(count_set_aside(s, p, a).values()), 1),
    "survey.store.answers.responses.newest": (lambda s, a, p: newest(s, p, a).last, 2),
    "survey.store.answers.responses.read_responses": (lambda s, a, p: len(read_responses(s, p, a)), 2),
    "survey.store.answers.responses.rebuild": (
        lambda s, a, p: {one.response.service for one in rebuild(s, p, a) if one.response},
        {"nib"},
    ),
    "survey.store.paper.forms.last_forms": (lambda s, a, p: [one.service for one in last_forms(s, p, a)], ["nib"]),
    "survey.store.stations.served.read_served": (
        lambda s, a, p: [day.served for day in read_served(s, p, a, NOW.date(), NOW.date())],
        [10],
    ),
    "survey.store.stations.served.entered_served": (
        lambda s, a, p: [one.served for one in entered_served(s, p, a)],
        [10],
    ),
    "survey.store.stations.arrivals.completeness": (
        lambda s, a, p: [one.station for one in completeness(s, p)],
        ["loket-1"],
    ),
    "survey.store.stations.watch.watch_stations": (
        lambda s, a, p: [one.name for one in watch_stations(s, p)],
        ["loket-1"],
    ),
    "survey.store.plans.surveys.list_surveys": (
        lambda s, a, p: {(unit.name, *sorted(one.stations)) for one in list_surveys(s, p) for unit in one.units},
        {("perizinan", "loket-1")},
    ),
    "survey.store.paper.twice.differing_forms": (lambda s, a, p: differing_forms(s, p, a), ()),
}
"""What a person of one unit sees of an office in which every unit has the same."""
REFUSED: dict[str, Narrowed] = {
    "analysis.files.datasets.data_set": lambda s, a, p: data_set(Live(s).matrix(LOCAL_STAFF, a), a, p),
    "survey.store.paper.forms.key_form": lambda s, a, p: key_form(s, p, a, form(9, "pbg"), now=NOW),
    "survey.store.paper.forms.understood_form": lambda s, a, p: key_form(s, p, a, form(9, "reklame"), now=NOW),
    "survey.store.paper.twice.key_carefully": lambda s, a, p: key_carefully(
        s, p, a, form(9, "pbg"), double=True, now=NOW
    ),
    "survey.store.paper.twice.decide": lambda s, a, p: decide(s, p, a, 2, {}, now=NOW),
    "survey.store.stations.served.enter_served": lambda s, a, p: enter_served(
        s, p, [Count(unit_number(s, "bangunan"), NOW.date(), 1)], now=NOW
    ),
    "survey.store.stations.served.forget_served": lambda s, a, p: forget_served(
        s, p, unit_number(s, "bangunan"), [NOW.date()], now=NOW
    ),
    "survey.store.stations.registration.new_code": lambda s, a, p: new_code(s, p, "loket-2"),
    "survey.store.stations.registration.change_pin": lambda s, a, p: change_pin(s, p, "loket-2", "123456"),
    "survey.store.stations.registration.rename_station": lambda s, a, p: rename_station(
        s, p, "loket-2", "X", "bangunan"
    ),
    "survey.store.stations.registration.retire": lambda s, a, p: retire(s, p, "loket-2"),
}
"""What a person of one unit cannot do to another one."""
NAMES_NO_UNIT = {
    "survey.store.people.audit.record_export": "writes down what was taken",
    "survey.store.paper.numbered.number_forms": "numbers of empty forms of a survey",
    "survey.store.paper.numbered.printed_forms": "numbers of empty forms of a survey",
    "survey.store.paper.forms.keyed_numbers": "numbers of forms of a survey, so that none is keyed twice",
    "survey.store.paper.twice.waiting_forms": "numbers of forms of a survey, so that the second person finds them",
    "survey.store.stations.tickets.issue_tickets": "tickets are a survey's, not a unit's",
    "survey.store.stations.tickets.issued_tickets": "how many tickets a survey has",
}


def of_one_unit(store: Store, name: str) -> Principal:
    """Somebody of one unit whose role may call the function."""
    role = next(role for role in LIMITED if MAY[role] & set(ASKS[name]))
    return principal(store, role, MINE)


def test_each_function_that_a_person_of_one_unit_may_call_is_looked_at() -> None:
    open_to_them = {name for name, asked in ASKS.items() if any(MAY[role] & set(asked) for role in LIMITED)}
    assert open_to_them == NARROWED.keys() | REFUSED.keys() | NAMES_NO_UNIT.keys()


@pytest.mark.parametrize("name", sorted(NARROWED))
def test_a_person_of_one_unit_sees_of_it_alone(office: Store, name: str) -> None:
    asked = survey_called(office)
    function, right = NARROWED[name]
    whole = function(office, asked, LOCAL_STAFF)
    seen = function(office, asked, of_one_unit(office, name))
    assert seen == right
    assert not any(other in repr(seen) for other in OF_OTHERS)
    assert whole != seen or not whole, "the same as the whole agency sees: the test would see no leak"


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_person_of_one_unit_can_do_nothing_to_another(office: Store, name: str) -> None:
    with pytest.raises(Problem):
        REFUSED[name](office, survey_called(office), of_one_unit(office, name))


def test_what_is_kept_in_memory_for_one_unit_is_never_given_to_another(office: Store) -> None:
    live, asked = Live(office), survey_called(office)
    people = [principal(office, Role.MANAGER, unit) for unit in (MINE, *THEIRS)]
    everybody = [LOCAL_STAFF, *people, *reversed(people), LOCAL_STAFF]
    assert [len(live.matrix(who, asked)) for who in everybody] == [6, 2, 2, 2, 2, 2, 2, 6]
    assert len({who.view for who in people} | {LOCAL_STAFF.view}) == 4
    assert shipped().name == asked.questionnaire.name
