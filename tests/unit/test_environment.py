"""The environment that make sets up: nothing is removed that it has not made."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="make is for Linux and macOS")
SCRIPT = Path(__file__).parents[2] / "requirements" / "environment.py"


@pytest.fixture
def script(monkeypatch):
    """The script, without what it calls: each call fails."""
    spec = importlib.util.spec_from_file_location("environment", SCRIPT)
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)

    def fails(*command):
        raise subprocess.CalledProcessError(7, command)

    monkeypatch.setattr(found, "call", fails)
    return found


def made(script, folder, monkeypatch):
    monkeypatch.setattr(sys, "argv", [str(SCRIPT), str(folder), "core"])
    return script.main()


def test_an_environment_of_ones_own_stays(script, tmp_path, monkeypatch, capsys):
    folder = tmp_path / "venv"
    (folder / "lib").mkdir(parents=True)
    for name in ("pyvenv.cfg", "lib/mine.py"):
        (folder / name).write_text("mine")
    assert made(script, folder, monkeypatch) == 1
    assert "was not made by make, so it stays" in capsys.readouterr().err
    assert sorted(p.name for p in folder.rglob("*")) == ["lib", "mine.py", "pyvenv.cfg"]
    (tmp_path / "file").write_text("mine")
    assert made(script, tmp_path / "file", monkeypatch) == 1
    assert (tmp_path / "file").read_text() == "mine"


@pytest.mark.parametrize("mark", [".made-by-make", ".stamp-core"])
def test_what_a_set_up_has_left_is_made_anew_as_often_as_it_is_interrupted(
    script, mark, tmp_path, monkeypatch
):
    folder = tmp_path / "venv"
    (folder / "lib").mkdir(parents=True)
    (folder / "lib" / "old.py").write_text("")
    (folder / mark).touch()
    for _ in range(2):
        assert made(script, folder, monkeypatch) == 7
        assert [p.name for p in folder.rglob("*")] == [".made-by-make"]
    assert made(script, tmp_path / "new", monkeypatch) == 7


def test_clean_removes_what_make_has_made(tmp_path):
    own = [
        *("build/site/html/index.html", "build/lab/x", "build/lib/mgsim/a.py", "dist/mgsim-1.whl"),
        *("src/mgsim/__pycache__/a.pyc", ".mypy_cache/x", "mine.lock", "mine/.made-by-make"),
    ]
    others = [
        *("build/mine.csv", "dist/thesis.tex", "src/mgsim/__pycache__/notes.txt", "src/mgsim/a.py"),
        *("notes.lock/mine", "notes/mine", "text.lock"),
    ]
    for name in own + others:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("mine" if name in others else "")
    shutil.copy(SCRIPT.parents[1] / "Makefile", tmp_path)
    for folder in ("mine", "notes", "text"):
        clean = ["make", "-s", "clean", f"VENV={folder}"]
        subprocess.run(clean, cwd=tmp_path, check=True, capture_output=True)
    left = [str(p.relative_to(tmp_path)) for p in tmp_path.rglob("*") if p.is_file()]
    assert sorted(left) == sorted([*others, "Makefile"])
