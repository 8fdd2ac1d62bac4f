"""The neuron at stated times after a dose, with the brain's magnesium of that time held."""

from __future__ import annotations

import difflib
import warnings
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim.body.stage import Stage
from mgsim.catalogs import look_up
from mgsim.catalogs.catalog import UnknownName, expect, unknown
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.ports import ExtrapolationWarning
from mgsim.declare.priors import Prior
from mgsim.doses.course import CSF, SERUM, Course, structures
from mgsim.doses.given import Dose
from mgsim.measures import ca_charge, ca_charge_nmda, mean_unblocked, spike_count
from mgsim.parts.baths import serum as serum_bath
from mgsim.protocols import read
from mgsim.runs.sweep import sweep
from mgsim.sweeps import designs
from mgsim.sweeps.designs import AxisError
from mgsim.sweeps.prepare import DeadAxisWarning
from mgsim.sweeps.result.file import file_of, write
from mgsim.system.lowering import answerable

if TYPE_CHECKING:
    import xarray as xr

#: What is kept of a neuron where nothing else is asked for.
KEPT = (mean_unblocked, ca_charge_nmda, ca_charge, spike_count)
#: Share of people that an interval holds.
LEVEL = 0.95
#: Levels that are ionised, and so may be a cell's.
FREE = ("mg_brain", "csf_ionised", "serum_ionised")
_AXES = ("csf", "person", "hours")


class FewerPeopleWarning(UserWarning):
    """A summary over people, some of whom have no value."""


def dose_to_neuron(
    dose: Dose,
    at: Sequence[Any] | None = None,
    *,
    model: Model | str = "standard",
    protocol: Protocol | str | None = None,
    measures: Measure | str | Iterable[Measure | str] | None = None,
    serum: Stage | str = SERUM,
    csf: Stage | str | Iterable[Stage | str] | None = None,
    draws: int = 64,
    seed: int = 0,
    fluid: str | None = None,
    priors: Mapping[str, Prior] | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    **values: Any,
) -> xr.Dataset:
    """From a dose to spikes: the neuron's measures at each time, in each person.

    Serum, cerebrospinal fluid and brain are followed over hours; the neuron then runs at each time
    for its protocol's usual second, with that magnesium held. People differ in what the stages have
    priors for; the structures of ``csf``, which contradict one another, stand side by side.

    Parameters
    ----------
    dose, at, serum, draws, seed : as for :class:`mgsim.doses.Course`.
    csf : one structure or several, an axis of the result; by default all three.
    model, protocol, measures : as for :func:`mgsim.sweep`; the protocol is a train of 20 a second
        where the model hears one, else rest. Kept are the unblocked share, calcium and spikes, as
        far as the model has them.
    fluid : the level that is the cell's ``mg_out``: ``"mg_brain"``, or ``"serum_ionised"`` for a
        cell outside the barrier, which a model with the bath ``serum`` is.
    priors : of parameters of the neuron, drawn person by person: ``{"g_nmda": mg.Prior(...)}``.
    out : a file (.nc, .csv, .parquet) that gets the whole result, or a folder in which the neuron's
        runs are kept as those of a sweep are.
    overwrite : the plain file may be replaced whoever's it is.
    values : parameters of the stages (``csf_gain=0.2``), and what :func:`mgsim.sweep` takes: values
        and axes of the neuron, ``dt``, ``engine``. Not ``mg_out``, which the dose decides.

    Returns
    -------
    xarray.Dataset over ``csf``, ``person`` and ``hours`` (and further axes): levels in mM, the
    neuron's measures, and ``<measure>_over_before``, each over the same person's before the dose.

    Raises
    ------
    UnknownName, UnitError, AxisError, PartError
        For what cannot be meant, before anything runs.

    Examples
    --------
    >>> import mgsim as mg
    >>> ds = mg.dose_to_neuron(
    ...     mg.doses.intravenous("4 g"), at=["4 h"], draws=0, csf="csf_null", serum_mg=0.8)
    >>> ds.mg_brain.values.tolist(), float(ds.ca_charge_over_before[0, 0, -1])
    ([[[0.8, 0.8]]], 1.0)
    """
    expect(Dose, dose, "mg.doses.intravenous('4 g')")
    cell = look_up(Model, model)
    done_to_it = read(protocol if protocol is not None else _protocol(cell))
    if csf is None:  # what acts on the fluid itself asks for no way from serum
        csf = CSF[:1] if any(p.name == "csf_shift" for p in dose.shifts) else CSF
    chosen = structures(csf)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExtrapolationWarning)  # said below, of the people drawn
        own = Course(dose, at, serum, chosen[0], draws=0).parameters
    if not any("mg_out" in part for part in cell.parts):
        raise AxisError(f"model '{cell.name}' has no mg_out, which is what a dose changes")
    for name in ("mg_out", "design", "follow", "arms", "record", "start", "fresh", "keep_state"):
        if name in values:
            raise AxisError(f"'{name}' is not for a dose, which decides the points and mg_out")
    held = {n: values.pop(n) for n in own if n in values}
    courses = [Course(dose, at, serum, chosen[0], draws, seed, held)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # as of the first, which had the same people
        courses += [Course(dose, at, serum, s, draws, seed, held) for s in chosen[1:]]
    file = file_of(out, overwrite)
    outside = getattr(cell.slots.get("bath"), "name", "") == serum_bath.name
    seen = fluid or ("serum_ionised" if outside else "mg_brain")
    if seen not in FREE:
        raise unknown("fluid", seen, FREE)
    if seen == "serum_ionised" and courses[0].extrapolates:
        warnings.warn(
            f"the cell's magnesium is serum_ionised: {courses[0].extrapolates}",
            ExtrapolationWarning,
            stacklevel=2,
        )
    columns = {"mg_out": np.concatenate([c.levels[seen].ravel() for c in courses])}
    columns |= _drawn(priors or {}, courses)
    try:
        with warnings.catch_warnings():
            if np.ptp(columns["mg_out"]) == 0:  # nothing arrives, so nothing changes
                warnings.simplefilter("ignore", DeadAxisWarning)
            done = sweep(
                cell,
                done_to_it,
                measures or answerable(cell, done_to_it, KEPT) or None,
                design=designs.zipped(**columns),
                **({"out": out} if out is not None and file is None else {}),
                **values,
            )
    except UnknownName as error:
        raise _of_a_stage(error, values, own) from None
    result = _joined(courses, done).assign_attrs(fluid=seen)
    if file is not None:
        write(result, file)
    return result


def _of_a_stage(error: UnknownName, given: Iterable[str], stages: Iterable[str]) -> UnknownName:
    """The error for a name of the neuron's that nothing has, or nearer to one of the stages'."""
    for name in given:
        if f"'{name}'" in str(error) and difflib.get_close_matches(name, stages, 1, 0.7):
            return unknown("parameter", name, stages, "the stages of a dose")
    return error


def _protocol(cell: Model) -> str:
    """A train where a part hears presynaptic spikes or what they release, else rest."""
    hears = {event for part in cell.parts for event in part.on_event}
    return "train_20hz" if hears & {"pre", "release"} else "rest"


def _drawn(priors: Mapping[str, Prior], courses: Sequence[Course]) -> dict[str, np.ndarray]:
    """The neuron's own draws, person by person."""
    first = courses[0]
    for name, prior in priors.items():
        if prior.powers:
            raise AxisError(
                f"the prior of '{name}' is a factor on others; here each is of a parameter"
            )
        if name in first.parameters or name == "mg_out":
            raise AxisError(f"'{name}' belongs to the dose; give it a value, as {name}=...")
    if not priors:
        return {}
    if not first.draws:
        raise AxisError("priors need draws, and draws is 0")
    rows = designs.apart(first.draws, priors, first.seed).columns(np.arange(first.draws))
    times = len(first.at or ())
    return {n: np.tile(np.repeat(x, times), len(courses)) for n, x in rows.items()}


def _joined(courses: Sequence[Course], done: xr.Dataset) -> xr.Dataset:
    """Levels and measures over structure, person and time, and measures over those before."""
    import xarray as xr

    names = [c.stages[1].name for c in courses]
    levels = xr.concat(
        [c.dataset() for c in courses],
        xr.DataArray(names, dims="csf", name="csf"),
        coords="different",
        compat="equals",
        combine_attrs="drop_conflicts",
    )
    shape = tuple(levels.sizes[d] for d in _AXES)
    drawn = [n for n, c in done.coords.items() if c.dims == ("point",)]
    flat = done.reset_coords([n for n in drawn if n != "point"])
    found = {}
    for name, one in flat.variables.items():
        if name in ("mg_out", "point") or "point" not in one.dims:
            continue
        others = [d for d in one.dims if d != "point"]
        values = one.transpose("point", *others).values
        found[str(name)] = ((*_AXES, *others), values.reshape(*shape, *values.shape[1:]), one.attrs)
    result = levels.assign(found).assign_coords(
        {n: c for n, c in done.coords.items() if "point" not in c.dims}
    )
    result = result.set_coords([n for n in map(str, drawn) if n in result])
    for name in done.data_vars:
        if name in ("status", "failed_at") or "point" not in done[name].dims:
            continue
        before = result[name].isel(hours=0, drop=True)
        result[f"{name}_over_before"] = (result[name] / before.where(before != 0)).assign_attrs(
            units="1",
            long_name=f"{done[name].attrs.get('long_name', name)}, over that before the dose",
            nan_where="there was none before the dose, or the run failed",
        )
    result.attrs = {**done.attrs, **result.attrs}
    return result


def summary(ds: xr.Dataset, level: float = LEVEL) -> xr.Dataset:
    """The median and an interval over people, along ``quantile``, and of how many people.

    People without a value, whose run failed or of whom there was nothing before the dose, are left
    out: ``people`` says, along ``of``, how many have one of each variable.

    Parameters
    ----------
    ds : of :func:`dose_to_neuron` or :meth:`mgsim.doses.Course.dataset`.
    level : the share of people in the interval.

    Raises
    ------
    AxisError
        For a level that is no share.

    Warns
    -----
    FewerPeopleWarning
        Where some people have a value and others have none.
    """
    if not 0 < level < 1:
        raise AxisError(f"level = {level}: a share of people, between 0 and 1")
    kept = [
        n
        for n, v in ds.data_vars.items()
        if "person" in v.dims and n not in ("status", "failed_at")
    ]
    edges = [(1 - level) / 2, 0.5, (1 + level) / 2]
    drop = [str(n) for n, c in ds.coords.items() if "person" in c.dims]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)  # of nobody: NaN, which says why
        found = ds[kept].drop_vars(drop).quantile(edges, "person", keep_attrs=True, skipna=True)
    count = ds[kept].reset_coords(drop=True).notnull().sum("person").to_array("of", "people")
    total = ds.sizes["person"]
    partly = (count > 0) & (count < total)
    least = count.where(partly).min([d for d in count.dims if d != "of"])
    few = least.dropna("of")
    if few.size:
        words = ", ".join(f"{n} of {int(x)}" for n, x in zip(few["of"].values, few, strict=True))
        warnings.warn(
            f"a summary of fewer than the {total} people, where others have no value: {words}",
            FewerPeopleWarning,
            stacklevel=2,
        )
    about = {"long_name": "people who have a value, of the variable 'of'", "units": "1"}
    return found.assign(people=count.assign_attrs(about)).assign_attrs(level=level)
