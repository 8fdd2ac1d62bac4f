"""One run of a model, resolved: all that a script of another simulator has to hold."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.changes import RECORDING
from mgsim.declare.parameter import Parameter
from mgsim.declare.recordings import Recording
from mgsim.declare.window import WINDOW
from mgsim.engines.algebra import follow
from mgsim.engines.updates.stepping import initial_values
from mgsim.engines.updates.timeline import MIDDLE, Timeline
from mgsim.equations import expressions
from mgsim.equations.lines import Equation
from mgsim.exports import words
from mgsim.exports.words import ExportError
from mgsim.sweeps.prepare import Job, prepare
from mgsim.system.lowering import Driven, System


@dataclass(frozen=True)
class Edge:
    """A name that is 1 from ``time`` on (an expression, SI), else 0.

    ``at`` is that time in ms at the start; ``moves``: events change it.
    """

    name: str
    time: str
    at: float
    moves: bool

    @property
    def meaning(self) -> str:
        """For a comment."""
        return f"1 from {self.time if self.moves else f'{self.at:g} ms'} on"


@dataclass(frozen=True)
class Run:
    """A model, a protocol and every number of one run of them.

    Attributes
    ----------
    system : its equations, comparisons with time replaced by the names of ``edges``.
    parameters : those that the equations read, with their values.
    start : of every state, in SI; ``initial`` of the system has most of them as texts too.
    events : times in ms by event; ``chances`` the numbers that each event brings, by name.
    record : what is traced.
    """

    model: Model
    protocol: Protocol
    system: System
    parameters: tuple[Parameter, ...]
    start: Mapping[str, float]
    edges: tuple[Edge, ...]
    events: Mapping[str, tuple[float, ...]]
    chances: Mapping[str, Mapping[str, tuple[float, ...]]]
    record: tuple[str, ...]
    seed: int
    differences: tuple[str, ...]
    job: Job

    @property
    def duration(self) -> float:
        """In ms."""
        return self.protocol.duration

    @property
    def name(self) -> str:
        """A name for files."""
        return re.sub(r"\W+", "_", f"{self.model.name}_{self.protocol.name}").strip("_")

    @property
    def states(self) -> tuple[Equation, ...]:
        """Every state's differential equation, those of kinetic schemes too."""
        return (*self.system.states, *(e for k in self.system.schemes for e in k.equations))

    @property
    def unit_of(self) -> dict[str, str]:
        """The display unit of everything that an equation may name."""
        own = {p.name: p.unit for p in self.parameters}
        own |= {e.name: e.unit for e in self.system.recordable.values()}
        own |= {s.name: "1" for x in self.system.events.values() for s in x if s.name not in own}
        own |= {n: "1" for chances in self.chances.values() for n in chances}
        return {**own, **{edge.name: "1" for edge in self.edges}}

    @property
    def texts(self) -> list[str]:
        """Every expression."""
        found = [e.text for e in (*self.states, *self.system.definitions)]
        found += [*self.system.initial.values(), *(e.time for e in self.edges)]
        return found + [s.right for x in self.system.events.values() for s in x]

    def value(self, text: str) -> float:
        """The number (SI) of an expression of parameters and start values, at time 0."""
        known = {p.name: np.asarray(p.si) for p in self.parameters}
        known |= {n: np.asarray(x) for n, x in self.start.items()}
        known |= {e.name: np.asarray(float(e.at <= 0)) for e in self.edges}
        return float(follow(self.system, {**known, "t": np.asarray(0.0)})(text))

    def _crossings(self) -> list[str]:
        """Crossings that no script detects."""
        others = sorted(self.system.crossings.keys() - {"spike"})
        return [f"crossings: {', '.join(others)}"] if others else []

    def header(self, *more: str) -> list[str]:
        """What stands at the top: what it is, where it is from, what is not in it."""
        model, protocol = self.model, self.protocol
        told = [f"{model.name}: {model.meaning}" if model.meaning else model.name]
        told.append(
            f"protocol {protocol.name}: {protocol.meaning}, {protocol.duration:g} ms"
            + (f", random trains drawn with seed {self.seed}" if self.events else "")
        )
        told += [f"differs from its source: {d}" for d in self.differences]
        parts = (*model.parts, *protocol.stimuli)
        for part in parts:
            told += [f"part {line}" if k == 0 else line for k, line in enumerate(_story(part))]
        told += words.references([*(r for p in parts for r in p.references), *protocol.references])
        told += [
            "not exported: measures and their window, plausible ranges of parameters, ranges in "
            "which parts were measured, how random trains are drawn (their times stand here)",
            *(f"not exported: {line}" for line in (*self._crossings(), *more)),
        ]
        return [*told, words.made()]


def _story(part: Any) -> list[str]:
    return [line for line in words.story(part) if not line.startswith("differs")]


def run_of(
    model: Model,
    protocol: Protocol,
    record: Iterable[str] | None,
    seed: int,
    dt: Any,
    method: str,
    values: Mapping[str, Any],
) -> Run:
    """Check what is asked for as ``simulate`` does, and gather it.

    Raises
    ------
    ExportError
        For more than one run, or a name that stands for two things.
    """
    names = ("v", "ca") if record is None else tuple(record)
    job = prepare(
        model, protocol, (), record=names, seed=seed, dt=dt, method=method, **dict(values)
    )
    request = job.request
    if request.size != 1 or len(request.variants) != 1:
        raise ExportError("one run is exported: give single values, not lists")
    (variant,) = request.variants
    variant = replace(variant, system=_spelt(variant.system, protocol))
    batch = request.batch(variant)
    numbers = {n: float(np.ravel(x)[0]) for n, x in request.values(variant, {}).items()}
    window = {p.name for p in WINDOW}
    stated = [
        (request.stated(variant, p.name, p) or p, numbers[p.name])
        for p in variant.system.parameters
        if p.name not in window
    ]
    parameters = tuple(p if p.value == x else p.set_to(x) for p, x in stated)
    start = {
        n: float(np.ravel(x)[0]) for n, x in initial_values(variant.system, batch.columns).items()
    }
    system, edges = _with_edges(variant.system, {**batch.columns, **start})
    trains = batch.within(system, protocol.duration * 1e-3)
    return Run(
        variant.model,
        protocol,
        system,
        parameters,
        start,
        edges,
        {n: tuple((t.times * 1e3).tolist()) for n, t in trains.items()},
        {
            n: {c.name: tuple(trains[n].chances[:, k].tolist()) for k, c in enumerate(chances)}
            for n, chances in system.chances.items()
            if n in trains
        },
        job.options.record,
        seed,
        tuple(request.differences()),
        job,
    )


#: Points of a recording at most that are written out in equations.
_MOST_POINTS = 400


def _spelt(system: System, protocol: Protocol) -> System:
    """The system with recordings as equations, which other simulators can read."""
    texts: dict[str, str] = {}
    for name, change in protocol.changes.items():
        if change.recording is None:
            continue
        n = len(change.recording.times)
        if n > _MOST_POINTS:
            raise ExportError(
                f"the recording of '{name}' has {n:,} points; a script holds at most "
                f"{_MOST_POINTS}: give fewer, such as every tenth"
            )
        one = next(x for x in system.driven if x.name == f"{name}_{RECORDING}")
        texts[one.name] = _written(change.recording, one)
    return replace(
        system,
        definitions=tuple(replace(e, text=texts.get(e.name, e.text)) for e in system.definitions),
        driven=(),
    )


def _written(recording: Recording, one: Driven) -> str:
    """A recording as one expression in time."""
    unit = recording.unit or one.unit
    x = recording.values
    at = [f"({one.start} + {k!r}*ms)" for k in recording.times]
    rises = np.diff(x) / np.diff(recording.times) if recording.linear else np.zeros(len(x) - 1)
    terms = [
        f"({a!r} + {float(rise)!r}*(t - {k})/ms)*{unit}*int(t > {k})*int(t < {m})"
        for k, m, a, rise in zip(at, at[1:], x, rises, strict=False)
    ]
    terms.append(f"{x[-1]!r}*{unit}*int(t > {at[-1]})")
    while len(terms) > 1:  # a balanced tree, so that no expression grows deep
        last = terms[-1:] if len(terms) % 2 else []
        pairs = zip(terms[::2], terms[1::2], strict=False)
        terms = [f"({a} + {b})" for a, b in pairs] + last
    return terms[0]


def _with_edges(system: System, values: Mapping[str, Any]) -> tuple[System, tuple[Edge, ...]]:
    """The system with names for comparisons with time, and when each of them turns to 1.

    What is exchanged stands in the equations of the states.
    """
    system = replace(
        system, states=tuple(system.recordable[e.name] for e in system.states), exchanges=()
    )
    timeline = Timeline(system)
    taken = {*system.recordable, *(p.name for p in system.parameters)}
    read = follow(system, {**values, "t": np.asarray(0.0)})
    names, edges = {MIDDLE: "t"}, []
    texts = {e.text: timeline.text(e.text) for e in (*system.states, *system.definitions)}
    texts |= {r: timeline.text(r) for k in system.schemes for r in k.rates}
    used = frozenset().union(*map(expressions.names, texts.values()))
    for edge in timeline.edges:
        if edge.flag not in used:
            continue
        time = expressions.rewrite(edge.time, _plain)
        name = f"from_{time}" if time.isidentifier() else edge.flag
        name = edge.flag if name in taken else name
        taken.add(name)
        names[edge.flag] = name
        moves = bool(expressions.behind([time], system.texts) & {*system.state_names})
        edges.append(Edge(name, time, float(np.ravel(read(time))[0]) * 1e3, moves))

    def text(old: str) -> str:
        return expressions.substitute(texts[old], names)

    changed = replace(
        system,
        states=tuple(replace(e, text=text(e.text)) for e in system.states),
        definitions=tuple(replace(e, text=text(e.text)) for e in system.definitions),
        schemes=tuple(
            replace(k, transitions=tuple((a, b, text(f), text(g)) for a, b, f, g in k.transitions))
            for k in system.schemes
        ),
    )
    return changed, tuple(edges)


def _plain(node: ast.expr) -> ast.expr | None:
    """Differences from 0, which have no unit as they stand, as negative terms."""
    match node:
        case ast.BinOp(left=ast.Constant(value=0), op=ast.Sub(), right=x):
            return ast.UnaryOp(ast.USub(), expressions.rewritten(x, _plain))
        case ast.BinOp(left=a, op=ast.Sub(), right=ast.UnaryOp(op=ast.USub(), operand=x)):
            a, x = (expressions.rewritten(y, _plain) for y in (a, x))
            return ast.BinOp(a, ast.Add(), x)
    return None
