"""How many points a batch has: files worth writing, and work for every worker."""

import math

import pytest

import mgsim as mg
from mgsim.runs.in_folder import batch_size

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
