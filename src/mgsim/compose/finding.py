"""Every part of the catalogs: by slot, by name, and beside what somebody made of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from mgsim.catalogs import PARTS
from mgsim.catalogs.catalog import unknown
from mgsim.compose.places import at
from mgsim.compose.protocol import Protocol
from mgsim.compose.seeing import as_before
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import PORTS

#: What a part computes, values apart.
_MEANS = (
    "equations",
    "kinetics",
    "exchange",
    "capacity",
    "currents",
    "adds",
    "on_event",
    "initial",
    "spike",
    "raises",
    "chances",
    "events",
)


def every() -> tuple[Component, ...]:
    """Every part, once, in the order of the list of catalogs."""
    return tuple(part for catalog in PARTS.values() for part in catalog.own.values())


def find(slot: str, name: str) -> Component:
    """The part of that name that fills a slot, whichever catalog holds it.

    Raises
    ------
    UnknownName
        When none does.
    """
    fitting = {p.name: p for p in every() if slot in p.slots}
    if name not in fitting:
        raise unknown(slot, name, fitting)
    return fitting[name]


def stated() -> dict[str, Parameter]:
    """What some part states, and the defaults of ports, by name."""
    found = {p.name: p for part in every() for p in part.parameters}
    return found | {n: port.default for n, port in PORTS.items() if port.default}


def set_by(protocol: Protocol) -> tuple[Parameter, ...]:
    """The parameters of a protocol, and the values to which it changes those of a model."""
    known = stated() if protocol.changes else {}
    of_changes = {
        p.name: p
        for name, change in protocol.changes.items()
        if name in known
        for p in change.stated(known[name])
    }
    return tuple((of_changes | {p.name: p for p in protocol.parameters}).values())


def named(name: str) -> Component | None:
    """The part of that name, put where the name says it stands; None where there is none."""
    plain, _, place = name.partition(" at ")
    plain, _, copy = plain.partition(" as ")
    part = next((p for p in every() if p.name == plain), None)
    return at(part, place, copy=copy) if part and (place or copy) else part


def differences(part: Component) -> list[str]:
    """Where a part is not what its sources and the catalog's part of its name say, in words."""
    return [*part.differs, *unmarked(part)]


def unmarked(part: Component) -> Iterator[str]:
    """Differences from the catalog's part of that name that no source of a value says."""
    known = next((p for p in every() if p.name == part.plain_name), None)
    if known and (part.place or part.copy):
        known = at(known, part.place, copy=part.copy, parent=part.parent)
    if known is None or known is part:
        return
    known = as_before(known, [part])
    if any(getattr(part, n) != getattr(known, n) for n in _MEANS):
        yield f"its equations are not those of mgsim's '{part.name}'"
    theirs = {p.name: p for p in known.parameters}
    for p in part.parameters:
        here = theirs.get(p.name, p)
        if p.original is None and p.source == here.source and p.value != here.value:
            yield (
                f"{p.name} = {span([p.value], p.unit)} in place of {span([here.value], here.unit)}"
            )


def span(values: Iterable[float], unit: str) -> str:
    """The least and most of some numbers, with the unit."""
    numbers = [float(value) for value in values]
    low, high = min(numbers), max(numbers)
    return f"{low:g}{f' to {high:g}' if high > low else ''}{'' if unit == '1' else ' ' + unit}"
