"""Is every number of a result either finite, or None with the reason beside it?"""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from math import isnan
from typing import Any

from survey.words import LANGUAGES, load_words


def parts(found: Any) -> Iterator[Any]:
    """``found`` and everything inside it."""
    yield found
    if is_dataclass(found):
        for field in fields(found):
            yield from parts(getattr(found, field.name))
    elif isinstance(found, tuple | list):
        for one in found:
            yield from parts(one)


def nothing_is_nan(found: Any) -> None:
    """No NaN anywhere, no value without reason, and every reason has words in both languages."""
    for part in parts(found):
        assert not (isinstance(part, float) and isnan(part)), found
        if hasattr(part, "reason"):
            value = getattr(part, "value", getattr(part, "p", ""))
            assert value is not None or part.reason, part
            for language in LANGUAGES if part.reason else ():
                assert load_words(language)(f"reason.{part.reason}")
