"""A cell whose sodium, potassium and chloride move: parts of this file, and no change of machinery.

Amounts are counted as what each current carries, concentrations follow from amounts and volumes,
reversal potentials from concentrations. Books are kept to 1e-9: nothing is lost (mass), and what
the ions carry charges the membrane (charge).
"""

import numpy as np
import pytest
from running import BRIAN, FUSED, run

import mgsim as mg
from mgsim.component import Component
from mgsim.parameter import Parameter, PartError
from mgsim.ports import Port
from mgsim.sweeps.designs import AxisError

FARADAY = 96485.33212331001
IONS = {"na": (15.0, 145.0, 1), "k": (135.0, 3.5, 1), "cl": (9.0, 125.0, -1)}
VOLUMES = (
    Port("vol_in", "um**3", "volume of the cell"),
    Port("vol_out", "um**3", "volume around the cell"),
    Port("n_in", "fmol", "particles inside"),
    Port("n_out", "fmol", "particles outside"),
)
REST = {"vol_in_rest": 20000.0, "vol_out_rest": 6700.0}


def number(name, value, unit, low=0.0, high=1e6):
    return Parameter(name, value, unit, name, "assumed: for a test", (low, high))


def counted():
    """Each ion its own state: what came in since the start."""
    lines, parameters = [], []
    for ion, (inside, outside, z) in IONS.items():
        lines += [
            f"dgain_{ion}/dt = -i_{ion}/({z}*faraday_constant) : fmol",
            f"{ion}_in = ({ion}_in_rest*vol_in_rest + gain_{ion})/vol_in : mM",
            f"{ion}_out = ({ion}_out_rest*vol_out_rest - gain_{ion})/vol_out : mM",
        ]
        parameters += [
            number(f"{ion}_in_rest", inside, "mM"),
            number(f"{ion}_out_rest", outside, "mM"),
        ]
    gains = " + ".join(f"gain_{ion}" for ion in IONS)
    inside, outside = (" + ".join(f"{ion}_{side}_rest" for ion in IONS) for side in ("in", "out"))
    lines += [
        f"n_in = ({inside} + fixed_in)*vol_in_rest + {gains} : fmol",
        f"n_out = ({outside} + fixed_out)*vol_out_rest - ({gains}) : fmol",
    ]
    # What cannot pass makes both sides as strong as each other.
    parameters += [
        number("fixed_in", 150.0, "mM"),
        number("fixed_out", 150.0 + 159.0 - 273.5, "mM"),
        *(number(n, x, "um**3") for n, x in REST.items()),
    ]
    return Component(
        "counted", "amounts", "", "\n".join(lines), ports=VOLUMES, parameters=tuple(parameters)
    )


TOTAL = number("vol_total", sum(REST.values()), "um**3")
FIXED = Component(
    "fixed",
    "volume",
    "",
    "vol_in = 20000*um**3 : um**3\nvol_out = vol_total - vol_in : um**3",
    ports=VOLUMES,
    parameters=(TOTAL,),
)
OSMOTIC = Component(
    "osmotic",
    "volume",
    "water follows at once",
    "vol_in = vol_total*n_in/(n_in + n_out) : um**3\nvol_out = vol_total - vol_in : um**3",
    ports=VOLUMES,
    parameters=(TOTAL,),
)
NERNST = Component(
    "nernst",
    "reversal",
    "",
    "\n".join(
        f"e_{ion} = {z}*gas_constant*(celsius + zero_celsius)/faraday_constant"
        f"*log({ion}_out/{ion}_in) : mV"
        for ion, (_, _, z) in IONS.items()
    ),
)
PUMP = Component(
    "pump",
    "pump",
    "three sodium out for two potassium in",
    """
i_pump = pump_most*area/(1 + exp((25*mM - na_in)/(3*mM)))/(1 + exp(5.5 - k_out/mM)) : pA
i_na_pump = 3*i_pump : pA
i_k_pump = -2*i_pump : pA
""",
    parameters=(number("pump_most", 100.0, "uA/cm**2"),),
    currents={"i_na_pump": "na", "i_k_pump": "k"},
)
CHLORIDE = Component(
    "chloride",
    "chloride",
    "",
    "i_cl_leak = g_cl*area*(v - e_cl) : pA",
    parameters=(number("g_cl", 0.02, "mS/cm**2"),),
    currents={"i_cl_leak": "cl"},
)


def mixture(name, conductance, potassium, ports=()):
    """A current of sodium and potassium: what potassium does not carry, sodium does."""
    share = f"share_k_{name}"
    return Component(
        f"{name}_ions",
        f"{name}_ions",
        "",
        f"e_{name} = {share}*e_k + (1 - {share})*e_na : mV\n"
        f"i_k_{name} = {share}*{conductance}*(v - e_k) : pA",
        parameters=(number(share, potassium, "1", 0, 1),),
        currents={f"i_k_{name}": f"k of i_{name}", f"i_{name}_rest": f"na of i_{name}"},
        ports=ports,
    )


def moving(volume=FIXED):
    """The standard cell of the catalog, other parts beside it, none of its texts changed."""
    parts = (
        counted(),
        volume,
        NERNST,
        PUMP,
        CHLORIDE,
        mixture("leak", "g_leak*area", 0.75, (Port("g_leak", "mS/cm**2", "leak density"),)),
        mixture("nmda", "g_conducting", 0.4),
        mixture("ampa", "g_open_ampa", 0.4),
    )
    return mg.Model("moving", (*mg.models["standard"].parts, *parts))


TRAIN = mg.protocols["train_80hz"].lasting(1000, (0, 1000))
STEP = mg.protocols["current_step"].with_values(step_start=50, step_stop=200).lasting(300, (0, 300))
NAMES = ("v", "ca", "vol_in", "vol_out", *(f"gain_{n}" for n in IONS))
NAMES += tuple(f"{n}_{side}" for n in IONS for side in ("in", "out"))


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


@pytest.mark.parametrize("volume", [FIXED, OSMOTIC], ids=lambda p: p.name)
@pytest.mark.parametrize("protocol", [TRAIN, STEP], ids=lambda p: p.name)
def test_the_books_balance(volume, protocol):
    x, calcium = traced(moving(volume), protocol)
    assert x["v"].max() > 0  # it fires
    potassium = FARADAY * (x["gain_k"][-1] - x["gain_k"][0])
    assert abs(potassium) > 1e-12
    for ion in IONS:
        amount = x[f"{ion}_in"] * x["vol_in"] + x[f"{ion}_out"] * x["vol_out"]
        np.testing.assert_allclose(amount, amount[0], rtol=1e-9)
    carried = sum(
        z * FARADAY * (x[f"gain_{n}"][-1] - x[f"gain_{n}"][0]) for n, (*_, z) in IONS.items()
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
    gained = sum(x[f"gain_{n}"] for n in IONS)
    inside = 309e-3 * 1e3 * 20000e-18 + gained  # 309 mM in 20000 um3
    whole = 309e-3 * 1e3 * 26700e-18
    np.testing.assert_allclose(x["vol_in"], 26700e-18 * inside / whole, rtol=1e-9)
    np.testing.assert_allclose(x["vol_in"] + x["vol_out"], 26700e-18, rtol=1e-12)


def test_two_engines_agree():
    short = mg.protocols["train_80hz"].lasting(40, (0, 40)).with_values(train_start=5)
    a, b = (
        run(e, moving(OSMOTIC), short, record=NAMES, method="rk2", dt=0.02).traces
        for e in (FUSED, BRIAN)
    )
    for n in NAMES:
        np.testing.assert_allclose(a[n], b[n], rtol=1e-9, atol=1e-12 * np.abs(b[n]).max())


def test_a_reversal_potential_that_follows_cannot_be_set():
    words = "'e_k' follows from the concentrations k_in and k_out in model 'moving'"
    with pytest.raises(PartError, match=words):
        moving().with_values(e_k=-80)
    with pytest.raises(AxisError, match=words):
        mg.sweep(moving(), STEP, mg.measures["mean_v"], e_k=[-90, -80])
    mg.lower(moving().with_values(k_out_rest=5.0), STEP, ())


@pytest.mark.parametrize("slot", ["leak_ions", "nmda_ions", "ampa_ions"])
def test_a_current_that_names_no_ion_is_refused_here(slot):
    name = slot.removesuffix("_ions")
    with pytest.raises(PartError, match=rf"'i_{name}(_rest)?' and no ion .* moves"):
        mg.lower(moving().without(slot), STEP, ())


def test_the_cell_passes_the_checks():
    report = mg.check(moving(), STEP, mg.measures["mean_v"], dt=0.02, method="rk2")
    assert report, str(report)
