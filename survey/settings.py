"""What can be set, what is it called, and what holds when nobody sets it?

A setting comes from the environment, else from ``settings.toml`` in the data folder, else from its default. Every
setting is listed in ``SETTINGS`` and explained in the README (a test compares).
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from survey.problem import Problem
from survey.words import LANGUAGES

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Setting:
    """One setting: the name of the environment variable (in the file in small letters), its default, one sentence."""

    name: str
    default: str
    sentence: str


SETTINGS = (
    Setting("SURVEY_DATA", "data", "Folder of the database, the secrets and settings.toml."),
    Setting("SURVEY_QUESTIONNAIRES", "questionnaires", "Folder of the questionnaire files."),
    Setting("SURVEY_LANGUAGE", "id", "Language of the terminal: id or en."),
    Setting("SURVEY_ZONE", "Asia/Makassar", "Time zone of the example agency at the first start."),
    Setting("SURVEY_BACKUP_TO", "-", "Second folder for backups, such as one on a USB drive; - is none."),
)


@dataclass(frozen=True)
class Settings:
    """All settings, read and checked."""

    data: Path
    questionnaires: Path
    language: str
    zone: str
    backup_to: Path | None = None

    @property
    def database(self) -> Path:
        """The SQLite file."""
        return self.data / "survey.db"


def read_settings(environment: Mapping[str, str] = os.environ, root: Path = ROOT) -> Settings:
    """The settings in force. Raises ``Problem`` for a file that is no TOML, an unknown name or a wrong value."""
    defaults = {setting.name: setting.default for setting in SETTINGS}
    data = root / (environment.get("SURVEY_DATA") or defaults["SURVEY_DATA"])
    file = data / "settings.toml"
    written = _written_in(file)
    known = {name.lower() for name in defaults} - {"survey_data"}
    for name in written:
        if name not in known:
            raise Problem("settings.unknown", where=str(file), name=name, known=", ".join(sorted(known)))

    def value(name: str) -> str:
        return environment.get(name) or str(written.get(name.lower(), defaults[name]))

    if value("SURVEY_LANGUAGE") not in LANGUAGES:
        raise Problem(
            "settings.value", name="SURVEY_LANGUAGE", value=value("SURVEY_LANGUAGE"), known=", ".join(LANGUAGES)
        )
    try:
        ZoneInfo(value("SURVEY_ZONE"))
    except (ValueError, OSError, ZoneInfoNotFoundError) as error:
        raise Problem("settings.zone", name="SURVEY_ZONE", value=value("SURVEY_ZONE")) from error
    to = value("SURVEY_BACKUP_TO")
    return Settings(
        data=data,
        questionnaires=root / value("SURVEY_QUESTIONNAIRES"),
        language=value("SURVEY_LANGUAGE"),
        zone=value("SURVEY_ZONE"),
        backup_to=None if to == "-" else root / to,
    )


def _written_in(file: Path) -> Mapping[str, Any]:
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        detail = error.strerror if isinstance(error, OSError) else error
        raise Problem("settings.unreadable", where=str(file), detail=detail) from error
