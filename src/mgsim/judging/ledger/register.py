"""Claims without a run, and the documents that make claims, from their files."""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Any

from mgsim.judging.claim import Claim


def unrun(path: Path) -> dict[str, Claim]:
    """The claims of a file, by name; its keys are :class:`Claim`'s.

    Raises
    ------
    ClaimError
        For one that says neither why it is not run nor what would settle it.
    """
    with path.open("rb") as file:
        found = tomllib.load(file)
    return {name: Claim(name=name, **given) for name, given in found.items()}


def documents(path: Path) -> tuple[dict[str, dict[str, str]], list[dict[str, Any]]]:
    """The documents by number, ``title`` and what each is ``told`` to be; and their slips.

    A slip has its ``document``, what it ``says``, what is ``so``, and the ``source`` of that.
    """
    with path.open("rb") as file:
        found = tomllib.load(file)
    return found["document"], found["slip"]
