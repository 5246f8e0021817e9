"""Is this folder a place where answers are safe, and is the database in it still the one that was there?"""

import errno
import os
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

from survey.problem import Problem

NETWORK = {
    *("nfs", "nfs4", "cifs", "smb3", "smbfs", "ncpfs", "afs", "ceph", "glusterfs", "davfs", "fuse.davfs2", "beegfs"),
    *("fuse.sshfs", "fuse.rclone", "fuse.glusterfs", "fuse.s3fs", "fuse.gvfsd-fuse", "fuse.vmhgfs-fuse"),
    *("vboxsf", "prl_fs", "vmhgfs", "drvfs", "lustre", "ocfs2", "gfs2"),
}
"""Kinds of mounts that several computers can write to at once, or that do not keep SQLite's locks."""
_REMOTE_DRIVE = 4  # what Windows calls a network drive


def require_place(folder: Path, mounts: Path = Path("/proc/self/mounts")) -> None:
    """Raise ``Problem`` when the folder cannot be written, or lies on a network drive.

    Network drives are known by the kind of their mount on Linux and by the kind of drive on Windows; elsewhere nothing
    is known about them.
    """
    kind = network_kind(folder, mounts)
    if kind:
        raise Problem("store.network_drive", where=str(folder), kind=kind)
    try:
        with TemporaryFile(dir=folder):
            pass
    except OSError as error:
        forbidden = error.errno in (errno.EACCES, errno.EPERM, errno.EROFS)
        key = "store.read_only" if forbidden else "store.data_folder"
        raise Problem(key, where=str(folder), detail=error.strerror or str(error)) from error


def network_kind(folder: Path, mounts: Path) -> str | None:
    """The kind of network drive that the folder lies on; None for a disk of this computer, or when it is not known."""
    if os.name == "nt":
        return _windows_network(folder.resolve())
    try:
        lines = mounts.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return None
    place, found, length = folder.resolve(), None, -1
    for line in lines:
        _, point, kind, *_ = line.split(" ")
        mount = Path(point.replace("\\040", " ").replace("\\011", "\t").replace("\\134", "\\"))
        if place.is_relative_to(mount) and len(mount.parts) >= length:
            found, length = kind, len(mount.parts)
    return found if found in NETWORK else None


def _windows_network(place: Path) -> str | None:
    if place.drive.startswith("\\\\"):
        return place.drive
    import ctypes

    system: Any = getattr(ctypes, "windll")  # noqa: B009 - exists on Windows only
    return place.drive if system.kernel32.GetDriveTypeW(place.drive + "\\") == _REMOTE_DRIVE else None


def mark_made(mark: Path) -> None:
    """Remember beside the database that it was made: if it is ever not there, it has gone."""
    if not mark.exists() or mark.stat().st_size == 0:
        mark.write_text("made\n", encoding="ascii")


def require_database(file: Path, mark: Path) -> None:
    """Raise ``Problem`` when a database was made here and is not there any more, or is empty."""
    made = mark.exists() and mark.stat().st_size > 0
    if made and not (file.exists() and file.stat().st_size > 0):
        raise Problem("store.gone", where=str(file), mark=mark.name)


@dataclass(frozen=True)
class Identity:
    """Which file this is, whatever its name: the number that the disk gave it."""

    device: int
    number: int

    @classmethod
    def of(cls, file: Path) -> "Identity | None":
        """The identity of the file of this name; None when there is none."""
        try:
            found = file.stat()
        except OSError:
            return None
        return cls(found.st_dev, found.st_ino)


def sync(path: Path) -> None:
    """Wait until a file, or the names in a folder, are on the disk."""
    if path.is_dir() and sys.platform == "win32":
        return  # Windows cannot open a folder for this, and writes names down by itself
    handle = os.open(path, os.O_RDONLY if path.is_dir() or sys.platform != "win32" else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
