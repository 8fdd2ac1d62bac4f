"""Exercises that know the usual slips, and their solutions."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mgsim.lessons.tools.answers import Kind, Number, Unreadable
from mgsim.lessons.tools.reply import NEAR, Reply, folded, missing

#: A slip is recognised this near, which rounding to two digits does not hide.
_SLIP = 0.04
#: How many slips a solution shows beside the right way.
_SHOWN = 3


@dataclass(frozen=True)
class Mistake:
    """A wrong way to an answer.

    Parameters
    ----------
    thought : what was thought or done, in a few words.
    value : where it leads, computed.
    why : why it is wrong; without the right answer.
    """

    thought: str
    value: Any
    why: str


@dataclass(frozen=True)
class Exercise:
    """A question whose answer can be computed.

    Parameters
    ----------
    name : what :func:`mgsim.lessons.check` calls it.
    answer : computes the right value; run once.
    mistakes : computes the usual wrong ones, the commonest first.
    because : the explanation with a right answer.
    hint : where to look.
    code : the solution as a student could write it; its last line is the answer.
    gap : the piece of ``code`` that is left for the student when a third wrong answer brings its
        beginning.
    kind : what the answer is; see :mod:`mgsim.lessons.tools.answers`.
    """

    name: str
    answer: Callable[[], Any]
    mistakes: Callable[[], tuple[Mistake, ...]]
    because: str
    hint: str
    code: str
    gap: str
    kind: Kind = field(default_factory=Number)
    _tried: list[str] = field(default_factory=list, init=False, repr=False, compare=False)

    @cached_property
    def right(self) -> Any:
        """The right answer."""
        return self.kind.read(self.answer())

    @cached_property
    def slips(self) -> tuple[Mistake, ...]:
        """The usual wrong answers."""
        return tuple(Mistake(m.thought, self.kind.read(m.value), m.why) for m in self.mistakes())

    @property
    def beginning(self) -> str:
        """The solution up to its gap."""
        lines = self.code.splitlines()
        last = next((i for i, line in enumerate(lines) if self.gap in line), 0)
        return "\n".join(lines[: last + 1]).replace(self.gap, "____")

    def check(self, given: Any) -> Reply:
        """:meth:`judge`, with more help after each answer that was wrong in another way."""
        reply = self.judge(given)
        if not reply.attempt:
            return reply
        if reply.title not in self._tried:
            self._tried.append(reply.title)
        return self.judge(given, len(self._tried))

    def judge(self, given: Any, attempt: int = 1) -> Reply:
        """Whether ``given`` is right; if not, which slip leads to it.

        ``attempt`` : from the second on a wrong answer brings the hint, from the third on the
        beginning of the solution besides.
        """
        kind = self.kind
        if missing(given):
            return Reply(
                None,
                "No answer yet",
                f"Write {kind.wanted} in place of None and run the cell again.",
            )
        try:
            value = kind.read(given)
        except Unreadable as error:
            return Reply(False, kind.lacking, str(error))
        off = kind.apart(value, self.right)
        if off <= kind.tolerance:
            computed = f"mgsim computes {kind.said(self.right)}. " if kind.tolerance else ""
            return Reply(True, "Right", f"{computed}{self.because}")
        text, slip = self._why(value, off), self._slip(value)
        thought = f", {slip.thought}?" if slip else ""
        if attempt > 1 and self.hint not in text:
            text = f"{text} {self.hint}"
        return Reply(
            False,
            f"Not yet: {kind.said(value)}{thought}",
            text,
            code=self.beginning if attempt > 2 else "",
            attempt=True,
        )

    def _slip(self, value: Any) -> Mistake | None:
        """The slip that leads to a value, if one does."""
        near = min(self.slips, key=lambda m: self.kind.apart(value, m.value), default=None)
        reach = max(_SLIP, self.kind.tolerance)
        return near if near and self.kind.apart(value, near.value) <= reach else None

    def _why(self, value: Any, off: float) -> str:
        """Why a value is wrong, as well as can be said."""
        slip, beyond = self._slip(value), self.kind.beyond(value)
        if slip:
            return slip.why
        if beyond:
            return beyond
        part = self.kind.part(value, self.right)
        if off <= NEAR:
            return (
                f"{part}Very near. Did you round on the way, or read it off a figure? Compute it, "
                f"and give three digits. {self.hint}"
            )
        return f"{part}This is none of the usual slips. {self.hint}"


@dataclass(frozen=True)
class Solution:
    """A solution that shows itself closed, to be opened."""

    exercise: Exercise

    @property
    def _others(self) -> list[str]:
        """The commonest wrong ways."""
        say = self.exercise.kind.said
        return [f"{say(m.value)}: {m.thought}. {m.why}" for m in self.exercise.slips[:_SHOWN]]

    def __repr__(self) -> str:
        one = self.exercise
        lines = [f"{one.code}\n# {one.kind.said(one.right)}", one.because, *self._others]
        return "\n# ".join(lines)

    def _repr_html_(self) -> str:
        one = self.exercise
        others = "".join(f"<li>{html.escape(o)}</li>" for o in self._others)
        return folded(
            "Solution: try first, then open",
            f'<pre style="font-family:monospace">'
            f"{html.escape(one.code)}\n# {html.escape(one.kind.said(one.right))}</pre>"
            f"{html.escape(one.because)}<p>Ways that lead elsewhere:</p><ul>{others}</ul>",
        )
