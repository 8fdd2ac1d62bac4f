"""The least glutamate whose NMDA calcium charge reaches a stated line, against magnesium.

The line is no threshold of harm, which nobody knows in these units: it is swept over two decades,
and what is asked is how far magnesium moves the answer at each. The insult is glutamate for two
seconds; charge grows in proportion to time once the cell has settled.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.analysis.lacking import lacking
from mgsim.compose.measure import Measure
from mgsim.declare.parameter import Parameter
from mgsim.experiments.insult_map import G_NMDA, PERSON, exposed
from mgsim.measures import ca_charge_nmda
from mgsim.protocols.glutamate import tonic_glutamate
from mgsim.runs.experiment import Experiment

if TYPE_CHECKING:
    import xarray as xr

over_line = Measure(
    "over_line",
    "1",
    "NMDA calcium charge over the line",
    value="ca_charge_nmda/ca_line",
    needs=(ca_charge_nmda,),
    parameters=(
        Parameter(
            "ca_line",
            10.0,
            "pC",
            "calcium charge through NMDA receptors that counts as the line",
            "assumed: no harmful charge is known; sweep it",
            (0.1, 1000),
        ),
    ),
)


def told(ds: xr.Dataset) -> xr.Dataset:
    """Add in words how far magnesium moves the least glutamate, at each line."""
    found = ds.expand_dims([n for n in ("ca_line", "mg_out") if n not in ds.dims])
    if set(found.glu_tonic_threshold.dims) != {"ca_line", "mg_out"}:
        return ds
    words = []
    for line in found.ca_line.values:
        one = found.sel(ca_line=line).sortby("mg_out")
        known = one.glu_tonic_threshold.dropna("mg_out") * 1000
        text = []
        if known.size:
            ends = [known.isel(mg_out=i) for i in (0, -1)] if known.size > 1 else [known[0]]
            said = [f"{float(x):.3g} uM at {float(x.mg_out):g} mM" for x in ends]
            text.append(" and ".join(said))
        text += lacking(one.glu_tonic_threshold, one.status)
        words.append(f"{line:g} pC: {'; '.join(text)}")
    return ds.assign_attrs(found=f"Found for the line of {'. '.join(words)}.")


least_toxic_glutamate = Experiment(
    "least_toxic_glutamate",
    "What is the least glutamate that lets a stated calcium charge in, against magnesium?",
    (exposed,),
    tonic_glutamate.lasting(2000.0, (0.0, 2000.0)),
    measures=(over_line,),
    search={
        "axis": "glu_tonic",
        "level": 1,
        "between": (1e-6, 10.0),
        "to": 1e-7,
        "spacing": "log",
        "looks": 15,
    },
    axes={
        "g_nmda": G_NMDA,
        "ca_line": [1.0, 10.0, 100.0],
        "mg_out": [0.0, *np.geomspace(0.05, 4.0, 15).round(3)],
    },
    derive=told,
    small={"ca_line": [1.0, 10.0], "mg_out": [0.0, 0.2, PERSON, 4.0]},
)
