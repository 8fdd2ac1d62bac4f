"""Figure of four studies of cerebrospinal fluid beside three structures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.figures import answers
from mgsim.figures.declare import figure
from mgsim.figures.style import DASHES, INK, PALE, PALETTE, label, sheet

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
)
def csf_studies(ds: xr.Dataset) -> Drawing:
    """Magnesium of cerebrospinal fluid in four studies of people, beside three structures.

    Black: measured, with the standard deviation (Fuchs-Buder, Brewer) or the range (McKee); Apostol
    states that nothing was altered, and no spread. Lines: median of 64 people, shaded: 95 % of
    them, under what each study gave (serum by Lu 2002; in McKee's held at 2.3 mM). In brackets:
    what the level at the end takes of the unblocked share at -60 mV. No structure meets all four.
    """
    names = [str(n) for n in ds.study.values]
    drawing, panels = sheet(len(names), height=62, width="double")
    for axes, name in zip(panels, names, strict=True):
        one = ds.sel(study=name)
        axes.axhline(0, color=PALE, lw=0.7, zorder=0.5)
        for i, structure in enumerate(ds.csf.values):
            low, middle, high = one.change.sel(csf=structure).transpose("quantile", "moment").values
            pore = float(one.pore.sel(csf=structure))
            said = f"{_NAMES.get(str(structure), str(structure))} ({round(pore) or 0:d} %)"
            axes.fill_between(one.hours, low, high, color=PALETTE[i], alpha=0.15, lw=0)
            axes.plot(one.hours, middle, color=PALETTE[i], ls=DASHES[i], label=said)
        seen = np.isfinite(one.measured.values)
        at, found = one.measured_at.values[seen], one.measured.values[seen]
        off = np.nan_to_num(one.spread.values[seen])
        axes.vlines(at, found - off, found + off, color=INK, lw=1.0)
        axes.plot(at, found, "o", color=INK, label="measured")
        bottom, top = axes.get_ylim()
        axes.set_ylim(bottom, bottom + 1.6 * (top - bottom))  # room for the key
        axes.text(0.04, 0.98, name, transform=axes.transAxes, va="top", fontsize=7)
        axes.set_xlabel(label(ds.hours))
        axes.legend(loc="upper left", bbox_to_anchor=(0.0, 0.93), fontsize=5)
    panels[0].set_ylabel(label(ds.change))
    return drawing
