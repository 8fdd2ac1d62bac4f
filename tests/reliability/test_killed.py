"""Runs that are killed, interrupted, or two at a time."""

import math
import multiprocessing
import os
import random
import shutil
import signal
import subprocess
import sys
import time
import warnings
from contextlib import nullcontext
from functools import partial, wraps
from pathlib import Path

import jobs
import numpy as np
import pytest
import xarray as xr

import mgsim as mg
from mgsim import cli
from mgsim.engines.contract import PENDING
from mgsim.runs import in_folder
from mgsim.runs.sweep import in_memory
from mgsim.store import checked_json, repair
from mgsim.store.description import identity as store_identity
from mgsim.store.description.identity import describe
from mgsim.store.folder import DamagedWarning, PendingPointsWarning, Store
from mgsim.store.ownership import begun
from mgsim.sweeps.designs import AxisError
from mgsim.sweeps.prepare import prepare

SCRIPT = Path(jobs.__file__)
#: Points of a batch of the sweep that is killed, and batches.
BATCH = 40
BATCHES = math.ceil(jobs.POINTS / BATCH)


def started(folder, kind="slow", batch=10):
    return subprocess.Popen(
        [sys.executable, SCRIPT, kind, folder, str(batch)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for_a_batch(folder, process, beyond=0):
    while process.poll() is None and len(list(Path(folder).glob("done/[0-9]*.json"))) <= beyond:
        time.sleep(0.002)


def check(folder, expected):
    """Every point of a batch that is done has its value; the others are pending. Batches done."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "(?s).*(summary.json|copy.json) is missing")
        warnings.simplefilter("ignore", PendingPointsWarning)
        ds = mg.open_sweep(folder)
    done = ds.status.values != PENDING
    for name in expected.data_vars:
        assert np.array_equal(ds[name].values[done], expected[name].values[done], equal_nan=True)
    assert np.isnan(ds.mean_v.values[~done]).all()
    return int(Store.open(folder).done().sum())


def marks(folder):
    return len(list(folder.glob("done/[0-9]*.json")))


def moments(writer, folder):
    """Seconds that a run takes before its first batch, and after its last."""
    began = time.monotonic()
    writer.start()
    while not marks(folder):
        time.sleep(0.001)
    first = time.monotonic()
    while marks(folder) < BATCHES:
        time.sleep(0.001)
    last = time.monotonic()
    writer.join()
    return {"start": first - began, "middle": 0.05, "end": time.monotonic() - last}


def pause(rng, when, took, folder, before, writer):
    """Wait for an instant of a run: in its first moments, between two batches, in its last."""
    if when != "start":
        beyond = BATCHES - 1 if when == "end" else rng.randrange(before, BATCHES)
        while writer.is_alive() and marks(folder) <= beyond:
            time.sleep(0.002)
    time.sleep(rng.uniform(0, 1.2 * took[when]))


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_kill_9_at_random_instants_with_two_writers(tmp_path, monkeypatch, capsys):
    """Release test 1: nothing lost, nothing twice, nothing wrong, opens every time.

    A quarter of the instants lie in a run's first moments, half of them in the last: the last
    batch, the end, the summary.
    """
    expected = in_memory(jobs.law(1000))
    assert len(np.unique(expected.mean_v)) > 1900
    rng = random.Random(0)
    rounds = 260 if jobs.LONG else 6
    tried = dict.fromkeys(("start", "middle", "end"), 0)
    number = before = kept = orphans = ends = unborn = 0
    monkeypatch.setenv("PYTHONPATH", str(SCRIPT.parent), prepend=os.pathsep)
    forking = multiprocessing.get_context("forkserver")
    forking.set_forkserver_preload(["ready"])  # a writer starts at once
    for name in "xy":  # the first waits for what is loaded
        writer = forking.Process(target=jobs.run, args=("slow", tmp_path / name, BATCH))
        took = moments(writer, tmp_path / name)
    for round_ in range(rounds):
        folder = tmp_path / str(number)
        writers = [forking.Process(target=jobs.run, args=("slow", folder, BATCH)) for _ in "12"]
        for writer in writers:
            writer.start()
        when = ("start", "middle", "end", "end")[round_ % 4]
        pause(rng, when, took, folder, before, writers[0])
        for writer in writers:
            tried[when] += writer.is_alive()
            writer.kill()
        for writer in writers:
            writer.join()
        orphans += len(list(folder.rglob("*.partial")))
        if not begun(folder):
            assert before == 0, "a sweep is no longer one"
            unborn += 1
            continue
        now = check(folder, expected)
        assert now >= before, "a batch that was done is no longer"
        before, kept = now, kept + now
        if now == BATCHES:
            ends += not (folder / "summary.json").exists()
            finished(folder, expected)
            shutil.rmtree(folder)
            number, before = number + 1, 0
    finished(tmp_path / str(number), expected)
    assert not list((tmp_path / str(number)).rglob("*.partial"))
    with capsys.disabled():
        alive = sum(tried.values())
        print(
            f"\nkill -9, two writers: tried {alive} ({tried}; {2 * rounds - alive} had ended "
            f"before), survived {alive}, lost 0, wrong 0 ({number} folders filled, {unborn} rounds "
            f"killed before there was a sweep, {ends} between the last batch and the summary, "
            f"{kept:,} batches compared, {orphans} orphans left and removed)"
        )


def finished(folder, expected):
    """The same command ends what is there: every value right, every file good."""
    final = in_folder.durable(jobs.slow(), folder, batch=BATCH)
    for name in expected.data_vars:
        xr.testing.assert_equal(final[name], expected[name])
    assert repair.verify(Store.open(folder)).good


@pytest.mark.slow
def test_two_runs_on_one_store(tmp_path, capsys):
    """Release test 4: both end, the values are those of one run, the work is shared."""
    pair = [started(tmp_path / "s", "slower", batch=8) for _ in range(2)]
    said = [process.communicate() for process in pair]
    assert [p.returncode for p in pair] == [0, 0], said
    expected = in_memory(jobs.law(1000))
    assert check(tmp_path / "s", expected) == 250
    shares = [
        checked_json.read(f, "run")["batches"] for f in (tmp_path / "s" / "runs").glob("*.json")
    ]
    assert len(shares) == 2
    assert min(shares) > 10, "the second run had to wait for the first"
    with capsys.disabled():
        print(
            f"\ntwo runs on one store: both ended with 0; of 250 batches they ran {shares}; "
            "all values right"
        )


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
def test_ctrl_c_commits_and_says_how_to_go_on(tmp_path, capsys):
    folder = tmp_path / "s"
    command = [
        sys.executable,
        "-c",
        (
            "import sys, time, jobs, mgsim.cli, mgsim.runs.from_file.sweep_file\n"
            "run, calls = jobs.Law.run, []\n"
            "def waits(*given):\n"
            "    calls.append(1)\n"
            "    time.sleep(600 if len(calls) > 5 else 0)\n"
            "    return run(*given)\n"
            "jobs.Law.run = waits\n"
            "mgsim.runs.from_file.sweep_file.read = lambda *a, **k: jobs.slow()\n"
            f"sys.exit(mgsim.cli.main(['sweep', 'run', 'x.toml', '--out', {str(folder)!r},"
            " '--batch', '10']))"
        ),
    ]
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=SCRIPT.parent
    )
    while len(list(folder.glob("done/[0-9]*.json"))) < 5 and process.poll() is None:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 130
    done = Store.open(folder).done()
    assert f"{done.sum()} of 200 batches are safe in {folder}; the same command goes on" in err
    assert done.sum() == 5
    marks = {p.name: p.stat().st_mtime_ns for p in (folder / "done").glob("[0-9]*")}
    in_folder.durable(jobs.slow(), folder)
    assert Store.open(folder).done().all()
    again = {p.name: p.stat().st_mtime_ns for p in (folder / "done").glob("[0-9]*")}
    assert {n: again[n] for n in marks} == marks, "a finished batch ran again"
    with capsys.disabled():
        print(f"\nCtrl-C: {done.sum()} of 200 batches kept; none of them ran again")


def test_a_sweep_can_be_read_while_it_runs(tmp_path, capsys):
    """Whoever reads it is told once how much is lacking, apart from what is damaged."""
    job = jobs.law(100)
    store = in_folder.start(job, tmp_path / "s", batch=30)
    with pytest.warns(PendingPointsWarning, match="200 of 200 points have not run") as told:
        ds = mg.open_sweep(tmp_path / "s")
    assert (len(told), told[0].filename) == (1, __file__)
    assert (ds.status == PENDING).all()
    assert ds.mean_v.isnull().all()
    for batch in (1, 6):
        first, last = store.span(batch)
        store.write(batch, in_folder.rows_of(job, np.arange(first, last)))
    with pytest.warns(PendingPointsWarning, match="150 of 200 points have not run"):
        ds = mg.open_sweep(tmp_path / "s")
    done = [*range(30, 60), *range(180, 200)]
    assert (ds.status.values.ravel() == 0).nonzero()[0].tolist() == done
    (tmp_path / "s" / "values" / "1.0").unlink()
    for file in ("x.csv", "x.nc"):
        command = ["sweep", "export", str(tmp_path / "s"), str(tmp_path / file)]
        assert cli.main(command) == cli.FAILED
        said = capsys.readouterr().err.splitlines()
        assert sum("150 of 200 points have not run" in line for line in said) == 1
        assert sum("1 of 7 batches are missing or damaged" in line for line in said) == 1
    with pytest.warns(DamagedWarning, match="computed anew"):
        in_folder.durable(job, tmp_path / "s")
    whole = in_folder.durable(job, tmp_path / "s")
    assert "dead_axes" in whole.attrs
    xr.testing.assert_identical(whole, in_memory(job))


def bursts(times, rate=None):
    """A job of a protocol whose events are a user's own; ``rate`` is a parameter of theirs."""
    mine = (
        ()
        if rate is None
        else (
            mg.Parameter(
                "burst_rate", 20.0, "Hz", "rate of bursts", "assumed: for a test", (1, 100)
            ),
        )
    )
    protocol = mg.Protocol("bursts", "", 50.0, events={"pre": mg.Train(mine, times)})
    axes = {} if rate is None else {"burst_rate": rate}
    return prepare(
        mg.models["standard"],
        protocol,
        jobs.MEASURES,
        engine=jobs.Law(),
        mg_out=[0.5, 1.0],
        g_nmda=[1.0, 2.0],
        **axes,
    )


def at(start):
    return lambda values, duration, rng: [start, start + 5.0]


def by_default(values, duration, rng, start=10.0):
    return [start]


def with_rate(values, duration, rng):
    return np.arange(0, duration, 1000 / values["burst_rate"])


def with_rate_but_for_one(values, duration, rng):
    return with_rate(values, duration, rng)[:: 2 if values["burst_rate"] == 50 else 1]


@pytest.mark.parametrize(
    ("first", "second", "rate"),
    [
        (at(10.0), at(12.0), None),
        (partial(by_default, start=10.0), partial(by_default, start=11.0), None),
        (lambda *_, x=(1.0,): x, lambda *_, x=(2.0,): x, None),
        (with_rate, with_rate_but_for_one, [20.0, 50.0, 70.0]),
        (
            wraps(mg.protocols["poisson_20hz"].events["pre"].times)(at(10.0)),
            wraps(mg.protocols["poisson_20hz"].events["pre"].times)(at(12.0)),
            None,
        ),
    ],
    ids=["closure", "partial", "default", "one of three", "another's name"],
)
def test_trains_of_ones_own_are_told_apart_by_their_events(tmp_path, first, second, rate):
    in_folder.start(bursts(first, rate), tmp_path / "s")
    in_folder.start(bursts(first, rate), tmp_path / "s")
    with pytest.raises(ValueError, match=r"another sweep.*protocol\.events\.pre"):
        in_folder.start(bursts(second, rate), tmp_path / "s")


def test_too_many_trains_of_ones_own_are_refused_at_once_and_few_in_many_points_are_not(
    monkeypatch,
):
    axes = {"mg_out": np.linspace(0, 1, 2000), "g_nmda": np.linspace(0, 10, 2000)}
    protocol = bursts(at(1.0)).request.protocol
    many = prepare(
        mg.models["standard"],
        protocol,
        jobs.MEASURES,
        engine=jobs.Law(),
        design=mg.designs.sobol(10**9, tau_ca=(20, 60)),
        **axes,
    )
    assert describe(many)["protocol"]["events"]["pre"]
    seeds = prepare(
        mg.models["standard"],
        protocol,
        jobs.MEASURES,
        engine=jobs.Law(),
        seed=range(1_000_001),
        **axes,
    )
    with pytest.raises(AxisError, match=r"'pre' of protocol 'bursts': 1,000,001 trains"):
        describe(seeds)
    monkeypatch.setattr(store_identity, "_MOST_TRAINS", 3)
    few = bursts(lambda values, duration, rng: [rng.uniform(0, 10)]).request.protocol
    for n, ends in ((3, nullcontext()), (4, pytest.raises(AxisError, match=": 4 trains"))):
        with ends:
            describe(
                prepare(
                    mg.models["standard"],
                    few,
                    jobs.MEASURES,
                    engine=jobs.Law(),
                    seed=range(n),
                    mg_out=[0.5, 1.0],
                    g_nmda=1.0,
                )
            )


def test_the_same_again_is_no_work_and_another_sweep_is_refused(tmp_path):
    in_folder.durable(jobs.law(50), tmp_path / "s")
    files = {p: p.stat().st_mtime_ns for p in (tmp_path / "s").rglob("*") if p.is_file()}
    with pytest.warns(UserWarning, match="another number, 7, is for a new folder"):
        in_folder.durable(jobs.law(50), tmp_path / "s", batch=7)
    assert {p: p.stat().st_mtime_ns for p in files} == files
    with pytest.raises(ValueError, match=r"another sweep.*design\.grid\.mg_out"):
        in_folder.durable(jobs.law(51), tmp_path / "s")
    (tmp_path / "u").mkdir()
    (tmp_path / "u" / "thesis.doc").write_text("mine")
    with pytest.raises(ValueError, match=r"holds other things \('thesis\.doc'\)"):
        in_folder.durable(jobs.law(50), tmp_path / "u")
    assert [p.name for p in (tmp_path / "u").iterdir()] == ["thesis.doc"]
