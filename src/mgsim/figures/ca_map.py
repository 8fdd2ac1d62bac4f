"""Figure of calcium load over magnesium and NMDA conductance."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import LogNorm

from mgsim.figures import answers
from mgsim.figures.declare import figure
from mgsim.figures.style import INK, broken_log, label, mark, person, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing

_RATES = (1.0, 20.0, 80.0)
_LABELS_AT = 0.02


@figure(
    of="ca_map",
    needs=("ca_charge_nmda", "spike_rate", "mg_out", "g_nmda"),
    answer=answers.ca_map,
    published=(
        "golomb_2006: which activity there is over magnesium and NMDA conductance, in regions; "
        "here a load in colour with the rate as lines, on a logarithmic axis with exactly 0"
    ),
)
def ca_map(ds: xr.Dataset) -> Drawing:
    """Calcium load through NMDA receptors over magnesium and NMDA conductance.

    Colour: calcium charge during one train of synaptic volleys, on a logarithmic scale; black
    lines: firing rate, the thick one being where the cell begins to fire. The magnesium axis is
    logarithmic with a break to exactly zero. Dashed: nominally magnesium-free medium
    (contaminated, 0.05 mM) and the two ends of a person's cerebrospinal fluid (0.65 to 0.97 mM).
    """
    drawing, (axes,) = sheet(height=74)
    load = ds.ca_charge_nmda.transpose("g_nmda", "mg_out")
    rate = ds.spike_rate.transpose("g_nmda", "mg_out")
    low = float(load.where(load > 0).min())
    mesh = axes.pcolormesh(
        ds.mg_out,
        ds.g_nmda,
        load.clip(min=low),
        cmap="cividis",
        shading="gouraud",
        norm=LogNorm(low, float(load.max())),
        rasterized=True,
        label="calcium charge",
    )
    broken_log(axes, 0.01)
    levels = [r for r in _RATES if float(rate.min()) < r < float(rate.max())]
    if levels:
        lines = axes.contour(
            ds.mg_out,
            ds.g_nmda,
            rate,
            levels=levels,
            colors=INK,
            linewidths=[1.4] + [0.8] * (len(levels) - 1),
        )
        lines.set_label("firing rate [Hz]")
        at = float(np.clip(_LABELS_AT, ds.mg_out.min(), ds.mg_out.max()))
        column = rate.interp(mg_out=at)
        places = [(at, np.interp(r, column, ds.g_nmda)) for r in levels]
        axes.clabel(lines, fmt="%g Hz", fontsize=6, inline_spacing=3, manual=places)
    axes.set_xlim(0, float(ds.mg_out.max()))
    mark(axes, 0.05, "dish “zero”", color=INK)
    person(axes, over_map=True)
    axes.set_ylim(float(ds.g_nmda.min()), float(ds.g_nmda.max()))
    axes.set_xlabel(label(ds.mg_out))
    axes.set_ylabel(label(ds.g_nmda))
    bar = drawing.colorbar(mesh, ax=axes, pad=0.02)
    bar.set_label(label(ds.ca_charge_nmda, 60))
    bar.outline.set_linewidth(0.5)  # type: ignore[operator]
    ticks = [
        t
        for t in np.array([0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500])
        if low <= t <= float(load.max())
    ]
    bar.set_ticks(ticks, labels=[f"{t:g}" for t in ticks])
    bar.ax.minorticks_off()
    return drawing
