"""C text of a program: a block of points outside, time inside, lanes innermost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mgsim.declare.window import RUN_START
from mgsim.engines.contract import LIMIT, SNAP
from mgsim.engines.fused.c_text.template import EVENT, RECORDED, SPIKES, TEMPLATE
from mgsim.engines.fused.c_text.text import ALONE, Text
from mgsim.engines.fused.program.collect import Program
from mgsim.engines.fused.program.graph import LANE, POINT, STEP, Node, reachable
from mgsim.engines.headers import HEADERS
from mgsim.engines.updates.stepping import DOUBT, SPIKE_TIME, SPIKED
from mgsim.engines.updates.timeline import FINEST, HALVED, STRETCH


@dataclass(frozen=True)
class Source:
    """C text and the order of the arrays that the kernel takes."""

    text: str
    carried: tuple[str, ...]
    uniform: tuple[str, ...]
    per_point: tuple[str, ...]
    record: tuple[str, ...]
    spikes: bool
    lanes: int
    precision: str
    offsets: tuple[Node, ...] = ()
    driven: tuple[str, ...] = ()


def emit(program: Program, precision: str, lanes: int) -> Source:
    """The C source of a kernel for points in blocks of ``lanes``."""
    text = Text(program)
    carried = program.carried
    index = {n: i for i, n in enumerate(carried)}

    def load(used: Iterable[Node], array: str, kind: str = "real") -> list[str]:
        names = {n.name for n in reachable(used) if n.op == "leaf"} & set(carried)
        return [
            f"const {kind} s{index[n]} = {array}[{index[n]}][l];" for n in carried if n in names
        ]

    def told(new: Mapping[str, Node]) -> list[str]:
        return [f"{n}[l] = {text.ref(node, LANE)};" for n, node in new.items() if n not in index]

    every = [*program.step.values(), *program.record.values()]
    kept = {n: program.step.get(n) or program.graph.leaf(n, LANE) for n in carried}
    step = [
        *load([*kept.values(), *program.step.values()], "S"),
        *text.block(every[: len(program.step)], LANE),
        *(f"T[{index[n]}][l] = {text.ref(node, LANE)};" for n, node in kept.items()),
        *told(program.step),
    ]
    moved = {n: node for n, node in program.part.items() if n in index}
    part = [
        *load(program.part.values(), "T"),
        *text.block(program.part.values(), LANE),
        *(f"N[{i}][l] = {text.ref(node, LANE)};" for i, node in enumerate(moved.values())),
        *told(program.part),
    ]
    record = [
        *load(program.record.values(), "S"),
        *text.block(program.record.values(), LANE),
        *(
            f"traces[(({i}*n_samples + sample)*n_points) + first + l] = {text.ref(n, LANE)};"
            for i, n in enumerate(program.record.values())
        ),
    ]
    events = "".join(
        EVENT.format(
            number=i,
            row=f"*at*{1 + len(program.chances[event])}" if program.chances[event] else "*at",
            body=_lines(
                [
                    *load(new.values(), "X", "double"),
                    *text.block(new.values(), ALONE),
                    *(
                        f"X[{index[n]}][l] = (real){text.ref(node, ALONE)};"
                        for n, node in new.items()
                    ),
                ],
                6,
            ),
        )
        for i, (event, new) in enumerate(program.events.items())
    )
    times = [node for _, node in program.edges]
    edges = [
        *load(times, "X", "double"),
        *text.block(times, ALONE),
        *(
            f"reach(q, l, {k}, {int(edge.jump)}, {text.ref(node, ALONE)}, soon, &next);"
            for k, (edge, node) in enumerate(program.edges)
        ),
    ]
    begins = [node for _, node in program.driven]
    follows = [
        *load(begins, "X", "double"),
        *text.block(begins, ALONE),
        *(
            f"follow(q, l, {k}, {int(not one.linear)}, {text.ref(node, ALONE)}, soon, &next);"
            for k, (one, node) in enumerate(program.driven)
        ),
    ]
    stepwise = [
        *(
            f"const double {n} = q.driven[{k}][0]; (void){n};"
            for k, n in enumerate(n for one, _ in program.driven for n in one.leaves)
        ),
        *(
            f"const double {e.flag} = q.past[{k}][0]; (void){e.flag};"
            for k, (e, _) in enumerate(program.edges)
        ),
        *_stepwise(text, every),
    ]
    spikes = SPIKES.format(SPIKED, SPIKE_TIME) if SPIKED in program.step else ""
    points = _hoisted(text, program)
    n_driven = len(program.driven)
    recorded = {
        n: t.format(n_driven=n_driven, n_rows=3 * n_driven) if n_driven else ""
        for n, t in RECORDED.items()
    }
    body = TEMPLATE.format(
        **recorded,
        since=_since(program),
        follows=_lines(follows, 2) + "\n" if follows else "",
        precision="float" if precision == "float32" else "double",
        single=int(precision == "float32"),
        mathematics=_mathematics(program),
        lanes=lanes,
        n_carried=len(carried),
        n_per_point=max(1, len(program.per_point)),
        n_hoisted=max(1, len(text.hoisted)),
        n_events=len(program.events),
        n_edges=len(program.edges),
        local=int(program.local),
        finer=int(program.finer),
        snap=repr(SNAP),
        stretch=STRETCH,
        finest=FINEST,
        halved=_HALVED if program.exchanges else "",
        n_states=max(1, len(carried)),
        n_checked=program.n_states,
        limit=repr(LIMIT),
        integrals=", ".join(str(index[n]) for n in carried if n in program.integrals) or "-1",
        n_integrals=len(program.integrals),
        n_moved=len(moved),
        moved=", ".join(str(index[n]) for n in moved) or "-1",
        uniform=_lines(text.uniform, 2),
        points=_lines(points, 6),
        stepwise=_lines(stepwise, 6),
        events=events,
        edges=_lines(edges, 2),
        record=_lines(record, 10),
        step=_lines(step, 8),
        part=_lines(part, 10),
        told=", ".join(f"{n}[LANES]" for n in (SPIKED, SPIKE_TIME, DOUBT)),
        doubt=DOUBT,
        spikes=spikes,
    )
    return Source(
        body,
        carried,
        program.uniform,
        program.per_point,
        tuple(program.record),
        bool(spikes),
        lanes,
        precision,
        program.offsets,
        tuple(one.name for one, _ in program.driven),
    )


def _since(program: Program) -> str:
    """The steps since the run began: all, unless it goes on from another."""
    if RUN_START.name not in program.uniform:
        return "step"
    return f"(step - llrint(U[{program.uniform.index(RUN_START.name)}]/dt))"


_HALVED = f"""\
            for (double first = ldexp(finest, {-HALVED}); first < finest; first *= 2)
              if (since < 0.75*first) {{
                end = q.jumped[l] + first;
                break;
              }}
"""


def _mathematics(program: Program) -> str:
    """The functions that the program may call."""
    found = HEADERS["mathematics.h"]
    if any(n.op == "binomial" for n in program.graph.nodes):
        found += HEADERS["binomial.h"]
    return found


def _hoisted(text: Text, program: Program) -> list[str]:
    """What is computed once a point, into the rows of H that the rest has asked for."""
    by_index = {n.index: n for n in program.graph.nodes}
    lines: list[str] = []
    stores: list[str] = []
    for node_index, row in text.hoisted.items():
        n = by_index[node_index]
        lines += [line for line in text.block([n], POINT) if line not in lines]
        stores.append(f"H[{row}][l] = {text.ref(n, POINT)};")
    return [*lines, *stores]


def _stepwise(text: Text, roots: Iterable[Node]) -> list[str]:
    """Values that change with the step only, for all that is computed per lane."""
    found: list[Node] = []
    seen: set[int] = set()

    def visit(n: Node) -> None:
        if n.index in seen:
            return
        seen.add(n.index)
        if n.level == STEP:
            found.append(n)
            return
        for x in n.args:
            visit(x)

    for n in roots:
        visit(n)
    return text.block([n for n in found if n.op != "leaf"], STEP)


def _lines(lines: Iterable[str], indent: int) -> str:
    return "\n".join(" " * indent + line for line in lines)
