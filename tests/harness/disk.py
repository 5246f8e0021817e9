"""What is left on a disk when the power goes? A disk that remembers what was promised and what was merely written.

SQLite works on real files through a VFS that notes every write, cut, new name and deletion until it was synchronised.
At any moment ``cut`` makes one of the many things that could be left:

* what was synchronised is there, whole;
* of every later write each sector of 512 bytes is there or not, and of every later truncation the whole or nothing;
* of the names (files made, deleted) since they were last made safe, the first few are there: file systems keep their
  order, and a synchronisation of any file makes the earlier ones safe.

That is the worst an ordinary disk may do. It assumes a disk that does not say "safe" when it is not.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import apsw

SECTOR = 512


@dataclass
class Inode:
    """One file's content, whatever it is called: what is safe, and what was done since (offset and data, or a size)."""

    safe: bytes = b""
    since: list[tuple[int, bytes | None]] = field(default_factory=list)

    @property
    def now(self) -> bytes:
        """What a program reads that runs on."""
        return _applied(self.safe, self.since)

    def synchronise(self) -> None:
        self.safe, self.since = self.now, []

    def left(self, chance: random.Random) -> bytes:
        """What a power cut leaves."""
        kept: list[tuple[int, bytes | None]] = []
        for offset, data in self.since:
            if data is None:
                if chance.random() < 0.5:
                    kept.append((offset, None))
                continue
            fate = chance.random()
            for start in range(0, len(data), SECTOR):
                if fate < 0.4 or (fate < 0.8 and chance.random() < 0.5):  # whole, torn, or (the rest) not at all
                    kept.append((offset + start, data[start : start + SECTOR]))
        return _applied(self.safe, kept)


def _applied(content: bytes, changes: list[tuple[int, bytes | None]]) -> bytes:
    made = bytearray(content)
    for offset, data in changes:
        if data is None:
            del made[offset:]
            made.extend(bytes(offset - len(made)))
        else:
            made.extend(bytes(max(0, offset - len(made))))
            made[offset : offset + len(data)] = data
    return bytes(made)


class Disk:
    """The names and contents of files, and the operations since the last moment at which all was safe."""

    def __init__(self, heard: Callable[[], None] | None = None) -> None:
        self.heard = heard or (lambda: None)
        self.names: dict[str, Inode] = {}
        self._safe_names: dict[str, Inode] = {}
        self._renamed: list[tuple[str, Inode | None]] = []

    def put(self, name: str, content: bytes) -> None:
        """A file that has been there, safe, for long."""
        self.names[name] = self._safe_names[name] = Inode(content)

    def open(self, name: str) -> Inode:
        """The file of that name, made when it is not there."""
        if name not in self.names:
            self.heard()
            self.names[name] = Inode()
            self._renamed.append((name, self.names[name]))
        return self.names[name]

    def write(self, inode: Inode, offset: int, data: bytes) -> None:
        inode.since.append((offset, data))
        self.heard()  # the cut may come while it is being written

    def truncate(self, inode: Inode, size: int) -> None:
        inode.since.append((size, None))
        self.heard()

    def synchronise(self, inode: Inode) -> None:
        self.heard()  # the cut may come before the disk has done it
        inode.synchronise()
        self.synchronise_names()

    def delete(self, name: str, wait: bool) -> None:
        self.heard()
        if self.names.pop(name, None) is not None:
            self._renamed.append((name, None))
        if wait:
            self.synchronise_names()
        self.heard()

    def synchronise_names(self) -> None:
        self._safe_names, self._renamed = dict(self.names), []

    def cut(self, chance: random.Random) -> dict[str, bytes]:
        """The files that are there when the power is back."""
        names = dict(self._safe_names)
        for name, inode in self._renamed[: chance.randint(0, len(self._renamed))]:
            if inode is None:
                names.pop(name, None)
            else:
                names[name] = inode
        return {name: inode.left(chance) for name, inode in names.items()}


class WatchedFiles(apsw.VFS):
    """The system's own files, every change of which the disk is told. Shared memory is not a file: it dies anyway."""

    def __init__(self, name: str, disk: Disk) -> None:
        self.disk = disk
        super().__init__(name, base="")

    def xOpen(self, name: Any, flags: list[int]) -> WatchedFile:
        return WatchedFile(self, name, flags)

    def xDelete(self, filename: str, syncdir: bool) -> None:
        super().xDelete(filename, syncdir)
        self.disk.delete(Path(filename).name, syncdir)


class WatchedFile(apsw.VFSFile):
    """An open file; its content is kept by the system, and a second time by the disk that forgets."""

    def __init__(self, files: WatchedFiles, name: Any, flags: list[int]) -> None:
        super().__init__("", name, flags)
        self._disk = files.disk
        path = name.filename() if isinstance(name, apsw.URIFilename) else name
        self._inode = self._disk.open(Path(path).name) if path else None

    def xWrite(self, data: bytes, offset: int) -> None:
        super().xWrite(data, offset)
        if self._inode is not None:
            self._disk.write(self._inode, offset, bytes(data))

    def xTruncate(self, newsize: int) -> None:
        super().xTruncate(newsize)
        if self._inode is not None:
            self._disk.truncate(self._inode, newsize)

    def xSync(self, flags: int) -> None:
        super().xSync(flags)
        if self._inode is not None:
            self._disk.synchronise(self._inode)
