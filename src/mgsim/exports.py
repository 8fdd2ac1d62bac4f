"""A block law as text for other simulators: NEURON, NeuroML 2, Brian2."""

from __future__ import annotations

import ast
import math
import textwrap
from collections.abc import Callable, Mapping

import numpy as np

from mgsim import __version__, expressions, units
from mgsim.catalog import expect, unknown
from mgsim.component import Component
from mgsim.equations import Equation
from mgsim.parameter import Parameter, PartError
from mgsim.parts import differences
from mgsim.ports import PORTS
from mgsim.references import entries
from mgsim.units import Dimension

#: SI values of the base units in which mV, ms, pA, mM, um**2 and K all have the factor 1.
_BASE = {"metre": 1e-6, "second": 1e-3, "amp": 1e-12, "kelvin": 1.0, "mole": 1e-18}
#: What an unblocked fraction may read besides its own parameters.
_INPUTS = ("v", "mg_out", "celsius")


class ExportError(ValueError):
    """A law that a format cannot hold."""


def export(law: Component, to: str) -> str:
    """A law as text for another simulator.

    Parameters
    ----------
    law : a part with an algebraic ``unblocked`` of the potential and magnesium.
    to : ``"neuron"`` (a complete mod file), ``"neuroml"`` (a blockMechanism, where the law has
        its exponential form) or ``"brian"`` (equations).

    Raises
    ------
    UnknownName
        For an unknown format.
    ExportError
        For a part that the format cannot hold.

    Examples
    --------
    >>> import mgsim as mg
    >>> print(export(mg.blocks["jahr_stevens_1990"], "neuroml").splitlines()[-3].strip())
    scalingConc="3.57 mM" scalingVolt="16.12903226 mV"/>
    """
    expect(Component, law, "mg.blocks['kampa_2004']")
    if to not in FORMATS:
        raise unknown("format", to, FORMATS)
    lines = {e.name for e in law.lines if not e.differential}
    if "unblocked" not in lines or law.kinetics or any(e.differential for e in law.lines):
        raise ExportError(
            f"'{law.name}' is no block law that gives an unblocked fraction at once "
            "from the potential and magnesium, so it cannot be exported"
        )
    for name in sorted(law.requires):
        if name not in _INPUTS and not (name in PORTS and PORTS[name].default):
            raise ExportError(f"'{law.name}' reads '{name}', which no other simulator has")
    return FORMATS[to](law)


def _about(law: Component, mark: str) -> list[str]:
    known, changes = entries(), differences(law)
    words = [f"{law.name}{', changed' if changes else ''}: {law.meaning}"]
    words += [f"differs from its source: {d}" for d in changes]
    words += [f"reference: {known[k].text}" for k in law.references if k in known]
    words += [f"conditions: {law.conditions}"] if law.conditions else []
    words += [f"deviations: {law.deviations}"] if law.deviations else []
    words += [f"made by mgsim {__version__}"]
    # NEURON takes no line of more than 511 characters.
    return [
        f"{mark} {line}" for w in words for line in textwrap.wrap(w, 96, break_on_hyphens=False)
    ]


def _constants(law: Component) -> tuple[Parameter, ...]:
    """Parameters, and defaults of the ports that the law reads."""
    own = {p.name for p in law.parameters}
    extra = [PORTS[n].default for n in sorted(law.requires) if n not in own]
    return (*law.parameters, *(p for p in extra if p))


def _lines(law: Component) -> list[Equation]:
    """The equations that ``unblocked`` needs, in order."""
    of = {e.name: e for e in law.lines}
    ordered: list[Equation] = []

    def visit(name: str) -> None:
        for n in sorted(expressions.variables(of[name].text) & set(of)):
            visit(n)
        if of[name] not in ordered:
            ordered.append(of[name])

    visit("unblocked")
    return ordered


# ---- NEURON --------------------------------------------------------------------------------------
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


_NMODL = {
    ast.Add: "+",
    ast.Sub: "-",
    ast.Mult: "*",
    ast.Div: "/",
    ast.Pow: "^",
    ast.Lt: "<",
    ast.LtE: "<=",
    ast.Gt: ">",
    ast.GtE: ">=",
}
_CALLS = {
    "exp": "exp",
    "log": "log",
    "sqrt": "sqrt",
    "abs": "fabs",
    "sin": "sin",
    "cos": "cos",
    "tanh": "tanh",
    "floor": "floor",
    "clip": "held",
    "exprel": "exprel",
}
_HELD = """\
FUNCTION held(x, low, high) {
    held = x
    if (x < low) { held = low }
    if (x > high) { held = high }
}
"""
_EXPREL = """\
FUNCTION exprel(x) {
    if (fabs(x) < 1e-6) { exprel = 1 + x/2 } else { exprel = (exp(x) - 1)/x }
}
"""


def nmodl(text: str, of: Mapping[str, units.Unit], rename: Mapping[str, str]) -> str:
    """An equation's text in NMODL; variables in display units, ``of`` says which."""

    def walk(node: ast.expr) -> str:
        match node:
            case ast.Constant(value=value):
                return repr(value)
            case ast.Name(id=name):
                if name in of:
                    factor = scaled(of[name])
                    word = rename.get(name, name)
                    return word if factor == 1 else f"({word}*{factor!r})"
                if name == "pi":
                    return repr(math.pi)
                return repr(scaled(expressions.constant(name)))
            case ast.UnaryOp(op=ast.USub(), operand=x):
                return f"(-{walk(x)})"
            case ast.UnaryOp(op=ast.UAdd(), operand=x):
                return walk(x)
            case ast.BinOp(left=a, op=op, right=b):
                return f"({walk(a)} {_NMODL[type(op)]} {walk(b)})"
            case ast.Compare(left=a, ops=[op], comparators=[b]):
                return f"({walk(a)} {_NMODL[type(op)]} {walk(b)})"
            case ast.Call(func=ast.Name(id="int"), args=[x]):
                return walk(x)
            case ast.Call(func=ast.Name(id=name), args=args) if name in _CALLS:
                return f"{_CALLS[name]}({', '.join(map(walk, args))})"
        raise ExportError(f"'{ast.unparse(node)}' has no form in NMODL")

    return walk(expressions.parse(text))


def neuron(law: Component) -> str:
    """A complete mod file: a point process with a constant conductance behind the block."""
    constants = [p for p in _constants(law) if p.name not in _INPUTS]
    lines = _lines(law)
    words = {p.name: f"{p.name}_" if p.name in _RESERVED else p.name for p in constants}
    words |= {"mg_out": "mg", "unblocked": "fraction"}
    of = {p.name: units.unit(p.unit) for p in constants}
    of |= {n: units.unit(PORTS[n].unit) for n in _INPUTS}
    of |= {e.name: units.unit(e.unit) for e in lines}
    body = []
    for e in lines:
        factor = scaled(of[e.name])
        text = nmodl(e.text, of, words)
        body.append(
            f"    {words.get(e.name, e.name)} = "
            + (text if factor == 1 else f"({text})/{factor!r}")
        )
    locals_ = [words.get(e.name, e.name) for e in lines if e.name != "unblocked"]
    local = f"    LOCAL {', '.join(locals_)}\n" if locals_ else ""
    texts = " ".join(body)
    functions = ("\n" + _HELD if "held(" in texts else "") + (
        "\n" + _EXPREL if "exprel(" in texts else ""
    )
    celsius = "celsius" in law.requires or "celsius" in {p.name for p in law.parameters}
    new = "\n".join
    return f"""\
{new(_about(law, ":"))}
: mg is free extracellular magnesium in mM. fraction(v) is what is not blocked.

NEURON {{
    POINT_PROCESS mg_{law.name}
    NONSPECIFIC_CURRENT i
    RANGE {", ".join(["g", "e", "mg", "unblocked", *(words[p.name] for p in constants)])}
}}

UNITS {{
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}}

PARAMETER {{
    g = 0.001 (uS)
    e = 0 (mV)
    mg = 1
{new(f"    {words[p.name]} = {p.value!r} : {p.unit}, {p.meaning}" for p in constants)}
}}

ASSIGNED {{
    v (mV)
    i (nA)
    unblocked{chr(10) + "    celsius (degC)" if celsius else ""}
}}

INITIAL {{
    unblocked = fraction(v)
}}

BREAKPOINT {{
    unblocked = fraction(v)
    i = g*unblocked*(v - e)
}}

FUNCTION fraction(v (mV)) {{
{local}{new(body)}
}}
{functions}"""


_RESERVED = frozenset(
    {"g", "e", "mg", "i", "v", "t", "dt", "celsius", "fraction", "unblocked", "held", "exprel"}
)


# ---- NeuroML -------------------------------------------------------------------------------------
def exponential_form(law: Component) -> tuple[float, float]:
    """(mM, mV) of ``1/(1 + [Mg]/conc exp(-v/volt))``.

    Raises
    ------
    ExportError
        When the law does not have that form.
    """
    v, mg = np.linspace(-80.0, 40.0, 25)[:, None], np.array([0.01, 0.3, 1.0, 10.0])[None, :]
    try:
        b = law.evaluate("unblocked", v=v, mg_out=mg)
    except PartError as error:
        raise ExportError(str(error)) from None
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.log((1 / b - 1) / mg)
    slope, offset = (
        np.polyfit(v[:, 0], ratio[:, 2], 1) if np.all(np.isfinite(ratio)) else (0.0, math.nan)
    )
    if slope >= 0 or not np.allclose(ratio, offset + slope * v, atol=1e-6):
        raise ExportError(
            f"'{law.name}' is not of the form 1/(1 + [Mg]/conc exp(-v/volt)), the "
            "only one that NeuroML's blockMechanism has"
        )
    return math.exp(-float(offset)), -1.0 / float(slope)


def neuroml(law: Component) -> str:
    """A blockMechanism for a blockingPlasticSynapse; the block stands at 1 mM."""
    conc, volt = exponential_form(law)
    reads = "celsius" in law.requires
    note = (
        [f"the constants hold at {PORTS['celsius'].default.value:g} degC"]
        if reads and (PORTS["celsius"].default)
        else []
    )
    comments = [
        *_about(law, ""),
        *(f" {n}" for n in note),
        " 1/(1 + blockConcentration/scalingConc exp(-v/scalingVolt));"
        " set blockConcentration to the free magnesium",
    ]
    inside = "\n".join(f"  {c.strip().replace('--', '- -')}" for c in comments)
    return f"""\
<!--
{inside}
-->
<blockMechanism type="voltageConcDepBlockMechanism" species="mg" blockConcentration="1 mM"
    scalingConc="{conc:.10g} mM" scalingVolt="{volt:.10g} mV"/>

<!-- goes into <blockingPlasticSynapse id="nmda" ...> ... </blockingPlasticSynapse> -->
"""


# ---- Brian2 --------------------------------------------------------------------------------------
def brian(law: Component) -> str:
    """Equations of Brian2; ``v`` (volt) and ``mg_out`` (mmolar) come from the rest of the model.

    Constants are subexpressions, so nothing else is needed in the namespace.
    """
    needed = {n for e in _lines(law) for n in expressions.variables(e.text)}
    lines = []
    for p in _constants(law):
        if p.name in needed:
            value = f"{p.value!r}*{_quantity(p.unit)}" if p.unit != "1" else repr(p.value)
            lines.append(f"{p.name} = {value} : {_unit(p.unit)}  # {p.meaning}")
    lines += [f"{e.name} = {e.text} : {_unit(e.unit)}" for e in _lines(law)]
    constants = [
        f"{name} = {expressions.constant(name).factor!r}*{_unit(unit)} : {_unit(unit)}"
        for name, unit in _PHYSICS.items()
        if any(name in expressions.names(e.text) for e in _lines(law))
    ]
    return "\n".join([*_about(law, "#"), *constants, *lines]) + "\n"


_PHYSICS = {"faraday_constant": "C/mol", "gas_constant": "J/mol/K", "zero_celsius": "K"}


def _dimension(unit: str) -> Dimension:
    return units.unit(unit).dimension


def _unit(unit: str) -> str:
    """A unit as Brian2 wants it behind the colon: base units."""
    return units.base_text(_dimension(unit))


def _quantity(unit: str) -> str:
    """A unit as a factor: the words of mgsim are Brian2's, but for two."""
    return unit.replace("degC", "kelvin").replace("^", "**")


FORMATS: dict[str, Callable[[Component], str]] = {
    "neuron": neuron,
    "neuroml": neuroml,
    "brian": brian,
}
