"""Exercises that know the usual slips, and their solutions."""

from __future__ import annotations

import html
import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from mgsim.lessons.reply import NEAR, Reply, folded, number_in

#: An answer this close to a value is that value; rounding to three digits passes.
TOLERANCE = 0.01
#: The same for a slip, which rounding to two digits does not hide.
_SLIP = 0.04


@dataclass(frozen=True)
class Mistake:
    """A wrong way to an answer: the value it leads to, and why it is wrong."""

    value: float
    why: str


@dataclass(frozen=True)
class Exercise:
    """A question with one number as its answer.

    Parameters
    ----------
    name : what :func:`mgsim.lessons.check` calls it.
    answer : computes the right value.
    mistakes : computes the usual wrong ones.
    limits : between which an answer can lie at all; ``outside`` says why.
    because : the explanation with a right answer.
    hint : where to look, for a wrong answer of no known kind.
    code : the solution as a student could write it; its last line is the answer.
    """

    name: str
    answer: Callable[[], float]
    mistakes: Callable[[], tuple[Mistake, ...]]
    limits: tuple[float, float]
    outside: str
    because: str
    hint: str
    code: str

    def judge(self, given: Any) -> Reply:
        """Whether ``given`` is right; if not, which slip leads to it."""
        if given is None or given is ...:
            return Reply(
                None, "No answer yet", "Write your number in place of None and run the cell again."
            )
        number = number_in(given)
        if isinstance(number, str):
            return Reply(False, "Not a number", number)
        right = self.answer()
        if math.isclose(number, right, rel_tol=TOLERANCE):
            return Reply(True, "Right", f"mgsim computes {right:.3g}. {self.because}")
        title = f"Not yet: {number:.4g}"
        mistake = min(self.mistakes(), key=lambda m: abs(m.value - number))
        if math.isclose(number, mistake.value, rel_tol=_SLIP):
            return Reply(False, title, mistake.why)
        if not self.limits[0] < number <= self.limits[1]:
            return Reply(False, title, self.outside)
        if math.isclose(number, right, rel_tol=NEAR):
            return Reply(
                False,
                title,
                "Very near. Did you round on the way, or read it off a "
                f"figure? Compute it, and give three digits. {self.hint}",
            )
        return Reply(False, title, f"This is none of the usual slips. {self.hint}")


@dataclass(frozen=True)
class Solution:
    """A solution that shows itself closed, to be opened."""

    exercise: Exercise

    def __repr__(self) -> str:
        return f"{self.exercise.code}\n# {self.exercise.answer():.3g}\n# {self.exercise.because}"

    def _repr_html_(self) -> str:
        return folded(
            "Solution: try first, then open",
            f'<pre style="font-family:monospace">'
            f"{html.escape(self.exercise.code)}\n# {self.exercise.answer():.3g}</pre>"
            f"{html.escape(self.exercise.because)}",
        )
