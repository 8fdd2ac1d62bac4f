"""Equation text as a tree: its names, and its value in numpy.

Equations are written in the part of Python's grammar that Brian2 reads. They are parsed with
:mod:`ast` and walked; nothing is ever evaluated by the interpreter.
"""

from __future__ import annotations

import ast
import keyword
import math
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from functools import lru_cache
from typing import Any

import numpy as np

from mgsim import units
from mgsim.equations import binomial
from mgsim.units import NONE, Dimension


class EquationError(ValueError):
    """Equation text that cannot be read, or that does not fit together."""


def _exprel(x: Any) -> Any:
    """``(exp(x) - 1)/x``. That of scipy loads a library that hangs where memory is short."""
    x = np.asarray(x, dtype=float)
    with np.errstate(over="ignore", invalid="ignore"):
        found = np.expm1(x) / x
    if np.isnan(found).any():
        found = np.where(x == 0, 1.0, np.where(x == np.inf, x, found))
    return found[()]


#: The functions an equation may call, with their numpy form. ``floor`` is the whole number below,
#: ``mod(x, y)`` what is left of x above a multiple of y, with the sign of y.
FUNCTIONS: dict[str, Callable[..., Any]] = {
    "exp": np.exp,
    "log": np.log,
    "sqrt": np.sqrt,
    "abs": np.abs,
    "exprel": _exprel,
    "sin": np.sin,
    "cos": np.cos,
    "tanh": np.tanh,
    "int": lambda x: np.asarray(x).astype(float),
    "clip": np.clip,
    "floor": np.floor,
    "mod": np.mod,
    "binomial": binomial.quantile,
}
#: Those of more than one argument.
SEVERAL = {"clip", "mod", "binomial"}
#: Characters of one expression at most, and levels of its tree; a sum of n terms has n levels. The
#: walks below take up to three frames of Python's stack a level, and those of Brian2 twice as many.
LONGEST, DEEPEST = 100_000, 100
#: Names the engines bring: time, the step, and pi.
BUILTIN: dict[str, Dimension] = {
    "t": units.unit("s").dimension,
    "dt": units.unit("s").dimension,
    "pi": NONE,
}

_BINARY: dict[type, Callable[[Any, Any], Any]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
    ast.Pow: np.power,
}
_COMPARE: dict[type, Callable[[Any, Any], Any]] = {
    ast.Lt: np.less,
    ast.LtE: np.less_equal,
    ast.Gt: np.greater,
    ast.GtE: np.greater_equal,
}


#: Words that an engine, Brian2's language or Python's has taken, so that no quantity may have them.
_TAKEN = {
    *keyword.kwlist,
    "N",
    "i",
    "j",
    "xi",
    "e",
    "inf",
    "nan",
    "arccos",
    "arcsin",
    "arctan",
    "ceil",
    "cosh",
    "expm1",
    "log10",
    "log1p",
    "poisson",
    "rand",
    "randn",
    "sign",
    "sinh",
    "tan",
    "timestep",
    "t_in_timesteps",
    "lastspike",
    "not_refractory",
    "refractory",
    "subgroup_idx",
    "quotient",
    "relative_exponential",
    "whole_below",
    "floored_remainder",
    "binomial_quantile",
    "window_seen",
    "spiked",
    "spiked_at",
    "substep_start",
    "substep_width",
    "nothing",
}
#: What the engines keep for each edge in time, each kind of event and each recording.
_KEPT = re.compile(
    r"past_[0-9]+|\w+_(events|pre|post|was_above|chance_[0-9]+|recording(_value|_slope|_knot)?)"
)
#: Brian2's spelt-out units, with their prefixes and powers.
_SPELT_UNITS = re.compile(
    r"(?:Y|Z|E|P|T|G|M|k|h|da|d|c|m|u|n|p|f|a|z|y)?(?:amp|ampere|becquerel|candle|coulomb|farad|"
    r"gram|gramme|gray|henry|hertz|joule|katal|kelvin|kilogram|kilogramme|liter|litre|lumen|lux|"
    r"meter|metre|mol|molar|mole|newton|ohm|pascal|radian|second|siemens|sievert|steradian|tesla|"
    r"volt|watt|weber)[23]?|[cmu]m[23]"
)


_WORD = re.compile(r"(?<![\w.])[^\W\d]\w*")


def is_taken(name: str) -> bool:
    """Whether a quantity of that name could not run on every engine."""
    patterns = _SPELT_UNITS, _KEPT
    return name in _TAKEN or any(p.fullmatch(name) is not None for p in patterns)


@lru_cache(maxsize=8192)
def parse(text: str) -> ast.expr:
    """The tree of one expression; :class:`EquationError` for anything but arithmetic."""
    if len(text) > LONGEST:
        raise EquationError(
            f"'{_short(text)}' is too long for one expression: {len(text):,} "
            f"characters, at most {LONGEST:,}"
        )
    try:
        tree = ast.parse(text.strip(), mode="eval").body
    except (RecursionError, MemoryError):
        raise _too_deep(text) from None
    except (SyntaxError, ValueError) as error:
        raise EquationError(f"cannot read the expression '{_short(text)}': {error}") from None
    if len(text) >= DEEPEST and _depth(tree) > DEEPEST:  # a level takes a character
        raise _too_deep(text)
    shown = _short(text)
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Name(id="int"), args=[ast.Compare() | ast.BoolOp()]):
                continue
            case ast.Call(func=ast.Name(id="int")):
                raise EquationError(
                    f"'{ast.unparse(node)}' in '{shown}': int() takes a condition, "
                    "as in int(v > 0*mV)"
                )
            case ast.Call(func=ast.Name(id=name), keywords=[]) if name in FUNCTIONS:
                continue
            case ast.Call():
                raise EquationError(
                    f"'{ast.unparse(node)}' in '{shown}': the functions are " + ", ".join(FUNCTIONS)
                )
            case ast.Constant(value=value) if isinstance(value, int | float):
                continue
            case ast.BinOp(op=ast.BitXor()):
                raise EquationError(f"'^' in '{shown}': write ** for powers")
            case ast.BinOp(op=op) if type(op) not in _BINARY:
                raise EquationError(
                    f"'{ast.unparse(node)}' in '{shown}': the operators are + - * / and **"
                )
            case ast.IfExp(test=test, body=a, orelse=b):
                raise EquationError(
                    f"'if' in '{shown}': write int({ast.unparse(test)})*({ast.unparse(a)}) + "
                    f"(1 - int({ast.unparse(test)}))*({ast.unparse(b)})"
                )
            case ast.Compare(ops=ops) if len(ops) > 1 or type(ops[0]) not in _COMPARE:
                raise EquationError(
                    f"'{ast.unparse(node)}' in '{shown}': compare two values with "
                    "<, <=, > or >=; join comparisons with 'and' and 'or'"
                )
            case ast.BinOp(op=op) if type(op) in _BINARY:
                continue
            case ast.UnaryOp(op=ast.USub() | ast.UAdd() | ast.Not()) | ast.BoolOp() | ast.Name():
                continue
            case ast.Compare(ops=[op]) if type(op) in _COMPARE:
                continue
            case ast.operator() | ast.unaryop() | ast.boolop() | ast.cmpop() | ast.Load():
                continue
        raise EquationError(f"'{shown}' holds {type(node).__name__}, which equations may not use")
    _check_literals(tree, shown)
    return tree


def _check_literals(tree: ast.expr, shown: str) -> None:
    """Refuse numbers, and arithmetic of numbers alone, without a finite value."""
    known: dict[int, float | None] = {}
    for node in ast.walk(tree):
        why = ""
        if (
            isinstance(node, ast.BinOp)
            and isinstance(node.op, ast.Div)
            and (_literal(node.right, known) == 0)
        ):
            why = "divides by zero"
        elif not math.isfinite(_literal(node, known) or 0.0):
            why = "has no finite value"
        if why:
            raise EquationError(f"'{_short(ast.unparse(node))}' in '{shown}' {why}")


def literal(node: ast.AST) -> float | None:
    """The value of arithmetic of numbers alone, in floating point; None for anything else."""
    return _literal(node, {})


def _literal(node: ast.AST, known: dict[int, float | None]) -> float | None:
    """:func:`literal`; ``known``: what nodes have come to before, by id."""
    if id(node) not in known:
        known[id(node)] = _literal_of(node, known)
    return known[id(node)]


def _literal_of(node: ast.AST, known: dict[int, float | None]) -> float | None:
    match node:
        case ast.Constant(value=bool()):
            return None
        case ast.Constant(value=int() | float() as value):
            return float(value) if abs(value) <= sys.float_info.max else float("inf")
        case ast.BinOp(left=a, right=b):
            terms = [a, b]
        case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=a):
            terms = [a]
        case ast.Call(args=terms):
            pass
        case _:
            return None
    if not terms or any(_literal(x, known) is None for x in terms):
        return None
    try:
        with np.errstate(all="ignore"):
            return float(_walk(node, {}))
    except TypeError:  # a wrong number of arguments: a matter of units
        return None
    except OverflowError:  # of a whole number
        return float("inf")


def _depth(tree: ast.AST) -> int:
    """How many levels a tree has, at most one more than may be, by a count that needs no stack."""
    level, deep = [tree], 0
    while level and deep <= DEEPEST:
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        deep += 1
    return deep


@lru_cache(maxsize=8192)
def _depth_of(text: str) -> int:
    return _depth(parse(text))


def _too_deep(text: str) -> EquationError:
    return EquationError(
        f"'{_short(text)}' has more than {DEEPEST} levels; group the terms of a "
        "long sum with parentheses, or give parts of it names of their own"
    )


def _short(text: str) -> str:
    return text if len(text) <= 300 else f"{text[:200]} ... {text[-40:]}"


@lru_cache(maxsize=8192)
def names(text: str) -> frozenset[str]:
    """Every variable that an expression names (functions apart)."""
    tree = parse(text)
    called = {id(n.func) for n in ast.walk(tree) if isinstance(n, ast.Call)}
    found = (n for n in ast.walk(tree) if isinstance(n, ast.Name) and id(n) not in called)
    return frozenset(n.id for n in found)


def is_zero(text: str) -> bool:
    """Whether an expression is 0 as it is written, as ``0/ms`` is."""
    node = parse(text)
    while isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mult | ast.Div):
        node = node.left
    return isinstance(node, ast.Constant) and node.value == 0


def is_condition(text: str) -> bool:
    """Whether an expression is a comparison, or some joined by 'and', 'or' and 'not'."""
    node = parse(text)
    return isinstance(node, ast.Compare | ast.BoolOp) or (
        isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not)
    )


def is_known(name: str) -> bool:
    """Whether a name is a unit, a physical constant, or one that the engines bring."""
    return name in BUILTIN or name in units.CONSTANTS or units.named(name) is not None


def variables(text: str) -> frozenset[str]:
    """The names in an expression that some part, port or parameter has to provide."""
    return frozenset(n for n in names(text) if not is_known(n))


def rewritten(node: ast.expr, change: Callable[[ast.expr], ast.expr | None]) -> ast.expr:
    """A tree in which each node that ``change`` has something else for is that; no tree is changed.

    It is asked from above, and not of the names of functions. Where it gives None, the node stays,
    of what is inside rewritten likewise.
    """
    new = change(node)
    if new is not None:
        return new

    def inside(x: ast.expr) -> ast.expr:
        return rewritten(x, change)

    match node:
        case ast.UnaryOp(op=op, operand=x):
            return ast.UnaryOp(op, inside(x))
        case ast.BinOp(left=a, op=op, right=b):
            return ast.BinOp(inside(a), op, inside(b))
        case ast.BoolOp(op=op, values=terms):
            return ast.BoolOp(op, [inside(x) for x in terms])
        case ast.Compare(left=a, ops=ops, comparators=others):
            return ast.Compare(inside(a), ops, [inside(x) for x in others])
        case ast.Call(func=function, args=args):
            return ast.Call(function, [inside(x) for x in args], [])
    return node


def rewrite(text: str, change: Callable[[ast.expr], ast.expr | None]) -> str:
    """An expression, :func:`rewritten`."""
    return ast.unparse(rewritten(parse(text), change))


def named(by: Callable[[str], str | None]) -> Callable[[ast.expr], ast.expr | None]:
    """A change that puts what ``by`` has for a name in its place."""

    def change(node: ast.expr) -> ast.expr | None:
        text = by(node.id) if isinstance(node, ast.Name) else None
        return None if text is None else parse(text)

    return change


def substitute(text: str, by: Mapping[str, str]) -> str:
    """The expression with names replaced by other expressions."""
    new = {n: by[n] for n in names(text) & by.keys()}
    if all(map(str.isidentifier, new.values())):  # the same tree, written many times faster
        return _WORD.sub(lambda word: new.get(word[0], word[0]), plain(text))
    tree = rewritten(parse(text), named(new.get))
    if _depth_of(text) + max(map(_depth_of, new.values())) > DEEPEST and _depth(tree) > DEEPEST:
        raise _too_deep(text)
    return ast.unparse(tree)


@lru_cache(maxsize=8192)
def plain(text: str) -> str:
    """The expression as Python writes it."""
    return ast.unparse(parse(text))


def behind(texts: Iterable[str], definitions: Mapping[str, str]) -> set[str]:
    """Every name that expressions follow from, also through definitions."""
    found: set[str] = set()
    left = [*texts]
    while left:
        new = variables(left.pop()) - found
        found |= new
        left += [definitions[n] for n in new if n in definitions]
    return found


def follow(
    definitions: Mapping[str, str],
    values: Mapping[str, Any],
    missing: Callable[[str], Mapping[str, Any]] = lambda _: {},
) -> Callable[[str], Any]:
    """What evaluates an expression, in SI; definitions are evaluated as they are read.

    ``values``: what has one already, definitions that are held instead among them.
    ``missing(name)``: further values, the named one among them.
    """
    known, left = dict(values), dict(definitions)

    def value(name: str) -> Any:
        if name not in known:
            known.update({name: read(left.pop(name))} if name in left else missing(name))
        if name not in known:
            raise EquationError(f"no value for '{name}'")
        return known[name]

    def read(text: str) -> Any:
        needed = sorted(n for n in names(text) if n in known or not is_known(n))
        return evaluate(text, {n: value(n) for n in needed})

    return read


def evaluate(text: str, values: Mapping[str, Any]) -> Any:
    """The value in numpy; ``values`` in SI, units and constants are known already."""
    return _walk(parse(text), values)


def _walk(tree: ast.AST, values: Mapping[str, Any]) -> Any:
    def walk(node: ast.AST) -> Any:
        match node:
            case ast.Constant(value=int() | float() as value):
                return float(value)
            case ast.Name(id=name):
                return values[name] if name in values else _constant(name)
            case ast.UnaryOp(op=ast.Not(), operand=x):
                return np.logical_not(walk(x))
            case ast.UnaryOp(op=op, operand=x):
                return -walk(x) if isinstance(op, ast.USub) else walk(x)
            case ast.BinOp(left=a, op=op, right=b):
                return _BINARY[type(op)](walk(a), walk(b))
            case ast.Compare(left=a, ops=[op], comparators=[b]):
                return _COMPARE[type(op)](walk(a), walk(b))
            case ast.BoolOp(op=op, values=terms):
                join = np.logical_and if isinstance(op, ast.And) else np.logical_or
                return join.reduce([walk(x) for x in terms])
            case ast.Call(func=ast.Name(id=name), args=args):
                return FUNCTIONS[name](*map(walk, args))
        raise AssertionError(ast.dump(node))

    return walk(tree)


def _constant(name: str) -> float:
    if name == "pi":
        return float(np.pi)
    if name in units.CONSTANTS:
        return units.CONSTANTS[name].factor
    found = units.named(name)
    if found is None:
        raise EquationError(f"no value for '{name}'")
    return found.factor


def constant(name: str) -> units.Unit:
    """The SI value and dimension of a unit or physical constant that an equation names."""
    known = units.CONSTANTS.get(name) or units.named(name)
    if known is None:
        raise EquationError(f"'{name}' is neither a unit nor a constant")
    return known
