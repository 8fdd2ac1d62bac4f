"""The reference sweep: one cell with AMPA and NMDA synapses, a point for each [Mg] and g_NMDA.

Traub-Miles spikes in a 200 pF cell, presynaptic pulses every 50 ms, Jahr-Stevens block, a calcium
pool; 1 s of model time. Every simulator that is compared runs this, from the same start values.
"""

from __future__ import annotations

import time

import numpy as np

import mgsim as mg
from mgsim import units
from mgsim.engines.contract import Batch, Options, Outcome, Trains
from mgsim.engines.fused import FusedEngine
from mgsim.sweeps.resolving.resolve import resolve

_ASSUMED = "assumed: reference sweep"


def _parameter(name: str, value: float, unit: str) -> mg.Parameter:
    return mg.Parameter(
        name, value, unit, name, _ASSUMED, (min(0.0, 3 * value), max(0.0, 3 * value))
    )


cell = mg.Component(
    "traub_miles",
    "neuron",
    "single compartment with Traub-Miles sodium and potassium currents",
    equations="""
dv/dt = -i_membrane/c_cell : mV
i_l = g_l*(v - e_l) : pA
i_nav = g_na*m_na**3*h_na*(v - e_na) : pA
i_kv = g_k*n_k**4*(v - e_k) : pA
u = v - v_t : mV
a_m = 1.28/ms/exprel((13*mV - u)/(4*mV)) : 1/ms
b_m = 1.4/ms/exprel((u - 40*mV)/(5*mV)) : 1/ms
a_h = 0.128/ms*exp((17*mV - u)/(18*mV)) : 1/ms
b_h = 4/ms/(1 + exp((40*mV - u)/(5*mV))) : 1/ms
a_n = 0.16/ms/exprel((15*mV - u)/(5*mV)) : 1/ms
b_n = 0.5/ms*exp((10*mV - u)/(40*mV)) : 1/ms
dm_na/dt = a_m*(1 - m_na) - b_m*m_na : 1
dh_na/dt = a_h*(1 - h_na) - b_h*h_na : 1
dn_k/dt = a_n*(1 - n_k) - b_n*n_k : 1
""",
    parameters=(
        _parameter("c_cell", 200, "pF"),
        _parameter("g_l", 10, "nS"),
        _parameter("e_l", -60, "mV"),
        _parameter("g_na", 20, "uS"),
        _parameter("e_na", 50, "mV"),
        _parameter("g_k", 6, "uS"),
        _parameter("e_k", -90, "mV"),
        _parameter("v_t", -63, "mV"),
        _parameter("v_level_spike", 0, "mV"),
    ),
    currents={"i_l": "", "i_nav": "na", "i_kv": "k"},
    initial={
        "v": "e_l",
        "m_na": "a_m/(a_m + b_m)",
        "h_na": "a_h/(a_h + b_h)",
        "n_k": "a_n/(a_n + b_n)",
    },
    spike="v > v_level_spike",
)

synapse = mg.Component(
    "synapse",
    "synapse",
    "AMPA and NMDA synapse with a calcium pool",
    equations="""
dg_a/dt = -g_a/tau_a : nS
dx_n/dt = -x_n/tau_x : 1
ds_n/dt = -s_n/tau_s + alpha_n*x_n*(1 - s_n) : 1
block_factor = 1/(1 + mg_out/mg_k*exp(-mg_slope*v)) : 1
i_a = g_a*(v - e_syn) : pA
i_n = g_nmda*s_n*block_factor*(v - e_syn) : pA
dca_n/dt = -k_ca*i_n - (ca_n - ca_rest)/tau_ca : mM
""",
    parameters=(
        _parameter("tau_a", 2, "ms"),
        _parameter("g_pulse", 5, "nS"),
        _parameter("tau_x", 2, "ms"),
        _parameter("tau_s", 100, "ms"),
        _parameter("alpha_n", 0.5, "1/ms"),
        _parameter("mg_k", 3.57, "mM"),
        _parameter("mg_slope", 0.062, "1/mV"),
        _parameter("mg_out", 1.0, "mM"),
        _parameter("g_nmda", 20, "nS"),
        _parameter("e_syn", 0, "mV"),
        _parameter("k_ca", 1e-7, "mM/pA/ms"),
        _parameter("ca_rest", 1e-4, "mM"),
        _parameter("tau_ca", 20, "ms"),
    ),
    currents={"i_a": "", "i_n": ""},
    on_event={"release": "g_a += g_pulse; x_n += 1"},
    initial={"ca_n": "ca_rest"},
)

model = mg.Model("reference_sweep", (cell, synapse))
DURATION = 1000.0  # ms
protocol = mg.protocols["train_20hz"].lasting(DURATION, window=("0*ms", f"{DURATION}*ms"))
measures = (
    mg.measures["spike_count"],
    mg.measures["mean_v"],
    mg.Measure("peak_ca_n", "mM", "peak calcium", peak="ca_n"),
    mg.Measure("ca_load", "mM*ms", "calcium integral", rate="ca_n"),
)
#: In each measure's own unit, by the name that results have here.
UNITS = {m.name: units.unit(m.unit).factor for m in measures}


def columns(n: int) -> dict[str, np.ndarray]:
    """[Mg] in mM (0-3) and g_NMDA in nS (0-40) of ``n`` points; fewer are the first of more."""
    x, y = np.random.default_rng(1).random((n, 2)).T
    return {"mg_out": 3 * x, "g_nmda": 40 * y}


def grid(side: int) -> dict[str, np.ndarray]:
    """The same ranges as the two axes of a grid of ``side`` x ``side`` points."""
    return {"mg_out": np.linspace(0, 3, side), "g_nmda": np.linspace(0, 40, side)}


class Fused:
    """The fused engine on the reference sweep; the first call of each kind compiles."""

    def __init__(self, points: dict[str, np.ndarray]) -> None:
        request = resolve(model, protocol, measures, 0, {})
        (variant,) = request.variants
        base = request.batch(variant)
        own = {p.name: p for p in variant.system.parameters}
        swept = {n: x * units.unit(own[n].unit).factor for n, x in points.items()}
        self.size = len(next(iter(points.values())))
        trains = {
            e: Trains(t.times, t.offsets, np.zeros(self.size, dtype=np.int64))
            for e, t in base.trains.items()
        }
        self.system = variant.system
        self.batch = Batch(self.size, {**base.columns, **swept}, trains)
        self.engine = FusedEngine()
        self.seconds = 0.0

    def outcome(self, **options: object) -> Outcome:
        """Run; ``dt`` in ms, the rest as :class:`mgsim.engines.contract.Options`."""
        dt = float(options.pop("dt"))  # type: ignore[arg-type]
        settings = Options(dt=dt * 1e-3, duration=DURATION * 1e-3, **options)  # type: ignore[arg-type]
        start = time.perf_counter()
        found = self.engine.run(self.system, self.batch, settings)
        self.seconds = time.perf_counter() - start
        return found

    def run(self, **options: object) -> dict[str, np.ndarray]:
        """The measures in their own units."""
        found = self.outcome(**options).measures
        return {n: x / UNITS[n] for n, x in found.items()}
