"""How does a data set become an Excel workbook that opens at once and does nothing by itself?

Three sheets: *data* (one row per response), *codebook* and *summary*. Numbers are numbers and text is text: no cell is
a formula or a link, whatever it begins with. The workbook carries no clock time, so that the same responses give the
same bytes.

xlsxwriter writes the workbook; the rows of *data*, of which there may be a million, are put into its sheet afterwards
(``fixed_width``): a hundred times faster, and the process stays free for those who answer.
"""

import io
import re
import zipfile
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from xml.sax.saxutils import escape

from analysis.counting.fixed_width import Written, counted, joined, same
from analysis.figures import findings
from analysis.files.codebook import Role, Variable
from analysis.files.datasets import ROWS_AT_A_TIME, DataSet
from analysis.results import Results
from survey.problem import Problem
from survey.words import Words, load_words

MOST_ROWS = 1_048_575
"""Excel has one row more, which holds the headings."""
SHEETS = ("data", "codebook", "summary")
_CREATED = datetime(2000, 1, 1)
_EPOCH = (1980, 1, 1, 0, 0, 0)
_DATA_SHEET = "xl/worksheets/sheet1.xml"
_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_WIDE, _MIDDLE = 60, 28
_NAMED = (Role.PLACE, Role.CHANNEL)  # their codes are words


def xlsx(data: DataSet, results: Results, language: str) -> bytes:
    """The data set as a workbook with labels in this language.

    Raises ``Problem`` when there are more responses than a sheet has rows.
    """
    if data.n > MOST_ROWS:
        raise Problem("data.too_many_rows", n=data.n, limit=MOST_ROWS)
    words = load_words(language)
    import xlsxwriter

    held = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    book = xlsxwriter.Workbook(held, options)
    book.set_properties({"created": _CREATED, "title": findings.said(data.survey.title, words)})
    bold = book.add_format({"bold": True, "text_wrap": True, "valign": "top", "bottom": 1})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheets = {name: book.add_worksheet(name) for name in SHEETS}
    _head(sheets["data"], [variable.name for variable in data.variables], bold)
    sheets["data"].autofilter(0, 0, max(data.n, 1), len(data.variables) - 1)
    _fill(sheets["codebook"], _codebook(data.variables, words), (bold, wrapped), [16, 14, 9, 22, 34, _WIDE, 9, 34, 22])
    _fill(sheets["summary"], _summary(data, results, words), (bold, wrapped), [34, 12, 12, 12, 12, 12])
    book.close()
    return _with_rows(held.getvalue(), data)


def _head(sheet: Any, headings: Sequence[str], bold: Any) -> None:
    for column, heading in enumerate(headings):
        sheet.write_string(0, column, heading, bold)
        sheet.set_column(column, column, max(9, min(len(heading) + 3, _MIDDLE)))
    sheet.freeze_panes(1, 0)


def _fill(
    sheet: Any, lines: Iterable[Sequence[str | int | float | None]], formats: tuple[Any, Any], widths: Sequence[int]
) -> None:
    for column, width in enumerate(widths):
        sheet.set_column(column, column, width)
    for row, line in enumerate(lines):
        for column, value in enumerate(line):
            if isinstance(value, str):
                sheet.write_string(row, column, _CONTROL.sub("", value), formats[0] if row == 0 else formats[1])
            elif value is not None:
                sheet.write_number(row, column, value, formats[1])
    sheet.freeze_panes(1, 0)


def _codebook(variables: Iterable[Variable], words: Words) -> Iterable[Sequence[str | int]]:
    """One row per variable and code, as in ``codebook.csv``, in one language."""
    keys = ("variable", "role", "number", "dimension", "label", "question", "code", "code_label", "missing")
    yield [words(f"data.column.{key}") for key in keys]
    for variable in variables:
        texts = (variable.dimension or {}, variable.label, variable.question)
        dimension, label, question = (text.get(words.language, "") for text in texts)
        front = [variable.name, words(f"data.role.{variable.role.value}"), variable.number, dimension, label, question]
        for code, said in variable.codes.items() or [("", {})]:
            number = int(code) if code.isdecimal() and variable.role not in _NAMED else code
            yield [*front, number, said.get(words.language, ""), words(f"data.missing.{variable.missing}")]


def _summary(data: DataSet, results: Results, words: Words) -> Iterable[Sequence[str | int | float | None]]:
    """The finding, what it rests on, and the mean of every element."""
    survey, q = data.survey, data.survey.questionnaire
    yield [findings.headline(results, q, words).sentence if not results.hidden and results.n else words("data.empty")]
    if survey.test:
        yield [words("data.readme.test")]
    yield [findings.said(survey.title, words)]
    yield [words("data.readme.questionnaire", name=q.name, version=q.version, digest=q.digest)]
    n, left, flagged = (words.count(count) for count in (data.n, data.not_counted, data.flagged))
    yield [words("data.readme.n", n=n, left=left, flagged=flagged)]
    yield [words("data.readme.weights", weights=survey.weight_convention)]
    yield []
    keys = ("item", "perception", "n", "expectation", "gap", "interval")
    yield [words(f"data.summary.{key}") for key in keys]
    labels = findings.item_labels(q, words)
    for found in results.items:
        between = findings.interval(found.gap, words) if found.gap.value is not None else None
        values = (found.perception.value, found.perception.n, found.expectation.value, found.gap.value, between or "")
        yield [labels[found.name], *values]


def _with_rows(book: bytes, data: DataSet) -> bytes:
    """The workbook with the responses put into the sheet *data*, and without clock times."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(book)) as empty, zipfile.ZipFile(held, "w") as full:
        for name in empty.namelist():
            entry = zipfile.ZipInfo(name, _EPOCH)
            entry.compress_type, entry.create_system, entry.external_attr = zipfile.ZIP_DEFLATED, 3, 0o600 << 16
            content = empty.read(name)
            if name != _DATA_SHEET:
                full.writestr(entry, content, compresslevel=6)
                continue
            before, end, after = content.partition(b"</sheetData>")
            last = f"{_letters(len(data.variables))}{data.n + 1}"
            before = re.sub(rb'<dimension ref="[^"]*"/>', f'<dimension ref="A1:{last}"/>'.encode(), before)
            with full.open(entry, "w", force_zip64=True) as sheet:
                sheet.write(before)
                for part in _rows(data):
                    sheet.write(part)
                sheet.write(end + after)
    return held.getvalue()


def _rows(data: DataSet) -> Iterable[bytes]:
    """The rows as XML, many at a time."""
    as_text = [variable.role in _NAMED for variable in data.variables]
    cells = [
        Written.of({number: _cell(text, said).encode() for number, text in texts.items()}, otherwise=b'"/>')
        for texts, said in zip(data.texts, as_text, strict=True)
    ]
    for low in range(0, data.n, ROWS_AT_A_TIME):
        n = min(ROWS_AT_A_TIME, data.n - low)
        number = counted(low + 2, n)
        blocks = [same(b'<row r="', n), number, same(b'">', n)]
        for column, (written, values) in enumerate(zip(cells, data.cells, strict=True), start=1):
            blocks += [same(f'<c r="{_letters(column)}'.encode(), n), number, written.block(values[low : low + n])]
        yield joined([*blocks, same(b"</row>", n)])


def _cell(text: str, as_text: bool) -> str:
    """What stands behind the reference of a cell: a number, or a text that stays one whatever it begins with."""
    if not as_text:
        return f'"><v>{text}</v></c>'
    return f'" t="inlineStr"><is><t xml:space="preserve">{escape(_CONTROL.sub("", text))}</t></is></c>'


def _letters(number: int) -> str:
    """The name of a column: 1 is A, 27 is AA."""
    name = ""
    while number:
        number, letter = divmod(number - 1, 26)
        name = chr(ord("A") + letter) + name
    return name
