"""Catalogs: declarations by name, the nearest names for what is not there."""

import copy
import importlib
import os
import pkgutil
import re
import shutil
import subprocess
import sys
import types
from collections.abc import Mapping
from pathlib import Path

import pytest
from running import LEAN

import mgsim as mg
from mgsim.catalogs import CATALOGS, PARTS
from mgsim.catalogs.catalog import Catalog, UnknownName, unknown
from mgsim.compose.finding import every
from mgsim.declare.component import Component


@pytest.mark.parametrize("kind", CATALOGS)
def test_every_entry_stands_under_its_own_name(kind):
    catalog = getattr(mg, kind)
    assert len(catalog) == len(list(catalog)) == len(catalog.values()) == len(catalog.all) > 0
    for name in catalog:
        assert catalog[name].name == name
        assert name in catalog
    assert "nothing_of_this_name" not in catalog


@pytest.mark.parametrize("kind", CATALOGS)
def test_an_attribute_is_the_declaration_and_not_the_module_around_it(kind):
    catalog = getattr(mg, kind)
    for name in catalog:
        assert getattr(catalog, name) is catalog[name]
    with pytest.raises(AttributeError, match="no "):
        catalog.nothing_of_this_name  # noqa: B018
    assert not hasattr(catalog, "_repr_html_")


@pytest.mark.parametrize(
    "first",
    [
        "",
        "import mgsim.parts.blocks.kampa_2004",
        "from mgsim.parts.blocks.kampa_2004 import kampa_2004",
        "from mgsim.parts.blocks import kampa_2004",
        "import mgsim.parts.receptors.kampa_2004_trapping",
        "from mgsim.parts.receptors import trapping; trapping.in_order",
    ],
)
def test_attributes_in_whatever_order_modules_are_imported(first):
    code = (
        f"{first}\nimport mgsim as mg\n"
        "assert mg.blocks.kampa_2004 is mg.blocks['kampa_2004']\n"
        "assert mg.receptors.ampa_exponential is mg.receptors['ampa_exponential']\n"
        "assert 'kampa_2004_trapping' in mg.receptors\n"
        "assert list(mg.blocks)[0] == 'antonov_johnson_1999'"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize(
    ("kind", "wrong", "right"),
    [
        ("blocks", "jahr_steven_1990", "jahr_stevens_1990"),
        ("blocks", "kampa2004", "kampa_2004"),
        ("models", "standart", "standard"),
        ("protocols", "train20hz", "train_20hz"),
        ("measures", "spike_counts", "spike_count"),
        ("neurons", "pospischil_2008", "pospischil_2008_rs"),
        ("baths", "persn", "person"),
    ],
)
def test_an_unknown_name_offers_the_nearest(kind, wrong, right):
    with pytest.raises(UnknownName, match=rf"{wrong}.*did you mean .*{right}"):
        getattr(mg, kind)[wrong]


def test_what_a_prompt_shows_is_short():
    assert repr(mg.models).startswith("mgsim.models:\n  ")
    assert repr(mg.models["tonic"].swap(mg.blocks["none"])) == (
        "<Model tonic: bath person, neuron pospischil_2008_rs, nmda_gating fully_open, "
        "block none, nmda_current nmda, ca_entry fractional, ca_pool pool>"
    )
    assert repr(mg.baths["person"]["mg_out"]) == (
        "<Parameter mg_out = 0.8 mM: extracellular free magnesium>"
    )
    assert repr(mg.protocols["rest"]) == "<Protocol rest, 1000 ms: nothing is done>"
    assert repr(mg.measures["spike_rate"]) == "<Measure spike_rate [Hz]: firing rate>"
    for kind in (n for n in CATALOGS if n != "figures"):
        for thing in getattr(mg, kind).values():
            assert thing.name in repr(thing)
            assert len(repr(thing)) < 400
            assert "\n" not in repr(thing)


def test_a_name_near_nothing_lists_what_there_is():
    with pytest.raises(UnknownName, match=r"there are: .*cell.* and \d+ more"):
        mg.models["zzzzzzzz"]
    assert "\n" not in str(unknown("thing", "x" * 300, ["a"]))


def test_unknown_name_is_a_key_error_with_a_plain_message():
    assert str(UnknownName("no such thing")) == "no such thing"
    assert issubclass(UnknownName, KeyError)


@pytest.fixture
def made():
    """A module below mgsim that holds what a test puts in it."""
    module = types.ModuleType("mgsim.made_for_a_test")
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


def test_a_catalog_holds_one_kind(made):
    made.a, made.b = mg.models["cell"], mg.protocols["rest"]
    made.helper = len
    catalog = Catalog("made_for_a_test", "compose.model.Model")
    assert list(catalog) == ["cell"]
    assert catalog.helper is len


def test_two_entries_of_one_name_are_refused(made):
    made.a, made.b = mg.models["cell"], mg.models["tonic"].named("cell")
    with pytest.raises(ValueError, match="share the name 'cell'"):
        Catalog("made_for_a_test", "compose.model.Model")["cell"]


# ---- a mapping -----------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", CATALOGS)
def test_a_catalog_is_a_mapping(kind):
    catalog = getattr(mg, kind)
    assert isinstance(catalog, Mapping)
    assert dict(catalog) == dict(catalog.items()) == {n: catalog[n] for n in catalog.keys()}  # noqa: SIM118
    assert list(catalog.values()) == list(catalog.all)
    first = next(iter(catalog))
    assert catalog.get(first) is catalog[first]
    assert catalog.get("nothing_of_this_name") is None
    assert catalog.get("nothing_of_this_name", 1) == 1
    assert {first} <= set(dir(catalog))


@pytest.mark.parametrize("kind", CATALOGS)
def test_a_copy_of_a_catalog_has_the_same_entries(kind):
    assert list(copy.copy(getattr(mg, kind))) == list(getattr(mg, kind))


def test_parts_are_found_by_the_slot_they_fill():
    """A law that has states of its own stands with the receptors; so with any slot's catalog."""
    for name in ("kampa_2004_trapping", "ascher_nowak_kinetic", "hill_tononi_2005"):
        assert mg.blocks[name] is mg.receptors[name] is getattr(mg.blocks, name)
        assert name in mg.blocks
        assert name not in mg.blocks.own
    assert "lester_jahr_1992" not in mg.blocks
    for kind in PARTS:
        slot = kind.removesuffix("s")
        assert {p.name for p in every() if slot in p.slots} <= set(getattr(mg, kind))


def test_every_part_is_counted_once():
    names = [p.name for p in every()]
    assert len(names) == len(set(names)) == sum(len(c.own) for c in PARTS.values())


# ---- one list ------------------------------------------------------------------------------------


def test_a_folder_of_parts_is_in_the_list():
    """No module declares a public part that no catalog has."""
    listed = {id(p) for p in every()}
    for found in pkgutil.walk_packages(mg.__path__, "mgsim."):
        if not found.name.endswith("__main__"):
            for name, value in vars(importlib.import_module(found.name)).items():
                if isinstance(value, Component) and not name.startswith("_"):
                    assert id(value) in listed, f"{found.name} is not in mgsim.catalogs"


PART = """
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

{name} = Component(
    name="{name}",
    slot="gap",
    meaning="a leak that is made for a test",
    equations="i_gap = g_gap*(v - e_gap) : pA  # current of the gap",
    parameters=(
        Parameter("g_gap", 0.5, "nS", "conductance", "jahr_1990: made for a test", (0.1, 2)),
        Parameter("e_gap", -70.0, "mV", "reversal potential", "assumed: made for a test", (-90, 0)),
    ),
    currents={{"i_gap": ""}},
    references=("jahr_1990",),
    conditions="Made for a test.",
    reproduces="Nothing.",
    deviations="It has no paper.",
)
"""


@pytest.fixture(scope="module")
def copied(tmp_path_factory):
    """A copy of the package with a new folder of parts, which one line of one file names."""
    root = tmp_path_factory.mktemp("copied")
    package = Path(mg.__file__).parent
    shutil.copytree(package, root / "mgsim")
    (root / "mgsim" / "parts" / "junctions").mkdir()
    (root / "mgsim" / "parts" / "junctions" / "__init__.py").write_text('"""Junctions."""\n')
    (root / "mgsim" / "parts" / "junctions" / "gap.py").write_text(PART.format(name="gap"))
    return root


def ran(root, *words):
    env = {**os.environ, "PYTHONPATH": str(root), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    return subprocess.run(
        [sys.executable, *words], capture_output=True, text=True, env=env, cwd=root, check=False
    )


def judged(root, *words):
    here = Path(__file__).parents[1]
    options = (*LEAN, "-q", "-p", "no:cacheprovider", "-c", str(here.parent / "pyproject.toml"))
    paths = (str(here / word) if word.endswith(".py") else word for word in words)
    return ran(root, "-m", "pytest", *options, *paths)


def test_a_folder_that_is_not_in_the_list_fails_a_test(copied):
    done = judged(copied, "unit/test_catalog.py", "-k", "a_folder_of_parts_is_in_the_list")
    assert done.returncode == 1, done.stdout
    assert "mgsim.parts.junctions.gap is not in mgsim.catalogs" in done.stdout


def test_a_folder_of_parts_is_one_line_in_one_file(copied, tmp_path):
    """The public name, list, show, --set, cite, the page and the contract tests follow."""
    root = tmp_path / "listed"
    shutil.copytree(copied, root)
    file = root / "mgsim" / "catalogs" / "__init__.py"
    before = file.read_text()
    file.write_text(before.replace("\nmodels", '\njunctions = Parts("junctions")\nmodels', 1))
    code = (
        "import mgsim as mg; from mgsim.cli import main; from mgsim.report import parts\n"
        "assert mg.junctions['gap'] is mg.junctions.gap and 'junctions' in mg.__all__\n"
        "from mgsim.parts.junctions.gap import gap; assert gap is mg.junctions.gap\n"
        "for line in ('list junctions', 'show gap', 'cite junctions/gap',\n"
        "  'simulate cell --protocol rest --set gap=gap --duration 1 --record i_gap'):\n"
        "    assert main(line.split()) == 0, line\n"
        "assert '## Junctions' in parts.page() and '### gap' in parts.page()\n"
    )
    done = ran(root, "-c", code)
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("a leak that is made for a test") >= 2
    assert "Jahr & Stevens 1990" in done.stdout
    wanted = (
        "(test_parts and (gap or every or resolve)) or a_folder_of_parts_is_in or point_downward"
    )
    files = ("contract/test_parts.py", "unit/test_catalog.py", "unit/test_layers.py")
    done = judged(root, *files, "-k", wanted)
    assert done.returncode == 0, done.stdout
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) > 8


@pytest.mark.parametrize(
    ("asked", "offered"),
    [
        ("magnesium", "mg_out"),
        ("nmda_conductance", "g_nmda"),
        ("decay", "tau_decay_nmda"),
        ("mgout", "mg_out"),
    ],
)
def test_a_parameter_is_offered_by_its_meaning_too(asked, offered):
    with pytest.raises(KeyError, match=rf"did you mean .*\b{offered}\b"):
        mg.sweep("standard", "rest", "mean_v", **{asked: [0, 1]})


def test_a_measure_is_offered_by_its_meaning_too():
    with pytest.raises(KeyError, match="no measure 'firing_rate'; did you mean spike_rate"):
        mg.sweep("standard", "rest", "firing_rate")


def test_a_name_that_is_nearly_right_is_offered_first():
    with pytest.raises(KeyError, match=r"did you mean mg_out\b"):
        mg.sweep("standard", "rest", "mean_v", mg_ot=[0, 1])


def test_a_fault_in_a_file_is_not_taken_for_a_name_that_is_missing(tmp_path, monkeypatch):
    """The error of the file comes out, whoever asks first, and does not go round in a circle."""
    folder = tmp_path / "faulty"
    folder.mkdir()
    (folder / "__init__.py").write_text("")
    (folder / "one.py").write_text("import mgsim as mg\nx = mg.Model.nothing\n")
    monkeypatch.setattr(mg, "__path__", [*mg.__path__, str(tmp_path)])
    faulty = Catalog("faulty", "compose.model.Model")
    for ask in (lambda: faulty["x"], lambda: faulty.x, lambda: "x" in faulty):
        with pytest.raises(ImportError, match=r"mgsim.faulty cannot be read: .*'nothing'"):
            ask()


def test_no_two_trains_share_a_name():
    """A folder knows a train of mgsim's own by its name alone."""
    named = {}
    for protocol in mg.protocols.all:
        for train in protocol.events.values():
            name = getattr(train.times, "__qualname__", None)
            assert named.setdefault(name, train.times) is train.times or name is None, name
    assert {"_regular", "_poisson"} <= named.keys()
