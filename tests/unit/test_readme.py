"""What the documents show is run as written, and what they say of numbers is looked up."""

import json
import re
import runpy
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

import mgsim as mg
from mgsim.cli import main

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SWEEPS = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
COMMANDS = [line.partition("#")[0].strip()
            for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
            for line in block.splitlines()]  # fmt: skip

COUNTS = "five six seven eight nine ten eleven twelve thirteen fourteen fifteen".split()


def python_of(text: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", text, re.DOTALL)


def run(text: str, folder: Path) -> dict:
    file = folder / "example.py"
    file.write_text(text, encoding="utf-8")
    return runpy.run_path(str(file))


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def test_the_python_example_runs_and_is_short(tmp_path, capsys):
    (text,) = python_of(README)
    code = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert len(code) <= 15
    names = run(text, tmp_path)
    assert names["ds"].spike_rate.dims == ("mg_out", "block")
    assert names["ds"].spike_rate.sel(mg_out=0, block="none") > 0
    assert names["open_fraction"][0] == 1
    assert (tmp_path / "mg.pdf").stat().st_size > 1000
    assert "Kampa et al. 2004" in capsys.readouterr().out


def test_the_sweep_file_of_the_sweep_guide_can_be_planned(tmp_path, capsys):
    (text,) = re.findall(r"```toml\n(.*?)```", SWEEPS, re.DOTALL)
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    assert main(["sweep", "plan", "study.toml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["points"] == 100 * 2 * 3 * 1024


def test_there_are_commands():
    shown = {command.split()[1] for command in COMMANDS}
    assert shown >= {"list", "show", "simulate", "sweep", "figure", "cite"}


@pytest.mark.parametrize("command", COMMANDS)
def test_the_commands_run(command, capsys):
    program, *words = shlex.split(command)
    assert program == "mgsim"
    assert main(words) == 0
    out = capsys.readouterr()
    assert out.out
    assert all(line.startswith("mgsim: warning: ") for line in out.err.splitlines())


def test_demo_prints_a_table_and_writes_the_figure_where_it_says(tmp_path, capsys):
    assert main(["demo"]) == 0
    out = capsys.readouterr().out
    for word in ("magnesium [mM]", "firing rate [Hz]", "calcium load [pC]"):
        assert word in out
    rows = [line.split() for line in out.splitlines() if re.match(r"\s+[\d.]+\s+\d", line)]
    assert float(rows[0][0]) == 0.0
    assert float(rows[0][1]) > float(rows[-1][1])
    said = Path(re.search(r"figure: (\S+)", out)[1])
    assert (tmp_path / said).is_file()
    assert [p.name for p in tmp_path.iterdir()] == ["mgsim-demo"]


def test_what_the_readme_says_of_its_figure():
    laws = [law.name for law in mg.experiments["law_spread"].axes["block"] if law.name != "none"]
    ds = mg.experiments["law_spread"].run(mg_out=[0.0, 0.2, 0.8], block=[*laws, "none"],
                                          progress=False)  # fmt: skip
    load = ds.ca_charge_nmda.sel(block=laws)
    assert bool((load.diff("mg_out") < 0).all())  # all laws agree on the direction
    spread = float(load.sel(mg_out=0.8).max() / load.sel(mg_out=0.8).min())
    assert spread > 3.0  # severalfold
    assert bool((ds.spike_rate.sel(mg_out=0.2, block=laws) <= 1).all())
    control = ds.spike_rate.sel(block="none")
    assert bool((control == control.sel(mg_out=0)).all())


def test_no_text_counts_what_the_catalogs_hold():
    texts = [README, CONTRIBUTING, ARCHITECTURE, SWEEPS,
             *(f.read_text(encoding="utf-8") for f in (ROOT / "notebooks").glob("*.ipynb"))]
    kinds = "(published |block )*(laws|figures|experiments|models|receptors|protocols|measures)"
    for text in texts:
        found = re.search(rf"\b({'|'.join(COUNTS)}|[0-9]+) {kinds}\b", text)
        assert found is None, found


def test_the_recipes_of_contributing_work(tmp_path):
    law, neuron, question = (run(text, tmp_path) for text in python_of(CONTRIBUTING))
    block = law["author_year"].evaluate("unblocked", v=-70, mg_out=[0, 1])
    assert block[0] == 1
    assert 0 < block[1] < 0.2
    model = mg.models["standard"].swap(neuron["passive"])
    ds = mg.simulate(model, mg.protocols["single_pulse"].lasting(100, (0, 100)), progress=False)
    assert float(ds.v[0]) == -70
    assert float(ds.v.max()) > -69
    drawn = question["epsp_height_figure"](question["epsp_height"].run(progress=False))
    assert drawn.axes[0].get_ylabel() == "Largest membrane potential [mV]"


@pytest.mark.parametrize("text", [README, CONTRIBUTING], ids=["README", "CONTRIBUTING"])
def test_links_lead_somewhere(text):
    for target in re.findall(r"\]\(([^)]+)\)", re.sub(r"```.*?```", "", text, flags=re.DOTALL)):
        if "://" not in target:
            assert (ROOT / target).exists(), target


def test_the_import_order_of_the_architecture_page_is_the_one_that_is_checked():
    listed = re.search(r"    cli\n.*?    units\n", ARCHITECTURE, re.DOTALL)[0]
    page = [re.split(r"\s{3,}", line.strip())[0].replace(" ", "") for line in listed.splitlines()]
    toml = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    layers = re.search(r"layers = \[(.*?)\]", toml, re.DOTALL)[1]
    there = [line.replace("(", "").replace(")", "").replace(" ", "")
             for line in re.findall(r'"(.*?)"', layers)]  # fmt: skip
    here = [name for line in there if (name := "|".join(
        n for n in line.split("|") if _exists(n)))]  # fmt: skip
    assert page == [name for name in here if name != "__main__"]


def _exists(module: str) -> bool:
    home = ROOT / "src" / "mgsim"
    return (home / module).is_dir() or (home / f"{module}.py").is_file()


def test_python_m_mgsim():
    done = subprocess.run([sys.executable, "-m", "mgsim", "--version"], capture_output=True,
                          text=True, check=False)  # fmt: skip
    assert done.stdout.strip() == f"mgsim {mg.__version__}"
