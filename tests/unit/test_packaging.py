"""What the package is called, which Pythons it is for, and what its texts say to install."""

import re
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
LOCKS = sorted((ROOT / "requirements").glob("lock-*.txt"))
#: Projects of others that a text names because they are meant.
THEIRS = {"pyarrow", "dask-jobqueue", "brian2", "ziglang"}
TEXTS = [
    p
    for pattern in (
        "*.md",
        "docs/**/*.md",
        "notebooks/*.ipynb",
        "src/**/*.py",
        "*.toml",
        "Makefile",
        ".ci/run",
        "benchmarks/**/*.py",
        "requirements/*.py",
    )
    for p in ROOT.glob(pattern)
]


def test_every_python_that_is_named_has_a_lock_and_none_is_refused_for_being_new():
    named = [c.rpartition(" ")[2] for c in PROJECT["classifiers"] if "Python :: 3." in c]
    assert [lock.stem.removeprefix("lock-") for lock in LOCKS] == named
    assert PROJECT["requires-python"] == f">={named[0]}"
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"Python {named[0]} to {named[-1]}" in readme


@pytest.mark.parametrize("lock", LOCKS, ids=lambda p: p.stem)
def test_a_lock_holds_what_is_declared(lock):
    """Every dependency of the package and of what ``make`` installs."""
    pinned = {line.partition("==")[0] for line in lock.read_text().splitlines() if "==" in line}
    extras = PROJECT["optional-dependencies"]
    for wanted in (
        *PROJECT["dependencies"],
        *extras["test"],
        *extras["notebooks"],
        *extras["docs"],
    ):
        assert re.match(r"[A-Za-z0-9._-]+", wanted)[0].lower() in pinned


def test_every_file_of_the_package_is_packaged():
    """A file that is no Python is in a package's folder, under a pattern of package-data."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    patterns = tomllib.loads(text)["tool"]["setuptools"]["package-data"]["*"]
    package = ROOT / "src" / "mgsim"
    found = [p for p in package.rglob("*.*") if p.suffix not in (".py", ".pyc") and p.is_file()]
    assert {p.suffix for p in found} >= {".bib", ".h", ".toml", ".typed"}
    for file in found:
        home = next(p for p in file.parents if (p / "__init__.py").exists())
        assert any(file in home.glob(pattern) for pattern in patterns), file


def told(text):
    """What every "pip install" of a text goes on with, and the first thing that it installs."""
    for rest in re.findall(r"\bpip[0-9.]* install ([^\n`]+)", text):
        words = re.sub(r"(^|\s)-[cr] \S+", "", rest).replace("\\", "").replace('"', " ").split()
        first = next((w.strip("'),.;") or "." for w in words if not w.startswith("-")), "")
        yield rest, first.partition(">=")[0]


def test_nobody_is_told_to_install_a_strangers_package():
    """ "mgsim" on the package index is a metagenome simulator, and mgsim-nmda is not there yet."""
    found = [(path, *pair) for path in TEXTS for pair in told(path.read_text(encoding="utf-8"))]
    assert len(found) > 5
    for path, rest, first in found:
        assert "mgsim" not in rest, path
        assert first in THEIRS or first == "." or first.startswith("[") or "{" in first, path
    assert not any("mgsim[" in path.read_text(encoding="utf-8") for path in TEXTS)


@pytest.mark.parametrize(
    "text",
    [
        "pip install mgsim",
        "pip install -U 'mgsim[cluster]'",
        "python -m pip install --pre mgsim-nmda",
        "pip3 install mgsim\n",
        "pip install -c lock.txt numpy mgsim",
        "pip install mgsimm",
    ],
)
def test_such_a_text_would_be_found(text):
    ((rest, first),) = told(text)
    assert "mgsim" in rest
    assert first not in THEIRS | {"."}
