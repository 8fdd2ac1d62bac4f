"""Figure of calcium in a spine against the interval of two spikes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.lines import Line2D

from mgsim.figures import answers
from mgsim.figures.declare import figure
from mgsim.figures.laws import title
from mgsim.figures.style import DASHES, GREY, INK, amount, below, label, shades, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing


@figure(
    of="spine_coincidence",
    needs=("ca_rise", "ca_gain", "post_delay", "mg_out", "block", "bap_height"),
    lines=("mg_out", "block"),
    answer=answers.spine_coincidence,
    published=(
        "kampa_2004: the window in which two spikes coincide, by the speed of unblock; here "
        "calcium of a spine over the interval, by magnesium and law. sabatini_2002 measured 1.7 "
        "µM for an action potential, a fifth of the model's"
    ),
)
def spine_coincidence(ds: xr.Dataset) -> Drawing:
    """Calcium in the head of a spine against the interval between a presynaptic spike and an action
    potential that arrives from the soma.

    a, largest rise of free calcium, through NMDA receptors and R-type channels; b, calcium charge
    of NMDA receptors over that of the presynaptic spike alone. Colours: magnesium; full lines: the
    block law of the published spine, dashed: Jahr & Stevens. Intervals above 0: the presynaptic
    spike comes first. At 1 mM a pair at +10 ms brings 2.2 times the charge of the presynaptic spike
    under the first law and 1.6 times under the other, at 2 mM 2.5 and 1.8 times, at 0.2 mM 1.6 and
    1.3; without magnesium 0.92 times under both, since the action potential then only takes driving
    force away. The rise at 1 mM is 13.8 uM at +10 ms and the action potential's own 9.4 uM at -10
    ms, so the order shows in the peak only where magnesium blocks. It cannot say what a pairing
    does in a cell: the potential is imposed, so that neither the synapse nor calcium depolarises
    the spine, and an action potential does not weaken on its way.
    """
    drawing, (peaks, gains) = sheet(2, height=68, width="double")
    paired = ds.sel(bap_height=ds.bap_height.max())
    colours = shades(ds.sizes["mg_out"])
    for axes, name in ((peaks, "ca_rise"), (gains, "ca_gain")):
        for dash, law in zip(DASHES, ds.block.values, strict=False):
            for colour, mg in zip(colours, ds.mg_out.values, strict=True):
                axes.plot(
                    ds.post_delay,
                    paired[name].sel(block=law, mg_out=mg),
                    color=colour,
                    ls=dash,
                    label=f"{amount(mg)}, {law}",
                )
        axes.axvline(0, color=GREY, lw=0.5)
        axes.set_xlabel("Action potential after presynaptic spike [ms]")
        axes.set_ylabel(label(ds[name], 40))
    peaks.set_yscale("log")
    peaks.set_ylim(8, 80)
    peaks.set_yticks([10, 20, 50], labels=["10", "20", "50"])
    peaks.minorticks_off()
    gains.axhline(1, color=GREY, lw=0.5)
    levels = [
        Line2D([], [], color=c, label=f"{amount(mg)} Mg")
        for c, mg in zip(colours, ds.mg_out.values, strict=True)
    ]
    laws = [
        Line2D([], [], color=INK, ls=dash, label=title(str(law)))
        for dash, law in zip(DASHES, ds.block.values, strict=False)
    ]
    below(drawing, [*levels, *laws], [str(x.get_label()) for x in (*levels, *laws)], ncols=6)
    return drawing
