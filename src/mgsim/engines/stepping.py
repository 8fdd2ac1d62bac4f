"""One time step of a system as abstract code, the text that every engine runs.

The method ``rk2`` is the midpoint rule for ordinary states and TR-BDF2 (Bank et al. 1985; here
with its middle stage at half the step) for linear kinetic schemes. It is second order, and the
schemes' part is L-stable, conserves their occupancy and keeps it positive. Time enters a step at
its midpoint, so that a jump of a stimulus on the grid never falls inside a step.

``exponential_euler`` is first order: each state moves along its own slope, with what is not linear
in it held for the step. It is what other simulators use by default, and stands here to compare.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from mgsim import expressions, units
from mgsim.component import Scheme
from mgsim.engines.algebra import follow
from mgsim.engines.contract import Outcome
from mgsim.engines.equilibrium import equilibrium, generator
from mgsim.equations import Equation
from mgsim.expressions import substitute
from mgsim.system import System

#: Explicit Runge-Kutta tableaus: rows of stage weights, then the weights of the sum.
TABLEAUS: dict[str, tuple[tuple[tuple[float, ...], ...], tuple[float, ...]]] = {
    "euler": (((),), (1.0,)),
    "rk2": (((), (0.5,)), (0.0, 1.0)),
    "rk4": (((), (0.5,), (0.0, 0.5), (0.0, 0.0, 1.0)), (1 / 6, 1 / 3, 1 / 3, 1 / 6)),
}
#: Every method, the default first.
METHODS = ("rk2", "rk4", "euler", "exponential_euler")
#: An occupancy this far below zero is more than rounding.
NEGATIVE = 1e-12
#: What a step calls whether there was a spike in it (1 or 0), and its time, which means something
#: there only.
SPIKED, SPIKE_TIME = "_crossed", "_t_spike"
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

    def __init__(self, system: System) -> None:
        self.system = system
        self.definitions = {e.name: e for e in system.definitions}
        self.lines: list[tuple[str, str]] = []

    def put(self, name: str, right: str) -> str:
        self.lines.append((name, right))
        return name

    def stage(self, tag: str, at: Mapping[str, str]) -> _Stage:
        return _Stage(self, tag, dict(at))


class _Stage:
    """The system at one point of the step: states by name, definitions computed when needed."""

    def __init__(self, writer: _Writer, tag: str, at: dict[str, str]) -> None:
        self.writer, self.tag, self.at = writer, tag, at

    def text(self, expression: str) -> str:
        """The expression at this stage; definitions that it reads are written first."""
        for name in sorted(expressions.variables(expression)):
            if name in self.writer.definitions and name not in self.at:
                right = self.text(self.writer.definitions[name].text)
                self.at[name] = self.writer.put(f"_{self.tag}_{name}", right)
        return substitute(expression, {"t": "_tm", **self.at})


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

    NaN in a good point is a peak whose window held no step, and nothing else.
    """
    outcome.measures = {m.name: final[m.name] for m in system.measures}
    outcome.check_finite()
    for m in system.measures:
        if m.peak is not None:
            outcome.measures[m.name] = np.where(final[SEEN] > 0, final[m.name], np.nan)
    return outcome


def event_code(system: System, most: int | None = None) -> dict[str, Code]:
    """By event name, what one event at the start of a step does to the states.

    Statements act in their order, each on what the ones before it left, and definitions follow.
    Events at one time act one after another: an engine runs the code once for each, or asks with
    ``most`` for the code of so many in a row, of which the first ``<event>_events`` act.
    """
    result = {}
    for event, statements in system.events.items():
        writer = _Writer(system)
        for turn in range(1 if most is None else most):
            acts = "" if most is None else f"int({event}_events > {turn})*"
            at = {"t": "(t_in_timesteps*dt)"}
            for i, s in enumerate(statements):
                # A stage of its own, so that definitions are those after the statements before.
                right = writer.stage(f"{event}{turn}_{i}", at).text(s.right)
                if s.name == "quanta":
                    at["quanta"] = writer.put(f"_{event}{turn}_quanta{i}", right)
                else:
                    change = right if s.adds else f"{right} - {s.name}"
                    writer.put(s.name, f"{s.name} + {acts}({change})" if s.adds or acts else right)
        result[event] = Code(tuple(writer.lines))
    return result


def step_code(system: System, method: str = "rk2", spikes: bool = False) -> Code:
    """One step of all states, then the measures; needs ``t_in_timesteps`` and ``dt``.

    ``spikes``: also :data:`SPIKED` and :data:`SPIKE_TIME`, in the measuring window or not.
    """
    writer = _Writer(system)
    writer.put("_tm", "(t_in_timesteps + 0.5)*dt")
    inside = writer.put("_inside", "int(_tm > window_start)*int(_tm < window_stop)")
    integrals = tuple(
        Equation(m.name, f"_inside*({m.rate})", m.unit, m.meaning, True) for m in system.integrals
    )
    start = writer.stage("a", {})
    before = None
    if system.spike and (spikes or any(m.on_spike for m in system.measures)):
        before = writer.put("_before", start.text(system.spike[0]))
    if method == "exponential_euler":
        ends = _exponential(writer, start, (*system.states, *integrals))
    else:
        ends = _explicit(writer, start, (*system.states, *integrals), method)
    for name, value in ends.items():
        writer.put(name, value)
    _measures(writer, system, inside, before)
    return Code(tuple(writer.lines))


def _explicit(writer: _Writer, start: _Stage, states: Iterable[Equation],
              method: str) -> dict[str, str]:
    """Runge-Kutta for ordinary states; kinetic schemes go with the midpoint rule."""
    rows, weights = TABLEAUS[method]
    schemes = writer.system.schemes
    if schemes and method != "rk2":
        raise ValueError(f"kinetic schemes need method 'rk2', not '{method}'")
    states = tuple(states)
    integrals = {m.name for m in writer.system.integrals}
    slopes: dict[str, list[str]] = {e.name: [] for e in states}
    middle: list[tuple[str, ...]] = []
    for i, row in enumerate(rows):
        if i == 0:
            stage = start
        else:
            at = {}
            for e in states:
                if e.name not in integrals:
                    total = _weighted(slopes[e.name], row)
                    at[e.name] = writer.put(f"_s{i}_{e.name}", f"{e.name} + dt*({total})")
            stage = writer.stage(f"s{i}", at)
            for scheme in schemes:
                solved = _trapezoid(writer, scheme, start, stage)
                middle.append(solved)
                stage.at.update(zip(scheme.states, solved, strict=True))
        for e in states:
            used = (weights,) if e.name in integrals else (*rows, weights)
            needed = any(r[i] for r in used if len(r) > i)
            slope = writer.put(f"_k{i}_{e.name}", stage.text(e.text)) if needed else ""
            slopes[e.name].append(slope)
    ends = {
        e.name: writer.put(f"_new_{e.name}",
                           f"{e.name} + dt*({_weighted(slopes[e.name], weights)})")
        for e in states
    }  # fmt: skip
    end = writer.stage("z", ends)
    for scheme, mid in zip(schemes, middle, strict=True):
        solved = _backward(writer, scheme, mid, end)
        end.at.update(zip(scheme.states, solved, strict=True))
        ends |= dict(zip(scheme.states, solved, strict=True))
    return ends


def _exponential(writer: _Writer, start: _Stage, states: Iterable[Equation]) -> dict[str, str]:
    """``x + dt f exprel(dt df/dx)``, exact where f is linear in x."""
    if writer.system.schemes:
        raise ValueError("kinetic schemes need method 'rk2', not 'exponential_euler'")
    ends = {}
    for e in states:
        slope = _slope(e.text, e.name, writer.definitions)
        grown = f"*exprel(dt*({start.text(slope)}))" if slope else ""
        f = start.text(e.text)
        ends[e.name] = writer.put(f"_new_{e.name}", f"{e.name} + dt*({f}){grown}")
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


def _rates(writer: _Writer, scheme: Scheme, stage: _Stage, factor: str,
           tag: str) -> dict[tuple[str, str], str]:
    """``factor`` times each transition's rate, by (from, to)."""
    found: dict[tuple[str, str], str] = {}
    for start, end, forward, backward in scheme.transitions:
        for key, rate in (((start, end), forward), ((end, start), backward)):
            if expressions.is_zero(rate):
                continue
            name = f"_{tag}{len(key[0])}_{key[0]}_{key[1]}"  # tells a, b_c from a_b, c
            found[key] = writer.put(name, f"{factor}*({stage.text(rate)})")
    return found


def _trapezoid(writer: _Writer, scheme: Scheme, start: _Stage, middle: _Stage) -> tuple[str, ...]:
    """Occupancies at half the step by the trapezoidal rule, or by backward Euler."""
    here = _rates(writer, scheme, start, "0.25*dt", "ta")
    second = {
        s: writer.put(
            f"_tb_{s}",
            s + "".join(f" + {q}*{a}" for (a, b), q in here.items() if b == s)
              + "".join(f" - {q}*{a}" for (a, _), q in here.items() if a == s),
        )
        for s in scheme.states
    }  # fmt: skip
    first = {s: s for s in scheme.states}
    right, share = _positive(writer, second, first, "t")
    factor = writer.put(f"_tf_{scheme.states[0]}", f"(0.5 - 0.25*{share})*dt")
    return _solve(writer, scheme, _rates(writer, scheme, middle, factor, "tm"), right, "t")


def _backward(writer: _Writer, scheme: Scheme, middle: tuple[str, ...],
              end: _Stage) -> tuple[str, ...]:
    """Occupancies at the end of the step by the second-order backward formula, or by Euler's."""
    first = dict(zip(scheme.states, middle, strict=True))
    second = {s: writer.put(f"_bb_{s}", f"(4*{mid} - {s})/3") for s, mid in first.items()}
    right, share = _positive(writer, second, first, "b")
    factor = writer.put(f"_bf_{scheme.states[0]}", f"(0.5 - {share}/6)*dt")
    return _solve(writer, scheme, _rates(writer, scheme, end, factor, "be"), right, "b")


def _positive(writer: _Writer, second: Mapping[str, str], first: Mapping[str, str],
              tag: str) -> tuple[dict[str, str], str]:
    """The right side of the second-order formula, or Euler's where it would be negative.

    The matrix of a step keeps what is positive positive, so occupancies can turn negative only
    through the right side, when a rate jumps by much within a step. Such a half step is Euler's.
    Also returned: the name of what is 1 for the second-order formula and 0 for Euler's.
    """
    scheme = next(iter(second))
    share = writer.put(f"_{tag}w_{scheme}",
                       "*".join(f"int({right} >= {-NEGATIVE!r})" for right in second.values()))
    right = {s: writer.put(f"_{tag}p_{s}", f"{first[s]} + {share}*({r} - {first[s]})")
             for s, r in second.items()}  # fmt: skip
    return right, share


def _solve(writer: _Writer, scheme: Scheme, rates: Mapping[tuple[str, str], str],
           right: Mapping[str, str], tag: str) -> tuple[str, ...]:
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
        scaled = {b: writer.put(f"_{tag}l{len(p)}_{p}_{b}", f"{q}*{inverse[p]}")
                  for b, q in outgoing.items()}
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
                f"_{tag}c{count}", f"{column_sum[a]} + {column_sum[p]}*{inverse[p]}*{r}")
    solved: dict[str, str] = {}
    last = rows[-1][0]
    for p, incoming_list in reversed(rows):
        total = "".join(f" + {r}*{solved[a]}" for a, r in incoming_list)
        solved[p] = writer.put(f"_{tag}x_{p}", f"{inverse[p]}*({right[p]}{total})")
    others = " - ".join(solved[s] for s in scheme.states if s != last)
    solved[last] = writer.put(f"_{tag}y_{last}", f"1 - {others}" if others else "1")
    return tuple(solved[s] for s in scheme.states)


def _measures(writer: _Writer, system: System, inside: str, before: str | None) -> None:
    """Update the measures that are no integrals, from the states at the end of the step."""
    end = writer.stage("end", {})
    if before and system.spike:
        after = writer.put("_after", end.text(system.spike[0]))
        level = writer.put("_level", end.text(system.spike[1]))
        writer.put(SPIKED, f"int({before} < {level})*int({after} >= {level})")
        writer.put(SPIKE_TIME, f"t_in_timesteps*dt + dt*{SPIKED}*({level} - {before})"
                               f"/({SPIKED}*({after} - {before}) + (1 - {SPIKED}))")
        end.at["t_spike"] = SPIKE_TIME
    for m in system.accumulators:
        if m.peak is not None:
            x = writer.put(f"_at_{m.name}", end.text(m.peak))
            above = writer.put(f"_above_{m.name}", f"{inside}*(1 - {SEEN}*int({x} <= {m.name}))")
            writer.put(m.name, f"{above}*{x} + (1 - {above})*{m.name}")
        when = f"{inside}*{SPIKED}" if m.on_spike is not None else inside
        for s in m.statements:
            right = end.text(s.right)
            change = right if s.adds else f"{right} - {s.name}"
            writer.put(s.name, f"{s.name} + {when}*({change})")
    for flag in flags(system):
        writer.put(flag, f"1 - (1 - {flag})*(1 - {inside})")


def record_code(system: System, record: Iterable[str]) -> Code:
    """What a trace holds at the start of a step, as ``_trace_<name>``."""
    writer = _Writer(system)
    writer.put("_tm", "(t_in_timesteps + 0.5)*dt")
    stage = writer.stage("r", {})
    for name in record:
        writer.put(f"_trace_{name}", stage.text(name))
    return Code(tuple(writer.lines))
