"""Figure of the published block laws."""

from __future__ import annotations

from typing import TYPE_CHECKING

import mgsim.blocks
from mgsim.figures.declare import figure
from mgsim.figures.style import (
    DASHES,
    GREY,
    INK,
    PALE,
    PALETTE,
    broken_log,
    label,
    mark,
    name_at_end,
    sheet,
)

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing

_MG, _V = 1.0, -65.0


@figure(of="block_curves", needs=("unblocked", "block", "v", "mg_out"))
def block_curves(ds: xr.Dataset) -> Drawing:
    """Magnesium block of NMDA receptors under every published law, and the band between them.

    (a) Fraction of open channels left unblocked by 1 mM magnesium against membrane potential.
    (b) The same fraction at -65 mV against magnesium; the scale is logarithmic with a break to
    zero, where every law leaves all channels unblocked. Dashed verticals: nominally
    magnesium-free medium (contaminated, 0.05 mM) and cerebrospinal fluid of a person (0.8 mM
    ionised). No law is a fit of another's data; the width of the band is what choosing one hides.
    """
    drawing, (left, right) = sheet(2, height=66, width="double")
    laws = ds.unblocked.where(ds.block != "none", drop=True)
    at_mg = laws.sel(mg_out=_MG, method="nearest")
    at_v = laws.sel(v=_V, method="nearest")
    for axes, curves, over in ((left, at_mg, "v"), (right, at_v, "mg_out")):
        axes.fill_between(curves[over], curves.min("block"), curves.max("block"), color=PALE, lw=0,
                          label="range of the laws")  # fmt: skip
        for i, law in enumerate(curves.block.values):
            first = law == "jahr_stevens_1990"
            curve = curves.sel(block=law)
            axes.plot(curve[over], curve, label=law, color=_colour(i, first),
                      ls="-" if first else DASHES[i % len(DASHES)], lw=1.6 if first else 0.9,
                      zorder=3 if first else 2)  # fmt: skip
        axes.set_ylim(0, 1.02)
        axes.set_xlabel(label(ds[over]))
    left.set_ylabel("Unblocked fraction")
    left.set_xlim(float(ds.v.min()), float(ds.v.max()))
    left.text(0.03, 0.97, f"{_MG:g} mM magnesium", transform=left.transAxes, va="top")
    left.axvline(_V, color=GREY, lw=0.5, ls=(0, (2, 2)), zorder=0.5)
    broken_log(right, 0.001)
    right.set_xlim(0, 10)
    right.text(0.62, 0.97, f"{_V:g} mV", transform=right.transAxes, va="top")
    for mg, word in ((0.05, "dish “zero”"), (0.8, "person")):
        mark(right, mg, word)
    names = [str(n) for n in laws.block.values]
    name_at_end(right, [_title(n) for n in names],
                [float(at_v.sel(block=n, mg_out=0.2, method=None)) if False else float(at_v.sel(block=n).isel(mg_out=-1)) for n in names],
                [_colour(i, n == "jahr_stevens_1990") for i, n in enumerate(names)])
    return drawing


def _colour(i: int, first: bool) -> str:
    return INK if first else PALETTE[i % (len(PALETTE) - 1)]


def _title(name: str) -> str:
    """Author and year as the part itself states them."""
    known = mgsim.blocks
    meaning = known[name].meaning if name in known else name  # type: ignore[index,operator]
    return meaning.split(",")[0]
