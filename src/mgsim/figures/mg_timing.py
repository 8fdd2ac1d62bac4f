"""Figure of magnesium before, during and after energy failure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mgsim.figures.declare import figure
from mgsim.figures.style import DASHES, MARKERS, PALE, PALETTE, above, amount, below, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing

#: From the beginning of the failure: until energy is gone, and when it comes back (s).
_GONE, _BACK = 15.0, 55.0


@figure(
    of="mg_timing",
    needs=("time_depolarised", "ca_charge_receptors", "mg_out_start", "mg_out_after", "bath_rate"),
    lines=("mg_out_after", "bath_rate"),
    published=(
        "borjkhani_2026: protection against how late magnesium is raised, up to 3 s into a train "
        "at 80 a second; here over a minute of failing energy with moving ions, at two "
        "assumed rates of exchange, with the failure shaded"
    ),
)
def mg_timing(ds: xr.Dataset) -> Drawing:
    """What magnesium still changes when it comes before, during or after energy failure.

    (a) Time depolarised, (b) calcium through NMDA receptors, in 120 s, against when magnesium steps
    from 0.8 mM to the level named. Energy and flow fail within 15 s from 0 s on and come back from
    55 s on (grey). At 0.8 mM with the slower exchange the cell stays depolarised to the end.
    Colours: the level; solid and dashed: the assumed rate of exchange with the bath, on which
    recovery hangs. Kicks of the potential are stated. One cell; 4 mM is a level of dishes. No time
    is advice.
    """
    drawing, panels = sheet(2, height=70, width="double")
    delay = ds.mg_delay.values
    shown = (
        ("time_depolarised", 1e-3, "Time depolarised [s]"),
        ("ca_charge_receptors", 1.0, "Calcium by NMDA receptors [pC]"),
    )
    for axes, (name, scale, text) in zip(panels, shown, strict=True):
        axes.axvspan(_GONE, _BACK, color=PALE, alpha=0.6, lw=0, zorder=0)
        for i, mg in enumerate(ds.mg_out_after.values):
            for k, rate in enumerate(ds.bath_rate.values):
                one = ds[name].sel(mg_out_after=mg, bath_rate=rate).transpose("mg_out_start")
                axes.plot(
                    delay,
                    scale * one.values,
                    color=PALETTE[i % len(PALETTE)],
                    ls=DASHES[k % len(DASHES)],
                    marker=MARKERS[i % len(MARKERS)],
                    label=f"{amount(mg)} Mg, exchange {rate:g} /ms",
                    clip_on=False,
                )
        axes.set_xlabel("Time from failure to magnesium [s]")
        axes.set_ylabel(text)
        axes.set_ylim(0, None)
        above(axes, 0.5 * (_GONE + _BACK), "no energy")
    below(drawing, *panels[1].get_legend_handles_labels(), ncols=2, handlelength=3.5)
    return drawing
