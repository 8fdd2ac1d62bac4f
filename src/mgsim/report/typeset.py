"""Equation text as LaTeX, from its tree: what MathJax and mathtext both read.

No command here is a backslash before punctuation, which Markdown would take for an escape.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping

from mgsim import units
from mgsim.equations import expressions
from mgsim.equations.lines import Equation

#: Words in names that are written otherwise: ions, acronyms, Greek letters.
_WORDS = {
    "mg": "Mg",
    "ca": "Ca",
    "na": "Na",
    "cs": "Cs",
    "nmda": "NMDA",
    "ampa": "AMPA",
    "ghk": "GHK",
    "apv": "APV",
    "cpp": "CPP",
}
_GREEK = ("alpha", "beta", "gamma", "delta", "kappa", "tau")
_CONSTANTS = {
    "faraday_constant": "F",
    "gas_constant": "R",
    "zero_celsius": r"273.15\thinspace\mathrm{K}",
    "pi": r"\pi",
}
_FUNCTIONS = {"log": r"\ln", "exprel": r"\mathrm{exprel}"}
_COMPARE = {ast.Lt: "<", ast.LtE: r"\leq", ast.Gt: ">", ast.GtE: r"\geq"}
_SPACE = r"\thinspace "
_CONCENTRATION = units.unit("mM").dimension

#: How tightly an expression holds together.
_LOGIC, _SUM, _PRODUCT, _ATOM = range(4)
Text = tuple[str, int]


def symbol(name: str, unit: str = "1") -> str:
    """A name as a symbol: its first word, the others as an index; concentrations in brackets."""
    if name in _CONSTANTS:
        return _CONSTANTS[name]
    first, *rest = name.split("_")
    base = first if len(first) == 1 else _word(first)
    if units.unit(unit).dimension == _CONCENTRATION and first in _WORDS:
        base = f"[{base}]"
    index = ",".join(map(_word, rest))
    return f"{base}_{{{index}}}" if index else base


def _word(word: str) -> str:
    if word in _GREEK:
        return rf"\{word}"
    return r"\infty" if word == "inf" else rf"\mathrm{{{_WORDS.get(word, word)}}}"


def unit(text: str) -> str:
    """A unit, upright, its words with exponents; empty for none."""

    def walk(node: ast.expr, power: float) -> list[tuple[str, float]]:
        match node:
            case ast.Name(id=word):
                return [(word, power)]
            case ast.BinOp(left=a, op=ast.Mult() | ast.Div() as op, right=b):
                return walk(a, power) + walk(b, power if isinstance(op, ast.Mult) else -power)
            case ast.BinOp(left=a, op=ast.Pow(), right=b):
                return walk(a, power * float(ast.literal_eval(b)))
        return []

    return _SPACE.join(_unit_word(*p) for p in walk(expressions.parse(text), 1.0))


def _unit_word(word: str, power: float) -> str:
    shown = rf"\mathrm{{{'°C' if word == 'degC' else re.sub('^u(?=.)', 'µ', word)}}}"
    return shown if power == 1 else f"{shown}^{{{power:g}}}"


def number(value: float) -> str:
    """A number, powers of ten written out."""
    digits, e, power = f"{value:.10g}".partition("e")
    if not e:
        return digits
    factor = "" if digits == "1" else rf"{digits}\times "
    return f"{factor}10^{{{int(power)}}}"


def equation(line: Equation, of: Mapping[str, str]) -> str:
    """A whole equation; ``of``: the units of the names in it."""
    left = symbol(line.name, line.unit)
    if line.differential:
        left = rf"\frac{{\mathrm{{d}}{left}}}{{\mathrm{{d}}t}}"
    return f"{left} = {expression(line.text, of)}"


def expression(text: str, of: Mapping[str, str]) -> str:
    """An expression; ``of``: the units of the names in it."""

    def walk(node: ast.expr) -> Text:
        match node:
            case ast.Constant(value=int() | float() as value):
                return number(value), _ATOM
            case ast.Name(id=name):
                return symbol(name, of.get(name, "1")), _ATOM
            case ast.UnaryOp(op=ast.Not(), operand=x):
                return rf"\neg {held(x, _ATOM)}", _PRODUCT
            case ast.UnaryOp(op=op, operand=x):
                return f"{'-' if isinstance(op, ast.USub) else ''}{held(x, _PRODUCT)}", _SUM
            case ast.BinOp(left=a, op=ast.Add() | ast.Sub() as op, right=b):
                sign = "+" if isinstance(op, ast.Add) else "-"
                return f"{held(a, _SUM)} {sign} {held(b, _PRODUCT)}", _SUM
            case ast.BinOp(op=ast.Mult() | ast.Div()):
                return _product(node, held)
            case ast.BinOp(left=a, op=ast.Pow(), right=b):
                base = held(a, _ATOM)
                scripted = isinstance(a, ast.Call) and base.endswith("}")  # clip has scripts
                base = f"{{{base}}}" if scripted else base
                return f"{base}^{{{walk(b)[0]}}}", _ATOM
            case ast.Compare(left=a, ops=[op], comparators=[b]):
                return f"{held(a, _SUM)} {_COMPARE[type(op)]} {held(b, _SUM)}", _LOGIC
            case ast.BoolOp(op=op, values=terms):
                join = r" \wedge " if isinstance(op, ast.And) else r" \vee "
                return join.join(held(x, _SUM) for x in terms), _LOGIC
            case ast.Call(func=ast.Name(id=name), args=args):
                return _call(name, [walk(x)[0] for x in args]), _ATOM
        raise AssertionError(ast.dump(node))

    def held(node: ast.expr, least: int) -> str:
        shown, tightness = walk(node)
        return shown if tightness >= least else rf"\left({shown}\right)"

    return walk(expressions.parse(text))[0]


def _call(name: str, args: list[str]) -> str:
    x = args[0]
    if name == "clip":
        return rf"\left[{x}\right]_{{{args[1]}}}^{{{args[2]}}}"
    if name == "int":
        return rf"\mathbf{{1}}\left[{x}\right]"
    if name == "floor":
        return rf"\left\lfloor {x}\right\rfloor "
    if name == "mod":
        return rf"\left({x}\bmod {args[1]}\right)"
    if name == "binomial":
        return rf"\mathrm{{Bin}}^{{-1}}\left({', '.join(args)}\right)"
    if name == "sqrt":
        return rf"\sqrt{{{x}}}"
    if name == "abs":
        return rf"\left\vert {x}\right\vert "
    return rf"{_FUNCTIONS.get(name, chr(92) + name)}\left({x}\right)"


def _product(node: ast.expr, held: Callable[[ast.expr, int], str]) -> Text:
    """Factors over divisors as one fraction; functions and units behind it."""
    above: list[ast.expr] = []
    below: list[ast.expr] = []
    words, sign = [], ""
    for factor, divides in _factors(node):
        if isinstance(factor, ast.UnaryOp) and isinstance(factor.op, ast.USub):
            sign = "" if sign else "-"
            factor = factor.operand
        if isinstance(factor, ast.Name) and units.named(factor.id):
            words.append(_unit_word(factor.id, -1 if divides else 1))
        else:
            (below if divides else above).append(factor)
    plain = [f for f in above if not isinstance(f, ast.Call)]
    behind = [f for f in above if isinstance(f, ast.Call)] if plain and below else []
    above = plain if behind else above
    top = _juxtaposed(above, held, alone=bool(below)) or ("1" if below or not words else "")
    if below:
        top = rf"\frac{{{top}}}{{{_juxtaposed(below, held, alone=True)}}}"
    shown = _SPACE.join(filter(None, [top, *(held(f, _ATOM) for f in behind), *words]))
    return sign + shown, _SUM if sign else _PRODUCT


def _juxtaposed(
    factors: list[ast.expr], held: Callable[[ast.expr, int], str], *, alone: bool
) -> str:
    """Factors beside each other, a dot where numbers would meet; ``alone`` in a fraction."""
    text = ""
    for factor in factors:
        shown = held(factor, _SUM if alone and len(factors) == 1 else _PRODUCT)
        dot = r"\cdot " if shown[0].isdigit() else _SPACE
        text += (dot if text else "") + shown
    return text


def _factors(node: ast.expr, divides: bool = False) -> list[tuple[ast.expr, bool]]:
    match node:
        case ast.BinOp(left=a, op=ast.Mult() | ast.Div() as op, right=b):
            return [*_factors(a, divides), (b, divides ^ isinstance(op, ast.Div))]
    return [(node, divides)]
