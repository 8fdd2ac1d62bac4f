"""The two verbs that compute: ``simulate`` for traces, ``sweep`` for numbers per point."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mgsim.catalog import expect, unknown
from mgsim.engines.choose import choose
from mgsim.engines.contract import DIVERGED, Diverged, Engine, Options, Outcome
from mgsim.engines.stepping import METHODS
from mgsim.model import Measure, Model, Protocol
from mgsim.sweeps import dataset
from mgsim.sweeps.designs import AxisError, Design
from mgsim.sweeps.resolve import Assembly, Request, assemblies, resolve
from mgsim.system import answerable

if TYPE_CHECKING:
    import xarray as xr

#: The default step in ms, from the work-precision curve of docs/performance.md: with rk2 calcium is
#: right to 1e-3 and one spike count in a hundred is off by one.
DEFAULT_DT = 0.025
#: Points above which a sweep runs only when it is said to be meant, and above which it never does.
_MANY, _MOST = 100_000_000, 100_000_000_000
#: Steps of one run at most.
_MOST_STEPS = 10**9


class DeadAxisWarning(UserWarning):
    """An axis over which no output changed."""


class FailedPointsWarning(UserWarning):
    """Points of a sweep that diverged; they are rows with a status."""


@dataclass(frozen=True)
class Job:
    """A sweep that has been checked and can run: what, how, and by which engine a variant."""

    request: Request
    options: Options
    engines: tuple[Engine, ...]

    @property
    def measures(self) -> tuple[Measure, ...]:
        return self.request.variants[0].system.measures

    @property
    def engine(self) -> str:
        """The name of the engine, or of the engines."""
        return ", ".join(sorted({e.name for e in self.engines}))

    def run(self, points: np.ndarray, moved: Callable[[int], None]) -> Outcome:
        """Some of the points, by number; ``moved(steps)`` is told how many point-steps are done."""
        engines = {id(v): e for v, e in zip(self.request.variants, self.engines, strict=True)}
        return run_points(self.request, points, self.options, engines, moved)


def sweep(
    model: Model, protocol: Protocol, measures: Iterable[Measure] | Measure | None = None, /, *,
    design: Design | None = None, engine: str | Engine | None = None,
    seed: int | Iterable[int] = 0, dt: float = DEFAULT_DT,
    method: str = "rk2", precision: Literal["float64", "float32"] = "float64", threads: int = 0,
    progress: bool | None = None, out: str | Path | None = None, large: bool = False,
    client: Any = None, **axes: Any,
) -> xr.Dataset:  # fmt: skip
    """Run a model at every point of a grid and keep its measures.

    Parameters
    ----------
    model, protocol : what is run.
    measures : what is kept; all that the model can answer when not given.
    design : points other than a grid, from :mod:`mgsim.designs`: ``zipped``, ``sobol``,
        ``latin_hypercube``, ``table``. Axes given besides are combined with each of its points.
    engine : ``"fused"``, ``"brian"``, an engine, or None for the fastest that can run it.
    seed : of random trains; an axis when given a list.
    dt : time step in ms.
    method : ``"rk2"`` (second order, implicit for kinetic schemes), ``"rk4"``, ``"euler"`` or
        ``"exponential_euler"``.
    precision, threads : of the fused engine; 0 threads means all allowed cores.
    progress : show progress; by default when a run takes longer than a second or so.
    out : a folder in which the sweep is kept batch by batch: a run that was stopped, however,
        goes on when the same is asked for again, and one that is complete is only opened. See
        :func:`mgsim.open_sweep`.
    large : allow more than 100 million points.
    client : a ``dask.distributed.Client`` whose workers run the batches and write into ``out``.
    axes : parameters by name, in display units. A list or array is an axis, a number is fixed.
        ``model`` and every slot (``block``, ``bath``, ...; also one that the model has empty,
        such as ``ca_l``) take names or parts likewise.

    Returns
    -------
    xarray.Dataset with one dimension for each axis (``point`` for a design), the measures as
    variables, every parameter as a coordinate with ``units``, ``long_name`` and ``source``, and a
    ``status`` for each point.

    Raises
    ------
    UnknownName, UnitError, AxisError, PartError, EquationError
        For what cannot be meant, before anything runs.
    TypeError
        For a name in place of a model, protocol or measure; keywords take names.
    OtherSweep
        When ``out`` holds a sweep of something else; the message says where they differ.

    Examples
    --------
    >>> import mgsim as mg
    >>> ds = mg.sweep(mg.models["tonic"], mg.protocols["rest"], mg.measures["mean_v"],
    ...               mg_out=[0, 1], g_nmda=10)
    >>> ds.mean_v.dims
    ('mg_out',)
    """
    _expect(model, protocol)
    chosen = _measures(assemblies(model, axes, design), protocol, measures)
    options = _options(protocol, dt, method=method, precision=precision, threads=threads)
    job = _job(_request(model, protocol, chosen, seed, axes, design), options, engine)
    if out is not None:
        from mgsim.sweeps.runner import durable

        return durable(job, out, large=large, progress=progress, client=client)
    if client is not None:
        raise ValueError("client= needs out=: a folder that the workers can write to")
    check_size(job.request.size, large)
    return in_memory(job, progress)


def in_memory(job: Job, progress: bool | None = None) -> xr.Dataset:
    """Run a job in memory."""
    result = dataset.assemble(job.request, _run(job, progress), job.options, job.engine)
    _report(result, job.request)
    return result


def prepare(
    model: Model, protocol: Protocol, measures: Iterable[Measure] | Measure | None = None, /, *,
    design: Design | None = None, engine: str | Engine | None = None,
    seed: int | Iterable[int] = 0, dt: float = DEFAULT_DT,
    method: str = "rk2", precision: Literal["float64", "float32"] = "float64", threads: int = 0,
    **axes: Any,
) -> Job:  # fmt: skip
    """Check all that :func:`sweep` takes, and run nothing."""
    _expect(model, protocol)
    chosen = _measures(assemblies(model, axes, design), protocol, measures)
    options = _options(protocol, dt, method=method, precision=precision, threads=threads)
    return _job(_request(model, protocol, chosen, seed, axes, design), options, engine)


def check_size(points: int, large: bool = False) -> None:
    """Refuse what cannot be meant, or what must be said to be meant.

    Raises
    ------
    AxisError
    """
    if points > _MOST:
        raise AxisError(f"{points:,} points cannot be meant; at most {_MOST:,}")
    if points > _MANY and not large:
        raise AxisError(f"{points:,} points: more than {_MANY:,} run only with large=True "
                        "(--large); plan them first")


def simulate(
    model: Model, protocol: Protocol, /, *, record: Iterable[str] = ("v", "ca"),
    engine: str | Engine | None = None, seed: int | Iterable[int] = 0, dt: float = DEFAULT_DT,
    method: str = "rk2", precision: Literal["float64", "float32"] = "float64", every: int = 1,
    threads: int = 0, progress: bool | None = None, **values: Any,
) -> xr.Dataset:  # fmt: skip
    """Run a model and record traces.

    Parameters
    ----------
    record : names of variables; states, currents, or anything that an equation defines. Names of
        the default that the model lacks are left out.
    every : steps between two samples.
    values : parameters as for :func:`sweep`; a list makes an axis here too.

    Returns
    -------
    xarray.Dataset of the recorded variables over the axes and ``time`` (ms), with ``spike_time``
    (ms, padded with NaN along ``spike``) where the model spikes. The value at a time is that at
    the start of a step; a stimulus is that of the step.

    Raises
    ------
    Diverged
        When the run diverged; everything else as :func:`sweep`.
    """
    _expect(model, protocol)
    if every < 1:
        raise ValueError(f"every must be a whole number of steps, at least 1, not {every}")
    options = _options(protocol, dt, method=method, precision=precision, threads=threads,
                       every=int(every))
    spikes = _spike_measures(assemblies(model, values), protocol)
    request = _request(model, protocol, spikes, seed, values)
    options = _recording(options, request, tuple(record))
    job = _job(request, options, engine)
    outcome = _run(job, progress)
    if np.any(outcome.status == DIVERGED):
        when = np.nanmin(outcome.failed_at) * 1e3
        raise Diverged(f"the run diverged at {when:g} ms; a smaller dt than {dt:g} ms or "
                       "other parameters may help")
    return dataset.assemble(request, outcome, options, job.engine)


def _request(model: Model, protocol: Protocol, measures: tuple[Measure, ...], seed: Any,
             given: dict[str, Any], design: Design | None = None) -> Request:
    if isinstance(seed, int | np.integer):
        return resolve(model, protocol, measures, int(seed), given, design)
    return resolve(model, protocol, measures, 0, {**given, "seed": seed}, design)


def _expect(model: object, protocol: object) -> None:
    expect(Model, model, "mg.models['standard']")
    expect(Protocol, protocol, "mg.protocols['train_20hz']")


def _answerable(models: Iterable[Assembly], protocol: Protocol,
                measures: tuple[Measure, ...]) -> tuple[Measure, ...]:
    for one in models:
        measures = answerable(one.model, protocol, measures)
    return measures


def _spike_measures(models: Iterable[Assembly], protocol: Protocol) -> tuple[Measure, ...]:
    from mgsim.measures import last_spike_time

    return _answerable(models, protocol, (last_spike_time,))


def _measures(models: Iterable[Assembly], protocol: Protocol,
              measures: Iterable[Measure] | Measure | None) -> tuple[Measure, ...]:
    from mgsim import measures as catalog

    everything = catalog.values()  # type: ignore[attr-defined]
    given = (measures,) if isinstance(measures, Measure | str) else measures
    chosen = everything if given is None else tuple(
        expect(Measure, m, "mg.measures['spike_rate']") for m in given)
    return _answerable(models, protocol, chosen) if chosen == everything else chosen


def _options(protocol: Protocol, dt: float, **given: Any) -> Options:
    if not (np.isfinite(dt) and dt > 0):
        raise ValueError(f"dt must be a positive number of ms, not {dt}")
    steps = protocol.duration / dt
    if steps > _MOST_STEPS:
        raise ValueError(f"dt = {dt:g} ms makes {steps:.3g} steps of the protocol's "
                         f"{protocol.duration:g} ms; at most {_MOST_STEPS:,}")
    if steps < 1 or abs(steps - round(steps)) > 1e-6 * steps:
        raise ValueError(f"dt = {dt:g} ms does not divide the protocol's {protocol.duration:g} ms")
    if given["method"] not in METHODS:
        raise unknown("method", given["method"], METHODS)
    if given["precision"] not in ("float64", "float32"):
        raise unknown("precision", given["precision"], ("float64", "float32"))
    return Options(dt=dt * 1e-3, duration=protocol.duration * 1e-3, **given)


def _recording(options: Options, request: Request, record: tuple[str, ...]) -> Options:
    for variant in request.variants:
        known = variant.system.recordable
        if record == ("v", "ca"):
            record = tuple(n for n in record if n in known)
        for name in record:
            if name not in known:
                raise unknown("variable", name, known, f"model '{variant.model.name}'")
    return replace(options, record=record)


def _job(request: Request, options: Options, engine: str | Engine | None) -> Job:
    return Job(request, options, tuple(choose(engine, v.system, options)
                                       for v in request.variants))


def _run(job: Job, progress: bool | None) -> Outcome:
    """Every point of a job, in memory."""
    with _Progress(job.request.size * job.options.n_steps, progress) as moved:
        return job.run(np.arange(job.request.size), moved)


def run_points(request: Request, points: np.ndarray, options: Options,
               engines: Mapping[int, Engine], moved: Callable[[int], None]) -> Outcome:
    """Some points of a request, each by its variant's engine (by the variant's id).

    ``moved(steps)`` is told how many point-steps are done.
    """
    pieces: list[tuple[np.ndarray, Outcome]] = []
    done = 0
    for variant, places in request.split(points):

        def report(n: int, of: int, before: int = done, share: int = len(places)) -> None:
            moved(before + n * share * options.n_steps // of)

        batch = request.batch(variant, points[places])
        outcome = engines[id(variant)].run(
            variant.system, batch, replace(options, on_progress=report))
        pieces.append((places, outcome))
        done += len(places) * options.n_steps
    return _merge(pieces, len(points))


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
    if all(o.spikes is not None for _, o in pieces):
        spikes = [np.empty(0)] * n
        for places, outcome in pieces:
            for place, row in zip(places, outcome.spikes or [], strict=True):
                spikes[place] = row
    return Outcome(
        measures={m: merged([o.measures[m] for o in outcomes]) for m in first.measures},
        status=merged([o.status for o in outcomes]),
        failed_at=merged([o.failed_at for o in outcomes]),
        times=first.times, spikes=spikes,
        traces={t: merged([o.traces[t] for o in outcomes]) for t in first.traces},
    )  # fmt: skip


class _Progress:
    """A bar that appears only when a run takes long; ``moved(steps)`` says how far it is."""

    def __init__(self, total: int, show: bool | None) -> None:
        from tqdm.auto import tqdm

        self.bar = tqdm(total=total, unit="step", unit_scale=True, leave=False,
                        delay=0.0 if show else 1.5, disable=show is False)

    def __enter__(self) -> Callable[[int], None]:
        return lambda n: (self.bar.update(n - self.bar.n), None)[1]

    def __exit__(self, *_: object) -> None:
        self.bar.close()


def _report(result: xr.Dataset, request: Request) -> None:
    failed = int((result.status == DIVERGED).sum())
    if failed:
        warnings.warn(f"{failed} of {result.status.size} points diverged; see 'status' and "
                      "'failed_at'", FailedPointsWarning, stacklevel=4)
    dead = dataset.dead_axes(result)
    for name in dead:
        warnings.warn(f"axis '{name}' changed no output", DeadAxisWarning, stacklevel=4)
    result.attrs["dead_axes"] = ", ".join(dead)
