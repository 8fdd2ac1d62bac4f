"""Every block law: what any magnesium block must do, at any parameters in their ranges.

Zero and limit tests, B(-70 mV) through every entry point, invalid magnesium refused.
"""

from itertools import product

import numpy as np
import pytest
from every import each
from hypothesis import given
from hypothesis import strategies as st
from running import BRIAN, FUSED, model_of, run, unblocked

import mgsim as mg
from mgsim.parts.blocks import without_magnesium

pytestmark = pytest.mark.usefixtures("unoptimised")

LAWS = [law.name for law in mg.blocks.own.values() if not any(e.differential for e in law.lines)]
BLOCKING = [n for n in LAWS if n != "none"]
CLAMP = mg.protocols["voltage_clamp"].lasting(1.0, (0, 1))
V = np.linspace(-120, 80, 41)
MG = np.array([0, 1e-9, 1e-3, 0.05, 0.2, 0.8, 1, 2, 10, 1e3])


def own(law, v, **values):
    """The law's value at zero magnesium: exactly 1 but for a law that states another."""
    stated = without_magnesium(mg.blocks[law], v=v, **values)
    assert np.all(stated == 1) or "unblocked_without_mg" in mg.blocks[law].provides
    assert np.all((stated > 0) & (stated <= 1))
    return stated


def one_way_of_blocking(law, v, **values):
    """Where more of either way of blocking leaves less conducting, however much there is of both.

    True of a law with one way. Where two share a mean blocked state, more of the one also dilutes
    the other: the derivative of 1/unblocked by the one, where there is none of it, is positive when
    it ends at less than k*(1 + b/c) + c, with k the rate at which the other ends, and b and c the
    rates of closing from the one and from the other.
    """
    if law != "jahr_stevens_1990_flicker":
        return np.ones(np.shape(v), dtype=bool)
    p = {p.name: values[p.name] for p in mg.blocks[law].parameters}
    mg_off = p["mg_off"] * np.exp(p["mg_off_slope"] * np.asarray(v))
    flicker_off = p["flicker_off"] * np.exp(p["flicker_off_slope"] * np.asarray(v))
    flicker, mg_close = p["flicker_close"], p["mg_close"]
    return (mg_off < flicker_off * (1 + mg_close / flicker) + flicker) & (
        flicker_off < mg_off * (1 + flicker / mg_close) + mg_close
    )


def drawn(law):
    """Values for each of a law's parameters, from its plausible range."""
    return st.fixed_dictionaries({p.name: st.floats(*p.range) for p in mg.blocks[law].parameters})


@pytest.mark.parametrize("law", LAWS)
@given(data=st.data())
def test_between_zero_and_one_and_what_it_states_without_magnesium(law, data):
    values = data.draw(drawn(law))
    b = mg.blocks[law].evaluate("unblocked", v=V, mg_out=MG[:, None], **values)
    b = np.broadcast_to(b, (len(MG), len(V)))
    assert np.all((b > 0) & (b <= 1))
    np.testing.assert_array_equal(b[0], own(law, V, **values))  # exactly


@pytest.mark.parametrize("law", BLOCKING)
@given(data=st.data())
def test_falls_with_magnesium_and_rises_with_voltage(law, data):
    values = data.draw(drawn(law))
    v = V[one_way_of_blocking(law, V, **values)]
    b = mg.blocks[law].evaluate("unblocked", v=v, mg_out=MG[:, None], **values)
    room = (b < b[0] * (1 - 1e-12)) & (b > 1e-12)
    assert np.all(np.diff(b, axis=0) <= 0)
    assert np.all((np.diff(b, axis=0) < 0) | ~room[1:])
    assert np.all(np.diff(b, axis=1) >= 0)
    assert np.all((np.diff(b[1:], axis=1) > 0) | ~(room[1:, 1:] & room[1:, :-1]))


@pytest.mark.parametrize("law", BLOCKING)
@given(data=st.data(), v=st.floats(-100, 40))
def test_much_magnesium_blocks_all(law, data, v):
    values = data.draw(drawn(law))
    b = mg.blocks[law].evaluate("unblocked", v=v, mg_out=[1e6, 1e9, 1e12], **values)
    assert np.all(np.diff(b) < 0)
    assert b[-1] < 1e-6
    power = values.get("mg_power", 1.0)  # one magnesium ion blocks, but where a law states a power
    np.testing.assert_allclose(b[1] / b[2], 1e3**power, rtol=1e-2)


@each(product(LAWS, [-1e4, -1e3, 1e3, 1e4], [0, 1e-9, 1, 1e3]))
def test_finite_at_absurd_voltages(law, v, mg_out):
    """Reliability: v in +-1e4 mV, Mg in {0, 1e-9, 1e3}: B in [0, 1]."""
    b = float(mg.blocks[law].evaluate("unblocked", v=v, mg_out=mg_out))
    assert 0 <= b <= 1
    assert mg_out > 0 or b == own(law, v)


@each(LAWS)
def test_shapes_broadcast(law):
    b = mg.blocks[law].evaluate("unblocked", v=V[:, None, None], mg_out=MG[:3])
    assert b.shape == (len(V), 1, 3)
    assert mg.blocks[law].evaluate("unblocked", v=-70, mg_out=1).shape == ()


@each(LAWS)
def test_it_is_a_law_of_the_open_receptor_only(law):
    part = mg.blocks[law]
    assert part.slot == "block"
    assert "unblocked" in part.provides
    assert part.requires <= {"v", "mg_out", "celsius"}
    assert not any(line.differential for line in part.lines)
    assert "quanta" not in part.requires
    assert part.adds == {}


# ---- the same number through every entry point --------------------------------------------------
# B(-70 mV, 1 mM): target table A.1, computed from the published constants
B_70 = {
    "none": 1.0,
    "jahr_stevens_1990": 0.0445,
    "chindemi_2022": 0.0162,
    "maex_schutter_1998": 0.0244,
    "ascher_nowak_1988": 0.0315,
    "kampa_2004": 0.0372,
    "traub_1991": 0.0431,
    "major_2008": 0.0182,
    "jahr_stevens_1990_corrected": 0.0330,
    "antonov_johnson_1999": 0.0371,
    "nmda_kin3": 0.0068,
    "jahr_stevens_1990_flicker": 0.0441,  # equation 4a by hand, see tests/physics
}
#: Laws in which magnesium passes through the channel, so that block has a floor.
PERMEATED = {"antonov_johnson_1999"}


def through_simulate(law, v, mg_out, engine="fused"):
    ds = mg.simulate(
        mg.models["patch"].swap(mg.blocks[law]),
        CLAMP,
        record=("unblocked",),
        dt=0.5,
        v_hold=v,
        mg_out=mg_out,
        engine=engine,
    )
    return ds.unblocked.isel(time=0).values


@pytest.mark.parametrize("law", B_70)
def test_b_at_minus_70_mv(law):
    assert float(mg.blocks[law].evaluate("unblocked", v=-70, mg_out=1)) == pytest.approx(
        B_70[law], abs=5.1e-5
    )
    assert float(through_simulate(law, -70, 1)) == pytest.approx(B_70[law], abs=5.1e-5)


def test_jahr_stevens_at_the_two_points_of_the_census():
    """B(-70 mV, 1 mM) = 0.0445 and B(0) = 0.7812."""
    law = mg.blocks["jahr_stevens_1990"]
    assert float(law.evaluate("unblocked", v=-70, mg_out=1)) == pytest.approx(0.0445, abs=5e-5)
    assert float(law.evaluate("unblocked", v=0, mg_out=1)) == pytest.approx(0.7812, abs=5e-5)


@pytest.mark.parametrize("law", LAWS)
def test_engines_and_numpy_give_the_same_block(law):
    rows = [
        {"v_hold": v, "mg_out": m} for v in (-120, -70, -20, 0, 40, 80) for m in (0, 1e-3, 1, 10)
    ]
    model = mg.models["patch"].swap(mg.blocks[law])
    direct = unblocked(mg.blocks[law], rows)
    for engine in (FUSED, BRIAN):
        outcome = run(engine, model, CLAMP, (), rows, dt=0.5, record=("unblocked", "i_nmda"))
        found = outcome.traces["unblocked"][:, 0]
        np.testing.assert_allclose(found, direct, rtol=1e-12)
        zero = np.array([r["mg_out"] == 0 for r in rows])
        without = own(law, [r["v_hold"] for r in rows if r["mg_out"] == 0])
        if np.all(without == 1):  # exactly, through simulate and the Brian equations
            assert np.all(found[zero] == 1)
        np.testing.assert_allclose(found[zero], without, rtol=1e-12)
        i = 30e-9 * np.array(direct) * np.array([r["v_hold"] for r in rows]) * 1e-3
        np.testing.assert_allclose(outcome.traces["i_nmda"][:, 0], i, rtol=1e-12, atol=1e-30)


def test_zero_magnesium_is_exact_in_a_sweep_too():
    laws = LAWS
    ds = mg.simulate(
        mg.models["patch"], CLAMP, record=("unblocked",), dt=0.5, mg_out=[0, 1], block=laws
    )
    for law in laws:
        found = ds.unblocked.sel(mg_out=0, block=law).values
        stated = own(law, -60.0)
        np.testing.assert_allclose(found, stated, rtol=0 if stated == 1 else 1e-12)


def test_two_laws_do_not_share_a_curve():
    """Provenance: laws that are the same under two names would count twice in a band."""
    curves = {law: mg.blocks[law].evaluate("unblocked", v=V, mg_out=1.0) for law in BLOCKING}
    names = list(curves)
    for i, a in enumerate(names):
        for b in names[i + 1 :]:
            assert np.abs(np.log(curves[a] / curves[b])).max() > 0.01, (a, b)


def test_a_law_alone_makes_a_model_with_its_bath():
    model = model_of(mg.baths["person"], mg.blocks["jahr_stevens_1990"], mg.neurons["clamped"])
    ds = mg.simulate(model, CLAMP, record=("unblocked",), dt=0.5, v_hold=-70)
    assert float(ds.unblocked[0]) == pytest.approx(
        float(mg.blocks["jahr_stevens_1990"].evaluate("unblocked", v=-70, mg_out=0.8)), rel=1e-13
    )
