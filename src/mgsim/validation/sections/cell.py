"""Section D: the regular spiking cell."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np

from mgsim import models, protocols
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.measures import mean_v, spike_count
from mgsim.runs.simulate import simulate
from mgsim.runs.sweep import sweep, threshold
from mgsim.validation.rows import finds

_AREA = 28952.9  # um2
#: The paper's fit to one cell, against the defaults, which are those of ModelDB.
_PAPER = {
    "area": np.pi * 61.4**2,
    "g_leak": 0.0205,
    "e_leak": -70.3,
    "g_na": 56.0,
    "g_k": 6.0,
    "e_k": -100.0,
    "g_m": 0.075,
    "tau_m_max": 608.0,
    "v_t": -56.2,
}
DT = 0.01


def _cell(which: str = "modeldb") -> Model:
    cell: Model = models["cell"]
    return cell if which == "modeldb" else cell.with_values(**_PAPER)


@finds("TD1.converged", "TD1.published", "TD2")
def _spikes(gates_at_zero: bool = False) -> list[float]:
    model = _cell()
    if gates_at_zero:
        neuron = model["neuron"]
        model = model.swap(replace(neuron, initial={"v": "v_start"}))
    ds = simulate(model, protocols["current_step"], dt=0.005, every=1000, progress=False)
    return [float(x) for x in ds.spike_time.values]


@finds("TD3.rest")
def _rests() -> list[float]:
    return [_rest("modeldb"), _rest("paper")]


def _rest(which: str) -> float:
    found = sweep(_cell(which), protocols["rest"].lasting(6000), mean_v, progress=False)
    return float(found.mean_v)


def _fires(which: str, amplitudes: np.ndarray, after: float = 0.0) -> np.ndarray:
    """Whether 2 s steps (pA) bring a spike, or one later than ``after`` (ms) from their start."""
    protocol = replace(protocols["current_step"], duration=4000.0, window=(2000.0 + after, 4000.0))
    ds = sweep(
        _cell(which),
        protocol,
        spike_count,
        dt=0.02,
        i_amp=amplitudes,
        step_start=2000.0,
        step_stop=4000.0,
        progress=False,
    )
    return np.asarray(ds.spike_count.values > 0)


@finds("TD3.first", "TD3.paper_fit")
def _rheobase(cell: str) -> list[float]:
    """Smallest 2 s step (nA) that fires."""
    high = 1000.0 if cell == "modeldb" else 100.0
    found = threshold(
        _cell(cell),
        replace(protocols["current_step"], duration=4000.0, window=(2000.0, 4000.0)),
        axis="i_amp",
        measure=spike_count,
        level=1,
        between=(0.3 * high, high),
        to=1e-4 * high,
        looks=17,
        dt=0.02,
        step_start=2000.0,
        step_stop=4000.0,
        progress=False,
    )
    return [float(found.i_amp_threshold) * 1e-3]


@finds("TD3.sustained")
def _late_edges() -> list[float]:
    """Amplitudes (nA) at which a spike in the last 0.5 s of a 2 s step comes and goes."""
    amplitudes = np.arange(6740, 6800) / 10
    late = _fires("modeldb", amplitudes, after=1500.0)
    turns = np.flatnonzero(late[1:] != late[:-1])
    return [float(amplitudes[k] + amplitudes[k + 1]) / 2e3 for k in turns]


@cache
def _f_i(amplitudes: tuple[float, ...]) -> tuple[list[float], list[float]]:
    """First and steady rate for each amplitude (nA); least and most of the lowest potentials."""
    protocol = protocols["current_step"].lasting(4000.0)
    ds = simulate(
        _cell(),
        protocol,
        dt=DT,
        every=2,
        step_start=2000.0,
        step_stop=4000.0,
        i_amp=[1e3 * x for x in amplitudes],
        progress=False,
    )
    rates: list[float] = []
    lowest: list[float] = []
    for times, v in zip(ds.spike_time.values, ds.v.transpose("i_amp", "time").values, strict=True):
        times = times[np.isfinite(times)]
        intervals = np.diff(times)
        rates += [1000 / float(intervals[0]), 1000 / float(intervals[-1])]
        between = (ds.time.values > times[0]) & (ds.time.values < times[-1])
        lowest.append(float(v[between].min()))
    return rates, [min(lowest), max(lowest)]


@finds("TD4.rates")
def _rates(amplitudes: list[float]) -> list[float]:
    return _f_i(tuple(amplitudes))[0]


@finds("TD4.lowest")
def _lowest(amplitudes: list[float]) -> list[float]:
    return _f_i(tuple(amplitudes))[1]


def _tonic() -> Any:
    """The cell with every NMDA receptor open and nothing else."""
    return models["tonic"].without("ca_entry").without("ca_pool")


def _nano(density: float) -> float:
    """mS/cm2 to nS on this cell."""
    return density * _AREA * 1e-2


@finds(
    "TD5.g0.03",
    "TD5.g0.05",
    "TD5.g0.08",
    "TD5.g0.10",
    "TD5.g0.15",
    "TD5.g0.20",
    "TD5.g0.30",
    "TD5.g0.50",
)
def _tonic_spikes(density: float, mg: list[float]) -> list[float]:
    """Spikes in the last of three seconds under a tonic conductance (mS/cm2)."""
    return list(_tonic_counts(density, tuple(mg)))


@cache
def _tonic_counts(density: float, mg: tuple[float, ...], dt: float = DT) -> tuple[float, ...]:
    ds = sweep(
        _tonic(),
        Protocol("tonic", "", 3000.0, window=(2000.0, 3000.0)),
        spike_count,
        dt=dt,
        g_nmda=_nano(density),
        mg_out=list(mg),
        progress=False,
    )
    return tuple(float(x) for x in ds.spike_count.values)


@finds("TD6.never")
def _never_fires(density: float, mg: list[float]) -> list[float]:
    return [sum(_tonic_spikes(density, mg))]


@finds("TD6.critical")
def _critical_mg(densities: list[float]) -> list[float]:
    """The magnesium (mM) above which tonic firing ends; NaN where it never fires."""
    found = threshold(
        _tonic(),
        Protocol("tonic", "", 3000.0, window=(2000.0, 3000.0)),
        axis="mg_out",
        measure=spike_count,
        level=1,
        between=(0.0, 1.2),
        to=3e-4,
        looks=17,
        dt=0.02,
        g_nmda=[_nano(d) for d in densities],
        progress=False,
    )
    return [float(x) for x in found.mg_out_threshold.values]


@finds("TD7")
def _rest_with_mg(density: float, mg: list[float]) -> list[float]:
    ds = sweep(
        _tonic(),
        protocols["rest"].lasting(20000.0),
        mean_v,
        g_nmda=_nano(density),
        mg_out=mg,
        progress=False,
    )
    return [float(x) for x in ds.mean_v.values]
