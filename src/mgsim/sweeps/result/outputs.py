"""Files that a user names: there whole or not at all, and never in the place of anyone's own.

A file that is there is replaced where mgsim wrote it and nobody has changed it since. That is known
by its digest, of which a list lies beside the kept kernels; so no mark stands in a file.
"""

from __future__ import annotations

import os
import re
import shutil
import stat
import tempfile
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mgsim import files
from mgsim.engines.fused import cache

_LIST = "written"
#: Digests that are kept at least, and at most.
_FEW, _MANY = 10_000, 20_000
_LENGTH = 65
_EMPTY = files.sha256(b"")


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
        """Whether what is there now may be replaced: it is what was seen, or whatever it is."""
        return self.overwrite or _digest(self.place) == self.seen


def check(path: Path, overwrite: bool = False) -> Target:
    """Refuse a file that cannot be written or is not mgsim's, before anything runs.

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
    if path.exists() and not path.stat().st_mode & stat.S_IWUSR:
        raise ValueError(f"{path} is there and read-only, so it stays: give another name")
    if overwrite:
        return Target(path, place, overwrite)
    seen = _digest(path)
    if os.path.lexists(path) and (seen is None or not (seen == _EMPTY or seen in _known())):
        raise ValueError(
            f"{path} is there, and is not as mgsim wrote it, so it stays: give another name, or "
            "--overwrite (in Python overwrite=True)"
        )
    return Target(path, place, overwrite, seen)


def put(works: Mapping[Target, Callable[[Path], object]], *, again: bool = True) -> None:
    """Write files that belong together, each with what writes it: all get their names, or none.

    ``again``: what writes them can do so once more, in a temporary folder, where theirs takes no
    more.

    Raises
    ------
    ValueError
        When a file came or changed since it was checked: it stays; what was made is kept beside.
    OSError
        When a folder takes no more; with the temporary one where all is kept, if one takes it.
    """
    folders = sorted({t.place.parent for t in works})
    try:
        with ExitStack() as stack:
            inside = {f: stack.enter_context(files.scratch(f)) for f in folders}
            parts = {}
            for number, (target, work) in enumerate(works.items()):
                part = inside[target.place.parent] / f"{number}{target.path.suffix}"
                work(part)
                files.sync(part)
                parts[target] = part, files.sha256_of(part)
                _remember(parts[target][1])
            for folder in folders:
                stack.enter_context(files.locked(folder))
            _name(parts)
    except OSError as error:
        kept = _elsewhere(works) if again else None
        names = ", ".join(str(t.path) for t in works)
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
    for target, (part, digest) in parts.items() if not came else ():
        if target.overwrite or target.seen is not None:
            if target.place.is_file():
                shutil.copymode(target.place, part)  # what nobody else might read stays so
            part.replace(target.place)
        elif not files.named(part, target.place) and _digest(target.place) != digest:
            came.append(target)  # of what asks for no lock
    if came:
        kept = [_beside(t.place, *x) for t, x in parts.items() if x[0].exists()]
        names = ", ".join(str(t.path) for t in came)
        raise ValueError(
            f"{names} came or changed meanwhile, and stays; what was to be there is "
            f"{', '.join(map(str, kept))}"
        )


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


def _digest(path: Path) -> str | None:
    """The digest of a plain file; None where there is none."""
    try:
        return files.sha256_of(path) if stat.S_ISREG(path.stat().st_mode) else None
    except OSError:
        return None


def _known() -> set[str]:
    try:
        text = (cache.folder() / _LIST).read_text(encoding="ascii", errors="replace")
    except OSError:
        return set()
    return set(re.findall(r"^[0-9a-f]{64}$", text, re.MULTILINE))


def _remember(digest: str) -> None:
    """Add to the list; one that cannot be written costs a question the next time."""
    with suppress(OSError):
        kept = cache.folder() / _LIST
        if kept.exists() and kept.stat().st_size > _MANY * _LENGTH:
            files.place(kept, kept.read_bytes()[-_FEW * _LENGTH :], sync=False)
        number = os.open(kept, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(number, f"{digest}\n".encode())
        finally:
            os.close(number)
