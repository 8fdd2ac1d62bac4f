"""How many points a batch has: files worth writing, and work for every worker."""

import math

import pytest

from mgsim.runs.in_folder import batch_size


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
