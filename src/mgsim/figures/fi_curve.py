"""Figure of firing against injected current."""

from __future__ import annotations

from typing import TYPE_CHECKING

from matplotlib.ticker import MaxNLocator

from mgsim.figures import answers
from mgsim.figures.declare import figure
from mgsim.figures.published import MARK, row, usual
from mgsim.figures.style import INK, PALETTE, label, sheet
from mgsim.sweeps.result.parameters import parameters

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing

#: pA of the published spike times; mV at which they stand.
_EXAMPLE, _TOP = 750.0, 60.0


@figure(
    of="fi_curve",
    needs=("v", "first_rate", "last_rate", "i_amp", "time"),
    answer=answers.fi_curve,
    published=(
        "pospischil_2008: traces of recorded cells beside the model's, and firing against "
        "current; here the model alone, with the spike times of its public copy (crosses) and "
        "both first and adapted rate"
    ),
)
def fi_curve(ds: xr.Dataset) -> Drawing:
    """Firing of the regular spiking cell under injected current.

    (a) Membrane potential during a step of 0.75 nA (bar): the intervals lengthen as the M-current
    builds up; crosses: spike times of a public copy of the model. (b) Firing rate against injected
    current, from the first interval of each step and from the last, when the cell has adapted; zero
    where fewer than two spikes came, and for the last interval where firing stopped before the step
    did.
    """
    drawing, (left, right) = sheet(2, height=58, width="double", width_ratios=(1.25, 1))
    trace = ds.v.sel(i_amp=_EXAMPLE, method="nearest")
    amplitude = float(trace.i_amp)
    own = parameters(ds)
    start, stop = float(own.step_start), float(own.step_stop)
    shown = trace.sel(time=slice(max(start - 100.0, 0.0), start + 900.0))
    left.plot(shown.time, shown, color=INK, lw=0.7, label=f"{amplitude:g} pA")
    left.set_xlim(float(shown.time[0]), float(shown.time[-1]))
    left.set_ylim(-105, 70)
    left.hlines(-95, start, min(stop, float(shown.time[-1])), color=PALETTE[1], lw=2.5)
    left.text(start + 10, -93, f"{amplitude / 1000:g} nA", color=PALETTE[1], va="bottom")
    known = row("TD1.published")["expected"]
    if amplitude == _EXAMPLE and usual(ds):
        left.plot(known, [_TOP] * len(known), **MARK, color=PALETTE[0], label="published spikes")
        left.text(known[-1] + 20, _TOP, "published spike times", color=PALETTE[0], va="center")
    left.set_yticks([-80, -40, 0, 40])
    left.set_xlabel(label(ds.time))
    left.set_ylabel(label(ds.v))
    looks = (
        ("first_rate", "first interval", "o", PALETTE[0], "-"),
        ("last_rate", "last interval", "s", PALETTE[1], (0, (5, 1.5))),
    )
    for name, word, marker, colour, dash in looks:
        rate = ds[name]
        right.plot(
            ds.i_amp,
            rate,
            marker=marker,
            color=colour,
            ls=dash,
            label=word,
            clip_on=False,
            mfc="white",
        )
        at = int(0.8 * (ds.sizes["i_amp"] - 1))
        first = name == "first_rate"
        right.annotate(
            word,
            (float(ds.i_amp[at]), float(rate[at])),
            color=colour,
            xytext=(-6, 2) if first else (6, -4),
            ha="right" if first else "left",
            va="bottom" if first else "top",
            textcoords="offset points",
        )
    right.set_xlim(float(ds.i_amp.min()), float(ds.i_amp.max()))
    right.set_ylim(bottom=0)
    right.xaxis.set_major_locator(MaxNLocator(4))
    right.set_xlabel(label(ds.i_amp))
    right.set_ylabel("Firing rate [Hz]")
    return drawing
