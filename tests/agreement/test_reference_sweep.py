"""The sweep that `make bench` times is the one that `benchmarks/exact.npz` holds.

Those numbers are solve_ivp's, at a tolerance of 1e-10, of a right-hand side written by hand
(`benchmarks/exact.py`). A benchmark of another model, or of another window, would say nothing.
"""

import importlib
import sys
from pathlib import Path

import numpy as np
import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "benchmarks"
pytestmark = pytest.mark.usefixtures("unoptimised")


@pytest.fixture
def scripts(monkeypatch):
    monkeypatch.syspath_prepend(SCRIPTS)
    names = [p.stem for p in sorted(SCRIPTS.glob("*.py"))]
    yield {name: importlib.import_module(name) for name in names}
    for name in names:  # "run" may be another folder's
        sys.modules.pop(name, None)


def test_what_is_timed_is_the_reference_sweep(scripts):
    truth, n = scripts["exact"].load(), 8
    fused = scripts["reference"].Fused(scripts["reference"].columns(n))
    found = fused.run(dt=0.1, method="rk4_local", precision="float64", threads=1)
    assert found["spike_count"].tolist() == truth.spike_count[:n].tolist()
    np.testing.assert_allclose(found["ca_load"], truth.ca_load[:n], rtol=1e-4)
    np.testing.assert_allclose(found["mean_v"], truth.mean_v[:n], rtol=1e-4)
    assert set(scripts) >= {"run", "store_overhead", "work_precision"}  # all can be imported
