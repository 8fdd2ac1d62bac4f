"""Figure of firing and calcium load under every block law."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mgsim.figures import answers
from mgsim.figures.declare import figure
from mgsim.figures.laws import key, looks, title
from mgsim.figures.style import broken_log, label, mark, person, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing


@figure(
    of="law_spread",
    needs=("spike_rate", "ca_charge_nmda", "mg_out", "block"),
    lines=("block",),
    answer=answers.law_spread,
    published=(
        "borjkhani_2026: firing and calcium over magnesium under one law; here under every law "
        "whose source was read, and without block, since the choice of the law moves the answer "
        "more than a treatment does"
    ),
)
def law_spread(ds: xr.Dataset) -> Drawing:
    """Firing and calcium load against magnesium under published block laws of read sources.

    (a) Firing rate and (b) calcium charge through NMDA receptors (logarithmic) during the same
    train of synaptic volleys; the magnesium axis is logarithmic with a break to exactly zero.
    Dashed: nominally magnesium-free medium (contaminated, 0.05 mM); shaded: a person's
    cerebrospinal fluid (0.65 to 0.97 mM ionised). Without block (dotted grey) magnesium changes
    nothing. At zero magnesium every law is the same as that, but for the one whose flicker needs no
    magnesium; the conductance is the same under all, and it leaves less of it. Names in the order
    of the calcium load at a person's magnesium.
    """
    drawing, panels = sheet(2, height=66, width="double")
    load = ds.ca_charge_nmda.sel(mg_out=0.8, method="nearest")
    laws = load.sortby(load, ascending=False).block.values.tolist()
    look = looks(ds.block.values.tolist())
    for axes, name in zip(panels, ("spike_rate", "ca_charge_nmda"), strict=True):
        for law in laws:
            axes.plot(ds.mg_out, ds[name].sel(block=law), label=title(law), **look[law])
        broken_log(axes, 0.01)
        axes.set_xlim(0, max(float(ds.mg_out.max()), 1.0))
        axes.set_xlabel(label(ds.mg_out))
        axes.set_ylabel(label(ds[name]))
        mark(axes, 0.05, "dish “zero”")
        person(axes)
    panels[0].set_ylim(bottom=0)
    panels[1].set_yscale("log")
    panels[1].yaxis.set_major_formatter("{x:g}")
    key(panels[-1])
    return drawing
