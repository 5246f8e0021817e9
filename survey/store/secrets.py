"""Where do this installation's secrets come from? Made at the first start, they never leave the data folder."""

import contextlib
import hashlib
import hmac
import os
import re
import secrets
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from survey.problem import Problem

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that is read as something else
_KEY = re.compile("[0-9a-f]{64}")
_CODE = re.compile("-".join(["[A-Z0-9]{4}"] * 3))
_PIN = re.compile("[0-9]{4,12}")
_ROUNDS = 50_000


def secret_key(data: Path, name: str) -> bytes:
    """32 random bytes kept in ``<data>/<name>.key`` (mode 0600), made when missing."""
    return bytes.fromhex(_kept(data / f"{name}.key", secrets.token_hex(32), _KEY))


def new_code() -> str:
    """Twelve characters of 32, 60 bits, in groups of four: to be read out and typed without a mistake."""
    letters = "".join(secrets.choice(CODE_ALPHABET) for _ in range(12))
    return f"{letters[:4]}-{letters[4:8]}-{letters[8:]}"


def letters_of(code: str) -> str:
    """The code without dashes, spaces and small letters: it may be typed as it is read."""
    return "".join(letter for letter in code.upper() if letter in CODE_ALPHABET)


def setup_code(data: Path) -> str:
    """The code with which the first administrator is made from another computer, kept in ``<data>/setup-code.txt``.

    Made when missing. It opens nothing once there is an administrator; the file goes then.
    """
    return _kept(data / "setup-code.txt", new_code(), _CODE)


def is_setup_code(data: Path, given: str) -> bool:
    """Whether that is the code in the file. Without a file no code is right."""
    if not (data / "setup-code.txt").exists():
        return False
    return hmac.compare_digest(letters_of(given).encode(), letters_of(setup_code(data)).encode())


def forget_setup_code(data: Path) -> None:
    """There is an administrator: the file goes."""
    (data / "setup-code.txt").unlink(missing_ok=True)


def device_pin(data: Path) -> str:
    """The PIN of the staff's panel on kiosks and tablets, kept in ``<data>/device-pin.txt``, made when missing.

    Six digits, since a kiosk has no keyboard. An administrator may write another of 4 to 12 digits into the file.
    """
    return _kept(data / "device-pin.txt", "".join(secrets.choice("0123456789") for _ in range(6)), _PIN)


@dataclass(frozen=True)
class PinHash:
    """What a device needs to check the PIN without network: SHA-256 of salt and PIN, hashed again ``rounds`` times.

    It slows down whoever stands before the screen. Whoever has the hash and a computer can try all numbers.
    """

    salt: str
    rounds: int
    hash: str


@lru_cache(maxsize=8)
def hash_of_pin(pin: str, key: bytes) -> PinHash:
    """The hash for devices. The salt belongs to this installation: the same PIN looks different elsewhere."""
    salt = hashlib.sha256(b"device pin" + key).hexdigest()[:16]
    hashed = (salt + pin).encode()
    for _ in range(_ROUNDS):
        hashed = hashlib.sha256(hashed).digest()
    return PinHash(salt, _ROUNDS, hashed.hex())


def _kept(file: Path, fresh: str, form: re.Pattern[str]) -> str:
    """The secret in ``file``; ``fresh`` is put there when there is no such file.

    The file appears whole or not at all, so that neither a power cut nor a second process finds half a secret. Raises
    ``Problem`` for a file that does not have the form of the secret: an empty code would let everybody in.
    """
    if not file.exists():
        _appear(file, fresh + "\n")
    kept = file.read_text(encoding="ascii", errors="replace").strip()
    if not form.fullmatch(kept):
        raise Problem("store.secret", where=str(file))
    return kept


def _appear(file: Path, content: str) -> None:
    """Write ``file`` unless another process has just done so."""
    unfinished = file.with_name(f".{file.name}.{secrets.token_hex(8)}")
    handle = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "w", encoding="ascii") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        with contextlib.suppress(FileExistsError):
            os.link(unfinished, file)
    finally:
        unfinished.unlink()
