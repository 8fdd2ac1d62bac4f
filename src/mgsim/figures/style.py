"""How figures look: size, type, colours, labels. Nothing here touches global settings for good."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, Literal

import matplotlib as mpl
import matplotlib.style
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from mgsim.parts.baths import RANGES

if TYPE_CHECKING:
    import xarray as xr

MM = 1 / 25.4
#: Column widths in mm.
WIDTH = {"single": 90.0, "double": 180.0}
INK, GREY, PALE = "#222222", "#6b6b6b", "#d9d9d9"
#: Behind what people's cerebrospinal fluid holds, wherever magnesium is an axis.
PERSON = "#f7e3c4"
#: Okabe & Ito's colours, told apart with any colour vision; olive for yellow, which print loses,
#: and wine.
PALETTE = (
    "#0072B2",
    "#D55E00",
    "#009E73",
    "#CC79A7",
    "#56B4E9",
    "#E69F00",
    "#7F7F2A",
    "#882255",
    INK,
)
DASHES: tuple[Any, ...] = (
    "-",
    (0, (5, 1.5)),
    (0, (1.2, 1.2)),
    (0, (5, 1.5, 1.2, 1.5)),
    (0, (8, 2)),
    (0, (3, 1, 1, 1, 1, 1)),
    (0, (2, 2)),
    (0, (9, 1.5, 1.2, 1.5)),
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")

STYLE: dict[str, Any] = {
    "font.family": "DejaVu Sans",
    "font.size": 7.0,
    "mathtext.fontset": "dejavusans",
    "axes.titlesize": 7.0,
    "axes.labelsize": 7.0,
    "xtick.labelsize": 6.5,
    "ytick.labelsize": 6.5,
    "axes.linewidth": 0.6,
    "lines.linewidth": 1.1,
    "lines.markersize": 3.2,
    "xtick.major.width": 0.6,
    "ytick.major.width": 0.6,
    "xtick.minor.width": 0.4,
    "ytick.minor.width": 0.4,
    "xtick.major.size": 2.6,
    "ytick.major.size": 2.6,
    "xtick.minor.size": 1.4,
    "ytick.minor.size": 1.4,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": INK,
    "axes.labelcolor": INK,
    "xtick.color": INK,
    "ytick.color": INK,
    "text.color": INK,
    "legend.frameon": False,
    "axes.unicode_minus": True,
    "pdf.fonttype": 42,
    "ps.fonttype": 42,
    "svg.fonttype": "path",
    "svg.hashsalt": "mgsim",
    "figure.dpi": 150.0,
    "savefig.dpi": 600.0,
}

_UNITS = {"1": "", "uM": "µM", "um**2": "µm²", "degC": "°C", "1/mV": "mV⁻¹"}


@contextmanager
def styled() -> Iterator[None]:
    """Settings of the package while it draws or saves; the user's own come back afterwards."""
    with matplotlib.style.context(["default", STYLE]):
        yield


class Drawing(Figure):
    """A figure that notebooks show without pyplot."""

    def _repr_png_(self) -> bytes:
        buffer = io.BytesIO()
        with styled():
            self.savefig(buffer, format="png", dpi=200)
        return buffer.getvalue()


def sheet(
    columns: int = 1,
    *,
    height: float,
    lines: int = 1,
    width: Literal["single", "double"] = "single",
    **options: Any,
) -> tuple[Drawing, list[Axes]]:
    """A figure of one column's or two columns' width, ``height`` in mm, with panels in lines.

    Several panels are lettered; ``options`` go to ``Figure.subplots``. Within :func:`rows` it is
    the next row of a higher figure.
    """
    size = (WIDTH[width] * MM, height * MM)
    shared = _ROWS.get()
    drawing = shared.next(size) if shared else Drawing(figsize=size, layout="constrained")
    panels = list(np.atleast_1d(drawing.subplots(lines, columns, **options)).flat)
    for letter, axes in zip("abcdefgh", panels, strict=False):
        axes.set_label(f"{letter}{shared.done if shared else ''}")
        if columns * lines > 1:
            axes.set_title(letter, loc="left", fontweight="bold", fontsize=8.5, x=-0.02)
    return drawing, panels  # type: ignore[return-value]  # a row has all that a drawing uses


class Rows:
    """A figure of several sheets, one below the other, each with a title."""

    def __init__(self, titles: Sequence[str]) -> None:
        self.titles = titles
        self.done = 0
        self.drawing: Drawing | None = None
        self._rows: list[SubFigure] = []

    def next(self, size: tuple[float, float]) -> SubFigure:
        """The next row; the first one's size is that of all."""
        if self.drawing is None:
            whole = (size[0], size[1] * len(self.titles))
            self.drawing = Drawing(figsize=whole, layout="constrained")
            self._rows = list(self.drawing.subfigures(len(self.titles), 1, squeeze=False)[:, 0])
        row = self._rows[self.done]
        row.suptitle(self.titles[self.done], x=0.01, ha="left", fontsize=7.5)
        self.done += 1
        return row

    def align(self) -> None:
        """The same limits in each column of panels, so that rows can be compared."""
        columns: dict[str, list[Axes]] = {}
        for axes in self.drawing.axes if self.drawing else ():
            columns.setdefault(str(axes.get_label())[:1], []).append(axes)
        for letter, panels in columns.items():
            if letter == "<":  # a bar of colours
                continue
            for get, put in (("get_xlim", "set_xlim"), ("get_ylim", "set_ylim")):
                ends = [getattr(axes, get)() for axes in panels]
                for axes in panels:
                    getattr(axes, put)(min(low for low, _ in ends), max(high for _, high in ends))


_ROWS: ContextVar[Rows | None] = ContextVar("_ROWS", default=None)


@contextmanager
def rows(titles: Sequence[str]) -> Iterator[Rows]:
    """Each :func:`sheet` within is a row of one figure, under the next of the titles."""
    found = Rows(titles)
    token = _ROWS.set(found)
    try:
        yield found
    finally:
        _ROWS.reset(token)


def label(variable: xr.DataArray, width: int = 36) -> str:
    """An axis label from a variable's own description: ``"Membrane potential [mV]"``.

    Longer than ``width`` characters, it is broken into lines.
    """
    name = str(variable.attrs.get("long_name", variable.name))
    unit = str(variable.attrs.get("units", ""))
    unit = _UNITS.get(unit, unit)
    text = name[:1].upper() + name[1:] + (f"\N{NO-BREAK SPACE}[{unit}]" if unit else "")
    return textwrap.fill(text, width)


def amount(mg: float) -> str:
    """Magnesium as people write it: ``"0"``, ``"10 µM"``, ``"0.8 mM"``."""
    return "0" if mg == 0 else f"{mg * 1000:.3g} µM" if mg < 0.05 else f"{mg:.3g} mM"


def value(coordinate: xr.DataArray) -> str:
    """One value of an axis for a legend: a name as it is, a number with its name and unit."""
    if coordinate.dtype.kind not in "iuf":
        return str(coordinate.item())
    unit = str(coordinate.attrs.get("units", ""))
    return f"{coordinate.name} = {coordinate.item():.4g} {_UNITS.get(unit, unit)}".rstrip()


def shades(count: int) -> list[Any]:
    """Colours for values in order, dark to light, none too light to print."""
    return [mpl.colormaps["viridis"](x) for x in np.linspace(0.0, 0.72, count)]


def mark(axes: Axes, x: float, text: str, *, side: str = "center", color: str = GREY) -> None:
    """A thin vertical line at ``x`` with a word above it: where a bath lies."""
    axes.axvline(x, color=color, lw=0.5, ls=(0, (2, 2)), zorder=1.5)
    above(axes, x, text, side)


def person(axes: Axes, *, side: str = "center", over_map: bool = False) -> None:
    """Shade the magnesium of a person from deficiency to treatment; on a map, rule its ends."""
    low, high = RANGES["person"]
    if over_map:
        for end in (low, high):
            axes.axvline(end, color=INK, lw=0.5, ls=(0, (2, 2)), zorder=1.5)
    else:
        axes.axvspan(low, high, color=PERSON, lw=0, zorder=0)
    x = {"right": high, "left": low}.get(side, float(np.sqrt(low * high)))
    above(axes, x, "person " if side == "right" else "person", side)


def above(axes: Axes, x: float, text: str, side: str = "center") -> None:
    """A word above the panel at ``x``, where that is in view."""
    low, high = axes.get_xlim()
    if not low <= x <= high:
        return
    axes.annotate(
        text,
        (x, 1.0),
        xycoords=("data", "axes fraction"),
        xytext=(0, 2),
        textcoords="offset points",
        ha=side,
        va="bottom",
        fontsize=6,
        color=GREY,
    )


def below(drawing: Figure, handles: Sequence[Any], names: Sequence[str], **options: Any) -> None:
    """A key of a line or two below all panels, where it hides nothing."""
    drawing.legend(
        handles, names, loc="outside lower center", **{"ncols": 4, "handlelength": 2.4, **options}
    )


def broken_log(
    axes: Axes, smallest: float, *, direction: Literal["x", "y"] = "x", room: float = 0.35
) -> None:
    """A logarithmic axis that shows 0 as well, left of a break; linear below ``smallest``."""
    axis = axes.xaxis if direction == "x" else axes.yaxis
    scale = axes.set_xscale if direction == "x" else axes.set_yscale
    scale("symlog", linthresh=smallest, linscale=room)
    axis.set_major_formatter("{x:g}")
    decades = np.arange(np.floor(np.log10(smallest)), 3)
    axis.set_ticks([0.0, *(10.0**d for d in decades if 10.0**d >= smallest * 0.999)])
    axis.set_ticks(
        [k * 10.0**d for d in decades for k in range(2, 10) if k * 10.0**d > smallest], minor=True
    )
    place = (smallest / 2, 0.0) if direction == "x" else (0.0, smallest / 2)
    across = axes.get_xaxis_transform() if direction == "x" else axes.get_yaxis_transform()
    axes.plot(
        *place,
        transform=across,
        marker=(2, 0, -20 if direction == "x" else 70),
        ms=7,
        mec=INK,
        mew=0.7,
        ls="none",
        clip_on=False,
        zorder=10,
    )
