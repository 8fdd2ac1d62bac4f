"""Joining parts into one closed set of equations."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from mgsim import units
from mgsim.catalogs.catalog import unknown
from mgsim.compose.finding import stated
from mgsim.compose.measure import Measure, kept
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare import events
from mgsim.declare.changes import RECORDING
from mgsim.declare.kinetics import Exchange, Scheme
from mgsim.declare.parameter import Parameter, PartError
from mgsim.declare.window import RUN_START, WINDOW
from mgsim.equations import expressions
from mgsim.equations.dimensions import check_unit
from mgsim.equations.lines import Equation, Statement
from mgsim.files import sha256
from mgsim.system import listening, order
from mgsim.system.currents import Current
from mgsim.system.exchanging import exchanges
from mgsim.system.joining import Joined
from mgsim.system.listening import Chance, Crossing


@dataclass(frozen=True)
class Driven:
    """A recording that a kernel reads as it goes: ``name``, from ``start`` (an expression) on.

    In a substep it is the line through ``<name>_value`` at ``<name>_knot`` with ``<name>_slope``,
    which an engine sets: no point of a recording lies inside a substep.
    """

    name: str
    start: str
    unit: str
    linear: bool

    @property
    def leaves(self) -> tuple[str, str, str]:
        """What an engine sets: value, slope, and the time from which they hold."""
        return f"{self.name}_value", f"{self.name}_slope", f"{self.name}_knot"

    @property
    def dimensions(self) -> dict[str, units.Dimension]:
        own, time = units.unit(self.unit).dimension, units.unit("s").dimension
        slope = tuple(a - b for a, b in zip(own, time, strict=True))
        return dict(zip(self.leaves, (own, slope, time), strict=True))

    @property
    def text(self) -> str:
        value, slope, knot = self.leaves
        return f"{value} + {slope}*(t - {knot})"


@dataclass(frozen=True)
class System:
    """A closed set of equations: no values, times, seed or step in it.

    Attributes
    ----------
    states : differential equations outside kinetic schemes, without what is exchanged.
    schemes : linear kinetic schemes.
    exchanges : what moves between states; each state in one of them at most.
    definitions : algebraic equations, each after those that it reads.
    parameters : names and units of the numbers that a batch must bring.
    initial : start value of each state, as an expression; not of the states of a scheme that
        starts at its equilibrium.
    events : statements by event name, in the order in which they act.
    chances : by event name, the chances that its statements read, and whose dice each is.
    crossings : by event name, what crosses which level.
    measures : those that a run keeps.
    asked : those that are asked for: some of them, and what follows from them at the end.
    driven : the recordings that definitions follow.
    currents : what parts declare, with its ion, wholes and their parts.
    ports : of which common port a name is, at whatever place: ``v`` of ``v_spine``.
    integrals, accumulators : the measures: integrals as states, the rest by statement.
    """

    states: tuple[Equation, ...]
    schemes: tuple[Scheme, ...]
    definitions: tuple[Equation, ...]
    parameters: tuple[Parameter, ...]
    initial: Mapping[str, str]
    events: Mapping[str, tuple[Statement, ...]]
    measures: tuple[Measure, ...]
    exchanges: tuple[Exchange, ...] = ()
    ports: Mapping[str, str] = field(default_factory=dict)
    currents: tuple[Current, ...] = ()
    chances: Mapping[str, tuple[Chance, ...]] = field(default_factory=dict)
    crossings: Mapping[str, Crossing] = field(default_factory=dict)
    asked: tuple[Measure, ...] = ()
    driven: tuple[Driven, ...] = ()

    @property
    def spike(self) -> Crossing | None:
        """What a spike is, or None."""
        return self.crossings.get("spike")

    @property
    def integrals(self) -> tuple[Measure, ...]:
        return tuple(m for m in self.measures if m.rate is not None)

    @property
    def accumulators(self) -> tuple[Measure, ...]:
        return tuple(m for m in self.measures if m.rate is None)

    @cached_property
    def state_names(self) -> tuple[str, ...]:
        """Every state, those of the kinetic schemes last."""
        return (*(e.name for e in self.states), *(s for k in self.schemes for s in k.states))

    @property
    def inside(self) -> str:
        """Whether an event is in the measuring window."""
        if RUN_START not in self.parameters:
            return listening.INSIDE
        return expressions.substitute(listening.INSIDE, {"t": f"t - {RUN_START.name}"})

    @cached_property
    def moments(self) -> frozenset[str]:
        """The states that hold a time on the engine's clock, such as that of the last event."""
        second = units.unit("s").dimension
        held = {e.name for e in self.states if units.unit(e.unit).dimension == second}
        return frozenset(
            s.name
            for statements in self.events.values()
            for s in statements
            if s.name in held and not s.adds and "t" in expressions.names(s.right)
        )

    @cached_property
    def implicit(self) -> tuple[str, ...]:
        """The states that are stepped implicitly: of kinetic schemes, and what is exchanged."""
        schemes = (s for k in self.schemes for s in k.states)
        return (*schemes, *(s for x in self.exchanges for s in x.states))

    @cached_property
    def texts(self) -> dict[str, str]:
        """The definitions by name."""
        return {e.name: e.text for e in self.definitions}

    @cached_property
    def recordable(self) -> dict[str, Equation]:
        """What a trace can hold, states and definitions, with the whole equation of each."""
        moved = {s: text for x in self.exchanges for s, text in x.slopes.items()}
        states = (replace(e, text=e.text + moved.get(e.name, "")) for e in self.states)
        schemes = (e for k in self.schemes for e in k.equations)
        return {e.name: e for e in (*states, *schemes, *self.definitions)}

    @cached_property
    def digest(self) -> str:
        """sha256 of everything that the computed numbers depend on, values apart."""
        text = "\n".join(
            [
                *(e.line for e in (*self.states, *self.definitions)),
                *(repr(k) for k in (*self.schemes, *self.exchanges)),
                *(f"{p.name} : {p.unit}" for p in self.parameters),
                *(f"{k} := {v}" for k, v in self.initial.items()),
                *(f"{k} -> {v!r}" for k, v in self.events.items()),
                *(f"{k} :: {v!r}" for k, v in self.chances.items()),
                *(f"{k} ^ {v!r}" for k, v in self.crossings.items()),
                *(
                    repr((m.name, m.unit, m.rate, m.peak, m.on, m.every_step, m.initial))
                    for m in self.measures
                ),
                *(repr((m.name, m.unit, m.value, m.defined)) for m in self.asked),
                *map(repr, self.driven),
            ]
        )
        return sha256(text)


def answerable(
    model: Model, protocol: Protocol, measures: Iterable[Measure]
) -> tuple[Measure, ...]:
    """Those of ``measures`` whose names this model and protocol have."""
    joined = Joined(model, protocol)
    heard = {e for part in joined.parts for e in part.on_event}

    def happens(event: str) -> bool:
        """Whether it happens, and concerns some part."""
        if event not in joined.events or not listening.happens(joined, event):
            return False
        return joined.events[event].crossing or bool(heard & {*events.family(event, joined.events)})

    def answers(m: Measure) -> bool:
        return all(map(happens, m.on)) and not _absent(joined, m) and all(map(answers, m.needs))

    return tuple(filter(answers, measures))


def _absent(joined: Joined, measure: Measure) -> set[str]:
    """Names that a measure reads in a run and nobody has."""
    also = {p.name for p in (*measure.parameters, *WINDOW)}
    also |= {measure.name, *(m.name for m in measure.needs)}
    found: set[str] = set()
    for event in (None, *measure.on):
        rights = [s.right for s in measure.statements(event)]
        found |= joined.missing(
            rights, also | (listening.carried(joined, event) if event else set())
        )
    return found | joined.missing([t for t in (measure.rate, measure.peak) if t], also)


def lower(
    model: Model, protocol: Protocol, measures: Iterable[Measure], *, later: bool = False
) -> System:
    """Join parts, stimulus and read-outs into one checked :class:`System`.

    ``later``: the run goes on from another, whose clock goes on: what the protocol and measures say
    of time counts from the parameter ``run_start``, what parts say from the beginning.

    Raises
    ------
    PartError
        A name defined twice, a port that nobody provides, a stimulus without effect, a current
        that does not reach the membrane, an algebraic or event cycle.
    EquationError
        Units that do not fit.
    UnknownName
        A name that nobody has; the nearest ones are offered.
    """
    asked = tuple(measures)
    measures = kept(asked)
    joined = Joined(model, protocol)
    joined.check_ports()
    joined.check_stimulus()
    joined.check_currents()
    parameters = dict(joined.parameters)
    crossings = listening.crossings(joined)
    names = [m.name for m in asked]
    for measure in (b for m in asked for b in m.behind):
        if measure.name in joined.owner or names.count(measure.name) > 1:
            raise PartError(
                f"measure '{measure.name}' has the name of something in the model, "
                "or is asked for twice"
            )
        for parameter in measure.parameters:
            if parameters.setdefault(parameter.name, parameter) != parameter:
                raise PartError(
                    f"measure '{measure.name}': parameter '{parameter.name}' is "
                    "something else in this model"
                )
    window = {p.name: p for p in WINDOW}
    for measure in measures:
        listening.check_measure(joined, measure)
        absent = _absent(joined, measure)
        if absent:
            raise unknown(
                "variable",
                sorted(absent)[0],
                joined.owner,
                f"measure '{measure.name}' on model '{model.name}'",
            )
    listening.check(joined, measures)
    heard = listening.statements(joined, measures)
    schemes = order.schemes(joined, tuple(k for p in joined.parts for k in p.kinetics))
    occupancy = {s for k in schemes for s in k.states}
    equations = joined.equations
    definitions = order.definitions(e for e in equations.values() if not e.differential)
    states = tuple(e for e in equations.values() if e.differential and e.name not in occupancy)
    system = System(
        states=states,
        schemes=schemes,
        definitions=definitions,
        parameters=(*parameters.values(), *window.values()),
        initial=order.starts(joined, states, schemes),
        events=heard.statements,
        measures=measures,
        exchanges=exchanges(joined, occupancy),
        chances=heard.chances,
        crossings=crossings,
        asked=asked,
        currents=joined.currents,
        ports={n: port.root for n, port in joined.ports.items()},
    )
    system = _changed(system, joined)
    _check_units(system, joined)
    return _later(system, joined) if later else system


def _later(system: System, joined: Joined) -> System:
    """The system whose protocol and measures have a clock that starts at ``run_start``."""
    protocol = joined.protocol
    own = {e.name for part in protocol.stimuli for e in part.lines}
    own |= {f"{n}_now" for n in protocol.changes} | {m.name for m in system.measures}
    own |= {n for n, owner in joined.owner.items() if owner.endswith("of all parts")}
    start = RUN_START.name

    def text(old: str, times: Iterable[str] = ("t",)) -> str:
        read = expressions.names(old) & set(times)
        return expressions.substitute(old, {n: f"{n} - {start}" for n in read}) if read else old

    def ours(equations: Iterable[Equation]) -> tuple[Equation, ...]:
        return tuple(replace(e, text=text(e.text)) if e.name in own else e for e in equations)

    crossed = {"t", *(c.time for c in system.crossings.values())}
    return replace(
        system,
        states=ours(system.states),
        definitions=ours(system.definitions),
        schemes=tuple(
            replace(k, transitions=tuple((a, b, text(f), text(g)) for a, b, f, g in k.transitions))
            if own & set(k.states)
            else k
            for k in system.schemes
        ),
        events={
            n: tuple(replace(s, right=text(s.right)) if s.name in own else s for s in statements)
            for n, statements in system.events.items()
        },
        measures=tuple(
            m.renamed({n: f"({n} - {start})" for n in crossed}) for m in system.measures
        ),
        driven=tuple(replace(one, start=f"{one.start} + {start}") for one in system.driven),
        parameters=(*system.parameters, RUN_START),
    )


def _changed(system: System, joined: Joined) -> System:
    """The system in which parameters of the model change as the protocol says.

    What reads the parameter reads ``<parameter>_now``, a definition; the parameter is its value
    before the change.
    """
    changes = joined.protocol.changes
    if not changes:
        return system
    now = {n: f"{n}_now" for n in changes}
    own = {p.name for t in joined.protocol.events.values() for p in t.parameters}
    own |= {p.name for change in changes.values() for p in change.times}
    known = {n: p for n, p in joined.parameters.items() if n not in own}
    definitions, parameters, driven = [], list(system.parameters), []
    for name, change in changes.items():
        what = f"protocol '{joined.protocol.name}' changes '{name}'"
        if name in joined.equations:
            raise PartError(f"{what}, which '{joined.owner[name]}' computes while the model runs")
        if why := _settled(name, system, joined):
            raise PartError(f"{what}, {why}")
        if name not in known:
            meant = stated()
            if name in meant:
                raise PartError(
                    f"{what} ({meant[name].meaning}), which nothing in model "
                    f"'{joined.model.name}' reads"
                )
            raise unknown("parameter", name, known, f"the model for a change: {what}")
        if now[name] in joined.owner:
            raise PartError(f"{what}; the model has '{now[name]}' already")
        changed = known[name]
        change.check(changed)
        made = [(now[name], change.text, f"{changed.meaning}, now")]
        if change.recording:
            one = Driven(
                f"{name}_{RECORDING}", f"{name}_start", changed.unit, change.recording.linear
            )
            driven.append(one)
            made.append((one.name, one.text, f"{changed.meaning}, recorded"))
        for new, right, meaning in made:
            joined.owner[new] = f"the change of {name}"
            definitions.append(Equation(new, right, changed.unit, meaning, False))
        parameters += change.stated(changed)

    def text(old: str) -> str:
        return expressions.substitute(old, now) if expressions.names(old) & now.keys() else old

    def equations(old: Iterable[Equation]) -> list[Equation]:
        return [replace(e, text=text(e.text)) for e in old]

    return replace(
        system,
        states=tuple(equations(system.states)),
        schemes=tuple(
            replace(k, transitions=tuple((a, b, text(f), text(g)) for a, b, f, g in k.transitions))
            for k in system.schemes
        ),
        exchanges=tuple(x.rewritten(text) for x in system.exchanges),
        definitions=order.definitions([*definitions, *equations(system.definitions)]),
        parameters=tuple(parameters),
        initial={n: text(t) for n, t in system.initial.items()},
        events={
            n: tuple(replace(s, right=text(s.right)) for s in statements)
            for n, statements in system.events.items()
        },
        crossings={
            n: replace(c, signal=text(c.signal), level=text(c.level))
            for n, c in system.crossings.items()
        },
        measures=tuple(m.renamed(now) for m in system.measures),
        driven=tuple(driven),
    )


def _settled(name: str, system: System, joined: Joined) -> str:
    """Why something of this name is settled before a run; empty where it is not."""
    for event, train in joined.protocol.events.items():
        if name in {p.name for p in train.parameters}:
            return f"from which the times of '{event}' are drawn before the run"
    if name in {p.name for change in joined.protocol.changes.values() for p in change.times}:
        return "which says when something else changes"
    if name in joined.model.slots:
        return (
            f"a part ('{joined.model[name].plain_name}'), which stays through a run; another run "
            "may go on with another part (start=)"
        )
    if name in joined.parameters:
        texts = [e.text for e in (*system.states, *system.definitions)]
        texts += [r for k in system.schemes for r in k.rates]
        texts += [t for x in system.exchanges for t in x.texts]
        texts += [s.right for statements in system.events.values() for s in statements]
        texts += [t for c in system.crossings.values() for t in (c.signal, c.level)]
        texts += [t for m in system.measures for t in m.texts]
        if not any(name in expressions.names(t) for t in texts):
            return "which only start values read"
    return ""


def _check_units(system: System, joined: Joined) -> None:
    """What parts could not check alone: names of others, sums, start values, events, measures."""
    of = {e.name: units.unit(e.unit).dimension for e in system.recordable.values()}
    of |= {p.name: units.unit(p.unit).dimension for p in system.parameters}
    of |= {m.name: units.unit(m.unit).dimension for m in system.measures}
    carried = {p.name: p.unit for e in joined.events.values() for p in e.carries}
    of |= {n: units.unit(u).dimension for n, u in carried.items()}
    for one in system.driven:
        of |= one.dimensions
    of |= {c.name: units.NONE for chances in system.chances.values() for c in chances}
    for x in system.exchanges:
        for name, slope in x.slopes.items():
            unit = system.recordable[name].unit
            check_unit(f"0*({unit})/s{slope}", unit, of, f"exchange of '{name}'", per_second=True)
    for e in system.recordable.values():
        check_unit(
            e.text,
            e.unit,
            of,
            f"part '{joined.owner[e.name]}', equation of '{e.name}'",
            per_second=e.differential,
        )
    known = carried | {e.name: e.unit for e in system.recordable.values()}
    known |= {m.name: m.unit for m in system.measures}
    for name, text in system.initial.items():
        check_unit(text, known[name], of, f"part '{joined.owner[name]}', start value of '{name}'")
    for event, statements in system.events.items():
        for s in statements:
            check_unit(s.right, known[s.name], of, f"on '{event}', '{s.name}'")
    for event, crossing in system.crossings.items():
        check_unit(f"{crossing.signal} > {crossing.level}", "1", of, event)
    for m in system.measures:
        for text in m.texts:
            check_unit(text, m.unit, of, f"measure '{m.name}'", per_second=m.rate is not None)
