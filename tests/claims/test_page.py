"""The ledger's page: whole, generated, true to its results, and usable in a real browser."""

import html
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import planted
import pytest

import mgsim as mg
from mgsim import cli
from mgsim.judging import kept
from mgsim.judging.claim import MECHANISMS
from mgsim.judging.conditions import ClaimError
from mgsim.judging.ledger import beneath, drawing, otherwise, page, report
from mgsim.judging.verdict.result import LawResult

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "ledger.html"
CLAIMS = mg.claims.all
RESULTS = {c.name: r for c in CLAIMS if c.readings and (r := kept.result(c.name))}
AGED = '<p class="notice aged">'


@pytest.fixture(scope="module")
def made():
    return page.html(CLAIMS)


def without_age(text):
    """A page but for what only says that equations have changed since."""
    return [x for x in text.splitlines() if not x.startswith(AGED)]


# ---- what stands in it ---------------------------------------------------------------------------


def test_the_page_is_generated(made):
    assert without_age(PAGE.read_text(encoding="utf-8")) == without_age(made), "make tables"


def test_it_has_the_digest_of_what_was_fixed_of_every_result():
    """And says so where the claim has changed since."""
    text = PAGE.read_text(encoding="utf-8")
    articles = dict(re.findall(r'<article id="(\w+)"(.*?)</article>', text, re.DOTALL))
    for name, result in RESULTS.items():
        assert re.findall(r'<code class="fixed">(\w+)</code>', articles[name]) == [result.fixed]
        changed = result.fixed != mg.claims[name].digest
        assert ("as it was before the last change" in articles[name]) == changed


def test_it_says_which_results_are_of_earlier_equations(monkeypatch):
    some = [mg.claims[name] for name in list(RESULTS)[:1]]
    monkeypatch.setattr(kept, "instrument", lambda: kept.result(some[0].name).instrument["digest"])
    assert AGED not in page.html(some)
    monkeypatch.setattr(kept, "instrument", lambda: "another")
    assert page.html(some).count(f"{AGED}Computed with an earlier instrument.") == 1


def test_every_claim_stands_in_it_with_its_words(made):
    rows = re.findall(r'<tr role="row" data-claim="(\w+)".*?</tr>', made, re.DOTALL)
    assert sorted(rows) == sorted(mg.claims)
    assert {c.mechanism for c in CLAIMS} == set(MECHANISMS)
    for name, result in RESULTS.items():
        (row,) = re.findall(rf'<tr role="row" data-claim="{name}".*?</tr>', made, re.DOTALL)
        words = re.findall(r'class="word \w+">([A-Z ]+)<', row)
        assert words == [result.verdicts[x] for x in ("dish", "person") if x in result.verdicts]


def test_a_conditional_word_names_what_it_is_on(made):
    """A prior that is drawn, told in words; and no other word names one."""
    for name, result in RESULTS.items():
        claim = page.Entry(mg.claims[name], result)
        assert all(claim.meaning(prior) for prior in result.priors)
        for side, word in result.verdicts.items():
            on = beneath.divided(result, side)
            assert bool(on) <= (word == "CONDITIONAL")
            assert set(on) <= {*result.priors, "the law", "the cell"}
            named = [r.divider for r in claim.of(side) if r.divider]
            assert word != "CONDITIONAL" or set(named) <= {x.removeprefix("the ") for x in on}
            told = html.escape(beneath.hangs_in_words(mg.claims[name], result, side), quote=False)
            assert not on or f">on {told}</span>" in made
            assert all(f"({x}" in told for x in on if x in result.priors)
            for r in result.readings:
                if r.range == side and len([x for x in result.readings if x.range == side]) > 1:
                    said = beneath.readings(result, side)
                    assert r.name.removeprefix(f"{side}, ") in said
                    assert r.told in said


def test_what_it_cannot_say_comes_first(made):
    body = made[made.index("<main>") :]
    assert body.index("no medical advice") < body.index("does not hold") < body.index("<table")


@pytest.mark.parametrize("which", ["dish", "person"])
def test_the_magnesium_that_pages_tell_is_that_of_every_condition(made, which):
    levels = [
        c.mg_out
        for claim in mg.claims.values()
        for r in claim.readings
        for c in r.conditions.values()
        if c.range == which
    ]
    for text in (html.unescape(made), report.markdown([])):
        told = re.search(r"A dish has (.*) mM of free magnesium, a person's fluid (.*) mM", text)
        low, high = map(float, told[1 + (which == "person")].split(" to "))
        assert low <= min(levels) <= max(levels) <= high


class Loads(HTMLParser):
    """Elements that would load something, and what they name."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attrs):
        given = dict(attrs)
        if tag in ("link", "img", "iframe", "object", "embed", "base") or "src" in given:
            self.found.append(tag)
        assert not any(name.startswith("on") for name in given), (tag, given)
        if tag == "a":
            assert re.match(r"#\w|https://", given["href"]), given


def test_it_loads_nothing(made):
    parser = Loads()
    parser.feed(made)
    assert parser.found == []
    assert not re.search(r"url\(|@import|\beval\b|new Function", made)
    assert "default-src 'none'" in made


def test_whatever_a_claim_says_is_escaped():
    evil = "</script><script>alert(1)</script><img src=x onerror=alert(2)> {{ 7 * 7 }} \" ' &."
    one = replace(
        mg.claims["serotonin"], statement=evil, reason=evil, caveat=evil, literature=(evil,)
    )
    other = replace(
        mg.claims["mg_voltage_block"], statement=evil, caveat=evil, notes=evil, changes=(evil,)
    )
    text = page.html([one, other])
    assert "<img" not in text
    assert "alert(1)</script>" not in text
    assert text.count("</script>") == 1
    assert "&lt;script&gt;alert(1)" in text
    assert "{{ 7 * 7 }}" in text


def test_a_mechanism_that_is_none_is_refused():
    with pytest.raises(
        KeyError, match=r"no mechanism of claim 'serotonin' 'blok'; did you mean bl"
    ):
        replace(mg.claims["serotonin"], mechanism="blok")
    with pytest.raises(KeyError, match="no category"):
        replace(mg.claims["serotonin"], category="D")
    assert issubclass(ClaimError, ValueError)


def test_the_command_refuses_what_is_no_page(tmp_path, capsys):
    for words, told in (
        (f"--write {tmp_path / 'page.txt'}", "FILE.html or FILE.md"),
        (f"--write {tmp_path / 'page.html'} --short", "--short is a table of text"),
        (f"--write {tmp_path / 'none' / 'page.html'}", "there is no folder"),
        (f"--write {tmp_path / 'page.html'} --json", "--json prints all claims"),
    ):
        assert cli.main(["claims", "report", *words.split()]) == cli.BAD
        assert told in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


# ---- pictures ------------------------------------------------------------------------------------


def outline(path):
    """Places and heights of the columns of an outline, and its base."""
    start, base = map(float, re.match(r"M([\d.]+) ([\d.]+)", path).groups())
    steps = [(float(v), float(h)) for v, h in re.findall(r"V([\d.]+)H([\d.]+)", path)]
    return start, base, steps


def area(path):
    if not path:
        return 0.0
    x, base, steps = outline(path)
    total = 0.0
    for y, end in steps:
        total, x = total + (base - y) * (end - x), end
    return total


@pytest.mark.parametrize("direction", ["at least", "below"])
def test_what_is_filled_is_the_share_that_passes(direction):
    """The filled part of a distribution's area, though its bins are wider than all that matters."""
    reading = planted.several_words(64).readings[0]
    values = np.random.default_rng(0).normal(3, 0.4, 4000)
    line = 3.1
    passes = values >= line if direction == "at least" else values < line
    low, high = -40.0, 60.0  # one bin holds nearly everything
    counts, edges = np.histogram(values, bins=40, range=(low, high))
    quantiles = {
        f"{q:g}": float(np.quantile(values, q)) for q in (0.01, 0.05, 0.25, 0.5, 0.75, 0.95, 0.99)
    }
    law = LawResult(
        "law",
        int(passes.sum()),
        4000,
        float(passes.mean()),
        0.0,
        1.0,
        0,
        quantiles,
        edges.tolist(),
        counts.tolist(),
    )
    given = replace(reading, laws=[law], threshold=line, neutral=3.0, direction=direction)
    (drawn,) = drawing.overviews([given])
    (row,) = drawn["rows"]
    filled, pale = area(row["pass"]), area(row["fail"])
    inside = [x for x in values if quantiles["0.05"] <= x <= quantiles["0.95"]]
    share = np.mean([x >= line if direction == "at least" else x < line for x in inside])
    assert filled / (filled + pale) == pytest.approx(share, abs=0.03)


@pytest.mark.parametrize("log", [False, True])
def test_an_axis_goes_there_and_back(log):
    over = drawing.Axis(0.5, 80.0, 10.0, 200.0, log)
    for x in (0.5, 1.0, 7.3, 80.0):
        assert over.value(over.at(x)) == pytest.approx(x)
    places = [at for at, _ in over.ticks]
    assert len(places) >= 3
    assert places == sorted(places)
    assert all(float(told) == pytest.approx(over.value(at)) for at, told in over.ticks)


def test_dots_of_a_profile_stand_where_half_pass():
    for result in RESULTS.values():
        for r in result.readings:
            drawn = drawing.profile(r, dict(result.priors.get(r.divider, {})))
            if drawn is None:
                continue
            found = [float(x) for x in re.findall(r"M([\d.-]+) [\d.-]+h0", drawn["half"])]
            divider = next(d for d in r.dividers if d.name == r.divider)
            half = [p["0.5"].at for p in divider.places.values() if "0.5" in p and p["0.5"].at]
            xs = sorted(x for line, _ in divider.profile.values() for x in line)
            log = "log" in result.priors[r.divider]["told"].split(",")[0]
            over = drawing.Axis(xs[0], xs[-1], drawing.LEFT, drawing.RIGHT, log)
            assert found == pytest.approx([over.at(x) for x in half], abs=0.06)


def test_a_result_without_numbers_is_drawn_too(monkeypatch):
    """No draw that a reading is about, no flips, nothing that divides, no cost."""
    whole = planted.several_words(64)
    none = LawResult("law", 0, 0, float("nan"), 0.0, 1.0, 0, {}, [], [])
    readings = [
        replace(r, laws=[none], flips=[], dividers=[], divider="", about=(0.0, 0.0))
        for r in whole.readings
    ]
    cost = {"model_seconds_a_draw": 1.0}
    monkeypatch.setattr(kept, "result", lambda name: replace(whole, readings=readings, cost=cost))
    text = page.html([planted.of_several_words()])
    seen = re.sub(r"<(script|style).*?</\1>|<[^>]*>", "", text, flags=re.DOTALL)
    assert not re.search(r"\b(nan|null|inf|undefined)\b", seen)
    assert "Nothing else was tried." in text


def test_a_line_that_no_draw_can_cross_is_not_offered():
    """Four times the effect of 0.7 of a ratio is below nothing; of a difference it is not."""

    def read(least):
        value = planted.chosen(lambda arm, x: least + x["g_nmda"] * (1 - least))
        (reading,) = planted.claim("planted", below=0.7).judge(64, quick=True, run=value).readings
        assert min(f.to for f in reading.flips if f.kind == "threshold") == pytest.approx(-0.2)
        return reading

    ratio, difference = read(0.1), read(-0.5)
    assert min(f.to for f in otherwise.thresholds(ratio)) > 0
    assert "the line at -0.2" not in page.turns(ratio)
    assert min(f.to for f in otherwise.thresholds(difference)) == pytest.approx(-0.2)
