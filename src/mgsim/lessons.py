"""What the lessons need: checks that say why an answer is wrong, pictures in words, a slider.

An :class:`Exercise` knows its answer as a computation with mgsim, never as a number, and knows the
usual slips, each computed in its own wrong way. A teacher writes a new one as a new object.
"""

from __future__ import annotations

import base64
import html
import importlib
import io
import math
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from mgsim.bath import dish_normal, dish_zero, person
from mgsim.blocks.jahr_stevens_1990 import jahr_stevens_1990
from mgsim.catalog import unknown
from mgsim.component import Component

#: An answer this close to a value is that value; rounding to three digits passes.
TOLERANCE = 0.01
_NEAR = 0.15


@dataclass(frozen=True)
class Reply:
    """What comes back for an answer or a prediction; true when passed.

    Parameters
    ----------
    passed : True, False, or None where nothing was given or nothing can be wrong.
    title, text : what to read.
    """

    passed: bool | None
    title: str
    text: str

    def __bool__(self) -> bool:
        return bool(self.passed)

    def __repr__(self) -> str:
        return f"{self.title}. {self.text}"

    def _repr_html_(self) -> str:
        sign, colour = {True: ("✓", "#00734f"), False: ("✗", "#b34700"),
                        None: ("→", "#5a5a5a")}[self.passed]
        return (f'<div role="status" style="border-left:4px solid {colour};padding:.3em .8em">'
                f'<strong style="color:{colour}">{sign} {html.escape(self.title)}.</strong> '
                f"{html.escape(self.text)}</div>")


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
    name : what :func:`check` and :func:`solution` call it.
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
            return Reply(None, "No answer yet", "Write your number in place of None and run the "
                         "cell again.")
        number = _number(given)
        if isinstance(number, str):
            return Reply(False, "Not a number", number)
        right = self.answer()
        if math.isclose(number, right, rel_tol=TOLERANCE):
            return Reply(True, "Right", f"mgsim computes {right:.3g}. {self.because}")
        title = f"Not yet: {number:.4g}"
        mistake = min(self.mistakes(), key=lambda m: abs(m.value - number))
        if math.isclose(number, mistake.value, rel_tol=TOLERANCE):
            return Reply(False, title, mistake.why)
        if not self.limits[0] < number <= self.limits[1]:
            return Reply(False, title, self.outside)
        if math.isclose(number, right, rel_tol=_NEAR):
            return Reply(False, title, "Very near. Did you round on the way, or read it off a "
                         f"figure? Compute it, and give three digits. {self.hint}")
        return Reply(False, title, f"This is none of the usual slips. {self.hint}")


@dataclass(frozen=True)
class Solution:
    """A solution that shows itself closed, to be opened."""

    exercise: Exercise

    def __repr__(self) -> str:
        return (f"{self.exercise.code}\n# {self.exercise.answer():.3g}\n"
                f"# {self.exercise.because}")

    def _repr_html_(self) -> str:
        return _folded("Solution: try first, then open", f'<pre style="font-family:monospace">'
                       f"{html.escape(self.exercise.code)}\n# {self.exercise.answer():.3g}</pre>"
                       f"{html.escape(self.exercise.because)}")


def check(exercise: str | Exercise, answer: Any) -> Reply:
    """Whether an answer is right, and if not, why.

    Parameters
    ----------
    exercise : the name of one of :data:`EXERCISES`, or an exercise of your own.
    answer : a number; None while there is none.

    Examples
    --------
    >>> check("at_rest", 0.945).passed
    False
    """
    return _find(exercise).judge(answer)


def solution(exercise: str | Exercise) -> Solution:
    """The solution of an exercise, folded up in a notebook."""
    return Solution(_find(exercise))


def _find(exercise: str | Exercise) -> Exercise:
    if isinstance(exercise, Exercise):
        return exercise
    if exercise not in EXERCISES:
        raise unknown("exercise", exercise, EXERCISES)
    return EXERCISES[exercise]


def compare(prediction: Any, found: Any, unit: str = "") -> Reply:
    """A prediction beside what the model gives, once there is a prediction.

    Parameters
    ----------
    prediction : a number, or a word; None while there is none, and then nothing is told.
    found : the number or the word that came out.
    unit : after the number.
    """
    if prediction is None or prediction is ...:
        return Reply(None, "Predict first", "Write your prediction in the cell above in place of "
                     "None, run it, then run this cell again. A guess is fine: it is not marked.")
    if isinstance(found, str):
        same = str(prediction).strip().lower() == found.lower()
        return Reply(None, "As you predicted" if same else "Not as you predicted",
                     f"You wrote {prediction}; the model says {found}.")
    number, value = _number(prediction), float(np.asarray(found).item())
    if isinstance(number, str):
        return Reply(None, "Not a number", number)
    said = f"You wrote {number:.3g}{unit}; the model gives {value:.3g}{unit}"
    if math.isclose(number, value, rel_tol=_NEAR):
        return Reply(None, "Close", f"{said}.")
    if number * value <= 0:
        return Reply(None, "Compare", f"{said}.")
    factor = number / value
    times = f"{max(factor, 1 / factor):.2g} times too {'high' if factor > 1 else 'low'}"
    return Reply(None, "Compare", f"{said}: you were {times}.")


def _number(given: Any) -> float | str:
    """A finite number, or what is the matter with it."""
    if isinstance(given, str | bool):
        return f"{given!r} is not a number: write it without quotes, as in 0.25."
    try:
        values = np.asarray(given, dtype=float)
    except (TypeError, ValueError):
        return "Give one plain number, as in 0.25."
    if values.size != 1:
        return (f"You gave {values.size} numbers. Give one: evaluate at one voltage and one "
                "magnesium concentration.")
    number = float(values.item())
    return number if math.isfinite(number) else f"{number} is not a finite number."


# ------------------------------------------------------------------------------------ pictures


@dataclass(frozen=True)
class Picture:
    """An image with the same in words, for those who cannot see it."""

    png: bytes
    words: str

    def __repr__(self) -> str:
        return f"Figure: {self.words}"

    def _repr_html_(self) -> str:
        width = 0.72 * int.from_bytes(self.png[16:20], "big")  # pixels are finer than the page's
        data, words = base64.b64encode(self.png).decode(), html.escape(self.words)
        return (f'<figure style="margin:0"><img src="data:image/png;base64,{data}" alt="{words}" '
                f'style="width:{width:.0f}px;max-width:100%;background:white">'
                f"{_folded('This figure in words', words)}</figure>")


def show(drawing: Any, words: str) -> Picture:
    """A figure with its text alternative.

    Parameters
    ----------
    drawing : a matplotlib figure, or what a figure of mgsim returned.
    words : what it shows, for someone who cannot see it: axes, course of the curves, the point.
    """
    if not words.strip():
        raise ValueError("a figure needs words: say what it shows to someone who cannot see it")
    if hasattr(drawing, "_repr_png_"):
        png = drawing._repr_png_()
    else:
        buffer = io.BytesIO()
        drawing.savefig(buffer, format="png", dpi=150)
        png = buffer.getvalue()
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot:  # else a notebook shows the figure a second time, without words
        pyplot.close(drawing)
    return Picture(png, " ".join(words.split()))


def _folded(summary: str, inside: str) -> str:
    return f"<details><summary>{html.escape(summary)}</summary>{inside}</details>"


@dataclass(frozen=True)
class Slider:
    """A figure that follows a slider; where no slider can be shown, some of its settings.

    Parameters
    ----------
    draw : makes the picture for a value.
    choices : values by the text that the slider shows.
    default : the value to begin with; its text is marked.
    about : what the slider sets.
    stills : the values shown where there are no sliders, as on paper.
    """

    draw: Callable[[float], Picture]
    choices: Mapping[str, float]
    default: float
    about: str
    stills: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        for value in (self.default, *self.stills):
            if value not in self.choices.values():
                raise ValueError(f"{value:g} is not among the choices of the slider")

    @cached_property
    def _texts(self) -> dict[str, float]:
        return {text + (" (default)" if value == self.default else ""): value
                for text, value in self.choices.items()}

    def __repr__(self) -> str:
        return f"Slider for {self.about}: {', '.join(self._texts)}"

    def _repr_html_(self) -> str:
        """The stills."""
        return "".join(
            f"<p><strong>{html.escape(f'{self.about}: {text}')}</strong></p>"
            f"{self.draw(value)._repr_html_()}"
            for text, value in self._texts.items() if value in (self.stills or (self.default,))
        )

    def _ipython_display_(self) -> None:
        """The slider, and the stills: a saved page, or one without network, has only those."""
        display = importlib.import_module("IPython.display")
        box = self.widget()
        if box:
            display.display(box)
        stills = self._repr_html_()
        display.display(display.HTML(_folded("No slider to be seen? Some of its settings", stills)
                                     if box else stills))

    def widget(self) -> Any:
        """The slider with a button back to the default, as a widget; None without ipywidgets."""
        try:
            widgets = importlib.import_module("ipywidgets")
        except ImportError:
            return None
        start = next(text for text, value in self._texts.items() if value == self.default)
        slider = widgets.SelectionSlider(
            options=list(self._texts), value=start, description=self.about,
            continuous_update=False, layout={"width": "34em"}, style={"description_width": "auto"})
        back = widgets.Button(description="Back to the default", disabled=True)
        view = widgets.HTML(self.draw(self.default)._repr_html_())

        def follow(_: Any) -> None:
            back.disabled = slider.value == start
            view.value = self.draw(self._texts[slider.value])._repr_html_()

        def reset(_: Any) -> None:
            slider.value = start

        slider.observe(follow, "value")
        back.on_click(reset)
        return widgets.VBox([widgets.HBox([slider, back]), view])


# ----------------------------------------------------------------------------------- exercises

_V_REST, _V_COMPARE = -70.0, -65.0
#: Total magnesium (mM) of the samples whose free magnesium is the bath ``person``: mckee_2005.
CSF_TOTAL = 1.25


def _unblocked(v: float, mg_out: float) -> float:
    return float(jahr_stevens_1990.evaluate("unblocked", v=v, mg_out=mg_out))


def _free(bath: Component) -> float:
    return bath["mg_out"].value


def _at_rest() -> float:
    return _unblocked(_V_REST, _free(person))


def _at_rest_mistakes() -> tuple[Mistake, ...]:
    v, mg, right = _V_REST, _free(person), _at_rest()
    return (
        Mistake(_unblocked(-v, mg),
                f"That is B at {-v:+g} mV. The sign of the voltage is lost: the inside is "
                f"negative at rest ({v:+g} mV), and it is this that pulls magnesium into the pore. "
                "In a formula of your own, exp(-mg_slope*v) has a minus and v has its own."),
        Mistake(_unblocked(v / 1000, mg),
                "That is B at about 0 mV. Did you give the voltage in volts, or leave it out? "
                f"mgsim takes mV: v={v:g}, not {v / 1000:g}."),
        Mistake(1 - right,
                "That is the blocked share. The unblocked fraction B is what is left: 1 minus "
                "it."),
        Mistake(100 * right, "The number is right but in percent. B is a fraction of 1."),
        Mistake(_unblocked(v, 0),
                "B is exactly 1 only without any magnesium. Is mg_out missing, or 0?"),
        Mistake(_unblocked(v, CSF_TOTAL),
                f"That is B for {CSF_TOTAL:g} mM, the total magnesium. A good part of it is bound "
                f"to other molecules and cannot enter a pore; only the free {mg:g} mM blocks."),
        Mistake(_unblocked(v, 1.0),
                "That is B for 1 mM: the usual dish, not a person. Or your own formula has no "
                "magnesium in it, which is the same as 1 mM."),
        Mistake(_unblocked(v, _free(dish_zero)),
                "That is B for the medium called magnesium-free, not for a person."),
        Mistake(_unblocked(v, mg * 1000),
                f"That is B for {mg * 1000:g} mM. Magnesium is given in mM here, not in µM."),
        Mistake(_unblocked(_V_COMPARE, mg),
                f"That is B at {_V_COMPARE:g} mV, seen earlier. Here the cell is at {v:g} mV."),
    )


def _dish_and_person() -> float:
    return _unblocked(_V_COMPARE, _free(dish_zero)) / _unblocked(_V_COMPARE, _free(person))


def _dish_and_person_mistakes() -> tuple[Mistake, ...]:
    v, dish, csf = _V_COMPARE, _free(dish_zero), _free(person)
    b_dish, b_csf, right = _unblocked(v, dish), _unblocked(v, csf), _dish_and_person()

    def ratio(v: float, above: float, below: float) -> float:
        return _unblocked(v, above) / _unblocked(v, below)

    return (
        Mistake(ratio(v, 0.0, csf),
                "That takes the dish as exactly 0 mM. Nominally magnesium-free medium is "
                f"contaminated and holds about {dish:g} mM, enough to block part of the channels."),
        Mistake(1 / right, "That is person over dish: turn the ratio over."),
        Mistake(csf / dish,
                "That is the ratio of the concentrations. The current does not grow as magnesium "
                "falls, one for one: B cannot exceed 1, and the dish is well on the way there."),
        Mistake(ratio(-v, dish, csf),
                f"That is the ratio at {-v:+g} mV. The sign of the voltage is lost; at positive "
                "voltages there is hardly any block to lift."),
        Mistake(ratio(v / 1000, dish, csf),
                "That is the ratio at about 0 mV. Did you give the voltage in volts, or leave it "
                f"out? mgsim takes mV: v={v:g}, not {v / 1000:g}."),
        Mistake((1 - b_dish) / (1 - b_csf),
                "That compares the blocked shares. Current flows through the unblocked ones."),
        Mistake((1 - b_csf) / (1 - b_dish),
                "That compares the blocked shares. Current flows through the unblocked ones."),
        Mistake(b_dish - b_csf,
                "That is the difference of the two fractions. Asked is how many times as large "
                "one is as the other."),
        Mistake(b_dish, "That is B in the dish alone. Divide it by B in the person."),
        Mistake(b_csf, "That is B in the person alone. Divide B in the dish by it."),
        Mistake(ratio(v, dish, CSF_TOTAL),
                f"That takes {CSF_TOTAL:g} mM, the total magnesium, for the person. Only the free "
                f"{csf:g} mM blocks."),
        Mistake(ratio(v, dish, _free(dish_normal)),
                "That compares two dishes: the usual one holds 1 mM, a person has less."),
        Mistake(ratio(_V_REST, dish, csf),
                f"That is the ratio at {_V_REST:g} mV. Here both cells are at {v:g} mV."),
        Mistake(100 * right, "That is in percent. Asked is how many times as large."),
    )


_LAW = 'jahr = mg.blocks["jahr_stevens_1990"]\n'
#: The exercises of the lessons, by name.
EXERCISES: Mapping[str, Exercise] = {
    e.name: e
    for e in (
        Exercise(
            "at_rest", _at_rest, _at_rest_mistakes, (0.0, 1.0),
            "B is a fraction of the open channels: above 0, because block is never complete, and "
            "at most 1.",
            "Most of the open channels are blocked at any moment. The free magnesium counts, and "
            "the voltage goes in as mV, with its sign.",
            "Check three things: the voltage in mV with its sign, the free magnesium in mM, and "
            "that B is the fraction that conducts.",
            f'{_LAW}float(jahr.evaluate("unblocked", v={_V_REST:g}, mg_out={_free(person):g}))',
        ),
        Exercise(
            "dish_and_person", _dish_and_person, _dish_and_person_mistakes, (0.0, math.inf),
            "A ratio of two fractions is above 0.",
            "Voltage and driving force are the same, so the currents differ as B does. No change "
            "of magnesium measured in a person comes near this.",
            "Take B at the same voltage for both baths, with the magnesium that each bath really "
            "holds, and divide dish by person.",
            f'{_LAW}dish, person = jahr.evaluate("unblocked", v={_V_COMPARE:g}, '
            f"mg_out=[{_free(dish_zero):g}, {_free(person):g}])\nfloat(dish / person)",
        ),
    )
}  # fmt: skip
