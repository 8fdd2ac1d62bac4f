"""Nodes of a program as C: each value is computed at the place where it changes."""

from __future__ import annotations

import math
from collections.abc import Iterable

from mgsim.engines.fused.program.collect import Program
from mgsim.engines.fused.program.graph import LANE, LITERAL, POINT, STEP, UNIFORM, Node

_INFIX = {"Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "and": "&&", "or": "||"}
#: The place of what a lane computes by itself, now and then, in double precision.
ALONE = LANE + 1
#: Kept out of variables: as integers they would cost a vector loop conversions.
_CONDITIONS = {*_INFIX, "not", "near_zero"}


class Text:
    """Writes nodes as C; each value gets a variable at the place where it changes."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.hoisted: dict[int, int] = {}  # node of a point's constant -> row of H
        self.uniform: list[str] = []
        self.done: set[int] = set()

    def ref(self, n: Node, place: int) -> str:
        """How a value is named where it is used; a condition is written out there."""
        if n.op in _CONDITIONS:
            return f"({self.expression(n, place)})"
        if n.op == "number":
            value = _number(n.value)
            return f"R({value})" if place in (LANE, POINT) else f"({value})"
        if place == ALONE:
            return self._leaf(n, place) if n.op == "leaf" else f"x{n.index}"
        if n.level == POINT and place == LANE:
            row = self.hoisted.setdefault(n.index, len(self.hoisted))
            return f"H[{row}][l]"
        name = self._leaf(n, place) if n.op == "leaf" else f"x{n.index}"
        if n.level in (UNIFORM, STEP) and place in (LANE, POINT):
            return f"(real){name}"
        return name

    def _leaf(self, n: Node, place: int) -> str:
        program, alone = self.program, place == ALONE
        if n.name in program.carried:
            return f"s{program.carried.index(n.name)}"
        if n.name in program.per_point:
            row = program.per_point.index(n.name)
            return f"points[{row}*n_points + first + l]" if alone else f"P[{row}][l]"
        if n.name in program.uniform:
            return f"U[{program.uniform.index(n.name)}]"
        recorded = self._recorded(n.name)
        if recorded >= 0 and n.level == LANE:
            return f"q->driven[{recorded}][l]" if alone else f"(real)q.driven[{recorded}][l]"
        if alone and n.name not in ("begin", "width"):
            return self._chance(n.name)
        if alone:
            return {"begin": "now", "width": "dt"}[n.name]
        if n.level == LANE:
            flags = [f for e, _ in program.edges for f in (e.flag, f"{e.flag}_of_lane")]
            return (
                f"q.past[{flags.index(n.name) // 2}][l]"
                if n.name in flags
                else (f"(real){n.name}[l]")
            )
        return n.name

    def _recorded(self, name: str) -> int:
        """Which of the values that recordings have in a substep a leaf is; -1 for none."""
        names = [n for one, _ in self.program.driven for n in one.leaves]
        plain = name.removesuffix("_of_lane")
        return names.index(plain) if plain in names else -1

    def _chance(self, name: str) -> str:
        """One of the chances behind the time of the event that is delivered."""
        for number, names in enumerate(self.program.chances.values()):
            if name in names:
                row = f"*at*{1 + len(names)} + {1 + names.index(name)}"
                return f"trains[{number}].times[{row}]"
        raise KeyError(name)

    def expression(self, n: Node, place: int) -> str:
        """The C expression of a node from its arguments."""
        a = [self.ref(x, place) for x in n.args]
        kind = "" if place in (LANE, POINT) else "d"
        match n.op:
            case "add":
                text = a[0]
                for x, r in zip(n.args[1:], a[1:], strict=True):
                    text += self._subtracted(x, place) or f" + {r}"
                return text
            case "mul" | "times":
                return "*".join(a)
            case "square":
                return f"{a[0]}*{a[0]}"
            case "reciprocal":
                return f"{'R(1.0)' if place in (LANE, POINT) else '1.0'}/{a[0]}"
            case "select":
                return f"{a[0]} ? {a[1]} : {a[2]}"
            case "min":
                return f"({a[0]} > {a[1]}) ? {a[1]} : {a[0]}"
            case "max":
                return f"({a[0]} < {a[1]}) ? {a[1]} : {a[0]}"
            case "not":
                return f"!({a[0]})"
            case op if op in _INFIX:
                return f" {_INFIX[op]} ".join(a)
            case op:
                return f"{op}_{kind or 'r'}({', '.join(a)})"

    def _subtracted(self, x: Node, place: int) -> str | None:
        """``- y`` for a term that is ``-1*y``, instead of a multiplication."""
        if (
            x.op == "mul"
            and x.args[0].op == "number"
            and x.args[0].value == -1.0
            and (len(x.args) == 2)
        ):
            return f" - {self.ref(x.args[1], place)}"
        return None

    def block(self, wanted: Iterable[Node], place: int) -> list[str]:
        """Declarations, in order, of everything that ``wanted`` needs at a place."""
        lines: list[str] = []
        done: set[int] = set()

        def visit(n: Node) -> None:
            if n.index in done or n.op in ("number", "leaf"):
                return
            done.add(n.index)
            if n.level < place < ALONE and not (n.level == POINT and place == STEP):
                self._elsewhere(n)
                return
            for x in n.args:
                visit(x)
            if n.op in _CONDITIONS:
                return
            kind = {LANE: "real", POINT: "real"}.get(place, "double")
            lines.append(f"const {kind} x{n.index} = {self.expression(n, place)};")

        for n in wanted:
            visit(n)
        return lines

    def _elsewhere(self, n: Node) -> None:
        """A value that changes less often: see to it that it is computed there."""
        if n.level == LITERAL or n.index in self.done:
            return
        if n.level == UNIFORM:
            self.done.add(n.index)
            for line in self.block([n], UNIFORM):
                if line not in self.uniform:
                    self.uniform.append(line)
        elif n.level == POINT:
            self.hoisted.setdefault(n.index, len(self.hoisted))


def _number(value: float) -> str:
    if math.isfinite(value):
        return repr(value)
    return "NAN" if math.isnan(value) else "INFINITY" if value > 0 else "-INFINITY"
