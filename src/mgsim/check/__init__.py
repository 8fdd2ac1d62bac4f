"""Does a model keep the rules that every model has to keep? For any parts a user assembles."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator

from mgsim.catalog import expect
from mgsim.check import currents, equations, runs
from mgsim.check.drive import answerable_of, busy
from mgsim.check.finding import Finding, Report
from mgsim.model import Model, Protocol
from mgsim.system import System, lower

__all__ = ["Finding", "Report", "busy", "check"]


def check(model: Model, protocol: Protocol | None = None, *, engines: bool = False) -> Report:
    """Check a model: currents, limits, monotonicity, live and idle parts, step size.

    Parameters
    ----------
    model : any parts that close a set of equations.
    protocol : what is done to it; by default one that drives everything the model listens to.
    engines : also compare the fused engine with Brian2 on a short run (some seconds).

    Returns
    -------
    A report to print; ``bool(report)`` says whether all is well.

    Examples
    --------
    >>> import mgsim as mg
    >>> from mgsim.check import check
    >>> bool(check(mg.models["patch"]))
    True
    """
    expect(Model, model, "mg.models['standard']")
    findings: list[Finding] = []
    used = protocol or busy(model)
    try:
        system = lower(model, used, answerable_of(model, used))
    except (ValueError, KeyError) as error:
        return Report(model.name, used.name, (Finding("assembles", "FAIL", str(error)),))
    parts = f"{len(model.parts)} parts, {len(system.state_names)} states, units fit"
    findings.append(Finding("assembles", "pass", parts))
    checks: list[Callable[[Model, Protocol, System], Iterator[Finding]]] = [
        currents.once, currents.shares, currents.calcium, equations.finite, equations.laws,
        runs.idle, runs.pool, runs.occupancy, runs.held, runs.alive, runs.converges]
    if engines:
        checks.append(runs.engines)
    for one in checks:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            try:
                findings += one(model, used, system)
            except (ArithmeticError, LookupError, RuntimeError, ValueError) as error:
                findings.append(Finding(one.__name__, "FAIL", f"could not be run: {error}"))
    return Report(model.name, used.name, tuple(findings))
