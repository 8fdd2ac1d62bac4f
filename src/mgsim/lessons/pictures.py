"""Figures with their text alternative."""

from __future__ import annotations

import base64
import html
import io
import sys
from dataclasses import dataclass
from typing import Any

from mgsim.lessons.reply import folded


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
        return (
            f'<figure style="margin:0"><img src="data:image/png;base64,{data}" alt="{words}" '
            f'style="width:{width:.0f}px;max-width:100%;background:white">'
            f"{folded('This figure in words', words)}</figure>"
        )


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
