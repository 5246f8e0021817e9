"""Where do this installation's secrets come from? Made at the first start, they never leave the data folder."""

import os
import secrets
from pathlib import Path

CODE_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"  # nothing that is read as something else


def secret_key(data: Path, name: str) -> bytes:
    """32 random bytes kept in ``<data>/<name>.key`` (mode 0600), made when missing."""
    return bytes.fromhex(_kept(data / f"{name}.key", secrets.token_hex(32)))


def staff_code(data: Path) -> str:
    """The code that opens the staff screens, kept in ``<data>/staff-code.txt`` (mode 0600), made when missing.

    Twelve characters of 32, 60 bits: not to be guessed through the screen.
    """
    letters = "".join(secrets.choice(CODE_ALPHABET) for _ in range(12))
    return _kept(data / "staff-code.txt", f"{letters[:4]}-{letters[4:8]}-{letters[8:]}")


def _kept(file: Path, fresh: str) -> str:
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="ascii").strip()
    with os.fdopen(handle, "w", encoding="ascii") as opened:
        opened.write(fresh + "\n")
        opened.flush()
        os.fsync(opened.fileno())
    return fresh
