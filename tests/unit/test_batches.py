"""How many points a batch has: files worth writing, and work for every worker."""

import math

import numpy as np
import pytest

import mgsim as mg
from mgsim.runs import plan
from mgsim.runs.in_folder import batch_size
from mgsim.sweeps.point_rows import Rows
from mgsim.sweeps.prepare import prepare

RESTING = ("patch", "voltage_ramp", "mean_i_nmda")


@pytest.mark.parametrize("workers", [1, 2, 8, 100])
@pytest.mark.parametrize("size", [1, 17, 5_000, 1_000_000, 300_000_000])
def test_batches_are_few_and_enough(size, workers):
    batch = batch_size(size, workers)
    batches = math.ceil(size / batch)
    assert 1 <= batch <= min(size, 65_536)
    if workers == 1:
        assert batch == size or batch >= 4096
        assert batches <= 10_000
    elif size >= 16 * 4 * workers:
        assert batches >= 0.9 * 4 * workers
        assert batch >= 16


def test_points_of_a_batch_are_for_a_new_folder(tmp_path):
    """The folder keeps its own, and says so; without a folder there is no batch."""
    asked = {"g_nmda": [1.0, 2.0, 3.0], "out": tmp_path / "out"}
    first = mg.sweep(*RESTING, **asked, batch=2)
    assert mg.open_sweep(tmp_path / "out").identical(mg.sweep(*RESTING, **asked, batch=2))
    with pytest.warns(UserWarning, match="batches have 2 points; another number, 1, is for a new"):
        assert mg.sweep(*RESTING, **asked, batch=1).identical(first)
    with pytest.raises(ValueError, match="batch= needs out="):
        mg.sweep(*RESTING, batch=2)


@pytest.mark.parametrize("engine", ["fused", "brian"])
def test_a_plan_reckons_from_what_its_probes_took(engine, monkeypatch):
    """Here a point takes 3 s: of an engine that uses every core, or of one core's process."""
    monkeypatch.setattr(plan, "rows_of", lambda *given: None)
    monkeypatch.setattr(plan, "_time", lambda job, first, points: 3.0 * points)

    def planned(size):
        axis = {"g_nmda": np.linspace(1, 2, size)}
        return plan.plan(prepare(*RESTING[:2], RESTING[2:], engine=engine, threads=4, **axis))

    few, many = planned(100), planned(1000)
    assert many.cores == 4
    assert many.seconds == pytest.approx(3 * 1000 / (4 if engine == "brian" else 1))
    assert many.core_hours == pytest.approx(many.seconds * 4 / 3600)
    rows = Rows.pending(900, 1)
    stored = rows.values.nbytes + rows.status.nbytes + rows.failed_at.nbytes
    assert many.bytes - few.bytes == stored
