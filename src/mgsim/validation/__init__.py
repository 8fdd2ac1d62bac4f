"""Targets from the literature and from independent computations, against mgsim's own numbers.

What is expected stands in ``data/``, a file a section; the function that finds mgsim's number has
the id of its row above it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

from mgsim.store import checked_json
from mgsim.validation import rows
from mgsim.validation import sections as sections  # its functions find the numbers of rows
from mgsim.validation.target import Row, Target, choose, judge, recall

#: What the file of long rows says that it is.
_WHAT = "kept long rows"


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
        rows.append(judge(target) if long or not target.runs else _recalled(target))
        if said:
            said(rows[-1])
    return rows


def _recalled(target: Target) -> Row:
    try:
        return recall(target, kept())
    except (checked_json.Damaged, OSError) as error:
        return Row(target, "FAIL", why=f"{error}; run it with --long")


@cache
def kept() -> Mapping[str, Any]:
    """What was kept of rows that take long: by id, digest and numbers.

    Raises
    ------
    mgsim.store.checked_json.Damaged
        When the file is not as it was written.
    """
    return checked_json.shipped(Path(__file__).with_name("results") / "long.json", _WHAT)


def keeping(rows: Iterable[Row]) -> str:
    """The text of the file in which long rows are kept: these, and the others that are current.

    Of a damaged file nothing is.
    """
    known = {t.id: t.digest for t in targets() if t.runs}
    found = {}
    with suppress(checked_json.Damaged, FileNotFoundError):
        found = {n: x for n, x in kept().items() if known.get(n) == x["digest"]}
    found |= {
        r.target.id: {"digest": r.target.digest, "obtained": list(r.obtained)}
        for r in rows
        if r.target.runs and r.obtained
    }
    return text_of(found)


def text_of(kept: Mapping[str, Any]) -> str:
    """The text of the file in which long rows are kept, from its content, with a checksum."""
    return json.dumps(checked_json.signed(dict(sorted(kept.items())), _WHAT), indent=1) + "\n"
