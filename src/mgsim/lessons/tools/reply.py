"""What comes back for an answer or a prediction."""

from __future__ import annotations

import html
import math
from dataclasses import dataclass
from typing import Any

import numpy as np

#: A prediction or a wrong answer this close is near.
NEAR = 0.15
#: Colours of a reply. It brings its own background, so that it reads alike in any theme.
PAPER, INK = "#ffffff", "#1a1a1a"
SIGNS = {True: ("✓", "#00734f"), False: ("✗", "#b34700"), None: ("→", "#5a5a5a")}
#: Hyphens, dashes and the minus sign, which all mean minus before a number.
_MINUS = str.maketrans(dict.fromkeys("‐‑‒–—−﹣－", "-"))


@dataclass(frozen=True)
class Reply:
    """What comes back for an answer or a prediction; true when passed.

    Parameters
    ----------
    passed : True, False, or None where nothing was given or nothing can be wrong.
    title, text : what to read.
    code : lines to go on from.
    attempt : whether a wrong answer was given that could have been right.
    """

    passed: bool | None
    title: str
    text: str
    code: str = ""
    attempt: bool = False

    def __bool__(self) -> bool:
        return bool(self.passed)

    def __repr__(self) -> str:
        begin = f"\nThe solution begins:\n{self.code}" if self.code else ""
        return f"{self.title}{_stop(self.title)} {self.text}{begin}"

    def _repr_html_(self) -> str:
        sign, colour = SIGNS[self.passed]
        begin = (
            f'<br>The solution begins:<pre style="color:{INK};background:{PAPER};margin:0">'
            f"{html.escape(self.code)}</pre>"
            if self.code
            else ""
        )
        return (
            f'<div role="status" style="background:{PAPER};color:{INK};'
            f'border-left:4px solid {colour};padding:.3em .8em">'
            f'<strong style="color:{colour}">{sign} {html.escape(self.title)}'
            f"{_stop(self.title)}</strong> {html.escape(self.text)}{begin}</div>"
        )


def _stop(title: str) -> str:
    return "" if title.endswith("?") else "."


def missing(given: Any) -> bool:
    """Whether a prediction or an answer, or one of several, is not there yet."""
    if isinstance(given, tuple | list):
        return any(missing(one) for one in given)
    return given is None or given is ...


def compare(prediction: Any, found: Any, unit: str = "", because: str | None = None) -> Reply:
    """A prediction beside what the model gives, once there is a prediction.

    Parameters
    ----------
    prediction : a number, or a word; None for none, and then nothing is said of it.
    found : the number or the word that came out.
    unit : after the number.
    because : the reason for the prediction in one line, or None; shown again, never marked.
    """
    if missing(prediction):
        return Reply(
            None,
            "Predict first",
            "Write your prediction in the cell above in place of "
            "None, run it, then run this cell again. A guess is fine: it is not marked.",
        )
    reason = (
        f" Your reason: “{because}”. Does it still hold?"
        if because and not missing(because)
        else ""
    )
    if isinstance(found, str):
        same = plain(prediction) == plain(found)
        return Reply(
            None,
            "As you predicted" if same else "Not as you predicted",
            f"You wrote {prediction}; the model says {found}.{reason}",
        )
    number, value = number_in(prediction), float(np.asarray(found).item())
    if isinstance(number, str):
        return Reply(None, "Not a number", number)
    said = f"You wrote {number:.3g}{unit}; the model gives {value:.3g}{unit}"
    if math.isclose(number, value, rel_tol=NEAR):
        return Reply(None, "Close", f"{said}.{reason}")
    if number * value <= 0:
        return Reply(None, "Compare", f"{said}.{reason}")
    factor = number / value
    times = f"{max(factor, 1 / factor):.2g} times too {'high' if factor > 1 else 'low'}"
    return Reply(None, "Compare", f"{said}: you were {times}.{reason}")


def plain(word: Any) -> str:
    """A word or a number with a unit, however it was typed."""
    return "".join(str(word).translate(_MINUS).casefold().split()).strip(".\"'")


def number_in(given: Any) -> float | str:
    """A finite number, or what is the matter with it."""
    if isinstance(given, str | bool):
        return f"{given!r} is not a number: write it without quotes, as in 0.25."
    try:
        values = np.asarray(given, dtype=float)
    except (TypeError, ValueError, OverflowError):
        return "Give one plain number, as in 0.25."
    if values.size != 1:
        return f"You gave {values.size} numbers. Give one, as in 0.25."
    number = float(values.item())
    return number if math.isfinite(number) else f"{number} is not a finite number."


def folded(summary: str, inside: str) -> str:
    """HTML that shows itself closed, to be opened."""
    return f"<details><summary>{html.escape(summary)}</summary>{inside}</details>"
