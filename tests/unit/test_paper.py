"""What goes into a paper: the table of parameters, and the methods paragraph."""

import csv
import io
import re

import pytest
import xarray as xr

import mgsim as mg
from mgsim.catalogs import PARTS
from mgsim.catalogs.catalog import UnknownName
from mgsim.cli import BAD, GOOD, main
from mgsim.references import entries
from mgsim.report.table import table

MODELS = list(mg.models.values())
THINGS = [*MODELS, *mg.protocols.values(), *(p for c in PARTS.values() for p in c.own.values())]
pytestmark = pytest.mark.filterwarnings("ignore::mgsim.declare.ports.ExtrapolationWarning")


def rows(thing):
    return list(csv.DictReader(io.StringIO(table(thing, "csv"))))


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.name)
def test_a_table_has_every_number_that_a_run_of_the_model_uses(model):
    """Compared with the system that is computed with, which is joined from the same parts."""
    protocol = next(
        mg.protocols[n]
        for n in ("voltage_clamp", "rest")
        if (n == "voltage_clamp") == any("v_command" in p.requires for p in model.parts)
    )
    used = {p.name: p for p in mg.lower(model, protocol, []).parameters}
    used = {n: p for n, p in used.items() if "protocol" not in p.source}
    own = {p.name for p in protocol.parameters}
    found = {r["parameter"]: r for r in rows(model)}
    assert set(used) - own <= set(found)
    for name in set(used) - own:
        p = used[name]
        assert float(found[name]["value"]) == pytest.approx(p.value, rel=1e-11)
        assert (found[name]["unit"], found[name]["source"]) == (p.unit, p.source)


def test_every_form_says_the_same_of_every_part_model_and_protocol():
    for thing in THINGS:
        there = rows(thing)
        names = [r["parameter"] for r in there]
        assert len(names) == len(set(names))
        lines = table(thing, "md").splitlines()[2:]
        assert re.findall(r"\| `(\w+)` \|", "\n".join(lines)) == names
        tex = table(thing, "latex")
        assert [n.replace(r"\_", "_") for n in re.findall(r"\\texttt\{([\w\\]+)\}", tex)] == names
        for row in there:
            assert row["meaning"]
            assert row["source"]


def test_latex_holds_nothing_that_tex_would_stumble_over():
    """Six columns a row, braces that close, specials escaped, only letters that TeX reads."""
    for thing in THINGS:
        tex = table(thing, "latex")
        assert tex.isascii()
        assert tex.count("{") - tex.count(r"\{") == tex.count("}") - tex.count(r"\}")
        for line in tex.splitlines()[7:-2]:
            if not line.startswith(r"\multicolumn"):
                assert len(re.findall(r"(?<!\\)&", line)) == 5, line
            assert line.endswith(r"\\")
            assert line.count("$") - line.count(r"\$") in (0, 4), line
            outside = re.sub(r"\$[^$]*\$|\\cite\{[^}]*\}", "", line)
            assert not re.search(r"(?<!\\)[_^#%]", outside), line
        for key in re.findall(r"\\cite\{([^}]*)\}", tex):
            assert key in entries()


def test_a_table_tells_what_was_set_and_what_a_default_is():
    model = mg.models["standard"].with_values(g_nmda="0.02 uS")
    row = next(r for r in rows(model) if r["parameter"] == "g_nmda")
    assert (row["value"], row["unit"]) == ("20", "nS")
    assert row["source"].startswith("set: ")
    assert "30 nS" in row["source"]
    bursting = {r["parameter"]: r["part"] for r in rows(mg.models["bursting"])}
    assert bursting["area"] == "its default"  # no part states it


def test_a_table_of_a_source_of_ones_own(tmp_path, capsys):
    """A key that mgsim does not have stays as it is: it is the author's."""
    (tmp_path / "mine.py").write_text(
        "import mgsim as mg\n"
        "law = mg.Component('mine', 'block', 'mine', 'unblocked = 1/(1 + mg_out/mg_x) : 1',\n"
        "    parameters=(mg.Parameter('mg_x', 2, 'mM', '50 % & more_', 'smith_2020: fig. 1'),))\n"
        "whole = mg.models['patch'].swap(law).named('whole')\n"
    )
    file = tmp_path / "mine.py"
    assert main(["show", f"{file}:mine", "--table", "latex"]) == GOOD
    said = capsys.readouterr().out
    assert r"50 \% \& more\_" in said
    assert r"\cite{smith_2020}: fig. 1" in said
    assert main(["methods", f"{file}:whole"]) == GOOD
    said = capsys.readouterr().out
    assert "(smith_2020)" in said
    assert "- smith_2020: not a paper of mgsim" in said


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("show standard --table tex", "did you mean latex"),
        ("show standrd --table md", "did you mean standard"),
        ("show experiments/epsp_mg --table md", "takes a model, a part or a protocol"),
        ("show --table md", "give the NAME"),
        ("show standard --table md --json", "leave out --json"),
        ("methods spike_rate", "methods are of what can be run"),
        ("methods standrd", "did you mean standard"),
        ("methods nothing.nc", "there is no file of that name"),
        ("methods .", "holds no sweep"),
    ],
)
def test_what_cannot_be_meant_is_a_line(command, says, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(command.split()) == BAD
    out = capsys.readouterr()
    assert says in out.err
    assert out.out == ""
    with pytest.raises(UnknownName):
        table(mg.models["cell"], "pdf")


# -------------------------------------------------------------------------------------- methods


@pytest.mark.parametrize(
    "thing", [*MODELS, *mg.experiments.values()], ids=lambda x: f"{type(x).__name__} {x.name}"
)
def test_who_is_cited_is_who_cite_names(thing):
    """Two accounts of the same: a paper whose equations or numbers were used is in both."""
    told = mg.methods(thing, 0)
    listed = set(re.findall(r"^- (\w+(?:-\w+)*): ", told, re.MULTILINE))
    known = set(re.findall(r"^  \[(\S+)\] ", mg.cite(thing).partition("\nReferences")[2], re.M))
    own = {"stimberg_2019", "bank_1985"}  # of the integration, which a model alone has not run
    assert listed - own == known - own
    for key in listed:
        assert entries()[key].short in told.partition("\nReferences")[0], key


def test_a_result_is_told_as_it_was_run(tmp_path, capsys):
    """From the folder alone: values, axes, changes, what was beyond its range, how it was run."""
    protocol = mg.protocols["rest"].lasting(60)
    mg.sweep(
        "tonic",
        protocol.changing(mg_out=mg.changes.step(0.1, 30)),
        "mean_v",
        mg_out=[0.3, 0.8],
        block=["jahr_stevens_1990", "kampa_2004"],
        g_nmda="2 nS",
        method="rk2",
        dt=0.05,
        seed=3,
        out=tmp_path / "study",
    )
    assert main(["methods", str(tmp_path / "study")]) == GOOD
    told = " ".join(capsys.readouterr().out.split())
    for words in (
        "The model 'tonic' of mgsim",
        "Kampa et al. 2004",
        "for 60 ms",
        "mg_out steps to mg_out_after",
        "Values of mg_out: 0.3, 0.8 mM.",
        "Values of block: jahr_stevens_1990, kampa_2004.",
        "Set: g_nmda = 2 nS",
        "Used outside what was measured: kampa_2004 at mg_out",
        "the midpoint method at steps of 0.05 ms",
        "Precision: float64; seed: 3.",
    ):
        assert words in told, words
    assert "g_nmda = 30" not in told


def test_methods_of_traces_and_of_a_file_of_anothers(tmp_path, capsys):
    out = tmp_path / "traces.nc"
    words = f"simulate patch --protocol voltage_clamp --duration 2 --record v --out {out}"
    assert main(words.split()) == GOOD
    capsys.readouterr()
    assert main(["methods", str(out)]) == GOOD
    assert "protocol 'voltage_clamp'" in " ".join(capsys.readouterr().out.split())
    xr.Dataset({"x": 1}).to_netcdf(tmp_path / "other.nc", engine="h5netcdf")
    assert main(["methods", str(tmp_path / "other.nc")]) == BAD
    assert "holds no result of mgsim" in capsys.readouterr().err


def test_methods_of_what_is_none():
    with pytest.raises(TypeError, match="methods are of a model"):
        mg.methods(7)
    with pytest.raises(UnknownName, match="standard"):
        mg.methods("standrd")
