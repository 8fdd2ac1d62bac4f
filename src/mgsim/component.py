"""Parts: equation text with parameters, and the ports through which parts speak."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from mgsim import expressions, units
from mgsim.catalog import unknown
from mgsim.dividing import divisors
from mgsim.equations import Equation, read_equations, read_spike, read_statements
from mgsim.expressions import EquationError

_NAME = re.compile(r"^[a-z][a-z0-9_]*$", re.IGNORECASE)

#: What no parameter may be called: what a run takes besides parameters, and what a result holds.
RESERVED = frozenset(
    {
        "model",
        "protocol",
        "measures",
        "design",
        "follow",
        "arms",
        "arm",
        "engine",
        "seed",
        "dt",
        "method",
        "precision",
        "threads",
        "progress",
        "record",
        "every",
        "out",
        "large",
        "client",
        "converge",
        "rerun_failed",
        "single_writer",
        "point",
        "time",
        "spike",
        "spike_time",
        "status",
        "failed_at",
    }
)


class PartError(ValueError):
    """A part, or a set of parts, that is not well formed."""


def check_word(name: str, what: str) -> None:
    """Refuse a name that is no word: a catalog's name, which no equation holds."""
    if not _NAME.match(name) or name.startswith("_"):
        raise PartError(f"{what} '{name}': a name is letters, digits and '_', a letter first")


def check_name(name: str, what: str) -> None:
    """Refuse a name that equations could not hold apart from a unit, function or constant."""
    check_word(name, what)
    if name in expressions.FUNCTIONS or expressions.is_known(name):
        raise PartError(
            f"{what} '{name}' has the name of a unit, constant or function; "
            f"say which, as in '{name}_nmda'"
        )
    if expressions.is_taken(name):
        raise PartError(
            f"{what} '{name}': an engine or Python has that word for something else; "
            f"give it another, such as '{name}_nmda'"
        )


def check_source(source: str, what: str) -> None:
    """Refuse a source that does not say where a number is from."""
    kind, _, locator = source.partition(":")
    if not kind.strip() or not locator.strip():
        raise PartError(
            f"{what} needs a source: 'key: where', 'assumed: why' or 'unverified: "
            "what was remembered'"
        )


@dataclass(frozen=True, slots=True)
class Parameter:
    """A number that a model needs, with what a reader must know of it.

    Parameters
    ----------
    name : one spelling everywhere: equation, keyword, coordinate, command-line flag.
    value : the default, in ``unit``.
    unit : unit text, ``"1"`` for none.
    meaning : what it is, in words; becomes an axis label.
    source : ``"key: where"`` with a key of references.bib, ``"assumed: why"`` or
        ``"unverified: what was remembered"``.
    range : the plausible range, in ``unit``. Outside it a warning is given; a range that does not
        go below zero says that the quantity cannot be negative.
    nonzero : why it cannot be zero, where it cannot; a part fills it in for what it divides by.
    original : the parameter that this one stands in place of, as its source has it.
    """

    name: str
    value: float
    unit: str
    meaning: str
    source: str
    range: tuple[float, float]
    nonzero: str = ""
    original: Parameter | None = None

    def __post_init__(self) -> None:
        check_name(self.name, "parameter")
        if self.name in RESERVED:
            raise PartError(
                f"parameter '{self.name}': every run has something of that name; give "
                f"it another, such as '{self.name}_nmda'"
            )
        units.unit(self.unit)
        check_source(self.source, f"parameter '{self.name}'")
        low, high = (_plain(x, self.unit, f"range of parameter '{self.name}'") for x in self.range)
        object.__setattr__(self, "range", (low, high))
        object.__setattr__(self, "value", _plain(self.value, self.unit, f"parameter '{self.name}'"))
        if not low <= self.value <= high:
            raise PartError(
                f"parameter '{self.name}' = {self.value} lies outside its own "
                f"plausible range {low} to {high} {self.unit}"
            )

    def __repr__(self) -> str:
        return f"<Parameter {self.name} = {self.value:g}{_spaced(self.unit)}: {self.meaning}>"

    @property
    def si(self) -> float:
        """The default in SI."""
        return self.value * units.unit(self.unit).factor

    def set_to(self, value: Any, found: str = "set:") -> Parameter:
        """The same parameter with another default (display units), which its source says.

        ``found``: how it was found, such as ``"fitted: to iv.csv,"``.
        """
        given = units.one(self.check(value), self.unit, self.name)
        first = self.original or self
        for known in (self, first):
            if found == "set:" and math.isclose(given, known.value, rel_tol=1e-12):
                return known
        low, high = self.range
        return replace(
            self,
            value=given,
            source=self.chosen.replace("set:", found, 1),
            range=(min(low, given), max(high, given)),
            original=first,
        )

    @property
    def chosen(self) -> str:
        """The source of a value that was chosen in place of the default."""
        first = self.original or self
        return f"set: in place of {first.value:g}{_spaced(first.unit)} ({first.source})"

    @property
    def differs(self) -> str:
        """What stands in place of the source's value, in words; empty where nothing does."""
        if self.original is None:
            return ""
        kind, _, words = self.source.partition(":")
        return f"{self.name} = {self.value:.6g}{_spaced(self.unit)}, {kind}{words}"

    def check(self, value: Any) -> np.ndarray:
        """What a user gave, in ``unit``; a clear error for NaN, infinity, text, or a negative."""
        given = _check(value, self.name, self.unit, self.meaning, self.range[0] >= 0)
        if self.nonzero and np.any(given == 0):
            raise units.UnitError(f"{self.name} ({self.meaning}) cannot be 0: {self.nonzero}")
        return given


def _spaced(unit: str) -> str:
    return "" if unit == "1" else f" {unit}"


def _plain(value: Any, unit: str, name: str) -> float:
    """A declared number as it is, or read as any quantity."""
    whole = type(value) is int and abs(value) < 2**63
    return value if whole or type(value) is float else units.one(value, unit, name)


def _check(value: Any, name: str, unit: str, meaning: str, positive: bool) -> np.ndarray:
    given = units.read(value, unit, name)
    if not np.all(np.isfinite(given)):
        raise units.UnitError(f"{name} must be a finite number in {unit}")
    if positive and np.any(given < 0):
        raise units.UnitError(
            f"{name} ({meaning}) cannot be negative: {float(given.min()):g} {unit}"
        )
    return given


@dataclass(frozen=True, slots=True)
class Port:
    """A variable through which parts speak.

    ``combine``: ``"sum"`` of what any number of parts add to it, 0 where none does; ``"product"``
    of the factors that they bring, 1 where there is none. ``must_act``: giving to it where nothing
    reads it is an error, as for a drug in a model without its receptor.
    """

    name: str
    unit: str
    meaning: str
    combine: Literal["one", "sum", "product"] = "one"
    default: Parameter | None = None
    must_act: bool = False

    @property
    def empty(self) -> float | None:
        """What a sum or product is, in its unit, when no part gives to it."""
        return {"sum": 0.0, "product": 1.0}.get(self.combine)

    def check(self, value: Any) -> np.ndarray:
        """What a user gave, in ``unit``; a clear error for what is no number or is impossible."""
        if self.default:
            return self.default.check(value)
        return _check(value, self.name, self.unit, self.meaning, self.unit in ("mM", "uM", "nS"))


def check_port(part: str, name: str, unit: str, port: Port) -> None:
    """Refuse a part that gives a port in another unit.

    Raises
    ------
    EquationError
    """
    if units.unit(port.unit).dimension != units.unit(unit).dimension:
        raise EquationError(
            f"part '{part}' gives '{name}' in {unit}; the port '{name}' "
            f"({port.meaning}) is in {port.unit}"
        )


def pick(parameters: Iterable[Parameter], name: str, where: str) -> Parameter:
    """The parameter of that name; the error offers the nearest."""
    known = {p.name: p for p in parameters}
    if name not in known:
        raise unknown("parameter", name, known, where)
    return known[name]


def _ports(*ports: Port) -> Mapping[str, Port]:
    return MappingProxyType({p.name: p for p in ports})


def _default(
    name: str, value: float, unit: str, meaning: str, source: str, range: tuple[float, float]
) -> Port:
    return Port(name, unit, meaning, "one", Parameter(name, value, unit, meaning, source, range))


#: The words that parts share. Currents are whole-cell (pA), outward positive, as in
#: ``C dv/dt = -(i_ion + i_channel + i_syn) + i_stim``.
PORTS: Mapping[str, Port] = _ports(
    Port("v", "mV", "membrane potential"),
    Port("v_command", "mV", "command potential of a voltage clamp"),
    Port("i_stim", "pA", "injected current, depolarising positive", "sum"),
    Port("i_syn", "pA", "synaptic current, outward positive", "sum"),
    Port("i_channel", "pA", "current of further membrane channels, outward positive", "sum"),
    Port("i_ca", "pA", "calcium current into the pool, outward positive", "sum"),
    Port("v_shift", "mV", "shift of channel gating by surface charge", "sum"),
    Port("ca", "uM", "free intracellular calcium"),
    Port("mg_out", "mM", "extracellular free magnesium"),
    Port("ca_out", "mM", "extracellular free calcium"),
    Port("glu_ambient", "mM", "ambient glutamate at the receptor", "sum"),
    Port("glu", "mM", "glutamate at the receptor"),
    Port(
        "competitor",
        "1",
        "competitive antagonist at the glutamate site of NMDA receptors, over "
        "its dissociation constant",
        "sum",
        must_act=True,
    ),
    Port(
        "modulation_nmda",
        "1",
        "factors on the NMDA conductance, such as the share of receptors with glycine bound",
        "product",
        must_act=True,
    ),
    Port("open_nmda", "1", "open fraction of NMDA receptors, block apart"),
    Port("unblocked", "1", "fraction of open NMDA receptors not blocked by magnesium"),
    _default(
        "unblocked_without_mg",
        1.0,
        "1",
        "fraction of open NMDA receptors that conduct "
        "without magnesium, as the block law states it",
        "assumed: a law that states nothing else leaves all",
        (0.0, 1.0),
    ),
    Port("g_conducting", "nS", "conducting NMDA conductance, gating and block included"),
    Port("i_nmda", "pA", "NMDA receptor current, all ions"),
    Port("g_open_ampa", "nS", "open AMPA conductance"),
    Port("i_ampa", "pA", "AMPA receptor current, all ions"),
    _default(
        "celsius",
        36.0,
        "degC",
        "temperature of the preparation",
        "assumed: body temperature of the rodents the cells come from",
        (0, 45),
    ),
    _default("e_na", 50.0, "mV", "sodium reversal potential", "pospischil_2008: RS cell", (20, 80)),
    _default(
        "e_k",
        -90.0,
        "mV",
        "potassium reversal potential",
        "assumed: mammalian neuron at 2.5-3 mM external potassium",
        (-120, -60),
    ),
    _default(
        "e_ca",
        120.0,
        "mV",
        "calcium reversal potential",
        "assumed: usual rounded value for ohmic calcium currents",
        (60, 160),
    ),
    _default(
        "e_cl",
        -70.0,
        "mV",
        "chloride reversal potential",
        "assumed: mature pyramidal cell",
        (-100, -40),
    ),
    _default(
        "area",
        20000.0,
        "um**2",
        "membrane area",
        "assumed: neocortical pyramidal cell lumped into one compartment",
        (100, 1e6),
    ),
)


@dataclass(frozen=True)
class Scheme:
    """A linear kinetic scheme: states whose occupancies sum to 1, and transitions between them.

    Parameters
    ----------
    states : names; the first is the one at rest.
    transitions : ``(from, to, forward rate, backward rate)``, rates as expressions in 1/s that
        may not name the scheme's own states.
    start : ``"first"``: every receptor starts in the first state. ``"equilibrium"``: in the
        occupancies that do not change at the rates of time 0, so with the magnesium, the potential
        and the glutamate of that time; a stimulus written as ``t > start`` is not there yet. There
        must be one equilibrium alone; states that empty are 0 in it.
    """

    states: tuple[str, ...]
    transitions: tuple[tuple[str, str, str, str], ...]
    start: Literal["first", "equilibrium"] = "first"

    def __post_init__(self) -> None:
        for name in self.states:
            check_name(name, "state")
        pairs: set[frozenset[str]] = set()
        for start, end, forward, backward in self.transitions:
            pair = frozenset((start, end))
            if start == end or pair in pairs:
                raise PartError(
                    f"transition {start} <-> {end}: two different states have one "
                    "transition between them; add up the rates of parallel ones"
                )
            pairs.add(pair)
            for state in (start, end):
                if state not in self.states:
                    raise PartError(
                        f"transition {start} <-> {end}: '{state}' is not among the "
                        f"states {', '.join(self.states)}"
                    )
            own = (expressions.names(forward) | expressions.names(backward)) & set(self.states)
            if own:
                raise PartError(
                    f"transition {start} <-> {end}: the rate names the state "
                    f"'{min(own)}'; a linear scheme's rates may not"
                )
        if self.start not in ("first", "equilibrium"):
            raise PartError(f"a scheme starts 'first' or at 'equilibrium', not '{self.start}'")
        ends = self._ends()
        if self.start == "equilibrium" and len(ends) > 1:
            raise PartError(
                f"'{min(ends[0])}' and '{min(ends[1])}' do not lead to one another, so "
                "the scheme has no single equilibrium to start from"
            )

    def _ends(self) -> list[frozenset[str]]:
        """Sets of states that lead to one another and nowhere else."""
        both = [t for a, b, f, g in self.transitions for t in ((a, b, f), (b, a, g))]
        steps = [(a, b) for a, b, rate in both if not expressions.is_zero(rate)]
        reached = {}
        for state in self.states:
            found = {state}
            while more := {b for a, b in steps if a in found} - found:
                found |= more
            reached[state] = frozenset(found)
        ends = (r for r in reached.values() if all(reached[s] == r for s in r))
        return list(dict.fromkeys(ends))

    @property
    def equations(self) -> tuple[Equation, ...]:
        """The master equation, one differential equation a state."""
        gains: dict[str, list[str]] = {s: [] for s in self.states}
        for start, end, forward, backward in self.transitions:
            net = f"({forward})*{start} - ({backward})*{end}"
            gains[start].append(f"-({net})")
            gains[end].append(f"+({net})")
        return tuple(
            Equation(
                s, "".join(terms).removeprefix("+") or "0/s", "1", f"occupancy of state {s}", True
            )
            for s, terms in gains.items()
        )

    @property
    def rates(self) -> tuple[str, ...]:
        return tuple(r for _, _, f, b in self.transitions for r in (f, b))


class ExtrapolationWarning(UserWarning):
    """A part is asked for what lies outside the range in which it was measured."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The range of an input in which a part was measured; outside it, the part extrapolates.

    Parameters
    ----------
    name : a port, such as ``"mg_out"``, ``"v"`` or ``"celsius"``.
    low, high : in the port's unit. Where no magnesium or agonist can be meant, 0 lies inside too.
    source : as of a :class:`Parameter`.
    """

    name: str
    low: float
    high: float
    source: str

    def __post_init__(self) -> None:
        if self.name not in PORTS:
            raise unknown("port", self.name, PORTS, "a measured range")
        unit = PORTS[self.name].unit
        for end in ("low", "high"):
            value = _plain(getattr(self, end), unit, f"measured range of '{self.name}'")
            object.__setattr__(self, end, value)
        if not self.low <= self.high:
            raise PartError(f"measured range of '{self.name}': {self.low:g} is above {self.high:g}")
        check_source(self.source, f"measured range of '{self.name}'")

    def holds(self, values: Any) -> bool:
        """Whether every value (in the port's unit) lies inside."""
        given = np.asarray(values, dtype=float)
        nothing = (given == 0) & (PORTS[self.name].unit in ("mM", "uM"))
        slack = 1e-9 * max(abs(self.low), abs(self.high))
        return bool(np.all(nothing | ((given >= self.low - slack) & (given <= self.high + slack))))

    def __str__(self) -> str:
        unit = PORTS[self.name].unit
        span = f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"
        return f"{self.name} of {span} {unit} ({self.source})"


@dataclass(frozen=True)
class Component:
    """A part: equations and parameters that fill one slot of a model.

    Parameters
    ----------
    name, slot, meaning : what it is; ``slot`` says what it can be swapped with.
    equations : Brian2 text, a unit on every line; a comment after ``#`` becomes the label.
    kinetics : linear kinetic schemes, stepped implicitly.
    parameters : what the equations need. A parameter named like a port (``e_k``) is this part's
        default for it and gives way to a part that computes it.
    adds : the part's share of a summed port, ``{"i_syn": "i_nmda"}``, or its factor in a product.
    on_event : statements on an event, ``{"release": "x_nmda += quanta"}``. They act in their order,
        each on what the ones before it left; parts that write a name act before those that read it.
        Events at one time act one after another. ``quanta`` is what a presynaptic spike (``pre``)
        releases, 1 where no part sets it.
    initial : start values of states as expressions; 0 where not given.
    spike : ``"signal > level"``: an upward crossing counts as a spike.
    fills : further slots that the part fills (a trapping receptor fills ``nmda_gating`` and
        ``block``); :meth:`Model.swap` removes what it replaces.
    references : keys of references.bib, the paper that the part is named after first.
    reproduces, deviations : which figure or table of the paper it matches; where it differs.
    conditions : preparation, solutions and what else limits it.
    measured : ranges of inputs in which the paper measured it.

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
    parameters: tuple[Parameter, ...] = ()
    adds: Mapping[str, str] = field(default_factory=dict)
    on_event: Mapping[str, str] = field(default_factory=dict)
    initial: Mapping[str, str] = field(default_factory=dict)
    spike: str | None = None
    fills: tuple[str, ...] = ()
    ports: tuple[Port, ...] = ()
    references: tuple[str, ...] = ()
    reproduces: str = ""
    deviations: str = ""
    conditions: str = ""
    measured: tuple[Measured, ...] = ()

    def __post_init__(self) -> None:
        try:
            lines = self.lines
            if self.spike is not None:
                read_spike(self.spike)
        except (EquationError, units.UnitError) as error:
            raise PartError(f"part '{self.name}': {error}") from None
        seen: set[str] = set()
        for name in (*(e.name for e in lines), *(p.name for p in self.parameters)):
            check_name(name, f"part '{self.name}':")
            if name in seen:
                raise PartError(f"part '{self.name}' defines '{name}' twice")
            seen.add(name)
        for name in self.initial:
            if name not in {e.name for e in lines if e.differential}:
                raise PartError(
                    f"part '{self.name}': initial value for '{name}', which is not a state of it"
                )
        self._check_units()
        self._mark_divisors()

    def _mark_divisors(self) -> None:
        """Let parameters that something divides by refuse 0, those that do not yet."""
        definitions = {e.name: e.text for e in self.lines if not e.differential}
        states = {e.name for e in self.lines if e.differential}
        texts = [e.text for e in self.lines] + [r for k in self.kinetics for r in k.rates]
        texts += [*self.adds.values(), *self.initial.values()]
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
        ports = {**PORTS, **{p.name: p for p in self.ports}}
        unit_of = {n: p.unit for n, p in ports.items()} | {"quanta": "1"}
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
        asked += [
            (s.right, unit_of[s.name], f"on '{event}', '{s.name}'", False)
            for event, text in self.on_event.items()
            for s in read_statements(text)
            if s.name in unit_of
        ]
        asked += [(self.spike, "1", "spike", False)] if self.spike else []
        for text, unit, where, differential in asked:
            if expressions.variables(text) <= of.keys():
                expressions.check_unit(text, unit, of, what + where, per_second=differential)

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
    def provides(self) -> frozenset[str]:
        """Every variable that the part's equations define."""
        return frozenset(e.name for e in self.lines)

    @cached_property
    def requires(self) -> frozenset[str]:
        """Every name that the part reads and does not define itself."""
        texts = [e.text for e in self.lines] + list(self.adds.values())
        texts += [*self.initial.values(), *([self.spike] if self.spike else [])]
        for statements in self.on_event.values():
            texts += [s.right for s in read_statements(statements)]
        read = frozenset().union(*(expressions.variables(t) for t in texts))
        own = self.provides | {p.name for p in self.parameters}
        return read - own - {"quanta"}

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
        takes: dict[str, Parameter | Port] = {r: PORTS[r] for r in self.requires if r in PORTS}
        takes |= {e.name: Port(e.name, e.unit, e.meaning) for e in self.lines if e.differential}
        takes |= {p.name: p for p in self.parameters}
        for name in values:
            if name not in takes and name not in PORTS:
                raise unknown("input", name, takes, f"part '{self.name}'")
        # A law without magnesium takes mg_out and does not use it.
        return {n: (takes.get(n) or PORTS[n]).check(x) for n, x in values.items()}

    def outside(self, values: Mapping[str, Any]) -> list[Measured]:
        """The measured ranges that some of these values (display units or quantities) leave."""
        return [
            m
            for m in self.measured
            if m.name in values and not m.holds(PORTS[m.name].check(values[m.name]))
        ]

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
        for r in self.requires & PORTS.keys():
            default, empty = PORTS[r].default, PORTS[r].empty
            if default or empty is not None:
                si[r] = np.asarray(default.si if default else empty)
        unit_of = {e.name: e.unit for e in self.lines} | {p.name: p.unit for p in self.parameters}
        for key, value in self._read(values).items():
            unit = unit_of.get(key) or PORTS[key].unit
            si[key] = value * units.unit(unit).factor

        def value_of(variable: str, reader: str) -> Any:
            if variable not in si:
                if variable not in algebraic:
                    state = (
                        "; the part has states, and mgsim.analysis.schemes.equilibrium gives "
                        "them at rest"
                        if variable in occupancies
                        else ""
                    )
                    raise PartError(
                        f"'{reader}' of part '{self.name}' depends on '{variable}': "
                        f"give {variable}=...{state}"
                    )
                si[variable] = read(algebraic[variable].text, variable)
            return si[variable]

        def read(text: str, reader: str) -> Any:
            needed = expressions.variables(text)
            return expressions.evaluate(text, {n: value_of(n, reader) for n in sorted(needed)})

        return [np.asarray(read(text, text), dtype=float) for text in texts]
