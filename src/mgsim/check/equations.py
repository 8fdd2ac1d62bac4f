"""Checks that need no run: signs, singular points, the limits of a block law."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from mgsim.blocks import without_magnesium
from mgsim.check.finding import Finding
from mgsim.component import PartError
from mgsim.engines.algebra import follow
from mgsim.engines.stepping import initial_values
from mgsim.model import Model, Protocol
from mgsim.system import System


def start_values(system: System) -> dict[str, Any]:
    """Parameters and start values in SI."""
    columns = {p.name: np.asarray(p.si) for p in system.parameters}
    return {**columns, **initial_values(system, columns), "t": 0.0, "dt": 1e-5}


def everything(system: System, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every definition, and ``d<state>`` for every derivative, at states and parameters."""
    read = follow(system, given)
    return {**given, **{e.name: read(e.name) for e in system.definitions},
            **{f"d{e.name}": read(e.text) for e in system.states}}


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
    yield Finding("finite", "FAIL" if bad else "pass", (
        f"not finite somewhere between -200 and +200 mV: {', '.join(bad)}" if bad
        else "every equation from -200 to +200 mV"))


def laws(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """An algebraic block law at its limits, and its order in magnesium and potential."""
    part = model.slots.get("block")
    if part is None or "unblocked" not in {e.name for e in part.lines if not e.differential}:
        return
    if "mg_out" not in part.requires:
        yield Finding("limits of the block", "skipped", f"'{part.name}' does not take magnesium")
        return
    v, mg = np.linspace(-100.0, 40.0, 71), np.array([0, 1e-4, 1e-3, 1e-2, 0.1, 0.5, 1, 2, 5, 10])
    try:
        b = part.evaluate("unblocked", v=v[:, None], mg_out=mg[None, :])
        ends = part.evaluate("unblocked", v=np.array([-1e4, -500.0, 500.0, 1e4])[:, None],
                             mg_out=mg[None, :])
        much = part.evaluate("unblocked", v=-70.0, mg_out=1e6)
        stated = without_magnesium(part, v=v)
    except PartError as error:
        yield Finding("limits of the block", "skipped", str(error))
        return
    wrong = []
    own = "unblocked_without_mg" in part.provides
    if not np.allclose(b[:, 0], stated, rtol=1e-12 if own else 0.0, atol=0.0):
        wrong.append("not its own unblocked_without_mg at zero Mg" if own else
                     "not exactly 1 at zero Mg, and no unblocked_without_mg that states otherwise")
    if not much < 1e-2:
        wrong.append(f"{float(much):.3g} unblocked at -70 mV under endless Mg")
    if not (np.all(np.isfinite(ends)) and np.all((ends >= 0) & (ends <= 1))):
        wrong.append("not between 0 and 1 at extreme potentials")
    if not np.all((b > 0) & (b <= 1)):
        wrong.append("not between 0 and 1")
    yield Finding("limits of the block", "FAIL" if wrong else "pass",
                  "; ".join(wrong) or ("what it states" if own else "1") + " at zero Mg, 0 at "
                  "endless Mg, within 0 to 1 at any v")
    wrong = []
    if np.any(np.diff(b, axis=1) >= 0):
        wrong.append("does not fall as Mg rises")
    if np.any(np.diff(b[:, 1:], axis=0) < -1e-12):
        wrong.append("falls somewhere as v rises from -100 to +40 mV")
    yield Finding("monotonic block", "FAIL" if wrong else "pass",
                  "; ".join(wrong) or "falls with Mg, rises with v")
