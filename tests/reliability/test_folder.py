"""Whose a folder is: nothing of anyone's is removed, and nothing that was sent is run."""

import errno
import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import warnings
from contextlib import contextmanager
from pathlib import Path

import jobs
import numpy as np
import pytest
import xarray as xr

import mgsim as mg
from mgsim import cli
from mgsim.cli import jobs as sweep_jobs
from mgsim.files import locks
from mgsim.runs import half_step, in_folder
from mgsim.runs.sweep import in_memory
from mgsim.store import checked_json, ownership, repair
from mgsim.store.description import manifest as manifests
from mgsim.store.description.manifest import NAMES, NotASweep
from mgsim.store.folder import DamagedWarning, Moved, Store
from mgsim.sweeps.prepare import prepare

TOML = (
    'model = "cell"\nprotocol = "current_step"\nmeasures = ["mean_v"]\nduration = 20\n'
    "[set]\nstep_start = 5\nstep_stop = 15\n[axes]\ni_amp = [100, 1e15, 200, 1e16]\n"
)


def everything(folder):
    return {
        str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None
        for p in sorted(folder.rglob("*"))
    }


def refused(folder, match, job=None):
    """The folder is refused in these words, and nothing in it changes."""
    before = everything(folder)
    with pytest.raises((NotASweep, checked_json.Damaged), match=match):
        in_folder.durable(job or jobs.law(3), folder)
    assert everything(folder) == before


# ----------------------------------------------------------------------------- who is told


def test_what_is_told_of_a_folder_points_at_the_line_that_asked(tmp_path, monkeypatch):
    """Not into mgsim: so says Python's own filter, which shows a warning once a line."""
    what = mg.models["cell"], mg.protocols["current_step"].lasting(20, (0, 20))
    given = {"i_amp": [100, 1e15], "step_start": 5, "step_stop": 15, "out": tmp_path / "s"}

    def refuse(*_):
        raise PermissionError(errno.EROFS, "Read-only file system")

    def first():
        pass

    def manifests_gone():
        for name in NAMES:
            (tmp_path / "s" / name).unlink()

    def read_only():
        (tmp_path / "s" / NAMES[0]).unlink()
        monkeypatch.setattr(repair, "files", refuse)

    for harm, words in (
        (first, "diverged"),
        (lambda: (tmp_path / "s" / NAMES[1]).unlink(), "made good"),
        (lambda: (tmp_path / "s" / "values" / "0.0").unlink(), "computed anew"),
        (manifests_gone, "written anew"),
        (read_only, "cannot be made good"),
    ):
        harm()
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            mg.sweep(*what, mg.measures["mean_v"], **given)
        told = [w for w in caught if words in str(w.message)]
        assert told, (words, [str(w.message) for w in caught])
        assert {w.filename for w in told} == {__file__}, words


# ------------------------------------------------------------------------------ whose files


@pytest.mark.parametrize("name", ["half_step.json", "summary.json", "manifest.json", "lock"])
def test_a_folder_in_the_place_of_a_file_is_refused_in_a_line(tmp_path, name, capsys):
    """By every command, and what is in it stays."""
    in_folder.durable(jobs.law(3), tmp_path / "s")
    (tmp_path / "s" / name).unlink(missing_ok=True)
    (tmp_path / "s" / name).mkdir()
    (tmp_path / "s" / name / "thesis.txt").write_text("mine")
    refused(tmp_path / "s", f"{name} is a folder, where a sweep has a file; .* move it away")
    for verb in ("status", "verify", "repair"):
        assert cli.main(["sweep", verb, str(tmp_path / "s")]) == cli.BAD
        assert f"{name} is a folder" in capsys.readouterr().err
    shutil.rmtree(tmp_path / "s" / name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DamagedWarning)
        in_folder.durable(jobs.law(3), tmp_path / "s")


@pytest.mark.parametrize(
    "names",
    [
        ["runs/data.csv", "values/thesis.txt"],
        ["axes/mine/0"],
        ["done/0.json"],
        ["summary.json"],
        ["lock"],
        ["zarr.json"],
        ["values/zarr.json"],
        [".hidden"],
        ["reasons/x"],
        ["x.partial/thesis.txt"],
        ["values/0.0"],
        ["lock.start"],
    ],
)
def test_a_folder_with_anyones_files_is_refused_by_name(tmp_path, names):
    """Also where they have the names that a sweep's own would have."""
    for name in names:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("mine")
    refused(tmp_path, f"holds other things .*{names[0].split('/')[0]}")
    with pytest.raises(NotASweep):
        mg.open_sweep(tmp_path)


class Dead(BaseException):
    """What a process that was killed does next: nothing."""


def killed_at(monkeypatch, operation, run):
    """Run until the n-th thing that would change the disk; whether it came so far."""
    count = 0

    def stopping(real):
        def call(*args, **kwargs):
            nonlocal count
            count += 1
            if count > operation:
                raise Dead
            return real(*args, **kwargs)

        return call

    with monkeypatch.context() as patch:
        for name in ("mkdir", "rmdir", "unlink", "replace"):
            patch.setattr(Path, name, stopping(getattr(Path, name)))
        patch.setattr(os, "fsync", stopping(os.fsync))
        try:
            run()
        except BaseException as error:  # the error of a thread may wrap it
            if not isinstance(error, Dead) and not isinstance(error.__context__, Dead):
                raise
            return True
    return False


@pytest.mark.filterwarnings("ignore::mgsim.store.folder.DamagedWarning")
def test_a_start_that_is_killed_anywhere_is_taken_up_by_the_same_sweep_or_another(
    tmp_path, monkeypatch, capsys
):
    this, other, operation = jobs.law(3), jobs.fused(8), 0
    rng, folder = random.Random(0), tmp_path / "0"
    while killed_at(monkeypatch, operation, lambda f=folder: in_folder.start(this, f)):
        if (folder / NAMES[0]).exists():  # all is there but the copy
            store = in_folder.start(this, folder)
        else:
            killed_at(monkeypatch, rng.randrange(12), lambda f=folder: in_folder.start(other, f))
            if not ownership.begun(folder):
                store = in_folder.start(other, folder)
        assert repair.verify(store).good
        operation += 1
        folder = tmp_path / str(operation)
    assert operation > 20
    with capsys.disabled():
        print(f"\nstart killed: tried {operation}, survived {operation}, lost 0, wrong 0")


def killed_start(monkeypatch, folder):
    """A start to which only the manifests are lacking."""

    def dead(*_):
        raise Dead

    with monkeypatch.context() as patch:
        patch.setattr(manifests, "save", dead)
        with pytest.raises(Dead):
            in_folder.start(jobs.law(3), folder)
    assert (folder / "axes" / "mg_out" / "0").exists()
    assert not ownership.begun(folder)


@pytest.mark.parametrize(
    "name",
    [
        "values/thesis.txt",
        "mine.txt",
        "axes/mg_out/notes",
        "runs/x.csv",
        "done/0.json",
        "values/0.0",
        "axes/other/0",
        "values/zarr.json",
    ],
)
def test_what_is_put_into_a_start_that_was_killed_is_refused_by_name(tmp_path, monkeypatch, name):
    killed_start(monkeypatch, tmp_path / "s")
    (tmp_path / "s" / name).parent.mkdir(exist_ok=True)
    (tmp_path / "s" / name).write_text("mine")
    refused(tmp_path / "s", f"holds other things .*{name}")


def test_orphans_are_known_by_their_names(tmp_path):
    in_folder.durable(jobs.law(3), tmp_path / "s", batch=2)
    mine = [
        tmp_path / "s" / n
        for n in ("x.partial", "values/0.0.partial", "mine/a.partial", f"mine/0.{'0' * 32}.partial")
    ]
    (tmp_path / "s" / "mine").mkdir()
    orphan = tmp_path / "s" / "values" / f"0.0.{'0' * 32}.partial"
    for path in (*mine, orphan):
        path.write_text("")
    (tmp_path / "s" / "done" / "0.json").unlink()
    with pytest.warns(DamagedWarning, match="mark missing.*computed anew"):
        in_folder.durable(jobs.law(3), tmp_path / "s")
    assert [p.exists() for p in (*mine, orphan)] == [True] * 4 + [False]


def test_what_another_run_renames_while_it_is_looked_at_hides_nothing_else(tmp_path, monkeypatch):
    """A file that is being written is listed, and has another name when its size is asked."""
    in_folder.durable(jobs.law(3), tmp_path, batch=np.int64(2))
    store, scandir = Store.open(tmp_path), os.scandir

    @contextmanager
    def listed(path):
        part = Path(path) / f"9.{'a' * 32}.partial"
        part.touch()
        with scandir(path) as entries:
            found = list(entries)
        part.unlink()
        yield iter(found)

    monkeypatch.setattr(os, "scandir", listed)
    assert store.done().all()
    assert not store.noticed


@pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")
def test_only_the_first_of_two_runs_removes_what_killed_ones_left(tmp_path):
    """The second would take away what the first is writing, and go through its batches with it."""
    in_folder.durable(jobs.law(3), tmp_path)
    writing = tmp_path / "values" / f"0.0.{'a' * 32}.partial"
    writing.touch()
    with ownership.held(tmp_path) as alone:
        assert alone
        assert not writing.exists()
        writing.touch()
        with ownership.held(tmp_path) as second:
            assert not second
            assert writing.exists()


@pytest.mark.filterwarnings("ignore::mgsim.store.folder.DamagedWarning")
def test_what_is_put_beside_a_sweep_outlives_all_that_mgsim_does(tmp_path, monkeypatch):
    """Also where it has nearly the names of mgsim's own."""
    monkeypatch.chdir(tmp_path)
    Path("x.toml").write_text(TOML)
    warnings.simplefilter("ignore")
    cli.main(["sweep", "run", "x.toml", "--out", "s", "--batch", "1"])
    names = [
        "notes.txt",
        "values/thesis.txt",
        "values/9.0",
        "values/x.partial",
        "axes/mine/0",
        "done/notes.json",
        "done/44.json",
        "runs/notes.json",
        "reasons/0.json",
        "mine/a/b",
    ]
    for name in names:
        (Path("s") / name).parent.mkdir(parents=True, exist_ok=True)
        (Path("s") / name).write_text("mine")
    shutil.copy("s/values/0.0", "s/values/1.0")
    for name in ("summary.json", "done/2.json", "axes/i_amp/0", "manifest.json"):
        (Path("s") / name).unlink()
    for command in (
        ["status", "s"],
        ["verify", "s"],
        ["repair", "s"],
        ["verify", "s"],
        ["repair", "s", "--failed"],
        ["export", "s", "x.csv"],
    ):
        assert cli.main(["sweep", *command]) in (cli.GOOD, cli.FAILED), command
    cli.main(["sweep", "run", "x.toml", "--out", "s"])
    assert repair.verify(Store.open(Path("s"))).good
    assert [(Path("s") / name).read_text() for name in names] == ["mine"] * len(names)


# ---------------------------------------------------------------------- which sweep it is


def test_without_manifests_no_sweep_removes_results_and_the_same_one_goes_on(tmp_path, capsys):
    """One makes good the other; without both the marks say whether a sweep is this one."""
    folder, job = tmp_path / "s", jobs.law(50)
    expected = in_folder.durable(job, folder, batch=8)
    marks = {p: p.stat().st_mtime_ns for p in (folder / "done").iterdir()}
    for damage in (
        lambda p: p.unlink(),
        lambda p: p.write_text("{}"),
        lambda p: p.write_bytes(p.read_bytes()[:200]),
    ):
        for name in NAMES:
            damage(folder / name)
        words = "cannot be read .*The command that filled the folder writes it anew"
        refused(folder, words, jobs.law(51))
        for read in (mg.open_sweep, lambda f: Store.open(Path(f))):
            with pytest.raises(checked_json.Damaged, match=words):
                read(folder)
        for command in ("status", "verify", "repair", "export"):
            file = [str(tmp_path / "x.csv")] if command == "export" else []
            assert cli.main(["sweep", command, str(folder), *file]) == cli.BAD
            assert "writes it anew and keeps what is finished" in capsys.readouterr().err
        with pytest.warns(DamagedWarning, match="written anew"):
            again = in_folder.durable(job, folder)
        xr.testing.assert_identical(again, expected)
        assert Store.open(folder).batch == 8
        assert {p: p.stat().st_mtime_ns for p in (folder / "done").iterdir()} == marks
        assert repair.verify(Store.open(folder)).good


def test_marks_of_two_sweeps_or_none_prove_nothing(tmp_path):
    for name, job in (("a", jobs.law(3)), ("b", jobs.law(4))):
        in_folder.durable(job, tmp_path / name, batch=2)
    shutil.copy(tmp_path / "b" / "done" / "3.json", tmp_path / "a" / "done")
    shutil.copy(tmp_path / "b" / "done" / "0.json", tmp_path / "a" / "done")
    with pytest.warns(DamagedWarning, match="another batch"):
        ds = mg.open_sweep(tmp_path / "a")
    assert (ds.status.values == -1).sum() == 2
    for name in NAMES:
        (tmp_path / "a" / name).unlink()
    refused(tmp_path / "a", "cannot be read")
    for folder in ("done", "runs"):
        for path in (tmp_path / "a" / folder).iterdir():
            path.write_text("{}")
    refused(tmp_path / "a", "holds other things")


def test_another_version_of_the_folder_is_refused(tmp_path):
    content = {"format": 1, "sha256": "0" * 64, "points": 2, "batch": 2}
    text = json.dumps(content, sort_keys=True)
    (tmp_path / "manifest.json").write_text(
        json.dumps({**content, "checksum": hashlib.sha256(text.encode()).hexdigest()})
    )
    (tmp_path / "values").mkdir()
    refused(tmp_path, "another version of mgsim: its format is 1, this one reads and writes 3")


# ------------------------------------------------------------------------------ the end


@pytest.mark.filterwarnings("ignore")
def test_killed_anywhere_the_same_command_ends_the_sweep(tmp_path, monkeypatch, capsys):
    """Between the last batch and the summary too: nothing wrong, nothing lost, one way back."""
    job, expected, ends = jobs.law(3), in_memory(jobs.law(3)), 0

    def run(folder):
        in_folder.durable(job, folder, batch=2)

    last = 0
    while killed_at(monkeypatch, last, lambda: run(tmp_path / "count")):
        shutil.rmtree(tmp_path / "count", ignore_errors=True)
        last += 30
    runs = (
        range(last)
        if jobs.LONG
        else [*random.Random(0).sample(range(last - 40), 10), *range(last - 40, last, 4)]
    )
    tried = 0
    for operation in runs:
        folder = tmp_path / str(operation)
        if not killed_at(monkeypatch, operation, lambda f=folder: run(f)):
            continue
        tried += 1
        if (folder / NAMES[0]).exists():
            store = Store.open(folder)
            done = store.done()
            ends += bool(done.all()) and not (folder / "summary.json").exists()
            ds = mg.open_sweep(folder)
            ran = ds.status.values >= 0
            assert ran.sum() == 2 * done.sum()
            assert np.array_equal(ds.mean_v.values[ran], expected.mean_v.values[ran])
        xr.testing.assert_identical(in_folder.durable(job, folder), expected)
        assert repair.verify(Store.open(folder)).good
    assert ends > 0
    with capsys.disabled():
        print(
            f"\nrun killed at every step: tried {tried}, survived {tried} ({ends} between the "
            "last batch and the summary), lost 0, wrong 0"
        )


@pytest.mark.filterwarnings("ignore::UserWarning")
@pytest.mark.parametrize("summary", [None, "", "{}", "manifest.json", "cut"])
def test_without_a_whole_summary_the_same_command_writes_it(tmp_path, monkeypatch, capsys, summary):
    """Two of four points diverge: 3, whatever has become of the summary."""
    monkeypatch.chdir(tmp_path)
    Path("x.toml").write_text(TOML)
    command = ["sweep", "run", "x.toml", "--out", "s"]
    assert cli.main(command) == cli.FAILED
    path, said = Path("s/summary.json"), capsys.readouterr().out
    good, before = path.read_bytes(), mg.open_sweep("s")
    if summary is None:
        path.unlink()
    else:
        path.write_bytes(
            good[:-9]
            if summary == "cut"
            else Path("s/manifest.json").read_bytes()
            if summary
            else b""
        )
    with pytest.warns(DamagedWarning, match=r"summary\.json"):
        xr.testing.assert_identical(mg.open_sweep("s"), before)
    for name in ("status", "verify"):
        assert cli.main(["sweep", name, "s"]) == cli.FAILED
        assert "summary.json" in "".join(capsys.readouterr())
    assert cli.main(command) == cli.FAILED
    again = capsys.readouterr()
    assert again.out == said
    assert ("summary.json" in again.err) is (summary is not None)
    assert path.read_bytes() == good
    path.unlink()
    assert cli.main(["sweep", "repair", "s"]) == cli.GOOD
    assert path.read_bytes() == good


@pytest.mark.parametrize("name", [*NAMES, "summary.json", "values/zarr.json"])
@pytest.mark.parametrize("known", [False, True])
def test_repair_ends_well_once_all_is_whole(tmp_path, monkeypatch, capsys, name, known):
    """Whether or not the folder says how it was run."""
    folder, job = tmp_path / "s", jobs.law(3)
    expected = in_folder.durable(job, folder, batch=2)
    monkeypatch.setattr(sweep_jobs, "again", lambda store: job if known else None)
    (folder / name).unlink()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DamagedWarning)
        assert cli.main(["sweep", "repair", str(folder)]) == cli.GOOD
    said = capsys.readouterr()
    assert f"{name} is missing" in said.out
    assert "3 of 3 batches are whole" in said.out
    assert "computed anew" not in said.err
    assert repair.verify(Store.open(folder)).good
    xr.testing.assert_identical(mg.open_sweep(folder), expected)


def test_repair_of_an_interrupted_sweep_runs_what_is_damaged_and_no_more(
    tmp_path, monkeypatch, capsys
):
    monkeypatch.chdir(tmp_path)
    Path("x.toml").write_text(
        'model = "cell"\nprotocol = "rest"\nmeasures = ["mean_v"]\n'
        "duration = 1\n[axes]\ng_leak = [1, 2, 3, 4, 5, 6, 7, 8]\n"
    )
    command = ["sweep", "run", "x.toml", "--out", "s", "--batch", "1"]
    warnings.simplefilter("ignore")
    if cli.main(command) == cli.BAD:
        pytest.fail(capsys.readouterr().err)
    for batch in (5, 6, 7):
        Path(f"s/done/{batch}.json").unlink()
    Path("s/summary.json").unlink()
    Path("s/values/2.0").write_bytes(Path("s/values/3.0").read_bytes())
    before = {p: p.stat().st_mtime_ns for p in Path("s").rglob("*")}
    capsys.readouterr()
    assert cli.main(["sweep", "repair", "s"]) == cli.GOOD
    assert "8 batches: 1 damaged, 3 not run yet" in (said := capsys.readouterr().out)
    assert "5 of 8 batches are whole" in said
    assert sorted(p.name for p in Path("s/done").iterdir()) == [f"{n}.json" for n in range(5)]
    moved = {str(p) for p, t in before.items() if p.is_file() and p.stat().st_mtime_ns != t}
    assert moved == {f"s/{n}" for n in ("values/2.0", "status/2", "failed_at/2", "done/2.json")}
    assert cli.main(command) == cli.GOOD


# --------------------------------------------------------------------- where one may not write


def test_a_complete_sweep_that_may_only_be_read_opens_by_the_same_command(tmp_path, monkeypatch):
    """No lock is asked for, and nothing is written; a summary that is lacking is found again."""
    folder, job = tmp_path / "s", jobs.law(3)
    expected = in_folder.durable(job, folder, batch=2)

    def denied(*args, **kwargs):
        raise PermissionError(errno.EROFS, "Read-only file system", str(args[0]))

    before = everything(folder)
    with monkeypatch.context() as patch:
        real = os.open
        patch.setattr(
            os,
            "open",
            lambda path, flags, *a, **k: (
                denied(path)
                if flags & (os.O_CREAT | os.O_RDWR | os.O_WRONLY)
                else real(path, flags, *a, **k)
            ),
        )
        for name in ("mkdir", "replace", "unlink", "touch"):
            patch.setattr(Path, name, denied)
        xr.testing.assert_identical(in_folder.durable(job, folder), expected)
        assert everything(folder) == before
    (folder / "summary.json").unlink()
    with monkeypatch.context() as patch:
        patch.setattr(checked_json, "place", denied)
        with pytest.warns(DamagedWarning, match="cannot be made good"):
            xr.testing.assert_identical(in_folder.durable(job, folder), expected)


def without_locks(patch, number):
    fcntl = pytest.importorskip("fcntl")

    def flock(*_):
        raise OSError(number, os.strerror(number))

    patch.setattr(fcntl, "flock", flock)


@pytest.mark.parametrize("number", [errno.ENOSYS, errno.ENOTSUP, errno.ENOLCK])
def test_without_locks_a_sweep_runs_and_says_that_it_must_be_the_only_one(
    tmp_path, monkeypatch, number
):
    without_locks(monkeypatch, number)
    with pytest.warns(ownership.OneWriterWarning, match="--single-writer"):
        ds = in_folder.durable(jobs.law(3), tmp_path / "s", batch=2)
    xr.testing.assert_identical(ds, in_memory(jobs.law(3)))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        in_folder.durable(jobs.law(3), tmp_path / "t", batch=2, single_writer=True)
    xr.testing.assert_identical(mg.open_sweep(tmp_path / "t"), ds)


HOLDS = (
    "import fcntl, os, sys\n"
    "number = os.open(sys.argv[1], os.O_RDWR | os.O_CREAT)\n"
    "fcntl.flock(number, fcntl.LOCK_EX)\n"
    "print(flush=True)\n"
    "sys.stdin.read()\n"
)


@pytest.mark.skipif(sys.platform != "linux", reason="processes as Linux tells of them")
@pytest.mark.parametrize("name", [ownership.LOCK, manifests.START])
def test_a_run_that_was_stopped_as_it_started_is_named_and_not_waited_for_without_end(
    name, tmp_path, monkeypatch
):
    if name == ownership.LOCK:
        in_folder.start(jobs.law(3), tmp_path, batch=2)
    monkeypatch.setattr(locks, "PATIENCE", 0.1)
    monkeypatch.setattr(ownership, "_LONGEST", 0.1)
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", HOLDS, tmp_path / name], **pipes) as other:
        try:
            other.stdout.readline()
            other.send_signal(signal.SIGSTOP)
            os.waitid(os.P_PID, other.pid, os.WSTOPPED | os.WNOWAIT)
            before = everything(tmp_path)
            words = rf"process {other.pid} \(.*\), which is stopped \(kill -CONT {other.pid} .*"
            words += rf"{tmp_path / name} locked for 0\.1 s"
            with (
                pytest.warns(UserWarning, match=f"{words}.* waiting"),
                pytest.raises(OSError, match=f"{words}; what was finished is kept"),
            ):
                in_folder.durable(jobs.law(3), tmp_path, batch=2)
            assert everything(tmp_path) == before
            monkeypatch.setattr(ownership, "_LONGEST", 600.0)
            threading.Timer(0.3, os.kill, (other.pid, signal.SIGKILL)).start()
            with pytest.warns(UserWarning, match="waiting"):
                ds = in_folder.durable(jobs.law(3), tmp_path, batch=2)
        finally:
            other.kill()
    xr.testing.assert_identical(ds, in_memory(jobs.law(3)))


def test_a_name_that_no_folder_can_have_is_refused_before_anything_runs(tmp_path, capsys):
    (tmp_path / "file").write_text("mine")
    (tmp_path / "link").symlink_to("nowhere")
    command = ["sweep", "run", "mg_response", "--axis", "mg_out=0,1", "--out"]
    for name, what in (
        (os.devnull, f"{os.devnull} is a device"),
        (tmp_path / "file", "file is a file"),
        (tmp_path / "file" / "s", "file is a file"),
        (tmp_path / "link", "link is a link that leads nowhere"),
    ):
        assert cli.main([*command, str(name)]) == cli.BAD
        assert f"{what}, where a folder should be: give another name" in capsys.readouterr().err
        with pytest.raises(ValueError, match=what):
            mg.sweep(mg.models["tonic"], mg.protocols["rest"], out=name)
    assert cli.main([*command, ""]) == cli.BAD
    assert (tmp_path / "file").read_text() == "mine"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["file", "link"]


def test_without_locks_a_start_that_was_killed_is_taken_up_only_when_it_is_said(
    tmp_path, monkeypatch
):
    killed_start(monkeypatch, tmp_path / "s")
    without_locks(monkeypatch, errno.ENOSYS)
    monkeypatch.setattr(ownership, "_PATIENCE", 0.2)
    with (
        pytest.warns(ownership.OneWriterWarning),
        pytest.raises(ownership.NoLocks, match="--single-writer"),
    ):
        in_folder.durable(jobs.law(3), tmp_path / "s")
    ds = in_folder.durable(jobs.law(3), tmp_path / "s", single_writer=True)
    xr.testing.assert_identical(ds, in_memory(jobs.law(3)))


def test_single_writer_is_an_option_of_the_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    without_locks(monkeypatch, errno.ENOSYS)
    command = ["sweep", "run", "mg_response", "--axis", "mg_out=0,1", "--out"]
    assert cli.main([*command, "s"]) == cli.GOOD
    assert capsys.readouterr().err.count("has no locks") == 1
    assert cli.main([*command, "t", "--single-writer"]) == cli.GOOD
    assert "no locks" not in capsys.readouterr().err


@pytest.mark.filterwarnings("ignore::mgsim.sweeps.prepare.DeadAxisWarning")
def test_what_a_terminal_would_obey_is_kept_as_blanks(tmp_path):
    """A part's own text may hold anything, and its sweep must be readable again."""
    odd = mg.Parameter(
        "burst_rate", 20.0, "Hz", "rate\x1b[2J of\r\nbursts", "assumed: \x07 for a test", (1, 100)
    )
    train = mg.Train((odd,), lambda values, duration, rng: [1000 / values["burst_rate"]])
    protocol = mg.Protocol("bursts", "", 50.0, events={"pre": train})
    in_folder.durable(
        prepare(
            mg.models["standard"],
            protocol,
            jobs.MEASURES,
            engine=jobs.Law(),
            burst_rate=[20.0, 50.0],
            mg_out=[0.5, 1.0],
            g_nmda=1.0,
        ),
        tmp_path,
    )
    about = mg.open_sweep(tmp_path).burst_rate.attrs
    assert about["long_name"] == "rate [2J of\nbursts"
    assert "assumed:   for a test" in about["source"]


# ----------------------------------------------------------------------- what others send


class Pwned:
    """An object that runs something when it is unpickled."""

    def __reduce__(self):
        return os.mkdir, ("pwned",)


def test_a_folder_that_names_a_file_of_code_never_has_it_run(tmp_path, monkeypatch, capsys):
    """As whoever sent it may have written: sealed anew, and damaged, so that it is repaired."""
    monkeypatch.chdir(tmp_path)
    code = "import mgsim as mg\nimport os\nos.mkdir('pwned')\nmine = mg.blocks['none']\n"
    (tmp_path / "law.py").write_text(code)
    command = "sweep run mg_response --axis mg_out=0,1 --set block=none --out s"
    assert cli.main(command.split()) == cli.GOOD
    for name in NAMES:
        content = checked_json.read(Path("s") / name, "manifest")
        content["recipe"]["arguments"]["fixed"] = ["block=./law.py"]
        checked_json.write(Path("s") / name, "manifest", content)
    (tmp_path / "s" / "values" / "0.0").unlink()
    for more in ([], ["--failed"]):
        assert cli.main(["sweep", "repair", "s", *more]) == cli.FAILED
        assert "by the same sweep again" in capsys.readouterr().err
    assert not (tmp_path / "pwned").exists()
    asked = command.replace("none", "./law.py").replace("--out s", "--out t")
    assert cli.main(asked.split()) == cli.GOOD  # as the command line says
    assert (tmp_path / "pwned").exists()


def test_a_run_writes_nothing_into_another_folder_that_has_the_name_by_now(tmp_path, monkeypatch):
    """Moved away and another sweep put in its place, at every step of a run and of its end."""
    other, mine = jobs.law(6), jobs.law(5)
    in_folder.durable(other, tmp_path / "other", batch=2)
    done, write, conclude = [], Store.write, in_folder.conclude

    def exchanged(step):
        def move():
            (tmp_path / "s").rename(tmp_path / f"moved{step}")
            shutil.copytree(tmp_path / "other", tmp_path / "s", dirs_exist_ok=False)

        def slow(store, batch, rows):
            if len(done) == step:
                move()
            done.append(batch)
            write(store, batch, rows)

        def end(store):
            if step == 5:
                move()
            return conclude(store)

        monkeypatch.setattr(Store, "write", slow)
        monkeypatch.setattr(in_folder, "conclude", end)

    before = everything(tmp_path / "other")
    for step in (0, 1, 4, 5):
        done.clear()
        exchanged(step)
        with pytest.raises(Moved, match="is not the folder of this sweep any more"):
            in_folder.durable(mine, tmp_path / "s", batch=2)
        assert everything(tmp_path / "s") == before
        shutil.rmtree(tmp_path / "s")
        monkeypatch.undo()
        moved = in_folder.durable(mine, tmp_path / f"moved{step}")  # with what was finished
        assert moved.equals(in_memory(mine))
        assert len(list((tmp_path / f"moved{step}" / "runs").iterdir())) == 1 + (step < 5)


def test_half_a_step_is_told_in_its_own_folder_alone(tmp_path, monkeypatch):
    mine, compare, folder = jobs.law(5), half_step.compare, tmp_path / "new" / "too" / "s"
    ds = in_folder.durable(mine, folder)

    def meanwhile(*given):
        folder.rename(tmp_path / "moved")
        in_folder.durable(jobs.law(6), folder)
        return compare(*given)

    monkeypatch.setattr(half_step, "compare", meanwhile)
    with pytest.warns(UserWarning, match="is not kept: .* not the folder of this sweep any more"):
        assert "half_step_points" in half_step.told(mine, ds, folder).attrs
    assert not (folder / "half_step.json").exists()


def test_arrays_that_someone_has_replaced_are_never_run(tmp_path, monkeypatch):
    """zarr 2 with a pickle filter, as metadata of an axis and of an array."""
    import pickle

    monkeypatch.chdir(tmp_path)
    in_folder.durable(jobs.law(3), "s", batch=2)
    for place in ("axes/mg_out", "values"):
        old = {
            "zarr_format": 2,
            "shape": [3],
            "chunks": [3],
            "dtype": "|O",
            "compressor": None,
            "fill_value": None,
            "order": "C",
            "filters": [{"id": "pickle", "protocol": 5}],
        }
        (Path("s") / place / "zarr.json").unlink()
        (Path("s") / place / ".zarray").write_text(json.dumps(old))
        (Path("s") / place / "0").write_bytes(pickle.dumps([Pwned()] * 3))
    with pytest.raises(checked_json.Damaged, match="axes/mg_out"):
        mg.open_sweep("s")
    with pytest.raises(checked_json.Damaged):
        _ = Store.open(Path("s")).design
    repair.verify(Store.open(Path("s")))
    with pytest.warns(DamagedWarning, match="axes/mg_out"):
        xr.testing.assert_identical(in_folder.durable(jobs.law(3), "s"), in_memory(jobs.law(3)))
    assert not Path("pwned").exists()


def resealed(folder, change):
    """Change what both manifests say, with a checksum that is right."""
    content = checked_json.read(folder / NAMES[0], "manifest")
    change(content)
    for name in NAMES:
        checked_json.write(folder / name, "manifest", content)


def outside(name):
    def change(content):
        content["axes"][name] = content["axes"].pop("mg_out")
        content["structure"]["axes"] = [name, "g_nmda"]
        content["frame"]["coordinates"][name] = content["frame"]["coordinates"].pop("mg_out")

    return change


HOSTILE = {
    "another place": outside("../victim"),
    "an absolute place": outside("/etc/victim"),
    "a hidden place": outside("..."),
    "no axis": lambda c: c["axes"].pop("mg_out"),
    "too many points": lambda c: c.update(points=10**11, batch=1),
    "no points": lambda c: c.update(points=0),
    "text for points": lambda c: c.update(points="6"),
    "a batch of none": lambda c: c.update(batch=0),
    "a batch too large": lambda c: c.update(batch=10_000_001),
    "another key": lambda c: c.update(run="x"),
    "objects": lambda c: c["axes"]["mg_out"].update(dtype="object"),
    "no frame": lambda c: c.pop("frame"),
    "a frame of text": lambda c: c.update(frame="x"),
    "no variants": lambda c: c["frame"].update(variants=[]),
    "a variant more": lambda c: c["frame"]["variants"].append({}),
    "a variant's label": lambda c: c["frame"]["variants"][0].update(block="x"),
    "no kind": lambda c: c["structure"].pop("kind"),
    "another kind": lambda c: c["structure"].update(kind="exec"),
    "an endless structure": lambda c: c.update(structure=nested(c["structure"], 200)),
    "a coordinate's values": lambda c: c["frame"]["coordinates"]["mg_out"].update(values=[1, 2, 3]),
    "a measure twice": lambda c: c["frame"]["measures"].update(mg_out={}),
    "ESC": lambda c: c["frame"]["attrs"].update(model="\x1b[2J"),
    "a recipe": lambda c: c.update(recipe={"arguments": {"experiment": ["x"]}, "folder": "/"}),
}


def test_a_window_may_not_hang_on_what_is_a_label(tmp_path):
    job = prepare(
        mg.models["standard"],
        mg.protocols["train_20hz"],
        jobs.MEASURES,
        engine=jobs.Law(),
        block=["kampa_2004", "jahr_stevens_1990"],
        mg_out=0.5,
        g_nmda=1.0,
    )
    in_folder.start(job, tmp_path)
    window = {"window_start": "x + 1*ms", "window_stop": 5.0, "duration": 10.0}
    resealed(tmp_path, lambda c: c["frame"].update(window={**window, "values": {"x": [1, "ms"]}}))
    Store.open(tmp_path)
    for name in ("x", "block"):
        window["window_start"] = f"{name} + 1*ms"
        content = {**window, "values": {"x": [1, "ms"], "block": [1, "ms"]}}
        resealed(tmp_path, lambda c, w=content: c["frame"].update(window=w))
        with pytest.raises(checked_json.Damaged, match="its window cannot be"):
            Store.open(tmp_path)


def nested(structure, depth):
    return (
        structure
        if not depth
        else {"kind": "product", "outer": nested(structure, depth - 1), "inner": structure}
    )


@pytest.mark.parametrize("name", HOSTILE)
def test_manifests_that_cannot_be_are_refused_in_a_line(tmp_path, name, capsys):
    (tmp_path / "victim").write_text("mine")
    in_folder.durable(jobs.law(3), tmp_path / "s", batch=2)
    resealed(tmp_path / "s", HOSTILE[name])
    before = everything(tmp_path)
    for command in ("status", "verify", "repair"):
        assert cli.main(["sweep", command, str(tmp_path / "s")]) == cli.BAD
        err = capsys.readouterr().err
        assert err.startswith("mgsim: error: ")
        assert err.count("\n") == 1
    with pytest.raises(checked_json.Damaged):
        mg.open_sweep(tmp_path / "s")
    assert everything(tmp_path) == before


def test_a_batch_that_is_too_large_is_refused_in_words(tmp_path):
    with pytest.raises(ValueError, match="a batch has at most 10,000,000 points, not 10,000,001"):
        in_folder.durable(jobs.law(3), tmp_path / "s", batch=10_000_001)
    assert not (tmp_path / "s").exists()


def mutated(value, rng):
    """A JSON value with one thing in it replaced, dropped, doubled or moved."""
    odd = (None, True, -1, 0, 10**30, 1.5, float("nan"), "", "../x", "mg_out", "\x1b", [], {}, [[]])
    if isinstance(value, dict) and value and rng.random() < 0.8:
        key = rng.choice(sorted(value))
        changed = dict(value)
        how = rng.random()
        if how < 0.15:
            changed.pop(key)
        elif how < 0.25:
            changed[rng.choice(["x", "../x", "status", "point"])] = changed.pop(key)
        else:
            changed[key] = mutated(value[key], rng)
        return changed
    if isinstance(value, list) and value and rng.random() < 0.8:
        place = rng.randrange(len(value))
        if rng.random() < 0.3:
            return value[:place] + value[place:] * 2
        return [*value[:place], mutated(value[place], rng), *value[place + 1 :]]
    return rng.choice(odd)


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("what", ["manifest", "mark", "summary", "half step"])
def test_no_change_of_a_sealed_file_ends_in_a_traceback(tmp_path, what, capsys):
    """Mutations with right checksums: refused, noticed, or of no matter."""
    folder, rng = tmp_path / "s", random.Random(what)
    job = jobs.law(3, jobs.Law(bad=(0.001,)))
    half_step.told(job, in_folder.durable(job, folder, batch=2), folder)
    paths = {
        "manifest": [folder / n for n in NAMES],
        "mark": [folder / "done" / "1.json"],
        "summary": [folder / "summary.json"],
        "half step": [folder / "half_step.json"],
    }[what]
    good = checked_json.read(paths[0], what)
    refusals, n = 0, 1500 if jobs.LONG else 25
    for _ in range(n):
        changed = mutated(good, rng)
        for path in paths:
            checked_json.write(path, what, changed if isinstance(changed, dict) else {"x": changed})
        for command in ("status", "verify"):
            code = cli.main(["sweep", command, str(folder)])
            err = capsys.readouterr().err
            assert code in (cli.GOOD, cli.FAILED, cli.BAD)
            assert "\x1b" not in err
        refusals += code != cli.GOOD
        try:
            mg.open_sweep(folder)
        except (NotASweep, checked_json.Damaged):
            continue
    assert [p.name for p in tmp_path.iterdir()] == ["s"]
    with capsys.disabled():
        print(f"\nchanged {what}s: tried {n}, refused or noticed {refusals}, tracebacks 0")


@pytest.mark.parametrize(
    "name", ["values", "done", "axes", "axes/mg_out", "runs", "manifest.json", "lock", "lock.start"]
)
def test_links_are_refused(tmp_path, name):
    """Else a folder that someone sent would have repair write and remove where it leads."""
    folder, victim = tmp_path / "s", tmp_path / "victim"
    in_folder.durable(jobs.law(3), folder, batch=2)
    (folder / name).rename(victim)
    (folder / name).symlink_to(victim)
    before = everything(victim) if victim.is_dir() else victim.read_bytes()
    refused(folder, "is a link")
    with pytest.raises(NotASweep, match="is a link"):
        mg.open_sweep(folder)
    assert (everything(victim) if victim.is_dir() else victim.read_bytes()) == before


@pytest.mark.parametrize(
    "name",
    ["values/0.0", "status/1", "done/2.json", "axes/mg_out/0", "summary.json", "values/zarr.json"],
)
def test_a_file_that_is_a_link_counts_as_damaged_and_is_replaced(tmp_path, name):
    folder, victim = tmp_path / "s", tmp_path / "victim"
    expected = in_folder.durable(jobs.law(3), folder, batch=2)
    (folder / name).rename(victim)
    (folder / name).symlink_to(victim)
    content = victim.read_bytes()
    assert not repair.verify(Store.open(folder)).good
    with pytest.warns(DamagedWarning):
        xr.testing.assert_identical(in_folder.durable(jobs.law(3), folder), expected)
    assert not (folder / name).is_symlink()
    assert victim.read_bytes() == content


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="POSIX")
def test_a_pipe_in_place_of_a_file_is_not_waited_for(tmp_path):
    folder = tmp_path / "s"
    expected = in_folder.durable(jobs.law(3), folder, batch=2)
    for name in ("values/0.0", "summary.json", "manifest.json"):
        (folder / name).unlink()
        os.mkfifo(folder / name)
    assert not repair.verify(Store.open(folder)).good
    with pytest.warns(DamagedWarning):
        xr.testing.assert_identical(in_folder.durable(jobs.law(3), folder), expected)


# --------------------------------------------------------------------------- without mgsim


def test_the_folder_can_be_read_without_mgsim(tmp_path):
    """By xarray alone, in a process that has no mgsim: the numbers, and what they are."""
    expected = in_folder.durable(jobs.law(20), tmp_path / "s", batch=7)
    script = (
        "import sys, warnings\nwarnings.simplefilter('error')\nsys.modules['mgsim'] = None\n"
        "import xarray as xr\n"
        "ds, axes = xr.open_zarr(sys.argv[1]), xr.open_zarr(sys.argv[1], group='axes')\n"
        "assert dict(ds.sizes) == {'point': 40, 'measure': 3}, ds.sizes\n"
        "assert dict(axes.sizes) == {'mg_out': 20, 'g_nmda': 2}, axes.sizes\n"
        "assert axes.mg_out.units == 'mM'\n"
        "place = ds['values'].attrs['measures'].index('spike_count')\n"
        "print(repr(ds['values'].values[:, place].tolist()), (ds.status.values == 0).all())\n"
    )
    said = subprocess.run(
        [sys.executable, "-c", script, tmp_path / "s"],
        capture_output=True,
        text=True,
        check=False,
        env={"PATH": os.environ["PATH"]},
    )
    assert said.returncode == 0, said.stderr
    assert said.stdout == f"{expected.spike_count.values.ravel().tolist()!r} True\n"
