"""What was measured, beside the model: agreeing or not, by numbers that have a closed form."""

import re
from dataclasses import replace

import numpy as np
import planted
import pytest

import mgsim as mg
from mgsim.claims import measured
from mgsim.cli.commands import claims
from mgsim.judging import kept
from mgsim.judging.conditions import ClaimError, dish, person
from mgsim.judging.ledger import gates, page, plain, report
from mgsim.judging.ledger.verdicts import verdicts
from mgsim.judging.verdict.comparison import Comparison
from mgsim.judging.verdict.result import Judged

#: The ratio of calcium of the planted clamp under Jahr & Stevens, 0.2 over 1.2 mM, at -30 mV.
_BOUND = np.exp(0.062 * 30) / 3.57
RATIO = (1 + 1.2 * _BOUND) / (1 + 0.2 * _BOUND)


def beside(within, v=(-30.001, -30.0), **options):
    priors = planted.PRIORS | {"v_hold": mg.Prior("uniform", v, planted.WHY)}
    bench = replace(planted.BENCH, laws=("jahr_stevens_1990",), priors=priors)
    given = {
        "conditions": planted.DISH,
        "statistic": planted.ratio,
        "measured": "planted",
        "why": "assumed: planted",
        "source": planted.WHY,
        **options,
    }
    return Comparison("planted", bench, within=within, **given)


def judged(*some):
    claim = replace(planted.claim("planted", at_least=2.0), comparisons=some)
    return claim.judge(64, run=planted.by_form)


@pytest.mark.parametrize(
    ("within", "v", "word"),
    [
        ((RATIO - 0.01, RATIO + 0.01), (-30.001, -30.0), "agrees"),
        ((RATIO + 0.01, RATIO + 1), (-30.001, -30.0), "does not agree"),
        ((RATIO + 0.01, np.inf), (-50.0, -29.9), "agrees"),
        ((1.0, RATIO), (-50.0, -20.0), "agrees in part"),
    ],
)
def test_the_middle_of_the_draws_agrees_or_does_not(within, v, word):
    (found,) = judged(beside(within, v)).comparisons
    assert found.word == word
    assert found.missing == 0
    if v[0] > -31:
        assert found.model == pytest.approx((RATIO,) * 3, rel=1e-4)


def nothing(low, usual):
    """No number."""
    return 0 * low.ca_charge_nmda / (0 * usual.ca_charge_nmda)


def test_what_has_no_number_says_so():
    (found,) = judged(beside((1.0, 2.0), statistic=nothing)).comparisons
    assert found.word == "has no number"
    assert found.told == "64 of 64 runs have no number"


def test_a_result_keeps_them_and_a_first_look_leaves_them_out():
    result = judged(beside((1.0, np.inf)), replace(beside((1.0, 2.0), statistic=nothing), name="x"))
    text = result.json()
    assert "Infinity" not in text
    again = Judged.read(text)
    assert again.json() == text
    assert again.comparisons[0].within == (1.0, np.inf)
    claim = replace(planted.claim("planted", at_least=2.0), comparisons=(beside((1.0, 2.0)),))
    assert not claim.judge(64, quick=True, run=planted.by_form).comparisons


def test_they_are_no_part_of_what_is_fixed():
    claim = planted.claim("planted", at_least=2.0)
    assert replace(claim, comparisons=(beside((1.0, 2.0)),)).digest == claim.digest


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"conditions": {"low": dish(0.2), "usual": person(0.8)}}, "mixes a dish and a person"),
        ({"statistic": lambda low, usual: low}, "a named function of low, usual"),
        ({"within": (2.0, 1.0)}, "holds no number"),
        ({"within": (1.0, np.nan)}, "holds no number"),
        ({"measured": " "}, "says what was measured"),
        ({"source": "somewhere"}, "needs a source"),
    ],
)
def test_what_cannot_be_compared_is_refused(options, words):
    with pytest.raises(ValueError, match=words):
        beside(**{"within": (1.0, 2.0), **options})


def test_a_claim_has_each_once_and_none_without_readings():
    one = beside((1.0, 2.0))
    with pytest.raises(ClaimError, match="two comparisons of one name"):
        replace(planted.claim("planted", at_least=2.0), comparisons=(one, one))
    with pytest.raises(ClaimError, match="there are none"):
        replace(mg.claims["serotonin"], comparisons=(one,))


def test_the_gate_of_toxicity_holds_where_every_comparison_agrees():
    good = judged(beside((1.0, 10.0), gate="G2"))
    bad = judged(beside((9.0, 10.0), gate="G2"))
    other = judged(beside((9.0, 10.0)))
    named = "G2, a published shift of toxicity"
    assert gates.gates([good, other])[named].startswith("holds: planted, measured planted")
    assert gates.gates([good, bad])[named].startswith("does not hold")
    assert "it was not run" in gates.gates([other])[named]


def test_words_on_injury_say_where_their_gate_does_not_hold(monkeypatch):
    """In list, show, run, first answer, pages and the table of the README, whatever the word is."""
    claim = mg.claims["mg_prevents_excitotoxicity"]
    told = "gate G2 does not hold"
    monkeypatch.setattr(plain, "FIRST", (claim.name,))

    def everywhere():
        result = kept.result(claim.name)
        words = verdicts(claim, result).values()
        cells = [report.markdown([claim]), page.html([claim]), report.short({claim.name: claim})]
        lines = (report.lines(claim), report.table([report.row(claim)]), plain.lines([claim]))
        texts = [*words, *cells, *map("\n".join, (*lines, claims._judged(claim, result)))]
        return [told in text for text in texts]

    for comparisons in ([], judged(beside((9.0, 10.0), gate="G2")).comparisons):
        monkeypatch.setattr(kept, "deciding", lambda gate, found=comparisons: found)
        assert all(everywhere())
    good = judged(beside((1.0, 10.0), gate="G2")).comparisons
    monkeypatch.setattr(kept, "deciding", lambda gate: good)
    assert not any(everywhere())


def test_every_claim_on_injury_waits_for_the_gate():
    some = [c for c in mg.claims.values() if c.readings and "injury" in c.statement]
    assert len(some) > 2
    assert {c.gate for c in some} == {"G2"}
    assert kept.deciding("G2") == [
        c for r in kept.results(mg.claims.values()) for c in r.comparisons if c.gate == "G2"
    ]
    same = replace(planted.claim("planted", at_least=2.0), gate="G2")
    assert same.digest == planted.claim("planted", at_least=2.0).digest
    for made in (lambda: replace(same, gate="G7"), lambda: beside((1.0, 2.0), gate="G7")):
        with pytest.raises(LookupError, match="did you mean G2"):
            made()


def test_a_caveat_is_the_one_that_the_claim_has_today():
    claim = replace(planted.claim("planted", at_least=2.0), comparisons=(beside((1.0, 10.0)),))
    result = judged(beside((1.0, 10.0), caveat="as it was"))
    (found,) = kept.compared(claim, result)
    assert result.comparisons[0].caveat == "as it was"
    assert found == replace(result.comparisons[0], caveat=claim.comparisons[0].caveat)


def test_they_stand_on_the_page_and_in_the_words(monkeypatch):
    comparison = beside((9.0, 10.0), source="unverified: doi 10.1000/a.b, an abstract")
    claim = mg.claims["vgcc_block"]
    made = replace(kept.result(claim.name), comparisons=judged(comparison).comparisons)
    monkeypatch.setattr(kept, "result", lambda name: made)
    (found,) = made.comparisons
    text = page.html([claim])
    assert '<span class="word none">does not agree</span>' in text
    assert 'href="https://doi.org/10.1000/a.b"' in text
    assert f'aria-label="planted: {found.told}"' in text
    assert re.search(r'class="measured" x="[\d.]+" y="8" width="[\d.]+"', text)
    assert f"measured: planted: planted ({comparison.source})" in "\n".join(report.lines(claim))
    assert "Measured, planted: planted" in report.markdown([claim])
    assert report.detail(claim)["comparisons"][0]["word"] == "does not agree"


# ---- how the model's numbers are found -----------------------------------------------------------


def test_where_a_number_reaches_a_line():
    """Of a power law it is exact, whichever way it goes; beyond the ends there is none."""
    doses = (0.1, 1.0, 7.0, 30.0)
    power = np.array([0.5, 1.0, -2.0])
    at = np.array([0.3, 12.0, 3.0])
    logs = [np.log(x) * power for x in doses]
    assert measured.reached(doses, logs, np.log(at) * power) == pytest.approx(at)
    assert np.isnan(measured.reached(doses, logs, np.log(40.0) * power)).all()
    bent = [np.array([x]) for x in (0.0, 2.0, 0.5, 3.0)]
    assert np.isnan(measured.reached(doses, bent, 1.0)).all()


def test_the_magnesium_that_blocks_a_muscle():
    """The law has it in closed form: 4.88 mM at a safety factor of 4, in 2 mM calcium."""

    def release(mg_out):
        return 0.2 * ((1 + 2 / 1.1 + 1.0 / 2.97) / (1 + 2 / 1.1 + mg_out / 2.97)) ** 4

    class At:
        def __init__(self, mg_out):
            self.release_first = np.array([release(mg_out)])

    found = measured.MUSCLE.statistic(
        **{n: At(c.mg_out) for n, c in measured.MUSCLE.conditions.items()}
    )
    exact = 2.97 * (np.sqrt(2) * (1 + 2 / 1.1 + 1.0 / 2.97) - 1 - 2 / 1.1)
    assert exact == pytest.approx(4.88, abs=0.005)
    assert found == pytest.approx(exact, rel=0.01)


def test_a_shift_of_dose_at_a_fixed_potential():
    """Where receptors are few and far from saturated the shift is the block itself, 1/B."""
    shift = measured.shift("x", 0.1, (1e-4, 1e-3, 3e-3, 1e-2, 0.1, 0.3), (1, 2), "x", "x", "x")

    class Load:
        def __init__(self, dose, unblocked):
            self.ca_charge_nmda = np.array([dose / (dose + 2300.0) * unblocked])

    doses = [1e3 * c.values["glu_tonic"] for n, c in shift.conditions.items() if n != "usual"]
    bare = {n: Load(x, 1.0) for n, x in zip("abcdef", doses, strict=True)}
    found = shift.statistic(usual=Load(0.1, 1 / 19.9), **bare)
    assert found == pytest.approx(19.9, rel=1e-3)
