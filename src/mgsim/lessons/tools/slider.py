"""A figure that follows a slider."""

from __future__ import annotations

import html
import itertools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from mgsim.lessons.tools.pictures import Picture
from mgsim.lessons.tools.reply import INK, PAPER, folded

#: What a move of the slider or its switch, or the way back, does: shows one picture, says which
#: and what it shows, hides the rest.
_FOLLOW = (
    "var box=this.closest('[data-slider]'),bar=box.querySelector('input[type=range]'),"
    "back=box.querySelector('button'),all=box.querySelectorAll('[data-value]'),"
    "on=box.querySelector('input[type=radio]:checked'),first=box.querySelector('input[type=radio]');"
    "if(this===back){bar.value=bar.defaultValue;if(first){first.checked=true;on=first;}}"
    "var at=+bar.value+(on?+on.value:0)*(+bar.max+1);"
    "all.forEach(function(one,i){one.style.display=i==at?'':'none';});"
    "var now=all[at],text=now.dataset.value;box.querySelector('output').textContent=text;"
    "box.querySelector('[role=status]').textContent=now.querySelector('img').alt;"
    "bar.setAttribute('aria-valuetext',text);"
    "back.disabled=bar.value==bar.defaultValue&&(!first||first.checked);"
)
#: A page that runs no scripts may drop the attribute "hidden", but keeps this.
_NOT_SHOWN = ' style="display:none"'
#: Width of the bar in em, and of its knob, half of which the track is shorter at each end.
_BAR, _KNOB = 24.0, 1.0
_names = itertools.count()


@dataclass(frozen=True)
class Slider:
    """A figure that follows a slider; where no slider can be shown, some of its settings.

    Every setting is drawn once, when the cell runs: the slider shows them as it is dragged, in a
    saved page too, where nothing computes. Below it the words of the picture are read out as
    they change.

    Parameters
    ----------
    draw : makes the picture for a value, or for a value and an option of the switch.
    choices : rising values by the text that the slider shows and a screen reader says.
    default : the value to begin with; its text is marked.
    about : what the slider sets.
    stills : the values shown where there are no sliders, as on paper.
    marks : ranges of values to mark below the slider, by name; a point as a range of no width.
    switch : options to choose from besides, by the text shown; the first is the default.
    switch_about : what the switch sets.
    """

    draw: Callable[..., Picture]
    choices: Mapping[str, float]
    default: float
    about: str
    stills: tuple[float, ...] = ()
    marks: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    switch: Mapping[str, Any] = field(default_factory=dict)
    switch_about: str = ""

    def __post_init__(self) -> None:
        values = list(self.choices.values())
        for value in (self.default, *self.stills):
            if value not in values:
                raise ValueError(f"{value:g} is not among the choices of the slider")
        if len(values) < 2 or values != sorted(set(values)):
            raise ValueError("a slider has two or more choices, from the lowest to the highest")
        for name, (low, high) in self.marks.items():
            if not values[0] <= low <= high <= values[-1]:
                raise ValueError(
                    f"mark '{name}' goes from {low:g} to {high:g}, the slider from "
                    f"{values[0]:g} to {values[-1]:g}"
                )
        if bool(self.switch) != bool(self.switch_about):
            raise ValueError("a switch has options and words for what it sets: give both or none")

    @cached_property
    def pictures(self) -> dict[tuple[str, str], Picture]:
        """A picture for each option (none without a switch) and text of the slider."""
        return {
            (option, text + (" (default)" if value == self.default else "")): self.draw(
                value, *([self.switch[option]] if option else [])
            )
            for option in self.switch or ("",)
            for text, value in self.choices.items()
        }

    def shown_still(self) -> dict[str, Picture]:
        """The pictures for where there are no sliders, by their texts."""
        wanted = self.stills or (self.default,)
        values = itertools.cycle(self.choices.values())
        return {
            ", ".join(filter(None, (text, option))): picture
            for ((option, text), picture), value in zip(self.pictures.items(), values, strict=False)
            if value in wanted
        }

    def __repr__(self) -> str:
        return f"Slider for {self.about}: {', '.join(dict.fromkeys(t for _, t in self.pictures))}"

    def _repr_html_(self) -> str:
        """The slider, and the stills: a page that runs no scripts has only those."""
        stills = "".join(
            f"<p><strong>{html.escape(f'{self.about}: {text}')}</strong></p>{picture._repr_html_()}"
            for text, picture in self.shown_still().items()
        )
        start = list(self.choices.values()).index(self.default)
        shown = list(self.pictures.items())
        text, about = html.escape(shown[start][0][1]), html.escape(self.about)
        bar = (
            f'<input type="range" min="0" max="{len(self.choices) - 1}" value="{start}" step="1" '
            f'aria-label="{about}" aria-valuetext="{text}" oninput="{_FOLLOW}" '
            f'style="font:inherit;width:{_BAR:g}em;max-width:100%;margin:0">'
        )
        pictures = "".join(
            f'<div data-value="{html.escape(at)}" data-option="{html.escape(option)}"'
            f"{'' if i == start else _NOT_SHOWN}>{picture.image}</div>"
            for i, ((option, at), picture) in enumerate(shown)
        )
        return (
            f'<div data-slider="{about}"><div style="display:flex;flex-wrap:wrap;gap:.8em;'
            f'align-items:center"><strong>{about}</strong><div>{bar}{self._marked()}</div>'
            f'<output aria-live="off">{text}</output>'
            f'<button type="button" disabled onclick="{_FOLLOW}">Back to the default</button>'
            f'</div>{self._switch()}<p role="status" aria-live="polite" style="background:{PAPER};'
            f'color:{INK};padding:.2em .5em">{html.escape(shown[start][1].words)}</p>'
            f"{pictures}</div>" + folded("No slider that moves? Some of its settings", stills)
        )

    def _marked(self) -> str:
        """The marks as bars below the slider, each with its name."""
        values, track = list(self.choices.values()), _BAR - _KNOB

        def place(value: float) -> float:
            right = next(i for i, v in enumerate(values) if v >= value)
            left = max(right - 1, 0)
            part = (value - values[left]) / (values[right] - values[left]) if right > left else 0
            return _KNOB / 2 + track * (left + part) / (len(values) - 1)

        rows = []
        for name, (low, high) in self.marks.items():
            start, width = place(low), max(place(high) - place(low), 0.25)
            side = (
                f"left:{start + width + 0.3:.2f}em"
                if start < _BAR / 2
                else f"right:{_BAR - start + 0.3:.2f}em"
            )
            rows.append(
                f'<div style="position:relative;height:1.3em;width:{_BAR:g}em;font-size:1em">'
                f'<span style="position:absolute;left:{start:.2f}em;width:{width:.2f}em;top:.3em;'
                f'height:.7em;background:#767676"></span><span style="position:absolute;{side}">'
                f"{html.escape(name)}</span></div>"
            )
        return "".join(rows)

    def _switch(self) -> str:
        """The options of the switch, the first chosen."""
        if not self.switch:
            return ""
        group = f"mgsim-switch-{next(_names)}"
        options = "".join(
            f'<label style="margin-right:1em"><input type="radio" name="{group}" value="{i}" '
            f'{"checked " if i == 0 else ""}onchange="{_FOLLOW}"> {html.escape(text)}</label>'
            for i, text in enumerate(self.switch)
        )
        return (
            '<fieldset style="border:0;padding:0;margin:.3em 0"><legend style="font-weight:bold">'
            f"{html.escape(self.switch_about)}</legend>{options}</fieldset>"
        )
