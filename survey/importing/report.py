"""How do we tell a person what was understood of a file, before and after anything is kept?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from survey.catalogue import Survey
from survey.importing.understanding import TOLD, BadCell, Understood, bad_cell_params
from survey.problem import Problem
from survey.words import Words

if TYPE_CHECKING:
    from survey.store.answers.imports import Imported


class NotUnderstood(Problem):
    """Nothing was kept, because some cells cannot be read; says everything that was understood and all that was not."""

    def __init__(self, understood: Understood, survey: Survey) -> None:
        super().__init__("import.bad_cells", count=understood.bad_cells, rows=understood.bad_rows)
        self.understood = understood
        self.survey = survey

    def say(self, words: Words) -> str:
        """The bad cells, each on a line, and what to do."""
        lines = bad_cell_lines(self.understood, self.survey, words)
        counts = {"count": words.count(self.understood.bad_cells), "rows": words.count(self.understood.bad_rows)}
        return "\n".join([*lines, words("problem.import.bad_cells", **counts)])


def understood_lines(understood: Understood, words: Words) -> list[str]:
    """What was read: the sheet, the headings, what each column holds, what was left out."""
    read, headings = understood.table, understood.headings
    lines = [words("import.read", where=read.where, rows=words.count(understood.rows), row=understood.first_row - 1)]
    if read.sheet:
        lines.append(words("import.sheet", sheet=read.sheet))
    if read.encoding == "cp1252":
        lines.append(words("import.code_page"))
    lines += [words("import.column", heading=heading, name=name) for heading, name in headings.mapping.items()]
    lines.append(words("import.unused", columns=", ".join(headings.unused) or words("import.none")))
    if understood.empty_rows:
        lines.append(words("import.empty_rows", count=words.count(understood.empty_rows)))
    return lines


def bad_cell_lines(understood: Understood, survey: Survey, words: Words) -> list[str]:
    """The first bad cells with row, column, reason and repair, and how many more there are."""
    lines = [
        words("import.bad_cell", row=cell.row, column=cell.column, reason=reason_of(cell, survey, words))
        for cell in understood.bad
    ]
    if understood.bad_cells > TOLD:
        lines.append(words("import.more_bad_cells", count=words.count(understood.bad_cells - TOLD)))
    return lines


def reason_of(cell: BadCell, survey: Survey, words: Words) -> str:
    """Why a cell cannot be read, and how to repair it."""
    return words(f"import.bad.{cell.reason}", **bad_cell_params(cell, survey, words.language))


def counts_lines(done: Imported, survey: Survey, words: Words, *, dry_run: bool) -> list[str]:
    """How many responses there were, came and are there now."""
    key = "import.would" if dry_run else "import.done"
    counts = {name: words.count(getattr(done, name)) for name in ("before", "new", "again", "after")}
    lines = [words(key, survey=survey.name, **counts)]
    if done.again:
        lines.append(words("import.again", count=counts["again"]))
    if done.not_counted:
        lines.append(words("import.not_counted", count=words.count(done.not_counted)))
    return lines
