"""Figure of the outcome of pairings against their timing."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mgsim.figures import answers
from mgsim.figures.declare import figure
from mgsim.figures.published import MARK, row
from mgsim.figures.style import DASHES, GREY, INK, amount, below, label, shades, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing


@figure(
    of="plasticity_timing",
    needs=(
        "strength",
        "published_strength",
        "time_depressing",
        "time_potentiating",
        "post_delay",
        "mg_out",
    ),
    lines=("mg_out",),
    answer=answers.plasticity_timing,
    published=(
        "graupner_2012: change of strength against the interval of two spikes; its numbers "
        "stand here as crosses, on the curve of its rule, beside what a spine's own calcium "
        "makes of it at each magnesium"
    ),
)
def plasticity_timing(ds: xr.Dataset) -> Drawing:
    """What 60 pairs at 1 Hz make of a synapse, by a rule with two thresholds of calcium that is fed
    by a spine, at three levels of magnesium.

    a, time above the threshold of depression (full) and of potentiation (dashed) after a pair; b,
    strength after the pairs over that before; dotted: the published rule, in which spikes bring
    fixed amounts of calcium and magnesium has no part, and crosses: the numbers that its authors'
    curve has. Intervals above 0: the presynaptic spike comes first. Constants are those of the
    published example DP; the weights of the two sources give each spike alone its calcium there at
    1 mM. Then an action potential 20 ms after the presynaptic spike strengthens to 1.31, the same
    at 0.5 and 2 mM, and what magnesium moves is the other side: at 35 ms before, 1.21 at 0.5 mM,
    0.36 at 1 mM and 1.09 at 2 mM, where a presynaptic spike no longer counts and depression is left
    only around 14 ms before. Under Jahr & Stevens' law with weights found anew these are 1.20, 0.36
    and 1.09. It cannot say how plasticity of a tissue depends on magnesium: the constants were
    fitted without it, the curve at 1 mM is not the published one, since calcium of NMDA receptors
    lasts longer than the spikes' there, and the potential is imposed, so that nothing is said of
    spikes that magnesium brings or takes.
    """
    drawing, (times, outcomes) = sheet(2, height=68, width="double")
    for colour, mg in zip(shades(ds.sizes["mg_out"]), ds.mg_out.values, strict=True):
        one = ds.sel(mg_out=mg)
        for name, dash in (("time_depressing", "-"), ("time_potentiating", DASHES[1])):
            words = f"{amount(mg)}, {name.removeprefix('time_')}"
            times.plot(ds.post_delay, one[name], color=colour, ls=dash, label=words)
        outcomes.plot(ds.post_delay, one.strength, color=colour, label=f"{amount(mg)} Mg")
    outcomes.plot(
        ds.post_delay,
        ds.published_strength,
        color=GREY,
        ls=DASHES[2],
        label="published rule of spikes",
    )
    known = row("TS4b2")
    outcomes.plot(
        known["given"]["intervals"], known["expected"], **MARK, color=INK, label="published numbers"
    )
    outcomes.axhline(1, color=GREY, lw=0.5)
    for axes in (times, outcomes):
        axes.axvline(0, color=GREY, lw=0.5)
        axes.set_xlabel("Action potential after presynaptic spike [ms]")
    times.set_ylabel("Time above threshold after a pair [ms]")
    outcomes.set_ylabel(label(ds.strength))
    for dash, word in (("-", "depression (a)"), (DASHES[1], "potentiation (a)")):
        outcomes.plot([], [], color=INK, ls=dash, label=word)
    below(drawing, *outcomes.get_legend_handles_labels(), fontsize=6.5)
    return drawing
