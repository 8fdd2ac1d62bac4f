"""Checks that need no run: what the equations give at states that are chosen."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from mgsim import units
from mgsim.checks.finding import Finding
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.engines.algebra import follow
from mgsim.engines.updates.stepping import initial_values
from mgsim.system.lowering import System


def start_values(system: System) -> dict[str, Any]:
    """Parameters and start values in SI."""
    columns = {p.name: np.asarray(p.si) for p in system.parameters}
    return {**columns, **initial_values(system, columns), "t": 0.0, "dt": 1e-5}


def lively(system: System) -> dict[str, Any]:
    """The same with no state at 0: receptors, gates and glutamate are half of their unit."""
    known = start_values(system)
    of = {e.name: 0.5 * units.unit(e.unit).factor for e in system.recordable.values()}
    return {
        n: np.asarray(of[n]) if n in system.state_names and not np.any(x) else x
        for n, x in known.items()
    }


def everything(system: System, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every definition, and ``d<state>`` for every derivative, at states and parameters."""
    read = follow(system, given)
    return {
        **given,
        **{e.name: read(e.name) for e in system.definitions},
        **{f"d{e.name}": read(system.recordable[e.name].text) for e in system.states},
    }


def finite(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """No equation leaves the numbers between -200 and +200 mV."""
    names = {e.name for e in system.states}
    known = start_values(system)
    v = np.arange(-200.0, 200.0 + 0.25, 0.5) * 1e-3
    if "v" in names:
        with np.errstate(all="ignore"):
            found = everything(system, {**known, "v": v})
    elif "v_command" in {e.name for e in system.definitions}:
        with np.errstate(all="ignore"):
            found = everything(system, {**known, "v_command": v})
    else:
        return
    bad = sorted(n for n, x in found.items() if not np.all(np.isfinite(x)))
    yield Finding(
        "finite",
        "FAIL" if bad else "pass",
        (
            f"not finite somewhere between -200 and +200 mV: {', '.join(bad)}"
            if bad
            else "every equation from -200 to +200 mV"
        ),
    )
