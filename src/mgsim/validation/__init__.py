"""Targets from the literature and from independent computations, against mgsim's own numbers.

What is expected stands in ``data/``, a file a section; the function that finds mgsim's number has
the id of its row above it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache

# For the functions in them, which find the numbers of rows.
from mgsim.validation import (
    block,
    bursting,
    calcium,
    cell,
    charge,
    gating,
    kinetics,
    magnesium,
    potassium,
    release,
    rows,
    spine,
)
from mgsim.validation.target import Row, Target, choose, judge

__all__ = [
    "block",
    "bursting",
    "calcium",
    "cell",
    "charge",
    "gating",
    "kinetics",
    "magnesium",
    "potassium",
    "release",
    "spine",
    "targets",
    "validate",
]


@cache
def targets() -> tuple[Target, ...]:
    """Every target, in the order of the sections."""
    return tuple(rows.read())


def validate(
    section: str | None = None,
    ids: Sequence[str] = (),
    *,
    chosen: Iterable[Target] | None = None,
    said: Callable[[Row], None] | None = None,
) -> list[Row]:
    """Judge targets, all of them or those of a section or with an id.

    Parameters
    ----------
    section : a letter, ``"A"``, or a system, ``"S1"``.
    ids : ids, or their beginnings before a dot: ``"TA1"`` is also ``"TA1.curve"``.
    chosen : other targets than mgsim's own.
    said : is called with each row as it comes.

    Raises
    ------
    UnknownName
        For an unknown section or id.

    Examples
    --------
    >>> import mgsim as mg
    >>> [row.state for row in mg.validate(ids=["TA1.curve"])]
    ['pass']
    """
    rows = []
    for target in choose(targets() if chosen is None else chosen, section, ids):
        rows.append(judge(target))
        if said:
            said(rows[-1])
    return rows
