"""Sections S1, S6 and H: release against calcium and magnesium, and the neuromuscular junction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from mgsim import models, protocols
from mgsim.compose.model import Model
from mgsim.measures import release_first, release_last, release_second, transmissions
from mgsim.parts import baths, mechanisms
from mgsim.runs.sweep import sweep, threshold
from mgsim.validation.rows import finds

#: Use, refilling and facilitation (ms) of two kinds of synapse.
_KINDS: dict[str, dict[str, Any]] = {
    "depressing": {"u_rel": 0.5, "tau_rec": 671.0, "tau_facil": 17.0},
    "facilitating": {"u_rel": 0.09, "tau_rec": 138.0, "tau_facil": 670.0},
}


@finds(
    "TS1a",
    "TS1c.shallow",
    "TS1c.steep",
    "TS1c.intermediate",
    "TS1d.central",
    "TS1d.shallow",
    "TS1d.endplate",
    "TS6a",
    "TH3.person",
    "TH3.dish",
)
def ratios(law: str, ca: list[float], mg: list[float], recorded: list[float]) -> list[float]:
    """Release over that in the bath of the recording (calcium, magnesium)."""
    part = mechanisms[law]
    values = {"ca_recorded": recorded[0], "mg_recorded": recorded[1]}
    own = {n: x for n, x in values.items() if n in part.keys()}  # noqa: SIM118
    found = part.evaluate("release_ratio", ca_out=np.array(ca)[:, None], mg_out=np.array(mg), **own)
    return [float(x) for x in found.ravel()]


def _slopes(law: str, ca: Sequence[float] | np.ndarray, mg: float) -> np.ndarray:
    """Log-log slope of release between neighbours in calcium."""
    here = mechanisms[law].evaluate("release_here", ca_out=np.asarray(ca), mg_out=mg)
    return np.asarray(np.diff(np.log(here)) / np.diff(np.log(ca)))


@finds("TS1b")
def _local_slopes(law: str, ca: list[float], mg: float) -> list[float]:
    return [float(_slopes(law, (x * 0.999, x * 1.001), mg)[0]) for x in ca]


@finds("TH1", "TH1.measured")
def _span_slopes(law: str, spans: list[list[float]]) -> list[float]:
    return [float(_slopes(law, (low, high), mg)[0]) for low, high, mg in spans]


@finds("TS1e", "TS1e.shallow")
def _steepest(law: str, mg: float, least: float) -> list[float]:
    return [float(_slopes(law, np.geomspace(least, 5.0, 500), mg).max())]


@finds("TH2")
def _formula(ca: list[float], mg: list[float]) -> list[float]:
    law = mechanisms["dodge_rahamimoff_1967"]
    found = law.evaluate("release_here", ca_out=np.array(ca)[:, None], mg_out=np.array(mg))
    return [float(x) for x in found.ravel()]


@finds("TH4")
def _falls(laws: list[str]) -> list[float]:
    return [x for law in laws for x in ratios(law, [1.2], [1.2], [1.2, 0.8])]


def released(kind: str, mg: list[float]) -> np.ndarray:
    """What the 1st, 2nd and 20th spike at 20 Hz release, by magnesium, at calcium 1.2 mM."""
    synapse = Model(
        "synapse", (mechanisms["depressing_release"], mechanisms["dodge_rahamimoff_1967"])
    ).swap(baths["person"])
    ds = sweep(
        synapse,
        protocols["train_20hz"].lasting(1020),
        (release_first, release_second, release_last),
        mg_out=list(dict.fromkeys((0.8, *mg))),
        ca_out=1.2,
        ca_recorded=1.2,
        mg_recorded=0.8,
        progress=False,
        **_KINDS[kind],
    )
    return np.array([ds[f"release_{which}"].values for which in ("first", "second", "last")])


@finds("TS1g")
def _control(kind: str, mg: list[float]) -> list[float]:
    first, second, last = released(kind, mg)[:, 0]
    return [float(first), float(last), float(second / first)]


@finds("TS1h", "TS1j")
def _first_and_last(kind: str, mg: list[float]) -> list[float]:
    found = released(kind, mg)
    over = found[:, 1:] / found[:, :1]
    return [float(x) for column in over.T for x in column[[0, 2]]]


@finds("TS1i")
def _paired(kind: str, mg: list[float]) -> list[float]:
    first, second, _ = released(kind, mg)[:, 1:]
    return [float(x) for x in second / first]


@finds("TS6b", "TS6c")
def _blocking(baths: list[list[float]]) -> list[float]:
    """Magnesium at which a nerve impulse no longer fires the muscle fibre."""
    found = []
    for ca, normal in baths:
        ds = threshold(
            models["neuromuscular_junction"],
            protocols["single_pulse"].lasting(60.0),
            axis="mg_out",
            measure=transmissions,
            level=1,
            between=(0.0, 10.0),
            to=1e-3,
            ca_out=ca,
            ca_recorded=ca,
            mg_recorded=normal,
            progress=False,
        )
        found.append(float(ds.mg_out_threshold))
    return found
