"""Figures with their text alternative, paragraphs with computed numbers, and lists of lines."""

from __future__ import annotations

import base64
import html
import io
import re
import sys
from dataclasses import dataclass
from typing import Any

from mgsim.lessons.tools.reply import folded, missing

#: How to draw what stays in sight beside a setting: ``axes.plot(x, y, **lessons.GHOST)``.
GHOST: dict[str, Any] = {"color": "0.75", "linewidth": 4, "zorder": 0, "solid_capstyle": "butt"}
#: How to shade a range, such as that of a person: ``axes.axvspan(0.65, 0.95, **lessons.BAND)``.
BAND: dict[str, Any] = {"color": "0.92", "linewidth": 0, "zorder": -1}
_ADDRESS = re.compile(r"https?://[^\s<>]+[^\s<>.,;)]")
_FIRST = "Predict first, in the cell above. Or show it anyway"


@dataclass(frozen=True)
class Picture:
    """An image with the same in words, for those who cannot see it.

    ``early`` : closed, because its prediction is not there yet.
    """

    png: bytes
    words: str
    early: bool = False

    def __repr__(self) -> str:
        return f"Figure: {self.words}"

    @property
    def image(self) -> str:
        """The image alone, in HTML."""
        width = 0.72 * int.from_bytes(self.png[16:20], "big")  # pixels are finer than the page's
        data, words = base64.b64encode(self.png).decode(), html.escape(self.words)
        return (
            f'<img src="data:image/png;base64,{data}" alt="{words}" '
            f'style="width:{width:.0f}px;max-width:100%;background:white">'
        )

    def _repr_html_(self) -> str:
        words = folded("This figure in words", html.escape(self.words))
        whole = f'<figure style="margin:0">{self.image}{words}</figure>'
        return folded(_FIRST, whole) if self.early else whole


def show(drawing: Any, words: str, after: Any = True) -> Picture:
    """A figure with its text alternative.

    Parameters
    ----------
    drawing : a matplotlib figure, or what a figure of mgsim returned.
    words : what it shows, for someone who cannot see it: axes, course of the curves, the point.
    after : the prediction, or predictions, before which it stays closed.
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
    return Picture(png, " ".join(words.split()), missing(after))


@dataclass(frozen=True)
class Said:
    """A paragraph in Markdown, closed where its prediction is not there yet."""

    text: str
    early: bool = False

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        if not self.early:
            return self.text
        return f"<details><summary>{_FIRST}</summary>\n\n{self.text}\n\n</details>"


def say(text: str, after: Any = True) -> Said:
    """A paragraph in Markdown with numbers that were computed.

    Parameters
    ----------
    text : what to say; an f-string, so that no number of the package is typed. Lines that begin
        with ``-`` are a list; an empty line ends a paragraph.
    after : the prediction, or predictions, before which it stays closed.
    """
    lines = (line.strip() for line in text.strip().splitlines())
    return Said("\n".join(lines), missing(after))


@dataclass(frozen=True)
class Listing:
    """Lines as they would be printed; a notebook breaks long ones between words."""

    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        lines = []
        for line in self.text.splitlines():
            words = line.lstrip()
            inside = _ADDRESS.sub(r'<a href="\g<0>">\g<0></a>', html.escape(words)) or "&nbsp;"
            lines.append(
                f'<div style="padding-left:{(len(line) - len(words)) / 2 + 2:g}em;'
                f'text-indent:-2em;overflow-wrap:anywhere">{inside}</div>'
            )
        return "".join(lines)


def listing(*texts: str) -> Listing:
    """Texts of many lines, such as what :func:`mgsim.cite` gives, one below the other."""
    return Listing("\n".join(texts))
