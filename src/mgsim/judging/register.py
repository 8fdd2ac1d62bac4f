"""Claims without a run, from a file of the register."""

from __future__ import annotations

import tomllib
from pathlib import Path

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
