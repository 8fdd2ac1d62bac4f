"""Measures of measures: against numpy on recorded spikes, undefined with a reason, everywhere."""

import json
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

import mgsim as mg
from mgsim.compose.measure import Measure, kept
from mgsim.compose.model import Model
from mgsim.declare.component import Component
from mgsim.declare.parameter import PartError
from mgsim.engines.contract import NOT_FINITE
from mgsim.equations.expressions import EquationError

pytestmark = pytest.mark.usefixtures("unoptimised")

NAMES = (
    "spike_count",
    "first_spike_time",
    "last_spike_time",
    "mean_interval",
    "cv_interval",
    "burst_index",
)
SPIKING = [mg.measures[n] for n in NAMES]
COUNT = mg.measures["spike_count"]
#: What rises through 3 just after each event, and falls back within ms.
KICKED = Component(
    "kicked",
    "neuron",
    "spikes as they are sent",
    "du_k/dt = -u_k/ms : 1\ndv_k/dt = (u_k - v_k)/(0.5*ms) : 1",
    on_event={"pre": "u_k = 20"},
    spike="v_k > 3",
)


def numpy_on(times, gap=20.0):
    """Count, first, last, mean, CV and share of short intervals, NaN where there is none."""
    d = np.diff(times)
    nan = float("nan")
    return (
        len(times),
        times[0] if len(times) else nan,
        times[-1] if len(times) else nan,
        d.mean() if len(d) else nan,
        d.std() / d.mean() if len(d) > 1 else nan,
        (d < gap).mean() if len(d) else nan,
    )


@pytest.mark.parametrize("engine", ["fused", "brian"])
def test_intervals_of_a_train_are_those_of_numpy(engine):
    """Poisson trains; what the measures hold is what numpy finds in the spikes recorded."""
    protocol = replace(mg.protocols["poisson_20hz"], window=(40.0, 460.0)).lasting(500)
    how = {"seed": [1, 2, 3, 8], "train_start": 0, "engine": engine, "dt": 0.1, "method": "rk4"}
    model = Model("m", (KICKED,))
    ds = mg.sweep(model, protocol, SPIKING, **how)
    traces = mg.simulate(model, protocol, record=["v_k"], **how)
    for seed in how["seed"]:
        times = traces.spike_time.sel(seed=seed).dropna("spike").values
        times = times[(times >= 40) & (times < 460)]
        assert len(times) > 3
        found = [float(ds[n].sel(seed=seed)) for n in NAMES]
        np.testing.assert_allclose(found, numpy_on(times), rtol=1e-9)


def test_a_real_cell():
    model, protocol = mg.models["cell"], mg.protocols["current_step"]
    ds = mg.sweep(model, protocol, SPIKING, dt=0.025, burst_gap=30)
    times = mg.simulate(model, protocol, record=["v"], dt=0.025).spike_time.values
    times = times[(times > 300) & (times < 700)]
    found = [float(ds[n]) for n in NAMES]
    np.testing.assert_allclose(found, numpy_on(times, 30), rtol=1e-9)


def test_regular_firing_has_a_cv_of_nothing_but_rounding():
    ds = mg.sweep(
        Model("m", (KICKED,)), mg.protocols["train_20hz"].lasting(3000), mg.measures["cv_interval"]
    )
    assert float(ds.cv_interval) < 1e-9


def test_what_is_not_defined_is_nan_and_says_why():
    """1, 2 and 3 spikes, and none: status is ok, for nothing went wrong."""
    found = []
    for start in (480.0, 430.0, 380.0):
        ds = mg.sweep(
            Model("m", (KICKED,)),
            mg.protocols["train_20hz"].lasting(500),
            SPIKING,
            train_start=start,
        )
        assert int(ds.status) == 0
        found.append([n for n in NAMES if np.isnan(ds[n])])
    assert found == [["mean_interval", "cv_interval", "burst_index"], ["cv_interval"], []]
    assert ds.cv_interval.attrs["nan_where"] == "fewer than three spikes in the window"
    assert ds.last_spike_time.attrs["nan_where"] == "no spike in the window"
    assert "nan_where" not in ds.spike_count.attrs
    silent = mg.sweep(mg.models["cell"], mg.protocols["rest"], SPIKING)
    assert int(silent.spike_count) == 0
    assert all(np.isnan(silent[n]) for n in NAMES[1:])
    peak = mg.sweep(mg.models["cell"], mg.protocols["rest"], mg.measures["peak_v"])
    assert peak.peak_v.attrs["nan_where"] == "the window never comes"


def test_a_spike_at_the_start_of_the_run_is_a_spike():
    """0 ms is a time like any other, and so are times below zero: no number stands for none."""
    early = Measure(
        "m_early",
        "ms",
        "last spike, before the middle",
        value="last_spike_time - 1000*ms",
        needs=(mg.measures["last_spike_time"],),
    )
    ds = mg.sweep(
        Model("m", (KICKED,)),
        mg.protocols["train_20hz"].lasting(500),
        [early, mg.measures["last_spike_time"]],
    )
    assert float(ds.m_early) == float(ds.last_spike_time) - 1000 < 0


def test_shares_of_calcium_add_up():
    model = mg.models["standard"]
    for part in (
        *(mg.channels[n] for n in ("ca_l_type", "ca_t_type", "ca_r_type")),
        mg.calcium["ampa_calcium"],
    ):
        model = model.swap(part)
    shares = [m for m in mg.measures.all if m.name.startswith("ca_share_")]
    assert len(shares) == 5
    ds = mg.sweep(model, mg.protocols["train_20hz"].lasting(200), shares, dt=0.05)
    assert set(ds.data_vars) - {"status", "failed_at"} == {m.name for m in shares}
    assert sum(float(ds[m.name]) for m in shares) == pytest.approx(1, abs=1e-12)


# ---- what it needs -------------------------------------------------------------------------------
def test_what_is_needed_is_kept_and_not_shown():
    cv = mg.measures["cv_interval"]
    names = [m.name for m in kept([cv])]
    assert set(names) == {"spike_count", "first_spike_time", "last_spike_time", "interval_squares"}
    # One that reads another stands before it, and so reads what that held before the spike.
    assert names.index("interval_squares") < names.index("last_spike_time")
    assert names.index("last_spike_time") < names.index("spike_count") or (
        names.index("first_spike_time") < names.index("spike_count")
    )
    ds = mg.sweep(mg.models["cell"], mg.protocols["current_step"], cv)
    assert set(ds.data_vars) == {"cv_interval", "status", "failed_at"}


PAIR = (COUNT, mg.measures["last_spike_time"])


def test_what_is_made_of_an_undefined_measure_is_undefined():
    """Also where a comparison would make a number of it; nothing has failed."""
    last = mg.measures["last_spike_time"]
    made = [
        Measure("m_x", "ms", "", value="2*last_spike_time", needs=(last,)),
        Measure("m_y", "1", "", value="int(last_spike_time > 0*s)", needs=(last,)),
    ]
    silent = mg.sweep(mg.models["cell"], mg.protocols["rest"], made)
    assert int(silent.status) == 0
    for name in ("m_x", "m_y"):
        assert np.isnan(silent[name])
        assert silent[name].attrs["nan_where"] == "no spike in the window"


@pytest.mark.parametrize(
    ("more", "error", "word"),
    [
        ({"value": "spike_cuont*2", "needs": PAIR}, KeyError, "did you mean spike_count"),
        ({"value": "spike_count*t/s", "needs": PAIR}, KeyError, "'t'"),
        ({"value": "last_spike_time", "needs": PAIR}, EquationError, "unit"),
        ({"value": "spike_count + last_spike_time", "needs": PAIR}, EquationError, "units"),
        ({"value": "spike_count", "needs": PAIR, "rate": "v"}, PartError, "exactly one"),
        ({"value": "spike_count", "needs": (COUNT, COUNT)}, PartError, "twice"),
        ({"value": "spike_count", "needs": PAIR, "defined": "spike_count > 0"}, PartError, "words"),
        ({"value": "spike_count", "needs": PAIR, "undefined": "why"}, PartError, "condition"),
        (
            {"value": "spike_count", "needs": PAIR, "defined": "spike_count", "undefined": "why"},
            PartError,
            "no condition",
        ),
        (
            {"on": {"spike": "m_x += mean_interval/ms"}, "needs": (mg.measures["mean_interval"],)},
            PartError,
            "at its end only",
        ),
    ],
)
def test_a_measure_that_cannot_be_made(more, error, word):
    with pytest.raises(error, match=word):
        Measure("m_x", "1", "", **more)


def test_two_of_one_name():
    other = Measure("spike_count", "1", "another", on={"spike": "spike_count += 2"})
    double = Measure("m_x", "1", "", value="spike_count*2", needs=(other,))
    with pytest.raises(PartError, match="two different measures are called 'spike_count'"):
        mg.sweep(mg.models["cell"], mg.protocols["current_step"], [COUNT, double])


def test_a_value_that_is_not_finite_where_it_is_defined_has_a_status():
    wrong = Measure("m_x", "1", "", value="1/(spike_count - 1)", needs=(COUNT,))
    with pytest.warns(UserWarning, match=r"1 of 2 points hold what is not finite.*m_x"):
        ds = mg.sweep(
            Model("m", (KICKED,)),
            mg.protocols["train_20hz"].lasting(500),
            wrong,
            train_start=[400.0, 460.0],
        )
    assert ds.status.values.tolist() == [0, NOT_FINITE]
    assert ds.m_x.values[0] == 1
    assert np.isnan(ds.m_x.values[1])


def test_a_parameter_of_what_is_needed_is_an_axis():
    ds = mg.sweep(
        mg.models["cell"],
        mg.protocols["current_step"],
        mg.measures["burst_index"],
        burst_gap=[2.0, 15.0, 100.0],
    )
    assert ds.burst_index.values[0] == 0
    assert 0 < ds.burst_index.values[-1] <= 1


def test_default_measures_are_those_that_the_model_answers():
    ds = mg.sweep(mg.models["patch"], mg.protocols["voltage_clamp"].lasting(20, (0, 20)))
    assert "ca_charge_nmda" in ds
    assert "cv_interval" not in ds  # it has no spikes
    assert "ca_share_l_type" not in ds


# ---- doors ---------------------------------------------------------------------------------------
def test_through_folder_file_toml_and_command_line(tmp_path, capsys):
    from mgsim.__main__ import main

    model, protocol = mg.models["cell"], mg.protocols["current_step"]
    names = ["cv_interval", "burst_index", "last_spike_time"]
    here = mg.sweep(model, protocol, [mg.measures[n] for n in names], i_amp=[0, 750])
    folder = tmp_path / "folder"
    there = mg.sweep(model, protocol, [mg.measures[n] for n in names], i_amp=[0, 750], out=folder)
    again = mg.open_sweep(folder)
    mg.sweep(
        model, protocol, [mg.measures[n] for n in names], i_amp=[0, 750], out=tmp_path / "file.nc"
    )
    filed = xr.load_dataset(tmp_path / "file.nc")
    (tmp_path / "s.toml").write_text(
        f'model = "cell"\nprotocol = "current_step"\nmeasures = {json.dumps(names)}\n'
        "[axes]\ni_amp = [0, 750]\n"
    )
    toml = tmp_path / "toml"
    assert main(["sweep", "run", str(tmp_path / "s.toml"), "--out", str(toml)]) == 0
    for ds in (there, again, filed, mg.open_sweep(toml)):
        for n in names:
            np.testing.assert_array_equal(here[n], ds[n])
            assert ds[n].attrs["nan_where"] == here[n].attrs["nan_where"]
    assert np.isnan(here.cv_interval.values).tolist() == [True, False]
    capsys.readouterr()
    assert main(["show", "cv_interval"]) == 0
    shown = capsys.readouterr().out
    assert "fewer than three spikes" in shown
    assert "interval_squares" in shown
    assert main(["show", "burst_index"]) == 0
    assert "burst_gap" in capsys.readouterr().out


def test_cite_knows_the_parameters_of_what_is_needed():
    experiment = mg.Experiment(
        "bursts",
        "does it burst?",
        (mg.models["cell"],),
        mg.protocols["current_step"],
        measures=(mg.measures["burst_index"],),
        axes={"burst_gap": ["5 ms", "0.02 s"]},
    )
    assert experiment.axes["burst_gap"] == [5.0, 20.0]
