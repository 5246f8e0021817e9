"""Which files does the form consist of, and in which shape do they travel?

The files are written for people. What travels is the same code without what only people need: comments, spaces
outside strings, names for numbers (``const PATIENCE = 20 * 1000;`` becomes 20000 wherever it stands) and for
colours. The light page carries all modules in one script, so that it needs one round trip: the lines that begin
with ``import`` and the word ``export`` are left out. There is no build step. Rules that follow, and that a test
watches: a comment stands on a line of its own or behind a semicolon, every statement ends with a semicolon and none
is empty, no string goes over several lines, holds an escaped or double quotation mark or the name of a number, and
no two modules use the same name at their top level.
"""

import hashlib
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from math import prod
from pathlib import Path

FOLDER = Path(__file__).parent
SCRIPTS = (
    "device.js",
    "queue.js",
    "screens.js",
    "points.js",
    "stars.js",
    "kiosk.js",
    "phone.js",
    "ticket.js",
    "form.js",
)
"""The modules, each after those it imports."""
STYLES = ("form.css", "scales.css")
LATER = ("sealing.js", "code.js", "operator.js", "invitation.js", "station.js", "operator.css", "invitation.css")
"""What a shared device fetches when its page can be used already: ordinary modules that import one another only, and
styles. What they need of the page is handed to them."""
_MEDIA = {".js": "text/javascript", ".css": "text/css", ".html": "text/html", ".json": "application/json"}
_COMMENT = re.compile(r"^\s*/\*.*?\*/\s*$", re.MULTILINE | re.DOTALL)
_SPACE = {
    # A string, or spaces around a sign, or the end of a line where the statement cannot end.
    ".js": re.compile(
        r"""('[^'\n]*'|`[^`\n]*`)|[ ]*([]{}()[,;:?<>=*&|!]+)[ ]*|[ ]([-+/])[ ](?![-+/])|(?<=[{([,;>])\n|\n(?=[]}).])"""
    ),
    ".css": re.compile(r"""('[^'\n]*')|\s*([{};,>]+|:(?= ))\s*()"""),
}
_STRING_OR_WORD = re.compile(r"'([^'\n]*)'|(`[^`\n]*`)|(?<![.\w$])([A-Za-z_]+)(?!\w)|(;\})")
_TOKEN = re.compile(r"--[a-z][a-z0-9-]*")
_NUMBER = re.compile(r"^const ([A-Z][A-Z_]+) = (\d+(?: \* \d+)*);\n", re.MULTILINE)


@dataclass(frozen=True)
class Packed:
    """A text ready to be sent: its bytes, the same compressed, and a tag that changes with the content."""

    media_type: str
    plain: bytes
    compressed: bytes
    tag: str


def pack(text: str, suffix: str) -> Packed:
    """The text with its kind, compressed as small as gzip can; the same text always gives the same bytes."""
    plain = text.encode()
    return Packed(f"{_MEDIA[suffix]}; charset=utf-8", plain, _smallest(plain), tag_of(text))


def tag_of(text: str) -> str:
    """A short name for exactly this text."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _smallest(plain: bytes) -> bytes:
    """Compressed by gzip at its strongest. Style, definition and script of a page each get a block of their own, since
    other signs are frequent in each; the memory moves the other borders of blocks, and the best is found by trying.
    """
    parts = re.split(rb"(?=<script)", plain)

    def tried(memory: int) -> bytes:
        packer = zlib.compressobj(9, zlib.DEFLATED, 31, memory)
        blocks = [packer.compress(part) + packer.flush(zlib.Z_BLOCK) for part in parts[:-1]]
        return b"".join(blocks) + packer.compress(parts[-1]) + packer.flush()

    return min((tried(memory) for memory in range(4, 10)), key=len)


def without_comments(text: str, suffix: str) -> str:
    """The code without lines that are only a comment, without indentation, empty lines and spaces beside signs."""
    if suffix == ".html":
        text = re.sub(r"^\s*<!--.*?-->\s*$", "", text, flags=re.MULTILINE | re.DOTALL)
    else:
        text = re.sub(r"(?<=;) // .*$", "", _COMMENT.sub("", text), flags=re.MULTILINE)
    lines = (line.strip() for line in text.splitlines())
    text = "\n".join(line for line in lines if line and not (suffix == ".js" and line.startswith("//"))) + "\n"
    numbers = {name: prod(map(int, said.split(" * "))) for name, said in _NUMBER.findall(text)}
    if suffix in _SPACE:
        text = _SPACE[suffix].sub(r"\1\2\3", _NUMBER.sub("", text))
    if suffix == ".css":
        return _TOKEN.sub(lambda found: _short_tokens().get(found[0], found[0]), text)
    return _with_few_signs(text, numbers) if suffix == ".js" else text


@cache
def _short_tokens() -> Mapping[str, str]:
    """``--a`` for the first token of ``form.css``, and so on; not those that a script puts together (``--tint1``)."""
    said = (FOLDER / "form.css").read_text(encoding="utf-8")
    names = [name for name in dict.fromkeys(_TOKEN.findall(said)) if not name[-1].isdigit()]
    return {name: f"--{chr(ord('a') + number)}" for number, name in enumerate(names)}


def _with_few_signs(code: str, numbers: Mapping[str, int]) -> str:
    """The same code in the words that compress best: the page is full of ``"`` and of ``let`` anyway."""

    def shorter(found: re.Match[str]) -> str:
        string, template, word, end = found.groups()
        if string is not None:
            return f'"{string}"'
        return template or (end and "}") or ("let" if word == "const" else str(numbers.get(word, word)))

    return _STRING_OR_WORD.sub(shorter, code)


def read(name: str) -> str:
    """One file of the form in the shape in which it travels."""
    return without_comments((FOLDER / name).read_text(encoding="utf-8"), Path(name).suffix)


def joined(*names: str) -> str:
    """Several modules, each after those it imports, as one."""
    text = "\n".join((FOLDER / name).read_text(encoding="utf-8") for name in names)
    return without_comments(re.sub(r"^(import .*|export )", "", text, flags=re.MULTILINE), ".js")


@cache
def assets() -> Mapping[str, Packed]:
    """The files that never change under their address ``/form/<version>/<file>``, by name."""
    return {name: pack(read(name), Path(name).suffix) for name in (*SCRIPTS, *STYLES, *LATER)}


@cache
def version() -> str:
    """A short name for exactly these files: it changes when any of them does."""
    tags = "".join(f"{name}:{packed.tag};" for name, packed in assets().items())
    return hashlib.sha256(tags.encode()).hexdigest()[:10]
