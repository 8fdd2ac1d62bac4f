"""Outcomes of an engine as one labelled data set."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim import units
from mgsim.engines.contract import OK, Options, Outcome
from mgsim.sweeps.labels import FLAGS, about, coordinates, decimal, displayed, frame
from mgsim.sweeps.resolving.request import Request
from mgsim.sweeps.result.parameters import put_away

if TYPE_CHECKING:
    import xarray as xr


def assemble(
    request: Request, outcome: Outcome, each: Sequence[Options], engine: str
) -> xr.Dataset:
    """Measures or traces over the request's axes, with every parameter as a coordinate."""
    import xarray as xr

    dims = tuple(request.design.dims)
    shape = tuple(request.design.dims.values())
    options = each[0]
    dressed = frame(request, each, engine)
    variables: dict[str, Any] = {}
    for measure in request.ends if options.record else request.measures:
        values = displayed(measure, outcome.measures[measure.name], outcome.status)
        variables[measure.name] = (dims, values.reshape(shape), dressed.measures[measure.name])
    if options.record:
        variables |= _traces(request, outcome, options, dims)
    failed = outcome.failed_at.reshape(shape) * 1e3
    variables["status"] = (dims, outcome.status.reshape(shape), FLAGS)
    variables["failed_at"] = (dims, failed, about("ms", "time at which the run failed"))
    result = xr.Dataset(variables, coords=coordinates(dressed, request.design))
    if options.record:
        times = ("time", _times(request, options, outcome), about("ms", "time"))
        result = result.assign_coords(time=times)
    result.attrs = dressed.attrs
    return put_away(result, dressed.asked)


def _times(request: Request, options: Options, outcome: Outcome) -> np.ndarray:
    """The times of the samples in ms: the nearest doubles to the decimals that are meant."""
    assert outcome.times is not None
    if len(outcome.times) == 1:
        return outcome.times * 1e3
    step = Fraction(str(decimal(options.dt)))
    regular = (options.samples[:-1] - options.begin) * step.numerator / step.denominator
    return np.append(regular, request.protocol.duration)


def _traces(
    request: Request, outcome: Outcome, options: Options, dims: tuple[str, ...]
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    shape = tuple(request.design.dims.values())
    good = outcome.status == OK
    for name in options.record:
        equation = request.variants[0].system.recordable[name]
        values = np.where(good[:, None], outcome.traces[name], np.nan).reshape((*shape, -1))
        found[name] = (
            (*dims, "time"),
            values / units.unit(equation.unit).factor,
            about(equation.unit, equation.meaning or name),
        )
    if outcome.spikes is not None:
        spikes = [r if ok else r[:0] for r, ok in zip(outcome.spikes, good, strict=True)]
        found |= _padded("spike", "spike", spikes, request)
    return found


def _padded(
    name: str, meaning: str, rows: Sequence[np.ndarray], request: Request
) -> dict[str, Any]:
    """Times (s) of each point as one variable in ms, padded with NaN along their number."""
    most = max((len(r) for r in rows), default=0)
    padded = np.full((len(rows), most), np.nan)
    for row, times in zip(padded, rows, strict=True):
        row[: len(times)] = times
    dims = request.design.dims
    return {
        name: (name, np.arange(1, most + 1), about("1", f"number of the {meaning}")),
        f"{name}_time": (
            (*dims, name),
            padded.reshape((*dims.values(), most)) * 1e3,
            about("ms", f"{meaning} time"),
        ),
    }


def inputs(request: Request, events: Sequence[str]) -> dict[str, Any]:
    """The times of events that a protocol sends, as variables of a result in ms."""
    found: dict[str, Any] = {}
    points = np.arange(request.size if events else 0)
    for event in events:
        rows: list[np.ndarray] = [np.empty(0)] * len(points)
        for variant, places in request.split(points):
            trains = request.batch(variant, points[places]).trains[event]
            begin, end = request.origin, request.origin + request.protocol.duration
            trains = trains.within(end * 1e-3, begin * 1e-3)
            for place, i in zip(places, trains.of_point, strict=True):
                times = trains.times[trains.offsets[i] : trains.offsets[i + 1]]
                rows[place] = times - begin * 1e-3
        found |= _padded(event, f"'{event}' event", rows, request)
    return found


def dead_axes(result: xr.Dataset) -> list[str]:
    """Axes of more than one value along which no output changes at all."""
    outputs = [
        v
        for n, v in result.data_vars.items()
        if n not in ("status", "failed_at") and bool(v.notnull().any())
    ]
    return [
        str(name)
        for name in result.status.dims
        if result.sizes[name] > 1 and outputs and all(_still(v, str(name)) for v in outputs)
    ]


def _still(values: xr.DataArray, axis: str) -> bool:
    """Whether nothing changes along an axis; block by block where the values are lazy."""
    first = values.isel({axis: 0}, drop=True)
    return bool(((values == first) | (values.isnull() & first.isnull())).all())


def with_half_step(result: xr.Dataset, found: Mapping[str, Any]) -> xr.Dataset:
    """The result, saying how far its measures are from those at half the step."""
    for name, distance in found["distance"].items():
        if distance is not None:
            result[name].attrs["half_step_distance"] = float(distance)
    for name in ("points", "other_counts", "other_values", "other_status"):
        if found.get(name) is not None:
            result.attrs[f"half_step_{name}"] = found[name]
    return result
