"""Figure of the shares of magnesium's actions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

from mgsim.analysis.shapley import spread
from mgsim.figures.declare import figure
from mgsim.figures.style import GREY, MARKERS, PALETTE, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing

_RANGES = {"dish": "0.2 to 1.2 mM (dish)", "person": "0.72 to 0.92 mM (person)"}
_ACTIONS = {
    "nmda_block": "NMDA block",
    "release": "release",
    "charge": "surface charge",
    "calcium_channels": "calcium channels",
    "gaba": "GABA-A",
}
_READOUTS = {
    "spikes_driven": "spikes",
    "nmda_calcium": "NMDA calcium",
    "all_calcium": "all calcium",
    "ramp_threshold": "threshold",
}
_LEVEL = 0.95


def _word(names: dict[str, str], name: object) -> str:
    return names.get(str(name), str(name))


def _first(shares: xr.DataArray) -> xr.DataArray:
    """The action with the largest median share, by name; empty where no draw has a share."""
    middle = shares.median("point", skipna=True)
    known = middle.notnull().any("factor")
    at = middle.fillna(-np.inf).argmax("factor")
    return shares.factor[at].drop_vars("factor").where(known, "")


def survival(ds: xr.Dataset) -> str:
    """Which action leads each effect, and whether it does under the other laws, cells and scale."""
    base = {n: ds[n].values[0] for n in ("release_law", "neuron")}
    first = _first(ds.share)
    led = first.sel(base)
    turned = _first(ds.other_share).sel(base)
    stands = spread(ds.sel(base), level=_LEVEL)
    told = []
    for place in ds.range.values:
        lines: dict[str, list[str]] = {}
        for readout in ds.readout.values:
            here = {"range": place, "readout": readout}
            leader = str(led.sel(here).item())
            what = _word(_READOUTS, readout)
            if not leader:
                lines.setdefault("no draw has a share", []).append(what)
                continue
            own = stands.sel({**here, "factor": leader})
            against = [
                f"{_word(_ACTIONS, other)} under {why}"
                for other, why in _others(first.sel(here), base, turned.sel(here).item())
                if other and other != leader
            ]
            lines.setdefault(_word(_ACTIONS, leader), []).append(
                f"{what} {100 * float(own.share):.0f} % (first in {100 * float(own['first']):.0f} "
                f"% of draws"
                + (f"; but {', '.join(against)})" if against else "; in every variant)")
            )
        told.append(
            f"{_word(_RANGES, place)}: "
            + "; ".join(f"{leader} leads {', '.join(what)}" for leader, what in lines.items())
        )
    return "First shares, " + ". ".join(told) + "."


def _others(
    first: xr.DataArray, base: dict[str, object], turned: object
) -> Iterator[tuple[str, str]]:
    """The leader under every other law or cell, one changed at a time, and on the other scale."""
    for name in base:
        for other in first[name].values:
            if other != base[name]:
                yield str(first.sel({**base, name: other}).item()), str(other)
    yield str(turned), "the other scale"


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
    said=survival,
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
    lowest = float(np.nanmin(variants))
    for axes, place in zip(panels, ds.range.values, strict=True):
        here = spread(ds.sel({**base, "range": place}), level=_LEVEL)
        for i, action in enumerate(actions):
            one = here.sel(factor=action)
            rows = np.arange(ds.sizes["readout"]) + 0.8 * (i / max(len(actions) - 1, 1) - 0.5)
            colour, name = PALETTE[i % len(PALETTE)], _word(_ACTIONS, action)
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
        axes.text(0.5, 1.02, _word(_RANGES, place), transform=axes.transAxes, ha="center")
    panels[0].set_yticks(
        range(ds.sizes["readout"]), [_word(_READOUTS, x) for x in ds.readout.values]
    )
    panels[0].set_ylabel("Effect on")
    panels[0].invert_yaxis()
    panels[-1].legend(
        handles=[
            line
            for action in actions
            for line in panels[-1].get_lines()
            if line.get_label() == _word(_ACTIONS, action)
        ],
        loc="center left",
        bbox_to_anchor=(1.03, 0.5),
    )
    return drawing
