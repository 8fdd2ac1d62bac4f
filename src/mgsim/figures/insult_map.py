"""Figure of calcium load over glutamate and its duration, and of what is left out."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from matplotlib.colors import LogNorm

from mgsim.experiments.insult_map import PERSON
from mgsim.figures.declare import figure
from mgsim.figures.style import DASHES, GREY, PALETTE, above, amount, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing

#: The charge (pC) whose place is drawn at every magnesium.
_LINE = 10.0


@figure(
    of="insult_map",
    needs=("ca_charge_nmda", "ca_charge", "arm", "mg_out", "glu_amp", "pulse_width"),
    lines=("mg_out",),
    published=(
        "choi_1987: death of neurones against glutamate and the time in it; here a charge and "
        "no death, over both at once, with the line moved by magnesium and with receptors and "
        "channels left out"
    ),
)
def insult_map(ds: xr.Dataset) -> Drawing:
    """Calcium charge of a cell in glutamate, by level and duration, and with parts left out.

    Colour: charge (a) through NMDA receptors and (b) from all sources, at the magnesium nearest to
    a person's. Lines: where the charge is 10 pC at each magnesium, a line chosen for show and no
    threshold of harm. (c) At the strongest insult and that magnesium, each arm over the cell with
    nothing left out: the two charges disagree on what protects. The conductances are assumed; the
    cell settles within a second, its ions do not move, and nothing here says whether it dies.
    """
    drawing, panels = sheet(3, height=66, width="double", width_ratios=(1, 1, 0.8))
    usual = ds.isel(arm=0)
    person = float(ds.mg_out.sel(mg_out=PERSON, method="nearest"))
    maps = [usual[n].transpose("mg_out", "pulse_width", "glu_amp") for n in _KINDS]
    here = [m.sel(mg_out=person) for m in maps]
    low = max(min(float(m.where(m > 0).min()) for m in here), 1e-3)
    norm = LogNorm(low, max(*(float(m.max()) for m in here), 10 * low))
    glutamate, seconds = 1000 * ds.glu_amp.values, ds.pulse_width.values / 1000
    for axes, word, everywhere, one in zip(panels, _KINDS.values(), maps, here, strict=False):
        mesh = axes.pcolormesh(
            glutamate,
            seconds,
            one.clip(min=low),
            cmap="cividis",
            shading="gouraud",
            norm=norm,
            rasterized=True,
            label=f"calcium charge at {person:g} mM",
        )
        for i, mg in enumerate(ds.mg_out.values):
            values = everywhere.sel(mg_out=mg)
            if float(values.min()) < _LINE < float(values.max()):
                axes.contour(
                    glutamate,
                    seconds,
                    np.log(values.clip(min=1e-9)),
                    levels=[np.log(_LINE)],
                    colors=["white"],
                    linestyles=[DASHES[i % len(DASHES)]],
                    linewidths=1.2,
                ).set_label(f"{_LINE:g} pC at {mg:g} mM")
        axes.set_xscale("log")
        axes.set_yscale("log")
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_major_formatter("{x:g}")
        axes.set_xlabel("Glutamate [µM]")
        above(axes, float(np.sqrt(glutamate[0] * glutamate[-1])), f"calcium, {word}")
    panels[0].set_ylabel("Duration [s]")
    bar = drawing.colorbar(mesh, ax=panels[1], pad=0.02)
    bar.set_label("Calcium charge [pC]")
    bar.ax.yaxis.set_major_formatter("{x:g}")
    bar.outline.set_linewidth(0.5)  # type: ignore[operator]
    for i, mg in enumerate(ds.mg_out.values):
        panels[0].plot([], [], color="white", ls=DASHES[i % len(DASHES)], label=amount(mg))
    panels[0].legend(
        handles=panels[0].get_lines(),
        labelcolor="white",
        loc="lower right",
        borderpad=0.1,
        handlelength=2.2,
    )
    worst = ds.sel(mg_out=person, glu_amp=ds.glu_amp.max(), pulse_width=ds.pulse_width.max())
    at = np.arange(ds.sizes["arm"])
    for i, (name, word) in enumerate(_KINDS.items()):
        charge = worst[name].transpose("arm").values
        panels[2].plot(
            at + 0.12 * (2 * i - 1),
            charge / charge[0],
            "os"[i],
            color=PALETTE[i],
            label=word,
            clip_on=False,
        )
    panels[2].axhline(1, color=GREY, lw=0.6, zorder=0.5, label="nothing left out")
    names = [_ARMS.get(str(a), str(a)) for a in ds.arm.values]
    panels[2].set_xticks(at, names, rotation=35, ha="right")
    panels[2].set_xlim(-0.5, len(at) - 0.5)
    panels[2].set_ylim(0, 1.35 * panels[2].get_ylim()[1])
    panels[2].set_xlabel("Left out")
    panels[2].set_ylabel("Charge over that of the whole cell")
    panels[2].legend(loc="upper left", borderpad=0.1)
    return drawing


_ARMS = {
    "all": "nothing",
    "no_nmda": "NMDA",
    "no_ampa": "AMPA",
    "no_l_type": "L-type Ca",
    "no_sodium": "sodium",
}
_KINDS = {"ca_charge_nmda": "NMDA receptors", "ca_charge": "all sources"}
