"""KCa, CAN, Kir, GABA-A and blocked calcium channels, against their published curves by hand.

Constants: Aguiar et al. (2010), ModelDB 128559 (iKCa.mod, iCaAN.mod, WDR.hoc); Wolf et al. (2005)
as in Snudda kir23_lts_mod.mod; GABA-A of ModelDB 18500. Nothing of the expected side reads mgsim.
"""

import math
from itertools import pairwise

import numpy as np
import pytest
from physics import oracle
from running import BRIAN, FUSED, run
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

import mgsim as mg
from mgsim.checks.equations import everything, lively
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.declare.parameter import PartError

pytestmark = pytest.mark.usefixtures("unoptimised")

FULL, STANDARD = mg.models["full"], mg.models["standard"]
CELL = mg.models["cell"]
#: um2
AREA = 28952.9
CALCIUM = np.array([0.02, 0.05, 0.3, 0.5, 1.0, 3.0, 20.0])


# ---- the curves, by hand -------------------------------------------------------------------------
def aguiar(ca, half, closing, celsius):
    """Steady gate and its rate (/ms): n = 2, Q10 of 3 from 22 degC, not below 0.1 ms."""
    ratio = (ca / half) ** 2
    tau = 1 / (closing * (1 + ratio)) / 3 ** ((celsius - 22) / 10)
    return ratio / (1 + ratio), 1 / max(tau, 0.1)


def kir(v):
    """Steady gate and rate (/ms) of kir23_lts_mod.mod."""
    rate = math.exp(-(v + 97.3) / 12.6) + math.exp((v - 96.3) / 47)
    return 1 / (1 + math.exp((v + 82) / 13)), min(rate, 10.0)


def surface(ca, mg_out, sigma=-0.16, mono=150.0, celsius=36.0):
    """Potential (mV) at a charge (C/m2), by a search on Grahame's equation as it stands."""
    kelvin = celsius + oracle.ZERO_C
    ions = [(mono, 1), (ca + mg_out, 2), (mono + 2 * (ca + mg_out), -1)]

    def excess(mv):
        x = mv * 1e-3 * oracle.FARADAY / (oracle.GAS * kelvin)
        field = sum(c * math.expm1(-z * x) for c, z in ions)  # mM, or mol/m3
        return 2 * 78.5 * 8.8541878128e-12 * oracle.GAS * kelvin * field - sigma**2

    return brentq(excess, -300, -1e-9)


#: mV by which gates feel more in the bath of a person than in that of the recordings.
SHIFT = surface(2.0, 1.0) - surface(1.0, 0.8)


def l_type(v):
    """Opening and closing rates (/ms) of both gates: Reuveni et al. 1993 in Pospischil et al."""
    x = -27 - v
    opening = 0.055 * (x / math.expm1(x / 3.8) if x else 3.8)
    return (
        (opening, 0.94 * math.exp((-75 - v) / 17)),
        (0.000457 * math.exp((-13 - v) / 50), 0.0065 / (math.exp((-15 - v) / 28) + 1)),
    )


@pytest.mark.parametrize(
    ("part", "half", "closing"), [("kca", 1.0, 0.03), ("can", 0.5, 0.002 / 40)]
)
@pytest.mark.parametrize("celsius", [22.0, 36.0])
def test_gates_that_calcium_opens(part, half, closing, celsius):
    channel = mg.channels["k_ca" if part == "kca" else "can"]
    steady, rate = np.array([aguiar(c, half, closing, celsius) for c in CALCIUM]).T
    np.testing.assert_allclose(channel.evaluate(f"m_inf_{part}", ca=CALCIUM), steady, rtol=1e-12)
    found = channel.evaluate(f"rate_{part}", ca=CALCIUM, celsius=celsius)
    np.testing.assert_allclose(found, rate, rtol=1e-12)


def test_comments_of_the_can_file():
    """'tau_m ~ 2000 ms at cai = cac and celsius = 36', and about 50 ms before it was slowed."""
    tau = 1 / float(mg.channels["can"].evaluate("rate_can", ca=0.5, celsius=36))
    assert tau == pytest.approx(2000, rel=0.1)
    assert tau / 40 == pytest.approx(50, rel=0.1)


@pytest.mark.filterwarnings("ignore::mgsim.declare.ports.ExtrapolationWarning")
def test_the_inward_rectifier():
    v = np.array([-140.0, -126.0, -110.0, -82.0, -70.0, -40.0, 20.0])
    steady, rate = np.array([kir(x) for x in v]).T
    part = mg.channels["kir"]
    np.testing.assert_allclose(part.evaluate("m_inf_kir", v=v), steady, rtol=1e-12)
    np.testing.assert_allclose(part.evaluate("rate_kir", v=v), rate, rtol=1e-12)
    assert "mg_out" not in part.requires


def test_magnesium_on_calcium_channels():
    """1 at the measured bath, half of what is left without magnesium at K, off exactly nothing."""
    part = mg.mechanisms["ca_channel_block"]
    levels = np.array([0.0, 0.05, 0.8, 1.0, 7.0, 10.0])
    found = part.evaluate("ca_channel_unblocked", mg_out=levels)
    np.testing.assert_allclose(found, (1 + 1 / 7) / (1 + levels / 7), rtol=1e-14)
    assert found[3] == 1.0
    assert found[4] == pytest.approx(found[0] / 2)
    assert np.all(np.diff(found) < 0)
    assert float(part.evaluate("ca_channel_unblocked", mg_out=4, mg_ca_measured=4)) == 1.0


def test_the_block_acts_on_every_calcium_channel_of_every_place():
    cells = [n for n in mg.neurons.all if "i_ca_l" in n.currents or "i_ca_t" in n.currents]
    channels = [c for c in mg.channels.all if c.slot in ("ca_l", "ca_t")]
    assert len(cells) >= 2
    assert len(channels) == 3
    for part in (*cells, *channels):
        assert "modulation_ca_channel" in part.requires
        if part in channels:
            assert "modulation_ca_channel" in mg.at(part, "spine").requires
    with pytest.raises(PartError, match="modulation_ca_channel"):
        mg.lower(STANDARD.swap(mg.mechanisms["ca_channel_block"]), mg.protocols["rest"], ())


# ---- GABA-A --------------------------------------------------------------------------------------
HELD = Model("held", (mg.baths["person"], mg.neurons["clamped"], mg.receptors["gaba_a"]))
#: 5 ms before the first inhibitory spike at 5 ms, 40 ms after it.
INHIBITED = Protocol(
    "inhibited", "", 50.0, mg.protocols["voltage_clamp"].stimuli[0], {"inhibition": [5.0, 20.0]}
)


def test_gaba_by_its_closed_form():
    rows = [
        {"v_hold": -60.0},
        {"v_hold": -70.0},
        {"v_hold": -60.0, "e_cl": -45.0},
        {"v_hold": -60.0, "g_gaba": 0.0},
        {"v_hold": -60.0, "g_gaba": 0.0, "g_gaba_tonic": 0.0},
        {"v_hold": -60.0, "mg_slope_gaba": 0.5, "mg_out": 0.2},
        {"v_hold": -60.0, "mg_slope_gaba": 0.5, "mg_out": 10.0},
        {"v_hold": -60.0, "mg_slope_gaba": 0.0, "mg_out": 10.0},
    ]
    out = run(FUSED, HELD, INHIBITED, (), rows, record=("i_gaba", "i_cl"), dt=0.025)
    t = out.times * 1e3
    spiked = sum(np.where(t >= s, np.exp(-np.clip(t - s, 0, None) * 0.18), 0.0) for s in (5, 20))
    shape = 10 * spiked + 1
    gain = [1, 1, 1, 1, 1, 1 + 0.5 * (0.2 - 1), 1 + 0.5 * (2 - 1), 1]
    drive = [10, 0, -15, 10, 10, 10, 10, 10]
    shapes = [shape, shape, shape, np.ones_like(t), 0 * t, shape, shape, shape]
    expected = np.array([g * d * s for g, d, s in zip(gain, drive, shapes, strict=True)]) * 1e-12
    away = np.abs(t[:, None] - [5.0, 20.0]).min(axis=1) > 0.03
    np.testing.assert_allclose(
        out.traces["i_gaba"][:, away], expected[:, away], rtol=1e-7, atol=1e-20
    )
    np.testing.assert_array_equal(out.traces["i_cl"], out.traces["i_gaba"])


def test_the_gain_is_exactly_one_unless_asked_for():
    part = mg.receptors["gaba_a"]
    assert np.all(part.evaluate("mg_gain_gaba", mg_out=[0, 0.5, 0.8, 1, 2, 10]) == 1.0)
    assert float(part.evaluate("mg_gain_gaba", mg_out=1.0, mg_slope_gaba=0.5)) == 1.0


@pytest.mark.parametrize(("e_cl", "sign"), [(-80.0, -1), (-45.0, 1)])
def test_the_sign_of_inhibition_is_that_of_its_reversal(e_cl, sign):
    """Where chloride turns above what the cell fires at, as in immature cells, it excites."""
    ds = mg.sweep(
        CELL.swap(mg.baths["person"]).swap(mg.receptors["gaba_a"]),
        mg.protocols["current_step"].lasting(700),
        mg.measures["spike_count"],
        e_cl=e_cl,
        i_amp=600.0,
        g_gaba_tonic=[0.0, 15.0],
    )
    none, some = ds.spike_count.values.tolist()
    assert np.sign(some - none) == sign


# ---- all of them in one cell, solved by hand -----------------------------------------------------
def full_by_hand(t_end, step, current):
    """v (mV) and ca (uM) of 'full' without transmitter; ``current`` (pA) flows in ``step``."""
    cell = oracle.MODELDB_RS
    unblocked = (1 + 1 / 7) / (1 + 0.8 / 7)

    def slopes(t, y):
        v, m, h, n, p, q, r, kca, mk, ca = y
        u = 1e5 / AREA  # pA over um2 in uA/cm2, times 1e3
        i_ca = 0.1 * unblocked * q**2 * r * (v - 120)
        i = oracle.membrane_current(cell, v, m, h, n, p, 0.0, 0.8, oracle.jahr_stevens, 0.0)
        i += i_ca + 0.1 * kca**3 * (v + 100) + 0.02 * mk * (v + 100)
        i += 1.0 * (v + 70) * u * 1e-3
        given = current * u * 1e-3 if step[0] <= t < step[1] else 0.0
        (aq, bq), (ar, br) = l_type(v + SHIFT)
        k_inf, k_rate = aguiar(ca, 1.0, 0.03, 36)
        m_inf, m_rate = kir(v)
        felt = (v + SHIFT, m, h, n, p)
        gates = oracle.derivatives(cell, felt, 0.0, 0.0, 0.8, oracle.jahr_stevens, 0.0)
        # uA/cm2 into a shell of 0.1 um: 1e-6 C/s/cm2 / (2 F 1e-5 cm) mol/cm3/s = 1e6 uM/s there
        influx = -i_ca * 1e-6 / (2 * oracle.FARADAY * 1e-5 * 61) * 1e9 * 1e-3
        return [
            given - i,
            *gates[1:],
            aq * (1 - q) - bq * q,
            ar * (1 - r) - br * r,
            (k_inf - kca) * k_rate,
            (m_inf - mk) * m_rate,
            influx - (ca - 0.05) / 80,
        ]

    v0, ca0 = -70.0, 0.05
    y = [
        v0,
        *oracle.steady_gates(v0 + SHIFT, cell),
        *(a / (a + b) for a, b in l_type(v0 + SHIFT)),
        aguiar(ca0, 1.0, 0.03, 36)[0],
        kir(v0)[0],
        ca0,
    ]
    at = np.arange(0, t_end + 0.5)
    parts = [t for t in (0.0, *step, t_end) if t <= t_end]
    found = {}
    for a, b in pairwise(parts):
        inside = at[(at >= a) & (at <= b)]
        # A shade inside, so that the edge of the step belongs to one side.
        done = solve_ivp(
            slopes, (a, b - 1e-9), y, "LSODA", np.clip(inside, a, b - 1e-9), rtol=1e-9, atol=1e-11
        )
        assert done.success
        found |= dict(zip(inside.tolist(), done.y.T, strict=True))
        y = done.y[:, -1]
    states = np.array([found[x] for x in at.tolist()])
    return at, states[:, 0], states[:, -1]


STEP = mg.protocols["current_step"].lasting(150).with_values(step_start=20, step_stop=140)


def test_the_full_model_beside_one_written_by_hand():
    at, v, ca = full_by_hand(150.0, (20.0, 140.0), 1200.0)
    out = run(FUSED, FULL, STEP, (), [{"i_amp": 1200.0}], record=("v", "ca"), dt=0.01, every=100)
    assert np.sum((v[1:] > 0) & (v[:-1] <= 0)) >= 3  # what is compared fires
    np.testing.assert_allclose(out.times * 1e3, at, atol=1e-9)
    slow = np.abs(np.gradient(v)) < 5  # elsewhere 0.01 ms of a spike is a mV
    np.testing.assert_allclose(out.traces["v"][0][slow] * 1e3, v[slow], atol=0.1)
    np.testing.assert_allclose(out.traces["ca"][0] * 1e3, ca, rtol=2e-3)


def test_where_the_full_model_rests():
    """Leak, M, Kir, tonic GABA and what gates let through balance; the lean cell has -70.57 mV."""

    def flow(v):
        cell = oracle.MODELDB_RS
        gates = oracle.steady_gates(v + SHIFT, cell)
        i = oracle.membrane_current(cell, v, *gates, 0.0, 0.8, oracle.jahr_stevens, 0.0)
        q, r = (a / (a + b) for a, b in l_type(v + SHIFT))
        i += 0.1 * (1 + 1 / 7) / (1 + 0.8 / 7) * q**2 * r * (v - 120)
        i += 0.02 * kir(v)[0] * (v + 100) + 0.1 * aguiar(0.05, 1, 0.03, 36)[0] ** 3 * (v + 100)
        return i + (v + 70) * 100 / AREA

    expected = brentq(flow, -90, -60)
    quiet = run(FUSED, FULL, Protocol("quiet", "", 3000.0), record=("v", "ca"), every=100)
    assert quiet.traces["v"][0, -1] * 1e3 == pytest.approx(expected, abs=0.01)
    assert -73 < expected < -71
    assert quiet.traces["ca"][0, -1] * 1e3 == pytest.approx(0.05, rel=1e-4)


# ---- off is off, and the books -------------------------------------------------------------------
#: What takes each mechanism out, as slots and as parameters: release is one quantum at each spike
#: when every site releases, fills at once and was recorded in this bath.
OFF = {
    "release": {"u_rel": 1.0, "tau_rec": 1e-3, "ca_recorded": 1.0, "mg_recorded": 0.8},
    "surface_charge": {"sigma": 0.0},
    "extra": {"g_nmda_extra": 0.0},
    "ca_l": {"g_ca_l": 0.0},
    "k_ca": {"g_kca": 0.0},
    "kir": {"g_kir": 0.0},
    "gaba": {"g_gaba": 0.0, "g_gaba_tonic": 0.0},
}
DRIVEN = (mg.protocols["tonic_glutamate"] + mg.protocols["train_20hz"]).with_values(
    train_start=5, train_rate=100
)
DRIVEN = DRIVEN.lasting(60, (0, 60))
BOTH = Protocol(
    "both", "", 60.0, DRIVEN.stimuli, {**DRIVEN.events, "inhibition": [12.0, 22.0, 32.0]}
)


def test_without_every_mechanism_the_parts_are_those_of_the_lean_cell():
    lean = FULL.without(*OFF, "ca_channel_block", "release_law")
    assert lean.parts == STANDARD.parts
    assert lean.shared == STANDARD.shared


@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])
def test_with_every_mechanism_at_zero_it_runs_as_the_lean_cell(engine):
    zero = {n: x for off in OFF.values() for n, x in off.items()}
    rows = [{"mg_out": m, "g_ampa": 60.0, "mg_recorded": m} for m in (0.0, 0.8)]
    record = ("v", "ca", "i_nmda", "i_ca")
    how = {"record": record}
    lean = run(engine, STANDARD, DRIVEN.lasting(25), (), rows, **how)
    off = run(engine, FULL, BOTH.lasting(25), (), [{**zero, **r} for r in rows], **how)
    on = run(FUSED, FULL, BOTH.lasting(25), (), rows, **how)
    assert any(len(s) for s in lean.spikes)
    for name in record:
        scale = np.abs(lean.traces[name]).max()
        np.testing.assert_allclose(off.traces[name], lean.traces[name], rtol=0, atol=1e-9 * scale)
        assert np.abs(on.traces[name] - lean.traces[name]).max() > 1e-3 * scale


@pytest.mark.parametrize("slot", [s for s in OFF if s != "release"])
def test_a_mechanism_at_zero_moves_nothing_otherwise_than_without_it(slot):
    """Every derivative that both systems have, in a state in which all currents flow."""
    gone = FULL.without(slot, *(["ca_channel_block"] if slot == "ca_l" else []))
    here, there = (mg.lower(m, mg.protocols["tonic_glutamate"], ()) for m in (FULL, gone))
    on = {**lively(here), "t": np.asarray(0.5), "v": np.asarray(-0.055)}
    zero = {
        p.name: np.asarray(p.set_to(OFF[slot][p.name]).si)
        for p in here.parameters
        if p.name in OFF[slot]
    }
    off = everything(here, {**on, **zero})
    without = everything(there, _common(on, there))
    moving = [f"d{e.name}" for e in there.states]
    for name in moving:
        assert float(off[name]) == pytest.approx(float(without[name]), rel=1e-12, abs=0), name
    assert any(everything(here, on)[n] != off[n] for n in moving)


def test_the_block_of_calcium_channels_is_off_at_the_measured_bath_and_without():
    protocol = mg.protocols["rest"]
    here, there = (mg.lower(m, protocol, ()) for m in (FULL, FULL.without("ca_channel_block")))
    state = {**lively(here), "mg_out": np.asarray(1.0), "sigma": np.asarray(0.0)}
    without = everything(there, _common(state, there))["i_ca_l"]
    assert everything(here, state)["i_ca_l"] == without != 0
    state["mg_out"] = np.asarray(7.0)
    assert everything(here, state)["i_ca_l"] == pytest.approx(without * (1 + 1 / 7) / 2)


def _common(state, system):
    """Of a state of another system what this one has too."""
    own = {p.name for p in system.parameters} | {e.name for e in system.states} | {"t", "dt"}
    return {n: x for n, x in state.items() if n in own}


def test_the_currents_of_all_ions_make_that_of_the_membrane():
    """With every mechanism and each population open; what names no ion is counted beside."""
    system = mg.lower(FULL, BOTH, ())
    wholes = [c for c in system.currents if not c.whole]
    unnamed = [c.name for c in system.currents if not c.ion and not _divided(c, system.currents)]
    ions = [f"i_{n}" for n in ("na", "k", "ca", "cl")]
    record = tuple(dict.fromkeys(("i_membrane", *ions, *(c.name for c in wholes), *unnamed)))
    rows = [{"g_ampa": 60.0, "mg_out": m} for m in (0.0, 0.8)]
    out = run(FUSED, FULL, BOTH, (), rows, record=record).traces
    scale = np.abs(out["i_membrane"]).max()
    for terms in ([c.name for c in wholes], [*ions, *unnamed]):
        total = sum(out[n] for n in terms)
        np.testing.assert_allclose(total, out["i_membrane"], rtol=0, atol=1e-12 * scale)
    assert sorted(unnamed) == ["i_ampa", "i_leak", "i_nmda_rest", "i_nmda_rest_extra"]
    for name in (*ions, *(c.name for c in wholes)):
        assert np.abs(out[name]).max() > 1e-6 * scale, f"{name} does not flow"


def _divided(current, currents):
    return any(c.whole == current.name for c in currents)


def test_calcium_that_came_is_inside_or_has_gone():
    """What all calcium currents bring, over 2F and the shell, less what the pool takes out."""
    came = mg.Measure(
        "came", "uM", "", rate="-i_ca/(2*faraday_constant*area*ca_depth*(1 + ca_kappa))"
    )
    gone = mg.Measure("gone", "uM", "", rate="(ca - ca_rest)/tau_ca")
    protocol = BOTH.lasting(60, (0, 60))
    out = run(FUSED, FULL, protocol, (came, gone), [{"g_ampa": 60.0}], record=("ca",))
    ca = out.traces["ca"][0]
    kept = out.measures["came"][0] - out.measures["gone"][0]
    assert ca[-1] - ca[0] == pytest.approx(kept, rel=1e-9)
    assert 1e3 * ca.max() < 5  # uM: a load that a cell can have


@pytest.mark.parametrize(
    ("act", "words"),
    [
        (lambda: FULL.without(), "without what"),
        (lambda: FULL.without("gabba"), "no slot 'gabba'.*gaba"),
        (lambda: FULL.without("kir", "extr"), "no slot 'extr'.*extra"),
    ],
)
def test_what_cannot_be_taken_out(act, words):
    with pytest.raises((KeyError, PartError), match=words):
        act()


def test_several_slots_and_a_population_at_once():
    assert FULL.without("extra").slots.keys() == {s for s in FULL.slots if not s.endswith("_extra")}
    assert FULL.without("kir", "kir", "gaba") == FULL.without("kir").without("gaba")
    spine = mg.models["spine"].without("spine")
    assert not any(p.place == "spine" for p in spine.parts)


def test_a_part_that_adds_nothing_where_nothing_reads_is_refused_with_its_name():
    lost = Component("lost", "lost", "", "half = 0.5 : 1", adds={"modulation_ca_channel": "half"})
    with pytest.raises(PartError, match="lost"):
        mg.lower(STANDARD.swap(lost), mg.protocols["rest"], ())
