"""Files that are there whole or not at all, and folders in which things are made meanwhile."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import stat
import sys
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mgsim.files.locks import lock

#: What :func:`place` calls a file until it is whole.
PARTIAL = re.compile(r"[\w.-]+\.[0-9a-f]{32}\.partial")
_SCRATCH = re.compile(r"\.mgsim-\w{8}\.partial")
_MARK_FILE, _MARK = "mark", b"mgsim works in this folder, which goes when it is done\n"
#: Scratch folders unchanged for so long, in s, are dead where no lock can tell.
DEAD = 3600.0


def sha256(data: bytes | str) -> str:
    """The digest of bytes, or of a text as UTF-8."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()


def sha256_of(path: Path) -> str:
    """The digest of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def place(path: Path, data: bytes, *, sync: bool = True) -> None:
    """Write a file of mgsim's own, whole. Folders above may be made.

    It is written under another name, brought to the disk, and renamed.
    """
    path.parent.mkdir(exist_ok=True)
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.partial")
    for last in (False, True):
        try:
            with part.open("xb") as file:
                file.write(data)
                if sync:
                    file.flush()
                    os.fsync(file.fileno())
            part.replace(path)
            return
        except FileNotFoundError:  # taken for an orphan by a run that thinks itself alone
            if last:
                raise
        except BaseException:
            part.unlink(missing_ok=True)
            raise


def sync(path: Path) -> None:
    """Bring a file to the disk."""
    with path.open("r+b") as file:
        os.fsync(file.fileno())


def named(part: Path, path: Path) -> bool:
    """Give a finished file its name where nothing has that name: whether it was free.

    Of two that ask at once, one gets it.
    """
    try:
        os.link(part, path)
    except FileExistsError:
        return False
    except OSError:  # a file system without links: take the name first, with nothing in it
        try:
            os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o666))
        except FileExistsError:
            return False
        try:
            part.replace(path)
        except BaseException:
            path.unlink()
            raise
        return True
    part.unlink()
    return True


def again(path: Path, other: Path) -> None:
    """Give a file a second name, or a copy where the file system has no links."""
    try:
        os.link(path, other)
    except OSError:
        shutil.copy2(path, other)


@contextmanager
def scratch(inside: Path) -> Iterator[Path]:
    """A folder to work in, beside what is kept; what killed processes left there is removed.

    It is known as mgsim's by its name and by a file in it, and as at work by that file's lock.
    """
    made = Path(tempfile.mkdtemp(prefix=".mgsim-", suffix=".partial", dir=inside))
    try:
        with (made / _MARK_FILE).open("xb", buffering=0) as mark:
            lock(mark.fileno())
            mark.write(_MARK)
            now = os.stat(made).st_mtime  # the file system's clock, which may be another
            for other in inside.glob(".mgsim-*.partial"):
                if other != made and _SCRATCH.fullmatch(other.name) and _dead(other, now):
                    shutil.rmtree(other, ignore_errors=True)
            yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def is_own(found: os.stat_result) -> bool:
    """Whether a file belongs to this process's user."""
    return sys.platform == "win32" or found.st_uid == os.geteuid()


def _dead(folder: Path, now: float) -> bool:
    try:
        about = folder.lstat()
        if not stat.S_ISDIR(about.st_mode) or not is_own(about):
            return False
        inside = list(folder.iterdir())
        old = max(p.lstat().st_mtime for p in (folder, *inside)) < now - DEAD
        if not inside:
            return old  # killed before it was marked, or about to be
        with (folder / _MARK_FILE).open("r+b") as mark:
            if mark.read() != _MARK:
                return old and len(inside) == 1
            free = lock(mark.fileno())
        return old if free is None else free
    except OSError:  # another process was faster, or it is no folder of mgsim's
        return False
