"""Letting one slot of a model see a value of its own where the other parts see a shared one.

Where a value is given for ``mg_out_block``, what fills the slot ``block`` reads that in place of
``mg_out``: its text is renamed, as that of a part at a place is, and the new name is a parameter of
the part. Nothing else knows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from mgsim.compose.places import texts
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import Port
from mgsim.equations.lines import read_statements


def split(name: str, slots: Mapping[str, Component]) -> tuple[Component, str] | None:
    """The part and the port of which a name such as ``mg_out_block`` speaks; None if it is none."""
    for slot, part in slots.items():
        port = name.removesuffix(f"_{slot}")
        if port != name and port in part.words:
            return part, port
    return None


def visible(part: Component) -> list[str]:
    """The ports that a part merely reads, sums of currents apart: those that it may see apart."""
    acted = {*part.adds, *(end for a, b, *_ in part.exchange for end in (a, b))}
    acted |= {s.name for text in part.on_event.values() for s in read_statements(text)}
    words = part.words
    return sorted(
        n for n in (part.requires & words.keys()) - acted if words[n].combine != "currents"
    )


def names(slots: Mapping[str, Component]) -> list[str]:
    """Every name under which a slot may be given a value of its own."""
    taken = {p.name for part in slots.values() for p in part.parameters}
    found = [f"{port}_{slot}" for slot, part in slots.items() for port in visible(part)]
    return [name for name in found if name not in taken]


def see(part: Component, port: str, own: Parameter) -> Component:
    """A part that reads a parameter of its own in place of a port.

    A part that does not read the port gets the parameter all the same, as a block law without
    magnesium takes magnesium.
    """
    by = {port: own.name} if port in visible(part) else {}
    return replace(
        part,
        **(texts(part, by) if by else {}),
        parameters=(*part.parameters, own),
        sees={**part.sees, port: own.name},
    )


def as_before(part: Component, gone: Iterable[Component]) -> Component:
    """A part that takes the slot of others, seeing apart what these did."""
    for old in gone:
        for port, name in old.sees.items():
            if port not in part.sees:
                part = see(part, port, old[name])
    return part


def own(name: str, slot: str, port: Port, stated: Parameter | None) -> Parameter:
    """The parameter of a slot that starts from what the model states for the port, if it does."""
    said = f"{port.meaning}, as seen by '{slot}'"
    if stated is None:
        start = port.empty or 0.0
        wide = (0.0 if port.unit in ("mM", "uM", "nS") else -1e9, 1e9)
        why = "assumed: the model states none, so that it is given"
        return Parameter(name, start, port.unit, said, why, wide)
    original = stated.original and replace(stated.original, name=name, meaning=said)
    return replace(stated, name=name, meaning=said, original=original)
