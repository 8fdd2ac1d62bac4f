"""Full disks, flipped bits, truncated and deleted files."""

import os
import random
import shutil
import subprocess
import sys

import jobs
import numpy as np
import pytest
import xarray as xr

import mgsim as mg
from mgsim.sweeps import mend, runner, sealed
from mgsim.sweeps.run import in_memory
from mgsim.sweeps.store import Store


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """A finished store of 100 batches, and what it holds."""
    folder = tmp_path_factory.mktemp("damage") / "s"
    return folder, runner.durable(jobs.law(1000), folder, batch=20)


def files(folder):
    return [p for name in ("values", "status", "failed_at", "done")
            for p in sorted((folder / name).glob("[0-9]*"))]


def damage(path, how, rng):
    content = bytearray(path.read_bytes())
    if how == "flip":
        place = rng.randrange(8 * len(content))
        content[place // 8] ^= 1 << place % 8
        path.write_bytes(content)
    elif how == "cut":
        path.write_bytes(content[: rng.randrange(len(content))])
    else:
        path.unlink()


def test_verify_finds_every_damage(whole, capsys):
    """Release test 3: 200 flips, 100 truncations, 100 deletions."""
    folder, _ = whole
    store, rng = Store.open(folder), random.Random(1)
    assert mend.verify(store).good
    found = {"flip": 0, "cut": 0, "delete": 0}
    for how, times in (("flip", 200), ("cut", 100), ("delete", 100)):
        for path in rng.choices(files(folder), k=times):
            kept = path.read_bytes()
            damage(path, how, rng)
            found[how] += store.fault(int(path.name.split(".")[0])) is not None
            path.write_bytes(kept)
    assert found == {"flip": 200, "cut": 100, "delete": 100}
    assert mend.verify(store).good
    with capsys.disabled():
        print(f"\ndamage found: {found} of 200, 100, 100")


def test_repair_runs_what_is_damaged_and_nothing_else(whole, tmp_path, capsys):
    folder, expected = whole
    rng = random.Random(2)
    shutil.copytree(folder, tmp_path / "s")
    hit = rng.sample(files(tmp_path / "s"), 30)
    for path, how in zip(hit, ["flip", "cut", "delete"] * 10, strict=True):
        damage(path, how, rng)
    batches = {int(p.name.split(".")[0]) for p in hit}
    before = {p: p.stat().st_mtime_ns for p in files(tmp_path / "s")}
    report = mend.take_out(Store.open(tmp_path / "s"))
    assert set(report.faults) == batches
    xr.testing.assert_identical(runner.durable(jobs.law(1000), tmp_path / "s"), expected)
    after = {p: p.stat().st_mtime_ns for p in files(tmp_path / "s")}
    moved = {int(p.name.split(".")[0]) for p in after if after[p] != before.get(p)}
    assert moved == batches
    assert mend.verify(Store.open(tmp_path / "s")).good
    with capsys.disabled():
        print(f"\nrepair: 30 files damaged, {len(batches)} batches found and run again, "
              f"{100 - len(batches)} left alone")


@pytest.mark.parametrize("name", ["values", "done"])
def test_metadata_are_written_anew(whole, tmp_path, name):
    folder, expected = whole
    shutil.copytree(folder, tmp_path / "s")
    text = (tmp_path / "s" / name / "zarr.json").read_bytes()
    for broken in (text[:100], b"", text.replace(b'"."', b'","')):
        (tmp_path / "s" / name / "zarr.json").write_bytes(broken)
        with pytest.raises(sealed.Damaged, match="mgsim sweep repair"):
            mg.open_sweep(tmp_path / "s")
        assert mend.take_out(Store.open(tmp_path / "s")).arrays
        assert mend.verify(Store.open(tmp_path / "s")).good
    xr.testing.assert_identical(mg.open_sweep(tmp_path / "s"), expected)


def test_a_damaged_manifest_is_told(whole, tmp_path):
    folder, _ = whole
    shutil.copytree(folder, tmp_path / "s")
    path = tmp_path / "s" / "manifest.json"
    text = path.read_text()
    for broken in ("", "{}", "[]", "[" * 100_000, text[:-20], text.replace("20", "21", 1)):
        path.write_text(broken)
        with pytest.raises(sealed.Damaged, match="damaged"):
            mg.open_sweep(tmp_path / "s")
    path.unlink()
    with pytest.raises(ValueError, match="holds no sweep"):
        mg.open_sweep(tmp_path / "s")


def mounted(folder, kilobytes):
    """A file system of so many kB, or None where one may not mount."""
    folder.mkdir()
    done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", folder],
                          capture_output=True, check=False) if shutil.which("mount") else None
    return done is not None and done.returncode == 0


def run_until_full(folder):
    """The words of the error, or None where everything fitted."""
    try:
        runner.durable(jobs.law(1000), folder, batch=20)
    except OSError as error:
        return str(error)
    return None


@pytest.mark.skipif(sys.platform != "linux", reason="mounts a small tmpfs")
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
                    assert np.array_equal(ds[name].values[done], expected[name].values[done],
                                          equal_nan=True)
                assert not mend.verify(Store.open(place / "s")).faults
            subprocess.run(["mount", "-o", "remount,size=20m", place], check=True)
            ds = runner.durable(jobs.law(1000), place / "s", batch=20)
            for name in expected.data_vars:
                xr.testing.assert_equal(ds[name], expected[name])
            assert not list((place / "s").rglob("*.partial"))
        finally:
            subprocess.run(["umount", place], check=True)
    assert stopped > 2
    with capsys.disabled():
        print(f"\ndisk full: {len(limits)} limits, {stopped} stopped, {whole} fitted; nothing "
              "wrong marked done; all went on to the end")


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(OSError, match="file"):
        runner.durable(jobs.law(10), tmp_path / "file" / "s")
    assert os.listdir(tmp_path) == ["file"]
