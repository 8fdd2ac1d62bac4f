"""What can jump between the end of a substep and the start of the next.

An event makes a signal jump whose states it writes, an edge or a point of a recording one that
reads it through definitions. A crossing of such a signal is looked for there too: a flag holds,
from substep to substep, whether it stood at its level or above at the end of the last one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np

from mgsim.engines.algebra import follow
from mgsim.engines.updates.timeline import MIDDLE, Timeline
from mgsim.equations import expressions
from mgsim.system.lowering import System


def leaps(system: System, texts: Iterable[str]) -> bool:
    """Whether expressions can jump between two substeps."""
    texts = tuple(texts)
    read = expressions.behind(texts, system.texts)
    if read & {s.name for statements in system.events.values() for s in statements}:
        return True
    return bool(read & system.texts.keys() or any(map(_tells_time, texts))) and cut(system, texts)


def cut(system: System, texts: Iterable[str], timeline: Timeline | None = None) -> bool:
    """Whether edges or recordings can make expressions jump between two substeps."""
    timeline = timeline or Timeline(system)
    read = expressions.behind(map(timeline.text, texts), _flagged(system, timeline))
    kept = {MIDDLE, *(e.flag for e in timeline.edges)}
    return bool(read & kept.union(*(one.leaves for one in system.driven)))


def watched(system: System) -> tuple[str, ...]:
    """The crossings that a jump can make, of those that anybody hears."""
    return tuple(
        event
        for event, c in system.crossings.items()
        if (c is system.spike or any(event in m.on for m in system.measures))
        and leaps(system, (c.signal, c.level))
    )


def above(event: str) -> str:
    """The flag of a crossing that is watched."""
    return f"{event}_was_above"


def standing(
    system: System, values: Mapping[str, Any], t: float, until: float
) -> dict[str, np.ndarray]:
    """The flags of crossings at the start ``t`` of a run, with the edges that lie before another
    time: one just after it, or just before.
    """
    events = watched(system)
    if not events:
        return {}
    timeline = Timeline(system)
    with np.errstate(all="ignore"):
        read = follow(system, values)
        past = {e.flag: np.asarray(read(e.time) <= until) for e in timeline.edges}
        known = {**values, **past, "t": np.asarray(t), MIDDLE: np.asarray(t)}
        read = expressions.follow(_flagged(system, timeline), known)
        ends = {
            event: [read(timeline.text(x)) for x in (c.signal, c.level)]
            for event, c in system.crossings.items()
            if event in events
        }
        return {above(e): np.asarray(signal >= level) for e, (signal, level) in ends.items()}


def _flagged(system: System, timeline: Timeline) -> dict[str, str]:
    return {n: timeline.text(text) for n, text in system.texts.items()}


def _tells_time(text: str) -> bool:
    return "t" in expressions.names(text)
