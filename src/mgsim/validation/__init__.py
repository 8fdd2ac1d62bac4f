"""Targets from the literature and from independent computations, against mgsim's own numbers.

What is expected stands in ``data/``, a file a section; the function that finds mgsim's number has
the id of its row above it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from mgsim.validation import rows
from mgsim.validation import sections as sections  # its functions find the numbers of rows
from mgsim.validation.target import Row, Target, choose, judge, recall


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
    long: bool = False,
) -> list[Row]:
    """Judge targets, all of them or those of a section or with an id.

    Parameters
    ----------
    section : a letter, ``"A"``, or a system, ``"S1"``.
    ids : ids, or their beginnings before a dot: ``"TA1"`` is also ``"TA1.curve"``.
    chosen : other targets than mgsim's own.
    said : is called with each row as it comes.
    long : run also what takes minutes; otherwise what was kept of it counts, if it is of the same
        equations and values.

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
        rows.append(judge(target) if long or not target.runs else recall(target, kept()))
        if said:
            said(rows[-1])
    return rows


@cache
def kept() -> Mapping[str, Any]:
    """What was kept of rows that take long: by id, digest and numbers."""
    file = files("mgsim.validation") / "results" / "long.json"
    found: Mapping[str, Any] = json.loads(file.read_text(encoding="utf-8"))
    return found


def keeping(rows: Iterable[Row]) -> str:
    """The text of the file in which long rows are kept: these, and the others that are current."""
    known = {t.id: t.digest for t in targets() if t.runs}
    found = {n: x for n, x in kept().items() if known.get(n) == x["digest"]}
    found |= {
        r.target.id: {"digest": r.target.digest, "obtained": list(r.obtained)}
        for r in rows
        if r.target.runs and r.obtained
    }
    return json.dumps(dict(sorted(found.items())), indent=1) + "\n"
