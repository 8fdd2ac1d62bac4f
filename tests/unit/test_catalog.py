"""Catalogs: declarations by name, the nearest names for what is not there."""

import subprocess
import sys
import types

import pytest

import mgsim as mg
from mgsim.catalog import Catalog, UnknownName, unknown

CATALOGS = [
    "blocks",
    "receptors",
    "neurons",
    "channels",
    "calcium",
    "baths",
    "models",
    "protocols",
    "measures",
    "experiments",
    "figures",
]


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
        "import mgsim.blocks.kampa_2004",
        "from mgsim.blocks.kampa_2004 import kampa_2004",
        "from mgsim.blocks import kampa_2004",
        "import mgsim.receptors.kampa_2004_trapping",
        "from mgsim.receptors import trapping; trapping.in_order",
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
    for kind in CATALOGS[:-1]:
        for thing in getattr(mg, kind).values():
            assert thing.name in repr(thing)
            assert len(repr(thing)) < 400
            assert "\n" not in repr(thing)


def test_a_name_near_nothing_lists_what_there_is():
    with pytest.raises(UnknownName, match=r"there are: .*cell.*tonic"):
        mg.models["zzzzzzzz"]
    assert "\n" not in str(unknown("thing", "x" * 300, ["a"]))


def test_unknown_name_is_a_key_error_with_a_plain_message():
    assert str(UnknownName("no such thing")) == "no such thing"
    assert issubclass(UnknownName, KeyError)


def test_a_module_becomes_a_catalog_of_one_type():
    module = types.ModuleType("made_for_a_test")
    sys.modules["made_for_a_test"] = module
    try:
        module.a = mg.models["cell"]
        module.b = mg.protocols["rest"]
        Catalog.adopt("made_for_a_test", mg.Model)
        assert list(module) == ["cell"]
    finally:
        del sys.modules["made_for_a_test"]


def test_two_entries_of_one_name_are_refused():
    module = types.ModuleType("made_for_a_test")
    sys.modules["made_for_a_test"] = module
    try:
        module.a = mg.models["cell"]
        module.b = mg.models["tonic"].named("cell")
        Catalog.adopt("made_for_a_test", mg.Model)
        with pytest.raises(ValueError, match="share the name 'cell'"):
            module["cell"]
    finally:
        del sys.modules["made_for_a_test"]
