"""Figure of the least glutamate that lets a stated calcium charge in, against magnesium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.engines.contract import ALWAYS, NEVER
from mgsim.figures.declare import figure
from mgsim.figures.style import MARKERS, below, broken_log, label, person, shades, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing


@figure(
    of="least_toxic_glutamate",
    needs=("glu_tonic_threshold", "status", "mg_out", "ca_line"),
    lines=("ca_line",),
    published=(
        "choi_1987: the glutamate that kills half the neurones after minutes; here the "
        "glutamate for a stated charge, against magnesium, for several charges, since the "
        "harmful one is not known"
    ),
)
def least_toxic_glutamate(ds: xr.Dataset) -> Drawing:
    """The least glutamate whose NMDA calcium charge in two seconds reaches a line, by magnesium.

    A curve for each line: none is a threshold of harm, which is not known in these units. Arrows
    at the upper edge: no glutamate up to 10 mM reaches it; at the lower: the least that was tried
    does. Band: a person's cerebrospinal fluid from deficiency to treatment. Ions are held, so that
    a stronger insult does not run the cell down, which would take the protection away.
    """
    drawing, (axes,) = sheet(height=72)
    colours = shades(ds.sizes["ca_line"])
    ends = (0.001, 1e4)
    for i, line in enumerate(ds.ca_line.values):
        one = ds.sel(ca_line=line).transpose("mg_out")
        name = f"{line:g} pC"
        style = {"color": colours[i], "clip_on": False}
        known = np.isfinite(one.glu_tonic_threshold.values)
        axes.plot(
            one.mg_out.values[known],
            1000 * one.glu_tonic_threshold.values[known],
            marker=MARKERS[i % len(MARKERS)],
            label=name,
            **style,
        )
        for code, y, marker, what in (
            (NEVER, ends[1], "^", "by none"),
            (ALWAYS, ends[0], "v", "by all"),
        ):
            there = one.mg_out.values[one.status.values == code]
            if len(there):
                at = np.full(len(there), y)
                axes.plot(there, at, marker, label=f"{name}, {what}", **style)
    broken_log(axes, 0.05)
    axes.set_xlim(0, float(ds.mg_out.max()))
    person(axes)
    axes.set_yscale("log")
    axes.set_ylim(ends[0], 2 * ends[1])
    axes.set_yticks([10.0**k for k in range(-3, 5)])
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set_xlabel(label(ds.mg_out))
    axes.set_ylabel("Least glutamate that reaches it [µM]")
    handles, names = axes.get_legend_handles_labels()
    kept = [(h, n) for h, n in zip(handles, names, strict=True) if "," not in n]
    below(drawing, *zip(*kept, strict=True), title="Calcium charge")
    return drawing
