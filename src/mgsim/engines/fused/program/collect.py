"""The abstract code of a substep as a graph: what is read, what is written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mgsim.engines.contract import LOCAL
from mgsim.engines.fused.program.graph import LANE, POINT, STEP, UNIFORM, Graph, Node
from mgsim.engines.updates import stepping
from mgsim.engines.updates.timeline import START, WIDTH, Edge
from mgsim.engines.updates.writing import Code
from mgsim.system.lowering import Driven, System


@dataclass(frozen=True)
class Program:
    """What a kernel computes.

    ``carried``: the names kept from step to step, ``n_states`` states, then measures and flags.
    ``step``, ``part``, ``events`` and ``record``: new values by name, as nodes of ``graph``. The
    first is a whole step, the same for all points; the second a part of one, with a start, a width
    and flags for each point. With ``spikes`` both say too whether there was a spike, and when.
    ``chances``: by event, the names of those that come with it.
    ``edges``: each with the node of its time; ``driven``: each recording with that of its start.
    ``local``: the step says whether it is good enough.
    ``offsets``: what shared exponentials hold apart (see :mod:`mgsim.engines.fused.program.share`).
    """

    graph: Graph
    carried: tuple[str, ...]
    n_states: int
    integrals: frozenset[str]
    uniform: tuple[str, ...]
    per_point: tuple[str, ...]
    step: Mapping[str, Node]
    part: Mapping[str, Node]
    events: Mapping[str, Mapping[str, Node]]
    chances: Mapping[str, tuple[str, ...]]
    record: Mapping[str, Node]
    edges: tuple[tuple[Edge, Node], ...]
    driven: tuple[tuple[Driven, Node], ...]
    local: bool
    finer: bool
    exchanges: bool
    offsets: tuple[Node, ...] = ()


def collect(
    system: System, per_point: frozenset[str], record: tuple[str, ...], method: str, spikes: bool
) -> Program:
    """Gather a system's code. ``per_point``: the parameters that differ between points."""
    graph = Graph()
    carried = stepping.carried(system)
    local = method == LOCAL
    parameters = tuple(p.name for p in system.parameters)
    leaves = {n: graph.leaf(n, LANE) for n in carried}
    leaves |= {n: graph.leaf(n, POINT if n in per_point else UNIFORM) for n in parameters}

    chances = {e: tuple(c.name for c in system.chances.get(e, ())) for e in system.events}
    leaves |= {n: graph.leaf(n, LANE) for names in chances.values() for n in names}

    def follow(code: Code, time: Mapping[str, Node]) -> dict[str, Node]:
        known = {**leaves, **time}
        for name, text in code.lines:
            known[name] = graph.from_text(text, known)
        return known

    def moved(known: Mapping[str, Node]) -> dict[str, Node]:
        return {n: known[n] for n in carried if known[n] is not leaves[n]}

    of_lane = {START: graph.leaf("begin", LANE), WIDTH: graph.leaf("width", LANE)}
    timeline, code = stepping.edge_code(system)
    known = follow(code, of_lane)
    edges = tuple((e, known[f"_edge_{k}"]) for k, e in enumerate(timeline.edges))
    common = {START: graph.leaf("start", STEP), WIDTH: graph.leaf("dt", UNIFORM)}
    for edge, time in edges:
        common[edge.flag] = graph.leaf(edge.flag, STEP if time.level <= UNIFORM else LANE)
        of_lane[edge.flag] = graph.leaf(f"{edge.flag}_of_lane", LANE)
    driven = tuple((one, known[f"_begin_{k}"]) for k, one in enumerate(system.driven))
    for one, begin in driven:
        for n in one.leaves:
            common[n] = graph.leaf(n, STEP if begin.level <= UNIFORM else LANE)
            of_lane[n] = graph.leaf(f"{n}_of_lane", LANE)

    def substep(time: Mapping[str, Node], doubt: bool) -> dict[str, Node]:
        known = follow(stepping.step_code(system, method, spikes, doubt), time)
        kept = (
            *((stepping.SPIKED, stepping.SPIKE_TIME) if spikes else ()),
            *((stepping.DOUBT,) if doubt else ()),
        )
        return moved(known) | {n: known[n] for n in kept}

    events = {
        event: moved(follow(code, of_lane)) for event, code in stepping.event_code(system).items()
    }
    known = follow(stepping.record_code(system, record), common)
    traced = {n: known[f"_trace_{n}"] for n in record}
    return Program(
        graph,
        carried,
        len(system.state_names),
        frozenset(m.name for m in system.integrals),
        tuple(n for n in parameters if n not in per_point),
        tuple(n for n in parameters if n in per_point),
        substep(common, local),
        substep(of_lane, False),
        events,
        chances,
        traced,
        edges,
        driven,
        local,
        bool(system.exchanges) or (local and bool(system.implicit)),
        bool(system.exchanges),
    )
