"""Which words does the program use, in which language?

``id.yaml`` and ``en.yaml`` are flat: one key, one sentence. The language is an argument, never a global: one
process serves everybody. Words of a questionnaire live in its own file.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path
from types import MappingProxyType

import yaml

LANGUAGES = ("id", "en")
FALLBACK = "id"
_MONTHS = {
    "id": (
        "Januari",
        "Februari",
        "Maret",
        "April",
        "Mei",
        "Juni",
        "Juli",
        "Agustus",
        "September",
        "Oktober",
        "November",
        "Desember",
    ),
    "en": (
        "January",
        "February",
        "March",
        "April",
        "May",
        "June",
        "July",
        "August",
        "September",
        "October",
        "November",
        "December",
    ),
}

_WEEKDAYS = {
    "id": ("Senin", "Selasa", "Rabu", "Kamis", "Jumat", "Sabtu", "Minggu"),
    "en": ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
}


@dataclass(frozen=True)
class Words:
    """The words of one language; call it with a key: ``words("form.next")``."""

    language: str
    sentences: Mapping[str, str]

    def __call__(self, key: str, /, **params: object) -> str:
        """The sentence under ``key`` with its placeholders filled."""
        return self.sentences[key].format(**params)

    def under(self, prefix: str) -> dict[str, str]:
        """All sentences whose key begins with ``prefix``, by the rest of the key."""
        return {key.removeprefix(prefix): said for key, said in self.sentences.items() if key.startswith(prefix)}

    def number(self, value: float | Decimal, decimals: int = 2) -> str:
        """``value`` rounded half-up and written as this language writes numbers: 1.234,50 or 1,234.50."""
        exact = value if isinstance(value, Decimal) else Decimal(repr(float(value)))
        rounded = exact.quantize(Decimal(1).scaleb(-decimals), rounding=ROUND_HALF_UP)
        if rounded.is_zero():
            rounded = abs(rounded)  # nothing is less than nothing
        written = f"{rounded:,.{decimals}f}".replace("-", "\N{MINUS SIGN}")
        return written if self.language == "en" else written.translate(str.maketrans(",.", ".,"))

    def count(self, value: int) -> str:
        """A whole number with thousands marked: 1.234 or 1,234."""
        return self.number(Decimal(value), 0)

    def percent(self, share: float, decimals: int = 0) -> str:
        """A share between 0 and 1 as a percentage: 12,5 % or 12.5%."""
        return self.number(100 * Decimal(repr(float(share))), decimals) + ("%" if self.language == "en" else " %")

    def day(self, day: date) -> str:
        """A date in words: 24 November 2026."""
        return f"{day.day} {_MONTHS[self.language][day.month - 1]} {day.year}"

    def weekday(self, day: date) -> str:
        """A date with its day of the week: Selasa, 24 November 2026."""
        return f"{_WEEKDAYS[self.language][day.weekday()]}, {self.day(day)}"

    def month(self, day: date) -> str:
        """The month of a date in words: November 2026."""
        return f"{_MONTHS[self.language][day.month - 1]} {day.year}"

    def hour(self, moment: datetime) -> str:
        """The time of day to the minute: 14.05 or 14:05."""
        return moment.strftime("%H.%M" if self.language == "id" else "%H:%M")

    def time(self, moment: datetime) -> str:
        """The time of day to the second: 14.05.09 or 14:05:09."""
        return moment.strftime("%H.%M.%S" if self.language == "id" else "%H:%M:%S")


@cache
def load_words(language: str) -> Words:
    """The words of ``language``, or Indonesian when we have no such language."""
    chosen = language if language in LANGUAGES else FALLBACK
    written = (Path(__file__).parent / f"{chosen}.yaml").read_text(encoding="utf-8")
    content = yaml.load(written, getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe, one is fast
    return Words(chosen, MappingProxyType(content))
