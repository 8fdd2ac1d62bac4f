"""The abstract code of a step as a graph: what is read, what is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mgsim.engines import stepping
from mgsim.engines.fused.graph import LANE, POINT, STEP, UNIFORM, Graph, Node
from mgsim.engines.stepping import Code
from mgsim.system import System


@dataclass(frozen=True)
class Program:
    """What a kernel computes.

    ``carried``: the names kept from step to step, ``n_states`` states, then measures and flags.
    ``step``, ``events`` and ``record``: new values by name, as nodes of ``graph``; with ``record``,
    ``step`` says too whether there was a spike, and when.
    """

    graph: Graph
    carried: tuple[str, ...]
    n_states: int
    integrals: frozenset[str]
    uniform: tuple[str, ...]
    per_point: tuple[str, ...]
    step: Mapping[str, Node]
    events: Mapping[str, Mapping[str, Node]]
    record: Mapping[str, Node]


def collect(system: System, per_point: frozenset[str], record: tuple[str, ...],
            method: str) -> Program:
    """Gather a system's code. ``per_point``: the parameters that differ between points."""
    graph = Graph()
    carried = stepping.carried(system)
    spikes = bool(record and system.spike)
    parameters = tuple(p.name for p in system.parameters)
    leaves = {n: graph.leaf(n, LANE) for n in carried}
    leaves |= {n: graph.leaf(n, POINT if n in per_point else UNIFORM) for n in parameters}
    leaves["dt"] = graph.leaf("dt", UNIFORM)
    leaves["t_in_timesteps"] = graph.leaf("t_in_timesteps", STEP)

    def follow(code: Code, extra: Mapping[str, Node]) -> dict[str, Node]:
        known = {**leaves, **extra}
        for name, text in code.lines:
            known[name] = graph.from_text(text, known)
        return known

    def moved(known: Mapping[str, Node]) -> dict[str, Node]:
        return {n: known[n] for n in carried if known[n] is not leaves[n]}

    known = follow(stepping.step_code(system, method, spikes), {})
    step = moved(known)
    if spikes:
        step |= {n: known[n] for n in (stepping.SPIKED, stepping.SPIKE_TIME)}
    events = {event: moved(follow(code, {}))
              for event, code in stepping.event_code(system).items()}
    known = follow(stepping.record_code(system, record), {})
    traced = {n: known[f"_trace_{n}"] for n in record}
    return Program(
        graph, carried, len(system.state_names), frozenset(m.name for m in system.integrals),
        tuple(n for n in parameters if n not in per_point),
        tuple(n for n in parameters if n in per_point), step, events, traced,
    )  # fmt: skip
