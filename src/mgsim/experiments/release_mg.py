"""What the first and the 20th spike of a train release, against magnesium, under three laws.

Two kinds of synapse, one that depresses and one that facilitates, at 20 Hz. Their use is taken to
hold in the cerebrospinal fluid of a person, so that all laws agree there and nowhere else. The
shallow Hill law has no magnesium: it is the control in which everything stays flat.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from mgsim.compose.model import Model
from mgsim.declare.component import Component
from mgsim.measures import paired_pulse_ratio, release_first, release_last
from mgsim.parts.baths import person
from mgsim.parts.mechanisms.release import depressing_release
from mgsim.parts.mechanisms.release_laws import (
    blue_brain_shallow,
    dodge_rahamimoff_1967,
    dodge_rahamimoff_central,
)
from mgsim.protocols.trains import train_20hz
from mgsim.runs.experiment import Experiment
from mgsim.sweeps.result.parameters import parameters

if TYPE_CHECKING:
    import xarray as xr


def _in_a_person(law: Component) -> Component:
    """A law that is 1 in the bath of a person."""
    own = {"ca_recorded": person["ca_out"].value, "mg_recorded": person["mg_out"].value}
    return law.with_values(**{n: x for n, x in own.items() if n in law.keys()})  # noqa: SIM118


_LAWS = tuple(
    map(_in_a_person, (dodge_rahamimoff_1967, dodge_rahamimoff_central, blue_brain_shallow))
)
_DEPRESSING = Model(
    "depressing", (person, depressing_release, _LAWS[0]), "a depressing synapse in a person's bath"
)
_FACILITATING = _DEPRESSING.with_values(u_rel=0.09, tau_rec=138.0, tau_facil=670.0).named(
    "facilitating", "a facilitating synapse in a person's bath"
)


def relative(ds: xr.Dataset) -> xr.Dataset:
    """Add what the first and the last spike release over that at the magnesium of the recording.

    The nearest level on the axis stands for it; without an axis of magnesium all is 1.
    """
    normal, level = ds, float(np.max(parameters(ds).mg_recorded))
    if "mg_out" in ds.dims:
        normal = ds.sel(mg_out=level, method="nearest")
        level = float(normal.mg_out)
        normal = normal.drop_vars("mg_out")
    added = {}
    for which in ("first", "last"):
        over = ds[f"release_{which}"] / normal[f"release_{which}"]
        said = f"release of the {which} spike over that at {level:g} mM"
        over.attrs = {"units": "1", "long_name": said}
        added[f"{which}_over_normal"] = over
    return ds.assign(added)


release_mg = Experiment(
    "release_mg",
    "How does magnesium change what the first and the 20th spike of a train release?",
    (_DEPRESSING, _FACILITATING),
    train_20hz.lasting(1020.0),
    measures=(release_first, release_last, paired_pulse_ratio),
    axes={
        "release_law": _LAWS,
        "mg_out": [
            0.0,
            0.02,
            0.05,
            0.1,
            0.2,
            0.3,
            0.4,
            0.5,
            0.6,
            0.7,
            0.8,
            0.9,
            1.0,
            1.2,
            1.5,
            2.0,
            2.5,
            3.0,
            4.0,
            5.0,
            6.0,
            8.0,
            10.0,
        ],
    },
    derive=relative,
    small={"mg_out": [0.0, 0.1, 0.4, 0.8, 1.2, 4.0]},
)
