"""The listed faults can still be put in, and what is drawn still parses."""

import ast
import itertools
import tomllib

import draw
import likely
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


def test_faults_are_drawn_again_from_the_same_seed(tmp_path):
    text = "def f(x):\n    return x + 1 if x < 2 else -x / 3\n"
    (tmp_path / "a.py").write_text(text)
    (tmp_path / "b.py").write_text(text)
    drawn = [draw.drawn(tmp_path, ("b.py", "a.py"), n, 1) for n in (99, 99, 5)]
    assert drawn[0] == drawn[1] != draw.drawn(tmp_path, ("a.py", "b.py"), 99, 2)
    assert drawn[2] == drawn[0][:5]
    assert len(set(drawn[0])) == 2 * len(["+", "1", "if", "<", "2", "/", "3"])
    for fault in drawn[0]:
        ast.parse(fault.applied(text))


def test_a_change_elsewhere_leaves_the_others_drawn(tmp_path):
    line = "y = x + 1\nz = x * 2\n"
    (tmp_path / "room").mkdir()
    (tmp_path / "a.py").write_text(line)
    (tmp_path / "room" / "a.py").write_text("w = 3\n\n" + line)
    before = [(f.old, f.new) for f in draw.drawn(tmp_path, ("a.py",), 99, 1)]
    after = [(f.old, f.new) for f in draw.drawn(tmp_path, ("room/a.py",), 99, 1)]
    assert [f for f in after if f != ("3", "4")] == before


def test_tests_that_speak_of_what_stands_around_a_fault_come_first(tmp_path):
    text = "def block(v):\n    return 1 / (1 + v)\n\n\ndef other(v):\n    return v + 2\n"
    for name, said in (("test_a", "other(v)"), ("test_b", "block(v)"), ("test_c", "nothing")):
        (tmp_path / f"{name}.py").write_text(said)
    tests = sorted(tmp_path.glob("test_*.py"))
    for file, (at, best) in itertools.product(
        ("src/x.py", "src/x.h"), ((text.index("1 +"), "block(v)"), (text.index("2"), "other(v)"))
    ):
        weight = likely.weights(draw.Fault(file, at, text[at], "5", "number"), text, tests)
        assert max((p.read_text() for p in tests), key=lambda t: likely.told(weight, t)) == best


def test_a_verdict_is_sound_whose_test_is_there_and_passes_when_nothing_changes(
    tmp_path, monkeypatch
):
    asked, answers = [], {}
    copy = object.__new__(run.Copy)
    copy.place = tmp_path

    def failed(arguments, *_):
        asked.append(arguments)
        return answers.get(arguments[-1], [])

    monkeypatch.setattr(copy, "_failed", failed)
    tests = {"a.py::one", "a.py::two", "b.py"}
    answers["a.py::two"] = ["a.py::one"]
    answers["b.py"] = ["b.py", "c.py"]
    assert copy.unsound(tests, tmp_path) == {"a.py::one", "b.py"}
    assert asked == [["a.py::one", "a.py::two"], ["--collect-only", "b.py"]]
    answers["a.py::two"] = ["status 4"]
    with pytest.raises(ValueError, match=r"not all .* there: a\.py::one, a\.py::two"):
        copy.unsound(tests, tmp_path)
