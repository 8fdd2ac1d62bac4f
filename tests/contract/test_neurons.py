"""Every free neuron: it rests when nothing is done to it, and half the step changes little."""

import pytest
from running import FUSED, model_of, run

import mgsim as mg

CELLS = [
    part
    for part in mg.neurons.all
    if any(line.name == "v" and line.differential for line in part.lines)
    and part.name not in mg.compartments.own
]
cells = pytest.mark.parametrize("cell", CELLS, ids=lambda part: part.name)

#: Without the current of a pump, at constant reversal potentials, it fires: row TS2o.rest instead.
NEEDS_A_PUMP = {"wei_2014_cell"}


@pytest.mark.parametrize(
    "cell", [c for c in CELLS if c.name not in NEEDS_A_PUMP], ids=lambda c: c.name
)
def test_it_rests_without_input(cell):
    quiet = run(
        FUSED,
        model_of(cell),
        mg.Protocol("quiet", "", 3000.0),
        [mg.measures["spike_count"]],
        record=("v",),
    )
    v = quiet.traces["v"][0] * 1e3
    assert quiet.measures["spike_count"][0] == 0
    assert -100 < v[-1] < -40
    assert v[-1] == pytest.approx(v[-10000], abs=1e-3)


@cells
def test_it_converges_in_dt(cell):
    step = mg.protocols["current_step"].lasting(400, (0, 400)).with_values(i_amp=800)
    measures = [mg.measures["mean_v"], mg.measures["peak_v"]]
    coarse, fine = (
        run(FUSED, model_of(cell), step, measures, dt=dt).measures for dt in (0.025, 0.0125)
    )
    assert coarse["mean_v"][0] == pytest.approx(fine["mean_v"][0], abs=0.1e-3)
    still = step.with_values(i_amp=0)
    rest = run(FUSED, model_of(cell), still, measures).measures["mean_v"][0]
    assert coarse["peak_v"][0] > rest + 3e-3  # it is driven
