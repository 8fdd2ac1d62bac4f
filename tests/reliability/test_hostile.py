"""Sweep files that cannot be meant: told in a line, without much work, and nothing written."""

import jobs
import pytest
from effort import effort

import mgsim as mg
from mgsim import cli
from mgsim.catalogs.catalog import UnknownName
from mgsim.runs.from_file import sweep_file
from mgsim.runs.sweep import in_memory

GOOD = 'model = "standard"\nprotocol = "train_20hz"\nmeasures = ["mean_v"]\nduration = 100\n'
LONG = "x" * 300

HOSTILE = [
    'mode = "x"',
    "[axis]\nmg_out = [1]",
    'equations = "dv/dt = 1*mV/ms : mV"',
    "[set]\nmg_out = \"__import__('os').system('touch pwned')\"",
    "[set]\nmg_out = \"open('pwned', 'w')\"",
    '[set]\nmg_out = "9**9**9**9"',
    '[set]\nmg_out = "9**9**9**9 mM"',
    '[set]\nmg_out = "().__class__.__bases__"',
    '[set]\n"mg_out; import os" = 1',
    "[set]\n__class__ = 1",
    f"[set]\n{LONG} = 1",
    f'[set]\nmg_out = "{LONG}"',
    f'[set]\nblock = "{LONG}"',
    '[set]\nblock = "../../etc/passwd"',
    '[set]\nblock = "none\\u0000"',
    "[set]\nmg_out = nan",
    "[set]\nmg_out = inf",
    "[set]\nmg_out = true",
    "[set]\nmg_out = -1",
    "[set]\nmg_out = [1, 2]",
    "[axes]\nmg_out = []",
    '[axes]\nmg_out = [1, "a"]',
    "[axes]\nmg_out = {start = 0, stop = 1, count = 0}",
    "[axes]\nmg_out = {start = 0, stop = 1, count = 99999999999}",
    '[axes]\nmg_out = {start = 0, stop = 1, count = 3, spacing = "log"}',
    "[axes]\nmg_out = {start = 0, stop = 1, cuont = 3}",
    '[axes]\nout = ["/tmp/pwned"]',
    "[axes]\nprogress = [1]",
    '[set]\nout = "pwned"',
    '[set]\nclient = "tcp://1.2.3.4:5"',
    '[design]\nkind = "table"\nfile = "../points.csv"',
    '[design]\nkind = "table"\nfile = "/etc/passwd"',
    '[design]\nkind = "table"\nfile = "link.csv"',
    '[design]\nkind = "table"\nfile = "a\\u0000b"',
    '[design]\nkind = "table"\nfile = "."',
    '[design]\nkind = "exec"',
    '[design]\nkind = "sobol"\npoints = 10',
    '[design]\nkind = "sobol"\nfile = "x"',
    '[design]\nkind = "sobol"\npoints = 1000000000000\nranges = {mg_out = [0, 1]}',
    "seed = -1",
    "seed = 99999999999999999999999",
    f"seed = {'9' * 5000}",
    "dt = -0.1",
    "dt = 1e-300",
    'engine = "os"',
    'method = "exec"',
    "x = " + "[" * 5000,
    "\x00",
    "model",
    'a = """',
    "[set]\nthreads = 3",
    "[axes]\ndesign = [1]",
    '[set]\nengine = "brian"',
    "[set]\n" + "\n".join(f"p{i} = {i}" for i in range(5000)),
]


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_hostile_files_are_refused_in_a_line(tmp_path, monkeypatch, capsys):
    """Release test 12."""
    place = tmp_path / "in"
    place.mkdir()
    (tmp_path / "points.csv").write_text("mg_out\n1\n")
    (place / "link.csv").symlink_to(tmp_path / "points.csv")
    monkeypatch.chdir(place)
    before = sorted(tmp_path.rglob("*"))
    in_memory(jobs.law(1))
    slowest = 0.0
    for text in HOSTILE:
        (place / "x.toml").write_text(GOOD + text)
        for command in (["sweep", "run", "x.toml", "--out", "s"], ["sweep", "plan", "x.toml"]):
            code, work = effort(lambda command=command: cli.main(command))
            slowest = max(slowest, work)
            err = capsys.readouterr().err
            assert code == cli.BAD, text
            assert err.startswith("mgsim: error: "), text
            assert err.count("\n") == 1, text
            assert len(err) < 1000, text
    (place / "x.toml").unlink()
    assert sorted(tmp_path.rglob("*")) == before
    with capsys.disabled():
        print(
            f"\n{len(HOSTILE)} hostile files refused, nothing written; the slowest "
            f"took the work of {slowest:.0f} times 100,000 additions"
        )
    assert slowest < 500


@pytest.mark.parametrize(
    "out",
    [
        "a\0b",
        "x" * 300,
        "s/" + "x" * 300,
        "/proc/nothing/s",
        "/dev/null/s",
        "s.json",
        "no/such/s.csv",
    ],
)
def test_folders_that_cannot_be_are_refused(tmp_path, monkeypatch, capsys, out):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "x.toml").write_text(GOOD)
    assert cli.main(["sweep", "run", "x.toml", "--out", out]) == cli.BAD
    assert capsys.readouterr().err.startswith("mgsim: error: ")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('mesures = ["mean_v"]', "did you mean measures"),
        ("[axis]\nx = 1", "did you mean axes"),
        ("[axes]\nmg_out = {strat = 0, stop = 1, count = 2}", "did you mean start"),
        ('[design]\nkind = "sobol"\npionts = 3', "did you mean points"),
        ("[axes]\nmg_uot = [1, 2]", "did you mean mg_out"),
        ('[axes]\nblock = ["kampa_2003"]', "did you mean kampa_2004"),
    ],
)
def test_the_nearest_name_is_offered(tmp_path, text, said):
    (tmp_path / "x.toml").write_text(GOOD + text)
    with pytest.raises(UnknownName, match=said):
        sweep_file.read(tmp_path / "x.toml")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("duration = 0", "duration must be positive"),
        ('start = ""', "start"),
        (
            '[set]\nlooks = 3\n[threshold]\naxis = "g_nmda"\nmeasure = "mean_v"\nlevel = 1\n'
            "between = [0, 1]\nto = 1",
            "'looks' is no parameter",
        ),
    ],
)
def test_what_cannot_be_is_not_as_if_it_were_not_there(tmp_path, text, said):
    (tmp_path / "x.toml").write_text(f'model = "standard"\nprotocol = "train_20hz"\n{text}')
    with pytest.raises(ValueError, match=said):
        sweep_file.read(tmp_path / "x.toml")


def test_a_file_means_what_python_means(tmp_path):
    (tmp_path / "points.csv").write_text("mg_out,block\n0,none\n1,kampa_2004\n")
    (tmp_path / "x.toml").write_text(
        GOOD + 'engine = "fused"\nwindow = [60, 100]\n'
        '[set]\ntau_ca = "0.04 s"\n[axes]\ne_k = {start = -100, stop = -90, count = 3}\n'
        'g_nmda = [5, "0.01 µS"]\n[design]\nkind = "table"\nfile = "points.csv"\n',
        encoding="utf-8",
    )
    found = in_memory(sweep_file.read(tmp_path / "x.toml"))
    protocol = mg.protocols["train_20hz"].lasting(100, (60, 100))
    expected = mg.sweep(
        mg.models["standard"],
        protocol,
        mg.measures["mean_v"],
        engine="fused",
        tau_ca=40,
        e_k=[-100.0, -95.0, -90.0],
        g_nmda=[5, "0.01 uS"],
        design=mg.designs.table(tmp_path / "points.csv"),
    )
    assert found.drop_attrs().broadcast_equals(expected.drop_attrs())
    assert found.sizes == expected.sizes
