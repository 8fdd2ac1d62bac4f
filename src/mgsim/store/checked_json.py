"""Small JSON files with a checksum inside, and reading what may be anything."""

from __future__ import annotations

import json
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mgsim.files import place, sha256

#: Of a system that lacks a flag nothing is asked.
_PLAINLY = (
    os.O_RDONLY
    | getattr(os, "O_NOFOLLOW", 0)
    | getattr(os, "O_NONBLOCK", 0)
    | getattr(os, "O_BINARY", 0)
)


class Damaged(ValueError):
    """A file that is not what was written, and what can be done about it."""


def plain(path: Path) -> bytes:
    """The bytes of a plain file; a link is not followed, and nothing else is waited for.

    Raises
    ------
    FileNotFoundError
    Damaged
        When there is something else of that name, or it cannot be read.
    """
    try:
        number = os.open(path, _PLAINLY)
        try:
            if not stat.S_ISREG(os.fstat(number).st_mode):
                raise Damaged(f"{path} is no plain file")
            with open(number, "rb", closefd=False) as file:
                return file.read()
        finally:
            os.close(number)
    except FileNotFoundError:
        raise
    except OSError as error:
        words = "is a link" if path.is_symlink() else f"cannot be read ({error.strerror})"
        raise Damaged(f"{path} {words}") from None


def write(path: Path, what: str, content: Mapping[str, Any], *, sync: bool = True) -> None:
    """Write a JSON file that says what it is, with a checksum."""
    place(path, json.dumps(signed(content, what), indent=1).encode(), sync=sync)


def signed(content: Mapping[str, Any], what: str) -> dict[str, Any]:
    """JSON data that says what it is, with a checksum; one that it had is left out."""
    full = {**content, "what": what}
    full.pop("checksum", None)
    return {**full, "checksum": _checksum(full)}


def read(path: Path, what: str) -> dict[str, Any]:
    """The content of a file that :func:`write` wrote.

    Raises
    ------
    Damaged
        When it is no such file, or has changed since.
    FileNotFoundError
        When there is none.
    """
    return parsed(plain(path), what, str(path))


def shipped(path: Path, what: str) -> dict[str, Any]:
    """As :func:`read`, of a file that came with mgsim, which may be behind a link."""
    if path.exists() and not path.is_file():
        raise Damaged(f"{path} is no plain file")
    try:
        text = path.read_bytes()
    except FileNotFoundError:
        raise
    except OSError as error:
        raise Damaged(f"{path} cannot be read ({error.strerror})") from None
    return parsed(text, what, str(path))


def parsed(text: bytes | str, what: str, where: str) -> dict[str, Any]:
    """The content of a text of :func:`signed` data; ``where``: what an error calls the text.

    Raises
    ------
    Damaged
    """
    try:
        content = json.loads(text)
        checksum = content.pop("checksum")
        whole = checksum == _checksum(content)
        said = content.pop("what")
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise Damaged(f"{where} is damaged or not written by mgsim") from None
    if not whole:
        raise Damaged(f"{where} is damaged: its content does not match its checksum")
    if said != what:
        raise Damaged(f"{where} is damaged: it should be a {what} and is another file")
    return dict(content)


def _checksum(content: Mapping[str, Any]) -> str:
    return sha256(json.dumps(content, sort_keys=True))
