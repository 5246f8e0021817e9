"""What does a page of login and password look like? HTML without a script, in the colours of everything else."""

from base64 import b64encode
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path
from string import Template
from urllib.parse import urlencode

from starlette.responses import HTMLResponse

from survey import look
from survey.words import LANGUAGES, Words

FOLDER = Path(__file__).parent
_POLICY = "default-src 'none';style-src {style};img-src data:;form-action 'self';base-uri 'none';frame-ancestors 'none'"
_NAMES = {"id": "Indonesia", "en": "English"}


@dataclass(frozen=True)
class Entry:
    """A field of a form. ``kind`` and ``completes`` are HTML's type and autocomplete."""

    name: str
    label: str
    kind: str = "text"
    completes: str = "off"
    hint: str = ""
    value: str = ""


@dataclass(frozen=True)
class Page:
    """A page: where its form posts to, what it asks, and what it carries along unseen.

    ``query`` is what its address keeps when the language is switched; ``links`` are addresses with their words.
    """

    address: str
    title: str
    asks: Sequence[Entry] = ()
    button: str = ""
    carries: Mapping[str, str] | None = None
    told: Sequence[str] = ()
    alarm: str = ""
    query: Mapping[str, str] | None = None
    links: Sequence[tuple[str, str]] = ()


def answer(page: Page, words: Words, agency: str, status: int = 200) -> HTMLResponse:
    """The page as an answer that nobody keeps, frames or runs a script on."""
    style = _style()
    body = Template(_read("page.html")).substitute(
        language=words.language,
        title=escape(page.title),
        agency=escape(agency),
        style=style,
        languages_label=escape(words("frame.language")),
        languages="".join(_language(page, words, language) for language in LANGUAGES),
        told=_told(page),
        form=_form(page, words),
        links=_links(page),
    )
    digest = b64encode(sha256(style.encode()).digest()).decode()
    headers = {
        "Cache-Control": "no-store",
        "Content-Security-Policy": _POLICY.format(style=f"'sha256-{digest}'"),
        "Content-Language": words.language,
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
    }
    return HTMLResponse(body, status, headers)


def _told(page: Page) -> str:
    said = [f'<p class="note">{escape(line)}</p>' for line in page.told]
    return "".join([*said, f'<p class="alarm" role="alert">{escape(page.alarm)}</p>' if page.alarm else ""])


def _form(page: Page, words: Words) -> str:
    if not page.button:
        return ""
    carried = {"lang": words.language, **(page.carries or {})}
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">' for name, value in carried.items()
    )
    first = next((entry for entry in page.asks if not entry.value), None)
    shown = "".join(_entry(entry, first=entry is first) for entry in page.asks)
    return (
        f'<form method="post" action="{page.address}" accept-charset="utf-8">{hidden}{shown}'
        f'<button type="submit">{escape(page.button)}</button></form>'
    )


def _entry(entry: Entry, first: bool) -> str:
    hint = f'<small id="{entry.name}-hint">{escape(entry.hint)}</small>' if entry.hint else ""
    described = f' aria-describedby="{entry.name}-hint"' if entry.hint else ""
    return (
        f"<label>{escape(entry.label)}{hint}"
        f'<input type="{entry.kind}" name="{entry.name}" value="{escape(entry.value)}" maxlength="200" required'
        f' autocomplete="{entry.completes}" autocapitalize="none" spellcheck="false"{described}'
        f"{' autofocus' if first else ''}></label>"
    )


def _language(page: Page, words: Words, language: str) -> str:
    name = _NAMES[language]
    if language == words.language:
        return f'<b aria-current="true">{name}</b>'
    query = urlencode({**(page.query or {}), "lang": language})
    return f'<a href="{page.address}?{escape(query)}" lang="{language}" hreflang="{language}">{name}</a>'


def _links(page: Page) -> str:
    said = "".join(f'<a href="{escape(address)}">{escape(text)}</a>' for address, text in page.links)
    return f'<p class="links">{said}</p>' if said else ""


@cache
def _style() -> str:
    return f"{tokens()}{_read('login.css')}"


def tokens() -> str:
    """The colours of ``survey/look.py`` as custom properties, the dark ones for whoever prefers them."""
    light = _properties(look.LIGHT) + f"--clay:{look.CLAY};--ochre:{look.OCHRE};--font:{look.FONT}"
    return f":root{{{light}}}@media (prefers-color-scheme:dark){{:root{{{_properties(look.DARK)}}}}}"


def _properties(colours: look.Colours) -> str:
    named = asdict(colours)
    return "".join(f"--{field.name.replace('_', '-')}:{named[field.name]};" for field in fields(colours))


@cache
def _read(name: str) -> str:
    return (FOLDER / name).read_text(encoding="utf-8")
