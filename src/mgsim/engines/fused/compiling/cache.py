"""Where kernels are kept: a folder of one's own, or a temporary one."""

from __future__ import annotations

import atexit
import os
import shutil
import stat
import tempfile
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import lru_cache
from pathlib import Path
from typing import TypeVar

from mgsim.engines.contract import EngineError
from mgsim.files import is_own, scratch, sha256

Found = TypeVar("Found")


class CacheWarning(UserWarning):
    """Kernels cannot be kept in their folder, so they are compiled again in every process."""


@lru_cache
def _say(words: str) -> None:
    warnings.warn(
        f"{words}; kernels go to a temporary folder this time", CacheWarning, stacklevel=8
    )


def asked_for() -> Path:
    """Where kernels should be kept: ``$MGSIM_CACHE``, or the platform's cache."""
    if os.environ.get("MGSIM_CACHE"):
        return Path(os.environ["MGSIM_CACHE"])
    import platformdirs

    try:
        return Path(platformdirs.user_cache_dir("mgsim", appauthor=False)) / "kernels"
    except RuntimeError:  # a user without a home
        return temporary()


def folder() -> Path:
    """The folder that is used: the one asked for, if it can be written and trusted."""
    return _usable(asked_for())


@lru_cache(maxsize=8)
def _usable(wanted: Path) -> Path:
    try:
        wanted.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=wanted):
            pass
    except OSError:
        return temporary()
    others = _others(wanted)
    if others:
        _say(f"the kernel cache {wanted} is not used: {others}")
        return temporary()
    return wanted


def temporary() -> Path:
    """A folder of this process, removed when it ends."""
    return _temporary(os.getpid())


@lru_cache(maxsize=1)
def _temporary(process: int) -> Path:
    made = Path(tempfile.mkdtemp(prefix="mgsim-kernels-"))

    def remove() -> None:
        if os.getpid() == process:  # a forked process must leave it alone
            shutil.rmtree(made, ignore_errors=True)

    atexit.register(remove)
    return made


def anywhere(work: Callable[[Path], Found]) -> Found:
    """What ``work`` makes of the folder; of a temporary one where the folder takes no more.

    Raises
    ------
    EngineError
        Neither can be written.
    """
    try:
        return work(folder())
    except OSError as error:
        _say(f"the kernel cache {folder()} cannot be written ({error.strerror})")
    try:
        return work(temporary())
    except OSError as error:
        raise EngineError(f"no folder takes a kernel: {error}") from None


def put(made: Path, kept: Path) -> None:
    """Move a finished file into its place, sealed with its checksum."""
    mark = made.with_name(made.name + ".seal")
    mark.write_text(sha256(made.read_bytes()))
    for file in (made, mark):
        file.chmod(0o600)
    os.replace(made, kept)
    os.replace(mark, kept.with_suffix(".sha256"))


def text(name: str, make: Callable[[], str]) -> str:
    """A text that follows from what its name tells of: kept, or made now."""
    kept = folder() / f"{name}.txt"
    if sealed(kept):
        return kept.read_text(encoding="utf-8")
    made = make()
    with suppress(OSError), scratch(kept.parent) as place:
        note = place / kept.name
        note.write_text(made, encoding="utf-8", newline="")
        put(note, kept)
    return made


def sealed(kept: Path) -> bool:
    """Whether a file is whole, and nobody else's nor writable by anybody else."""
    mark = kept.with_suffix(".sha256")
    try:
        if not all(_private(p.lstat(), stat.S_ISREG) for p in (kept, mark)):
            return False
        return sha256(kept.read_bytes()) == mark.read_text()
    except (OSError, UnicodeDecodeError):
        return False


def _private(found: os.stat_result, kind: object = stat.S_ISDIR) -> bool:
    open_to_others = os.name != "nt" and bool(found.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
    return kind(found.st_mode) and is_own(found) and not open_to_others  # type: ignore[operator]


def _others(wanted: Path) -> str:
    """How somebody else could put files into a folder, or exchange it; '' where nobody can."""
    if os.name == "nt":
        return ""
    here = wanted.resolve()
    found = here.stat()
    if not is_own(found):
        return "it belongs to another user"
    if not _private(found):
        return "others may write to it (chmod go-w would forbid it)"
    for above in here.parents:
        found = above.stat()
        sticky, by_all = found.st_mode & stat.S_ISVTX, found.st_mode & stat.S_IWOTH
        if found.st_uid not in (0, os.geteuid()) or (by_all and not sticky):
            return f"others may exchange what lies in {above}"
    return ""
