"""Figure of the shares of magnesium's actions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.lines import Line2D

from mgsim.analysis.shapley import spread
from mgsim.experiments.mg_shares import ACTIONS, LEVEL, READOUTS
from mgsim.figures.declare import figure
from mgsim.figures.style import GREY, INK, MARKERS, PALETTE, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing

_RANGES = {"dish": "0.2 to 1.2 mM (dish)", "person": "0.72 to 0.92 mM (person)"}


@figure(
    of="mg_shares",
    needs=(
        "share",
        "other_share",
        "value",
        "total",
        "range",
        "readout",
        "factor",
        "other",
        "point",
        "arm",
        "release_law",
        "neuron",
    ),
    lines=("release_law", "neuron"),
    published=(
        "isaev_2012: low-magnesium activity with divalent ions exchanged to tell surface charge "
        "from block; here five acts are parted at once, each with the interval of what is "
        "uncertain"
    ),
)
def mg_shares(ds: xr.Dataset) -> Drawing:
    """Shapley shares of magnesium's actions in its effect on one cell.

    Each action sees magnesium go from the lower to the higher level, in every combination. Markers:
    medians over draws of what is uncertain; bars: 95 % of the draws; hollow: medians under the
    other release laws and cells. Shares of an effect sum to 1 in each draw; below 0 an action
    opposes the whole effect. Spikes and the threshold of a slow ramp are split by differences,
    calcium by ratios. Draws without any effect have no share. The gain of GABA-A and the block of
    calcium channels have priors without a measurement behind them.
    """
    drawing, panels = sheet(len(ds.range), height=78, width="double", sharey=True)
    actions = [str(x) for x in ds.factor.values]
    base = {n: ds[n].values[0] for n in ("release_law", "neuron")}
    variants = ds.share.median("point", skipna=True).stack(variant=("release_law", "neuron"))
    lowest = min(float(np.nanmin(variants)), float(spread(ds.sel(base), level=LEVEL).low.min()))
    for axes, place in zip(panels, ds.range.values, strict=True):
        here = spread(ds.sel({**base, "range": place}), level=LEVEL)
        for i, action in enumerate(actions):
            one = here.sel(factor=action)
            rows = np.arange(ds.sizes["readout"]) + 0.8 * (i / max(len(actions) - 1, 1) - 0.5)
            colour, name = PALETTE[i % len(PALETTE)], ACTIONS.get(action, action)
            for row, low, high in zip(rows, one.low.values, one.high.values, strict=True):
                axes.plot([low, high], [row, row], color=colour, lw=1.3, label=f"{name}, 95 %")
            axes.plot(
                one.share, rows, MARKERS[i % len(MARKERS)], color=colour, label=name, zorder=3
            )
            others = variants.sel(range=place, factor=action)
            for k in range(1, others.sizes["variant"]):
                axes.plot(
                    others.isel(variant=k),
                    rows,
                    MARKERS[i % len(MARKERS)],
                    color=colour,
                    mfc="none",
                    mew=0.6,
                    label=f"{name}, {', '.join(map(str, others.variant.values[k]))}",
                )
        for row in range(1, ds.sizes["readout"]):
            axes.axhline(row - 0.5, color=GREY, lw=0.3)
        axes.axvline(0, color=GREY, lw=0.5)
        axes.set_xlim(min(-0.1, lowest - 0.05), 1.1)
        axes.set_xlabel("Share of the effect")
        axes.text(
            0.5, 1.02, _RANGES.get(str(place), str(place)), transform=axes.transAxes, ha="center"
        )
    panels[0].set_yticks(
        range(ds.sizes["readout"]), [READOUTS.get(str(x), str(x)) for x in ds.readout.values]
    )
    panels[0].set_ylabel("Effect on")
    panels[0].invert_yaxis()
    look: dict[str, Any] = {"color": INK, "ls": "none", "marker": "o"}
    panels[-1].legend(
        handles=[
            *(
                line
                for action in actions
                for line in panels[-1].get_lines()
                if line.get_label() == ACTIONS.get(action, action)
            ),
            Line2D([], [], **look, label="usual law and cell"),
            Line2D([], [], **look, mfc="none", mew=0.6, label="another law or cell"),
            Line2D([], [], color=INK, lw=1.3, label=f"{100 * LEVEL:g} % of the draws"),
        ],
        loc="center left",
        bbox_to_anchor=(1.03, 0.5),
    )
    return drawing
