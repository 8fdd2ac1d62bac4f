"""A stimulus that lies wholly outside its run says so; one that is short, or on throughout, does
not."""

import warnings

import pytest

import mgsim as mg
from mgsim.sweeps.prepare import prepare
from mgsim.sweeps.resolving.run_warnings import MissedStimulusWarning

CELL, PATCH, STANDARD = (mg.models[n] for n in ("cell", "patch", "standard"))
STEP, TRAIN = mg.protocols["current_step"], mg.protocols["train_20hz"]


@pytest.mark.parametrize(
    ("model", "protocol", "given"),
    [
        (CELL, STEP.lasting(200, (0, 200)), {}),
        (CELL, STEP, {"step_start": [300, 1200], "step_stop": 1500}),
        (CELL, STEP.lasting(500, (0, 500)), {"step_start": 0, "step_stop": 0}),
        (mg.models["tonic"], mg.protocols["mg_step"].lasting(900, (0, 900)), {}),
        (STANDARD, TRAIN.lasting(40, (0, 40)), {}),
        (STANDARD, TRAIN, {"train_start": [50, 1000]}),
    ],
)
@pytest.mark.filterwarnings("ignore::mgsim.sweeps.resolving.run_warnings.RangeWarning")
def test_a_stimulus_outside_its_run(model, protocol, given):
    with pytest.warns(MissedStimulusWarning, match=f"'{protocol.name}' lasts .* lies outside"):
        prepare(model, protocol, (), record=("v",), **given)


@pytest.mark.parametrize(
    ("model", "protocol", "given"),
    [
        (CELL, STEP, {}),
        (CELL, STEP.lasting(500, (0, 500)), {"step_start": 0, "step_stop": 1e5}),
        (CELL, STEP.lasting(500, (0, 500)), {"step_start": 499.999, "step_stop": 499.9999}),
        (mg.models["tonic"], mg.protocols["mg_step"], {"mg_start": 0}),
        (PATCH, mg.protocols["voltage_ramp"].lasting(10), {}),
        (STANDARD, TRAIN, {"train_rate": 0}),
    ],
)
def test_a_stimulus_in_its_run(model, protocol, given):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", MissedStimulusWarning)
        prepare(model, protocol, (), record=("v",), **given)


def test_a_ramp_stays_where_it_ends():
    ds = mg.simulate(PATCH, mg.protocols["voltage_ramp"], ramp_time=500, record=("v",), dt=10)
    assert float(ds.v.max()) == pytest.approx(60)
    assert float(ds.v.isel(time=-1)) == pytest.approx(60)


@pytest.mark.parametrize(
    ("protocol", "words"),
    [
        (
            mg.Protocol("mine", "", 50.0, events={"pre": [10, 60, 70]}),
            "2 of its 3 'pre' events lie outside",
        ),
        (
            mg.protocols["train_20hz"].lasting(100).changing(mg_out=mg.changes.step(0, 200)),
            "at mg_out_start 200 ms the change of mg_out lies outside",
        ),
        (
            mg.protocols["theta_burst"].lasting(90, (0, 90)),
            "at burst_start 100 ms all of its stimulus lies outside",
        ),
    ],
)
def test_what_begins_after_the_end_is_told(protocol, words):
    with pytest.warns(MissedStimulusWarning, match=words):
        mg.sweep(mg.models["standard"], protocol, mg.measures["peak_v"])
