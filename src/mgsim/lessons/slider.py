"""A figure that follows a slider."""

from __future__ import annotations

import html
import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mgsim.lessons.pictures import Picture
from mgsim.lessons.reply import folded


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
        display.display(display.HTML(folded("No slider to be seen? Some of its settings", stills)
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
