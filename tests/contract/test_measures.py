"""Every measure against the trace that it summarises."""

import numpy as np
import pytest
from every import each
from running import BRIAN, FUSED, run

import mgsim as mg
from mgsim.compose.measure import Measure
from mgsim.system.lowering import answerable

pytestmark = pytest.mark.usefixtures("unoptimised")

DT = 0.05
#: A train strong enough for spikes, calcium and time above the levels.
ROWS = [{"g_nmda": 60.0, "mg_out": 0.2, "g_ampa": 60.0, "ca_level": 1.5}]
PROTOCOL = mg.protocols["train_80hz"].lasting(300, (100, 250))
SOURCES = ("i_ca_nmda", "i_ca_ampa", "i_ca_l", "i_ca_t")
RECORD = ("v", "ca", "i_nmda", "i_ca", *SOURCES)
#: The standard cell with calcium from every source.
MODEL = mg.models["standard"]
for _part in (mg.channels["ca_l_type"], mg.channels["ca_t_type"], mg.calcium["ampa_calcium"]):
    MODEL = MODEL.swap(_part)
ANSWERED = answerable(MODEL, PROTOCOL, mg.measures.all)


@pytest.fixture(scope="module")
def both():
    no_peaks = [m for m in ANSWERED if m.peak is None]
    peaks = [m for m in ANSWERED if m.peak is not None]
    values = run(FUSED, MODEL, PROTOCOL, no_peaks, ROWS).measures
    early = mg.protocols["train_80hz"].lasting(300, (0, 250))
    values |= run(FUSED, MODEL, early, peaks, ROWS).measures
    traces = run(FUSED, MODEL, PROTOCOL, (), ROWS, record=RECORD)
    return {n: float(x[0]) for n, x in values.items()}, traces


def test_every_measure_that_the_model_answers_has_a_value(both):
    values, _ = both
    assert set(values) == {m.name for m in ANSWERED}
    assert all(np.isfinite(x) for x in values.values())


def window(traces, name):
    i = slice(round(100 / DT), round(250 / DT) + 1)
    return traces.traces[name][0][i]


def integral(x):
    return float(np.sum(x[1:] + x[:-1])) / 2 * DT * 1e-3


@pytest.mark.parametrize(
    ("measure", "expected"),
    [
        ("mean_v", lambda t: integral(window(t, "v")) / 0.15),
        ("mean_i_nmda", lambda t: integral(window(t, "i_nmda")) / 0.15),
        ("mean_ca", lambda t: integral(window(t, "ca")) / 0.15),
        ("nmda_charge", lambda t: -integral(window(t, "i_nmda"))),
        ("ca_charge", lambda t: -integral(window(t, "i_ca"))),
        ("ca_charge_nmda", lambda t: -integral(window(t, "i_ca_nmda"))),
        ("ca_charge_ampa", lambda t: -integral(window(t, "i_ca_ampa"))),
        ("ca_charge_l_type", lambda t: -integral(window(t, "i_ca_l"))),
        ("ca_charge_t_type", lambda t: -integral(window(t, "i_ca_t"))),
        ("time_depolarised", lambda t: integral(1.0 * (window(t, "v") > -0.04))),
        ("time_ca_high", lambda t: integral(1.0 * (window(t, "ca") > 1.5e-3))),
    ],
)
def test_integrals_are_those_of_the_trace(both, measure, expected):
    values, traces = both
    if measure.startswith("time_"):  # the trace knows a crossing to a step only
        assert values[measure] == pytest.approx(expected(traces), abs=0.5e-3)
        assert 1e-3 < values[measure] < 0.149
    else:
        assert values[measure] == pytest.approx(expected(traces), rel=1e-3)


def test_calcium_by_source_sums_to_the_whole(both):
    values, _ = both
    split = [values[f"ca_charge_{n}"] for n in ("nmda", "ampa", "l_type", "t_type")]
    assert sum(split) == pytest.approx(values["ca_charge"], rel=1e-12)
    assert all(x > 0 for x in split)


@pytest.mark.parametrize(("measure", "name"), [("peak_v", "v"), ("peak_ca", "ca")])
def test_peaks_are_those_of_the_trace(both, measure, name):
    values, traces = both
    trace = traces.traces[name][0][1 : round(250 / DT) + 1]
    assert values[measure] == pytest.approx(trace.max(), rel=1e-12)


def test_spikes_are_crossings_of_the_trace(both):
    values, traces = both
    v = traces.traces["v"][0]
    up = np.flatnonzero((v[:-1] < 0) & (v[1:] >= 0))
    times = (up + (0 - v[up]) / (v[up + 1] - v[up])) * DT * 1e-3
    inside = times[(times > 0.1) & (times < 0.25)]
    assert len(inside) >= 3
    assert values["spike_count"] == len(inside)
    assert values["spike_rate"] == pytest.approx(len(inside) / 0.15)
    assert values["first_spike_time"] == pytest.approx(inside[0], abs=1e-12)
    assert values["last_spike_time"] == pytest.approx(inside[-1], abs=1e-12)


@pytest.mark.parametrize("engine", [FUSED, BRIAN])
def test_spikes_outside_the_window_are_recorded_too(both, engine):
    early = mg.protocols["train_80hz"].lasting(120, (110, 120))
    mine = Measure("last_spike_time", "1", "spikes", on={"spike": "last_spike_time += 1"})
    found = run(engine, MODEL, early, [mine], ROWS, record=("v",))
    v = found.traces["v"][0]
    up = np.flatnonzero((v[:-1] < 0) & (v[1:] >= 0))
    times = (up + (0 - v[up]) / (v[up + 1] - v[up])) * DT * 1e-3
    assert times[0] < 0.1
    np.testing.assert_allclose(found.spikes[0], times, rtol=1e-9)
    assert found.measures["last_spike_time"][0] == np.sum(times > 0.11)
    np.testing.assert_allclose(both[1].spikes[0][: len(times)], times, rtol=1e-9)


def test_a_measure_of_ones_own():
    """Every way of measuring, on something that is known: x = t."""
    part = mg.Component(
        "clock", "clock", "", "dx_c/dt = 1*mV/ms : mV\ny_c = 2*x_c : mV", spike="x_c > 3.25*mV"
    )
    measures = [
        Measure("m_rate", "mV*ms", "", rate="x_c"),
        Measure("m_peak", "mV", "", peak="y_c"),
        Measure("m_spike", "ms", "", on={"spike": "m_spike = t_spike"}),
        Measure("m_steps", "1", "", every_step="m_steps += 1"),
    ]
    protocol = mg.Protocol("p", "", 10.0, window=(0.0, 8.0))
    ds = mg.sweep(mg.Model("m", (part,)), protocol, measures, dt=0.1)
    assert float(ds.m_rate) == pytest.approx(32, rel=1e-12)
    assert float(ds.m_peak) == pytest.approx(16, rel=1e-12)
    assert float(ds.m_spike) == pytest.approx(3.25, rel=1e-12)
    assert float(ds.m_steps) == 80


@each(mg.measures)
def test_every_measure_says_what_it_is(name):
    measure = mg.measures[name]
    assert measure.meaning
    assert measure.unit
