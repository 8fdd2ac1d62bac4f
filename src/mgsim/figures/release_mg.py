"""Figure of release against magnesium."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from matplotlib.lines import Line2D

from mgsim.figures import answers
from mgsim.figures.declare import figure
from mgsim.figures.style import GREY, INK, MARKERS, PALETTE, below, broken_log, label, person, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing

_WORDS = {
    "dodge_rahamimoff_1967": "endplate, n = 4",
    "dodge_rahamimoff_central": "central, n = 2",
    "blue_brain_shallow": "no magnesium",
}


@figure(
    of="release_mg",
    needs=(
        "first_over_normal",
        "last_over_normal",
        "paired_pulse_ratio",
        "mg_out",
        "model",
        "release_law",
    ),
    lines=("release_law",),
    answer=answers.release_mg,
    published=(
        "dodge_1967: release against calcium at several levels of magnesium, both scales "
        "logarithmic, one spike; here against magnesium, over that of a person, at the first "
        "and the twentieth spike of two kinds of synapse"
    ),
)
def release_mg(ds: xr.Dataset) -> Drawing:
    """Release against magnesium, at the first and the last spike of a train.

    (a) A depressing and (b) a facilitating synapse: what the first spike (filled) and the 20th at
    20 Hz (open, dashed) release, over that at the magnesium of cerebrospinal fluid (0.8 mM), where
    all laws agree by choice. What magnesium does to a lone spike is largely gone by the end of a
    train, for a synapse that releases more is emptier: the more so, the more it depresses. (c) The
    second release over the first, for the depressing synapse (filled) and the facilitating one
    (open, dashed). The laws are those of the endplate and of a central synapse, and the control
    without magnesium. Which one holds at a central synapse is not settled, so the slope is not
    either; its constants are recalled. Above some 4 mM measured release lies above these laws.
    """
    drawing, panels = sheet(3, height=68, width="double")
    kinds = [str(m) for m in ds.model.values]
    shown = [(kind, ("first_over_normal", "last_over_normal")) for kind in kinds[:2]]
    for i, law in enumerate(ds.release_law.values):
        word = _WORDS.get(str(law), str(law))
        look: dict[str, Any] = {"color": PALETTE[i % len(PALETTE)], "ms": 2.6}
        look["marker"] = MARKERS[i % len(MARKERS)]
        for axes, (kind, names) in zip(panels, shown, strict=False):
            for name, which in zip(names, ("1st", "20th"), strict=True):
                row = ds[name].sel(model=kind, release_law=law)
                axes.plot(
                    ds.mg_out, row, label=f"{word}, {which}", **look, **_style(which == "1st")
                )
        for k, kind in enumerate(kinds[:2]):
            row = ds.paired_pulse_ratio.sel(model=kind, release_law=law)
            panels[2].plot(ds.mg_out, row, label=f"{word}, {kind}", **look, **_style(k == 0))
    for axes, kind in zip(panels, (*kinds[:2], ""), strict=False):
        broken_log(axes, 0.02)
        axes.set_xlim(0, float(ds.mg_out.max()))
        axes.set_ylim(bottom=0)
        axes.set_xlabel(label(ds.mg_out, 24))
        person(axes)
        if kind:
            axes.axhline(1, color=GREY, lw=0.5, zorder=1.5, label="normal")
            axes.text(0.03, 0.03, kind, transform=axes.transAxes, va="bottom")
    _, _, level = str(ds.first_over_normal.attrs["long_name"]).rpartition(" at ")
    panels[0].set_ylabel(f"Release over that at {level}")
    panels[2].set_ylabel(label(ds.paired_pulse_ratio, 30))
    lines = panels[0].get_lines()
    first = [line for line in lines if str(line.get_label()).endswith(", 1st")]
    words = [str(line.get_label()).removesuffix(", 1st") for line in first]
    spikes = [Line2D([], [], color=INK, marker="o", ms=2.6, **_style(k == 0)) for k in range(2)]
    kinds_of = [f"1st spike; c, {kinds[0]}", f"20th spike; c, {kinds[-1]}"]
    below(drawing, [*first, *spikes], [*words, *kinds_of], ncols=5)
    return drawing


def _style(solid: bool) -> dict[str, Any]:
    return {"ls": "-"} if solid else {"ls": (0, (4, 1.5)), "mfc": "white"}
