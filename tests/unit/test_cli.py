"""The command line: what it prints, what it refuses, and its exit codes."""

import argparse
import errno
import inspect
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import warnings

import numpy as np
import pandas as pd
import pytest
import xarray as xr
from effort import effort
from every import each

import mgsim as mg
from mgsim.analysis.fit import compare
from mgsim.cli import BAD, FAILED, GOOD, STOPPED, arguments, jobs, main, output
from mgsim.cli.commands import figure
from mgsim.cli.parser import parser
from mgsim.declare.ports import PORTS
from mgsim.runs import progress
from mgsim.store.ownership import creating

#: Runs that need no compiler and no time.
QUICK = "sweep run block_curves --axis v=-70,-40"
SMALL = "sweep run mg_response --axis mg_out=0,1 --set block=none"
SOON = 1000  # units of work: some seconds
#: Every conductance is a rate that no step follows: the membrane holds next to no charge.
DIVERGES = "sweep run mg_response --axis mg_out=0,1 --set c_m=1e-4"
CLAMP = "simulate patch --protocol voltage_clamp --duration 1 --record i_nmda"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def said(capsys):
    """Run a command line; return its exit code, output and errors."""

    def run(command):
        words = shlex.split(command) if isinstance(command, str) else command
        code = main(words)
        out = capsys.readouterr()
        return code, out.out, out.err

    return run


# ------------------------------------------------------------------------------------------ help


def commands(one, name=""):
    """Every command and group of commands, by its words, with its parser."""
    yield name, one
    for action in one._actions:
        if isinstance(action, argparse._SubParsersAction):
            for word, inside in action.choices.items():
                yield from commands(inside, f"{name} {word}".strip())


@pytest.mark.parametrize("command", [name for name, _ in commands(parser())])
def test_help_teaches_by_examples_that_can_be_parsed(command, capsys):
    with pytest.raises(SystemExit) as stop:
        main([*command.split(), "--help"])
    assert stop.value.code == 0
    text = capsys.readouterr().out
    shown = text.partition("examples:" if command else "first steps:")[2].partition("exit codes")[0]
    assert f"mgsim {command}".strip() in shown
    for line in re.sub(r"\\\n *", "", shown).strip().splitlines():
        program, *words = shlex.split(re.split("   | > ", line.strip())[0])
        assert program == "mgsim"
        if words[-1] != "--help":
            assert parser().parse_args(words).do


def test_help_and_lists_start_light():
    for command in ("--help", "list"):
        code = (
            "import sys; from mgsim.cli import main\n"
            f"try: main([{command!r}])\nexcept SystemExit: pass\n"
            "print(*({'xarray', 'brian2', 'matplotlib', 'scipy'} & set(sys.modules)),"
            "file=sys.stderr)"
        )
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True
        )
        assert done.stderr.strip() == ""


# ---------------------------------------------------------------------------- list, show, cite


def test_list_names_everything(said):
    code, out, err = said("list")
    assert (code, err) == (GOOD, "")
    for kind in arguments.KINDS:
        assert f"\n{kind}\n" in f"\n{out}"
    for name in (*mg.models, *mg.blocks, *mg.protocols, *mg.experiments):
        assert f"  {name} " in out


@pytest.mark.parametrize("kind", arguments.KINDS)
def test_list_a_kind_also_as_json(kind, said):
    found = json.loads(said(f"list {kind} --json")[1])
    assert list(found) == [kind]
    assert {n for n in found[kind] if "/" not in n} == set(getattr(mg, kind))
    assert all(found[kind].values())


def test_list_finds_parts_by_the_slot_that_they_fill(said):
    lines = said("list blocks")[1].splitlines()[1:]
    names = [line.split()[0] for line in lines]
    assert {"kampa_2004", "hill_tononi_2005", "kampa_2004_trapping"} < {*names}
    starts = {line.index(line.split(None, 1)[1], len(line.split()[0]) + 2) for line in lines}
    assert len(starts) == 1  # the meanings stand in one column
    assert said("show receptors/hill_tononi_2005")[0] == GOOD


def test_list_says_who_gives_and_reads_a_port(said):
    found = json.loads(said("list ports --json")[1])["ports"]
    assert set(found) == set(PORTS)
    assert {"standard"} < set(
        json.loads(said("list slots --json")[1])["slots"]["block"]["in models"]
    )
    assert "k_m" in found["v_shift"]["read by"]
    assert "k_dr" in found["i_k"]["given by"]
    assert "k_dr" not in found["i_na"]["given by"]
    assert set(mg.channels) <= set(found["i_membrane"]["given by"])
    assert {"person", "dish_normal"} < set(found["mg_out"]["given by"])
    out = said("list events")[1]
    assert "pre  a presynaptic spike\n" in out
    assert "follows: pre" in out
    assert "declared by: spike_calcium" in out.partition("post_spike")[2]
    assert said("show event/release")[1] in out.replace("release  tr", "event release  tr")
    assert "in models: standard" in said("show block")[1]
    assert "did you mean release" in said("show event/releas")[2]
    assert "no kind 'prts'; did you mean ports" in said("list prts")[2]


@pytest.mark.parametrize("kind", arguments.KINDS)
def test_show_everything(kind, said):
    for name in getattr(mg, kind):
        code, out, err = said(f"show {kind}/{name}")
        assert (code, err) == (GOOD, "")
        assert out.startswith(f"{kind}/{name}\n")
        shown = json.loads(said(f"show {kind}/{name} --json")[1])
        assert (shown["kind"], shown["name"]) == (kind, name)
        for p in getattr(getattr(mg, kind)[name], "parameters", ()):
            assert p.name in out
            assert p.source in {x["source"] for x in shown["parameters"]}


def test_show_a_part_says_all_of_it(said):
    out = said("show spruston_1995")[1]
    for word in (
        "unblocked = 1/(1",
        "4.1 mM",
        "plausible 0.8 to 20",
        "spruston_1995:",
        "reads:",
        "reproduces:",
        "conditions:",
        "deviations:",
        "Woodhull A. M.",
    ):
        assert word in out


def test_show_a_scheme_and_a_model(said):
    assert "c0_nmda <-> c1_nmda   forward 2*k_on_nmda*glu" in said("show lester_jahr_1992")[1]
    out = said("show standard")[1]
    assert re.search(r"\n  block +jahr_stevens_1990  ", out)
    assert "ca_load" not in out


def test_a_name_of_several_kinds(said):
    assert said("show block_curves")[1].startswith("experiments/")
    assert said("show figure/block_curves")[1].startswith("figures/")
    assert said("show bath/person")[1].startswith("baths/")


@pytest.mark.parametrize("name", [n for n, p in mg.protocols.items() if p.changes])
def test_a_protocol_says_what_it_changes_and_to_what(name, said):
    protocol = mg.protocols[name]
    shown = json.loads(said(f"show protocols/{name} --json")[1])
    own = {p["name"]: p["value"] for p in shown["parameters"]}
    out = said(f"show protocols/{name}")[1]
    for changed, change in protocol.changes.items():
        assert f"{changed}_after" in shown["changes"][changed]
        assert own[f"{changed}_after"] == change.values[f"{changed}_after"]
        assert f"  {changed}: " in out
        assert f" in {name}" in said(f"show {changed}_after")[1]
        assert f"{changed}_after" in said(f"show {name} --table csv")[1]


def test_a_parameter_is_found_and_what_has_no_name_by_its_subject(said):
    assert said("show v_hold")[1].startswith("parameter v_hold  ")
    assert said("show mg_out")[1].startswith("port mg_out  ")
    assert "did you mean supply_after" in said("show supply_aftr")[2]
    err = said("show magnesium")[2]
    assert err.startswith("mgsim: error: nothing is called 'magnesium'; about it: mg_")
    assert err.count(", ") == 11
    assert "unless given: 1 (assumed" in said("show supply")[1]
    err = said("simulate moving_off --protocol rest --duration -3s")[2]
    assert "--duration=-..." in err


def test_a_slot_given_a_number_says_so(said):
    err = said("simulate full_moving --protocol energy_failure --set oxygen=0")[2]
    assert "'oxygen' is a slot" in err
    assert "parameters about it: supply" in err


def test_cite(said):
    code, out, _ = said("cite kampa_2004")
    assert code == GOOD
    assert out == mg.cite(mg.blocks["kampa_2004"]) + "\n"
    assert said("cite kampa_2004 --bibtex")[1].startswith("@article{kampa_2004,")


# ---------------------------------------------------------------------------------------- running


def test_sweep_prints_a_table_with_units(said):
    code, out, err = said(f"{QUICK} --axis block=none,jahr_stevens_1990 --axis mg_out=0,1")
    assert (code, err) == (GOOD, "")
    lines = out.splitlines()
    assert lines[0].split() == ["block", "v", "[mV]", "mg_out", "[mM]", "unblocked"]
    assert len(lines) == 1 + 2 * 2 * 2 + 2
    assert lines[-3].split() == ["jahr_stevens_1990", "-40", "1", "0.2302"]


def test_what_was_not_measured_is_said(said):
    code, _, err = said("sweep run block_curves --set v=-70 --set block=kampa_2004 --set mg_out=3")
    assert code == GOOD
    assert "warning: outside what was measured, so extrapolated: kampa_2004 at mg_out 3" in err


def test_axes_and_units_mean_the_same_as_in_python(said):
    out = said("sweep run block_curves --set v=-0.07V --set block=none --axis mg_out=0:2:5 --json")
    found = json.loads(out[1])
    assert found["coords"]["v"]["data"] == -70
    assert found["coords"]["mg_out"]["data"] == [0, 0.5, 1, 1.5, 2]
    assert found["data_vars"]["unblocked"]["data"] == [1] * 5
    assert found["data_vars"]["failed_at"]["data"] == [None] * 5
    assert xr.Dataset.from_dict(found).unblocked.dims == ("mg_out",)
    mixed = said(
        "sweep run block_curves --set block=none --set v=-70 --axis mg_out=0,200µM,1 --json"
    )
    assert json.loads(mixed[1])["coords"]["mg_out"]["data"] == pytest.approx([0, 0.2, 1])
    found = json.loads(said(f"{QUICK} --set block=none --set mg_out=1 --json")[1])
    assert found["dims"] == {"v": 2}


def test_simulate_writes_netcdf_that_explains_itself(said, tmp_path):
    code, out, err = said(f"{CLAMP} --axis mg_out=0,1 --set v_hold=-40 --every 2 --out run.nc")
    assert code == GOOD
    assert all(line.startswith("mgsim: warning: ") for line in err.splitlines())
    assert "written: run.nc" in out
    assert out.splitlines()[0].split() == [
        "mg_out",
        "[mM]",
        "variable",
        "lowest",
        "highest",
        "last",
    ]
    assert "one each 0.05 ms" in out
    assert [p.name for p in tmp_path.iterdir()] == ["run.nc"]
    with xr.open_dataset("run.nc") as ds:
        assert ds.i_nmda.dims == ("mg_out", "time")
        assert ds.i_nmda.attrs["units"] == "pA"
        assert float(ds.v_hold) == -40
        assert float(ds.time[1] - ds.time[0]) == pytest.approx(0.05)
        assert ds.attrs["model"] == "patch"
        assert "jahr_1990" in mg.cite(ds)


def test_a_failed_write_leaves_nothing(said, tmp_path, monkeypatch):
    def full(self, name, **_):
        name.write_bytes(b"half")
        raise OSError("no space left on device")

    monkeypatch.setattr(xr.Dataset, "to_netcdf", full)
    code, _, err = said(f"{CLAMP} --out run.nc")
    assert code == BAD
    assert "no space left" in err
    assert list(tmp_path.iterdir()) == []


def test_figure_says_what_it_wrote_and_writes_nothing_else(said, tmp_path):
    code, out, _ = said("figure nmda_iv --out plots --axis mg_out=0,1")
    assert code == GOOD
    written = {p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*") if p.is_file()}
    assert set(out.split()) == written
    assert {p.rpartition(".")[2] for p in written} == {"pdf", "svg", "png", "csv", "txt"}


def test_warnings_are_a_line(said):
    code, _, err = said(f"{QUICK} --set block=none --axis mg_out=0,50")
    assert code == GOOD
    lines = err.splitlines()
    assert all(line.startswith("mgsim: warning: ") for line in lines)
    assert "plausible range 0 to 10 mM" in lines[0]
    code, _, err = said("sweep run mg_response --set block=none --axis mg_out=0,1")
    assert code == GOOD
    assert "mgsim: warning: axis 'mg_out' changed no output\n" in err


def test_a_run_leaves_the_filters_of_warnings_alone(said):
    before = list(warnings.filters), warnings.showwarning
    said("list blocks")
    assert (list(warnings.filters), warnings.showwarning) == before


def test_failed_points_are_counted_and_end_with_3(said):
    code, out, err = said(DIVERGES)
    assert code == FAILED
    assert "2 of 2 points diverged" in err
    assert "failed_at [ms]" in out
    code, out, err = said("simulate standard --protocol train_20hz --set c_m=1e-4")
    assert (code, out) == (FAILED, "")
    assert "diverged" in err


def test_ctrl_c(said, monkeypatch):
    def stop(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("mgsim.runs.simulate.simulate", stop)
    assert said(CLAMP) == (STOPPED, "", "mgsim: stopped\n")


def test_a_fault_of_mgsim_is_not_called_a_bad_request(monkeypatch):
    def broken(*_, **__):
        raise ZeroDivisionError

    monkeypatch.setattr("mgsim.runs.simulate.simulate", broken)
    with pytest.raises(ZeroDivisionError):
        main(shlex.split(CLAMP))


# --------------------------------------------------------------------------------------- refusals


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("", "required: COMMAND"),
        ("swep run mg_response", "did you mean sweep"),
        ("sweep rnu mg_response", "did you mean run"),
        ("show kampa_2040", "did you mean kampa_2004"),
        ("show xyzzy", "mgsim list"),
        ("show blocs/none", "did you mean blocks"),
        ("show blocks/nonne", "did you mean none"),
        ("list block", "did you mean blocks"),
        ("cite standrad", "did you mean standard"),
        ("figure mg_respons", "did you mean mg_response"),
        ("sweep run mg_respons", "did you mean mg_response"),
        ("simulate standrad --protocol rest", "did you mean standard"),
        ("simulate standard", "--protocol"),
        ("simulate standard --protocol train_20", "did you mean train_20hz"),
        ("simulate standard --protocol train_20hz --record i_nmad", "did you mean i_nmda"),
        ("simulate patch --protocol train_20hz", "v_command"),
        (f"{CLAMP} --engine brain", "did you mean brian"),
        (f"{CLAMP} --set mg_uot=1", "did you mean mg_out"),
        (f"{CLAMP} --set mg_out=1mV", "mM"),
        (f"{CLAMP} --set mg_out=-1", "negative"),
        (f"{CLAMP} --set mg_out=nan", "finite"),
        (f"{CLAMP} --set block=kampa", "did you mean kampa_2004"),
        (f"{CLAMP} --set mg_out", "NAME=VALUE"),
        (f"{CLAMP} --set mg_out=1 --set mg_out=2", "given twice"),
        (f"{CLAMP} --set mg_out=1 --axis mg_out=1,2", "given twice"),
        (f"{CLAMP} --axis mg_out=0,1 --axis mg_out=0:1:2", "given twice"),
        (f"{CLAMP} --axis mg_out=", "NAME=VALUES"),
        (f"{CLAMP} --axis mg_out=,", "empty"),
        (f"{CLAMP} --axis mg_out=0:2", "start:stop:count"),
        (f"{CLAMP} --axis mg_out=0:2:0", "1 to"),
        (f"{CLAMP} --axis mg_out=0:2:1000000000000", "points"),
        (f"{CLAMP} --axis mg_out=0:2:1e3", "start:stop:count"),
        (f"{CLAMP} --axis mg_out=0,0.2mV", "must be in mM"),
        (f"{CLAMP} --axis mg_out=0,none", "'none' is not a number in mM"),
        (f"{CLAMP} --axis mg_out=1,1", "twice"),
        (f"{CLAMP} --axis block=none,none", "twice"),
        (f"{CLAMP} --set dt=0.1", "use --dt"),
        ("simulate patch --protocol rest --set duration=1", "use --duration"),
        (f"{CLAMP} --set threads=1", "no parameter"),
        (f"{CLAMP} --seed -1", "from 0"),
        (f"{CLAMP} --seed 1 --axis seed=1,2", "twice"),
        (f"{CLAMP} --dt 3000", "is longer than"),
        (f"{CLAMP} --dt nan", "positive"),
        (f"{CLAMP} --every 0", "at least 1"),
        (f"{CLAMP} --duration 0", "positive"),
        (f"{CLAMP} --duration 1mV", "ms"),
        (f"{CLAMP} --out result.xlsx", ".csv"),
        (f"{CLAMP} --out folder", ".csv"),
        (f"{QUICK} --out result.json", ".csv"),
        (f"{QUICK} --threads -1", "whole number from 1"),
        (f"{QUICK} --threads 0", "whole number from 1"),
        (f"{QUICK} --out s --batch 0", "whole number from 1"),
        (f"{QUICK} --out s --processes 0", "whole number from 1"),
        (f"{QUICK} --batch 10", "give --out DIR"),
        (f"{QUICK} --processes 2 --out x.nc", "give --out DIR"),
        (f"{QUICK} --dask tcp://127.0.0.1:1", "give --out DIR"),
        (f"{CLAMP} --out no/such/folder/x.nc", "no folder"),
        (f"{CLAMP} --axis mg_out=0:1:9999 --axis g_nmda=0:9:9999", "memory"),
        (f"{CLAMP} --unknown 1", "unrecognized"),
        ("figure nmda_iv --out /dev/null", "not a folder"),
    ],
)
def test_bad_requests_are_one_line_with_the_nearest_name(command, says, said):
    code, out, err = said(command)
    assert code == BAD
    assert out == ""
    assert says in err
    assert err.startswith("mgsim: error: ")
    assert err.count("\n") == 1
    assert len(err) < 750


HOSTILE = [
    "__import__('os').system('touch pwned')",
    "().__class__.__bases__[0]",
    "__class__",
    "CATALOG",
    "9**9**9",
    "1 mM**9**9**9",
    "1 kV**99999",
    "1 mM**(1,2)",
    "1 mM**'a'",
    "1 mM**[1]",
    'exec(\'open("pwned", "w")\')',
    "(lambda: 0)()",
    "$(touch pwned)",
    "`touch pwned`",
    "; ls",
    "\0",
    "a\0.nc",
    "0.8\0mM",
    "\n",
    "\x1b[31m",
    "../../x",
    "/etc/passwd",
    "blocks/../none",
    "//",
    "a" * 300,
    "(" * 300,
    "mM*" * 5000,
    "1 " + "mM*" * 5000,
    "{mg.__class__}",
    "%s%n",
    "[]",
]
PLACES = [
    "show {}",
    "cite {}",
    "list {}",
    "figure {}",
    "sweep run {}",
    "simulate {} --protocol rest",
    "simulate patch --protocol {}",
    f"{CLAMP} --set mg_out={{}}",
    f"{CLAMP} --set {{}}=1",
    f"{CLAMP} --set block={{}}",
    f"{CLAMP} --axis mg_out={{}}",
    f"{CLAMP} --axis block=none,{{}}",
    f"{CLAMP} --engine {{}}",
    f"{CLAMP} --dt {{}}",
    f"{CLAMP} --seed {{}}",
    "simulate patch --protocol voltage_clamp --record {}",
    "simulate patch --protocol voltage_clamp --duration {}",
]


@pytest.mark.parametrize(
    ("command", "verb"),
    [
        ("fit iv.csv --law jahr_stevens_1990", mg.fit),
        ("fit iv.csv --law jahr_stevens_1990", compare),
        ("dose iv --load '4 g' --people 0", mg.dose_to_neuron),
        ("export jahr_stevens_1990 --to neuron", mg.export),
        ("export standard --to brian2 --protocol rest", mg.export),
        ("simulate tonic --protocol rest", mg.simulate),
        (
            "threshold cell --protocol current_step --along i_amp --between 0,1 --to 1 "
            "--measure spike_count --level 1",
            mg.threshold,
        ),
        ("sweep run rheobase_mg", mg.threshold),
        ("sweep run mg_response", mg.sweep),
        ("sweep plan mg_response", mg.sweep),
        ("figure mg_response", mg.sweep),
        ("check tonic", mg.models["tonic"].with_values),
    ],
)
def test_no_keyword_of_what_is_called_is_a_parameter(command, verb, said, tmp_path):
    """Whatever is added to a function, the command line refuses by its signature."""
    (tmp_path / "iv.csv").write_text("v,mg,unblocked\n0,1,0.5\n1,1,0.4\n2,1,0.3\n")
    own = inspect.signature(verb).parameters.values()
    keywords = [p.name for p in own if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)]
    for name in (*keywords, "self", "duration"):
        code, out, err = said(f"{command} --set {name}=1")
        assert (code, out, err.count("\n")) == (BAD, "", 1), (name, err)
        assert f"'{name}' is no parameter" in err


def test_an_empty_value_is_not_as_if_none_were_given(said, tmp_path):
    """As of --out "$UNSET", after which the result would be nowhere."""
    tried = 0
    for words, one in commands(parser()):
        needed = ["x" for a in one._actions if not a.option_strings and a.nargs is None]
        for option in one._actions:
            if option.option_strings and option.nargs is None:
                tried += 1
                code, out, err = said([*words.split(), *needed, option.option_strings[-1], " "])
                assert (code, out, err.count("\n")) == (BAD, "", 1)
                assert f"argument {option.option_strings[-1]}: " in err
    assert tried > 100
    assert said(["sweep", "run", ""])[0] == BAD
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("text", HOSTILE, ids=lambda t: repr(t[:20]))
def test_hostile_input_is_refused_at_once_and_touches_nothing(text, said, tmp_path):
    @each(PLACES)
    def refused(place):
        words = [word.replace("{}", text) for word in shlex.split(place)]
        (code, out, err), work = effort(lambda: said(words))
        assert work < SOON
        assert (code, out) == (BAD, "")
        assert err.count("\n") == 1
        assert len(err) < 750
        assert list(tmp_path.iterdir()) == []

    refused()


@pytest.mark.parametrize(
    "name",
    [
        "\0",
        "a\0.nc",
        "\x1b[31m.nc",
        "\n.nc",
        "a" * 300 + ".nc",
        "/proc/x.nc",
        "/dev/null/x.nc",
        "",
        ".",
    ],
)
@pytest.mark.parametrize("place", [CLAMP, "figure nmda_iv"])
def test_output_goes_to_names_that_files_can_have(place, name, said, tmp_path):
    code, out, err = (
        said([*place.split(), "--out", name])
        if (name not in (".", "") or place == CLAMP)
        else (BAD, "", "\n")
    )
    assert (code, out) == (BAD, "")
    assert err.count("\n") == 1
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("command", "code"),
    [
        ("list blocks", GOOD),
        ("show nothing_of_that_name", BAD),
        (f"{CLAMP} --set mg_out=-1", BAD),
        (DIVERGES, FAILED),
    ],
)
def test_exit_codes_of_the_process(command, code):
    done = subprocess.run(
        [sys.executable, "-m", "mgsim", *shlex.split(command)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == code
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("closed", ["", ">&- 2>&-"], ids=["nobody reads", "closed"])
def test_work_is_done_though_nothing_can_be_printed(closed, tmp_path):
    """Whoever may have been to read the output, errors and warnings."""
    command = shlex.join([sys.executable, "-m", "mgsim", *shlex.split(SMALL), "--out", "a.csv"])
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run(["sh", "-c", f"exec {command} {closed}"], stdout=writer, stderr=writer)
    os.close(writer)
    assert done.returncode == GOOD
    assert len((tmp_path / "a.csv").read_text(encoding="utf-8").splitlines()) > 2


class Unwritable(io.StringIO):
    """A stream on a full disk, or to a reader that is gone."""

    def __init__(self, code):
        super().__init__()
        self.code = code

    def write(self, text):
        raise OSError(self.code, os.strerror(self.code))


@pytest.mark.parametrize("which", ["stdout", "stderr"])
@pytest.mark.parametrize("code", [errno.EPIPE, errno.ENOSPC])
def test_the_exit_code_is_that_of_the_work(which, code, monkeypatch, capsys, tmp_path):
    """Output that a disk has no room for is told, as far as it can be."""
    monkeypatch.setattr(sys, which, Unwritable(code))
    lost = which == "stdout" and code == errno.ENOSPC
    assert main(["list", "blocks"]) == (BAD if lost else GOOD)
    assert ("cannot print" in capsys.readouterr().err) == lost
    assert main(shlex.split(DIVERGES)) == FAILED
    judge = ["validate", "TA1", "TA2", "--long", "--keep", "k.json"]
    assert main(judge) == (BAD if lost else GOOD)
    assert (tmp_path / "k.json").exists()


# ------------------------------------------------------------------------- what reaches a terminal

RUDE = "\x1b[31m\x07\x9b2J\x00\r\x7f\u202egnp"


def obeyed(text):
    """Characters that a terminal would obey."""
    return [
        c for c in text if (c < " " and c not in "\n\t") or "\x7f" <= c <= "\x9f" or c == "\u202e"
    ]


@pytest.mark.parametrize(
    "how",
    [
        "toml key",
        "toml table",
        "toml value",
        "toml name",
        "csv head",
        "csv cell",
        "data head",
        "data cell",
        "argument",
        "path",
    ],
)
def test_no_control_character_reaches_the_terminal_raw(how, said, tmp_path):
    text = RUDE.replace("\x00", "").replace("\r", "")  # what no file may hold is told as a fault
    quoted = json.dumps(RUDE)
    good = 'model = "standard"\nprotocol = "train_20hz"\n'
    table = '[design]\nkind = "table"\nfile = "x.csv"\n'
    toml = {
        "toml key": f"{quoted} = 1",
        "toml table": f"[{quoted}]\na = 1",
        "toml value": f"duration = {quoted}",
        "toml name": f"[set]\n{quoted} = 1",
        "csv head": table,
        "csv cell": table,
    }.get(how)
    csv = {
        "csv head": f"mg_out,{text}\n1,2\n",
        "csv cell": f"mg_out\n{text}\n",
        "data head": f"v,{text}\n1,2\n",
        "data cell": f"v,mg,current\n1,2,{text}\n",
    }.get(how)
    if toml:
        (tmp_path / "x.toml").write_text(good + toml, encoding="utf-8")
    if csv:
        (tmp_path / "x.csv").write_text(csv, encoding="utf-8")
    words = (
        ["sweep", "plan", "x.toml"]
        if toml
        else ["show", RUDE]
        if how == "argument"
        else ["fit", "x.csv" if csv else RUDE, "--law", "kampa_2004"]
    )
    code, out, err = said(words)
    assert (code, out) == (BAD, "")
    assert err.startswith("mgsim: error: ")
    assert err.count("\n") == 1
    assert obeyed(err) == []
    assert "1b" in err


def test_the_edge_of_output_escapes_what_it_must_and_nothing_else(capsys):
    with output.terminal():
        print("µ ∆ 0.8 mM\ttab\n" + RUDE + "\udc80")
        print(RUDE, file=sys.stderr)
    out = capsys.readouterr()
    assert out.out.startswith("µ ∆ 0.8 mM\ttab\n\\x1b[31m")
    assert out.out.endswith("\\udc80\n")
    assert obeyed(out.out + out.err) == []


def test_text_that_a_terminal_cannot_write_is_spelt():
    """As under LANG=C, where no Greek letter can be written."""
    done = subprocess.run(
        [sys.executable, "-m", "mgsim", "show", "µ∆\udcff"],
        capture_output=True,
        check=False,
        env={**os.environ, "PYTHONIOENCODING": "ascii:strict"},
    )
    assert done.returncode == BAD
    assert b"\\xb5\\u2206\\udcff" in done.stderr


def test_a_long_error_keeps_its_beginning_and_its_end(said):
    err = said(["show", "x" * 5000 + "/y"])[2]
    assert err.startswith("mgsim: error: no kind 'xxx")
    assert "there are: " in err


def test_threads_are_obeyed_without_a_folder(said, monkeypatch):
    from mgsim.sweeps.prepare import Job

    seen = []

    def run(self, *_):
        seen.append(self.options.cores)
        raise OSError("enough seen")

    monkeypatch.setattr(Job, "run", run)
    for out in ("", "--out x.nc", "--out folder"):
        assert said(f"sweep run mg_response --axis mg_out=0,1 --threads 1 {out}")[0] == BAD
    assert seen == [1, 1, 1]


# ------------------------------------------------------------------------------- where results go


@pytest.mark.parametrize("name", ["x.csv", "X.CSV", "x.nc"])
def test_one_rule_for_where_a_result_goes(name, said, tmp_path):
    """The file has what Python's ``out`` writes, and what is printed is what it holds."""
    assert said(f"{QUICK} --out {name}")[0] == GOOD
    assert [p.name for p in tmp_path.iterdir()] == [name]
    ds = mg.experiments["block_curves"].run(v=[-70.0, -40.0], out=f"python-{name}")
    for written in (name, f"python-{name}"):
        if name.endswith("nc"):
            with xr.open_dataset(written) as found:
                xr.testing.assert_equal(found.unblocked, ds.unblocked)
            continue
        table = pd.read_csv(
            written, keep_default_na=False, converters={"unblocked": float}
        ).set_index(list(ds.unblocked.dims))
        found = table.unblocked.to_xarray().reindex_like(ds.unblocked)
        np.testing.assert_array_equal(found.values, ds.unblocked.values)


def test_traces_as_a_table(said):
    assert said(f"{CLAMP} --axis mg_out=0,1 --every 10 --out x.csv")[0] == GOOD
    table = pd.read_csv("x.csv", converters={"i_nmda": float})
    ds = mg.simulate(
        mg.models["patch"],
        mg.protocols["voltage_clamp"].lasting(1, (0, 1)),
        record=("i_nmda",),
        mg_out=[0, 1],
        every=10,
    )
    assert list(table.columns) == ["mg_out", "time", "i_nmda", "status", "failed_at"]
    np.testing.assert_array_equal(table.i_nmda, ds.i_nmda.values.ravel())
    assert set(table.status) == {"ok"}


def test_the_table_of_a_sweep_is_that_of_its_folder(tmp_path):
    cell = (
        mg.models["tonic"],
        mg.protocols["rest"].lasting(20, (0, 20)),
        (mg.measures["mean_v"], mg.measures["spike_count"]),
    )
    for axes in (
        {"mg_out": [0, 0.5], "block": ["none", "kampa_2004"]},
        {"design": mg.designs.zipped(mg_out=[0, 0.5], g_nmda=[1, 2])},
        {
            "block": ["jahr_stevens_1990", "kampa_2004"],
            "arms": {"usual": {}, "less": {"g_nmda": 0.5}, "dish": {"bath": "dish_normal"}},
        },
    ):
        mg.sweep(*cell, **axes, engine="fused", out=tmp_path / "x.csv")
        mg.sweep(*cell, **axes, engine="fused", out=tmp_path / "s")
        assert main(["sweep", "export", str(tmp_path / "s"), str(tmp_path / "y.csv")]) == GOOD
        assert (tmp_path / "x.csv").read_text() == (tmp_path / "y.csv").read_text()
        shutil.rmtree(tmp_path / "s")
    found = pd.read_csv(tmp_path / "x.csv").set_index(["block", "arm"])
    assert list(found.columns[1:-4]) == ["mg_out", "ca_out", "g_nmda"]  # what arms set, no more
    assert found.g_nmda.groupby("arm").unique().map(list)["less"] == [0.5]
    bath = mg.baths["dish_normal"]
    assert set(found.xs("dish", level="arm").mg_out) == {bath["mg_out"].value}
    assert set(found.xs("usual", level="arm").mg_out) == {mg.baths["person"]["mg_out"].value}


def test_a_sweep_takes_nothing_of_a_run_that_records():
    cell = mg.models["tonic"], mg.protocols["rest"]
    for option in ({"record": ("v",)}, {"every": 2}):
        with pytest.raises(TypeError, match="simulate"):
            mg.sweep(*cell, mg.measures["mean_v"], **option)
    with pytest.raises(ValueError, match="traces are kept in a file"):
        mg.simulate(*cell, out="folder")


def test_all_figures_are_drawn_or_none_is_begun(said, tmp_path, monkeypatch):
    few = {n: mg.figures[n] for n in ("nmda_iv", "block_curves")}
    monkeypatch.setattr(figure, "figures", few)
    code, out, err = said(f"figure all --out {tmp_path}")
    assert code == GOOD, err
    assert {line.rpartition("/")[2].partition(".")[0] for line in out.split()} == set(few)
    assert "nmda_iv (1 of 2)" in err
    (tmp_path / "block_curves.png").write_text("mine")
    (tmp_path / "nmda_iv.png").unlink()
    assert said(f"figure all --out {tmp_path}")[0] == BAD
    assert not (tmp_path / "nmda_iv.png").exists()
    assert "for one figure" in said(f"figure all --set mg_out=1 --out {tmp_path}")[2]


def test_an_experiment_is_thinned_to_its_first_draws(tmp_path, capsys):
    """The points that are left are those of the whole; what follows from draws still follows."""
    whole = mg.experiments["mg_shares"]
    first, same = (
        whole.with_draws(n).design.columns(np.arange(2))["g_nmda"].tolist() for n in (8, 2)
    )
    assert first == same
    plan = ["sweep", "plan", "mg_shares", "--draws", "1"]
    request = jobs.asked(parser().parse_args(plan)).request
    assert request.size == 64 * 2 * 2 * 1  # arms, release laws, cells, draws
    assert "sigma" in request.variants[0].rules
    for words, says in (
        (["sweep", "run", "mg_response", "--draws", "2"], "draws nothing by itself"),
        (["figure", "mg_response", "--draws", "2", "--out", str(tmp_path)], "draws nothing"),
        ([*plan, "--design", 'kind="draws", points=2'], "--design has points="),
        (["figure", "all", "--draws", "2", "--out", str(tmp_path)], "for one figure"),
    ):
        assert main(words) == BAD
        assert says in capsys.readouterr().err


def test_an_experiment_shows_what_its_arms_set(said):
    """And offers none of that as an axis, where a name is unknown."""
    arms = mg.experiments["energy_failure"].arms
    shown = json.loads(said("show experiments/energy_failure --json")[1])["arms"]
    assert shown.keys() == arms.keys()
    assert shown["glia"].startswith("supply_pump_after = 1, supply_glia_after = 0,")
    code, _, error = said("figure energy_failure --axis supply_after=0,1")
    assert code == BAD
    assert "did you mean" in error
    assert not [n for n in arms["glia"] if n in error]
    many = json.loads(said("show experiments/mg_shares --json")[1])["arms"]
    *told, rest = many.values()
    assert len(told) + len(rest.split(", ")) == len(mg.experiments["mg_shares"].arms)


def test_a_sweep_that_was_only_begun_says_how_to_go_on(said, tmp_path):
    """It was killed before its manifest; the same command goes on."""
    (tmp_path / "s").mkdir()
    with creating(tmp_path / "s"):
        pass
    code, _, error = said("sweep status s")
    assert code == BAD
    assert "the same command again goes on" in error
    assert said(f"{SMALL} --out s")[0] == GOOD
    assert said("sweep status s")[0] == GOOD


def test_a_long_run_says_in_a_pipe_how_far_it_is(said, monkeypatch):
    monkeypatch.setattr(progress, "_FIRST", 0.0)
    monkeypatch.delitem(sys.modules, "ipykernel", raising=False)
    assert " of 2 points" in said(SMALL)[2]
