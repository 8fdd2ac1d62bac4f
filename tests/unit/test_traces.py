"""Traces can be addressed: exact times, the end of the run, results that combine."""

import numpy as np
import pytest
import xarray as xr

import mgsim as mg
from mgsim.cli import BAD, main
from mgsim.engines.contract import EngineError

CELL = mg.models["cell"]
STEP = mg.protocols["current_step"].lasting(40, (0, 40)).with_values(step_start=5, step_stop=1000)


@pytest.mark.parametrize(("dt", "every"), [(None, 1), (0.1, 1), (0.025, 4), (0.01, 3)])
def test_times_are_the_decimals_that_are_meant(dt, every):
    """A computed float such as 0.1 + 0.2 is no label."""
    ds = mg.simulate(CELL, STEP, dt=dt, every=every)
    step = round((dt or 0.025) * 1000)
    assert ds.time.values.tolist()[:-1] == [k * step / 1000 for k in range(0, 40000 // step, every)]
    assert float(ds.time[-1]) == 40.0


def test_a_time_is_found_by_its_label():
    ds = mg.simulate(CELL, STEP)
    assert float(ds.v.sel(time=9)) == float(ds.v.isel(time=360))
    assert float(ds.v.sel(time=40)) == float(ds.v.isel(time=-1))


def test_the_end_is_a_sample_where_no_step_ends():
    ds = mg.simulate(CELL, STEP.lasting(10.03, (0, 10.03)), dt=0.1, every=7)
    assert ds.time.values.tolist()[-2:] == [9.8, 10.03]
    fine = mg.simulate(CELL, STEP.lasting(10.03, (0, 10.03)), dt=0.01)
    np.testing.assert_allclose(ds.v.values[-1], fine.v.values[-1], atol=0.01)


def test_results_with_different_numbers_of_spikes_combine():
    few, many = (mg.simulate(CELL, STEP, i_amp=i) for i in (900, 3000))
    assert few.sizes["spike"] < many.sizes["spike"]
    both = xr.concat([few, many], dim="i_amp", join="outer")
    assert both.sizes["spike"] == many.sizes["spike"]
    assert int(both.spike_time.isel(i_amp=0).notnull().sum()) == few.sizes["spike"]
    assert both.spike_time.isel(i_amp=1).values.tolist() == many.spike_time.values.tolist()


def test_a_sample_shows_what_begins_there():
    """A stimulus that starts at a sample is in it, and so is an event."""
    clamp = mg.protocols["voltage_step"].lasting(20, (0, 20)).with_values(step_start=10)
    v = mg.simulate(mg.models["patch"], clamp, record=("v",), dt=0.5).v
    assert v.sel(time=[9.5, 10, 10.5]).values.tolist() == pytest.approx([-60, 40, 40])
    train = mg.protocols["single_pulse"].lasting(20, (0, 20)).with_values(train_start=10)
    x = mg.simulate(mg.models["standard"], train, record=("x_nmda",), dt=0.5).x_nmda
    assert x.sel(time=[9.5, 10]).values.tolist() == [0, 1]


def test_float32_is_refused_where_a_sum_over_steps_would_lose_what_it_adds():
    """2e7 additions of 1 in single precision end at 2**24."""
    steps = mg.Measure("steps", "1", "steps of the window", every_step="steps += 1")
    what = mg.models["tonic"], mg.protocols["rest"].lasting(5, (0, 5)), steps
    assert float(mg.sweep(*what, method="rk2", dt=0.05, engine="fused").steps) == 100
    with pytest.raises(EngineError, match="float32 loses what measure 'steps' adds at each step"):
        mg.sweep(*what, method="rk2", dt=0.05, engine="fused", precision="float32")


@pytest.mark.parametrize("model", [m for m in mg.models.all if "amounts" in m.slots])
def test_float32_is_refused_where_ions_move(model, tmp_path, capsys):
    """In a minute without energy it put charge off by 2e-3 of what moved, onset by 0.8 s."""
    words = rf"float32 loses the small gains that part '{model['amounts'].name}' of model"
    with pytest.raises(EngineError, match=words):
        mg.simulate(model, mg.protocols["rest"], record=("v",), precision="float32")
    file = tmp_path / "sweep.toml"
    file.write_text(
        f'model = "{model.name}"\nprotocol = "rest"\nmeasures = ["mean_v"]\nprecision = "float32"\n'
    )
    assert main(["sweep", "run", str(file)]) == BAD
    assert "float32 loses the small gains" in capsys.readouterr().err


def test_float32_is_refused_where_a_scheme_would_lose_its_increments():
    with pytest.raises(
        EngineError, match=r"float32 loses the small increments of .*, which are stepped"
    ):
        mg.sweep(
            mg.models["kinetic_synapse"],
            mg.protocols["clamped_release"],
            mg.measures["nmda_charge"],
            precision="float32",
        )
