"""Who imports whom: what import-linter cannot see."""

import ast
import pkgutil
import tomllib
from pathlib import Path

import grimp
import pytest

import mgsim as mg
from mgsim.catalogs import CATALOGS, PARTS

ROOT = Path(__file__).parents[2]
PACKAGE = Path(mg.__file__).parent
CONTRACTS = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"][
    "importlinter"
]["contracts"]
LAYERS = [
    {word.strip(" ()") for word in line.split("|")}
    for line in next(c for c in CONTRACTS if c["containers"] == ["mgsim"])["layers"]
]


@pytest.fixture(scope="module")
def graph():
    return grimp.build_graph("mgsim", cache_dir=None)


def test_every_module_has_its_place(graph):
    found = {m.removeprefix("mgsim.") for m in graph.find_children("mgsim")}
    assert found <= set().union(*LAYERS), "give it a line in the layers of pyproject.toml"


def test_imports_point_downward(graph):
    lines = [
        grimp.Layer(*(f"mgsim.{n}" for n in line if f"mgsim.{n}" in graph.modules))
        for line in LAYERS
    ]
    wrong = graph.find_illegal_dependencies_for_layers([x for x in lines if x.module_tails])
    assert not wrong


# ---- imports that go round the layers -----------------------------------------------------------

#: Where an import inside a function spares others what is slow to load; import-linter sees these.
LAZY = {
    "mgsim.cli": "a command loads what it needs, so that --help and list start at once",
    "mgsim.store.description.manifest": "pydantic is for folders; sweeps in memory do without",
}
#: Who loads modules by name: the public names, the catalogs, what a run needs of others, and the
#: digest of all that computes.
BY_NAME = {
    "mgsim",
    "mgsim.catalogs.catalog",
    "mgsim.store.source_digest",
    "mgsim.sweeps.point_rows",
}
MODULES = {m.name for m in pkgutil.walk_packages(mg.__path__, "mgsim.")}


def slips(name, text):
    """Imports of the package that the layers do not see, or that stand inside a function."""
    tree = ast.parse(text)
    inside = {
        id(node)
        for function in ast.walk(tree)
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        for node in ast.walk(function)
    }
    lazy = any(name == one or name.startswith(f"{one}.") for one in LAZY)
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found = [a.name for a in node.names if a.name.partition(".")[0] == "mgsim"]
            if "mgsim" in found:
                yield node.lineno, "mgsim as a whole hides what is imported"
        elif isinstance(node, ast.ImportFrom):
            found = [node.module] if (node.module or "").partition(".")[0] == "mgsim" else []
            if node.level:
                yield node.lineno, "a relative import"
            if node.module == "mgsim.catalogs":
                for alias in node.names:
                    home = "mgsim.parts" if alias.name in PARTS else "mgsim"
                    inside_it = f"{name}.".startswith(f"{home}.{alias.name}.")
                    if alias.name in CATALOGS and not inside_it:
                        yield node.lineno, f"write: from {home} import {alias.name}"
            if node.module in ("mgsim", "mgsim.parts") and name != node.module:
                for alias in node.names:
                    if f"{node.module}.{alias.name}" not in MODULES:
                        yield node.lineno, f"'{alias.name}' is no module, so no layer is known"
        elif isinstance(node, ast.Call):
            called = ast.unparse(node.func).rpartition(".")[2]
            if called in ("import_module", "__import__") and name not in BY_NAME:
                yield node.lineno, "a module by its name"
            continue
        else:
            continue
        if found and id(node) in inside and not lazy:
            yield node.lineno, "an import inside a function"


def sources():
    for file in sorted(PACKAGE.rglob("*.py")):
        parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        if name != "mgsim.__main__":
            yield name, file.read_text(encoding="utf-8")


def test_no_import_goes_round_the_layers():
    found = {name: list(slips(name, text)) for name, text in sources() if name != "mgsim"}
    assert not {n: s for n, s in found.items() if s}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("def f():\n    import mgsim", "mgsim as a whole"),
        ("import mgsim as mg", "mgsim as a whole"),
        ("from mgsim import cite", "'cite' is no module"),
        ("from mgsim.catalogs import models", "write: from mgsim import models"),
        ("from mgsim.catalogs import blocks", "write: from mgsim.parts import blocks"),
        ("from . import units", "a relative import"),
        ("def f():\n    from mgsim.compose.model import Model", "inside a function"),
        ("f = lambda: __import__('mgsim.compose.model')", "by its name"),
        ("import importlib\nimportlib.import_module('mgsim.compose.model')", "by its name"),
    ],
)
def test_such_an_import_is_found(text, words):
    assert any(words in why for _, why in slips("mgsim.compose.model", text))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("mgsim.compose.model", "from mgsim import units"),
        ("mgsim.compose.model", "def f():\n    import brian2"),
        ("mgsim.parts.blocks", "from mgsim.catalogs import blocks"),
        ("mgsim.cli.commands.check", "def f():\n    from mgsim.checks import check"),
    ],
)
def test_others_are_not(name, text):
    assert not list(slips(name, text))


def test_the_linter_sees_imports_inside_functions(graph):
    """So that a lazy import of a command is held to the layers."""
    assert "mgsim.exports" in graph.find_modules_directly_imported_by("mgsim.cli.commands.export")
