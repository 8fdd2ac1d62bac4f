"""The reference sweep in Jaxley: one compartment, vmapped over the points, measured as it steps.

Gates by Jaxley's exponential Euler, the potential by its implicit Euler (its default).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

import numpy as np
from serving import CA_REST, DURATION, E_L, INTERVAL, V_T, Job, Runner, serve, start_gates

_AREA = 2e-4  # cm2, so that 1 uF/cm2 is 200 pF
_NS = 1e-9 / _AREA  # S/cm2 of one nS


def prepare(job: Job) -> Runner:
    os.environ["XLA_FLAGS"] = (
        f"--xla_cpu_multi_thread_eigen=false --xla_force_host_platform_device_count={job.threads}"
    )
    import jax
    import jax.numpy as jnp

    jax.config.update("jax_platforms", "cpu")
    jax.config.update("jax_enable_x64", job.precision == "float64")
    import jaxley as jx
    from jaxley.channels import Channel
    from jaxley.integrate import build_init_and_step_fn
    from jaxley.solver_gate import exponential_euler, save_exp, solve_gate_exponential

    def trap(x: Any, y: float) -> Any:
        near = jnp.abs(x / y) < 1e-4
        safe = jnp.where(near, 1.0, x)
        return jnp.where(near, y - x / 2, safe / (save_exp(safe / y, 80.0) - 1.0))

    class TraubMiles(Channel):
        def __init__(self) -> None:
            self.current_is_in_mA_per_cm2 = True
            super().__init__("TM")
            self.channel_params = {"TM_gNa": 2e4 * _NS, "TM_gK": 6e3 * _NS, "TM_gL": 10 * _NS}
            self.channel_states = dict(zip(("TM_m", "TM_h", "TM_n"), start_gates(), strict=True))
            self.current_name = "i_TM"

        def update_states(self, states: dict, dt: float, v: Any, params: dict) -> dict:
            u = v - V_T
            rates = {
                "TM_m": (0.32 * trap(13 - u, 4.0), 0.28 * trap(u - 40, 5.0)),
                "TM_h": (0.128 * save_exp((17 - u) / 18), 4 / (1 + save_exp((40 - u) / 5, 80.0))),
                "TM_n": (0.032 * trap(15 - u, 5.0), 0.5 * save_exp((10 - u) / 40)),
            }
            return {k: solve_gate_exponential(states[k], dt, *r) for k, r in rates.items()}

        def compute_current(self, states: dict, v: Any, params: dict) -> Any:
            return (
                params["TM_gNa"] * states["TM_m"] ** 3 * states["TM_h"] * (v - 50.0)
                + params["TM_gK"] * states["TM_n"] ** 4 * (v + 90.0)
                + params["TM_gL"] * (v - E_L)
            )

    class Synapse(Channel):
        def __init__(self) -> None:
            self.current_is_in_mA_per_cm2 = True
            super().__init__("Syn")
            self.channel_params = {"Syn_g": 20.0, "Syn_mg": 1.0}
            self.channel_states = {
                "Syn_a": 0.0,
                "Syn_x": 0.0,
                "Syn_s": 0.0,
                "Syn_ca": CA_REST,
                "Syn_pulse": 0.0,
            }
            self.current_name = "i_Syn"

        def update_states(self, states: dict, dt: float, v: Any, params: dict) -> dict:
            a = states["Syn_a"] + 5.0 * states["Syn_pulse"]
            x = states["Syn_x"] + states["Syn_pulse"]
            i = self.nmda(states, v, params)
            return {
                "Syn_a": a * np.exp(-dt / 2),
                "Syn_x": x * np.exp(-dt / 2),
                "Syn_s": solve_gate_exponential(states["Syn_s"], dt, 0.5 * x, 0.01),
                "Syn_ca": exponential_euler(states["Syn_ca"], dt, CA_REST - 20e-7 * i, 20.0),
            }

        def nmda(self, states: dict, v: Any, params: dict) -> Any:
            block = 1 / (1 + params["Syn_mg"] / 3.57 * save_exp(-0.062 * v))
            return params["Syn_g"] * states["Syn_s"] * block * v

        def compute_current(self, states: dict, v: Any, params: dict) -> Any:
            return _NS * (states["Syn_a"] * v + self.nmda(states, v, params))

    cell = jx.Compartment()
    cell.set("radius", 39.894228)
    cell.set("length", 79.788456)
    cell.set("capacitance", 1.0)
    cell.set("v", E_L)
    cell.insert(TraubMiles())
    cell.insert(Synapse())
    cell.to_jax()
    init, step = build_init_and_step_fn(cell)
    pulses = np.zeros(job.steps)
    pulses[np.rint(np.arange(INTERVAL, DURATION, INTERVAL) / job.dt).astype(int)] = 1.0

    def one_point(mg: Any, g: Any) -> Any:
        given = cell.data_set("Syn_mg", mg, None)
        given = cell.data_set("Syn_g", g, given)
        states, params = init([], param_state=given, delta_t=job.dt)

        def advance(carry: Any, pulse: Any) -> Any:
            states, (spikes, load, mean, peak) = carry
            before = states["v"]
            states = step(
                {**states, "Syn_pulse": jnp.full_like(before, pulse)},
                params,
                {},
                {},
                delta_t=job.dt,
            )
            v, ca = states["v"], states["Syn_ca"]
            crossed = (before < 0) & (v >= 0)
            kept = (spikes + crossed, load + ca, mean + v, jnp.maximum(peak, ca))
            return (states, kept), None

        zero = jnp.zeros_like(states["v"])
        (_, kept), _ = jax.lax.scan(
            advance, (states, (zero, zero, zero, zero)), jnp.asarray(pulses), unroll=4
        )
        return kept

    # A thread for each device, the points dealt out; XLA does not spread a small loop by itself.
    kind = jnp.float64 if job.precision == "float64" else jnp.float32
    mg, g = (jnp.asarray(x.reshape(job.threads, -1), kind) for x in (job.mg_out, job.g_nmda))
    compiled = jax.pmap(jax.vmap(one_point)).lower(mg, g).compile()

    def run() -> tuple[None, Mapping[str, np.ndarray]]:
        spikes, load, mean, _ = (np.asarray(x).ravel() for x in compiled(mg, g))
        return None, {
            "spike_count": spikes,
            "ca_load": load * job.dt,
            "mean_v": mean * job.dt / DURATION,
        }

    return run


if __name__ == "__main__":
    from importlib.metadata import version

    serve(f"{version('jaxley')} on jax {version('jax')}", prepare)
