"""Parts that together close a set of equations: one to a slot, swapped or left out."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mgsim.catalogs import look_up
from mgsim.catalogs.catalog import either, unknown
from mgsim.compose import seeing
from mgsim.compose.finding import every
from mgsim.compose.places import fitting
from mgsim.declare import events
from mgsim.declare.component import Component
from mgsim.declare.ions import CONCENTRATIONS
from mgsim.declare.parameter import Parameter, PartError, ending
from mgsim.declare.ports import PORTS
from mgsim.equations import expressions

#: Of the preparation, one for all parts: a swap leaves it as the model has it.
_PREPARATION = {"celsius"}
#: Of the cell: who swaps the cell means its membrane.
_CELL = {"area"}
#: What ends the name of the value that something computed has at rest, or starts from.
_AT_FIRST = ("rest", "start")
#: How many parts a prompt shows.
_SHOWN = 10


class SharedValueWarning(UserWarning):
    """A swap that changes a value which other parts of the model read too."""


@dataclass(frozen=True)
class Model:
    """Parts that together close a set of equations. No slot is compulsory.

    Parameters
    ----------
    shared : values of ports that the model itself states, such as the temperature of its
        preparation; they go before those that a part brings.

    Examples
    --------
    >>> import mgsim as mg
    >>> other = mg.models["standard"].swap(mg.blocks["kampa_2004"])
    >>> other["block"].name
    'kampa_2004'
    """

    name: str
    parts: tuple[Component, ...]
    meaning: str = ""
    shared: tuple[Parameter, ...] = ()

    def __post_init__(self) -> None:
        taken: dict[str, str] = {}
        for part in self.parts:
            for slot in part.slots:
                if slot in taken:
                    raise PartError(
                        f"model '{self.name}': '{taken[slot]}' and '{part.name}' both "
                        f"fill the slot '{slot}'; use swap() to replace one"
                    )
                taken[slot] = part.name
        both = {p.place for p in self.parts} & {p.copy for p in self.parts} - {""}
        for word in sorted(both):
            raise PartError(
                f"model '{self.name}': '{word}' is a place, so a copy needs another word; a part "
                f"at the place is mgsim.at(part, '{word}')"
            )
        events.known((e for p in self.parts for e in p.events), f"model '{self.name}'")

    def __repr__(self) -> str:
        parts = [f"{' and '.join(p.slots)} {p.plain_name}" for p in self.parts]
        more = [f"and {len(parts) - _SHOWN} more"] * (len(parts) > _SHOWN)
        return f"<Model {self.name}: {', '.join(parts[:_SHOWN] + more)}>"

    @property
    def slots(self) -> dict[str, Component]:
        return {slot: part for part in self.parts for slot in part.slots}

    @property
    def places(self) -> tuple[tuple[str, str], ...]:
        """Where parts stand beside the soma: ``(place, copy)``, either of them empty."""
        return tuple(dict.fromkeys((p.place, p.copy) for p in self.parts if p.place or p.copy))

    def __getitem__(self, slot: str) -> Component:
        if slot not in self.slots:
            raise unknown("slot", slot, self.slots, f"model '{self.name}'")
        return self.slots[slot]

    def swap(self, *parts: Component | str, **by_slot: Component | str) -> Model:
        """A new model with parts, themselves or by name, in their slots; what they replace is gone.

        By slot, a part goes to the place that the slot's name ends in: ``block_spine=law``. What a
        part stated for all (the temperature, a reversal potential) stays when it goes, and
        the temperature stays whatever the new part states.

        Raises
        ------
        UnknownName, TypeError
            For what is no part, such as a module.
        PartError
            For a part that does not fill the slot named, and where none is given.

        Warns
        -----
        SharedValueWarning
            Where the new part brings another value that other parts read.

        Examples
        --------
        >>> import mgsim as mg
        >>> mg.models["spine"].swap(block_spine="kampa_2004")["block_spine"].name
        'kampa_2004 at spine'
        """
        if not parts and not by_slot:
            raise PartError(f"model '{self.name}': swap what? Give a part for one of its slots")
        made = self
        for given in parts:
            made = made._with(look_up(Component, given))
        for slot, given in by_slot.items():
            spots = [("", ""), *self.places]
            made = made._with(fitting(slot, look_up(Component, given), spots))
        return made

    def _with(self, part: Component) -> Model:
        """The model with one part in its slots."""
        kept = [p for p in self.parts if not set(p.slots) & set(part.slots)]
        gone = [i for i, p in enumerate(self.parts) if set(p.slots) & set(part.slots)]
        part = seeing.as_before(part, [self.parts[i] for i in gone])
        kept.insert(gone[0] if gone else len(kept), part)
        return replace(self, parts=tuple(kept), shared=self._kept(kept, part))

    def without(self, *slots: str) -> Model:
        """A new model with nothing in some slots: an ablation.

        Parameters
        ----------
        slots : slots of the model, or the word of a place or copy, of which every part goes.

        Raises
        ------
        UnknownName
            For a slot, place or copy that the model does not have.
        PartError
            Where none is named.

        Examples
        --------
        >>> import mgsim as mg
        >>> lean = mg.models["full"].without("gaba", "kir", "extra")
        >>> "kir" in lean.slots, "block_extra" in lean.slots
        (False, False)
        """
        if not slots:
            raise PartError(f"model '{self.name}': without what? Name one or more of its slots")
        words = {w for spot in self.places for w in spot if w}
        for slot in slots:
            if slot not in self.slots and slot not in words:
                raise unknown("slot", slot, {*self.slots, *words}, f"model '{self.name}'")
        named = set(slots)
        parts = tuple(p for p in self.parts if not named & {*p.slots, p.place, p.copy})
        return replace(self, parts=parts, shared=self._kept(parts))

    def stated(self, name: str) -> Parameter | None:
        """What the model itself, or else one of its parts, states for a port."""
        brought = (p for part in self.parts for p in part.parameters)
        return next((p for p in (*self.shared, *brought) if p.name == name), None)

    def computed(self, name: str) -> str:
        """Which part computes a name, and from what, in words; empty where none does."""
        lines = {e.name: (p, e) for p in self.parts for e in p.lines if not e.differential}
        if name not in lines:
            return ""
        part, line = lines[name]
        read = sorted(expressions.variables(line.text))
        levels = [n for n in read if n in CONCENTRATIONS]
        origin = ", ".join(read) or "a constant"
        origin = f"the concentrations {' and '.join(levels)}" if levels else origin
        words = (
            f"'{name}' follows from {origin} in model '{self.name}', where part '{part.name}' "
            "computes it, so it cannot be set"
        )
        instead = self._instead(name, {n: e.text for n, (_, e) in lines.items()})
        return words + (f"; set {either(instead)} in its place" if instead else "")

    @property
    def settable(self) -> dict[str, tuple[str, Parameter]]:
        """What can be set: every parameter that no part computes, with what has it, by name."""
        computed = {e.name for p in self.parts for e in p.lines}
        of_parts = [(part.name, p) for part in self.parts for p in part.parameters]
        found: dict[str, tuple[str, Parameter]] = {}
        for of, p in (*of_parts, *((self.name, p) for p in self.shared)):
            if p.name not in computed:
                found.setdefault(p.name, (of, p))
        return found | {p.name: (self.name, p) for p in self.shared if p.name in found}

    def _instead(self, name: str, texts: Mapping[str, str]) -> list[str]:
        """What to set in place of something computed: what it starts from, else what decides it."""
        able = self.settable

        def starts(n: str) -> list[str]:
            return [m for m in (n, *(f"{n}_{end}" for end in _AT_FIRST)) if m in able]

        if own := starts(name):
            return own
        behind, new = set[str](), {name}
        while new:
            behind |= new
            new = {n for m in new for n in expressions.variables(texts.get(m, "0"))} - behind
        read = expressions.variables(texts[name])
        levels = [n for n in (*read, *sorted(behind)) if n in CONCENTRATIONS]
        direct = [n for n in able if n in read and n not in _PREPARATION]
        rests = [m for n in sorted(set(levels)) for m in starts(n)]
        return list(dict.fromkeys(rests if rests and read & set(levels) else [*direct, *rests]))

    def apart(self, name: str) -> Model:
        """A model in which one slot sees a value of its own, where it saw a shared one.

        Parameters
        ----------
        name : the port and the slot, such as ``"mg_out_block"`` or ``"v_block"``. It is a
            parameter of what fills the slot, and of what is swapped into it, and starts from what
            the model states for the port. The model itself, where it has something of that name.

        Raises
        ------
        UnknownName
            For what is no port of what fills one of the slots.
        PartError
            For a sum of currents, and for a port that the part gives, or acts on.

        Examples
        --------
        >>> import mgsim as mg
        >>> low = mg.models["tonic"].with_values(mg_out_block=0.2)
        >>> low["block"]["mg_out_block"].value, low["bath"]["mg_out"].value
        (0.2, 0.8)
        """
        if any(name in (*part.keys(), *part.provides) for part in self.parts):
            return self
        found = seeing.split(name, self.slots)
        if found is None:
            raise unknown("value of one slot", name, seeing.names(self.slots), f"'{self.name}'")
        part, port = found
        slot = name.removeprefix(f"{port}_")
        if why := self._unseen(part, port, slot):
            raise PartError(f"'{name}': {why}")
        own = seeing.own(name, slot, part.words[port], self._states(port, part))
        made = seeing.see(part, port, own)
        return replace(self, parts=tuple(made if p is part else p for p in self.parts))

    def _unseen(self, part: Component, port: str, slot: str) -> str:
        """Why what fills a slot cannot see another value of a port; empty where it can.

        A part that does not read the port can where others of the slot do, such as the control
        ``none`` among block laws.
        """
        able = seeing.visible(part)
        if port in able:
            return ""
        if port in part.reads | part.provides:
            return f"part '{part.name}' does more to '{port}' than read it"
        plain, root = slot.removesuffix(ending(part.place, part.copy)), part.words[port].root
        if any(plain in p.slots and root in seeing.visible(p) for p in every()):
            return ""
        return f"part '{part.name}' does not read '{port}', but {', '.join(able) or 'nothing'}"

    def _states(self, port: str, part: Component) -> Parameter | None:
        """What a port starts from: what the model states, else its default."""
        return None if self.computed(port) else self.stated(port) or part.words[port].default

    def _kept(
        self, parts: Iterable[Component], new: Component | None = None
    ) -> tuple[Parameter, ...]:
        """What the model states once it has these parts, so that a swap changes nothing unsaid."""
        staying = [p for p in parts if p is not new]
        shared = {p.name: p for p in self.shared}
        ports = PORTS.values() if new is None else (*PORTS.values(), *new.ports)
        for port in (p for p in ports if p.default):
            name = port.name
            before = self.stated(name)
            brought = next((p for p in new.parameters if p.name == name), None) if new else None
            if brought is None:
                if before and not any(name in {q.name for q in p.parameters} for p in staying):
                    shared[name] = before
                continue
            if before and name in _PREPARATION:
                if before.si != brought.si:
                    shared[name] = before
                continue
            shared.pop(name, None)
            old = before or port.default
            readers = [p.name for p in staying if name in p.requires]
            if any(name in p.provides for p in staying):
                continue  # computed there, so that what the new part brings gives way
            if old and old.si != brought.si and readers and name not in _CELL:
                warnings.warn(
                    f"model '{self.name}': {name} is {brought.value:g} {brought.unit} with "
                    f"'{new.name if new else ''}', in place of {old.value:g} {old.unit}, and "
                    f"{', '.join(readers)} read it too",
                    SharedValueWarning,
                    stacklevel=4,
                )
        return tuple(shared.values())

    def with_values(self, **values: Any) -> Model:
        """A new model with other parameter defaults: display units, or texts with a unit.

        Raises
        ------
        UnknownName, UnitError
            As :meth:`Component.with_values`.
        PartError
            For what a part of the model computes, such as a reversal potential that follows from
            the concentrations.
        """
        parts, shared = self.parts, {p.name: p for p in self.shared}
        read = {n for p in parts for n in p.requires}
        for name, value in values.items():
            if why := self.computed(name):
                raise PartError(why)
            default = PORTS[name].default if name in PORTS and name in read else None
            owners = [p for p in parts if name in {q.name for q in p.parameters}]
            if name in shared or (default and not owners):
                shared[name] = (shared.get(name) or default).set_to(value)  # type: ignore[union-attr]
                continue
            if not owners and seeing.split(name, self.slots):
                made = replace(self, parts=parts).apart(name)
                parts = tuple(made.parts)
                owners = [p for p in parts if name in p]
            if not owners:
                known = {*self.settable, *shared, *seeing.names(self.slots)}
                raise unknown("parameter", name, known, f"model '{self.name}'")
            parts = tuple(p.with_values(**{name: value}) if p in owners else p for p in parts)
        return replace(self, parts=parts, shared=tuple(shared.values()))

    def named(self, name: str, meaning: str = "") -> Model:
        """The same model under another name."""
        return replace(self, name=name, meaning=meaning or self.meaning)
