"""How is a password kept and checked, so that neither a stolen database nor a crowd of tries gets anybody in?

By argon2id, which costs 64 MiB and some tenths of a second each time. Never more than two are computed at once, so that
a crowd at the door waits and does not fill the memory.
"""

import re
import threading
from collections.abc import Iterable
from dataclasses import dataclass

from pwdlib.hashers.argon2 import Argon2Hasher

from survey.problem import Problem

AT_ONCE = 2
SHORTEST, LONGEST = 12, 200
_TURN = threading.BoundedSemaphore(AT_ONCE)
_NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$YxMJvceSOpEgHqVcprGDcQ$cizckXgxLqk3JF/nF78J3n8F2TlE1tfW0ztvot7OoJQ"
"""The hash of a password that nobody knows: who does not exist is checked just as long as who does."""
_COMMON = frozenset(
    {
        *("admin", "administrator", "akun", "bismillah", "cinta", "dpmptsp", "garuda", "ganteng", "ikm", "indonesia"),
        *("jakarta", "kantor", "katasandi", "kota", "kupang", "letmein", "login", "manager", "masuk", "merdeka"),
        *("nusantara", "operator", "pancasila", "passw0rd", "password", "passwordku", "pelayanan", "perizinan"),
        *("petugas", "qwerty", "qwertyuiop", "rahasia", "sandi", "sayang", "selamat", "selamatdatang", "selamatpagi"),
        *("semangat", "servqual", "skm", "sukses", "survei", "survey", "terimakasih", "timor", "user", "welcome"),
    }
)
_ROWS = ("abcdefghijklmnopqrstuvwxyz", "01234567890123456789", "qwertyuiop", "asdfghjkl", "zxcvbnm", "1qaz2wsx3edc4rfv")
"""What fingers run along."""


@dataclass(frozen=True)
class Cost:
    """What one hash costs: memory in KiB, rounds, lanes. The default is what pwdlib recommends."""

    memory: int = 65_536
    rounds: int = 3
    lanes: int = 4


RECOMMENDED = Cost()


def hash_password(password: str, cost: Cost = RECOMMENDED) -> str:
    """The hash to be kept; it names its own cost."""
    with _TURN:
        return Argon2Hasher(time_cost=cost.rounds, memory_cost=cost.memory, parallelism=cost.lanes).hash(
            _kept(password)
        )


def is_right(password: str, kept: str | None) -> bool:
    """Whether the password belongs to the hash. Without a hash it is never right, and takes as long to say so."""
    with _TURN:
        right = Argon2Hasher().verify(_kept(password[:LONGEST]), kept or _NOBODYS)
    return right and kept is not None


def _kept(password: str) -> str:
    return password.encode("utf-8", "replace").decode()


def require_strong(password: str, names: Iterable[str]) -> None:
    """Raise ``Problem`` for a password that is short or that anybody would try early.

    ``names``: what it must not be made of: the account's name and person, the agency.
    """
    if len(password) < SHORTEST:
        raise Problem("password.short", shortest=SHORTEST)
    if len(password) > LONGEST:
        raise Problem("password.long", longest=LONGEST)
    plain = "".join(letter for letter in password.casefold() if letter.isalnum())
    if len(set(password)) < 5 or _repeats(plain) or _is_sequence(plain):
        raise Problem("password.pattern")
    bare = re.sub(r"[\W\d_]+", "", password.casefold())
    if bare in _COMMON or _repeats(bare) or _made_of(bare, _COMMON):
        raise Problem("password.common")
    parts = {part for name in names for part in re.split(r"[\W_]+", name.casefold()) if len(part) > 2}
    if bare in parts or _made_of(bare, parts | _COMMON):
        raise Problem("password.name")


def _repeats(text: str) -> bool:
    """Whether a short piece stands there again and again: abcabcabcabc."""
    return any(
        text == (text[:length] * len(text))[: len(text)] for length in range(1, min(6, len(text) // 2) + 1) if text
    )


def _is_sequence(text: str) -> bool:
    """Whether it only runs along the alphabet, the numbers or the keyboard, forwards or backwards."""
    rest = text
    for row in (*_ROWS, *(row[::-1] for row in _ROWS)):
        for length in range(len(row), 3, -1):
            for start in range(len(row) - length + 1):
                rest = rest.replace(row[start : start + length], "")
    return len(rest) < 4


def _made_of(text: str, words: Iterable[str]) -> bool:
    """Whether nothing is left when these words are taken out, or so little that it can be tried."""
    rest = text
    for word in sorted(words, key=len, reverse=True):
        rest = rest.replace(word, "")
    return len(rest) < 4 and rest != text
