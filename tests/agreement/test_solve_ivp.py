"""Both engines against scipy.integrate.solve_ivp at tight tolerance, with the observed order in dt.

The right-hand sides are the hand-written ones of tests/physics/oracle*.py. dt is halved four times;
the error must fall with the method's order within 0.2.
"""

import numpy as np
import pytest
from open_channel import STATES, applied_glutamate, open_channel_block
from physics import oracle, oracle_receptors
from running import BRIAN, FUSED, run
from scipy.integrate import solve_ivp

import mgsim as mg
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component

DTS = [0.1, 0.05, 0.025, 0.0125, 0.00625]
# two of the five for Brian's numpy target, at half a millisecond a step
ENGINES = [(FUSED, DTS), (BRIAN, DTS[1:4])]
IDS = ["fused", "brian"]


def order(errors):
    """The slope of log2(error) between the halvings, in the finer half."""
    slopes = np.log2(np.array(errors[:-1]) / np.array(errors[1:]))
    return float(slopes[-min(3, len(slopes)) :].mean())


# ---- the RS cell --------------------------------------------------------------------------------
T_CELL = 20.0
AREA = [{"area": oracle.MODELDB_RS.area}]  # the catalog rounds it to 28952.9 um2


def cell_exact():
    cell = oracle.MODELDB_RS
    step = (0.0, T_CELL, cell.density(1.5))
    return oracle.run(cell, [step], T_CELL, rtol=1e-12, atol=1e-13, method="DOP853").end


@pytest.mark.parametrize(("engine", "dts"), ENGINES, ids=IDS)
def test_the_cell_is_second_order(engine, dts):
    """v and all gates after 20 ms of 1.5 nA: a spike's upstroke is passed."""
    exact = cell_exact()
    protocol = (
        mg.protocols["current_step"]
        .lasting(T_CELL + 0.1)
        .with_values(i_amp=1500, step_start=0, step_stop=1000)
    )
    errors = []
    for dt in dts:
        out = run(
            engine,
            mg.models["cell"],
            protocol,
            (),
            AREA,
            dt=dt,
            method="rk2",
            record=("v", "m_na", "h_na", "n_k", "p_m"),
        )
        k = round(T_CELL / dt)
        found = [out.traces["v"][0, k] * 1e3] + [
            out.traces[n][0, k] for n in ("m_na", "h_na", "n_k", "p_m")
        ]
        errors.append(np.abs((np.array(found) - exact) / [100, 1, 1, 1, 1]).max())
    assert order(errors) == pytest.approx(2.0, abs=0.2)
    assert errors[dts.index(0.0125)] < 2e-4


def test_the_cell_by_rk4_is_fourth_order():
    exact = cell_exact()
    protocol = (
        mg.protocols["current_step"]
        .lasting(T_CELL + 0.1)
        .with_values(i_amp=1500, step_start=0, step_stop=1000)
    )
    errors = []
    for dt in (0.05, 0.025, 0.0125, 0.00625):
        out = run(FUSED, mg.models["cell"], protocol, (), AREA, dt=dt, method="rk4", record=("v",))
        errors.append(abs(out.traces["v"][0, round(T_CELL / dt)] * 1e3 - exact[0]))
    assert order(errors) == pytest.approx(4.0, abs=0.4)
    assert errors[-1] < 1e-3


def test_integral_measures_have_the_order_of_the_method():
    """A sum of ca*dt at each step would be first order under any method."""
    protocol = Protocol("p", "", 40.0)
    row = [{"g_nmda": 10.0, "mg_out": 0.5}]
    values = [
        run(
            FUSED,
            mg.models["tonic"],
            protocol,
            [mg.measures["ca_charge"], mg.measures["mean_v"]],
            row,
            dt=dt,
            method="rk2",
        ).measures
        for dt in (0.1, 0.05, 0.025, 0.0125, 0.00625)
    ]
    for name in ("ca_charge", "mean_v"):
        x = np.array([v[name][0] for v in values])
        assert order(np.abs(np.diff(x))) == pytest.approx(2.0, abs=0.3)


# ---- a kinetic scheme, and the stiff one --------------------------------------------------------
GLU = "glu_here = 1*mM*int(t < 1*ms) : mM"
T_SCHEME = 8.0


@pytest.mark.parametrize(("engine", "dts"), ENGINES, ids=IDS)
def test_a_kinetic_scheme_is_second_order(engine, dts):
    """Five states of Lester & Jahr through a 1 ms pulse, against matrix exponentials."""
    clamp = Component(
        "c", "stimulus", "", f"v_command = -60*mV : mV\n{GLU}", adds={"glu_ambient": "glu_here"}
    )
    model = mg.models["patch"].swap(mg.receptors["lester_jahr_1992"]).swap(applied_glutamate)
    exact = oracle_receptors.pulse_occupancy(
        oracle_receptors.five_state, T_SCHEME, 4, start=np.eye(5)[0]
    )[0]
    errors = []
    for dt in dts:
        out = run(
            engine,
            model,
            Protocol("p", "", T_SCHEME + 0.1, clamp),
            dt=dt,
            method="rk2",
            record=("o_nmda",),
        )
        errors.append(abs(out.traces["o_nmda"][0, round(T_SCHEME / dt)] - exact))
    assert order(errors) == pytest.approx(2.0, abs=0.2)
    assert errors[dts.index(0.05)] < 2e-4 * exact


def stiff_exact(voltage, mg_out, glu_time, t_end):
    """Radau on the master equation with a voltage that moves: v(t) in mV."""
    p = np.array([1.0, 0, 0, 0, 0, 0])
    for a, b in ((0.0, glu_time), (glu_time, t_end)):
        inside = (a + b) / 2
        glu = 1.0 if inside < glu_time else 0.0

        def piece(t, y, glu=glu):
            on, off = oracle.ascher_nowak_rates(voltage(t))
            return oracle_receptors.open_channel_block(glu, mg_out, on, off) @ y

        p = solve_ivp(piece, (a, b), p, "Radau", rtol=1e-11, atol=1e-13).y[:, -1]
    return p


@pytest.mark.parametrize(("engine", "dts"), ENGINES, ids=IDS)
def test_open_channel_block_under_a_moving_voltage_is_second_order(engine, dts):
    """Ascher & Nowak's block, 1 mM, while v goes from -40 to +20 mV: rates change all the time."""
    ramp = Component(
        "c",
        "stimulus",
        "",
        f"v_command = -40*mV + 60*mV*t/(8*ms) : mV\n{GLU}",
        adds={"glu_ambient": "glu_here"},
    )
    model = mg.models["patch"].swap(open_channel_block).swap(applied_glutamate)
    exact = stiff_exact(lambda t: -40 + 60 * t / 8, 1.0, 1.0, T_SCHEME)
    errors = []
    for dt in dts:
        out = run(
            engine,
            model,
            Protocol("p", "", T_SCHEME + 0.1, ramp),
            (),
            [{"mg_out": 1.0}],
            dt=dt,
            method="rk2",
            record=STATES,
        )
        found = np.array([out.traces[s][0, round(T_SCHEME / dt)] for s in STATES])
        errors.append(np.abs(found - exact).max())
    assert order(errors) == pytest.approx(2.0, abs=0.2)
    assert errors[dts.index(0.05)] < 1e-3 * exact.max()


def test_a_synapse_on_the_cell_against_solve_ivp():
    """A train of dual-exponential NMDA and AMPA, block, calcium: all parts at once, by hand."""
    cell = oracle.MODELDB_RS
    g_nmda, g_ampa, mg_out, pulses = 12.0, 4.0, 0.4, [5.0, 15.0, 25.0]
    y = np.concatenate([[-70.0, *oracle.steady_gates(-70.0, cell)], np.zeros(3), [0.07]])
    p = {
        q.name: q.value
        for part in (mg.calcium["pool"], mg.calcium["fractional"])
        for q in part.parameters
    }
    ca_out, volume = 1.3, cell.area * p["ca_depth"]  # um3
    share = 0.6 * ca_out / (ca_out + p["pf_half"])

    def rhs(_, y):
        v, x, s, a, ca = y[0], y[5], y[6], y[7], y[8]
        conducting = g_nmda * s * float(oracle.jahr_stevens(v, mg_out))
        synaptic = conducting * v + g_ampa * a * v  # pA
        slopes = oracle.derivatives(
            cell, y[:5], -synaptic * 1e2 / cell.area, 0.0, 1.0, oracle.jahr_stevens, 0.0
        )
        i_ca = share * conducting * (v - 40.0)  # pA = fC/ms
        entry = (
            -i_ca * 1e-15 / (2 * oracle.FARADAY * volume * 1e-15 * (1 + p["ca_kappa"])) * 1e6
        )  # uM/ms
        return [
            *slopes,
            -x / 2,
            0.5 * x * (1 - s) - s / 100,
            -a / 2,
            entry - (ca - 0.07) / p["tau_ca"],
        ]

    for a, b in zip([0.0, *pulses], [*pulses, 35.0], strict=True):
        if a > 0:
            y[5] += 1
            y[7] += 1
        y = solve_ivp(rhs, (a, b), y, "DOP853", rtol=1e-11, atol=1e-12).y[:, -1]
    protocol = (
        mg.protocols["train_20hz"]
        .lasting(35.5)
        .with_values(train_rate=100, train_start=5, train_stop=30)
    )
    row = [
        {
            "g_nmda": g_nmda,
            "g_ampa": g_ampa,
            "mg_out": mg_out,
            "ca_out": ca_out,
            "tau_ampa": 2.0,
            "tau_rise_nmda": 2.0,
            "tau_decay_nmda": 100.0,
            "ca_rest": 0.07,
            "area": cell.area,
        }
    ]
    names = ("v", "m_na", "h_na", "n_k", "p_m", "x_nmda", "s_nmda", "s_ampa", "ca")
    errors = []
    for dt in (0.05, 0.025, 0.0125, 0.00625):
        out = run(
            FUSED, mg.models["standard"], protocol, (), row, dt=dt, method="rk2", record=names
        )
        unit = np.array([1e3, *[1] * 7, 1e3])
        found = np.array([out.traces[n][0, round(35.0 / dt)] for n in names]) * unit
        errors.append(np.abs(found - y) / [10, *[1] * 7, 0.1])
    errors = np.array(errors)
    assert errors[-1].max() < 1e-5
    assert order(errors.max(axis=1)) == pytest.approx(2.0, abs=0.2)
