"""Files that a user names: there whole or not at all, and never in the place of anyone's own.

A file that is there is replaced where mgsim wrote it and nobody has changed it since. That is known
by its digest, of which a list lies beside the kept kernels; so no mark stands in a file.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from mgsim import files
from mgsim.engines.fused import cache

_LIST = "written"
#: Digests that are kept at least, and at most.
_FEW, _MANY = 10_000, 20_000
_LENGTH = 65


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


def check(path: Path, overwrite: bool = False) -> None:
    """Refuse a file that cannot be written or is not mgsim's, before anything runs.

    Raises
    ------
    ValueError
    """
    if path.is_dir():
        raise ValueError(f"{path}: there is a folder of that name; give another")
    folder = Path(os.path.realpath(path)).parent  # of what a link leads to
    if not folder.is_dir():
        raise ValueError(f"{path}: there is no folder {folder}")
    if not os.access(folder, os.W_OK):
        raise ValueError(f"{path}: the folder {folder} cannot be written to")
    if path.exists() and not path.stat().st_mode & stat.S_IWUSR:
        raise ValueError(f"{path} is there and read-only, so it stays: give another name")
    if os.path.lexists(path) and not overwrite and not is_ours(path):
        raise ValueError(
            f"{path} is there, and is not as mgsim wrote it, so it stays: give another name, or "
            "--overwrite (in Python overwrite=True)"
        )


def is_ours(path: Path) -> bool:
    """Whether a file is empty, or mgsim wrote it for this user and nobody has changed it since."""
    try:
        about = path.stat()
        if not stat.S_ISREG(about.st_mode):
            return False
        return not about.st_size or files.sha256_of(path) in _known()
    except OSError:
        return False


@contextmanager
def writing(path: Path, overwrite: bool = False) -> Iterator[Path]:
    """Where to write a file, which gets its name when all of it is there.

    Raises
    ------
    ValueError
        As :func:`check`; for a file that came while this one was made, where the latter is kept.
    """
    check(path, overwrite)
    path = Path(os.path.realpath(path))  # a link stays one
    with files.scratch(path.parent) as folder:
        part = folder / path.name
        yield part
        digest = files.sha256_of(part)
        _remember(digest)
        if os.path.lexists(path) and not overwrite and not is_ours(path):
            kept = path.with_stem(f"{path.stem}-{digest[:8]}")
            part.replace(kept)
            raise ValueError(f"{path} came meanwhile, and stays; what was to be there is {kept}")
        part.replace(path)


def write(path: Path, text: str, overwrite: bool = False) -> None:
    """Write a text, as :func:`writing`."""
    with writing(path, overwrite) as part:
        part.write_text(text, encoding="utf-8", newline="\n")


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
