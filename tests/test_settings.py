"""Is every setting read from where it is said to be read, and told when it cannot be?"""

from pathlib import Path

import pytest

from survey.problem import Problem
from survey.settings import ROOT, SETTINGS, Settings, read_settings
from survey.words import LANGUAGES, load_words


def settings_written(folder: Path, text: str, **environment: str) -> Settings:
    """The settings of a folder whose settings.toml says ``text``."""
    (folder / "settings.toml").write_text(text, encoding="utf-8")
    return read_settings({"SURVEY_DATA": str(folder), **environment})


def test_without_anything_the_defaults_hold() -> None:
    found = read_settings({})
    assert found == Settings(ROOT / "data", ROOT / "questionnaires", "id", "Asia/Makassar")
    assert found.database == ROOT / "data" / "survey.db"


def test_an_empty_variable_is_a_variable_that_is_not_set() -> None:
    assert read_settings({setting.name: "" for setting in SETTINGS}) == read_settings({})


def test_the_environment_goes_before_the_file_and_the_file_before_the_default(tmp_path: Path) -> None:
    written = 'survey_language = "en"\nsurvey_zone = "Asia/Jakarta"\n'
    found = settings_written(tmp_path, written, SURVEY_ZONE="Asia/Jayapura")
    assert (found.language, found.zone, found.questionnaires) == ("en", "Asia/Jayapura", ROOT / "questionnaires")


def test_a_relative_folder_is_looked_for_beside_the_program_and_an_absolute_one_where_it_is(tmp_path: Path) -> None:
    assert read_settings({"SURVEY_DATA": "elsewhere"}).data == ROOT / "elsewhere"
    assert read_settings({"SURVEY_DATA": str(tmp_path)}).data == tmp_path


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ('survey_langauge = "en"', "no setting “survey_langauge”. Known are: survey_backup_to, survey_language"),
        ('survey_data = "elsewhere"', "no setting “survey_data”"),
        ('survey_language = "fr"', "SURVEY_LANGUAGE=fr is not possible. Use one of: id, en"),
        ("survey_language = true", "SURVEY_LANGUAGE=True is not possible"),
        ('survey_zone = "Asia/Kupang"', "SURVEY_ZONE=Asia/Kupang: there is no such time zone"),
        ('survey_zone = "../../etc/passwd"', "there is no such time zone"),
        ("survey_zone = ", "settings.toml: cannot be read"),
    ],
)
def test_a_setting_that_cannot_be_is_told_with_its_name_and_the_repair(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(Problem) as caught:
        settings_written(tmp_path, text)
    assert words in str(caught.value)
    assert caught.value.say(load_words("id")) != str(caught.value)


def test_a_settings_file_that_is_not_utf8_is_told(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_bytes(b'survey_language = "\xff"')
    with pytest.raises(Problem, match="cannot be read"):
        read_settings({"SURVEY_DATA": str(tmp_path)})


def test_the_readme_explains_every_setting_in_the_same_words() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    for setting in SETTINGS:
        assert f"| `{setting.name}` | `{setting.default}` | {setting.sentence}" in readme


def test_every_setting_has_a_name_a_default_and_one_sentence() -> None:
    for setting in SETTINGS:
        assert setting.name.startswith("SURVEY_") and setting.name.isupper() and setting.default
        assert setting.sentence.endswith(".") and setting.sentence.count(". ") == 0
    assert len({setting.name for setting in SETTINGS}) == len(SETTINGS)
    assert read_settings({}).language in LANGUAGES
