"""Parts and models from a file that the command line names, and from nowhere else."""

import json

import pytest

from mgsim.cli import BAD, GOOD, main

LAW = """
import mgsim as mg

half = mg.Parameter("mg_half", 3.0, "mM")
mine = mg.Component(
    "mine",
    "block",
    "a law of my own",
    "unblocked = 1/(1 + mg_out/mg_half) : 1",
    parameters=(half,),
)
open_patch = mg.models["patch"].swap(mine).named("open_patch")
"""


@pytest.fixture
def own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "mylaw.py").write_text(LAW)
    return tmp_path


def command(line, capsys):
    code = main(line.split())
    out = capsys.readouterr()
    return code, out.out, out.err


def test_a_part_of_ones_own_is_set_and_swept(own, capsys):
    """At 3 mM half of the current that block 'none' leaves: the law's closed form."""
    line = (
        "sweep run nmda_iv --axis block=none,./mylaw.py --set mg_out=3 --axis v_hold=-60,20 "
        "--out iv.csv"
    )
    assert command(line, capsys)[0] == GOOD
    code, out, _ = command(
        "simulate patch --protocol voltage_ramp --set block=./mylaw.py "
        "--record unblocked --set mg_out=3 --json",
        capsys,
    )
    assert code == GOOD
    values = json.loads(out)["data_vars"]["unblocked"]["data"]
    assert min(values) == max(values) == pytest.approx(0.5, rel=1e-12)


def test_a_model_of_ones_own_runs_and_a_law_is_shown_and_exported(own, capsys):
    assert command("simulate ./mylaw.py --protocol voltage_ramp", capsys)[0] == GOOD
    assert "mg_half  3 mM  (plausible not stated)" in command("show mylaw.py:mine", capsys)[1]
    assert "mg_half" in command("export ./mylaw.py:mine --to neuron", capsys)[1]


def test_a_part_of_ones_own_goes_where_the_slot_says(own, capsys):
    """The spine's block is 1/(1 + 3/3), whatever the potential there: the law's closed form."""
    line = "simulate spine --protocol rest --duration 1 --record unblocked_spine --set mg_out=3"
    code, out, _ = command(f"{line} --set block_spine=./mylaw.py --json", capsys)
    values = json.loads(out)["data_vars"]["unblocked_spine"]["data"]
    assert code == GOOD
    assert min(values) == max(values) == pytest.approx(0.5, rel=1e-12)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("ca_pool=./mylaw.py", "holds no Component that fills the slot 'ca_pool'"),
        ("block_spine=./mylaw.py", "'mine' fills the slot 'block', not 'block_spine'"),
        ("block=./mylaw.py:mien", "did you mean mine?"),
        ("block=./other.py", "there is no file of that name"),
        ("block=./bad.py", "could not be run: KeyError: 'x'"),
    ],
)
def test_what_a_file_lacks_is_said(own, capsys, value, words):
    (own / "bad.py").write_text("raise KeyError('x')")
    code, _, err = command(f"simulate standard --protocol rest --set {value}", capsys)
    assert code == BAD
    assert words in err
    assert err.count("\n") == 1


def test_of_several_one_is_asked_for(own, capsys):
    code, _, err = command("export ./mylaw.py --to neuron", capsys)
    assert code == BAD
    assert "holds 2 (mine, open_patch); say which: ./mylaw.py:NAME" in err


def test_a_sweep_file_names_no_code(own, capsys):
    (own / "mylaw.py").write_text("raise SystemExit('was run')")
    (own / "sweep.toml").write_text(
        'model = "patch"\nprotocol = "voltage_clamp"\nmeasures = ["mean_i_nmda"]\n'
        '[set]\nblock = "./mylaw.py"\n'
    )
    code, _, err = command("sweep run sweep.toml", capsys)
    assert code == BAD
    assert "was run" not in err
    assert "./mylaw.py" in err


def test_a_file_runs_as_a_module_does_and_its_end_is_no_success(own, capsys):
    (own / "mylaw.py").write_text(
        "from __future__ import annotations\nfrom dataclasses import dataclass\n\n"
        f"@dataclass\nclass Own:\n    value: float = 1.0\n{LAW}"
    )
    assert command("show mylaw.py:mine", capsys)[0] == GOOD
    (own / "ends.py").write_text("raise SystemExit(0)")
    for _ in range(2):  # what has failed is not kept as if it had run
        code, out, err = command("show ends.py:mine", capsys)
        assert (code, out) == (BAD, "")
        assert "'ends.py:mine' could not be run: SystemExit: 0" in err
