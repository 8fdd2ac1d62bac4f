"""Whose a sweep's folder is: taking an empty one, and who is at work in it.

A folder is taken when it is empty, by a file that says so. What a start that was killed has left
there is known by that file and by the names and marks that a start gives; anything else is refused.
"""

from __future__ import annotations

import errno
import json
import os
import stat
import sys
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mgsim.files import PARTIAL, locks
from mgsim.store import checked_json
from mgsim.store.description.manifest import NAMES, START, NotASweep

if sys.platform != "win32":
    import fcntl

LOCK = "lock"
#: The folders of a sweep.
FOLDERS = ("values", "status", "failed_at", "done", "axes", "runs")
#: The files of its own that have one name.
FILES = (*NAMES, START, LOCK, "summary.json", "half_step.json", "zarr.json")
_MARK = b"mgsim starts a sweep in this folder\n"
#: What a file system without locks answers.
_LOCKLESS = {errno.ENOSYS, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOLCK}
#: Seconds that another start has where nobody can tell whether it is still at work.
_PATIENCE = 5.0
#: Seconds for which a lock is waited for that others hold for moments, once that was said.
_LONGEST = 50.0
#: Folders of which it was said that they have no locks.
_told: set[Path] = set()


class NoLocks(ValueError):
    """A folder whose file system cannot say whether another run is at work."""


class OneWriterWarning(UserWarning):
    """A folder that does not know of locks: one run at a time is safe in it."""


def no_links(folder: Path) -> None:
    """Refuse a sweep's folder some part of which leads elsewhere, or is a folder and no file.

    Raises
    ------
    NotASweep
    """
    for name in FILES:
        if (folder / name).is_dir():
            raise NotASweep(
                f"{folder / name} is a folder, where a sweep has a file; it is no sweep's, so move "
                "it away"
            )
    parts = [folder / name for name in (*FOLDERS, *NAMES, START, LOCK)]
    for path in (*parts, *folder.glob("axes/*")):
        if path.is_symlink():
            raise NotASweep(
                f"{path} is a link; a sweep's folder holds none, so that nothing "
                "outside of it is read or written"
            )


@contextmanager
def creating(folder: Path, single: bool = False) -> Iterator[None]:
    """Take a folder for a new sweep, or wait until whoever takes it has done so.

    ``single``: the caller says that no other run is at work here, so no lock is asked for.

    Raises
    ------
    NotASweep
        When it holds anything that no start of a sweep has made. Nothing is changed then.
    NoLocks
        When another start may be under way and the file system cannot tell.
    """
    _mine(folder)
    number, made = _opened(folder / START)
    with os.fdopen(number, "r+b") as file:
        if not (single or _waited(number, folder / START) or made):
            _patience(folder)
        if begun(folder):  # by another start
            yield
            return
        _mine(folder)
        left = _left(folder)
        file.write(_MARK)
        file.flush()
        os.fsync(number)
        for path in left:
            path.rmdir() if path.is_dir() else path.unlink()
        yield


def begun(folder: Path) -> bool:
    """Whether there is a manifest in a folder, of whatever kind."""
    return any(os.path.lexists(folder / name) for name in NAMES)


@contextmanager
def held(folder: Path, single: bool = False) -> Iterator[bool]:
    """Say that a run is at work; yields whether it is the only one, which removes orphans.

    The kernel frees the lock however the process ends.
    """
    if single:
        remove_orphans(folder)
        yield True
        return
    if sys.platform == "win32":  # nothing is locked, so nothing is cleaned
        yield False
        return
    with os.fdopen(_opened(folder / LOCK)[0], "r+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            alone = True
            remove_orphans(folder)
        except BlockingIOError:
            alone = False
        except OSError as error:
            _lockless(error, folder)
            yield False
            return
        _wait(file.fileno(), folder / LOCK, fcntl.LOCK_SH)
        yield alone


def remove_orphans(folder: Path) -> int:
    """Delete what writes that were killed have left; how many. No other run may be going on."""
    found = [
        p
        for p in (
            *folder.glob("*.partial"),
            *folder.glob("*/*.partial"),
            *folder.glob("axes/*/*.partial"),
        )
        if _is_orphan(folder, p)
    ]
    for path in found:
        path.unlink(missing_ok=True)
    return len(found)


# ------------------------------------------------------------------------------------- starts


def _mine(folder: Path) -> None:
    """Refuse a folder that is neither empty nor marked by a start.

    Raises
    ------
    NotASweep
    """
    others = sorted(p.name for p in folder.iterdir() if p.name != START)
    try:  # after the list, for a start that goes on meanwhile writes its mark first
        mark = checked_json.plain(folder / START)
    except FileNotFoundError:
        mark = b""
    if mark != _MARK and (mark or others):
        _refuse(folder, folder / (others[0] if others else START))


def _left(folder: Path) -> list[Path]:
    """What a start that was killed has left in a marked folder, contents before folders.

    Raises
    ------
    NotASweep
        For anything else.
    """
    left = [
        Path(root) / name
        for root, folders, files in os.walk(folder)
        for name in (*folders, *files)
        if Path(root) / name != folder / START
    ]
    for path in sorted(left):
        _check(folder, path)
    # zarr.json says whose the other files of its folder are, so it goes last of them
    return sorted(left, key=lambda p: (-len(p.parts), p.name == "zarr.json", p))


def _check(folder: Path, path: Path) -> None:
    place = path.relative_to(folder).as_posix()
    parts = place.split("/")
    info = path.lstat()
    if stat.S_ISDIR(info.st_mode):
        good = place in FOLDERS or (len(parts) == 2 and parts[0] == "axes")
    elif not stat.S_ISREG(info.st_mode):
        good = False
    elif parts[-1] == "zarr.json":
        good = len(parts) <= 3 and (not info.st_size or _is_marked(path))
    elif _is_orphan(folder, path):
        good = True
    else:
        good = (
            len(parts) == 3
            and parts[0] == "axes"
            and parts[-1].isdecimal()
            and _is_marked(path.with_name("zarr.json"))
        )
    if not good:
        _refuse(folder, path)


def _is_marked(path: Path) -> bool:
    """Whether a ``zarr.json`` says that a sweep's it is."""
    try:
        return "sweep" in json.loads(checked_json.plain(path))["attributes"]
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return False


def _is_orphan(folder: Path, path: Path) -> bool:
    above = path.parent.relative_to(folder).parts
    return (
        PARTIAL.fullmatch(path.name) is not None
        and (not above or above[0] in FOLDERS)
        and stat.S_ISREG(path.lstat().st_mode)
    )


def _refuse(folder: Path, path: Path) -> None:
    raise NotASweep(
        f"{folder} holds other things ('{path.relative_to(folder)}'), which a sweep "
        "neither removes nor overwrites; it needs a folder of its own"
    )


# -------------------------------------------------------------------------------------- locks


def _opened(path: Path) -> tuple[int, bool]:
    """A lock's file, and whether it was made here; a link is not followed."""
    flags = os.O_RDWR | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_BINARY", 0)
    try:
        return os.open(path, flags | os.O_CREAT | os.O_EXCL, 0o666), True
    except FileExistsError:
        return os.open(path, flags), False


def _waited(file: int, path: Path) -> bool:
    """Wait for a lock; False where there are none."""
    if sys.platform == "win32":
        return False
    try:
        _wait(file, path, fcntl.LOCK_EX)
        return True
    except OSError as error:
        _lockless(error, path.parent)
        return False


def _wait(file: int, path: Path, how: int) -> None:
    """Wait for a lock that a run has while it starts, and for moments: it may be stopped then.

    Raises
    ------
    mgsim.files.locks.LockedError
    """
    try:
        locks.wait(file, path, how, locks.PATIENCE)
    except locks.LockedError as error:
        warnings.warn(
            f"{error}, as a run does while it starts: let that go on, or end it; waiting for "
            f"{_LONGEST:g} s more",
            stacklevel=2,
        )
        locks.wait(file, path, how, _LONGEST)


def _lockless(error: OSError, folder: Path) -> None:
    if error.errno not in _LOCKLESS:
        raise error
    if folder in _told:
        return
    _told.add(folder)
    warnings.warn(
        f"the file system of {folder} has no locks ({error.strerror}): let only one run at a time "
        "work there, and say so with --single-writer (single_writer=True)",
        OneWriterWarning,
        stacklevel=2,
    )


def _patience(folder: Path) -> None:
    """Without locks: wait for what the start that was first makes."""
    until = time.monotonic() + _PATIENCE
    while not begun(folder):
        if time.monotonic() > until:
            raise NoLocks(
                f"a sweep was started in {folder} and is not ready; without locks nobody can tell "
                "whether that run is still at work. If none is, say --single-writer "
                "(single_writer=True)"
            )
        time.sleep(0.05)
