"""Planted claims: every word comes out as it was planted."""

import json
import re
from dataclasses import replace

import numpy as np
import planted
import pytest
from scipy.stats import norm, qmc

import mgsim as mg
from mgsim.catalogs.catalog import UnknownName
from mgsim.figures import verdict
from mgsim.judging import statistics
from mgsim.judging.conditions import ClaimError, dish, person
from mgsim.judging.ledger.drawing import overviews
from mgsim.judging.ledger.otherwise import turns
from mgsim.judging.reading import Bench, Reading
from mgsim.judging.statistics import HOLDING, HOLDS, UNDECIDED, Share, word
from mgsim.judging.verdict import profile
from mgsim.judging.verdict.result import Judged, text_of
from mgsim.judging.verdict.runs import Arm, Sweeps, Take, abreast
from mgsim.judging.verdict.widths import widened
from mgsim.store.checked_json import Damaged


def judged(name, value=None, draws=1024, **options):
    run = planted.by_form if value is None else planted.chosen(value)
    return planted.claim(name, **options).judge(draws, run=run)


def test_holds():
    result = judged("holds", lambda arm, x: 3 + x["g_nmda"], at_least=2.0)
    assert result.verdicts == {"dish": "HOLDS"}
    assert not result.readings[0].fragile


def test_fails():
    result = judged("fails", lambda arm, x: 1 + 0.1 * x["g_nmda"], at_least=2.0)
    assert result.verdicts == {"dish": "FAILS"}


@pytest.mark.parametrize("seed", [0, 10, 20])
def test_conditional_names_the_parameter_and_where_half_pass(seed):
    """Between 0.2 and 1.2 mM the ratio is 2 at a potential that has a closed form in each law."""
    result = planted.claim("conditional", at_least=2.0).judge(1024, seed=seed, run=planted.by_form)
    (reading,) = result.readings
    assert reading.word == "CONDITIONAL"
    assert reading.divider == "v_hold"
    first = reading.dividers[0]
    assert first.interval[0] <= first.share <= 1
    for law, crossing in planted.CROSSINGS.items():
        place = first.places[law]["0.5"]
        assert place.at == pytest.approx(crossing, abs=0.2)
        assert place.low - 0.1 <= crossing <= place.high + 0.1
    assert "mV" in result.because["dish"]


def test_a_blurred_crossing_lies_inside_its_interval():
    """A second, hidden parameter blurs the side; half still pass where the closed form says."""

    def value(arm, x):
        return 2 + (x["v_hold"] + 30) / 10 + 4 * (x["g_nmda"] - 0.5)

    (reading,) = judged("blurred", value, at_least=2.0).readings
    place = reading.dividers[0].places["kampa_2004"]["0.5"]
    assert reading.divider == "v_hold"
    assert place.low <= -30 <= place.high


def test_undecided_by_construction():
    """A share of exactly 95 %, which no number of draws decides."""
    result = judged("undecided", lambda arm, x: x["g_nmda"] + 1.05, at_least=1.1)
    assert result.verdicts == {"dish": "UNDECIDED"}


#: How strong a block is, too, which a condition without a block does not draw.
STRENGTH = {"block_strength": mg.Prior("lognormal", (1, 0.8), planted.WHY, "block_strength")}


def fold(free, usual):
    """Calcium without the block over that with it."""
    return free.ca_charge_nmda / usual.ca_charge_nmda


@pytest.mark.parametrize("order", [("free", "usual"), ("usual", "free")])
def test_a_condition_without_a_law_is_paired_with_the_others(order):
    """1 + 1.2 s / 3.57 exp(-0.062 v) in closed form: the conductance cancels in every design."""
    bench = replace(
        planted.BENCH, priors={**planted.PRIORS, **STRENGTH}, laws=("jahr_stevens_1990",)
    )
    conditions = {"free": dish(1.2, block="none"), "usual": dish(1.2)}

    def run(arms):
        found = {}
        for arm in arms:
            x = arm.drawn()
            blocked = 0.0 if arm.laws == ("none",) else arm.condition.mg_out * x["block_strength"]
            open_ = 1 / (1 + blocked / 3.57 * np.exp(-0.062 * x["v_hold"]))
            found[arm.key] = planted.Table({"ca_charge_nmda": (x["g_nmda"] * open_)[None]})
        return found

    claim = planted.claim(
        "free", fold, bench, {n: conditions[n] for n in order}, at_least=2.0, control={"mg_out": 0}
    )
    result = claim.judge(1024, run=run)
    (reading,) = result.readings
    by = {d.name: d for d in reading.dividers}
    assert [law.law for law in reading.laws] == ["jahr_stevens_1990"]
    assert {d.name for d in reading.dividers[:2]} == {"v_hold", "block_strength"}
    assert reading.divider == reading.dividers[0].name
    for name in ("v_hold", "block_strength"):
        assert by[name].again == pytest.approx(by[name].share, abs=0.1)
    assert by["g_nmda"].again < 0.05
    assert {"v_hold", "g_nmda", "block_strength", "ca_out"} == {
        f.name for f in reading.flips if f.kind == "prior"
    }
    assert result.data.block_strength.size == 1024


def test_a_condition_that_names_a_law_draws_what_that_law_has():
    """In each design alike; laws with numbers of their own have no draws that belong together."""
    bench = replace(planted.BENCH, priors={**planted.PRIORS, **STRENGTH})
    own = {"one": dish(1.2), "other": dish(1.2, block="kampa_2004"), "free": dish(1, block="none")}
    for kind in ("draws", "latin_hypercube"):
        one, other, free = (
            a.drawn()
            for a in abreast({n: Arm(bench, c, Take(64, 2, kind)) for n, c in own.items()}).values()
        )
        assert other.keys() == one.keys() == free.keys() | STRENGTH.keys()
        assert all((one[n] == x).all() for drawn in (other, free) for n, x in drawn.items())
    apart = {"one": dish(1.2, block="jahr_stevens_1990"), "other": own["other"]}
    some = {"block_strength": ["mg_k"], "block_slope": ["mg_kt"]}
    priors = {n: mg.Prior("uniform", (1, 2), planted.WHY, scales=s) for n, s in some.items()}
    arms = {n: Arm(replace(bench, priors=priors), c, Take(8)) for n, c in apart.items()}
    with pytest.raises(ClaimError, match="one, other name laws with priors of their own"):
        abreast(arms)


def test_laws_on_both_sides_are_conditional_on_the_law():
    def value(arm, x):
        side = np.array([[3.0], [1.1]])[: len(arm.laws)]
        return side + 0 * x["g_nmda"]

    (reading,) = judged("laws", value, at_least=2.0).readings
    assert reading.word == "CONDITIONAL"
    assert "the law divides" in reading.because


def test_a_failed_control_is_invalid():
    """The control abolishes nothing: the effect does not come through the block."""

    def value(arm, x):
        return 3 + x["g_nmda"]

    def run(arms):
        tables = planted.chosen(value)(arms)
        for arm in arms:
            if arm.lawless and arm.condition.mg_out < 1:
                tables[arm.key].measures["ca_charge_nmda"] = value(arm, arm.drawn())[None]
        return tables

    result = planted.claim("control", at_least=2.0).judge(256, run=run)
    assert result.verdicts == {"dish": "INVALID"}
    assert "control" in result.readings[0].because


def test_a_control_without_a_number_is_invalid():
    """Nothing over nothing cannot fail, and so shows nothing."""

    def run(arms):
        tables = planted.chosen(lambda arm, x: 3 + x["g_nmda"])(arms)
        for arm in arms:
            if arm.lawless:
                tables[arm.key].measures["ca_charge_nmda"] = np.zeros((1, arm.take.draws))
        return tables

    result = planted.claim("control", at_least=2.0).judge(256, run=run)
    assert result.verdicts == {"dish": "INVALID"}
    assert "passes in 256 of 256" in result.readings[0].because


@pytest.mark.parametrize(
    "half",
    [lambda x: 1.05 * x, lambda x: np.where(np.arange(x.size) % 8 == 0, 1.0, x)],
    ids=["bias", "sides"],
)
def test_a_coarse_step_is_invalid(half):
    """A bias that turns no side, and turned sides that move no median: each rule finds one."""

    def value(arm, x):
        return half(3 + x["g_nmda"]) if arm.take.half else 3 + x["g_nmda"]

    result = judged("step", value, at_least=2.0)
    assert result.verdicts == {"dish": "INVALID"}
    assert "half the step" in result.readings[0].because


def test_a_second_scramble_that_says_otherwise_leaves_it_undecided():
    def value(arm, x):
        return (3 if arm.take.seed != 1 else 1) + 0 * x["g_nmda"]

    result = judged("scramble", value, at_least=2.0)
    assert result.verdicts == {"dish": "UNDECIDED"}


def test_a_cell_that_says_otherwise_makes_it_conditional():
    other = planted.replace(planted.BENCH, name="other")
    bench = planted.replace(planted.BENCH, cells={"another cell": other})

    def value(arm, x):
        return (1 if arm.bench is other else 3) + 0 * x["g_nmda"]

    result = judged("cell", value, bench=bench, at_least=2.0)
    assert result.verdicts == {"dish": "CONDITIONAL"}
    assert "another cell (FAILS)" in result.because["dish"]


@pytest.mark.parametrize(("here", "word"), [(3.0, "HOLDS"), (1.1, "FAILS")])
def test_a_cell_in_which_it_is_open_is_said(here, word):
    """The cell neither turns the word nor shows it."""
    other = planted.replace(planted.BENCH, name="other")
    bench = planted.replace(planted.BENCH, cells={"another cell": other})

    def value(arm, x):
        return np.where((x["g_nmda"] < 0.95) | (arm.bench is not other), here, 4.0 - here)

    result = judged("open", value, bench=bench, at_least=2.0)
    assert result.verdicts == {"dish": word}
    assert result.because["dish"].endswith("not shown in cell another cell")


def test_a_word_that_turns_easily_is_fragile():
    result = judged("fragile", lambda arm, x: 2.1 + 0 * x["g_nmda"], at_least=2.0)
    assert result.readings[0].told == "HOLDS, fragile"
    assert result.readings[0].fragile == ["threshold"]


def test_a_word_that_the_same_draws_do_not_give_again_has_turned():
    """At twice the effect exactly 95 % pass, which leaves it open; however it was kept."""
    result = judged("same", lambda arm, x: 2 + x["g_nmda"], at_least=1.525)
    (reading,) = result.readings
    (there,) = (f for f in reading.flips if f.kind == "threshold" and f.by == 2)
    assert (there.word, there.to) == ("UNDECIDED", pytest.approx(2.05))
    assert reading.told == result.told("dish") == "HOLDS, fragile"
    kept = result.json().replace('"fragile": ["threshold"]', '"fragile": []')
    assert kept != result.json()
    assert Judged.read(text_of(json.loads(kept))).readings[0].fragile == ["threshold"]


def test_wider_priors_that_leave_it_open_turn_nothing_and_are_told():
    """They are a quarter of the draws: of 256, 98 % are too few to hold."""

    def value(arm, x):
        return np.where((arm.take.width > 1) & (x["g_nmda"] < 0.02), 1.0, 3.0)

    result = judged("wider", value, at_least=2.0)
    assert [f.word for f in result.readings[0].flips if f.kind == "width"] == ["HOLDS", "UNDECIDED"]
    assert result.told("dish") == "HOLDS"
    assert result.because["dish"].endswith("not shown with priors 1.5 times as wide")


@pytest.mark.parametrize(
    ("shape", "arguments"),
    [
        ("uniform", (0, 1)),
        ("triangular", (0, 0.1, 1)),
        ("beta", (0, 1, 2, 2)),
        ("truncated_normal", (0.5, 0.3, 0, 1)),
        ("truncated_normal", (2, 3, 1, 9)),
    ],
)
def test_a_prior_that_ends_above_nothing_does_so_however_wide(shape, arguments):
    """It reaches further up and nearer to 0, not below; narrower it lies within itself."""
    prior = mg.Prior(shape, arguments, planted.WHY)
    low, high = prior.quantile([0, 1])
    wide, narrow = (widened(prior, by).quantile([0, 1]) for by in (1.5, 0.5))
    assert wide[0] == pytest.approx(low / 2)
    assert wide[1] > high
    assert low < narrow[0] < narrow[1] < high
    assert widened(prior, 1).quantile([0.1, 0.9]) == pytest.approx(prior.quantile([0.1, 0.9]))


def test_a_conductance_whose_wider_prior_is_negative_is_told_of():
    """One that ends at 0 is judged, though the ratio is the same of all draws but for rounding."""
    made = {
        "triangular": mg.Prior("triangular", (0, 0.1, 1), planted.WHY),
        "normal": mg.Prior("normal", (5, 1.8), planted.WHY),
    }
    claims = {
        n: planted.claim(n, bench=replace(planted.BENCH, priors={"g_nmda": p}), at_least=1.5)
        for n, p in made.items()
    }
    judged = claims["triangular"].judge(64)
    (reading,) = judged.readings
    assert {sum(law.counts) for law in reading.laws} == {64}
    with pytest.raises(
        ClaimError, match=r"1.5 times as wide \(normal, mean 5, sd 2.7 nS\): g_nmda"
    ):
        claims["normal"].judge(64)


@pytest.mark.parametrize(
    ("value", "line", "neutral", "told"),
    [
        (0.1, 0.5, 1.0, "HOLDS"),
        (0.3, 0.5, 1.0, "HOLDS, fragile"),
        (0.2, 1.0, 4.0, "HOLDS"),
        (0.6, 1.0, 4.0, "HOLDS, fragile"),
        (0.005, 0.1, 1.0, "HOLDS"),
        (0.05, 0.1, 1.0, "HOLDS, fragile"),
        (0.45, 0.8, 1.0, "HOLDS"),
        (0.65, 0.8, 1.0, "HOLDS, fragile"),
        (0.8, 0.5, 1.0, "FAILS"),
        (0.6, 0.5, 1.0, "FAILS, fragile"),
    ],
)
def test_a_ratio_is_asked_for_twice_the_effect_by_a_line_that_it_can_reach(
    value, line, neutral, told
):
    """Twice of a fold is its square, 0.25 of a half; of a fifth less it is two fifths less."""
    ratio = judged("far", lambda arm, x: value + 0 * x["g_nmda"], below=line, neutral=neutral)
    (reading,) = ratio.readings
    assert reading.told == told
    assert min(f.to for f in reading.flips) > 0


def test_of_a_difference_twice_the_effect_may_lie_below_nothing():
    result = judged("beyond", lambda arm, x: x["g_nmda"] / 5 - 0.1, below=0.5)
    assert result.readings[0].told == "HOLDS, fragile"
    assert 0.0 in [f.to for f in result.readings[0].flips]


def test_draws_without_a_number_count_both_ways():
    """Four in a hundred have none: as failing nothing holds, as passing it does."""

    def value(arm, x):
        return np.where(x["g_nmda"] < 0.04, np.nan, 3.0)

    assert judged("missing", value, at_least=2.0).verdicts == {"dish": "UNDECIDED"}
    assert judged(
        "few", lambda a, x: np.where(x["g_nmda"] < 0.004, np.nan, 3.0), at_least=2.0
    ).verdicts == {"dish": "HOLDS"}


@pytest.mark.parametrize("far", [np.inf, 1e300])
def test_an_infinite_statistic_is_a_number(far):
    """One in three is as good as infinite, as a threshold that is never reached."""

    def value(arm, x):
        return np.where(x["g_nmda"] < 0.3, far, 3.0)

    above, below = judged("far", value, at_least=2.0), judged("far", value, below=0.5)
    assert (above.verdicts, below.verdicts) == ({"dish": "HOLDS"}, {"dish": "FAILS"})
    for result in (above, below, Judged.read(above.json())):
        for law in result.readings[0].laws:
            assert (law.missing, law.passes % law.draws) == (0, 0)
            assert [law.quantiles[q] for q in ("0.5", "0.75")] == [3, far]
            assert sum(law.counts) == law.draws
    assert above.readings[0].step.median_change == 0
    assert Judged.read(above.json()).json() == above.json()
    (page,) = overviews(above.readings)
    assert np.isfinite([page["line"], page["neutral"]]).all()
    assert "nan" not in page["rows"][0]["pass"]
    assert verdict.draw(above).axes


def test_half_a_step_that_makes_a_number_infinite_changes_it():
    """By all of it; two that are infinite alike are the same."""
    usual = np.array([np.inf, np.inf, 1.0, -np.inf, np.nan])
    finer = np.array([np.inf, 1.0, np.inf, -np.inf, np.nan])
    sides = usual > 0
    found = statistics.compared(usual, finer, sides, finer > 0)
    assert (found.median, found.flips) == (0.5, Share(0, 4))


def test_words_say_whether_draws_or_their_numbers_are_too_few():
    """Three in ten without a number leave it open however many draws there are."""

    def value(share):
        return lambda arm, x: np.where(x["g_nmda"] < share, np.nan, 3.0)

    many = judged("none", value(0.3), at_least=2.0).because["dish"]
    assert many.endswith(
        "up to 308 draws of a law have no number: CONDITIONAL if they fail, HOLDS if they pass"
    )
    few = judged("few", value(0.04), at_least=2.0).because["dish"]
    assert few.endswith("more draws could still decide it; up to 41 draws of a law have no number")


def about(usual):
    """Draws of more than a half."""
    return usual.ca_charge_nmda > 0.5


def test_a_reading_is_about_the_draws_that_the_usual_condition_says():
    def run(arms):
        tables = planted.chosen(lambda arm, x: 3 * x["g_nmda"])(arms)
        for arm in arms:
            if arm.condition.mg_out > 1:
                tables[arm.key].measures["ca_charge_nmda"] = np.broadcast_to(
                    arm.drawn()["g_nmda"], (len(arm.laws), arm.take.draws)
                )
        return tables

    def alike(low, usual):
        """Three at every draw."""
        return low.ca_charge_nmda / usual.ca_charge_nmda

    claim = planted.claim("about", alike, where=about, at_least=2.0)
    (reading,) = claim.judge(256, run=run).readings
    assert reading.about == (0.5, 0.5)
    assert {law.share for law in reading.laws} == {1.0}


def test_a_run_that_failed_in_the_usual_condition_leaves_no_domain():
    """One in ten has no number: it stays inside, counts both ways, and is said."""

    def run(arms):
        tables = planted.chosen(lambda arm, x: 3 + x["g_nmda"])(arms)
        for key, arm in {a.key: a for a in arms}.items():
            if arm.condition.mg_out > 1 and not arm.lawless:
                shape = (len(arm.laws), arm.take.draws)
                lost = np.broadcast_to(arm.drawn()["g_nmda"] < 0.1, shape)
                numbers = {"ca_charge_nmda": np.where(lost, np.nan, 1.0)}
                tables[key] = planted.Table(numbers, failed=int(lost.sum()))
        return tables

    claim = planted.claim("lost", where=about, at_least=2.0)
    result = claim.judge(1024, run=run)
    (reading,) = result.readings
    assert reading.about == (1.0, 1.0)
    assert all(law.missing == pytest.approx(0.1 * 1024, abs=1) for law in reading.laws)
    assert result.verdicts == {"dish": "UNDECIDED"}
    assert reading.failed == sum(law.missing for law in reading.laws)
    assert f"{reading.failed} runs failed" in result.because["dish"]


def test_a_result_goes_to_json_and_back():
    result = judged("kept", at_least=2.0, draws=64)
    text = result.json()
    assert Judged.read(text).json() == text
    assert text_of(json.loads(text)) == text
    for other in (
        re.sub(r'"passes": \d+', '"passes": 1', text, count=1),
        text.replace("UNDECIDED", "HOLDS").replace("CONDITIONAL", "HOLDS"),
        text[:300],
        json.dumps({**json.loads(text), "what": "manifest"}),
        text_of({**json.loads(text), "readings": [3]}),
        text_of({"readings": []}),
        "{}",
        "[]",
        "",
    ):
        with pytest.raises(Damaged, match="the text is "):
            Judged.read(other)


def test_the_same_seed_gives_the_same_result():
    one, other = (judged("again", at_least=2.0, draws=64).json() for _ in range(2))
    assert one == other


# ---- what is refused when a file is read --------------------------------------------------------


def both(low, usual):
    return low.ca_charge_nmda / usual.ca_charge_nmda


def outcome_decides(low):
    return low.ca_charge_nmda > 0


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"conditions": {"low": dish(0.2), "usual": person(0.8)}}, "mixes a dish and a person"),
        ({"control": {"mg_out": 1.0}}, "makes two conditions the same"),
        ({"where": outcome_decides}, "from the condition 'usual' alone"),
        ({"statistic": lambda low, usual: low}, "a named function of low, usual"),
        ({"statistic": outcome_decides}, "a named function of low, usual"),
        ({"below": 3.0}, "one threshold"),
        ({"why": " "}, "has a reason"),
    ],
)
def test_a_reading_that_cannot_be_judged_is_refused(options, words):
    given = {
        "conditions": planted.DISH,
        "statistic": both,
        "why": planted.WHY,
        "at_least": 2.0,
        **options,
    }
    with pytest.raises(ClaimError, match=words):
        Reading("planted", planted.BENCH, **given)


@pytest.mark.parametrize(("made", "value"), [(person, 0.2), (person, 1.2), (dish, -1), (dish, 50)])
def test_magnesium_that_a_range_never_has_is_refused(made, value):
    with pytest.raises(ClaimError, match="free magnesium"):
        made(value)


# ---- statistics ---------------------------------------------------------------------------------


def test_how_many_draws_must_pass():
    """97.2 % of 1024 and 99.2 % of 256 at 99.9 %; 96.4 % of 1024 at 95 % (closed form)."""
    for n, share, level in ((1024, 0.972, 0.999), (256, 0.992, 0.999), (1024, 0.964, 0.95)):
        least = next(
            k for k in range(n) if statistics.Share(k, n, level).interval[0] >= statistics.HOLDING
        )
        assert least / n == pytest.approx(share, abs=0.002)


@pytest.mark.parametrize("share", [0.03, 0.5, 0.95, 0.99])
@pytest.mark.parametrize("level", [0.95, 0.999])
def test_the_interval_covers(share, level):
    """Clopper and Pearson's covers at least as often as it says, whatever the share."""
    rng = np.random.default_rng(1)
    counts, times = np.unique(rng.binomial(1024, share, 4000), return_counts=True)
    covered = 0
    for k, many in zip(counts, times, strict=True):
        low, high = statistics.Share(int(k), 1024, level).interval
        covered += many * (low <= share <= high)
    assert covered / 4000 >= level - 3 * np.sqrt(level * (1 - level) / 4000)


@pytest.mark.parametrize(
    ("words", "found"),
    [
        (["HOLDS", "HOLDS"], "HOLDS"),
        (["HOLDS", "FAILS"], "CONDITIONAL"),
        (["HOLDS", "UNDECIDED"], "UNDECIDED"),
        (["HOLDS", "CONDITIONAL", "UNDECIDED"], "CONDITIONAL"),
        (["HOLDS", "INVALID"], "INVALID"),
    ],
)
def test_several_readings_together(words, found):
    assert statistics.together(words) == found


def test_the_interval_covers_on_scrambled_sets():
    """A smooth side of five numbers, which a scrambled Sobol' set knows better than chance does."""
    share, covered, n = 0.95, 0, 200
    line = norm.ppf(share) * np.sqrt(5)
    for seed in range(n):
        rows = qmc.Sobol(5, rng=np.random.default_rng(seed)).random(256)
        passes = norm.ppf(np.clip(rows, 1e-12, 1 - 1e-12)).sum(axis=1) < line
        low, high = statistics.Share(int(passes.sum()), 256, 0.95).interval
        covered += low <= share <= high
    assert covered / n >= 0.95


def test_what_a_profile_says_covers():
    """A logistic side: where half pass, and what it explains, lie in their intervals."""
    half, width, n = 0.4, 0.12, 40
    grid = np.linspace(0, 1, 100_001)
    curve = 1 / (1 + np.exp(-(grid - half) / width))
    true = curve.var() / (curve.mean() * (1 - curve.mean()))
    places = shares = 0
    for seed in range(n):
        rng = np.random.default_rng(seed)
        x = rng.uniform(size=512)
        passes = rng.uniform(size=512) < 1 / (1 + np.exp(-(x - half) / width))
        (found, _) = profile.dividers(
            {"x": x}, ("law",), passes[None], np.ones((1, 512), bool), 60, seed
        )
        place = found.places["law"]["0.5"]
        places += place.low <= half <= place.high
        shares += found.interval[0] <= true <= found.interval[1]
    slack = 3 * np.sqrt(0.95 * 0.05 / n)
    assert places / n >= 0.95 - slack
    assert shares / n >= 0.95 - slack


def test_dummies_explain_little_and_a_parameter_more():
    rng = np.random.default_rng(3)
    draws = {n: rng.uniform(size=1024) for n in ("x", "dummy_1", "dummy_2", "dummy_3")}
    passes = (draws["x"] + 0.5 * rng.uniform(size=1024) > 0.7)[None]
    found = profile.dividers(draws, ("law",), passes, np.ones_like(passes), 0)
    assert found[0].name == "x"
    assert profile.chance(found) < 0.05 < found[0].share


@pytest.mark.parametrize(("beyond", "placed"), [(2, False), (19, False), (20, True), (100, True)])
def test_a_place_needs_draws_beyond_it(beyond, placed):
    """A stray draw at the edge of a prior is no crossing."""
    x = (np.arange(1024) + 0.5) / 1024
    for passes in (x < x[-beyond], x >= x[beyond]):
        fit = profile.monotone(x, passes)
        at = profile.place(fit.x, fit.y, 0.5)
        assert (at is not None) == placed


def test_a_crossing_at_the_edge_is_beyond_the_prior():
    """All fail but for one draw in a hundred under one law, and none does under the other."""

    def value(arm, x):
        side = np.array([[0.99], [0.3]])[: len(arm.laws)]
        return np.where(x["g_nmda"] > side, 3.0, 1.0)

    (reading,) = judged("edge", value, at_least=2.0).readings
    assert reading.divider == "g_nmda"
    places = [p["0.5"].at for p in reading.dividers[0].places.values()]
    assert places == [None, pytest.approx(0.3, abs=0.002)]
    assert "under 1 of 2 laws" in reading.because
    there = judged("edges", lambda arm, x: np.where(x["g_nmda"] > 0.9, 3.0, 1.0), at_least=2.0)
    assert "half pass at 0.9" in there.because["dish"]


def test_passes_that_come_and_go_have_no_one_place():
    """They pass below 0.3 and above 0.6: a monotone profile would name one crossing."""

    def value(arm, x):
        return np.where((x["g_nmda"] < 0.3) | (x["g_nmda"] > 0.6), 3.0, 1.0)

    (reading,) = judged("bent", value, at_least=2.0).readings
    assert reading.divider == "g_nmda"
    assert "no one place" in reading.because
    assert "half pass" not in reading.because


def test_a_reading_of_a_threshold_finds_its_closed_form():
    """Half is unblocked (Jahr and Stevens 1990) where exp(0.062 v) is magnesium over 3.57 mM.

    Where the level is never reached the threshold is infinite, and where it always is, the first
    value looked at.
    """
    experiment = mg.Experiment(
        "half_unblocked",
        "At which potential is half unblocked?",
        planted.CLAMP.models,
        planted.CLAMP.protocol,
        (mg.measures["mean_unblocked"],),
        search={"axis": "v_hold", "level": 0.5, "between": (-60, 0), "to": 0.1, "looks": 2},
    )
    bench = Bench("half", experiment, {}, laws=("jahr_stevens_1990",))

    def apart(low, usual):
        """How much more depolarised half is unblocked at usual magnesium."""
        return usual.v_hold_threshold - low.v_hold_threshold

    claim = planted.claim("half", apart, bench, at_least=5.0, neutral=0.0)
    found = claim.judge(8, quick=True)
    expected = np.log(1.2 / 0.2) / 0.062
    np.testing.assert_allclose(found.data.statistic, expected, atol=0.2)
    assert claim.seconds(8) > 8 * bench.search.runs * 2e-3
    arms = [Arm(bench, dish(mg), Take(8)) for mg in (0.01, 1.2, 10.0)]
    least, usual, most = (Sweeps()([a])[a.key] for a in arms)
    assert np.all(least.measures["v_hold_threshold"] == -60)
    np.testing.assert_allclose(
        usual.measures["v_hold_threshold"], np.log(1.2 / 3.57) / 0.062, atol=0.1
    )
    assert np.all(np.isinf(most.measures["v_hold_threshold"]))
    assert most.failed == 0


def test_a_law_of_ones_own_judges_as_one_of_the_catalog():
    """A law that blocks at twice the magnesium: half of 0.4 and of 2.4 mM, at the same ratio."""
    weaker = replace(mg.blocks["jahr_stevens_1990"].with_values(mg_k=2 * 3.57), name="weaker")
    bench = replace(planted.BENCH, laws=("weaker",), own=(weaker,))
    twice = {"low": dish(0.4), "usual": dish(2.4)}
    found = planted.claim("own", bench=bench, conditions=twice, at_least=2.0).judge(16, quick=True)
    known = replace(planted.BENCH, laws=("jahr_stevens_1990",))
    other = planted.claim("own", bench=known, at_least=2.0).judge(16, quick=True)
    np.testing.assert_allclose(found.data.statistic.values, other.data.statistic.values, rtol=1e-9)
    assert bench.plain()["law_values"]["weaker"]["mg_k"].startswith("7.14")


def test_a_law_a_prior_and_draws_that_there_are_not_are_refused_before_a_run():
    for wrong, told in (
        ({"laws": ("kampa_2003",)}, "did you mean kampa_2004"),
        ({"laws": ("ampa",)}, "no law of 'block' 'ampa'"),
        ({"priors": {"g_nmdaa": planted.PRIORS["g_nmda"]}}, "'planted': no column 'g_nmdaa'"),
    ):
        with pytest.raises(UnknownName, match=told):
            replace(planted.BENCH, **wrong)
    for draws in (4, 100, 64.5):
        with pytest.raises(ClaimError, match="draws"):
            planted.claim("few", at_least=2.0).judge(draws, run=planted.by_form)
        with pytest.raises(ClaimError, match="draws"):
            replace(planted.claim("few", at_least=2.0), draws=draws)


def test_a_prior_known_better_turns_no_word_where_the_draws_are_only_too_few():
    """256 draws that all pass hold, by a lower bound of 0.971; the 128 of a middle half cannot."""
    result = planted.claim("holds", at_least=1.05).judge(256, run=planted.by_form)
    (reading,) = result.readings
    assert reading.word == HOLDS
    assert {f.word for f in reading.flips if f.kind == "prior"} == {UNDECIDED}
    assert "known to its middle half" not in turns(reading)


def test_no_verdict_can_come_of_fewer_draws_than_the_interval_asks():
    """All of n pass: the lower bound of 99.9 % is 0.0005**(1/n), at least 0.95 from 149 on."""
    assert 0.0005 ** (1 / 148) < HOLDING <= 0.0005 ** (1 / 149)
    for n in (128, 256):
        low, _ = Share(n, n).interval
        assert low == pytest.approx(0.0005 ** (1 / n))
        assert (word([Share(n, n)]) == HOLDS) == (n > 148)


def test_a_verdict_is_drawn():
    """A line a law from its draws; the interval of its share; none of a result from a file."""
    result = planted.claim("drawn", at_least=2.0).judge(64, quick=True, run=planted.by_form)
    left, right = verdict.draw(result).axes
    (reading,) = result.readings
    for law, line in zip(reading.laws, left.lines, strict=False):
        x, below = line.get_data()
        own = result.data.statistic.sel(law=law.law).values.ravel()
        assert [np.mean(own < v) * 100 for v in x] == pytest.approx(below, abs=100 / 64)
    for law, line in zip(reading.laws, right.lines[::2], strict=False):
        assert line.get_xdata() == pytest.approx([100 * law.low, 100 * law.high])
    with pytest.raises(ValueError, match="judge it again"):
        verdict.draw(Judged.read(result.json()))
