"""The one result type: labels, units, sources, status; files; dead axes; points that diverge."""

import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
import xarray as xr

import mgsim as mg
from mgsim.sweeps.designs import AxisError
from mgsim.sweeps.prepare import DeadAxisWarning, FailedPointsWarning
from mgsim.sweeps.result import file as result_file

pytestmark = pytest.mark.usefixtures("unoptimised")

STANDARD, TRAIN = mg.models["standard"], mg.protocols["train_20hz"].lasting(60)
MEASURES = (mg.measures["mean_v"], mg.measures["first_spike_time"], mg.measures["peak_v"])


@pytest.fixture(scope="module")
def grid():
    return mg.sweep(
        STANDARD,
        TRAIN,
        MEASURES,
        mg_out=[0, 1],
        block=["jahr_stevens_1990", "kampa_2004"],
        g_nmda=[0, 5, 10],
        e_nmda=-3,
    )


@pytest.fixture(scope="module")
def traces():
    return mg.simulate(STANDARD, TRAIN, record=("v", "ca", "i_nmda"), mg_out=[0, 1], every=4)


def test_dimensions_are_the_axes_in_the_order_given(grid):
    assert grid.mean_v.dims == ("mg_out", "block", "g_nmda")
    assert dict(grid.sizes) == {"mg_out": 2, "block": 2, "g_nmda": 3}
    alone = mg.sweep(STANDARD, TRAIN, MEASURES, mg_out=1, block="kampa_2004", g_nmda=10, e_nmda=-3)
    assert alone.mean_v.dims == ()
    assert float(grid.mean_v.sel(mg_out=1, block="kampa_2004", g_nmda=10)) == pytest.approx(
        float(alone.mean_v), rel=1e-12
    )


@pytest.mark.parametrize("which", ["grid", "traces"])
def test_every_coordinate_explains_itself(which, request):
    ds = request.getfixturevalue(which)
    assert {
        "mg_out",
        "g_nmda",
        "e_k",
        "mg_slope" if which == "traces" else "mg_k",
        "train_rate",
    } <= set(mg.parameters(ds).variables)
    own = mg.parameters(ds)
    for name, coordinate in {**ds.coords, **own.data_vars}.items():
        assert coordinate.attrs["long_name"], name
        if name not in ("block", "time", "spike"):
            assert coordinate.attrs["units"], name
        if name not in ("block", "time", "spike"):
            assert ":" in coordinate.attrs["source"], name
    for name, variable in ds.data_vars.items():
        assert variable.attrs["long_name"], name
        if name != "status":
            assert variable.attrs["units"], name


def test_values_stand_in_the_units_they_name(grid):
    assert grid.mg_out.values.tolist() == [0, 1]
    assert grid.mg_out.units == "mM"
    own = mg.parameters(grid)
    assert float(own.e_nmda) == -3
    assert float(own.e_k) == -100
    assert -100 < float(grid.mean_v.min()) < float(grid.mean_v.max()) < 50
    assert grid.mean_v.units == "mV"


def test_a_parameter_that_a_variant_lacks_is_nan_there(grid):
    grid = mg.parameters(grid)
    assert grid.mg_k.dims == ("block",)
    assert float(grid.mg_k.sel(block="jahr_stevens_1990")) == 3.57
    assert np.isnan(float(grid.mg_k.sel(block="kampa_2004")))
    assert float(grid.mg_on.sel(block="kampa_2004")) == 0.05
    assert np.isnan(float(grid.mg_on.sel(block="jahr_stevens_1990")))
    assert grid.c_m.dims == ()


def test_where_it_came_from(grid):
    assert {
        "model",
        "protocol",
        "engine",
        "precision",
        "dt_ms",
        "seed",
        "mgsim_version",
        "system_digest",
        "method",
        "parts",
    } <= set(grid.attrs)
    how = {n: grid.attrs[n] for n in ("method", "dt_ms", "part_ms")}
    assert how == {"method": "rk4_local", "dt_ms": 0.1, "part_ms": 0.025}
    assert len(grid.attrs["system_digest"].split(", ")) == 2


def test_traces_have_time_and_spike_times(traces):
    assert traces.v.dims == ("mg_out", "time")
    assert traces.time.units == "ms"
    np.testing.assert_allclose(np.diff(traces.time), 0.1)
    assert traces.v.values[:, 0].tolist() == [-70, -70]
    assert "spike_time" in traces
    assert traces.attrs["system_digest"]


def test_a_model_that_never_spikes_has_no_spike_times_beside_one_that_does():
    cell = mg.neurons["pospischil_2008_rs"]
    ds = mg.simulate(
        mg.models["tonic"],
        mg.protocols["rest"].lasting(200, (150, 200)),
        record=("v",),
        neuron=[cell, replace(cell, name="silent", spike=None)],
        mg_out=0,
    )
    first = ds.v.values[0]
    assert ds.spike_time.notnull().sum("spike").values.tolist() == [
        np.sum((first[:-1] < 0) & (first[1:] >= 0)),
        0,
    ]
    assert float(ds.spike_time.min()) < 150


def test_decimated_traces_are_samples_of_the_full_ones(traces):
    full = mg.simulate(STANDARD, TRAIN, record=("v",), mg_out=[0, 1])
    np.testing.assert_allclose(full.v.values[:, ::4], traces.v.values, rtol=1e-13)


@pytest.mark.parametrize("which", ["grid", "traces"])
def test_a_file_brings_back_everything(which, request, tmp_path):
    ds = request.getfixturevalue(which)
    path = tmp_path / "result.nc"
    ds.to_netcdf(path, engine="h5netcdf")
    with xr.open_dataset(path, engine="h5netcdf") as back:
        back.load()
    assert set(back.variables) == set(ds.variables)
    for name in ds.variables:
        np.testing.assert_array_equal(back[name].values, ds[name].values)
        for key, value in ds[name].attrs.items():
            np.testing.assert_array_equal(back[name].attrs[key], value)
    for key, value in ds.attrs.items():
        np.testing.assert_array_equal(back.attrs[key], value)


def test_an_axis_that_changed_nothing_is_reported():
    with pytest.warns(DeadAxisWarning, match="axis 'mg_out' changed no output"):
        ds = mg.sweep(STANDARD, TRAIN, MEASURES, block="none", mg_out=[0, 1])
    assert ds.attrs["dead_axes"] == "mg_out"
    with pytest.warns(DeadAxisWarning, match="'block'"):
        mg.sweep(STANDARD, TRAIN, MEASURES, mg_out=0, block=["jahr_stevens_1990", "none"])


def test_a_live_axis_is_not_reported(grid):
    assert grid.attrs["dead_axes"] == ""


@pytest.mark.parametrize("engine", ["fused", "brian"])
@pytest.mark.filterwarnings("ignore::mgsim.sweeps.resolving.run_warnings.RangeWarning")
def test_a_point_that_diverges_is_a_row_with_a_status(engine):
    """Reliability: a status, a count in a warning, and the other points untouched."""
    import brian2  # noqa: F401 - see test_brian_leaves_the_users_warnings_alone

    step = mg.protocols["current_step"].lasting(20).with_values(step_start=5, step_stop=15)
    with pytest.warns(FailedPointsWarning, match="1 of 2 points diverged"):
        ds = mg.sweep(
            mg.models["cell"], step, mg.measures["mean_v"], engine=engine, i_amp=[100, 1e15]
        )
    assert ds.status.values.tolist() == [0, 1]
    assert np.isnan(ds.failed_at.values[0])
    assert 5 <= ds.failed_at.values[1] < 10
    good = mg.sweep(mg.models["cell"], step, mg.measures["mean_v"], engine=engine, i_amp=100)
    assert float(ds.mean_v[0]) == pytest.approx(float(good.mean_v), rel=1e-12)
    assert ds.status.attrs["flag_meanings"].split()[:2] == ["ok", "diverged"]
    with pytest.raises(RuntimeError, match=r"the run diverged at .* ms"):
        mg.simulate(mg.models["cell"], step, i_amp=1e15, engine=engine)
    with pytest.warns(FailedPointsWarning, match="1 of 2 points diverged"):
        ds = mg.simulate(mg.models["cell"], step, i_amp=[3000, 1e15], engine=engine)
    assert ds.status.values.tolist() == [0, 1]
    assert ds.v.isnull().all("time").values.tolist() == [False, True]
    assert ds.spike_time.notnull().any("spike").values.tolist() == [True, False]
    alone = mg.simulate(mg.models["cell"], step, i_amp=3000, engine=engine)
    np.testing.assert_allclose(ds.v.values[0], alone.v.values, rtol=1e-12)


def test_a_step_far_too_large_is_told():
    with pytest.warns(FailedPointsWarning, match="1 of 1"):
        ds = mg.sweep(
            mg.models["cell"],
            mg.protocols["current_step"],
            mg.measures["mean_v"],
            dt=2.5,
            method="rk2",
        )
    assert int(ds.status) == 1
    with pytest.raises(RuntimeError, match="diverged"):
        mg.simulate(mg.models["cell"], mg.protocols["current_step"], dt=2.5, method="rk2")


@pytest.mark.parametrize("model", ["standard", "tonic"])
def test_no_catalog_measure_makes_a_good_run_fail(model):
    """A window that begins later than the run, with every measure asked for."""
    ds = mg.sweep(mg.models[model], mg.protocols["rest"].lasting(100, (50, 100)), g_nmda=5)
    assert int(ds.status) == 0
    assert -80 < float(ds.mean_v) < -60
    assert -80 < float(ds.peak_v) < -60
    assert 0.04 < float(ds.peak_ca) < 1


def test_progress_in_a_pipe_is_a_line_and_no_bar(capsys, monkeypatch):
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    mg.sweep(STANDARD, TRAIN, MEASURES, mg_out=[0, 1], progress=True)
    said = capsys.readouterr().err
    assert said.splitlines()[-1].startswith("mgsim: 2 of 2 points (100%)")
    assert "\r" not in said


def test_a_time_that_never_came_is_nan():
    ds = mg.sweep(STANDARD, TRAIN, MEASURES, g_nmda=0)
    assert np.isnan(float(ds.first_spike_time))
    assert int(ds.status) == 0


def test_brian_leaves_the_users_warnings_alone():
    code = """
import warnings
import mgsim as mg
step = mg.protocols["current_step"].lasting(1, (0, 1))
with warnings.catch_warnings(record=True) as told:
    warnings.simplefilter("always")
    mg.sweep(mg.models["cell"], step, mg.measures["mean_v"], engine="brian")
    warnings.warn("the user's own")
print(any("own" in str(w.message) for w in told))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "True"


def test_a_plot_says_what_was_asked_for_and_no_more(tmp_path):
    """The title that xarray gives a plot is made of the coordinates of one value."""
    ds = mg.sweep(
        mg.models["tonic"],
        mg.protocols["rest"].lasting(50, (0, 50)),
        mg.measures["mean_v"],
        mg_out=[0, 1],
        g_nmda=8,
    )
    assert set(ds.coords) == {"mg_out", "g_nmda"}
    ds.to_netcdf(tmp_path / "x.nc", engine="h5netcdf")
    with xr.open_dataset(tmp_path / "x.nc", engine="h5netcdf") as back:
        assert mg.parameters(back).identical(mg.parameters(ds))
        assert mg.cite(back) == mg.cite(ds)
    kept = mg.parameters(ds)
    model = mg.models["tonic"]
    for p in (p for part in model.parts for p in part.parameters):
        if p.name not in ("mg_out", "g_nmda") and p.name in kept:
            assert (float(kept[p.name]), kept[p.name].units) == (p.value, p.unit)
    assert float(kept.g_nmda) == 8
    assert kept.mg_out.values.tolist() == [0, 1]


def test_times_of_what_is_sent_are_recorded_beside_traces(tmp_path):
    protocol = mg.protocols["poisson_20hz"].lasting(300)
    ds = mg.simulate(
        mg.models["standard"], protocol, record=("v", "pre"), seed=[1, 2], mg_out=[0, 1]
    )
    assert ds.pre_time.dims == ("mg_out", "seed", "pre")
    np.testing.assert_array_equal(ds.pre_time.sel(mg_out=0), ds.pre_time.sel(mg_out=1))
    values = {p.name: p.value for p in protocol.parameters}
    for seed in (1, 2):
        rng = np.random.default_rng(np.random.SeedSequence(seed, spawn_key=(0,)))
        drawn = protocol.events["pre"].times(values, 300.0, rng)
        told = ds.pre_time.sel(seed=seed, mg_out=1).dropna("pre")
        np.testing.assert_allclose(told, drawn, rtol=1e-12)
    result_file.write(ds, result_file.file_of(tmp_path / "x.csv"))
    assert "pre_time" not in (tmp_path / "x.csv").read_text().splitlines()[0]
    with pytest.raises(AxisError, match="a variable beside the times of pre"):
        mg.simulate(mg.models["standard"], protocol, record=("pre",))
