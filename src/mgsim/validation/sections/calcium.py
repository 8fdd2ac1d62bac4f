"""Section C: calcium through NMDA receptors."""

from __future__ import annotations

from typing import Any

import numpy as np

from mgsim import models, protocols
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.measures import ca_charge_ampa
from mgsim.parts import blocks, calcium
from mgsim.runs.simulate import simulate
from mgsim.runs.sweep import sweep
from mgsim.validation.rows import finds


def _shares(part: Component | None, **values: Any) -> np.ndarray:
    """Calcium's share of the NMDA current in a simulated clamp."""
    model = models["patch"]
    ds = simulate(
        model.swap(part) if part else model,
        protocols["voltage_clamp"].lasting(20.0, (0.0, 20.0)),
        record=("i_nmda", "i_ca_nmda"),
        progress=False,
        **values,
    )
    return np.asarray((ds.i_ca_nmda / ds.i_nmda).isel(time=-1).values)


@finds("TC1", "TC2", "TC4", "TC5.share", "TC7.activities", "TC7.concentrations", "TC7.low")
def _percent(ca: Any, part: str = "", v: float = -60.0, **values: Any) -> list[float]:
    """Percent of the NMDA current that is calcium, without magnesium."""
    entry = calcium[part] if part else None
    found = _shares(entry, ca_out=ca, v_hold=v, mg_out=0.0, **values)
    return [100 * float(x) for x in np.atleast_1d(found)]


@finds("TC3")
def _coefficient() -> list[float]:
    """I_Ca over g (V - 40 mV) at 2 mM calcium."""
    ds = simulate(
        models["patch"],
        protocols["voltage_clamp"].lasting(20.0, (0.0, 20.0)),
        record=("i_ca_nmda", "g_conducting"),
        ca_out=2.0,
        progress=False,
    )
    last = ds.isel(time=-1)
    return [float(last.i_ca_nmda / (last.g_conducting * (-60.0 - 40.0)))]


@finds("TC10")
def _spread_with_mg(mg: list[float], v: list[float]) -> list[float]:
    """Largest relative spread of the share over magnesium, of any potential and law."""
    spreads = []
    for law in blocks.own.values():
        found = _shares(law, ca_out=2.0, v_hold=v, mg_out=mg)
        axis = 0 if found.shape[0] == len(mg) else 1
        spreads.append(float(np.ptp(found, axis=axis).max() / np.abs(found).max()))
    return [max(spreads)]


def _ampa() -> tuple[Model, Protocol]:
    """A clamped synapse with calcium through AMPA receptors, and one release."""
    model = models["clamped_synapse"].without("ca_entry")
    clamp, pulse = protocols["voltage_clamp"], protocols["single_pulse"]
    return (
        model.swap(calcium["ampa_calcium"]),
        Protocol("p", "", 100.0, clamp.stimuli, pulse.events),
    )


@finds("TC4.ampa", "TC4.ampa_without", "TC5.ampa")
def _ampa_share(**values: Any) -> list[float]:
    """Percent of the AMPA current that is calcium, over one response."""
    ds = simulate(*_ampa(), record=("i_ca_ampa", "i_ampa"), progress=False, **values)
    return [100 * float(ds.i_ca_ampa.sum() / ds.i_ampa.sum())]


@finds("TC5.ampa_charge")
def _calyx_ampa() -> list[float]:
    """Percent of the 3.0 pC of calcium that enter with a spike."""
    ds = sweep(
        *_ampa(),
        ca_charge_ampa,
        dt=0.005,
        v_hold=-80.0,
        pf_ampa=0.013,
        g_ampa=37.0,
        tau_ampa=1.1,
        progress=False,
    )
    return [100 * float(ds.ca_charge_ampa) / 3.0]
