"""Excel workbooks that are read, and those that are refused before they can do harm."""

import io
import tracemalloc
import zipfile
from collections.abc import Callable, Sequence
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from survey.problem import Problem
from survey.reading.table import Table, read_table
from survey.reading.workbook import Limits, filled_sheets
from survey.words import load_words
from tests.test_import import run

PLAIN = zipfile.ZIP_DEFLATED


def workbook(*lines: Sequence[Any], **sheets: Sequence[Sequence[Any]]) -> bytes:
    """A workbook with these rows on its first sheet, and further sheets by name."""
    book = Workbook()
    for line in lines:
        book.active.append(list(line))
    for name, held in sheets.items():
        sheet = book.create_sheet(name)
        for line in held:
            sheet.append(list(line))
    return saved(book)


def saved(book: Workbook) -> bytes:
    held = io.BytesIO()
    book.save(held)
    return held.getvalue()


def changed(content: bytes, part: str, change: Callable[[bytes], bytes]) -> bytes:
    """The workbook with one part rewritten, as somebody with bad intentions would."""
    held = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(held, "w", PLAIN) as new:
        for name in old.namelist():
            new.writestr(name, change(old.read(name)) if name == part else old.read(name))
    return held.getvalue()


SHEET = "xl/worksheets/sheet1.xml"


def read(content: bytes, sheet: str | None = None, limits: Limits | None = None) -> Table:
    return read_table(content, "a.xlsx", sheet=sheet, limits=limits or Limits())


def refused(content: bytes, sheet: str | None = None, limits: Limits | None = None) -> str:
    """What a person reads instead."""
    with pytest.raises(Problem) as told:
        read(content, sheet, limits)
    assert told.value.say(load_words("id"))
    return str(told.value)


def test_cells_come_as_they_would_be_typed() -> None:
    line = [4, 4.0, 2.5, "baik", None, True, date(2019, 3, 4), datetime(2019, 3, 4, 10, 15), "x"]
    (row,) = read(workbook(line)).rows
    assert row == ["4", "4", "2.5", "baik", "", "TRUE", "2019-03-04", "2019-03-04 10:15:00", "x"]


def test_the_only_sheet_that_holds_something_is_read() -> None:
    table = read(workbook(Isi=[["U1"], [4]]))
    assert (table.sheet, table.rows) == ("Isi", [["U1"], ["4"]])


def test_where_several_sheets_hold_something_one_is_asked_for(tmp_path: Path) -> None:
    content = workbook(["U1"], Lain=[["U1"], [3]])
    assert refused(content) == (
        "a.xlsx: several sheets hold something (Sheet, Lain). Say which one is meant (--sheet)."
    )
    assert read(content, "Lain").rows == [["U1"], ["3"]]
    assert refused(content, "Lian") == "a.xlsx: there is no sheet “Lian”. Use one of: Sheet, Lain."
    assert filled_sheets(content, "a.xlsx", Limits()) == ("Sheet", "Lain")
    (file := tmp_path / "a.xlsx").write_bytes(content)
    assert run(tmp_path, file, "--date", "2019-06-30", "--sheet", "Lain")[0] == 0


def test_a_sheet_of_200_columns_is_read_and_one_of_3000_is_told(tmp_path: Path) -> None:
    headings = [*(f"kolom {k}" for k in range(199)), "U3"]
    (file := tmp_path / "a.xlsx").write_bytes(workbook(headings, [*[1] * 199, 4]))
    code, out, _ = run(tmp_path, file, "--date", "2019-06-30")
    assert code == 0
    assert "  U3 → P_time" in out
    assert refused(workbook([1] * 3000)).startswith("a.xlsx, row 1: has 3000 columns; at most 2000 are read.")


def test_merged_cells_that_hide_values_are_told_with_their_place(tmp_path: Path) -> None:
    """A date merged over three rows would be empty in two of them. Beside the answers a merged cell does no harm."""
    book = Workbook()
    for line in [["tanggal", "U3", "catatan"], [date(2019, 3, 4), 4, "x"], [None, 3, None], [None, 4, None]]:
        book.active.append(line)
    book.active.merge_cells("C2:C4")
    (file := tmp_path / "a.xlsx").write_bytes(saved(book))
    assert "the date is missing" in run(tmp_path, file)[2]
    book.active.merge_cells("A2:A4")
    file.write_bytes(saved(book))
    code, _, err = run(tmp_path, file)
    assert code == 2
    assert "the cells A2:A4 are merged, and only the first of them would hold a value." in err


# --- bombs


def bomb(size: int, entries: int = 1) -> bytes:
    """A workbook whose sheet unfolds to ``size`` bytes of zeros."""
    held = io.BytesIO(workbook(["U1"]))
    with zipfile.ZipFile(held, "a", PLAIN) as archive:
        for number in range(entries):
            archive.writestr(f"xl/media/{number}.bin", bytes(size))
    return held.getvalue()


BOMBS = {
    "unfolds to 300 MB": lambda: bomb(300_000_000),
    "a thousand times its size": lambda: bomb(40_000_000),
    "a thousand entries": lambda: bomb(10, 1000),
    "an entry outside": lambda: with_entry("../../etc/passwd"),
    "an entry at the root": lambda: with_entry("/etc/passwd"),
}


def with_entry(name: str) -> bytes:
    held = io.BytesIO(workbook(["U1"]))
    with zipfile.ZipFile(held, "a") as archive:
        archive.writestr(name, "x")
    return held.getvalue()


@pytest.mark.parametrize("kind", BOMBS)
def test_a_bomb_is_refused_unopened_and_in_little_memory(kind: str) -> None:
    content = BOMBS[kind]()
    tracemalloc.start()
    said = refused(content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "it was not opened" in said
    assert peak < 100_000_000


def test_a_table_of_contents_that_lies_does_not_help_a_bomb() -> None:
    """The sheet says it has 1000 bytes and has 60 million: never more than 1000 are unpacked."""
    content = changed(
        workbook(["U1"]), SHEET, lambda old: old.replace(b"</sheetData>", b"</sheetData>" + b" " * 60_000_000)
    )
    honest = (60_000_000).to_bytes(4, "little")[1:]
    at = content.rindex(b"PK\x01\x02", 0, content.rindex(SHEET.encode()))
    size = content[at + 24 : at + 28]
    assert honest[2:] == size[3:]
    lying = content.replace(size, (1000).to_bytes(4, "little"))
    tracemalloc.start()
    said = refused(lying)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "no Excel workbook that can be read" in said
    assert peak < 20_000_000


def test_a_row_far_below_does_not_make_rows_without_end() -> None:
    """A cell in row 999999999, which no Excel has: read up to the last row of Excel, and empty rows are dropped."""
    content = changed(workbook(["U1"], [4]), SHEET, lambda old: old.replace(b'<row r="2"', b'<row r="999999999"'))
    assert read(content).rows == [["U1"]]


def test_a_wide_cell_in_every_row_ends_at_the_limit_of_cells() -> None:
    content = workbook(*[[*[None] * 999, 1]] * 50)
    assert refused(content, limits=Limits(cells=10_000)) == "a.xlsx: has more than 10000 cells. Split the file."


def test_entities_in_the_xml_are_not_unfolded() -> None:
    """A billion laughs, and a file of the computer called into a cell."""
    laughs = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    outside = b'<!DOCTYPE x [<!ENTITY b SYSTEM "file:///etc/passwd">]>'
    for wicked in (laughs, outside):
        told = refused(changed(workbook(["U1"], ["text"]), SHEET, partial(entity_instead, wicked)))
        assert "no Excel workbook that can be read (EntitiesForbidden" in told


def entity_instead(declared: bytes, sheet: bytes) -> bytes:
    return declared + sheet.replace(b"text", b"&b;")


@pytest.mark.parametrize(
    ("content", "wanted"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "old Excel workbook (.xls) or protected by a password"),
        (b"PK\x03\x04 and then nothing", "no Excel workbook that can be read"),
        (workbook(["U1"])[:-200], "no Excel workbook that can be read"),
        (changed(workbook(["U1"]), SHEET, lambda old: old[:300]), "no Excel workbook that can be read"),
        (changed(workbook(["U1"]), "xl/workbook.xml", lambda _: b"<html/>"), "is empty."),
    ],
)
def test_what_is_no_workbook_is_told(content: bytes, wanted: str) -> None:
    assert wanted in refused(content)


def test_a_zip_file_with_something_else_in_it_is_told() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as archive:
        archive.writestr("answers.csv", "U1\n4\n")
    assert "no Excel workbook that can be read ([Content_Types].xml)" in refused(held.getvalue())


def test_a_workbook_with_encrypted_parts_is_told() -> None:
    content = bytearray(workbook(["U1"]))
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    assert "protected by a password" in refused(bytes(content))


def test_a_file_that_is_too_large_is_not_even_looked_at() -> None:
    assert refused(b"x" * 6_000_000).startswith("a.xlsx: 6 MB are more than the 5 MB that are read here.")
