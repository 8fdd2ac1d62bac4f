"""What keeping a sweep on disk costs beside the same sweep in memory.

    python benchmarks/store_overhead.py [BATCHES]

Batches of 4096 points of one model second through the fused engine, in memory and into a folder in
turn; the smallest time of three counts.
"""

import sys
import tempfile
import time
from pathlib import Path

import numpy as np

import mgsim as mg
from mgsim.runs import in_folder
from mgsim.runs.sweep import in_memory
from mgsim.sweeps.prepare import prepare


def main() -> None:
    batches = int(sys.argv[1]) if len(sys.argv) > 1 else 4
    n = 4096 * batches
    job = prepare(
        mg.models["standard"],
        mg.protocols["train_20hz"],
        [mg.measures[m] for m in ("spike_rate", "ca_charge_nmda", "peak_ca", "mean_v")],
        engine="fused",
        mg_out=np.linspace(0, 2, n // 8),
        g_nmda=np.linspace(1, 20, 8),
    )
    job.run(np.arange(16), lambda _: None)
    memory, disk, size = [], [], 0
    for _ in range(3):
        began = time.perf_counter()
        in_memory(job, progress=False)
        memory.append(time.perf_counter() - began)
        with tempfile.TemporaryDirectory() as folder:
            began = time.perf_counter()
            in_folder.durable(job, Path(folder) / "s", progress=False)
            disk.append(time.perf_counter() - began)
            size = sum(p.stat().st_size for p in Path(folder).rglob("*") if p.is_file())
    rate = n / min(memory)
    print(
        f"{n:,} points of 1 s: {min(memory):.2f} s in memory, {min(disk):.2f} s on disk: "
        f"{min(disk) / min(memory) - 1:+.1%}; {rate:,.0f} points/s, {size / n:.1f} bytes/point"
    )


if __name__ == "__main__":
    main()
