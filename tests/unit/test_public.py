"""The public names, and what importing them costs."""

import json
import re
import subprocess
import sys

import pytest

import mgsim as mg
from mgsim.catalogs import CATALOGS

#: A contract: users rely on these. Change them together with CHANGELOG.md.
NAMES = {
    "__version__",
    "blocks",
    "receptors",
    "neurons",
    "calcium",
    "baths",
    "models",
    "protocols",
    "measures",
    "experiments",
    "figures",
    "designs",
    "Parameter",
    "Port",
    "Component",
    "Scheme",
    "Model",
    "Protocol",
    "Measure",
    "Train",
    "Experiment",
    "figure",
    "at",
    "lower",
    "simulate",
    "sweep",
    "open_sweep",
    "cite",
    "read_data",
    "fit",
    "check",
}
HEAVY = (
    "brian2",
    "xarray",
    "matplotlib",
    "scipy",
    "pandas",
    "sympy",
    "h5netcdf",
    "tqdm",
    "zarr",
    "pydantic",
    "dask",
)


def test_public_names_are_pinned():
    assert set(mg.__all__) == NAMES | set(CATALOGS)
    assert len(mg.__all__) == len(set(mg.__all__))
    assert set(dir(mg)) >= NAMES


@pytest.mark.parametrize("name", sorted(NAMES))
def test_every_public_name_is_there(name):
    assert getattr(mg, name) is not None


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"no attribute 'simulte'$"):
        mg.simulte  # noqa: B018


def test_functions_with_a_module_of_their_own_are_named():
    assert "from mgsim.export import export" in mg.__doc__
    with pytest.raises(AttributeError, match=r"from mgsim\.export import export"):
        mg.__getattr__("export")


@pytest.mark.parametrize(
    "first", ["mg.check", "from mgsim.check import check", "import mgsim.check"]
)
def test_check_is_called_whatever_was_imported_first(first):
    code = (
        f"import mgsim as mg; {first}; from mgsim.check import check; p = mg.Model('torn', "
        "(mg.receptors['nmda'],)); print(bool(mg.check(p)), str(mg.check(p)) == str(check(p)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "True"]


def test_the_version_is_one():
    assert re.fullmatch(r"\d+\.\d+\.\d+([abrc.]+\d+)?", mg.__version__)


def imported(code):
    probe = (
        f"{code}; import sys, json; print(json.dumps([m for m in {HEAVY!r} if m in sys.modules]))"
    )
    done = subprocess.run([sys.executable, "-c", probe], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


@pytest.mark.parametrize(
    "use",
    [
        "",
        "from mgsim.catalogs import CATALOGS as all; [list(all[n]) for n in all if n != 'figures']",
        "mg.blocks['jahr_stevens_1990'].evaluate('unblocked', v=-70, mg_out=1)",
        "mg.lower(mg.models['standard'], mg.protocols['train_20hz'], [])",
        "mg.simulate; mg.sweep; mg.open_sweep; mg.fit; mg.read_data",
        "mg.cite(mg.models['standard'])",
    ],
)
def test_nothing_heavy_is_imported_before_it_is_needed(use):
    """`import mgsim` imports none of brian2, xarray, matplotlib, so that it takes under 0.3 s."""
    assert imported(f"import mgsim as mg; {use}" if use else "import mgsim as mg") == []


def test_running_through_the_fused_engine_needs_no_brian():
    code = (
        "import mgsim as mg, sys; mg.sweep(mg.models['cell'], mg.protocols['rest'].lasting(10,"
        "(0, 10)), mg.measures['mean_v'], engine='fused'); print('brian2' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
