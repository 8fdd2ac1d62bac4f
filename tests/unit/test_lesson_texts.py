"""What the lessons say in words that no cell computes, which would go stale in silence."""

import ast
import json
import re
from pathlib import Path

import numpy as np
import pytest

import mgsim as mg
from mgsim.judging import conditions, reading, statistics
from mgsim.judging.claim import Claim
from mgsim.lessons import calcium_by_source, judge_a_claim, unblocking
from mgsim.lessons.magnesium_block import CSF_TOTAL
from mgsim.lessons.many_laws import NINE, noisy_iv

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"


def text(name, kind):
    notebook = json.loads((NOTEBOOKS / name).read_text(encoding="utf-8"))
    return "\n".join("".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == kind)


FIRST = "01_magnesium_block.ipynb"


@pytest.fixture(scope="module")
def laws():
    """The laws that the first lesson compares, whatever others the catalog has."""
    (names,) = re.findall(r"^names = (\[.*?\])", text(FIRST, "code"), re.DOTALL | re.MULTILINE)
    return [mg.blocks[name] for name in ast.literal_eval(names)]


def unblocked(laws, mg_out, v=-65.0):
    return np.array([law.evaluate("unblocked", v=v, mg_out=mg_out, celsius=22) for law in laws])


def test_first_lesson_says_of_all_laws_what_they_compute(laws):
    whole = mg.blocks["jahr_stevens_1990_flicker"]
    assert [law for law in laws if law.evaluate("unblocked", v=-65, mg_out=0) != 1] == [whole]
    assert len(laws) == 10  # "nine of these ten leave out the same"
    b = unblocked(laws, [0.05, 0.8])
    assert b[:, 0] == pytest.approx(0.5, abs=0.2)  # "blocks about half of the channels at rest"
    jahr = laws.index(mg.blocks["jahr_stevens_1990"])
    assert np.sum(b[:, 1] > b[jahr, 1]) <= 2  # "near the upper edge"
    half = [np.interp(0.5, unblocked([law], 1.0, v := np.arange(-60.0, 20))[0], v) for law in laws]
    assert -30 < min(half) < max(half) < -10


def test_first_lesson_says_where_the_two_forms_of_one_law_part():
    whole, short = mg.blocks["jahr_stevens_1990_flicker"], mg.blocks["jahr_stevens_1990"]
    b = {v: unblocked([short, whole], 0.8, v=v) for v in (-65, 0)}
    assert abs(b[-65][0] / b[-65][1] - 1) < 0.05 < 0.1 < b[0][0] / b[0][1] - 1
    v = np.arange(-100.0, 61)
    short_low, whole_low = (law.evaluate("unblocked", v=v, mg_out=0.1) for law in (short, whole))
    assert np.all(short_low > whole_low)
    assert whole.evaluate("unblocked", v=60, mg_out=0) > 0.95
    low = np.linspace(0, 0.1, 21)
    over = short.evaluate("unblocked", v=-65, mg_out=low) / whole.evaluate(
        "unblocked", v=-65, mg_out=low
    )
    assert over.min() > 1.2  # "lets through too much", from 0 to 0.1 mM


def test_first_lesson_says_where_the_current_is_largest():
    iv = mg.experiments["nmda_iv"].run(mg_out=[0.01, 0.8, 1]).mean_i_nmda
    at = iv.idxmin("v_hold").values
    assert at[0] > -100  # "is the dip gone? Not at all at 0.01 mM"
    assert abs(at[2] - at[1]) == 1  # "the dip moves by a millivolt"
    depth = iv.min("v_hold")
    assert 0.8 < float(depth.sel(mg_out=1) / depth.sel(mg_out=0.8)) < 1  # "a little shallower"


def test_first_lesson_asks_with_the_numbers_that_the_check_uses():
    asked = text(FIRST, "markdown")
    question = asked[asked.index("### Exercise 2") : asked.index("## 4.")]
    for wanted in (f"{CSF_TOTAL:g} mM in total", "0.8 mM is free", "−70 mV"):
        assert wanted in question


# ------------------------------------------------------------------------------------- lesson 2


def test_second_lesson_says_what_narrows_an_interval():
    """ "About fourfold" for a fourth of the noise, "about twofold" for four concentrations."""

    def width(mg_out, sd):
        found = mg.fit("jahr_stevens_1990", noisy_iv(mg_out, sd), e_nmda=0)
        k = next(e for e in found.estimates if e.name == "mg_k")
        return k.high - k.low

    usual = width([1.0], 2.0)
    assert usual / width([1.0], 0.5) == pytest.approx(4, rel=0.1)
    assert usual / width([0.05, 0.2, 1.0, 4.0], 2.0) == pytest.approx(2, rel=0.1)


def test_second_lesson_says_what_eight_laws_share():
    """Any of the eight is another one with its two constants moved: closed form."""
    v = np.arange(-90.0, 51.0)
    lines = []
    for law in NINE:
        y = np.log(1 / law.evaluate("unblocked", v=v, mg_out=[[1.0], [2.0]], celsius=22) - 1)
        assert y[1] - y[0] == pytest.approx(np.log(2))  # magnesium enters in proportion
        lines.append(np.ptp(np.diff(y[0])) < 1e-9)
    assert [law.name for law, line in zip(NINE, lines, strict=True) if not line] == [
        "antonov_johnson_1999"
    ]


# ------------------------------------------------------------------------------------- lesson 3


def test_third_lesson_says_what_a_wait_changes():
    """ "Its shape hardly changes; its size does"; what cannot close lies above the free current."""
    risen, size = [], []
    for wait in (10, 50, 200):
        current = unblocking._after(wait)
        risen.append(float(current.sel(time=1, method="nearest") / current.max()))
        size.append(float(current.max()))
    assert np.ptp(risen) < 0.02
    assert size[0] > 10 * size[2]
    model = mg.models["kinetic_synapse"].swap(mg.receptors["ascher_nowak_kinetic"])
    blocked, free = (
        mg.simulate(
            model,
            mg.protocols["clamped_release"].lasting(160),
            record=["i_nmda"],
            mg_out=mg_out,
            train_start=50,
            step_start=150,
            step_stop=160,
        ).i_nmda
        for mg_out in (1, 0)
    )
    assert float(blocked.max()) > 2 * float(free.max())


# ------------------------------------------------------------------------------------- lesson 6


def test_sixth_lesson_says_how_calcium_passes():
    """ "Only where it turns with the others", and the peaks that the folded answers name."""
    clamp = mg.protocols["voltage_clamp"].lasting(2, (1, 2))
    v = np.arange(-100.0, 61, 5)
    for way, part in calcium_by_source.ways.items():
        model = mg.models["patch"].swap(part)
        found = mg.sweep(model, clamp, "ca_charge_nmda", v_hold=v, mg_out=[0, 0.8], progress=False)
        charge = found.ca_charge_nmda
        outward = bool((charge.sel(mg_out=0.8, v_hold=20) < 0).item())
        assert outward == (way == "turning with the others")
        assert float(charge.sel(mg_out=0).idxmax()) == -100
        assert -30 <= float(charge.sel(mg_out=0.8).idxmax()) <= -10


def test_sixth_lesson_says_what_the_source_changes():
    """ "6 times or hardly, by the source that is counted"; channels divide the strong case."""
    train = calcium_by_source._train()
    ratio = train.sel(mg_out=0.2) / train.sel(mg_out=1.2)
    assert float(ratio.ca_charge.sel(g_ampa=10)) > 6
    assert 1 < float(ratio.ca_charge.sel(g_ampa=100)) < 1.2
    strong = train.sel(g_ampa=100)
    assert (strong.ca_charge_l_type > 0.8 * strong.ca_charge).all()


# ------------------------------------------------------------------------------------- lesson 7


def test_seventh_lesson_says_what_a_dose_can_do():
    """ "A few percent at most" and "none reaches 6 %"; "between nothing and a third"; "halves"."""
    jahr = mg.blocks["jahr_stevens_1990"]

    def fall(dose, gain, v, at=None):
        course = mg.doses.Course(dose, at=at, draws=0, held={"csf_gain": gain})
        b = jahr.evaluate("unblocked", v=v, mg_out=course.levels["mg_brain"][0])
        return float(1 - b[-1] / b[0])

    assert 0.03 < fall(mg.doses.oral(), 1, -65) < 0.06
    vein = mg.doses.intravenous("4 g", rate="1 g/h")
    assert fall(vein, 0, -65, [24]) == 0
    assert fall(vein, 1, -65, [24]) == pytest.approx(1 / 3, abs=0.02)
    assert fall(vein, 0.5, -20, [24]) == pytest.approx(fall(vein, 0.5, -65, [24]) / 2, rel=0.15)


def test_seventh_lesson_proves_a_ceiling_that_every_law_with_one_site_keeps():
    """1 - 1/1.15 of a person's 15 %, which no law reaches."""
    for v in (-120.0, -65.0, -20.0, 0.0, 40.0):
        for law in NINE:
            b = law.evaluate("unblocked", v=v, mg_out=[0.80, 0.92], celsius=22)
            assert 0 <= 1 - b[1] / b[0] < 1 - 1 / 1.15


def test_seventh_lesson_says_where_dish_and_person_lie():
    b = unblocked(NINE, [0.05, 0.65, 0.80, 0.95])
    dish, least, most = (b[:, k] / b[:, 2] for k in (0, 1, 3))
    assert dish.min() > 5 * least.max()  # "no person's fluid comes near that dish's"
    assert np.all(1 - most < 0.9 * (1 - 1 / dish))  # "nobody's dose does that"


# ------------------------------------------------------------------------------------- lesson 8


def test_eighth_lesson_says_of_the_rule_what_the_ledger_does():
    """ "At least 95, at most 5 of 100, by an interval of 99.9 %"; "980: 95.7 %"."""
    assert (statistics.LEVEL, statistics.HOLDING, statistics.FAILING) == (0.999, 0.95, 0.05)
    asked = text("08_judge_a_claim.ipynb", "markdown")
    for wanted in ("interval of 99.9 %", "surely 95 of 100", "surely at most 5"):
        assert wanted in asked
    passes, draws = judge_a_claim.PASSES, judge_a_claim.DRAWS
    assert f"{draws:,} draws of its own, and {passes} pass: {100 * passes / draws:.1f} %" in asked


def test_eighth_lesson_says_what_its_controls_are():
    """Two arms that are one are refused; with the block out no draw passes, for none can differ."""
    bench = reading.Bench(
        "at_rest",
        mg.Experiment(
            "clamp",
            "What passes?",
            (mg.models["patch"],),
            mg.protocols["voltage_clamp"].lasting(2, (1, 2)),
            (mg.measures["nmda_charge"],),
        ),
        {"v_hold": mg.Prior("uniform", (-75, -55), "assumed: rest")},
        laws=("jahr_stevens_1990",),
    )

    def ratio(less, usual):
        return less.nmda_charge / usual.nmda_charge

    def asked(**control):
        arms = {"less": conditions.person(0.72), "usual": conditions.person(0.80)}
        return reading.Reading("r", bench, arms, ratio, "assumed: x", at_least=1.05, **control)

    with pytest.raises(conditions.ClaimError, match="two conditions the same"):
        asked(control={"mg_out": 0.8})
    claim = Claim("c", "Less lets more through.", (), "A", readings=(asked(),), expected="HOLDS: x")
    (found,) = claim.judge(64, quick=True, progress=False).readings
    assert (found.laws[0].passes, found.control.passes) == (64, 0)
