"""Exported mod files, compiled by NEURON and run beside numpy.

NEURON keeps six digits of a PARAMETER's default.
"""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import mgsim as mg
from mgsim.exports import export

LAWS = [
    b
    for b in mg.blocks.own.values()
    if "unblocked" in {e.name for e in b.lines if not e.differential}
    and not any(e.differential for e in b.lines)
]


def check_units(file):
    """NEURON's own check of a mod file's units."""
    program = Path(sys.executable).parent / "modlunit"
    if not program.exists():
        pytest.skip("NEURON without modlunit")
    done = subprocess.run([str(program), str(file)], capture_output=True, text=True)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    assert "<<ERROR>>" not in said, said


@pytest.fixture(scope="module")
def exported(h, compiled, tmp_path_factory):
    folder = tmp_path_factory.mktemp("exported")
    for law in LAWS:
        (folder / f"mg_{law.name}.mod").write_text(export(law, "neuron"), encoding="utf-8")
    assert h.nrn_load_dll(str(compiled(sorted(folder.glob("*.mod")))))
    return h


@pytest.mark.parametrize("law", LAWS, ids=lambda b: b.name)
def test_the_units_are_right_for_neuron(law, tmp_path):
    file = tmp_path / "law.mod"
    file.write_text(export(law, "neuron"), encoding="utf-8")
    check_units(file)


@pytest.mark.parametrize("law", LAWS, ids=lambda b: b.name)
def test_neuron_computes_what_numpy_does(exported, law):
    h = exported
    section = h.Section(name="cell")
    process = getattr(h, f"mg_{law.name}")(section(0.5))
    h.CVode().active(False)
    h.celsius = 36
    for mg_out in (0.0, 0.01, 1.0, 10.0):
        process.mg = mg_out
        for v in (-100.0, -70.0, -20.0, 0.0, 40.0):
            h.finitialize(v)
            b = float(law.evaluate("unblocked", v=v, mg_out=mg_out))
            assert process.unblocked == pytest.approx(b, rel=1e-5)
            assert process.i == pytest.approx(0.001 * b * v, rel=1e-5, abs=1e-15)
    assert np.isfinite(process.i)
