"""Figures of excitability against magnesium."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from mgsim.figures import answers
from mgsim.figures.declare import figure
from mgsim.figures.style import (
    DASHES,
    MARKERS,
    PALETTE,
    amount,
    below,
    broken_log,
    label,
    mark,
    person,
    shades,
    sheet,
)

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure as Drawing

_CHARGE = {"without_charge": "no surface charge", "with_charge": "surface charge"}


def _glutamate(level: float) -> str:
    return f"{1000 * level:g} µM glutamate" if level else "no glutamate"


def _over_magnesium(axes: Axes, ds: xr.Dataset) -> None:
    broken_log(axes, 0.01)
    axes.set_xlim(0, max(float(ds.mg_out.max()), 1.0))
    axes.set_xlabel(label(ds.mg_out))
    mark(axes, 0.05, "dish “zero”")
    person(axes)


@figure(
    of="rheobase_mg",
    needs=("i_amp_threshold", "mg_out", "glu_tonic", "model"),
    lines=("glu_tonic", "model"),
    published=(
        "hille_1975: the shift of sodium channels against divalent ions, in mV; here what such "
        "a shift makes of a cell's threshold, beside what the block makes of it, so that the "
        "two acts can be compared"
    ),
)
def rheobase_mg(ds: xr.Dataset) -> Drawing:
    """Rheobase of the standard cell against magnesium, by the two ways in which it acts.

    The current of a step that just fires the cell; below zero it fires by itself. Colours: ambient
    glutamate, which opens NMDA receptors that magnesium blocks; dashed: with surface charge, which
    magnesium screens. Without either the rheobase is the same at every magnesium. Release and
    calcium channels are left out. The magnesium axis has a break to zero.
    """
    drawing, (axes,) = sheet(height=66, width="double")
    colours = shades(ds.sizes["glu_tonic"])
    for i, model in enumerate(ds.model.values):
        for colour, tone in zip(colours, ds.glu_tonic.values, strict=True):
            axes.plot(
                ds.mg_out,
                ds.i_amp_threshold.sel(model=model, glu_tonic=tone),
                color=colour,
                ls=DASHES[i % len(DASHES)],
                marker=MARKERS[i % len(MARKERS)],
                label=f"{_glutamate(float(tone))}, {_CHARGE.get(str(model), str(model))}",
            )
    axes.axhline(0, color="#d9d9d9", lw=0.7, zorder=0.5)
    _over_magnesium(axes, ds)
    axes.set_ylabel("Rheobase [pA]")
    axes.legend(loc="center left", bbox_to_anchor=(1.03, 0.5), handlelength=2.6)
    return drawing


@figure(
    of="fi_mg",
    needs=("spike_rate", "i_amp", "mg_out", "glu_tonic", "model"),
    lines=("mg_out", "glu_tonic", "model"),
    answer=answers.fi_mg,
    published=(
        "isaev_2012: excitability of pyramidal cells in low magnesium, with its calcium "
        "exchanged to part surface charge from block; here the whole curve of firing, with each "
        "act in and out"
    ),
)
def fi_mg(ds: xr.Dataset) -> Drawing:
    """Firing against injected current at several magnesium levels, by the ways in which it acts.

    A panel for each level of ambient glutamate; dashed: with surface charge. Where neither acts,
    the curves of all magnesium levels lie on each other.
    """
    drawing, panels = sheet(ds.sizes["glu_tonic"], height=62, width="double", sharey=True)
    colours = shades(ds.sizes["mg_out"])
    for axes, tone in zip(panels, ds.glu_tonic.values, strict=True):
        for i, model in enumerate(ds.model.values):
            for colour, mg in zip(colours, ds.mg_out.values, strict=True):
                axes.plot(
                    ds.i_amp,
                    ds.spike_rate.sel(model=model, mg_out=mg, glu_tonic=tone),
                    color=colour,
                    ls=DASHES[i % len(DASHES)],
                    label=f"{amount(mg)} Mg, {_CHARGE.get(str(model), str(model))}",
                )
        axes.set_xlabel(label(ds.i_amp))
        axes.text(0.03, 0.95, _glutamate(float(tone)), transform=axes.transAxes, va="top")
        axes.xaxis.set_major_locator(MaxNLocator(4))
    panels[0].set_ylim(0, 1.04 * float(ds.spike_rate.max()) or 1.0)
    panels[0].set_ylabel(label(ds.spike_rate))
    panels[-1].legend(loc="center left", bbox_to_anchor=(1.03, 0.5), handlelength=2.6)
    return drawing


@figure(
    of="spikes_mg",
    needs=("spike_rate", "ca_charge_nmda", "g_nmda", "mg_out"),
    lines=("g_nmda",),
    published=(
        "bianchi_2012: firing against injected current up to depolarisation block; here "
        "magnesium moves along the axis, so that the block by depolarisation appears at its low "
        "end, with the calcium that comes in beside it"
    ),
)
def spikes_mg(ds: xr.Dataset) -> Drawing:
    """Firing and calcium load of a strongly driven cell against magnesium: they need not agree.

    All NMDA receptors but few are open under ambient glutamate, at three conductances. (a) Firing;
    where the input is strongest, the cell without magnesium is silent in depolarisation block, and
    fires most at some magnesium between. (b) Calcium through NMDA receptors falls with magnesium
    throughout. The strongest input is some seventeen times the leak, beyond what is plausible for
    synapses of this cell. The magnesium axis has a break to zero.
    """
    drawing, panels = sheet(2, height=66, width="double")
    for axes, name in zip(panels, ("spike_rate", "ca_charge_nmda"), strict=True):
        for i, g in enumerate(ds.g_nmda.values):
            axes.plot(
                ds.mg_out,
                ds[name].sel(g_nmda=g),
                color=PALETTE[i % len(PALETTE)],
                ls=DASHES[i % len(DASHES)],
                marker=MARKERS[i % len(MARKERS)],
                label=f"{g:g} nS of NMDA receptors",
                clip_on=False,
            )
        _over_magnesium(axes, ds)
        axes.set_ylim(bottom=0)
        axes.set_ylabel(label(ds[name]))
    below(drawing, *panels[-1].get_legend_handles_labels())
    return drawing
