"""What the reference sweep should give: its first points by scipy's LSODA, from pulse to pulse.

The right-hand side is that of tests/physics/oracle_receptors.py, written apart from mgsim. Run this
file to compute exact.npz anew (some minutes).
"""

from __future__ import annotations

import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import scipy

HERE = Path(__file__).resolve().parent
FILE = HERE / "exact.npz"
POINTS, RTOL, ATOL = 128, 1e-10, 1e-13


@dataclass(frozen=True)
class Exact:
    """Per point: spike counts, spike times (ms, NaN at the end), integral of calcium, mean v."""

    spike_count: np.ndarray
    spike_times: np.ndarray
    ca_load: np.ndarray
    mean_v: np.ndarray

    @property
    def size(self) -> int:
        return len(self.spike_count)


def load() -> Exact:
    with np.load(FILE) as data:
        return Exact(data["spike_count"], data["spike_times"], data["ca_load"], data["mean_v"])


def compute(points: int = POINTS) -> Exact:
    import reference

    sys.path.insert(0, str(HERE.parent / "tests" / "physics"))
    from oracle_receptors import reference_sweep_point

    columns = reference.columns(points)
    found = [
        reference_sweep_point(mg, g, rtol=RTOL, atol=ATOL)
        for mg, g in zip(columns["mg_out"], columns["g_nmda"], strict=True)
    ]
    counts = np.array([len(f["spikes"]) for f in found])
    times = np.full((points, counts.max()), np.nan)
    for row, f in zip(times, found, strict=True):
        row[: len(f["spikes"])] = f["spikes"]
    return Exact(
        counts,
        times,
        np.array([f["ca_integral"] for f in found]),
        np.array([f["mean_v"] for f in found]),
    )


def main() -> None:
    exact = compute()
    origin = (
        "tests/physics/oracle_receptors.py, reference_sweep_point: solve_ivp of scipy "
        f"{scipy.__version__}, LSODA, rtol {RTOL}, atol {ATOL}; "
        f"points: reference.columns({POINTS})"
    )
    np.savez_compressed(FILE, origin=origin, **vars(exact))
    print(origin)


if __name__ == "__main__":
    main()
