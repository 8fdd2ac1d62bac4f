"""Outcomes of an engine as one labelled data set."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim import units
from mgsim.component import Parameter
from mgsim.engines.contract import DIVERGED, STATUS, Options, Outcome
from mgsim.sweeps.resolve import Request

if TYPE_CHECKING:
    import xarray as xr


def assemble(request: Request, outcome: Outcome, options: Options, engine: str) -> xr.Dataset:
    """Measures or traces over the request's axes, with every parameter as a coordinate."""
    import xarray as xr

    from mgsim import __version__

    dims = tuple(request.design.dims)
    shape = tuple(request.design.dims.values())
    variables: dict[str, Any] = {}
    status = outcome.status.reshape(shape)
    for measure in request.variants[0].system.measures if not options.record else ():
        values = outcome.measures[measure.name].reshape(shape) / units.unit(measure.unit).factor
        values = np.where(status == DIVERGED, np.nan, values)
        if measure.undefined_below is not None:
            values = np.where(values < measure.undefined_below, np.nan, values)
        variables[measure.name] = (dims, values, _about(measure.unit, measure.meaning))
    if options.record:
        variables |= _traces(request, outcome, options, dims)
    failed = outcome.failed_at.reshape(shape) * 1e3
    flags = {"flag_values": list(STATUS), "flag_meanings": " ".join(STATUS.values()),
             "long_name": "how the run ended"}
    variables["status"] = (dims, status, flags)
    variables["failed_at"] = (dims, failed, _about("ms", "time at which the run failed"))
    result = xr.Dataset(variables, coords=_coordinates(request))
    if options.record:
        assert outcome.times is not None
        times = ("time", outcome.times * 1e3, _about("ms", "time"))
        result = result.assign_coords(time=times)
    start, stop = request.protocol.measured()
    result.attrs = {
        "model": ", ".join(dict.fromkeys(v.model.name for v in request.variants)),
        "parts": ", ".join(dict.fromkeys(
            p.name for v in request.variants for p in v.model.parts)),
        "protocol": request.protocol.name,
        "duration_ms": request.protocol.duration, "window_start_ms": start, "window_stop_ms": stop,
        "engine": engine, "method": options.method, "precision": options.precision,
        "dt_ms": options.dt * 1e3, "seed": request.seed, "mgsim_version": __version__,
        "system_digest": ", ".join(v.system.digest for v in request.variants),
    }  # fmt: skip
    return result


def _about(unit: str, meaning: str, **more: str) -> dict[str, str]:
    return {"units": unit, "long_name": meaning, **more}


def _traces(request: Request, outcome: Outcome, options: Options,
            dims: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    shape = tuple(request.design.dims.values())
    for name in options.record:
        equation = request.variants[0].system.recordable[name]
        values = outcome.traces[name].reshape((*shape, -1)) / units.unit(equation.unit).factor
        found[name] = ((*dims, "time"), values, _about(equation.unit, equation.meaning or name))
    if outcome.spikes is not None:
        most = max((len(r) for r in outcome.spikes), default=0)
        padded = np.full((len(outcome.spikes), most), np.nan)
        for row, times in zip(padded, outcome.spikes, strict=True):
            row[: len(times)] = times
        found["spike_time"] = ((*dims, "spike"), padded.reshape((*shape, most)) * 1e3,
                               _about("ms", "spike time"))  # fmt: skip
    return found


def _coordinates(request: Request) -> dict[str, Any]:
    """Axes, and every parameter: one number, or one a variant where variants differ."""
    tables = [request.parameters(v) for v in request.variants]
    known: dict[str, Parameter] = {}
    for table in tables:
        for name, parameter in table.items():
            known.setdefault(name, parameter)
    found: dict[str, Any] = {}
    for name, (dims, values) in _axis_values(request).items():
        if name in request.labelled:
            found[name] = (dims, values.astype(str), {"long_name": name})
        elif name == "seed":
            found[name] = (dims, values, {"long_name": "seed of random trains"})
        else:
            p = known[name]
            found[name] = (dims, values, _about(p.unit, p.meaning, source=p.chosen))
    for name, p in known.items():
        if name not in request.axes:
            found[name] = _fixed(request, name, p, tables)
    return found


def _axis_values(request: Request) -> dict[str, tuple[tuple[str, ...], np.ndarray]]:
    """The values of each axis, along its own dimension or along ``point``."""
    dims = request.design.dims
    found: dict[str, tuple[tuple[str, ...], np.ndarray]] = {}
    for name, values in request.axes.items():
        if name in dims:
            found[name] = ((name,), np.asarray(values))
    inside = [n for n in request.axes if n not in dims]
    if inside:
        columns = request.design.columns(np.arange(dims["point"]))
        found |= {n: (("point",), columns[n]) for n in inside}
    return {n: found[n] for n in request.axes}


def _fixed(request: Request, name: str, parameter: Parameter,
           tables: list[dict[str, Parameter]]) -> tuple[Any, ...]:
    """A parameter that is no axis: one number, or one a label where the variants differ."""
    values = np.array([request.fixed.get(name, t[name].value) if name in t else np.nan
                       for t in tables])
    sources = " | ".join(dict.fromkeys(
        t[name].chosen if name in request.fixed else t[name].source
        for t in tables if name in t))  # fmt: skip
    about = _about(parameter.unit, parameter.meaning, source=sources)
    if not request.labelled or np.all(values == values[0]):
        return (), values[0], about
    dims = tuple(n for n in request.labelled if n in request.design.dims)
    if len(dims) == len(request.labelled):
        return dims, values.reshape([request.design.dims[n] for n in dims]), about
    by_label = {tuple(v.labels[n] for n in request.labelled): x
                for v, x in zip(request.variants, values, strict=True)}  # fmt: skip
    shape = request.design.dims
    columns = request.design.columns(np.arange(request.size))
    rows = zip(*(columns[n] for n in request.labelled), strict=True)
    return tuple(shape), np.array([by_label[row] for row in rows]).reshape([*shape.values()]), about


def dead_axes(result: xr.Dataset) -> list[str]:
    """Axes of more than one value along which no output changes at all."""
    outputs = [v for n, v in result.data_vars.items()
               if n not in ("status", "failed_at") and bool(v.notnull().any())]
    found = []
    for name in result.status.dims:
        if result.sizes[name] < 2 or not outputs:
            continue
        first = [v.isel({name: slice(0, 1)}).values for v in outputs]
        same = all(np.array_equal(np.broadcast_to(f, v.shape), v.values, equal_nan=True)
                   for f, v in zip(first, outputs, strict=True))
        if same:
            found.append(str(name))
    return found
