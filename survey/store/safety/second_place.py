"""Where else do backups go? A folder on another disk, chosen on a screen and written into ``settings.toml``."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from survey.principal import Permission, Principal
from survey.problem import Problem
from survey.settings import Settings
from survey.store.people.audit import Did, record

if TYPE_CHECKING:
    from survey.store import Store

SETTING = "survey_backup_to"
_LINE = re.compile(rf"^\s*{SETTING}\s*=.*$", re.MULTILINE)


def choose_second_place(
    store: Store, principal: Principal, settings: Settings, place: str, environment: Mapping[str, str] = os.environ
) -> None:
    """Copy every backup to this folder, too, from the next one on; none any more when ``place`` is empty.

    Other lines of ``settings.toml`` stay as they are. Raises ``Problem`` for what is no folder that can be written to,
    for one in the data folder (the disk that takes the answers would take the backups along), and while the environment
    says where they go: what is chosen here would not hold.
    """
    principal.require(Permission.BACK_UP)
    if given := environment.get(SETTING.upper()):
        raise Problem("second.environment", where=given, name=SETTING.upper())
    chosen = place.strip()
    if chosen:
        _require_folder(Path(chosen), settings)
    file = settings.data / "settings.toml"
    line = f"{SETTING} = {json.dumps(chosen or '-', ensure_ascii=False)}"
    with store.engine.begin() as connection:
        record(connection, principal, Did.SETTING_CHANGED, SETTING, place=chosen or "-")
        try:
            written = file.read_text(encoding="utf-8") if file.exists() else ""
            found = _LINE.search(written)
            kept = _LINE.sub(lambda _: line, written) if found else f"{line}\n{written}"
            file.write_text(kept, encoding="utf-8")
        except OSError as error:
            raise Problem("settings.unreadable", where=str(file), detail=error.strerror or str(error)) from error


def _require_folder(folder: Path, settings: Settings) -> None:
    data = settings.data.resolve()
    if not folder.is_absolute() or not folder.is_dir():
        raise Problem("second.no_folder", where=str(folder))
    if data == folder.resolve() or data in folder.resolve().parents:
        raise Problem("second.same_disk", where=str(folder))
    tried = folder / ".survey-tried"
    try:
        tried.touch()
        tried.unlink()
    except OSError as error:
        raise Problem("second.no_folder", where=str(folder)) from error
