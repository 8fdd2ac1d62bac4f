"""Files that a user names: there whole or not at all, and never in the place of anyone's own.

A file that is there is replaced where mgsim wrote it under that name and nobody has changed it
since: one that was renamed, moved or copied there is its user's. That is known by a list, beside
the kept kernels, of where files were written and what; so no mark stands in a file. What is no
plain file (a device, a pipe, a socket, a folder) is never replaced.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
import warnings
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mgsim import files
from mgsim.engines.fused.compiling import cache
from mgsim.files import locks

_LIST = "written"
#: What comes of a list that cannot be had; of a user without a home too.
_NO_LIST = (OSError, RuntimeError)
#: Lines that are kept at least, and at most.
_FEW, _MANY = 10_000, 20_000
_LENGTH = 130
#: Where a command prints.
_PRINTED = (1, 2)
_KINDS = {
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFIFO: "a pipe",
    stat.S_IFSOCK: "a socket",
    stat.S_IFLNK: "a link that leads to itself",
    stat.S_IFDIR: "a folder",
}


def path_of(name: Any, what: str = "out") -> Path:
    """A path from what a caller gives.

    Raises
    ------
    TypeError, ValueError
        For what names no file.
    """
    if not isinstance(name, str | os.PathLike) or isinstance(os.fspath(name), bytes):
        raise TypeError(f"{what} takes the name of a file or folder, not {name!r}")
    if not os.fspath(name):
        raise ValueError(f"{what} takes the name of a file or folder; it is empty")
    if "\0" in os.fspath(name):
        raise ValueError(f"{what}={os.fspath(name)!r}: no name of a file holds that")
    return Path(name)


@dataclass(frozen=True)
class Target:
    """A file that may be written, and what was there when that was found: :func:`check` makes one.

    ``place``: where it lies, which is what a link leads to, so that the link stays one; ``seen``:
    the digest of what was there; None where nothing was.
    """

    path: Path
    place: Path
    overwrite: bool
    seen: str | None = None

    def free(self) -> bool:
        """Whether its name may be had: nothing is there, or what was seen, or any plain file."""
        if not os.path.lexists(self.place):
            return True
        if self.overwrite:
            return stat.S_ISREG(self.place.lstat().st_mode)
        return self.seen is not None and _digest(self.place) == self.seen


def check(path: Path, overwrite: bool = False) -> Target:
    """Refuse what cannot be written or is not mgsim's, before anything runs.

    With ``overwrite`` a plain file is replaced whoever's it is, and nothing else is.

    Raises
    ------
    ValueError
    """
    if path.is_dir():
        raise ValueError(f"{path}: there is a folder of that name; give another")
    place = Path(os.path.realpath(path))
    folder = place.parent
    if not folder.is_dir():
        raise ValueError(f"{path}: there is no folder {folder}")
    if not os.access(folder, os.W_OK):
        raise ValueError(f"{path}: the folder {folder} cannot be written to")
    if kind := _no_file(path, place):
        raise ValueError(f"{path} is {kind}, which no file replaces: give another name")
    if path.exists() and not path.stat().st_mode & stat.S_IWUSR:
        raise ValueError(f"{path} is there and read-only, so it stays: give another name")
    if overwrite:
        return Target(path, place, overwrite)
    seen = _digest(place)
    if os.path.lexists(path) and (seen is None or seen != _known(place)):
        raise ValueError(
            f"{path} is there, and is not as mgsim wrote it, so it stays: give another name, or "
            "--overwrite (in Python overwrite=True)"
        )
    return Target(path, place, overwrite, seen)


def tell_changed(path: Path) -> None:
    """Warn where a file that mgsim wrote is not as it wrote it."""
    place = Path(os.path.realpath(path))
    if (known := _known(place)) is not None and known != _digest(place):
        warnings.warn(
            f"{path} is not as mgsim wrote it: somebody has changed it since, or it is damaged",
            UserWarning,
            stacklevel=4,
        )


def check_folder(path: Path) -> None:
    """Refuse the name of a folder that is, or lies in, something else.

    Raises
    ------
    ValueError
    """
    there = next(p for p in (path.absolute(), *path.absolute().parents) if os.path.lexists(p))
    if not there.is_dir():
        plain = "a file" if there.exists() else "a link that leads nowhere"
        kind = _no_file(there, Path(os.path.realpath(there))) or plain
        raise ValueError(
            f"{path}: {there} is {kind}, where a folder should be: give another name, or one that "
            "ends with .nc, .csv or .parquet"
        )


def put(works: Mapping[Target, Callable[[Path], object]], *, again: bool = True) -> None:
    """Write files that belong together, each with what writes it.

    All are made before any gets its name. Where one cannot have its own, those that had got theirs
    lose them again, and what they replaced is back. A file system gives one name at a time, so a
    process that is killed, or a machine that stops, between the first name and the last leaves
    some new files beside old ones, each of them whole.

    ``again``: what writes them can do so once more, in a temporary folder, where theirs takes no
    more.

    Raises
    ------
    ValueError
        When a file came or changed since it was checked: it stays; what was made is kept beside.
        When two of the names are one file's, before anything is made.
    mgsim.files.locks.LockedError
        When another program keeps a folder locked; what was made is kept beside.
    OSError
        When a folder takes no more; with the temporary one where all is kept, if one takes it.
    """
    names = ", ".join(str(t.path) for t in works)
    try:
        folders = {t.place.parent: _identity(t.place.parent) for t in works}
        if len({(folders[t.place.parent], t.place.name) for t in works}) < len(works):
            raise ValueError(f"{names}: two of these are one file; give each a name of its own")
        with ExitStack() as stack:
            inside = {f: stack.enter_context(files.scratch(f)) for f in folders}
            parts = {}
            for number, (target, work) in enumerate(works.items()):
                part = inside[target.place.parent] / f"{number}{target.path.suffix}"
                work(part)
                files.sync(part)
                parts[target] = part, files.sha256_of(part)
            try:
                for _, folder in sorted({i: f for f, i in folders.items()}.items()):
                    stack.enter_context(locks.locked(folder))
            except locks.LockedError as error:
                raise locks.LockedError(f"cannot write {names}: {error}; {_kept(parts)}") from None
            _name(parts)
    except locks.LockedError:
        raise
    except OSError as error:
        kept = _elsewhere(works) if again else None
        words = f"; what was to be there is in {kept}" if kept else ""
        raise OSError(f"cannot write {names} ({error.strerror or error}){words}") from error


def write(target: Target, text: str) -> None:
    """Write a text, as :func:`put`."""
    put({target: writes(text)})


def writes(text: str) -> Callable[[Path], object]:
    """What writes a text."""
    return lambda part: part.write_text(text, encoding="utf-8", newline="\n")


def _name(parts: Mapping[Target, tuple[Path, str]]) -> None:
    """Give finished files their names where all are free; others, beside, where one is not."""
    came = [t for t, (_, digest) in parts.items() if not (t.free() or _digest(t.place) == digest)]
    if not came:
        with ExitStack() as undo:
            for target, (part, digest) in parts.items():
                taken = _take(target, part, undo, alone=len(parts) == 1)
                if not taken and _digest(target.place) != digest:
                    came.append(target)  # of what asks for no lock
                    break
            else:
                undo.pop_all()
    if came:
        names = ", ".join(str(t.path) for t in came)
        raise ValueError(f"{names} came or changed meanwhile, and stays; {_kept(parts)}")
    for target, (part, digest) in parts.items():
        if not part.exists():
            _remember(target.place, digest)


def _take(target: Target, part: Path, undo: ExitStack, *, alone: bool) -> bool:
    """Give a finished file its name: whether it could be had. ``undo`` learns the way back."""
    place = target.place
    if not place.exists() or (target.seen is None and not target.overwrite):
        if not files.named(part, place):
            return False
        undo.callback(place.replace, part)
        return True
    old = part.with_name(f"{part.name}.old")
    shutil.copymode(place, part)  # what nobody else might read stays so
    if not alone:
        files.again(place, old)
    part.replace(place)
    if not alone:
        undo.callback(_put_back, place, part, old)
    return True


def _put_back(place: Path, part: Path, old: Path) -> None:
    files.again(place, part)
    old.replace(place)


def _kept(parts: Mapping[Target, tuple[Path, str]]) -> str:
    """Keep finished files under other names, and say which."""
    kept = [_beside(t.place, *x) for t, x in parts.items() if x[0].exists()]
    return f"what was to be there is {', '.join(map(str, kept))}"


def _beside(path: Path, part: Path, digest: str) -> Path:
    for length in (8, 16, 64):
        kept = path.with_name(f"{path.stem[:50]}-{digest[:length]}{path.suffix}")
        if files.named(part, kept) or _digest(kept) == digest:
            break
    return kept


def _elsewhere(works: Mapping[Target, Callable[[Path], object]]) -> Path | None:
    """A temporary folder with all files in it; None where none takes them."""
    try:
        kept = Path(tempfile.mkdtemp(prefix="mgsim-"))
    except OSError:
        return None
    try:
        for target, work in works.items():
            work(kept / target.path.name)
    except OSError:
        shutil.rmtree(kept, ignore_errors=True)
        return None
    return kept


def _no_file(path: Path, place: Path) -> str | None:
    """What there is in the place of a plain file that has a name; None for a file, or nothing."""
    there = os.path.lexists(place)
    try:
        found = path.stat()
    except OSError:  # nothing, or a link without an end
        if not there:
            return None
        found = place.lstat()
    if not stat.S_ISREG(found.st_mode):
        return _KINDS.get(stat.S_IFMT(found.st_mode), "no plain file")
    for number in _PRINTED:
        with suppress(OSError):
            if os.path.samestat(found, os.fstat(number)):
                return "where this command prints"
    return None if there else "a file without a name"


def _identity(folder: Path) -> tuple[int, int]:
    """What a folder is under whatever name."""
    found = folder.stat()
    return found.st_dev, found.st_ino


def _digest(path: Path) -> str | None:
    """The digest of a plain file; None where there is none."""
    try:
        return files.sha256_of(path) if stat.S_ISREG(path.lstat().st_mode) else None
    except OSError:
        return None


def _known(place: Path) -> str | None:
    """The digest of what mgsim last wrote there."""
    try:
        text = (cache.folder() / _LIST).read_text(encoding="ascii", errors="replace")
    except _NO_LIST:
        return None
    found = re.findall(rf"^{_key(place)} ([0-9a-f]{{64}})$", text, re.MULTILINE)
    return found[-1] if found else None


def _key(place: Path) -> str:
    return files.sha256(os.fsencode(place))


def _remember(place: Path, digest: str) -> None:
    """Add to the list; one that cannot be written costs a question the next time."""
    with suppress(*_NO_LIST):
        kept = cache.folder() / _LIST
        if kept.exists() and kept.stat().st_size > _MANY * _LENGTH:
            files.place(kept, kept.read_bytes()[-_FEW * _LENGTH :], sync=False)
        number = os.open(kept, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(number, f"{_key(place)} {digest}\n".encode())
        finally:
            os.close(number)
