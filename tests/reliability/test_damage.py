"""Full disks, flipped bits, truncated and deleted files."""

import csv
import os
import random
import shutil
import subprocess
import sys
import warnings

import jobs
import numpy as np
import pytest
import xarray as xr

import mgsim as mg
from mgsim import cli
from mgsim.runs import in_folder
from mgsim.runs.sweep import in_memory
from mgsim.store import checked_json, opening, repair
from mgsim.store.export import export
from mgsim.store.folder import DamagedWarning, Store


@pytest.fixture(scope="module")
def job():
    """2000 points; as a rule 200."""
    return jobs.law(1000 if jobs.LONG else 100)


@pytest.fixture(scope="module")
def whole(tmp_path_factory, job):
    """A finished store of batches of 20, and what it holds."""
    folder = tmp_path_factory.mktemp("damage") / "s"
    return folder, in_folder.durable(job, folder, batch=20)


def of_batches(folder):
    return [
        p
        for name in ("values", "status", "failed_at", "done")
        for p in sorted((folder / name).glob("[0-9]*"))
    ]


def others(folder):
    return sorted(
        p
        for p in folder.rglob("*")
        if p.is_file() and not p.name.startswith("lock") and p not in of_batches(folder)
    )


HOW = ("flip", "cut", "delete", "empty", "swap")


def damage(path, how, rng):
    """Damage a file; a swap is with another of its kind."""
    content = bytearray(path.read_bytes())
    if how == "flip":
        place = rng.randrange(8 * len(content))
        content[place // 8] ^= 1 << place % 8
        path.write_bytes(content)
    elif how == "cut":
        path.write_bytes(content[: rng.randrange(len(content))])
    elif how == "empty":
        path.write_bytes(b"")
    elif how == "delete":
        path.unlink()
    else:
        alike = (
            [
                p
                for p in path.parent.glob(pattern)
                if p.read_bytes() != content
                and (p.name == "zarr.json") == (path.name == "zarr.json")
            ]
            for pattern in (f"*{path.suffix}", f"../*/{path.name}", f"*/{path.name}", "../*.json")
        )
        other = rng.choice(sorted(next(filter(None, alike))))
        path.write_bytes(other.read_bytes())
        other.write_bytes(content)


def number(path):
    return int(path.name.split(".")[0])


def same(folder, expected):
    """Opening says nothing, and nothing is wrong."""
    xr.testing.assert_identical(mg.open_sweep(folder), expected)
    assert repair.verify(Store.open(folder)).good


def right_or_pending(ds, expected):
    """How many points have no value; every other has its own."""
    done = ds.status.values >= 0
    for name in expected.data_vars:
        assert np.array_equal(ds[name].values[done], expected[name].values[done], equal_nan=True)
    assert np.isnan(ds.mean_v.values[~done]).all()
    return int((~done).sum())


def test_every_damage_of_a_batch_is_noticed_by_whoever_reads_it(whole, tmp_path, capsys):
    """Release test 3, for opening as well as for verify: 0 of any kind reads as a value."""
    folder, expected = tmp_path / "s", whole[1]
    shutil.copytree(whole[0], folder)
    rng, found = random.Random(1), dict.fromkeys(HOW, 0)
    times = {"flip": 120, "cut": 60, "delete": 60, "empty": 60, "swap": 100}
    if not jobs.LONG:
        times = dict.fromkeys(HOW, 6)
    for how, n in times.items():
        for path in rng.choices(of_batches(folder), k=n):
            before = {p: p.read_bytes() for p in of_batches(folder)}
            damage(path, how, rng)
            with pytest.warns(DamagedWarning, match="batches are missing or damaged"):
                ds = mg.open_sweep(folder)
            assert right_or_pending(ds, expected) in (20, 40)
            store = Store.open(folder)
            assert store.fault(number(path)) is not None
            found[how] += number(path) in repair.verify(store).faults
            for other, content in before.items():
                other.write_bytes(content)
    assert found == times
    same(folder, expected)
    with capsys.disabled():
        print(
            f"\ndamaged batches: tried {sum(times.values())}, noticed {sum(found.values())} "
            f"({found}), lost 0, wrong 0"
        )


def test_status_notices_what_is_missing_or_has_another_size(whole, tmp_path, capsys):
    folder = tmp_path / "s"
    shutil.copytree(whole[0], folder)
    for place in ("values/3.0", "status/4", "failed_at/5", "done/6.json"):
        (folder / place).unlink()
    (folder / "values" / "7.0").write_bytes(b"")
    (folder / "done" / "8.json").write_bytes((folder / "done" / "9.json").read_bytes())
    n = Store.open(folder).n_batches
    assert cli.main(["sweep", "status", str(folder)]) == cli.FAILED
    said = capsys.readouterr()
    assert f"{n - 6} of {n} batches, {20 * (n - 6):,} of {20 * n:,} points done" in said.out
    assert f"6 of {n} batches are missing or damaged" in said.err
    with pytest.warns(DamagedWarning, match=f"6 of {n}"):
        export(Store.open(folder), tmp_path / "x.csv")
    status = [r["status"] for r in csv.DictReader((tmp_path / "x.csv").read_text().splitlines())]
    assert (len(status), status.count("pending")) == (20 * n, 20 * 6)
    assert cli.main(["sweep", "export", str(folder), str(tmp_path / "x.nc")]) == cli.FAILED
    assert f"6 of {n} batches" in capsys.readouterr().err


def test_lazy_data_notice_too(whole, tmp_path, monkeypatch):
    monkeypatch.setattr(opening, "_PIECE", 100)
    folder, expected = tmp_path / "s", whole[1]
    shutil.copytree(whole[0], folder)
    swap = (folder / "values" / "3.0"), (folder / "values" / "9.0")
    contents = [p.read_bytes() for p in swap]
    for path, content in zip(swap, reversed(contents), strict=True):
        path.write_bytes(content)
    ds = mg.open_sweep(folder, lazy=True)
    with pytest.warns(DamagedWarning, match=r"[12] of \d+ batches"):
        ds = ds.load()
    assert right_or_pending(ds, expected) == 40


@pytest.mark.filterwarnings("ignore::mgsim.store.folder.DamagedWarning")
def test_the_same_command_mends_what_is_too_large_to_be_read_at_once(
    whole, job, tmp_path, monkeypatch
):
    """Without its summary, with it, and with a batch whose values are another's."""
    folder, expected = tmp_path / "s", whole[1]
    shutil.copytree(whole[0], folder)
    monkeypatch.setattr(opening, "_LAZY", 0)
    monkeypatch.setattr(opening, "_PIECE", 100)
    for path in (folder / "summary.json", None):
        if path:
            path.unlink()
        (folder / "values" / "3.0").write_bytes((folder / "values" / "4.0").read_bytes())
        assert repair.verify(Store.open(folder)).faults
        ds = in_folder.durable(job, folder)
        assert ds.mean_v.chunks is not None
        assert repair.verify(Store.open(folder)).good
        xr.testing.assert_identical(ds.load(), expected)


def test_the_same_command_mends_and_runs_what_is_damaged_and_nothing_else(
    whole, job, tmp_path, capsys
):
    folder, expected = tmp_path / "s", whole[1]
    rng = random.Random(2)
    shutil.copytree(whole[0], folder)
    hit = rng.sample(of_batches(folder), 30 if jobs.LONG else 5)
    for place, path in enumerate(hit):
        damage(path, HOW[place % 4], rng)
    batches = {number(p) for p in hit}
    before = {p: p.stat().st_mtime_ns for p in of_batches(folder)}
    assert set(repair.verify(Store.open(folder)).faults) == batches
    with pytest.warns(DamagedWarning, match="computed anew"):
        xr.testing.assert_identical(in_folder.durable(job, folder), expected)
    after = {p: p.stat().st_mtime_ns for p in of_batches(folder)}
    assert {number(p) for p in after if after[p] != before.get(p)} == batches
    same(folder, expected)
    with capsys.disabled():
        print(
            f"\nmended: {len(hit)} files damaged, {len(batches)} batches found and run again, "
            "the others left alone"
        )


def test_every_other_file_is_noticed_and_mended_by_the_same_command(whole, job, tmp_path, capsys):
    """Manifest, its copy, summary, axes, records of runs, metadata: none loses a batch."""
    folder, expected = tmp_path / "s", whole[1]
    shutil.copytree(whole[0], folder)
    rng, tried = random.Random(7), dict.fromkeys(HOW, 0)
    files = others(folder)
    assert {p.parent.name for p in files} >= {"s", "runs", "mg_out", "g_nmda", "axes", "values"}
    left = {p: p.stat().st_mtime_ns for p in of_batches(folder)}
    for path in files:
        for how in HOW * 2 if jobs.LONG else rng.sample(HOW, 1):
            if how == "swap" and path.parent.name in ("runs", "mg_out", "g_nmda"):
                continue  # nothing of its kind
            damage(path, how, rng)
            report = repair.verify(Store.open(folder))
            assert str(path.relative_to(folder)).removesuffix("/0") in report.files
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                xr.testing.assert_identical(in_folder.durable(job, folder), expected)
            same(folder, expected)
            tried[how] += 1
    assert {p: p.stat().st_mtime_ns for p in of_batches(folder)} == left
    n = sum(tried.values())
    with capsys.disabled():
        print(f"\nother files: tried {n} ({tried}), noticed {n}, mended {n}, lost 0, wrong 0")


@pytest.mark.parametrize(
    "name",
    [
        "axes/mg_out/0",
        "axes/g_nmda/zarr.json",
        "summary.json",
        "manifest.json",
        "manifest.copy.json",
        "values/zarr.json",
    ],
)
@pytest.mark.parametrize("how", ["delete", "flip"])
def test_readers_notice_what_stands_beside_the_batches(whole, tmp_path, name, how, capsys):
    folder, expected = tmp_path / "s", whole[1]
    shutil.copytree(whole[0], folder)
    damage(folder / name, how, random.Random(3))
    if name == "axes/mg_out/0":
        with pytest.raises(
            checked_json.Damaged, match=r"axes/mg_out is missing or damaged; .*repair"
        ):
            mg.open_sweep(folder)
    else:
        with pytest.warns(DamagedWarning, match="makes it good"):
            xr.testing.assert_identical(mg.open_sweep(folder), expected)
    assert cli.main(["sweep", "status", str(folder)]) == cli.FAILED
    assert name.removesuffix("/0") in capsys.readouterr().err
    assert cli.main(["sweep", "verify", str(folder)]) == cli.FAILED
    assert name.removesuffix("/0") in capsys.readouterr().out


def mounted(folder, kilobytes):
    """A file system of so many kB, or None where one may not mount."""
    folder.mkdir()
    done = (
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", folder],
            capture_output=True,
            check=False,
        )
        if shutil.which("mount")
        else None
    )
    return done is not None and done.returncode == 0


def run_until_full(folder):
    """The words of the error, or None where everything fitted."""
    try:
        in_folder.durable(jobs.law(1000), folder, batch=20)
    except OSError as error:
        return str(error)
    return None


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small tmpfs")
@pytest.mark.filterwarnings("ignore::mgsim.store.folder.DamagedWarning")  # what a start lacks
@pytest.mark.filterwarnings("ignore::mgsim.store.folder.PendingPointsWarning")
def test_disk_full(tmp_path, capsys):
    """Release test 2: nothing wrong is marked done, the message names the path, resume works."""
    expected = in_memory(jobs.law(1000))
    limits = np.linspace(30, 2400, 20 if jobs.LONG else 8).astype(int)
    stopped = whole = 0
    for number, limit in enumerate(limits):
        place = tmp_path / f"disk{number}"
        if not mounted(place, limit):
            pytest.skip("may not mount a tmpfs")
        try:
            words = run_until_full(place / "s")
            assert words is None or f"cannot write to {place / 's'}" in words
            stopped += words is not None
            whole += words is None
            if (place / "s" / "manifest.json").exists():
                ds = mg.open_sweep(place / "s")
                done = ds.status.values >= 0
                for name in expected.data_vars:
                    assert np.array_equal(
                        ds[name].values[done], expected[name].values[done], equal_nan=True
                    )
                assert not repair.verify(Store.open(place / "s")).faults
            subprocess.run(["mount", "-o", "remount,size=20m", place], check=True)
            ds = in_folder.durable(jobs.law(1000), place / "s", batch=20)
            for name in expected.data_vars:
                xr.testing.assert_equal(ds[name], expected[name])
            assert not list((place / "s").rglob("*.partial"))
        finally:
            subprocess.run(["umount", place], check=True)
    assert stopped > 2
    with capsys.disabled():
        n = len(limits)
        print(
            f"\ndisk full: tried {n}, survived {n} ({stopped} stopped, {whole} fitted), lost 0, "
            "wrong 0"
        )


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        in_folder.durable(jobs.law(10), tmp_path / "file" / "s")
    assert os.listdir(tmp_path) == ["file"]
