"""What does a queue ticket look like, and how is it put on paper? A roll of tickets, or a list for the queue machine.

A code has eight letters of an alphabet in which no two look alike, so that what is typed wrongly is read rightly: O, 0
and Q mean D, I and 1 mean L, and so on. Small letters, dashes and spaces do not count.
"""

import csv
import io
import json
from collections.abc import Sequence
from pathlib import Path

from survey.catalogue import Survey
from survey.poster import address_of
from survey.questionnaire import Text
from survey.words import FALLBACK, load_words

ALPHABET = "23456789ACDEFHJKLMNPRTVWXY"
LENGTH = 8
_READ_AS = str.maketrans("OQ0I1SZBUG", "DDDLL528V6")
TEMPLATE = Path(__file__).with_name("ticket_roll.typ")
_EPOCH = 0


def letters_of_ticket(given: str) -> str:
    """The code as it was issued, however somebody typed it."""
    said = "".join(letter for letter in given[:60].upper() if letter.isascii() and letter.isalnum())
    return said.translate(_READ_AS)


def shown_ticket(code: str) -> str:
    """As it stands on paper: ABCD-EFGH."""
    return f"{code[:4]}-{code[4:]}"


def ticket_roll(survey: Survey, base: str, codes: Sequence[str], language: str) -> bytes:
    """The tickets as a PDF (A4, to be cut): each with its code and a QR code that opens the survey with it.

    ``base`` is the address of the app as phones reach it. Raises ``Problem`` for one that they cannot open.
    """
    import segno
    import typst

    words = load_words(language)

    def drawn(address: str) -> str:
        drawing = io.BytesIO()
        segno.make_qr(address, error="m").save(drawing, kind="svg", border=0, xmldecl=False, omitsize=True)
        return drawing.getvalue().decode()

    addresses = [address_of(survey, base, {"ticket": code}) for code in codes]
    told = {
        "language": language,
        "agency": _in(survey.agency.label, language),
        "title": _in(survey.title, language),
        "test": words("form.test.survey") if survey.test else None,
        "once": words("ticket.once"),
        "type": words("ticket.type", address=address_of(survey, base, {})),
        "alt": words("ticket.alt"),
        "tickets": [
            {"code": shown_ticket(code), "qr": drawn(address)} for code, address in zip(codes, addresses, strict=True)
        ],
    }
    pdf = typst.compile(
        TEMPLATE,
        format="pdf",
        sys_inputs={"roll": json.dumps(told, ensure_ascii=False, sort_keys=True)},
        pdf_standards=["ua-1"],
        ignore_system_fonts=True,
        timestamp=_EPOCH,
    )
    assert isinstance(pdf, bytes)
    return pdf


def ticket_list(survey: Survey, base: str, codes: Sequence[str]) -> bytes:
    """The tickets as CSV for the queue machine: code and address, a line each."""
    address_of(survey, base, {})  # a wrong one is told, even of an empty list
    written = io.StringIO()
    lines = csv.writer(written, lineterminator="\r\n")
    lines.writerow(("ticket", "address"))
    for code in codes:
        lines.writerow((shown_ticket(code), address_of(survey, base, {"ticket": code})))
    return written.getvalue().encode("utf-8-sig")


def _in(text: Text, language: str) -> str:
    return text.get(language) or text[FALLBACK]
