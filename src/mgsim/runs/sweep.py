"""``sweep``: measures at every point; ``threshold``: where a measure reaches a level."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.engines import interrupts
from mgsim.engines.asked import why_undefined
from mgsim.engines.contract import (
    ALWAYS,
    DIVERGED,
    NEVER,
    NOT_FINITE,
    OK,
    SEVERAL,
    Diverged,
    Outcome,
)
from mgsim.runs import half_step, in_folder
from mgsim.runs.progress import Progress
from mgsim.runs.saved import saved
from mgsim.sweeps import point_rows
from mgsim.sweeps.designs import check_size
from mgsim.sweeps.keywords import TRACES, Along, How, Where, taken, takes
from mgsim.sweeps.prepare import (
    DeadAxisWarning,
    FailedPointsWarning,
    Job,
    Measures,
    prepare,
    sought,
)
from mgsim.sweeps.result import dataset
from mgsim.sweeps.result.file import file_of, write

if TYPE_CHECKING:
    import xarray as xr

#: What a threshold has no use for.
UNSOUGHT = TRACES | {"converge"}


class UndefinedMeasureWarning(UserWarning):
    """A threshold of a measure that is not defined everywhere."""


@takes(How, Where, but=TRACES)
def sweep(
    model: Model | str, protocol: Protocol | str, measures: Measures = None, /, **axes: Any
) -> xr.Dataset:
    """Run a model at every point of a grid and keep its measures.

    Parameters
    ----------
    model, protocol : what is run, or its name in the catalog; of protocols several at once too,
        ``"train_20hz + mg_step"``.
    measures : what is kept, itself or by name; all that the model can answer when not given. Also
        a keyword.
    design : points other than a grid, from :mod:`mgsim.designs`: ``zipped``, ``sobol``,
        ``latin_hypercube``, ``draws`` (from priors), ``table``. Axes given besides are combined
        with each of its points.
    follow : parameters that follow from others, as expressions in them and in what has a prior:
        ``{"g_ampa": "ampa_nmda_ratio*g_nmda"}``.
    arms : conditions of one axis ``arm``, each with values and parts that it sets in place of what
        was fixed or drawn: ``{"usual": {}, "without": {"g_nmda": 0}}``. Every arm meets the same
        draws. A parameter, or what a prior is on, need not be in every arm.
    start : the run goes on from another: the result of one with ``keep_state``, a netCDF file, or
        the folder of a sweep. Each point begins where the point with its values of the axes ended;
        axes that the other run lacks all begin at the same. The model, parameters and the protocol
        may be others; the protocol's clock starts at 0, and so do measures.
    fresh : slots and states that begin as the model says; a state of which ``start`` has no value
        must be among them.
    keep_state : keep the state at the end of each point, as variables ``state_<name>`` in SI units.
    engine : ``"fused"``, ``"brian"``, an engine, or None for the fastest that can run it.
    seed : of random trains; an axis when given a list.
    dt : time step in ms, or with a unit (``"25 us"``), or an axis of steps; by default 0.1 for
        ``"rk4_local"``, 0.025 for any other method. A step ends at every edge of a stimulus or of
        the measuring window, at every event and at the end of the run, whatever ``dt`` is.
    method : ``"rk4_local"`` (fourth order, at ``dt`` where that is enough and in parts of at most
        0.025 ms, 64 of a step above 1 s, where a point's stages disagree, as in a spike),
        ``"rk4"``, ``"rk2"``, ``"euler"`` or ``"exponential_euler"``, or an axis of methods. Kinetic
        schemes go with the first three.
    precision, threads : of the fused engine; 0 threads means all allowed cores.
    progress : show progress; by default when a run takes longer than a second or so.
    out : a name that ends with .nc, .csv or .parquet is a file that is written at the end; any
        other is a folder in which the sweep is kept batch by batch: a run that was stopped,
        however, goes on when the same is asked for again, and one that is complete is only opened.
        See :func:`mgsim.open_sweep`.
    large : allow more than 100 million points.
    batch : points of a batch, of a new folder ``out``: what a kill can cost. No number depends on
        it.
    converge : run at most 32 points, spread evenly, again at half the step (and half its parts).
        Each measure then has the largest distance found as the attribute ``half_step_distance``, in
        its own unit (none where no point has a value at both steps), and the result says at how
        many points (``half_step_points``), at how many of them the number of spikes differs
        (``half_step_other_counts``, which is absent when no ``spike_count`` is among the measures),
        a measure has a value at one step alone (``half_step_other_values``) and the run ended
        otherwise (``half_step_other_status``). A folder keeps this; it is not computed again.
    client : a ``dask.distributed.Client`` whose workers run the batches and write into ``out``.
    rerun_failed : of the sweep in ``out``, run batches again that hold points which failed,
        crashed or lacked memory.
    single_writer : no other run is at work in ``out``: for a file system without locks.
    overwrite : the plain file ``out`` may be replaced whoever's it is. Without, one is replaced
        that mgsim wrote under that name and nobody has changed since.
    axes : parameters by name, in display units. A list or array is an axis, a number is fixed.
        ``model`` and every slot (``block``, ``bath``, ...; also one that the model has empty,
        such as ``ca_l``) take names or parts likewise.

    Returns
    -------
    xarray.Dataset with one dimension for each axis (``point`` for a design), the measures as
    variables, what was given as coordinates with ``units``, ``long_name`` and ``source``, and a
    ``status`` for each point.

    Raises
    ------
    UnknownName, UnitError, AxisError, PartError, EquationError
        For what cannot be meant, before anything runs.
    TypeError
        For what is no model, protocol or measure.
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
    for name in sorted(TRACES & axes.keys()):
        raise TypeError(f"sweep() keeps measures and takes no {name}=; simulate() keeps traces")
    if "measures" in axes:
        if measures is not None:
            raise TypeError("measures are given twice")
        measures = axes.pop("measures")
    where, axes["start"] = taken(Where, axes), saved(axes.get("start"))
    return perform(prepare(model, protocol, measures, **axes), **where)


@takes(Along, How, Where, but=UNSOUGHT)
def threshold(model: Model | str, protocol: Protocol | str, /, **options: Any) -> xr.Dataset:
    """The value of a parameter at which a measure reaches a level, at every point of a sweep.

    A rheobase, the magnesium that stops firing, the least glutamate that does harm. All points are
    searched side by side: first at ``looks`` values, then by halving.

    Parameters
    ----------
    model, protocol : as for :func:`sweep`.
    axis : the parameter along which it is looked for.
    measure : the measure, or its name.
    level : what it has to reach, in its own unit.
    between : the lowest and the highest value that are tried, in the parameter's unit.
    to : how well the threshold is wanted: the width of its last bracket, of which it is the middle.
    spacing : of the looks, ``"linear"`` or ``"log"``.
    looks : values tried first, both ends among them: between two of them one crossing is found, and
        two go unnoticed.
    options : axes, parameters, ``design``, ``arms``, ``dt``, ... as for :func:`sweep`; so are
        ``progress``, ``out``, ``large``, ``batch``, ``client``, ``rerun_failed``,
        ``single_writer`` and ``overwrite``.

    Returns
    -------
    xarray.Dataset like that of :func:`sweep`, whose one measure is ``<axis>_threshold``. Where the
    level is not crossed it is NaN with the status ``never_reached`` or ``always_reached``, where it
    is crossed more than once with ``several_thresholds``. A measure that is not defined does not
    reach the level, so that where it begins to be defined beyond the level is found as a threshold.

    Warns
    -----
    UndefinedMeasureWarning
        For a measure that is not defined everywhere.

    Raises
    ------
    AxisError, UnknownName, UnitError, PartError
        For what cannot be looked for, before anything runs.

    Examples
    --------
    >>> import mgsim as mg
    >>> ds = mg.threshold(mg.models["cell"], mg.protocols["current_step"], axis="i_amp",
    ...                   measure="spike_count", level=1, between=(0, 1000), to=1)
    >>> 0 < float(ds.i_amp_threshold) < 1000
    True
    """
    where, options["start"] = taken(Where, options, UNSOUGHT), saved(options.get("start"))
    return perform(sought(model, protocol, **options), **where)


@takes(Where)
def perform(job: Job, **given: Any) -> xr.Dataset:
    """Run a job, in memory or into what ``out`` names; all as for :func:`sweep`."""
    where = Where(**given)
    _warn_undefined(job)
    file = file_of(where.out, where.overwrite)
    if where.out is not None and file is None:
        result = in_folder.durable(
            job,
            where.out,
            large=where.large,
            batch=where.batch,
            progress=where.progress,
            client=where.client,
            rerun_failed=where.rerun_failed,
            single_writer=where.single_writer,
        )
        return half_step.told(job, result, Path(where.out)) if where.converge else result
    if where.client is not None:
        raise ValueError("client= needs out=: a folder that the workers can write to")
    for name in ("rerun_failed", "batch"):
        if getattr(where, name):
            raise ValueError(f"{name}= needs out=: the folder of a sweep")
    check_size(job.request.size, where.large)
    result = in_memory(job, where.progress)
    if where.converge:
        result = half_step.told(job, result)
    if file is not None:
        write(result, file)
    return result


def _warn_undefined(job: Job) -> None:
    """Say that a level may be reached by a measure that only begins to be defined there."""
    search = job.request.search
    measure = job.request.variants[0].system.asked[0] if search else None
    if search and measure and any(m.defined for m in (measure, *measure.needs)):
        warnings.warn(
            f"'{search.measure}' is not defined everywhere ({why_undefined(measure)}), and counts "
            f"there as not reaching {search.level:g}: what is found along '{search.axis}' may be "
            "where it begins to be defined; sweep it about a threshold",
            UndefinedMeasureWarning,
            stacklevel=5,
        )


def in_memory(job: Job, progress: bool | None = None) -> xr.Dataset:
    """Run a job in memory."""
    size, steps = job.request.size, job.options.steps
    point_rows.libraries()
    with interrupts.heard() as check, Progress(size, show=progress) as shown:

        def moved(n: int) -> None:
            check()
            shown.to(n / steps)

        outcome = point_rows.outcome(job, np.arange(size), moved)
    if job.options.record and not job.request.design.dims and outcome.status[0] != OK:
        what = f"the run diverged ({outcome.reasons[0]})" if outcome.reasons else "the run diverged"
        raise Diverged(
            f"{what} at {outcome.failed_at[0] * 1e3:g} ms; a smaller dt than "
            f"{job.options.dt * 1e3:g} ms or other parameters may help"
        )
    result = dataset.assemble(job.request, outcome, job.each, job.engine)
    result = result.assign(dataset.inputs(job.request, job.inputs))
    _report(result, outcome, dead=not job.options.record)
    return result


_TOLD = (
    (DIVERGED, "diverged"),
    (NOT_FINITE, "hold what is not finite"),
    (NEVER, "reach the level nowhere"),
    (ALWAYS, "reach the level everywhere"),
    (SEVERAL, "have several thresholds"),
)


def _report(result: xr.Dataset, outcome: Outcome, dead: bool) -> None:
    for status, words in _TOLD:
        failed = np.flatnonzero(outcome.status == status)
        if len(failed):
            why = outcome.reasons.get(int(failed[0]), "")
            which = f" ({why})" if why else ""
            warnings.warn(
                f"{len(failed)} of {outcome.status.size} points {words}{which}; see "
                "'status' and 'failed_at'",
                FailedPointsWarning,
                stacklevel=5,
            )
    if dead:
        names = dataset.dead_axes(result)
        for name in names:
            warnings.warn(f"axis '{name}' changed no output", DeadAxisWarning, stacklevel=5)
        result.attrs["dead_axes"] = ", ".join(names)
