"""What is done to a model that is checked: whatever it listens to."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim import protocols, units
from mgsim.catalogs.catalog import unknown
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare import events
from mgsim.declare.component import Component
from mgsim.declare.ions import IONS
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import MEMBRANE, PORTS
from mgsim.engines.contract import LOCAL, OK, Diverged
from mgsim.engines.updates.stepping import METHODS
from mgsim.equations import expressions
from mgsim.equations.lines import read_equations
from mgsim.measures import last_spike_time
from mgsim.runs.sweep import sweep
from mgsim.sweeps.designs import zipped
from mgsim.sweeps.prepare import COARSE_DT, DEFAULT_DT, known_measures
from mgsim.system.lowering import System, answerable, lower

if TYPE_CHECKING:
    import xarray as xr

#: How long (ms) a check runs.
DURATION = 300.0
_WINDOW = "(window_stop - window_start)"


@dataclass(frozen=True)
class Run:
    """The run that a model is to be right in: its own, with its step, or a busy one, varied.

    ``changes``: the parameters that each point changes.
    """

    model: Model
    protocol: Protocol
    options: Mapping[str, Any]
    changes: tuple[Mapping[str, float], ...]

    def at(self, point: int) -> str:
        """Which point, in words."""
        return "".join(f" at {n} {x:g}" for n, x in self.changes[point].items())


#: How a busy run is varied where its step is tried: currents (pA), or potentials (mV).
_TRIED = {"drive_i": (-300.0, 250.0, 700.0, 1500.0), "drive_v_late": (-100.0, -20.0, 40.0)}


def own_run(model: Model, protocol: Protocol | None, dt: Any, method: str | None) -> Run:
    """The run that was given, or a busy one over several currents or potentials."""
    used = protocol or busy(model)
    known = {p.name for p in used.parameters} if protocol is None else set()
    changes = next((tuple({n: x} for x in v) for n, v in _TRIED.items() if n in known), ({},))
    if method is not None and method not in METHODS:
        raise unknown("method", method, METHODS)
    method = method or LOCAL
    step = COARSE_DT if method == LOCAL else DEFAULT_DT
    step = step if dt is None else units.one(dt, "ms", "dt")
    return Run(model, used, {"method": method, "dt": step}, changes)


def _number(name: str, value: float, unit: str, range: tuple[float, float]) -> Parameter:
    return Parameter(name, value, unit, name, "assumed: drive of the check", range)


#: um2: of a cell smaller than this the drive is by its area.
_SMALL = 2000.0


def busy(model: Model, name: str = "everything_at_once") -> Protocol:
    """A protocol that drives whatever the model listens to: clamp, current, glutamate, events."""
    read = frozenset().union(*(p.requires for p in model.parts))
    lines: list[str] = []
    parameters: list[Parameter] = []
    currents: dict[str, str] = {}
    adds: dict[str, str] = {}
    if "v_command" in read:
        lines.append(
            "v_command = drive_v + (drive_v_late - drive_v)*int(t > drive_on)"
            " + (drive_v_end - drive_v_late)*int(t > drive_off) : mV"
        )
        parameters += [
            _number("drive_v", -60.0, "mV", (-120, 80)),
            _number("drive_v_late", 40.0, "mV", (-120, 80)),
            _number("drive_v_end", -90.0, "mV", (-120, 80)),
            _number("drive_off", 225.0, "ms", (0, 1e6)),
        ]
    if MEMBRANE in read:
        area = model.stated("area")
        small = bool(model.computed("area")) or (area is not None and area.value < _SMALL)
        share = "*area/drive_area" if small else ""
        lines.append(f"i_drive = -drive_i{share}*int(t > drive_on)*int(t < drive_stop) : pA")
        if small:
            parameters.append(_number("drive_area", 15000.0, "um**2", (1, 1e6)))
        parameters += [
            _number("drive_i", 700.0, "pA", (-2000, 5000)),
            _number("drive_stop", 260.0, "ms", (0, 1e6)),
        ]
        currents["i_drive"] = "k"
    if "glu_ambient" in read:
        lines.append("glu_given = drive_glu*int(t > drive_on) : mM")
        parameters.append(_number("drive_glu", 0.01, "mM", (0, 10)))
        adds["glu_ambient"] = "glu_given"
    if lines:
        parameters.append(_number("drive_on", 150.0, "ms", (0, 1e6)))
    stimulus = Component(
        name,
        "stimulus",
        "everything at once",
        "\n".join(lines),
        parameters=tuple(parameters),
        currents=currents,
        adds=adds,
    )
    own = tuple({e.name: e for p in model.parts for e in p.events}.values())
    known = events.known(own, f"model '{model.name}'")
    heard = sorted({events.root(e, known) for p in model.parts for e in p.on_event})
    (train,) = protocols["train_20hz"].events.values()
    return Protocol(
        name,
        "everything that the model listens to",
        DURATION,
        (stimulus,) if lines else (),
        dict.fromkeys(heard, train),
        inputs=own,
    )


#: What a port is called at a place.
Called = Callable[[str], str]


def spots(model: Model) -> list[Called]:
    """What ports are called, at the soma and wherever else parts of a model stand."""

    def called(place: str, copy: str) -> Called:
        return lambda port: PORTS[port].at(place, copy=copy).name

    return [called(*spot) for spot in (("", ""), *model.places)]


def holding(v: float, **more: float) -> dict[str, float]:
    """What holds a busy clamp at one potential (mV) all the time."""
    return {"drive_v": v, "drive_v_late": v, "drive_v_end": v, **more}


def answerable_of(model: Model, protocol: Protocol) -> tuple[Measure, ...]:
    """All measures that the model has, names that a part already has left out."""
    try:
        return answerable(model, protocol, known_measures([model]).values())
    except (ValueError, KeyError):
        return ()


def clamped_version(model: Model) -> Model:
    """The model with its potential imposed, for checks over potential and magnesium.

    The cell keeps its channels, and whatever else other parts read of it. Every place is held.
    """
    return replace(model, parts=tuple(map(_held, model.parts)))


def _held(part: Component) -> Component:
    """The part with the potential of its place imposed, where it is a membrane."""
    v = PORTS["v"].at(part.place).name
    lines = read_equations(part.equations)
    if not any(e.name == v and e.differential for e in lines):
        return part
    return replace(
        part,
        equations="\n".join(f"{v} = v_command : mV" if e.name == v else e.line for e in lines),
        initial={n: text for n, text in part.initial.items() if n != v},
        capacity={n: text for n, text in part.capacity.items() if n != v},
        spike=None,
    )


def rows(
    model: Model,
    protocol: Protocol,
    measures: Iterable[Measure],
    changes: Sequence[Mapping[str, float]],
    **options: Any,
) -> xr.Dataset:
    """Measures along ``point``, one for each set of changed parameters.

    Every parameter is a column, so that all that is asked of one model and protocol with the same
    measures is one compiled kernel, and a method that is quick to compile is the default.
    """
    system = lower(model, protocol, ())
    own = [*system.parameters, *(p for t in protocol.events.values() for p in t.parameters)]
    columns = {
        p.name: [float(c.get(p.name, p.value)) for c in changes]
        for p in own
        if not p.name.startswith("window_")
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # changed on purpose, beyond what is plausible
        return sweep(
            model,
            protocol,
            measures,
            progress=False,
            design=zipped(**columns),
            **{"method": "rk2", "dt": DEFAULT_DT, **options},
        )


def whole(protocol: Protocol) -> Protocol:
    """The protocol measured from the first to the last of its run."""
    return protocol.lasting(protocol.duration, (0.0, np.inf))


def crossed(event: str) -> str:
    """The measure of :func:`watch` that is above 0 where a crossing happens."""
    return last_spike_time.name if event == "spike" else f"mean_of_crossings_{event}"


def watch(system: System) -> tuple[Measure, ...]:
    """What the checks ask of a run: means of what nothing else reads, and extremes.

    ``mean_of_x`` and, where something bounds it, ``most_of_x`` and ``least_of_x`` (less);
    for each scheme ``lost_x``, of its first state; for each crossing but a spike the sum of its
    times, ``mean_of_crossings_x``.
    """
    read = frozenset().union(*(expressions.variables(e.text) for e in system.recordable.values()))
    traced = [c for c in system.currents if c.ion and IONS[c.ion].trace]
    flows = {n for c in traced for n in (c.name, c.whole)} | named(system, "g_conducting")
    states = {e.name for e in system.states}
    occupancies = [s for k in system.schemes for s in k.states]
    places = dict.fromkeys(("", *(c.place for c in system.currents)))
    inside = {PORTS[i.inside].at(p).name for i in IONS.values() for p in places} & states
    bounded = {*inside, *named(system, "open_nmda", "unblocked"), *occupancies}
    found = []
    for name, e in system.recordable.items():
        if name in states or name in flows or name not in read:
            found.append(Measure(f"mean_of_{name}", e.unit, name, rate=f"{name}/{_WINDOW}"))
        if name in bounded:
            found += [
                Measure(f"most_of_{name}", e.unit, name, peak=name),
                Measure(f"least_of_{name}", e.unit, name, peak=f"-{name}"),
            ]
    found += [
        Measure(f"lost_{k.states[0]}", "1", "", peak=f"abs({' + '.join(k.states)} - 1)")
        for k in system.schemes
    ]
    for event, crossing in system.crossings.items():
        if event != "spike":
            name = crossed(event)
            time = crossing.time or "t"
            found.append(Measure(name, "ms", event, on={event: f"{name} += {time}"}))
    return (*found, *((last_spike_time,) if system.spike else ()))


def named(system: System, *ports: str) -> set[str]:
    """What a system has of some ports, at whatever place."""
    return {n for n in system.recordable if system.ports.get(n) in ports}


def good(ds: xr.Dataset) -> xr.Dataset:
    """The same, or an error where any point diverged."""
    if np.any(ds.status != OK):
        raise Diverged(f"a run diverged at {float(ds.failed_at.min()):g} ms")
    return ds
