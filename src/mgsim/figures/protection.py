"""Figure of what extra magnesium takes from the calcium load, by severity of the insult."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.figures.declare import figure
from mgsim.figures.style import DASHES, GREY, MARKERS, amount, label, shades, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing


@figure(
    of="protection",
    needs=("protection", "mean_v", "v_lost", "mg_out", "glu_tonic", "e_k"),
    lines=("glu_tonic",),
    published=(
        "borjkhani_2026: calcium that magnesium takes away, by rate of the input; here by how "
        "far the cell is depolarised, which is what protection hangs on, in one cell"
    ),
)
def protection(ds: xr.Dataset) -> Drawing:
    """Share of the NMDA calcium load that extra magnesium takes away, by severity of the insult.

    A cell in glutamate that stays, whose potassium gradient has run down to the reversal potential
    of (a). (b) The same against the mean potential at the lowest magnesium; markers: where half of
    the most that is taken away is lost. With its gradients whole the cell keeps the protection in
    any glutamate; once it is held depolarised, a little more magnesium does little, and much more
    still does something. Jumps are where a cell goes into depolarisation block at one magnesium
    and not at the other. Calcium through NMDA receptors alone, which more block must lower: what
    comes in through calcium channels is not counted. Charge in two seconds, ions held: no measure
    of survival.
    """
    drawing, panels = sheet(2, height=64, width="double", sharey=True)
    low, *raised = ds.mg_out.values
    colours = shades(len(raised))
    for i, mg in enumerate(raised):
        for k, glu in enumerate(ds.glu_tonic.values):
            one = ds.sel(mg_out=mg, glu_tonic=glu)
            usual = ds.sel(mg_out=low, glu_tonic=glu)
            y = 100 * one.protection
            look = {"color": colours[i], "ls": DASHES[k % len(DASHES)]}
            name = f"{amount(mg)} Mg, {1000 * glu:g} µM glutamate"
            panels[0].plot(ds.e_k, y, label=name, **look)
            panels[1].plot(usual.mean_v, y, label=name, **look)
            if np.isfinite(float(one.v_lost)):
                panels[1].plot(
                    [float(one.v_lost)],
                    [float(y.max()) / 2],
                    MARKERS[k % len(MARKERS)],
                    color=colours[i],
                    label=f"{name}, half lost",
                )
    panels[0].set_xlabel(label(ds.e_k))
    panels[1].set_xlabel(f"Mean potential at {amount(low)} Mg [mV]")
    panels[0].set_ylabel("NMDA calcium taken away [%]")
    panels[0].set_ylim(min(0.0, 100 * float(ds.protection.min())), 100)
    for axes in panels:
        axes.axhline(0, color=GREY, lw=0.5, zorder=0.5, label="nothing")
    first = [
        panels[0].plot([], [], color=c, label=f"{amount(mg)} Mg over {amount(low)}")[0]
        for c, mg in zip(colours, raised, strict=True)
    ]
    second = [
        panels[0].plot(
            [],
            [],
            color=GREY,
            ls=DASHES[k % len(DASHES)],
            marker=MARKERS[k % len(MARKERS)],
            label=f"{1000 * glu:g} µM glutamate",
        )[0]
        for k, glu in enumerate(ds.glu_tonic.values)
    ]
    panels[1].legend(
        handles=first + second, loc="center left", bbox_to_anchor=(1.02, 0.5), handlelength=2.6
    )
    return drawing
