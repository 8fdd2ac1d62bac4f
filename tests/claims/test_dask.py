"""A claim judged by the workers of a cluster, from the command line."""

import json

import pytest

from mgsim import cli

distributed = pytest.importorskip("distributed")


@pytest.fixture
def scheduler(tmp_path):
    """The file of a scheduler with two workers in this process."""
    path = tmp_path / "scheduler.json"
    with (
        distributed.LocalCluster(
            n_workers=2,
            threads_per_worker=1,
            processes=False,
            protocol="tcp",
            dashboard_address=":0",
            silence_logs=50,
        ) as made,
        distributed.Client(made, set_as_default=False) as client,
    ):
        client.write_scheduler_file(str(path))
        yield path


def test_a_cluster_judges_as_one_process_does(scheduler, tmp_path, capsys):
    """Draws, controls and half the step give the same result to the last digit."""
    command = f"claims run mg_voltage_block --draws 16 --quick --json --out {tmp_path / 'out'}"
    told = []
    for more in ("", f"-1 --dask {scheduler}"):
        assert cli.main(f"{command}{more}".split()) == cli.GOOD
        told.append(json.loads(capsys.readouterr().out)[0])
    here, there = told
    assert here["cost"].pop("model_seconds") == there["cost"].pop("model_seconds")
    for one in told:
        assert one.pop("cost")["cpu_minutes"] > 0
        assert one.pop("checksum")  # of the cost too
    assert there == here
    assert any((tmp_path / "out-1").glob("*/"))
