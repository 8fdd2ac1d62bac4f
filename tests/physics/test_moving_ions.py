"""Cells whose sodium, potassium and chloride move, of parts of the catalog.

Books are kept to 1e-9: nothing is lost (mass), and what the ions carry charges the membrane
(charge). The published cell is compared by the rows of section S2 of the validation.
"""

import numpy as np
import pytest
from running import BRIAN, FUSED, run

import mgsim as mg
from mgsim.declare.parameter import PartError
from mgsim.parts.channels import hubel
from mgsim.sweeps.designs import AxisError
from mgsim.sweeps.prepare import StepWarning

FARADAY = 96485.33212331001
VALENCE = {"na": 1, "k": 1, "cl": -1}
PARTS = mg.homeostasis
FIXED, OSMOTIC = PARTS["fixed"], PARTS["osmotic"]


def moving(volumes=FIXED):
    """The standard cell of the catalog, parts for its ions beside it, none of its texts changed."""
    parts = (
        PARTS["counted"],
        volumes,
        PARTS["nernst"],
        PARTS["pump"],
        hubel.cl_leak,
        PARTS["leak_ions"],
        PARTS["nmda_ions"],
        PARTS["ampa_ions"],
    )
    return mg.Model("moving", (*mg.models["standard"].parts, *parts)).with_values(
        vol_in_rest=20000, vol_out_rest=6700, k_out_rest=3.5, pump_max=15.0
    )


TRAIN = mg.protocols["train_80hz"].lasting(1000, (0, 1000))
STEP = (
    mg.protocols["current_step"]
    .with_values(step_start=50, step_stop=200, i_amp=1500)
    .lasting(300, (0, 300))
)
GAINS = tuple(f"gain_{n}" for n in VALENCE)
NAMES = ("v", "ca", "vol_in", "vol_out", *GAINS)
NAMES += tuple(f"{n}_{side}" for n in VALENCE for side in ("in", "out"))


def traced(model, protocol, **options):
    """Traces in SI, start and end among them, and the calcium that came in (C)."""
    row = [{"g_ampa": 60.0, "g_nmda": 60.0, "mg_out": 0.2}]
    out = run(
        FUSED,
        model,
        protocol,
        [mg.measures["ca_charge"]],
        row,
        record=(*NAMES, "e_k"),
        method="rk2",
        dt=0.02,
        **options,
    )
    assert out.status[0] == 0
    return {n: x[0] for n, x in out.traces.items()}, out.measures["ca_charge"][0]


@pytest.mark.parametrize("volumes", [FIXED, OSMOTIC], ids=lambda p: p.name)
@pytest.mark.parametrize("protocol", [TRAIN, STEP], ids=lambda p: p.name)
def test_the_books_balance(volumes, protocol):
    x, calcium = traced(moving(volumes), protocol)
    assert x["v"].max() > 0  # it fires
    potassium = FARADAY * (x["gain_k"][-1] - x["gain_k"][0])
    assert abs(potassium) > 1e-12
    for ion in VALENCE:
        amount = x[f"{ion}_in"] * x["vol_in"] + x[f"{ion}_out"] * x["vol_out"]
        np.testing.assert_allclose(amount, amount[0], rtol=1e-9)
    carried = sum(
        z * FARADAY * (x[f"gain_{n}"][-1] - x[f"gain_{n}"][0]) for n, z in VALENCE.items()
    )
    rs = mg.neurons["pospischil_2008_rs"]
    stored = rs["c_m"].si * rs["area"].si * (x["v"][-1] - x["v"][0])
    assert carried + calcium == pytest.approx(stored, abs=1e-9 * abs(potassium))


def test_reversal_potentials_follow_and_firing_loads_the_space_outside():
    x, _ = traced(moving(), TRAIN)
    nernst = 8.31446261815324 * 309.15 / FARADAY * np.log(x["k_out"] / x["k_in"])
    np.testing.assert_allclose(x["e_k"], nernst, rtol=1e-12)
    assert x["k_out"][-1] > x["k_out"][0] + 0.1
    assert x["na_in"][-1] > x["na_in"][0]
    assert x["e_k"][-1] > x["e_k"][0]


def test_water_follows_the_particles():
    """The volumes stay in proportion to the particles, and sum to all there is."""
    x, _ = traced(moving(OSMOTIC), TRAIN)
    gained = sum(x[n] for n in GAINS)
    inside = 315e-3 * 1e3 * 20000e-18 + gained  # 2 (15 + 140) + 5 mM in 20000 um3
    whole = 315e-3 * 1e3 * 26700e-18
    np.testing.assert_allclose(x["vol_in"], 26700e-18 * inside / whole, rtol=1e-9)
    np.testing.assert_allclose(x["vol_in"] + x["vol_out"], 26700e-18, rtol=1e-12)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        (
            "e_k",
            "'e_k' follows from the concentrations k_in and k_out in model 'moving', .*"
            "set k_in_rest or k_out_rest in its place",
        ),
        ("k_out", "'k_out' follows from .* set k_out_rest in its place"),
        (
            "e_leak",
            "'e_leak' follows from e_k, e_na, .* set share_k_leak, k_in_rest, k_out_rest, "
            "na_in_rest or na_out_rest in its place",
        ),
        ("vol_in", "'vol_in' follows from vol_in_rest .* set vol_in_rest in its place"),
    ],
)
def test_what_follows_cannot_be_set(name, words):
    with pytest.raises(PartError, match=words):
        moving().with_values(**{name: 3})
    with pytest.raises(AxisError, match=words):
        mg.sweep(moving(), STEP, mg.measures["mean_v"], **{name: [3, 4]})


@pytest.mark.parametrize("slot", ["leak_ions", "nmda_ions", "ampa_ions"])
def test_a_current_that_names_no_ion_is_refused_here(slot):
    name = slot.removesuffix("_ions")
    with pytest.raises(PartError, match=rf"'i_{name}(_rest)?' and no ion .* moves"):
        mg.lower(moving().without(slot), STEP, ())


def test_the_cell_passes_the_checks():
    report = mg.check(moving(), STEP, mg.measures["mean_v"], dt=0.02, method="rk2")
    assert report, str(report)


# ---- the published cell, its books kept ---------------------------------------------------------

#: A start in which the cell is depolarised and releases, so that all that moves does.
START = {"k_out_rest": 60, "k_bath": 60, "v_start": -20}
PUBLISHED = mg.models["hubel_2017"].with_values(**START)
KEPT = mg.models["hubel_2017"].swap("counted").swap("exchange_kcl")
KEPT = KEPT.with_values(co_transport=1, **START)
TAKEN = tuple(f"taken_{n}" for n in VALENCE)
REST = mg.protocols["rest"].lasting(1000, (0, 1000))


def depolarised(model, engine=FUSED, protocol=REST, **options):
    """Traces in SI."""
    record = (*NAMES, *TAKEN, "glu_released", "glu_in_clefts", "glu_in_space", "vol_glia")
    record = tuple(n for n in record if n != "ca")
    options = {"method": "rk2", "dt": 0.02, "every": 500} | options
    out = run(engine, model, protocol, record=record, **options)
    assert out.status[0] == 0
    return {n: x[0] for n, x in out.traces.items()}


def outside(x):
    """Charge (mol) that the extracellular space has gained."""
    gone = [z * (x[f"gain_{n}"] + x[f"taken_{n}"]) for n, z in VALENCE.items()]
    return -sum(g - g[0] for g in gone)


def test_mass_and_charge_are_kept_in_spreading_depolarisation():
    """Inside, outside, glia and bath: each ion is somewhere, and each space takes its charge."""
    x = depolarised(KEPT)
    assert x["glu_released"][-1] > 1e-15
    turnover = np.abs(x["gain_k"]).max()
    for n in VALENCE:
        amount = x[f"{n}_in"] * x["vol_in"] + x[f"{n}_out"] * x["vol_out"] + x[f"taken_{n}"]
        np.testing.assert_allclose(amount, amount[0], rtol=0, atol=1e-9 * turnover)
    inside = sum(z * x[f"gain_{n}"] for n, z in VALENCE.items())
    stored = 180e-12 / FARADAY * (x["v"] - x["v"][0])  # 1 uF/cm2 on 18000 um2
    np.testing.assert_allclose(inside, stored, rtol=0, atol=1e-9 * turnover)
    np.testing.assert_allclose(outside(x), -stored, rtol=0, atol=1e-9 * turnover)
    whole = x["vol_in"] + x["vol_out"] + x["vol_glia"]
    np.testing.assert_allclose(whole, 17500e-18, rtol=1e-12)


def test_the_published_form_keeps_no_charge_outside():
    """As its deviations say: the bath's potassium comes without a counter-ion."""
    x = depolarised(PUBLISHED)
    assert np.abs(outside(x)).max() > 1e-3 * np.abs(x["taken_k"]).max() > 0
    assert "against electroneutrality" in PUBLISHED["bath_exchange"].deviations


def test_engines_agree_on_the_published_cell():
    short = mg.protocols["rest"].lasting(10, (0, 10))
    a, b = (
        run(e, PUBLISHED, short, record=("v", *GAINS, "glu"), method="rk2", dt=0.02).traces
        for e in (FUSED, BRIAN)
    )
    assert a["glu"].max() > 1e-3
    for n in a:
        np.testing.assert_allclose(a[n], b[n], rtol=1e-9, atol=1e-12 * np.abs(b[n]).max())


def test_smaller_steps_converge_at_the_order_of_the_method():
    """rk4, from a start far from rest, against a step four times finer."""
    moves = PUBLISHED.with_values(v_start=-55, g_nmda=0, g_ampa=0, co_transport=0)
    short = mg.protocols["rest"].lasting(2, (0, 2))
    ends = [
        run(FUSED, moves, short, record=("v",), method="rk4", dt=dt).traces["v"][0, -1]
        for dt in (0.01, 0.005, 0.00125)
    ]
    coarse, fine = (abs(x - ends[-1]) for x in ends[:2])
    assert fine > 1e-13
    assert np.log2(coarse / fine) > 3.5


def test_the_sign_of_co_transport_changes_what_uptake_carries():
    """Three sodium and one chloride in, one potassium out, per glutamate; or the reverse."""
    short = mg.protocols["rest"].lasting(10, (0, 10))
    names = ("i_na_uptake", "i_k_uptake", "i_cl_uptake", "glu_to_neuron")
    for sign in (1.0, -1.0):
        model = KEPT.with_values(co_transport=sign)
        out = run(FUSED, model, short, record=names, method="rk2", dt=0.02).traces
        carried = FARADAY * out["glu_to_neuron"]
        assert carried.max() > 0
        np.testing.assert_allclose(out["i_na_uptake"], -3 * sign * carried, rtol=1e-12)
        np.testing.assert_allclose(out["i_k_uptake"], sign * carried, rtol=1e-12)
        np.testing.assert_allclose(out["i_cl_uptake"], sign * carried, rtol=1e-12)


def test_energy_fails_where_it_is_told_to():
    """The supply as a time course of everything, or of the pump alone."""
    failing = mg.changes.ramp(0.0, 10, 10, 30)
    for name in ("supply", "supply_pump"):
        protocol = mg.protocols["rest"].lasting(60, (0, 60)).changing(**{name: failing})
        ds = mg.simulate(
            PUBLISHED,
            protocol,
            record=("i_na_pump", "k_glia", f"{name}_now"),
            dt=0.02,
            method="rk2",
            progress=False,
        )
        given = np.interp([5, 15, 25, 35, 50], [10, 20, 30, 40], [1, 0, 0, 1])
        there = ds[f"{name}_now"].sel(time=[5, 15, 25, 35, 50])
        np.testing.assert_allclose(there, given, atol=1e-12)
        assert float(np.abs(ds.i_na_pump.sel(time=25))) == 0
        still = ds.k_glia.sel(time=30) == ds.k_glia.sel(time=20)
        assert bool(still) == (name == "supply")


def test_a_cell_that_spends_no_energy_is_told_so():
    failing = mg.protocols["rest"].changing(supply=mg.changes.step(0, 10))
    with pytest.raises(PartError, match="which nothing in model 'cell' reads"):
        mg.lower(mg.models["cell"], failing, ())


def test_a_kick_is_a_jump_of_its_size_and_follows_the_seed():
    protocol = (
        mg.protocols["kicks"].lasting(100, (0, 100)).with_values(kick_every=20, kick_size=0.5)
    )
    cell = mg.models["cell"]
    signs = []
    for seed in (0, 1):
        ds = mg.simulate(cell, protocol, record=("v",), seed=seed, dt=0.025, progress=False)
        jumps = [float(ds.v.sel(time=t) - ds.v.sel(time=t - 0.025)) for t in (20, 40, 60, 80)]
        np.testing.assert_allclose(np.abs(jumps), 0.5, atol=2e-3)
        signs.append(np.sign(jumps).tolist())
    assert signs[0] != signs[1]


def test_a_step_that_is_too_long_for_the_channel_is_told():
    short = mg.protocols["rest"].lasting(1, (0, 1))
    with pytest.warns(StepWarning, match="'hubel_2017_cell' .* rk2 at dt 0.05 ms: use rk4_local"):
        mg.simulate(PUBLISHED, short, dt=0.05, method="rk2", progress=False)


def test_glutamate_outside_reaches_receptors_outside_synapses():
    """What leaves the clefts is the ambient glutamate of others."""
    assert PARTS["glutamate"].adds["glu_ambient"] == "glu_around"
    with pytest.raises(PartError, match="nothing in model 'hubel_2017' reads"):
        mg.lower(PUBLISHED, mg.protocols["tonic_glutamate"], ())
