"""A run says how far its measures are from those at half the step; steps and methods as axes."""

import numpy as np
import pytest

import mgsim as mg
from mgsim.sweeps.designs import AxisError

TONIC = mg.models["tonic"]
SHORT = mg.Protocol("short", "", 60.0)
MEASURES = [mg.measures["mean_v"], mg.measures["spike_count"]]
DRIVE = {"g_nmda": 60.0, "mg_out": [0.0, 0.5, 1.0, 2.0]}


def sweep(**given):
    return mg.sweep(TONIC, SHORT, MEASURES, **{**DRIVE, **given})


def test_the_distance_is_that_to_a_run_at_half_the_step():
    """For a method of fixed steps, another run says the same."""
    ds = sweep(method="rk2", dt=0.05, converge=True)
    half = sweep(method="rk2", dt=0.025)
    for name in ("mean_v", "spike_count"):
        distance = float(np.abs(ds[name] - half[name]).max())
        assert ds[name].attrs["half_step_distance"] == pytest.approx(distance, rel=1e-12)
    assert ds.attrs["half_step_points"] == 4
    assert ds.attrs["half_step_other_counts"] == int((ds.spike_count != half.spike_count).sum())


def test_the_default_method_is_close_to_half_its_step_and_the_distance_bounds_its_error():
    ds, exact = sweep(converge=True), sweep(method="rk4", dt=0.0025)
    distance = ds.mean_v.attrs["half_step_distance"]
    assert 0 < distance < 1e-2
    assert float(np.abs(ds.mean_v - exact.mean_v).max()) < 2 * distance


def test_a_sample_of_many_points():
    assert sweep(mg_out=np.linspace(0, 2, 100), converge=True).attrs["half_step_points"] == 32


def test_a_finished_folder_is_told_later_and_stays_the_same_sweep(tmp_path):
    folder = tmp_path / "kept"
    plain = sweep(out=folder)
    assert "half_step_points" not in plain.attrs
    told = sweep(out=folder, converge=True)
    assert told.mean_v.attrs["half_step_distance"] == sweep(converge=True).mean_v.attrs[
        "half_step_distance"]
    assert mg.open_sweep(folder).identical(told)


def test_steps_and_methods_are_axes():
    ds = sweep(method=["rk4_local", "rk2"], dt=[0.05, 0.025])
    assert dict(ds.sizes) == {"mg_out": 4, "method": 2, "dt": 2}
    for method in ("rk4_local", "rk2"):
        for dt in (0.05, 0.025):
            one = sweep(method=method, dt=dt)
            np.testing.assert_array_equal(ds.mean_v.sel({"method": method, "dt": dt}),
                                          one.mean_v)
    assert ds.attrs["dt_ms"] == "0.05, 0.025"
    own = sweep(method=["rk4_local", "rk2"])
    assert own.attrs["dt_ms"] == "0.1, 0.025"


def test_axes_of_steps_that_cannot_be_meant():
    for given, words in (({"dt": []}, "empty"), ({"method": ["rk2", "rk2"]}, "twice"),
                         ({"dt": [0.1, "100 us"]}, "twice")):
        with pytest.raises(AxisError, match=words):
            sweep(**given)
    with pytest.raises(AxisError, match="'dt' can be an axis of measures, not of traces"):
        mg.simulate(TONIC, SHORT, dt=[0.1, 0.05])


def test_steps_as_axes_in_a_file_and_on_the_command_line(tmp_path):
    from mgsim.sweeps import file

    path = tmp_path / "steps.toml"
    path.write_text('model = "tonic"\nprotocol = "rest"\nduration = 60\nwindow = [0, 60]\n'
                    'measures = ["mean_v"]\nmethod = ["rk4_local", "rk2"]\ndt = [0.1, "50 us"]\n')
    job = file.read(path)
    assert [(o.method, round(o.dt * 1e3, 9)) for o in job.each] == [
        ("rk4_local", 0.1), ("rk4_local", 0.05), ("rk2", 0.1), ("rk2", 0.05)]


def test_steps_as_axes_are_kept_in_a_folder(tmp_path):
    ds = sweep(dt=[0.05, 0.025], out=tmp_path / "steps")
    again = mg.open_sweep(tmp_path / "steps")
    assert again.identical(ds)
    assert again.dt.values.tolist() == [0.05, 0.025]
