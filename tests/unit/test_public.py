"""The public names, and what importing them costs."""

import json
import pkgutil
import re
import subprocess
import sys
from pathlib import Path

import pytest

import mgsim as mg
from mgsim.catalogs import CATALOGS

#: A contract: users rely on these. Change them together with CHANGELOG.md.
NAMES = {
    "__version__",
    "blocks",
    "receptors",
    "neurons",
    "channels",
    "calcium",
    "mechanisms",
    "baths",
    "models",
    "protocols",
    "measures",
    "experiments",
    "figures",
    "designs",
    "changes",
    "doses",
    "dose_to_neuron",
    "Parameter",
    "Port",
    "Event",
    "Component",
    "assemble",
    "by_source",
    "Scheme",
    "Model",
    "Protocol",
    "Measure",
    "Train",
    "Prior",
    "Experiment",
    "figure",
    "at",
    "lower",
    "simulate",
    "sweep",
    "threshold",
    "open_sweep",
    "cite",
    "methods",
    "parameters",
    "read_data",
    "fit",
    "Shapley",
    "check",
    "validate",
    "export",
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


def test_no_module_has_the_name_of_a_public_function():
    """It would stand in the function's place once it was imported."""
    modules = {m.name for m in pkgutil.iter_modules(mg.__path__)}
    assert not modules & set(mg._HOME)


ORDERS = """
import importlib, itertools, sys, types
threes = lambda order: set(itertools.combinations(order, 3))
first = ("import mgsim.checks.drive", "import mgsim.validation", "import mgsim.exports",
         "import mgsim.parts.blocks.kampa_2004, mgsim.measures", "mgsim.check, mgsim.export")
left = set(itertools.permutations(first, 3))
while left:  # orders of all five until every three of them came in every order
    order = max(itertools.permutations(first), key=lambda o: len(left & threes(o)))
    left -= threes(order)
    for name in [n for n in sys.modules if n.partition(".")[0] == "mgsim"]:
        del sys.modules[name]
    import mgsim
    for line in order:
        exec(line)
    for name in ("check", "validate", "export"):
        assert isinstance(getattr(mgsim, name), types.FunctionType), (order, name)
    from mgsim.parts import blocks
    from mgsim import check, export, measures, validate
    assert isinstance(validate, types.FunctionType)
    assert blocks["kampa_2004"] is mgsim.parts.blocks.kampa_2004, order
    assert "mean_v" in measures and mgsim.measures is measures, order
    print(order)
"""


def test_names_are_the_same_whatever_was_imported_first():
    done = subprocess.run(
        [sys.executable, "-c", ORDERS], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert 6 <= len(done.stdout.splitlines()) <= 12


def test_names_are_the_same_after_every_module_was_imported():
    code = (
        "import importlib, pkgutil, types, mgsim\n"
        "for m in pkgutil.walk_packages(mgsim.__path__, 'mgsim.'):\n"
        "    if not m.name.endswith('__main__'): importlib.import_module(m.name)\n"
        "for name in mgsim.__all__:\n"
        "    module = isinstance(getattr(mgsim, name), types.ModuleType)\n"
        "    assert module == (name in mgsim._MODULES), name"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


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
        "mg.simulate; mg.sweep; mg.open_sweep; mg.fit; mg.read_data; mg.Shapley",
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


#: What gathers while something runs; all else is shared, by caches and by threads.
GATHERS = {
    "Account",
    "Arrays",
    "Evaluated",
    "Graph",
    "Heard",
    "Outcome",
    "Rows",
    "Sweeps",
    "Timeline",
}


def test_what_is_shared_cannot_be_changed():
    found = {}
    for path in Path(mg.__file__).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for told, name in re.findall(r"^@dataclass(.*)\nclass _?(\w+)", text, re.MULTILINE):
            found[name] = "frozen=True" in told
    assert len(found) > 100
    assert {name for name, frozen in found.items() if not frozen} == GATHERS
