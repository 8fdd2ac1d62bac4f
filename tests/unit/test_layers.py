"""Who imports whom: what import-linter cannot see."""

import tomllib
from pathlib import Path

import grimp
import pytest

import mgsim as mg
from mgsim.catalogs import PARTS

ROOT = Path(__file__).parents[2]
PACKAGE = Path(mg.__file__).parent
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]
LAYERS = [
    {word.strip(" ()") for word in line.split("|")}
    for line in next(c for c in CONTRACTS if c["containers"] == ["mgsim"])["layers"]
]
#: A folder of parts that the layers do not name stands with the receptors.
NEXT_TO = "receptors"


def layers():
    named = set().union(*LAYERS)
    return [line | (set(PARTS) - named if NEXT_TO in line else set()) for line in LAYERS]


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("mgsim", exclude_type_checking_imports=True, cache_dir=None)


def test_every_module_has_its_place(graph):
    found = {m.removeprefix("mgsim.") for m in graph.find_children("mgsim")}
    assert found <= set().union(*layers()), "give it a line in the layers of pyproject.toml"


def test_imports_point_downward(graph):
    """As in pyproject.toml, with every folder of parts that the list of catalogs has."""
    lines = [
        grimp.Layer(*(f"mgsim.{n}" for n in line if f"mgsim.{n}" in graph.modules))
        for line in layers()
    ]
    wrong = graph.find_illegal_dependencies_for_layers([x for x in lines if x.module_tails])
    assert not wrong
