"""What does the administrator say about one survey? Everything that can be set, in four parts."""

from dataclasses import replace

import streamlit as st

from survey.catalogue import Survey, weight_conventions
from survey.hours import DAYS, parse_hours
from survey.principal import Principal
from survey.problem import Problem
from survey.questionnaire import Questionnaire
from survey.sampling import krejcie_morgan, krejcie_morgan_printed
from survey.screens import session
from survey.screens.choosing import said_in
from survey.screens.entry import attempt, both_languages, say_problem
from survey.screens.frame import plain, without_marks
from survey.store.plans.planning import (
    IMPROVED_LONGEST,
    MONTHS_LONGEST,
    NOTICE_LONGEST,
    THANKS_LONGEST,
    TITLE_LONGEST,
    Plan,
    tell_improved,
)
from survey.store.plans.progress import read_quotas, set_quotas
from survey.store.plans.questionnaires import list_questionnaires
from survey.store.plans.setup import Office
from survey.words import Words

LARGEST = 100_000_000


def ask_plan(principal: Principal, office: Office, survey: Survey, words: Words) -> Plan | None:
    """The plan as it is typed now; None, and a sentence, while it cannot be read."""
    now = Plan.of(survey)
    key = f"plan-{survey.name}-{abs(hash(repr(now.told())))}"
    parts = st.tabs([words(f"plan.tab.{name}") for name in ("basics", "sample", "texts", "rules")])
    with parts[0]:
        plan = _basics(principal, office, now, key, words)
    with parts[1]:
        plan = _sample(plan, key, words)
        _quotas(principal, survey, words)
    with parts[2]:
        plan = _texts(plan, key, words)
        _improved(principal, survey, words)
    with parts[3]:
        return _rules(plan, survey.questionnaire, key, words)


def _basics(principal: Principal, office: Office, now: Plan, key: str, words: Words) -> Plan:
    title = both_languages(words("plan.of_title"), now.title, f"{key}-title", longest=TITLE_LONGEST)
    published = {
        (one.questionnaire.name, one.questionnaire.version): one.questionnaire
        for one in list_questionnaires(session.store(), principal)
    }
    versions = list(published)
    asked = st.selectbox(
        words("plan.questionnaire"),
        versions,
        index=versions.index(now.questionnaire),
        format_func=lambda one: words(
            "ask.titled", title=said_in(published[one].title, words), name=one[0], version=one[1]
        ),
        help=words("plan.questionnaire.help"),
        key=f"{key}-of",
        filter_mode=None,
    )
    labels = {unit.number: said_in(unit.label, words) for unit in office.units}
    units = st.multiselect(
        words("plan.units"),
        list(labels),
        default=[number for number in labels if number in now.units],
        format_func=labels.__getitem__,
        key=f"{key}-units",
        placeholder=words("plan.units.none"),
    )
    left, right = st.columns(2)
    opens = left.date_input(words("plan.opens"), now.opens, format="DD/MM/YYYY", key=f"{key}-opens")
    closes = right.date_input(words("plan.closes"), now.closes, format="DD/MM/YYYY", key=f"{key}-closes")
    return replace(
        now, title=title, questionnaire=asked, units=frozenset(units), opens=opens or None, closes=closes or None
    )


def _sample(now: Plan, key: str, words: Words) -> Plan:
    left, right = st.columns(2)
    of_people, of_target = f"{key}-population", f"{key}-target"
    session.begin_widget(of_people, now.population)  # numbers given as the fields' own could never be emptied
    session.begin_widget(of_target, now.target)
    people = words("plan.population")
    population = left.number_input(people, 1, LARGEST, None, 1, key=of_people, help=words("plan.population.help"))
    said, usual = words("plan.target.unknown"), None
    if population:
        formula, printed = krejcie_morgan(int(population)), krejcie_morgan_printed(int(population))
        usual = printed.size
        said = words(
            "plan.target.why",
            population=words.count(int(population)),
            n=words.count(formula.size),
            printed=words.count(printed.size),
        )
    target = right.number_input(words("plan.target"), 1, LARGEST, None, 1, key=of_target)
    st.info(plain(said), icon=":material/calculate:")
    if usual and not target:
        target = usual
        st.caption(plain(words("plan.target.taken", n=words.count(usual))))
    elif usual and target and target != usual:
        if now.population and now.population != population and now.target == target:
            said = words("plan.target.former", n=words.count(int(target)), population=words.count(now.population))
            st.warning(plain(said), icon=":material/history:")
        take = words("plan.target.take", n=words.count(usual))
        st.button(take, key=f"{key}-take", on_click=session.set_widget, args=(of_target, usual))
    return replace(now, population=int(population) if population else None, target=int(target) if target else None)


def _quotas(principal: Principal, survey: Survey, words: Words) -> None:
    if not survey.services:
        return
    with st.expander(words("plan.quotas")):
        st.markdown(plain(words("plan.quotas.why")))
        standing = read_quotas(session.store(), principal, survey)
        wanted: dict[int, int | None] = {}
        with st.form(f"quotas-{survey.name}", border=False):
            for service in survey.services:
                n, wish = standing[service.number]
                label, answers = said_in(service.label, words), words.count(n)
                left, middle, right = st.columns([4, 2, 2], vertical_alignment="center")
                left.markdown(plain(words("plan.quota", label=label, n=answers)))
                key = f"quota-{survey.name}-{service.number}-{wish}"
                session.begin_widget(key, wish)  # a number given as the field's own could never be emptied
                # Not seen but read out, with whatever is escaped; and drawn all the same, pictures and all.
                of = words("plan.quota", label=without_marks(label), n=answers)
                found = middle.number_input(of, 1, LARGEST, None, 1, key=key, label_visibility="collapsed")
                wanted[service.number] = int(found) if found else None
                if wish:
                    right.progress(
                        min(n / wish, 1.0), words("plan.quota.reached", n=words.count(n), of=words.count(wish))
                    )
            asked = st.form_submit_button(words("plan.quotas.save"))
        if asked:
            attempt(lambda: set_quotas(session.store(), principal, survey, wanted), words("plan.saved"))


def _texts(plan: Plan, key: str, words: Words) -> Plan:
    st.markdown(plain(words("plan.texts.why")))
    notice = both_languages(words("plan.notice"), plan.notice, f"{key}-notice", longest=NOTICE_LONGEST, area=True)
    thanks = both_languages(words("plan.thanks"), plan.thanks, f"{key}-thanks", longest=THANKS_LONGEST, area=True)
    return replace(
        plan,
        notice=notice if any(notice.values()) else None,
        thanks=thanks if any(thanks.values()) else None,
    )


def _improved(principal: Principal, survey: Survey, words: Words) -> None:
    with st.expander(words("plan.improved")):
        st.markdown(plain(words("plan.improved.why")))
        with st.form(f"improved-{survey.name}", border=False):
            key = f"improved-{survey.name}"
            told = both_languages(words("plan.improved.text"), survey.improved, key, longest=IMPROVED_LONGEST)
            asked = st.form_submit_button(words("plan.improved.save"))
        if asked:
            attempt(lambda: tell_improved(session.store(), principal, survey.name, told), words("plan.saved"))


def _rules(plan: Plan, questionnaire: Questionnaire, key: str, words: Words) -> Plan | None:
    left, right = st.columns(2)
    known = weight_conventions(questionnaire)
    weights = left.selectbox(
        words("plan.weights"),
        known,
        index=known.index(plan.weights) if plan.weights in known else 0,
        format_func=lambda name: words("plan.weights.exact") if name == "exact" else name,
        help=words("plan.weights.help"),
        key=f"{key}-weights",
        filter_mode=None,
    )
    months = right.number_input(
        words("plan.months"),
        1,
        MONTHS_LONGEST,
        plan.retention_months,
        1,
        key=f"{key}-months",
        help=words("plan.months.help"),
    )
    test = st.checkbox(words("plan.test"), plan.test, key=f"{key}-test", help=words("plan.test.help"))
    st.markdown(plain(words("plan.hours.why")))
    spans = plan.hours.week if plan.hours else (None,) * DAYS
    typed = []
    columns = [*st.columns(4), *st.columns(4)]
    for column, (number, span) in zip(columns, enumerate(spans, start=1), strict=False):
        shown = f"{span[0]:%H.%M}-{span[1]:%H.%M}" if span else ""
        typed.append(column.text_input(words(f"plan.day.{number}"), shown, key=f"{key}-hours-{number}", max_chars=20))
    try:
        hours = parse_hours(typed)
    except Problem as problem:
        say_problem(Problem(problem.key, **problem.params | {"day": words(f"plan.day.{problem.params['day']}")}), words)
        return None
    return replace(plan, weights=weights, retention_months=int(months), test=test, hours=hours)
