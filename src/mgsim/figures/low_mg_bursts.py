"""Figure of the activity of a cell that excites itself, against magnesium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.experiments.low_mg_bursts import SETTLED
from mgsim.figures.declare import figure
from mgsim.figures.style import GREY, INK, PALETTE, PERSON, amount, label, sheet
from mgsim.parts.baths import RANGES

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing

#: How long (ms) is shown.
_SHOWN = 500.0


@figure(
    of="low_mg_bursts",
    needs=("v", "time", "spike_time", "activity", "mg_out", "g_nmda"),
    lines=("g_nmda", "mg_out"),
    published=(
        "golomb_2006: traces and rasters of a network at low and at usual magnesium; here one "
        "self-coupled cell, each raster beside its level with what the spikes are in words, and "
        "the control without NMDA receptors"
    ),
)
def low_mg_bursts(ds: xr.Dataset) -> Drawing:
    """Activity that keeps itself up in a self-coupled cell, against magnesium.

    (a) Membrane potential at the largest magnesium at which it bursts, with NMDA receptors and
    without. (b) Spikes at each magnesium; beside them what they are, from the whole time after the
    first second: bursts by a gap of 20 ms, regular where the longest interval is less than 1.3
    times the shortest; shaded: a level of a person's cerebrospinal fluid. Without NMDA receptors,
    as under an antagonist, it is silent at every magnesium. All runs begin active. One cell that is
    its own presynaptic cell stands for a network whose cells burst together: no inhibition, no
    noise, no beginning or spread of activity.
    """
    drawing, (trace, raster) = sheet(2, height=62, width="double", width_ratios=(1, 1.25))
    conductances = ds.g_nmda.values
    colours = {
        g: GREY if g == 0 else PALETTE[i] if i < len(conductances) - 1 else INK
        for i, g in enumerate(conductances)
    }
    lively = (ds.activity == "bursting").any("g_nmda").values
    shown = ds.mg_out.values[lively.nonzero()[0][-1]] if lively.any() else ds.mg_out.values[0]
    window = slice(SETTLED, SETTLED + _SHOWN)
    for g in conductances[::-1]:
        v = ds.v.sel(g_nmda=g, mg_out=shown, time=window)
        trace.plot(v.time - SETTLED, v, color=colours[g], lw=0.7, label=_named(g))
    trace.set_xlabel("Time [ms]")
    trace.set_ylabel(label(ds.v))
    trace.set_xlim(0, _SHOWN)
    trace.legend(
        loc="lower left",
        bbox_to_anchor=(0.06, 0.99),
        ncols=2,
        title=f"{amount(float(shown))} magnesium",
        alignment="left",
        borderaxespad=0.0,
    )
    step = 1.0 / (len(conductances) + 1)
    for i, g in enumerate(conductances[::-1]):
        xs: list[float] = []
        ys: list[float] = []
        for k, mg in enumerate(ds.mg_out.values):
            times = ds.spike_time.sel(g_nmda=g, mg_out=mg).values - SETTLED
            times = times[(times >= 0) & (times < _SHOWN)]
            xs += times.tolist()
            ys += [k - i * step] * len(times)
            if i == 0:
                raster.annotate(
                    _told(ds.sel(g_nmda=g, mg_out=mg)),
                    (1.0, k),
                    xycoords=("axes fraction", "data"),
                    xytext=(3, 0),
                    textcoords="offset points",
                    va="center",
                    fontsize=6,
                    annotation_clip=False,
                )
        raster.plot(xs, ys, ls="none", marker="|", ms=7, mew=0.6, color=colours[g], label=_named(g))
    low, high = RANGES["person"]
    for k in np.flatnonzero((ds.mg_out.values >= low) & (ds.mg_out.values <= high)):
        raster.axhspan(k - 0.5, k + 0.5, color=PERSON, lw=0, zorder=0)
    raster.set_ylim(len(ds.mg_out) - 0.5, -0.7)
    raster.set_yticks(range(ds.sizes["mg_out"]), [f"{x:g}" for x in ds.mg_out.values])
    raster.set_xlim(0, _SHOWN)
    raster.set_xlabel("Time [ms]")
    raster.set_ylabel(label(ds.mg_out))
    return drawing


def _named(g: float) -> str:
    return "no NMDA receptors" if g == 0 else f"NMDA {g:g} nS"


def _told(run: xr.Dataset) -> str:
    """What the spikes of a run are, in two lines."""
    kind = str(run.activity.values)
    if kind == "bursting":
        return (
            f"bursts, {float(run.burst_frequency):.3g} Hz,\n"
            f"{float(np.round(run.spikes_per_burst, 1)):g} spikes"
        )
    return kind if kind == "silent" else f"{kind}, {float(run.spike_rate):.3g} Hz"
