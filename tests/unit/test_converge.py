"""A run says how far its measures are from those at half the step; steps and methods as axes."""

import errno

import numpy as np
import pytest

import mgsim as mg
from mgsim import cli
from mgsim.cli import output
from mgsim.engines.contract import OK
from mgsim.runs import half_step
from mgsim.store import checked_json
from mgsim.store.folder import DamagedWarning
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
    assert (
        told.mean_v.attrs["half_step_distance"]
        == sweep(converge=True).mean_v.attrs["half_step_distance"]
    )
    assert mg.open_sweep(folder).identical(told)


def test_what_a_folder_has_told_is_not_computed_again(tmp_path, monkeypatch):
    told = sweep(out=tmp_path / "s", converge=True)
    monkeypatch.setattr(half_step, "compare", None)
    assert sweep(out=tmp_path / "s", converge=True).identical(told)


def test_where_nothing_may_be_written_it_is_told_and_not_kept(tmp_path, monkeypatch):
    folder = tmp_path / "s"
    sweep(out=folder)

    def denied(path, *args, **options):
        raise PermissionError(errno.EROFS, "Read-only file system", str(path))

    monkeypatch.setattr(checked_json, "place", denied)
    with pytest.warns(UserWarning, match="half the step is not kept: .*Read-only"):
        told = sweep(out=folder, converge=True)
    assert told.attrs["half_step_points"] == 4
    assert not (folder / "half_step.json").exists()


def law_of_step(monkeypatch, by_dt):
    """``rows_of`` whose ``mean_v`` follows from the step alone, in ms."""
    from mgsim.sweeps.point_rows import Rows

    def rows(job, points, moved=None):
        found = Rows.pending(len(points), len(job.measures))
        found.status[:] = OK
        found.values[:] = by_dt(round(job.options.dt * 1e3, 9), points)[:, None]
        return found

    monkeypatch.setattr(half_step, "rows_of", rows)


def test_a_value_at_one_step_alone_is_counted_and_no_distance(tmp_path, monkeypatch):
    """NaN at one step or the other, of a measure that is undefined there: never a NaN distance."""
    plain = sweep(out=tmp_path / "s")
    law_of_step(monkeypatch, lambda dt, points: np.where(points == 2, np.nan, 5.0))
    told = sweep(out=tmp_path / "s", converge=True)
    far = np.abs(plain.mean_v.values - 5.0)[[0, 1, 3]].max()
    assert told.mean_v.attrs["half_step_distance"] == pytest.approx(far)
    assert told.attrs["half_step_other_values"] == 1
    assert told.attrs["half_step_other_counts"] == int((plain.spike_count != 5)[[0, 1, 3]].sum())
    assert mg.open_sweep(tmp_path / "s").identical(told)


def test_where_no_point_can_be_compared_there_is_no_distance(tmp_path, monkeypatch, capsys):
    sweep(out=tmp_path / "s")
    law_of_step(monkeypatch, lambda dt, points: np.full(len(points), np.nan))
    told = sweep(out=tmp_path / "s", converge=True)
    assert "half_step_distance" not in told.mean_v.attrs
    assert told.attrs["half_step_other_values"] == 4
    assert mg.open_sweep(tmp_path / "s").identical(told)
    output.table(told)
    assert (
        "at 4 of these points a measure has a value at one of the steps" in capsys.readouterr().out
    )


WRONG = {
    "another sweep": {"sweep": "0" * 64},
    "no sweep": {"sweep": None},
    "another key": {"x": 1},
    "no distance": {"distance": {}},
    "another measure": {"distance": {"status": 1.0}},
    "no number": {"distance": {"mean_v": float("nan"), "spike_count": 0.0}},
    "negative": {"distance": {"mean_v": -1.0, "spike_count": 0.0}},
    "text": {"distance": {"mean_v": "1", "spike_count": 0.0}},
    "a list": {"distance": [1.0]},
    "no points": {"points": 0},
    "too many": {"other_counts": 10**30},
    "a word": {"points": "4"},
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_file_that_cannot_be_believed_is_ignored_and_told(tmp_path, wrong, capsys):
    """Its checksum is right, as that of a folder that someone sends."""
    folder = tmp_path / "s"
    plain, told = sweep(out=folder), sweep(out=folder, converge=True)
    content = checked_json.read(folder / "half_step.json", "half step")
    checked_json.write(folder / "half_step.json", "half step", content | WRONG[wrong])
    with pytest.warns(DamagedWarning, match=r"half_step\.json is "):
        assert mg.open_sweep(folder).identical(plain)
    assert cli.main(["sweep", "verify", str(folder)]) == cli.FAILED
    assert "half_step.json is" in capsys.readouterr().out
    with pytest.warns(DamagedWarning, match=r"half_step\.json is .*; made good"):
        assert sweep(out=folder, converge=True).identical(told)
    (folder / "half_step.json").write_text("{")
    assert cli.main(["sweep", "repair", str(folder)]) == cli.GOOD
    assert mg.open_sweep(folder).identical(plain)


def test_steps_and_methods_are_axes():
    ds = sweep(method=["rk4_local", "rk2"], dt=[0.05, 0.025])
    assert dict(ds.sizes) == {"mg_out": 4, "method": 2, "dt": 2}
    for method in ("rk4_local", "rk2"):
        for dt in (0.05, 0.025):
            one = sweep(method=method, dt=dt)
            np.testing.assert_array_equal(ds.mean_v.sel({"method": method, "dt": dt}), one.mean_v)
    assert ds.attrs["dt_ms"] == "0.05, 0.025"
    own = sweep(method=["rk4_local", "rk2"])
    assert own.attrs["dt_ms"] == "0.1, 0.025"


def test_axes_of_steps_that_cannot_be_meant():
    for given, words in (
        ({"dt": []}, "empty"),
        ({"method": ["rk2", "rk2"]}, "twice"),
        ({"dt": [0.1, "100 us"]}, "twice"),
    ):
        with pytest.raises(AxisError, match=words):
            sweep(**given)
    with pytest.raises(AxisError, match="'dt' can be an axis of measures, not of traces"):
        mg.simulate(TONIC, SHORT, dt=[0.1, 0.05])


def test_steps_as_axes_in_a_file_and_on_the_command_line(tmp_path):
    from mgsim.runs.from_file import sweep_file

    path = tmp_path / "steps.toml"
    path.write_text(
        'model = "tonic"\nprotocol = "rest"\nduration = 60\nwindow = [0, 60]\n'
        'measures = ["mean_v"]\nmethod = ["rk4_local", "rk2"]\ndt = [0.1, "50 us"]\n'
    )
    job = sweep_file.read(path)
    assert [(o.method, round(o.dt * 1e3, 9)) for o in job.each] == [
        ("rk4_local", 0.1),
        ("rk4_local", 0.05),
        ("rk2", 0.1),
        ("rk2", 0.05),
    ]


def test_steps_as_axes_are_kept_in_a_folder(tmp_path):
    ds = sweep(dt=[0.05, 0.025], out=tmp_path / "steps")
    again = mg.open_sweep(tmp_path / "steps")
    assert again.identical(ds)
    assert again.dt.values.tolist() == [0.05, 0.025]
