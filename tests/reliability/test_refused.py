"""Workers and clusters that must not compute: other code, another folder, a scheduler that is gone.

What is refused is refused before the first value.
"""

import functools
import os
import random
import re
import shutil
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import jobs
import numpy as np
import pytest

import mgsim as mg
import mgsim.sweeps
from mgsim import cli
from mgsim.cli import cluster as connecting
from mgsim.engines.contract import PENDING, EngineError
from mgsim.runs import in_folder
from mgsim.runs.sweep import in_memory
from mgsim.runs.workers import tasks
from mgsim.store import record, source_digest
from mgsim.store.description import identity
from mgsim.store.description.identity import OtherSweep, differences
from mgsim.store.folder import Store

pytestmark = [
    pytest.mark.filterwarnings("ignore::ResourceWarning"),
    pytest.mark.filterwarnings("ignore::mgsim.store.folder.PendingPointsWarning"),
]
HERE, SOURCE = Path(jobs.__file__).parent, Path(mg.__file__).parent


def other(folder, *changes):
    """A copy of mgsim under ``folder``, with each (file, what stands there, what shall)."""
    shutil.copytree(SOURCE, folder / "mgsim", ignore=shutil.ignore_patterns("__pycache__"))
    for file, old, new in changes:
        path = folder / "mgsim" / file
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))
    return folder


VALUES = ("sweeps/labels.py", "def displayed(", "OTHER = 1\n\n\ndef displayed(")
WORDS = (
    ("sweeps/labels.py", '"""', '"""In other words. '),
    ("engines/updates/stepping.py", "\nimport numpy", "\n# a comment\n\nimport numpy"),
    ("engines/fused/c_text/mathematics.h", "\n", "  /* a comment */\n"),
    ("engines/binomial.h", "#endif\n", "#endif /* a comment */\n"),
)
VERSION = ("version.py", f'__version__ = "{mg.__version__}"', '__version__ = "9.9.9"')


def environment(source=SOURCE.parent):
    paths = [str(source), str(HERE), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}


class Cluster:
    """A scheduler and workers as one starts them, each with its own mgsim and folder."""

    def __init__(self, folder):
        self.folder, self.made = folder, []
        self.file = folder / "scheduler.json"
        self.scheduler = self.start(
            "dask_scheduler", "--port", "0", "--no-dashboard", "--scheduler-file", self.file
        )
        while not self.file.exists():
            assert self.scheduler.poll() is None
            time.sleep(0.02)

    def start(self, what, *args, **options):
        self.made.append(
            subprocess.Popen(
                [sys.executable, "-m", f"distributed.cli.{what}", *map(str, args)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                **options,
            )
        )
        return self.made[-1]

    def worker(self, client, source=SOURCE.parent, cwd=None):
        before = len(client.nthreads())
        made = self.start(
            "dask_worker",
            "--scheduler-file",
            self.file,
            "--no-nanny",
            "--nthreads",
            "1",
            "--no-dashboard",
            "--local-directory",
            self.folder,
            env=environment(source),
            cwd=cwd or self.folder,
        )
        client.wait_for_workers(before + 1, timeout=120)
        return made


@contextmanager
def cluster(folder):
    distributed = pytest.importorskip("distributed")
    made = Cluster(folder)
    try:
        with distributed.Client(
            scheduler_file=str(made.file), timeout=20, set_as_default=False
        ) as client:
            yield made, client
    finally:
        for process in made.made:
            process.kill()
            process.wait()


def nothing_ran(folder):
    return not list(Path(folder).glob("done/[0-9]*"))


@pytest.mark.slow
def test_a_worker_with_another_mgsim_is_refused(tmp_path, capsys):
    job, expected = jobs.law(100), in_memory(jobs.law(100))
    cases = {"source": [VALUES], "version": [VERSION]}
    with cluster(tmp_path) as (made, client):
        for name, changes in cases.items():
            bad = made.worker(client, other(tmp_path / name, *changes))
            with pytest.raises(EngineError, match=f"must not run this: .*{name}|mgsim 9.9.9"):
                in_folder.durable(job, tmp_path / "s", batch=20, client=client)
            assert nothing_ran(tmp_path / "s")
            bad.kill()
            while client.nthreads():
                time.sleep(0.02)
        made.worker(client, other(tmp_path / "words", *WORDS))
        late = threading.Thread(target=made.worker, args=(client, tmp_path / "source"))
        slow = jobs.law(100, jobs.Law(0.1))
        late.start()
        with pytest.raises(EngineError, match=r"must not run this: its mgsim .* other source"):
            in_folder.durable(slow, tmp_path / "late", batch=1, client=client)  # joins when it can
        late.join()
        ds = mg.open_sweep(tmp_path / "late")
        done = ds.status.values != PENDING
        assert np.array_equal(ds.mean_v.values[done], expected.mean_v.values[done])
    with capsys.disabled():
        print(
            "\nworkers with another mgsim: tried 3 (source, version, one late), refused 3 "
            f"({int(done.sum())} points of others compared), lost 0, wrong 0"
        )


@pytest.mark.slow
def test_a_relative_folder_is_the_callers(tmp_path, monkeypatch, capsys):
    """A worker that runs in a colleague's folder writes nothing there."""
    theirs, mine = tmp_path / "colleague", tmp_path / "mine"
    theirs.mkdir()
    mine.mkdir()
    monkeypatch.chdir(theirs)
    in_folder.durable(jobs.law(50), "s", batch=20)
    before = {p: p.read_bytes() for p in theirs.rglob("*") if p.is_file()}
    monkeypatch.chdir(mine)
    job, expected = jobs.law(60), in_memory(jobs.law(60))
    with cluster(tmp_path) as (made, client):
        made.worker(client, cwd=theirs)
        ds = in_folder.durable(job, "s", batch=20, client=client)
    assert np.array_equal(ds.mean_v, expected.mean_v)
    assert np.array_equal(mg.open_sweep(mine / "s").mean_v, expected.mean_v)
    assert {p: p.read_bytes() for p in theirs.rglob("*") if p.is_file()} == before
    with capsys.disabled():
        print(
            "\na relative folder, a worker elsewhere: tried 1, survived 1 (120 points), lost 0, "
            "wrong 0"
        )


def test_a_worker_must_see_the_callers_folder(tmp_path, monkeypatch):
    """The same name is not the same folder: only the caller's own file proves it."""
    monkeypatch.setattr(tasks.time, "sleep", lambda _: None)
    job = jobs.law(10)
    in_folder.durable(job, tmp_path / "s")
    in_folder.durable(jobs.law(11), tmp_path / "t")
    store = Store.open(tmp_path / "s")
    (run,) = (p.name for p in (tmp_path / "s" / "runs").iterdir())
    own = tuple(source_digest.digests(job.engines).items())

    def place(**changes):
        return tasks.Place(
            **{
                "folder": str(tmp_path / "s"),
                "sha256": store.manifest["sha256"],
                "mgsim": mg.__version__,
                "code": own,
                "run": run,
                **changes,
            }
        )

    assert tasks.unfit(place()) is None
    assert "does not see" in tasks.unfit(place(run="another.json"))
    assert "does not see" in tasks.unfit(place(folder=str(tmp_path / "nowhere")))
    shutil.copy(tmp_path / "s" / "runs" / run, tmp_path / "t" / "runs" / run)
    assert "another sweep" in tasks.unfit(place(folder=str(tmp_path / "t")))
    assert "has mgsim" in tasks.unfit(place(mgsim="9.9.9"))
    assert "other source" in tasks.unfit(place(code=(("mgsim", "0"),)))
    changed = (*own[:-1], (own[-1][0], "0"))
    with pytest.raises(EngineError, match="the module of its engine is another"):
        tasks.checked(tasks.run_points, lambda: job, place(code=changed), np.arange(3))


def kill_after(process, folder, batches, seconds):
    """Kill once so many batches are done, and a while later."""
    while len(list(folder.glob("done/[0-9]*"))) < batches:
        time.sleep(0.01)
    time.sleep(seconds)
    process.kill()


@pytest.mark.slow
def test_a_scheduler_that_is_killed_ends_in_a_line(tmp_path, capsys):
    job = jobs.law(100, jobs.Law(0.04))
    expected = in_memory(jobs.law(100))
    tried, kept, rng = (10 if jobs.LONG else 2), 0, random.Random(0)
    for number in range(tried):
        place = tmp_path / str(number)
        place.mkdir()
        with cluster(place) as (made, client):
            made.worker(client)
            killer = threading.Thread(
                target=kill_after,
                args=(made.scheduler, place / "s", 5 * number, rng.uniform(0, 0.5)),
            )
            killer.start()
            with pytest.raises(EngineError, match="scheduler is gone") as error:
                in_folder.durable(job, place / "s", batch=2, client=client)
            killer.join()
        assert cli._exit_code(error.value) == cli.BAD
        if (place / "s" / "manifest.json").exists():
            ds = mg.open_sweep(place / "s")
            done = ds.status.values != PENDING
            kept += int(done.sum())
            assert np.array_equal(ds.mean_v.values[done], expected.mean_v.values[done])
        assert np.array_equal(in_folder.durable(job, place / "s", batch=2).mean_v, expected.mean_v)
    with capsys.disabled():
        print(
            f"\nkilled schedulers: tried {tried}, survived {tried} ({kept} points compared), "
            "lost 0, wrong 0"
        )


@pytest.mark.slow
def test_on_the_command_line_too(tmp_path):
    """Nothing of what Dask logs meanwhile is shown."""
    with cluster(tmp_path) as (made, client):
        made.worker(client)
        script = (
            "import sys, jobs, mgsim.cli, mgsim.runs.from_file.sweep_file\n"
            "mgsim.runs.from_file.sweep_file.read = lambda *a, **k: jobs.law(100, jobs.Law(0.04))\n"
            f"sys.exit(mgsim.cli.main(['sweep', 'run', 'x.toml', '--out', "
            f"{str(tmp_path / 's')!r}, '--batch', '2', '--dask', {str(made.file)!r}]))"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", script],
            env=environment(),
            text=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        kill_after(made.scheduler, tmp_path / "s", 3, 0.1)
        _, err = process.communicate(timeout=120)
    assert process.returncode == cli.BAD
    assert err.startswith("mgsim: error: the cluster's scheduler is gone")
    assert err.count("\n") == 1


def test_what_is_no_client_is_refused_in_words(tmp_path):
    distributed = pytest.importorskip("distributed")
    with pytest.raises(TypeError, match=r"takes a dask.distributed.Client.*not str"):
        in_folder.durable(jobs.law(10), tmp_path / "s", client="tcp://127.0.0.1:8786")
    with distributed.LocalCluster(n_workers=1, processes=False, dashboard_address=":0") as made:
        with pytest.raises(TypeError, match="not LocalCluster"):
            in_folder.durable(jobs.law(10), tmp_path / "s", client=made)
        client = distributed.Client(made, set_as_default=False)
        client.close()
        with pytest.raises(ValueError, match="client= is closed"):
            in_folder.durable(jobs.law(10), tmp_path / "s", client=client)
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "no such file"),
        ("{", "no scheduler file"),
        ("{}", "no scheduler file"),
        ('{"address": "tcp://127.0.0.1:1"}', "no scheduler answers"),
        ('{"address": 3}', "no text"),
        ('{"address": "nonsense://x"}', "no scheduler answers"),
    ],
)
def test_a_scheduler_file_that_leads_nowhere(text, words, tmp_path, monkeypatch, capsys):
    pytest.importorskip("distributed")
    monkeypatch.setattr(connecting, "_PATIENCE", 0.3)
    file = tmp_path / "scheduler.json"
    if text is not None:
        file.write_text(text)
    command = f"sweep run mg_response --axis mg_out=0,1 --out {tmp_path / 's'} --dask {file}"
    assert cli.main(command.split()) == cli.BAD
    said = capsys.readouterr().err
    assert re.match(rf"mgsim: error: --dask .*{words}", said.splitlines()[-1]), said
    assert "Traceback" not in said
    assert not (tmp_path / "s").exists()


def resumed(folder, source):
    script = (
        f"import jobs; from mgsim.runs import in_folder; in_folder.durable(jobs.law(100), "
        f"{str(folder)!r}); print('went on')"
    )
    return subprocess.run(
        [sys.executable, "-c", script],
        env=environment(source),
        text=True,
        capture_output=True,
        check=False,
    )


def test_other_code_of_the_same_version_does_not_go_on(tmp_path):
    """Nor does it add to a sweep of other code that is whole; comments are no code."""
    job = jobs.law(100)
    store = in_folder.start(job, tmp_path / "s", batch=20)
    store.write(0, in_folder.rows_of(job, np.arange(20)))
    refused = resumed(tmp_path / "s", other(tmp_path / "values", VALUES))
    assert "OtherSweep" in refused.stderr
    assert "begun with other source of mgsim" in refused.stderr
    assert Store.open(tmp_path / "s").done().tolist() == [True] + 9 * [False]
    words = other(tmp_path / "words", *WORDS)
    ahead = time.time() + 1e6  # a clock that went back, or another machine's
    os.utime(next(words.rglob("model.py")), (ahead, ahead))
    went = resumed(tmp_path / "s", words)
    assert went.stdout == "went on\n", went.stderr
    assert np.array_equal(mg.open_sweep(tmp_path / "s").mean_v, in_memory(job).mean_v)


LATER = """
import pathlib, sys
from mgsim.engines.contract import EngineError, Options
from mgsim.engines.fused.execute import source_of
from mgsim.store import source_digest
import mgsim as mg
from mgsim.system.lowering import lower

def text():
    system = lower(mg.models["tonic"], mg.protocols["rest"], ())
    return source_of(system, frozenset(), Options(dt=5e-5, duration=0.1)).text

root = pathlib.Path(sys.argv[1])
late = "mgsim.protocols.pairings"
assert late not in sys.modules
digest, before = source_digest.digests(), text()
assert late in sys.modules
for path in root.rglob("[!.]*.h"):
    path.write_text(path.read_text() + "int other;")
source_digest._own.cache_clear()
assert (source_digest.digests(), text()) == (digest, before)
(root / "units" / "added.py").write_text("X = 1")
source_digest._own.cache_clear()
try:
    source_digest.digests()
except EngineError as error:
    print(error)
"""


@pytest.mark.skipif(os.name == "nt", reason="links need a right there")
def test_what_runs_is_what_the_digest_is_of_though_files_change_meanwhile(tmp_path):
    """Headers are read once, modules before they are told of; editors' links are no modules."""
    root = other(tmp_path / "mgsim_too") / "mgsim"
    for name in ("units/.#units.py", "engines/.#binomial.h"):
        (root / name).symlink_to("somebody@somewhere.1:1")
    found = subprocess.run(
        [sys.executable, "-c", LATER, str(root)],
        env=environment(root.parent),
        text=True,
        capture_output=True,
        check=False,
    )
    assert "added.py has changed since it was loaded; start Python anew" in found.stdout, found


def test_an_engine_of_ones_own_counts_with_its_module(tmp_path, monkeypatch):
    in_folder.start(jobs.law(10), tmp_path / "s")
    with pytest.raises(OtherSweep, match=r"engine_settings\.law\.phase is .0\.0. there"):
        in_folder.start(jobs.law(10, jobs.Law(phase=1.0)), tmp_path / "s")
    in_folder.start(jobs.law(10, jobs.Law(seconds=1.0)), tmp_path / "s")
    monkeypatch.setattr(source_digest, "of_module", lambda kind: "another")
    with pytest.raises(OtherSweep, match="begun with other source"):
        in_folder.start(jobs.law(10), tmp_path / "s")


class Set(jobs.Law):
    """An engine with a setting that is no field."""

    def __init__(self, setting):
        jobs.Law.__init__(self)
        object.__setattr__(self, "setting", setting)


class Slotted(jobs.Law):
    __slots__ = ("setting",)

    __init__ = Set.__init__


def test_every_setting_of_an_engine_of_ones_own_counts_or_is_refused():
    """Equal values are told alike and others apart, whatever type of numbers or container."""

    def told(value, kind=Set):
        return identity.describe(jobs.law(2, kind(value)))["engine_settings"]

    apart = [
        (1.5, np.float64(1.5), np.array(1.5)),
        (2, np.int64(2), np.uint8(2)),
        (np.float32(0.1),),
        (np.arange(3),),
        (np.arange(4),),
        (np.arange(3.0),),
        ({"a": np.int64(1), "b": [2]}, {"b": (2,), "a": 1}),
        ({"a": 2, "b": [2]},),
        ({"a", "b"}, frozenset("ba")),
        (None,),
        ("1.5",),
    ]
    found = [{repr(told(x)) for x in same} for same in apart]
    assert [len(x) for x in found] == [1] * len(apart)
    assert len(set.union(*found)) == len(apart)
    assert told(1, Slotted) != told(2, Slotted)
    for value in (object(), [threading.Lock()], {"f": len}, np.array([None])):
        with pytest.raises(EngineError, match=r"'setting' of engine 'law' is a .*cannot tell"):
            told(value)


def test_an_engine_of_no_file_gets_no_folder(tmp_path):
    """As in a notebook, or at a prompt; one that inherits counts with both modules."""
    at_prompt = type("Mine", (jobs.Law,), {"__module__": "no_file"})
    with pytest.raises(EngineError, match="engine 'law' is of no file"):
        in_folder.start(jobs.law(2, at_prompt()), tmp_path / "s")
    assert not (tmp_path / "s").exists()
    [alone, both] = (source_digest.digests([e])["law"] for e in (jobs.Law(), Set(1)))
    assert both not in {alone, source_digest.of_module(Set)}


def test_a_worker_never_takes_one_folder_for_another_of_its_name(tmp_path, monkeypatch):
    """Removed and made again, whose file system may give it the same number: another run."""
    folder, made, stat = tmp_path / "s", [], os.stat

    def same_number(path, **how):
        found = stat(path, **how)
        return os.stat_result((found.st_mode, 1, *found[2:10]))

    for job in (jobs.law(3), jobs.law(4)):
        shutil.rmtree(folder, ignore_errors=True)
        store = in_folder.start(job, folder)
        run = record.Record(store).path.name
        place = tasks.Place(
            str(folder),
            store.identity,
            mg.__version__,
            tuple(source_digest.digests(job.engines).items()),
            run,
        )
        monkeypatch.setattr(os, "stat", same_number)
        assert tasks.unfit(place) is None
        monkeypatch.undo()
        made.append(tasks._store(place.folder, run).identity)
    assert made[0] != made[1] == store.identity


# ------------------------------------------------------------------------------- the digest


def test_the_digest_is_kept_by_what_the_sources_are(tmp_path, monkeypatch):
    """Told anew only where some source, or how it is read, is another."""
    monkeypatch.setenv("MGSIM_CACHE", str(tmp_path))
    read, source = [], source_digest._source
    bared = source_digest._bared
    monkeypatch.setattr(source_digest, "_bared", lambda sources: read.append(1) or bared(sources))
    first = source_digest._own.__wrapped__()
    assert (source_digest._own.__wrapped__(), len(read)) == (first, 1)
    monkeypatch.setattr(source_digest, "_source", lambda n: source(n) + "# a comment\n")
    assert (source_digest._own.__wrapped__(), len(read)) == (first, 2)
    [kept, _] = sorted(tmp_path.glob("source-*.txt"))
    kept.write_text("another")
    monkeypatch.setattr(source_digest, "_source", source)
    assert source_digest._own.__wrapped__() == first


def test_every_module_that_computes_counts(monkeypatch):
    """A number more in any of them is another digest, a docstring or a comment is not."""
    source = source_digest._source
    monkeypatch.setattr(source_digest, "_plain", functools.cache(source_digest._plain))

    def with_more(module, text):
        monkeypatch.setattr(source_digest, "_source", lambda n: source(n) + text * (n == module))
        return source_digest._own.__wrapped__()

    plain, modules = source_digest._own.__wrapped__(), list(source_digest._names())
    some = ("engines.brian.engine", "engines.fused.c_text.emit", "sweeps.resolving.resolve")
    assert {f"mgsim.{n}" for n in some} < {*modules}
    for module in modules:
        assert with_more(module, "\nX = 1\n") != plain
        assert with_more(module, "\n# a comment\n\n'A text that stands alone.'\n") == plain
    headers = source_digest.HEADERS
    assert sorted(headers) == sorted(p.name for p in Path(mg.__file__).parent.rglob("*.h"))
    for name, text in headers.items():
        for more, counts in (("#define X 1\n", True), ("/* a comment */\n", False)):
            monkeypatch.setattr(source_digest, "HEADERS", {**headers, name: text + more})
            assert (source_digest._own.__wrapped__() != plain) == counts


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("from mgsim.declare import priors", "from mgsim.tuned import priors"),
        ("from mgsim.a import f\ndef f(): return 1", "def f(): return 1\nfrom mgsim.a import f"),
        ("x = d.get('k', '')", "x = d.get('k')"),
        ("x = f(a, '')", "x = f(a)"),
    ],
)
def test_what_may_change_a_number_changes_the_digest(before, after):
    assert source_digest._plain(before) != source_digest._plain(after)


def test_what_computes_imports_nothing_else_that_computes():
    """Besides what is listed, only what a system is made from, which is described by itself."""
    import ast

    made_from = {
        "mgsim.catalogs.catalog",
        "mgsim.catalogs",
        "mgsim.declare.changes",
        "mgsim.files",
        "mgsim.declare.component",
        "mgsim.compose.model",
        "mgsim.compose.finding",
        "mgsim.compose.places",
        "mgsim.compose.seeing",
        "mgsim.measures",
        "mgsim.parts.mechanisms.calcium_rule",
        "mgsim.system.joining",
        "mgsim",
        "mgsim.sweeps",
        "mgsim.version",
    }
    counted = set(source_digest._names())
    for name in counted:
        for node in ast.walk(ast.parse(source_digest._source(name))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("mgsim"):
                whole = {f"{node.module}.{a.name}" for a in node.names}
                known = counted | made_from
                assert whole <= known or node.module in known, (name, node.module)


def test_a_module_that_changed_since_it_was_loaded_is_told(monkeypatch):
    before = dict.fromkeys(mgsim.sweeps.LOADED, 0)
    monkeypatch.setattr(mgsim.sweeps, "LOADED", before)
    with pytest.raises(EngineError, match="has changed since it was loaded; start Python anew"):
        source_digest._own.__wrapped__()


@pytest.mark.parametrize("number", [1, 8, 9, 11])
def test_of_many_differences_eight_are_told_and_the_others_counted(number):
    there, asked = ({f"value_{i}": i + d for i in range(number)} for d in (0, 100))
    told, _, rest = differences(there, asked).partition("; and ")
    assert told.count("; ") + 1 == min(number, 8)
    assert rest == (f"{number - 8} more" if number > 8 else "")
