"""Which day does a cell mean?

Understood are 2019-03-04, 4/3/2019, 4-3-2019, 4.3.2019, 20190304, 4 Maret 2019, 4 March 2019, each with or without a
time after it, and the number of days by which Excel keeps a date (43528). Between day and month the day comes first, as
in Indonesia, unless a column has days that only the American order can mean.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date, timedelta
from functools import cache

from survey.words import LANGUAGES, load_words

_REST = r"(?:[ T,].*)?"
_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _REST)
_YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4})" + _REST)
_COMPACT = re.compile(r"((?:19|20)\d{2})(\d{2})(\d{2})")
_NAMED = re.compile(r"(\d{1,2})[- ]([A-Za-z]{3,9})[-, ]+(\d{4})" + _REST)
_SERIAL = re.compile(r"([2-7]\d{4})(?:\.\d+)?")
_EXCEL_EPOCH = date(1899, 12, 30)


def read_days(cells: Iterable[str]) -> Mapping[str, date | None]:
    """The day that each different cell of one column means; None where it means none."""
    texts = set(cells)
    day_first = {text: _day(text.strip(), month_first=False) for text in texts}
    if all(day_first.values()):
        return day_first
    month_first = {text: _day(text.strip(), month_first=True) for text in texts}
    return month_first if _count(month_first) > _count(day_first) else day_first


def _count(days: Mapping[str, date | None]) -> int:
    return sum(day is not None for day in days.values())


def _day(text: str, *, month_first: bool) -> date | None:
    try:
        if found := _YEAR_FIRST.fullmatch(text) or _COMPACT.fullmatch(text):
            year, month, day = map(int, found.groups())
        elif found := _YEAR_LAST.fullmatch(text):
            day, month, year = map(int, found.groups())
            if month_first:
                day, month = month, day
        elif found := _NAMED.fullmatch(text):
            day, year = int(found[1]), int(found[3])
            month = _months().get(found[2].casefold(), 0)
        elif found := _SERIAL.fullmatch(text):
            return _EXCEL_EPOCH + timedelta(days=int(found[1]))
        else:
            return None
        return date(year, month, day)
    except ValueError:
        return None


@cache
def _months() -> Mapping[str, int]:
    """The number of a month by its name, whole or its first three letters, in every language."""
    found = {}
    for language in LANGUAGES:
        words = load_words(language)
        for month in range(1, 13):
            name = words.month(date(2000, month, 1)).partition(" ")[0].casefold()
            found[name] = found[name[:3]] = month
    return found
