"""One time step of a system as abstract code, the text that every engine runs.

A step is one substep, or is cut into several: at edges of stimuli and of the measuring window (see
:mod:`mgsim.engines.updates.timeline`), at events, and where the method asks for it. This is the
text of one substep, which starts at ``substep_start`` and is ``substep_width`` wide.

``rk4`` is the classical method of fourth order for ordinary states, ``rk2`` the midpoint rule.
Linear kinetic schemes and exchange between states go with either by TR-BDF2 (see
:mod:`mgsim.engines.updates.implicit`): second order, L-stable, it conserves what moves, and keeps
occupancies positive.

``rk4_local``, the default, is ``rk4`` at a coarse step that is done again in parts by those points
whose stages disagree, so that a spike is as exact as with small steps everywhere.

``exponential_euler`` is first order: each state moves along its own slope, with what is not linear
in it held for the step. It is what other simulators use by default, and stands here to compare.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from mgsim import units
from mgsim.compose.measure import Measure
from mgsim.engines.algebra import follow
from mgsim.engines.contract import LOCAL, Outcome
from mgsim.engines.updates.equilibrium import equilibrium, generator
from mgsim.engines.updates.implicit import Exchanging, backward, trapezoid
from mgsim.engines.updates.leaping import above, cut, watched
from mgsim.engines.updates.timeline import MIDDLE, START, WIDTH, Timeline
from mgsim.engines.updates.writing import Code, Stage, Writer, slope_of, weighted
from mgsim.equations import expressions
from mgsim.equations.lines import Equation
from mgsim.system.lowering import System

#: Explicit Runge-Kutta tableaus: rows of stage weights, then the weights of the sum.
TABLEAUS: dict[str, tuple[tuple[tuple[float, ...], ...], tuple[float, ...]]] = {
    "euler": (((),), (1.0,)),
    "rk2": (((), (0.5,)), (0.0, 1.0)),
    "rk4": (((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)), (1 / 6, 1 / 3, 1 / 3, 1 / 6)),
}
TABLEAUS[LOCAL] = TABLEAUS["rk4"]
#: Every method, the default first.
METHODS = (LOCAL, "rk4", "rk2", "euler", "exponential_euler")
#: Methods that a kinetic scheme can go with.
IMPLICIT = (LOCAL, "rk4", "rk2")
#: How far the middle slopes of rk4_local may lie apart, times a third of the step, before a point
#: asks for parts: in V, without a unit, and as a share of the state for any other unit.
POTENTIAL, NUMBER, SHARE = 3e-5, 3e-3, 3e-3
#: How far an occupancy in the middle of a coarse step may lie from the line between its ends,
#: twice, before a point asks for parts.
OCCUPANCY = 1e-4
#: All of them: what rk4_local's numbers depend on besides its step.
TOLERANCES = (POTENTIAL, NUMBER, SHARE, OCCUPANCY)
#: What a coarse step calls how far it is from being good enough: beyond 1, or NaN, it is not.
DOUBT = "_doubt"
#: What a step calls whether there was a spike in it (1 or 0), and its time, which means something
#: there only; likewise for any other crossing.
SPIKED, SPIKE_TIME = "_crossed_spike", "_time_spike"
#: 1 once a peak was looked at inside the measuring window: before that it means nothing.
SEEN = "window_seen"


def initial_values(
    system: System,
    columns: Mapping[str, np.ndarray],
    known: Mapping[str, np.ndarray] = MappingProxyType({}),
    t: float = 0.0,
) -> dict[str, np.ndarray]:
    """The start value of every state in SI, from columns in SI, and what is ``known`` at ``t``.

    Raises
    ------
    PartError
        Where a scheme that starts at its equilibrium has no single one.
    """
    settled = {s: k for k in system.schemes if k.start == "equilibrium" for s in k.states}

    def start(name: str) -> dict[str, np.ndarray]:
        if name in system.initial:
            return {name: read(system.initial[name])}
        return equilibrium(settled[name], generator(settled[name], read))

    read = follow(system, {**columns, **known, "t": np.asarray(t)}, start)
    with np.errstate(all="ignore"):  # a start that is not finite is a point that diverged
        states = {n: np.asarray(read(n), dtype=float) for n in system.state_names}
    for measure in system.measures:
        initial = 0.0 if measure.peak else measure.initial
        states[measure.name] = np.asarray(initial * units.unit(measure.unit).factor)
    return states | {flag: np.asarray(0.0) for flag in flags(system)}


def flags(system: System) -> tuple[str, ...]:
    """What is kept from step to step beside the states and the measures, to make sense of them."""
    seen = (SEEN,) if any(m.peak is not None for m in system.measures) else ()
    return (*seen, *map(above, watched(system)))


def carried(system: System) -> tuple[str, ...]:
    """Every name kept from step to step: states, measures, flags."""
    return (*system.state_names, *(m.name for m in system.measures), *flags(system))


def conclude(system: System, final: Mapping[str, np.ndarray], outcome: Outcome) -> Outcome:
    """Put the measures into an outcome from what was carried to the end, and check all of it.

    NaN in a good point is a peak whose window never came, and nothing else.
    """
    outcome.measures = {m.name: final[m.name] for m in system.measures}
    outcome.check_finite()
    for m in system.measures:
        if m.peak is not None:
            outcome.measures[m.name] = np.where(final[SEEN] > 0, final[m.name], np.nan)
    return outcome


def event_code(system: System) -> dict[str, Code]:
    """By event name, what one event at ``substep_start`` does to the states.

    Statements act in their order, each on what the ones before it left, and definitions follow.
    Events at one time act one after another: an engine runs the code once for each. A peak of what
    an event makes jump is looked at just after it too.
    """
    result = {}
    kept = {*system.state_names, *(m.name for m in system.measures)}
    for event, statements in system.events.items():
        writer = Writer(system)
        at: dict[str, str] = {}
        for i, statement in enumerate(statements):
            # A stage of its own, so that definitions are those after the statements before.
            right = writer.stage(f"{event}_{i}", at).text(statement.right)
            if statement.name not in kept:  # what the event carries
                at[statement.name] = writer.put(f"_{event}_{statement.name}{i}", right)
            else:
                before = f"{statement.name} + " if statement.adds else ""
                writer.put(statement.name, f"{before}{right}")
        changed = {s.name for s in statements}
        peaks = [m for m in system.measures if m.peak is not None]
        if any(expressions.behind([m.peak or "0"], system.texts) & changed for m in peaks):
            after = writer.stage(f"{event}_after", at)
            inside = writer.put("_inside", after.text(system.inside))
            _peaks(writer, peaks, after, inside, "at")
            writer.put(SEEN, f"1 - (1 - {SEEN})*(1 - {inside})")
        result[event] = Code(tuple(writer.lines))
    return result


def step_code(
    system: System, method: str = LOCAL, spikes: bool = False, doubt: bool = False
) -> Code:
    """One substep of all states, then the measures.

    It needs :data:`~mgsim.engines.updates.timeline.START` and ``WIDTH`` in seconds, and the flags
    of the system's edges. ``spikes``: also :data:`SPIKED` and :data:`SPIKE_TIME`, in the measuring
    window or not. ``doubt``: also :data:`DOUBT`.
    """
    timeline = Timeline(system)
    writer = Writer(system, timeline)
    middle = writer.middle()
    inside = writer.put("_inside", timeline.inside) if system.measures else ""
    integrals = tuple(
        Equation(m.name, f"_inside*({m.rate})", m.unit, m.meaning, True) for m in system.integrals
    )
    start = writer.stage("a", {}, middle if method == "exponential_euler" else START)
    before = _before(writer, start, method, spikes)
    seen = _after_edges(writer, timeline, start, method, inside)
    if method == "exponential_euler":
        ends = _exponential(writer, start, (*system.states, *integrals))
    else:
        ends = _explicit(writer, start, (*system.states, *integrals), method, doubt)
    for name, value in ends.items():
        writer.put(name, value)
    _measures(writer, system, inside, before, seen)
    return Code(tuple(writer.lines))


def edge_code(system: System) -> tuple[Timeline, Code]:
    """The edges of a system, their times as ``_edge_<k>``; recordings start at ``_begin_<k>``."""
    writer = Writer(system)
    timeline = Timeline(system)
    stage = writer.stage("e", {})
    for k, edge in enumerate(timeline.edges):
        writer.put(f"_edge_{k}", stage.text(edge.time))
    for k, one in enumerate(system.driven):
        writer.put(f"_begin_{k}", stage.text(one.start))
    return timeline, Code(tuple(writer.lines))


def _explicit(
    writer: Writer, start: Stage, states: Iterable[Equation], method: str, doubt: bool
) -> dict[str, str]:
    """Runge-Kutta for ordinary states; the implicit steps of kinetic schemes go with it.

    A scheme's middle is solved where a stage first needs it, its end where the last stage does, or
    from the new states.
    """
    rows, weights = TABLEAUS[method]
    schemes = writer.system.schemes
    _check_implicit(writer.system, method)
    states = tuple(states)
    integrals = {m.name for m in writer.system.integrals}
    exchanges = [Exchanging(writer, x, start) for x in writer.system.exchanges]
    plain = [e.name for e in states if not any(e.name in x.states for x in exchanges)]
    slopes: dict[str, list[str]] = {e.name: [] for e in states}
    middle: dict[str, str] = {}
    last: dict[str, str] = {}
    for i, row in enumerate(rows):
        if i == 0:
            stage = start
        else:
            at = {
                n: writer.put(f"_s{i}_{n}", f"{n} + {WIDTH}*({weighted(slopes[n], row)})")
                for n in plain
                if n not in integrals
            }
            end = sum(row) == 1
            stage = writer.stage(f"s{i}", at, f"({START} + {WIDTH})" if end else MIDDLE)
            for exchange in exchanges:
                stage.at |= (exchange.whole if end else exchange.half)(stage, row, slopes)
            for scheme in schemes:
                if end:
                    last |= backward(writer, scheme, middle, stage)
                elif scheme.states[0] not in middle:
                    middle |= trapezoid(writer, scheme, start, stage)
                solved = last if end else middle
                stage.at.update({s: solved[s] for s in scheme.states})
        for e in states:
            used = (weights,) if e.name in integrals else (*rows, weights)
            needed = any(r[i] for r in used if len(r) > i)
            slope = writer.put(f"_k{i}_{e.name}", stage.text(e.text)) if needed else ""
            slopes[e.name].append(slope)
    ends = {
        n: writer.put(f"_new_{n}", f"{n} + {WIDTH}*({weighted(slopes[n], weights)})") for n in plain
    }
    new = writer.stage("z", ends, f"({START} + {WIDTH})")
    for exchange in exchanges:
        ends |= exchange.whole(new, weights, slopes)
    new.at |= ends
    for scheme in schemes if not last else ():
        solved = backward(writer, scheme, middle, new)
        new.at.update(solved)
        last |= solved
    if doubt:
        _doubt(writer, slopes, middle, last, exchanges)
    return ends | last


def _doubt(
    writer: Writer,
    slopes: Mapping[str, list[str]],
    middle: Mapping[str, str],
    last: Mapping[str, str],
    exchanges: Iterable[Exchanging],
) -> None:
    """The sum of squares of what the middle slopes disagree by, over what they may."""
    terms = []
    exchanged = {s: text for x in exchanges for s, text in x.apart().items()}
    for e in writer.system.states:
        if expressions.is_zero(e.text) and e.name not in exchanged:
            continue
        dimension = units.unit(e.unit).dimension
        by = {units.unit("V").dimension: repr(POTENTIAL), units.NONE: repr(NUMBER)}.get(
            dimension, f"({SHARE!r}*(abs({e.name}) + abs({WIDTH}*{slopes[e.name][0]})) + 1e-30)"
        )
        apart = f"{WIDTH}/3*({slopes[e.name][2]} - {slopes[e.name][1]})"
        apart = exchanged.get(e.name, apart)
        terms.append(writer.put(f"_apart_{e.name}", f"{apart}/{by}"))
    terms += [
        writer.put(f"_apart_{s}", f"({new} - 2*{middle[s]} + {s})/{OCCUPANCY!r}")
        for s, new in last.items()
    ]
    writer.put(DOUBT, " + ".join(f"{t}**2" for t in terms) or "0")


def _check_implicit(system: System, method: str) -> None:
    if system.implicit and method not in IMPLICIT:
        what = "kinetic schemes need" if system.schemes else "exchange between states needs"
        *first, final = (f"'{n}'" for n in IMPLICIT)
        raise ValueError(f"{what} method {', '.join(first)} or {final}, not '{method}'")


def _exponential(writer: Writer, start: Stage, states: Iterable[Equation]) -> dict[str, str]:
    """``x + dt f exprel(dt df/dx)``, exact where f is linear in x."""
    _check_implicit(writer.system, "exponential_euler")
    ends = {}
    for e in states:
        slope = slope_of(e.text, e.name, writer.definitions)
        grown = f"*exprel({WIDTH}*({start.text(slope)}))" if slope else ""
        f = start.text(e.text)
        ends[e.name] = writer.put(f"_new_{e.name}", f"{e.name} + {WIDTH}*({f}){grown}")
    return ends


@dataclass(frozen=True)
class _Before:
    """A crossing at the start of a substep: the signal, its level, and whether it jumped past it.

    The names of what is written; ``level`` is empty where it is that of the end.
    """

    signal: str
    level: str
    leapt: str


def _before(writer: Writer, start: Stage, method: str, spikes: bool) -> dict[str, _Before]:
    """The crossings that are looked for, as they are at the start of the substep."""
    system, found = writer.system, {}
    fixed = {p.name for p in system.parameters}
    leaping = watched(system)
    for event, c in system.crossings.items():
        asked = any(event in m.on for m in system.measures)
        if not (asked or event in leaping or (spikes and c is system.spike)):
            continue
        moves = "t" in expressions.names(c.level) or not expressions.variables(c.level) <= fixed
        at = start
        if method == "exponential_euler" and (moves or event in leaping):
            at = writer.stage(f"b_{event}", {})
        signal = writer.put(f"_before_{event}", at.text(c.signal))
        level = writer.put(f"_floor_{event}", at.text(c.level)) if moves else ""
        leapt = ""
        if event in leaping:
            here = f"int({signal} >= {level or at.text(c.level)})"
            leapt = writer.put(f"_leapt_{event}", f"(1 - {above(event)})*{here}")
        found[event] = _Before(signal, level, leapt)
    return found


def _after_edges(
    writer: Writer, timeline: Timeline, start: Stage, method: str, inside: str
) -> dict[str, str]:
    """Look at the peaks that an edge makes jump at the start of the substep too.

    Whether each was looked at inside the window by then, by measure.
    """
    system = writer.system
    peaks = [m for m in system.measures if m.peak is not None and cut(system, [m.peak], timeline)]
    if not peaks:
        return {}
    at = writer.stage("f", {}) if method == "exponential_euler" else start
    _peaks(writer, peaks, at, inside, "first")
    return dict.fromkeys(
        (m.name for m in peaks), writer.put("_looked", f"1 - (1 - {SEEN})*(1 - {inside})")
    )


def _measures(
    writer: Writer,
    system: System,
    inside: str,
    before: Mapping[str, _Before],
    seen: Mapping[str, str],
) -> None:
    """Update the measures that are no integrals, from the states at the end of the substep."""
    end = writer.stage("end", {}, f"({START} + {WIDTH})")
    crossed: dict[str, str] = {}
    for event, at in before.items():
        crossing, old = system.crossings[event], at.signal
        new = writer.put(f"_after_{event}", end.text(crossing.signal))
        level = writer.put(f"_level_{event}", end.text(crossing.level))
        first, moved = at.level or level, f" - ({level} - {at.level})" if at.level else ""
        here = writer.put(
            f"_{'passed' if at.leapt else 'crossed'}_{event}",
            f"int({old} < {first})*int({new} >= {level})",
        )
        end.at[crossing.time] = writer.put(
            f"_time_{event}",
            f"{START} + {WIDTH}*{here}*({first} - {old})"
            f"/({here}*({new} - {old}{moved}) + (1 - {here}))",
        )
        if at.leapt:  # one or the other: past the level at the start, or not yet
            here = writer.put(f"_crossed_{event}", f"{here} + {at.leapt}")
            writer.put(above(event), f"int({new} >= {level})")
        crossed[event] = f"{inside}*{here}"
    peaks = [m for m in system.accumulators if m.peak is not None]
    _peaks(writer, peaks, end, inside, "at", seen)
    for m in system.accumulators:
        for what, when in ((None, inside), *crossed.items()):  # type: tuple[str | None, str]
            for s in m.statements(what):
                right = end.text(s.right)
                change = right if s.adds else f"{right} - {s.name}"
                writer.put(s.name, f"{s.name} + {when}*({change})")
    if SEEN in flags(system):
        writer.put(SEEN, f"1 - (1 - {SEEN})*(1 - {inside})")


def _peaks(
    writer: Writer,
    measures: Sequence[Measure],
    at: Stage,
    inside: str,
    tag: str,
    looked: Mapping[str, str] = MappingProxyType({}),
) -> None:
    """Update peaks from the states at a stage; the flag of the window comes after all of them.

    ``looked``: by measure, what says it in place of the flag.
    """
    for m in measures:
        seen = looked.get(m.name, SEEN)
        x = writer.put(f"_{tag}_{m.name}", at.text(m.peak or ""))
        above = writer.put(f"_above_{m.name}", f"{inside}*(1 - {seen}*int({x} <= {m.name}))")
        writer.put(m.name, f"{above}*{x} + (1 - {above})*{m.name}")


def record_code(system: System, record: Iterable[str]) -> Code:
    """What a trace holds at the start of a substep, as ``_trace_<name>``."""
    writer = Writer(system, Timeline(system))
    writer.middle()
    stage = writer.stage("r", {})
    for name in record:
        writer.put(f"_trace_{name}", stage.text(name))
    return Code(tuple(writer.lines))
