"""Figure of the current-voltage curves of NMDA receptors."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mgsim.figures import answers
from mgsim.figures.declare import figure
from mgsim.figures.style import INK, PALE, amount, label, shades, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing


#: Names nearer to one another than this, of what is drawn across and up, would overlap.
_ROOM = (0.15, 0.05)
#: Curves at most that a key names.
_MOST_NAMED = 12


@figure(
    of="nmda_iv",
    needs=("mean_i_nmda", "mg_out", "v_hold"),
    lines=("mg_out",),
    answer=answers.nmda_iv,
    published=(
        "nowak_1984, mayer_1984: currents under clamp with and without magnesium, of single "
        "cells; here the curves of a law, so without the scatter of cells, with each level "
        "named at its curve and the peak marked that the slope turns at"
    ),
)
def nmda_iv(ds: xr.Dataset) -> Drawing:
    """Current-voltage curves of NMDA receptors under voltage clamp at several magnesium levels.

    Without magnesium (black) the curve is a straight line through the reversal potential. With it
    (concentration at each curve), the inward current first grows on depolarisation and falls after
    a peak (circles): negative of the peak the slope is negative, so that a free membrane would
    depolarise itself further. The reversal does not move. All receptors are open.
    """
    drawing, (axes,) = sheet(height=70)
    axes.axhline(0, color=PALE, lw=0.7, zorder=0.5)
    axes.axvline(0, color=PALE, lw=0.7, zorder=0.5)
    current = ds.mean_i_nmda * 1e-3
    current.attrs = {"long_name": "NMDA receptor current", "units": "nA"}
    depth = -float(current.min())
    levels = ds.mg_out.values
    colours = [INK, *shades(len(levels) - 1)] if levels[0] == 0 else shades(len(levels))
    curves: list[Any] = []
    named: list[tuple[float, float]] = []
    across = float(ds.v_hold.max() - ds.v_hold.min())
    up = float(current.max() - current.min()) or 1.0
    for mg, colour in zip(levels, colours, strict=True):
        curve = current.sel(mg_out=mg)
        name = f"{amount(mg)} Mg"
        curves += axes.plot(
            curve.v_hold, curve, color=colour, label=name, lw=1.5 if mg == 0 else 1.1
        )
        at = int(curve.argmin("v_hold"))
        x, y = float(curve.v_hold[at]), float(curve[at])
        above = -y < 0.05 * depth
        place: dict[str, Any] = {
            "xytext": (0, 5) if above else (2, -5),
            "ha": "center" if above else "right",
            "va": "bottom" if above else "top",
        }
        if 0 < at < curve.size - 1:
            axes.plot(x, y, "o", color=colour, mfc="white", label=f"{name}, largest inward current")
        else:
            x, y = float(curve.v_hold[curve.size // 12]), float(curve[curve.size // 12])
            place = {"xytext": (6, -2), "ha": "left", "va": "top"}
        if all(abs(x - a) > _ROOM[0] * across or abs(y - b) > _ROOM[1] * up for a, b in named):
            axes.annotate(name, (x, y), textcoords="offset points", color=colour, **place)
            named.append((x, y))
    if len(named) < len(curves) <= _MOST_NAMED:  # names on each other: beside the curves instead
        axes.legend(handles=curves, loc="lower right", fontsize=5.5)
    axes.set_xlim(float(ds.v_hold.min()), float(ds.v_hold.max()))
    axes.set_xlabel(label(ds.v_hold))
    axes.set_ylabel(label(current))
    return drawing
