"""Assignments of abstract code, and the stages of a step that they compute."""

from __future__ import annotations

import ast
from collections.abc import Mapping
from dataclasses import dataclass

from mgsim.engines.updates.timeline import MIDDLE, START, WIDTH, Timeline
from mgsim.equations import expressions
from mgsim.equations.expressions import substitute
from mgsim.equations.lines import Equation
from mgsim.system.lowering import System


@dataclass(frozen=True)
class Code:
    """Assignments ``name = expression``, in order. Names with ``_`` in front are temporary."""

    lines: tuple[tuple[str, str], ...]

    @property
    def text(self) -> str:
        return "\n".join(f"{name} = {right}" for name, right in self.lines)


class Writer:
    """Gathers assignments; knows which definitions a stage has computed already."""

    def __init__(self, system: System, timeline: Timeline | None = None) -> None:
        self.system, self.timeline = system, timeline
        self.definitions = {e.name: e for e in system.definitions}
        self.lines: list[tuple[str, str]] = []

    def put(self, name: str, right: str) -> str:
        self.lines.append((name, right))
        return name

    def stage(self, tag: str, at: Mapping[str, str], t: str = START) -> Stage:
        return Stage(self, tag, {"t": t, "dt": WIDTH, **at})

    def middle(self) -> str:
        return self.put(MIDDLE, f"{START} + 0.5*{WIDTH}")


class Stage:
    """The system at one point of the step: states by name, definitions computed when needed."""

    def __init__(self, writer: Writer, tag: str, at: dict[str, str]) -> None:
        self.writer, self.tag, self.at = writer, tag, at

    def text(self, expression: str) -> str:
        """The expression at this stage; definitions that it reads are written first."""
        if self.writer.timeline:
            expression = self.writer.timeline.text(expression)
        for name in sorted(expressions.variables(expression)):
            if name in self.writer.definitions and name not in self.at:
                right = self.text(self.writer.definitions[name].text)
                self.at[name] = self.writer.put(f"_{self.tag}_{name}", right)
        return substitute(expression, self.at)


def slope_of(text: str, x: str, definitions: Mapping[str, Equation]) -> str:
    """d(text)/dx where text is linear in x; factors that are not linear in x are held. '' is 0."""

    def walk(node: ast.expr) -> str:
        match node:
            case ast.Name(id=name) if name == x:
                return "1"
            case ast.Name(id=name) if name in definitions:
                return walk(expressions.parse(definitions[name].text))
            case ast.UnaryOp(op=ast.USub(), operand=a):
                return f"-({walk(a)})" if walk(a) else ""
            case ast.BinOp(left=a, op=ast.Add() | ast.Sub() as op, right=b):
                sign = "+" if isinstance(op, ast.Add) else "-"
                terms = walk(a), walk(b)
                return f"({terms[0] or 0} {sign} {terms[1] or 0})" if any(terms) else ""
            case ast.BinOp(left=a, op=ast.Mult(), right=b):
                da, db = walk(a), walk(b)
                if bool(da) == bool(db):
                    return ""
                return f"({da})*({ast.unparse(b)})" if da else f"({ast.unparse(a)})*({db})"
            case ast.BinOp(left=a, op=ast.Div(), right=b):
                return f"({walk(a)})/({ast.unparse(b)})" if walk(a) and not walk(b) else ""
        return ""

    return walk(expressions.parse(text))


def weighted(slopes: list[str], weights: tuple[float, ...]) -> str:
    """A sum with weights."""
    terms = [s if w == 1 else f"{w!r}*{s}" for s, w in zip(slopes, weights, strict=False) if w]
    return " + ".join(terms)
