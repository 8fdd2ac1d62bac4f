"""Figure of the steady states of a leaky cell with tonic NMDA receptors."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.figures import answers
from mgsim.figures.declare import figure
from mgsim.figures.laws import key, looks, title
from mgsim.figures.style import label, person, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing

_MG, _RATIO = 1.2, "NMDA over leak conductance"


@figure(
    of="bistability",
    needs=("g_ratio", "fold_mg", "fold_ratio", "v", "mg_out", "block"),
    lines=("block",),
    answer=answers.bistability,
    published=(
        "major_2008: plateaus of dendrites that switch on at a threshold of glutamate, as "
        "recordings and a model; here the steady states themselves, by law, and where in "
        "magnesium a switch can be at all"
    ),
)
def bistability(ds: xr.Dataset) -> Drawing:
    """Steady states of a leaky cell with open NMDA receptors, and where there are two.

    (a) Steady potential against the NMDA over the leak conductance at 1.2 mM magnesium; where a
    curve turns back, two potentials are stable and the one between them is not. (b) The folds:
    within a law's wedge two potentials are stable. Band: cerebrospinal fluid of a person (0.65 to
    0.97 mM ionised). A law without a wedge has one potential at every conductance below 2 mM. Leak
    and NMDA receptors only, leak to -70 mV.
    """
    drawing, (left, right) = sheet(2, height=66, width="double")
    laws = ds.block.values.tolist()
    look = looks(laws)
    at_mg = ds.g_ratio.sel(mg_out=_MG, method="nearest")
    inside = (ds.fold_mg > 0.1) & (ds.fold_mg < 2.0)
    for law in laws:
        left.plot(at_mg.sel(block=law), ds.v, label=title(law), **look[law])
        here = inside.sel(block=law).values
        x, y = (np.where(here, ds[n].sel(block=law), np.nan) for n in ("fold_mg", "fold_ratio"))
        right.plot(x, y, label=title(law), **look[law])
        right.fill(x[here], y[here], color=look[law]["color"], alpha=0.13, lw=0, zorder=1)
    left.set_xscale("log")
    left.set_xlim(1, 20)
    left.set_xticks([1, 2, 5, 10, 20])
    left.set_ylim(-72, 0)
    left.set_xlabel(_RATIO)
    left.set_ylabel("Steady membrane potential [mV]")
    left.text(
        0.03, 0.95, f"{float(at_mg.mg_out):g} mM magnesium", transform=left.transAxes, va="top"
    )
    right.set_yscale("log")
    right.set_xlim(0.4, 2.0)
    right.set_xticks([0.5, 1.0, 1.5, 2.0])
    right.set_ylim(2, 15)
    right.set_yticks([2, 3, 5, 10, 15])
    right.set_xlabel(label(ds.mg_out))
    right.set_ylabel(_RATIO)
    for axis in (left.xaxis, right.yaxis):
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter("")
    person(right)
    key(right)
    return drawing
