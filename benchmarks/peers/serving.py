"""How run.py speaks with a simulator in a process of its own, line by line.

The script of a simulator gets a file of points (``mg_out`` in mM, ``g_nmda`` in nS), builds, says
so in a line of JSON, then runs the sweep once for each line it is sent. At the end it leaves what
every run must agree on: spike counts, integral of calcium (mM ms), mean potential (mV) where known.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

#: The model, in mM, mV, ms, nS, pA, pF; start values are the targets of the gates at E_L.
DURATION, INTERVAL = 1000.0, 50.0
E_L, V_T = -60.0, -63.0
CA_REST = 1e-4


def start_gates() -> tuple[float, float, float]:
    """m, h and n at rest at E_L."""
    u = E_L - V_T

    def trap(x: float, k: float) -> float:
        return float(x / np.expm1(x / k))

    am, bm = 0.32 * trap(13 - u, 4), 0.28 * trap(u - 40, 5)
    ah, bh = 0.128 * np.exp((17 - u) / 18), 4 / (1 + np.exp((40 - u) / 5))
    an, bn = 0.032 * trap(15 - u, 5), 0.5 * np.exp((10 - u) / 40)
    return am / (am + bm), float(ah / (ah + bh)), float(an / (an + bn))


@dataclass(frozen=True)
class Job:
    """What is to be run."""

    mg_out: np.ndarray
    g_nmda: np.ndarray
    dt: float
    threads: int
    precision: str
    folder: Path

    @property
    def steps(self) -> int:
        return round(DURATION / self.dt)


#: Runs once; gives the seconds that the simulator itself spent (None: those of the call), and
#: the results.
Runner = Callable[[], tuple[float | None, Mapping[str, np.ndarray]]]


def serve(version: str, prepare: Callable[[Job], Runner]) -> None:
    """Build, then run on request until standard input ends."""
    parser = argparse.ArgumentParser()
    parser.add_argument("points", type=Path)
    parser.add_argument("result", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--dt", type=float, default=0.025)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--precision", default="float64")
    given = parser.parse_args()
    points = np.load(given.points)
    job = Job(
        points["mg_out"], points["g_nmda"], given.dt, given.threads, given.precision, given.folder
    )
    say, sys.stdout = sys.stdout, sys.stderr  # simulators print
    start = time.perf_counter()
    run = prepare(job)
    ready = {
        "version": version,
        "build_s": time.perf_counter() - start,
        "note": getattr(run, "note", ""),
    }
    print(json.dumps(ready), file=say, flush=True)
    for _ in sys.stdin:
        start, used = time.perf_counter(), sum(os.times()[:4])
        seconds, results = run()
        cpu = sum(os.times()[:4]) - used
        if seconds is None:
            seconds = time.perf_counter() - start
        np.savez(given.result, **results)
        print(json.dumps({"seconds": seconds, "cpu_s": cpu}), file=say, flush=True)
