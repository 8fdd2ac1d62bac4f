"""Whole models for NEURON: compiled, run by their own scripts, and compared with mgsim.

NEURON solves with CVODE at a relative tolerance of 1e-8. Spikes within 1e-4 ms, by which mgsim at a
step of 0.01 ms is off; potentials and openings within 0.1 % of their span where nothing spikes.
"""

import ast
import os
import re
import subprocess
import sys

import numpy as np
import pytest
from test_exported_mods import check_units

import mgsim as mg

P_RELEASE = 0.4
ALL_OR_NONE = mg.Component(
    "all_or_none",
    "release",
    "a synapse that fails by chance",
    parameters=(
        mg.Parameter("p_release", P_RELEASE, "1", "chance", "assumed: for a test", (0, 1)),
    ),
    on_event={"pre": "quanta = int(chance < p_release)"},
)
CHANCES = "standard_poisson_20hz_kicks_noise"
#: Name of the files, model, protocol, what is set, what is traced.
RUNS = {
    "cell_current_step": (
        mg.models["cell"],
        mg.protocols["current_step"],
        {"i_amp": 900, "dt": 0.01},
        ("v",),
    ),
    "standard_train_20hz": (
        mg.models["standard"],
        mg.protocols["train_20hz"],
        {"mg_out": 0.5},
        ("v", "ca", "i_nmda"),
    ),
    "kinetic_synapse_clamped_release": (
        mg.models["kinetic_synapse"],
        mg.protocols["clamped_release"],
        {"nmda_gating": "kampa_2004_trapping", "cleft": "cleft_pulse", "v_hold": -40},
        ("v", "open_nmda", "i_nmda"),
    ),
    # Three events, each with chances, at times off the samples; a recording that changes.
    CHANCES: (
        mg.models["standard"].swap(ALL_OR_NONE),
        sum((mg.protocols[n] for n in ("kicks", "noise")), mg.protocols["poisson_20hz"])
        .lasting(150, (0, 150))
        .changing(mg_out=mg.changes.steps([5, 20.03, 60.01], [0.2, 2, 1])),
        {
            "seed": 3,
            "train_rate": 100,
            "g_ampa": 20,
            "kick_size": 1,
            "kick_every": 7.03,
            "noise_step": 1.07,
            "dt": 0.01,
        },
        ("v", "s_ampa", "i_nmda"),
    ),
}


def ran(name):
    model, protocol, values, record = RUNS[name]
    return mg.simulate(model, protocol, record=record, **values)


@pytest.fixture(scope="module")
def folder(compiled, tmp_path_factory):
    """The files of every run, compiled."""
    pytest.importorskip("neuron.hoc")
    folder = tmp_path_factory.mktemp("models")
    for model, protocol, values, record in RUNS.values():
        given = {n: x for n, x in values.items() if n != "dt"}  # NEURON chooses its own
        files = mg.export(model, "neuron", protocol=protocol, record=record, **given)
        for name, text in files.items():
            (folder / name).write_text(text, encoding="utf-8")
    library = compiled(sorted(folder.glob("*.mod")))
    (folder / library.parent.name).symlink_to(library.parent, target_is_directory=True)
    return folder


@pytest.fixture(scope="module")
def theirs(folder):
    """What the scripts print and write, by run."""
    found = {}
    bare = {k: v for k, v in os.environ.items() if k != "PYTHONPATH"}
    for name in RUNS:
        done = subprocess.run(
            [sys.executable, f"{name}.py"], cwd=folder, env=bare, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        text = (folder / f"{name}.py").read_text()
        assert "mgsim" not in re.sub(r'""".*?"""', "", text, count=1, flags=re.DOTALL)
        said = re.search(r"spikes at (\[.*?\]) ms", done.stdout)
        spikes = ast.literal_eval(said[1]) if said else []
        rows = np.genfromtxt(folder / f"{name}.csv", delimiter=",", skip_header=1)
        found[name] = np.array(spikes), rows
    return found


@pytest.mark.parametrize("name", RUNS)
def test_the_units_are_right_for_neuron(folder, name):
    check_units(folder / f"{name}.mod")


def test_a_cell_spikes_when_mgsim_says(theirs):
    spikes, _ = theirs["cell_current_step"]
    assert len(spikes) >= 5
    ours = ran("cell_current_step").spike_time.values
    np.testing.assert_allclose(spikes, ours, atol=1e-4)


@pytest.mark.parametrize("name", [n for n in RUNS if n != "cell_current_step"])
def test_a_synapse_goes_the_way_that_mgsim_says(theirs, name):
    """A train through the magnesium block, trapped magnesium under voltage clamp, and chance."""
    _, rows = theirs[name]
    ours = ran(name)
    for k, variable in enumerate(RUNS[name][3], 1):
        ours_then = np.interp(rows[:, 0], ours.time.values, ours[variable].values)
        span = np.ptp(ours[variable].values) or 1.0
        # A sample at an event or step is before it in one and after it in the other.
        away = np.abs(rows[:, k] - ours_then) > 1e-3 * span
        assert away.sum() <= 2, (variable, rows[away, 0])


def test_what_is_released_is_by_the_chances_that_the_script_holds(folder, theirs):
    """All or none: the events whose chance is below the probability, and no others."""
    text = (folder / f"{CHANCES}.py").read_text()
    events = re.findall(r"^    \((.*), \[[^,]*, (.*)\]\),  # pre$", text, re.MULTILINE)
    times = [float(at) for at, _ in events]
    # The chance of this event; those of the others are 0 here.
    released = np.array([sum(ast.literal_eval(f"[{x}]")) for _, x in events]) < P_RELEASE
    assert 0 < released.sum() < released.size
    _, rows = theirs[CHANCES]
    t, s_ampa = rows[:, 0], rows[:, 2]
    rises = [np.any(np.diff(s_ampa[(t > at - 0.1) & (t < at + 0.2)]) > 0) for at in times]
    np.testing.assert_array_equal(rises, released)


def test_currents_go_to_the_ions_that_carry_them(folder):
    text = (folder / "standard_train_20hz.mod").read_text()
    for ion in ("na", "k", "ca"):
        assert f"USEION {ion} WRITE i{ion}" in text
    assert re.search(r"^    ica = 0.001\*\(i_ca_nmda\)$", text, re.MULTILINE)
    assert re.search(r"^    i = 0.001\*\(i_leak \+ i_ampa \+ i_nmda_rest\)$", text, re.MULTILINE)
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 511
