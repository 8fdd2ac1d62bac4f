"""Does a model keep the rules that every model has to keep? For any parts a user assembles."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import partial

from mgsim.catalogs import look_up
from mgsim.checks import block, currents, equations, runs
from mgsim.checks.drive import Run, answerable_of, busy, own_run
from mgsim.checks.finding import Finding, Report
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.measures import first_spike_time, last_spike_time, spike_count
from mgsim.protocols import read
from mgsim.sweeps.prepare import Measures, named
from mgsim.system.lowering import System, answerable, lower

__all__ = ["Finding", "Report", "busy", "check"]


def check(
    model: Model | str,
    protocol: Protocol | str | None = None,
    measures: Measures = None,
    *,
    dt: float | str | None = None,
    method: str | None = None,
    engines: bool = False,
) -> Report:
    """Check a model: currents, block, limits, live and idle parts, and the step of its own run.

    Parameters
    ----------
    model : any parts that close a set of equations, or the name of a model.
    protocol : what is done to it; by default one that drives everything the model listens to, at
        several strengths.
    measures : what is kept, which the step must not move; by default all that there is.
    dt, method : of the run, as for :func:`mgsim.sweep`.
    engines : also compare the fused engine with Brian2 on a short run (some seconds).

    Returns
    -------
    A report to print; ``bool(report)`` says whether all is well.

    Raises
    ------
    TypeError, UnitError, UnknownName
        For what is no model, protocol or measure, a step that is no time, an unknown method.

    Examples
    --------
    >>> import mgsim as mg
    >>> bool(mg.check(mg.models["patch"]))
    True
    """
    model = look_up(Model, model)
    if protocol is not None:
        protocol = read(protocol)
    run = own_run(model, protocol, dt, method)
    kept = _kept(model, run.protocol, measures)
    return Report(model.name, run.protocol.name, tuple(examine(run, kept, engines)))


def examine(run: Run, measures: tuple[Measure, ...], engines: bool = False) -> Iterator[Finding]:
    """What one check after another finds, first those that need no run."""
    model, protocol = run.model, run.protocol
    try:
        system = lower(model, protocol, measures)
    except (ValueError, KeyError) as error:
        yield Finding("assembles", "FAIL", str(error))
        return
    parts = f"{len(model.parts)} parts, {len(system.state_names)} states, units fit"
    yield Finding("assembles", "pass", parts)
    checks: list[Callable[[Model, Protocol, System], Iterator[Finding]]] = [
        runs.idle,
        currents.once,
        currents.directions,
        currents.reversals,
        currents.filling,
        equations.finite,
        block.laws,
        block.beside,
        block.once,
        block.shift,
        block.default,
        runs.warmth,
        currents.calcium,
        runs.bounds,
        runs.held,
        runs.alive,
    ]
    if engines:
        checks.append(runs.engines)
    for one in (
        *(partial(c, model, protocol, system) for c in checks),
        partial(runs.converges, run, system),
    ):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            warnings.simplefilter("ignore", RuntimeWarning)  # what is not finite is looked for
            try:
                found = list(one())
            except (ArithmeticError, LookupError, RuntimeError, ValueError) as error:
                found = [Finding(one.func.__name__, "FAIL", f"could not be run: {error}")]
        yield from found


def _kept(model: Model, protocol: Protocol, measures: Measures) -> tuple[Measure, ...]:
    """The measures of the run, and those of spikes where there are any."""
    if measures is None:
        return answerable_of(model, protocol)
    given = named(measures, [model])
    return tuple(
        {
            m.name: m
            for m in (
                *given,
                *answerable(model, protocol, (spike_count, first_spike_time, last_spike_time)),
            )
        }.values()
    )
