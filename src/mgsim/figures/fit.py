"""Figure of a block law fitted to measurements. It draws a fit, so it belongs to no experiment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.figures.style import DASHES, GREY, PALE, label, shades, sheet, styled

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing


def draw(ds: xr.Dataset) -> Drawing:
    """Measurements with fitted laws (left) and what each fit leaves over (right).

    ``ds`` comes from :func:`mgsim.analysis.fitted.dataset`. Colours are conditions (magnesium, and
    the step where the data follow one in time), line styles laws, the best first.
    """
    with styled():
        drawing, (left, right) = sheet(2, height=78, width="double")
        conditions, laws = ds.condition.values, [str(x) for x in ds.law.values]
        for axes in (left, right):
            axes.axhline(0, color=PALE, lw=0.7, zorder=0.5)
        for name, colour in zip(conditions, shades(len(conditions)), strict=True):
            here = ds.condition_point.values == name
            x = ds.x_point.values[here]
            left.plot(x, ds.measured.values[here], "o", color=colour, mfc="none", label=str(name))
            for law, dash in zip(laws, DASHES, strict=False):
                left.plot(ds.x, ds.curve.sel(law=law, condition=name), color=colour, ls=dash)
            right.plot(x, ds.residual.values[0, here], "o", color=colour, mfc="none")
        for law, dash in zip(laws, DASHES, strict=False):
            left.plot([], [], color=GREY, ls=dash, label=law)
        drawing.legend(
            *left.get_legend_handles_labels(), loc="outside lower center", fontsize=5.5, ncols=4
        )
        left.set_xlabel(label(ds.x))
        left.set_ylabel(label(ds.measured))
        right.set_xlabel(label(ds.x))
        right.set_ylabel(label(ds.residual))
        most = float(np.max(np.abs(ds.residual.values[0]))) * 1.3 or 1.0
        right.set_ylim(-most, most)
        right.text(0.02, 0.98, laws[0], transform=right.transAxes, va="top", color=GREY, fontsize=6)
    return drawing
