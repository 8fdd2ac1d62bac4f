"""Figures of the magnesium at which self-kept activity ends, by block law and by cell."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from mgsim.engines.contract import ALWAYS, NEVER
from mgsim.figures.declare import figure
from mgsim.figures.laws import title
from mgsim.figures.style import MARKERS, PALE, PERSON, above, below, shades, sheet
from mgsim.parts import neurons
from mgsim.parts.baths import RANGES

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

#: Ends of the axis of magnesium, mM.
_LEAST, _MOST = 0.003, 3.0


@figure(
    of="burst_limit",
    needs=("mg_out_threshold", "block", "g_nmda"),
    lines=("block", "g_nmda"),
    published=(
        "golomb_2006: activity of a network over magnesium under its own block; here the limit "
        "alone, as a number for each law, with the levels of dishes and of a person shaded"
    ),
)
def burst_limit(ds: xr.Dataset) -> Drawing:
    """Magnesium above which a self-coupled bursting cell falls silent, under every block law.

    A dot for each law and NMDA conductance (of a cell of 20000 µm²: 20 nS are 0.1 mS/cm²): from an
    active start the cell fires on for seconds below it and not above. A cross at the left edge: it
    falls silent at any magnesium; an arrow at the right: at none that was searched. Laws in the
    order of their dots at the largest conductance. Bands: a dish called magnesium-free, a person's
    cerebrospinal fluid from deficiency to treatment, usual media. One cell that is its own
    presynaptic cell is no network, and another cell has another limit.
    """
    drawing, (axes,) = sheet(height=100)
    last = ds.mg_out_threshold.isel(g_nmda=-1)
    laws = ds.block.values[np.argsort(np.nan_to_num(last.values, nan=0.0))].tolist()
    _dots(axes, ds.sel(block=laws), "block")
    axes.set_yticks(range(len(laws)), [title(law) for law in laws])
    axes.set_ylabel("Block law")
    _key(drawing, axes)
    return drawing


@figure(
    of="burst_limit_cells",
    needs=("mg_out_threshold", "neuron", "block", "g_nmda"),
    lines=("neuron", "block", "g_nmda"),
    published=(
        "golomb_2006: activity of a network of one kind of cell; here the limit of several "
        "cells, since the cell moves it more than the law does"
    ),
)
def burst_limit_cells(ds: xr.Dataset) -> Drawing:
    """Magnesium above which a self-coupled cell falls silent, for several cells and block laws.

    As `burst_limit`, a panel for each law, with synapses of one conductance per area on every cell.
    A slow potassium current ends such activity, in the bursting cell as in others: with less of it
    the limit is higher, and cells without it fire on where that cell is silent. One cell is no
    evidence. Silent is without spikes: a cell that is held depolarised counts as silent too.
    """
    laws = ds.block.values.tolist()
    drawing, panels = sheet(len(laws), height=76, width="double", sharey=True)
    for axes, law in zip(panels, laws, strict=True):
        _dots(axes, ds.sel(block=law), "neuron")
        axes.text(0.03, 0.04, title(law), transform=axes.transAxes, fontsize=6.5)
    cells = ds.neuron.values.tolist()
    panels[0].set_yticks(range(len(cells)), [_cell(cell) for cell in cells])
    panels[0].set_ylabel("Cell")
    _key(drawing, panels[-1])
    return drawing


def _dots(axes: Axes, ds: xr.Dataset, rows: str) -> None:
    """A dot for each row and conductance, on a logarithmic axis of magnesium with its bands."""
    places = np.arange(ds.sizes[rows], dtype=float)
    for word, (low, high) in RANGES.items():
        low = max(low, _LEAST)
        colour = PERSON if word == "person" else "#ececec"
        axes.axvspan(low, high, color=colour, lw=0, zorder=0)
        side = {"person": "right", "usual dish": "left"}.get(word, "center")
        x = {"right": high, "left": low}.get(side, float(np.sqrt(low * high)))
        above(axes, x, {"right": f"{word} ", "left": f" {word}"}.get(side, word), side)
    colours = shades(ds.sizes["g_nmda"])
    for i, g in enumerate(ds.g_nmda.values):
        here = ds.sel(g_nmda=g).transpose(rows)
        known = np.isfinite(here.mg_out_threshold.values)
        style = {"color": colours[i], "ls": "none", "clip_on": False}
        name = f"{g:g} nS"
        axes.plot(
            here.mg_out_threshold.values[known],
            places[known],
            marker=MARKERS[i % len(MARKERS)],
            label=name,
            **style,
        )
        for code, x, marker, what in (
            (NEVER, _LEAST, "x", "at none"),
            (ALWAYS, _MOST, ">", "at all"),
        ):
            there = places[here.status.values == code]
            if len(there):
                axes.plot(
                    np.full(len(there), x), there, marker=marker, label=f"{name}, {what}", **style
                )
    axes.set_xscale("log")
    axes.set_xlim(_LEAST, _MOST)
    axes.xaxis.set_major_formatter("{x:g}")
    axes.set_ylim(-0.7, len(places) - 0.3)
    axes.grid(axis="y", color=PALE, lw=0.4)
    axes.set_axisbelow(True)
    axes.set_xlabel("Magnesium at which\nit falls silent [mM]")


def _key(drawing: Drawing, axes: Axes) -> None:
    """The conductances; what is said by a cross or an arrow has the same colour."""
    handles, names = axes.get_legend_handles_labels()
    kept = [(h, n) for h, n in zip(handles, names, strict=True) if "," not in n]
    below(drawing, *zip(*kept, strict=True), handletextpad=0.2, title="NMDA conductance")


def _cell(name: str) -> str:
    """The cell as the part itself says, in lines."""
    return textwrap.fill(str(neurons[name].meaning) if name in neurons else name, 26)
