"""The listed faults can still be put in, and what is drawn still parses."""

import ast
import tomllib

import draw
import pytest
import run

FAULTS = tomllib.loads((run.HERE / "listed.toml").read_text())["fault"]


def test_each_listed_fault_stands_once_in_its_file():
    found = run.listed()
    assert len(found) == len(FAULTS) >= 19
    for fault in found:
        text = (run.ROOT / fault.file).read_text()
        changed = fault.applied(text)
        assert changed != text
        if fault.file.endswith(".py"):
            ast.parse(changed)


def test_a_listed_text_is_found_however_it_is_laid_out(tmp_path, monkeypatch):
    (tmp_path / "listed.toml").write_text(
        '[[fault]]\nkind = "k"\nfile = "x.py"\nold = "f(a,b) + 1"\nnew = "f(b, a)"\n'
    )
    monkeypatch.setattr(run, "HERE", tmp_path)
    monkeypatch.setattr(run, "ROOT", tmp_path)
    (tmp_path / "x.py").write_text("y = f(\n    a, b\n) + 1\n")
    [fault] = run.listed()
    assert fault.applied((tmp_path / "x.py").read_text()) == "y = f(b, a)\n"
    for text, times in (("y = f(a, c)", 0), ("f(a, b)+1, f(a,\nb) + 1", 2)):
        (tmp_path / "x.py").write_text(text)
        with pytest.raises(ValueError, match=f"stands {times} times in x.py, not once"):
            run.listed()


def test_what_is_kept_as_harmless_can_be_put_in_too():
    for entry in tomllib.loads((run.HERE / "harmless.toml").read_text()).get("fault", []):
        lines = [x.strip() for x in (run.ROOT / entry["file"]).read_text().splitlines()]
        assert entry["line"] in lines, entry
        assert entry["old"] in entry["line"]
        assert len(entry["why"]) > 20


def test_faults_are_drawn_again_from_the_same_seed():
    where = run.ROOT, ("src/mgsim/parts/blocks/*.py",)
    assert draw.drawn(*where, 20, 1) == draw.drawn(*where, 20, 1)
    for fault in draw.drawn(*where, 20, 1):
        ast.parse(fault.applied((run.ROOT / fault.file).read_text()))
