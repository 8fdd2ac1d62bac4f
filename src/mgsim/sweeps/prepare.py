"""What was asked for, checked and ready to run: some points of it, or all."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import numpy as np

from mgsim import measures as catalog
from mgsim import units
from mgsim.catalogs import look_up
from mgsim.catalogs.catalog import unknown
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.engines import asked
from mgsim.engines.choose import choose
from mgsim.engines.contract import LOCAL, SNAP, Engine, EngineError, Options, Outcome
from mgsim.engines.running import moving
from mgsim.engines.updates.stepping import METHODS
from mgsim.protocols import read
from mgsim.sweeps.derived import reads
from mgsim.sweeps.designs import AxisError, along
from mgsim.sweeps.keywords import Along, How, taken, takes
from mgsim.sweeps.labels import displayed
from mgsim.sweeps.resolving.choices import Assembly, assemblies
from mgsim.sweeps.resolving.request import Request
from mgsim.sweeps.resolving.resolve import resolve
from mgsim.sweeps.search import Search, Tried, searched
from mgsim.sweeps.start import JUMP, SLOPE, Kept
from mgsim.sweeps.start import read as read_start
from mgsim.system.lowering import answerable

#: Measures, or names of the catalog's, which have a place's ending where the model has places.
Measures = Iterable[Measure | str] | Measure | str | None

#: The default steps in ms, from the work-precision table of docs/performance.md: of rk4_local where
#: measures are kept, and of any other method and of traces.
COARSE_DT, DEFAULT_DT = 0.1, 0.025
#: Steps of one run at most.
_MOST_STEPS = 10**9


class DeadAxisWarning(UserWarning):
    """An axis over which no output changed."""


class StepWarning(UserWarning):
    """A step at which a part of the model makes runs diverge."""


class FailedPointsWarning(UserWarning):
    """Points of a sweep that diverged; they are rows with a status."""


@dataclass(frozen=True)
class Job:
    """A sweep that has been checked and can run: what, and for each variant how and by what engine.

    ``options`` are those of the first variant; ``inputs``: events sent to the model whose times the
    result holds beside its traces.
    """

    request: Request
    each: tuple[Options, ...]
    engines: tuple[Engine, ...]
    inputs: tuple[str, ...] = ()

    @property
    def options(self) -> Options:
        return self.each[0]

    @property
    def measures(self) -> tuple[Measure | Kept, ...]:
        return self.request.measures

    @property
    def runs(self) -> int:
        """How often each point runs."""
        return self.request.search.runs if self.request.search else 1

    @property
    def engine(self) -> str:
        """The name of the engine, or of the engines."""
        return ", ".join(sorted({e.name for e in self.engines}))

    @property
    def needs_processes(self) -> bool:
        """Whether an engine of the job uses one core a process."""
        return any(e.name == "brian" for e in self.engines)

    def on(self, threads: int) -> Job:
        """The same job on so many threads."""
        return replace(self, each=tuple(replace(o, threads=threads) for o in self.each))

    def run(self, points: np.ndarray, moved: Callable[[int], None]) -> Outcome:
        """Some of the points, by number; ``moved(steps)`` is given how many point-steps are done.

        A search runs them several times, and ``moved`` is given the share that is done.
        """
        search = self.request.search
        if search is None:
            return self._run(self.request, points, moved)
        (unit,) = (units.unit(m.unit).factor for m in self.measures)
        (measure,) = self.request.variants[0].system.asked
        everything = len(points) * self.options.steps

        def measured(some: np.ndarray, at: np.ndarray, k: int) -> tuple[np.ndarray, Outcome]:
            request = replace(
                self.request, design=Tried(self.request.design, search.axis, some, at)
            )
            share = everything / search.runs

            def told(n: int) -> None:
                moved(int(share * (k + n / max(1, len(some) * self.options.steps))))

            outcome = self._run(request, some, told)
            return displayed(measure, outcome.measures[measure.name], outcome.status), outcome

        outcome = searched(search, points, measured)
        moved(everything)
        return replace(outcome, measures={n: x * unit for n, x in outcome.measures.items()})

    def _run(self, request: Request, points: np.ndarray, moved: Callable[[int], None]) -> Outcome:
        how = {
            id(v): (engine, options)
            for v, engine, options in zip(
                self.request.variants, self.engines, self.each, strict=True
            )
        }
        steps = self.options.steps
        pieces: list[tuple[np.ndarray, Outcome]] = []
        done = 0
        for variant, places in request.split(points):

            def report(n: int, of: int, before: int = done, share: int = len(places)) -> None:
                moved(before + n * share * steps // of)

            batch = request.batch(variant, points[places])
            engine, options = how[id(variant)]
            options = replace(options, on_progress=report)
            outcome = engine.run(variant.system, batch, options)
            found = asked.conclude(variant.system, batch.columns, outcome)
            nothing = np.full(batch.size, np.nan)
            states = dict(outcome.states)
            if outcome.jumped is not None:
                states[JUMP] = outcome.jumped
            if request.ends:
                last = moving(variant.system, batch, options, outcome.states, options.duration)
                states |= {f"{SLOPE}{n}": x for n, x in last.items()}
                states |= request.sent_by(variant, points[places])
            ends = {
                k.name: np.broadcast_to(states.get(k.state, nothing), batch.size)
                for k in request.ends
            }
            pieces.append((places, replace(found, measures={**found.measures, **ends})))
            done += len(places) * steps
        return _merge(pieces, len(points))


@takes(How)
def prepare(
    model: Model | str, protocol: Protocol | str, measures: Measures = None, /, **given: Any
) -> Job:
    """Check all that :func:`mgsim.sweep` or :func:`mgsim.simulate` takes, and run nothing."""
    model = look_up(Model, model)
    protocol = read(protocol)
    how = How(**taken(How, given))
    record = tuple(how.record)
    run = {n: getattr(how, n) for n in ("dt", "method", "precision", "threads", "every")}
    ways = _ways(run, bool(record))
    _options(protocol, bool(record), **{**run, **{n: values[0] for n, values in ways.items()}})
    chosen = _measures(assemblies(model, given, how.design, how.arms), protocol, measures)
    if how.start is None and how.fresh:
        raise AxisError("fresh says what does not begin as in start=, which is not given")
    start = None if how.start is None else read_start(how.start, how.fresh)
    if start is not None and how.precision == "float64":
        each_way = (dict(zip(ways, picks, strict=True)) for picks in product(*ways.values()))
        start = start.stepped(
            [_options(protocol, bool(record), **{**run, **way}).dt * 1e3 for way in each_way]
        )
    request = resolve(
        model, protocol, chosen, how.seed, given, how.design, ways, how.follow, how.arms, start
    )
    request = replace(request, keep_state=how.keep_state)
    inputs = tuple(n for n in record if n in protocol.events)
    names = _recorded(request, tuple(n for n in record if n not in inputs))
    if inputs and not names:
        raise AxisError(f"record: a variable beside the times of {', '.join(inputs)}, such as 'v'")
    each = tuple(
        replace(
            _options(protocol, bool(record), **{**run, **{n: v.labels[n] for n in ways}}),
            record=names,
            axes=request.varied(v),
            start=request.origin * 1e-3,
        )
        for v in request.variants
    )
    if request.origin:
        end = request.origin + protocol.duration
        each = tuple(replace(o, duration=_end(end, o.dt * 1e3)) for o in each)
    for v, options in zip(request.variants, each, strict=True):
        _refuse_single(v.model, options)
        _warn_steep(v.model, options)
    engines = tuple(
        choose(how.engine, v.system, options)
        for v, options in zip(request.variants, each, strict=True)
    )
    for one in engines if start is not None or how.keep_state else ():
        if not one.goes_on:
            raise EngineError(f"engine '{one.name}' does not go on from a state, nor keeps one")
    return Job(request, each, engines, inputs)


@takes(Along, How)
def sought(model: Model | str, protocol: Protocol | str, /, **given: Any) -> Job:
    """Check all that :func:`mgsim.threshold` takes, and run nothing."""
    model = look_up(Model, model)
    wanted = Along(**taken(Along, given))
    axis = wanted.axis
    measures = named(wanted.measure, [model])
    if len(measures) != 1:
        raise AxisError("a threshold is that of one measure")
    if axis in given:
        raise AxisError(f"'{axis}' is given, and is what the threshold is looked for along")
    try:
        low, high = wanted.between
    except (TypeError, ValueError):
        raise AxisError(f"between is two values of '{axis}', not {wanted.between!r}") from None
    ends: dict[str, Any] = {axis: [low, high]}
    job = prepare(model, protocol, measures, **ends, **given)
    request = job.request
    if request.keep_state:
        raise AxisError("a threshold has no end to keep (keep_state)")
    if request.start and any(axis in d.keys for d in request.start.dims):
        raise AxisError(
            f"start has the axis '{axis}', along which the threshold is looked for; choose one of "
            f"its values: start=ds.sel({axis}=...)"
        )
    if axis in request.labelled or axis in ("seed", "dt"):
        raise AxisError(f"a threshold is looked for along a parameter, not '{axis}'")
    for name, rule in ((n, r) for v in request.variants for n, r in v.rules.items()):
        if axis in reads(rule):
            raise AxisError(
                f"'{name}' follows from '{axis}', along which the threshold is looked for; "
                "leave one of the two"
            )
    p = request.parameters(request.variants[0])[axis]
    if p.whole:
        raise AxisError(
            f"'{axis}' counts something, so that no threshold lies between two values; sweep it"
        )
    if not units.is_whole(wanted.looks):
        raise AxisError(f"looks is a whole number, 2 or more, not {wanted.looks!r}")
    first, last = (float(x) for x in request.axes[axis])
    search = Search(
        axis,
        measures[0].name,
        units.one(wanted.level, measures[0].unit, "level"),
        first,
        last,
        units.one(wanted.to, p.unit, "to"),
        wanted.spacing,
        wanted.looks,
    )
    if any(
        search.name in (v.system.recordable.keys() | request.parameters(v).keys())
        for v in request.variants
    ):
        raise AxisError(f"the model has something of the name '{search.name}'")
    design = along(request.design, [n for n in request.axes if n != axis])
    return replace(job, request=replace(request, design=design, search=search))


def _ways(run: Mapping[str, Any], traced: bool) -> dict[str, list[Any]]:
    """The axes of how it is run: methods, and steps in ms."""
    found: dict[str, list[Any]] = {}
    for name in ("method", "dt"):
        if np.ndim(run[name]):
            values = list(run[name])
            found[name] = units.read(values, "ms", name).tolist() if name == "dt" else values
            if not values or len(set(found[name])) < len(values):
                raise AxisError(f"axis '{name}' is empty or holds a value twice")
    if found and traced:
        raise AxisError(f"'{next(iter(found))}' can be an axis of measures, not of traces")
    return found


def known_measures(models: Iterable[Model]) -> dict[str, Measure]:
    """Every measure of the catalog, and each at every place of these models: ``peak_ca_spine``."""
    found = {m.name: m for m in catalog.all}
    places = dict.fromkeys(spot for model in models for spot in model.places)
    still = [m for m in found.values() if not any("spike" in x.on for x in m.behind)]
    there = [m.at(place, copy=copy) for place, copy in places for m in still]
    return found | {m.name: m for m in there}


def named(measures: Any, models: Iterable[Model]) -> list[Measure]:
    """Measures from their names or themselves, one or several, as a keyword takes them."""
    known = known_measures(models)
    given = [measures] if isinstance(measures, Measure | str) else list(measures)
    for name in (m for m in given if isinstance(m, str)):
        if name not in known:
            raise unknown("measure", name, known)
    return [known[m] if isinstance(m, str) else look_up(Measure, m) for m in given]


def _measures(
    models: Iterable[Assembly], protocol: Protocol, measures: Measures
) -> tuple[Measure, ...]:
    models = list(models)
    everything = tuple(known_measures(m.model for m in models).values())
    chosen = everything if measures is None else tuple(named(measures, [m.model for m in models]))
    if chosen == everything:
        for one in models:
            chosen = answerable(one.model, protocol, chosen)
    return chosen


def _options(
    protocol: Protocol, traced: bool, dt: Any, every: Any, threads: Any, **given: Any
) -> Options:
    if given["method"] not in METHODS:
        raise unknown("method", given["method"], METHODS)
    if dt is None:
        dt = COARSE_DT if given["method"] == LOCAL and not traced else DEFAULT_DT
    asked, dt = dt, units.one(dt, "ms", "dt")
    if not 0 < dt < np.inf:
        raise ValueError(f"dt must be a positive number of ms, not {asked}")
    steps = protocol.duration / dt
    if steps > _MOST_STEPS:
        raise ValueError(
            f"dt = {dt:g} ms makes {steps:.3g} steps of the protocol's "
            f"{protocol.duration:g} ms; at most {_MOST_STEPS:,}"
        )
    if steps < 1 - 1e-9:
        raise ValueError(f"dt = {dt:g} ms is longer than the protocol's {protocol.duration:g} ms")
    for name, value, least in (("every", every, 1), ("threads", threads, 0)):
        if not units.is_whole(value) or value < least:
            raise ValueError(f"{name} must be a whole number, at least {least}, not {value}")
    if given["precision"] not in ("float64", "float32"):
        raise unknown("precision", given["precision"], ("float64", "float32"))
    return Options(
        dt=dt * 1e-3,
        duration=_end(protocol.duration, dt),
        every=int(every),
        threads=int(threads),
        **given,
    )


def _refuse_single(model: Model, options: Options) -> None:
    """Single precision where ions move: the membrane's charge is a difference of their amounts."""
    counting = [p.name for p in model.parts if any(s.split("_")[0] == "amounts" for s in p.slots)]
    if options.precision == "float32" and counting:
        raise EngineError(
            f"float32 loses the small gains that part '{counting[0]}' of model '{model.name}' adds "
            "to amounts of ions at each step, so that charge is not kept and onsets shift; use "
            "float64"
        )


def _warn_steep(model: Model, options: Options) -> None:
    """Say that a step is longer than a part of the model stands."""
    steepest = min(model.parts, key=lambda part: part.longest_step, default=None)
    if steepest and options.method != LOCAL and options.dt * 1e3 > steepest.longest_step:
        warnings.warn(
            f"part '{steepest.name}' of model '{model.name}' is so steep that runs may diverge "
            f"with {options.method} at dt {options.dt * 1e3:g} ms: use {LOCAL}, or at most "
            f"{steepest.longest_step:g} ms",
            StepWarning,
            stacklevel=5,
        )


def _end(end: float, dt: float) -> float:
    """The end of a run in seconds, both in ms: the double that its step has, where it is at one.

    So that a run that goes on from there is the run in one piece to the bit.
    """
    steps = end / dt
    near = round(steps)
    return near * (dt * 1e-3) if abs(steps - near) <= SNAP else end * 1e-3


def _recorded(request: Request, record: tuple[str, ...]) -> tuple[str, ...]:
    for variant in request.variants:
        known = variant.system.recordable
        if record == ("v", "ca"):
            of_model = tuple(e.name for e in variant.system.states)
            record = tuple(n for n in record if n in known) or of_model
        for name in record:
            if name not in known:
                sent = known.keys() | request.protocol.events.keys()
                raise unknown("variable", name, sent, f"model '{variant.model.name}'")
    return record


def _merge(pieces: list[tuple[np.ndarray, Outcome]], n: int) -> Outcome:
    if len(pieces) == 1:
        return pieces[0][1]
    first = pieces[0][1]

    def merged(arrays: list[np.ndarray]) -> np.ndarray:
        result = np.empty((n, *arrays[0].shape[1:]), arrays[0].dtype)
        for (places, _), array in zip(pieces, arrays, strict=True):
            result[places] = array
        return result

    outcomes = [o for _, o in pieces]

    spikes: list[np.ndarray] | None = None
    if any(o.spikes is not None for o in outcomes):  # a variant may have none
        spikes = [np.empty(0)] * n
        for places, outcome in pieces:
            for place, row in zip(places, outcome.spikes or (), strict=False):
                spikes[place] = row
    reasons = {int(places[i]): words for places, o in pieces for i, words in o.reasons.items()}
    return Outcome(
        measures={m: merged([o.measures[m] for o in outcomes]) for m in first.measures},
        status=merged([o.status for o in outcomes]),
        failed_at=merged([o.failed_at for o in outcomes]),
        times=first.times,
        spikes=spikes,
        reasons=reasons,
        traces={t: merged([o.traces[t] for o in outcomes]) for t in first.traces},
    )
