"""The currents that parts declare, summed: the membrane's, each ion's, and what is left of a whole.

A current is declared once, with the ion that carries it. What is summed follows from that alone.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass, replace

from mgsim.declare.component import Component
from mgsim.declare.ions import IONS, read_current, rest_of
from mgsim.declare.parameter import PartError, ending
from mgsim.declare.ports import MEMBRANE, PORTS, Port
from mgsim.equations.lines import Equation


@dataclass(frozen=True, slots=True)
class Current:
    """A current of a model: what carries it, and of which other current it is a part.

    ``ion`` and ``whole`` are empty where none is named; ``part`` is who declares it. ``rest``: it
    is what the declared parts leave of ``whole``. ``place``, ``copy``: where ``part`` stands.
    """

    name: str
    ion: str
    whole: str
    part: str
    meaning: str
    rest: bool = False
    place: str = ""
    copy: str = ""


def declared(parts: Iterable[Component]) -> tuple[Current, ...]:
    """Every current of these parts, wholes and their parts, and the rest of each divided whole."""
    found: dict[str, Current] = {}
    named: dict[str, Current] = {}
    for part in parts:
        for name, text in part.currents.items():
            ion, whole = read_current(name, text, part.name)
            line = next((e for e in part.lines if e.name == name), None)
            meaning = line.meaning if line else ""
            current = Current(name, ion, whole, part.name, meaning, False, part.place, part.copy)
            if line is None:
                named[name] = current
            else:
                found[name] = current
    for of in [c for c in found.values() if not c.whole]:
        name = rest_of(of.name, ending(of.place, of.copy))
        rest = named.get(name)
        if rest or any(c.whole == of.name for c in found.values()):
            found[name] = replace(
                rest or of,
                name=name,
                whole=of.name,
                meaning=f"what its parts leave of {of.meaning or of.name}",
                rest=True,
            )
    return tuple(found.values())


def check_wholes(currents: tuple[Current, ...]) -> None:
    """Refuse a part of a current that nobody declares, or that is a part itself.

    Raises
    ------
    PartError
    """
    found = {c.name: c for c in currents}
    for current in (c for c in currents if c.whole):
        what = f"part '{current.part}': '{current.name}' is declared as a part of "
        if current.whole not in found:
            wholes = [n for n, c in found.items() if not c.whole]
            near = difflib.get_close_matches(current.whole, wholes, 1)
            hint = f"; did you mean '{near[0]}'?" if near else ""
            raise PartError(
                f"{what}'{current.whole}', a current that no part of the model declares{hint}"
            )
        if whole := found[current.whole].whole:
            raise PartError(
                f"{what}'{current.whole}', which is a part of '{whole}' itself; name that"
            )


def sums(
    currents: tuple[Current, ...], read: Iterable[str], places: Iterable[str] = ()
) -> list[Equation]:
    """The rest of each divided whole, the membrane's current and each ion's, as equations.

    Each place has its own. A sum without terms is written, as 0, where something reads it.
    """
    unit = "pA"
    lines = [
        Equation(
            c.name,
            " - ".join([c.whole, *(s.name for s in shares_of(c.whole, currents) if not s.rest)]),
            unit,
            c.meaning,
            False,
        )
        for c in currents
        if c.rest
    ]
    terms = {MEMBRANE: [c for c in currents if not c.whole]}
    terms |= {i.current: carrying(i.name, currents) for i in IONS.values()}
    for place in dict.fromkeys(("", *(c.place for c in currents), *places)):
        for name, of in terms.items():
            port, here = PORTS[name].at(place), [c.name for c in of if c.place == place]
            if here or port.name in read:
                text = " + ".join(here) or f"0*{unit}"
                lines.append(Equation(port.name, text, unit, port.meaning, False))
    return lines


def shares_of(whole: str, currents: Iterable[Current]) -> list[Current]:
    """The parts of a current, its rest among them."""
    return [c for c in currents if c.whole == whole]


def carrying(ion: str, currents: tuple[Current, ...]) -> list[Current]:
    """The currents that an ion (``""``: none that is named) carries; of a divided one its parts."""
    divided = {c.whole for c in currents}
    return [c for c in currents if c.ion == ion and c.name not in divided]


def ports(currents: Iterable[Current], unit_of: dict[str, str]) -> dict[str, Port]:
    """A declared current is a word that parts share."""
    return {c.name: Port(c.name, unit_of.get(c.name, "pA"), c.meaning) for c in currents}
