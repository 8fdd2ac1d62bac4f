"""The command ``dose`` and what it shares with Python and with sweeps."""

import csv
import json
import re
from pathlib import Path

import numpy as np
import pytest

import mgsim as mg
from mgsim.catalogs.catalog import UnknownName
from mgsim.cli import BAD, GOOD, main
from mgsim.declare.ports import ExtrapolationWarning
from mgsim.doses import Course, intravenous, summary
from mgsim.doses.neuron import FewerPeopleWarning
from mgsim.sweeps.designs import AxisError
from mgsim.sweeps.resolving.run_warnings import RangeWarning

LINE = ["dose", "iv", "--load", "4 g", "--rate", "1 g/h", "--at", "0.5h,24h", "--people", "4"]
PATCH = ["--model", "patch", "--protocol", "voltage_clamp", "--set", "v_hold=-65"]


@pytest.fixture
def said(capsys):
    def run(*words):
        code = main(list(words))
        out, err = capsys.readouterr()
        return code, out, err

    return run


@pytest.fixture(scope="module")
def result():
    return mg.dose_to_neuron(
        intravenous("4 g", rate="1 g/h"),
        ["0.5 h", 24],
        draws=4,
        model="patch",
        protocol="voltage_clamp",
        v_hold=-65,
    )


def test_the_command_is_the_function(said, tmp_path, monkeypatch, result):
    """The printed table, the JSON and the file hold what Python gives, and say it is no advice."""
    monkeypatch.chdir(tmp_path)
    code, out, err = said(*LINE, *PATCH, "--out", "dose.csv")
    assert (code, err) == (GOOD, "")
    assert "no advice on doses" in out
    assert "csf_null: nothing of the rise in serum arrives" in out
    with open("dose.csv", encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == result.mg_brain.size
    for name in ("mg_brain", "serum_total", "mean_unblocked"):
        found = np.array([float(r[name]) for r in rows])
        expected = result[name].transpose("csf", "person", "hours").values.ravel()
        np.testing.assert_array_equal(found, expected)
    code, out, err = said(*LINE, *PATCH, "--json")
    told = json.loads(out)["data_vars"]["serum_total"]["data"]
    np.testing.assert_allclose(told, summary(result).serum_total.values)


def test_what_is_kept_in_a_folder_is_a_sweep_of_the_same(tmp_path, result):
    """Durable: the runs lie in a folder, and asked for again they are only read."""
    given = {
        "dose": intravenous("4 g", rate="1 g/h"),
        "at": [0.5, 24],
        "draws": 4,
        "model": "patch",
        "protocol": "voltage_clamp",
        "v_hold": -65,
        "out": tmp_path / "kept",
    }
    first, again = mg.dose_to_neuron(**given), mg.dose_to_neuron(**given)
    for name in ("mean_unblocked", "ca_charge_nmda", "mg_brain"):
        np.testing.assert_array_equal(first[name], result[name])
        np.testing.assert_array_equal(again[name], result[name])
    kept = mg.open_sweep(tmp_path / "kept")
    np.testing.assert_array_equal(kept.mg_out, result.mg_brain.values.ravel())


def test_columns_of_a_course_are_those_of_the_sweep(result):
    """One structure's people and times, in the order of the result."""
    course = Course(intravenous("4 g", rate="1 g/h"), [0.5, 24], draws=4)
    one = result.sel(csf="csf_linear").mg_brain.transpose("person", "hours").values.ravel()
    np.testing.assert_array_equal(course.columns["mg_out"], one)


def test_neurons_may_differ_with_people():
    prior = mg.Prior("uniform", (20, 40), "assumed: for a test")
    ds = mg.dose_to_neuron(
        intravenous("4 g"),
        [2],
        draws=8,
        csf="csf_null",
        model="patch",
        protocol="voltage_clamp",
        measures=["mean_unblocked", "ca_charge_nmda"],
        priors={"g_nmda": prior},
        v_hold=-65,
    )
    drawn = ds.g_nmda.values[0, :, 0]
    # One in each eighth of the prior.
    assert sorted(np.floor((drawn - 20) / 20 * 8)) == list(range(8))
    # Charge is proportional to the conductance at a held potential.
    charge = ds.ca_charge_nmda.values[0, :, 0] / ds.mean_unblocked.values[0, :, 0]
    np.testing.assert_allclose(charge / drawn, charge[0] / drawn[0], rtol=1e-6)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (["ivv"], "did you mean iv"),
        (["iv"], "give a load"),
        (["im", "--load", "4 g"], "needs --dose"),
        (["oral", "--load", "4 g"], "--load is not for oral"),
        (["oral", "--at", "2h"], "no time course"),
        (["iv", "--load", "4 g", "--kinetics", "lu_2020"], "did you mean lu_2002"),
        (["iv", "--load", "4 g", "--csf", "null"], "did you mean csf_null"),
        (["iv", "--load", "4 g", "--csf", "csf_null,csf_null"], "each once"),
        (["iv", "--load", "4 g", "--set", "mg_out=1"], "not for a dose"),
        (["iv", "--load", "4 g", "--set", "csf_gian=1"], "did you mean csf_gain"),
        (["iv", "--load", "4 g", "--set", "serum_mg=0.6 mM ionised"], "serum_mg is total"),
        (["iv", "--load", "4 g", "--model", "cell"], "has no mg_out"),
        (["iv", "--load", "4 g", "--people", "-1"], "whole number"),
        (["iv", "--load", "4 g", "--seed", "-1"], "seed = -1: a whole number"),
        (["iv", "--load", "4 g", "--salt", "MgSO4"], "differ twofold"),
        (["iv", "--load", "4 g", "--out", "dose.txt"], ".nc, .csv or .parquet"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_runs(words, error, said, monkeypatch):
    monkeypatch.setattr("mgsim.engines.choose.choose", lambda *_, **__: 1 / 0)
    code, out, err = said("dose", *words)
    assert (code, out) == (BAD, "")
    assert error in err
    assert err.count("\n") == 1


def test_a_stage_and_a_salt_are_shown(said):
    for name, words in (
        ("lu_2002", ("clearance", "5 L/h", "lognormal", "people differ in")),
        ("da_silva_2020", ("an outlier",)),
        ("citrate", ("Mg3(C6H5O7)2", "16.2%")),
    ):
        code, out, _ = said("show", name)
        assert code == GOOD
        for word in words:
            assert word in out


def test_a_cell_outside_the_barrier_takes_serum():
    """By its bath, or when it is said; total magnesium is no cell's."""
    dose, more = intravenous("4 g"), {"draws": 0, "csf": "csf_null", "protocol": "single_pulse"}
    muscle = mg.dose_to_neuron(dose, [1], model="neuromuscular_junction", **more)
    assert muscle.attrs["fluid"] == "serum_ionised"
    assert float(muscle.release_last[0, 0, 1]) < float(muscle.release_last[0, 0, 0])
    given = {"model": "patch", "protocol": "voltage_clamp", "v_hold": 0}
    ds = mg.dose_to_neuron(dose, [1], fluid="serum_ionised", **{**more, **given})
    law = mg.blocks["jahr_stevens_1990"]
    expected = law.evaluate("unblocked", v=0, mg_out=ds.serum_ionised.values)
    np.testing.assert_allclose(ds.mean_unblocked, expected, rtol=1e-9)
    with pytest.raises(UnknownName, match="serum_ionised"):
        mg.dose_to_neuron(dose, [1], fluid="serum_total", **{**more, **given})


def test_levels_beyond_what_was_measured_are_said():
    with pytest.warns(ExtrapolationWarning, match=r"serum magnesium reaches \d+.* mM.*to about 4"):
        Course(intravenous("100 g"), [0.4], draws=0)
    with pytest.warns(RangeWarning, match=r"csf_gain = 50 .* plausible range 0 to 1\.2"):
        Course(intravenous("4 g"), [0.4], draws=0, held={"csf_gain": 50})


def test_a_stage_and_a_salt_are_cited(said):
    for name, key in (("lu_2002", "lu_2002"), ("citrate", "prohaska_2022")):
        code, out, _ = said("cite", name)
        assert code == GOOD
        assert f"[{key}]" in out


@pytest.mark.parametrize("level", [0, 1, -1, 2])
def test_an_interval_needs_a_share(level, result):
    with pytest.raises(AxisError, match="level"):
        summary(result, level)


def test_the_page_says_what_comes_out():
    """Every number of docs/dose.md that a run gives: levels, calcium and spikes."""
    page = (Path(__file__).parents[2] / "docs" / "dose.md").read_text(encoding="utf-8")
    dose, at = intravenous("4 g", rate="1 g/h"), ["24 h"]
    usual, fires = (
        summary(mg.dose_to_neuron(dose, at, **more)).isel(hours=1) for more in ({}, {"g_ampa": 80})
    )
    alone = summary(mg.dose_to_neuron(intravenous("4 g"), ["0.5 h", "4 h", "24 h"]))

    def told(text, ds, name, csf):
        low, middle, high = ds[name].sel(csf=csf).transpose("quantile").values
        triples = re.findall(r"([\d.]+) \(([\d.]+) to ([\d.]+)\)", text)
        off = np.abs(np.array(triples, dtype=float) - [middle, low, high])
        return bool(np.any(np.all(off <= 0.0051, axis=1)))  # two digits stand there

    flat = " ".join(page.split())
    assert told(flat, usual, "serum_total", "csf_linear")
    for hours in alone.hours.values:
        assert told(flat, alone.sel(hours=hours), "serum_total", "csf_linear")
    for csf in ("csf_null", "csf_linear", "csf_slow_full"):
        first, row = (x for x in page.splitlines() if x.startswith(f"| `{csf}`"))
        assert told(first, alone.sel(hours=4), "mg_brain", csf)
        assert told(row, usual, "mg_brain", csf)
        assert told(flat, fires, "spike_count", csf)
        if csf != "csf_null":
            for hours in (4, 24):
                assert told(first, alone.sel(hours=hours), "ca_charge_nmda_over_before", csf)
            assert told(row, usual, "ca_charge_nmda_over_before", csf)
            assert told(flat, fires, "ca_charge_nmda_over_before", csf)


def test_a_summary_says_of_how_many_people_it_is(result):
    """Planted: of four people one has no value at one time, and nobody has one at another."""
    gaps = result.copy(deep=True)
    axes = gaps.mean_unblocked.dims
    place = {"csf": 0, "person": 2, "hours": 1}
    gaps.mean_unblocked[tuple(place.get(d, 0) for d in axes)] = np.nan
    nobody = {"csf": 1, "person": slice(None), "hours": 2}
    gaps.mean_unblocked[tuple(nobody.get(d, 0) for d in axes)] = np.nan
    with pytest.warns(FewerPeopleWarning, match=r"fewer than the 4 people.*: mean_unblocked of 3$"):
        found = summary(gaps)
    of = found.people.sel(of="mean_unblocked")
    assert of.dims == ("csf", "hours")
    assert of.values.tolist() == [[4, 3, 4], [4, 4, 0], [4, 4, 4]]
    assert (found.people.sel(of="mg_brain") == 4).all()
    assert bool(found.mean_unblocked[:, 1, 2].isnull().all())
    assert (summary(result).people == 4).all()


def test_tablets_say_that_the_spread_is_of_trials(said):
    code, out, _ = said("dose", "oral", "--people", "4", *PATCH)
    assert code == GOOD
    assert "note: the rise of serum is drawn from the 95 % interval of the mean of trials" in out


def test_what_acts_on_the_fluid_asks_for_no_way_from_serum():
    given = {"draws": 0, "model": "patch", "protocol": "voltage_clamp"}
    assert mg.dose_to_neuron(mg.doses.threonate(), **given).csf.values == ["csf_linear"]
    with pytest.raises(TypeError, match="intravenous"):
        mg.dose_to_neuron("4 g", **given)
