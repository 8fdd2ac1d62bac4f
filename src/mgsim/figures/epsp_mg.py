"""Figure of synaptic potentials with and without magnesium."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mgsim.figures import answers
from mgsim.figures.declare import figure
from mgsim.figures.style import DASHES, GREY, amount, label, shades, sheet
from mgsim.sweeps.result.parameters import parameters

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing


@figure(
    of="epsp_mg",
    needs=("epsp", "g_nmda", "mg_out", "time"),
    answer=answers.epsp_mg,
    published=(
        "hestrin_1990: synaptic currents under clamp, parted by an antagonist and by potential; "
        "here the potential of a free cell, with magnesium as the axis and the antagonist as a "
        "panel of its own"
    ),
)
def epsp_mg(ds: xr.Dataset) -> Drawing:
    """One synaptic potential with and without magnesium.

    (a) With NMDA receptors: what magnesium takes away is slow and outlasts the fast AMPA
    potential. (b) Without NMDA receptors, as under an antagonist: the control, in which the curves
    of all magnesium levels coincide as far as magnesium acts through these receptors alone. The
    arrow marks the presynaptic spike; potentials are relative to the potential just before it.
    """
    with_nmda, without = float(ds.g_nmda.max()), float(ds.g_nmda.min())
    drawing, panels = sheet(2, height=58, width="double", sharey=True)
    start = float(parameters(ds).train_start)
    levels = ds.mg_out.values
    colours = shades(len(levels))
    top = float(ds.epsp.max()) * 1.08
    for axes, g in zip(panels, (with_nmda, without), strict=True):
        for i, mg in enumerate(levels):
            trace = ds.epsp.sel(g_nmda=g, mg_out=mg)
            axes.plot(
                ds.time - start,
                trace,
                color=colours[i],
                ls=DASHES[i % len(DASHES)],
                label=f"{amount(mg)} Mg, {g:g} nS",
            )
        axes.set_xlim(-20, float(ds.time.max()) - start)
        axes.set_ylim(-0.06 * top, top)
        axes.annotate(
            "",
            (0, 0),
            (0, -0.06 * top),
            arrowprops={
                "arrowstyle": "-|>",
                "lw": 0.6,
                "color": GREY,
                "shrinkA": 0,
                "shrinkB": 0,
                "mutation_scale": 6,
            },
        )
        axes.set_xlabel("Time after the presynaptic spike [ms]")
        axes.text(
            0.98,
            0.97,
            f"{g:g} nS of NMDA receptors" if g else "no NMDA receptors",
            transform=axes.transAxes,
            ha="right",
            va="top",
        )
    panels[0].set_ylabel(label(ds.epsp))
    panels[0].legend(
        panels[0].get_lines(),
        [f"{amount(mg)} Mg" for mg in levels],
        loc="upper right",
        bbox_to_anchor=(1.0, 0.9),
        handlelength=2.6,
    )
    return drawing
