"""Occupancies without a run agree with runs, with linear algebra, and with detailed balance."""

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.linalg import expm, null_space
from scipy.sparse.csgraph import connected_components

import mgsim as mg
from mgsim.analysis.schemes import equilibrium, generator, relaxation
from mgsim.declare.component import Component
from mgsim.declare.kinetics import Scheme
from mgsim.declare.parameter import Parameter, PartError
from mgsim.engines.updates.equilibrium import stationary
from mgsim.validation.sections.gating import held

SCHEMES = [p for p in mg.receptors.all if p.kinetics and "nmda_gating" in p.slots]
#: What a scheme may need; those that read a block law stand beside one that leaves everything.
INPUTS = {"glu": 0.02, "v": -35.0, "mg_out": 0.7, "celsius": 22.0}


def inputs(part):
    return {n: x for n, x in INPUTS.items() if n in part.requires} | (
        {"unblocked": 1.0} if "unblocked" in part.requires else {}
    )


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
    np.testing.assert_allclose(stationary(q)[0], expected / expected.sum(), rtol=1e-14)


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
        "steps",
        "stimulus",
        "glutamate, and a step of the potential",
        equations="v_command = -60*mV + 100*mV*int(t > 2000*ms) : mV",
        adds={"glu_ambient": "1*mM"},
    )
    dt = 0.005
    ds = mg.simulate(
        model,
        mg.Protocol("steps", "", 2010.0, steps),
        record=("o_nmda",),
        dt=dt,
        mg_out=1.0,
        progress=False,
    )
    t = ds.time.values - 2000.0
    late = t > 0
    exact = relaxation(part, t[late], {"v": -60.0}, v=40.0, glu=1.0, mg_out=1.0, celsius=22.0)
    np.testing.assert_allclose(ds.o_nmda.values[late], exact["o_nmda"], rtol=2e-3)


def test_ends_that_do_not_lead_to_one_another():
    """Without glutamate, magnesium in a closed channel of this scheme stays there for ever."""
    with pytest.raises(PartError, match="no single equilibrium"):
        equilibrium(mg.receptors["vargas_robinson_2004"], glu=0.0, v=-60, mg_out=1.0)


def _with_diagonal(rates):
    q = np.array(rates, dtype=float)
    np.fill_diagonal(q, 0)
    return q - np.diag(q.sum(axis=1))


def _ends(q):
    """How many sets of states lead to one another and nowhere else."""
    n, of = connected_components(q > 0, directed=True, connection="strong")
    leaves = {int(of[i]) for i, j in zip(*np.nonzero(q > 0), strict=True) if of[i] != of[j]}
    return n - len(leaves)


_RATE = st.one_of(st.just(0.0), st.just(0.0), st.floats(0.1, 10))
_GENERATOR = st.integers(2, 6).flatmap(
    lambda n: st.lists(
        st.lists(st.lists(_RATE, min_size=n, max_size=n), min_size=n, max_size=n).map(
            _with_diagonal
        ),
        min_size=1,
        max_size=4,
    )
)


@given(_GENERATOR)
def test_what_empties_is_empty_and_two_ends_are_no_answer(many):
    """Any zeros, other ones at every point: the null space, and where the exponential leads."""
    found, left = stationary(np.array(many))
    for q, p, kept in zip(many, found, left, strict=True):
        space = null_space(q.T, rcond=1e-12)
        assert space.shape[1] == _ends(q) == kept.sum()
        if space.shape[1] > 1:
            assert np.all(np.isnan(p))
            continue
        np.testing.assert_allclose(p, space[:, 0] / space[:, 0].sum(), rtol=1e-9, atol=1e-12)
        late = expm(q.T * 1e5)
        np.testing.assert_allclose(late, np.tile(p[:, None], len(p)), rtol=1e-6, atol=1e-9)
        assert np.all(p[np.argwhere(late.max(axis=1) < 1e-12)] == 0)
        assert p.sum() == pytest.approx(1, abs=1e-15 * len(p))


@given(
    st.lists(
        st.one_of(st.just(0.0), st.integers(-12, 12).map(lambda e: 10.0**e)), min_size=9, max_size=9
    )
)
def test_no_digit_is_lost_however_far_apart_the_rates_are(rates):
    """Against the minors of the rates in exact arithmetic (the Markov chain tree theorem)."""
    q = _with_diagonal(np.reshape(rates, (3, 3)))
    off = [
        [Fraction(float(q[i, j])) if i != j else Fraction(0) for j in range(3)] for i in range(3)
    ]
    trees = []
    for i in range(3):
        j, k = (x for x in range(3) if x != i)
        trees.append(off[j][i] * off[k][i] + off[j][k] * off[k][i] + off[k][j] * off[j][i])
    found, left = stationary(q)
    assert (left.sum() == 1) == (sum(trees) > 0)
    if sum(trees):
        np.testing.assert_allclose(found, [float(x / sum(trees)) for x in trees], rtol=1e-14)


def _two(start="equilibrium"):
    amounts = (
        Parameter("k_up", 0.0, "1/ms", "up", "assumed: for a test", (0, 1)),
        Parameter("k_down", 0.0066, "1/ms", "down", "assumed: for a test", (0, 1)),
    )
    return Component(
        "two",
        "x",
        "",
        parameters=amounts,
        kinetics=(Scheme(("o_x", "u_x"), (("o_x", "u_x", "k_down", "k_up"),), start=start),),
    )


@pytest.mark.parametrize("engine", ["fused", "brian"])
def test_a_run_starts_where_the_first_state_is_empty(engine):
    """Nothing leads to the first state, so it is empty; with k_up it is k_up/(k_up + k_down)."""
    up = np.array([0.0, 0.0033, 0.0066])
    rest = mg.Protocol("p", "", 1.0)
    ds = mg.simulate(mg.Model("m", (_two(),)), rest, record=("o_x",), k_up=up, engine=engine)
    expected = up / (up + 0.0066)
    np.testing.assert_allclose(ds.o_x.values[:, 0], expected, rtol=1e-13)
    np.testing.assert_allclose(ds.o_x.values[:, -1], expected, rtol=1e-11)
    found = equilibrium(_two(), k_up=up)
    np.testing.assert_allclose(found["o_x"], expected, rtol=1e-13)


@pytest.mark.parametrize("engine", ["fused", "brian"])
def test_a_start_that_there_is_not_is_refused_with_the_ends(engine):
    model, rest = mg.Model("m", (_two(),)), mg.Protocol("p", "", 1.0)
    words = "no single equilibrium at 1 of 2 points: what is in o_x or in u_x does not lead"
    with pytest.raises(PartError, match=words):
        mg.simulate(model, rest, record=("o_x",), k_up=[0.0, 0.1], k_down=0.0, engine=engine)
    with pytest.raises(PartError, match=r"part 'two': .*a rate is negative or not finite"):
        equilibrium(
            Component(
                "two", "x", "", kinetics=(Scheme(("o_x", "u_x"), (("o_x", "u_x", "-1/s", "2/s"),)),)
            )
        )


def test_what_cannot_be_asked():
    with pytest.raises(PartError, match="has no kinetic scheme"):
        equilibrium(mg.blocks["jahr_stevens_1990"], v=-60, mg_out=1)
    with pytest.raises(PartError, match="give glu="):
        equilibrium(mg.receptors["lester_jahr_1992"])
    loop = Component(
        "loop", "x", "", kinetics=(Scheme(("a_x", "b_x"), (("a_x", "b_x", "1/ms", "3/ms"),)),)
    )
    assert float(equilibrium(loop)["b_x"]) == pytest.approx(0.25)
