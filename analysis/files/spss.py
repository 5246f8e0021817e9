"""How does a data set become an SPSS file?

- Codes stay numbers and carry their words as value labels, units, services and channels included; variables carry
  labels and their level of measurement.
- *Not answered* and *not known* are declared missing values with a label: 0, or -1 for shared points, of which 0 is an
  answer. SPSS leaves them out of every statistic and still shows them in frequencies; R and pandas read them as NA.
- The date in the head of the file is fixed, so that the same responses give the same bytes.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from analysis.files.codebook import Role, Variable
from analysis.files.datasets import DataSet, Numbers
from survey.words import Words, load_words

if TYPE_CHECKING:
    import pandas as pd

LONGEST_LABEL, LONGEST_VALUE_LABEL, LONGEST_TITLE = 250, 120, 60
"""Bytes that SPSS takes of the label of a variable, of a value, and of the file."""
_STAMP_AT = 92
_STAMP = b"01 Jan 0000:00:00"
_MISSING, _MISSING_POINTS = 0, -1
_MEASURES = {
    Role.PERCEPTION: "ordinal",
    Role.EXPECTATION: "ordinal",
    Role.MINIMUM: "ordinal",
    Role.IMPORTANCE: "ordinal",
    Role.POINTS: "scale",
    Role.TIME: "ordinal",
}


def sav(data: DataSet, language: str) -> bytes:
    """The data set as a ``.sav`` file with labels in this language."""
    import pyreadstat

    frame, how = sav_arguments(data, language)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "data.sav")
        pyreadstat.write_sav(frame, file, **how)
        content = bytearray(file.read_bytes())
    content[_STAMP_AT : _STAMP_AT + len(_STAMP)] = _STAMP
    return bytes(content)


def sav_arguments(data: DataSet, language: str) -> tuple["pd.DataFrame", dict[str, Any]]:
    """What pyreadstat writes: the numbers, and everything that is said about them."""
    words = load_words(language)
    missing = {variable.name: _missing(variable) for variable in data.variables}
    labels = {
        variable.name: _value_labels(variable, texts, missing[variable.name], words)
        for variable, texts in zip(data.variables, data.texts, strict=True)
    }
    return _frame(data), {
        "file_label": _cut(data.survey.title.get(language, data.survey.name), LONGEST_TITLE),
        "column_labels": [_cut(variable_label(variable, words), LONGEST_LABEL) for variable in data.variables],
        "row_compress": True,
        "variable_value_labels": {name: known for name, known in labels.items() if known},
        "missing_ranges": {name: [code] for name, code in missing.items() if code is not None},
        "variable_measure": {v.name: _MEASURES.get(v.role, "nominal") for v in data.variables},
        "variable_format": {v.name: "F6.0" if v.role is Role.TIME else "F3.0" for v in data.variables},
    }


def variable_label(variable: Variable, words: Words) -> str:
    """What a variable is, in one line: *U3 Waktu penyelesaian (kenyataan)*."""
    label = variable.label.get(words.language) or next(iter(variable.label.values()), variable.name)
    asked = words(f"data.role.{variable.role.value}") if variable.role in _MEASURES and variable.number else ""
    return f"{variable.number} {label}".strip() + (f" ({asked})" if asked else "")


def _frame(data: DataSet) -> "pd.DataFrame":
    import pandas as pd

    cells = zip(data.variables, data.cells, data.texts, strict=True)
    return pd.DataFrame({v.name: _numbers(v, values, texts) for v, values, texts in cells}, copy=False)


def _numbers(variable: Variable, values: Numbers, texts: Mapping[int, str]) -> Numbers:
    """The values as SPSS gets them; what has no meaning any more (a service that is gone) is *not known*."""
    if variable.role is Role.POINTS:
        return values - 1
    if variable.role is Role.PLACE and len(values):
        known = np.zeros(max(int(values.max()), *texts, 0) + 1, np.int64)
        known[list(texts)] = list(texts)
        return known[values]
    return values


def _missing(variable: Variable) -> int | None:
    """The declared missing value, or None where nothing can be missing."""
    if variable.role in (Role.TIME, Role.QUALITY):
        return None
    return _MISSING_POINTS if variable.role is Role.POINTS else _MISSING


def _value_labels(
    variable: Variable, texts: Mapping[int, str], missing: int | None, words: Words
) -> dict[int | float, str]:
    labels: dict[int | float, str] = {}
    if variable.role not in (Role.POINTS, Role.TIME):
        for number, text in texts.items():
            label = variable.codes.get(text, {})
            said = label.get(words.language) or next(iter(label.values()), "")
            if said or variable.role is Role.PLACE:
                labels[number] = _cut(said or text, LONGEST_VALUE_LABEL)
    if missing is not None:
        labels[missing] = words(f"data.label.{variable.missing}")
    return labels


def _cut(text: str, longest: int) -> str:
    """As much of a text as fits into so many bytes."""
    return text.encode()[:longest].decode("utf-8", "ignore")
