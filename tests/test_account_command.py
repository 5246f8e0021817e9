"""Does ``python -m survey account`` make, close and open accounts, and say what it cannot do?"""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from survey.principal import LOCAL_STAFF, Role
from survey.store import Store
from survey.store.people.accounts import choose_password_by_code, list_accounts
from survey.store.people.audit import Did, read_audit
from survey.store.people.logins import log_in, who_is
from survey.store.people.throttle import Try
from tests.people import HERE, account, administrator, found
from tests.running import CHEAP, PASSWORD
from tests.test_commands import run

NEW = "delapan perahu di teluk biru"


def said(store: Store, *arguments: str) -> list[str]:
    """What the command prints, when it succeeds."""
    code, out, err = run(store.data, "account", *arguments, "--language", "en")
    assert (code, err) == (0, "")
    return out.splitlines()


def refused(store: Store, *arguments: str) -> str:
    """What the command complains of, having changed nothing."""
    before = list_accounts(store, LOCAL_STAFF), read_audit(store, LOCAL_STAFF)
    code, out, err = run(store.data, "account", *arguments, "--language", "en")
    assert (code, out) == (2, "")
    assert (list_accounts(store, LOCAL_STAFF), read_audit(store, LOCAL_STAFF)) == before
    return err


def gets_in(store: Store, name: str, password: str = PASSWORD) -> bool:
    now = datetime.now(UTC)
    token = log_in(store, Try.of(name, HERE), password, now)
    return isinstance(token, str) and who_is(store, token, now) is not None


def test_an_account_is_made_and_opens_with_the_code_that_is_printed(store: Store) -> None:
    code, how = said(store, "add", "budi", "Budi Tes", "--role", "operator", "--unit", "perizinan")
    assert how.startswith("Good for 24 hours.")
    now = datetime.now(UTC)
    assert choose_password_by_code(store, Try.of("budi", HERE), code.split(": ")[1], PASSWORD, now, cost=CHEAP)
    assert gets_in(store, "budi")
    made = found(store, "budi")
    assert (made.label, made.role, len(made.units or ())) == ("Budi Tes", Role.OPERATOR, 1)
    assert said(store, "list") == ["budi  Budi Tes  (Operator, active)"]


def test_a_closed_account_is_opened_again_with_the_password_it_had(store: Store) -> None:
    administrator(store)
    account(store, "budi", Role.OPERATOR)
    assert said(store, "disable", "budi") == ["The account budi is closed."]
    assert not gets_in(store, "budi")
    assert said(store, "enable", "budi") == ["The account budi is open again."]
    assert gets_in(store, "budi")
    told = [entry for entry in read_audit(store, LOCAL_STAFF) if entry.did == Did.ACCOUNT_CHANGED]
    assert [(entry.who, entry.what, entry.detail) for entry in reversed(told)] == [
        ("local-staff", "budi", {"disabled": closed}) for closed in (True, False)
    ]


def test_the_only_administrator_who_forgot_the_password_comes_in_by_a_code(store: Store) -> None:
    """The old password is void from the moment the code is printed."""
    administrator(store)
    code = said(store, "reset", "ina")[0].split(": ")[1]
    assert re.fullmatch(r"(\w{4}-){2}\w{4}", code) and not gets_in(store, "ina")
    assert choose_password_by_code(store, Try.of("ina", HERE), code, NEW, datetime.now(UTC), cost=CHEAP)
    assert gets_in(store, "ina", NEW)
    assert "only administrator" in refused(store, "disable", "ina")


@pytest.mark.parametrize("doing", ["reset", "disable", "enable"])
def test_a_name_that_nobody_has_is_refused_with_the_names_there_are(store: Store, doing: str) -> None:
    administrator(store)
    assert "There is no account “bodi”. There are: ina." in refused(store, doing, "bodi")


def test_a_unit_that_is_not_there_a_taken_name_and_a_closed_account_are_refused(store: Store) -> None:
    administrator(store)
    account(store, "budi", Role.OPERATOR)
    assert "There is no unit “loket 9”" in refused(store, "add", "citra", "Citra", "--unit", "loket 9")
    assert "There is an account “ina” already" in refused(store, "add", "ina", "Ina")
    said(store, "disable", "budi")
    assert "The account “budi” is closed. Open it again first." in refused(store, "reset", "budi")


def test_before_the_first_account_the_list_says_so(tmp_path: Path) -> None:
    assert run(tmp_path, "account", "list", "--language", "en")[1] == "There is no account yet.\n"
