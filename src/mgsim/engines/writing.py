"""Assignments of abstract code, and the stages of a step that they compute."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from mgsim import expressions
from mgsim.engines.timeline import MIDDLE, START, WIDTH, Timeline
from mgsim.expressions import substitute
from mgsim.system import System


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
