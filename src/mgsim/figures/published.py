"""Published numbers that stand on figures: rows by which mgsim is validated, written once."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from mgsim import experiments
from mgsim.sweeps.result.parameters import parameters

if TYPE_CHECKING:
    import xarray as xr

#: What stands for a published number on a figure.
MARK: dict[str, Any] = {"ls": "none", "marker": "x", "ms": 4.0, "mew": 0.9, "zorder": 4}


@cache
def _section(letter: str) -> Mapping[str, Any]:
    text = files("mgsim").joinpath("validation", "data", f"{letter}.toml")
    return tomllib.loads(text.read_text(encoding="utf-8"))


def usual(ds: xr.Dataset) -> bool:
    """Whether a result has the parts and values of its experiment, but for what is an axis."""
    own = experiments.get(ds.attrs.get("experiment", ""))
    if own is None or ds.attrs["parts"] != ", ".join(p.name for p in own.models[0].parts):
        return False
    declared = [p for part in own.models[0].parts for p in part.parameters]
    now = parameters(ds).variables
    return all(
        bool(now[p.name].dims) or math.isclose(float(now[p.name]), p.value)
        for p in (*declared, *own.protocol.parameters)
        if p.name in now
    )


def row(name: str) -> Mapping[str, Any]:
    """A row as it is written: ``given``, ``expected``, ``unit``, ``source``.

    >>> row("TD1.published")["unit"]
    'ms'
    """
    section = re.match(r"T(S\d+|[A-Z])", name)
    assert section is not None
    found: Mapping[str, Any] = _section(section[1])[name]
    return found
