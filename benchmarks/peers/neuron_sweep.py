"""The reference sweep in NEURON: a section of one segment for each point, run by CoreNEURON.

The mechanism is built by nrnivmodl (a C++ compiler); without CoreNEURON plain NEURON runs it, about
half as fast. Pulses are the synapse's own events, so that no connections are needed.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from serving import CA_REST, DURATION, E_L, INTERVAL, V_T, Job, Runner, serve, start_gates

_M, _H, _N = start_gates()
_CHANNELS = f"""
NEURON {{ SUFFIX tm  NONSPECIFIC_CURRENT i  RANGE gna, gk, gl  THREADSAFE }}
UNITS {{ (mV) = (millivolt)  (mA) = (milliamp) }}
PARAMETER {{ gna = 0.1  gk = 0.03  gl = 5e-5 }}
ASSIGNED {{ v (mV)  i (mA/cm2) }}
STATE {{ m h n }}
INITIAL {{ m = {_M!r}  h = {_H!r}  n = {_N!r} }}
BREAKPOINT {{
  SOLVE states METHOD cnexp
  i = gna*m*m*m*h*(v - 50) + gk*n*n*n*n*(v + 90) + gl*(v + {-E_L})
}}
FUNCTION trap(x, y) {{
  if (fabs(x/y) < 1e-6) {{ trap = y*(1 - x/y/2) }} else {{ trap = x/(exp(x/y) - 1) }}
}}
DERIVATIVE states {{
  LOCAL u, am, bm, ah, bh, an, bn
  u = v + {-V_T}
  am = 0.32*trap(13 - u, 4)
  bm = 0.28*trap(u - 40, 5)
  ah = 0.128*exp((17 - u)/18)
  bh = 4/(1 + exp((40 - u)/5))
  an = 0.032*trap(15 - u, 5)
  bn = 0.5*exp((10 - u)/40)
  m' = am*(1 - m) - bm*m
  h' = ah*(1 - h) - bh*h
  n' = an*(1 - n) - bn*n
}}
"""
_SYNAPSE = f"""
NEURON {{
  POINT_PROCESS refsyn
  NONSPECIFIC_CURRENT i
  RANGE gmax, mg, count, load, vsum, above
  THREADSAFE
}}
PARAMETER {{ gmax = 20  mg = 1 }}
ASSIGNED {{ v  i  count  above }}
STATE {{ ga x s ca load vsum }}
INITIAL {{
  ga = 0  x = 0  s = 0  ca = {CA_REST}  load = 0  vsum = 0  count = 0  above = 0
  net_send({INTERVAL}, 1)
}}
BREAKPOINT {{
  SOLVE states METHOD cnexp
  i = 1e-3*(ga*v + gmax*s*v/(1 + mg/3.57*exp(-0.062*v)))
}}
DERIVATIVE states {{
  LOCAL inmda
  inmda = gmax*s*v/(1 + mg/3.57*exp(-0.062*v))
  if (v > 0 && above < 0.5) {{ count = count + 1 }}
  if (v > 0) {{ above = 1 }} else {{ above = 0 }}
  ga' = -0.5*ga
  x' = -0.5*x
  s' = 0.5*x*(1 - s) - 0.01*s
  ca' = -1e-7*inmda - (ca - {CA_REST})*0.05
  load' = ca
  vsum' = v
}}
NET_RECEIVE(w) {{
  if (flag == 1) {{
    ga = ga + 5
    x = x + 1
    if (t + {INTERVAL} < {DURATION} - 1) {{ net_send({INTERVAL}, 1) }}
  }}
}}
"""


def _build(folder: Path) -> bool:
    """Compile into ``folder``; whether CoreNEURON could be."""
    (folder / "mod").mkdir(parents=True)
    (folder / "mod" / "tm.mod").write_text(_CHANNELS)
    (folder / "mod" / "refsyn.mod").write_text(_SYNAPSE)
    tool = str(Path(sys.executable).parent / "nrnivmodl")
    flags = ["-incflags", "-O3 -march=native -ffast-math"]
    for core in (["-coreneuron"], []):
        done = subprocess.run(
            [tool, *core, *flags, "mod"], cwd=folder, capture_output=True, text=True
        )
        if done.returncode == 0:
            return bool(core)
    raise SystemExit(done.stdout + done.stderr)


def prepare(job: Job) -> Runner:
    core = _build(job.folder)
    os.chdir(job.folder)
    if core:
        library = next(job.folder.glob("*/libcorenrnmech.so"))
        os.environ["CORENEURONLIB"] = str(library)
    from neuron import h

    if not hasattr(h, "refsyn"):
        h.nrn_load_dll(str(next(job.folder.glob("*/libnrnmech.so"))))
    h.load_file("stdrun.hoc")
    context = h.ParallelContext()
    cells, synapses = [], []
    for mg, g in zip(job.mg_out, job.g_nmda, strict=True):
        cell = h.Section()
        cell.nseg, cell.L, cell.diam, cell.cm = 1, 79.788456, 79.788456, 1.0
        cell.insert("tm")
        synapse = h.refsyn(cell(0.5))
        synapse.mg, synapse.gmax = float(mg), float(g)
        cells.append(cell)
        synapses.append(synapse)
        gid = len(cells)
        context.set_gid2node(gid, 0)
        context.cell(gid, h.NetCon(cell(0.5)._ref_v, None, sec=cell))
    context.nthread(job.threads)
    h.dt = job.dt
    h.steps_per_ms = 1 / job.dt
    h.cvode.cache_efficient(1)
    if core:
        from neuron import coreneuron

        coreneuron.enable = True
        coreneuron.verbose = 0

    def run() -> tuple[None, Mapping[str, np.ndarray]]:
        context.set_maxstep(10)
        h.finitialize(E_L)
        context.psolve(DURATION)
        return None, {
            "spike_count": np.array([s.count for s in synapses]),
            "ca_load": np.array([s.load for s in synapses]),
            "mean_v": np.array([s.vsum for s in synapses]) / DURATION,
        }

    run.note = "CoreNEURON" if core else "NEURON"  # type: ignore[attr-defined]
    run.cells = cells  # type: ignore[attr-defined]  # a section lives as long as its Python object
    return run


if __name__ == "__main__":
    from importlib.metadata import version

    serve(version("neuron"), prepare)
