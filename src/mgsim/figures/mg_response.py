"""Figure of firing and calcium load against magnesium."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mgsim.figures import answers
from mgsim.figures.declare import figure
from mgsim.figures.style import (
    DASHES,
    MARKERS,
    PALETTE,
    broken_log,
    label,
    mark,
    person,
    sheet,
    value,
)

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing


@figure(
    of="mg_response",
    needs=("spike_rate", "ca_charge_nmda", "mg_out"),
    any_axis=True,
    answer=answers.mg_response,
    published=(
        "borjkhani_2026: firing and calcium over 0.2 to 2.5 mM, one law, several rates of "
        "input; here from exactly 0 on a logarithmic axis, with the range of a person shaded "
        "and calcium as a charge, which hangs on no assumed buffer"
    ),
)
def mg_response(ds: xr.Dataset) -> Drawing:
    """Firing and calcium load of one cell against magnesium at unchanged synaptic input.

    (a) Firing rate and (b) calcium charge through NMDA receptors during a train of synaptic
    volleys; the magnesium axis is logarithmic with a break to exactly zero. Dashed:
    nominally magnesium-free medium (contaminated, 0.05 mM) and usual medium (1 mM); shaded:
    cerebrospinal fluid of a person (0.8 mM ionised, 0.65 to 0.97 mM from deficiency to
    treatment). Where the rate is zero, every volley stayed below threshold. Only the block acts
    here; release and surface charge are held.
    """
    drawing, panels = sheet(2, height=60, width="double")
    lines = [str(d) for d in ds.spike_rate.dims if d != "mg_out"]
    rows = ds.stack(line=lines) if lines else ds.expand_dims("line")
    for axes, name in zip(panels, ("spike_rate", "ca_charge_nmda"), strict=True):
        for i in range(rows.sizes["line"]):
            row = rows.isel(line=i)
            about = ", ".join(value(row[d]) for d in lines) or ds.attrs.get("model", name)
            axes.plot(
                ds.mg_out,
                row[name],
                marker=MARKERS[i % len(MARKERS)],
                label=about,
                color=PALETTE[i % len(PALETTE)],
                ls=DASHES[i % len(DASHES)],
                clip_on=False,
            )
        broken_log(axes, 0.01)
        axes.set_xlim(0, max(float(ds.mg_out.max()), 1.0))
        axes.set_ylim(bottom=0)
        axes.set_xlabel(label(ds.mg_out))
        axes.set_ylabel(label(ds[name]))
        mark(axes, 0.05, "dish “zero”")
        mark(axes, 1.0, " usual dish", side="left")
        person(axes, side="right")
    if lines:
        panels[-1].legend(loc="upper right", handlelength=2.6)
    return drawing
