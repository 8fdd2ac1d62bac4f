"""Locks of files and folders, which the system frees however a process ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

if sys.platform != "win32":
    import fcntl

#: How long a lock is waited for, in s, that its holders keep for moments alone.
PATIENCE = 10.0
#: Characters of a command that are shown.
_SHOWN = 60


class LockedError(TimeoutError):
    """What another program keeps locked."""


def lock(file: int) -> bool | None:
    """Take a lock: whether it was free; None where there are none."""
    if sys.platform == "win32":
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return True
    except BlockingIOError:
        return False
    except OSError:
        return None


def wait(file: int, path: Path, how: int, patience: float) -> None:
    """Wait for a lock, of a kind that :func:`fcntl.flock` knows; ``path`` says of what.

    Raises
    ------
    LockedError
        When another has held it for ``patience``, in s.
    OSError
        Where there are none.
    """
    end = time.monotonic() + patience
    while True:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > end:
                raise LockedError(
                    f"{holder(path)} has kept {path} locked for {patience:g} s"
                ) from None
        time.sleep(0.02)


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Let one at a time of those that ask for this go on; all of them where there are no locks.

    Raises
    ------
    LockedError
        When another has held it for :data:`PATIENCE`.
    """
    if sys.platform == "win32":
        yield
        return
    number = os.open(folder, os.O_RDONLY)
    try:
        try:
            wait(number, folder, fcntl.LOCK_EX, PATIENCE)
        except LockedError:
            raise
        except OSError:  # some file systems lock no folders
            pass
        yield
    finally:
        os.close(number)


def holder(path: Path) -> str:
    """Who has a lock, in words: the process, where Linux names it to this user."""
    try:
        numbers = [n for n in os.listdir("/proc") if n.isdecimal()]
    except OSError:
        numbers = []
    place = os.path.realpath(path)
    for number in numbers:
        process = Path("/proc", number)
        try:
            files = [f.name for f in (process / "fd").iterdir() if os.readlink(f) == place]
            if not any("FLOCK" in (process / "fdinfo" / f).read_text() for f in files):
                continue
            words = (process / "cmdline").read_bytes().replace(b"\0", b" ")
            state = (process / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        command = " ".join(words.decode(errors="replace").split())
        command = command if len(command) <= _SHOWN else f"{command[:_SHOWN]}..."
        stopped = (
            f", which is stopped (kill -CONT {number} lets it go on)," if state in "Tt" else ""
        )
        return f"process {number} ({command}){stopped}"
    return "another program"
