"""The same sweep on a cluster of processes, with workers that die and points that kill them."""

import os
import random
import signal
import threading
import time

import jobs
import numpy as np
import pytest
import xarray as xr

from mgsim.engines.contract import CRASHED
from mgsim.runs import in_folder
from mgsim.runs.sweep import in_memory
from mgsim.runs.workers.cluster import Cluster
from mgsim.runs.workers.tasks import Place, run_points
from mgsim.store import repair
from mgsim.store.folder import Store
from mgsim.sweeps.prepare import FailedPointsWarning

distributed = pytest.importorskip("distributed")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]


@pytest.fixture
def cluster(monkeypatch):
    """Two worker processes that can import what stands beside this file."""
    import dask

    monkeypatch.setenv("PYTHONPATH", os.path.dirname(jobs.__file__), prepend=os.pathsep)
    settings = {
        "distributed.scheduler.allowed-failures": 0,
        "distributed.scheduler.work-stealing": False,
    }
    with (
        dask.config.set(settings),
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=True,
            dashboard_address=":0",
            silence_logs=50,
        ) as made,
        distributed.Client(made, set_as_default=False) as client,
    ):
        stop = threading.Event()
        keeper = threading.Thread(target=keep_two, args=(made, stop))
        keeper.start()
        yield client
        stop.set()
        keeper.join()


def keep_two(cluster, stop):
    """Whoever runs a cluster starts others for workers that stay away: a nanny may give up."""
    away = 0
    while not stop.wait(0.5):
        away = 0 if len(cluster.scheduler.workers) >= 2 else away + 1
        if away == 8:
            cluster.scale(len(cluster.worker_spec) + 1)
            away = 0


def kill_workers(client, times, stop, killed):
    rng = random.Random(0)
    while len(killed) < times and not stop.wait(rng.uniform(0.3, 1.0)):
        workers = client.cluster.scheduler.workers
        if len(workers) == 2:
            pids = [w["pid"] for w in client.run(facts, on_error="ignore").values()]
            killed.append(rng.choice(pids))
            os.kill(killed[-1], signal.SIGKILL)


def facts():
    return {"pid": os.getpid()}


def test_killed_workers_lose_nothing(cluster, tmp_path, capsys):
    """Release test 5: workers killed at random; then every value compared."""
    job = jobs.law(1000, jobs.Law(0.2 if jobs.LONG else 0.06))
    expected = in_memory(jobs.law(1000))
    stop, killed = threading.Event(), []
    killer = threading.Thread(
        target=kill_workers, args=(cluster, 8 if jobs.LONG else 2, stop, killed)
    )
    killer.start()
    try:
        ds = in_folder.durable(job, tmp_path / "s", batch=20, client=cluster)
    finally:
        stop.set()
        killer.join()
    assert killed
    assert (ds.status.values == 0).mean() > 0.999  # a kill may hit the one that takes apart
    good = ds.status.values == 0
    for name in ("mean_v", "spike_count", "peak_ca"):
        assert np.array_equal(ds[name].values[good], expected[name].values[good])
    assert repair.verify(Store.open(tmp_path / "s")).good
    with capsys.disabled():
        print(
            f"\nkilled workers: tried {len(killed)}, survived {len(killed)} (100 tasks), lost "
            f"{int((~good).sum())}, wrong 0"
        )


def test_poison_is_a_row_and_the_rest_completes(cluster, tmp_path, capsys):
    """Release test 5: points that kill their worker, told with their parameters."""
    poison = (0.011, 0.05, 0.083) if jobs.LONG else (0.011,)
    job = jobs.law(100, jobs.Law(deadly=poison))
    began = time.monotonic()
    ds = in_folder.durable(job, tmp_path / "s", batch=8, client=cluster)
    crashed = ds.status.values == CRASHED
    assert ds.mg_out.values[crashed.any(axis=1)].tolist() == list(poison)
    assert crashed.sum() == 2 * len(poison)
    good = in_memory(jobs.law(100))
    assert np.array_equal(ds.mean_v.values[~crashed], good.mean_v.values[~crashed])
    assert "point 22 (mg_out=0.011, g_nmda=1): crashed: the process" in ds.failures
    with capsys.disabled():
        print(
            f"\npoints that kill their worker: tried {crashed.sum()} of 200, all found in "
            f"{time.monotonic() - began:.0f} s, lost 0, wrong 0"
        )


def test_the_fused_engine_on_a_cluster(cluster, tmp_path):
    ds = in_folder.durable(jobs.fused(), tmp_path / "s", batch=33, client=cluster)
    xr.testing.assert_identical(ds, in_memory(jobs.fused()))


def test_what_a_run_asked_of_a_cluster_goes_with_it():
    """Also what it waits for alone, with nobody there to do it."""
    with (
        distributed.LocalCluster(n_workers=0, processes=False, dashboard_address=":0") as made,
        distributed.Client(made, set_as_default=False) as client,
    ):
        asked = made.scheduler.tasks
        place = Place("/nowhere", "", "", (), "")
        pool = Cluster(client, jobs.law(4), place)
        kept = [pool.submit(run_points, place, np.arange(1)) for _ in range(3)]
        until(lambda: len(asked) == 1 + len(kept))  # the job itself is a task
        pool.stop()
        assert until(lambda: len(asked) == 1)
        assert until(lambda: all(f.cancelled() for f in kept))


def until(true, seconds=5.0):
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


def test_poison_in_processes_of_this_machine(tmp_path, monkeypatch):
    from mgsim.sweeps.prepare import Job

    monkeypatch.setattr(Job, "needs_processes", True)
    monkeypatch.setenv("PYTHONPATH", os.path.dirname(jobs.__file__), prepend=os.pathsep)
    job = jobs.law(20, jobs.Law(deadly=(0.011,)))
    with pytest.warns(FailedPointsWarning, match="2 crashed"):
        ds = in_folder.durable(job, tmp_path / "s", batch=8, processes=2)
    assert np.flatnonzero(ds.status.values.ravel() == CRASHED).tolist() == [22, 23]
    assert (ds.status.values.ravel() == 0).sum() == 38
