"""The environment that make sets up: nothing is removed that it has not made."""

import importlib.util
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
