"""Figure of four studies of cerebrospinal fluid beside three structures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.figures import answers
from mgsim.figures.declare import figure
from mgsim.figures.style import DASHES, INK, PALE, PALETTE, above, below, label, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing

_NAMES = {
    "csf_linear": "part arrives",
    "csf_null": "nothing arrives",
    "csf_slow_full": "all arrives, slowly",
}


@figure(
    of="csf_studies",
    needs=("measured", "spread", "change", "hours", "pore", "study", "csf", "number", "mg_out"),
    answer=answers.csf_studies,
    published=(
        "fuchs-buder_1997, brewer_2001, mckee_2005, apostol_2010: each study by itself, in its "
        "own unit; here all four as change over before, with their spreads, under what each "
        "gave, beside three structures of one model"
    ),
)
def csf_studies(ds: xr.Dataset) -> Drawing:
    """Magnesium of cerebrospinal fluid in four studies of people, beside three structures.

    Black: measured, with the standard deviation (Fuchs-Buder, Brewer) or the range (McKee); Apostol
    states that nothing was altered, and no spread. Lines: median of 64 people, shaded: 95 % of
    them, under what each study gave (serum by Lu 2002; in McKee's held at 2.3 mM). At the end of
    each line: what the level at the end takes of the unblocked share at -60 mV. No structure meets
    all four.
    """
    names = [str(n) for n in ds.study.values]
    drawing, panels = sheet(len(names), height=62, width="double")
    for axes, name in zip(panels, names, strict=True):
        one = ds.sel(study=name)
        axes.axhline(0, color=PALE, lw=0.7, zorder=0.5)
        for i, structure in enumerate(ds.csf.values):
            low, middle, high = one.change.sel(csf=structure).transpose("quantile", "moment").values
            pore = float(one.pore.sel(csf=structure))
            said = _NAMES.get(str(structure), str(structure))
            axes.fill_between(one.hours, low, high, color=PALETTE[i], alpha=0.15, lw=0)
            axes.plot(one.hours, middle, color=PALETTE[i], ls=DASHES[i], label=said)
            axes.annotate(
                f"{round(pore) or 0:d} %".replace("-", "−"),
                (float(one.hours[-1]), float(middle[-1])),
                xytext=(2, 0),
                textcoords="offset points",
                va="center",
                fontsize=6,
                color=PALETTE[i],
                annotation_clip=False,
            )
        seen = np.isfinite(one.measured.values)
        at, found = one.measured_at.values[seen], one.measured.values[seen]
        off = np.nan_to_num(one.spread.values[seen])
        axes.vlines(at, found - off, found + off, color=INK, lw=1.0)
        axes.plot(at, found, "o", color=INK, label="measured")
        above(axes, float(one.hours.mean()), name)
        axes.set_xlabel(label(ds.hours))
    below(drawing, *panels[-1].get_legend_handles_labels())
    panels[0].set_ylabel(label(ds.change))
    return drawing
