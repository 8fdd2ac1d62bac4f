"""Whole models for NEURON: compiled, run by their own scripts, and compared with mgsim.

NEURON solves with CVODE at a relative tolerance of 1e-8. Spikes within 0.05 ms, as in
test_agreement.py; potentials and openings within 0.1 % of their span where nothing spikes.
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

#: Name of the files, model, protocol, what is set, what is traced.
RUNS = {
    "cell_current_step": ("cell", "current_step", {"i_amp": 900}, ("v",)),
    "standard_train_20hz": ("standard", "train_20hz", {"mg_out": 0.5}, ("v", "ca", "i_nmda")),
    "kinetic_synapse_clamped_release": (
        "kinetic_synapse",
        "clamped_release",
        {"nmda_gating": "kampa_2004_trapping", "cleft": "cleft_pulse", "v_hold": -40},
        ("v", "open_nmda", "i_nmda"),
    ),
}


def ran(name):
    model, protocol, values, record = RUNS[name]
    return mg.simulate(mg.models[model], mg.protocols[protocol], record=record, **values)


@pytest.fixture(scope="module")
def folder(compiled, tmp_path_factory):
    """The files of every run, compiled."""
    pytest.importorskip("neuron.hoc")
    folder = tmp_path_factory.mktemp("models")
    for model, protocol, values, record in RUNS.values():
        files = mg.export(
            mg.models[model], "neuron", protocol=mg.protocols[protocol], record=record, **values
        )
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
    np.testing.assert_allclose(spikes, ours, atol=0.05)


@pytest.mark.parametrize("name", ["standard_train_20hz", "kinetic_synapse_clamped_release"])
def test_a_synapse_goes_the_way_that_mgsim_says(theirs, name):
    """A train through the magnesium block, and trapped magnesium under voltage clamp."""
    _, rows = theirs[name]
    ours = ran(name)
    for k, variable in enumerate(RUNS[name][3], 1):
        ours_then = np.interp(rows[:, 0], ours.time.values, ours[variable].values)
        span = np.ptp(ours[variable].values) or 1.0
        # A sample at an event or step is before it in one and after it in the other.
        away = np.abs(rows[:, k] - ours_then) > 1e-3 * span
        assert away.sum() <= 2, (variable, rows[away, 0])


def test_currents_go_to_the_ions_that_carry_them(folder):
    text = (folder / "standard_train_20hz.mod").read_text()
    for ion in ("na", "k", "ca"):
        assert f"USEION {ion} WRITE i{ion}" in text
    assert re.search(r"^    ica = 0.001\*\(i_ca_nmda\)$", text, re.MULTILINE)
    assert re.search(r"^    i = 0.001\*\(i_leak \+ i_ampa \+ i_nmda_rest\)$", text, re.MULTILINE)
    assert text.isascii()
    assert max(map(len, text.splitlines())) <= 511
