"""Ctrl-C on both engines, and machines that lack something: whole results or none."""

import os
import random
import signal
import subprocess
import sys
import threading
import time
import warnings
from pathlib import Path

import jobs
import numpy as np
import pressed
import pytest
import xarray as xr

import mgsim as mg
from mgsim import cli
from mgsim.cli import jobs as sweep_jobs
from mgsim.engines.contract import CRASHED, FAILED, LACKED, OK, PENDING, STATUS, UNFINISHED
from mgsim.runs import in_folder
from mgsim.runs.sweep import in_memory
from mgsim.runs.workers.processes import Workers
from mgsim.store import checked_json, repair
from mgsim.store.folder import DamagedWarning, PendingPointsWarning, Store
from mgsim.sweeps import point_rows
from mgsim.sweeps.point_rows import Shortage
from mgsim.sweeps.prepare import FailedPointsWarning, Job

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="signals and limits of Linux")
SCRIPT = Path(pressed.__file__)


def started(*args):
    return subprocess.Popen(
        [sys.executable, SCRIPT, *map(str, args)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def right(folder, expected):
    """(Points that are done, of them wrong ones): every one has run and has its value."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DamagedWarning)  # the end of the run may be lacking
        warnings.simplefilter("ignore", PendingPointsWarning)
        ds = mg.open_sweep(folder)
    done = ds.status.values != PENDING
    wrong = done & (ds.status.values != OK)
    for name in expected.data_vars:
        wrong |= (
            done
            & (ds[name].values != expected[name].values)
            & ~(np.isnan(ds[name].values) & np.isnan(expected[name].values))
        )
    return int(done.sum()), int(wrong.sum())


@pytest.fixture(scope="module")
def expected():
    return {kind: in_memory(make()) for kind, (make, _) in pressed.KINDS.items()}


def press(process, rng, folder, late):
    """Ctrl-C at some instant, as a terminal sends it: to all processes; at times twice.

    ``late``: after a batch is finished; others are often before the first.
    """
    process.stdout.readline()
    if late:
        marks = len(list(folder.glob("done/[0-9]*")))
        while process.poll() is None and len(list(folder.glob("done/[0-9]*"))) == marks:
            time.sleep(0.005)
        time.sleep(rng.uniform(0, 0.5))
    else:
        time.sleep(rng.uniform(0, 5))
    for _ in range(rng.choice((1, 1, 2))):
        os.killpg(process.pid, signal.SIGINT)
        time.sleep(rng.uniform(0, 0.2))
    began = time.monotonic()
    said, err = process.communicate(timeout=120)
    return said.split(" ")[0].strip(), time.monotonic() - began, err


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["brian", "fused"])
def test_ctrl_c_leaves_only_whole_results(kind, tmp_path, expected, capsys):
    rng = random.Random(kind)
    tried, stopped, wrong, kept, longest, folder = (50 if jobs.LONG else 2), 0, 0, 0, 0.0, 0
    for number in range(tried):
        process = started(kind, tmp_path / str(folder))
        end, seconds, err = press(process, rng, tmp_path / str(folder), number % 2)
        assert end in ("Stopped", "KeyboardInterrupt", "ended"), (end, err)
        stopped, longest = stopped + (end != "ended"), max(longest, seconds)
        if (tmp_path / str(folder) / "manifest.json").exists():
            done, bad = right(tmp_path / str(folder), expected[kind])
            kept, wrong = kept + done, wrong + bad
            folder += done == expected[kind].status.size
    in_folder.durable(pressed.KINDS[kind][0](), tmp_path / str(folder))
    done, bad = right(tmp_path / str(folder), expected[kind])
    assert wrong + bad == 0
    assert done == expected[kind].status.size
    with capsys.disabled():
        print(
            f"\nCtrl-C in a sweep, {kind}: tried {tried}, survived {tried} ({stopped} stopped, "
            f"the slowest {longest:.1f} s after the key; {kept} points compared), lost 0, wrong "
            f"{wrong}"
        )


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["brian", "fused"])
def test_ctrl_c_in_memory_is_never_a_result(engine, capsys):
    times = 50 if jobs.LONG else 4
    said, err = started("memory", engine, times).communicate(timeout=600)
    assert said, err
    interrupted, whole = map(int, said.split())
    assert interrupted + whole == times
    assert interrupted
    with capsys.disabled():
        print(
            f"\nCtrl-C in simulate, {engine}: tried {times}, survived {times} ({interrupted} "
            f"interrupts, {whole} whole before), lost 0, wrong 0"
        )


def test_workers_end_with_the_process_that_asked(tmp_path):
    process = started("brian", tmp_path / "s")
    process.stdout.readline()
    while not (children := children_of(process.pid)) and process.poll() is None:
        time.sleep(0.01)
    time.sleep(1.0)
    children |= children_of(process.pid)
    process.kill()
    process.communicate()
    until = time.monotonic() + 60
    while any(map(alive, children)) and time.monotonic() < until:
        time.sleep(0.05)
    assert not [c for c in children if alive(c)]


def children_of(pid):
    try:
        return {int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()}
    except OSError:
        return set()


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


# ------------------------------------------------------------------------------- shortages


LIMITS = [
    *(("fused", "start", n) for n in (1, 30, 60, 100, 250)),
    *(("fused", "memory", n) for n in (1, 2, 3, 5, 8, 12, 15, 30, 60, 100)),
    *(("fused", "threads", n) for n in range(3)),
    *(("fused", "files", n) for n in (0, 1, 2, 3, 4, 6, 9)),
    *(("brian", "threads", n) for n in range(4)),
    *(("brian", "files", n) for n in (0, 3, 8, 12)),
    *(("brian", "memory", n) for n in (3, 30)),
]


@pytest.mark.slow
def test_a_shortage_is_no_failure(tmp_path, expected, capsys):
    """Nothing is marked that did not run; the message says what is lacking; with more it goes on.

    Of a lack of memory Python itself may die, and says so, or its parser takes the lack for a
    fault of the library that it was reading. Nothing waits for ever. Full disks: test_disk_full.
    """
    short = [("start", 60), ("memory", 8), ("memory", 60), ("threads", 0), ("files", 2)]
    limits = LIMITS if jobs.LONG else [("fused", *x) for x in short]
    ended = wrong = died = 0
    for kind, what, amount in limits:
        folder = tmp_path / f"{kind}{what}{amount}"
        process = started(kind, folder, what, amount)
        try:
            said, err = process.communicate(timeout=120)
        finally:
            process.kill()
        dead = what == "memory" and process.returncode < 0
        last = "MemoryError" if dead else said.splitlines()[-1]
        if what in ("memory", "start") and last.startswith("SyntaxError"):
            last = "MemoryError"
        died += dead
        assert last == "ended" or last.startswith(
            ("Shortage this machine lacks", "OSError cannot", "ImportError", "MemoryError")
        ), (last, err)
        ended += last == "ended"
        if (folder / "manifest.json").exists():
            wrong += right(folder, expected[kind])[1]
        in_folder.durable(pressed.KINDS[kind][0](), folder)
        assert right(folder, expected[kind]) == (expected[kind].status.size, 0)
    assert wrong == 0
    assert ended < len(limits)
    with capsys.disabled():
        print(
            f"\nshortages: tried {len(limits)}, survived {len(limits)} ({len(limits) - ended} "
            f"ended, {died} of them as Python died; {ended} did without), lost 0, wrong {wrong}"
        )


def test_a_pool_that_cannot_have_its_second_thread_fails_and_does_not_wait(monkeypatch):
    started, start = [], threading.Thread.start

    def scarce(thread):
        if started:
            raise RuntimeError("can't start new thread")
        started.append(thread)
        start(thread)

    monkeypatch.setattr(threading.Thread, "start", scarce)
    with pytest.raises(RuntimeError, match="can't start new thread"):
        Workers(1, jobs.law(3))
    assert not started[0].is_alive()


class Scarce(jobs.Law):
    """Lacks memory so many times, or wherever more than one core is asked for."""

    def run(self, system, batch, options):
        left.append(options.threads)
        if len(left) <= self.seconds or (self.seconds < 0 and options.threads != 1):
            raise RuntimeError("an error of the engine's own") from MemoryError("all is used")
        return jobs.Law().run(system, batch, options)


left: list[int] = []


@pytest.mark.parametrize(("times", "ends"), [(1, True), (-1, True), (2, False), (10**6, False)])
def test_what_is_lacking_is_tried_once_more_alone(times, ends, tmp_path):
    left.clear()
    if ends:
        ds = in_folder.durable(jobs.law(20, Scarce(times)), tmp_path / "s", batch=8)
        assert (ds.status == OK).all()
        assert left[:2] == [0, 1]
        return
    with pytest.raises(Shortage, match=r"this machine lacks memory .*what was finished is kept"):
        in_folder.durable(jobs.law(20, Scarce(times)), tmp_path / "s", batch=8)
    assert len(left) == 2
    with pytest.warns(PendingPointsWarning, match="40 of 40"):
        assert (mg.open_sweep(tmp_path / "s").status == PENDING).all()
    with pytest.raises(Shortage):
        in_memory(jobs.law(20, Scarce(10**6)))


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        RuntimeError("can't start new thread"),
        OSError(24, "Too many open files"),
        RuntimeError("Zstd compression error: b'Allocation error : not enough memory'"),
        ImportError("x.so: failed to map segment from shared object"),
        OSError(12, "Cannot allocate memory"),
        BlockingIOError(11, "Resource temporarily unavailable"),
    ],
)
def test_every_shortage_is_known_also_behind_another_error(error):
    assert point_rows.shortage(error)
    outer = ValueError("what Brian2 makes of it")
    outer.__context__ = error
    assert point_rows.shortage(outer)
    for other in (ValueError("x"), OSError(2, "No such file"), RuntimeError("x")):
        assert point_rows.shortage(other) is None


def test_where_libraries_have_no_room_it_says_so_before_anything_runs(monkeypatch, tmp_path):
    """OpenBLAS, which they bring, would wait for memory for ever."""

    def full(*_):
        raise OSError(12, "Cannot allocate memory")

    monkeypatch.setattr(point_rows, "_LIBRARIES", ("colorsys", "no_such_module"))
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    monkeypatch.setattr(point_rows.mmap, "mmap", full)
    for door in (
        lambda: in_folder.durable(jobs.law(3), tmp_path / "s"),
        lambda: in_memory(jobs.law(3)),
    ):
        with pytest.raises(Shortage, match=r"this machine lacks memory: colorsys may need .* MB"):
            door()
    assert "colorsys" not in sys.modules
    assert not (tmp_path / "s").exists()


def test_half_of_an_import_is_no_failure():
    """What could not be imported for lack of memory raises anything the second time."""

    def run(alone):
        raise AttributeError("half of a module") if alone else MemoryError

    with pytest.raises(Shortage, match="lacks memory"):
        point_rows.once_more(run)


class Deadly(jobs.Law):
    """Kills its process where a point is deadly, as a system short of memory does."""

    def run(self, system, batch, options):
        if np.isin(np.round(batch.columns["mg_out"], 9), np.round(self.deadly, 9)).any():
            os.kill(os.getpid(), signal.SIGKILL)
        return jobs.Law().run(system, batch, options)


def test_a_point_that_is_killed_twice_alone_lacked_memory(tmp_path, monkeypatch):
    monkeypatch.setattr(Job, "needs_processes", True)
    monkeypatch.setenv(
        "PYTHONPATH",
        os.pathsep.join([os.path.dirname(jobs.__file__), os.environ.get("PYTHONPATH", "")]),
    )
    with pytest.warns(FailedPointsWarning, match="2 lacked_memory"):
        ds = in_folder.durable(
            jobs.law(4, Deadly(deadly=(0.001,))), tmp_path / "s", batch=4, processes=1
        )
    assert ds.status.values.ravel().tolist() == [0, 0, LACKED, LACKED, 0, 0, 0, 0]
    assert "lacked_memory: the process that ran it was killed" in ds.failures


def test_the_summary_follows_batches_that_are_run_again(tmp_path):
    """One that is damaged runs anew, now without its failures: counts are those of the statuses."""
    folder = tmp_path / "s"
    with pytest.warns(FailedPointsWarning, match="6 failed"):
        in_folder.durable(jobs.law(20, jobs.Law(bad=(0.003, 0.008, 0.011))), folder, batch=4)
    store = Store.open(folder)
    told = {
        "sweep": store.identity,
        "points": 1,
        "other_status": 0,
        "distance": dict.fromkeys(store.frame.measures, 0.0),
    }
    checked_json.write(folder / "half_step.json", "half step", told)
    (folder / "values" / "1.0").unlink()
    with (
        pytest.warns(DamagedWarning, match="computed anew"),
        pytest.warns(FailedPointsWarning, match="4 failed"),
    ):
        ds = in_folder.durable(jobs.law(20), folder)
    kept = repair.summary(Store.open(folder))
    for code, name in STATUS.items():
        assert kept["counts"][name] == int((ds.status == code).sum())
    assert kept["failures"] == ds.failures
    assert [line.split(" ")[1] for line in ds.failures.splitlines()] == ["16", "17", "22", "23"]
    assert not (folder / "half_step.json").exists()


def test_what_another_run_found_before_some_ran_again_is_not_believed(tmp_path, monkeypatch):
    """It writes its summary, or how far it is from half the step, when all is done anew."""
    folder = tmp_path / "s"
    with pytest.warns(FailedPointsWarning, match="4 failed"):
        in_folder.durable(jobs.law(20, jobs.Law(bad=(0.003, 0.011))), folder, batch=4)
    store = Store.open(folder)
    store.done()
    told = {
        "sweep": store.identity,
        "results": store.results,
        "points": 1,
        "other_status": 0,
        "distance": dict.fromkeys(store.frame.measures, 0.0),
    }
    checked_json.write(folder / "half_step.json", "half step", told)
    assert repair.verify(store).good
    assert mg.open_sweep(folder).attrs["half_step_points"] == 1
    late = {name: (folder / name).read_bytes() for name in ("summary.json", "half_step.json")}
    good = in_folder.durable(jobs.law(20), folder, rerun_failed=True)
    for name, content in late.items():
        (folder / name).write_bytes(content)
    with pytest.warns(
        DamagedWarning, match=r"half_step.json is that of results .* anew since; sum"
    ):
        xr.testing.assert_identical(mg.open_sweep(folder), good)
    assert set(repair.verify(Store.open(folder)).files) == set(late)
    with pytest.warns(DamagedWarning, match=r"summary.json is that of results .* written anew"):
        xr.testing.assert_identical(in_folder.durable(jobs.law(20), folder), good)
    assert repair.verify(Store.open(folder)).good
    assert not (folder / "half_step.json").exists()


def test_what_failed_runs_again_when_asked(tmp_path, capsys, monkeypatch):
    """In Python and by ``repair --failed``; what is good stays as it is."""
    bad = jobs.law(20, jobs.Law(bad=(0.003, 0.011)))
    with pytest.warns(FailedPointsWarning, match="4 failed"):
        in_folder.durable(bad, tmp_path / "s", batch=4)
    marks = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "s" / "done").glob("[0-9]*")}
    assert (in_folder.durable(jobs.law(20), tmp_path / "s").status == FAILED).sum() == 4
    ds = in_folder.durable(jobs.law(20), tmp_path / "s", rerun_failed=True)
    assert np.array_equal(ds.mean_v, in_memory(jobs.law(20)).mean_v)
    assert "failures" not in ds.attrs
    assert repair.verify(Store.open(tmp_path / "s")).good
    again = {p.name: p.stat().st_mtime_ns for p in (tmp_path / "s" / "done").glob("[0-9]*")}
    assert sum(again[n] != marks[n] for n in marks) == 2

    with pytest.warns(FailedPointsWarning):
        in_folder.durable(bad, tmp_path / "t", batch=4)
    assert cli.main(["sweep", "repair", str(tmp_path / "t"), "--failed"]) == cli.FAILED
    assert "by the same sweep again, with rerun_failed=True" in capsys.readouterr().err
    monkeypatch.setattr(sweep_jobs, "again", lambda store: jobs.law(20))
    assert cli.main(["sweep", "repair", str(tmp_path / "t")]) == cli.GOOD
    assert (mg.open_sweep(tmp_path / "t").status == FAILED).sum() == 4
    assert cli.main(["sweep", "repair", str(tmp_path / "t"), "--failed"]) == cli.GOOD
    assert "10 of 10 batches are whole" in capsys.readouterr().out
    assert (mg.open_sweep(tmp_path / "t").status == OK).all()
    with pytest.raises(ValueError, match="rerun_failed= needs out="):
        mg.sweep(mg.models["tonic"], mg.protocols["rest"], rerun_failed=True)


def test_every_status_is_told():
    table = (Path(__file__).parents[2] / "docs" / "sweeps.md").read_text()
    for code, word in STATUS.items():
        assert f"| {code} {word}" in table
    assert set(UNFINISHED) == {FAILED, CRASHED, LACKED}
