"""Equation text in NMODL, with numbers in the units in which mV, ms, pA, mM, um**2 and K are 1."""

from __future__ import annotations

import ast
import math
import re
from collections.abc import Iterable, Mapping

from mgsim import expressions, units
from mgsim.exports.words import ExportError

#: SI values of the base units in which mV, ms, pA, mM, um**2 and K all have the factor 1.
_BASE = {"metre": 1e-6, "second": 1e-3, "amp": 1e-12, "kelvin": 1.0, "mole": 1e-18}
_OPERATORS = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "^",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
    ast.And: "&&",
    ast.Or: "||",
}
_CALLS = {
    "exp": "exp",
    "log": "log",
    "sqrt": "sqrt",
    "abs": "fabs",
    "sin": "sin",
    "cos": "cos",
    "tanh": "tanh",
    "clip": "held",
    "exprel": "exprel",
}
_FUNCTIONS = {
    "held": """
FUNCTION held(x, low, high) {
    held = x
    if (x < low) { held = low }
    if (x > high) { held = high }
}
""",
    "exprel": """
FUNCTION exprel(x) {
    if (fabs(x) < 1e-6) { exprel = 1 + x/2 } else { exprel = (exp(x) - 1)/x }
}
""",
}
#: Words of NMODL and of NEURON's objects, and those that the files made here use themselves.
_TAKEN = re.compile(
    r"v|t|dt|celsius|area|diam|L|cm|Ra|nseg|i|ina|ik|ica|icl|na|k|ca|cl|mg|g|e|w|flag|held|exprel|"
    r"fraction|unblocked|define|states|loc|has_loc|get_loc|get_segment|segment|attach|threshold|"
    r"step|ramp|pulse|force|gauss|error|index|invert|schedule|set_seed|at_time|net_send|net_event|"
    r"net_move|first_time|exprand|poisrand|normrand|scop_random|erf|i_clamp|clamp_r|delay|second|"
    r"volume|secondorder|usetable|deriv|derivs|table|legendre|harmonic|squarewave|sawtooth|"
    r"revsawtooth|perpulse|perstep|stepforce|printf|prterr|abort|init"
)
#: Characters of a line of a mod file at most.
LONGEST = 511


def word(name: str) -> str:
    """A name as a mod file can have it."""
    return f"{name}_" if _TAKEN.fullmatch(name) else name


def scaled(unit: units.Unit) -> float:
    """A unit in the system in which mV, ms, pA, mM, um**2 and K are 1."""
    length, mass, time, current, kelvin, mole = unit.dimension
    kilogram = 1e-3 * _BASE["second"] ** 3 * _BASE["amp"] / _BASE["metre"] ** 2
    value = unit.factor / (
        _BASE["metre"] ** length
        * kilogram**mass
        * _BASE["second"] ** time
        * _BASE["amp"] ** current
        * _BASE["kelvin"] ** kelvin
        * _BASE["mole"] ** mole
    )
    return float(f"{value:.15g}")


def nmodl(text: str, of: Mapping[str, units.Unit], rename: Mapping[str, str]) -> str:
    """An equation's text in NMODL; variables in display units, ``of`` says which."""

    def walk(node: ast.expr) -> str:
        match node:
            case ast.Constant(value=value):
                return repr(value)
            case ast.Name(id=name):
                if name in of:
                    factor = scaled(of[name])
                    written = rename.get(name, name)
                    return written if factor == 1 else f"({written}*{factor!r})"
                if name in ("t", "dt"):
                    return name
                if name == "pi":
                    return repr(math.pi)
                return repr(scaled(expressions.constant(name)))
            case ast.UnaryOp(op=ast.USub(), operand=x):
                return f"(-{walk(x)})"
            case ast.UnaryOp(op=ast.UAdd(), operand=x):
                return walk(x)
            case ast.UnaryOp(op=ast.Not(), operand=x):
                return f"(!{walk(x)})"
            case ast.BinOp(left=a, op=op, right=b):
                return f"({walk(a)} {_OPERATORS[type(op)]} {walk(b)})"
            case ast.BoolOp(op=op, values=terms):
                return f"({f' {_OPERATORS[type(op)]} '.join(map(walk, terms))})"
            case ast.Compare(left=a, ops=[op], comparators=[b]):
                return f"({walk(a)} {_OPERATORS[type(op)]} {walk(b)})"
            case ast.Call(func=ast.Name(id="int"), args=[x]):
                return walk(x)
            case ast.Call(func=ast.Name(id=name), args=args) if name in _CALLS:
                return f"{_CALLS[name]}({', '.join(map(walk, args))})"
        raise ExportError(f"'{ast.unparse(node)}' has no form in NMODL")

    return walk(expressions.parse(text))


def assignment(
    name: str, text: str, unit: units.Unit, of: Mapping[str, units.Unit], rename: Mapping[str, str]
) -> str:
    """``name = text``, the result in a display unit."""
    right, factor = nmodl(text, of, rename), scaled(unit)
    if right.startswith("(") and factor == 1 and _closed(right):
        right = right[1:-1]
    return f"{name} = {right}" if factor == 1 else f"{name} = {right}/{factor!r}"


def _closed(text: str) -> bool:
    """Whether the first parenthesis closes at the end."""
    depth = 0
    for at, letter in enumerate(text):
        depth += (letter == "(") - (letter == ")")
        if not depth:
            return at == len(text) - 1
    return False


def functions(texts: Iterable[str]) -> str:
    """The functions that these texts call besides NMODL's own."""
    joined = " ".join(texts)
    return "".join(body for name, body in _FUNCTIONS.items() if f"{name}(" in joined)


def check_lines(text: str) -> str:
    """The text of a mod file, unless NEURON could not read a line of it.

    Raises
    ------
    ExportError
    """
    for line in text.splitlines():
        if len(line) > LONGEST:
            raise ExportError(
                f"'{line.strip()[:60]} ...' has {len(line)} characters; NEURON reads lines of at "
                f"most {LONGEST}, so give parts of the equation names of their own"
            )
    return text
