"""A figure that follows a slider."""

from __future__ import annotations

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property

from mgsim.lessons.pictures import Picture
from mgsim.lessons.reply import folded

#: What a move of the slider, or the way back, does: shows one picture, says which, hides the rest.
_FOLLOW = (
    "var box=this.closest('[data-slider]'),bar=box.querySelector('input'),"
    "back=box.querySelector('button'),all=box.querySelectorAll('[data-value]');"
    "if(this===back)bar.value=bar.defaultValue;"
    "all.forEach(function(one,i){one.hidden=i!=bar.value;});"
    "var text=all[bar.value].dataset.value;box.querySelector('output').textContent=text;"
    "bar.setAttribute('aria-valuetext',text);back.disabled=bar.value==bar.defaultValue;"
)


@dataclass(frozen=True)
class Slider:
    """A figure that follows a slider; where no slider can be shown, some of its settings.

    Every setting is drawn once, when the cell runs: the slider shows them as it is dragged, in a
    saved page too, where nothing computes.

    Parameters
    ----------
    draw : makes the picture for a value.
    choices : values by the text that the slider shows and a screen reader says.
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
    def pictures(self) -> dict[str, Picture]:
        """A picture for each text of the slider."""
        return {
            text + (" (default)" if value == self.default else ""): self.draw(value)
            for text, value in self.choices.items()
        }

    def shown_still(self) -> dict[str, Picture]:
        """The pictures for where there are no sliders, by their texts."""
        wanted = self.stills or (self.default,)
        return {
            text: picture
            for (text, picture), value in zip(
                self.pictures.items(), self.choices.values(), strict=True
            )
            if value in wanted
        }

    def __repr__(self) -> str:
        return f"Slider for {self.about}: {', '.join(self.pictures)}"

    def _repr_html_(self) -> str:
        """The slider, and the stills: a page that runs no scripts has only those."""
        stills = "".join(
            f"<p><strong>{html.escape(f'{self.about}: {text}')}</strong></p>{picture._repr_html_()}"
            for text, picture in self.shown_still().items()
        )
        start = list(self.choices.values()).index(self.default)
        texts = list(self.pictures)
        first, about = html.escape(texts[start]), html.escape(self.about)
        bar = (
            f'<input type="range" min="0" max="{len(texts) - 1}" value="{start}" step="1" '
            f'aria-label="{about}" aria-valuetext="{first}" oninput="{_FOLLOW}" '
            'style="width:22em;max-width:100%">'
        )
        choices = "".join(
            f'<div data-value="{html.escape(text)}"{"" if i == start else " hidden"}>'
            f"{picture._repr_html_()}</div>"
            for i, (text, picture) in enumerate(self.pictures.items())
        )
        return (
            f'<div data-slider="{about}"><div style="display:flex;flex-wrap:wrap;gap:.8em;'
            f'align-items:center"><strong>{about}</strong>{bar}'
            f'<output aria-live="off">{first}</output>'
            f'<button type="button" disabled onclick="{_FOLLOW}">Back to the default</button>'
            f"</div>{choices}</div>" + folded("No slider to be seen? Some of its settings", stills)
        )
