"""The reference sweep as a Brian2 user writes it, for C++ standalone with its default settings."""

from __future__ import annotations

from collections.abc import Mapping

import brian2 as b2
import numpy as np
from brian2 import mM, ms, mV, nS, pA, pF, uS
from serving import CA_REST, DURATION, Job, Runner, serve, start_gates
from serving import E_L as V_START
from serving import V_T as V_SHIFT

EQUATIONS = """
dv/dt = -(g_l*(v - E_L) + g_na*m**3*h*(v - E_Na) + g_k*n**4*(v - E_K) + g_a*v + i_n)/C_m : volt
dm/dt = a_m*(1 - m) - b_m*m : 1
dh/dt = a_h*(1 - h) - b_h*h : 1
dn/dt = a_n*(1 - n) - b_n*n : 1
a_m = 0.32*4/exprel((13*mV - v + V_T)/(4*mV))/ms : Hz
b_m = 0.28*5/exprel((v - V_T - 40*mV)/(5*mV))/ms : Hz
a_h = 0.128*exp((17*mV - v + V_T)/(18*mV))/ms : Hz
b_h = 4/(1 + exp((40*mV - v + V_T)/(5*mV)))/ms : Hz
a_n = 0.032*5/exprel((15*mV - v + V_T)/(5*mV))/ms : Hz
b_n = 0.5*exp((10*mV - v + V_T)/(40*mV))/ms : Hz
dg_a/dt = -g_a/(2*ms) : siemens
dx/dt = -x/(2*ms) : 1
ds/dt = -s/(100*ms) + 0.5/ms*x*(1 - s) : 1
block = 1/(1 + mg_out/(3.57*mM)*exp(-0.062*v/mV)) : 1 (constant over dt)
i_n = g_nmda*s*block*v : amp
dca/dt = -k_ca*i_n - (ca - ca_rest)/(20*ms) : mM
dca_load/dt = ca : mM*second
dv_sum/dt = v : volt*second
peak_ca : mM
mg_out : mM (constant)
g_nmda : siemens (constant)
""".replace("mM*second", "mol*second/meter**3").replace(": mM", ": mol/meter**3")  # mM is a scale


def prepare(job: Job) -> Runner:
    b2.set_device("cpp_standalone", directory=str(job.folder), build_on_run=False)
    if job.threads > 1:
        b2.prefs.devices.cpp_standalone.openmp_threads = job.threads
    b2.defaultclock.dt = job.dt * ms
    constants = {
        "C_m": 200 * pF,
        "g_l": 10 * nS,
        "E_L": V_START * mV,
        "g_na": 20 * uS,
        "E_Na": 50 * mV,
        "g_k": 6 * uS,
        "E_K": -90 * mV,
        "V_T": V_SHIFT * mV,
        "ca_rest": CA_REST * mM,
        "k_ca": 1e-7 * mM / pA / ms,
    }
    group = b2.NeuronGroup(
        len(job.mg_out),
        EQUATIONS,
        threshold="v > 0*mV",
        refractory="v > 0*mV",
        method="exponential_euler",
        namespace=constants,
    )
    group.run_regularly("g_a += 5*nS*int(t > 25*ms); x += int(t > 25*ms)", dt=50 * ms)
    group.run_regularly("peak_ca = clip(ca, peak_ca, 1000*mM)", when="end")
    group.v = V_START * mV
    group.m, group.h, group.n = start_gates()
    group.ca = CA_REST * mM
    group.mg_out = job.mg_out * mM
    group.g_nmda = job.g_nmda * nS
    spikes = b2.SpikeMonitor(group, record=False)
    network = b2.Network(group, spikes)
    network.run(DURATION * ms)
    device = b2.get_device()
    device.build(directory=str(job.folder), run=False)

    def run() -> tuple[float, Mapping[str, np.ndarray]]:
        device.run()
        return device._last_run_time, {
            "spike_count": np.array(spikes.count),
            "ca_load": np.array(group.ca_load / (mM * ms)),
            "mean_v": np.array(group.v_sum / (mV * DURATION * ms)),
        }

    return run


if __name__ == "__main__":
    serve(b2.__version__, prepare)
