"""Files that a user names: whole or not there, and nothing of anyone's in their place."""

import errno
import os
import pathlib
import signal
import socket
import stat
import subprocess
import sys
import time
import types
from contextlib import suppress

import h5py
import numpy as np
import pytest

import mgsim as mg
import mgsim.runs.sweep
from mgsim import cli, files
from mgsim.files import locks
from mgsim.sweeps.result import file as result_file
from mgsim.sweeps.result import outputs
from mgsim.sweeps.result.file import read

if sys.platform != "win32":
    import fcntl

WHAT = mg.models["tonic"], mg.protocols["rest"].lasting(5, (0, 5)), mg.measures["mean_v"]
LAW = ["export", "jahr_stevens_1990", "--to"]
DATA = "v,current,mg_out\n" + "".join(
    f"{v},{v * 5.0 / (1 + 1 / 3.57 * 2.718 ** (-0.062 * v))},1\n" for v in range(-80, 50, 10)
)


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "iv.csv").write_text(DATA)
    mg.sweep(*WHAT, mg_out=[0, 1], out="kept")


def written(path, text):
    outputs.write(outputs.check(path), text)


COMMANDS = {
    "simulate": (
        ["simulate", "tonic", "--protocol", "rest", "--duration", "5", "--out", "x.csv"],
        ["x.csv"],
    ),
    "sweep run": (
        ["sweep", "run", "mg_response", "--axis", "mg_out=0,1", "--out", "x.nc"],
        ["x.nc"],
    ),
    "sweep export": (["sweep", "export", "kept", "x.csv"], ["x.csv"]),
    "export": ([*LAW, "neuron", "--out", "mg.mod"], ["mg.mod"]),
    "figure": (
        ["figure", "block_curves", "--out", "plots"],
        [f"plots/block_curves.{end}" for end in ("pdf", "svg", "png", "csv", "txt")],
    ),
    "fit": (
        ["fit", "iv.csv", "--law", "jahr_stevens_1990", "--out", "plots"],
        [f"plots/fit_iv.{end}" for end in ("png", "pdf", "csv")],
    ),
    "show": (["show", "--write", "parts.md"], ["parts.md"]),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_typed_twice_replaces_its_own_file_and_no_other(name, capsys, tmp_path):
    command, written = COMMANDS[name]
    assert cli.main(command) == cli.GOOD
    assert cli.main(command) == cli.GOOD
    for file in {written[0], written[-1]}:
        good = (tmp_path / file).read_bytes()
        (tmp_path / file).write_bytes(good + b"a line of mine\n")
        times = {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if "kept" not in p.parts}
        capsys.readouterr()
        assert cli.main(command) == cli.BAD
        said = capsys.readouterr().err
        assert f"{file} is there, and is not as mgsim wrote it, so it stays" in said
        assert "--overwrite" in said
        assert (tmp_path / file).read_bytes() == good + b"a line of mine\n"
        assert times == {p: p.stat().st_mtime_ns for p in tmp_path.rglob("*") if p in times}
        assert cli.main([*command, "--overwrite"]) == cli.GOOD
        assert b"of mine" not in (tmp_path / file).read_bytes()
    assert not list(tmp_path.rglob("*.partial"))


def test_the_same_in_python(tmp_path):
    def figure(**more):
        ds = mg.experiments["block_curves"].run()
        mg.figures.save("block_curves", ds, "plots", **more)

    doors = {
        "x.nc": lambda **more: mg.sweep(*WHAT, mg_out=[0, 1], out="x.nc", **more),
        "y.csv": lambda **more: mg.simulate(*WHAT[:2], out="y.csv", **more),
        "z.csv": lambda **more: mg.experiments["mg_response"].run(mg_out=[1], out="z.csv", **more),
        "plots/block_curves.txt": figure,
    }
    for name, door in doors.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text("mine")
        with pytest.raises(ValueError, match=f"{name} is there, and is not as mgsim wrote it"):
            door()
        assert (tmp_path / name).read_text() == "mine"
        door(overwrite=True)
        door()
        assert (tmp_path / name).read_bytes() != b"mine"
    with pytest.raises(ValueError, match="overwrite is for a file"):
        mg.sweep(*WHAT, mg_out=[0, 1], out="kept", overwrite=True)
    with pytest.raises(ValueError, match="overwrite is for a file"):
        mg.sweep(*WHAT, mg_out=[0, 1], overwrite=True)


def test_what_counts_as_mgsims_own(tmp_path, monkeypatch):
    """What it last wrote under that name, through whatever link; not its content elsewhere."""
    a, b = tmp_path / "a.txt", tmp_path / "b.txt"
    written(a, "one")
    written(a, "two")
    a.rename(b)
    with pytest.raises(ValueError, match=r"b\.txt is there, and is not as mgsim wrote it"):
        written(b, "renamed")
    a.write_text("two")  # as it was left there
    (tmp_path / "link").symlink_to(a)
    written(tmp_path / "link", "three")
    assert (tmp_path / "link").is_symlink()
    assert (a.read_text(), b.read_text()) == ("three", "two")
    (tmp_path / "empty").touch()
    (tmp_path / "folder").mkdir()
    (tmp_path / "dangling").symlink_to(tmp_path / "nowhere")
    a.write_text("one")  # an older one, put back
    for name, words in (
        ("a.txt", "is there, and is not as mgsim wrote it"),
        ("empty", "is there, and is not as mgsim wrote it"),
        ("folder", "there is a folder of that name"),
        ("dangling", "is there, and is not as mgsim wrote it"),
        ("no/where", "there is no folder"),
    ):
        with pytest.raises(ValueError, match=words):
            written(tmp_path / name, "x")
    written(tmp_path / "c.txt", "four")
    monkeypatch.setenv("MGSIM_CACHE", str(tmp_path / "another"))
    with pytest.raises(ValueError, match="so it stays"):
        written(tmp_path / "c.txt", "five")


def test_what_was_written_by_another_program_with_the_same_content_is_not_mgsims(tmp_path):
    """A run that finds its own result there loses nothing, and does not claim the file."""
    target = outputs.check(tmp_path / "x.txt")
    (tmp_path / "x.txt").write_text("one")
    outputs.write(target, "one")
    with pytest.raises(ValueError, match="so it stays"):
        written(tmp_path / "x.txt", "two")


@pytest.mark.skipif(sys.platform == "win32", reason="devices, pipes and sockets of POSIX")
@pytest.mark.parametrize("kind", ["pipe", "socket", "device", "loop", "printed", "nameless"])
def test_what_is_no_plain_file_is_never_replaced(kind, tmp_path, monkeypatch):
    """Refused before any work and, where it came meanwhile, at its end."""
    monkeypatch.chdir(tmp_path)
    path, words = tmp_path / "x.csv", {"loop": "link that", "printed": "where .* prints"}.get(kind)
    target = outputs.check(path, overwrite=True)
    held = []
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "socket":
        held.append(socket.socket(socket.AF_UNIX))
        held[0].bind("x.csv")
    elif kind == "device":
        path.symlink_to(os.devnull)
    elif kind == "loop":
        path.symlink_to(path)
    elif kind == "printed":
        (tmp_path / "shown.txt").touch()
        path.symlink_to("shown.txt")
        number = os.open(tmp_path / "shown.txt", os.O_RDONLY)
        monkeypatch.setattr(outputs, "_PRINTED", (number,))
        held.append(os.fdopen(number))
    else:
        held.append((tmp_path / "gone").open("w"))
        (tmp_path / "gone").unlink()
        path.symlink_to(f"/proc/self/fd/{held[0].fileno()}")
        if not path.exists():
            pytest.skip("no /proc")
        words = "a file without a name"
    before = path.lstat()
    for overwrite in (False, True):
        with pytest.raises(ValueError, match=rf"x\.csv is .*{words or kind}.*another name"):
            outputs.check(path, overwrite)
    with pytest.raises(ValueError, match=r"x\.csv came or changed meanwhile, and stays"):
        outputs.write(target, "an hour's work")
    assert os.path.samestat(path.lstat(), before)
    [kept] = tmp_path.glob("x-*.csv")
    assert kept.read_text() == "an hour's work"
    for one in held:
        one.close()


@pytest.mark.skipif(sys.platform == "win32", reason="devices of POSIX")
def test_a_command_refuses_a_device_before_it_runs(tmp_path, monkeypatch, capsys):
    (tmp_path / "null.csv").symlink_to(os.devnull)
    command = ["simulate", "tonic", "--protocol", "rest", "--out", "null.csv", "--overwrite"]
    monkeypatch.setattr("mgsim.runs.simulate.simulate", None)  # no run begins
    assert cli.main(command) == cli.BAD
    assert "null.csv is a device, which no file replaces" in capsys.readouterr().err
    for command in ([*LAW, "neuron"], ["show"], ["validate"]):
        flag = "--out" if command[0] == "export" else "--write"
        for name in (os.devnull, "/dev/stdout"):
            assert cli.main([*command, flag, name, "--overwrite"]) == cli.BAD
            assert "which no file replaces" in capsys.readouterr().err
    assert stat.S_ISCHR(os.stat(os.devnull).st_mode)


def test_the_list_of_what_was_written_stays_short(tmp_path, monkeypatch):
    monkeypatch.setenv("MGSIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(outputs, "_FEW", 4)
    monkeypatch.setattr(outputs, "_MANY", 6)
    for n in range(30):
        written(tmp_path / f"{n}.txt", str(n))
        assert len((tmp_path / "cache" / "written").read_text().splitlines()) <= 8
        for known in range(max(0, n - 3), n + 1):
            outputs.check(tmp_path / f"{known}.txt")


@pytest.fixture(params=["links", "none"])
def system(request, monkeypatch):
    """A file system with links between files, and one without, which has no locks either."""
    if request.param == "none":

        def lacking(*_):
            raise OSError(errno.EOPNOTSUPP, "Operation not supported")

        monkeypatch.setattr(os, "link", lacking)
        if sys.platform != "win32":
            monkeypatch.setattr(fcntl, "flock", lacking)


def test_what_came_or_changed_while_a_file_was_made_stays_and_nothing_is_lost(
    tmp_path, system, monkeypatch
):
    """Another's, one of mgsim's own, and one in the place of what might have been replaced."""
    monkeypatch.setenv("MGSIM_CACHE", str(tmp_path / "cache"))
    written(tmp_path / "old.csv", "before")
    for name, other in (
        ("x.csv", lambda path: path.write_text("mine")),
        ("y.csv", lambda path: written(path, "of another run")),
        ("old.csv", lambda path: path.write_text("mine")),
        ("old.csv", lambda path: written(path, "of another run")),
    ):
        file = tmp_path / name
        if name == "old.csv":
            file.unlink()
            written(file, "before")
        target = outputs.check(file)
        other(file)
        there = file.read_text()
        assert there in ("mine", "of another run")
        words = rf"{name} came or changed meanwhile, and stays; .* is .*{file.stem}-[0-9a-f]*\.csv"
        for _ in range(2):  # the second time what is kept beside is there
            with pytest.raises(ValueError, match=words):
                outputs.write(target, "an hour's work")
        assert file.read_text() == there
        [kept] = tmp_path.glob(f"{file.stem}-*.csv")
        assert kept.read_text() == "an hour's work"
        kept.unlink()
        outputs.write(target, there)  # the same again is no loss
        outputs.write(outputs.check(file, overwrite=True), "as it was asked")
        assert file.read_text() == "as it was asked"
    assert not list(tmp_path.glob(".mgsim-*"))


@pytest.mark.skipif(sys.platform == "win32", reason="permissions of POSIX")
def test_what_others_might_not_read_stays_so(tmp_path):
    for overwrite in (False, True):
        written(tmp_path / "x.csv", "one")
        (tmp_path / "x.csv").chmod(0o600)
        outputs.write(outputs.check(tmp_path / "x.csv", overwrite), "two")
        assert (tmp_path / "x.csv").stat().st_mode & 0o777 == 0o600


def test_nothing_is_written_over_what_is_kept_beside(tmp_path):
    target = outputs.check(tmp_path / "x.csv")
    (tmp_path / "x.csv").write_text("mine")
    beside = tmp_path / f"x-{files.sha256('work')[:8]}.csv"
    beside.write_text("mine too")
    with pytest.raises(ValueError, match="came or changed meanwhile"):
        outputs.write(target, "work")
    assert beside.read_text() == "mine too"
    assert (tmp_path / f"x-{files.sha256('work')[:16]}.csv").read_text() == "work"


def test_files_that_belong_together_all_get_their_names_or_none(tmp_path):
    ends = ("pdf", "svg", "csv")
    targets = [outputs.check(tmp_path / f"x.{end}") for end in ends]
    (tmp_path / "x.svg").write_text("mine")
    with pytest.raises(ValueError, match=r"x\.svg came or changed meanwhile"):
        outputs.put({t: outputs.writes(t.path.suffix) for t in targets})
    assert sorted(p.name.partition("-")[0] for p in tmp_path.glob("x*")) == ["x"] * 3 + ["x.svg"]
    for end in ends:
        assert next(tmp_path.glob(f"x-*.{end}")).read_text() == f".{end}"


ENDS = ("pdf", "svg", "csv")


@pytest.mark.parametrize(
    ("there", "fault"), [(0, "taken"), (1, "taken"), (0, "refused"), (1, "refused"), (3, "refused")]
)
def test_the_last_name_that_cannot_be_had_gives_back_the_others(
    there, fault, system, tmp_path, monkeypatch
):
    """Taken by a program that asks for no lock, or refused by the file system."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    for end in ENDS[:there]:
        written(tmp_path / f"x.{end}", f"old {end}")
    before = {p.name: p.read_text() for p in tmp_path.glob("x.*")}
    targets = [outputs.check(tmp_path / f"x.{end}") for end in ENDS]
    last, named, replace = targets[-1].place, files.named, pathlib.Path.replace

    def meanwhile(path):
        if path == last and fault == "refused":
            raise OSError(errno.EPERM, "Operation not permitted")
        if path == last:
            path.write_text("mine")
            before["x.csv"] = "mine"
        return path

    monkeypatch.setattr(files, "named", lambda part, path: named(part, meanwhile(path)))
    monkeypatch.setattr(pathlib.Path, "replace", lambda at, to: replace(at, meanwhile(to)))
    words = r"came or changed" if fault == "taken" else r"not permitted\); .* is in .*temporary"
    with pytest.raises(ValueError if fault == "taken" else OSError, match=words):
        outputs.put({t: outputs.writes(f"new {t.path.suffix}") for t in targets})
    assert {p.name: p.read_text() for p in tmp_path.glob("x.*")} == before
    kept = tmp_path if fault == "taken" else next((tmp_path / "temporary").iterdir())
    for end in ENDS:
        files_kept = kept.glob(f"x-*.{end}" if fault == "taken" else f"x.{end}")
        assert [p.read_text() for p in files_kept] == [f"new .{end}"]
    assert not list(tmp_path.glob(".mgsim-*"))
    for name in before.keys() - {"x.csv"}:
        outputs.check(tmp_path / name)  # mgsim's as before


@pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")
def test_a_folder_that_another_program_keeps_locked_is_not_waited_for_without_end(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(locks, "PATIENCE", 0.2)
    written(tmp_path / "x.csv", "before")
    targets = [outputs.check(tmp_path / f"{name}.csv") for name in ("x", "y")]
    number = os.open(tmp_path, os.O_RDONLY)
    fcntl.flock(number, fcntl.LOCK_SH)
    try:
        with pytest.raises(locks.LockedError, match=rf"{tmp_path} locked for 0\.2 s; .* is .*x-"):
            outputs.put({t: outputs.writes(f"{t.path.stem}, an hour's work") for t in targets})
    finally:
        os.close(number)
    assert (tmp_path / "x.csv").read_text() == "before"
    assert not (tmp_path / "y.csv").exists()
    for name in ("x", "y"):
        [kept] = tmp_path.glob(f"{name}-*.csv")
        assert kept.read_text() == f"{name}, an hour's work"


@pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")
def test_one_folder_under_two_names_is_locked_once(tmp_path, monkeypatch):
    """As a bind mount gives them: paths differ, device and number do not."""
    monkeypatch.setattr(locks, "PATIENCE", 0.2)
    (tmp_path / "folder").mkdir()
    (tmp_path / "mount").symlink_to("folder")
    names = [tmp_path / "folder" / "x.csv", tmp_path / "mount" / "y.csv"]
    outputs.put({outputs.Target(p, p, False): outputs.writes(p.stem) for p in names})
    assert [p.read_text() for p in names] == ["x", "y"]
    same = [tmp_path / folder / "z.csv" for folder in ("folder", "mount")]
    with pytest.raises(ValueError, match="two of these are one file"):
        outputs.put({outputs.Target(p, p, False): outputs.writes("z") for p in same})
    assert not same[0].exists()


TWO = """
import sys, time
from pathlib import Path
from mgsim.sweeps.result import outputs
for n in range({times}):
    target = outputs.check(Path(f"{{n}}.csv"))
    print(n, flush=True)
    sys.stdin.readline()
    try:
        outputs.write(target, f"{{n}} of {who}" * 1000)
        print("written", flush=True)
    except ValueError as error:
        print(error, flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="locks of POSIX")
@pytest.mark.parametrize("there", [False, True], ids=["new", "replaced"])
def test_of_two_processes_that_write_one_file_the_second_is_refused_and_loses_nothing(
    there, tmp_path
):
    times = 10
    for n in range(times if there else 0):
        written(tmp_path / f"{n}.csv", "before")
    pair = [
        subprocess.Popen(
            [sys.executable, "-c", TWO.format(times=times, who=who)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for who in "ab"
    ]
    for n in range(times):
        for process in pair:
            assert process.stdout.readline() == f"{n}\n"
        for process in pair:
            process.stdin.write("\n")
            process.stdin.flush()
        said = [process.stdout.readline() for process in pair]
        winner = said.index("written\n")
        assert "came or changed meanwhile" in said[1 - winner]
        assert (tmp_path / f"{n}.csv").read_text() == f"{n} of {'ab'[winner]}" * 1000
        [kept] = tmp_path.glob(f"{n}-*.csv")
        assert kept.read_text() == f"{n} of {'ba'[winner]}" * 1000
    for process in pair:
        process.communicate()


def test_two_runs_into_one_new_file_by_every_door(tmp_path, capsys, monkeypatch):
    """What another run wrote while one computed is not replaced, though mgsim wrote it."""
    perform = mg.runs.sweep.in_memory

    def meanwhile(name):
        def run(*given):
            written(tmp_path / name, "of another run")
            return perform(*given)

        monkeypatch.setattr(mg.runs.sweep, "in_memory", run)

    doors = {
        "a.nc": lambda: mg.sweep(*WHAT, mg_out=[0, 1], out="a.nc"),
        "b.csv": lambda: mg.simulate(*WHAT[:2], out="b.csv"),
        "c.csv": lambda: mg.experiments["mg_response"].run(mg_out=[1], out="c.csv"),
        "d.csv": lambda: mg.dose_to_neuron(
            mg.doses.intravenous("4 g"), model=WHAT[0], protocol=WHAT[1], out="d.csv"
        ),
    }
    for name, door in doors.items():
        meanwhile(name)
        with pytest.raises(ValueError, match=f"{name[0]}.* came or changed meanwhile, and stays"):
            door()
        assert (tmp_path / name).read_text() == "of another run"
        assert len(list(tmp_path.glob(f"{name[0]}-*"))) == 1
    meanwhile("plots/mg_response.svg")
    monkeypatch.setattr("matplotlib.figure.Figure.savefig", lambda _, at, **__: at.write_text("x"))
    (tmp_path / "plots").mkdir()
    assert cli.main(["figure", "mg_response", "--axis", "mg_out=0,1", "--out", "plots"]) == cli.BAD
    assert "mg_response.svg came or changed meanwhile" in capsys.readouterr().err
    assert len(list((tmp_path / "plots").iterdir())) == 6


def test_a_result_whose_folder_went_is_kept_elsewhere(tmp_path, monkeypatch):
    """Removed, renamed or full while the run went on."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "temporary"))
    (tmp_path / "temporary").mkdir()
    (tmp_path / "here").mkdir()
    target = outputs.check(tmp_path / "here" / "x.csv")
    (tmp_path / "here").rename(tmp_path / "there")
    with pytest.raises(OSError, match=r"cannot write .*x\.csv \(No such file.* is in .*temporary"):
        outputs.write(target, "an hour's work")
    [kept] = (tmp_path / "temporary").glob("*/*")
    assert (kept.name, kept.read_text()) == ("x.csv", "an hour's work")


def test_what_could_not_be_written_to_its_end_leaves_nothing(tmp_path):
    def work(part):
        part.write_text("half")
        raise RuntimeError

    written(tmp_path / "x.csv", "before")
    with pytest.raises(RuntimeError):
        outputs.put({outputs.check(tmp_path / "x.csv"): work})
    assert (tmp_path / "x.csv").read_text() == "before"
    assert not list(tmp_path.glob(".mgsim-*"))


def stands_for_pyarrow(monkeypatch, closes):
    """What is written there is in the file when it is closed, as the last of Parquet's bytes is."""

    class Writer:
        def __init__(self, path, schema):
            self.path, self.rows = path, [schema]

        def write_table(self, table):
            self.rows += zip(*table.values(), strict=True)

        def close(self):
            closes()
            self.path.write_text("\n".join(",".join(map(str, row)) for row in self.rows))

    class Table(dict):
        schema = property(tuple)

    arrow, parquet = types.ModuleType("pyarrow"), types.ModuleType("pyarrow.parquet")
    arrow.table, arrow.parquet, parquet.ParquetWriter = Table, parquet, Writer
    monkeypatch.setitem(sys.modules, "pyarrow", arrow)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", parquet)


def test_a_parquet_file_is_closed_before_it_has_its_name(tmp_path, monkeypatch):
    """With all tables in it, words as text; what cannot be closed is not there."""
    tables = [
        {"law": np.array(["a", "b"], dtype=object), "n": np.array([1, 2]), "x": np.array([0.5, 2])},
        {"law": np.array(["c"]), "n": np.array([3]), "x": np.array([-1.0])},
    ]
    stands_for_pyarrow(monkeypatch, lambda: None)
    target = outputs.check(tmp_path / "x.parquet")
    result_file.write_as(target, dict, lambda: iter(tables))
    assert target.path.read_text() == "law,n,x\na,1,0.5\nb,2,2.0\nc,3,-1.0"

    def full():
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    stands_for_pyarrow(monkeypatch, full)
    target = outputs.check(tmp_path / "y.parquet")
    with pytest.raises(OSError, match=r"cannot write .*y\.parquet \(No space left on device"):
        result_file.write_as(target, dict, lambda: iter(tables), again=False)
    assert not target.path.exists()


@pytest.mark.skipif(sys.platform == "win32", reason="locks and signals of POSIX")
def test_what_a_killed_write_left_goes_with_the_next(tmp_path):
    """Known by name, mark and lock; what only looks like it, or is at work, stays."""
    code = (
        "import sys, time; from mgsim.sweeps.result import outputs; from pathlib import Path\n"
        "def work(part):\n"
        "    part.write_text('half'); print(part, flush=True); time.sleep(600)\n"
        "outputs.put({outputs.check(Path('x.csv')): work})"
    )

    def writer():
        made = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
        return made, made.stdout.readline().strip()

    (killed, left), (busy, at_work) = writer(), writer()
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    others = []
    for name, mark in (
        (".mgsim-mine.partial", None),
        (".mgsim-mythesis.partial", None),
        (".mgsim-abcdefgh.partial", b"a mark of mine"),
    ):
        (tmp_path / name).mkdir()
        others.append(tmp_path / name / ("mark" if mark else "thesis.txt"))
        others[-1].write_bytes(mark or b"mine")
    (tmp_path / "x.csv.1234.partial").write_text("mine")
    (tmp_path / ".mgsim-12345678.partial").write_text("mine")
    try:
        assert os.path.exists(left)
        written(tmp_path / "y.csv", "whole")
        assert not os.path.exists(os.path.dirname(left))
        assert os.path.exists(at_work)
        assert all(p.exists() for p in others)
        assert (tmp_path / ".mgsim-12345678.partial").read_text() == "mine"
        assert (tmp_path / "x.csv.1234.partial").exists()
    finally:
        busy.kill()
        busy.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="owners of POSIX")
def test_what_another_user_left_stays(tmp_path, monkeypatch):
    theirs = tmp_path / ".mgsim-abcdefgh.partial"
    theirs.mkdir()
    (theirs / files._MARK_FILE).write_bytes(files._MARK)
    with monkeypatch.context() as patch:
        patch.setattr(files, "is_own", lambda _: False)
        written(tmp_path / "x.csv", "whole")
        assert theirs.exists()
    written(tmp_path / "y.csv", "whole")
    assert not theirs.exists()


def test_where_there_are_no_locks_only_what_is_old_goes(tmp_path, monkeypatch):
    monkeypatch.setattr(files, "lock", lambda file: None)
    with files.scratch(tmp_path) as one:
        with files.scratch(tmp_path):
            assert one.exists()
        old = time.time() - 2 * files.DEAD
        for path in (one / "mark", one):
            os.utime(path, (old, old))
        with files.scratch(tmp_path):
            assert not one.exists()


def test_a_flipped_bit_of_a_netcdf_file_is_told(tmp_path, capsys):
    """Of numbers to whatever reads it; of anything where mgsim wrote it."""
    ds = mg.sweep(*WHAT, mg_out=[0, 1], block=["none", "kampa_2004"], out="r.nc")
    found, moved = tmp_path / "r.nc", tmp_path / "moved.nc"
    whole = found.read_bytes()
    moved.write_bytes(whole)
    assert read(moved).identical(ds)
    with h5py.File(moved) as opened:
        numbers = [opened[n] for n in ("mg_out", "mean_v", "status", "failed_at")]
        places = [x.id.get_chunk_info(0).byte_offset for x in numbers]
    for place in places:
        flipped = bytearray(whole)
        flipped[place] ^= 0x10
        moved.write_bytes(flipped)
        with pytest.raises(ValueError, match=r"moved\.nc is damaged"):
            read(moved)
        with pytest.raises(ValueError, match=r"moved\.nc is damaged"):
            mg.sweep(*WHAT, mg_out=[0, 1], start="moved.nc")
    assert cli.main(["figure", "mg_response", "--from", "moved.nc"]) == cli.BAD
    assert "moved.nc is damaged" in capsys.readouterr().err
    for place in range(0, len(whole), len(whole) // 20):
        found.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        with pytest.warns(UserWarning, match="not as mgsim wrote it"), suppress(ValueError):
            read(found)


@pytest.mark.skipif(sys.platform == "win32", reason="of POSIX")
def test_a_pipe_is_no_result():
    os.mkfifo("x.nc")
    with pytest.raises(ValueError, match="no file of that name"):
        mg.sweep(*WHAT, mg_out=[0, 1], start="x.nc")


def test_a_user_without_a_home_writes_files(tmp_path, monkeypatch):
    """As in a container with a user of no name: there is no list of what was written."""

    def nobody(*_, **__):
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(outputs.cache, "folder", nobody)
    assert cli.main([*LAW, "neuron", "--out", "a.mod"]) == cli.GOOD
    assert cli.main([*LAW, "neuron", "--out", "a.mod"]) == cli.BAD  # nobody can say whose it is


NAMES = [5, b"x.nc", ["x.nc"], "", "x\0.nc"]


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_name_of_a_file_is_refused_in_words(name):
    with pytest.raises((TypeError, ValueError), match="name of a"):
        mg.sweep(*WHAT, out=name)
    with pytest.raises((TypeError, ValueError), match="name of a"):
        mg.simulate(*WHAT[:2], out=name)
    with pytest.raises((TypeError, ValueError), match="name of a"):
        mg.open_sweep(name)
    with pytest.raises((TypeError, ValueError), match="name of a"):
        mg.figures.save("block_curves", None, name)
    with pytest.raises((TypeError, ValueError), match="name of a"):
        mg.read_data(name)


@pytest.mark.parametrize(
    "flag", ["large", "rerun_failed", "single_writer", "converge", "overwrite", "progress"]
)
@pytest.mark.parametrize("value", ["yes", "no", 1, [True]])
def test_what_is_neither_true_nor_false_is_refused(flag, value):
    with pytest.raises(TypeError, match=f"{flag} is True or False, not "):
        mg.sweep(*WHAT, **{flag: value})
