"""What pairings make of a synapse at three levels of magnesium, which acts through the pore alone.

The calcium rule of Graupner & Brunel (2012), example DP, is fed by the calcium currents of a
clamped spine, weighed so that at 1 mM each spike alone brings the calcium that it has in the rule.
One pair is run; what follows from 60 of them at 1 Hz has a closed form in the times above the
thresholds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.analysis.plasticity import shares_above, strength
from mgsim.measures import time_depressing, time_potentiating
from mgsim.models.spines import clamped_spine
from mgsim.parts.mechanisms.calcium_rule import calcium_rule, pore_calcium
from mgsim.protocols.pairings import clamped_pairing
from mgsim.runs.experiment import Experiment

if TYPE_CHECKING:
    import xarray as xr

#: ms between pairs, and s of pairing.
_PERIOD, _LONG = 1000.0, 60.0


def outcomes(ds: xr.Dataset) -> xr.Dataset:
    """Add the strength after 60 pairs at 1 Hz, and that of the published rule of spikes."""
    depressing = np.minimum(ds.time_depressing / _PERIOD, 1.0)
    potentiating = np.minimum(ds.time_potentiating / _PERIOD, 1.0)
    fed = ds.time_depressing.copy(data=strength(depressing, potentiating, _LONG))
    fed.attrs = {"units": "1", "long_name": "strength after 60 pairs at 1 Hz, over that before"}
    published = [float(strength(*shares_above("dp", x), _LONG)) for x in ds.post_delay.values.flat]
    told = ds.post_delay.copy(data=np.reshape(published, ds.post_delay.shape))
    told.attrs = {"units": "1", "long_name": "the same, by the published rule of spikes"}
    return ds.assign(
        strength=fed, published_strength=told.drop_vars(set(told.coords) - {*told.dims})
    )


plasticity_timing = Experiment(
    "plasticity_timing",
    "How does magnesium move the outcome of pairings through the pore of NMDA receptors?",
    (
        clamped_spine.swap(pore_calcium)
        .swap(calcium_rule)
        .named("plastic_spine", "the head of a spine under voltage clamp, with a calcium rule"),
    ),
    clamped_pairing.lasting(1300.0),
    measures=(time_depressing, time_potentiating),
    axes={"mg_out": [0.5, 1.0, 2.0], "post_delay": np.arange(-100.0, 100.1, 2.5)},
    derive=outcomes,
)
