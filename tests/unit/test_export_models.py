"""Whole models as scripts: what they compute, what they say, what is refused."""

import ast
import os
import re
import subprocess
import sys

import numpy as np
import pytest

import mgsim as mg
from mgsim.catalogs.catalog import UnknownName
from mgsim.cli import BAD, GOOD, main
from mgsim.equations import expressions
from mgsim.exports import ExportError, runs

TRAIN = mg.protocols["train_20hz"].with_values(train_start=10).lasting(100, (0, 100))
BARE = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}


def ran(text, folder, name):
    """Run a script without mgsim on the path; spikes in ms, and the rows of its file."""
    (folder / "run.py").write_text(text, encoding="utf-8")
    body = re.sub(r'^""".*?"""', "", text, count=1, flags=re.DOTALL)
    assert "mgsim" not in body
    done = subprocess.run(
        [sys.executable, "run.py"], cwd=folder, env=BARE, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    said = re.search(r"spikes at (\[.*?\]) ms", done.stdout)
    spikes = [float(x) for x in re.findall(r"\d+\.\d+", said[1])] if said else []
    return spikes, np.genfromtxt(folder / f"{name}.csv", delimiter=",", skip_header=1)


@pytest.mark.parametrize("method", ["rk4", "rk2"])
def test_a_brian2_script_takes_the_steps_that_mgsim_takes(method, tmp_path):
    """The same method at the same step, events and edges on it: equal but for rounding."""
    protocol = TRAIN + mg.protocols["current_step"].with_values(
        step_start=20, step_stop=60, i_amp=900
    ).lasting(100, (0, 100))
    protocol = protocol.changing(mg_out=mg.changes.ramp(0.1, 30, 50))
    given = {"record": ("v", "ca", "i_nmda"), "method": method, "dt": 0.05, "block": "kampa_2004"}
    model = mg.models["standard"]
    spikes, rows = ran(
        mg.export(model, "brian2", protocol=protocol, **given),
        tmp_path,
        "standard_train_20hz_current_step",
    )
    ours = mg.simulate(model, protocol, **given)
    assert len(spikes) == ours.spike_time.size > 0
    for k, name in enumerate(given["record"], 1):
        theirs = ours[name].values[: len(rows)]
        np.testing.assert_allclose(rows[:, k], theirs, rtol=1e-6, atol=1e-7 * np.ptp(theirs))


def test_a_kinetic_scheme_in_brian2(tmp_path):
    """Ordinary equations with rk4 against mgsim's implicit method: 1e-3 of the largest opening."""
    model, protocol = (
        mg.models["kinetic_synapse"],
        mg.protocols["clamped_release"].lasting(40, (0, 40)),
    )
    given = {
        "nmda_gating": "kampa_2004_trapping",
        "cleft": "cleft_pulse",  # its end moves with each event
        "record": ("open_nmda",),
        "train_start": 5,
    }
    text = mg.export(model, "brian2", protocol=protocol, **given)
    dt = float(re.search(r"^defaultclock.dt = (.*)\*ms$", text, re.MULTILINE)[1])
    _, rows = ran(text, tmp_path, "kinetic_synapse_clamped_release")
    ours = mg.simulate(model, protocol, dt=dt, **given).open_nmda.values[: len(rows)]
    assert ours.max() > 0
    np.testing.assert_allclose(rows[:, 1], ours, atol=1e-3 * ours.max())


def test_what_is_exchanged_in_brian2(tmp_path):
    """Between two equal volumes a difference decays as exp(-2*k*t/volume), and the sum stays."""
    both = mg.Component(
        "volumes",
        "volumes",
        "two volumes with a way between",
        equations="dx_one/dt = 0/ms : 1\ndx_two/dt = 0/ms : 1",
        parameters=(
            mg.Parameter("x_way", 0.2, "1/ms", "of the way", "assumed: for a test", (0, 1)),
        ),
        initial={"x_one": "1", "x_two": "0"},
        capacity={"x_one": "2", "x_two": "2"},
        exchange=(("x_one", "x_two", "x_way", "x_way"),),
    )
    model = mg.Model("volumes", (both,))
    text = mg.export(model, "brian2", protocol=mg.Protocol("p", "", 10), record=("x_one", "x_two"))
    _, rows = ran(text, tmp_path, "volumes_p")
    np.testing.assert_allclose(rows[:, 1] + rows[:, 2], 1, rtol=1e-12)
    np.testing.assert_allclose(rows[:, 1] - rows[:, 2], np.exp(-0.2 * rows[:, 0]), rtol=1e-8)


def test_a_chance_falls_as_in_mgsim(tmp_path):
    """Two chances an event, of which the script holds the numbers; a recording that changes."""
    chancy = mg.Component(
        "chancy",
        "ampa",
        "a synapse that fails, and sums",
        equations="ds_ampa/dt = -s_ampa/tau_ampa : 1\ni_ampa = g_ampa*s_ampa*(v - e_ampa) : pA",
        parameters=mg.receptors["ampa_exponential"].parameters,
        currents={"i_ampa": ""},
        on_event={"pre": "s_ampa += int(chance_1 < 0.5)*(1 + floor(4*chance_2))"},
        chances={"pre": 2},
    )
    protocol = mg.protocols["voltage_clamp"] + mg.Protocol(
        "t", "", 100.0, events={"pre": [10, 30, 50, 70]}
    )
    model = mg.models["clamped_synapse"].swap(chancy)
    protocol = protocol.changing(mg_out=mg.changes.course([5, 20, 60], [0.2, 2, 1]))
    record = ("s_ampa", "i_nmda")
    given = {"protocol": protocol.lasting(100, (0, 100)), "record": record, "seed": 3}
    text = mg.export(model, "brian2", **given)
    _, rows = ran(text, tmp_path, "clamped_synapse_voltage_clamp_t")
    ours = mg.simulate(model, given.pop("protocol"), dt=0.025, method="rk4", **given)
    for k, name in enumerate(record, 1):
        theirs = ours[name].values[: len(rows)]
        np.testing.assert_allclose(rows[:, k], theirs, atol=1e-9 * np.ptp(theirs))
        assert np.ptp(theirs) > 0


def test_a_random_train_has_the_times_of_its_seed():
    model, protocol = mg.models["standard"], mg.protocols["poisson_20hz"]
    texts = [mg.export(model, "brian2", protocol=protocol, seed=s) for s in (1, 1, 2)]
    assert texts[0] == texts[1] != texts[2]
    times = ast.literal_eval(re.search(r"^pre_times = (\[.*\])\*ms$", texts[0], re.MULTILINE)[1])
    files = mg.export(model, "neuron", protocol=protocol, seed=1)
    listed = re.findall(
        r"^    \((.*), \[1.0\]\),  # pre$", files["standard_poisson_20hz.py"], re.MULTILINE
    )
    assert [float(t) for t in listed] == times
    assert len(times) > 0
    assert "seed 1" in texts[0]
    assert "events 'pre'" in texts[0]  # that lie between the steps of the clock


def test_an_export_says_where_it_is_from_and_what_is_not_in_it():
    model = mg.models["standard"]
    for text in (
        mg.export(model, "brian2", protocol=TRAIN, mg_k=2),
        *mg.export(model, "neuron", protocol=TRAIN, mg_k=2).values(),
    ):
        assert "Jahr C. E., Stevens C. F. (1990)" in text
        assert "mg_k = 2 mM, set in place of 3.57 mM" in " ".join(
            re.sub(r"\n:?", " ", text).split()
        )
        assert "not exported: measures" in text
        assert "deviations: " in text


def test_what_is_refused():
    model = mg.models["kinetic_synapse"]
    clamp = mg.protocols["clamped_release"]
    with pytest.raises(ExportError, match=r"left at .*/ms, too fast for .* at dt = 1 ms"):
        mg.export(model, "brian2", protocol=clamp, dt=1)
    spine, pulse = mg.models["spine"], mg.protocols["single_pulse"].lasting(60, (0, 60))
    with pytest.raises(ExportError, match="has parts at dendrite, spine; only cells of one"):
        mg.export(spine, "neuron", protocol=pulse)
    with pytest.raises(ExportError, match="'neuromuscular_junction' has no membrane potential"):
        mg.export(mg.models["neuromuscular_junction"], "neuron", protocol=pulse)
    with pytest.raises(ExportError, match=r"left at .*/ms, too fast .* they need a step of"):
        mg.export(spine, "brian2", protocol=pulse)
    with pytest.raises(ExportError, match="single values"):
        mg.export(model, "brian2", protocol=clamp, mg_out=[0.1, 1])
    with pytest.raises(UnknownName, match="neuron"):
        mg.export(model, "neuroml", protocol=clamp)
    with pytest.raises(UnknownName, match="rk4"):
        mg.export(model, "brian2", protocol=clamp, method="rk5")
    with pytest.raises(TypeError, match="protocol="):
        mg.export(model, "brian2")
    with pytest.raises(UnknownName, match="mg_out"):
        mg.export(model, "brian2", protocol=clamp, mg_outt=1)
    with pytest.raises(ExportError, match="no protocol"):
        mg.export(mg.blocks["kampa_2004"], "brian2", protocol=clamp)


def test_a_membrane_of_another_form_is_refused():
    text = "dv/dt = -i_membrane/(c_m*area) + 0*mV/ms : mV"
    cell = mg.neurons["pospischil_2008_rs"]
    old = next(e.line for e in cell.lines if e.name == "v")
    odd = mg.models["cell"].swap(
        mg.Component(
            **{
                f: getattr(cell, f)
                for f in ("slot", "meaning", "parameters", "currents", "initial", "spike")
            },
            name="odd",
            equations=cell.equations.replace(old.split(" : ")[0], text.split(" : ")[0]),
        )
    )
    with pytest.raises(ExportError, match="no membrane of NEURON's"):
        mg.export(odd, "neuron", protocol=mg.protocols["current_step"])


def test_the_command(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    common = ["export", "cell", "--protocol", "current_step", "--set", "i_amp=900"]
    assert main([*common, "--to", "brian2", "--dt", "50us"]) == GOOD
    assert "defaultclock.dt = 0.05*ms" in capsys.readouterr().out
    assert main([*common, "--to", "neuron", "--out", "files"]) == GOOD
    assert main([*common, "--to", "neuron", "--out", "files"]) == GOOD  # its own: written again
    wanted = mg.export(
        mg.models["cell"], "neuron", protocol=mg.protocols["current_step"], i_amp=900
    )
    assert {p.name: p.read_text() for p in (tmp_path / "files").iterdir()} == wanted
    mod = tmp_path / "files" / "cell_current_step.mod"
    mod.write_text("mine")
    assert main([*common, "--to", "neuron", "--out", "files"]) == BAD
    assert mod.read_text() == "mine"
    capsys.readouterr()


@pytest.mark.parametrize(
    ("command", "word"),
    [
        ("cell --to neuron", "--protocol"),
        ("cell --to neuron --protocol current_step", "--out DIR"),
        ("cell --to neuroml --protocol current_step", "no format"),
        ("kampa_2004 --to neuron --protocol current_step", "is a law"),
        ("cel --to brian2 --protocol current_step", "did you mean cell"),
    ],
)
def test_the_command_refuses(command, word, capsys):
    assert main(["export", *command.split()]) == BAD
    assert word in capsys.readouterr().err


@pytest.mark.parametrize("kind", ["steps", "course"])
def test_a_recording_is_written_out_where_it_has_few_points(kind):
    t, x = [5.0, 20.0, 60.0], [0.2, 2.0, 1.0]
    made = getattr(mg.changes, kind)(t, x, start=10)
    protocol = mg.protocols["rest"].changing(mg_out=made)
    run = runs.run_of(mg.models["tonic"], protocol, None, 0, None, "rk4", {})
    (text,) = (e.text for e in run.system.definitions if e.name == "mg_out_recording")
    at = np.array([3.0, 14.9, 16.0, 29.0, 40.0, 69.0, 75.0, 500.0])
    known = {e.name: (at >= e.at).astype(float) for e in run.edges}
    found = expressions.evaluate(text, {**known, "t": at * 1e-3, "mg_out_start": 0.01})
    if kind == "course":
        expected = np.interp(at - 10, t, x, left=0)
    else:
        expected = np.append(x, 0)[np.searchsorted(t, at - 10, side="right") - 1]
    np.testing.assert_allclose(found, expected, atol=1e-12)
    assert "mg_out_recording" in mg.export(mg.models["tonic"], "brian2", protocol=protocol)
    long = mg.changes.course(range(500), np.ones(500))
    with pytest.raises(ExportError, match="500 points; a script holds at most 400"):
        mg.export(mg.models["tonic"], "brian2", protocol=mg.protocols["rest"].changing(mg_out=long))
