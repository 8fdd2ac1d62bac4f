"""Small JSON files that are there whole or not at all, with a checksum inside."""

from __future__ import annotations

import hashlib
import json
import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any


class Damaged(ValueError):
    """A file whose content does not match its checksum."""


def write(path: Path, content: Mapping[str, Any]) -> None:
    """Write under another name, bring it to the disk, rename."""
    sealed = {**content, "checksum": _checksum(content)}
    part = path.with_name(f"{path.name}.{uuid.uuid4().hex}.partial")
    try:
        with part.open("w", encoding="utf-8") as file:
            json.dump(sealed, file, indent=1)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def read(path: Path) -> dict[str, Any]:
    """The content of a file that :func:`write` wrote.

    Raises
    ------
    Damaged
        When it is no such file, or has changed since.
    FileNotFoundError
        When there is none.
    """
    try:
        content = json.loads(path.read_bytes())
        checksum = content.pop("checksum")
    except (ValueError, KeyError, AttributeError, TypeError, RecursionError):
        raise Damaged(f"{path} is damaged or no file of a sweep") from None
    if checksum != _checksum(content):
        raise Damaged(f"{path} is damaged: its content does not match its checksum")
    return dict(content)


def _checksum(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()
