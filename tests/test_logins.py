"""Does a login end when it must, and is whoever guesses held up without anybody else being?"""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from survey.principal import LOCAL_STAFF, Role
from survey.store import Store
from survey.store.people import passwords
from survey.store.people.audit import Did, read_audit
from survey.store.people.logins import Wrong, log_in, log_out, who_is
from survey.store.people.throttle import Throttled, Try
from tests.builders import rows, store_in
from tests.people import HERE, START, account, administrator, at, everything_kept, token
from tests.running import PASSWORD


def fails(store: Store, now: datetime, name: str = "ina", address: str = HERE) -> None:
    assert isinstance(log_in(store, Try.of(name, address), "wrong", now), Wrong)


def refused(store: Store, now: datetime, name: str = "ina", address: str = HERE) -> datetime:
    """Until when."""
    with pytest.raises(Throttled) as waiting:
        log_in(store, Try.of(name, address), PASSWORD, now)
    return waiting.value.free_at


# --- how long a login holds


def test_a_login_ends_after_half_an_hour_without_use_and_not_before(store: Store) -> None:
    administrator(store)
    one = token(store)
    assert who_is(store, one, at(minutes=29, seconds=59))
    assert who_is(store, one, at(minutes=59))
    assert who_is(store, one, at(minutes=89)) is None
    assert who_is(store, one, at(minutes=59)) is not None, "the clock alone ended it; nothing was revoked"


def test_a_login_ends_after_eight_hours_in_any_case(store: Store) -> None:
    administrator(store)
    one = token(store)
    for minutes in range(20, 480, 20):
        assert who_is(store, one, at(minutes=minutes))
    assert who_is(store, one, at(hours=8)) is None


def test_a_screen_that_looks_by_itself_keeps_no_login_alive(store: Store) -> None:
    administrator(store)
    one = token(store)
    for minutes in range(1, 30):
        assert who_is(store, one, at(minutes=minutes), used=False)
    assert who_is(store, one, at(minutes=30), used=False) is None


def test_use_is_written_once_a_minute_at_most(store: Store) -> None:
    administrator(store)
    one = token(store)

    def used() -> str:
        return str(rows(store, "SELECT used_at FROM login")[0][0])

    before = used()
    who_is(store, one, at(seconds=59))
    assert used() == before
    who_is(store, one, at(seconds=60))
    assert used() > before


def test_a_login_gives_a_token_nobody_had_of_256_bits_and_keeps_its_hash_only(store: Store) -> None:
    administrator(store)
    tokens = {token(store) for _ in range(20)}
    kept = {bytes(row[0]) for row in rows(store, "SELECT token FROM login")}
    assert len(tokens) == 20 and all(len(one) == 43 for one in tokens)
    assert all(len(one) == 32 for one in kept) and not kept & {one.encode() for one in tokens}


def test_a_logout_ends_this_login_and_no_other(store: Store) -> None:
    administrator(store)
    here, elsewhere = token(store), token(store)
    log_out(store, here, START)
    assert who_is(store, here, START) is None and who_is(store, elsewhere, START)


@pytest.mark.parametrize("given", ["", "x", "\ud800", "A" * 43, "0" * 10_000])
def test_a_token_that_nobody_has_opens_nothing(store: Store, given: str) -> None:
    administrator(store)
    token(store)
    assert who_is(store, given, START) is None


# --- who guesses


def test_five_wrong_passwords_cost_a_minute_and_each_further_one_twice_as_long_up_to_fifteen(store: Store) -> None:
    administrator(store)
    now = START
    for _ in range(5):
        fails(store, now)
    waits = []
    for number in range(6):
        free = refused(store, now)
        waits.append((free - now) / timedelta(minutes=1))
        now = free
        fails(store, now, address=f"10.0.0.{number}")
    assert waits == [1, 2, 4, 8, 15, 15]


def test_the_right_password_after_the_wait_forgives(store: Store) -> None:
    administrator(store)
    for _ in range(5):
        fails(store, START)
    assert token(store, now=at(minutes=1))
    for _ in range(4):
        fails(store, at(minutes=1))
    assert token(store, now=at(minutes=1))


def test_twenty_wrong_ones_from_an_address_close_it_for_ten_minutes_whatever_the_names(store: Store) -> None:
    administrator(store)
    for number in range(5):
        account(store, f"name-{number}", Role.OPERATOR)
    for number in range(20):
        fails(store, at(seconds=number), name=f"name-{number % 5}")
    assert refused(store, at(seconds=20)) == at(minutes=10)
    assert log_in(store, Try.of("ina", "192.168.1.21"), PASSWORD, at(seconds=20)), "another desk goes on"
    assert token(store, now=at(minutes=10))


def test_a_start_of_the_app_forgives_nothing(tmp_path: object, store: Store) -> None:
    administrator(store)
    for _ in range(5):
        fails(store, START)
    store.close()
    with store_in(store.data) as again:
        assert refused(again, at(seconds=30)) == at(minutes=1)


def test_nobodys_name_and_address_are_kept_as_keyed_hashes_and_forgotten_after_a_day(store: Store) -> None:
    administrator(store)
    fails(store, START, name="nobody-here", address="203.0.113.9")
    kept = everything_kept(store)
    assert b"login_failed" in kept and b"nobody-here" not in kept and b"203.0.113.9" not in kept
    fails(store, at(hours=25), name="other")
    assert len(rows(store, "SELECT * FROM throttle")) == 2


def test_a_thousand_wrong_passwords_are_refused_in_no_time_before_anything_is_hashed(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first five are hashed; the other 995 take less than 10 ms each, where a hash takes some hundred."""
    administrator(store)
    counted = 0
    verify = passwords.Argon2Hasher.verify

    def count(self: passwords.Argon2Hasher, *given: str) -> bool:
        nonlocal counted
        counted += 1
        return verify(self, *given)

    monkeypatch.setattr(passwords.Argon2Hasher, "verify", count)
    for _ in range(5):
        fails(store, START)
    began = time.process_time()
    for _ in range(995):
        refused(store, START)
    assert counted == 5
    assert time.process_time() - began < 9.95


def test_who_does_not_exist_is_checked_as_long_as_who_does(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    """Counted, since a clock on a shared machine lies: one verification each, at the recommended cost for nobody."""
    administrator(store)
    hashes: list[str] = []
    verify = passwords.Argon2Hasher.verify

    def note(self: passwords.Argon2Hasher, password: str, kept: str) -> bool:
        hashes.append(kept)
        return verify(self, password, kept)

    monkeypatch.setattr(passwords.Argon2Hasher, "verify", note)
    for name in ("ina", "nobody", "", "ina\x00", "\ud800"):
        fails(store, START, name=name)
    assert len(hashes) == 5
    assert [kept == passwords._NOBODYS for kept in hashes] == [False, True, True, True, True]


def test_never_more_than_two_hashes_are_computed_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    running, most, lock = 0, 0, threading.Lock()

    def slow(*_: object) -> bool:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1
        return False

    monkeypatch.setattr(passwords.Argon2Hasher, "verify", slow)
    with ThreadPoolExecutor(16) as crowd:
        list(crowd.map(lambda _: passwords.is_right("x", None), range(32)))
    assert most == 2


def test_the_audit_tells_of_logins_and_failures_without_an_address_or_a_password(store: Store) -> None:
    administrator(store)
    fails(store, START)
    fails(store, START, name="nobody-here")
    log_out(store, token(store), START)
    told = read_audit(store, LOCAL_STAFF)
    assert [entry.did for entry in told[:4]] == [
        Did.LOGGED_OUT,
        Did.LOGGED_IN,
        Did.LOGIN_FAILED,
        Did.LOGIN_FAILED,
    ]
    assert {entry.what for entry in told[2:4]} == {"ina", "-"}
    said = repr(told)
    assert HERE not in said and PASSWORD not in said and "wrong" not in said and "nobody-here" not in said
