"""What is done to a model that is checked: whatever it listens to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim.component import Component, Parameter
from mgsim.engines.contract import OK, Diverged
from mgsim.model import Measure, Model, Protocol
from mgsim.sweeps.job import DEFAULT_DT
from mgsim.system import answerable

if TYPE_CHECKING:
    import xarray as xr

#: Steps in ms, and how long a check runs.
DT = DEFAULT_DT
DURATION = 300.0


def _number(name: str, value: float, unit: str, range: tuple[float, float]) -> Parameter:
    return Parameter(name, value, unit, name, "assumed: drive of the check", range)


def busy(model: Model, name: str = "everything_at_once") -> Protocol:
    """A protocol that drives whatever the model listens to: clamp, current, glutamate, events."""
    import mgsim

    read = frozenset().union(*(p.requires for p in model.parts))
    lines: list[str] = []
    parameters: list[Parameter] = []
    adds: dict[str, str] = {}
    if "v_command" in read:
        lines.append("v_command = drive_v + (drive_v_late - drive_v)*int(t > drive_on)"
                     " + (drive_v_end - drive_v_late)*int(t > drive_off) : mV")
        parameters += [_number("drive_v", -60.0, "mV", (-120, 80)),
                       _number("drive_v_late", 40.0, "mV", (-120, 80)),
                       _number("drive_v_end", -90.0, "mV", (-120, 80)),
                       _number("drive_off", 225.0, "ms", (0, 1e6))]  # fmt: skip
    if "i_stim" in read:
        lines.append("i_drive = drive_i*int(t > drive_on) : pA")
        parameters.append(_number("drive_i", 700.0, "pA", (0, 5000)))
        adds["i_stim"] = "i_drive"
    if "glu_ambient" in read:
        lines.append("glu_drive = drive_glu*int(t > drive_on) : mM")
        parameters.append(_number("drive_glu", 0.01, "mM", (0, 10)))
        adds["glu_ambient"] = "glu_drive"
    if lines:
        parameters.append(_number("drive_on", 150.0, "ms", (0, 1e6)))
    stimulus = Component(name, "stimulus", "everything at once", "\n".join(lines),
                         parameters=tuple(parameters), adds=adds) if lines else None
    heard = {e for p in model.parts for e in p.on_event}
    events = mgsim.protocols["train_20hz"].events if heard & {"pre", "release"} else {}
    return Protocol(name, "everything that the model listens to", DURATION, stimulus, events)


def answerable_of(model: Model, protocol: Protocol) -> tuple[Measure, ...]:
    """All measures that the model has, names that a part already has left out."""
    import mgsim

    catalog = mgsim.measures
    try:
        return answerable(model, protocol, catalog.values())
    except (ValueError, KeyError):
        return ()


def clamped_version(model: Model) -> Model:
    """The model with its potential imposed, for checks over potential and magnesium."""
    from mgsim.neurons.clamped import clamped

    return model.swap(clamped) if "neuron" in model.slots else model


def traces(model: Model, protocol: Protocol, names: tuple[str, ...], **values: Any) -> xr.Dataset:
    """What :func:`mgsim.simulate` gives, or an error where any point diverged."""
    import mgsim

    ds = mgsim.simulate(model, protocol, record=names, dt=DT, progress=False, **values)
    if np.any(ds.status != OK):
        raise Diverged(f"a run diverged at {float(ds.failed_at.min()):g} ms")
    return ds
