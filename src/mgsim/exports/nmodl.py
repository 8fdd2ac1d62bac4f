"""Equation text in NMODL, with numbers in the units in which mV, ms, pA, mM, um**2 and K are 1."""

from __future__ import annotations

import ast
import math
import re
import unicodedata
from collections.abc import Iterable, Mapping

from mgsim import units
from mgsim.equations import expressions
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
_SUM, _PRODUCT, _POWER, _ATOM = 1, 2, 3, 4
#: How tightly an operator binds.
_LEVEL = {ast.Add: _SUM, ast.Sub: _SUM, ast.Mult: _PRODUCT, ast.Div: _PRODUCT, ast.Pow: _POWER}
_CALLS = {
    "exp": "exp",
    "log": "log",
    "sqrt": "sqrt",
    "abs": "fabs",
    "sin": "sin",
    "cos": "cos",
    "tanh": "tanh",
    "floor": "floor",
    "mod": "left_over",
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
    "left_over": """
FUNCTION left_over(x, y) {
    left_over = x - y*floor(x/y)
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
    r"v|t|dt|celsius|area|diam|L|cm|Ra|nseg|i|ina|ik|ica|icl|na|k|ca|cl|mg|g|e|w|flag|kind|held|left_over|exprel|"
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

    def inside(node: ast.expr, level: int) -> str:
        written, own = walk(node)
        return written if own >= level else f"({written})"

    def walk(node: ast.expr) -> tuple[str, int]:
        """The text, and how tightly its outermost operator binds."""
        match node:
            case ast.Constant(value=value):
                return repr(value), _ATOM
            case ast.Name(id=name) if name in of:
                factor, written = scaled(of[name]), rename.get(name, name)
                return (written, _ATOM) if factor == 1 else (f"{written}*{factor!r}", _PRODUCT)
            case ast.Name(id="t" | "dt" as name):
                return name, _ATOM
            case ast.Name(id="pi"):
                return repr(math.pi), _ATOM
            case ast.Name(id=name):
                return repr(scaled(expressions.constant(name))), _ATOM
            case ast.UnaryOp(op=ast.USub(), operand=x):
                return f"(-{inside(x, _ATOM)})", _ATOM
            case ast.UnaryOp(op=ast.UAdd(), operand=x):
                return walk(x)
            case ast.UnaryOp(op=ast.Not(), operand=x):
                return f"(!{inside(x, _ATOM)})", _ATOM
            case ast.BinOp(left=a, op=ast.Mult() | ast.Div(), right=ast.Name(id=name)) if (
                name not in of and units.named(name) and scaled(expressions.constant(name)) == 1
            ):
                return walk(a)
            case ast.BinOp(left=a, op=op, right=b):
                level = _LEVEL[type(op)]
                # Of powers both sides stand alone, for NMODL reads a row of them its own way.
                left, right = (level, level + 1) if level < _POWER else (_ATOM, _ATOM)
                sign = _OPERATORS[type(op)]
                sign = f" {sign} " if level == _SUM else sign
                return f"{inside(a, left)}{sign}{inside(b, right)}", level
            case ast.BoolOp(op=op, values=terms):
                sign = f" {_OPERATORS[type(op)]} "
                return f"({sign.join(inside(x, _ATOM) for x in terms)})", _ATOM
            case ast.Compare(left=a, ops=[op], comparators=[b]):
                sign = _OPERATORS[type(op)]
                return f"({inside(a, _SUM)} {sign} {inside(b, _SUM)})", _ATOM
            case ast.Call(func=ast.Name(id="int"), args=[x]):
                return walk(x)
            case ast.Call(func=ast.Name(id=name), args=args) if name in _CALLS:
                return f"{_CALLS[name]}({', '.join(inside(x, _SUM) for x in args)})", _ATOM
        raise ExportError(f"'{ast.unparse(node)}' has no form in NMODL")

    return walk(expressions.parse(text))[0]


def converted(
    text: str, unit: units.Unit, of: Mapping[str, units.Unit], rename: Mapping[str, str]
) -> str:
    """An equation's text in NMODL, the result in a display unit."""
    right, factor = nmodl(text, of, rename), scaled(unit)
    return right if factor == 1 else f"({right})/{factor!r}"


def functions(texts: Iterable[str]) -> str:
    """The functions that these texts call besides NMODL's own."""
    joined = " ".join(texts)
    return "".join(body for name, body in _FUNCTIONS.items() if f"{name}(" in joined)


#: Letters that no decomposition makes plain.
_PLAIN = str.maketrans(
    {
        "–": "-",
        "—": "-",
        "’": "'",
        "‘": "'",
        "“": '"',
        "”": '"',
        "ß": "ss",
        "ø": "o",
        "Ø": "O",
        "æ": "ae",
        "ł": "l",
        "Ł": "L",
        "°": "deg",
    }
)


def check_lines(text: str) -> str:
    """The text of a mod file in ASCII, unless NEURON could not read a line of it.

    Raises
    ------
    ExportError
    """
    text = unicodedata.normalize("NFKD", text.translate(_PLAIN)).encode("ascii", "ignore").decode()
    for line in text.splitlines():
        if len(line) > LONGEST:
            raise ExportError(
                f"'{line.strip()[:60]} ...' has {len(line)} characters; NEURON reads lines of at "
                f"most {LONGEST}, so give parts of the equation names of their own"
            )
    return text
