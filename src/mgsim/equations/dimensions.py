"""The dimension of an expression, and whether its unit fits."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Mapping

from mgsim import units
from mgsim.equations import expressions
from mgsim.equations.expressions import BUILTIN, SEVERAL, EquationError
from mgsim.units import NONE, Dimension


def dimension(text: str, of: Mapping[str, Dimension]) -> Dimension:
    """The dimension of an expression; :class:`EquationError` where units do not fit."""

    def fail(node: ast.expr, why: str) -> EquationError:
        return EquationError(f"units do not fit in '{ast.unparse(node)}': {why}")

    def alike(node: ast.expr, terms: Iterable[ast.expr]) -> Dimension:
        found = [walk(x) for x in terms]
        zero = [isinstance(x, ast.Constant) and x.value == 0 for x in terms]
        real = [d for d, z in zip(found, zero, strict=True) if not z]
        for other in real[1:]:
            if other != real[0]:
                raise fail(node, f"{units.describe(real[0])} beside {units.describe(other)}")
        return real[0] if real else NONE

    def walk(node: ast.expr) -> Dimension:
        match node:
            case ast.Constant():
                return NONE
            case ast.Name(id=name):
                if name in of:
                    return of[name]
                return BUILTIN[name] if name in BUILTIN else expressions.constant(name).dimension
            case ast.UnaryOp(operand=x):
                return walk(x)
            case ast.BinOp(left=a, op=ast.Add() | ast.Sub(), right=b):
                return alike(node, (a, b))
            case ast.BinOp(left=a, op=ast.Mult() | ast.Div() as op, right=b):
                sign = 1 if isinstance(op, ast.Mult) else -1
                return tuple(x + sign * y for x, y in zip(walk(a), walk(b), strict=True))
            case ast.BinOp(left=a, op=ast.Pow(), right=b):
                inner = walk(a)
                if walk(b) != NONE:
                    raise fail(node, "an exponent must have no unit")
                if inner == NONE:
                    return NONE
                power = expressions.literal(b)
                if power is None:
                    raise fail(node, "a quantity needs a literal number as exponent")
                return tuple(x * power for x in inner)
            case ast.Compare(left=a, comparators=[b]):
                alike(node, (a, b))
                return NONE
            case ast.BoolOp(values=terms):
                for x in terms:
                    walk(x)
                return NONE
            case (
                ast.Call(func=ast.Name(id="clip"), args=[_, _, _] as args)
                | ast.Call(func=ast.Name(id="mod"), args=[_, _] as args)
            ):
                return alike(node, args)
            case ast.Call(func=ast.Name(id="binomial"), args=[_, _, _] as args):
                for x in args:
                    if walk(x) != NONE:
                        raise fail(
                            node, f"'{ast.unparse(x)}' has that of {units.describe(walk(x))}"
                        )
                return NONE
            case ast.Call(func=ast.Name(id="abs"), args=[x]):
                return walk(x)
            case ast.Call(func=ast.Name(id="sqrt"), args=[x]):
                return tuple(p / 2 for p in walk(x))
            case ast.Call(func=ast.Name(id=name), args=[x]) if name not in SEVERAL:
                if walk(x) != NONE:
                    raise fail(node, f"its argument has the unit of {units.describe(walk(x))}")
                return NONE
        raise fail(node, "wrong number of arguments")

    return walk(expressions.parse(text))


def check_unit(
    text: str, unit: str, of: Mapping[str, Dimension], what: str, *, per_second: bool = False
) -> None:
    """Refuse an expression that is not in ``unit``, or not in it per second.

    Raises
    ------
    EquationError
        It names ``what`` and the unit found.
    """
    expected = units.unit(unit).dimension
    if per_second:
        second = units.unit("s").dimension
        expected = tuple(a - b for a, b in zip(expected, second, strict=True))
    try:
        found = dimension(text, of)
    except EquationError as error:
        raise EquationError(f"{what}: {error}") from None
    if found != expected and (expressions.names(text) or not expressions.is_zero(text)):
        raise EquationError(
            f"{what}: the unit is {unit}{'/s' if per_second else ''}, but '{text}' "
            f"has that of {units.describe(found)}"
        )
