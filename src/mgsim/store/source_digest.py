"""What computes, as a digest: the source of the modules that numbers come from.

Comments, docstrings and layout are no part of it, nor the version of Python. What the models are is
not either: their equations and values stand in a sweep's description.
"""

from __future__ import annotations

import ast
import gc
import inspect
import pkgutil
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from mgsim import sweeps
from mgsim.engines.contract import Engine, EngineError
from mgsim.engines.fused.compiling import cache as kept
from mgsim.engines.headers import HEADERS
from mgsim.files import sha256

#: Modules that make numbers of a system's equations and of the values given; packages whole.
MODULES = (
    "compose.measure",
    "compose.model",
    "compose.protocol",
    "declare",
    "engines",
    "equations",
    "protocols",
    "system",
    "units",
    "sweeps.point_rows",
    "sweeps.designs",
    "sweeps.trains",
    "sweeps.keywords",
    "sweeps.labels",
    "sweeps.prepare",
    "sweeps.resolving",
    "sweeps.search",
    "sweeps.start",
    "sweeps.derived",
)
#: What stands for the digest of what has no file.
_UNKNOWN = "unknown"
#: What some versions of Python write of a syntax tree and others leave out.
_OPTIONAL = (
    *(
        f"{field}=[]"
        for field in (
            "kwonlyargs",
            "posonlyargs",
            "args",
            "kw_defaults",
            "defaults",
            "decorator_list",
            "type_params",
            "bases",
            "keywords",
            "finalbody",
            "orelse",
            "handlers",
            "body",
            "elts",
            "keys",
            "values",
            "ifs",
            "type_ignores",
            "kwd_patterns",
            "kwd_attrs",
            "patterns",
        )
    ),
    "ctx=Load()",
)


def digests(engines: Iterable[Engine] = ()) -> dict[str, str]:
    """The digest of mgsim, and of the module of each engine that is not its own, by its name.

    Raises
    ------
    EngineError
        When a file has changed since it was loaded, or an engine has none, as that of a notebook,
        so that nobody can say what ran.
    """
    kinds = {e.name: type(e) for e in foreign(engines)}
    return {"mgsim": _own(), **{n: _of_engine(n, kind) for n, kind in sorted(kinds.items())}}


def _of_engine(name: str, kind: type) -> str:
    """The digest of the modules of a class and of what it inherits from, mgsim's apart."""
    known = {"mgsim", *sys.stdlib_module_names} - {"__main__"}
    kinds = [k for k in kind.__mro__ if k.__module__.partition(".")[0] not in known]
    found = list(dict.fromkeys(of_module(k) for k in kinds))
    if _UNKNOWN in found:
        raise EngineError(
            f"engine '{name}' is of no file that can be read, as one of a notebook is, so a folder "
            "could not say what computed it; write its class into a module and import it, or keep "
            "the sweep in memory"
        )
    return found[0] if len(found) == 1 else sha256(" ".join(found))


def foreign(engines: Iterable[Engine]) -> list[Engine]:
    """The engines that are not mgsim's own."""
    return [e for e in engines if not type(e).__module__.startswith("mgsim.engines.")]


@cache
def of_compiled() -> str:
    """The digest of mgsim where compiled kernels run everything: the reference engine apart."""
    return _own(("mgsim.engines.brian",))


@cache
def _own(without: tuple[str, ...] = ()) -> str:
    sources = {name: _source(name) for name in _names() if not name.startswith(without)}
    sources |= HEADERS
    reader = Path(__file__).read_text(encoding="utf-8")  # what tells a comment from what counts
    whole = "\0".join([reader, *(f"{name}\0{text}" for name, text in sources.items())])
    return kept.text(f"source-{sha256(whole)[:40]}", lambda: _bared(sources))


def _bared(sources: Mapping[str, str]) -> str:
    """The digest of sources without what computes nothing."""
    collecting = gc.isenabled()
    gc.disable()  # syntax trees are many small objects, none of which is in a circle
    try:
        texts = [
            f"{name} {_header(text) if name.endswith('.h') else _plain(text)}"
            for name, text in sources.items()
        ]
    finally:
        if collecting:
            gc.enable()
    return sha256("\n".join(texts))


def _header(text: str) -> str:
    bare = re.sub(r"/\*.*?\*/|//[^\n]*", "", text, flags=re.DOTALL)
    return " ".join(bare.split())


@cache
def of_module(thing: Any) -> str:
    """The digest of the file of a class or function; ``"unknown"`` where there is none."""
    try:
        source = Path(inspect.getfile(inspect.unwrap(thing))).read_text(encoding="utf-8")
        return sha256(_plain(source))
    except (TypeError, OSError, SyntaxError):
        return _UNKNOWN


def _names() -> Iterator[str]:
    for name in (f"mgsim.{n}" for n in MODULES):
        yield name
        found = find_spec(name)
        for inside in pkgutil.walk_packages(
            (found and found.submodule_search_locations) or [], f"{name}."
        ):
            yield inside.name


def _source(name: str) -> str:
    import_module(name)  # what is loaded later might be another
    spec = find_spec(name)
    loader: Any = spec and spec.loader
    text = loader.get_source(name)
    if text is None:
        raise EngineError(f"{name} has no source, so a folder could not say what computed it")
    file = spec and spec.origin
    if file and Path(file).stat().st_mtime_ns != sweeps.LOADED.get(file):
        raise EngineError(f"{file} has changed since it was loaded; start Python anew")
    return str(text)


def _plain(source: str) -> str:
    """A module's syntax tree as text; what some versions of Python leave out is left out."""
    tree = ast.parse(source)
    _bare(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):  # some versions put an empty text into it
            node.values[:] = [x for x in node.values if getattr(x, "value", None) != ""]
    text = ast.dump(tree)
    for word in _OPTIONAL:
        text = text.replace(f", {word}", "").replace(word, "")
    return text.replace("(, ", "(")


def _bare(node: Any) -> None:
    """Take out texts that stand alone: docstrings, and comments by other means."""
    for name in ("body", "orelse", "finalbody", "handlers", "cases"):
        inside = getattr(node, name, None)
        if isinstance(inside, list):
            inside[:] = [
                n
                for n in inside
                if not (
                    isinstance(n, ast.Expr)
                    and isinstance(n.value, ast.Constant)
                    and isinstance(n.value.value, str)
                )
            ]
            for one in inside:
                _bare(one)
