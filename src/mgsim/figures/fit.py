"""Figure of a block law fitted to measurements. It draws a fit, so it belongs to no experiment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.figures.style import DASHES, GREY, PALE, amount, label, shades, sheet, styled

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing


def draw(ds: xr.Dataset) -> Drawing:
    """Measurements with fitted laws (left) and what each fit leaves over (right).

    ``ds`` comes from :func:`mgsim.analysis.fitted.dataset`. Colours are magnesium levels, line
    styles laws, the best first.
    """
    with styled():
        drawing, (left, right) = sheet(2, height=70, width="double")
        levels, laws = ds.level.values, [str(x) for x in ds.law.values]
        for axes in (left, right):
            axes.axhline(0, color=PALE, lw=0.7, zorder=0.5)
        for mg, colour in zip(levels, shades(len(levels)), strict=True):
            here = ds.mg_out.values == mg
            left.plot(ds.v.values[here], ds.measured.values[here], "o", color=colour, mfc="none",
                      label=f"{amount(float(mg))} Mg")
            for law, dash in zip(laws, DASHES, strict=False):
                curve = ds.curve.sel(law=law, level=mg)
                left.plot(ds.potential, curve, color=colour, ls=dash)
            right.plot(ds.v.values[here], ds.residual.values[0, here], "o", color=colour,
                       mfc="none")
        for law, dash in zip(laws, DASHES, strict=False):
            left.plot([], [], color=GREY, ls=dash, label=law)
        left.legend(fontsize=5.5, loc="best", ncols=2 if len(levels) + len(laws) > 6 else 1)
        left.set_xlabel(label(ds.v))
        left.set_ylabel(label(ds.measured))
        right.set_xlabel(label(ds.v))
        right.set_ylabel(label(ds.residual))
        most = float(np.max(np.abs(ds.residual.values[0]))) * 1.3 or 1.0
        right.set_ylim(-most, most)
        right.text(0.02, 0.98, laws[0], transform=right.transAxes, va="top", color=GREY,
                   fontsize=6)  # fmt: skip
    return drawing
