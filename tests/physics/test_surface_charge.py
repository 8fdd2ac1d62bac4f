"""Surface charge: the law of Grahame against root finding, and a shift of every gate by it.

The law, as textbooks have it: sigma**2 = 2 eps R T sum c (exp(-z F psi/RT) - 1) over all ions, with
as many anions as there are charges of cations.
"""

import numpy as np
import pytest
from running import PARTS
from scipy.constants import N_A, e, k
from scipy.optimize import brentq

import mgsim as mg
from mgsim.compose.model import Model
from mgsim.declare.parameter import PartError

GRAHAME, LOG = mg.mechanisms["grahame"], mg.mechanisms["log_shift"]
GAS, FARADAY = k * N_A, e * N_A
PERMITTIVITY = 78.5 * 8.8541878128e-12  # of water; CODATA 2018


def potential(sigma, mono, divalent, kelvin):
    """Surface potential in mV of a negative charge, by bisection on the sum over ions."""
    ions = ((1, mono), (2, divalent), (-1, mono + 2 * divalent))

    def left(psi):
        total = sum(c * np.expm1(-z * FARADAY * psi / (GAS * kelvin)) for z, c in ions)
        return 2 * PERMITTIVITY * GAS * kelvin * total - sigma**2

    return 1e3 * brentq(left, -0.5, -1e-9, xtol=1e-17, rtol=1e-15, maxiter=300)


@pytest.fixture(scope="module")
def drawn():
    """Baths and charges over the whole range, and its corners."""
    rng = np.random.default_rng(11)
    ends = np.array(
        np.meshgrid([-0.02, -0.24], [0.0, 0.1, 20.0], [0.0, 20.0], [50.0, 600.0], [0.0, 45.0])
    ).reshape(5, -1)
    n = 600
    inside = np.array(
        [
            -np.exp(rng.uniform(np.log(0.02), np.log(0.24), n)),
            np.exp(rng.uniform(np.log(0.1), np.log(20), n)),
            rng.uniform(0, 20, n),
            rng.uniform(50, 600, n),
            rng.uniform(0, 45, n),
        ]
    )
    faint = np.array([np.full(5, -1e-4), *inside[1:, :5]])
    return np.concatenate([ends, inside, faint], axis=1)


def test_the_potential_is_the_root_of_the_law_of_grahame(drawn):
    sigma, ca, magnesium, mono, celsius = drawn
    found = GRAHAME.evaluate(
        "v_surface",
        sigma=sigma,
        ca_out=ca,
        mg_out=magnesium,
        mg_screening=1.4,
        mono_out=mono,
        celsius=celsius,
    )
    wanted = [
        potential(s, m, c + g / 1.4, t + 273.15)
        for s, c, g, m, t in zip(sigma, ca, magnesium, mono, celsius, strict=True)
    ]
    np.testing.assert_allclose(found, wanted, rtol=0, atol=1e-9)  # mV


@pytest.mark.filterwarnings("ignore::mgsim.sweeps.resolving.run_warnings.RangeWarning")
@pytest.mark.parametrize("engine", ["fused", "brian"])
def test_both_engines_have_the_root_too(drawn, engine):
    """In a run, to the same 1e-9 mV, at the ends of the range and at no charge."""
    sigma, ca, magnesium = (x.ravel() for x in np.meshgrid([-0.02, -0.24], [0.1, 20], [0, 20]))
    model = Model("m", (mg.baths["person"], GRAHAME, mg.neurons["hodgkin_huxley_1952"]))
    ds = mg.simulate(
        model,
        mg.protocols["rest"].lasting(0.2, (0, 0.2)),
        design=mg.designs.zipped(sigma=[*sigma, 0.0], ca_out=[*ca, 0.5], mg_out=[*magnesium, 3.0]),
        record=("v_surface", "v_shift"),
        engine=engine,
        celsius=18,
        mono_out=120,
    )
    wanted = [potential(*x, 291.15) for x in zip(sigma, [120] * 8, ca + magnesium, strict=True)]
    np.testing.assert_allclose(ds.v_surface[:, -1], [*wanted, 0], rtol=0, atol=1e-9)
    unshifted = [potential(s, 120, 3, 291.15) for s in sigma]
    np.testing.assert_allclose(
        ds.v_shift[:, -1], [*(np.array(unshifted) - wanted), 0], rtol=0, atol=2e-9
    )


def test_without_divalents_it_is_that_of_gouy_and_chapman():
    """psi = -2 RT/F asinh(|sigma|/sqrt(8 eps RT c)): the closed form for one salt."""
    sigma, mono = np.array([-0.02, -0.1, -0.24]), 120.0
    rt = GAS * 291.15
    wanted = -2e3 * rt / FARADAY * np.arcsinh(-sigma / np.sqrt(8 * PERMITTIVITY * rt * mono))
    found = GRAHAME.evaluate(
        "v_surface", sigma=sigma, ca_out=0, mg_out=0, mono_out=mono, celsius=18
    )
    np.testing.assert_allclose(found, wanted, rtol=1e-12)


@pytest.mark.parametrize("part", [GRAHAME, LOG], ids=lambda p: p.name)
def test_the_shift_is_nothing_in_the_bath_of_the_gates_and_rises_with_divalents(part):
    rng = np.random.default_rng(3)
    for _ in range(50):
        values = {p.name: rng.uniform(*p.range) for p in part.parameters}
        values |= {"celsius": rng.uniform(0, 45)} if part is GRAHAME else {}
        here = {"ca_out": values["ca_unshifted"], "mg_out": values["mg_unshifted"]}
        assert float(part.evaluate("gate_shift", **here, **values)) == 0
        for moved in ("ca_out", "mg_out"):
            more = {**here, moved: here[moved] + np.linspace(0, 10, 20)}
            assert np.all(np.diff(part.evaluate("gate_shift", **more, **values)) > 0)


#: Channels whose gate no charge outside shifts, and why.
UNSHIFTED = {"kir": "what gates it is a block of its pore from inside"}
GATED = [p for p in PARTS if "v_shift" in p.reads]


def test_every_channel_and_cell_with_gates_reads_the_shift():
    """What of a channel depends on v beside its current does so by v and the shift together.

    Tried by its numbers: a shift of s is a potential higher by s, for every rate and gate of every
    channel and of every cell; the current's own driving force is not shifted.
    """
    voltage_gated = [
        p
        for p in (*mg.channels.values(), *mg.neurons.values())
        if "v" in _reads(p, [n for n in _lines(p) if n not in p.currents])
        and p.name not in UNSHIFTED
    ]
    assert {p.name for p in voltage_gated} >= {"na_fast", "k_dr", "k_m", "ca_l_type", "na_squid"}
    v, shift = np.linspace(-110, 60, 41), 7.3
    for part in voltage_gated:
        states = {x.name: 0.3 for x in part.lines if x.differential and x.name != "v"}
        given = {n: x for n, x in _values(part).items() if n not in ("v", "v_shift")} | states
        for name in _lines(part):
            if name in ("v", *part.currents) or "v" not in _reads(part, [name]):
                continue
            here = part.evaluate(name, v=v + shift, v_shift=0.0, **given)
            there = part.evaluate(name, v=v, v_shift=shift, **given)
            np.testing.assert_allclose(there, here, rtol=1e-12, err_msg=f"{part.name} {name}")


def _lines(part):
    return [x.name for x in part.lines if not x.differential]


def _reads(part, names):
    """Every name that variables of a part follow from."""
    from mgsim.equations import expressions

    own = {x.name: x.text for x in part.lines if not x.differential}
    found, todo = set(), list(names)
    while todo:
        name = todo.pop()
        if name not in found:
            found.add(name)
            todo += expressions.variables(own[name]) if name in own else []
    return found


def _values(part):
    """Something for every port that a part reads and has no default of."""
    usual = {"area": 2e4, "celsius": 20.0, "v_t": -55.0, "ca": 0.1, "ca_out": 2.0}
    known = {p.name for p in part.parameters}
    return {n: usual.get(n, 0.0) for n in part.requires if n in part.words and n not in known}


def test_the_block_by_magnesium_does_not_read_it():
    """The blocking site lies in the pore; what it sees is in its own constants."""
    assert {p.name for p in GATED} & {p.name for p in PARTS if "block" in p.slots} == set()
    assert not any(p.slot == "nmda_gating" for p in GATED)


def test_a_shift_where_there_are_no_gates_is_refused():
    with pytest.raises(PartError, match=r"gives to 'v_shift'.*nothing in model 'patch' reads"):
        mg.lower(mg.models["patch"].swap(LOG), mg.protocols["voltage_clamp"], [])


@pytest.mark.parametrize("part", [GRAHAME, LOG], ids=lambda p: p.name)
def test_the_shift_follows_a_bath_that_changes(part):
    """At every time it is that of the magnesium of that time, in the same closed form."""
    model = mg.models["squid_axon"].swap(mg.baths["person"]).swap(part)
    wash = (
        mg.protocols["rest"]
        .lasting(40)
        .changing(mg_out=mg.changes.wash(6, start="10 ms", tau="8 ms"))
    )
    ds = mg.simulate(model, wash, record=("v_shift", "mg_out_now"), dt=0.1)
    own = {"celsius": 6.3} if part is GRAHAME else {}
    wanted = part.evaluate("gate_shift", ca_out=1.0, mg_out=ds.mg_out_now.values, **own)
    np.testing.assert_allclose(ds.v_shift, -wanted, atol=1e-9)
    assert float(np.ptp(ds.v_shift.values)) > 5


def test_the_axon_rests_where_its_steady_current_is_zero():
    """The root of the steady current with gates at v - s, from the constants of 1952."""

    def rest(s):
        def current(v):
            u = v - s
            x, y = (u + 40) / 10, (u + 55) / 10
            m, n = x / -np.expm1(-x), 0.1 * y / -np.expm1(-y)
            m /= m + 4 * np.exp(-(u + 65) / 18)
            n /= n + 0.125 * np.exp(-(u + 65) / 80)
            h = 0.07 * np.exp(-(u + 65) / 20)
            h /= h + 1 / (1 + np.exp(-(u + 35) / 10))
            return 120 * m**3 * h * (v - 50) + 36 * n**4 * (v + 77) + 0.3 * (v + 54.4)

        return brentq(current, -75, -58, xtol=1e-12)

    axon = mg.models["squid_axon"].swap(mg.baths["person"]).swap(LOG)
    levels = [0.2, 1.0, 3.0]
    ds = mg.sweep(
        axon,
        mg.protocols["rest"].lasting(1500),
        mg.measures["mean_v"],
        mg_out=levels,
        ca_out=2.0,
        dt=0.05,
    )
    shifts = LOG.evaluate("gate_shift", ca_out=2.0, mg_out=levels)
    np.testing.assert_allclose(ds.mean_v, [rest(s) for s in shifts], atol=1e-6)
