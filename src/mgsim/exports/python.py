"""Numbers with units as Brian2 reads them in Python and behind an equation."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable

from mgsim import units
from mgsim.equations import expressions
from mgsim.exports.words import ExportError

#: Units by the word that Brian2 and its users know.
_SAID = {
    units.unit(text).dimension: word
    for text, word in (
        ("V", "volt"),
        ("A", "amp"),
        ("S", "siemens"),
        ("F", "farad"),
        ("C", "coulomb"),
        ("mM", "mmolar"),
        ("K", "kelvin"),
        ("ohm", "ohm"),
    )
}
#: Short units that ``from brian2 import *`` brings.
_KNOWN = re.compile(r"mV|[munp]A|[pun]F|[mun]S|ms|us|[kM]?Hz|[cmu]m|[mun]M|ohm|kelvin")
_WORD = re.compile(r"[A-Za-z]\w*")


def unit(text: str) -> str:
    """A unit as it stands behind the colon of an equation: without a prefix."""
    dimension = units.unit(text).dimension
    return _SAID.get(dimension) or units.base_text(dimension)


def prefixed(text: str) -> str:
    """A unit as an expression in Python; empty for a plain number."""
    text = text.replace("degC", "kelvin").replace("^", "**")
    if text == "1":
        return ""
    if all(map(_KNOWN.fullmatch, _WORD.findall(text))):
        return text
    found = units.unit(text)
    base = unit(text)
    return base if found.factor == 1 else f"({found.factor!r}*{base})"


def quantity(value: float, text: str) -> str:
    """A number with its unit as an expression in Python."""
    word = prefixed(text)
    if word.startswith("1/"):
        return f"{value!r}{word[1:]}"
    return f"{value!r}*{word}" if word else repr(value)


def text(expression: str) -> str:
    """An expression in functions that Brian2 has.

    Raises
    ------
    ExportError
    """

    def change(node: ast.expr) -> ast.expr | None:
        match node:
            case ast.Call(func=ast.Name(id="mod"), args=args):
                x, y = (ast.unparse(expressions.rewritten(a, change)) for a in args)
                return expressions.parse(f"({x}) - ({y})*floor(({x})/({y}))")
            case ast.Call(func=ast.Name(id="binomial")):
                raise ExportError(f"'{ast.unparse(node)}' has no form in Brian2")
        return None

    if not re.search(r"\b(mod|binomial)\(", expression):
        return expression
    return expressions.rewrite(expression, change)


def missing(texts: Iterable[str]) -> dict[str, str]:
    """Units and constants that equations name and Brian2 does not know, with what they are."""
    named = sorted(frozenset().union(*(expressions.names(t) for t in texts)))
    found = {n: prefixed(n) for n in named if units.named(n) and not _KNOWN.fullmatch(n)}
    for n in named:
        if n in units.CONSTANTS:
            known = units.CONSTANTS[n]
            found[n] = f"{known.factor!r}*{units.base_text(known.dimension)}"
    return found
