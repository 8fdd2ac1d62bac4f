"""Thresholds against closed forms and dense sweeps; the same in memory, in a folder, in words."""

import numpy as np
import pytest
from scipy.optimize import brentq

import mgsim as mg
from mgsim import cli
from mgsim.catalogs.catalog import UnknownName
from mgsim.engines.contract import DIVERGED, LIMIT, NEVER, OK, SEVERAL
from mgsim.runs.from_file import sweep_file
from mgsim.runs.sweep import UndefinedMeasureWarning
from mgsim.sweeps.designs import AxisError
from mgsim.sweeps.prepare import FailedPointsWarning

CELL, STEP = mg.models["cell"], mg.protocols["current_step"].lasting(300).with_values(step_start=20)
FIRES = {"measure": "spike_count", "level": 1}


def a_number(name, value, unit, span):
    return mg.Parameter(name, value, unit, "a number", "assumed: for a test", span)


#: x' = (a - x)/tau from 0, so that x at the end is known.
RISE = mg.Component(
    "rise",
    "neuron",
    "",
    "dx_rise/dt = (a_rise - x_rise)/tau_rise : mV",
    parameters=(a_number("a_rise", 1.0, "mV", (0, 100)), a_number("tau_rise", 20.0, "ms", (1, 99))),
)
PEAK = mg.Measure("x_peak", "mV", "largest x", peak="x_rise")
RISING, STILL = mg.Model("rising", (RISE,)), mg.Protocol("still", "", 50.0)


@pytest.mark.parametrize("engine", ["fused", "brian"])
def test_a_threshold_equals_the_closed_form(engine):
    """x at 50 ms is a (1 - exp(-50 ms/tau)): the a at which it reaches 3 mV."""
    tau = np.array([5.0, 20.0, 80.0])
    ds = mg.threshold(
        RISING,
        STILL,
        axis="a_rise",
        measure=PEAK,
        level=3,
        between=(0, 100),
        to=1e-3,
        tau_rise=tau,
        engine=engine,
    )
    assert ds.a_rise_threshold.dims == ("tau_rise",)
    assert ds.a_rise_threshold.units == "mV"
    np.testing.assert_allclose(ds.a_rise_threshold, 3 / (1 - np.exp(-50 / tau)), atol=6e-4)


def test_a_level_that_is_reached_from_above_is_found_too():
    """The longer tau, the lower the peak."""
    ds = mg.threshold(
        RISING,
        STILL,
        axis="tau_rise",
        measure=PEAK,
        level="0.5 mV",
        between=("1 ms", "0.09 s"),
        to="1 us",
        spacing="log",
    )
    expected = brentq(lambda tau: 1 - np.exp(-50 / tau) - 0.5, 1, 90)
    assert float(ds.tau_rise_threshold) == pytest.approx(expected, abs=6e-4)


def test_a_rheobase_lies_between_the_neighbours_of_a_dense_sweep():
    found = mg.threshold(CELL, STEP, axis="i_amp", between=(0, 1000), to=1, c_m=[0.8, 1.0], **FIRES)
    dense = mg.sweep(
        CELL, STEP, mg.measures["spike_count"], i_amp=np.arange(500, 700, 2.0), c_m=[0.8, 1.0]
    ).spike_count
    first = dense.i_amp.where(dense > 0).min("i_amp")
    assert ((found.i_amp_threshold > first - 2.5) & (found.i_amp_threshold < first + 0.5)).all()
    alone = mg.threshold(CELL, STEP, axis="i_amp", between=(0, 1000), to=1, c_m=0.8, **FIRES)
    assert float(alone.i_amp_threshold) == float(found.i_amp_threshold[0])


def test_a_critical_magnesium_to_a_thousandth():
    """Just below it the cell fires and just above it does not, over laws and conductances."""
    model, train = mg.models["standard"], mg.protocols["train_80hz"].lasting(150)
    laws = ["jahr_stevens_1990", "kampa_2004"]
    ds = mg.threshold(
        model,
        train,
        axis="mg_out",
        between=(0.001, 4),
        to=0.001,
        spacing="log",
        g_nmda=[60.0, 100.0],
        block=laws,
        **FIRES,
    )
    assert (ds.status == 0).all()
    for law in laws:
        for g in (60.0, 100.0):
            at = float(ds.mg_out_threshold.sel(block=law, g_nmda=g))
            counts = mg.sweep(
                model,
                train,
                mg.measures["spike_count"],
                block=law,
                g_nmda=g,
                mg_out=[at - 0.0006, at + 0.0006],
            ).spike_count
            assert (counts[0] > 0, counts[1] == 0) == (True, True)


def test_none_and_several_have_a_status_and_a_reason(tmp_path):
    """A hump: sin over one and a half periods crosses one half three times."""
    hump = mg.Component(
        "hump",
        "neuron",
        "",
        "y_hump = s_hump*sin(w_hump*t) : mV\ndz_hump/dt = 0*mV/s : mV",
        parameters=(
            a_number("s_hump", 1.0, "mV", (0, 10)),
            a_number("w_hump", 10.0, "Hz", (0, 1000)),
        ),
    )
    last = mg.Measure("y_last", "mV", "last y", every_step="y_last = y_hump")
    model = mg.Model("hump", (hump,))
    args = {"axis": "w_hump", "measure": last, "level": 0.5, "between": (0, 160), "to": 0.01}
    with pytest.warns(
        FailedPointsWarning, match="1 of 2 points (reach the level nowhere|have several)"
    ):
        ds = mg.threshold(model, STILL, s_hump=[0.1, 1.0], looks=33, **args)
    assert ds.status.values.tolist() == [NEVER, SEVERAL]
    assert ds.w_hump_threshold.isnull().all()
    with pytest.warns(FailedPointsWarning):
        kept = mg.threshold(model, STILL, s_hump=[0.1, 1.0], looks=33, out=tmp_path / "s", **args)
    assert kept.status.values.tolist() == [NEVER, SEVERAL]
    assert "reached nowhere" in str(kept.attrs["failures"])
    assert "crossed between" in str(kept.attrs["failures"])
    again = mg.threshold(model, STILL, s_hump=[0.1, 1.0], looks=33, out=tmp_path / "s", **args)
    assert again.equals(kept)


def test_a_point_whose_search_meets_a_run_that_fails_has_its_status_and_when():
    """x = exp(c g t) reaches 2 at g = ln(2)/(c 50 ms), and leaves all bounds at ln(1e6)/(c g)."""
    grow = mg.Component(
        "grow",
        "neuron",
        "",
        "dx_grow/dt = c_grow*g_grow*x_grow : 1",
        parameters=(a_number("c_grow", 1.0, "1", (0, 1)), a_number("g_grow", 1.0, "Hz", (0, 1000))),
        initial={"x_grow": "1"},
    )
    with pytest.warns(FailedPointsWarning, match="1 of 2 points"):
        ds = mg.threshold(
            mg.Model("growing", (grow,)),
            STILL,
            axis="g_grow",
            measure=mg.Measure("x_most", "1", "largest x", peak="x_grow"),
            level=2,
            between=(0, 1000),
            to=0.1,
            looks=5,  # 0, 250 and 500 Hz, of which the last is too much
            c_grow=[0.1, 1.0],
        )
    assert ds.status.values.tolist() == [OK, DIVERGED]
    assert float(ds.g_grow_threshold[0]) == pytest.approx(np.log(2) / (0.1 * 0.05), abs=0.1)
    assert np.isnan(ds.g_grow_threshold[1])
    assert 1e3 * np.log(LIMIT) / 500 < float(ds.failed_at[1]) < 50  # looked at now and then


TOML = """
model = "cell"
protocol = "current_step"
duration = 300
[threshold]
axis = "i_amp"
measure = "spike_count"
level = 1
between = [0, "1 nA"]
to = 2
[set]
step_start = 20
[axes]
c_m = [0.8, 1.0]
"""


def test_python_a_file_a_folder_and_the_command_line_agree(tmp_path, capsys):
    c_m = [0.8, 1.0]
    plain = mg.protocols["current_step"].lasting(300)
    expected = mg.threshold(
        CELL, plain, axis="i_amp", between=(0, 1000), to=2, step_start=20, c_m=c_m, **FIRES
    ).i_amp_threshold
    (tmp_path / "x.toml").write_text(TOML)
    assert sweep_file.read(tmp_path / "x.toml").request.search.halvings == 6
    folder = str(tmp_path / "s")
    assert (
        cli.main(["sweep", "run", str(tmp_path / "x.toml"), "--out", folder, "--batch", "1"]) == 0
    )
    kept = mg.open_sweep(folder).i_amp_threshold  # 1 nA is 1000 pA but for the last digit
    np.testing.assert_allclose(kept, expected, rtol=1e-14)
    line = ["threshold", "cell", "--protocol", "current_step", "--along", "i_amp", "--between"]
    line += ["0,1 nA", "--to", "2", "--measure", "spike_count", "--level", "1", "--duration", "300"]
    line += ["--set", "step_start=20", "--axis", "c_m=0.8,1", "--out", str(tmp_path / "x.csv")]
    assert cli.main(line) == 0
    rows = (tmp_path / "x.csv").read_text().splitlines()
    column = rows[0].split(",").index("i_amp_threshold")
    np.testing.assert_array_equal([float(r.split(",")[column]) for r in rows[1:]], kept)
    capsys.readouterr()


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"between": (5, 5)}, "holds a value twice"),
        ({"between": (9, 5)}, "is no range"),
        ({"between": 5}, "two values"),
        ({"to": 0}, "not above 0"),
        ({"looks": 1}, "2 or more"),
        ({"spacing": "log"}, "begins above 0"),
        ({"axis": "i_amps"}, "i_amp"),
        ({"axis": "neuron", "between": ("a", "b")}, "neuron"),
        ({"measure": "spike_counts"}, "spike_count"),
        ({"i_amp": 5}, "is what the threshold is looked for along"),
        ({"level": "1 mV"}, "unit"),
    ],
)
def test_what_cannot_be_looked_for_is_refused(changed, words):
    good = {"axis": "i_amp", "between": (0, 1000), "to": 1, **FIRES}
    with pytest.raises((AxisError, UnknownName, ValueError), match=words):
        mg.threshold(CELL, STEP, **{**good, **changed})


def test_a_measure_that_is_not_defined_everywhere_is_told_before_anything_runs():
    """The first spike at rheobase comes late, far beyond 2 ms: there the time begins to be."""
    along = {"axis": "i_amp", "level": "2 ms", "between": (0, 1000), "to": 500.0}
    with pytest.raises(UndefinedMeasureWarning, match="no spike"):  # warnings are errors in tests
        mg.threshold(CELL, STEP, measure="first_spike_time", **along)
