"""The bursting cell that is its own presynaptic cell, against a second engine and in its limits.

`slopes` is written by hand from the equations of ModelDB 147117 runhh.m (Golomb et al. 2006), per
area, and solved by scipy; nothing of the package is in it. The numbers of runs made elsewhere are
validation rows (section S3).
"""

import numpy as np
import pytest
import xarray as xr
from running import BRIAN, FUSED, run
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

import mgsim as mg
from mgsim.analysis.bursts import bursts
from mgsim.catalogs.catalog import UnknownName
from mgsim.compose.protocol import Protocol
from mgsim.declare.parameter import PartError

BURSTING = mg.models["bursting"]
#: nS for each mS/cm2 of the model's cell.
NANO = 200.0


def s(x, theta, sigma):
    return 1 / (1 + np.exp(-(x - theta) / sigma))


def slopes(t, y, g_nmda, mg_out, deplete):
    """uA/cm2, mV, ms."""
    v, h, n, z, a, x, nmda, glu = y
    drive = s(v, -20, 2)
    left = s(v, 10.5 * np.log(mg_out / 38.3), 10) if mg_out > 0 else 1.0
    i = 35 * s(v, -30, 9.5) ** 3 * h * (v - 55) + 0.2 * s(v, -47, 3) * (v - 55)
    i += 6 * n**4 * (v + 90) + 1.8 * z * (v + 90) + 0.05 * (v + 70)
    i += 0.08 * a * v + g_nmda * left * nmda * v
    return [
        -i,
        (s(v, -45, -7) - h) / (0.1 + 0.75 * s(v, -40.5, -6)),
        (s(v, -33, 10) - n) / (0.1 + 0.5 * s(v, -27, -15)),
        (s(v, -39, 5) - z) / 75,
        drive * glu * (1 - a) - a / 5,
        drive * (1 - x) - (1 - drive) * x / 14.3,
        x * glu * (1 - nmda) - nmda / 100,
        -deplete * drive * glu + 0.001 * (1 - glu),
    ]


def solved(g_nmda, mg_out, deplete, duration):
    """Spike times from the active start."""

    def level(t, y, *_):
        return y[0] + 20

    level.direction = 1
    start = [-71, s(-71, -45, -7), s(-71, -33, 10), s(-71, -39, 5), 0.5, 0.9, 0.9, 1.0]
    found = solve_ivp(
        slopes,
        (0, duration),
        start,
        method="LSODA",
        rtol=1e-9,
        atol=1e-11,
        events=level,
        args=(g_nmda, mg_out, deplete),
    )
    return found.t_events[0]


def spikes(model, duration, **values):
    ds = mg.simulate(model, mg.protocols["rest"].lasting(duration), every=1000, **values)
    return ds.spike_time.values


@pytest.mark.parametrize(("g", "mg_out", "duration"), [(0.2, 0.05, 1000), (0.1, 0.0, 250)])
def test_the_active_start_is_that_of_scipy(g, mg_out, duration):
    theirs = solved(g, mg_out, 0.0, duration)
    assert len(theirs) > 0.1 * duration
    ours = spikes(BURSTING, duration, active_start=1, g_nmda=NANO * g, mg_out=mg_out, dt=0.005)
    np.testing.assert_allclose(ours, theirs, atol=0.01)


def test_a_cell_that_runs_out_of_transmitter_is_that_of_scipy():
    depressing = BURSTING.swap(mg.receptors["self_coupled_depressing"])
    theirs = solved(0.5, 0.0, 1.0, 400.0)
    assert len(theirs) > 5
    ours = spikes(depressing, 400, active_start=1, g_nmda=NANO * 0.5, mg_out=0.0, dt=0.005)
    np.testing.assert_allclose(ours, theirs, atol=0.01)
    kept = {"active_start": 1, "k_deplete": 0, "mg_out": 0.05}  # nothing lost: as without
    np.testing.assert_array_equal(
        spikes(depressing, 300, **kept), spikes(BURSTING, 300, active_start=1, mg_out=0.05)
    )


def test_both_engines_agree():
    rows = [{"active_start": 1.0, "mg_out": x} for x in (0.0, 0.05, 0.8)]
    short = Protocol("short", "", 60.0)
    one, two = (
        run(engine, BURSTING, short, rows=rows, record=("v", "s_nmda")) for engine in (FUSED, BRIAN)
    )
    for name in ("v", "s_nmda"):
        np.testing.assert_allclose(one.traces[name], two.traces[name], rtol=1e-8, atol=1e-12)


def test_the_size_of_the_cell_matters_to_nothing_but_conductances_of_synapses():
    """Twice the area and twice the synapses: the published equations are per area."""
    usual = spikes(BURSTING, 300, active_start=1, mg_out=0.05)
    twice = spikes(BURSTING, 300, active_start=1, mg_out=0.05, area=4e4, g_nmda=80, g_ampa=32)
    np.testing.assert_allclose(twice, usual, rtol=1e-9)


def test_the_block_is_the_sigmoid_of_the_source():
    """runhh.m: 1/(1 + exp(-(V - theta)/10)), theta = 10.5 log(Mg/38.3); exactly 1 without any."""
    law = mg.blocks["golomb_2006"]
    v, magnesium = np.linspace(-100, 60, 33), np.array([1e-6, 0.01, 0.7, 1.0, 30.0])[:, None]
    np.testing.assert_allclose(
        law.evaluate("unblocked", v=v, mg_out=magnesium),
        s(v, 10.5 * np.log(magnesium / 38.3), 10),
        rtol=1e-12,
    )
    assert np.all(law.evaluate("unblocked", v=v, mg_out=0) == 1)


def test_rest_is_the_root_of_the_steady_current():
    def current(v):
        y = [v, s(v, -45, -7), s(v, -33, 10), s(v, -39, 5), 0, 0, 0, 1]
        return slopes(0, y, 0.0, 1.0, 0.0)[0]

    ds = mg.simulate(BURSTING, mg.protocols["rest"].lasting(3000), every=1000)
    assert float(ds.v[-1]) == pytest.approx(brentq(current, -80, -65), abs=1e-3)


def test_the_bursts_need_the_receptors_and_no_antagonist_is_pretended():
    """Without magnesium too. The gating has no site for glutamate: a competitor is refused."""
    last = spikes(BURSTING, 1500, active_start=1, mg_out=0.0, g_nmda=[0, 40])
    assert not np.any(last[0] > 100)
    assert np.nanmax(last[1]) > 1450
    with pytest.raises(PartError, match="competitor"):
        mg.lower(BURSTING.swap(mg.receptors["d_apv"]), mg.protocols["rest"], [])


def test_how_active_a_start_must_be_depends_on_magnesium():
    """Between the quiet and the active state lies a border, which magnesium moves up."""
    found = mg.threshold(
        BURSTING,
        mg.protocols["rest"].lasting(1500, (1000, 1500)),
        axis="active_start",
        measure="spike_count",
        level=1,
        between=(1e-3, 1),
        to=1e-4,
        spacing="log",
        looks=7,
        mg_out=[0.0, 0.05, 0.1],
        progress=False,
    ).active_start_threshold.values
    assert np.all((found > 1e-3) & (found < 1))
    assert np.all(np.diff(found) > 0)


def test_a_weaker_slow_potassium_current_keeps_the_activity_up_to_more_magnesium():
    """As the caption of `burst_limit_cells` says."""
    found = mg.threshold(
        BURSTING,
        mg.protocols["rest"].lasting(2000, (1500, 2000)),
        axis="mg_out",
        measure="spike_count",
        level=1,
        between=(0, 0.6),
        to=0.01,
        looks=7,
        g_k_slow=[0.45, 0.9, 1.8],
        active_start=1,
        progress=False,
    ).mg_out_threshold.values
    assert np.all(np.diff(found) < 0)


CELLS = ["golomb_2006_cell", *(f"pospischil_2008_{n}" for n in ("rs", "fs", "lts", "ib"))]


#: Calcium channels that a cell brings itself.
OWN = {"pospischil_2008_lts": "ca_t", "pospischil_2008_ib": "ca_l"}


@pytest.mark.filterwarnings("ignore::mgsim.compose.model.SharedValueWarning")  # a leak of dendrites
@pytest.mark.parametrize(
    "name",
    [
        m.name  # where ions move, a leak needs its ions ('leak_ions')
        for m in mg.models.all
        if "neuron" in m.slots and ("amounts" not in m.slots or "leak_ions" in m.slots)
    ],
)
def test_any_cell_fits_every_model_that_has_one(name):
    """So that a claim can be asked of several; a clamp in place of one waits for its protocol.

    A cell that has calcium channels of its own goes without those of the model, and the error says
    which slot that is.
    """
    for cell in CELLS:
        model = mg.models[name].swap(mg.neurons[cell])
        slot = OWN.get(cell)
        if slot in model.slots:
            with pytest.raises(PartError, match=f"fills the slot '{slot}'"):
                mg.lower(model, mg.protocols["rest"], [])
            model = model.without(slot)
        system = mg.lower(model, mg.protocols["rest"], [])
        assert "v" in {line.name for line in system.states}


def test_an_experiment_runs_over_cells():
    experiment = mg.experiments["mg_response"]
    cells = ["pospischil_2008_rs", "pospischil_2008_fs", "golomb_2006_cell"]
    ds = experiment.run(neuron=cells, mg_out=[0.05, 0.8], progress=False)
    assert ds.neuron.values.tolist() == cells
    assert len(set(ds.spike_rate.sel(mg_out=0.05).values.tolist())) == 3
    assert np.all(ds.ca_charge_nmda.sel(mg_out=0.05) > ds.ca_charge_nmda.sel(mg_out=0.8))


# ---- bursts in spike times -----------------------------------------------------------------------


def times(*trains):
    most = max(map(len, trains))
    table = [[*t, *[np.nan] * (most - len(t))] for t in trains]
    return xr.Dataset({"spike_time": (("cell", "spike"), table)})


def test_bursts_of_made_trains():
    bursting = [100.0 * k + 4 * j for k in range(10) for j in range(3)]
    made = times(bursting, np.arange(3, 1000, 7.0), [], np.cumsum([30.0, 50, 22, 90, 41]), [500.0])
    found = bursts(made, between=(0, 1000))
    kinds = ["bursting", "regular", "silent", "irregular", "irregular"]
    assert found.activity.values.tolist() == kinds
    assert found.burst_frequency[0] == pytest.approx(10)
    assert found.spikes_per_burst[0] == pytest.approx(3)
    assert found.interval_ratio[0] == pytest.approx(92 / 4)
    np.testing.assert_allclose(found.spike_rate, [30, 143, 0, 5, 1])
    assert np.isnan(found.burst_frequency[1:3]).all()


def test_a_burst_that_the_beginning_cuts_is_not_counted():
    bursting = [100.0 * k + 4 * j for k in range(10) for j in range(3)]
    found = bursts(times(bursting), between=(102, 950))
    assert found.burst_frequency[0] == pytest.approx(10)
    assert found.spikes_per_burst[0] == pytest.approx(3)


def test_an_interval_to_a_spike_outside_is_not_counted():
    """10, 10 and 60 ms: the last one begins in between and ends after it."""
    spikes = times([10.0, 20, 30, 90])
    assert bursts(spikes, between=(0, 40)).interval_ratio[0] == 1
    assert bursts(spikes, between=(0, 91)).interval_ratio[0] == 6


def test_the_gap_tells_bursts_apart():
    doublets = [50.0 * k + j * 15 for k in range(10) for j in range(2)]
    assert bursts(times(doublets), between=(0, 500)).spikes_per_burst[0] == pytest.approx(2)
    apart = bursts(times(doublets), between=(0, 500), gap=10)
    assert apart.spikes_per_burst[0] == pytest.approx(1)
    assert str(apart.activity[0].values) == "irregular"


def test_what_has_no_spike_times_or_no_span_is_refused():
    with pytest.raises(UnknownName, match="no variable 'spike_time'"):
        bursts(xr.Dataset({"v": 1.0}))
    with pytest.raises(ValueError, match="two times in ms"):
        bursts(times([1.0]), between=(5, 3))
    with pytest.raises(ValueError, match="two times in ms"):
        bursts(times([1.0]))  # nothing says how long the run was
    with pytest.raises(ValueError, match="gap=0"):
        bursts(times([1.0]), between=(0, 10), gap=0)
