"""What parts share and no catalog holds: ports, slots, events, each with the parts that use it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from mgsim import models
from mgsim.cli.output import GOOD
from mgsim.component import Component
from mgsim.events import EVENTS
from mgsim.ions import IONS
from mgsim.parts import every
from mgsim.ports import MEMBRANE, PORTS

Rows = dict[str, dict[str, Any]]


def table(kind: str, as_json: bool) -> int:
    """Print one of the :data:`TABLES`."""
    rows = TABLES[kind]()
    if as_json:
        print(json.dumps({kind: rows}, indent=1))
        return GOOD
    for name, about in rows.items():
        print(f"{name}  {about.pop('meaning', '')}".rstrip())
        for word, what in about.items():
            if what:
                shown = f"{word}: {', '.join(what) if isinstance(what, list) else what}"
                print(
                    textwrap.fill(
                        shown,
                        96,
                        initial_indent="    ",
                        subsequent_indent="      ",
                        break_long_words=False,
                        break_on_hyphens=False,
                    )
                )
    return GOOD


def ports() -> Rows:
    """The variables through which parts speak."""
    parts = every()
    return {
        port.name: {
            "meaning": f"{port.meaning} ({port.unit})",
            "what parts give is": {"one": "", "currents": "summed from currents"}.get(
                port.combine, f"their {port.combine}"
            ),
            "unless given": f"{port.default.value:g} {port.default.unit} ({port.default.source})"
            if port.default
            else "",
            "given by": [p.name for p in parts if _gives(p, port.name)],
            "read by": [p.name for p in parts if port.name in p.requires],
        }
        for port in PORTS.values()
    }


def _gives(part: Component, port: str) -> bool:
    carried = {ion for words in part.currents.values() for ion in words.partition(" ")[:1] if ion}
    return (
        port in part.provides
        or port in {p.name for p in part.parameters}
        or port in {IONS[ion].current for ion in carried}
        or (port == MEMBRANE and bool(part.currents))
    )


def slots() -> Rows:
    """What a part can stand in place of: parts with one slot can be swapped."""
    found: dict[str, list[str]] = {}
    for part in every():
        for slot in part.slots:
            found.setdefault(slot, []).append(part.name)
    return {
        slot: {
            "filled by": found[slot],
            "in models": [m.name for m in models.all if slot in m.slots],
        }
        for slot in sorted(found)
    }


def events() -> Rows:
    """What happens at a moment, and what it carries."""
    parts = every()
    return {
        e.name: {
            "meaning": e.meaning,
            "carries": [f"{p.name} ({p.meaning})" for p in e.carries],
            "follows": e.follows,
            "heard by": [p.name for p in parts if e.name in p.on_event],
        }
        for e in EVENTS.values()
    }


TABLES: Mapping[str, Callable[[], Rows]] = {"ports": ports, "slots": slots, "events": events}
