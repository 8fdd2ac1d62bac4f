"""What parts share and no catalog holds: ports, slots, events, each with the parts that use it."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Callable, Mapping
from typing import Any

from mgsim import measures, models, protocols
from mgsim.catalogs.catalog import unknown
from mgsim.cli.output import GOOD, amount
from mgsim.compose.finding import every, set_by
from mgsim.declare.component import Component
from mgsim.declare.events import EVENTS
from mgsim.declare.ions import IONS
from mgsim.declare.ports import MEMBRANE, PORTS

Rows = dict[str, dict[str, Any]]


def table(kind: str, as_json: bool) -> int:
    """Print one of the :data:`TABLES`."""
    rows = TABLES[kind]()
    if as_json:
        print(json.dumps({kind: rows}, indent=1))
        return GOOD
    print("\n".join(line for name, about in rows.items() for line in lines(name, about)))
    return GOOD


def lines(name: str, about: Mapping[str, Any]) -> list[str]:
    """A row of a table as it is printed."""
    said = [f"{name}  {about.get('meaning', '')}".rstrip()]
    for word, what in about.items():
        if what and word not in ("name", "meaning"):
            said += textwrap.wrap(
                f"{word}: {', '.join(what) if isinstance(what, list) else what}",
                96,
                initial_indent="    ",
                subsequent_indent="      ",
                break_long_words=False,
                break_on_hyphens=False,
            )
    return said


def find(name: str) -> list[dict[str, Any]]:
    """The rows of that name in every table; ``KIND/NAME`` asks for one table."""
    kind, slash, short = name.rpartition("/")
    asked = [t for t in TABLES if not slash or kind in (t, t.removesuffix("s"))]
    found = [(t, TABLES[t]()) for t in asked]
    if not slash and any(name in rows for t, rows in found if t != _LAST):
        found = [(t, rows) for t, rows in found if t != _LAST]
    if slash and found and not any(short in rows for _, rows in found):
        raise unknown(asked[0].removesuffix("s"), short, found[0][1])
    return [
        {"name": f"{t.removesuffix('s')} {short}", **rows[short]}
        for t, rows in found
        if short in rows
    ]


def ports() -> Rows:
    """The variables through which parts speak."""
    parts = every()
    return {
        port.name: {
            "meaning": f"{port.meaning} ({port.unit})",
            "what parts give is": {"one": "", "currents": "summed from currents"}.get(
                port.combine, f"their {port.combine}"
            ),
            "unless given": f"{amount(port.default.value, port.default.unit)} "
            f"({port.default.source})"
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
    """What happens at a moment and what it carries; last, those of single parts and protocols."""
    parts = every()
    declared = [(p.name, e) for p in parts for e in p.events]
    declared += [(p.name, e) for p in protocols.values() for e in p.inputs]
    own = {e.name: e for _, e in declared if e.name not in EVENTS}
    return {
        e.name: {
            "meaning": e.meaning,
            "declared by": list(dict.fromkeys(n for n, d in declared if d.name == e.name)),
            "carries": [f"{p.name} ({p.meaning})" for p in e.carries],
            "follows": e.follows,
            "raised by": [p.name for p in parts if e.name in p.crossings],
            "heard by": [p.name for p in parts if e.name in p.on_event],
        }
        for e in (*EVENTS.values(), *own.values())
    }


def parameters() -> Rows:
    """What can be set by name: of parts, protocols (where they change a model too) and measures."""
    own = [
        *((part.name, part.parameters) for part in every()),
        *((p.name, set_by(p)) for p in protocols.values()),
        *((m.name, m.parameters) for m in measures.values()),
    ]
    found: Rows = {}
    for of, some in own:
        for p in some:
            unit = "" if p.unit == "1" else f" ({p.unit})"
            row = found.setdefault(p.name, {"meaning": f"{p.meaning}{unit}", "values": []})
            row["values"].append(f"{amount(p.value, p.unit)} in {of}")
    return {n: found[n] for n in sorted(found)}


#: What is looked through last, for ports and slots have these names too.
_LAST = "parameters"
TABLES: Mapping[str, Callable[[], Rows]] = {
    "ports": ports,
    "slots": slots,
    "events": events,
    _LAST: parameters,
}
