"""The reference engine: Brian2 runs the system's own text.

Brian2 checks the units of every equation again, and runs the substep of
:mod:`mgsim.engines.updates.stepping` as its state updater, each point at its own time
(:mod:`mgsim.engines.brian.rounds`). Under ``rk4_local`` every point runs the parts everywhere.
"""

from __future__ import annotations

import logging
import shutil
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Any

import numpy as np

from mgsim import units
from mgsim.engines import interrupts
from mgsim.engines.brian import dialect
from mgsim.engines.brian.rounds import Rounds
from mgsim.engines.contract import LIMIT, Batch, Engine, EngineError, Options, Spikes
from mgsim.engines.running import SteppedRun
from mgsim.engines.updates import stepping
from mgsim.engines.updates.timeline import MIDDLE, START, WIDTH, Timeline
from mgsim.equations import expressions
from mgsim.system.lowering import System

#: Seconds that a numpy step and a point in it take, and that compiling with Cython takes.
_STEP, _POINT, _COMPILING = 5e-4, 1e-6, 30.0


class BrianEngine(Engine):
    """Runs a system as a Brian2 ``NeuronGroup``; target: ``"numpy"``, ``"cython"``, ``"auto"``."""

    name = "brian"
    goes_on = True

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

    def start(
        self,
        system: System,
        batch: Batch,
        options: Options,
        state: Mapping[str, np.ndarray] | None = None,
    ) -> BrianRun:
        reason = self.refuses(system, options)
        if reason:
            raise EngineError(reason)
        target = self._choose(options.steps * options.parts * (_STEP + _POINT * batch.size))
        return BrianRun(_import(), target, system, batch, options, state)

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
    lines += [
        f"{n} : {units.base_text(d)}" for one in system.driven for n, d in one.dimensions.items()
    ]
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


class BrianRun(SteppedRun):
    """Points as neurons, whose code is called round by round: each point at its own time."""

    def __init__(
        self,
        brian2: Any,
        target: str,
        system: System,
        batch: Batch,
        options: Options,
        state: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        self.brian2, self.target = brian2, target
        super().__init__(system, batch, options, state)

    def load(self, state: Mapping[str, np.ndarray]) -> None:
        """Make the group, and put it where the state is."""
        brian2, system, options = self.brian2, self.system, self.options
        lines = list(stepping.step_code(system, options.method, self.lists).lines)
        if self.lists:
            lines += [("spiked", stepping.SPIKED), ("spiked_at", stepping.SPIKE_TIME)]
        step, text = dialect.assignments(lines), equations(system, self.lists)
        group = brian2.NeuronGroup(
            self.batch.size,
            text,
            method=lambda *_: step,
            namespace=namespace(brian2, system),
            name="mgsim_points*",
        )
        group.equations = dialect.verbatim(brian2, text)
        self.group = group
        self._arrays: dict[str, np.ndarray] = {}
        self.events: Any = None
        self.traces: Any = None
        if system.events:
            self.events = group.run_regularly(_events(system))
        for name, value in self.batch.columns.items():
            self.of(name)[:] = value
        for name, value in zip(stepping.carried(system), state["values"], strict=True):
            self.of(name)[:] = value
        for m, value in zip(system.integrals, state["summed"], strict=True):
            self.of(m.name)[:] += value
        network = brian2.Network(group)
        if options.record:
            self.traces = brian2.StateMonitor(group, list(options.record), record=True)
            network.add(self.traces)
        with _making(brian2, self.target):
            for one in network.sorted_objects:  # a run of the network collects garbage first
                one.before_run({})  # makes its code ready
        self.rounds = Rounds(self)
        self.rounds.jumped[:] = state["jumped"]
        self.failed_at = np.array(state["failed_at"])
        taken = state["traces"]
        self.sampled = np.full((len(taken), len(options.samples), self.batch.size), np.nan)
        self.sampled[:, : taken.shape[1]] = taken
        self.sample = np.full(self.batch.size, taken.shape[1])
        self.samples: list[tuple[np.ndarray, np.ndarray]] = []

    def of(self, name: str) -> np.ndarray:
        """The values of a variable, which may be changed in place."""
        if name not in self._arrays:
            self._arrays[name] = self.group.variables[name].get_value()
        return self._arrays[name]

    def advance(self, step: int) -> Spikes:
        rounds = self.rounds
        rounds.goal = step
        spikes: list[tuple[np.ndarray, np.ndarray]] = []
        with interrupts.heard() as check, np.errstate(all="ignore"):
            while True:
                check()
                width = self._planned()
                if self.traces is not None:
                    self._sample((width > 0) | rounds.done)
                if rounds.arrived.all() and not width.any():
                    break
                self._substep(width == 0)
                rounds.now = rounds.end
                if self.lists:
                    here = np.flatnonzero((self.of("spiked") > 0) & (width > 0))
                    spikes.append((here, self.of("spiked_at")[here]))
                states = np.array([self.of(name) for name in self.system.state_names])
                good = (np.abs(states) < LIMIT).all(axis=0)
                first = ~good & np.isnan(self.failed_at)
                self.failed_at = np.where(first, rounds.now, self.failed_at)
        points, times = (np.concatenate([[], *(x[k] for x in spikes)]) for k in (0, 1))
        return Spikes(points, times)

    def _planned(self) -> np.ndarray:
        """Deliver what has come, and set each point's substep; its width."""
        rounds = self.rounds
        self.of(START)[:] = rounds.now
        for name, values in rounds.follow().items():
            self.of(name)[:] = values
        delivered = rounds.deliver()
        if rounds.struck.any():
            for name, chances in rounds.chances.items():
                self.of(name)[:] = chances
            for event in self.system.events:
                self.of(f"{event}_events")[:] = delivered.get(event, 0.0)
            self.events.run()
        width = rounds.plan({n: self.of(n) for n in self.system.state_names})
        self.of(WIDTH)[:] = width
        for edge, past in zip(rounds.edges, rounds.past, strict=True):
            self.of(edge.flag)[:] = past
        return width

    def _substep(self, still: np.ndarray) -> None:
        """One for all points; what it comes to for those that stand still is thrown away."""
        names = stepping.carried(self.system)
        before = {n: self.of(n)[still] for n in names} if still.any() else {}
        self.group.state_updater.run()
        for name, values in before.items():
            self.of(name)[still] = values

    def _sample(self, settled: np.ndarray) -> None:
        """Sample the traces of the points that stand at a sample, all events delivered."""
        times = np.append(self.options.sample_times, np.inf)
        here = np.flatnonzero(settled & (self.rounds.now >= times[self.sample]))
        if len(here):
            self.samples.append((here, self.sample[here].copy()))
            self.sample[here] += 1
            self.traces.record_single_timestep()

    def kept(self) -> dict[str, np.ndarray]:
        for i, name in enumerate(self.options.record if self.samples else ()):
            rows = np.asarray(getattr(self.traces, name))[:, -len(self.samples) :]
            for k, (points, samples) in enumerate(self.samples):
                self.sampled[i, samples, points] = rows[points, k]
        self.samples.clear()
        names, n = stepping.carried(self.system), self.batch.size
        return {
            "values": np.array([self.of(name) for name in names]).reshape(len(names), n),
            "summed": np.zeros((len(self.system.integrals), n)),
            "jumped": self.rounds.jumped,
            "failed_at": self.failed_at,
            "traces": self.sampled[:, : self.n_samples(self.step)],
        }


def _events(system: System) -> str:
    """The events' code, each assignment under the condition that there is one."""
    lines = []
    for event, code in stepping.event_code(system).items():
        for name, right in code.lines:
            kept = name.startswith("_")
            there = f"{dialect.EITHER}({event}_events, {right}, {name})"
            lines.append((name, right if kept else there))
    return dialect.assignments(lines)


@contextmanager
def _making(brian2: Any, target: str) -> Iterator[None]:
    """Code is made for a target; Ctrl-C is heard, and leaves Brian2 as it was."""
    before = brian2.prefs.core.stop_on_keyboard_interrupt
    brian2.prefs.core.stop_on_keyboard_interrupt = False  # else it is swallowed
    try:
        with dialect.targeting(brian2, target), interrupts.heard(), np.errstate(all="ignore"):
            yield
    finally:
        brian2.prefs.core.stop_on_keyboard_interrupt = before
        brian2.Network._globally_running = False  # an error leaves it set


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
