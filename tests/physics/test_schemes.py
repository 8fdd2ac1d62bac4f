"""Occupancies without a run agree with runs, with linear algebra, and with detailed balance."""

import numpy as np
import pytest
from scipy.linalg import expm, null_space

import mgsim as mg
from mgsim.analysis.schemes import at_rest, equilibrium, generator, relaxation
from mgsim.component import Component, PartError, Scheme
from mgsim.validate.gating import held

SCHEMES = [p for p in mg.receptors.all if p.kinetics and "nmda_gating" in p.slots]
#: What a scheme may need; those that read a block law stand beside one that leaves everything.
INPUTS = {"glu": 0.02, "v": -35.0, "mg_out": 0.7, "celsius": 22.0}


def inputs(part):
    return {n: x for n, x in INPUTS.items() if n in part.requires} | (
        {"unblocked": 1.0} if "unblocked" in part.requires else {})


@pytest.mark.parametrize("part", SCHEMES, ids=lambda p: p.name)
def test_equilibrium_is_the_null_space_of_the_rates(part):
    found = equilibrium(part, **inputs(part))
    rates = generator(part, part.kinetics[0], **inputs(part))
    space = null_space(rates.T / np.abs(rates).max(), rcond=1e-15 * len(rates))
    assert space.shape[1] == 1
    expected = space[:, 0] / space[:, 0].sum()
    np.testing.assert_allclose(list(found.values()), expected, rtol=1e-6, atol=1e-12)


def test_two_states_have_a_closed_form():
    """k glu/(k glu + r): Destexhe et al. 1994, 0.072 /mM/ms and 0.0066 /ms."""
    glu = np.array([0.0, 0.01, 0.1, 1.0])
    found = equilibrium(mg.receptors["destexhe_1994"], glu=glu, celsius=22)["o_nmda"]
    np.testing.assert_allclose(found, 0.072 * glu / (0.072 * glu + 0.0066), rtol=1e-13)


def test_a_stiff_scheme_loses_no_digits():
    """Rates 1e12 apart: occupancies are the ratios of the rates, by detailed balance."""
    up, down = np.array([1e-6, 1e6, 3.0]), np.array([2e6, 5e-6, 7e-3])
    q = np.zeros((4, 4))
    for i in range(3):
        q[i, i + 1], q[i + 1, i] = up[i], down[i]
    q -= np.diag(q.sum(axis=1))
    expected = np.cumprod(np.append(1.0, up / down))
    np.testing.assert_allclose(at_rest(q), expected / expected.sum(), rtol=1e-14)


@pytest.mark.parametrize("name", ["ascher_nowak_kinetic", "kampa_2004_trapping"])
def test_relaxation_is_the_matrix_exponential(name):
    part = mg.receptors[name]
    t, at = np.array([0.0, 0.01, 0.3, 5.0, 400.0]), {"glu": 1.0, "mg_out": 1.0, "celsius": 22.0}
    found = np.array(list(relaxation(part, t, {"v": -60.0}, v=40.0, **at).values()))
    start = np.array(list(equilibrium(part, v=-60.0, **at).values()))
    rates = generator(part, part.kinetics[0], v=40.0, **at)
    expected = np.array([expm(rates.T * x * 1e-3) @ start for x in t]).T
    np.testing.assert_allclose(found, expected, rtol=1e-7, atol=1e-11)
    np.testing.assert_allclose(found.sum(axis=0), 1, rtol=1e-10)


@pytest.mark.parametrize("name", ["ascher_nowak_kinetic", "kampa_2004_trapping"])
def test_relaxation_is_what_a_run_gives(name):
    """The engines step the scheme; this solves it: a step from -60 to +40 mV in 1 mM glutamate."""
    part = mg.receptors[name]
    model, _ = held(part)
    steps = Component(
        "steps", "stimulus", "glutamate, and a step of the potential",
        equations="v_command = -60*mV + 100*mV*int(t > 2000*ms) : mV",
        adds={"glu_ambient": "1*mM"})  # fmt: skip
    dt = 0.005
    ds = mg.simulate(model, mg.Protocol("steps", "", 2010.0, steps), record=("o_nmda",), dt=dt,
                     mg_out=1.0, progress=False)
    t = ds.time.values - 2000.0
    late = t > 0
    exact = relaxation(part, t[late], {"v": -60.0}, v=40.0, glu=1.0, mg_out=1.0, celsius=22.0)
    np.testing.assert_allclose(ds.o_nmda.values[late], exact["o_nmda"], rtol=2e-3)


def test_ends_that_do_not_lead_to_one_another():
    """Without glutamate, magnesium in a closed channel of this scheme stays there for ever."""
    with pytest.raises(PartError, match="no single equilibrium"):
        equilibrium(mg.receptors["vargas_robinson_2004"], glu=0.0, v=-60, mg_out=1.0)


def test_what_cannot_be_asked():
    with pytest.raises(PartError, match="has no kinetic scheme"):
        equilibrium(mg.blocks["jahr_stevens_1990"], v=-60, mg_out=1)
    with pytest.raises(PartError, match="give glu="):
        equilibrium(mg.receptors["lester_jahr_1992"])
    loop = Component("loop", "x", "", kinetics=(Scheme(("a_x", "b_x"), (
        ("a_x", "b_x", "1/ms", "3/ms"),)),))  # fmt: skip
    assert float(equilibrium(loop)["b_x"]) == pytest.approx(0.25)
