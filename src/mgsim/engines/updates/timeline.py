"""Edges: the times at which a comparison with ``t`` changes, so that no substep holds one inside.

A comparison that is linear in ``t``, and otherwise made of parameters, held states and definitions
of those, becomes a flag ``past_<k>``: 1 in a substep that starts at its edge or later, else 0. The
edge's time is an expression that an engine evaluates in double precision. The measuring window has
two edges too, and where ``clip`` of what is linear in ``t`` meets its limits there is a kink, at
which a substep ends. A comparison whose edge cannot be found is taken at the middle of a substep.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from mgsim.declare.window import RUN_START, WINDOW
from mgsim.equations import expressions
from mgsim.system.lowering import System

#: What a substep calls its start, its width and its middle.
START, WIDTH, MIDDLE = "substep_start", "substep_width", "_tm"
#: Where there are kinetic schemes, rk4_local goes on after a jump for so many parts' widths with
#: parts that are so many times finer; where states exchange, every method does.
STRETCH, FINEST = 8, 4
#: Where states exchange, the first of these parts is cut at halves of halves, so many times: what
#: a neck joins may settle within a microsecond, and a peak must not see TR-BDF2 overshoot.
HALVED = 4


@dataclass(frozen=True)
class Edge:
    """``flag`` is 1 from ``time`` on (an expression, SI); a ``jump`` is one of a stimulus."""

    flag: str
    time: str
    jump: bool


#: What :meth:`Timeline.text` has something else for: comparisons, and limits.
_MAY_HAVE_EDGES = re.compile(r"[<>]|\bclip\b")


@dataclass
class Timeline:
    """The edges of a system, and its texts with flags in place of the comparisons they decide."""

    system: System
    edges: list[Edge] = field(default_factory=list)

    def __post_init__(self) -> None:
        system = self.system
        self._written: dict[str, str] = {}
        self._moving: set[str] = set()  # definitions that change with t in ways no flag tells
        self._still = {p.name for p in system.parameters}
        self._still |= {
            e.name
            for e in system.states
            if expressions.is_zero(e.text) and e.name not in system.implicit
        }
        self._texts = system.texts
        later = RUN_START.name in self._still
        if system.measures:
            for p in WINDOW:
                self._edge(f"{p.name} + {RUN_START.name}" if later else p.name, jump=False)
        for e in system.definitions:
            if self._is_still(e.text):
                self._still.add(e.name)
            written = self.text(e.text)
            if expressions.names(written) & {"t", MIDDLE, *self._moving}:
                self._moving.add(e.name)
        for text in _texts(system):
            self.text(text)

    @property
    def inside(self) -> str:
        """1 in a substep inside the measuring window, else 0."""
        start, stop = self.edges[0].flag, self.edges[1].flag
        return f"{start}*(1 - {stop})"

    def text(self, expression: str) -> str:
        """The expression with flags in place of comparisons."""
        if expression not in self._written:
            self._written[expression] = (
                expressions.rewrite(expression, self._flagged)
                if _MAY_HAVE_EDGES.search(expression)
                else expressions.plain(expression)
            )
        return self._written[expression]

    def flag(self, node: ast.Compare) -> tuple[str, bool] | None:
        """The flag that decides a comparison, and whether the comparison holds from it on."""
        left, right = self._linear(node.left), self._linear(node.comparators[0])
        if left is None or right is None or left[0] == right[0]:
            return None
        slope = left[0] - right[0]
        from_then_on = (slope > 0) == isinstance(node.ops[0], ast.Gt | ast.GtE)
        rest = " - ".join(f"({r})" for r in (right[1] or "0", left[1]) if r)
        return self._edge(f"({rest})/{slope!r}" if slope != 1 else rest, jump=True), from_then_on

    def kinks(self, x: ast.expr, limits: Iterable[ast.expr]) -> None:
        """Note when ``x`` meets the limits, if it is linear in t and they are still."""
        x = expressions.rewritten(x, self._inlined)
        if not self._affine(x):
            return
        at_0, at_1 = (expressions.substitute(ast.unparse(x), {"t": t}) for t in ("0", "1"))
        for limit in map(ast.unparse, limits):
            if self._is_still(limit):
                self._edge(f"({limit} - ({at_0}))/({at_1} - ({at_0}))", jump=False)

    def _affine(self, node: ast.expr) -> bool:
        """Whether an expression is linear in t, and changes with it."""
        match node:
            case ast.Name(id="t"):
                return True
            case ast.UnaryOp(op=ast.USub(), operand=x):
                return self._affine(x)
            case ast.BinOp(left=a, op=ast.Add() | ast.Sub(), right=b):
                moves = [x for x in (a, b) if not self._is_still(ast.unparse(x))]
                return bool(moves) and all(map(self._affine, moves))
            case ast.BinOp(left=a, op=ast.Mult(), right=b):
                return any(
                    self._affine(x) and self._is_still(ast.unparse(y)) for x, y in ((a, b), (b, a))
                )
            case ast.BinOp(left=a, op=ast.Div(), right=b):
                return self._affine(a) and self._is_still(ast.unparse(b))
        return False

    def _flagged(self, node: ast.expr) -> ast.expr | None:
        """Flags in place of the comparisons that they decide."""
        match node:
            case ast.Call(func=ast.Name(id="int"), args=[ast.Compare() as condition]):
                found = self.flag(condition)
                if found:
                    return expressions.parse(found[0] if found[1] else f"1 - {found[0]}")
            case ast.Call(func=ast.Name(id="clip"), args=[x, *limits]):
                self.kinks(x, limits)
            case ast.Compare():
                found = self.flag(node)
                if found:
                    return expressions.parse(f"{found[0]} {'>=' if found[1] else '<'} 0.5")
                # without an edge it is taken at the middle of the substep
                return expressions.rewritten(node, self._at_middle) if self.moves(node) else node
        return None

    def _inlined(self, node: ast.expr) -> ast.expr | None:
        """Definitions that are not still by their texts."""
        text = self.written(node.id) if isinstance(node, ast.Name) else None
        return (
            None if text is None else expressions.rewritten(expressions.parse(text), self._inlined)
        )

    def _at_middle(self, node: ast.expr) -> ast.expr | None:
        """Time at the middle of the substep, also in the definitions that are read."""
        if not isinstance(node, ast.Name):
            return None
        if node.id == "t":
            return ast.Name(MIDDLE, ast.Load())
        text = self.definition(node.id)
        if text is None:
            return None
        return expressions.rewritten(expressions.parse(text), self._at_middle)

    def moves(self, node: ast.AST) -> bool:
        """Whether an expression changes with t in a way that no flag tells."""
        return any(isinstance(n, ast.Name) and n.id in {"t", *self._moving} for n in ast.walk(node))

    def written(self, name: str) -> str | None:
        """The text of a definition that is not still."""
        return None if name in self._still else self._texts.get(name)

    def definition(self, name: str) -> str | None:
        """The text, with flags, of a definition that moves."""
        return self.text(self._texts[name]) if name in self._moving else None

    def _edge(self, time: str, jump: bool) -> str:
        for edge in self.edges:
            if edge.time == time and edge.jump == jump:
                return edge.flag
        self.edges.append(Edge(f"past_{len(self.edges)}", time, jump))
        return self.edges[-1].flag

    def _linear(self, node: ast.expr) -> tuple[float, str] | None:
        """``node`` as slope*t + rest, the rest as text, or None."""
        match node:
            case ast.Name(id="t"):
                return 1.0, ""
            case ast.Name(id=name) if name in self._texts and name not in self._still:
                return self._linear(expressions.parse(self._texts[name]))
            case ast.UnaryOp(op=ast.USub(), operand=a):
                x = self._linear(a)
                return None if x is None else (-x[0], f"-({x[1]})" if x[1] else "")
            case ast.BinOp(left=a, op=ast.Add() | ast.Sub() as op, right=b):
                x, y = self._linear(a), self._linear(b)
                if x is None or y is None:
                    return None
                sign, word = (1, "+") if isinstance(op, ast.Add) else (-1, "-")
                return x[0] + sign * y[0], f"{x[1] or 0} {word} ({y[1]})" if y[1] else x[1]
            case ast.BinOp(left=a, op=ast.Mult() | ast.Div() as op, right=b):
                if isinstance(op, ast.Mult) and not expressions.variables(ast.unparse(a)):
                    a, b = b, a
                x, factor = self._linear(a), ast.unparse(b)
                if (
                    x is not None
                    and x[0]
                    and not expressions.names(factor) & {"t", "dt"}
                    and (not expressions.variables(factor))
                ):
                    by = float(expressions.evaluate(factor, {}))
                    if not by:
                        return None
                    by = by if isinstance(op, ast.Mult) else 1 / by
                    return x[0] * by, f"({x[1]})*{by!r}" if x[1] else ""
        text = ast.unparse(node)
        return (0.0, text) if self._is_still(text) else None

    def _is_still(self, text: str) -> bool:
        """Whether an expression changes at an event only, or never."""
        return expressions.variables(text) <= self._still and (
            not expressions.names(text) & {"t", "dt"}
        )


def _texts(system: System) -> Iterator[str]:
    """Every text of a step besides the definitions."""
    yield from (e.text for e in system.states)
    yield from (r for k in system.schemes for r in k.rates)
    yield from (t for x in system.exchanges for t in x.texts)
    for m in system.measures:  # what it does on an event that is sent is no part of a step
        yield from (t for t in (m.rate, m.peak) if t)
        events = (None, *(e for e in m.on if e in system.crossings))
        yield from (s.right for event in events for s in m.statements(event))
    yield from (t for c in system.crossings.values() for t in (c.signal, c.level))
