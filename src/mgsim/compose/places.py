"""The same part at another place, or a second time at the same place, by renaming its text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from mgsim.catalogs import look_up
from mgsim.declare.component import Component
from mgsim.declare.kinetics import Scheme
from mgsim.declare.parameter import PartError, check_word
from mgsim.declare.ports import PORTS
from mgsim.equations.expressions import substitute
from mgsim.equations.lines import read_equations, renamed

#: What the ports of a part end in that are those of the place next to its own.
PARENT = "parent"


#: Where parts of a model stand: ``(place, copy)``.
Spots = Sequence[tuple[str, str]]


def at(part: Component | str, place: str = "", *, copy: str = "", parent: str = "") -> Component:
    """A part at a place of the cell, such as a spine, or a further copy of it on one membrane.

    Every name of its own ends in the place (``g_nmda_spine``), and so does every port but those
    that are everywhere: the bath, the temperature, reversal potentials. A copy has names and
    parameters of its own (``g_nmda_extra``) and shares the membrane: potential, area, calcium and
    the sums of currents.

    Parameters
    ----------
    part : of a catalog, itself or by name, or one's own.
    place : a word; parts that are given none are at the soma.
    parent : of a part between two places, such as ``axial``, the other place; none is the soma.
    copy : a word for a copy beside the part itself, such as ``"extra"`` for extrasynaptic
        receptors.

    Returns
    -------
    A part for the slot of that place, such as ``block_spine``.

    Raises
    ------
    PartError
        For a word that is no name, a part that stands somewhere already, has nothing of a place, or
        computes what is everywhere.

    Examples
    --------
    >>> import mgsim as mg
    >>> law = mg.at(mg.blocks["jahr_stevens_1990"], "spine")
    >>> law.slot, [p.name for p in law.parameters]
    ('block_spine', ['mg_k_spine', 'mg_slope_spine', 'mg_v_ref_spine'])
    """
    part = look_up(Component, part)
    if place and copy:
        return at(at(part, copy=copy), place, parent=parent)
    word = place or copy
    check_word(word, "copy" if copy else "place")
    if part.place or (copy and part.copy):
        raise PartError(f"part '{part.name}' has its place; take that of the catalog")
    others = {p.name for p in part.ports if p.name == f"{p.root}_{PARENT}"}
    ports = {
        n: PORTS[port.root].at(parent) if n in others else port.at(place, copy=copy)
        for n, port in part.words.items()
    }
    if parent and not others:
        raise PartError(f"part '{part.name}' has no parent: it stands at one place")
    own = part.provides | {p.name for p in part.parameters}
    wholes = {whole for _, _, whole in (c.partition(" of ") for c in part.currents.values())}
    spoken = {*part.reads, *part.adds, *part.currents, *wholes, *(p.name for p in part.ports)}
    by = {n: ports[n].name if n in ports else f"{n}_{word}" for n in sorted((own | spoken) - {""})}
    name = f"{part.name} {'as' if copy else 'at'} {word}"
    if all(new == old for old, new in by.items()):
        raise PartError(f"part '{part.name}' has nothing of a place: what it says holds everywhere")
    for kept in sorted(part.provides & {n for n, port in part.words.items() if port.everywhere}):
        raise PartError(
            f"part '{part.name}' computes '{kept}' ({part.words[kept].meaning}), which is one for "
            "all places"
        )
    for new in by.values():
        if new in PORTS and new not in by:
            raise PartError(
                f"'{name}' would take the word '{new}' ({PORTS[new].meaning}); call the "
                f"{'copy' if copy else 'place'} otherwise"
            )

    return replace(
        part,
        **texts(part, by, word),
        name=name,
        slot=f"{part.slot}_{word}",
        fills=tuple(f"{slot}_{word}" for slot in part.fills),
        meaning=f"{part.meaning} ({word})",
        parameters=tuple(
            replace(p.at(word), name=by[p.name], nonzero=_reason(p.nonzero))
            if by[p.name] != p.name
            else p
            for p in part.parameters
        ),
        ports=tuple(dict.fromkeys(ports[n] for n in by if n in ports and by[n] not in PORTS)),
        sees={by.get(port, port): by[own] for port, own in part.sees.items()},
        place=place,
        copy=copy or part.copy,
        parent=parent,
    )


def fitting(slot: str, part: Component, spots: Spots) -> Component:
    """A part as it fills a slot, put where the slot's name says that it is.

    Parameters
    ----------
    spots : where parts stand, ``(place, copy)``.

    Raises
    ------
    PartError
        Where it fills no slot of that name at any of the places.
    """
    if slot in part.slots:
        return part
    for place, copy in spots:
        end = "".join(f"_{word}" for word in (copy, place) if word)
        if slot in {f"{plain}{end}" for plain in part.slots}:
            return at(part, place, copy=copy)
    raise PartError(f"'{part.name}' fills the slot '{part.slot}', not '{slot}'")


def texts(part: Component, by: Mapping[str, str], word: str = "") -> dict[str, Any]:
    """The fields of a part that hold names, with other names; ``word``: to end the labels in."""

    def there(text: str) -> str:
        return substitute(text, by)

    def called(name: str) -> str:
        return by.get(name, name)

    lines = (
        (replace(e, name=called(e.name), text=there(e.text)).line, e.meaning)
        for e in read_equations(part.equations)
    )
    end = f" ({word})" if word else ""
    return {
        "equations": "\n".join(f"{line}  # {said}{end}" if said else line for line, said in lines),
        "kinetics": tuple(_scheme(k, by) for k in part.kinetics),
        "exchange": tuple(
            (called(a), called(b), there(forward), there(backward))
            for a, b, forward, backward in part.exchange
        ),
        "capacity": {called(n): there(text) for n, text in part.capacity.items()},
        "currents": {called(n): _declared(text, by) for n, text in part.currents.items()},
        "adds": {called(n): there(text) for n, text in part.adds.items()},
        "on_event": {event: renamed(text, by) for event, text in part.on_event.items()},
        "initial": {called(n): there(text) for n, text in part.initial.items()},
        "spike": part.spike and there(part.spike),
        "raises": {event: there(text) for event, text in part.raises.items()},
    }


def _scheme(scheme: Scheme, by: Mapping[str, str]) -> Scheme:
    return replace(
        scheme,
        states=tuple(by.get(s, s) for s in scheme.states),
        transitions=tuple(
            (by.get(a, a), by.get(b, b), substitute(forward, by), substitute(backward, by))
            for a, b, forward, backward in scheme.transitions
        ),
    )


def _declared(text: str, by: Mapping[str, str]) -> str:
    """What a current is declared as, where it is a part of another one there."""
    ion, of, whole = text.partition(" of ")
    return f"{ion}{of}{by.get(whole, whole)}" if of else text


def _reason(nonzero: str) -> str:
    """Why a parameter is not zero; a reason that quotes an equation is found anew."""
    return "" if nonzero.startswith("it divides, in ") else nonzero
