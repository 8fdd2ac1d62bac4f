"""The reference engine: Brian2 runs the system's own text.

Brian2 checks the units of every equation again, and runs the step of
:mod:`mgsim.engines.stepping` as its state updater.
"""

from __future__ import annotations

import logging
import shutil
import sys
import threading
from collections.abc import Callable
from typing import Any

import numpy as np

from mgsim import expressions, units
from mgsim.engines import dialect, interrupts, stepping
from mgsim.engines.contract import (
    DIVERGED,
    LIMIT,
    OK,
    Batch,
    EngineError,
    Options,
    Outcome,
)
from mgsim.system import System

#: Seconds that a numpy step and a point in it take, and that compiling with Cython takes.
_STEP, _POINT, _COMPILING = 5e-4, 1e-6, 30.0


class BrianEngine:
    """Runs a system as a Brian2 ``NeuronGroup``; target: ``"numpy"``, ``"cython"``, ``"auto"``."""

    name = "brian"

    def __init__(self, target: str = "auto") -> None:
        self.target = target

    def refuses(self, system: System, options: Options) -> str | None:
        if options.precision != "float64":
            return "Brian2 runs here in float64 only"
        if threading.current_thread() is not threading.main_thread():
            return "Brian2 shares one clock between threads; run it in the main thread"
        return None

    def run(self, system: System, batch: Batch, options: Options) -> Outcome:
        reason = self.refuses(system, options)
        if reason:
            raise EngineError(reason)
        brian2 = _import()
        target = self._choose(options.n_steps * (_STEP + _POINT * batch.size))
        before = brian2.prefs.core.stop_on_keyboard_interrupt
        brian2.prefs.core.stop_on_keyboard_interrupt = False  # else a run ends early, as if whole
        try:
            with (dialect.targeting(brian2, target), interrupts.heard(brian2.stop) as check,
                  np.errstate(all="ignore")):
                return _run(brian2, system, batch, options, check)
        finally:
            brian2.prefs.core.stop_on_keyboard_interrupt = before
            brian2.Network._globally_running = False  # an error leaves it set

    def _choose(self, seconds: float) -> str:
        if self.target != "auto":
            return self.target
        compiler = any(shutil.which(c) for c in ("cc", "gcc", "clang", "cl"))
        return "cython" if compiler and seconds > _COMPILING else "numpy"


def equations(system: System, spikes: bool = False) -> str:
    """The system as Brian2 equation text with units, time at the middle of the step."""

    def base(unit: str) -> str:
        return units.base_text(units.unit(unit).dimension)

    middle = {"t": "(t_in_timesteps + 0.5)*dt"}
    lines = []
    for e in system.recordable.values():
        left = f"d{e.name}/dt" if e.differential else e.name
        right = dialect.expression(expressions.substitute(e.text, middle))
        lines.append(f"{left} = {right} : {base(e.unit)}")
    lines += [f"{m.name} : {base(m.unit)}" for m in system.measures]
    lines += [f"{p.name} : {base(p.unit)} (constant)" for p in system.parameters]
    lines += [f"{event}_events : 1" for event in system.events]
    lines.append("good_steps : 1")
    lines += [f"{flag} : 1" for flag in stepping.flags(system)]
    if spikes:
        lines += ["spiked : 1", "spiked_at : second"]
    if not system.state_names:
        lines.append("dnothing/dt = 0*second**-1 : 1")  # Brian2 steps no group without a state
    return "\n".join(lines)


def namespace(brian2: Any, system: System) -> dict[str, Any]:
    """Brian2 quantities for the units and constants that the equations name."""
    texts = [e.text for e in system.recordable.values()]
    texts += [t for m in system.measures for t in m.texts]
    texts += [s.right for statements in system.events.values() for s in statements]
    texts += list(system.spike or ())
    from brian2.core.namespace import DEFAULT_CONSTANTS, DEFAULT_UNITS

    own = {*expressions.BUILTIN, *DEFAULT_UNITS, *DEFAULT_CONSTANTS}
    found = {}
    for name in frozenset().union(*(expressions.names(t) for t in texts)) - own:
        if expressions.is_known(name):
            known = expressions.constant(name)
            exponents = dict(zip(
                ("length", "mass", "time", "current", "temperature", "substance"),
                known.dimension, strict=True))
            dimension = brian2.get_or_create_dimension(**exponents)
            found[name] = brian2.Quantity(known.factor, dim=dimension)
    return {**found, dialect.QUOTIENT: dialect.quotient(brian2)}


def _run(brian2: Any, system: System, batch: Batch, options: Options,
         check: Callable[[], None]) -> Outcome:
    clock = brian2.Clock(dt=options.dt * brian2.second)
    most = max((t.most(options.dt, options.n_steps) for t in batch.trains.values()), default=0)
    watch = "*".join(f"int(abs({s}) < {LIMIT!r})" for s in system.state_names) or "1"
    spikes = bool(options.record and system.spike)
    lines = [line for code in stepping.event_code(system, most).values()
             for line in code.lines]
    lines += stepping.step_code(system, options.method, spikes).lines
    lines.append(("good_steps", f"good_steps + {watch}"))
    if spikes:
        lines += [("spiked", stepping.SPIKED), ("spiked_at", stepping.SPIKE_TIME)]
    step, text = dialect.assignments(lines), equations(system, spikes)
    group = brian2.NeuronGroup(
        batch.size, text, method=lambda *_: step, clock=clock,
        namespace=namespace(brian2, system), name="mgsim_points*",
    )  # fmt: skip
    group.equations = dialect.verbatim(brian2, text)
    for name, value in batch.columns.items():
        group.variables[name].get_value()[:] = value
    for name, value in stepping.initial_values(system, batch.columns).items():
        group.variables[name].get_value()[:] = value
    objects: list[Any] = [group]
    if batch.trains:
        objects.append(_deliveries(brian2, group, batch, options, clock))
    monitors = _monitors(brian2, group, options, clock, spikes)
    network = brian2.Network(*objects, *monitors.values())
    total = batch.size * options.n_steps

    def report(_elapsed: object, done: float, _start: object, _duration: object) -> None:
        check()
        if options.on_progress:
            options.on_progress(int(done * total), total)

    network.run(options.n_steps * options.dt * brian2.second, namespace={}, report=report,
                report_period=0.2 * brian2.second)
    steps = int(clock.variables["timestep"].get_value()[0])
    if steps != options.n_steps:
        raise EngineError(f"Brian2 was stopped at step {steps} of {options.n_steps}")
    return _outcome(group, system, batch, options, monitors)


def _deliveries(brian2: Any, group: Any, batch: Batch, options: Options, clock: Any) -> Any:
    """Put each step's event counts where the step's code reads them."""
    schedules = {event: trains.steps(options.dt, options.n_steps)
                 for event, trains in batch.trains.items()}
    counts = {event: group.variables[f"{event}_events"].get_value() for event in batch.trains}
    step = -1

    def deliver() -> None:
        nonlocal step
        step += 1
        for event, schedule in schedules.items():
            if step - 1 in schedule:
                counts[event][:] = 0
            if step in schedule:
                per_train = np.zeros(len(batch.trains[event].offsets) - 1)
                for train, number in schedule[step].items():
                    per_train[train] = number
                counts[event][:] = per_train[batch.trains[event].of_point]

    return brian2.NetworkOperation(deliver, clock=clock, when="start")


def _monitors(brian2: Any, group: Any, options: Options, clock: Any,
              spikes: bool) -> dict[str, Any]:
    found = {}
    if options.record:
        sampling = brian2.Clock(dt=options.every * options.dt * brian2.second)
        found["traces"] = brian2.StateMonitor(
            group, list(options.record), record=True, clock=sampling, when="start", order=-1)
    if spikes:
        found["spikes"] = brian2.StateMonitor(
            group, ["spiked", "spiked_at"], record=True, clock=clock, when="end")
    return found


def _outcome(group: Any, system: System, batch: Batch, options: Options,
             monitors: dict[str, Any]) -> Outcome:
    def final(name: str) -> np.ndarray:
        return np.array(group.variables[name].get_value(), dtype=float)

    states = [final(n) for n in system.state_names]
    good = np.rint(final("good_steps")).astype(int)
    bad = good < options.n_steps
    for x in states:
        bad |= ~np.isfinite(x)
    outcome = Outcome(
        measures={},
        status=np.where(bad, DIVERGED, OK).astype(np.int8),
        failed_at=np.where(bad, good * options.dt, np.nan),
    )
    if "traces" in monitors:
        outcome.times = np.asarray(monitors["traces"].t)
        outcome.traces = {n: np.asarray(getattr(monitors["traces"], n)) for n in options.record}
    if "spikes" in monitors:
        times = np.asarray(monitors["spikes"].spiked_at)
        flags = np.asarray(monitors["spikes"].spiked) > 0
        outcome.spikes = [row[flag] for row, flag in zip(times, flags, strict=True)]
    return stepping.conclude(system, {n: final(n) for n in stepping.carried(system)}, outcome)


def _import() -> Any:
    """Brian2, without its hook for uncaught errors and its handler of Ctrl-C.

    Ctrl-C waits for the end of the import: half of one cannot be mended in the same process.
    """
    hook = sys.excepthook
    with interrupts.deferred():
        import brian2

    sys.excepthook = hook
    logging.captureWarnings(False)
    brian2.BrianLogger.suppress_name("invalid_values")  # a point that diverged has a status
    brian2.BrianLogger.suppress_name("unused_brian_object")  # what Ctrl-C has left
    return brian2
