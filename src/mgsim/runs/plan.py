"""What a sweep will cost, from a few of its points; nothing is stored."""

from __future__ import annotations

import time
from dataclasses import dataclass

import numpy as np

from mgsim.runs import in_folder
from mgsim.runs.workers import batches
from mgsim.sweeps.designs import check_size
from mgsim.sweeps.point_rows import rows_of
from mgsim.sweeps.prepare import Job

#: Seconds that a probe shall take, how many there are, and points of the largest.
_SECONDS, _PROBES, _POINTS = 0.5, 3, 4096


@dataclass(frozen=True)
class Plan:
    """``bytes`` on disk at most; ``seconds`` with ``cores`` cores, compiling apart."""

    points: int
    batch: int
    batches: int
    bytes: int
    engine: str
    cores: int
    seconds: float
    core_hours: float
    probed: int


def plan(job: Job, *, large: bool = False) -> Plan:
    """Run a few stretches of the points, spread over all of them, and reckon up.

    Raises
    ------
    AxisError
        For more points than can be meant.
    """
    size = job.request.size
    check_size(size, large)
    cores = job.options.cores
    rows_of(job, np.unique(np.linspace(0, size - 1, min(size, 8)).astype(np.int64)))  # compiles
    points, seconds, probed, took = min(64, size), 0.0, 0, 0.0
    while True:  # how many points take long enough to be timed
        took = _time(job, 0, points)
        if took >= _SECONDS or points >= min(size, _POINTS):
            break
        points = min(points * 2, size, _POINTS)
    for place in np.linspace(0, size - points, _PROBES).astype(np.int64):
        seconds += _time(job, int(place), points)
        probed += points
    each = seconds / probed
    alone = job.needs_processes  # a probe of such an engine runs on one core
    batch = in_folder.batch_size(size, batches.expected(job, None, None), job.runs)
    total = each * size / (cores if alone else 1)
    return Plan(
        size,
        batch,
        -(-size // batch),
        size * (8 * len(job.measures) + 9) + 4096,
        job.engine,
        cores,
        total,
        total * cores / 3600,
        probed,
    )


def _time(job: Job, first: int, points: int) -> float:
    began = time.perf_counter()
    rows_of(job, np.arange(first, first + points))
    return time.perf_counter() - began
