"""The reference engine: Brian2 runs the system's own text.

Brian2 checks the units of every equation again, and runs the substep of
:mod:`mgsim.engines.stepping` as its state updater, each point at its own time
(:mod:`mgsim.engines.rounds`). Under ``rk4_local`` every point runs the parts everywhere.
"""

from __future__ import annotations

import logging
import shutil
import sys
import threading
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any

import numpy as np

from mgsim import expressions, units
from mgsim.engines import dialect, interrupts, stepping
from mgsim.engines.contract import DIVERGED, LIMIT, OK, Batch, EngineError, Options, Outcome
from mgsim.engines.rounds import Rounds
from mgsim.engines.timeline import MIDDLE, START, WIDTH, Timeline
from mgsim.system import System

#: Seconds that a numpy step and a point in it take, and that compiling with Cython takes.
_STEP, _POINT, _COMPILING = 5e-4, 1e-6, 30.0


class BrianEngine:
    """Runs a system as a Brian2 ``NeuronGroup``; target: ``"numpy"``, ``"cython"``, ``"auto"``."""

    name = "brian"

    def __init__(self, target: str = "auto") -> None:
        self.target = target

    def refuses(self, system: System, options: Options) -> str | None:
        if find_spec("brian2") is None:
            return "Brian2 is not installed (pip install brian2)"
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
        target = self._choose(options.n_steps * options.parts * (_STEP + _POINT * batch.size))
        before = brian2.prefs.core.stop_on_keyboard_interrupt
        brian2.prefs.core.stop_on_keyboard_interrupt = False  # else a run ends early, as if whole
        try:
            with (
                dialect.targeting(brian2, target),
                interrupts.heard(brian2.stop) as check,
                np.errstate(all="ignore"),
            ):
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
    """The system as Brian2 equation text with units, each point at its own time."""

    def base(unit: str) -> str:
        return units.base_text(units.unit(unit).dimension)

    timeline = Timeline(system)
    at = {"t": START, "dt": WIDTH, MIDDLE: f"({START} + 0.5*{WIDTH})"}
    lines = []
    for e in system.recordable.values():
        left = f"d{e.name}/dt" if e.differential else e.name
        right = dialect.expression(expressions.substitute(timeline.text(e.text), at))
        lines.append(f"{left} = {right} : {base(e.unit)}")
    lines += [f"{m.name} : {base(m.unit)}" for m in system.measures]
    lines += [f"{p.name} : {base(p.unit)} (constant)" for p in system.parameters]
    lines += [f"{event}_events : 1" for event in system.events]
    lines += [f"{c.name} : 1" for chances in system.chances.values() for c in chances]
    lines += [f"{START} : second", f"{WIDTH} : second"]
    lines += [f"{edge.flag} : 1" for edge in timeline.edges]
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
    texts += [t for c in system.crossings.values() for t in (c.signal, c.level)]
    from brian2.core.namespace import DEFAULT_CONSTANTS, DEFAULT_UNITS

    own = {*expressions.BUILTIN, *DEFAULT_UNITS, *DEFAULT_CONSTANTS}
    found = {}
    for name in frozenset().union(*(expressions.names(t) for t in texts)) - own:
        if expressions.is_known(name):
            known = expressions.constant(name)
            exponents = dict(
                zip(
                    ("length", "mass", "time", "current", "temperature", "substance"),
                    known.dimension,
                    strict=True,
                )
            )
            dimension = brian2.get_or_create_dimension(**exponents)
            found[name] = brian2.Quantity(known.factor, dim=dimension)
    return {**found, **dialect.functions(brian2)}


def _run(
    brian2: Any, system: System, batch: Batch, options: Options, check: Callable[[], None]
) -> Outcome:
    clock = brian2.Clock(dt=options.dt * brian2.second)
    spikes = bool(options.record and system.spike)
    lines = list(stepping.step_code(system, options.method, spikes).lines)
    if spikes:
        lines += [("spiked", stepping.SPIKED), ("spiked_at", stepping.SPIKE_TIME)]
    step, text = dialect.assignments(lines), equations(system, spikes)
    group = brian2.NeuronGroup(
        batch.size,
        text,
        method=lambda *_: step,
        clock=clock,
        namespace=namespace(brian2, system),
        name="mgsim_points*",
    )
    group.equations = dialect.verbatim(brian2, text)
    for name, value in batch.columns.items():
        group.variables[name].get_value()[:] = value
    for name, value in stepping.initial_values(system, batch.columns).items():
        group.variables[name].get_value()[:] = value
    if batch.trains:
        group.run_regularly(_events(system), clock=clock, when="start", order=1)
    traces = None
    if options.record:
        traces = brian2.StateMonitor(group, list(options.record), record=True, clock=clock)
    follower = _Follower(group, system, batch, options, traces, check)
    network = brian2.Network(
        group,
        *(
            brian2.NetworkOperation(action, clock=clock, when=when, order=order)
            for action, when, order in (
                (follower.deliver, "start", 0),
                (follower.plan, "start", 2),
                (follower.ended, "end", 0),
            )
        ),
    )
    follower.stop = network.stop
    if traces is not None:  # made ready, and then asked for a sample where a point stands at one
        network.add(traces)
        network.run(0 * brian2.second, namespace={})
        network.remove(traces)
    network.run(2**39 * clock.dt, namespace={})
    if not follower.rounds.done.all():
        at = float(follower.rounds.now.min())
        raise EngineError(f"Brian2 was stopped at {at * 1e3:g} of {options.duration * 1e3:g} ms")
    return follower.outcome()


def _events(system: System) -> str:
    """The events' code, each assignment under the condition that there is one."""
    lines = []
    for event, code in stepping.event_code(system).items():
        for name, right in code.lines:
            kept = name.startswith("_")
            lines.append((name, right if kept else f"{name} + {event}_events*({right} - {name})"))
    return dialect.assignments(lines)


class _Follower:
    """Sets each point's substep before Brian2 runs it, and keeps what comes of it."""

    def __init__(
        self,
        group: Any,
        system: System,
        batch: Batch,
        options: Options,
        traces: Any,
        check: Callable[[], None],
    ) -> None:
        self.group, self.system, self.options, self.traces = group, system, options, traces
        self.check = check
        self.rounds = Rounds(system, batch, options)
        self.stop: Any = None
        self.failed_at = np.full(batch.size, np.nan)
        self.spikes: list[list[float]] = [[] for _ in range(batch.size)]
        self.sample = np.zeros(batch.size, dtype=np.int64)
        self.samples: list[tuple[np.ndarray, np.ndarray]] = []
        self.told = time.monotonic()

    def values(self, name: str) -> np.ndarray:
        return self.group.variables[name].get_value()

    def deliver(self) -> None:
        self.values(START)[:] = self.rounds.now
        for event, here in self.rounds.deliver().items():
            self.values(f"{event}_events")[:] = here
        for name, chances in self.rounds.chances.items():
            self.values(name)[:] = chances

    def plan(self) -> None:
        rounds = self.rounds
        width = rounds.plan({n: self.values(n) for n in self.system.state_names})
        self.values(WIDTH)[:] = width
        for edge, past in zip(rounds.edges, rounds.past, strict=True):
            still = (width == 0) & (edge.time == "window_stop") & (not edge.jump)
            self.values(edge.flag)[:] = past + still * (1 - past)
        if self.traces is not None:
            self._take((width > 0) | rounds.done)
        if rounds.done.all():
            self.stop()

    def _take(self, settled: np.ndarray) -> None:
        """Sample the traces of the points that stand at a sample, all events delivered."""
        times = np.append(self.options.sample_times, np.inf)
        here = np.flatnonzero(settled & (self.rounds.now >= times[self.sample]))
        if len(here):
            self.samples.append((here, self.sample[here].copy()))
            self.sample[here] += 1
            self.traces.record_single_timestep()

    def ended(self) -> None:
        self.check()
        rounds, options = self.rounds, self.options
        if self.options.record and self.system.spike:
            for i in np.flatnonzero((self.values("spiked") > 0) & (rounds.end > rounds.now)):
                self.spikes[i].append(float(self.values("spiked_at")[i]))
        good = np.ones(len(rounds.now), dtype=bool)
        for name in self.system.state_names:
            good &= np.abs(self.values(name)) < LIMIT
        rounds.now = rounds.end
        self.failed_at = np.where(~good & np.isnan(self.failed_at), rounds.now, self.failed_at)
        if time.monotonic() < self.told + 0.2:
            return
        self.told = time.monotonic()
        self.check()
        if options.on_progress:
            total = len(rounds.now) * options.n_steps
            options.on_progress(int(total * rounds.now.mean() / options.duration), total)

    def outcome(self) -> Outcome:
        options, n = self.options, len(self.failed_at)
        final = {
            name: np.array(self.values(name), dtype=float) for name in stepping.carried(self.system)
        }
        bad = ~np.isnan(self.failed_at)
        found = Outcome(
            measures={},
            status=np.where(bad, DIVERGED, OK).astype(np.int8),
            failed_at=self.failed_at,
        )
        if self.traces is not None:
            found.times = options.sample_times
            for name in options.record:
                rows = np.asarray(getattr(self.traces, name))
                trace = found.traces[name] = np.full((n, len(found.times)), np.nan)
                for k, (points, samples) in enumerate(self.samples):
                    trace[points, samples] = rows[points, k]
            if self.system.spike:
                found.spikes = [np.array(row) for row in self.spikes]
        return stepping.conclude(self.system, final, found)


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
