"""Exponentials whose arguments are multiples of one another, as powers of one of them.

``exp(n k x + c)`` is ``exp(c) w**n`` with ``w = exp(k x)`` shared by all such terms of the same x;
``exp(c)`` does not change with time. The relative error grows by about n roundings.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

import numpy as np

from mgsim.engines.fused.program.collect import Program
from mgsim.engines.fused.program.graph import LANE, STEP, Graph, Node, reachable, value

#: The largest power that is formed, and how many parts the smallest multiple may be split into.
_MOST, _PARTS = 10, 3
#: The largest offset c, by precision: what is left out of the range is nothing beside 1 then.
FARTHEST = {"float64": 100.0, "float32": 20.0}


def near(offsets: Iterable[Node], columns: Mapping[str, np.ndarray], precision: str) -> bool:
    """Whether every offset is small enough at every point; ``columns`` in SI."""
    known: dict[int, np.ndarray] = {}
    try:
        with np.errstate(all="ignore"):
            return all(
                bool(np.all(np.abs(value(n, columns, known)) <= FARTHEST[precision]))
                for n in offsets
            )
    except KeyError:  # one that is not known before the run
        return False


def share(program: Program, precision: str) -> Program:
    """The same program with its exponentials shared.

    ``exp(c)`` and ``w**n`` may each leave the range of numbers where their product does not, so c
    is at most :data:`FARTHEST`: that of literals is known here; the others are the program's
    ``offsets``, for :func:`near` to tell.
    """
    graph = program.graph
    offsets: list[Node] = []
    groups = _groups([n for new in _written(program) for n in new.values()])
    become: dict[int, Node] = {}
    for moving, members in groups.items():
        _replace(graph, graph.nodes[moving], members, become, FARTHEST[precision], offsets)
    if not become:
        return program
    rebuilt: dict[int, Node] = {}

    def all_of(new: Mapping[str, Node]) -> dict[str, Node]:
        return {name: _rebuild(graph, n, become, rebuilt) for name, n in new.items()}

    return replace(
        program,
        offsets=tuple(offsets),
        step=all_of(program.step),
        part=all_of(program.part),
        record=all_of(program.record),
        edges=tuple((e, _rebuild(graph, n, become, rebuilt)) for e, n in program.edges),
        driven=tuple((x, _rebuild(graph, n, become, rebuilt)) for x, n in program.driven),
        events={e: all_of(new) for e, new in program.events.items()},
    )


def _written(program: Program) -> list[Mapping[str, Node]]:
    return [program.step, program.part, program.record, *program.events.values()]


def _groups(roots: Iterable[Node]) -> dict[int, list[tuple[Node, float, list]]]:
    """By what moves: the exponentials ``exp(k moving + still)`` as (node, k, still terms)."""
    found: dict[int, list[tuple[Node, float, list]]] = defaultdict(list)
    for n in reachable(roots):
        if n.op == "exp" and n.level == LANE:
            moving, still = _linear(n.args[0], 1.0)
            if len(moving) == 1:
                ((index, k),) = moving.items()
                found[index].append((n, k, still))
    return found


def _linear(n: Node, factor: float) -> tuple[dict[int, float], list[tuple[float, Node]]]:
    """``factor*n`` as multiples of lane values, and of values that do not change per lane."""
    if n.level < LANE:
        return {}, [(factor, n)]
    if n.op == "add":
        moving: dict[int, float] = defaultdict(float)
        still: list[tuple[float, Node]] = []
        for a in n.args:
            m, s = _linear(a, factor)
            for index, k in m.items():
                moving[index] += k
            still += s
        return dict(moving), still
    if n.op == "mul" and len(n.args) == 2 and n.args[0].op == "number":
        return _linear(n.args[1], factor * n.args[0].value)
    return {n.index: factor}, []


def _replace(
    graph: Graph,
    x: Node,
    members: list[tuple[Node, float, list]],
    become: dict[int, Node],
    farthest: float,
    offsets: list[Node],
) -> None:
    left = list(members)
    while len(left) > 1:
        unit, taken = _best_unit(left)
        if len(taken) < 2:
            return
        for n, power, still in taken:
            sign = 1.0 if power > 0 else -1.0
            w = graph.call("exp", [graph.product([graph.number(sign * unit), x], [])])
            offset = graph.add([graph.product([graph.number(f), s], []) for f, s in still])
            if offset.level == STEP or (offset.op == "number" and abs(offset.value) > farthest):
                continue
            if offset.op != "number":
                offsets.append(offset)
            raised = graph.power(w, graph.number(abs(power)))
            become[n.index] = graph.product([graph.call("exp", [offset]), raised], [])
        gone = {n.index for n, _, _ in taken}
        left = [m for m in left if m[0].index not in gone]


def _best_unit(members: list[tuple[Node, float, list]]) -> tuple[float, list]:
    """The multiple that serves most members with the smallest powers."""
    best: tuple[tuple[int, float], float, list] | None = None
    for _, k, _ in members:
        for parts in range(1, _PARTS + 1):
            unit = abs(k) / parts
            taken = [
                (n, round(q / unit), still)
                for n, q, still in members
                if 1 <= abs(round(q / unit)) <= _MOST
                and abs(q / unit - round(q / unit)) < 1e-9 * _MOST
            ]
            score = (len(taken), unit)
            if best is None or score > best[0]:
                best = (score, unit, taken)
    assert best is not None
    return best[1], best[2]


def _rebuild(graph: Graph, n: Node, become: Mapping[int, Node], done: dict[int, Node]) -> Node:
    """The node with replacements made below it."""
    if n.index in done:
        return done[n.index]
    if become.get(n.index, n) is not n:
        result = _rebuild(graph, become[n.index], become, done)
    elif not n.args:
        result = n
    else:
        args = [_rebuild(graph, a, become, done) for a in n.args]
        if all(a is b for a, b in zip(args, n.args, strict=True)):
            result = n
        elif n.op == "add":
            result = graph.add(args)
        elif n.op == "mul":
            result = graph.product(args, [])
        elif n.op == "reciprocal":
            result = graph.product([], args)
        else:
            result = graph.again(n, tuple(args))
    done[n.index] = result
    return result
