"""NEURON with the mechanisms of this folder, built once into the temporary folder."""

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

MOD = Path(__file__).parent / "mod"


def build(folder, sources):
    """Compile mod files into ``folder`` and return the library; once for the same contents."""
    digest = hashlib.sha256()
    for source in sources:
        digest.update(source.name.encode() + b"\0" + source.read_bytes() + b"\0")
    import neuron

    digest.update(f"{neuron.__version__} {sys.version} {sys.prefix}".encode())
    made = Path(folder) / digest.hexdigest()[:16]
    if not list(made.glob("*/libnrnmech.*")):
        part = Path(tempfile.mkdtemp(dir=folder))
        for source in sources:
            shutil.copy(source, part)
        compiler = Path(sys.executable).parent / "nrnivmodl"
        done = subprocess.run([str(compiler), "."], cwd=part, capture_output=True, text=True)
        assert done.returncode == 0, done.stdout + done.stderr
        try:
            part.rename(made)
        except OSError:  # another process was faster
            shutil.rmtree(part)
    return next(made.glob("*/libnrnmech.*"))


@pytest.fixture(scope="session")
def compiled():
    """Compile mod files to a library, cached between sessions."""
    folder = Path(tempfile.gettempdir()) / f"mgsim-mod-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    return lambda sources: build(folder, sources)


@pytest.fixture(scope="session")
def h(compiled):
    """NEURON's interpreter with the mechanisms loaded."""
    pytest.importorskip("neuron.hoc")  # "neuron" alone may be this folder
    from neuron import h

    h.load_file("stdrun.hoc")
    assert h.nrn_load_dll(str(compiled(sorted(MOD.glob("*.mod")))))
    return h
