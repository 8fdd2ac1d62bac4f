"""A block law: its equations and constants, a mod file, equations for Brian2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from mgsim import units
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import PORTS
from mgsim.equations import expressions
from mgsim.equations.lines import Equation
from mgsim.exports import nmodl, python, words
from mgsim.exports.words import ExportError

#: What an unblocked fraction may read besides its own parameters.
INPUTS = ("v", "mg_out", "celsius")


def checked(law: Component, values: Mapping[str, Any]) -> Component:
    """A law with other values, also of the temperature that it reads.

    Raises
    ------
    ExportError
        For a part that is no law, or reads what no other simulator has.
    """
    lines = {e.name for e in law.lines if not e.differential}
    if "unblocked" not in lines or law.kinetics or any(e.differential for e in law.lines):
        raise ExportError(
            f"'{law.name}' is no block law that gives an unblocked fraction at once "
            "from the potential and magnesium, so it cannot be exported"
        )
    for name in sorted(law.requires):
        if name not in INPUTS and not (name in PORTS and PORTS[name].default):
            raise ExportError(f"'{law.name}' reads '{name}', which no other simulator has")
    own = {p.name for p in law.parameters}
    stated = [
        default.set_to(values[n])
        for n in sorted(law.requires & values.keys() - own)
        if n in PORTS and (default := PORTS[n].default)
    ]
    law = replace(law, parameters=(*law.parameters, *stated))
    given = {p.name for p in stated}
    return law.with_values(**{n: x for n, x in values.items() if n not in given})


def constants(law: Component) -> tuple[Parameter, ...]:
    """Parameters, and defaults of the ports that the law reads."""
    own = {p.name for p in law.parameters}
    extra = [PORTS[n].default for n in sorted(law.requires) if n not in own]
    return (*law.parameters, *(p for p in extra if p))


def equations(law: Component) -> list[Equation]:
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


def neuron(law: Component, mg: float = 1.0) -> str:
    """A complete mod file: a point process with a constant conductance behind the block.

    ``mg``: the default of magnesium in mM.
    The temperature is NEURON's, unless the law states its own.
    """
    own = {p.name for p in law.parameters}
    inputs = [n for n in INPUTS if n not in own]
    held = [p for p in constants(law) if p.name not in inputs]
    lines = equations(law)
    known = {p.name: nmodl.word(p.name) for p in held}
    known |= {"mg_out": "mg", "unblocked": "fraction"}
    of = {p.name: units.unit(p.unit) for p in held}
    of |= {n: units.unit(PORTS[n].unit) for n in inputs}
    of |= {e.name: units.unit(e.unit) for e in lines}
    body = [
        f"{known.get(e.name, e.name)} = {nmodl.converted(e.text, of[e.name], of, known)}"
        for e in lines
    ]
    locals_ = [known.get(e.name, e.name) for e in lines if e.name != "unblocked"]
    local = [f"LOCAL {', '.join(locals_)}"] if locals_ else []
    celsius = ["celsius (degC)"] if "celsius" in law.requires and "celsius" in inputs else []

    def block(rows: list[str]) -> str:
        return "\n".join(f"    {row}" for row in rows)

    header = "\n".join(
        words.lines(
            [
                *words.about(law),
                "mg is free extracellular magnesium in mM. fraction(v) is what is not blocked. "
                "Inside UNITSOFF numbers are in mV, ms and mM; mgsim has checked their units.",
                "not exported: the gating of the receptor, and in which ranges values are "
                "plausible or were measured",
            ],
            ":",
        )
    )
    return nmodl.check_lines(f"""\
{header}

NEURON {{
    POINT_PROCESS mg_{law.name}
    NONSPECIFIC_CURRENT i
    RANGE {", ".join(["g", "e", "mg", "unblocked", *(known[p.name] for p in held)])}
}}

UNITS {{
    (nA) = (nanoamp)
    (mV) = (millivolt)
    (uS) = (microsiemens)
}}

PARAMETER {{
    g = 0.001 (uS)
    e = 0 (mV)
    mg = {mg!r}
{block([f"{known[p.name]} = {p.value!r} : {p.unit}, {words.one_line(p.meaning)}" for p in held])}
}}

ASSIGNED {{
{block(["v (mV)", "i (nA)", "unblocked", *celsius])}
}}

INITIAL {{
    unblocked = fraction(v)
}}

BREAKPOINT {{
    unblocked = fraction(v)
    i = g*unblocked*(v - e)
}}

UNITSOFF
FUNCTION fraction(v (mV)) {{
{block([*local, *body])}
}}
{nmodl.functions(body)}UNITSON
""")


def brian2(law: Component, mg: float | None = None) -> str:
    """Equations of Brian2; ``v`` (volt) and ``mg_out`` (mmolar) come from the rest of the model.

    ``mg`` (mM): magnesium as an equation of its own.
    Constants are subexpressions, so nothing else is needed in the namespace.
    """
    lines = equations(law)
    needed = {n for e in lines for n in expressions.names(e.text)}
    written = [
        f"{p.name} = {python.quantity(p.value, p.unit)} : {python.unit(p.unit)}"
        f"  # {words.one_line(p.meaning)}"
        for p in constants(law)
        if p.name in needed
    ]
    if mg is not None:
        written.append(f"mg_out = {mg!r}*mM : mmolar  # {PORTS['mg_out'].meaning}")
    written += [f"{e.name} = {python.text(e.text)} : {python.unit(e.unit)}" for e in lines]
    physics = [
        f"{name} = {expressions.constant(name).factor!r}*{python.unit(unit)} : {python.unit(unit)}"
        for name, unit in _PHYSICS.items()
        if name in needed
    ]
    header = words.lines(
        [
            *words.about(law),
            "not exported: the gating of the receptor, its conductance and current, and in which "
            "ranges values are plausible or were measured",
        ],
        "#",
    )
    return "\n".join([*header, *physics, *written]) + "\n"


_PHYSICS = {"faraday_constant": "C/mol", "gas_constant": "J/mol/K", "zero_celsius": "K"}
