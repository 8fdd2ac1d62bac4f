"""The lessons' checks say why; the lessons keep to what every lesson has."""

import ast
import importlib.util
import itertools
import json
import math
import re
import warnings
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

import mgsim as mg
from mgsim import lessons
from mgsim.lessons.magnesium_block import CSF_TOTAL

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXERCISES = lessons.exercises.values()


def exercises():
    return pytest.mark.parametrize("exercise", EXERCISES, ids=lambda e: e.name)


# ------------------------------------------------------------------------------------- answers


def test_answers_are_those_of_the_law():
    law = mg.blocks["jahr_stevens_1990"]
    at_rest = law.evaluate("unblocked", v=-70, mg_out=0.8)
    dish, person = law.evaluate("unblocked", v=-65, mg_out=[0.05, 0.8])
    assert lessons.exercises["at_rest"].answer() == pytest.approx(float(at_rest))
    assert lessons.exercises["dish_and_person"].answer() == pytest.approx(dish / person)
    assert dish / person == pytest.approx(7.61, rel=1e-3)  # computed by hand from the paper's law


@exercises()
def test_right_answers_pass_in_any_dress(exercise):
    right = exercise.answer()
    for given in (right, np.float64(right), np.array([right]), float(f"{right:.3g}")):
        reply = lessons.check(exercise.name, given)
        assert reply
        assert reply.passed is True
        assert exercise.because in repr(reply)


@exercises()
def test_each_mistake_is_told_apart_and_explained(exercise):
    right = exercise.answer()
    for mistake in exercise.mistakes():
        for given in (mistake.value, float(f"{mistake.value:.3g}")):
            reply = lessons.check(exercise, given)
            assert reply.passed is False
            assert not reply
            assert reply.text == mistake.why
            assert f"{right:.3g}" not in reply.text  # it says why, not what


@exercises()
def test_a_slip_rounded_to_two_digits_is_still_one(exercise):
    slips = exercise.mistakes()
    for given in (float(f"{m.value:.2g}") for m in slips):
        nearest = min(slips, key=lambda m: abs(m.value - given))
        assert lessons.check(exercise, given).text == nearest.why


@exercises()
def test_no_mistake_lies_where_another_or_the_answer_does(exercise):
    right, wrong = exercise.answer(), [m.value for m in exercise.mistakes()]
    assert all(b / a > 1.002 for a, b in itertools.pairwise(sorted([right, *wrong])))
    assert not any(math.isclose(value, right, rel_tol=0.1) for value in wrong)


@pytest.mark.parametrize(
    ("exercise", "given", "words"),
    [
        ("at_rest", lambda u: u(70, 0.8), "sign"),
        ("at_rest", lambda u: u(-0.07, 0.8), "volts"),
        ("at_rest", lambda u: 1 - u(-70, 0.8), "blocked share"),
        ("at_rest", lambda u: 1.0, "mg_out missing"),
        ("at_rest", lambda u: u(-70, 1.25), "total magnesium"),
        ("at_rest", lambda u: u(-70, 800), "µM"),
        ("at_rest", lambda u: 100 * u(-70, 0.8), "percent"),
        ("at_rest", lambda u: 0, "never complete"),
        ("at_rest", lambda u: -0.3, "above 0"),
        ("at_rest", lambda u: 0.045, "1 mM"),
        ("at_rest", lambda u: 0.3, "none of the usual slips"),
        ("at_rest", lambda u: 0.05, "Very near"),
        ("dish_and_person", lambda u: u(-65, 0) / u(-65, 0.8), "exactly 0"),
        ("dish_and_person", lambda u: u(-65, 0.8) / u(-65, 0.05), "turn the ratio over"),
        ("dish_and_person", lambda u: 16, "ratio of the concentrations"),
        ("dish_and_person", lambda u: u(65, 0.05) / u(65, 0.8), "sign"),
        ("dish_and_person", lambda u: u(-65, 0.05) / u(-65, 1.25), "total magnesium"),
        ("dish_and_person", lambda u: 6.61, "how many times"),
        ("dish_and_person", lambda u: 661, "percent it is larger"),
        ("dish_and_person", lambda u: 5.11, "flicker"),
    ],
)
def test_slips_made_as_a_student_makes_them(exercise, given, words):
    law = mg.blocks["jahr_stevens_1990"]
    reply = lessons.check(
        exercise, given(lambda v, m: float(law.evaluate("unblocked", v=v, mg_out=m)))
    )
    assert reply.passed is False
    assert words in reply.text


@pytest.mark.parametrize("given", ["0.05", True, [0.1, 0.2], math.nan, math.inf, object(), 1j, []])
def test_what_is_no_number_is_said_kindly(given):
    reply = lessons.check("at_rest", given)
    assert reply.passed is False
    assert reply.title == "Not a number"


def test_no_answer_is_no_failure():
    for nothing in (None, ...):
        assert lessons.check("at_rest", nothing).passed is None


def test_unknown_exercise_offers_the_nearest():
    with pytest.raises(KeyError, match="at_rest"):
        lessons.check("at_res", 1)


@exercises()
def test_solution_computes_the_answer_and_is_folded(exercise):
    lines = exercise.code.splitlines()
    names = {"mg": mg}
    exec("\n".join(lines[:-1]), names)  # noqa: S102
    assert eval(lines[-1], names) == pytest.approx(exercise.answer())  # noqa: S307
    page = lessons.solution(exercise.name)._repr_html_()
    assert page.startswith("<details><summary>")
    assert f"{exercise.answer():.3g}" in page


def test_a_teacher_adds_an_exercise_as_an_object():
    own = lessons.Exercise(
        "twice",
        lambda: 2.0,
        lambda: (lessons.Mistake(0.5, "upside down"),),
        (0, 10),
        "too far",
        "because",
        "hint",
        "2.0",
    )
    assert lessons.check(own, 2)
    assert lessons.check(own, 0.5).text == "upside down"
    assert lessons.check(own, 11).text == "too far"


def luminance(colour):
    """Relative luminance by WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [x / 12.92 if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4 for x in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("passed", [True, False, None])
def test_replies_can_be_read_in_any_theme(passed):
    """Text on a background of its own, at a contrast of 4.5 or more (WCAG 2.2, 1.4.3)."""
    page = lessons.Reply(passed, "title", "text")._repr_html_()
    (paper,) = re.findall(r"background:(#\w{6})", page)
    inks = re.findall(r"(?<![-\w])color:(#\w{6})", page)
    assert len(inks) == 2  # the title's and the text's
    for ink in inks:
        low, high = sorted([luminance(ink), luminance(paper)])
        assert (high + 0.05) / (low + 0.05) >= 4.5


def test_replies_escape_what_they_show():
    assert "<b>" not in lessons.compare("<b>x</b>", "y")._repr_html_()


# --------------------------------------------------------------------------------- predictions


def test_predictions_come_first():
    reply = lessons.compare(None, 0.0735)
    assert "Predict first" in repr(reply)
    assert "0.07" not in repr(reply)


@pytest.mark.parametrize(
    ("guess", "found", "words"),
    [
        (50, 7.35, "6.8 times too high"),
        (1, 7.35, "7.3 times too low"),
        (7, 7.35, "Close"),
        (0, 7.35, "Compare. You wrote 0 %; the model gives 7.35 %."),
        ("Straight ", "straight", "As you predicted"),
        ("bent", "straight", "Not as you predicted"),
        ("Straight.", "straight", "As you predicted"),
        *((f"{minus}30 mV", "-30 mV", "As you predicted") for minus in "-−–—‐‑‒﹣－"),
        ("−30mV", "-30 mV", "As you predicted"),
        ("-\u202f30\u00a0mV", "−30 mV", "As you predicted"),
        ("30 mV", "-30 mV", "Not as you predicted"),
        ("7", 7.35, "not a number"),
    ],
)
def test_predictions_are_set_beside_the_model(guess, found, words):
    reply = lessons.compare(guess, found, " %")
    assert reply.passed is None
    assert words in repr(reply)


# ------------------------------------------------------------------------------------ pictures


def drawing():
    return Figure(figsize=(1, 1))


def test_pictures_carry_their_words():
    picture = lessons.show(drawing(), "a \n  square")
    assert 'alt="a square"' in picture._repr_html_()
    assert repr(picture) == "Figure: a square"
    with pytest.raises(ValueError, match="words"):
        lessons.show(drawing(), " ")


def slider(**options):
    return lessons.Slider(
        lambda v: lessons.show(drawing(), f"at {v:g}"),
        {"0 mM": 0.0, "1 mM": 1.0, "2 mM": 2.0},
        1.0,
        "Magnesium",
        **options,
    )


class Elements(HTMLParser):
    """The elements of a page, as pairs of tag and attributes."""

    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def of(self, tag, having=""):
        return [a for t, a in self.found if t == tag and (not having or having in a)]


def test_slider_begins_at_its_marked_default_and_says_what_it_is_and_where():
    page = Elements(slider()._repr_html_())
    (bar,) = page.of("input")
    assert (bar["type"], bar["min"], bar["max"], bar["value"]) == ("range", "0", "2", "1")
    assert (bar["aria-label"], bar["aria-valuetext"]) == ("Magnesium", "1 mM (default)")
    assert ">1 mM (default)</output>" in slider()._repr_html_()


def test_slider_holds_every_setting_so_that_it_moves_as_it_is_dragged():
    drawn = []

    def draw(value):
        drawn.append(value)
        return lessons.show(drawing(), f"at {value:g}")

    one = lessons.Slider(draw, {"0 mM": 0.0, "1 mM": 1.0}, 1.0, "Magnesium", stills=(0.0, 1.0))
    page = Elements(one._repr_html_())
    choices = page.of("div", "data-value")
    assert [c["data-value"] for c in choices] == ["0 mM", "1 mM (default)"]
    assert ["hidden" in c for c in choices] == [True, False]
    (bar,), (back,) = page.of("input"), page.of("button")
    assert bar["oninput"] == back["onclick"]  # "input" comes while it is dragged
    one._repr_html_()
    assert drawn == [0.0, 1.0]  # once each, the stills too


def test_slider_shows_stills_where_no_script_runs():
    page = slider(stills=(0.0, 2.0))._repr_html_()
    stills = page[page.index("No slider to be seen?") :]
    assert "at 0" in stills
    assert "at 2" in stills
    assert "at 1" not in stills
    assert "<details>" in stills  # the words of each figure


def test_slider_default_is_among_its_choices():
    with pytest.raises(ValueError, match="choices"):
        slider(stills=(3.0,))


# ------------------------------------------------------------------------------------- lessons


def cells(path, kind):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return ["".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == kind]


notebooks = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)


def test_there_are_lessons():
    assert NOTEBOOKS


@notebooks
def test_lesson_stores_no_outputs(path):
    notebook = json.loads(path.read_text(encoding="utf-8"))
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            assert cell["outputs"] == []
            assert cell["execution_count"] is None
    assert "widgets" not in notebook["metadata"]


@notebooks
def test_lesson_has_what_every_lesson_has(path):
    text = "\n".join(cells(path, "markdown"))
    for wanted in (
        "**Goals.**",
        "**You need**",
        "minutes",
        "### Predict",
        "### Run",
        "### Compare",
        "### Exercise 1",
        "### Exercise 2",
        "## Misconceptions",
        "cannot say",
        "no medical advice",
        "## Where to read more",
    ):
        assert wanted in text
    code = "\n".join(cells(path, "code"))
    for wanted in (
        "lessons.compare(",
        "lessons.check(",
        "lessons.solution(",
        "lessons.Slider(",
        "mg.cite(",
    ):
        assert wanted in code
    assert re.findall(r"= None\b", code)  # predictions and answers are the student's


def test_lessons_run_without_a_warning_and_the_page_of_their_figures_is_theirs(capsys):
    spec = importlib.util.spec_from_file_location("page", ROOT / "notebooks" / "page.py")
    page = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(page)
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        text, images = page.page()
    assert [str(w.message) for w in said] == []
    assert capsys.readouterr().err == ""
    assert text == page.PAGE.read_text(encoding="utf-8"), "docs/lessons.md is old: run make tables"
    assert {f.name for f in (page.DOCS / "images").glob("lesson_*.png")} == set(images)
    assert all(f"](images/{name})" in text for name in images)


@notebooks
def test_lesson_can_be_begun_where_mgsim_is_not_installed(path):
    """From a copy of the repository: the public index has another program of this name."""
    first = cells(path, "code")[0]
    assert "pip" in first
    assert not re.search(r"install[^\n]*[\"' ]mgsim", first)
    (at,) = re.findall(r'^copy = "(.+?)"', first, re.MULTILINE)
    assert (path.parent / at / "pyproject.toml").is_file()
    assert "another" in cells(path, "markdown")[0]


@notebooks
def test_lesson_shows_each_figure_in_words_and_keeps_cells_short(path):
    draws = {"subplots", "plot"}
    for source in cells(path, "code"):
        calls = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call)]
        drawn = any(isinstance(c.func, ast.Attribute) and c.func.attr in draws for c in calls)
        if drawn or "mg.figures[" in source:
            assert "lessons.show(" in source
        assert len(source.splitlines()) <= 16


# What the first lesson says in words, which would go stale in silence.


@pytest.fixture(scope="module")
def laws():
    """The laws that the lesson compares, whatever others the catalog has."""
    (names,) = re.findall(
        r"^names = (\[.*?\])", "\n".join(cells(NOTEBOOKS[0], "code")), re.DOTALL | re.MULTILINE
    )
    return [mg.blocks[name] for name in ast.literal_eval(names)]


def unblocked(laws, mg_out, v=-65.0):
    return np.array([law.evaluate("unblocked", v=v, mg_out=mg_out, celsius=22) for law in laws])


def test_first_lesson_says_of_one_law_what_it_computes():
    jahr = [mg.blocks["jahr_stevens_1990"]]
    assert unblocked(jahr, [0, 0.05, 0.8, 4])[0] == pytest.approx([1, 0.56, 0.07, 0.02], abs=0.005)
    assert unblocked(jahr, 0.8, v=40)[0] > 0.95
    assert 1 / jahr[0].parameters[1].value == pytest.approx(16, abs=0.5)
    mgs = [0.8, 1.6]
    assert np.divide(*unblocked(jahr, mgs)[0]) == pytest.approx(2, abs=0.1)
    assert np.divide(*unblocked(jahr, mgs, v=40)[0]) < 1.03


def test_first_lesson_says_of_all_laws_what_they_compute(laws):
    b = unblocked(laws, [0, 0.05, 0.72, 0.8, 0.88, 1.6, 4])
    assert b[:, 3].max() / b[:, 3].min() == pytest.approx(3, abs=0.3)  # about threefold
    assert b[:, 3].max() / b[:, 3].min() > np.max(b[:, 3] / b[:, 5])
    assert (b[:, 3].min(), b[:, 3].max()) == pytest.approx((0.03, 0.08), abs=0.005)
    assert b[:, 1] == pytest.approx(0.5, abs=0.2)
    times = b / b[:, [3]]
    assert (times[:, 0].min(), times[:, 0].max()) == pytest.approx((9, 35), abs=0.5)
    assert (times[:, 1].min(), times[:, 1].max()) == pytest.approx((5, 11), abs=0.5)
    assert times[:, 2] == pytest.approx(1.1, abs=0.02)
    assert times[:, 4] == pytest.approx(0.91, abs=0.02)
    assert np.all(times[:, 6].round(1) == 0.2)  # about a fifth


def test_first_lesson_says_what_most_laws_leave_out(laws):
    whole = mg.blocks["jahr_stevens_1990_flicker"]
    assert [law.name for law in laws if law.evaluate("unblocked", v=-65, mg_out=0) != 1] == [
        whole.name
    ]
    rest = unblocked([law for law in laws if law is not whole], [0.05, 0.8])
    assert ((rest[:, 0] / rest[:, 1]).min(), (rest[:, 0] / rest[:, 1]).max()) == pytest.approx(
        (7, 11), abs=0.5
    )
    short = mg.blocks["jahr_stevens_1990"]
    b = unblocked([whole, short], [0, 0.05, 0.8])
    assert b[0, 0] == pytest.approx(0.64, abs=0.005)
    np.testing.assert_allclose(b[:, 1] / b[:, 2], [5.1, 7.6], atol=0.05)
    np.testing.assert_allclose(b[:, 0] / b[:, 2], [9.1, 13.6], atol=0.05)
    assert abs(b[1, 2] / b[0, 2] - 1) < 1 / 20
    v, low = np.arange(-80.0, -39, 2), np.linspace(0, 0.1, 21)[:, None]
    over = (
        short.evaluate("unblocked", v=v, mg_out=low) / whole.evaluate("unblocked", v=v, mg_out=low)
        - 1
    )
    assert (over.min(), over.max()) == pytest.approx((0.30, 0.86), abs=0.005)
    ends = whole.evaluate("unblocked", v=[-100, 60], mg_out=0)
    assert ends == pytest.approx([0.45, 0.97], abs=0.005)
    assert unblocked([short], 0.8, v=0)[0] / unblocked([whole], 0.8, v=0)[0] == pytest.approx(
        9 / 8, abs=0.02
    )


def test_first_lesson_says_where_the_current_is_largest():
    iv = mg.experiments["nmda_iv"].run(mg_out=[0.01, 0.05, 0.1, 0.8, 1, 10]).mean_i_nmda
    assert iv.idxmin("v_hold").values.tolist() == [-74, -55, -47, -28, -27, -18]
    depth = iv.min("v_hold")
    assert float(depth.sel(mg_out=1) / depth.sel(mg_out=0.8)) == pytest.approx(7 / 8, abs=0.01)


def test_first_lesson_asks_with_the_numbers_that_the_check_uses():
    text = "\n".join(cells(NOTEBOOKS[0], "markdown"))
    question = text[text.index("### Exercise 1") : text.index("## 4.")]
    for wanted in (f"{CSF_TOTAL:g} mM in total", "0.8 mM is free", "−70 mV"):
        assert wanted in question
