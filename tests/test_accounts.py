"""Who becomes one of the staff, with which password, and who may change that?"""

import pytest

from survey.principal import LOCAL_STAFF, Forbidden, Role
from survey.problem import Problem
from survey.store import Store
from survey.store.people import passwords
from survey.store.people.accounts import (
    Wanted,
    change_account,
    change_password,
    choose_password_by_code,
    disable_account,
    is_set_up,
    list_accounts,
    make_account,
    make_first_administrator,
    make_reset_code,
)
from survey.store.people.audit import read_audit
from survey.store.people.logins import Wrong, log_in, who_is
from survey.store.people.passwords import hash_password, is_right, require_strong
from survey.store.people.throttle import Try
from survey.store.secrets import setup_code
from tests.builders import rows
from tests.people import HERE, START, account, administrator, at, everything_kept, found, token, unit_number
from tests.running import CHEAP, PASSWORD

NEW = "delapan perahu menuju Rote"


# --- the first one


def test_nobody_is_there_at_first_and_the_first_administrator_is_the_only_one_made_without_another(
    store: Store,
) -> None:
    code_file = store.data / "setup-code.txt"
    setup_code(store.data)
    assert not is_set_up(store) and rows(store, "SELECT * FROM account") == []
    made = administrator(store)
    assert (made.role, made.units, is_set_up(store), code_file.exists()) == (Role.ADMINISTRATOR, None, True, False)
    with pytest.raises(Problem, match="first administrator already"):
        make_first_administrator(store, "other", "Other", NEW, START, cost=CHEAP)


def test_only_a_hash_of_a_password_and_of_a_code_is_kept(store: Store) -> None:
    administrator(store)
    code = make_account(store, LOCAL_STAFF, "budi", Wanted("Budi", Role.OPERATOR), START)
    kept = everything_kept(store)
    assert b"Budi" in kept and not any(said.encode() in kept for said in (PASSWORD, code, code.replace("-", "")))
    assert rows(store, "SELECT password FROM account WHERE name = 'ina'")[0][0].startswith("$argon2id$")


def test_a_password_is_hashed_as_pwdlib_recommends_and_nobodys_hash_costs_the_same() -> None:
    """64 MiB, three rounds, four lanes: pwdlib 0.3.1, ``PasswordHash.recommended()``."""
    from pwdlib import PasswordHash

    ours, theirs = hash_password(NEW), PasswordHash.recommended().hash(NEW)
    cost = ours.split("$")[1:4]
    assert (
        cost == theirs.split("$")[1:4] == passwords._NOBODYS.split("$")[1:4] == ["argon2id", "v=19", "m=65536,t=3,p=4"]
    )
    assert is_right(NEW, theirs) and not is_right(NEW, None) and not is_right(PASSWORD, ours)


# --- passwords


@pytest.mark.parametrize(
    ("weak", "why"),
    [
        ("pendek-saja", "too short"),
        ("x" * 201, "too long"),
        ("aaaaaaaaaaaaaaaa", "repeats or counts"),
        ("abcabcabcabcabc", "repeats or counts"),
        ("1234567890123", "repeats or counts"),
        ("qwertyuiopasdfgh", "repeats or counts"),
        ("0987654321098", "repeats or counts"),
        ("Password12345!", "most used"),
        ("rahasia-rahasia-2026", "most used"),
        ("KataSandi!2026", "most used"),
        ("inalestari2026!", "made of your name"),
        ("lestari.ina.99", "made of your name"),
        ("dpmptsp-kota-kupang", "most used"),
        ("Kantor Lestari 1", "made of your name"),
    ],
)
def test_a_password_that_would_be_tried_early_is_refused(weak: str, why: str) -> None:
    with pytest.raises(Problem, match=why):
        require_strong(weak, ["ina.lestari", "Ina Lestari", "DPMPTSP Kota Kupang"])


@pytest.mark.parametrize("strong", [PASSWORD, NEW, "k8#Wq2-vLm9z", "sebelas jagung kering", "Ina suka tujuh mangga"])
def test_some_words_that_have_nothing_to_do_with_each_other_are_enough(strong: str) -> None:
    require_strong(strong, ["ina", "Ina Lestari", "DPMPTSP Kota Kupang"])


def test_changing_a_password_needs_the_old_one_and_ends_every_login(store: Store) -> None:
    administrator(store)
    here, elsewhere = token(store), token(store)
    tried = Try.of("ina", HERE)
    assert change_password(store, tried, "not the old one", NEW, at(minutes=1), cost=CHEAP) is None
    assert who_is(store, here, at(minutes=1))
    with pytest.raises(Problem, match="same as the old"):
        change_password(store, tried, PASSWORD, PASSWORD, at(minutes=1), cost=CHEAP)
    assert change_password(store, tried, PASSWORD, NEW, at(minutes=1), cost=CHEAP)
    assert [who_is(store, one, at(minutes=1)) for one in (here, elsewhere)] == [None, None]
    assert isinstance(log_in(store, tried, PASSWORD, at(minutes=2)), Wrong)
    assert token(store, password=NEW, now=at(minutes=2))


# --- one-time codes


def test_a_new_account_opens_with_its_code_once_within_a_day(store: Store) -> None:
    administrator(store)
    code = make_account(store, LOCAL_STAFF, "budi", Wanted("Budi", Role.OPERATOR), START)
    tried = Try.of("budi", HERE)
    assert isinstance(log_in(store, tried, "", START), Wrong)
    assert choose_password_by_code(store, tried, code, NEW, at(hours=24), cost=CHEAP) is None
    with pytest.raises(Problem, match="too short"):
        choose_password_by_code(store, tried, code, "short", at(hours=1), cost=CHEAP)
    typed = code.lower().replace("-", " ")
    assert choose_password_by_code(store, tried, typed, NEW, at(hours=1), cost=CHEAP)
    assert choose_password_by_code(store, tried, code, PASSWORD, at(hours=1), cost=CHEAP) is None
    assert token(store, "budi", at(hours=1), NEW)


def test_a_code_opens_no_other_account_and_is_not_spent_by_trying(store: Store) -> None:
    administrator(store)
    code = make_account(store, LOCAL_STAFF, "budi", Wanted("Budi", Role.OPERATOR), START)
    account(store, "citra", Role.MANAGER)
    assert choose_password_by_code(store, Try.of("citra", HERE), code, NEW, START, cost=CHEAP) is None
    assert choose_password_by_code(store, Try.of("budi", HERE), code, NEW, START, cost=CHEAP)


def test_a_reset_voids_the_old_password_every_login_and_the_earlier_code(store: Store) -> None:
    administrator(store)
    account(store, "budi", Role.OPERATOR)
    here = token(store, "budi")
    first = make_reset_code(store, LOCAL_STAFF, "budi", START)
    second = make_reset_code(store, LOCAL_STAFF, "budi", START)
    tried = Try.of("budi", HERE)
    assert who_is(store, here, START) is None
    assert isinstance(log_in(store, tried, PASSWORD, START), Wrong)
    assert choose_password_by_code(store, tried, first, NEW, START, cost=CHEAP) is None
    assert choose_password_by_code(store, tried, second, NEW, START, cost=CHEAP)


# --- who may what


def test_another_role_or_other_units_end_the_logins_of_an_account_and_another_label_does_not(store: Store) -> None:
    administrator(store)
    account(store, "citra", Role.MANAGER)
    unit = unit_number(store, "perizinan")
    here = token(store, "citra")
    change_account(store, LOCAL_STAFF, "citra", Wanted("Citra D.", Role.MANAGER), START)
    assert who_is(store, here, START)
    change_account(store, LOCAL_STAFF, "citra", Wanted("Citra D.", Role.MANAGER, frozenset({unit})), START)
    assert who_is(store, here, START) is None
    assert found(store, "citra").principal.units == {unit}
    here = token(store, "citra")
    change_account(store, LOCAL_STAFF, "citra", Wanted("Citra D.", Role.OPERATOR), START)
    assert who_is(store, here, START) is None


def test_the_last_administrator_stays_one(store: Store) -> None:
    administrator(store)
    own = found(store, "ina").principal
    with pytest.raises(Problem, match="only administrator"):
        disable_account(store, own, "ina", True, START)
    with pytest.raises(Problem, match="only administrator"):
        change_account(store, own, "ina", Wanted("Ina", Role.MANAGER), START)
    account(store, "citra", Role.ADMINISTRATOR)
    disable_account(store, own, "ina", True, START)
    with pytest.raises(Problem, match="only administrator"):
        disable_account(store, own, "citra", True, START)


def test_a_closed_account_opens_nothing_and_the_audit_still_names_it(store: Store) -> None:
    administrator(store)
    account(store, "budi", Role.OPERATOR)
    here = token(store, "budi")
    disable_account(store, LOCAL_STAFF, "budi", True, START)
    assert who_is(store, here, START) is None
    assert isinstance(log_in(store, Try.of("budi", HERE), PASSWORD, START), Wrong)
    with pytest.raises(Problem, match="closed"):
        make_reset_code(store, LOCAL_STAFF, "budi", START)
    assert "budi" in {entry.what for entry in read_audit(store, LOCAL_STAFF)}
    disable_account(store, LOCAL_STAFF, "budi", False, START)
    assert token(store, "budi")


@pytest.mark.parametrize("name", ["", "a", "Ina Lestari", "ina@kupang", "-ina", "i" * 41, "ina\u202e", "ïna"])
def test_a_name_that_cannot_be_typed_everywhere_is_refused(store: Store, name: str) -> None:
    with pytest.raises(Problem, match="cannot be the name"):
        make_account(store, LOCAL_STAFF, name, Wanted("Ina", Role.OPERATOR), START)


@pytest.mark.parametrize("label", ["", "   ", "x" * 81, "Ina\u202eanI", "a\x00b"])
def test_a_person_needs_a_name_that_can_be_read(store: Store, label: str) -> None:
    with pytest.raises(Problem, match="name of the person"):
        make_account(store, LOCAL_STAFF, "ina", Wanted(label, Role.OPERATOR), START)


@pytest.mark.parametrize("units", [frozenset(), frozenset({999})])
def test_a_manager_of_no_unit_at_all_is_refused(store: Store, units: frozenset[int]) -> None:
    with pytest.raises(Problem, match="at least one unit"):
        make_account(store, LOCAL_STAFF, "citra", Wanted("Citra", Role.MANAGER, units), START)


def test_nobody_but_an_administrator_reads_or_changes_accounts(store: Store) -> None:
    administrator(store)
    for role in set(Role) - {Role.ADMINISTRATOR}:
        someone = account(store, f"x-{role.value}", role).principal
        with pytest.raises(Forbidden):
            list_accounts(store, someone)
        with pytest.raises(Forbidden):
            make_account(store, someone, "neu", Wanted("Neu", Role.ADMINISTRATOR), START)
        with pytest.raises(Forbidden):
            change_account(store, someone, someone.name, Wanted("Me", Role.ADMINISTRATOR), START)
        with pytest.raises(Forbidden):
            make_reset_code(store, someone, "ina", START)
        with pytest.raises(Forbidden):
            disable_account(store, someone, "ina", True, START)
    assert list_accounts(store, found(store, "ina").principal)[0].name == "ina"
