"""Can an administrator say where backups are copied to, without a terminal and without losing other settings?"""

from pathlib import Path

import pytest

from survey.principal import LOCAL_STAFF
from survey.problem import Problem
from survey.settings import Settings
from survey.store import Store
from survey.store.people.audit import Did, read_audit
from survey.store.safety.backup import list_backups, make_backup
from survey.store.safety.second_place import choose_second_place
from tests.builders import settings_of


def settings(store: Store) -> Settings:
    return settings_of(store.data)


def test_a_folder_is_chosen_changed_and_left_again_and_other_settings_stay(store: Store, tmp_path: Path) -> None:
    (store.data / "settings.toml").write_text('# ours\nsurvey_language = "en"\n', encoding="utf-8")
    for name in ("first", 'second "drive"'):
        (tmp_path / name).mkdir()
        choose_second_place(store, LOCAL_STAFF, settings(store), str(tmp_path / name))
        assert settings(store).backup_to == tmp_path / name
    make_backup(store, LOCAL_STAFF, settings(store))
    assert len(list_backups(tmp_path / 'second "drive"')) == 1
    choose_second_place(store, LOCAL_STAFF, settings(store), " ")
    assert settings(store).backup_to is None and settings(store).language == "en"
    assert "# ours" in (store.data / "settings.toml").read_text(encoding="utf-8")
    assert [entry.did for entry in read_audit(store, LOCAL_STAFF)][-1] == Did.SETTING_CHANGED


def test_a_place_that_the_environment_names_is_not_changed_in_vain(store: Store, tmp_path: Path) -> None:
    """It comes before ``settings.toml``: kept there, the choice would look done and nothing would go there."""
    given = {"SURVEY_BACKUP_TO": "/mnt/usb"}
    with pytest.raises(Problem, match="set to /mnt/usb by SURVEY_BACKUP_TO") as told:
        choose_second_place(store, LOCAL_STAFF, settings(store), str(tmp_path), given)
    assert told.value.key == "second.environment" and not (store.data / "settings.toml").exists()


@pytest.mark.parametrize(
    ("place", "key"), [("nowhere", "second.no_folder"), ("/no/such", "second.no_folder"), ("data", "second.same_disk")]
)
def test_what_is_no_second_place_is_refused_and_nothing_changes(store: Store, place: str, key: str) -> None:
    chosen = str(store.data) if place == "data" else place
    with pytest.raises(Problem) as told:
        choose_second_place(store, LOCAL_STAFF, settings(store), chosen)
    assert told.value.key == key and read_audit(store, LOCAL_STAFF) == () and settings(store).backup_to is None
