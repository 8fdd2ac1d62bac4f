"""One time step of a system as abstract code, the text that every engine runs.

A step is one substep, or is cut into several: at edges of stimuli and of the measuring window (see
:mod:`mgsim.engines.timeline`), at events, and where the method asks for it. This is the text of one
substep, which starts at ``substep_start`` and is ``substep_width`` wide.

``rk4`` is the classical method of fourth order for ordinary states, ``rk2`` the midpoint rule.
Linear kinetic schemes go with either by TR-BDF2 (Bank et al. 1985; here with its middle stage at
half the step): second order, L-stable, it conserves their occupancy and keeps it positive.

``rk4_local``, the default, is ``rk4`` at a coarse step that is done again in parts by those points
whose stages disagree, so that a spike is as exact as with small steps everywhere.

``exponential_euler`` is first order: each state moves along its own slope, with what is not linear
in it held for the step. It is what other simulators use by default, and stands here to compare.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from mgsim import expressions, units
from mgsim.engines.algebra import follow
from mgsim.engines.contract import LOCAL, Outcome
from mgsim.engines.equilibrium import equilibrium, generator
from mgsim.engines.timeline import MIDDLE, START, WIDTH, Timeline
from mgsim.equations import Equation
from mgsim.expressions import substitute
from mgsim.kinetics import Scheme
from mgsim.system import System

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
#: An occupancy this far below zero is more than rounding.
NEGATIVE = 1e-12
#: What a step calls whether there was a spike in it (1 or 0), and its time, which means something
#: there only; likewise for any other crossing.
SPIKED, SPIKE_TIME = "_crossed_spike", "_time_spike"
#: 1 once a step has ended inside the measuring window: before that a peak means nothing.
SEEN = "window_seen"


@dataclass(frozen=True)
class Code:
    """Assignments ``name = expression``, in order. Names with ``_`` in front are temporary."""

    lines: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        return "\n".join(f"{name} = {right}" for name, right in self.lines)


class _Writer:
    """Gathers assignments; knows which definitions a stage has computed already."""

    def __init__(self, system: System, timeline: Timeline | None = None) -> None:
        self.system, self.timeline = system, timeline
        self.definitions = {e.name: e for e in system.definitions}
        self.lines: list[tuple[str, str]] = []

    def put(self, name: str, right: str) -> str:
        self.lines.append((name, right))
        return name

    def stage(self, tag: str, at: Mapping[str, str], t: str = START) -> _Stage:
        return _Stage(self, tag, {"t": t, "dt": WIDTH, **at})

    def middle(self) -> str:
        return self.put(MIDDLE, f"{START} + 0.5*{WIDTH}")


class _Stage:
    """The system at one point of the step: states by name, definitions computed when needed."""

    def __init__(self, writer: _Writer, tag: str, at: dict[str, str]) -> None:
        self.writer, self.tag, self.at = writer, tag, at

    def text(self, expression: str) -> str:
        """The expression at this stage; definitions that it reads are written first."""
        if self.writer.timeline:
            expression = self.writer.timeline.text(expression)
        for name in sorted(expressions.variables(expression)):
            if name in self.writer.definitions and name not in self.at:
                right = self.text(self.writer.definitions[name].text)
                self.at[name] = self.writer.put(f"_{self.tag}_{name}", right)
        return substitute(expression, self.at)


def initial_values(system: System, columns: Mapping[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The start value of every state in SI, from columns in SI.

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

    read = follow(system, {**columns, "t": np.asarray(0.0)}, start)
    with np.errstate(all="ignore"):  # a start that is not finite is a point that diverged
        states = {n: np.asarray(read(n), dtype=float) for n in system.state_names}
    for measure in system.measures:
        initial = 0.0 if measure.peak else measure.initial
        states[measure.name] = np.asarray(initial * units.unit(measure.unit).factor)
    return states | {flag: np.asarray(0.0) for flag in flags(system)}


def flags(system: System) -> tuple[str, ...]:
    """What is kept from step to step beside the states and the measures, to make sense of them."""
    return (SEEN,) if any(m.peak is not None for m in system.measures) else ()


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
    Events at one time act one after another: an engine runs the code once for each.
    """
    result = {}
    kept = {*system.state_names, *(m.name for m in system.measures)}
    for event, statements in system.events.items():
        writer = _Writer(system)
        at: dict[str, str] = {}
        for i, statement in enumerate(statements):
            # A stage of its own, so that definitions are those after the statements before.
            right = writer.stage(f"{event}_{i}", at).text(statement.right)
            if statement.name not in kept:  # what the event carries
                at[statement.name] = writer.put(f"_{event}_{statement.name}{i}", right)
            else:
                before = f"{statement.name} + " if statement.adds else ""
                writer.put(statement.name, f"{before}{right}")
        result[event] = Code(tuple(writer.lines))
    return result


def step_code(
    system: System, method: str = LOCAL, spikes: bool = False, doubt: bool = False
) -> Code:
    """One substep of all states, then the measures.

    It needs :data:`~mgsim.engines.timeline.START` and ``WIDTH`` in seconds, and the flags of the
    system's edges. ``spikes``: also :data:`SPIKED` and :data:`SPIKE_TIME`, in the measuring window
    or not. ``doubt``: also :data:`DOUBT`.
    """
    timeline = Timeline(system)
    writer = _Writer(system, timeline)
    middle = writer.middle()
    inside = writer.put("_inside", timeline.inside) if system.measures else ""
    integrals = tuple(
        Equation(m.name, f"_inside*({m.rate})", m.unit, m.meaning, True) for m in system.integrals
    )
    start = writer.stage("a", {}, middle if method == "exponential_euler" else START)
    before = {
        event: writer.put(f"_before_{event}", start.text(crossing.signal))
        for event, crossing in system.crossings.items()
        if (spikes and crossing is system.spike) or any(event in m.on for m in system.measures)
    }
    if method == "exponential_euler":
        ends = _exponential(writer, start, (*system.states, *integrals))
    else:
        ends = _explicit(writer, start, (*system.states, *integrals), method, doubt)
    for name, value in ends.items():
        writer.put(name, value)
    _measures(writer, system, inside, before)
    return Code(tuple(writer.lines))


def edge_code(system: System) -> tuple[Timeline, Code]:
    """The edges of a system, and their times as ``_edge_<k>``."""
    writer = _Writer(system)
    timeline = Timeline(system)
    stage = writer.stage("e", {})
    for k, edge in enumerate(timeline.edges):
        writer.put(f"_edge_{k}", stage.text(edge.time))
    return timeline, Code(tuple(writer.lines))


def _explicit(
    writer: _Writer, start: _Stage, states: Iterable[Equation], method: str, doubt: bool
) -> dict[str, str]:
    """Runge-Kutta for ordinary states; the implicit steps of kinetic schemes go with it.

    A scheme's middle is solved where a stage first needs it, its end where the last stage does, or
    from the new states.
    """
    rows, weights = TABLEAUS[method]
    schemes = writer.system.schemes
    if schemes and method not in IMPLICIT:
        raise ValueError(f"kinetic schemes need method {_or(IMPLICIT)}, not '{method}'")
    states = tuple(states)
    integrals = {m.name for m in writer.system.integrals}
    slopes: dict[str, list[str]] = {e.name: [] for e in states}
    middle: dict[str, str] = {}
    last: dict[str, str] = {}
    for i, row in enumerate(rows):
        if i == 0:
            stage = start
        else:
            at = {}
            for e in states:
                if e.name not in integrals:
                    total = _weighted(slopes[e.name], row)
                    at[e.name] = writer.put(f"_s{i}_{e.name}", f"{e.name} + {WIDTH}*({total})")
            end = sum(row) == 1
            stage = writer.stage(f"s{i}", at, f"({START} + {WIDTH})" if end else MIDDLE)
            for scheme in schemes:
                if end:
                    last |= _backward(writer, scheme, middle, stage)
                elif scheme.states[0] not in middle:
                    middle |= _trapezoid(writer, scheme, start, stage)
                solved = last if end else middle
                stage.at.update({s: solved[s] for s in scheme.states})
        for e in states:
            used = (weights,) if e.name in integrals else (*rows, weights)
            needed = any(r[i] for r in used if len(r) > i)
            slope = writer.put(f"_k{i}_{e.name}", stage.text(e.text)) if needed else ""
            slopes[e.name].append(slope)
    ends = {
        e.name: writer.put(
            f"_new_{e.name}", f"{e.name} + {WIDTH}*({_weighted(slopes[e.name], weights)})"
        )
        for e in states
    }
    if schemes and not last:
        new = writer.stage("z", ends, f"({START} + {WIDTH})")
        for scheme in schemes:
            solved = _backward(writer, scheme, middle, new)
            new.at.update(solved)
            last |= solved
    if doubt:
        _doubt(writer, slopes, middle, last)
    return ends | last


def _doubt(
    writer: _Writer,
    slopes: Mapping[str, list[str]],
    middle: Mapping[str, str],
    last: Mapping[str, str],
) -> None:
    """The sum of squares of what the middle slopes disagree by, over what they may."""
    terms = []
    for e in writer.system.states:
        if expressions.is_zero(e.text):
            continue
        dimension = units.unit(e.unit).dimension
        by = {units.unit("V").dimension: repr(POTENTIAL), units.NONE: repr(NUMBER)}.get(
            dimension, f"({SHARE!r}*(abs({e.name}) + abs({WIDTH}*{slopes[e.name][0]})) + 1e-30)"
        )
        apart = f"{WIDTH}/3*({slopes[e.name][2]} - {slopes[e.name][1]})"
        terms.append(writer.put(f"_apart_{e.name}", f"{apart}/{by}"))
    terms += [
        writer.put(f"_apart_{s}", f"({new} - 2*{middle[s]} + {s})/{OCCUPANCY!r}")
        for s, new in last.items()
    ]
    writer.put(DOUBT, " + ".join(f"{t}**2" for t in terms) or "0")


def _or(names: Iterable[str]) -> str:
    *first, final = (f"'{n}'" for n in names)
    return f"{', '.join(first)} or {final}"


def _exponential(writer: _Writer, start: _Stage, states: Iterable[Equation]) -> dict[str, str]:
    """``x + dt f exprel(dt df/dx)``, exact where f is linear in x."""
    if writer.system.schemes:
        raise ValueError(f"kinetic schemes need method {_or(IMPLICIT)}, not 'exponential_euler'")
    ends = {}
    for e in states:
        slope = _slope(e.text, e.name, writer.definitions)
        grown = f"*exprel({WIDTH}*({start.text(slope)}))" if slope else ""
        f = start.text(e.text)
        ends[e.name] = writer.put(f"_new_{e.name}", f"{e.name} + {WIDTH}*({f}){grown}")
    return ends


def _slope(text: str, x: str, definitions: Mapping[str, Equation]) -> str:
    """d(text)/dx where text is linear in x; factors that are not linear in x are held. '' is 0."""

    def walk(node: ast.expr) -> str:
        match node:
            case ast.Name(id=name) if name == x:
                return "1"
            case ast.Name(id=name) if name in definitions:
                return walk(expressions.parse(definitions[name].text))
            case ast.UnaryOp(op=ast.USub(), operand=a):
                return f"-({walk(a)})" if walk(a) else ""
            case ast.BinOp(left=a, op=ast.Add() | ast.Sub() as op, right=b):
                sign = "+" if isinstance(op, ast.Add) else "-"
                terms = walk(a), walk(b)
                return f"({terms[0] or 0} {sign} {terms[1] or 0})" if any(terms) else ""
            case ast.BinOp(left=a, op=ast.Mult(), right=b):
                da, db = walk(a), walk(b)
                if bool(da) == bool(db):
                    return ""
                return f"({da})*({ast.unparse(b)})" if da else f"({ast.unparse(a)})*({db})"
            case ast.BinOp(left=a, op=ast.Div(), right=b):
                return f"({walk(a)})/({ast.unparse(b)})" if walk(a) and not walk(b) else ""
        return ""

    return walk(expressions.parse(text))


def _weighted(slopes: list[str], weights: tuple[float, ...]) -> str:
    terms = [s if w == 1 else f"{w!r}*{s}" for s, w in zip(slopes, weights, strict=False) if w]
    return " + ".join(terms)


def _rates(
    writer: _Writer, scheme: Scheme, stage: _Stage, factor: str, tag: str
) -> dict[tuple[str, str], str]:
    """``factor`` times each transition's rate, by (from, to)."""
    found: dict[tuple[str, str], str] = {}
    for start, end, forward, backward in scheme.transitions:
        for key, rate in (((start, end), forward), ((end, start), backward)):
            if expressions.is_zero(rate):
                continue
            name = f"_{tag}{len(key[0])}_{key[0]}_{key[1]}"  # tells a, b_c from a_b, c
            found[key] = writer.put(name, f"{factor}*({stage.text(rate)})")
    return found


def _trapezoid(writer: _Writer, scheme: Scheme, start: _Stage, middle: _Stage) -> dict[str, str]:
    """Occupancies at half the step by the trapezoidal rule, or by backward Euler."""
    here = _rates(writer, scheme, start, f"0.25*{WIDTH}", "ta")
    second = {
        s: writer.put(
            f"_tb_{s}",
            s
            + "".join(f" + {q}*{a}" for (a, b), q in here.items() if b == s)
            + "".join(f" - {q}*{a}" for (a, _), q in here.items() if a == s),
        )
        for s in scheme.states
    }
    first = {s: s for s in scheme.states}
    right, share = _positive(writer, second, first, "t")
    factor = writer.put(f"_tf_{scheme.states[0]}", f"(0.5 - 0.25*{share})*{WIDTH}")
    return _solve(writer, scheme, _rates(writer, scheme, middle, factor, "tm"), right, "t")


def _backward(
    writer: _Writer, scheme: Scheme, middle: Mapping[str, str], end: _Stage
) -> dict[str, str]:
    """Occupancies at the end of the step by the second-order backward formula, or by Euler's."""
    first = {s: middle[s] for s in scheme.states}
    second = {s: writer.put(f"_bb_{s}", f"(4*{mid} - {s})/3") for s, mid in first.items()}
    right, share = _positive(writer, second, first, "b")
    factor = writer.put(f"_bf_{scheme.states[0]}", f"(0.5 - {share}/6)*{WIDTH}")
    return _solve(writer, scheme, _rates(writer, scheme, end, factor, "be"), right, "b")


def _positive(
    writer: _Writer, second: Mapping[str, str], first: Mapping[str, str], tag: str
) -> tuple[dict[str, str], str]:
    """The right side of the second-order formula, or Euler's where it would be negative.

    The matrix of a step keeps what is positive positive, so occupancies can turn negative only
    through the right side, when a rate jumps by much within a step. Such a half step is Euler's.
    Also returned: the name of what is 1 for the second-order formula and 0 for Euler's.
    """
    scheme = next(iter(second))
    share = writer.put(
        f"_{tag}w_{scheme}", "*".join(f"int({right} >= {-NEGATIVE!r})" for right in second.values())
    )
    right = {
        s: writer.put(f"_{tag}p_{s}", f"{first[s]} + {share}*({r} - {first[s]})")
        for s, r in second.items()
    }
    return right, share


def _solve(
    writer: _Writer,
    scheme: Scheme,
    rates: Mapping[tuple[str, str], str],
    right: Mapping[str, str],
    tag: str,
) -> dict[str, str]:
    """Solve ``(I - A) x = b`` by elimination without subtraction.

    Columns of ``I - A`` sum to 1, so each pivot is its column's sum plus what flows out; computing
    it so loses no digits however stiff the scheme is. The state with most neighbours goes last, and
    takes up the rounding so that the occupancies sum to 1.
    """
    flow = {(a, b): name for (a, b), name in rates.items()}  # from, to
    column_sum = dict.fromkeys(scheme.states, "1")
    right = dict(right)
    left = list(scheme.states)
    inverse: dict[str, str] = {}
    rows: list[tuple[str, list[tuple[str, str]]]] = []
    count = 0
    while left:
        degree = {s: len({a if b == s else b for a, b in flow if s in (a, b)}) for s in left}
        p = min(left, key=lambda s: degree[s])
        left.remove(p)
        outgoing = {b: q for (a, b), q in flow.items() if a == p}
        incoming = {a: q for (a, b), q in flow.items() if b == p}
        pivot = " + ".join([column_sum[p], *outgoing.values()])
        inverse[p] = writer.put(f"_{tag}i_{p}", f"1/({pivot})")
        rows.append((p, list(incoming.items())))
        flow = {k: q for k, q in flow.items() if p not in k}
        scaled = {
            b: writer.put(f"_{tag}l{len(p)}_{p}_{b}", f"{q}*{inverse[p]}")
            for b, q in outgoing.items()
        }
        for b, q in scaled.items():
            count += 1
            right[b] = writer.put(f"_{tag}r{count}", f"{right[b]} + {q}*{right[p]}")
            for a, r in incoming.items():
                if a != b:
                    count += 1
                    old = f"{flow[a, b]} + " if (a, b) in flow else ""
                    flow[a, b] = writer.put(f"_{tag}q{count}", f"{old}{q}*{r}")
        for a, r in incoming.items():
            count += 1
            column_sum[a] = writer.put(
                f"_{tag}c{count}", f"{column_sum[a]} + {column_sum[p]}*{inverse[p]}*{r}"
            )
    solved: dict[str, str] = {}
    last = rows[-1][0]
    for p, incoming_list in reversed(rows):
        total = "".join(f" + {r}*{solved[a]}" for a, r in incoming_list)
        solved[p] = writer.put(f"_{tag}x_{p}", f"{inverse[p]}*({right[p]}{total})")
    others = " - ".join(solved[s] for s in scheme.states if s != last)
    solved[last] = writer.put(f"_{tag}y_{last}", f"1 - {others}" if others else "1")
    return {s: solved[s] for s in scheme.states}


def _measures(writer: _Writer, system: System, inside: str, before: Mapping[str, str]) -> None:
    """Update the measures that are no integrals, from the states at the end of the substep."""
    end = writer.stage("end", {}, f"({START} + {WIDTH})")
    crossed: dict[str, str] = {}
    for event, old in before.items():
        crossing = system.crossings[event]
        new = writer.put(f"_after_{event}", end.text(crossing.signal))
        level = writer.put(f"_level_{event}", end.text(crossing.level))
        here = writer.put(f"_crossed_{event}", f"int({old} < {level})*int({new} >= {level})")
        crossed[event] = f"{inside}*{here}"
        end.at[crossing.time] = writer.put(
            f"_time_{event}",
            f"{START} + {WIDTH}*{here}*({level} - {old})/({here}*({new} - {old}) + (1 - {here}))",
        )
    for m in system.accumulators:
        if m.peak is not None:
            x = writer.put(f"_at_{m.name}", end.text(m.peak))
            above = writer.put(f"_above_{m.name}", f"{inside}*(1 - {SEEN}*int({x} <= {m.name}))")
            writer.put(m.name, f"{above}*{x} + (1 - {above})*{m.name}")
        for what, when in ((None, inside), *crossed.items()):  # type: tuple[str | None, str]
            for s in m.statements(what):
                right = end.text(s.right)
                change = right if s.adds else f"{right} - {s.name}"
                writer.put(s.name, f"{s.name} + {when}*({change})")
    for flag in flags(system):
        writer.put(flag, f"1 - (1 - {flag})*(1 - {inside})")


def record_code(system: System, record: Iterable[str]) -> Code:
    """What a trace holds at the start of a substep, as ``_trace_<name>``."""
    writer = _Writer(system, Timeline(system))
    writer.middle()
    stage = writer.stage("r", {})
    for name in record:
        writer.put(f"_trace_{name}", stage.text(name))
    return Code(tuple(writer.lines))
