"""What the documents show is run as written, and what they say of numbers is looked up."""

import json
import os
import re
import runpy
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from running import LEAN

import mgsim as mg
from mgsim.cli import main

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
CONTRIBUTING = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
SWEEPS = (ROOT / "docs" / "sweeps.md").read_text(encoding="utf-8")
ARCHITECTURE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
PROTOCOLS = (ROOT / "docs" / "protocols.md").read_text(encoding="utf-8")
COMMANDS = [
    line.partition("#")[0].strip()
    for block in re.findall(r"```console\n(.*?)```", README, re.DOTALL)
    for line in block.splitlines()
]

COUNTS = "five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|[0-9]+"


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


@pytest.mark.parametrize(("place", "points"), [(0, 100 * 2 * 3 * 1024), (1, 256 * 3 * 2)])
def test_the_sweep_files_of_the_sweep_guide_can_be_planned(place, points, tmp_path, capsys):
    text = re.findall(r"```toml\n(.*?)```", SWEEPS, re.DOTALL)[place]
    (tmp_path / "study.toml").write_text(text, encoding="utf-8")
    assert main(["sweep", "plan", "study.toml", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["points"] == points


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


def test_what_the_demo_advises_can_be_typed(tmp_path, monkeypatch, capsys):
    """In a shell that has not activated the environment, and in one that has."""
    bin = tmp_path / ".venv" / "bin"
    bin.mkdir(parents=True)
    for name in ("python", "mgsim"):
        (bin / name).write_text("#!/bin/sh\necho found\n")
        (bin / name).chmod(0o755)
    (bin / "activate").write_text(f'PATH="{bin}:$PATH"\n')
    monkeypatch.setattr(sys, "executable", str(bin / "python"))
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    assert main(["demo"]) == 0
    first, second = re.findall(r"^next: (.*)", capsys.readouterr().out, re.MULTILINE)
    script = f"{first.partition('   ')[0]} && {second.partition(',')[0]}"
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "found\n"
    monkeypatch.setenv("PATH", f"{bin}:/usr/bin:/bin")
    assert main(["demo"]) == 0
    assert re.findall(r"^next: (.*)", capsys.readouterr().out, re.MULTILINE) == [second]


def test_what_the_readme_says_of_its_figure():
    laws = [law.name for law in mg.experiments["law_spread"].axes["block"] if law.name != "none"]
    ds = mg.experiments["law_spread"].run(
        mg_out=[0.0, 0.25, 0.8], block=[*laws, "none"], progress=False
    )
    load = ds.ca_charge_nmda.sel(block=laws)
    assert bool((load.diff("mg_out") < 0).all())  # all laws agree on the direction
    assert float((load.sel(mg_out=0) / load.sel(mg_out=0.8)).min()) > 9.5  # about tenfold or more
    rates, lower = ds.spike_rate.sel(mg_out=0), "jahr_stevens_1990_flicker"
    assert [law for law in laws if rates.sel(block=law) < rates.sel(block="none")] == [lower]
    spread = float(load.sel(mg_out=0.8).max() / load.sel(mg_out=0.8).min())
    assert spread > 3.0  # severalfold
    assert bool((ds.spike_rate.sel(mg_out=0.25, block=laws) == 0).all())
    control = ds.spike_rate.sel(block="none")
    assert bool((control == control.sel(mg_out=0)).all())


def test_no_text_counts_what_the_catalogs_hold():
    """A lesson may count the laws that it lists itself: test_lesson_texts holds that."""
    texts = [README, CONTRIBUTING, ARCHITECTURE, PROTOCOLS, SWEEPS]
    kinds = "(published |block )*(laws|figures|experiments|models|receptors|protocols|measures)"
    for text in texts:
        found = re.search(rf"\b({COUNTS}) {kinds}\b", text)
        assert found is None, found


# ---- the examples of CONTRIBUTING, as files in a copy of the package ----------------------------

ADDED = dict(re.findall(r"`((?:\w+/)+\w+\.py)`:\n\n```python\n(.*?)```", CONTRIBUTING, re.DOTALL))
NAMES = [Path(file).stem for file in ADDED]


@pytest.fixture(scope="module")
def grown(tmp_path_factory):
    """Run a command in a copy that has the examples in it."""
    root = tmp_path_factory.mktemp("grown")
    for name in ("src", "tests", "notebooks", "docs", "pyproject.toml", "Makefile"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copy
        copy(ROOT / name, root / name)
    for file, text in ADDED.items():
        (root / "src" / "mgsim" / file).write_text(text, encoding="utf-8")
    entry = (
        "@article{author_2020,\n  author = {Author, A.},\n  title = {A law},\n"
        "  journal = {A journal},\n  year = {2020},\n}\n\n"
    )
    bib = root / "src" / "mgsim" / "references.bib"
    head, mark, tail = bib.read_text(encoding="utf-8").partition("@article{bank_1985,")
    bib.write_text(head + entry + mark + tail, encoding="utf-8")
    env = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}
    env |= {
        "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1",
        "PYTHONPATH": str(root / "src"),
        "MYPYPATH": str(root / "src"),
    }

    def run(*words):
        done = subprocess.run(
            [sys.executable, "-m", *words],
            cwd=root,
            env=env,
            encoding="utf-8",
            errors="replace",
            capture_output=True,
            check=False,
        )
        return done.returncode, done.stdout + done.stderr

    return run


def test_contributing_shows_each_thing_as_a_file_of_its_own():
    assert set(ADDED) == {
        "parts/blocks/author_2020.py",
        "parts/neurons/passive.py",
        "experiments/calcium_of_a_spine.py",
        "experiments/epsp_height.py",
        "figures/epsp_height.py",
    }
    files = [block for block in python_of(CONTRIBUTING) if block.startswith('"""')]
    assert len(ADDED) == len(files)


#: A file of a user's own, whose checker is as strict as there is; an ignored error must be one.
STUDY = """\
# mypy: disallow-any-generics, disallow-untyped-calls, warn-return-any, warn-unused-ignores
# mypy: disallow-subclassing-any
from typing import assert_type

import xarray as xr

import mgsim as mg
from mgsim.compose.model import Model


def study(levels: list[float]) -> float:
    assert_type(mg.models["standard"], Model)
    model = mg.models["standard"].swap(mg.blocks["kampa_2004"])
    train = mg.protocols["train_20hz"].changing(g_nmda=mg.changes.wash(0, start=500, tau=200))
    prior = mg.Prior("uniform", (20, 40), "assumed: why")
    design = mg.designs.draws(16, g_nmda=prior)
    ds = mg.sweep(model, train, ["peak_v"], mg_out=levels, block=["none"], design=design)
    assert_type(ds, xr.Dataset)
    assert_type(mg.experiments["mg_response"].run(mg_out=levels), xr.Dataset)
    half = mg.threshold(
        model, train, axis="mg_out", measure="spike_count", level=1, between=(0, 1), to=1
    )
    print(half, mg.parameters(ds), mg.cite(model), mg.check(model, train))
    dose = mg.dose_to_neuron(mg.doses.intravenous("4 g", rate="1 g/h"), at=["2 h"])
    print(dose.dims, mg.export(model, "brian2"), mg.fit(mg.blocks["none"], mg.read_data("iv.csv")))
    mg.figures["mg_response"](ds).savefig("mg.pdf")
    mg.sweep(model, train, threads="many")  # type: ignore[arg-type]
    mg.threshold(model, train, axis="mg_out", level=1)  # type: ignore[call-arg]
    mg.swep(model, train)  # type: ignore[attr-defined]
    mg.models["standard"].swapp()  # type: ignore[attr-defined]
    return float(mg.simulate(model, train, record=("v",), mg_out=0.8).v.max())
"""


def test_the_examples_of_contributing_pass_the_code_checks(grown, tmp_path):
    """With them a file of a user's own: one run of mypy is the cheaper."""
    (tmp_path / "study.py").write_text(STUDY, encoding="utf-8")
    files = [f"src/mgsim/{file}" for file in ADDED]
    assert grown("ruff", "check", "--no-cache", *files)[0] == 0
    assert grown("ruff", "format", "--no-cache", "--check", *files)[0] == 0
    code, said = grown(
        "mypy", "--cache-dir", str(ROOT / ".mypy_cache"), *files, str(tmp_path / "study.py")
    )
    assert code == 0, said


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_the_examples_of_contributing_pass_the_tests_and_break_none(grown):
    images = "tests/figures/test_figures.py::test_looks_like_the_baseline"
    code, said = grown("pytest", *LEAN, "-q", images, "-k", "epsp_height")
    assert code == 1
    assert "figure 'epsp_height' has no image to compare with: run make baselines" in said
    code, said = grown(
        "pytest",
        *LEAN,
        "-q",
        images,
        "--mpl-generate-path=tests/figures/baseline",
        "-k",
        "epsp_height",
    )
    assert code == 0, said
    # Results of few points stay the same when a law is added (test_few_points_stay_the_same), and
    # what runs over no laws sees nothing new; the lessons name the laws that they compare.
    same = " or ".join(n for n, e in mg.experiments.items() if "block" not in e.axes)
    laws = f"(test_figures or test_experiments) and law and not (bytes or {same})"
    code, said = grown(
        "pytest",
        *LEAN,
        "-v",
        "tests/contract",
        "tests/unit/test_references.py",
        "tests/figures",
        "tests/unit/test_examples.py",
        "-k",
        f"{' or '.join(NAMES)} or ({laws}) or (test_parts and (every or resolve)) or "
        "test_every_experiment or test_every_source or test_examples",
    )
    assert code == 0, said
    for test in (
        "test_what_a_reader_must_know_is_there[author_2020]",
        "test_falls_with_magnesium_and_rises_with_voltage[author_2020]",
        "test_every_parameter_of_a_part_does_something[passive]",
        "test_it_rests_without_input[passive]",
        "test_few_points_stay_the_same_when_a_law_is_added[calcium_of_a_spine]",
        "test_the_laws_differ_by_more_than_a_twofold_change_of_magnesium",
        "test_examples_in_docstrings[mgsim.catalogs.catalog]",
    ):
        assert test in said


def test_the_command_line_knows_the_examples_of_contributing(grown):
    code, said = grown("mgsim", "figure", "epsp_height", "--out", "plots")
    assert code == 0, said
    assert "epsp_height.pdf" in said
    for name in NAMES:
        assert grown("mgsim", "show", name)[0] == 0


def test_the_import_order_of_the_architecture_page_is_the_one_that_is_checked():
    listed = re.search(r"    cli\n.*?    units[^\n]*\n", ARCHITECTURE, re.DOTALL)[0]
    page = [re.split(r"\s{3,}", line.strip())[0].replace(" ", "") for line in listed.splitlines()]
    toml = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    layers = re.search(r"layers = \[(.*?)\]", toml, re.DOTALL)[1]
    there = [
        line.replace("(", "").replace(")", "").replace(" ", "")
        for line in re.findall(r'"(.*?)"', layers)
    ]
    here = [name for line in there if (name := "|".join(n for n in line.split("|") if _exists(n)))]
    assert page == [name for name in here if name != "__main__"]


def _exists(module: str) -> bool:
    home = ROOT / "src" / "mgsim"
    return (home / module).is_dir() or (home / f"{module}.py").is_file()


def test_python_m_mgsim():
    done = subprocess.run(
        [sys.executable, "-m", "mgsim", "--version"], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == f"mgsim {mg.__version__}"
