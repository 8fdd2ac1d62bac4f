"""Figure of spreading depolarisation in one cell, by magnesium and receptors."""

from __future__ import annotations

from itertools import zip_longest
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.lines import Line2D

from mgsim.figures.declare import figure
from mgsim.figures.published import MARK, row, usual
from mgsim.figures.style import DASHES, GREY, INK, MARKERS, amount, below, label, shades, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

_NAMES = {"all": "all receptors", "no_ampa": "no AMPA", "neither": "no AMPA, no NMDA"}
_LABELS = {
    "v": "Potential [mV]",
    "k_out": "Potassium outside [mM]",
    "vol_out": "Volume outside [µm³]",
    "glu": "Glutamate in clefts [mM]",
    "unblocked": "NMDA unblocked share",
}
#: s before the first onset from where on it is drawn.
_BEFORE = 15.0


@figure(
    of="spreading_depolarisation",
    needs=("v", "k_out", "vol_out", "glu", "unblocked", "onset", "time", "arm", "mg_out"),
    lines=("arm", "mg_out"),
    published=(
        "hubel_2017: the same traces at one magnesium; its file's own numbers stand here as "
        "crosses, and magnesium and the receptors are varied, with onsets side by side"
    ),
)
def spreading_depolarisation(ds: xr.Dataset) -> Drawing:
    """Spreading depolarisation of one cell with 15 mM potassium in its bath, as published.

    (a to e) Potential, potassium and volume of the space around the cell, glutamate in clefts, and
    the share of NMDA receptors that magnesium leaves unblocked. (f) Onset, where potassium outside
    first exceeds 30 mM; open arrows: none in the time shown. Crosses:
    the published model's own file at its 1.2 mM. The block law was
    published at 1.2 mM, and is extrapolated elsewhere. Magnesium does not
    prevent it with all receptors: before the onset no glutamate is released, and potassium ignites
    it. Without AMPA receptors 4 mM delays it; without both kinds it does not come. How long it
    lasts is not shown, for the smallest push decides. Potential every 100 ms: spikes are not
    resolved. One cell in a closed space: nothing spreads.
    """
    drawing, panels = sheet(3, lines=2, height=112, width="double")
    colours = shades(ds.sizes["mg_out"])
    seconds = ds.time.values / 1000
    end = float(seconds[-1])
    known = ds.onset.values[np.isfinite(ds.onset.values)]
    start = max(float(known.min()) - _BEFORE, 0.0) if known.size else 0.0
    shown = seconds >= start
    for k, arm in enumerate(ds.arm.values):
        for i, mg in enumerate(ds.mg_out.values):
            one = ds.sel(arm=arm, mg_out=mg)
            name = f"{amount(mg)} Mg, {_NAMES.get(str(arm), str(arm))}"
            for axes, variable in zip(panels, _LABELS, strict=False):
                axes.plot(
                    seconds[shown],
                    one[variable].values[shown],
                    color=colours[i],
                    ls=DASHES[k % len(DASHES)],
                    lw=0.8,
                    label=name,
                )
            came = bool(np.isfinite(one.onset))
            panels[5].plot(
                [i + 0.15 * (k - (ds.sizes["arm"] - 1) / 2)],
                [float(one.onset) if came else end],
                MARKERS[k % len(MARKERS)] if came else "^",
                color=colours[i] if came else "none",
                mec=colours[i],
                label=name if came else f"{name}, none",
                clip_on=False,
            )
    for axes, text in zip(panels, _LABELS.values(), strict=False):
        axes.set_xlabel("Time [s]")
        axes.set_ylabel(text)
        axes.set_xlim(start, end)
    at = np.arange(ds.sizes["mg_out"])
    panels[5].set_xticks(at, [f"{mg:g}" for mg in ds.mg_out.values])
    panels[5].set_xlim(-0.6, len(at) - 0.4)
    panels[5].set_ylim(start, end)
    panels[5].set_xlabel(label(ds.mg_out, 24))
    panels[5].set_ylabel("Onset [s]")
    first = [
        panels[5].plot([], [], color=c, label=f"{amount(mg)} Mg")[0]
        for c, mg in zip(colours, ds.mg_out.values, strict=True)
    ]
    second = [
        panels[5].plot(
            [],
            [],
            color=GREY,
            ls=DASHES[k % len(DASHES)],
            marker=MARKERS[k % len(MARKERS)],
            label=_NAMES.get(str(arm), str(arm)),
        )[0]
        for k, arm in enumerate(ds.arm.values)
    ]
    there = usual(ds) and 1.2 in ds.mg_out.values and "all" in ds.arm.values
    whole = _published(panels[:4]) if there else []
    pairs = zip_longest(first, second)  # a key is filled column by column
    keys = [*(x for pair in pairs for x in pair if x), *whole]
    below(drawing, keys, [str(x.get_label()) for x in keys])
    return drawing


def _published(panels: list[Axes]) -> list[Line2D]:
    """Crosses where the published model's own file was run at its 1.2 mM; one of them for a key."""
    seen: dict[str, list[tuple[float, float]]] = {}
    for name in ("TS2c.early", "TS2c.late"):
        one = row(name)
        (seconds,) = one["given"]["seconds"]
        for variable, number in zip(one["given"]["names"], one["expected"], strict=True):
            seen.setdefault(variable, []).append((seconds, number))
    found = []
    for axes, variable in zip(panels, _LABELS, strict=False):
        x, y = zip(*seen[variable], strict=True)
        found += axes.plot(x, y, **MARK, color=INK, label="published file, 1.2 mM")
    return found[:1]
