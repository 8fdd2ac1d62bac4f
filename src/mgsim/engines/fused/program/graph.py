"""A graph of arithmetic: every value once, constants folded, products and sums in normal form.

Equal expressions become one node, so common subexpressions vanish. Division is multiplication by a
reciprocal, which is shared by all that divide by the same value and computed once where the value
does not change.
"""

from __future__ import annotations

import ast
import math
import operator
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

import numpy as np

from mgsim.equations import expressions

#: How often a value changes: never, once a run, once a point, once a step, or both of the last.
LITERAL, UNIFORM, POINT, STEP, LANE = range(5)
#: Conditions on numbers.
_COMPARE = {"Lt": operator.lt, "LtE": operator.le, "Gt": operator.gt, "GtE": operator.ge}
_LEVEL, _ORDER = operator.attrgetter("level"), operator.attrgetter("level", "index")
_LOGIC = {"and": all, "or": any, "not": lambda one: not any(one)}


def join(levels: Iterable[int]) -> int:
    """The level of a value computed from values of these levels."""
    found = set(levels)
    if LANE in found or {POINT, STEP} <= found:
        return LANE
    return max(found, default=LITERAL)


@dataclass(frozen=True, eq=False)
class Node:
    """One value: ``op`` with arguments, or a leaf. Compared by identity; made by a Graph only."""

    index: int
    op: str
    args: tuple[Node, ...] = ()
    value: float = 0.0
    name: str = ""
    level: int = LITERAL


@dataclass
class Graph:
    """Makes nodes, each different one once."""

    nodes: list[Node] = field(default_factory=list)
    _known: dict[tuple, Node] = field(default_factory=dict)

    def _node(
        self,
        op: str,
        args: tuple[Node, ...] = (),
        value: float = 0.0,
        name: str = "",
        level: int | None = None,
    ) -> Node:
        key = (op, tuple([a.index for a in args]), repr(value) if op == "number" else "", name)
        if key not in self._known:
            level = join(a.level for a in args) if level is None else level
            self._known[key] = Node(len(self.nodes), op, args, value, name, level)
            self.nodes.append(self._known[key])
        return self._known[key]

    def number(self, value: float) -> Node:
        return self._node("number", value=float(value))

    def leaf(self, name: str, level: int) -> Node:
        """A value that is read: a parameter, a state, the step's number."""
        return self._node("leaf", name=name, level=level)

    def add(self, terms: Iterable[Node]) -> Node:
        """A sum; a term may be ``neg``. What changes seldom is added first."""
        total, flat = 0.0, []
        for t in _flatten("add", terms):
            if t.op == "number":
                total += t.value
            else:
                flat.append(t)
        if total or not flat:
            flat.append(self.number(total))
        flat.sort(key=_ORDER)
        return self._fold("add", flat)

    def neg(self, x: Node) -> Node:
        return self.product([self.number(-1.0), x], [])

    def product(self, over: Iterable[Node], under: Iterable[Node]) -> Node:
        """``prod(over)/prod(under)``, factors that change seldom multiplied first."""
        coefficient = 1.0
        tops: list[Node] = []
        bottoms: list[Node] = []
        work = [(n, True) for n in over] + [(n, False) for n in under]
        while work:
            n, top = work.pop(0)
            if n.op == "number":
                coefficient = (
                    coefficient * n.value if top else _quietly(np.divide, coefficient, n.value)
                )
            elif n.op == "mul":
                work = [(a, top) for a in n.args] + work
            elif n.op == "reciprocal":
                work = [(n.args[0], not top), *work]
            else:
                (tops if top else bottoms).append(n)
        if coefficient == 0.0:
            return self.number(0.0)
        still = sorted((n for n in bottoms if n.level < STEP), key=_ORDER)
        if still:
            tops.append(self._node("reciprocal", (self._fold("mul", still),)))
        tops += [self._node("reciprocal", (n,)) for n in bottoms if n.level >= STEP]
        if coefficient != 1.0 or not tops:
            tops.append(self.number(coefficient))
        tops.sort(key=_ORDER)
        return self._fold("mul", tops)

    def _fold(self, op: str, sorted_args: list[Node]) -> Node:
        """Join arguments of one level first, so that what is constant is computed once."""
        result: Node | None = None
        for _, alike in groupby(sorted_args, key=_LEVEL):
            group = tuple(alike)
            joined = group if result is None else (result, *group)
            result = joined[0] if len(joined) == 1 else self._node(op, joined)
        assert result is not None
        return result

    def power(self, x: Node, exponent: Node) -> Node:
        if x.op == "number" and exponent.op == "number":
            return self.number(_quietly(np.power, x.value, exponent.value))
        if exponent.op == "number" and exponent.value.is_integer():
            count = int(exponent.value)
            if count == 0:
                return self.number(1.0)
            chain = self._integer_power(x, abs(count))
            return chain if count > 0 else self.product([self.number(1.0)], [chain])
        return self._node("pow", (x, exponent))

    def _integer_power(self, x: Node, count: int) -> Node:
        """By squaring; kept apart from products so that its halves are shared."""
        if count == 1:
            return x
        half = self._integer_power(x, count // 2)
        square = self._node("square", (half,))
        return self._node("times", (square, x)) if count % 2 else square

    def call(self, name: str, args: list[Node]) -> Node:
        if all(a.op == "number" for a in args) and name not in ("int",):
            return self.number(_quietly(expressions.FUNCTIONS[name], *(a.value for a in args)))
        if name == "int":
            return self.select(args[0], self.number(1.0), self.number(0.0))
        if name == "clip":
            return self._node("min", (self._node("max", (args[0], args[1])), args[2]))
        if name == "exprel":
            return self._exprel(args[0])
        return self._node(name, tuple(args))

    def _exprel(self, x: Node) -> Node:
        """``(exp(x) - 1)/x``, by its series near 0; a quotient, so that dividing by it is cheap."""
        near = self._node("near_zero", (x,))
        series = self._node("exprel_series", (x,))
        one = self.number(1.0)
        top = self.select(near, series, self.add([self.call("exp", [x]), self.number(-1.0)]))
        return self.product([top], [self.select(near, one, x)])

    def again(self, n: Node, args: tuple[Node, ...]) -> Node:
        """A node of the same operation on other arguments."""
        return self._node(n.op, args)

    def compare(self, op: str, a: Node, b: Node) -> Node:
        if a.op == b.op == "number":
            return self.number(_COMPARE[op](a.value, b.value))
        return self._node(op, (a, b))

    def logic(self, op: str, args: list[Node]) -> Node:
        if all(a.op == "number" for a in args):
            return self.number(_LOGIC[op](a.value != 0 for a in args))
        return self._node(op, tuple(args))

    def select(self, condition: Node, yes: Node, no: Node) -> Node:
        if condition.op == "number":
            return yes if condition.value else no
        if yes is no:
            return yes
        return self._node("select", (condition, yes, no))

    def from_text(self, text: str, known: Mapping[str, Node]) -> Node:
        """The node of an expression; names are those known, units and constants."""

        def walk(node: ast.expr) -> Node:
            match node:
                case ast.Constant(value=bool() | int() | float() as value):
                    return self.number(float(value))
                case ast.Name(id=name):
                    if name in known:
                        return known[name]
                    if name == "pi":
                        return self.number(math.pi)
                    return self.number(expressions.constant(name).factor)
                case ast.UnaryOp(op=ast.USub(), operand=x):
                    return self.neg(walk(x))
                case ast.UnaryOp(op=ast.UAdd(), operand=x):
                    return walk(x)
                case ast.UnaryOp(op=ast.Not(), operand=x):
                    return self.logic("not", [walk(x)])
                case ast.BinOp(left=a, op=ast.Add(), right=b):
                    return self.add([walk(a), walk(b)])
                case ast.BinOp(left=a, op=ast.Sub(), right=b):
                    return self.add([walk(a), self.neg(walk(b))])
                case ast.BinOp(left=a, op=ast.Mult(), right=b):
                    return self.product([walk(a), walk(b)], [])
                case ast.BinOp(left=a, op=ast.Div(), right=b):
                    return self.product([walk(a)], [walk(b)])
                case ast.BinOp(left=a, op=ast.Pow(), right=b):
                    return self.power(walk(a), walk(b))
                case ast.Compare(left=a, ops=[op], comparators=[b]):
                    return self.compare(type(op).__name__, walk(a), walk(b))
                case ast.BoolOp(op=op, values=terms):
                    return self.logic(type(op).__name__.lower(), [walk(x) for x in terms])
                case ast.Call(func=ast.Name(id=name), args=args):
                    return self.call(name, [walk(a) for a in args])
            raise AssertionError(ast.dump(node))

        return walk(expressions.parse(text))


def _quietly(function: Callable[..., Any], *numbers: float) -> float:
    """A function of numbers as the kernel would compute it: infinite or NaN where it has to be."""
    with np.errstate(all="ignore"):
        return float(function(*numbers))


def _flatten(op: str, nodes: Iterable[Node]) -> list[Node]:
    found: list[Node] = []
    for n in nodes:
        found += _flatten(op, n.args) if n.op == op else [n]
    return found


def value(n: Node, of: Mapping[str, Any], known: dict[int, Any] | None = None) -> Any:
    """What a node comes to in numpy; ``of``: the values of its leaves, which may be arrays.

    ``known``: what nodes have come to before, by id. A node that many share is worked out once.

    Raises
    ------
    KeyError
        For a leaf that has no value.
    """
    known = {} if known is None else known
    if id(n) not in known:
        known[id(n)] = _value(n, of, [value(x, of, known) for x in n.args])
    return known[id(n)]


def _value(n: Node, of: Mapping[str, Any], a: list[Any]) -> Any:
    """What a node comes to, whose arguments are known."""
    match n.op:
        case "number":
            return n.value
        case "leaf":
            return of[n.name]
        case "add":
            return sum(a[1:], a[0])
        case "mul" | "times":
            return math.prod(a[1:], start=a[0])
        case "square":
            return a[0] * a[0]
        case "reciprocal":
            return 1.0 / np.asarray(a[0])
        case "select":
            return np.where(a[0], a[1], a[2])
        case "min" | "max":
            return np.minimum(*a) if n.op == "min" else np.maximum(*a)
        case "pow":
            return np.power(*a)
        case "Lt" | "LtE" | "Gt" | "GtE":
            return getattr(operator, n.op.lower().replace("lte", "le").replace("gte", "ge"))(*a)
        case "not" | "and" | "or":
            return {"not": np.logical_not, "and": np.logical_and, "or": np.logical_or}[n.op](*a)
    return expressions.FUNCTIONS[n.op](*a)


def reachable(roots: Iterable[Node]) -> list[Node]:
    """These nodes and all that they are made from, each once, in the order of the graph."""
    seen: dict[int, Node] = {}
    work = list(roots)
    while work:
        n = work.pop()
        if n.index not in seen:
            seen[n.index] = n
            work += n.args
    return [seen[i] for i in sorted(seen)]
