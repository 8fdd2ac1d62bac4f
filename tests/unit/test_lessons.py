"""The lessons' checks say why; the lessons keep to what every lesson has."""

import ast
import builtins
import html
import importlib.util
import itertools
import json
import math
import re
import subprocess
import sys
import warnings
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest
from matplotlib.figure import Figure

import mgsim as mg
from mgsim import lessons

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
EXERCISES = lessons.exercises.values()


def module(name):
    """A script beside the notebooks."""
    spec = importlib.util.spec_from_file_location(name, ROOT / "notebooks" / f"{name}.py")
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


lesson = module("lesson")


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


def given(exercise, value):
    """A value as a student would give it: of a function, the function."""
    return (
        value
        if not isinstance(exercise.kind, lessons.Function)
        else lambda *at: value[exercise.kind.probes.index(at)]
    )


def near(exercise, value):
    """A value to three digits, where that is near enough."""
    return float(f"{value:.3g}") if isinstance(value, float) and exercise.kind.tolerance else value


@exercises()
def test_right_answers_pass_in_any_dress(exercise):
    right = exercise.right
    dresses = [given(exercise, right), given(exercise, near(exercise, right))]
    if isinstance(right, float):
        dresses += [np.float64(right), np.array([right])]
    for answer in dresses:
        reply = lessons.check(exercise.name, answer)
        assert reply
        assert reply.passed is True
        assert exercise.because in repr(reply)


@exercises()
def test_each_mistake_is_told_apart_and_explained(exercise):
    right = f"{exercise.right:.3g}" if isinstance(exercise.right, float) else str(exercise.right)
    assert len(exercise.slips) >= 2
    for slip in exercise.slips:
        for value in (slip.value, near(exercise, slip.value)):
            reply = exercise.judge(given(exercise, value))
            assert reply.passed is False
            assert not reply
            assert reply.text == slip.why
            assert slip.thought in reply.title
            if exercise.kind.tolerance:
                assert not re.search(rf"(?<![\d.]){re.escape(right)}(?!\d)", reply.text)


@exercises()
def test_no_slip_lies_where_the_answer_or_another_does(exercise):
    apart = exercise.kind.apart
    for slip in exercise.slips:
        off = apart(slip.value, exercise.right)
        assert off >= 0.06, slip.thought
        assert off > 2 * exercise.kind.tolerance, slip.thought
    for one, other in itertools.combinations(exercise.slips, 2):
        assert apart(one.value, other.value) >= 0.05, (one.thought, other.thought)


@exercises()
def test_answers_are_computed_without_a_warning(exercise):
    """But that a law is asked far from where it was measured, which every lesson says in words."""
    for kept in vars(sys.modules[exercise.answer.__module__]).values():
        if hasattr(kept, "cache_clear"):
            kept.cache_clear()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", message=".*extrapolate")
        new = replace(exercise)
        assert new.slips
        assert new.judge(given(new, new.right))


@exercises()
def test_help_grows_with_each_answer_that_is_wrong_in_another_way(exercise):
    first, *_ = exercise.slips
    wrong = given(exercise, first.value)
    one, two, three = (exercise.judge(wrong, n) for n in (1, 2, 3))
    assert exercise.hint in two.text
    assert (one.code, two.code) == ("", "")
    assert exercise.gap in exercise.code
    assert "____" in three.code
    assert exercise.gap not in three.code
    assert three.code in repr(three)


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
    names = {"mg": mg, "np": np}
    exec("\n".join(lines[:-1]), names)  # noqa: S102
    assert exercise.judge(eval(lines[-1], names)).passed  # noqa: S307
    page = lessons.solution(exercise.name)._repr_html_()
    assert page.startswith("<details><summary>")
    assert html.escape(exercise.kind.said(exercise.right)) in page
    assert exercise.slips[0].thought in page


def own(kind, right, *wrong):
    """An exercise as a teacher adds it."""
    return lessons.Exercise(
        "own",
        lambda: right,
        lambda: tuple(lessons.Mistake(f"slip {k}", w, f"why {k}") for k, w in enumerate(wrong)),
        because="because",
        hint="look there",
        code="x = 2\nx**2",
        gap="x**2",
        kind=kind,
    )


def test_the_exercise_of_the_guide_is_one():
    guide = (ROOT / "docs/how_to/lesson.md").read_text(encoding="utf-8")
    names = {}
    for text in re.findall(r"```python\n(.*?)```", guide, re.DOTALL):
        exec(text, names)  # noqa: S102
    exec(names["own"].code.replace("float(", "answer = float("), names)  # noqa: S102
    assert names["own"].judge(names["answer"])
    assert names["own"].judge(0.0735).text == "That is what conducts."


def test_wrong_answers_are_counted_once_each_and_stumbles_not_at_all():
    one = own(lessons.Number(), 4.0, 2.0)
    assert lessons.check(one, 2).text == "why 0"
    assert lessons.check(one, 2).text == "why 0"
    assert lessons.check(one, "2").text != "why 0"  # no number, no attempt
    assert lessons.check(one, 7).text.count("look there") == 1
    assert lessons.check(one, 2).text == "why 0 look there"
    assert lessons.check(one, 9).code == "x = 2\n____"
    assert lessons.check(one, 4).code == ""


KINDS = {
    "number": (
        lessons.Number((0, 10), "too far", tolerance=0.05),
        4.0,
        2.0,
        [4.15, 3.9],
        {2.05: "why 0", 11: "too far", 4.4: "Very near", 7: "none of the usual slips"},
        {"4": "without quotes", True: "without quotes"},
    ),
    "count": (
        lessons.Count(),
        994.0,
        995.0,
        [994, np.int64(994), 994.0],
        {995: "why 0", 993: "none of the usual slips"},
        {994.5: "whole number", math.nan: "finite"},
    ),
    "choice": (
        lessons.Choice(("HOLDS", "UNDECIDED", "-30 mV")),
        "UNDECIDED",
        "HOLDS",
        ["UNDECIDED", " undecided. "],
        {"holds": "why 0", "−30mV": "none of the usual slips"},
        {"UNDECIDE": "Did you mean UNDECIDED?", 3: '"HOLDS", "UNDECIDED"'},
    ),
    "choice of numbers": (
        lessons.Choice((0.25, 0.4, 0.65)),
        0.4,
        0.25,
        [0.4, np.float64(0.4)],
        {0.25: "why 0", 0.65: "none of the usual slips"},
        {0.41: "0.25, 0.4, 0.65", "0.4": "none of them"},
    ),
    "numbers": (
        lessons.Numbers(("dish", "person"), lessons.Number((0, 9), "too far")),
        (4.0, 2.0),
        (2.0, 4.0),
        [(4, 2), [4.0, 2.01], np.array([4, 2])],
        {(2, 4): "why 0", (4, 7): "Right already: dish", (4, 77): "person: too far"},
        {4: "2 numbers", (4,): "You gave 1", (4, "2"): "person: '2'", "42": "2 numbers"},
    ),
    "function": (
        lessons.Function(("v", "mg_out"), ((-65.0, 1.0), (0.0, 2.0))),
        lambda v, mg_out: v + mg_out,
        lambda v, mg_out: v - mg_out,
        [lambda v, mg_out: np.array(mg_out + v), lambda a, b, c=0: a + b],
        {
            (lambda v, mg_out: v - mg_out): "why 0",
            (lambda v, mg_out: v + mg_out + 5 * (v == 0)): "farthest off for v = 0, mg_out = 2: 7",
        },
        {
            (lambda v: v): "v = -65, mg_out = 1 it stops with TypeError",
            (lambda v, mg_out: None): "returns no number",
            3: "of (v, mg_out)",
        },
    ),
}


@pytest.mark.parametrize("name", KINDS)
def test_an_answer_can_be_of_many_kinds(name):
    """What passes, what is a slip or else wrong, what cannot be read; nothing given."""
    kind, right, wrong, passes, fails, unread = KINDS[name]
    one = own(kind, right, wrong)
    for answer in passes:
        assert one.judge(answer).passed, answer
    for answer, words in fails.items():
        reply = one.judge(answer)
        assert reply.passed is False
        assert words in reply.text
        assert reply.title.startswith("Not yet")
    for answer, words in unread.items():
        reply = one.judge(answer)
        assert (reply.passed, reply.title) == (False, kind.lacking)
        assert words in reply.text
    assert one.judge(None).passed is None
    assert kind.wanted in one.judge(...).text


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


def test_a_reason_is_kept_and_not_marked():
    said = repr(lessons.compare(1, 7.35, because="the force is small"))
    assert "“the force is small”" in said
    assert lessons.compare(1, 7.35, because="x").passed is None
    assert "reason" not in repr(lessons.compare(1, 7.35))
    assert "reason" in repr(lessons.compare("bent", "straight", because="x"))
    assert "reason" not in repr(lessons.compare(1, 7.35, because=...))
    assert "Predict first" in repr(lessons.compare(None, 7.35, because="x"))


# ------------------------------------------------------------------------------------ pictures


def drawing():
    return Figure(figsize=(1, 1))


def test_pictures_carry_their_words():
    picture = lessons.show(drawing(), "a \n  square")
    assert 'alt="a square"' in picture._repr_html_()
    assert repr(picture) == "Figure: a square"
    with pytest.raises(ValueError, match="words"):
        lessons.show(drawing(), " ")


@pytest.mark.parametrize("after", [None, ..., (1, None), [None]])
def test_what_is_predicted_stays_closed_until_then(after):
    closed = lessons.show(drawing(), "a square", after=after)._repr_html_()
    assert closed.startswith("<details><summary>Predict first")
    assert lessons.say("It is **7**.", after=after)._repr_markdown_().startswith("<details>")


@pytest.mark.parametrize("after", [0, "bent", (1, 2), True])
def test_what_was_predicted_is_open(after):
    assert lessons.show(drawing(), "a square", after=after)._repr_html_().startswith("<figure")
    said = lessons.say("It is\n  **7**.", after=after)
    assert said._repr_markdown_() == repr(said) == "It is\n**7**."


def test_a_listing_is_printed_as_it_is_and_its_addresses_are_links():
    one = lessons.listing("References\n\n  [a] A <1>, see https://doi.org/10.1/x).", "More")
    assert repr(one) == "References\n\n  [a] A <1>, see https://doi.org/10.1/x).\nMore"
    page = Elements(one._repr_html_())
    assert [a["href"] for a in page.of("a")] == ["https://doi.org/10.1/x"]
    lines = [a["style"] for a in page.of("div")]
    assert [re.findall(r"padding-left:(\d)em", style) for style in lines] == [
        ["2"],
        ["2"],
        ["3"],
        ["2"],
    ]
    assert "&lt;1&gt;" in one._repr_html_()


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
    assert [c.get("style") for c in choices] == ["display:none", None]
    (bar,), (back,) = page.of("input"), page.of("button")
    assert bar["oninput"] == back["onclick"]  # "input" comes while it is dragged
    one._repr_html_()
    assert drawn == [0.0, 1.0]  # once each, the stills too


def test_slider_shows_stills_where_no_script_runs():
    page = slider(stills=(0.0, 2.0))._repr_html_()
    stills = page[page.index("No slider that moves?") :]
    assert "at 0" in stills
    assert "at 2" in stills
    assert "at 1" not in stills
    assert "<details>" in stills  # the words of each figure


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"stills": (3.0,)}, "choices"),
        ({"marks": {"person": (0.5, 2.5)}}, "mark 'person' goes from 0.5 to 2.5"),
        ({"marks": {"person": (1.5, 0.5)}}, "mark 'person'"),
        ({"switch": {"a": 1}}, "words for what it sets"),
    ],
)
def test_slider_says_what_is_wrong_with_it(options, words):
    with pytest.raises(ValueError, match=words):
        slider(**options)


@pytest.mark.parametrize("choices", [{"1 mM": 1.0, "0 mM": 0.0}, {"1 mM": 1.0}])
def test_slider_goes_up(choices):
    with pytest.raises(ValueError, match="two or more choices, from the lowest"):
        lessons.Slider(lambda v: None, choices, 1.0, "Magnesium")


def test_slider_reads_out_what_it_shows():
    page = slider()._repr_html_()
    (status,) = Elements(page).of("p", "role")
    assert (status["role"], status["aria-live"]) == ("status", "polite")
    assert ">at 1</p>" in page


def test_slider_marks_lie_under_their_values():
    """From half to one and a half of three choices is the middle half of the track."""
    page = slider(marks={"person": (0.5, 1.5)})._repr_html_()
    left, width = (float(x) for x in re.findall(r"left:([\d.]+)em;width:([\d.]+)em", page)[0])
    total = float(re.findall(r"width:([\d.]+)em;max-width", page)[0])
    assert left + width / 2 == pytest.approx(total / 2, abs=0.01)
    assert width == pytest.approx((total - 1) / 2, abs=0.01)  # the knob is 1 em wide
    assert "font:inherit" in Elements(page).of("input")[0]["style"]  # an em is the same for both


def test_slider_has_a_picture_for_each_option_of_its_switch():
    one = lessons.Slider(
        lambda v, w: lessons.show(drawing(), f"at {v:g} {w}"),
        {"0 mM": 0.0, "1 mM": 1.0},
        1.0,
        "Magnesium",
        switch={"fast": "f", "slow": "s"},
        switch_about="Unblock",
    )
    page = Elements(one._repr_html_())
    shown = [
        (c["data-option"], c["data-value"], c.get("style") == "display:none")
        for c in page.of("div", "data-value")
    ]
    assert shown == [
        ("fast", "0 mM", True),
        ("fast", "1 mM (default)", False),
        ("slow", "0 mM", True),
        ("slow", "1 mM (default)", True),
    ]
    radios = [a for a in page.of("input") if a["type"] == "radio"]
    assert ["checked" in r for r in radios] == [True, False]
    assert [p.words for p in one.shown_still().values()] == ["at 1 f", "at 1 s"]
    assert list(one.shown_still()) == ["1 mM (default), fast", "1 mM (default), slow"]
    names = [re.findall(r'name="(.+?)"', one._repr_html_())[0] for _ in range(2)]
    assert len(set(names)) == 2  # shown twice in a page, each has its own switch


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
        "**Question.**",
        "**Goals.**",
        "**You need**",
        "minutes",
        "### Predict",
        "### Run",
        "### Exercise 1",
        "### Exercise 2",
        "### Exercise 3",
        "no medical advice",
        "**What students get wrong.**",
        "**Cut",
        "**Stretch**",
        "**Assess.**",
    ):
        assert wanted in text
    closing = ("Misconceptions", "What this lesson cannot say", "Summary", "Where to read more")
    parts = re.findall(r"^## (.+)$", text, re.MULTILINE)
    assert parts[-5:] == [*closing, "For the instructor"]
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


@notebooks
def test_lessons_run_without_a_warning_and_the_page_of_their_figures_is_theirs(path, capsys):
    """Each value that a cell ends with is rendered, as Jupyter renders it for a reader."""
    page = module("page")
    value_of = page._last_value

    def rendered(source, names):
        value = value_of(source, names)
        for way in ("_repr_html_", "_repr_markdown_", "__repr__"):
            if not isinstance(value, type) and hasattr(value, way):
                getattr(value, way)()
        return value

    page._last_value = rendered
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        text, images = page.section(path)
    assert [str(w.message) for w in said] == []
    assert capsys.readouterr().err == ""
    assert text in page.PAGE.read_text(encoding="utf-8"), "docs/lessons.md is old: run make tables"
    kept = (page.DOCS / "images").glob(f"lesson_{path.stem[:2]}_*.png")
    assert {f.name for f in kept} == set(images)
    assert all(f"](images/{name})" in text for name in images)


def test_the_page_of_figures_begins_with_all_lessons():
    page = module("page")
    assert page.PAGE.read_text(encoding="utf-8").startswith(page.contents()), "run make docs"


def words(path):
    """The words that a student reads: of the text cells and of what the code says."""
    texts = []
    for tag, kind, source in tagged(path):
        if tag == "stretch" or "## For the instructor" in source:
            continue
        if kind == "markdown":
            texts.append(source)
        for call in ast.walk(ast.parse(source if kind == "code" else "")):
            if isinstance(call, ast.Call) and ast.unparse(call.func) == "lessons.say":
                texts += [c.value for c in ast.walk(call.args[0]) if isinstance(c, ast.Constant)]
    return [word for text in texts for word in str(text).split() if re.search(r"\w", word)]


@notebooks
def test_lesson_is_no_longer_than_an_hour(path):
    assert len(words(path)) <= 1900


def tagged(path):
    """Tag, kind and source of each cell."""
    for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
        (tag,) = cell["metadata"]["tags"]
        yield tag, cell["cell_type"], "".join(cell["source"])


@notebooks
def test_lesson_can_be_cut(path):
    """Each cell says whether it may be left out; no core cell needs a name from one that may."""
    known = set(dir(builtins))
    for tag, kind, source in tagged(path):
        assert tag in lesson.TAGS
        if tag != "core" or kind != "code":
            continue
        names = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Name)]
        known |= {a.arg for a in ast.walk(ast.parse(source)) if isinstance(a, ast.arg)}
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import | ast.ImportFrom):
                known |= {(a.asname or a.name).partition(".")[0] for a in node.names}
            elif isinstance(node, ast.FunctionDef):
                known.add(node.name)
        known |= {n.id for n in names if isinstance(n.ctx, ast.Store)}
        assert {n.id for n in names} <= known, source


def bound(code):
    """The names that a cell binds for those after it, each with its statement; no loop's."""
    return {
        name: ast.unparse(statement)
        for statement in ast.parse(code).body
        if isinstance(statement, ast.Assign | ast.FunctionDef)
        for name in (
            [statement.name]
            if isinstance(statement, ast.FunctionDef)
            else [n.id for t in statement.targets for n in ast.walk(t) if isinstance(n, ast.Name)]
        )
    }


@notebooks
def test_a_solution_in_its_cell_leaves_the_rest_of_the_lesson_as_it_is(path):
    """It gives no other value to a name that a later cell takes from an earlier one."""
    codes = cells(path, "code")
    for k, source in enumerate(codes):
        earlier = {name: s for code in codes[:k] for name, s in bound(code).items()}
        later = {
            n.id for code in codes[k + 1 :] for n in ast.walk(ast.parse(code)) if hasattr(n, "id")
        }
        for asked in re.findall(r'lessons\.check\("(\w+)"', source):
            for name, statement in bound(lessons.exercises[asked].code).items():
                if name in earlier and name in later:
                    assert statement == earlier[name], f"{asked}: another {name}"


def test_a_notebook_that_someone_has_changed_is_not_replaced(tmp_path, monkeypatch, capsys):
    """Nor one that is no lesson, in whatever folder."""
    monkeypatch.setenv("MGSIM_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(lesson, "HERE", tmp_path)
    text, path = tmp_path / "x.md", tmp_path / "10_new.ipynb"
    text.write_text(lesson.as_text(lesson.notebook(lesson._SKELETON)))
    lesson.main("new", path.name)
    lesson.main("write", str(text), path.name)  # as it was written
    path.write_text(changed := path.read_text().replace("found = 1.0", "found = 2.0"))
    for what in (["new"], ["write", str(text)]):
        with pytest.raises(ValueError, match="is not as mgsim wrote it, so it stays"):
            lesson.main(*what, path.name)
    assert path.read_text() == changed
    mine = {"cells": [{"cell_type": "code", "source": "x = 1", "metadata": {}, "outputs": [1]}] * 3}
    (tmp_path / "mine.ipynb").write_text(json.dumps(mine))
    lesson.main("clear")
    assert "mine.ipynb is no lesson and stays as it is" in capsys.readouterr().out
    assert json.loads((tmp_path / "mine.ipynb").read_text()) == mine
    assert "found = 2.0" in path.read_text()
    lesson.main("write", str(text), path.name, "--overwrite")
    assert "found = 1.0" in path.read_text()


def cell(source, kind="code", **more):
    return {"cell_type": kind, "metadata": {}, "source": source, **more}


def test_clear_takes_nothing_of_anybody(tmp_path, monkeypatch, capsys):
    """Outputs go where it is told so; what no text holds never does, and nothing stops the rest."""
    monkeypatch.setattr(lesson, "HERE", tmp_path)
    book = lesson.notebook(lesson._SKELETON)
    first = next(i for i, c in enumerate(book["cells"]) if c["cell_type"] == "code")
    own = {
        "02_cell": [*book["cells"][: first + 1], cell("x = 1"), *book["cells"][first + 1 :]],
        "03_fence": [*book["cells"], cell("x = '''\n```\nmine\n'''")],
        "04_picture": [*book["cells"], cell("![a](attachment:a.png)", "markdown", attachments=[1])],
        "05_raw": [*book["cells"], cell("mine", "raw")],
        "06_begin": [*book["cells"][:first], cell("x = 1"), *book["cells"][first + 1 :]],
        "07_tag": [*book["cells"], cell("<!-- mine -->\n", "markdown")],
    }
    for name, inside in own.items():
        (tmp_path / f"{name}.ipynb").write_text(json.dumps({**book, "cells": inside}))
    for k, text in enumerate(["[]", "{", '{"cells": [3]}', "[" * 10**5]):
        (tmp_path / f"00_{k}.ipynb").write_text(text)
    played = json.loads(json.dumps(book))
    played["cells"][first]["outputs"] = ["mine"]
    (tmp_path / "10_played.ipynb").write_text(json.dumps(played))
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir()}
    for overwrite in ([], ["--overwrite"]):
        with pytest.raises(SystemExit, match="1"):
            lesson.main("clear", *overwrite)
        out, err = capsys.readouterr()
        cleared = "10_played.ipynb" if overwrite else ""
        for name in before:
            assert (name in out + err) == (name != cleared), name
            assert ((tmp_path / name).read_bytes() == before[name]) == (name != cleared), name
    assert lesson.load(tmp_path / "10_played.ipynb") == book


def test_the_page_of_figures_removes_its_own_alone(tmp_path, monkeypatch):
    page = module("page")
    monkeypatch.setattr(page, "DOCS", tmp_path)
    monkeypatch.setattr(page, "PAGE", tmp_path / "lessons.md")
    images = tmp_path / "images"
    images.mkdir()
    for name in ("lesson_mine.png", "lesson_77_1.png"):
        (images / name).write_bytes(b"mine")
    names = ["lesson_01_1.png", "lesson_01_2.png"]
    for there in (names, names[:1]):
        page.write("".join(f"![a](images/{n})\n" for n in there), dict.fromkeys(there, b"x"))
        left = sorted(p.name for p in images.iterdir())
        assert left == [*there, "lesson_77_1.png", "lesson_mine.png"]


@notebooks
def test_lesson_begins_as_all_do_and_text_and_notebook_are_one(path):
    book = lesson.load(path)
    assert lesson.notebook(lesson.as_text(book)) == book, (
        "run: python notebooks/lesson.py clear --overwrite"
    )
    both = [source for kind, _, source in lesson.cells(lesson.BEGIN) if kind == "code"]
    assert cells(path, "code")[:2] == both, "run: python notebooks/lesson.py clear --overwrite"
    assert lesson.begun(lesson.as_text(book)) == lesson.as_text(book)


def test_a_new_lesson_has_what_lessons_have(tmp_path):
    lesson.save(lesson.notebook(lesson._SKELETON), tmp_path / "10_new.ipynb")
    text = "\n".join(cells(tmp_path / "10_new.ipynb", "markdown"))
    for wanted in ("**Question.**", "### Predict", "## What this lesson cannot say"):
        assert wanted in text
    with pytest.raises(ValueError, match="no tag 'shrink'"):
        lesson.cells("<!-- shrink -->\n")


@notebooks
def test_lesson_cites_what_the_references_have(path):
    known = (ROOT / "src/mgsim/references.bib").read_text(encoding="utf-8").lower()
    text = "\n".join(cells(path, "markdown"))
    for doi in re.findall(r"10\.\d{4,}/[^\s)>\]]+", text):
        assert doi.lower().rstrip(".,;") in known


def test_each_exercise_is_asked_in_one_lesson_and_solved_there():
    asked = [
        name
        for path in NOTEBOOKS
        for source in cells(path, "code")
        for name in re.findall(r'lessons\.check\("(\w+)"', source)
    ]
    solved = re.findall(
        r'lessons\.solution\("(\w+)"',
        "\n".join(source for path in NOTEBOOKS for source in cells(path, "code")),
    )
    assert sorted(asked) == sorted(solved) == sorted(lessons.exercises)


def begin(monkeypatch, there, address=lesson.ADDRESS):
    """What the first cell runs where the modules ``there`` are found: the words after pip."""
    ran = []
    monkeypatch.chdir(ROOT / "notebooks")
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: name in there or None)
    monkeypatch.setattr(
        subprocess, "run", lambda words, check: ran.append((words[:4], words[4:], check))
    )
    first = next(source for kind, _, source in lesson.cells(lesson.BEGIN) if kind == "code")
    exec(first.replace(f'"{lesson.ADDRESS}"', repr(address)), {})  # noqa: S102
    assert all(words == [sys.executable, "-m", "pip", "install"] for words, _, _ in ran)
    assert all(check for _, _, check in ran)
    return [rest for _, rest, _ in ran]


def test_first_cell_installs_from_the_address_and_says_so(monkeypatch, capsys):
    """Never by name: the public index has another program of this name."""
    lock = f"../requirements/lock-3.{sys.version_info.minor}.txt"
    (words,) = begin(monkeypatch, ())
    pinned = ["-c", lock] if (ROOT / "notebooks" / lock).exists() else []
    assert words == ["-q", *pinned, lesson.ADDRESS]
    assert (ROOT / "notebooks" / lesson.ADDRESS / "pyproject.toml").is_file()
    assert f"from {lesson.ADDRESS}" in capsys.readouterr().out
    for address in ("mgsim-1.0-py3-none-any.whl", "git+https://example.org/mgsim@v1"):
        assert begin(monkeypatch, (), address) == [["-q", address]]


def test_first_cell_does_nothing_where_mgsim_is(monkeypatch, capsys):
    assert begin(monkeypatch, ("mgsim", "mgsim.lessons")) == []
    assert capsys.readouterr().out == ""


def test_first_cell_tells_the_other_program_of_this_name(monkeypatch):
    with pytest.raises(ImportError, match="another program called mgsim"):
        begin(monkeypatch, ("mgsim",))


@notebooks
def test_lesson_shows_each_figure_in_words_and_keeps_cells_short(path):
    draws = {"subplots", "plot"}
    for source in cells(path, "code"):
        calls = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.Call)]
        drawn = any(isinstance(c.func, ast.Attribute) and c.func.attr in draws for c in calls)
        if drawn or "mg.figures[" in source:
            assert "lessons.show(" in source
        assert len(source.splitlines()) <= 16
