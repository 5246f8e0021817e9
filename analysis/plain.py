"""How does a result become JSON: dataclasses to objects, exact numbers to floats, nothing that JSON cannot say?"""

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Any

import numpy as np

from analysis.methods.cfa import Confirmatory
from analysis.methods.grades import GradeCertainty
from analysis.methods.paired import Paired
from analysis.methods.reliability import ScaleReliability
from analysis.methods.significance import Significance
from analysis.methods.tiers import Tiers
from analysis.methods.weighting import Weights

PROPERTIES: Mapping[type, tuple[str, ...]] = {
    Significance: ("log_p",),
    Paired: ("share_positive",),
    GradeCertainty: ("probability",),
    ScaleReliability: ("coefficient",),
    Tiers: ("letters",),
}
"""What is computed from the fields and belongs into the JSON too."""
LEFT_OUT: Mapping[type, tuple[str, ...]] = {Confirmatory: ("acov",), Weights: ("cell",)}
"""What only further computation needs."""
INFINITE = "infinite"


def plain(value: Any) -> Any:
    """``value`` as JSON can say it: dicts, lists, texts, numbers, true, false and null.

    A number that is not finite becomes null; a test whose statistic is infinite gets the reason ``infinite``.
    """
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, float | Fraction | Decimal | np.floating):
        number = float(value)
        return number if isfinite(number) else None
    if isinstance(value, np.generic | np.ndarray):
        return plain(value.tolist())
    if isinstance(value, Mapping):
        return {str(key): plain(inside) for key, inside in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inside) for inside in value]
    return value if type(value) is int else _fields(value)


def _fields(value: Any) -> dict[str, Any]:
    if not is_dataclass(value) or isinstance(value, type):
        raise TypeError(f"{type(value).__name__} cannot be told in JSON")
    left_out = LEFT_OUT.get(type(value), ())
    found = {field.name: plain(getattr(value, field.name)) for field in fields(value) if field.name not in left_out}
    found |= {name: plain(getattr(value, name)) for name in PROPERTIES.get(type(value), ())}
    if isinstance(value, Significance) and value.statistic is not None and not isfinite(value.statistic):
        found["reason"] = INFINITE
    return found


LISTS = ("items", "elements", "groups", "dimensions", "modes", "predictors", "charted")
"""Keys under which names stand in the order of the places that stand elsewhere in the same object."""
PLACES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "games_howell": ("groups", ("first", "second")),
    "dunn": ("groups", ("first", "second")),
    "discrimination": ("dimensions", ("first", "second")),
    "effects": ("modes", ("mode", "reference")),
}
"""Lists whose rows name two places, and the list with the names."""
IN_ORDER: Mapping[str, str] = {
    "means": "groups",
    "convergence": "dimensions",
    "drivers": "predictors",
}
"""Lists whose rows stand in the order of a list of names."""


def named(value: Any, names: Mapping[str, list[str]] | None = None, key: str = "") -> Any:
    """``value`` (made by ``plain``) with the name beside every place, so that nobody has to count."""
    known = dict(names or {})
    if isinstance(value, dict):
        for inside in LISTS:
            found = value.get(inside)
            if isinstance(found, list) and all(isinstance(name, str) for name in found):
                known[inside] = found
        row = {inside: named(found, known, inside) for inside, found in value.items()}
        if isinstance(value.get("place"), int):
            row = {"name": _name(known, ("items", "elements"), value["place"])} | row
        return row
    if not isinstance(value, list):
        return value
    rows = [named(inside, known, key) for inside in value]
    if key in PLACES:
        of, places = PLACES[key]
        return [row | {f"{at}_name": _name(known, (of,), row[at]) for at in places} for row in rows]
    of = IN_ORDER.get(key, "")
    if key == "items" and rows and "quadrant" in rows[0]:
        of = "items"
    if of and rows and len(known.get(of, ())) == len(rows) and all(isinstance(row, dict) for row in rows):
        return [{"name": name} | row for name, row in zip(known[of], rows, strict=True)]
    return rows


def _name(known: Mapping[str, list[str]], lists: tuple[str, ...], place: int) -> str | None:
    return next((known[of][place] for of in lists if place < len(known.get(of, ()))), None)
