"""Amounts, concentrations and salts: conversions, and kinds that are kept apart."""

import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

import mgsim as mg
from mgsim.catalogs.catalog import UnknownName
from mgsim.declare.ports import ExtrapolationWarning
from mgsim.doses import (
    Course,
    Ionised,
    Total,
    amount,
    concentration,
    concentration_in,
    deficiency,
    exposure,
    intramuscular,
    intravenous,
    oral,
    threonate,
)
from mgsim.doses.amounts import rate
from mgsim.salts import Salt
from mgsim.units import UnitError, magnesium

UNITS = st.sampled_from(["mM", "uM", "mmol/L", "mEq/L", "mg/dl", "mg/dL", "mg/L", "ug/ml"])
AMOUNTS = st.floats(1e-6, 1e6)


@given(AMOUNTS, UNITS)
def test_concentrations_go_round(value, unit):
    mm = concentration(f"{value!r} {unit}", "mg")
    assert concentration_in(mm, "mM" if unit == "mmol/L" else unit) == pytest.approx(value)


@given(AMOUNTS, UNITS, UNITS)
def test_no_way_between_units_is_another_way(value, first, second):
    second = "mM" if second == "mmol/L" else second
    mm = concentration(f"{value!r} {first}", "mg")
    there = concentration_in(mm, second)
    assert concentration(f"{float(there)!r} {second}", "mg") == pytest.approx(mm)


@given(st.floats(0.5, 1.5))
def test_ionised_and_total_go_round(value):
    assert Total(value).ionised.total.mM == pytest.approx(value)
    assert Total(value).ionised.mM == pytest.approx(0.66 * value + 0.039)


@pytest.mark.filterwarnings("ignore::mgsim.sweeps.resolving.run_warnings.RangeWarning")
def test_what_is_ionised_is_no_more_than_the_total():
    """0.66 t + 0.039 exceeds t below 0.039/0.34 = 0.1147 mM: refused; beyond 0.5 to 1.5: warned."""
    for wrong in (
        lambda: Total(0.114).ionised,
        lambda: Ionised(0.114).total,
        lambda: Total(0).ionised,
    ):
        with pytest.raises(UnitError, match=r"mM ionised of .* mM in total, which cannot be"):
            wrong()
    for beyond in (
        lambda: Total(0.12).ionised,
        lambda: Total(1.51).ionised,
        lambda: Ionised(2).total,
    ):
        with pytest.warns(ExtrapolationWarning, match=r"0\.5 to 1\.5 mM total \(unverified"):
            beyond()
    dose = intravenous("4 g")
    with pytest.raises(
        UnitError, match=r"of 0\.06 mM serum total would be 0\.0786 mM ionised, more"
    ):
        Course(deficiency(), draws=0, held={"serum_level": 0.06, "serum_mg": 0.3})
    with pytest.raises(UnitError, match="csf total would be"):
        Course(dose, draws=0, held={"csf_ionised_share": 1.1})


def test_where_the_line_of_serum_extrapolates_is_said():
    """In the result always; as a warning where that magnesium is the cell's."""
    kept = {"draws": 0, "held": {"serum_mg": 0.8}}
    usual, much = Course(intravenous("1 g"), **kept), Course(intravenous("6 g"), **kept)
    assert "extrapolates" not in usual.dataset().serum_ionised.attrs
    assert "0.5 to 1.5 mM total" in much.dataset().serum_ionised.attrs["extrapolates"]
    cell = {
        "model": "patch",
        "protocol": "voltage_clamp",
        "v_hold": 0,
        "measures": "mean_unblocked",
    }
    with pytest.warns(ExtrapolationWarning, match="the cell's magnesium is serum_ionised: .* % of"):
        mg.dose_to_neuron(
            intravenous("6 g"), csf="csf_null", fluid="serum_ionised", draws=0, **cell
        )


def test_severe_deficiency_reaches_what_it_says():
    """Totals of 0.3 to 0.5 mM in everybody, whatever they had before, as its prior states."""
    course = Course(deficiency(), draws=1024, csf="csf_null")
    before, settled = course.levels["serum_total"].T
    assert 0.3 <= settled.min() < 0.301
    assert 0.499 < settled.max() <= 0.5
    assert abs(np.corrcoef(before, settled)[0, 1]) < 0.1
    one = Course(deficiency(), draws=4, held={"serum_level": "0.4 mM total"})
    np.testing.assert_allclose(one.levels["serum_total"][:, 1], 0.4)
    with pytest.raises(UnitError, match="serum_level is total"):
        Course(deficiency(), held={"serum_level": Ionised(0.6)})


def test_the_spread_of_tablets_is_said_to_be_of_trials():
    note = Course(oral(), draws=4).dataset().attrs["note"]
    assert "interval of the mean of trials" in note
    assert "note" not in Course(oral(), draws=4, held={"serum_shift": 0.1}).dataset().attrs
    assert "note" not in Course(deficiency(), draws=4).dataset().attrs


@given(st.floats(1e-3, 1e3), st.sampled_from(list(mg.salts)))
def test_an_amount_is_one_in_grams_moles_and_equivalents(grams, salt):
    mmol = amount(f"{grams!r} g", salt, name="dose")
    assert amount(f"{1000 * grams!r} mg", salt, name="dose") == pytest.approx(mmol)
    assert amount(f"{mmol!r} mmol", salt, name="dose") == pytest.approx(mmol)
    assert amount(f"{2 * mmol!r} mEq", salt, name="dose") == pytest.approx(mmol)
    assert amount(f"{grams / 50!r} g/kg", salt, weight=50, name="dose") == pytest.approx(mmol)
    assert rate(f"{24 * grams!r} g/day", salt, name="rate") == pytest.approx(mmol)


#: Molar masses (g/mol) and magnesium (% of the mass) as catalogs of chemicals print them.
MASSES = {
    "sulfate_heptahydrate": (246.47, 9.86),
    "sulfate_anhydrous": (120.37, 20.19),
    "oxide": (40.30, 60.3),
    "hydroxide": (58.32, 41.7),
    "chloride_hexahydrate": (203.30, 11.96),
    "citrate": (451.1, 16.2),
    "threonate": (294.5, 8.25),
    "glycinate": (172.4, 14.1),
}


@pytest.mark.parametrize("name", MASSES)
def test_a_salt_has_the_mass_that_its_formula_says(name):
    mass, share = MASSES[name]
    assert mg.salts[name].molar_mass == pytest.approx(mass, abs=0.06)
    assert 100 * mg.salts[name].share == pytest.approx(share, rel=5e-3)


def test_a_gram_of_the_infused_salt():
    """1 g MgSO4 . 7 H2O = 4.06 mmol = 8.12 mEq, as the labels of ampoules print it."""
    assert amount("1 g", name="dose") == pytest.approx(4.06, abs=5e-3)
    assert amount("1 g", "MgSO4.7H2O", name="dose") == amount("1 g", name="dose")
    assert 2 * amount("1 g", name="dose") == pytest.approx(8.12, abs=1e-2)


def test_one_mm_of_magnesium():
    assert concentration_in(1.0, "mEq/L") == 2
    assert concentration_in(1.0, "mg/dl") == pytest.approx(2.4305)


@pytest.mark.parametrize("word", ["MgSO4", "sulfate", "magnesium sulphate"])
def test_a_sulfate_without_its_water_is_asked_about(word):
    with pytest.raises(UnitError, match=r"sulfate_heptahydrate.*twofold"):
        amount("4 g", word, name="load")


def test_an_unknown_salt_offers_the_nearest():
    with pytest.raises(UnknownName, match="did you mean citrate"):
        amount("4 g", "citrat", name="load")
    for formula in ("Na2SO4", "XgO", "NaCl", "H2O"):
        with pytest.raises(UnitError, match=re.escape(formula)):
            Salt("wrong", formula, "")


def test_total_where_ionised_is_needed_is_refused_with_the_conversion():
    for give in (
        lambda: mg.sweep("tonic", "rest", "mean_v", mg_out=Total("1.2 mM")),
        lambda: mg.models["tonic"].with_values(mg_out=Total("1.2 mM")),
    ):  # of serum, and of cerebrospinal fluid: 0.64 of it
        with pytest.raises(UnitError, match=r"1\.2 mM total.*ionised magn.*0\.831 .*0\.768 mM"):
            give()
    with pytest.raises(UnitError, match=r"serum_mg is total.*0\.58 mM ionised.*0\.8197 mM total"):
        Course(oral(), held={"serum_mg": "0.58 mM ionised"})
    with pytest.raises(UnitError, match=r"csf_mg is ionised.*1\.25 mM total.*0\.8 mM ionised"):
        Course(oral(), held={"csf_mg": Total("1.25 mM")})
    for text in ("2.5 mEq/L", "3.038125 mg/dl"):  # 1.25 mM
        with pytest.raises(UnitError, match=r"csf_mg is ionised.*0\.8 mM of it.*' ?.* ionised'"):
            Course(oral(), held={"csf_mg": text})
    for text in ("1.6 mEq/L ionised", "0.8 mM", 0.8, Ionised("1.6 mEq/L")):
        kept = Course(oral(), held={"serum_mg": "1.7 mEq/L", "csf_mg": text})
        assert (kept.held["serum_mg"], kept.held["csf_mg"]) == (0.85, 0.8)
    assert float(mg.sweep("tonic", "rest", "mean_v", mg_out=Ionised(0.8)).mg_out) == 0.8
    assert Total(0.8) != Ionised(0.8)


MOVED = mg.protocols["mg_step"]


def of_model(**values):
    made = mg.models["tonic"].with_values(**values)
    return {p.name: p.value for part in made.parts for p in part.parameters}[next(iter(values))]


@pytest.mark.parametrize(
    "take",
    [
        lambda x: of_model(mg_out=x),
        lambda x: of_model(mg_out_block=x),
        lambda x: mg.sweep("tonic", "rest", "mean_v", mg_out=[x, 3]).mg_out.values[0],
        lambda x: MOVED.with_values(mg_after=x)["mg_after"].value,
        lambda x: 0.85 + 0 * mg.blocks["jahr_stevens_1990"].evaluate("unblocked", v=0, mg_out=x),
    ],
)
def test_magnesium_outside_a_cell_is_ionised_wherever_it_is_given(take):
    """1 mM = 2 mEq/L = 2.4305 mg/dl; a clinic measures total, 0.85 of which is 0.6 in serum."""
    for text in ("0.85 mM ionised", "0.85mM ionized", "1.7 mEq/L free", "2.0659 mg/dl ionised"):
        assert float(take(text)) == pytest.approx(0.85, rel=1e-4)
    for text in ("0.85 mM total", "1.7 mEq/L", "1.7mEq/L total", "2.0659mg/dl", "20.659 ug/ml"):
        with pytest.raises(UnitError, match=r"ionised.*serum 0\.6 mM.*spinal fluid 0\.544 mM"):
            take(text)
    with pytest.raises(UnitError, match="negative"):
        take("-1 mEq/L ionised")


@given(st.floats(0.5, 1.5))
def test_what_is_offered_is_what_the_stages_compute(total):
    told = magnesium.ionised_of(total)
    share = mg.body["csf_linear"].part["csf_ionised_share"].value
    assert f"serum {Total(total).ionised.mM:.4g} mM" in told
    assert f"fluid {share * total:.4g} mM" in told
    assert "too little to say" in magnesium.ionised_of(0.1)  # the line has 0.105 of it ionised


def test_an_equivalent_of_another_ion_says_what_it_is():
    with pytest.raises(UnitError, match=r"k_out_rest.*charge of the ion"):
        mg.models["hubel_2014"].with_values(k_out_rest="4 mEq/L")


WRONG = [
    (lambda: intravenous(), "give a load"),
    (lambda: intravenous("4"), "give it a unit"),
    (lambda: intravenous(4), "give it a unit"),
    (lambda: intravenous("4 mM"), "an amount is in g"),
    (lambda: intravenous("4 apples"), "an amount is in g"),
    (lambda: intravenous("-4 g"), "not negative"),
    (lambda: intravenous("inf g"), "finite"),
    (lambda: intravenous("60 mg/kg"), "give the weight"),
    (lambda: intravenous("60 mg/kg", weight=0), "weighs more than 0"),
    (lambda: intravenous("60 mg/kg", weight="70 mM"), "weight"),
    (lambda: intravenous(rate="1 g"), "a rate such as"),
    (lambda: intravenous(rate="1 g/kg"), "a rate such as"),
    (lambda: intravenous(rate="1 g/0 h"), "a rate such as"),
    (lambda: intravenous("4 g", rate="1 g/h", until="10 min"), "after the load"),
    (lambda: intravenous("4 g", until="1 h"), "no rate"),
    (lambda: intravenous("4 g", every="4 h"), "go together"),
    (lambda: intravenous("4 g", every="1 min", times=2), "before the one before"),
    (lambda: intravenous("4 g", every="4 h", times=2.5), "whole number"),
    (lambda: intravenous(rate="1 g/h", every="4 h", times=2), "repeat a load"),
    (lambda: intramuscular("5 g", every="0 h", times=2), "before the one before"),
    (lambda: intravenous("4 g", over=20), "over = 20: say '20 min' or '20 h'"),
    (lambda: intravenous("4 g", over="20"), "say '20 min' or '20 h'"),
    (lambda: intravenous("4 g", rate="1 g/h", until=24), "until = 24: say"),
    (lambda: intravenous("4 g", every=4, times=2), "every = 4: say"),
    (lambda: intramuscular("5 g", every=4, times=2), "every = 4: say"),
    (lambda: intramuscular("5 g", load="4 g", over=20), "over = 20: say"),
    (lambda: intravenous(rate="80 mmol/24"), "a rate such as"),
    (lambda: exposure(Course(intravenous("4 g"), [1]), over=1), "over = 1: say '1 s' or '1 ms'"),
    (lambda: Course(intravenous("4000 g"), [1]), "which no body does"),
    (lambda: Course(oral(), at=[1]), "no time course"),
    (lambda: Course(intravenous("4 g"), at=["soon"]), "at"),
    (lambda: Course(intravenous("4 g"), at=[-1]), "not negative"),
    (lambda: Course(intravenous("4 g"), at=[1e9]), "within a year"),
    (lambda: Course(intravenous("4 g"), draws=-1), "whole number"),
    (lambda: Course(intravenous("4 g"), held={"v_central": 0}), "divides"),
    (lambda: Course(intravenous("4 g"), held={"csf_gain": -1}), "not negative"),
    (lambda: Course(intravenous("4 g"), held={"csf_gain": "2 mM"}), "csf_gain"),
    (
        lambda: Course(deficiency(), held={"serum_mg": 0.3}),
        "serum_level, .* is not below .*serum_mg, 0.3",
    ),
]


@pytest.mark.parametrize(("make", "words"), WRONG)
def test_what_cannot_be_meant_is_refused_in_words(make, words):
    with pytest.raises(UnitError, match=words):
        make()


@pytest.mark.filterwarnings("ignore::mgsim.sweeps.resolving.run_warnings.RangeWarning")
@pytest.mark.parametrize(
    ("dose", "held", "words"),
    [
        (oral(), {"csf_exit": 0}, "^csf_exit = 0: csf_rise would never settle"),
        (oral(), {"brain_exchange": 0}, "^brain_exchange = 0: brain_rise would never settle"),
        (deficiency(), {"csf_exit": 0, "csf_gain": 0}, "^csf_exit = 0: csf_rise would"),
        (threonate(), {"brain_exchange": "0 1/h"}, "^brain_exchange = 0"),
    ],
)
def test_what_never_settles_is_refused_by_the_name_of_the_rate(dose, held, words):
    with pytest.raises(UnitError, match=words):
        Course(dose, held=held)
    still = Course(intravenous("4 g"), [24], draws=4, held=held)  # in time it only stands still
    np.testing.assert_array_equal(still.levels["mg_brain"][:, 0], still.levels["mg_brain"][:, 1])


@pytest.mark.parametrize(
    ("held", "words"), [({"clearence": 5}, "clearance"), ({"gain": 1}, "csf_gain")]
)
def test_a_wrong_name_offers_the_nearest(held, words):
    with pytest.raises(UnknownName, match=words):
        Course(intravenous("4 g"), held=held)
    for slot in ("serum", "csf"):
        with pytest.raises(UnknownName, match=r"did you mean|there are"):
            Course(intravenous("4 g"), **{slot: "lu_2020"})


def test_people_are_the_same_under_every_dose_and_structure():
    """Draws hang on seed and name, so what differs between two courses is the dose."""
    one = Course(intravenous("4 g"), draws=16)
    other = Course(intravenous("6 g", rate="2 g/h"), csf="csf_null", draws=16)
    for name in ("clearance", "v_central", "serum_mg", "csf_mg", "brain_exchange"):
        np.testing.assert_array_equal(one.values[name], other.values[name])
    assert np.unique(one.values["clearance"]).size == 16


def test_what_people_differ_in_is_independent():
    """For 64 people: a pair correlates as two shuffles do, with a mean of 0 and a variance of 1/63.

    Rows of a Sobol' set this wide hold pairs that go together: `v_peripheral` and `serum_mg` did
    by 0.8 at every seed, and the spread of what both act on was wrong by a fifth.
    """
    pairs = []
    for seed in range(8):
        course = Course(oral(), draws=64, seed=seed)
        ranks = stats.rankdata([course.values[n] for n in sorted(course.priors)], axis=1)
        pairs.append(np.corrcoef(ranks)[np.triu_indices(len(ranks), 1)])
    r = np.array(pairs)
    spread = np.sqrt(63) * r.std()
    assert abs(spread - 1) < 4 / np.sqrt(2 * r.size)
    assert abs(r.mean()) < 4 / np.sqrt(63 * r.size)
    assert np.abs(r.mean(axis=0)).max() < 4.5 / np.sqrt(63 * len(r))


@pytest.mark.parametrize("name", list(mg.body))
def test_a_stage_says_where_its_numbers_are_from(name):
    from mgsim.references import UNCITED, entries

    stage = mg.body[name]
    told = [p.source for p in stage.part.parameters] + [p.source for p in stage.priors.values()]
    for source in told:
        key, _, where = source.partition(":")
        assert key in {*entries(), *UNCITED}
        assert where.strip()
        assert key in UNCITED or key in stage.part.references
    assert stage.part.conditions
    assert stage.part.deviations
    for name, prior in stage.priors.items():
        low, high = stage.part[name].range
        middle = float(prior.quantile(0.5))
        assert low <= middle <= high, name
