"""Figure of the published block laws."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mgsim.figures import answers
from mgsim.figures.declare import figure
from mgsim.figures.laws import key, looks, title
from mgsim.figures.style import PALE, broken_log, label, mark, person, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing

_MG, _V = 1.0, -65.0


@figure(
    of="block_curves",
    needs=("unblocked", "block", "v", "mg_out"),
    lines=("block",),
    answer=answers.block_curves,
    published=(
        "jahr_1990: the conductance left by magnesium against potential, measured in cells and "
        "under one curve that was fitted to them; here the laws of many authors stand on each "
        "other at one level, with the band between them, and beside it the same against "
        "magnesium from exactly 0"
    ),
)
def block_curves(ds: xr.Dataset) -> Drawing:
    """Magnesium block of NMDA receptors under published laws of read sources, and their band.

    (a) Fraction of open channels left unblocked by 1 mM magnesium against membrane potential. (b)
    The same fraction at -65 mV against magnesium, both on logarithmic scales, with a break to zero
    magnesium, where all channels are unblocked, but for those that close in a flicker which needs
    no magnesium: one law has that, the others leave it out. Dashed: nominally magnesium-free medium
    (contaminated, 0.05 mM); shaded: ionised magnesium of a person's cerebrospinal fluid from
    deficiency to treatment (0.65 to 0.97 mM), here and wherever magnesium is an axis. The laws come
    from different preparations; the width of the band is what choosing a single law hides. Names in
    the order of the curves at 1 mM in (b).
    """
    drawing, (left, right) = sheet(2, height=66, width="double")
    laws = ds.unblocked
    if not (ds.block == "none").all():  # the control alone is drawn, beside laws it is not
        laws = laws.where(ds.block != "none", drop=True)
    at_mg = laws.sel(mg_out=_MG, method="nearest")
    at_v = laws.sel(v=_V, method="nearest")
    names = at_mg.sortby(at_mg.sel(v=_V, method="nearest"), ascending=False).block.values.tolist()
    look = looks(laws.block.values.tolist())
    for axes, curves, over in ((left, at_mg, "v"), (right, at_v, "mg_out")):
        for law in names:
            axes.plot(curves[over], curves.sel(block=law), label=title(law), **look[law])
        axes.fill_between(
            curves[over],
            curves.min("block"),
            curves.max("block"),
            color=PALE,
            lw=0,
            label="range of the laws",
        )
        axes.set_xlabel(label(ds[over]))
        axes.set_ylabel("Unblocked fraction")
    left.set_xlim(float(ds.v.min()), float(ds.v.max()))
    left.set_ylim(0, 1.02)
    left.text(0.98, 0.04, f"{_MG:g} mM magnesium", transform=left.transAxes, ha="right")
    broken_log(right, 0.001, room=0.6)
    right.set_xlim(0, 10)
    right.set_yscale("log")
    right.set_ylim(0.001, 1.15)
    right.yaxis.set_major_formatter("{x:g}")
    right.text(0.03, 0.04, f"{_V:g} mV".replace("-", "−"), transform=right.transAxes)
    mark(right, 0.05, "dish “zero”")
    person(right)
    key(right)
    return drawing
