"""The same numbers whatever the batches, threads and order; flat memory; failures as rows."""

import csv
import gc
import json
import os
import resource
import subprocess
import sys
from importlib.util import find_spec

import jobs
import numpy as np
import pytest
import xarray as xr
from effort import effort

import mgsim as mg
from mgsim import cli
from mgsim.runs import in_folder
from mgsim.runs.sweep import in_memory
from mgsim.runs.workers import batches
from mgsim.store import opening
from mgsim.store.export import export
from mgsim.store.folder import PendingPointsWarning, Store
from mgsim.sweeps.designs import AxisError
from mgsim.sweeps.prepare import FailedPointsWarning, prepare


@pytest.mark.parametrize("batch", [1, 7, 64, 1000])
def test_batches_threads_and_order_change_no_bit(tmp_path, batch, capsys):
    """Release test 6, the fused engine."""
    n = 200 if batch > 1 or jobs.LONG else 48
    expected = in_memory(jobs.fused(n))
    assert len(np.unique(expected.mean_v)) > n // 2
    for threads in (1, 2, 4):
        ds = in_folder.durable(jobs.fused(n, threads), tmp_path / str(threads), batch=batch)
        xr.testing.assert_identical(ds, expected)
    store = in_folder.start(jobs.fused(n), tmp_path / "shuffled", batch=batch)
    for b in np.random.default_rng(0).permutation(store.n_batches)[: store.n_batches // 2]:
        store.write(int(b), in_folder.rows_of(jobs.fused(n, 2), np.arange(*store.span(int(b)))))
    xr.testing.assert_identical(in_folder.durable(jobs.fused(n), tmp_path / "shuffled"), expected)
    with capsys.disabled():
        print(f"\nbatches of {batch}, 1, 2 and 4 threads, shuffled: identical bits")


@pytest.mark.slow
@pytest.mark.skipif(not jobs.LONG, reason="long form")
def test_brian_in_processes_gives_the_same_bits(tmp_path):
    protocol = mg.protocols["train_20hz"].lasting(20, (0, 20))
    job = prepare(
        mg.models["standard"],
        protocol,
        jobs.MEASURES,
        engine="brian",
        train_start=0,
        mg_out=np.linspace(0, 2, 21),
    )
    expected = in_memory(job)
    for batch, processes in ((1, 2), (7, 1), (64, 4)):
        ds = in_folder.durable(job, tmp_path / f"{batch}", batch=batch, processes=processes)
        xr.testing.assert_identical(ds, expected)


def test_an_engine_that_needs_processes_gets_one_a_core(tmp_path, monkeypatch):
    made = []
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {0, 2, 3}, raising=False)
    monkeypatch.setattr(batches, "Processes", lambda job, n: made.append(n))
    job = prepare(mg.models["standard"], mg.protocols["train_20hz"], jobs.MEASURES, engine="brian")
    for processes in (None, 2):
        with pytest.raises(AttributeError):
            in_folder.durable(job, tmp_path / "s", processes=processes)
    assert made == [3, 2]
    with pytest.raises(ValueError, match="processes must be at least 1, not 0"):
        in_folder.durable(job, tmp_path / "s", processes=0)


@pytest.mark.parametrize(
    "axes",
    [
        {
            "design": mg.designs.sobol(40, seed=3, mg_out=(0, 2), g_nmda=(0, 10)),
            "tau_ca": [30.0, 40.0],
        },
        {
            "design": mg.designs.zipped(mg_out=[0, 1, 2.0], block=["none", "none", "kampa_2004"]),
            "seed": [0, 4],
        },
        {"design": mg.designs.latin_hypercube(30, g_nmda=(1, 10), log=["g_nmda"])},
        {"block": ["none", "kampa_2004"], "mg_out": [1.0, 2.0, 3.0]},
        {"mg_out": 1.0},
        {},
    ],
)
@pytest.mark.filterwarnings("ignore::mgsim.sweeps.prepare.DeadAxisWarning")
def test_every_design_opens_as_it_was_in_memory(tmp_path, axes, monkeypatch):
    protocol = mg.protocols["poisson_20hz"].lasting(20, (0, 20))
    where = (mg.models["standard"], protocol, jobs.MEASURES)
    expected = mg.sweep(*where, engine="fused", **axes)
    in_folder.durable(prepare(*where, engine="fused", **axes), tmp_path / "s", batch=9)
    again = mg.sweep(*where, engine="fused", out=tmp_path / "s", **axes)
    xr.testing.assert_identical(again, expected)
    xr.testing.assert_identical(mg.open_sweep(tmp_path / "s"), expected)
    monkeypatch.setattr(opening, "_PIECE", 5)
    lazy = mg.open_sweep(tmp_path / "s", lazy=True)
    assert lazy.mean_v.chunks is not None or lazy.mean_v.size <= 5
    xr.testing.assert_identical(lazy.load(), expected)
    for name in ("x.nc", "x.csv", *(["x.parquet"] if find_spec("pyarrow") else [])):
        export(Store.open(tmp_path / "s"), tmp_path / name)
    xr.testing.assert_equal(xr.load_dataset(tmp_path / "x.nc").mean_v, expected.mean_v)
    rows = list(csv.DictReader((tmp_path / "x.csv").read_text().splitlines()))
    assert [float(r["mean_v"]) for r in rows] == expected.mean_v.values.ravel().tolist()
    assert {r["status"] for r in rows} == {"ok"}
    table = pytest.importorskip("pyarrow.parquet").read_table(tmp_path / "x.parquet")
    assert table["mean_v"].to_pylist() == expected.mean_v.values.ravel().tolist()


def test_a_table_of_an_unfinished_sweep_has_a_row_a_point(tmp_path):
    """Those that have not run are pending and without values, in the order of points."""
    folder, job = tmp_path / "s", jobs.law(5)
    expected = in_folder.durable(job, folder, batch=4).mean_v.values.ravel()
    for path in (folder / "summary.json", folder / "done" / "1.json"):
        path.unlink()
    with pytest.warns(PendingPointsWarning, match="4 of 10 points have not run"):
        export(Store.open(folder), tmp_path / "x.csv")
    rows = list(csv.DictReader((tmp_path / "x.csv").read_text().splitlines()))
    assert [int(r["point"]) for r in rows] == list(range(10))
    assert [r["status"] for r in rows] == ["ok"] * 4 + ["pending"] * 4 + ["ok"] * 2
    assert [r["mean_v"] for r in rows[4:8]] == [""] * 4
    assert [float(r["mean_v"]) for r in rows[:4] + rows[8:]] == [*expected[:4], *expected[8:]]


def test_a_parquet_table_of_a_sweep_that_has_just_begun(tmp_path):
    parquet = pytest.importorskip("pyarrow.parquet")
    folder = tmp_path / "s"
    expected = in_folder.durable(jobs.law(5), folder, batch=4)
    for path in ((folder / "summary.json"), *(folder / "done").iterdir()):
        path.unlink()
    with pytest.warns(PendingPointsWarning, match="10 of 10 points have not run"):
        export(Store.open(folder), tmp_path / "x.parquet")
    table = parquet.read_table(tmp_path / "x.parquet")
    assert table["status"].to_pylist() == ["pending"] * 10
    assert np.isnan(table["mean_v"].to_numpy()).all()
    assert table["mg_out"].to_pylist() == np.repeat(expected.mg_out.values, 2).tolist()


def test_failed_points_are_rows_with_reasons(tmp_path, capsys):
    """An error of three points of 2000 is three times two rows; the run goes on."""
    engine = jobs.Law(bad=(0.017, 0.5, 0.999))
    with pytest.warns(FailedPointsWarning, match="of 2,000 points 6 failed"):
        ds = in_folder.durable(jobs.law(1000, engine), tmp_path / "s", batch=256)
    bad = ds.status.values == 2
    assert ds.mg_out.values[bad.any(axis=1)].tolist() == [0.017, 0.5, 0.999]
    assert np.isnan(ds.mean_v.values[bad]).all()
    good = in_memory(jobs.law(1000))
    assert np.array_equal(ds.mean_v.values[~bad], good.mean_v.values[~bad])
    assert "point 34 (mg_out=0.017, g_nmda=1): failed: RuntimeError: this magn" in ds.failures
    assert cli.main(["sweep", "status", str(tmp_path / "s")]) == cli.FAILED
    assert "1,994 ok, 6 failed" in capsys.readouterr().out


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_diverging_points_have_a_status_and_an_exit_code(tmp_path, monkeypatch, capsys):
    """Release test 10."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.toml").write_text(
        'model = "cell"\nprotocol = "current_step"\nmeasures = ["mean_v"]\nduration = 20\n'
        "[set]\nstep_start = 5\nstep_stop = 15\n[axes]\ni_amp = [100, 1e15, 200, 1e16]\n"
    )
    assert cli.main(["sweep", "run", "x.toml", "--out", "s"]) == cli.FAILED
    assert "diverged: left all bounds at" in capsys.readouterr().out
    assert mg.open_sweep("s").status.values.tolist() == [0, 1, 0, 1]
    assert cli.main(["sweep", "run", "x.toml", "--out", "s", "--json"]) == cli.FAILED
    assert json.loads(capsys.readouterr().out)["counts"]["diverged"] == 2


def test_dead_axes_are_named(tmp_path):
    with pytest.warns(UserWarning, match="axis 'mg_out' changed no output"):
        ds = mg.sweep(
            mg.models["standard"],
            mg.protocols["train_20hz"].lasting(20, (0, 20)),
            jobs.MEASURES,
            engine="fused",
            mg_out=[0, 1.0],
            block="none",
            out=tmp_path / "s",
        )
    assert ds.attrs["dead_axes"] == "mg_out"


def test_too_many_points_are_refused_at_once(tmp_path, capsys):
    """Release test 11."""
    many = np.linspace(0, 1, 10_000)
    cell = (mg.models["standard"], mg.protocols["train_20hz"], jobs.MEASURES)
    prepare(*cell, engine="fused", mg_out=1.0)
    took: list[float] = []

    def refused(**options):
        with pytest.raises(AxisError, match="1,000,000,000,000 points"):
            mg.sweep(*cell, mg_out=many, g_nmda=many, tau_ca=10 + many, **options)

    for options in ({}, {"out": tmp_path / "s"}, {"out": tmp_path / "s", "large": True}):
        took.append(effort(lambda options=options: refused(**options))[1])
    axis = "{start = 0, stop = 1, count = 1000000}"
    (tmp_path / "x.toml").write_text(
        f'model = "standard"\nprotocol = "train_20hz"\n[axes]\nmg_out = {axis}\ng_nmda = {axis}\n'
    )
    for command in (
        "run mg_response --axis mg_out=0:1:1000000 --axis g_nmda=0:1:1000000 --out s",
        "plan mg_response --axis mg_out=0:1:1000000 --axis g_nmda=0:1:1000000",
        f"run {tmp_path}/x.toml --out s",
        f"plan {tmp_path}/x.toml",
    ):
        code, work = effort(lambda command=command: cli.main(["sweep", *command.split()]))
        assert code == cli.BAD
        took.append(work)
        assert "1,000,000,000,000 points" in capsys.readouterr().err
    with pytest.raises(AxisError, match="large"):
        mg.sweep(*cell, mg_out=many, g_nmda=many, seed=[1, 2], out=tmp_path / "s")
    assert [p.name for p in tmp_path.iterdir()] == ["x.toml"]
    with capsys.disabled():
        print(
            f"\n10^12 points refused with the work of {max(took):.0f} times 100,000 additions "
            "at most"
        )
    assert sorted(took)[len(took) // 2] < 50


def test_memory_stays_flat(tmp_path, capsys):
    """Release test 15: 1000 batches."""
    scale = 1 if sys.platform == "darwin" else 1024
    in_folder.durable(jobs.law(100), tmp_path / "warm", batch=1)

    def now():
        gc.collect()
        if sys.platform == "linux":
            with open("/proc/self/statm") as file:
                return int(file.read().split()[1]) * resource.getpagesize()
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * scale

    before = now()
    in_folder.durable(jobs.law(500), tmp_path / "s", batch=1)
    grown = (now() - before) / 1e6
    with capsys.disabled():
        print(f"\n1000 batches: {grown:.1f} MB more")
    assert grown < 20


@pytest.mark.slow
@pytest.mark.skipif(not jobs.LONG or sys.platform == "win32", reason="long form")
def test_without_a_compiler_and_without_a_home(tmp_path):
    """Release test 13: the right answer, and one line of advice.

    By a method that both engines run with the same steps.
    """
    (tmp_path / "x.toml").write_text(
        'model = "standard"\nprotocol = "train_20hz"\nmeasures = ["mean_v"]\nduration = 20\n'
        'method = "rk4"\n[axes]\nmg_out = [0, 1]\n[set]\ntrain_start = 5\n'
    )
    nowhere = {"PATH": "/nonexistent", "HOME": "/proc/nowhere", "MGSIM_CACHE": "/proc/nowhere/c"}
    command = [sys.executable, "-m", "mgsim", "sweep", "run", "x.toml", "--out"]
    said = {"cwd": tmp_path, "capture_output": True, "text": True, "check": False}
    done = subprocess.run([*command, "a"], env=nowhere, **said)
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("no C compiler found") == 1
    done = subprocess.run([*command, "b"], env={**nowhere, "PATH": os.environ["PATH"]}, **said)
    assert (done.returncode, done.stderr) == (0, "")
    first, second = (mg.open_sweep(tmp_path / n) for n in "ab")
    assert (first.engine, second.engine) == ("brian", "fused")
    assert np.allclose(first.mean_v, second.mean_v, rtol=1e-9)
