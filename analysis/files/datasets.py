"""How does one take the data away? Responses and codebook as CSV, together in one package.

What is written, and why this way:

- UTF-8 with a byte order mark (Excel otherwise guesses an old code page), comma, point as decimal mark, each line ends
  with a line feed; R, Python, SPSS, Stata and Excel's *From Text/CSV* read this.
- No id, receipt, station, sequence, clock time, day, timing or comment leaves: with them a person could be told from
  the queue. Rows are sorted by their content, so that their order tells nothing either. The month is a whole number
  (202611), which no spreadsheet turns into a date.
- An empty cell is *not answered*. Points are given as shared (0 to 100), not as stored (plus 1).
- Text that a spreadsheet would run as a formula (it begins with ``=``, ``+``, ``-``, ``@``, tab or carriage return)
  gets an apostrophe in front.
- The same responses give the same bytes; the package carries no clock time.
"""

import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt

from analysis.counting.fixed_width import Written, joined, same
from analysis.counting.matrix import Matrix
from analysis.files.codebook import Variable, codebook
from survey.catalogue import Channel, Survey
from survey.packed import NOT_COUNTED
from survey.principal import Forbidden, Permission, Principal
from survey.problem import Problem
from survey.words import LANGUAGES, Words, load_words

MINIMUM = 5
BYTE_ORDER_MARK = "\ufeff"
ROWS_AT_A_TIME = 50_000
_FORMULA = ("=", "+", "-", "@", "\t", "\r")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the earliest time a zip file can tell
_UNIX = 3

Numbers = npt.NDArray[np.int64]


@dataclass(frozen=True)
class DataSet:
    """Responses ready to be written.

    ``cells[i]`` holds variable i as numbers, ``texts[i]`` what each number means as text; a number without a text is
    written as nothing. ``n`` rows, of which ``flagged`` deserve a second look and ``not_counted`` are kept but stay out
    of every result.
    """

    survey: Survey
    variables: tuple[Variable, ...]
    cells: tuple[Numbers, ...]
    texts: tuple[Mapping[int, str], ...]
    n: int
    flagged: int
    not_counted: int


def data_set(matrix: Matrix, survey: Survey, principal: Principal) -> DataSet:
    """The responses of a survey without anything that points at a person.

    Raises ``Forbidden`` without the permission to export, and ``Problem`` when fewer than ``MINIMUM`` persons
    answered a real survey: a row of so few could be recognised.
    """
    principal.require(Permission.EXPORT_DATA)
    if principal.units is not None and not np.isin(matrix.unit, sorted(principal.units)).all():
        raise Forbidden(Permission.EXPORT_DATA)
    n = len(matrix)
    if n < MINIMUM and not survey.test:
        raise Problem("data.too_few", n=n, minimum=MINIMUM)
    q = matrix.questionnaire
    shift = {column.name: int(column.item is None) for column in q.columns}
    flagged = (matrix.flags != 0).astype(np.int64)
    counted = (matrix.flags & np.uint8(NOT_COUNTED) == 0).astype(np.int64)
    channels = {channel.code: channel.value for channel in Channel}
    columns: list[tuple[npt.NDArray[Any], Mapping[int, str]]] = [
        (matrix.day // 100, _numbers(np.unique(matrix.day // 100))),
        (matrix.unit, {unit.number: unit.name for unit in survey.units}),
        (matrix.service, {service.number: service.name for service in survey.services}),
        (matrix.channel, channels),
        *((matrix.profile[at], _numbers(question.choices)) for at, question in enumerate(q.profile)),
        *(
            (matrix.column(column.name), {code: str(code - shift[column.name]) for code in range(1, column.codes + 1)})
            for column in q.columns
        ),
        (flagged, {0: "0", 1: "1"}),
        (counted, {0: "0", 1: "1"}),
    ]
    cells = [values.astype(np.int64) for values, _ in columns]
    order = np.lexsort(cells[::-1]) if n else np.empty(0, np.int64)
    return DataSet(
        survey=survey,
        variables=codebook(q, survey),
        cells=tuple(values[order] for values in cells),
        texts=tuple(texts for _, texts in columns),
        n=n,
        flagged=int(flagged.sum()),
        not_counted=int(n - counted.sum()),
    )


def responses_csv(data: DataSet) -> bytes:
    """One row per response, one column per variable of the codebook."""
    head = (BYTE_ORDER_MARK + ",".join(variable.name for variable in data.variables) + "\n").encode()
    tables = [Written.of({number: cell(text).encode() for number, text in texts.items()}) for texts in data.texts]
    parts = [head]
    for low in range(0, data.n, ROWS_AT_A_TIME):
        parts.append(_lines([cells[low : low + ROWS_AT_A_TIME] for cells in data.cells], tables))
    return b"".join(parts)


def codebook_csv(variables: Iterable[Variable]) -> bytes:
    """One row per variable and code; a variable without codes has one row."""
    head = ["variable", "role", "number", *_each("dimension"), *_each("label"), *_each("question")]
    head += ["code", *_each("code_label"), *_each("missing")]
    lines = [",".join(head)]
    for variable in variables:
        front = [variable.name, variable.role.value, variable.number, *_in_each(variable.dimension or {})]
        front += [*_in_each(variable.label), *_in_each(variable.question)]
        back = [load_words(language)(f"data.missing.{variable.missing}") for language in LANGUAGES]
        for code, label in variable.codes.items() or [("", {})]:
            lines.append(",".join(cell(text) for text in [*front, code, *_in_each(label), *back]))
    return (BYTE_ORDER_MARK + "\n".join(lines) + "\n").encode()


def readme(data: DataSet) -> str:
    """What is in the package, what is left out and why, in every language."""
    return "\n\n".join(_readme(data, load_words(language)) for language in LANGUAGES) + "\n"


def package(data: DataSet) -> bytes:
    """``data.csv``, ``codebook.csv`` and ``README.txt`` in one zip file; the same data give the same bytes."""
    held = {
        "data.csv": responses_csv(data),
        "codebook.csv": codebook_csv(data.variables),
        "README.txt": (BYTE_ORDER_MARK + readme(data)).encode(),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
        for name, content in held.items():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, _UNIX, 0o644 << 16
            archive.writestr(entry, content)
    return packed.getvalue()


def package_name(survey: Survey, ending: str = "zip") -> str:
    """The file name of what is taken away."""
    return f"{survey.name}-{survey.questionnaire.name}-v{survey.questionnaire.version}.{ending}"


@cache
def cell(text: str) -> str:
    """A text as a cell of CSV: never a live formula, quoted where it has to be.

    >>> print(cell("=1+1"), cell("a, b"))
    '=1+1 "a, b"
    """
    safe = text.replace("\0", "")
    if safe.startswith(_FORMULA):
        safe = "'" + safe
    if any(mark in safe for mark in ',"\n\r'):
        safe = '"' + safe.replace('"', '""') + '"'
    return safe


def _numbers(codes: Iterable[int]) -> dict[int, str]:
    return {int(code): str(int(code)) for code in codes if code}


def _lines(cells: Sequence[Numbers], tables: Sequence[Written]) -> bytes:
    """The rows as text."""
    blocks = [[table.block(numbers), same(b",", len(numbers))] for numbers, table in zip(cells, tables, strict=True)]
    blocks[-1][1] = same(b"\n", len(cells[-1]))
    return joined(list(chain.from_iterable(blocks)))


def _each(name: str) -> list[str]:
    return [f"{name}_{language}" for language in LANGUAGES]


def _in_each(text: Mapping[str, str]) -> list[str]:
    return [text.get(language, "") for language in LANGUAGES]


def _readme(data: DataSet, words: Words) -> str:
    survey, q = data.survey, data.survey.questionnaire
    title = survey.title.get(words.language, survey.name)
    lines = [
        title,
        "=" * len(title),
        words("data.readme.questionnaire", name=q.name, version=q.version, digest=q.digest),
        words(
            "data.readme.n",
            n=words.count(data.n),
            left=words.count(data.not_counted),
            flagged=words.count(data.flagged),
        ),
        *([words("data.readme.test")] if survey.test else []),
        "",
        *(f"- {words(f'data.contents.{name}')}" for name in ("responses", "codebook", "readme")),
        "",
        words("data.left_out"),
        "",
        words("data.readme.missing"),
        words("data.readme.format"),
        words("data.readme.formula"),
        words("data.readme.weights", weights=survey.weight_convention),
    ]
    return "\n".join(lines)
