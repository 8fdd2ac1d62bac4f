"""Sections I and S4, and TC11: a spine's calcium, coincidence, and plasticity by calcium."""

from __future__ import annotations

from typing import Any

import numpy as np

from mgsim import measures, models, protocols
from mgsim.analysis.plasticity import shares_above, strength
from mgsim.compose.model import Model
from mgsim.parts import blocks, mechanisms, neurons, receptors
from mgsim.runs.sweep import sweep
from mgsim.validation.rows import finds

_MG = [0.0, 1.0, 2.0]


def _pairs(block: str | None = None, **values: Any) -> Any:
    model = models["clamped_spine"]
    return sweep(
        model.swap(blocks[block]) if block else model,
        protocols["clamped_pairing"],
        [measures[n] for n in ("peak_ca", "ca_charge_nmda", "ca_charge_r_type")],
        progress=False,
        **values,
    )


@finds(
    "TC11.input",
    "TC11.spike",
    "TS4a1",
    "TS4a1.charge",
    "TS4a2",
    "TS4a2.charge",
    "TS4a3",
    "TS4a3.before",
    "TS4a4",
    "TS4a5",
)
def _spine(
    quantity: str, block: str | None = None, mg_out: list[float] = _MG, **values: Any
) -> list[float]:
    """Of one pairing, by level of magnesium."""
    if quantity == "ratio":
        return _summed(mg_out, 10.0, block, g_ca_r=0.0)
    ds = _pairs(block, mg_out=mg_out, **values)
    rest = models["clamped_spine"]["ca_pool"]["ca_rest"].value
    found = {
        "rise": ds.peak_ca - rest,
        "charge": 1e3 * ds.ca_charge_nmda,
        "charge_r": 1e3 * ds.ca_charge_r_type,
    }[quantity]
    return [float(x) for x in found]


@finds("TI1", "TI1.zero")
def _coincidence(mg: float, post_delay: float, block: str | None = None) -> list[float]:
    return _summed([mg], post_delay, block)


def _summed(mg: list[float], post_delay: float, block: str | None, **more: Any) -> list[float]:
    """Calcium charge of NMDA receptors of a pair over that of its presynaptic spike alone."""
    ds = _pairs(block, mg_out=mg, post_delay=post_delay, bap_height=[0.0, 100.0], **more)
    charge = ds.ca_charge_nmda
    return [float(x) for x in charge.sel(bap_height=100.0) / charge.sel(bap_height=0.0)]


@finds("TI2", "TI2.width")
def _window(what: str) -> list[float]:
    """Of calcium against the interval: where it is largest, or the width at half its height."""
    clean = (
        models["clamped_spine"].without("ca_r").without("ca_pool").swap(receptors["cleft_decay"])
    )
    fast = clean.swap(receptors["lester_jahr_1992"]).swap(blocks["jahr_stevens_1990"])
    intervals = np.arange(-50.0, 201.0, 5.0)
    best, width = [], []
    for model in (clean.swap(receptors["kampa_2004_trapping"]), fast):
        ds = sweep(
            model,
            protocols["clamped_pairing"].lasting(1500),
            measures["ca_charge_nmda"],
            post_delay=intervals.tolist(),
            bap_height=[0.0, 100.0],
            mg_out=1.0,
            celsius=22.0,
            progress=False,
        )
        charge = ds.ca_charge_nmda
        gain = (charge.sel(bap_height=100.0) / charge.sel(bap_height=0.0)).values - 1
        best.append(float(intervals[gain.argmax()]))
        fine = np.arange(intervals[0], intervals[-1], 0.05)
        width.append(0.05 * float((np.interp(fine, intervals, gain) > gain.max() / 2).sum()))
    return best if what == "best" else [width[0] / width[1]]


@finds("TI3")
def _tetanus() -> list[float]:
    """How much more a lower magnesium gains from 0.5 to 0.1 than from 1 to 0.5 mM."""
    ds = sweep(
        models["spine"],
        protocols["train_20hz"].with_values(train_rate=100.0).lasting(550.0),
        measures["ca_charge_nmda"].at("spine"),
        mg_out=[0.1, 0.5, 1.0],
        progress=False,
    )
    low, middle, high = (float(x) for x in ds.ca_charge_nmda_spine)
    return [low / middle / (middle / high)]


@finds("TI4")
def _burst(laws: list[str]) -> list[float]:
    """By law, how much the share of a burst grows with magnesium."""
    found = []
    for law in laws:
        given = {"mg_out": [0.8, 1.2], "pair_rate": 100.0}
        burst = _pairs(law, pair_number=5, **given).ca_charge_nmda
        single = _pairs(law, pair_number=1, bap_height=0.0, **given).ca_charge_nmda
        ratio = burst / single
        found.append(float(ratio[1] / ratio[0]))
    return found


_INTERVALS = [-40.0, -20.0, 0.0, 5.0, 10.0, 20.0, 60.0]


@finds("TS4b1.alpha_d", "TS4b1.alpha_p", "TS4b1.w", "TS4b1.engine", "TS4b2")
def _rule(what: str, intervals: list[float] = _INTERVALS) -> list[float]:
    """The example DP at 1 Hz: shares of time above the thresholds, or the change of strength."""
    if what == "integrated":
        rule = (mechanisms["spike_calcium"], mechanisms["calcium_rule"])
        ds = sweep(
            Model("rule", (neurons["clamped"], *rule)),
            protocols["clamped_pairing"].lasting(1300.0),
            measures["time_depressing"],
            post_delay=intervals,
            progress=False,
        )
        return [float(x) / 1000.0 for x in ds.time_depressing]
    shares = np.array([shares_above("dp", interval) for interval in intervals]).T
    found = {"depressing": shares[0], "potentiating": shares[1], "strength": strength(*shares)}
    return [float(x) for x in found[what]]
