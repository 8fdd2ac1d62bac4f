"""Parts: equation text with parameters, ports and kinetic schemes."""

from __future__ import annotations

import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np

from mgsim import units
from mgsim.catalogs.catalog import unknown
from mgsim.declare import events
from mgsim.declare.events import EVENTS, Event
from mgsim.declare.ions import read_current, rest_of
from mgsim.declare.kinetics import Scheme, Way, check_ways
from mgsim.declare.parameter import Parameter, PartError, check_name, ending, pick
from mgsim.declare.ports import PORTS, ExtrapolationWarning, Measured, Port, check_port
from mgsim.equations import expressions
from mgsim.equations.dimensions import check_unit
from mgsim.equations.dividing import divisors
from mgsim.equations.expressions import EquationError
from mgsim.equations.lines import Equation, read_crossing, read_equations, read_statements

_AMPERE = units.unit("A").dimension


@dataclass(frozen=True)
class Component:
    """A part: equations and parameters that fill one slot of a model.

    Parameters
    ----------
    name, slot, meaning : what it is; ``slot`` says what it can be swapped with.
    equations : Brian2 text, a unit on every line; a comment after ``#`` becomes the label.
    kinetics : linear kinetic schemes, stepped implicitly.
    exchange : what moves between two states, of this part or of others, besides what their own
        equations say: ``(from, to, forward, backward)``, of which ``forward*from - backward*to``
        moves each second. A neck of resistance ``r_neck`` is ``("v", "v_spine", "1/r_neck",
        "1/r_neck")``: charge moves. It is stepped implicitly, so it may be as fast as it likes, and
        nothing is lost. An end that is no state, as a clamped potential, is imposed.
    capacity : of states of this part, how much of what moves makes them larger by one: of a
        potential the capacitance, ``{"v": "c_m*area"}``, of a concentration the volume.
    parameters : what the equations need. A parameter named like a port (``e_k``) is this part's
        default for it and gives way to a part that computes it.
    currents : each current that the part brings (whole-cell, outward positive) and the ion that
        carries it: ``{"i_ca_l": "ca"}``, ``""`` where none is named, or ``"ca of i_nmda"`` for a
        part of another's current. They are summed for the membrane and for each ion; a name ending
        in ``_rest``, such as ``{"i_nmda_rest": "na of i_nmda"}``, is what parts leave of a current.
    adds : the part's share of a summed port, ``{"v_shift": "shift"}``, or its factor in a product.
    on_event : statements (``=``, ``+=``, ``-=``) on an event, ``{"release": "x_nmda += quanta"}``.
        They act in their order, each on what the ones before it left; parts that write a name act
        before those that read it. Events at one time act one after another. What events there are
        and what they carry stands in :data:`mgsim.declare.events.EVENTS`.
    events : events of the part's own, to which it or a measure listens.
    chances : how many chances an event brings to the part where it is not one, ``{"pre": 2}``; its
        statements then name them by number, ``chance_1`` and ``chance_2``. Each part has its own.
    initial : start values of states as expressions; 0 where not given.
    spike : ``"signal > level"``: an upward crossing counts as a spike, also one by a jump.
    raises : further crossings by event, ``{"plateau": "v > v_plateau"}``, for measures.
    fills : further slots that the part fills (a trapping receptor fills ``nmda_gating`` and
        ``block``); :meth:`Model.swap` removes what it replaces.
    references : keys of references.bib, the paper that the part is named after first.
    reproduces, deviations : which figure or table of the paper it matches; where it differs.
    conditions : preparation, solutions and what else limits it.
    measured : ranges of inputs in which the paper measured it.
    adds_up : of a gating part, that its releases add up without limit: ``open_nmda`` is then no
        fraction but over that at the peak of one release.
    longest_step : in ms, of methods with fixed steps, beyond which the part makes a run diverge;
        ``rk4_local`` finds out by itself.
    place, copy, parent : where the part stands, which :func:`mgsim.at` fills in.
    sees : names of its own by the port in whose place it reads them, which
        :meth:`mgsim.Model.apart` fills in.

    Examples
    --------
    A part is also a mapping from names to its parameters.

    >>> import mgsim as mg
    >>> mg.baths["person"]["mg_out"].value
    0.8
    """

    name: str
    slot: str
    meaning: str
    equations: str = ""
    kinetics: tuple[Scheme, ...] = ()
    exchange: tuple[Way, ...] = ()
    capacity: Mapping[str, str] = field(default_factory=dict)
    parameters: tuple[Parameter, ...] = ()
    currents: Mapping[str, str] = field(default_factory=dict)
    adds: Mapping[str, str] = field(default_factory=dict)
    on_event: Mapping[str, str] = field(default_factory=dict)
    initial: Mapping[str, str] = field(default_factory=dict)
    events: tuple[Event, ...] = ()
    chances: Mapping[str, int] = field(default_factory=dict)
    spike: str | None = None
    raises: Mapping[str, str] = field(default_factory=dict)
    fills: tuple[str, ...] = ()
    ports: tuple[Port, ...] = ()
    references: tuple[str, ...] = ()
    reproduces: str = ""
    deviations: str = ""
    conditions: str = ""
    measured: tuple[Measured, ...] = ()
    adds_up: bool = False
    longest_step: float = np.inf
    place: str = ""
    copy: str = ""
    parent: str = ""
    sees: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        try:
            lines = self.lines
            for text in self.crossings.values():
                read_crossing(text)
            for text in self.on_event.values():
                read_statements(text)
            check_ways(self.exchange)
        except (EquationError, units.UnitError) as error:
            raise PartError(f"part '{self.name}': {error}") from None
        seen: set[str] = set()
        for name in (*(e.name for e in lines), *(p.name for p in self.parameters)):
            check_name(name, f"part '{self.name}':")
            if name in seen:
                raise PartError(f"part '{self.name}' defines '{name}' twice")
            seen.add(name)
        states = {e.name for e in lines if e.differential}
        for what, given in (("initial value for", self.initial), ("capacity of", self.capacity)):
            for name in given:
                if name not in states:
                    raise PartError(
                        f"part '{self.name}': {what} '{name}', which is not a state of it"
                    )
        self._check_currents()
        self._check_events()
        self._check_units()
        self._mark_divisors()

    def _check_events(self) -> None:
        """Refuse events that there are not, and names that events bring defined here."""
        what, known = f"part '{self.name}'", self.known_events
        for event in self.on_event:
            if event not in known:
                raise unknown("event", event, known, what)
            if known[event].crossing:
                raise PartError(
                    f"{what} acts on '{event}': a crossing such as a spike is read here and "
                    "changes no state, so a cell that is reset by it (integrate-and-fire) is not "
                    "possible"
                )
        for event in self.raises:
            if event not in known:
                raise unknown("event", event, known, what)
            if event in EVENTS or not known[event].crossing:
                crossing = f"Event('{event}', ..., crossing=True) is one"
                why = "a spike is what spike= says" if event in EVENTS else crossing
                raise PartError(f"{what} raises '{event}', which is no crossing of its own ({why})")
        for event, count in self.chances.items():
            if event not in self.on_event:
                raise unknown("event", event, self.on_event, f"the chances of {what}")
            brings = events.chances(event, known, 1)
            if not brings or not units.is_whole(count) or count < 1:
                raise PartError(f"{what}: '{event}' cannot bring it {count} chances")
        taken = {n for event in self.on_event for n in self.carried(event)}
        taken |= {p.name for e in EVENTS.values() for p in e.carries}
        own = self.provides | {p.name for p in self.parameters}
        if own & taken:
            raise PartError(f"{what} defines '{min(own & taken)}', which an event carries")

    @cached_property
    def known_events(self) -> Mapping[str, Event]:
        """The events of every model, and the part's own."""
        return events.known(self.events, f"part '{self.name}'")

    @property
    def crossings(self) -> dict[str, str]:
        """Every crossing that the part raises, ``signal > level`` by event."""
        return {**({"spike": self.spike} if self.spike is not None else {}), **self.raises}

    def carried(self, event: str) -> dict[str, str]:
        """The units of what an event brings to the part's statements on it, by name."""
        drawn = events.chances(event, self.known_events, self.chances.get(event, 1))
        follow = events.set_on(event, self.known_events)
        return {**dict.fromkeys(drawn, "1"), **{n: p.unit for n, p in follow.items()}}

    def _check_currents(self) -> None:
        """Every declared current is an equation of the part, in the unit of one."""
        lines = {e.name: e for e in self.lines}
        for name, text in self.currents.items():
            _, whole = read_current(name, text, self.name)
            rest = rest_of(whole, ending(self.place, self.copy)) if whole else ""
            if name not in lines and name != rest:
                raise PartError(
                    f"part '{self.name}' declares the current '{name}' and has no equation of it"
                )
            if name in lines and units.unit(lines[name].unit).dimension != _AMPERE:
                raise EquationError(
                    f"part '{self.name}' declares the current '{name}' in {lines[name].unit}; a "
                    "current is whole-cell, in pA"
                )

    def _mark_divisors(self) -> None:
        """Let parameters that something divides by refuse 0, those that do not yet."""
        definitions = {e.name: e.text for e in self.lines if not e.differential}
        states = {e.name for e in self.lines if e.differential}
        texts = [e.text for e in self.lines] + [r for k in self.kinetics for r in k.rates]
        texts += [*self.adds.values(), *self.initial.values()]
        texts += [x for way in self.exchange for x in way[2:]]
        texts += [f"1/({c})" for c in self.capacity.values()]
        texts += [s.right for t in self.on_event.values() for s in read_statements(t)]
        found = divisors(texts, definitions, states, {p.name: p.si for p in self.parameters})
        object.__setattr__(
            self,
            "parameters",
            tuple(
                replace(p, nonzero=f"it divides, in {found[p.name]}")
                if p.name in found and not p.nonzero
                else p
                for p in self.parameters
            ),
        )

    def _check_units(self) -> None:
        """Refuse equations whose units do not fit; what reads a name of others waits for them."""
        ports = self.words
        unit_of = {n: p.unit for n, p in ports.items()}
        own = {e.name: e.unit for e in self.lines} | {p.name: p.unit for p in self.parameters}
        for name in sorted(own.keys() & ports.keys()):
            check_port(self.name, name, own[name], ports[name])
        unit_of |= own
        of = {n: units.unit(u).dimension for n, u in unit_of.items()}
        what = f"part '{self.name}', "
        asked = [(e.text, e.unit, f"equation of '{e.name}'", e.differential) for e in self.lines]
        asked += [
            (text, unit_of[n], f"start value of '{n}'", False) for n, text in self.initial.items()
        ]
        asked += [
            (text, unit_of[n], f"what it gives to '{n}'", False)
            for n, text in self.adds.items()
            if n in ports
        ]
        asked += [(text, "1", event, False) for event, text in self.crossings.items()]
        for text, unit, where, differential in asked:
            if expressions.variables(text) <= of.keys():
                check_unit(text, unit, of, what + where, per_second=differential)
        for event, text in self.on_event.items():
            brought = self.carried(event)
            here = of | {n: units.unit(u).dimension for n, u in brought.items()}
            for s in read_statements(text):
                target = {**unit_of, **brought}.get(s.name)
                if target and expressions.variables(s.right) <= here.keys():
                    check_unit(s.right, target, here, f"{what}on '{event}', '{s.name}'")

    def __repr__(self) -> str:
        return f"<Component {self.name} ({', '.join(self.slots)}): {self.meaning}>"

    @cached_property
    def lines(self) -> tuple[Equation, ...]:
        """All equations, those of the kinetic schemes among them."""
        return read_equations(self.equations) + tuple(
            e for scheme in self.kinetics for e in scheme.equations
        )

    @property
    def slots(self) -> tuple[str, ...]:
        return (self.slot, *self.fills)

    @cached_property
    def words(self) -> Mapping[str, Port]:
        """Every port that the part may speak of: the common ones and its own."""
        return {**PORTS, **{p.name: p for p in self.ports}}

    @property
    def plain_name(self) -> str:
        """The name without the place."""
        return self.name.removesuffix(f" at {self.place}").removesuffix(f" as {self.copy}")

    @cached_property
    def provides(self) -> frozenset[str]:
        """Every variable that the part's equations define."""
        return frozenset(e.name for e in self.lines)

    @cached_property
    def reads(self) -> frozenset[str]:
        """Every name that the part's texts hold and its equations do not define.

        Its parameters are among them, which give way to a part that computes a port's value.
        """
        texts = [e.text for e in self.lines] + list(self.adds.values())
        texts += [*self.initial.values(), *self.crossings.values()]
        texts += [*self.capacity.values(), *(x for way in self.exchange for x in way)]
        read = frozenset().union(*(expressions.variables(t) for t in texts))
        for event, text in self.on_event.items():
            rights = (expressions.variables(s.right) for s in read_statements(text))
            read |= frozenset().union(*rights) - self.carried(event).keys()
        return read - self.provides

    @cached_property
    def requires(self) -> frozenset[str]:
        """Every name that the part reads and neither defines nor has a value for."""
        return self.reads - {p.name for p in self.parameters}

    @property
    def changes(self) -> frozenset[str]:
        """What the part's statements on events change, of its own and of others."""
        return frozenset(s.name for t in self.on_event.values() for s in read_statements(t))

    def keys(self) -> list[str]:
        """The names of the parameters."""
        return [p.name for p in self.parameters]

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __getitem__(self, name: str) -> Parameter:
        return pick(self.parameters, name, f"part '{self.name}'")

    def with_values(self, **values: Any) -> Component:
        """The same part with other defaults: numbers in display units, or texts with a unit.

        Raises
        ------
        UnknownName
            For a parameter that the part does not have; the nearest are offered.
        UnitError
            For a value that the parameter cannot have.
        """
        for name in values:
            self[name]
        return replace(
            self,
            parameters=tuple(
                p.set_to(values[p.name]) if p.name in values else p for p in self.parameters
            ),
        )

    @property
    def differs(self) -> tuple[str, ...]:
        """Values that were set or fitted in place of those of their sources, in words.

        >>> import mgsim as mg
        >>> mg.blocks["jahr_stevens_1990"].with_values(mg_k=1).differs[0][:36]
        'mg_k = 1 mM, set in place of 3.57 mM'
        """
        return tuple(p.differs for p in self.parameters if p.differs)

    def named(self, name: str) -> Component:
        """The same part under another name, such as to stand beside itself on an axis."""
        return replace(self, name=name)

    def evaluate(self, name: str, **values: Any) -> np.ndarray:
        """The value of one algebraic variable of this part, in numpy.

        Parameters
        ----------
        name : a variable that the part defines by an equation without states.
        values : what it depends on, in display units; arrays broadcast by place, so those with
            named dimensions must have the same ones. The part's parameters and the ports that have
            a default need not be given.

        Returns
        -------
        ndarray in the variable's own unit.

        Raises
        ------
        PartError
            For inputs along different dimensions, or one that is needed and not given. A state is
            an input here: those of a kinetic scheme at rest come from
            :func:`mgsim.analysis.schemes.equilibrium`.
        UnknownName, UnitError
            For a variable or an input that the part does not have, or a value that it cannot have.

        Warns
        -----
        ExtrapolationWarning
            For values outside the range in which the part was measured.

        Examples
        --------
        >>> import mgsim as mg
        >>> round(float(mg.blocks["jahr_stevens_1990"].evaluate("unblocked", v=-70, mg_out=1)), 4)
        0.0445
        """
        algebraic = {e.name: e for e in self.lines if not e.differential}
        if name not in algebraic:
            raise unknown("algebraic variable", name, algebraic, f"part '{self.name}'")
        along = {n: v.dims for n, v in values.items() if getattr(v, "dims", ())}
        if len(set(along.values())) > 1:
            told = "; ".join(f"{n} along {', '.join(map(str, d))}" for n, d in along.items())
            raise PartError(
                f"part '{self.name}': inputs along different dimensions ({told}); "
                "bring them to the same ones with xarray.broadcast"
            )
        values = self._read(values)
        result = self.calculate([name], **values)[0] / units.unit(algebraic[name].unit).factor
        for beyond in self.outside(values):
            warnings.warn(
                f"'{self.name}' was measured at {beyond}; beyond, it extrapolates",
                ExtrapolationWarning,
                stacklevel=2,
            )
        shape = np.broadcast_shapes(*(np.shape(v) for v in values.values()))
        return np.broadcast_to(np.asarray(result, dtype=float), shape).copy()

    def _read(self, values: Mapping[str, Any]) -> dict[str, np.ndarray]:
        """Inputs as numbers in the units in which they are taken."""
        words = self.words
        takes: dict[str, Parameter | Port] = {r: words[r] for r in self.requires if r in words}
        takes |= {e.name: Port(e.name, e.unit, e.meaning) for e in self.lines if e.differential}
        takes |= {p.name: p for p in self.parameters}
        for name in values:
            if name not in takes and name not in words:
                raise unknown("input", name, takes, f"part '{self.name}'")
        # A law without magnesium takes mg_out and does not use it.
        return {n: (takes.get(n) or words[n]).check(x) for n, x in values.items()}

    def outside(self, values: Mapping[str, Any]) -> list[Measured]:
        """The measured ranges that some of these values (display units or quantities) leave."""
        return [
            m
            for m in self.measured
            if (name := self.called(m.name)) in values
            and not m.holds(PORTS[m.name].check(values[name]))
        ]

    def called(self, port: str) -> str:
        """What a port is called where the part stands, or sees it; any other word as it is."""
        there = PORTS[port].at(self.place, copy=self.copy).name if port in PORTS else port
        return self.sees.get(there, there)

    def calculate(self, texts: Iterable[str], **values: Any) -> list[np.ndarray]:
        """Expressions in the part's own variables and inputs, each in SI.

        Parameters
        ----------
        texts : expressions such as the rates of a kinetic scheme.
        values : inputs as for :meth:`evaluate`; a sum that is not given is 0, a product 1.

        Raises
        ------
        PartError
            For an input that is needed and not given.
        UnknownName, UnitError
            For an input that the part does not have, or a value that it cannot have.
        """
        algebraic = {e.name: e for e in self.lines if not e.differential}
        occupancies = {s for scheme in self.kinetics for s in scheme.states}
        si = {p.name: np.asarray(p.si) for p in self.parameters}
        words = self.words
        for r in self.requires & words.keys():
            default, empty = words[r].default, words[r].empty
            if default or empty is not None:
                si[r] = np.asarray(default.si if default else empty)
        unit_of = {e.name: e.unit for e in self.lines} | {p.name: p.unit for p in self.parameters}
        for key, value in self._read(values).items():
            unit = unit_of.get(key) or words[key].unit
            si[key] = value * units.unit(unit).factor

        texts, known = list(texts), {n: e.text for n, e in algebraic.items()}

        def missing(variable: str) -> dict[str, Any]:
            read_by = (n for n, text in known.items() if variable in expressions.variables(text))
            used = expressions.behind(texts, known)
            reader = next((n for n in read_by if n in used), ", ".join(texts))
            state = (
                "; the part has states, and mgsim.analysis.schemes.equilibrium gives them at rest"
                if variable in occupancies
                else ""
            )
            raise PartError(
                f"'{reader}' of part '{self.name}' depends on '{variable}': "
                f"give {variable}=...{state}"
            )

        read = expressions.follow(known, si, missing)
        return [np.asarray(read(text), dtype=float) for text in texts]
