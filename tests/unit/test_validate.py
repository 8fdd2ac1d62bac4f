"""Targets: what a row says, what it refuses, and whether the page is up to date."""

import importlib
import json
import math
from functools import partial
from pathlib import Path

import pytest
from every import each

import mgsim as mg
from mgsim import validation
from mgsim.catalogs.catalog import UnknownName
from mgsim.cli import BAD, FAILED, GOOD, main
from mgsim.declare.parameter import PartError
from mgsim.references import entries
from mgsim.validation import page, rows, validate
from mgsim.validation.rows import crossing
from mgsim.validation.sections import insult
from mgsim.validation.target import EVIDENCE, Target, choose, judge, recall

PAGE = Path(__file__).parents[2] / "docs" / "validation.md"
TARGETS = validation.targets()
#: Words that may stand in place of a key of the bibliography.
WORDS = {"code", "page", "independent", "assumed", "unverified"}
#: Rows that fail and why; they stay in the table. A row that fails besides these is news, and so
#: is one of these that passes.
KNOWN_TO_FAIL = {
    "TB3.latency_mean": "receptors that desensitise before they open carry the mean",
    "TB3.latency_median.destexhe_1998": "opens at half the rate of Lester & Jahr",
    "TB4.within": "the five-state scheme has one closed state for a whole activation",
    "TB7.q10_rise": "one Q10 drives every rate",
    "TB7.decays.destexhe_1998": "its slow part is small and too fast",
    "TB7.decays.kampa_2004_trapping": "it has hardly a slow part",
    "TC11.spike": "the published spine lets in five times the calcium of a spike",
    "TF11": "what 'hubel_2017' has to release is more than dialysate of ischaemia shows",
    "TF8.escape": "4 mM protects at saturating glutamate nearly as it does at 10 uM",
    "TF1.dose": "the charge of receptors that 2 uM half opens hardly tells doses apart above 20 uM",
    "TS1d.endplate": "the endplate's fourth power at a central synapse",
    "TS8d.rise": "constants of pre-eclampsia clear a bolus too slowly for other patients",
    "TS8f.mckee_rise": "a gain of none to all of serum's rise is half in the middle, which is more",
}


def target(**given):
    settings = {
        "id": "TA99",
        "statement": "s",
        "expected": (1.0,),
        "obtain": lambda: [1.0],
        "rel": 0.01,
        "source": "assumed: for a test",
    } | given
    return Target(**settings)


# ---- declarations --------------------------------------------------------------------------------


def test_ids_are_unique_and_the_list_is_whole():
    ids = [t.id for t in TARGETS]
    assert len(set(ids)) == len(ids)
    stems = {i.partition(".")[0] for i in ids}
    assert stems >= {
        *(f"TA{n}" for n in (1, 2, 3, 4, 5, 6, 7, 9, 10, 11)),
        *(f"TB{n}" for n in (1, 2, 3, 4, 5, 7, 9)),
        *(f"TC{n}" for n in (1, 2, 3, 4, 5, 7, 10, 11)),
        *(f"TD{n}" for n in range(1, 11)),
        *(f"TI{n}" for n in range(1, 5)),
        *(f"TS4a{n}" for n in range(1, 6)),
        *(f"TS4b{n}" for n in range(1, 3)),
        "TG1",
        "TG2",
        *(f"TH{n}" for n in range(1, 8)),
        *(f"TS1{x}" for x in "abcdefghijklmno"),
        *(f"TS6{x}" for x in "abc"),
        *(f"TS9{x}" for x in "abc"),
        *(f"TS2{x}" for x in "abcdefghijklmno"),
    }


def test_what_one_compartment_cannot_show_stands_with_its_reason():
    beyond = {t.id for t in TARGETS if t.beyond}
    assert beyond == {
        "TB5.other_splice_form",
        "TD8",
        "TD9",
        "TD10",
        "TE1.network",
        "TE11",
        "TE2",
        "TE9",
        "TF4",
        "TF6",
        "TG3",
        "TS1f",
    }
    assert all(t.beyond.startswith("needs a ") for t in TARGETS if t.beyond)


def test_what_is_missing_is_said():
    assert {t.id for t in TARGETS if t.lacks} == {"TC5.budget"}


def test_what_holds_by_construction_says_so():
    """A row whose note says that its number was put in is not counted as evidence."""
    for one in TARGETS:
        if any(w in one.note for w in (" set to ", " is set ", "fitted to this number")):
            assert one.circular, one.id
    circular = {t.id for t in TARGETS if t.circular}
    assert circular >= {
        "TA2.subunits",
        "TB7.q10",
        "TB9.glycine.2A",
        "TC4",
        "TC5.share",
        "TC10",
        "TG1.person",
    }


@each(TARGETS)
def test_a_source_resolves(one):
    key, _, where = one.source.partition(":")
    assert key in entries() or key in WORDS
    assert where.strip()
    assert one.evidence in EVIDENCE
    assert page.source(one).endswith(f"[{one.evidence}]")


def test_a_remembered_number_says_so():
    for one in TARGETS:
        if "not read" in one.source or one.source.startswith(("unverified", "assumed")):
            assert one.evidence == "unverified", one.id


@pytest.mark.parametrize(
    "wrong",
    [
        {"evidence": "hearsay"},
        {"source": ""},
        {"source": "jahr_1990"},
        {"rel": 0.0},
        {"expected": ()},
        {"between": (0.0, 1.0)},
        {"obtain": None},
        {"labels": ("a", "b")},
        {"beyond": "needs a spine"},
        {"expected": (), "between": (-1.0, math.inf)},
        {"expected": (), "between": (-math.inf, 1.0)},
    ],
)
def test_a_target_that_says_too_little_is_refused(wrong):
    with pytest.raises(PartError):
        target(**wrong)


# ---- rows in files -------------------------------------------------------------------------------

FOLDER = Path(validation.__file__).parent
ROW = {
    "statement": "s",
    "given": {"law": "none"},
    "expected": [1.0, 2],
    "rel": 0.1,
    "source": "assumed: for a test",
}


def number(law: str, mg: float = 1.0) -> list[float]:
    return [1.0, 2.0]


def section(**data):
    return list(rows.section("Z", data, dict.fromkeys(data, number)))


def test_an_id_stands_in_one_row_and_over_one_function():
    """So that a search for it finds what is expected and how mgsim's number is found."""
    data = "".join(f.read_text(encoding="utf-8") for f in sorted(FOLDER.glob("data/*.toml")))
    texts = [f.read_text(encoding="utf-8") for f in sorted(FOLDER.rglob("*.py"))]
    code = "".join(t for t in texts if "@finds(" in t)
    for one in TARGETS:
        assert data.count(f'["{one.id}"]') == 1
        assert code.count(f'"{one.id}"') == bool(one.obtain)


def test_every_section_is_a_file_with_a_title():
    assert set(rows.sections()) == {t.section for t in TARGETS}
    assert {f.stem for f in FOLDER.glob("data/*.toml")} == set(rows.sections())
    assert all(rows.sections().values())


def test_a_row_becomes_a_target():
    (one,) = section(TZ1=ROW)
    assert (one.id, one.expected, one.rel) == ("TZ1", (1.0, 2.0), 0.1)
    assert judge(one).state == "pass"


def test_a_row_like_another_says_only_what_differs():
    _, two = section(TZ1=ROW, TZ2={"like": "TZ1", "given": {"mg": 0.5}, "expected": [1.0, 3.0]})
    assert (two.id, two.expected, two.rel, two.source) == ("TZ2", (1.0, 3.0), 0.1, ROW["source"])
    assert two.obtain.keywords == {"law": "none", "mg": 0.5}
    assert judge(two).state == "FAIL"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"statment": "s"}, r"no key 'statment' in Z.toml, row 'TZ1'; did you mean statement"),
        ({"like": "TA1"}, "no row 'TA1' in 'like' of Z.toml, row 'TZ1'"),
        ({"expected": ["1.0"]}, r"Z.toml, row 'TZ1': expected.0: .*number"),
        ({"expected": 1.0}, r"Z.toml, row 'TZ1': expected: .*tuple"),
        ({"priority": "high"}, r"Z.toml, row 'TZ1': priority: .*integer"),
        ({"circular": 1}, r"Z.toml, row 'TZ1': circular: .*boolean"),
        ({"rel": 0.0}, r"Z.toml, row 'TZ1': .*needs a tolerance"),
        ({"between": [0.0, 1.0]}, r"Z.toml, row 'TZ1': .*either expected numbers or bounds"),
        ({"given": {"lw": "none"}}, r"Z.toml, row 'TZ1': given lw: .*'law'"),
        ({"given": 3}, r"Z.toml, row 'TZ1': 'given' is a table"),
        ({"lacks": "a thing"}, r"Z.toml, row 'TZ1': .*a way to obtain"),
    ],
)
def test_a_row_that_cannot_be_read_says_where(change, words):
    with pytest.raises((PartError, UnknownName), match=words):
        section(TZ1=ROW | change)


def test_rows_stand_in_the_file_of_their_section():
    with pytest.raises(PartError, match=r"Z.toml, row 'TA1': .*begins with TZ"):
        section(TA1=ROW)
    with pytest.raises(PartError, match="a row is a table"):
        section(TZ1=3)


def test_a_function_without_a_row_and_two_for_one_are_refused(monkeypatch):
    monkeypatch.setitem(rows._FINDS, "TZ9", number)
    with pytest.raises(PartError, match=r"no row of data/\*.toml has the id 'TZ9'"):
        list(rows.read())
    with pytest.raises(PartError, match="two functions find the numbers of 'TZ9'"):
        rows.finds("TZ9")(number)


# ---- judging -------------------------------------------------------------------------------------


def test_judging():
    assert judge(target()).state == "pass"
    assert judge(target(obtain=lambda: [1.009])).worst == pytest.approx(0.9)
    far = judge(target(obtain=lambda: [1.02]))
    assert (far.state, far.obtained) == ("FAIL", (1.02,))
    assert judge(target(obtain=lambda: [math.nan])).state == "FAIL"
    assert judge(target(obtain=lambda: [1.0, 2.0])).state == "FAIL"
    within = {"expected": (), "rel": 0, "between": (0.0, 2.0)}
    assert judge(target(**within, obtain=lambda: [1.9])).state == "pass"
    assert judge(target(**within, obtain=lambda: [2.1])).state == "FAIL"
    above = {"expected": (), "rel": 0, "between": (4.0, math.inf)}
    assert judge(target(**above, obtain=lambda: [5.0, 8.0])).worst == pytest.approx(0.8)
    assert judge(target(**above, obtain=lambda: [3.9])).state == "FAIL"
    assert judge(target(**above, obtain=lambda: [-1.0])).worst == math.inf
    assert judge(target(expected=(10.0,), abs=1.0, obtain=lambda: [10.9])).state == "pass"


def test_a_target_that_breaks_fails_with_the_reason():
    row = judge(target(obtain=lambda: [mg.blocks["kampa_2005"]]))
    assert row.state == "FAIL"
    assert "kampa_2004" in row.why


def test_what_is_lacking_is_not_yet():
    lacking = judge(Target("TA98", "s", source="assumed: x", lacks="a thing"))
    assert (lacking.state, lacking.why) == ("not yet", "a thing")


def test_choosing():
    assert {t.section for t in choose(TARGETS, "a")} == {"A"}
    assert {t.id for t in choose(TARGETS, ids=["TD1"])} == {"TD1.converged", "TD1.published"}
    assert not {t.id for t in choose(TARGETS, ids=["TA1"])} & {"TA10", "TA11.never"}
    with pytest.raises(UnknownName, match="no section 'Q'"):
        choose(TARGETS, "Q")
    with pytest.raises(UnknownName, match="did you mean TA1"):
        choose(TARGETS, ids=["TA1.curv"])


# ---- command line --------------------------------------------------------------------------------


def test_the_command(capsys):
    assert main(["validate", "TA1", "TG2"]) == GOOD
    out = capsys.readouterr().out
    for word in (
        "TA1.curve  PASS",
        "B(-80 mV)",
        "expected",
        "obtained",
        "source:",
        "[independent]",
        "9 pass",
    ):
        assert word in out
    assert main(["validate", "--section", "G", "--json"]) == GOOD
    rows = json.loads(capsys.readouterr().out)
    assert {r["section"] for r in rows} == {"G"}
    person = next(r for r in rows if r["id"] == "TG1.person")
    assert (person["expected"], person["obtained"]) == ([0.8], [0.8])
    assert person["command"] == "mgsim validate TG1.person"


def test_a_failing_row_is_exit_code_3_and_stays_in_the_page(monkeypatch, capsys):
    bad = target(id="TA1.curve", obtain=lambda: [2.0])
    monkeypatch.setattr(validation, "targets", lambda: (bad,))
    assert main(["validate", "TA1"]) == FAILED
    assert "far outside" not in capsys.readouterr().out
    text = page.markdown(validate())
    assert "| TA1.curve | s | 1 | 2 |" in text
    assert "**FAIL**" in text
    assert page.rows_of(text) == {"TA1.curve": "FAIL"}


@pytest.mark.parametrize(
    ("id", "section"), [("TA1.curve", "A"), ("TS1a", "S1"), ("TS3a1", "S3"), ("TG2", "G")]
)
def test_a_section_is_a_letter_or_a_system(id, section):
    assert target(id=id).section == section


def test_what_a_row_compares_with():
    assert target(evidence="page").compares == "data"
    assert target(evidence="unverified").compares == "data"
    assert target(evidence="rerun").compares == "computation"
    assert target(evidence="page", circular=True).compares == "itself"
    with pytest.raises(PartError, match="TA1 or TS1a"):
        target(id="S1a")


def test_what_holds_by_construction_is_counted_apart():
    put_in = target(id="TA98", circular=True)
    good, bad = judge(put_in), judge(target(id="TA97", circular=True, obtain=lambda: [2.0]))
    judged = [judge(target()), good, bad]
    assert page.counts(judged) == "2 pass (1 against a computation, 1 by construction), 1 FAIL"
    text = page.markdown(judged)
    assert "| pass, by construction |" in text
    assert "FAIL**, by" not in text
    assert "Failing, each with the reason in the notes of its section: TA97." in text
    assert page.rows_of(text) == {"TA99": "pass", "TA98": "pass", "TA97": "FAIL"}
    assert page.line(good).endswith("s (by construction)")
    assert text.count("### Compared with an independent computation") == 1
    assert text.count("### Guards against slips only") == 1
    assert "### Compared with published" not in text
    assert page.CIRCULAR in "\n".join(page.detail(good))


def test_lines_and_labels_are_aligned():
    rows = [judge(target(id=i)) for i in ("TA1", max((t.id for t in TARGETS), key=len))]
    assert len({page.line(r, 40).index(f"  {r.target.statement}") for r in rows}) == 1
    labels = ("a", "a label that is longer than thirty characters")
    row = judge(target(expected=(1.0, 2.0), obtain=lambda: (1.0, 2.0), labels=labels))
    found = [x.index(" expected ") for x in page.detail(row) if " expected " in x]
    assert len(found) == 2
    assert len(set(found)) == 1


def test_without_an_upper_bound():
    row = judge(target(expected=(), rel=0, between=(4.0, math.inf), obtain=lambda: [5.0]))
    assert page.expected(row.target) == "at least 4"
    assert "| at least 4 | 5 | within | 80 % | pass |" in page.markdown([row])
    assert page.plain(row)["between"] == [4.0, None]


@pytest.mark.parametrize(
    ("command", "word"),
    [
        (["validate", "TZ1"], "no target"),
        (["validate", "--section", "AB"], "no section"),
        (["validate", "--section", "S99"], "no section"),
        (["validate", "TA1", "--write", "x.md"], "leave out"),
        (["validate", "--write", "nowhere/x.md"], "no folder"),
    ],
)
def test_refusals(command, word, capsys):
    assert main(command) == BAD
    assert word in capsys.readouterr().err


# ---- the page ------------------------------------------------------------------------------------


def test_the_page_has_every_row_with_its_numbers():
    text = PAGE.read_text(encoding="utf-8")
    assert set(page.rows_of(text)) == {t.id for t in TARGETS}, (
        "run: mgsim validate --write docs/validation.md"
    )
    for one in TARGETS:
        assert one.statement.replace("|", "\\|") in text
        assert page.expected(one) in text
        assert page.source(one) in text


def test_the_page_shows_what_is_known_to_fail():
    stated = page.rows_of(PAGE.read_text(encoding="utf-8"))
    assert {i for i, state in stated.items() if state == "FAIL"} == set(KNOWN_TO_FAIL)
    assert all(t.note for t in TARGETS if t.id in KNOWN_TO_FAIL)


LONG = [t for t in TARGETS if t.runs]


def test_a_long_row_is_kept_beside_the_digest_of_what_it_runs():
    cell, rest = mg.models["cell"], mg.protocols["rest"]
    one = target(runs=lambda: [(cell, rest)])
    kept = {one.id: {"digest": one.digest, "obtained": [1.001]}}
    row = recall(one, kept)
    assert (row.state, row.kept, row.obtained) == ("pass", True, (1.001,))
    assert "pass, kept" in page.markdown([row])
    for other in (
        target(runs=lambda: [(cell.with_values(g_na=51), rest)]),
        target(runs=lambda: [(cell, rest.lasting(500))]),
        target(runs=lambda: [(cell.without("neuron").swap("hodgkin_huxley_1952"), rest)]),
    ):
        found = recall(other, kept)
        assert (found.state, found.kept) == ("FAIL", False)
        assert "other equations or values" in found.why
    assert recall(one, {}).state == "FAIL"


def test_a_long_row_is_bound_to_the_module_that_finds_it(tmp_path, monkeypatch):
    """Its step, levels and helpers too, comments and docstrings apart."""
    text = "DT = 0.1\n\ndef find(k=1):\n    return [k * DT]\n"
    digests = []
    for name, source in {
        "first": text,
        "told": "# why\n" + text.replace("\n    return", '\n    """Doc."""\n    return'),
        "step": text.replace("0.1", "0.2"),
        "more": text + "\nLEVEL = -40\n",
    }.items():
        (tmp_path / f"found_{name}.py").write_text(source)
        monkeypatch.syspath_prepend(tmp_path)
        find = importlib.import_module(f"found_{name}").find
        one = target(runs=list, obtain=partial(find, k=2))
        digests.append(one.digest)
    assert digests[0] == digests[1]
    assert len(set(digests)) == 3


def test_no_row_passes_by_the_end_of_what_was_run(monkeypatch):
    """A number outside the durations, doses or states that were run is none."""
    assert crossing(2.0, [1.0, 3.0], [10.0, 30.0]) == 20.0
    assert math.isnan(crossing(0.9, [1.0, 3.0], [10.0, 30.0]))
    by_id = {t.id: t for t in TARGETS}
    charges = dict.fromkeys(insult._POINTS, 1.0)
    for seconds in (60.0, 180.0, 240.0, 300.0):
        charges[0.1, 0.8, seconds] = seconds
    for half, state in ((200.0, "pass"), (100.0, "FAIL"), (10.0, "FAIL"), (400.0, "FAIL")):
        found = {**charges, (0.07, 0.8, 300.0): half}
        monkeypatch.setattr(insult, "_charges", lambda found=found: found)
        assert judge(by_id["TF3"]).state == state
    for shorter, state in ((0.08, "pass"), (0.02, "FAIL"), (1e-3, "FAIL"), (5.0, "FAIL")):
        found = {p: p[0] for p in insult._POINTS} | {(0.1, 0.8, 240.0): shorter}
        monkeypatch.setattr(insult, "_charges", lambda found=found: found)
        assert judge(by_id["TF1.dose"]).state == state


@pytest.mark.parametrize("one", LONG, ids=lambda t: t.id)
def test_what_is_kept_is_of_the_systems_of_today(one):
    """Else: mgsim validate --long --keep src/mgsim/validation/results/long.json --overwrite."""
    assert (recall(one, validation.kept()).state == "pass") == (one.id not in KNOWN_TO_FAIL)


def test_what_is_to_be_kept(tmp_path, capsys):
    assert main(["validate", "TA1", "--keep", str(tmp_path / "long.json")]) == BAD
    assert "--long" in capsys.readouterr().err
    file = Path(validation.__file__).with_name("results") / "long.json"
    assert validation.keeping([]) == file.read_text(encoding="utf-8")
    assert set(validation.kept()) == {t.id for t in LONG}


def test_a_damaged_file_of_long_rows_judges_nothing(tmp_path, monkeypatch):
    """It is named in the rows, and what it would have had is run again."""
    kept = Path(validation.__file__).with_name("results") / "long.json"
    monkeypatch.setattr(validation, "__file__", str(tmp_path / "__init__.py"))
    file = tmp_path / "results" / "long.json"
    file.parent.mkdir()
    text, content = kept.read_text(encoding="utf-8"), json.loads(kept.read_text(encoding="utf-8"))
    one = LONG[0].id
    validation.targets()
    content[one]["obtained"][0] *= 1.003
    for harmed in (json.dumps(content), text[:300], "{", "[]", json.dumps({one: 3}), ""):
        file.write_text(harmed, encoding="utf-8")
        validation.kept.cache_clear()
        (row,) = validate(ids=[one])
        assert (row.state, row.obtained) == ("FAIL", ())
        assert row.why.startswith(f"{file} is damaged")
        assert json.loads(validation.keeping([])).keys() == {"what", "checksum"}
    monkeypatch.undo()
    validation.kept.cache_clear()


@pytest.mark.slow
def test_every_target_that_can_be_judged_is_met_but_those_known_to_fail():
    rows = validate()
    failing = {r.target.id: r.why or r.obtained for r in rows if r.state == "FAIL"}
    assert set(failing) == set(KNOWN_TO_FAIL), failing
    stated = page.rows_of(PAGE.read_text(encoding="utf-8"))
    assert {r.target.id: r.state for r in rows} == stated, (
        "run: mgsim validate --write docs/validation.md"
    )


def test_numbers_are_written_as_their_tolerance_asks():
    assert page.number(0.0444712, 1e-4) == "0.04447"
    assert page.number(12336.54, 1.2) == "12336.5"
    assert page.number(0.0) == "0"
    assert page.number(math.nan) == "none"
    assert page.tolerance(target(rel=0.02, abs=1.0, unit="mV")) == "2 % or 1 mV"
