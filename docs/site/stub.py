"""What editors and type checkers see of ``import mgsim``: ``make tables`` writes it.

The package loads names when they are used, and its verbs take keywords that stand once for all of
them; no checker follows either.
"""

from __future__ import annotations

import inspect
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import mgsim as mg
from mgsim.catalogs import CATALOGS

FILE = Path(mg.__file__).with_suffix(".pyi")
_HEAD = '''\
"""Made from the package by make tables: what editors and type checkers see of it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import xarray as xr

if TYPE_CHECKING:  # so that mypy, in a circle of imports, reads this file before the others
'''
#: What signatures speak of, and is not public.
_USED = {
    "mgsim.catalogs.catalog": {"Catalog"},
    "mgsim.engines.contract": {"Engine"},
    "mgsim.sweeps.designs": {"Design"},
    "mgsim.sweeps.prepare": {"Measures"},
}


def text() -> str:
    """The stub."""
    names = defaultdict(set, {module: set(used) for module, used in _USED.items()})
    verbs = []
    for name, module in mg._HOME.items():
        if hasattr(getattr(mg, name), "__signature__"):
            verbs.append(name)
        else:
            names[f"mgsim.{module}"].add(f"{name} as {name}")
    for name, module in mg._MODULES.items():
        names[f"mgsim.{module}".rpartition(".")[0]].add(f"{name} as {name}")
    kinds = {name: catalog._kind.rpartition(".") for name, catalog in CATALOGS.items()}
    for module, _, kind in kinds.values():
        if kind not in mg._HOME:
            names[f"mgsim.{module}"].add(kind)
    lines = [
        f"    from {module} import {name}"
        for module in sorted(names)
        for name in sorted(names[module])
    ]
    lines += ["", "__version__: str"]
    lines += [f"{name}: Catalog[{kind}]" for name, (_, _, kind) in kinds.items()]
    lines += ["", *(line for name in sorted(verbs) for line in _shown(name, getattr(mg, name)))]
    return _HEAD + "\n".join(lines) + "\n"


def _shown(name: str, verb: Callable[..., Any]) -> Iterator[str]:
    signature = inspect.signature(verb)
    yield f"def {name}("
    last = None
    for p in signature.parameters.values():
        if last is not p.kind:
            if last is p.POSITIONAL_ONLY:
                yield "    /,"
            if p.kind is p.KEYWORD_ONLY:
                yield "    *,"
        last = p.kind
        default = "" if p.default is p.empty else f" = {p.default!r}".replace("'", '"')
        star = "**" if p.kind is p.VAR_KEYWORD else ""
        yield f"    {star}{p.name}: {p.annotation}{default},".replace("'", '"')
    yield f") -> {signature.return_annotation}: ..."


if __name__ == "__main__":
    FILE.write_text(text(), encoding="utf-8")
