"""The reference sweep: one cell with AMPA and NMDA synapses, a point for each [Mg] and g_NMDA.

Traub-Miles spikes in a 200 pF cell, presynaptic pulses every 50 ms, Jahr-Stevens block, a calcium
pool; 1 s of model time. Every simulator that is compared runs this.
"""

from __future__ import annotations

import numpy as np

import mgsim as mg

_ASSUMED = "assumed: reference sweep"


def _parameter(name: str, value: float, unit: str) -> mg.Parameter:
    return mg.Parameter(name, value, unit, name, _ASSUMED,
                        (min(0.0, 2 * value), max(0.0, 2 * value)))


cell = mg.Component(
    "traub_miles", "neuron", "single compartment with Traub-Miles sodium and potassium currents",
    equations="""
dv/dt = -(g_l*(v - e_l) + g_na*m_na**3*h_na*(v - e_na) + g_k*n_k**4*(v - e_k) + i_syn)/c_cell : mV
u = v - v_t : mV
dm_na/dt = (1.28/ms/exprel((13*mV - u)/(4*mV))*(1 - m_na)
            - 1.4/ms/exprel((u - 40*mV)/(5*mV))*m_na) : 1
dh_na/dt = (0.128/ms*exp((17*mV - u)/(18*mV))*(1 - h_na)
            - 4/ms/(1 + exp((40*mV - u)/(5*mV)))*h_na) : 1
dn_k/dt = 0.16/ms/exprel((15*mV - u)/(5*mV))*(1 - n_k) - 0.5/ms*exp((10*mV - u)/(40*mV))*n_k : 1
""",
    parameters=(
        _parameter("c_cell", 200, "pF"), _parameter("g_l", 10, "nS"), _parameter("e_l", -60, "mV"),
        _parameter("g_na", 20, "uS"), _parameter("e_na", 50, "mV"), _parameter("g_k", 6, "uS"),
        _parameter("e_k", -90, "mV"), _parameter("v_t", -63, "mV"),
        _parameter("v_level_spike", 0, "mV"),
    ),
    initial={"v": "e_l"},
    spike="v > v_level_spike",
)  # fmt: skip

synapse = mg.Component(
    "synapse", "synapse", "AMPA and NMDA synapse with a calcium pool",
    equations="""
dg_a/dt = -g_a/tau_a : nS
dx_n/dt = -x_n/tau_x : 1
ds_n/dt = -s_n/tau_s + alpha_n*x_n*(1 - s_n) : 1
block_factor = 1/(1 + mg_out/mg_k*exp(-mg_slope*v)) : 1
i_n = g_nmda*s_n*block_factor*(v - e_syn) : pA
dca_n/dt = -k_ca*i_n - (ca_n - ca_rest)/tau_ca : mM
""",
    parameters=(
        _parameter("tau_a", 2, "ms"), _parameter("g_pulse", 5, "nS"), _parameter("tau_x", 2, "ms"),
        _parameter("tau_s", 100, "ms"), _parameter("alpha_n", 0.5, "1/ms"),
        _parameter("mg_k", 3.57, "mM"), _parameter("mg_slope", 0.062, "1/mV"),
        _parameter("mg_out", 1.0, "mM"), _parameter("g_nmda", 20, "nS"),
        _parameter("e_syn", 0, "mV"), _parameter("k_ca", 1e-7, "mM/pA/ms"),
        _parameter("ca_rest", 1e-4, "mM"), _parameter("tau_ca", 20, "ms"),
    ),
    adds={"i_syn": "g_a*(v - e_syn) + i_n"},
    on_event={"release": "g_a += g_pulse; x_n += 1"},
    initial={"ca_n": "ca_rest"},
)  # fmt: skip

model = mg.Model("reference_sweep", (cell, synapse))
protocol = mg.protocols["train_20hz"]
measures = (
    mg.measures["spike_count"], mg.measures["mean_v"],
    mg.Measure("peak_ca_n", "mM", "peak calcium", peak="ca_n"),
    mg.Measure("ca_load", "mM*ms", "calcium integral", rate="ca_n"),
)  # fmt: skip


def columns(n: int) -> dict[str, np.ndarray]:
    """[Mg] in mM and g_NMDA in nS of ``n`` points, spread over 0-3 mM and 0-40 nS."""
    rng = np.random.default_rng(1)
    return {"mg_out": rng.uniform(0, 3, n), "g_nmda": rng.uniform(0, 40, n)}
