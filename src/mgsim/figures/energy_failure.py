"""Figure of energy failure in one cell, by what fails and by magnesium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D

from mgsim.figures.declare import figure
from mgsim.figures.style import DASHES, INK, MARKERS, PALE, PALETTE, above, amount, below, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing

#: s, from when to when the supply falls.
_FALLS = (20.0, 35.0)
_NAMES = {"pump_glia": "pump, glia"}


@figure(
    of="energy_failure",
    needs=("v", "k_out", "unblocked_worst", "onset", "time", "arm", "mg_out"),
    lines=("mg_out",),
    published=(
        "hubel_2017, wei_2014: potential and ions against time while energy or oxygen fails; "
        "here what fails is the colour, magnesium the dash, and the block that is left has a "
        "panel of its own"
    ),
)
def energy_failure(ds: xr.Dataset) -> Drawing:
    """Energy that fails in parts: what depolarises the cell, and what block is left.

    (a) Potential, (b) potassium around the cell, as the supply of the consumers named falls to
    nothing from 20 to 35 s and stays there; all else is supplied. (c) Share of NMDA receptors that
    magnesium leaves unblocked at the highest potassium. Dashes and markers: magnesium, whose curves
    coincide here: the cell depolarises as early at either level. With the bath at work it then
    comes back by itself; how soon the smallest push may set, so that no duration is said. Potential
    every 100 ms: spikes are not resolved. The published cell, whose block law is extrapolated from
    1.2 mM; no ATP, no oxygen, no calcium.
    """
    drawing, panels = sheet(3, height=70, width="double", width_ratios=(1, 1, 0.9))
    seconds = ds.time.values / 1000
    arms = [str(a) for a in ds.arm.values]
    at = np.arange(len(arms))
    for i, mg in enumerate(ds.mg_out.values):
        one = ds.sel(mg_out=mg)
        for k, arm in enumerate(arms):
            for axes, name in ((panels[0], "v"), (panels[1], "k_out")):
                axes.plot(
                    seconds,
                    one[name].sel(arm=arm),
                    color=PALETTE[k % len(PALETTE)],
                    ls=DASHES[i % len(DASHES)],
                    lw=0.9,
                    label=f"{_NAMES.get(arm, arm)}, {amount(mg)} Mg",
                )
        panels[2].plot(
            at,
            one.unblocked_worst.transpose("arm"),
            MARKERS[i % len(MARKERS)],
            color="none",
            mec=PALETTE[-1],
            label=f"{amount(mg)} Mg",
            clip_on=False,
        )
    for axes, text in zip(panels, ("Potential [mV]", "Potassium outside [mM]"), strict=False):
        axes.set_xlabel("Time [s]")
        axes.set_ylabel(text)
        axes.set_xlim(0, float(seconds[-1]))
    panels[2].set_xticks(at, [_NAMES.get(a, a) for a in arms], rotation=35, ha="right")
    for k, word in enumerate(panels[2].get_xticklabels()):
        word.set_color(PALETTE[k % len(PALETTE)])
    panels[2].set_xlim(-0.5, len(at) - 0.5)
    panels[2].set_ylim(0, 1)
    panels[2].set_xlabel("What fails")
    panels[2].set_ylabel("NMDA unblocked share")
    for axes in panels[:2]:
        axes.axvspan(*_FALLS, color=PALE, alpha=0.6, lw=0, zorder=0)
        above(axes, sum(_FALLS) / 2, "supply falls")
    levels = [
        Line2D(
            [],
            [],
            color=INK,
            ls=DASHES[i % len(DASHES)],
            marker=MARKERS[i % len(MARKERS)],
            mfc="none",
            label=f"{amount(mg)} Mg",
        )
        for i, mg in enumerate(ds.mg_out.values)
    ]
    below(drawing, levels, [str(x.get_label()) for x in levels])
    return drawing
