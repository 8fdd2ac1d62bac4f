"""C text of a program: a block of points outside, time inside, lanes innermost."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources

from mgsim.engines.contract import LIMIT
from mgsim.engines.fused.collect import Program
from mgsim.engines.fused.graph import LANE, LITERAL, POINT, STEP, UNIFORM, Node
from mgsim.engines.stepping import SPIKE_TIME, SPIKED

_INFIX = {"Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "and": "&&", "or": "||"}
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
        if n.level == POINT and place == LANE:
            row = self.hoisted.setdefault(n.index, len(self.hoisted))
            return f"H[{row}][l]"
        name = self._leaf(n, place) if n.op == "leaf" else f"x{n.index}"
        if n.level in (UNIFORM, STEP) and place in (LANE, POINT):
            return f"(real){name}"
        return name

    def _leaf(self, n: Node, place: int) -> str:
        program = self.program
        if n.name in program.carried:
            return f"s{program.carried.index(n.name)}"
        if n.name in program.per_point:
            return f"P[{program.per_point.index(n.name)}][l]"
        if n.name in program.uniform:
            return f"U[{program.uniform.index(n.name)}]"
        return n.name

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
        if x.op == "mul" and x.args[0].op == "number" and x.args[0].value == -1.0 and (
                len(x.args) == 2):
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
            if n.level < place and not (n.level == POINT and place == STEP):
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
    roots = list(program.step.values())
    step_lines = text.block(roots, LANE)
    event_lines = {
        event: text.block(new.values(), LANE) for event, new in program.events.items()
    }
    record_lines = text.block(program.record.values(), LANE)
    every = [*roots, *(n for new in program.events.values() for n in new.values()),
             *program.record.values()]  # fmt: skip
    stepwise = _stepwise(text, every)

    def load(used: Iterable[Node]) -> list[str]:
        names = _leaves(used) & set(carried)
        return [f"const real s{index[n]} = S[{index[n]}][l];" for n in carried if n in names]

    def store(new: Mapping[str, Node]) -> list[str]:
        return [f"{f'S[{index[n]}]' if n in index else n}[l] = {text.ref(node, LANE)};"
                for n, node in new.items()]

    events = "".join(
        _EVENT.format(number=i, body=_lines(
            [*load(new.values()), *event_lines[event], *store(new)], 12))
        for i, (event, new) in enumerate(program.events.items())
    )  # fmt: skip
    record = [*load(program.record.values()), *record_lines,
              *(f"traces[(({i}*n_samples + sample)*n_points) + first + l] = {text.ref(n, LANE)};"
                for i, n in enumerate(program.record.values()))]  # fmt: skip
    step = [*load(roots), *step_lines, *store(program.step)]
    spikes = SPIKED in program.step
    points = _hoisted(text, program)
    body = _TEMPLATE.format(
        precision="float" if precision == "float32" else "double",
        single=int(precision == "float32"),
        mathematics=resources.files(__package__).joinpath("mathematics.h").read_text(),
        lanes=lanes, n_carried=len(carried), n_per_point=max(1, len(program.per_point)),
        n_hoisted=max(1, len(text.hoisted)), n_events=len(program.events),
        n_states=len(carried), n_checked=program.n_states, limit=repr(LIMIT),
        integrals=", ".join(str(index[n]) for n in carried if n in program.integrals) or "-1",
        n_integrals=len(program.integrals),
        uniform=_lines(text.uniform, 2), points=_lines(points, 6),
        stepwise=_lines(stepwise, 6), events=events,
        record=_lines(record, 10), step=_lines(step, 8),
        spiked=f"{SPIKED}[LANES], {SPIKE_TIME}[LANES]",
        spikes=_SPIKES.format(SPIKED, SPIKE_TIME) if spikes else "",
    )  # fmt: skip
    return Source(body, carried, program.uniform, program.per_point, tuple(program.record),
                  spikes, lanes, precision)


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
      if (step == next[{number}]) {{
        for (int l = 0; l < LANES; l++) {{
          int64_t at = cursor[{number}][l];
          const int64_t end = trains[{number}].offsets[train[{number}][l] + 1];
          for (; at < end && trains[{number}].steps[at] <= step; at++) {{
{body}
          }}
          cursor[{number}][l] = at;
        }}
        next[{number}] = soonest(&trains[{number}], cursor[{number}], train[{number}]);
      }}
"""

_SPIKES = """
      for (int l = 0; l < LANES; l++)
        if ({0}[l] != 0 && n_spikes[first + l] < most_spikes)
          spikes[(first + l)*most_spikes + n_spikes[first + l]++] = {1}[l];
"""

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
typedef struct {{ const int64_t *steps, *offsets, *of_point; }} train_list;

#if {n_events}
static int64_t soonest(const train_list *t, const int64_t *cursor, const int64_t *train) {{
  int64_t found = INT64_MAX;
  for (int l = 0; l < LANES; l++)
    if (cursor[l] < t->offsets[train[l] + 1] && t->steps[cursor[l]] < found)
      found = t->steps[cursor[l]];
  return found;
}}
#endif

static const int INTEGRALS[] = {{ {integrals} }};

/* Points first..first+LANES through steps from..to; the arrays hold n_points a row, padded to whole
   blocks. failed_at is the first step checked at which a point was no longer finite. */
static void block(int64_t first, int64_t n_points, int64_t from, int64_t to, double dt,
                  const double *U, const double *points, double *carried,
                  const train_list *trains, int64_t every, int64_t n_samples, double *traces,
                  double *spikes, int64_t *n_spikes, int64_t most_spikes, int64_t *failed_at) {{
  real S[{n_states}][LANES], P[{n_per_point}][LANES], H[{n_hoisted}][LANES], {spiked};
  double total[{n_integrals} + 1][LANES];
  for (int k = 0; k < {n_carried}; k++)
    for (int l = 0; l < LANES; l++) S[k][l] = (real)carried[k*n_points + first + l];
  for (int k = 0; points && k < {n_per_point}; k++)
    for (int l = 0; l < LANES; l++) P[k][l] = (real)points[k*n_points + first + l];
  for (int k = 0; k < {n_integrals}; k++)
    for (int l = 0; l < LANES; l++) {{
      total[k][l] = carried[INTEGRALS[k]*n_points + first + l];
      S[INTEGRALS[k]][l] = 0;
    }}
{uniform}
  for (int l = 0; l < LANES; l++) {{
{points}
  }}
#if {n_events}
  int64_t cursor[{n_events}][LANES], train[{n_events}][LANES], next[{n_events}];
  for (int k = 0; k < {n_events}; k++) {{
    for (int l = 0; l < LANES; l++) {{
      train[k][l] = trains[k].of_point[first + l];
      cursor[k][l] = trains[k].offsets[train[k][l]];
      while (cursor[k][l] < trains[k].offsets[train[k][l] + 1]
             && trains[k].steps[cursor[k][l]] < from) cursor[k][l]++;
    }}
    next[k] = soonest(&trains[k], cursor[k], train[k]);
  }}
#endif
  for (int64_t step = from; step < to; step++) {{
      const double t_in_timesteps = (double)step;
      (void)t_in_timesteps;
{stepwise}
      if (traces && step % every == 0) {{
        const int64_t sample = step/every;
        for (int l = 0; l < LANES; l++) {{
{record}
          (void)sample;
        }}
      }}
{events}
      #pragma omp simd
      for (int l = 0; l < LANES; l++) {{
{step}
      }}
{spikes}
      if (step % EVERY == EVERY - 1 || step == to - 1) {{
        for (int k = 0; k < {n_integrals}; k++)
          for (int l = 0; l < LANES; l++) {{
            total[k][l] += S[INTEGRALS[k]][l];
            S[INTEGRALS[k]][l] = 0;
          }}
        int alive = 0;
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
  for (int k = 0; k < {n_integrals}; k++)
    for (int l = 0; l < LANES; l++) carried[INTEGRALS[k]*n_points + first + l] = total[k][l];
}}

#if defined(_WIN32)
__declspec(dllexport)
#endif
void mgsim_run(int64_t first, int64_t last, int64_t n_points, int64_t from, int64_t to, double dt,
               const double *U, const double *points, double *carried, const int64_t *const *steps,
               const int64_t *const *offsets, const int64_t *const *of_point, int64_t every,
               int64_t n_samples, double *traces, double *spikes, int64_t *n_spikes,
               int64_t most_spikes, int64_t *failed_at) {{
  train_list trains[{n_events} + 1];
  for (int k = 0; k < {n_events}; k++) {{
    trains[k].steps = steps[k];
    trains[k].offsets = offsets[k];
    trains[k].of_point = of_point[k];
  }}
#if defined(__SSE2__)
  const unsigned int mode = _mm_getcsr();
  _mm_setcsr(mode | 0x8040); /* flush denormals, in this call only */
#endif
  for (int64_t at = first; at < last; at += LANES)
    block(at, n_points, from, to, dt, U, points, carried, trains, every, n_samples, traces, spikes,
          n_spikes, most_spikes, failed_at);
#if defined(__SSE2__)
  _mm_setcsr(mode);
#endif
}}
"""
