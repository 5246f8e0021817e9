"""How does the administrator say what the office is called, where its days begin, and which languages it speaks?"""

from functools import partial

import streamlit as st

from survey.catalogue import Agency
from survey.logo import MAX_BYTES, read_logo
from survey.principal import Permission, Principal
from survey.screens import session
from survey.screens.entry import attempt, both_languages, say_what_was_done
from survey.screens.frame import open_screen, plain
from survey.screens.uploading import handed_over
from survey.store.plans.setup import LABEL_LONGEST, ZONES, change_agency, read_office
from survey.words import LANGUAGES, Words

_ORDERS = (("id", "en"), ("en", "id"), ("id",), ("en",))


def show() -> None:
    """The whole screen."""
    principal, words = open_screen("setup.agency.title", Permission.MANAGE_SURVEYS)
    st.markdown(plain(words("setup.agency.why")))
    say_what_was_done()
    _ask(principal, read_office(session.store(), principal).agency, words)


def _order(languages: tuple[str, ...], words: Words) -> str:
    said = [words(f"setup.language.{one}") for one in languages]
    return said[0] if len(said) == 1 else words("setup.then", first=said[0], second=said[1])


def _ask(principal: Principal, agency: Agency, words: Words) -> None:
    with st.form("agency"):
        label = both_languages(words("setup.agency.name"), agency.label, "agency-name", longest=LABEL_LONGEST)
        left, right = st.columns(2)
        zone = left.selectbox(
            words("setup.agency.zone"),
            ZONES,
            index=ZONES.index(agency.zone) if agency.zone in ZONES else 2,
            format_func=lambda zone: words(f"setup.zone.{zone}"),
            help=words("setup.agency.zone.help"),
            key="agency-zone",
            filter_mode=None,
        )
        languages = right.selectbox(
            words("setup.agency.languages"),
            _ORDERS,
            index=_ORDERS.index(agency.languages or LANGUAGES),
            format_func=partial(_order, words=words),
            help=words("setup.agency.languages.help"),
            key="agency-languages",
            filter_mode=None,
        )
        left, right = st.columns(2, vertical_alignment="center")
        with left:
            brought = handed_over(
                words("setup.agency.logo", limit=MAX_BYTES // 1000),
                types=["png", "jpg", "jpeg"],
                key="agency-logo",
                words=words,
                megabytes=1,
                help=words("setup.agency.logo.help"),
            )
        without = False
        if agency.logo:
            right.image(agency.logo, width=120)
            without = right.checkbox(words("setup.agency.no_logo"), key="agency-no-logo")
        asked = st.form_submit_button(words("setup.save"), type="primary")
    if not asked:
        return

    def save() -> None:
        logo = None if without else agency.logo
        if brought is not None:
            logo = read_logo(brought.getvalue(), brought.name)
        change_agency(session.store(), principal, label=label, zone=zone, languages=languages, logo=logo)

    attempt(save, words("setup.saved"))
