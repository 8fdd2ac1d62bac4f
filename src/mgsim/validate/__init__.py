"""Targets from the literature and from independent computations, against mgsim's own numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import cache

from mgsim.validate.target import Row, Target, choose, judge


@cache
def targets() -> tuple[Target, ...]:
    """Every target, in the order of the sections."""
    from mgsim.validate import block, calcium, gating, kinetics, magnesium, neuron

    found = [
        t
        for module in (block, kinetics, gating, calcium, neuron, magnesium)
        for t in module.TARGETS
    ]
    return tuple(sorted(found, key=lambda t: t.section))


def run(
    section: str | None = None,
    ids: Sequence[str] = (),
    *,
    chosen: Iterable[Target] | None = None,
    said: Callable[[Row], None] | None = None,
) -> list[Row]:
    """Judge targets, all of them or those of a section or with an id.

    Parameters
    ----------
    section : a letter, ``"A"``.
    ids : ids, or their beginnings before a dot: ``"TA1"`` is also ``"TA1.curve"``.
    chosen : other targets than mgsim's own.
    said : is told each row as it comes.

    Raises
    ------
    UnknownName
        For a section or an id that there is not.
    """
    rows = []
    for target in choose(targets() if chosen is None else chosen, section, ids):
        rows.append(judge(target))
        if said:
            said(rows[-1])
    return rows
