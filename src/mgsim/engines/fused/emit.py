"""C text of a program: a block of points outside, time inside, lanes innermost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources

from mgsim.engines.contract import LIMIT, SNAP
from mgsim.engines.fused.collect import Program
from mgsim.engines.fused.graph import LANE, LITERAL, POINT, STEP, UNIFORM, Node
from mgsim.engines.stepping import DOUBT, SPIKE_TIME, SPIKED
from mgsim.engines.timeline import FINEST, STRETCH
from mgsim.window import RUN_START

_INFIX = {"Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "and": "&&", "or": "||"}
#: The place of what a lane computes by itself, now and then, in double precision.
ALONE = LANE + 1
#: Kept out of variables: as integers they would cost a vector loop conversions.
_CONDITIONS = {*_INFIX, "not", "near_zero"}


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


class _Text:
    """Writes nodes as C; each value gets a variable at the place where it changes."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.hoisted: dict[int, int] = {}  # node of a point's constant -> row of H
        self.uniform: list[str] = []
        self.point: list[str] = []
        self.point_done: set[int] = set()
        self.done: set[int] = set()

    def ref(self, n: Node, place: int) -> str:
        """How a value is named where it is used; a condition is written out there."""
        if n.op in _CONDITIONS:
            return f"({self.expression(n, place)})"
        if n.op == "number":
            value = _number(n.value)
            return f"R({value})" if place in (LANE, POINT) else f"({value})"
        if place == ALONE:
            return self._leaf(n, place) if n.op == "leaf" else f"x{n.index}"
        if n.level == POINT and place == LANE:
            row = self.hoisted.setdefault(n.index, len(self.hoisted))
            return f"H[{row}][l]"
        name = self._leaf(n, place) if n.op == "leaf" else f"x{n.index}"
        if n.level in (UNIFORM, STEP) and place in (LANE, POINT):
            return f"(real){name}"
        return name

    def _leaf(self, n: Node, place: int) -> str:
        program, alone = self.program, place == ALONE
        if n.name in program.carried:
            return f"s{program.carried.index(n.name)}"
        if n.name in program.per_point:
            row = program.per_point.index(n.name)
            return f"points[{row}*n_points + first + l]" if alone else f"P[{row}][l]"
        if n.name in program.uniform:
            return f"U[{program.uniform.index(n.name)}]"
        recorded = self._recorded(n.name)
        if recorded >= 0 and n.level == LANE:
            return f"q->driven[{recorded}][l]" if alone else f"(real)q.driven[{recorded}][l]"
        if alone and n.name not in ("begin", "width"):
            return self._chance(n.name)
        if alone:
            return {"begin": "now", "width": "dt"}[n.name]
        if n.level == LANE:
            flags = [f for e, _ in program.edges for f in (e.flag, f"{e.flag}_of_lane")]
            return (
                f"q.past[{flags.index(n.name) // 2}][l]"
                if n.name in flags
                else (f"(real){n.name}[l]")
            )
        return n.name

    def _recorded(self, name: str) -> int:
        """Which of the values that recordings have in a substep a leaf is; -1 for none."""
        names = [n for one, _ in self.program.driven for n in one.leaves]
        plain = name.removesuffix("_of_lane")
        return names.index(plain) if plain in names else -1

    def _chance(self, name: str) -> str:
        """One of the chances behind the time of the event that is delivered."""
        for number, names in enumerate(self.program.chances.values()):
            if name in names:
                row = f"*at*{1 + len(names)} + {1 + names.index(name)}"
                return f"trains[{number}].times[{row}]"
        raise KeyError(name)

    def expression(self, n: Node, place: int) -> str:
        """The C expression of a node from its arguments."""
        a = [self.ref(x, place) for x in n.args]
        kind = "" if place in (LANE, POINT) else "d"
        match n.op:
            case "add":
                text = a[0]
                for x, r in zip(n.args[1:], a[1:], strict=True):
                    text += self._subtracted(x, place) or f" + {r}"
                return text
            case "mul" | "times":
                return "*".join(a)
            case "square":
                return f"{a[0]}*{a[0]}"
            case "reciprocal":
                return f"{'R(1.0)' if place in (LANE, POINT) else '1.0'}/{a[0]}"
            case "select":
                return f"{a[0]} ? {a[1]} : {a[2]}"
            case "min":
                return f"({a[0]} > {a[1]}) ? {a[1]} : {a[0]}"
            case "max":
                return f"({a[0]} < {a[1]}) ? {a[1]} : {a[0]}"
            case "not":
                return f"!({a[0]})"
            case op if op in _INFIX:
                return f" {_INFIX[op]} ".join(a)
            case op:
                return f"{op}_{kind or 'r'}({', '.join(a)})"

    def _subtracted(self, x: Node, place: int) -> str | None:
        """``- y`` for a term that is ``-1*y``, instead of a multiplication."""
        if (
            x.op == "mul"
            and x.args[0].op == "number"
            and x.args[0].value == -1.0
            and (len(x.args) == 2)
        ):
            return f" - {self.ref(x.args[1], place)}"
        return None

    def block(self, wanted: Iterable[Node], place: int) -> list[str]:
        """Declarations, in order, of everything that ``wanted`` needs at a place."""
        lines: list[str] = []
        done: set[int] = set()

        def visit(n: Node) -> None:
            if n.index in done or n.op in ("number", "leaf"):
                return
            done.add(n.index)
            if n.level < place < ALONE and not (n.level == POINT and place == STEP):
                self._elsewhere(n)
                return
            for x in n.args:
                visit(x)
            if n.op in _CONDITIONS:
                return
            kind = {LANE: "real", POINT: "real"}.get(place, "double")
            lines.append(f"const {kind} x{n.index} = {self.expression(n, place)};")

        for n in wanted:
            visit(n)
        return lines

    def _elsewhere(self, n: Node) -> None:
        """A value that changes less often: see to it that it is computed there."""
        if n.level == LITERAL or n.index in self.done:
            return
        if n.level == UNIFORM:
            self.done.add(n.index)
            for line in self.block([n], UNIFORM):
                if line not in self.uniform:
                    self.uniform.append(line)
        elif n.level == POINT:
            self.hoisted.setdefault(n.index, len(self.hoisted))


def _number(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return "NAN" if math.isnan(value) else "INFINITY" if value > 0 else "-INFINITY"


def emit(program: Program, precision: str, lanes: int) -> Source:
    """The C source of a kernel for points in blocks of ``lanes``."""
    text = _Text(program)
    carried = program.carried
    index = {n: i for i, n in enumerate(carried)}

    def load(used: Iterable[Node], array: str, kind: str = "real") -> list[str]:
        names = _leaves(used) & set(carried)
        return [
            f"const {kind} s{index[n]} = {array}[{index[n]}][l];" for n in carried if n in names
        ]

    def told(new: Mapping[str, Node]) -> list[str]:
        return [f"{n}[l] = {text.ref(node, LANE)};" for n, node in new.items() if n not in index]

    every = [*program.step.values(), *program.record.values()]
    kept = {n: program.step.get(n) or program.graph.leaf(n, LANE) for n in carried}
    step = [
        *load(kept.values(), "S"),
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
        _EVENT.format(
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
    spikes = _SPIKES.format(SPIKED, SPIKE_TIME) if SPIKED in program.step else ""
    points = _hoisted(text, program)
    n_driven = len(program.driven)
    recorded = {
        n: t.format(n_driven=n_driven, n_rows=3 * n_driven) if n_driven else ""
        for n, t in _RECORDED.items()
    }
    body = _TEMPLATE.format(
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


def _mathematics(program: Program) -> str:
    """The functions that the program may call."""
    found = resources.files(__package__).joinpath("mathematics.h").read_text()
    if any(n.op == "binomial" for n in program.graph.nodes):
        found += resources.files("mgsim.engines").joinpath("binomial.h").read_text()
    return found


def _hoisted(text: _Text, program: Program) -> list[str]:
    """What is computed once a point, into the rows of H that the rest has asked for."""
    by_index = {n.index: n for n in program.graph.nodes}
    lines: list[str] = []
    stores: list[str] = []
    for node_index, row in text.hoisted.items():
        n = by_index[node_index]
        lines += [line for line in text.block([n], POINT) if line not in lines]
        stores.append(f"H[{row}][l] = {text.ref(n, POINT)};")
    return [*lines, *stores]


def _stepwise(text: _Text, roots: Iterable[Node]) -> list[str]:
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


def _leaves(nodes: Iterable[Node]) -> set[str]:
    found: set[str] = set()
    seen: set[int] = set()
    work = list(nodes)
    while work:
        n = work.pop()
        if n.index in seen:
            continue
        seen.add(n.index)
        if n.op == "leaf":
            found.add(n.name)
        work += n.args
    return found


def _lines(lines: Iterable[str], indent: int) -> str:
    return "\n".join(" " * indent + line for line in lines)


_EVENT = """
  {{
    const int64_t end = trains[{number}].offsets[q->train[{number}][l] + 1];
    int64_t *at = &q->cursor[{number}][l];
    for (; *at < end && trains[{number}].times[{row}] <= soon; ++*at) {{
{body}
      q->struck[l] = 1;
    }}
    if (*at < end && trains[{number}].times[{row}] < next) next = trains[{number}].times[{row}];
  }}
"""

_SPIKES = """
for (int l = 0; l < LANES; l++)
  if ({0}[l] != 0 && on[l] != R(0) && n_spikes[first + l] < most_spikes)
    spikes[(first + l)*most_spikes + n_spikes[first + l]++] = {1}[l];
"""

#: What a kernel has where its system follows recordings, by the place in the template.
_RECORDED = {
    "recorded_fields": """\
  double driven[{n_rows}][LANES];
  int64_t passed[{n_driven}][LANES];
  const double *const *recordings;
  const int64_t *n_points_of;
""",
    "recorded_follow": """
/* The line that a recording is on, as what past edges are: the points that have come. */
INLINE void follow(agenda *q, int l, int k, int jump, double begin, double soon, double *next) {{
  const int64_t n = q->n_points_of[k];
  const double *times = q->recordings[k], *values = times + n, *slopes = values + n;
  int64_t at = q->passed[k][l];
  if (at < 0) {{
    int64_t high = n;
    for (at = 0; at < high;) {{
      const int64_t middle = at + (high - at)/2;
      if (begin + times[middle] <= soon) at = middle + 1; else high = middle;
    }}
  }}
  while (at < n && begin + times[at] <= soon) ++at;
  q->passed[k][l] = at;
  q->driven[3*k][l] = at ? values[at - 1] : 0;
  q->driven[3*k + 1][l] = at ? slopes[at - 1] : 0;
  q->driven[3*k + 2][l] = at ? begin + times[at - 1] : 0;
  if (at && jump && begin + times[at - 1] > q->jumped[l]) q->jumped[l] = begin + times[at - 1];
  if (at < n && begin + times[at] < *next) *next = begin + times[at];
}}
""",
    "recorded_taken": """,
               const double *const *recordings, const int64_t *n_points_of""",
    "rec": ", recordings, n_points_of",
    "recorded_start": """\
  q.recordings = recordings;
  q.n_points_of = n_points_of;
  for (int k = 0; k < {n_driven}; k++)
    for (int l = 0; l < LANES; l++) q.passed[k][l] = -1;
""",
}

_TEMPLATE = """\
#include <stdint.h>
#include <string.h>
#if defined(__SSE2__)
#include <immintrin.h>
#endif
typedef {precision} real;
#define SINGLE {single}
#define R(x) ((real)(x))
#define LANES {lanes}
#define EVERY 64
{mathematics}
typedef struct {{ const double *times; const int64_t *offsets, *of_point; }} train_list;

/* What comes to each lane, and what has: flags of edges passed, the next edge or event, the last
   jump of a stimulus, events not delivered yet, and whether one was delivered just now. */
typedef struct {{
  real past[{n_edges} + 1][LANES];
  double coming[LANES], jumped[LANES];
  int64_t cursor[{n_events} + 1][LANES], train[{n_events} + 1][LANES];
  int struck[LANES];
{recorded_fields}}} agenda;

INLINE void reach(agenda *q, int l, int k, int jump, double edge, double soon, double *next) {{
  const int past = edge <= soon;
  q->past[k][l] = past;
  if (past && jump && edge > q->jumped[l]) q->jumped[l] = edge;
  if (edge > soon && edge < *next) *next = edge;
}}
{recorded_follow}
/* Events and edges that have come to a lane; X is the state. */
static void arrive(int l, double now, double dt, real (*X)[LANES], const double *U,
                   const double *points, int64_t first, int64_t n_points, const train_list *trains,
                   agenda *q) {{
  const double soon = now + {snap}*dt;
  double next = INFINITY;
  (void)X; (void)U; (void)points; (void)first; (void)n_points; (void)trains;
{follows}{events}
{edges}
  if (q->struck[l]) q->jumped[l] = now;
  q->coming[l] = next;
}}

static const int INTEGRALS[] = {{ {integrals} }}, MOVED[] = {{ {moved} }};

/* Points first..first+LANES through steps from..to; the arrays hold n_points a row, padded to whole
   blocks. All that outlives a step is in them, so that pieces of a run make the run to the bit:
   integrals since they were last added to summed are carried. failed_at is the first step checked
   at which a point was no longer finite. A step is one for all lanes; those that must or ask do it
   again in parts, each with its own start and width. */
static void block(int64_t first, int64_t n_points, int64_t from, int64_t to, int64_t n_steps,
                  double dt, double duration, int64_t parts, const double *U, const double *points,
                  double *carried, double *summed, const train_list *trains,
                  int64_t *const *cursors, int64_t every, int64_t n_samples,
                  double *traces, double *spikes, int64_t *n_spikes, int64_t most_spikes,
                  double *jumped, int64_t *failed_at{recorded_taken}) {{
  real A[{n_states}][LANES], B[{n_states}][LANES], N[{n_moved} + 1][LANES];
  real P[{n_per_point}][LANES], H[{n_hoisted}][LANES];
  real (*S)[LANES] = A, (*T)[LANES] = B;
  real {told}, width[LANES], on[LANES];
  double begin[LANES], soonest = -INFINITY, fine_until = -INFINITY;
  const int local = {local} && parts > 1;
  const double eps = {snap}*dt, part = dt/(double)parts, finest = part/{finest};
  agenda q;
  (void){doubt}; (void)summed; (void)cursors; (void)finest; (void)local;
  int alive = 0;
  for (int l = 0; l < LANES; l++) alive |= failed_at[first + l] < 0;
  if (!alive) return;
  for (int k = 0; k < {n_carried}; k++)
    for (int l = 0; l < LANES; l++) S[k][l] = (real)carried[k*n_points + first + l];
  for (int k = 0; points && k < {n_per_point}; k++)
    for (int l = 0; l < LANES; l++) P[k][l] = (real)points[k*n_points + first + l];
{uniform}
  for (int l = 0; l < LANES; l++) {{
{points}
  }}
{recorded_start}  for (int l = 0; l < LANES; l++) {{
    q.coming[l] = -INFINITY;
    q.jumped[l] = jumped[first + l];
    for (int k = 0; k < {n_events}; k++) {{
      q.train[k][l] = trains[k].of_point[first + l];
      q.cursor[k][l] = cursors[k][first + l];
    }}
  }}
  for (int64_t step = from; step < to + (to == n_steps); step++) {{
      const double start = step < n_steps ? (double)step*dt : duration;
      const double stop = step + 1 < n_steps ? (double)(step + 1)*dt : duration;
      int must = step == n_steps - 1 && stop - start < dt - eps, all = must, asking = 0;
      for (int l = 0; l < LANES; l++) on[l] = all;
      if (soonest <= start + eps) {{
        soonest = INFINITY;
        for (int l = 0; l < LANES; l++) {{
          q.struck[l] = 0;
          if (q.coming[l] <= start + eps)
            arrive(l, start, dt, S, U, points, first, n_points, trains, &q);
          if (q.coming[l] < soonest) soonest = q.coming[l];
          if ({finer} && q.jumped[l] + {stretch}*part > fine_until)
            fine_until = q.jumped[l] + {stretch}*part;
          if (local && q.struck[l]) must = 1, on[l] = 1;
        }}
      }}
{stepwise}
      if (traces && ({since} % every == 0 || step == n_steps)) {{
        const int64_t sample = step < n_steps ? {since}/every : n_samples - 1;
        for (int l = 0; l < LANES; l++) {{
{record}
          (void)sample;
        }}
      }}
      if (step == n_steps) break;
      if (soonest < stop - eps || start < fine_until - eps) {{
        must = 1;
        for (int l = 0; l < LANES; l++)
          if (q.coming[l] < stop - eps
              || ({finer} && start < q.jumped[l] + {stretch}*part - eps)) on[l] = 1;
      }}
      if (must) {{
        all = 1;
        for (int l = 0; l < LANES; l++) {{ all &= on[l] != R(0); asking |= on[l] != R(0); }}
      }}
      if (!all) {{
        #pragma omp simd
        for (int l = 0; l < LANES; l++) {{
{step}
        }}
        if (local)
          for (int l = 0; l < LANES; l++)
            if (!({doubt}[l] <= R(1))) on[l] = 1, asking = 1;
        for (int l = 0; l < LANES; l++) on[l] = R(1) - on[l];
{spikes}
        for (int l = 0; l < LANES; l++) on[l] = R(1) - on[l];
      }}
      if (asking) {{
        for (int k = 0; k < {n_carried}; k++)
          for (int l = 0; l < LANES; l++) T[k][l] = on[l] != R(0) ? S[k][l] : T[k][l];
        double now[LANES];
        for (int l = 0; l < LANES; l++) now[l] = start;
        while (asking) {{
          for (int l = 0; l < LANES; l++) {{
            begin[l] = now[l];
            width[l] = 0;
            if (on[l] == R(0)) continue;
            const double since = now[l] - q.jumped[l];
            const double j = floor((now[l] - start)/part + 1e-6) + 1;
            double end = j < (double)parts ? ((double)step + j/(double)parts)*dt : stop;
            if ({finer} && since < {stretch}*part - eps)
              end = q.jumped[l] + (floor(since/finest + 1e-6) + 1)*finest;
            if (end > stop - eps) end = stop;
            if (q.coming[l] < end - eps) end = q.coming[l];
            width[l] = (real)(end - now[l]);
            now[l] = end;
          }}
          #pragma omp simd
          for (int l = 0; l < LANES; l++) {{
{part}
          }}
          for (int k = 0; k < {n_moved}; k++)
            for (int l = 0; l < LANES; l++)
              T[MOVED[k]][l] = on[l] != R(0) ? N[k][l] : T[MOVED[k]][l];
{spikes}
          asking = 0;
          for (int l = 0; l < LANES; l++) {{
            if (now[l] >= stop) on[l] = 0;
            if (on[l] == R(0)) continue;
            asking = 1;
            if (q.coming[l] <= now[l] + eps) {{
              q.struck[l] = 0;
              arrive(l, now[l], dt, T, U, points, first, n_points, trains, &q);
            }}
          }}
        }}
        soonest = INFINITY;
        for (int l = 0; l < LANES; l++) {{
          if (q.coming[l] < soonest) soonest = q.coming[l];
          if ({finer} && q.jumped[l] + {stretch}*part > fine_until)
            fine_until = q.jumped[l] + {stretch}*part;
        }}
      }}
      real (*swap)[LANES] = S;
      S = T;
      T = swap;
      if (step % EVERY == EVERY - 1 || step == n_steps - 1) {{
        for (int k = 0; k < {n_integrals}; k++)
          for (int l = 0; l < LANES; l++) {{
            summed[k*n_points + first + l] += S[INTEGRALS[k]][l];
            S[INTEGRALS[k]][l] = 0;
          }}
        alive = 0;
        for (int l = 0; l < LANES; l++) {{
          int good = failed_at[first + l] < 0;
          for (int k = 0; k < {n_checked}; k++) good &= moderate(S[k][l]);
          if (!good && failed_at[first + l] < 0) failed_at[first + l] = step;
          alive |= good;
        }}
        if (!alive) break;
      }}
  }}
  for (int k = 0; k < {n_carried}; k++)
    for (int l = 0; l < LANES; l++) carried[k*n_points + first + l] = S[k][l];
  for (int k = 0; k < {n_events}; k++)
    for (int l = 0; l < LANES; l++) cursors[k][first + l] = q.cursor[k][l];
  for (int l = 0; l < LANES; l++) jumped[first + l] = q.jumped[l];
}}

#if defined(_WIN32)
__declspec(dllexport)
#endif
void mgsim_run(int64_t first, int64_t last, int64_t n_points, int64_t from, int64_t to,
               int64_t n_steps, double dt, double duration, int64_t parts, const double *U,
               const double *points, double *carried, double *summed, const double *const *times,
               const int64_t *const *offsets, const int64_t *const *of_point,
               int64_t *const *cursors, int64_t every, int64_t n_samples, double *traces,
               double *spikes, int64_t *n_spikes, int64_t most_spikes, double *jumped,
               int64_t *failed_at{recorded_taken}) {{
  train_list trains[{n_events} + 1];
  for (int k = 0; k < {n_events}; k++) {{
    trains[k].times = times[k];
    trains[k].offsets = offsets[k];
    trains[k].of_point = of_point[k];
  }}
#if defined(__SSE2__)
  const unsigned int mode = _mm_getcsr();
  _mm_setcsr(mode | 0x8040); /* flush denormals, in this call only */
#endif
  for (int64_t at = first; at < last; at += LANES)
    block(at, n_points, from, to, n_steps, dt, duration, parts, U, points, carried, summed, trains,
          cursors, every, n_samples, traces, spikes, n_spikes, most_spikes, jumped, failed_at{rec});
#if defined(__SSE2__)
  _mm_setcsr(mode);
#endif
}}
"""
