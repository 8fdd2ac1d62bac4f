"""Figure of the dose-response of magnesium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D

from mgsim.analysis.dose import hill
from mgsim.figures.declare import figure
from mgsim.figures.style import MARKERS, PALETTE, broken_log, label, mark, person, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing


@figure(
    of="mg_dose",
    needs=("ca_charge_nmda", "hill", "constant", "mg_out", "g_nmda"),
    lines=("g_nmda",),
    published=(
        "kuner_1996: block against magnesium at fixed potentials, with its fitted curve; here "
        "the calcium of a cell whose potential is free, from exactly 0, with the interval of "
        "the half dose and the slope that a clamp would not show"
    ),
)
def mg_dose(ds: xr.Dataset) -> Drawing:
    """Dose-response of magnesium on the calcium load of one train, with a Hill curve.

    Markers: simulated, over the load without magnesium (the axis has a break to exactly zero, which
    is a dose like any other); lines: Hill curves, where both plateaus are seen; bars at half: the
    interval of the half dose, from how far a Hill curve misses. Where magnesium acts on the block
    alone and the potential stayed where it was, the slope would be 1.
    """
    drawing, (axes,) = sheet(height=66, width="double")
    smooth = np.concatenate([[0.0], np.geomspace(0.005, float(ds.mg_out.max()), 200)])
    for i, g in enumerate(ds.g_nmda.values):
        one = ds.sel(g_nmda=g)
        colour, name = PALETTE[i % len(PALETTE)], f"{g:g} nS"
        whole = float(one.ca_charge_nmda.sel(mg_out=one.mg_out.min()))
        axes.plot(
            one.mg_out,
            one.ca_charge_nmda / whole,
            MARKERS[i % len(MARKERS)],
            color=colour,
            label=name,
            clip_on=False,
        )
        found = {str(n): float(one.hill.sel(constant=n)) for n in one.constant.values}
        if not np.isfinite(found["half"]):
            continue
        said = f"{name}: half {found['half']:.2g} mM, slope {found['slope']:.2f}"
        axes.plot(smooth, hill(smooth, **found) / whole, color=colour, label=said)
        ends = [float(one[n].sel(constant="half")) for n in ("hill_low", "hill_high")]
        middle = (found["start"] + found["plateau"]) / 2 / whole
        axes.plot(ends, [middle] * 2, color=colour, lw=2.5, label=f"{name}, interval of half")
    broken_log(axes, 0.01)
    axes.set_xlim(0, float(ds.mg_out.max()))
    axes.set_ylim(0, 1.05)
    axes.set_xlabel(label(ds.mg_out))
    axes.set_ylabel("Calcium charge over that without magnesium")
    mark(axes, 0.05, "dish “zero”")
    person(axes)
    handles = [
        Line2D([], [], color=x.get_color(), marker=MARKERS[i % len(MARKERS)], label=x.get_label())
        for i, x in enumerate(x for x in axes.get_lines() if ": half" in str(x.get_label()))
    ]
    axes.legend(
        handles=handles, loc="upper right", title="NMDA conductance", alignment="left", fontsize=6.5
    )
    return drawing
