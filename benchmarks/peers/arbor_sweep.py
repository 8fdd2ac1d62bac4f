"""The reference sweep in Arbor: a cable cell of one compartment for each point.

The mechanisms are built by arbor-build-catalogue (cmake and a C++ compiler), for this machine's own
vectors: Arbor's wheels stop at AVX2, which is 1.6 times slower where there is AVX-512.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import arbor
import numpy as np
from arbor import units
from serving import CA_REST, DURATION, E_L, INTERVAL, V_T, Job, Runner, serve, start_gates

_M, _H, _N = start_gates()
_CHANNELS = f"""
NEURON {{ SUFFIX tm  NONSPECIFIC_CURRENT i  RANGE gna, gk, gl }}
PARAMETER {{ gna = 0.1  gk = 0.03  gl = 5e-5 }}
STATE {{ m h n vsum }}
INITIAL {{ m = {_M!r}  h = {_H!r}  n = {_N!r}  vsum = 0 }}
BREAKPOINT {{
  SOLVE states METHOD cnexp
  i = gna*m*m*m*h*(v - 50) + gk*n*n*n*n*(v + 90) + gl*(v + {-E_L})
}}
DERIVATIVE states {{
  LOCAL u, am, bm, ah, bh, an, bn
  u = v + {-V_T}
  am = 1.28*exprelr((13 - u)/4)
  bm = 1.4*exprelr((u - 40)/5)
  ah = 0.128*exp((17 - u)/18)
  bh = 4/(1 + exp((40 - u)/5))
  an = 0.16*exprelr((15 - u)/5)
  bn = 0.5*exp((10 - u)/40)
  m' = am - (am + bm)*m
  h' = ah - (ah + bh)*h
  n' = an - (an + bn)*n
  vsum' = v
}}
"""
_SYNAPSE = f"""
NEURON {{ POINT_PROCESS refsyn  NONSPECIFIC_CURRENT i  RANGE gmax, mg }}
PARAMETER {{ gmax = 20  mg = 1 }}
STATE {{ ga x s ca load }}
INITIAL {{ ga = 0  x = 0  s = 0  ca = {CA_REST}  load = 0 }}
BREAKPOINT {{
  SOLVE states METHOD cnexp
  i = 1e-3*(ga*v + gmax*s*v/(1 + mg/3.57*exp(-0.062*v)))
}}
DERIVATIVE states {{
  LOCAL inmda, drive, now  : held for the step, as exponential Euler does
  drive = 0.5*x
  now = ca
  inmda = gmax*s*v/(1 + mg/3.57*exp(-0.062*v))
  ga' = -0.5*ga
  x' = -0.5*x
  s' = drive - (0.01 + drive)*s
  ca' = -1e-7*inmda - (ca - {CA_REST})*0.05
  load' = now
}}
NET_RECEIVE(weight) {{ ga = ga + 5*weight  x = x + weight }}
"""


def _catalogue(folder: Path) -> Any:
    (folder / "mod").mkdir(parents=True)
    (folder / "mod" / "tm.mod").write_text(_CHANNELS)
    (folder / "mod" / "refsyn.mod").write_text(_SYNAPSE)
    tool = Path(arbor.__file__).parent / "bin" / "arbor-build-catalogue"
    native = folder / "native-c++"
    native.write_text('#!/bin/sh\nexec c++ "$@" -march=native\n')
    native.chmod(0o755)
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    subprocess.run(
        [sys.executable, tool, "--cxx", native, "ref", "mod"],
        cwd=folder,
        check=True,
        env={**os.environ, "PATH": path},
        stdout=sys.stderr,
    )
    return arbor.load_catalogue(folder / "ref-catalogue.so")


class _Sweep(arbor.recipe):
    def __init__(self, job: Job, catalogue: Any) -> None:
        super().__init__()
        self.job = job
        self.properties = arbor.neuron_cable_properties()
        self.properties.set_property(Vm=E_L * units.mV, cm=0.01 * units.F / units.m2)
        self.properties.catalogue = catalogue
        tree = arbor.segment_tree()
        radius, length = 39.894228, 79.788456
        tree.append(
            arbor.mnpos, arbor.mpoint(0, 0, 0, radius), arbor.mpoint(length, 0, 0, radius), tag=1
        )
        self.tree = tree

    def num_cells(self) -> int:
        return len(self.job.mg_out)

    def cell_kind(self, gid: int) -> Any:
        return arbor.cell_kind.cable

    def cell_description(self, gid: int) -> Any:
        parameters = {"gmax": float(self.job.g_nmda[gid]), "mg": float(self.job.mg_out[gid])}
        decor = arbor.decor()
        decor.paint("(all)", arbor.density("tm"))
        decor.place("(location 0 0.5)", arbor.synapse("refsyn", parameters), "syn")
        decor.place("(location 0 0.5)", arbor.threshold_detector(0 * units.mV), "spike")
        return arbor.cable_cell(self.tree, decor, arbor.label_dict(), arbor.cv_policy_single())

    def event_generators(self, gid: int) -> list:
        times = arbor.regular_schedule(
            INTERVAL * units.ms, INTERVAL * units.ms, (DURATION - 1) * units.ms
        )
        return [arbor.event_generator("syn", 1.0, times)]

    def probes(self, gid: int) -> list:
        return [
            arbor.cable_probe_point_state("syn", "refsyn", "load", "load"),
            arbor.cable_probe_density_state("(location 0 0.5)", "tm", "vsum", "vsum"),
        ]

    def global_properties(self, kind: Any) -> Any:
        return self.properties


def prepare(job: Job) -> Runner:
    recipe = _Sweep(job, _catalogue(job.folder))
    context = arbor.context(threads=job.threads)
    size = len(job.mg_out)
    together = min(1024, -(-size // job.threads))  # cells that one thread advances together
    hints = {arbor.cell_kind.cable: arbor.partition_hint(cpu_group_size=together)}
    simulation = arbor.simulation(
        recipe, context, arbor.partition_load_balance(recipe, context, hints)
    )
    simulation.record(arbor.spike_recording.local)
    last = arbor.explicit_schedule([(DURATION - job.dt) * units.ms])
    handles = {n: [simulation.sample((g, n), last) for g in range(size)] for n in ("load", "vsum")}

    def run() -> tuple[None, Mapping[str, np.ndarray]]:
        simulation.reset()
        simulation.run(DURATION * units.ms, job.dt * units.ms)
        found = {
            n: np.array([simulation.samples(h)[0][0][-1][1] for h in hs])
            for n, hs in handles.items()
        }
        spikes = simulation.spikes()
        sources = spikes["source"]["gid"]
        return None, {
            "spike_count": np.bincount(sources, minlength=size),
            "ca_load": found["load"],
            "mean_v": found["vsum"] / DURATION,
        }

    return run


if __name__ == "__main__":
    from importlib.metadata import version

    serve(version("arbor"), prepare)
