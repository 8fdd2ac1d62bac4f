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


def assemble(request: Request, outcomes: list[Outcome], options: Options,
             engine: str) -> xr.Dataset:
    """Measures or traces over the request's axes, with every parameter as a coordinate."""
    import xarray as xr

    from mgsim import __version__

    dims = tuple(request.axes)
    variables: dict[str, Any] = {}
    status = _gather(request, [o.status for o in outcomes])
    for measure in request.variants[0].system.measures if not options.record else ():
        factor = units.unit(measure.unit).factor
        values = _gather(request, [o.measures[measure.name] for o in outcomes]) / factor
        values = np.where(status == DIVERGED, np.nan, values)
        if measure.undefined_below is not None:
            values = np.where(values < measure.undefined_below, np.nan, values)
        variables[measure.name] = (dims, values, _about(measure.unit, measure.meaning))
    if options.record:
        variables |= _traces(request, outcomes, options, dims)
    failed = _gather(request, [o.failed_at for o in outcomes]) * 1e3
    flags = {"flag_values": list(STATUS), "flag_meanings": " ".join(STATUS.values()),
             "long_name": "how the run ended"}
    variables["status"] = (dims, status, flags)
    variables["failed_at"] = (dims, failed, _about("ms", "time at which the run failed"))
    result = xr.Dataset(variables, coords=_coordinates(request))
    if options.record:
        times = outcomes[0].times
        assert times is not None
        result = result.assign_coords(time=("time", times * 1e3, _about("ms", "time")))
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


def _gather(request: Request, parts: list[np.ndarray], extra: tuple[int, ...] = ()) -> np.ndarray:
    """Join variants and points into the order of the axes."""
    labelled = [len(v) for n, v in request.axes.items() if n in request.labelled]
    names = [*(n for n in request.axes if n in request.labelled), *request.numeric]
    array = np.stack(parts).reshape((*labelled, *request.shape, *extra))
    order = [names.index(n) for n in request.axes]
    return np.transpose(array, [*order, *range(len(names), array.ndim)])


def _traces(request: Request, outcomes: list[Outcome], options: Options,
            dims: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name in options.record:
        equation = request.variants[0].system.recordable[name]
        factor = units.unit(equation.unit).factor
        arrays = [o.traces[name] for o in outcomes]
        values = _gather(request, arrays, arrays[0].shape[1:]) / factor
        found[name] = ((*dims, "time"), values, _about(equation.unit, equation.meaning or name))
    if all(o.spikes is not None for o in outcomes):
        rows = [row for o in outcomes for row in (o.spikes or [])]
        most = max((len(r) for r in rows), default=0)
        padded = np.array([np.pad(r, (0, most - len(r)), constant_values=np.nan) for r in rows])
        padded = padded.reshape(len(outcomes), request.size, most)
        values = _gather(request, list(padded), (most,)) * 1e3
        found["spike_time"] = ((*dims, "spike"), values, _about("ms", "spike time"))
    return found


def _coordinates(request: Request) -> dict[str, Any]:
    """Axes, and every parameter: one number, or one a variant where variants differ."""
    tables = [request.parameters(v) for v in request.variants]
    known: dict[str, Parameter] = {}
    for table in tables:
        for name, parameter in table.items():
            known.setdefault(name, parameter)
    found: dict[str, Any] = {}
    for name, values in request.axes.items():
        if name in request.labelled:
            found[name] = (name, values.astype(str), {"long_name": name})
        elif name == "seed":
            found[name] = (name, values, {"long_name": "seed of random trains"})
        else:
            p = known[name]
            found[name] = (name, values, _about(p.unit, p.meaning, source=_given(p)))
    shape = tuple(len(v) for n, v in request.axes.items() if n in request.labelled)
    for name, p in known.items():
        if name in request.axes:
            continue
        values = np.array([request.fixed.get(name, t[name].value) if name in t else np.nan
                           for t in tables])
        sources = " | ".join(dict.fromkeys(
            _given(t[name]) if name in request.fixed else t[name].source
            for t in tables if name in t))  # fmt: skip
        if request.labelled and not np.all(values == values[0]):
            dims = tuple(n for n in request.axes if n in request.labelled)
            found[name] = (dims, values.reshape(shape), _about(p.unit, p.meaning, source=sources))
        else:
            found[name] = ((), values[0], _about(p.unit, p.meaning, source=sources))
    return found


def _given(parameter: Parameter) -> str:
    """The source of a value that the user chose."""
    return (f"set: chosen for this run; the default is {parameter.value:g} {parameter.unit} "
            f"({parameter.source})")


def dead_axes(result: xr.Dataset) -> list[str]:
    """Axes of more than one value along which no output changes at all."""
    outputs = [v for n, v in result.data_vars.items() if n not in ("status", "failed_at")]
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
