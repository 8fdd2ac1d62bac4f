"""A run as a Brian2 script that needs no mgsim."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np

from mgsim.declare.parameter import Parameter
from mgsim.engines.algebra import follow
from mgsim.equations import expressions
from mgsim.equations.lines import Equation
from mgsim.exports import python, words
from mgsim.exports.runs import Run
from mgsim.exports.words import ExportError
from mgsim.sweeps.prepare import prepare

#: Methods that Brian2 and mgsim have alike; steps in ms that are tried, the default first.
METHODS = ("rk4", "rk2")
STEPS = (0.025, 0.01, 0.005, 0.0025, 0.001)
#: A step times the rate at which a state of a kinetic scheme is left, at most: rk4 is unstable
#: from 1.4 on, and this far below it each step is exact to 3e-4 of what decays that fast.
_SHARE = 0.5


def brian2(run: Run, dt: float | None, method: str) -> str:
    """The script; ``dt`` in ms, or None for the largest that suffices.

    Raises
    ------
    ExportError
        For a kinetic scheme that is too fast for the step, or for any.
    """
    step = _step(run, dt)
    off = _off_the_grid(run, step)
    header = run.header(
        "mgsim's own treatment of time: here every step is one of the clock, "
        + (f"so that these are taken at the nearest one: {off}" if off else "and nothing is moved"),
        *(
            ["mgsim's implicit method for kinetic schemes: they are ordinary equations here"]
            if run.system.schemes
            else []
        ),
    )
    about = "\n".join(words.lines(header)).replace("\\", "/").replace('"""', "'''")
    body = "\n\n".join(
        "\n".join(block)
        for block in (
            [f"defaultclock.dt = {step!r}*ms", *_SCHEDULE],
            _parameters(run),
            _equations(run),
            _cell(run, method),
            _starts(run),
            *([_events(run)] if run.events else []),
            _end(run),
        )
    )
    return f'"""{about}\n"""\n\nfrom brian2 import *\n\nprefs.codegen.target = "numpy"\n{body}\n'


_SCHEDULE = [
    "# An event acts at the start of the step that it falls on.",
    'magic_network.schedule = ["start", "thresholds", "synapses", "groups", "resets", "end"]',
]


def _parameters(run: Run) -> list[str]:
    rows = [
        f'    "{p.name}": {python.quantity(p.value, p.unit)},  # {_told(p)}' for p in run.parameters
    ]
    rows += [f'    "{n}": {right},' for n, right in python.missing(run.texts).items()]
    return ["# Parameters: meaning; source", "parameters = {", *rows, "}"]


def _told(parameter: Parameter) -> str:
    return words.one_line(f"{parameter.meaning}; {parameter.source}")


def _equations(run: Run) -> list[str]:
    lines = [_line(e) for e in (*run.states, *run.system.definitions)]
    lines += [f"{e.name} : 1  # {e.meaning}" for e in run.edges]
    return ['equations = """', *lines, '"""']


def _line(e: Equation) -> str:
    left = f"d{e.name}/dt" if e.differential else e.name
    meaning = f"  # {words.one_line(e.meaning)}" if e.meaning else ""
    return f"{left} = {python.text(e.text)} : {python.unit(e.unit)}{meaning}"


def _cell(run: Run, method: str) -> list[str]:
    spike = ""
    if run.system.spike:
        condition = f"{run.system.spike.signal} > {run.system.spike.level}"
        spike = f'\n    threshold="{condition}",\n    refractory="{condition}",'
    cell = (
        f'cell = NeuronGroup(\n    1,\n    equations,\n    method="{method}",{spike}\n'
        "    namespace=parameters,\n)"
    )
    if not run.edges:
        return [cell]
    steps = "\n".join(
        f"{e.name} = int(t_in_timesteps >= timestep({python.text(e.time)}, dt))" for e in run.edges
    )
    return [
        cell,
        "# What a stimulus is stays through a step",
        f'cell.run_regularly(\n    """\n{steps}\n""",\n    when="before_groups",\n    order=-1,\n)',
    ]


def _starts(run: Run) -> list[str]:
    lines = ["# Start values, in an order in which each finds those that it needs"]
    settled = [n for n in run.system.state_names if n not in run.system.initial]
    if settled:
        lines.append("# (numbers: a kinetic scheme's equilibrium at time 0)")
    lines += [f"cell.{n} = {run.start[n]!r}" for n in settled]
    return lines + [f'cell.{n} = "{text}"' for n, text in run.system.initial.items()]


def _events(run: Run) -> list[str]:
    found = []
    for event, times in run.events.items():
        statements = "\n".join(
            f"{s.name} {'+=' if s.adds else '='} {python.text(s.right)}"
            for s in run.system.events[event]
        )
        at = ", ".join(f"{t:.12g}" for t in times)
        chances = run.chances.get(event, {})
        declared = "; ".join(f"{n} : 1 (constant)" for n in chances).replace("; ", "\\n")
        model = f'\n    "{declared}",' if chances else ""
        found += [
            f"# Events '{event}'",
            f"{event}_times = [{at}]*ms",
            f"{event}_input = SpikeGeneratorGroup("
            f"{max(1, len(times))}, range({len(times)}), {event}_times)",
            f"{event}_synapse = Synapses(\n    {event}_input,\n    cell,{model}"
            f'\n    on_pre="""\n{statements}\n""",\n    namespace=parameters,\n)',
            f"{event}_synapse.connect()",
            *(f"{event}_synapse.{n} = {list(x)!r}" for n, x in chances.items()),
        ]
    return found


def _end(run: Run) -> list[str]:
    names = list(run.record)
    lines = []
    if names:
        lines.append(
            f'traces = StateMonitor(cell, {names!r}, record=True, when="before_groups")'.replace(
                "'", '"'
            )
        )
    if run.system.spike:
        lines.append("spikes = SpikeMonitor(cell)")
    lines += [f"run({run.duration:.12g}*ms)", ""]
    if run.system.spike:
        lines.append('print("spikes at", list(spikes.t/ms), "ms")')
    columns = ["traces.t/ms", *(f"traces.{n}[0]{_by(run.unit_of[n])}" for n in names)]
    heads = ["time [ms]", *(f"{n} [{run.unit_of[n]}]" for n in names)]
    if names:
        lines += [
            "np.savetxt(",
            f'    "{run.name}.csv",',
            f"    np.column_stack([{', '.join(columns)}]),",
            '    delimiter=",",',
            f'    header="{",".join(heads)}",',
            '    comments="",',
            ")",
        ]
    return lines


def _by(text: str) -> str:
    unit = python.prefixed(text)
    return f"/({unit})" if unit else ""


def _off_the_grid(run: Run, dt: float) -> str:
    """What lies between two steps, in words."""

    def between(times: tuple[float, ...]) -> int:
        steps = np.asarray(times) / dt
        return int(np.sum(np.abs(steps - np.round(steps)) > 1e-6))

    inside = [e for e in run.edges if 0 < e.at < run.duration and not e.moves]
    moved = [f"{e.time} ({e.at:.6g} ms)" for e in inside if between((e.at,))]
    moved += [
        f"{n} of {len(times)} events '{event}'"
        for event, times in run.events.items()
        if (n := between(times))
    ]
    return ", ".join(moved)


def _step(run: Run, dt: float | None) -> float:
    """The step in ms."""
    rate = max(_leaving(run), default=0.0) * 1e-3
    if dt is None:
        for step in STEPS:
            if step * rate <= _SHARE:
                return step
    elif dt * rate <= _SHARE:
        return dt
    least = _SHARE / rate
    raise ExportError(
        f"a state of '{run.model.name}' (of a kinetic scheme, or exchanged) is left at "
        f"{rate:.3g}/ms, too fast for "
        + (
            f"Brian2's explicit methods at dt = {dt:g} ms; they need {least:.2g} ms or less"
            if dt is not None
            else f"Brian2's explicit methods: they need a step of {least:.2g} ms; give that as dt "
            "if you can wait; a cell of one compartment can go to NEURON, which is implicit"
        )
    )


def _leaving(run: Run) -> Iterator[float]:
    """The largest rates (1/s) at which states are left, on mgsim's own course of the run."""
    (variant,) = run.job.request.variants
    if not variant.system.implicit:
        return
    read = _course(run)
    for exchange in variant.system.exchanges:
        capacities = dict(exchange.capacities)
        for start, end, forward, backward in exchange.ways:
            for name, rate in ((start, forward), (end, backward)):
                if name in capacities:
                    yield float(np.max(read(f"({rate})/({capacities[name]})")))
    for scheme in variant.system.schemes:
        of: dict[str, np.ndarray | float] = dict.fromkeys(scheme.states, 0.0)
        for start, end, forward, backward in scheme.transitions:
            of[start] = of[start] + read(forward)
            of[end] = of[end] + read(backward)
        for rates in of.values():
            largest = float(np.max(rates))
            yield largest if math.isfinite(largest) else math.inf


def _course(run: Run) -> Callable[[str], np.ndarray]:
    """What evaluates an expression at every step of mgsim's own run."""
    (variant,) = run.job.request.variants
    system = variant.system
    texts = [r for k in system.schemes for r in k.rates]
    texts += [t for x in system.exchanges for t in x.texts]
    names = frozenset().union(*map(expressions.names, texts))
    needed = sorted(names & system.recordable.keys())
    values: dict[str, Any] = {p.name: p.value for p in run.parameters}
    job = prepare(
        run.model, run.protocol, (), record=needed or (run.record[0],), seed=run.seed, **values
    )
    outcome = job.run(np.arange(1), lambda _: None)
    known: dict[str, np.ndarray] = {p.name: np.asarray(p.si) for p in run.parameters}
    known |= {n: x[0] for n, x in outcome.traces.items()}
    known["t"] = np.asarray(outcome.times)
    return follow(system, known)
