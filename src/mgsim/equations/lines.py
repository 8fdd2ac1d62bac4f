"""Equations and statements as text, one a line."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass

from mgsim import units
from mgsim.equations import expressions
from mgsim.equations.expressions import EquationError

_LINE = re.compile(
    r"^(?:d(?P<state>\w+)\s*/\s*dt|(?P<name>\w+))\s*=\s*(?P<text>[^:#]+):\s*(?P<unit>[^#]+?)\s*"
    r"(?:\#\s*(?P<meaning>.*))?$"
)


@dataclass(frozen=True, slots=True)
class Equation:
    """One line: ``name = text : unit`` or ``dname/dt = text : unit``.

    For a differential equation ``unit`` is that of the variable, as in Brian2.
    """

    name: str
    text: str
    unit: str
    meaning: str
    differential: bool

    @property
    def line(self) -> str:
        left = f"d{self.name}/dt" if self.differential else self.name
        return f"{left} = {self.text} : {self.unit}"


def read_equations(text: str) -> tuple[Equation, ...]:
    """Equations from text, one a line; a line goes on while a parenthesis is open."""
    found: list[Equation] = []
    pending = ""
    for raw in text.splitlines():
        if raw.strip().startswith("#"):
            continue
        pending = f"{pending} {raw.strip()}".strip()
        if not pending or pending.count("(") > pending.count(")"):
            continue
        match = _LINE.match(pending)
        if not match:
            raise EquationError(
                f"cannot read the equation '{pending}': write 'name = expression "
                ": unit' or 'dname/dt = expression : unit'"
            )
        expression, unit = " ".join(match["text"].split()), match["unit"]
        expressions.parse(expression)
        units.unit(unit)
        found.append(
            Equation(
                match["state"] or match["name"],
                expression,
                unit,
                match["meaning"] or "",
                bool(match["state"]),
            )
        )
        pending = ""
    if pending:
        raise EquationError(f"a parenthesis stays open in '{pending}'")
    return tuple(found)


def read_crossing(text: str) -> tuple[str, str]:
    """Signal and level of a crossing, ``signal > level``."""
    match expressions.parse(text):
        case ast.Compare(left=signal, ops=[ast.Gt()], comparators=[level]):
            return ast.unparse(signal), ast.unparse(level)
    raise EquationError(
        f"cannot read the crossing '{text}': write one comparison, 'signal > level'"
    )


@dataclass(frozen=True, slots=True)
class Statement:
    """``name += right`` or ``name = right``."""

    name: str
    right: str
    adds: bool


def read_statements(text: str) -> tuple[Statement, ...]:
    """Statements separated by newlines or semicolons."""
    found = []
    for raw in re.split(r"[;\n]", text):
        if not raw.strip():
            continue
        match = re.match(r"^\s*(\w+)\s*([+-]?)=\s*([^=].*)$", raw)
        if not match:
            raise EquationError(
                f"cannot read the statement '{raw.strip()}': write "
                "'name += expression', 'name -= expression' or 'name = expression'"
            )
        right = match[3].strip()
        expressions.parse(right)
        found.append(
            Statement(match[1], f"-({right})" if match[2] == "-" else right, bool(match[2]))
        )
    return tuple(found)


def renamed(statements: str, by: Mapping[str, str]) -> str:
    """Statements with other names."""
    return "; ".join(
        f"{by.get(s.name, s.name)} {'+=' if s.adds else '='} {expressions.substitute(s.right, by)}"
        for s in read_statements(statements)
    )
