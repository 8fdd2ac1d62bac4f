"""The ledger as it stands: every claim, what was fixed of it, its result, its page."""

import html
import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import numpy as np
import planted
import pytest

import mgsim as mg
from mgsim import cli
from mgsim.claims.bench import tonic
from mgsim.cli.commands import claims
from mgsim.compose import finding as parts
from mgsim.judging import fixed, kept
from mgsim.judging.claim import MECHANISMS, Claim
from mgsim.judging.conditions import ClaimError
from mgsim.judging.ledger import beneath, laws, page, plain, report
from mgsim.judging.ledger.verdicts import parted, verdicts
from mgsim.judging.reading import Reading
from mgsim.judging.statistics import CONDITIONAL, NOT_YET, OUT, UNSUPPORTED, WORDS
from mgsim.judging.verdict import words
from mgsim.judging.verdict.runs import Arm, Sweeps, Take
from mgsim.units.magnesium import CSF

ROOT = Path(__file__).parents[2]
CLAIMS = mg.claims.all
RUN = [c for c in CLAIMS if c.readings]


def test_every_claim_of_the_documents_stands_in_it():
    """46 distinct claims of five documents, each with a reading or with the reason for none."""
    assert len([c for c in CLAIMS if c.documents]) == 46
    assert {d for c in CLAIMS for d in c.documents} == {"000", "001", "002", "003", "004"}
    assert {c.category for c in CLAIMS} == {"A", "B", "C"}
    for c in CLAIMS:
        assert c.readings or (c.unrun in (OUT, UNSUPPORTED, NOT_YET) and c.reason)
        assert not c.nearest or c.nearest in mg.claims
        assert c.statement.endswith(".")


@pytest.mark.parametrize("claim", RUN, ids=lambda c: c.name)
def test_what_was_fixed_is_what_stands(claim):
    """What changes is fixed anew, and says itself in the claim's file with its reason."""
    assert kept.changes(claim) == []
    assert kept.fixed(claim.name)["digest"] == claim.digest


@pytest.mark.parametrize("claim", RUN, ids=lambda c: c.name)
def test_every_prior_of_a_claim_has_a_source_and_every_threshold_a_reason(claim):
    for reading in claim.readings:
        assert all(p.source for p in reading.bench.priors.values())
        assert reading.why
        assert reading.statistic.__doc__
        if reading.bench.slot.startswith("block"):
            assert len(reading.bench.laws) >= 5
            assert "jahr_stevens_1990_flicker" in reading.bench.laws


def test_it_is_told_under_which_laws_a_claim_is_judged_and_why_under_no_more():
    """Every law; where these are none of the block, what stands for it and how far it is drawn."""
    few = 0
    for claim in RUN:
        told = laws.told(claim)
        for bench in {r.bench.name: r.bench for r in claim.readings}.values():
            (own,) = (x for x in told if all(re.search(rf"\b{n}\b", x) for n in bench.laws))
            if bench.slot.startswith("block"):
                assert "not the five laws" not in own
                continue
            slots = bench.experiment.models[0].slots
            parts = [p for slot, p in slots.items() if slot.startswith("block")]
            assert all(p.plain_name in own for p in parts)
            assert ("no block" in own) == (not parts)
            for name in ("block_strength", "block_slope", "block_warming"):
                assert (name in own) == (name in bench.priors)
            few += 1
        assert all(f"  judged under {x}" in report.lines(claim) for x in told)
    assert few > 5


AGED = "computed with an earlier instrument"
RESULTS = [c for c in RUN if kept.result(c.name)]


@pytest.mark.parametrize("claim", RESULTS, ids=lambda c: c.name)
def test_a_kept_result_is_whole_and_says_what_it_is_of(claim):
    result = kept.result(claim.name)
    assert not result.quick
    assert result.fixed == claim.digest or claim.changes
    assert set(result.verdicts.values()) <= set(WORDS)
    told = verdicts(claim, result)
    few = f"fewer draws than fixed: {result.draws} of {claim.draws}"
    for which in result.verdicts:
        assert result.draws == claim.draws or told[which].endswith(few)
    if result.fixed == claim.digest:  # or it was fixed anew since, and says so
        asked = {r.name: r.headline for r in claim.readings}
        assert {r.name: r.headline for r in result.readings} == asked
    for reading in result.readings:
        for law in reading.laws:
            assert 0 <= law.passes <= law.draws <= result.draws
            assert law.low <= law.passes / law.draws <= law.high


@pytest.fixture
def copied(tmp_path, monkeypatch):
    """What is kept, in a folder of its own."""
    shutil.copytree(kept.FOLDER / "results", tmp_path / "results")
    shutil.copytree(kept.FOLDER / "fixed", tmp_path / "fixed")
    monkeypatch.setattr(kept, "path", lambda kind, name, _=None: tmp_path / kind / f"{name}.json")
    return tmp_path


HARMS = {
    "edited": lambda text, other: text.replace("HOLDS", "FAILS"),
    "a digit": lambda text, other: re.sub(r'"passes": \d+', '"passes": 1', text, count=1),
    "another's": lambda text, other: other,
    "cut": lambda text, other: text[:3000],
    "unsigned": lambda text, other: "".join(
        x for x in text.splitlines(True) if not x.startswith('"checksum"')
    ),
    "object": lambda text, other: "{}",
    "list": lambda text, other: "[]",
    "empty": lambda text, other: "",
}


@pytest.mark.parametrize("how", HARMS)
def test_a_damaged_result_is_told_by_its_file_and_is_no_verdict(how, copied, capsys):
    claim = mg.claims["mg_voltage_block"]
    file, other = (
        copied / "results" / f"{n}.json" for n in ("mg_voltage_block", "mg_cuts_ca_entry")
    )
    before, text = list(plain.lines(CLAIMS)), file.read_text(encoding="utf-8")
    harmed = HARMS[how](text, other.read_text(encoding="utf-8"))
    assert harmed != text
    file.write_text(harmed, encoding="utf-8")
    told = f"{file} is damaged"
    pages = [
        list(report.lines(claim)),
        report.markdown([claim]).splitlines(),
        html.unescape(page.html([claim])).splitlines(),
        list(report.table([report.row(claim)])),
    ]
    for text in pages:
        assert any(told in line for line in text)
        assert not [x for x in text if re.search(r"(dish|person): \W*(HOLDS|FAILS)", x)]
    assert cli.main(["claims"]) == cli.GOOD
    assert "".join(f"no answer: {told}".split()) in "".join(capsys.readouterr().out.split())
    after = list(plain.lines(CLAIMS))
    at = before.index(claim.statement)
    assert after[4:at] == before[4:at]


def test_what_was_fixed_is_told_where_it_is_damaged(copied):
    claim = mg.claims["mg_voltage_block"]
    file = copied / "fixed" / "mg_voltage_block.json"
    found = json.loads(file.read_text(encoding="utf-8"))
    for text in (json.dumps({**found, "expected": "FAILS"}), "{", "[]", ""):
        file.write_text(text, encoding="utf-8")
        (words,) = kept.changes(claim)
        assert words.startswith(f"{file}, what was fixed of")


def test_a_result_that_is_changed_by_hand_is_kept_with_a_checksum_of_its_own(copied, tmp_path):
    (tmp_path / "new" / "results").mkdir(parents=True)
    file = copied / "results" / "mg_voltage_block.json"
    content = json.loads(file.read_text(encoding="utf-8"))
    assert kept.keep(content) == file
    same = kept.path("results", "mg_voltage_block").read_bytes()
    content["instrument"]["digest"] = "another"
    kept.keep(content)
    assert kept.result("mg_voltage_block").instrument["digest"] == "another"
    assert file.read_bytes() != same


def test_a_result_of_other_equations_is_doubted(monkeypatch, capsys):
    """A law that reads otherwise with the same names and values, which nothing else would tell."""
    claim = replace(mg.claims["mg_voltage_block"])
    result = kept.result(claim.name)
    other = "computed with other equations than its models have today"
    assert other not in kept.aged(claim, result)
    law = mg.blocks[result.laws[0]]
    text = law.equations.replace("1 + ", "1 + 5*")
    assert text != law.equations
    every = tuple(replace(p, equations=text) if p is law else p for p in parts.every())
    monkeypatch.setattr(parts, "every", lambda: every)
    doubted = replace(claim)
    assert kept.changes(doubted) == []
    assert other in kept.aged(doubted, result)
    assert any(other in x for x in report.lines(doubted))
    for page_of in (page.html, report.markdown):
        assert other[1:] in page_of([doubted])


@pytest.mark.parametrize("claim", RESULTS, ids=lambda c: c.name)
def test_a_kept_result_is_of_the_equations_of_today(claim):
    """Else: mgsim claims run NAME --results src/mgsim/claims/results --overwrite."""
    found = kept.result(claim.name).instrument["systems"]
    assert {x for known in found for x in known.split(", ")} == claim.systems


def _git(*arguments):
    return subprocess.run(
        ["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()


def _first(path, digest):
    """The first commit in which a file holds a digest, be it one that merges."""
    return _git("log", "-m", "--reverse", "--format=%H", f"-S{digest}", "--", str(path))[0]


@pytest.mark.parametrize("claim", RESULTS, ids=lambda c: c.name)
def test_what_judges_was_committed_before_its_result(claim):
    if not (ROOT / ".git").exists() or _git("rev-parse", "--is-shallow-repository") == ["true"]:
        pytest.skip("no history here: it says when a claim was fixed")
    result = kept.path("results", claim.name).relative_to(ROOT)
    if str(result) not in _git("ls-files", "src/mgsim/claims/results"):
        pytest.skip("the result is not committed yet")
    digest = kept.result(claim.name).fixed
    before = _first(kept.path("fixed", claim.name).relative_to(ROOT), digest)
    after = _first(result, digest)
    assert before != after
    subprocess.run(["git", "merge-base", "--is-ancestor", before, after], cwd=ROOT, check=True)


# ---- what is fixed -------------------------------------------------------------------------------

MEASURES = ["ca_charge", "spike_count"]
CONDITIONS = {"low": None, "usual": None}


def answers(function):
    return fixed.answers(function, CONDITIONS, MEASURES)


def share(low, usual):
    return low.ca_charge / usual.ca_charge


def rewritten(usual, low):
    """Another order, other words, the same number."""
    before = usual.ca_charge
    return 1 / (before / low.ca_charge) if False else low.ca_charge * (1 / before)


def other_readout(low, usual):
    return low.spike_count / usual.spike_count


def guarded(low, usual):
    some = usual.ca_charge > 0
    return np.where(some, low.ca_charge / np.where(some, usual.ca_charge, 1), 1.0)


def test_a_function_is_known_by_its_answers():
    assert answers(share) == answers(rewritten)
    assert answers(share) != answers(other_readout)
    assert answers(share) != answers(guarded), "nothing over nothing"


@pytest.mark.parametrize("by", [1.02, 1.1, 2.0])
@pytest.mark.parametrize("line", [0.02, 20.0, 3000.0])
def test_a_domain_that_moves_is_another(line, by):
    """A line in a function is fixed as a threshold is, whatever the size of what it reads."""

    def at(where):
        return fixed.answers(lambda usual: usual.ca_charge >= where, {"usual": None}, MEASURES)

    assert at(line) != at(line * by)
    assert at(line) == at(line)


def with_protocol(protocol, model=planted.CLAMP.models[0]):
    experiment = mg.Experiment("planted_clamp", "What?", (model,), protocol, planted.CLAMP.measures)
    return replace(planted.BENCH, experiment=experiment)


def test_every_value_of_model_and_protocol_is_fixed():
    model, protocol = mg.models["standard"], planted.CLAMP.protocol
    (area,) = (p for part in model.parts for p in part.parameters if p.name == "area")
    bench = with_protocol(protocol, model)
    for other, word in (
        (with_protocol(protocol, model.with_values(area=2 * area.value)), "area"),
        (with_protocol(protocol.with_values(v_hold=-11), model), "v_hold"),
    ):
        one, another = (planted.claim("planted", bench=b, at_least=2.0) for b in (bench, other))
        assert one.digest != another.digest
        (told,) = fixed.changed(one.plain(), another.plain())
        assert word in told
    train = mg.protocols["train_20hz"]
    slow, fast = (with_protocol(train.with_values(train_rate=f)).plain() for f in (5, 40))
    assert any("train_rate 5.0 Hz -> 40.0 Hz" in x for x in fixed.changed(slow, fast))
    assert slow["protocol_values"]["events pre"] != fast["protocol_values"]["events pre"]


def test_a_law_of_other_constants_is_another(monkeypatch):
    before = planted.BENCH.plain()
    law = mg.blocks["kampa_2004"]
    name = law.parameters[0].name
    other = law.with_values(**{name: law.parameters[0].value * 1.01})
    monkeypatch.setattr(parts, "every", lambda: (mg.blocks["jahr_stevens_1990"], other))
    assert any(name in x for x in fixed.changed(before, replace(planted.BENCH).plain()))


def test_the_priors_of_a_range_are_fixed(monkeypatch):
    before = planted.claim("planted", at_least=2.0)
    digest = before.digest
    wider = {"ca_out": mg.Prior("uniform", (0.5, 2.5), "assumed: wider")}
    monkeypatch.setattr(type(planted.DISH["low"]), "priors", wider)
    assert before.digest != digest


def test_benches_of_other_values_share_no_run():
    """What one has run is not what the other asks for."""
    train = mg.protocols["train_20hz"]
    slow, fast = (with_protocol(train.with_values(train_rate=f)) for f in (5, 40))
    one, other = (Arm(b, planted.dish(1.2), Take(8)) for b in (slow, fast))
    assert one.group != other.group
    assert one.key != other.key


def reading(**options):
    given = {"name": "dish, all", "why": planted.WHY, "at_least": 1.5, **options}
    return Reading(bench=planted.BENCH, conditions=planted.DISH, statistic=planted.ratio, **given)


def with_readings(*readings, **options):
    return Claim("planted", "A planted claim.", ("000",), "A", readings, **options)


def test_a_change_is_said_in_words():
    before, after = with_readings(reading()), with_readings(reading(at_least=1.4))
    assert fixed.changed(before.plain(), after.plain()) == [
        "readings: dish, all: at_least 1.5 -> 1.4"
    ]
    assert before.digest != after.digest


def test_what_may_change_and_what_may_not():
    one, other = reading(), reading(name="another")
    assert with_readings(one, other).digest == with_readings(other, one).digest
    same = with_readings(reading(why="assumed: put otherwise"), caveat="another caveat")
    assert same.digest == with_readings(reading()).digest
    for changed in (reading(headline=False), reading(at_least=None, below=1.5)):
        assert with_readings(changed, other).digest != with_readings(one, other).digest
    wider = replace(
        planted.BENCH,
        priors={**planted.PRIORS, "v_hold": mg.Prior("uniform", (-70, 0), "assumed: x")},
    )
    assert planted.claim("planted", bench=wider, at_least=2.0).digest != (
        planted.claim("planted", at_least=2.0).digest
    )


def test_a_claim_that_cannot_be_meant_is_refused():
    with pytest.raises(ClaimError, match="give readings, or say why"):
        Claim("planted", "A planted claim.", ("000",), "A")
    with pytest.raises(ClaimError, match="two readings of one name"):
        with_readings(reading(), reading())
    with pytest.raises(ClaimError, match="no reading counts"):
        with_readings(reading(headline=False))
    with pytest.raises(ClaimError, match="OUT OF SCOPE"):
        mg.claims["serotonin"].judge()


# ---- running -------------------------------------------------------------------------------------


def test_a_planted_claim_runs_and_finds_its_closed_form(tmp_path):
    """Between 0.2 and 1.2 mM the clamped ratio passes 2 at a potential known for each law."""
    bench = replace(planted.BENCH, priors={"v_hold": planted.PRIORS["v_hold"]})
    claim = planted.claim("planted", bench=bench, at_least=2.0)
    result = claim.judge(128, out=tmp_path)
    (found,) = result.readings
    assert found.divider == "v_hold"
    assert found.control.good
    assert found.step.good
    assert result.data.statistic.dims == ("reading", "law", "draw")
    for law, crossing in planted.CROSSINGS.items():
        place = found.dividers[0].places[law]["0.5"]
        assert place.at == pytest.approx(crossing, abs=0.6)
    ends = [found.dividers[0].places[law]["0.5"].at for law in planted.CROSSINGS]
    assert (
        beneath.hangs(result, "dish")
        == f"v_hold (more pass below {min(ends):.3g} to {max(ends):.3g} mV)"
    )
    folders = sorted(p.name for p in tmp_path.iterdir() if p.is_dir())
    again = claim.judge(128, run=Sweeps(tmp_path))
    assert sorted(p.name for p in tmp_path.iterdir() if p.is_dir()) == folders
    strip = {"cost": {}}
    assert replace(again, **strip).json() == replace(result, **strip).json()


def test_arms_are_shared_between_claims(tmp_path):
    """A second claim that asks for one condition more runs that one."""
    bench = replace(planted.BENCH, priors={"v_hold": planted.PRIORS["v_hold"]})
    first = planted.claim("planted", bench=bench, at_least=2.0)
    first.judge(16, quick=True, run=Sweeps(tmp_path))
    more = {"low": planted.dish(0.3), "usual": planted.dish(1.2)}
    run = Sweeps(tmp_path)
    planted.claim("other", bench=bench, conditions=more, at_least=2.0).judge(
        16, quick=True, run=run
    )
    notes = [json.loads(p.read_text()) for p in tmp_path.glob("*.json")]
    asked = [c["mg_out"] for note in notes for c in note.values() if "block" not in c]
    assert sorted(asked) == [0.2, 0.2, 0.3, 0.3, 1.2, 1.2]  # at the step and at half of it
    folders = {p for p in tmp_path.iterdir() if p.is_dir()}
    # A note that is damaged, or none: the sweep that it is of is there, and it is written anew.
    whole = {p: p.read_bytes() for p in tmp_path.glob("*.json") if b"0.3" not in p.read_bytes()}
    damages = [
        *(b"null", b'{"dish_0": 3}', b'{"dish_0": {"mg_out": 99}}', b'{"dish_0": {"mg_out": 1.2}}'),
        *(
            b'{"',
            os.mkfifo,
            lambda note: note.symlink_to(tmp_path / "no"),
            lambda note: note.mkdir(),
        ),
    ]
    while damages:
        for note in whole:
            note.unlink()
            damaged = damages.pop(0) if damages else b""
            damaged(note) if callable(damaged) else note.write_bytes(damaged)
        first.judge(16, quick=True, run=Sweeps(tmp_path))
        assert {p for p in tmp_path.iterdir() if p.is_dir()} - whole.keys() == folders
        assert all(note.is_dir() or note.read_bytes() == was for note, was in whole.items())


def all_calcium(low, usual):
    """Calcium through every channel: times as much at low magnesium."""
    return low.ca_charge / usual.ca_charge


def test_a_coarser_step_or_single_precision_has_to_pass_the_control():
    """Of a cell that fires: what it lets pass gives the same sides, and what is wrong is seen."""
    bench = replace(tonic, laws=("jahr_stevens_1990",), cells={})
    reading = Reading("r", bench, planted.DISH, all_calcium, planted.WHY, at_least=1.5)
    claim = Claim("planted", "A planted claim.", ("000",), "A", (reading,))
    usual = claim.judge(16, quick=True)
    fast = claim.judge(16, quick=True, step=2, precision="float32")
    assert fast.readings[0].step.good
    assert np.array_equal(fast.data.passes, usual.data.passes)
    assert fast.data.statistic.values == pytest.approx(usual.data.statistic.values, rel=1e-3)
    assert not np.array_equal(fast.data.statistic.values, usual.data.statistic.values)
    assert "at 2 times the usual step, in float32" in " ".join(kept.doubts(claim, fast))
    assert not any("step" in x for x in kept.doubts(claim, usual))
    coarse = claim.judge(16, quick=True, step=8)
    assert coarse.verdicts == {"dish": "INVALID"}
    assert not coarse.readings[0].step.good


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"step": 0}, "times the usual step"),
        ({"step": np.inf}, "times the usual step"),
        ({"step": "2"}, "times the usual step"),
        ({"precision": "float23"}, "did you mean float32"),
    ],
)
def test_a_step_or_precision_that_cannot_be_meant_is_refused(options, words):
    with pytest.raises((ClaimError, KeyError), match=words):
        mg.claims["mg_voltage_block"].judge(16, **options)


def test_controls_of_a_real_claim_behave():
    """Whatever the words are: without block nothing is left, and half the step changes nothing."""
    result = mg.claims["mg_voltage_block"].judge(16, quick=True)
    assert result.quick
    for found in result.readings:
        assert found.control.good
        assert found.control.passes == 0
        assert found.step.good


# ---- command line and page -----------------------------------------------------------------------


def said(capsys, command):
    assert cli.main(["claims", *command.split()]) == cli.GOOD
    return capsys.readouterr().out


def test_the_command_line(capsys, tmp_path):
    listed = json.loads(said(capsys, "list --json"))
    assert {r["claim"] for r in listed} == set(mg.claims)
    assert "OUT OF SCOPE" in said(capsys, "list")
    shown = json.loads(said(capsys, "show mg_cuts_ca_entry --json"))
    assert shown["readings"]["dish, all, tonic"]["threshold"] == "at least 1.5"
    assert "closed form" not in said(capsys, "show serotonin")
    ran = json.loads(
        said(capsys, f"run mg_voltage_block --draws 16 --quick --json --results {tmp_path}")
    )
    assert ran[0]["claim"] == "mg_voltage_block"
    assert (tmp_path / "mg_voltage_block.json").exists()
    said(capsys, f"report --write {tmp_path / 'page.md'}")
    assert len(json.loads(said(capsys, "report --json"))) == len(CLAIMS)


@pytest.fixture
def several(monkeypatch):
    """A planted claim of several words, as if its result were kept."""
    result = planted.several_words()
    monkeypatch.setattr(kept, "result", lambda name: result)
    return planted.of_several_words(), result


def test_readings_that_are_sure_are_read_off_beside_a_word_that_is_not(several):
    """And the word itself is what it was."""
    _, result = several
    assert result.verdicts["dish"] == "CONDITIONAL"
    assert beneath.sure(result, "dish") == "HOLDS: surely; FAILS, fragile: never"
    holds = replace(result, verdicts={"dish": "HOLDS"})
    assert beneath.sure(holds, "dish") == beneath.sure(holds, "person") == ""
    told = beneath.readings(result, "dish")
    for reading in result.readings:
        low, high = min(x.low for x in reading.laws), max(x.high for x in reading.laws)
        assert f"[{100 * low:.3g}, {100 * high:.3g}]" in told
    assert beneath.readings(None, "dish") == beneath.hangs(None, "dish") == ""


def test_the_page_names_the_lines_that_would_turn_a_word_and_the_widths(several):
    """As lines, not as factors on the effect."""
    claim, result = several
    (section,) = re.findall(r"^## planted\n(.*?)^## ", report.markdown([claim]), re.M | re.S)
    assert "| otherwise |" in section
    turned = []
    for r in result.readings:
        (row,) = (x for x in section.splitlines() if x.startswith(f"| {r.name} |"))
        for f in r.flips:
            if f.kind == "width" and f.word != r.word:
                assert f"all priors {f.by:g} times as wide" in row
            if f.kind == "threshold" and f.word != r.word:
                assert re.search(rf"(at|or|,) {f.to:.4g}(?!\.?\d)", row.rpartition(" | ")[2])
                turned.append(f)
    assert turned


def test_what_was_expected_and_what_came_out_stand_on_the_page(several, monkeypatch):
    claim, result = several
    told = {"expected": "what was expected", "notes": "What came out."}
    monkeypatch.setattr(kept, "result", lambda name: replace(result, **told))
    (section,) = re.findall(
        r"^## planted\n(.*?)^## ", report.markdown([replace(claim, **told)]), re.M | re.S
    )
    assert "- Expected: what was expected." in section
    assert "- What came out: What came out." in section


@pytest.mark.parametrize(
    ("rises", "side"),
    [((1, 1), "above"), ((-1, -1), "below"), ((1, -1), "beyond"), ((-1, 0), "below")],
)
def test_a_side_is_told_where_all_laws_that_have_one_agree(rises, side):
    """Half pass at -32.5 mV, the middle of the prior, in each law that goes anywhere."""

    def value(arm, x):
        way = np.array(rises)[: len(arm.laws), None]
        return np.where(way * (x["v_hold"] + 32.5) > 0, 3.0, 1.0)

    result = planted.claim("sides", at_least=2.0).judge(256, run=planted.chosen(value))
    place = result.readings[0].dividers[0].places["jahr_stevens_1990"]["0.5"].at
    assert place == pytest.approx(-32.5, abs=0.5)
    assert beneath.hangs(result, "dish").startswith(f"v_hold (more pass {side} {place:.3g}")


def test_a_claim_shows_what_its_words_rest_on(several):
    """Cell, conditions, control, where draws lie, and what turns the word, of each reading."""
    claim, result = several
    text = "\n".join([*report.lines(claim), ""])
    for asked, found in zip(claim.readings, result.readings, strict=True):
        (own,) = re.findall(rf"^  {re.escape(asked.name)}[:,].*?\n((?:    .*\n)+)", text, re.M)
        assert f"cell {asked.bench.experiment.models[0].name}" in own
        for n, c in asked.conditions.items():
            assert f"{n}: mg_out {c.mg_out}" in own
        assert "control, which must fail: block = none" in own
        least = min(law.quantiles["0.05"] for law in found.laws)
        assert f"nine tenths of the draws have {least:.3g} to " in own
        assert f"otherwise: {found.word}" in own
    (on,) = re.findall(r"^    on (.*)", text, re.M)
    assert on.startswith(claim.readings[0].bench.meaning("g_nmda"))
    assert "(g_nmda; more pass above 0.5" in on


def test_one_word_is_printed_everywhere(several, monkeypatch):
    """With what makes it less: in list, show, run, on both pages and in the README's table."""
    claim, result = several
    claim = replace(claim, readings=claim.readings[3:])
    fails = replace(result, verdicts={"dish": "FAILS"}, readings=result.readings[3:])
    monkeypatch.setattr(kept, "result", lambda name: fails)
    monkeypatch.setattr(plain, "FIRST", (claim.name,))
    (word,) = (w for w in verdicts(claim, fails).values() if w)
    assert word == "FAILS, fragile, fewer draws than fixed: 512 of 1024"
    assert parted(word)[0] in repr(fails)
    told = [
        "\n".join(claims._judged(claim, fails)),
        "\n".join(report.lines(claim)),
        report.markdown([claim]),
        report.short({claim.name: claim}),
    ]
    assert all(word in text for text in told)
    table = list(report.table([report.row(claim)]))
    assert any(re.search(r"planted +FAILS, fragile \[1\] +- ", line) for line in table)
    assert "[1] fewer draws than fixed: 512 of 1024" in table
    text = page.html([claim])
    less = '<span class="word fails">FAILS</span><span class="less">'
    assert text.count(less + "fragile, fewer draws than fixed: 512 of 1024</span>") == 2


def test_a_claim_of_no_document_and_no_mechanism_is_told_as_one(several):
    """In show, in the list beside those of the documents, and on both pages."""
    claim, _ = several
    own = replace(claim, documents=(), mechanism="")
    assert "  of no document; category A, the receptor and its cell" in report.lines(own)
    table = list(report.table([report.row(own), report.row(mg.claims["serotonin"])]))
    assert table.index("of no mechanism") > table.index(
        MECHANISMS[mg.claims["serotonin"].mechanism]
    )
    text = report.markdown([own])
    assert f"{own.statement} (of no document)" in text
    both = page.html([own, mg.claims["serotonin"]])
    assert "1 claims of five documents and 1 of none." in both
    assert "<code>planted</code> · of no document · category A" in both


def test_laws_that_are_asked_where_they_were_not_measured_are_named(several):
    """Kampa et al. measured at 1 mM; the planted claim asks at 0.2 and 1.2 mM."""
    claim, _ = several
    (told,) = laws.extrapolated(claim)
    assert told == "kampa_2004, measured at 1 mM of magnesium, asked at 0.2 and 1.2 mM"
    assert f"  extrapolated: {told}" in report.lines(claim)
    assert f"- Extrapolated: {told}." in report.markdown([claim])
    assert f"<dt>Extrapolated</dt><dd>{told}. </dd>" in page.html([claim])


def test_the_list_is_short_and_has_no_names_of_parameters(capsys):
    """A line a claim; what stands beneath a word stands in ``show``."""
    text = said(capsys, "list")
    for name in mg.claims:
        assert len(re.findall(rf"^  {name}  ", text, re.M)) == 1
    assert len(text.splitlines()) < len(CLAIMS) + 40
    priors = {p.partition(",")[0] for c in RESULTS for p in kept.result(c.name).priors}
    assert len(priors) > 20
    assert not [p for p in priors if re.search(rf"\b{p}\b", text)]


# ---- the first answer ----------------------------------------------------------------------------


def test_the_first_answer_is_that_of_the_verdict(several):
    """Whatever the word is, of one reading; what is no verdict is no yes and no no."""
    claim, result = several
    one = replace(claim, readings=claim.readings[:1])
    assert {x.partition(",")[0] for x in plain.SAYS if x} == set(WORDS)
    yes, no = ({x for x, says in plain.SAYS.items() if w in says.split()} for w in ("yes", "no"))
    assert yes == {"HOLDS", "HOLDS, fragile"}
    assert {x for x in no if "answer" not in plain.SAYS[x]} == {"FAILS", "FAILS, fragile"}
    for word, turns in (("HOLDS", []), ("HOLDS", ["width"]), ("FAILS", []), ("UNDECIDED", [])):
        reading = replace(result.readings[0], word=word, fragile=turns)
        found = replace(result, verdicts={"dish": word}, readings=[reading])
        (answer, none) = plain.answered(one, found)
        assert answer.says == plain.SAYS[word + (", fragile" if turns else "")]
        assert answer.levels == "magnesium at 0.2 and 1.2 mM"
        assert answer.told[0] == "100 % of the simulated cells pass"
        assert none.says == "not asked"


def test_the_first_answer_tells_readings_apart_and_names_in_words(several):
    claim, result = several
    (answer, _) = plain.answered(claim, result)
    assert answer.says == "it depends"
    shares = [f"{100 * r.laws[0].share:.0f}" for r in result.readings]
    assert answer.told[:4] == (
        f'yes for "surely", {shares[0]} % of the simulated cells pass',
        f'narrowly no for "never", {shares[3]} % of the simulated cells pass',
        f'it depends for "half", {shares[2]} % of the simulated cells pass',
        f'open for "open", {shares[1]} % of the simulated cells pass',
    )
    assert answer.told[4].startswith("what divides them most: ")
    assert answer.told[4].endswith(" (g_nmda)")
    assert answer.told[5] == "fewer draws than fixed: 512 of 1024"
    alike = [replace(r, name=f"dish, fast, {n}") for n, r in enumerate(result.readings)]
    (other, _) = plain.answered(claim, replace(result, readings=alike))
    assert other.told[0].startswith('yes for "fast" (0), ')


def test_pages_and_command_begin_with_the_first_answer(several, monkeypatch, capsys):
    claim, result = several
    monkeypatch.setattr(plain, "FIRST", (claim.name,))
    (answer, _) = plain.answered(claim, result)
    found = plain.answers([claim])
    summary = plain.summary(found)
    assert summary == 'To the claim below it answers for a dish "it depends" once.'
    text = report.markdown([claim])
    places = [text.index(x) for x in (plain.NOT, summary, answer.more, "| claim |")]
    assert places == sorted(places)
    text = html.unescape(page.html([claim]))
    places = [text.index(x) for x in (plain.NOT, summary, f"<strong>{answer.says}", "<table")]
    assert places == sorted(places)
    monkeypatch.undo()
    told = " ".join(said(capsys, "").split())
    assert told.startswith(f"{plain.TITLE} {plain.NOT}")
    for name in plain.FIRST:
        assert mg.claims[name].statement in told


def test_a_first_look_says_so_before_each_word(several):
    """And does not ask what divides; few draws cannot tell."""
    claim, whole = several
    told = claims._judged(claim, replace(whole, quick=True))[1:]
    assert all(": first look: " in line for line in told)
    assert "first look" not in "".join(claims._judged(claim, whole))
    r = replace(whole.readings[0], word=CONDITIONAL, divider="")
    few = replace(r, laws=[replace(law, draws=32, passes=16) for law in r.laws])
    many = replace(r, laws=[replace(law, draws=1024, passes=512) for law in r.laws])
    assert "too few draws to tell what divides" in words.sentence(few, "1")
    assert "no single parameter divides" in words.sentence(many, "1")
    for quick in (few, many):
        assert "does not ask what divides" in words.sentence(quick, "1", quick=True)


def test_errors_are_a_line(capsys):
    for command, expected in (
        ("show nonsense", "(all: mgsim claims list)"),
        ("show mg_cuts", "did you mean mg_cuts_ca_entry"),
        ("run serotonin", "OUT OF SCOPE"),
        ("run mg_voltage_block --dask x", "needs --out"),
        ("run mg_voltage_block --step 0", "times the usual step"),
    ):
        assert cli.main(["claims", *command.split()]) == cli.BAD
        error = capsys.readouterr().err
        assert expected in error
        assert error.count("\n") == 1


def without_age(page):
    """A page but for what only says that equations have changed since."""
    return [x for x in page.splitlines() if x != f"- {AGED.capitalize()}."]


def test_the_page_is_generated():
    page = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    assert without_age(page) == without_age(report.markdown(mg.claims.all)), "make tables"


def test_the_page_says_which_results_are_of_earlier_equations(monkeypatch):
    """As ``claims show`` does, claim by claim."""
    monkeypatch.setattr(kept, "instrument", lambda: "another")
    assert report.markdown(mg.claims.all).count(f"- {AGED.capitalize()}.") == len(RESULTS)


def test_the_table_of_the_readme_is_generated():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = re.search(r"<!-- claims -->\n(.*?)\n<!-- -->", readme, re.S)
    assert table[1] == report.short(mg.claims), "mgsim claims report --short"


def test_the_effects_that_claims_without_a_run_would_need_follow_from_the_laws():
    """Numbers in their reasons, anew from the parts that they name."""
    unblocked = mg.blocks["jahr_stevens_1990"].evaluate
    taken = []
    for less in (1, 3, 10):
        low, high = (
            float(unblocked("unblocked", v=-40, mg_out=x / less)) for x in (0.8, 0.8 * 1.15)
        )
        taken.append(f"{100 * (1 - high / low):.1f}")
    reason = mg.claims["preterm_neuroprotection"].reason
    assert f"takes {taken[0]} %" in reason
    assert f"{taken[2]} to {taken[1]} %" in reason

    law = {p.name: p.value for p in mg.mechanisms["dodge_rahamimoff_1967"].parameters}
    ca, magnesium = 1.2 / law["ca_release_k"], 0.8 / law["mg_release_k"]
    release = law["release_power"] * magnesium / (1 + ca + magnesium)
    arrives = 0.85 / (0.80 / CSF)
    reason = mg.claims["glutamate_mg_excretion_loop"].reason
    assert f"{arrives:.2f} % less in the brain" in reason
    assert f"{arrives * release:.2f} % more release" in reason
    assert f"more than {1 / (arrives * release):.1f} %" in reason

    assert f"= {np.log(2) / np.log(1 / 0.9):.1f})" in mg.claims["ca_to_ros_death"].reason
