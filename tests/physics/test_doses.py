"""From a dose to the fluid of the brain: closed forms, another integrator, conservation."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from scipy.integrate import solve_ivp
from scipy.linalg import expm

import mgsim as mg
from mgsim.doses import Course, exposure, intramuscular, intravenous
from mgsim.doses.chain import Chain, _exponential, join
from mgsim.doses.given import Given

#: Lu et al. 2002, abstract: L/h and L.
CL, VC, VP, Q = 5.0, 24.0, 25.0, 5.6
HELD = {"serum_mg": 0.8}


def two_exponentials(t, rate, lasts):
    """Rise of serum under an infusion (mmol/h), by the two exponentials of two compartments."""
    k10, k12, k21 = CL / VC, Q / VC, Q / VP
    root = np.sqrt((k10 + k12 + k21) ** 2 - 4 * k10 * k21)
    fast, slow = ((k10 + k12 + k21) + root) / 2, ((k10 + k12 + k21) - root) / 2
    a, b = (fast - k21) / (fast - slow) / VC, (k21 - slow) / (fast - slow) / VC
    ends = np.minimum(t, lasts)
    return sum(
        rate * c / k * (1 - np.exp(-k * ends)) * np.exp(-k * (t - ends))
        for c, k in ((a, fast), (b, slow))
    )


def test_infusions_are_the_two_exponentials():
    """Closed form of a linear two-compartment model; superposition of the two infusions."""
    dose = intravenous("16 mmol", rate="4 mmol/h", until="20 h", over="30 min")
    at = np.array([0.1, 0.5, 2.0, 11.0, 20.0, 31.0])
    found = Course(dose, at, draws=0, held=HELD).levels["serum_total"][0, 1:]
    late = np.maximum(at - 0.5, 0)
    expected = 0.8 + two_exponentials(at, 32.0, 0.5) + two_exponentials(late, 4.0, 19.5)
    np.testing.assert_allclose(found, expected, rtol=1e-12)


def rates(x, infusion, v):
    """The stages written a second time, by hand: mmol, mM, h."""
    depot, central, other, csf, brain = x
    serum = central / v["v_central"]
    apart = v["q_peripheral"] * (serum - other / v["v_peripheral"])
    return [
        -v["im_uptake"] * depot,
        infusion + v["im_uptake"] * depot - v["clearance"] * serum - apart,
        apart,
        v["csf_exit"] * (v["csf_gain"] * serum - csf),
        v["brain_exchange"] * (csf - brain),
    ]


def test_every_route_against_another_integrator():
    """Against scipy's DOP853, equations written by hand, piece by piece, in eight people."""
    load = intravenous("4 g", rate="1 g/h", over="20 min", until="7 h", weight=70).given
    again = intramuscular("5 g", every="4 h", times=2).given
    dose = replace(intravenous("4 g"), given=(*load, *again))
    at = [0.25, 3.0, 4.0, 8.0, 30.0]
    course = Course(dose, at, draws=8)
    changes = sorted({*at, 0.0, 1 / 3, 4.0, 7.0})
    for person in range(8):
        v = {n: x[person] for n, x in course.values.items()}
        x, found = np.zeros(5), {0.0: np.zeros(5)}
        for start, end in pairwise(changes):
            if start in (0.0, 4.0):
                x[0] += again[0].mmol * v["im_fraction"]
            runs = sum(g.rate for g in load if g.start <= start < g.start + g.hours - 1e-9)
            x = solve_ivp(
                lambda t, x, u=runs, v=v: rates(x, u, v),
                (start, end),
                x,
                method="DOP853",
                rtol=1e-13,
                atol=1e-14,
            ).y[:, -1]
            found[end] = x
        share = v["csf_ionised_share"]
        for i, t in enumerate(at, start=1):
            central, csf, brain = found[t][[1, 3, 4]]
            expected = {
                "serum_total": v["serum_mg"] + central / v["v_central"],
                "csf_total": v["csf_mg"] / share + csf,
                "csf_ionised": v["csf_mg"] + share * csf,
                "mg_brain": v["csf_mg"] + share * brain,
            }
            for name, x_at in expected.items():
                assert course.levels[name][person, i] == pytest.approx(x_at, rel=1e-9), name


def test_nothing_is_lost_but_by_clearance():
    """Mass balance: what is in the body and what left make up what was given."""
    course = Course(intravenous("4 g", over=0), [1e-9], draws=16)
    chain = Chain(course.body, {**course.values, "mg_infusion": np.zeros(16)})
    matrix, infused = chain.matrices()
    inside = [chain.states.index(n) for n in ("mg_depot", "mg_central", "mg_peripheral")]
    leaves = -matrix[:, inside][:, :, inside].sum(axis=1)
    clears = course.values["clearance"] / course.values["v_central"] / 3600
    np.testing.assert_allclose(leaves[:, 1], clears, rtol=1e-12)
    np.testing.assert_allclose(leaves[:, [0, 2]], 0, atol=1e-18)
    np.testing.assert_allclose(infused[:, inside].sum(axis=1), 1, rtol=1e-12)


def test_the_matrices_are_the_equations():
    """The stages are linear: any states give what A x + b u gives."""
    stages = [mg.body[n].part for n in ("lu_2002", "csf_linear", "brain_fluid")]
    body = join(stages)
    values = {p.name: np.full(5, p.value) for p in body.parameters}
    chain = Chain(body, values)
    matrix, infused = chain.matrices()
    rng = np.random.default_rng(1)
    x, u = rng.normal(size=(5, len(chain.states))), rng.normal(size=5)
    expected = np.einsum("nij,nj->ni", matrix, x) + infused * u[:, None]
    np.testing.assert_allclose(chain.rates(x, mg_infusion=u), expected, rtol=1e-10, atol=1e-18)


@pytest.mark.parametrize("hours", [1e-6, 0.3, 24.0, 8760.0])
def test_exponentials_are_scipys(hours):
    """Against scipy.linalg.expm, for the matrices of 16 people over a moment to a year."""
    course = Course(intravenous("4 g"), [1.0], draws=16)
    chain = Chain(course.body, {**course.values, "mg_infusion": np.zeros(16)})
    matrix, _ = chain.matrices()
    stack = matrix * hours * 3600
    np.testing.assert_allclose(_exponential(stack), expm(stack), rtol=1e-10, atol=1e-13)


def test_order_and_pieces_do_not_matter():
    """Linearity: two doses are the sum of each; times asked for besides change nothing."""
    first, second = Given("vein", 10.0, 0.0, 1.0), Given("muscle", 20.0, 3.0, 0.0)
    empty = intravenous("0 g")

    def rise(*given, at=(2.0, 9.0)):
        dose = replace(empty, given=given)
        course = Course(dose, at, draws=4, csf="csf_slow_full")
        return {n: x[:, -1] - x[:, 0] for n, x in course.levels.items()}

    one, two, both = rise(first), rise(second), rise(second, first)
    more = rise(first, second, at=np.linspace(0.1, 9, 57))
    for name in both:
        np.testing.assert_allclose(both[name], more[name], rtol=1e-10, err_msg=name)
        np.testing.assert_allclose(both[name], one[name] + two[name], rtol=1e-10, err_msg=name)


def test_a_long_infusion_settles_at_rate_over_clearance():
    course = Course(intravenous(rate="4 mmol/h"), [24 * 300], draws=8, csf="csf_linear")
    v, end = course.values, {n: x[:, -1] for n, x in course.levels.items()}
    rise = 4 / v["clearance"]
    np.testing.assert_allclose(end["serum_total"], v["serum_mg"] + rise, rtol=1e-9)
    fluid = v["csf_mg"] + 0.64 * v["csf_gain"] * rise
    np.testing.assert_allclose(end["csf_ionised"], fluid, rtol=1e-9)
    np.testing.assert_allclose(end["mg_brain"], fluid, rtol=1e-9)


def test_an_arm_without_time_course_is_where_a_long_one_settles():
    """A lasting rise of serum, given outright or by an infusion that makes it, is one state."""
    oral = mg.doses.oral()
    held = {"serum_shift": 0.05, "csf_gain": 0.3, "clearance": 5.0}
    course = Course(oral, draws=8, held=held)
    infused = Course(
        intravenous(rate="0.25 mmol/h"),
        [24 * 300],
        draws=8,
        held={n: x for n, x in held.items() if n != "serum_shift"},
    )
    for name, x in course.levels.items():
        np.testing.assert_allclose(x[:, -1], infused.levels[name][:, -1], rtol=1e-9, err_msg=name)


def test_the_fluid_follows_a_serum_that_is_held():
    """One exponential, and of the brain the convolution of two: closed forms."""
    course = Course(intravenous("0 g"), [1.0], draws=8)
    chain = Chain(course.body, {**course.values, "mg_infusion": np.zeros(8)})
    hours, v = np.array([0.0, 0.5, 6.0, 48.0]), course.values
    states = chain.held(np.array(1.4), hours)
    a, b = (v[n][None] for n in ("csf_exit", "brain_exchange"))
    t, top = hours[:, None], 1.4 * v["csf_gain"][None]
    fluid = top * (1 - np.exp(-a * t))
    brain = top * (1 - (b * np.exp(-a * t) - a * np.exp(-b * t)) / (b - a))
    for name, expected in (("csf_rise", fluid), ("brain_rise", brain)):
        found = states[..., chain.states.index(name)]
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


def test_no_gain_is_exactly_no_change_in_a_neuron_and_a_gain_is_one():
    """The control: with nothing in the fluid all that a neuron does is what it did, to the bit."""
    ds = mg.dose_to_neuron(
        intravenous("6 g", rate="2 g/h"),
        ["24 h"],
        model="patch",
        protocol="voltage_clamp",
        measures=["mean_unblocked", "ca_charge_nmda"],
        draws=4,
        csf=["csf_null", "csf_slow_full"],
        v_hold=[-65, 0],
    )
    null, full = ds.sel(csf="csf_null"), ds.sel(csf="csf_slow_full")
    for name in ("mg_brain", "mean_unblocked", "ca_charge_nmda"):
        one = null[name]
        np.testing.assert_array_equal(one[:, 0], one[:, 1], err_msg=name)
    np.testing.assert_array_equal(full.mg_brain[:, 0], null.mg_brain[:, 0])
    # Ceiling: at a fixed potential x more magnesium takes away no more than x/(1 + x).
    rise = (full.mg_brain[:, 1] / full.mg_brain[:, 0]).values
    left = full.ca_charge_nmda_over_before[:, 1].transpose("person", "v_hold").values
    assert np.all(left < 1)
    assert np.all(left > 1 / rise[:, None])
    law = mg.blocks["jahr_stevens_1990"]
    expected = law.evaluate("unblocked", v=-65, mg_out=full.mg_brain.values)
    np.testing.assert_allclose(full.mean_unblocked.sel(v_hold=-65), expected, rtol=1e-9)


def test_settled_rates_are_what_full_runs_give():
    """Eight people, a day of moving magnesium in 8 s of the neuron's time, every pulse of it."""
    course = Course(
        intravenous("4 g", rate="1 g/h", until="12 h"), ["24 h"], csf="csf_slow_full", draws=8
    )
    found = exposure(course)
    hours = np.linspace(0, 24, 97)
    brain = replace(course, at=hours).levels["mg_brain"]
    lead, whole = 1000.0, 8000.0
    train = mg.protocols["train_20hz"].lasting(lead + whole, (lead, lead + whole))
    full = [
        float(
            mg.sweep(
                "standard",
                train.changing(mg_out=mg.changes.course(lead + hours / 24 * whole, one)),
                "ca_charge_nmda",
                mg_out=one[0],
            ).ca_charge_nmda
        )
        for one in brain
    ]
    # Magnesium moves 10800 times as fast as in a person, so that this is more than the true error.
    np.testing.assert_allclose(np.array(full) * 86400e3 / whole, found.exposure, rtol=1e-3)


def test_the_waterfall_is_what_each_person_would_give():
    """Levels between those that ran, against a run of every person."""
    found = mg.experiments["dose_waterfall"].run(progress=False).change.sel(csf="csf_linear")
    direct = mg.dose_to_neuron(
        intravenous("4 g", rate="1 g/h"),
        ["24 h"],
        draws=256,
        csf="csf_linear",
        measures=["mean_unblocked", "ca_charge_nmda"],
    )
    for step, name in (
        ("total serum", "serum_total"),
        ("brain's fluid", "mg_brain"),
        ("unblocked pore", "mean_unblocked"),
        ("NMDA calcium", "ca_charge_nmda"),
    ):
        one = direct[name].isel(csf=0)
        expected = np.quantile(100 * (one[:, 1] / one[:, 0] - 1), (0.025, 0.5, 0.975))
        np.testing.assert_allclose(found.sel(step=step), expected, atol=0.05, err_msg=step)
