"""Figure of what each step from a dose to calcium leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.figures.declare import figure
from mgsim.figures.style import MARKERS, PALE, PALETTE, label, sheet

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing

_NAMES = {
    "csf_linear": "part arrives (0 to all)",
    "csf_null": "nothing arrives",
    "csf_slow_full": "all arrives, slowly",
}


@figure(
    of="dose_waterfall",
    needs=("amount", "change", "csf", "place", "step", "quantile", "mg_out"),
    published=(
        "lu_2002: serum magnesium against time with the fitted curve; here one moment, carried "
        "on from the gram that was given to the calcium of a synapse, with people as intervals "
        "and what is not known as structures"
    ),
)
def dose_waterfall(ds: xr.Dataset) -> Drawing:
    """From grams to calcium: 4 g of magnesium sulfate and then 1 g/h, after a day.

    (a) Magnesium above that before the dose, in mmol: what was given, what serum's volume still
    holds, and what cerebrospinal fluid and the brain's fluid gained (volumes assumed; what gained
    nothing is not drawn). (b) Change of each level, of the unblocked share of open NMDA receptors
    and of their calcium load in a 20 Hz train, over the same person's before. Median and 95 % of
    256 people, under three structures of the cerebrospinal fluid between which the human data do
    not decide. No advice on doses.
    """
    drawing, (left, right) = sheet(2, height=72, width="double", width_ratios=(2, 3))
    for axes, values, names in (
        (left, ds.amount, ds.place.values),
        (right, ds.change, ds.step.values),
    ):
        at = np.arange(len(names))
        for i, name in enumerate(ds.csf.values):
            one = values.sel(csf=name).transpose("quantile", ...).values
            low, middle, high = one
            seen = middle > 1e-9 if axes is left else np.isfinite(middle)
            place = at[seen] + 0.22 * (i - 1)
            axes.vlines(place, low[seen], high[seen], color=PALETTE[i], lw=1.0)
            axes.plot(
                place,
                middle[seen],
                MARKERS[i],
                color=PALETTE[i],
                label=_NAMES.get(str(name), str(name)),
            )
        axes.set_xticks(at, [str(n) for n in names], rotation=35, ha="right")
        axes.set_xlim(-0.6, len(names) - 0.4)
    left.set_yscale("log")
    left.yaxis.set_major_formatter("{x:g}")
    left.set_ylabel(label(ds.amount))
    right.axhline(0, color=PALE, lw=0.7, zorder=0.5)
    right.set_ylabel(label(ds.change))
    left.set_xlabel("Where it is")
    right.set_xlabel("Step from blood to calcium")
    right.legend(loc="upper right", title="Cerebrospinal fluid", alignment="left")
    return drawing
