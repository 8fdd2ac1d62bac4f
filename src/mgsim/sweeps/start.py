"""Going on from another run: the states of its end, point by point, by the values of its axes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim import units
from mgsim.catalogs.catalog import unknown
from mgsim.compose.model import Model
from mgsim.declare.component import Component
from mgsim.engines.contract import PENDING, SNAP
from mgsim.files import sha256
from mgsim.sweeps.designs import AxisError
from mgsim.sweeps.trains import BEGAN, NUMBER, RUN
from mgsim.system.lowering import System

if TYPE_CHECKING:
    import xarray as xr

#: What the variables of a result that hold states begin with, the one of no state, and what those
#: of slopes are called.
PREFIX, JUMP, SLOPE = "state_", "last_jump", "slope_"
#: What those begin with that tell how far a train of events had come.
SENT = "sent_"
#: Units of states as results hold them: those whose factor is 1, so that no bit is lost.
_SI = {units.unit(u).dimension: u for u in ("V", "mM", "s", "A", "S", "C", "1")}
_SHOWN = 6
#: The attribute that says how many runs led to an end, and the meaning of what is told of trains.
RUNS = "runs"
_TOLD = {
    NUMBER: "how many had come by the end",
    BEGAN: "when that began which their times are drawn from",
    RUN: "how many runs had been before that",
}
#: How far the occupancies of a kinetic scheme may sum from 1.
_CLOSED = 1e-6


@dataclass(frozen=True)
class Kept:
    """The end of a state as a variable of a result, in its unit; it is dressed like a measure."""

    state: str
    unit: str
    meaning: str
    attributes: Mapping[str, str]
    on: Mapping[str, str] = field(default_factory=dict)

    @property
    def name(self) -> str:
        return f"{PREFIX}{self.state}"


@dataclass(frozen=True)
class Sent:
    """How far the trains of an event had come where a run ended.

    ``units`` by the name of what is told: see :data:`mgsim.sweeps.trains.TOLD`, and for trains that
    go on ``<name>_then``, the parameters that the times of the train, named ``train``, are drawn
    from; ``told``: (points, names).
    """

    units: Mapping[str, str]
    train: str = ""
    told: np.ndarray = field(default_factory=lambda: np.empty((0, 0)))

    def at(self, row: np.ndarray, shift: float) -> np.ndarray:
        """What is told of some points, on a clock that is ``shift`` ms later; -inf: nothing is."""
        found = np.nan_to_num(self.told[row], nan=-np.inf, neginf=-np.inf)
        if BEGAN in self.units:
            found[:, [*self.units].index(BEGAN)] += shift
        return found


def kept(
    variants: Sequence[tuple[Model, System]],
    stimuli: Sequence[Component],
    clock: float,
    sent: Mapping[str, Sent],
    runs: int,
) -> tuple[Kept, ...]:
    """What a run that saves its end keeps of each point; ``clock``: its end in ms since the first.

    ``stimuli``: parts of the protocol, which may have states too; ``sent``: what is told of the
    events that have come, by event; ``runs``: how many runs end here, from the first on.

    Raises
    ------
    AxisError
        For a model without states, or of which a state has a taken name.
    """
    found: dict[str, Kept] = {}
    owners: dict[str, dict[str, None]] = {}
    for model, system in variants:
        for name in system.state_names:
            owners.setdefault(name, {})[_owner((*model.parts, *stimuli), name).name] = None
    for _, system in variants:
        if not system.state_names:
            raise AxisError("a model without states has no end to go on from (keep_state)")
        told = [_told(event, what) for event, one in sent.items() for what in one.units]
        own = {JUMP, *told, *(f"{SLOPE}{n}" for n in system.implicit)}
        for name in own & {*system.state_names}:
            raise AxisError(f"a state called '{name}' cannot be kept; give it another name")
        for name in system.state_names:
            e = system.recordable[name]
            unit = si(e.unit)
            more = {"state_of": name, "clock_ms": repr(clock), "part": ", ".join(owners[name])}
            if name in system.moments:
                more["holds"] = "a time on that clock"
            meaning = f"{e.meaning or name}, at the end of the run"
            found.setdefault(name, Kept(name, unit, meaning, more))
        if system.implicit:
            more = {"state_of": JUMP, "clock_ms": repr(clock), "holds": "a time on that clock"}
            found[JUMP] = Kept(JUMP, "s", "last jump of a stimulus, on the clock of the run", more)
        for name in system.implicit:
            more = {"state_of": f"{SLOPE}{name}", "clock_ms": repr(clock), "slope_of": name}
            unit = f"{si(system.recordable[name].unit)}/s"
            meaning = f"how fast {name} moves at the end of the run"
            found.setdefault(f"{SLOPE}{name}", Kept(f"{SLOPE}{name}", unit, meaning, more))
        for event, one in sent.items():
            for what, unit in one.units.items():
                name = _told(event, what)
                more = {"state_of": name, "clock_ms": repr(clock), "event": event, "tells": what}
                more |= {"train": one.train} if one.train else {}
                meaning = f"{_TOLD.get(what, 'what their times are drawn from')}: '{event}' events"
                found.setdefault(name, Kept(name, unit, meaning, more))
        for end in found.values():
            if end.name in system.recordable or end.name in {m.name for m in system.asked}:
                raise AxisError(f"the model has something of the name '{end.name}'")
    return tuple(replace(k, attributes={**k.attributes, RUNS: str(runs)}) for k in found.values())


def _told(event: str, what: str) -> str:
    """The name of what is told of an event's train."""
    return f"{SENT}{event}" if what == NUMBER else f"{SENT}{event}_{what}"


def told(sent: Mapping[str, Sent]) -> dict[str, np.ndarray]:
    """What is told of trains, by the names that states would have."""
    return {
        _told(event, what): one.told[:, i]
        for event, one in sent.items()
        for i, what in enumerate(one.units)
    }


def _owner(parts: Iterable[Component], state: str) -> Component:
    """The part whose equations a state is in."""
    return next(part for part in parts if state in part.provides)


def si(unit: str) -> str:
    """The unit in SI of what has a unit."""
    dimension = units.unit(unit).dimension
    return _SI.get(dimension) or units.base_text(dimension)


def _plain(value: Any) -> Any:
    """A value of an axis as it is compared: a name, or a number to ten digits."""
    return str(value) if isinstance(value, str | np.str_) else float(f"{float(value):.10g}")


@dataclass(frozen=True)
class Along:
    """One dimension of a saved run: the names whose values tell its places, and the places."""

    name: str
    keys: tuple[str, ...]
    places: Mapping[tuple[Any, ...], int]


@dataclass(frozen=True)
class Start:
    """The saved end of a run.

    ``states``: by name, (unit, values over ``dims``); ``owners``: the parts that each is of,
    several where parts are an axis; ``clock``: when it ended, in ms since the first run began;
    ``fresh``: slots and states that are to begin as the model says; ``origin``: when the run that
    goes on begins, in ms on that clock, or 0 where the clock starts anew; ``slopes``: how the
    states that are stepped implicitly moved when it ended, None where that was not kept; ``sent``:
    how far trains had come, by event, likewise; ``runs``: how many runs it is the end of.
    """

    dims: tuple[Along, ...]
    states: Mapping[str, tuple[str, np.ndarray]]
    owners: Mapping[str, Sequence[str]]
    moments: frozenset[str]
    jumped: np.ndarray | None
    clock: float
    fresh: tuple[str, ...] = ()
    origin: float = 0.0
    slopes: Mapping[str, np.ndarray] | None = None
    sent: Mapping[str, Sent] | None = None
    runs: int = 1

    @property
    def digest(self) -> str:
        """sha256 of all that the numbers of a run from here depend on."""
        found = [repr((self.clock, self.fresh, self.origin, sorted(self.moments)))]
        found += [repr((d.name, d.keys, dict(d.places))) for d in self.dims]
        found += [f"{n} {u} {sha256(x.tobytes())}" for n, (u, x) in sorted(self.states.items())]
        if self.jumped is not None:
            found.append(sha256(self.jumped.tobytes()))
        found += [f"{n} {sha256(x.tobytes())}" for n, x in sorted((self.slopes or {}).items())]
        for event, one in sorted((self.sent or {}).items()):
            found.append(f"{event} {one.train} {dict(one.units)} {sha256(one.told.tobytes())}")
        found.append(repr(self.runs))
        return sha256("\n".join(found))

    def stepped(self, steps: Sequence[float]) -> Start:
        """The same for a run of such steps (ms), any of them.

        Where the end lies on a step of each the clock goes on, so that a run in two is the run in
        one to the bit; else it starts anew.
        """
        number = [self.clock / dt for dt in steps]
        on = all(abs(n - round(n)) <= SNAP + 4e-16 * n for n in number)
        return replace(self, origin=self.clock if on else 0.0)

    def new(self, model: Model, stimuli: Sequence[Component], system: System) -> set[str]:
        """The states of a system that begin as the model, or the protocol's stimuli, say.

        Raises
        ------
        AxisError, UnknownName, UnitError
            For a state without a saved value that is not in ``fresh``; for a kinetic scheme that
            is fresh in part; for a state of another unit or another part; for what is not there
            to be fresh.
        """
        found: set[str] = set()
        parts = (*model.parts, *stimuli)
        slots = {slot: part for part in (*stimuli, *model.parts) for slot in part.slots}
        for name in self.fresh:
            if name in slots:
                found |= {e.name for e in slots[name].lines if e.differential}
            elif name in system.state_names:
                found.add(name)
            else:
                raise unknown("slot or state", name, {*slots, *system.state_names}, "fresh")
        lacking = [n for n in system.state_names if n not in self.states and n not in found]
        if lacking:
            whose = dict.fromkeys(part.slot for part in parts if part.provides & set(lacking))
            raise AxisError(
                f"start has no value of {_listed(lacking)} of model '{model.name}'"
                + (
                    f"; fresh={list(whose)} lets what it lacks begin as the model says"
                    if whose
                    else ""
                )
            )
        for scheme in system.schemes:
            inside = found & set(scheme.states)
            if inside and inside != set(scheme.states):
                raise AxisError(
                    f"'{min(inside)}' is fresh, and other states of its kinetic scheme are not: "
                    f"{_listed(sorted(set(scheme.states) - inside))}"
                )
        for name in set(system.state_names) - found:
            unit = self.states[name][0]
            own = system.recordable[name].unit
            if units.unit(unit).dimension != units.unit(own).dimension:
                raise units.UnitError(f"start has '{name}' in {unit}; the model has it in {own}")
        for name in system.state_names:
            part = _owner(parts, name)
            if name not in found and part.name not in self.owners[name]:
                theirs = (
                    " or ".join(f"'{n}'" for n in self.owners[name]) or "a part it does not name"
                )
                raise AxisError(
                    f"start has '{name}' of {theirs}, and in model '{model.name}' it is a state of "
                    f"'{part.name}', where it may mean another thing; fresh=['{part.slot}'] lets "
                    "that part begin as the model says"
                )
        return found

    def rows(self, values: Callable[[str], np.ndarray], size: int) -> np.ndarray:
        """The saved point of each of ``size`` points, of which ``values`` gives what tells them.

        Raises
        ------
        AxisError
            Where a point has values that the saved run has not.
        """
        row = np.zeros(size, dtype=np.int64)
        for along in self.dims:
            columns = [np.broadcast_to(values(n), size) for n in along.keys]
            place = np.empty(size, dtype=np.int64)
            seen: dict[tuple[Any, ...], int] = {}
            for i, raw in enumerate(zip(*columns, strict=True)):
                if raw not in seen:
                    key = tuple(map(_plain, raw))
                    if key not in along.places:
                        raise AxisError(self._absent(along, key))
                    seen[raw] = along.places[key]
                place[i] = seen[raw]
            row = row * len(along.places) + place
        return row

    def _absent(self, along: Along, key: tuple[Any, ...]) -> str:
        asked = ", ".join(f"{n} {_word(x)}" for n, x in zip(along.keys, key, strict=True))
        if len(along.keys) > 1:
            return f"start has no point of {asked}"
        there = [_word(k[0]) for k in along.places]
        return (
            f"start has {along.name} {_listed(there)}, and this run {asked}; choose one: "
            f"start=ds.sel({along.name}=...)"
        )

    def initial(
        self, parts: Sequence[Component], system: System, new: set[str], row: np.ndarray
    ) -> dict[str, Any]:
        """States in SI of a system of such parts at the saved points ``row``, at the run's start.

        Raises
        ------
        AxisError
            Where the states of a kinetic scheme do not sum to 1; where no point has a state that
            others have, as it is of another part. A point that failed goes on failing.
        """
        shift = (self.origin - self.clock) * 1e-3
        found = {}
        ended = any(np.isfinite(values[row]).any() for _, values in self.states.values())
        for name in system.state_names:
            if ended and name not in new and np.isnan(self.states[name][1][row]).all():
                part = _owner(parts, name)
                raise AxisError(
                    f"start has no value of '{name}' of '{part.name}' at the points that this run "
                    f"goes on from; fresh=['{part.slot}'] lets that part begin as the model says"
                )
        for name in system.state_names:
            if name not in new:
                unit, values = self.states[name]
                here = values[row] * units.unit(unit).factor
                found[name] = here + shift if name in self.moments and shift else here
        for scheme in system.schemes:
            if not new & set(scheme.states):
                total = np.sum([found[s] for s in scheme.states], axis=0)
                off = np.flatnonzero(np.abs(total - 1) > _CLOSED)
                if off.size:
                    part = _owner(parts, scheme.states[0])
                    raise AxisError(
                        f"start has the states {_listed(scheme.states)} of the kinetic scheme of "
                        f"'{part.name}' with a sum of {total[off[0]]:.7g}, which is 1 in a whole "
                        f"scheme; fresh=['{part.slot}'] lets it begin as the model says"
                    )
        return found

    def jumps(self, row: np.ndarray) -> np.ndarray | None:
        """The last jumps of stimuli, in seconds."""
        if self.jumped is None:
            return None
        shift = (self.origin - self.clock) * 1e-3
        return self.jumped[row] + shift if shift else self.jumped[row]

    def past(self, event: str, row: np.ndarray) -> Sent | None:
        """How far the train of an event had come at some points; None: none had been sent."""
        one = (self.sent or {}).get(event)
        return one and replace(one, told=one.at(row, self.origin - self.clock))

    def moving(self, row: np.ndarray) -> dict[str, np.ndarray] | None:
        """How states moved that are stepped implicitly, in SI per second."""
        return None if self.slopes is None else {n: x[row] for n, x in self.slopes.items()}


def _word(value: Any) -> str:
    return value if isinstance(value, str) else f"{value:g}"


def _listed(names: Sequence[str]) -> str:
    more = [f"... ({len(names)})"] if len(names) > _SHOWN else []
    return ", ".join([*names[:_SHOWN], *more])


def read(ds: xr.Dataset, fresh: Sequence[str] | str = ()) -> Start:
    """The saved end in a result.

    Raises
    ------
    AxisError
        For a result that holds none, or whose points have not all run.
    """
    if not hasattr(ds, "data_vars"):
        raise TypeError(
            "start is the result of a run with keep_state=True, a file or a folder that holds one, "
            f"not {type(ds).__name__}"
        )
    held = {str(n): v for n, v in ds.data_vars.items() if "state_of" in v.attrs}
    if not held:
        raise AxisError("start holds no states; run that with keep_state=True")
    if "status" in ds and bool((ds.status == PENDING).any()):
        raise AxisError("start has points that have not run; let that run end first")
    first = next(iter(held.values()))
    dims = tuple(_along(ds, str(d)) for d in first.dims)
    states: dict[str, tuple[str, np.ndarray]] = {}
    slopes: dict[str, np.ndarray] = {}
    jumped = None
    sent: dict[str, Sent] = {}
    for value in held.values():
        flat = np.ascontiguousarray(value.transpose(*first.dims).values, dtype=float).ravel()
        if value.attrs["state_of"] == JUMP:
            jumped = flat
        elif "tells" in value.attrs:
            event, what, unit = (value.attrs[n] for n in ("event", "tells", "units"))
            one = sent.get(event, Sent({}, value.attrs.get("train", ""), np.empty((flat.size, 0))))
            columns = np.column_stack([one.told, flat])
            sent[event] = replace(one, units={**one.units, what: unit}, told=columns)
        elif "slope_of" in value.attrs:
            slopes[value.attrs["slope_of"]] = flat
        else:
            states[value.attrs["state_of"]] = (value.attrs["units"], flat)
    owners = {
        v.attrs["state_of"]: [n for n in v.attrs.get("part", "").split(", ") if n]
        for v in held.values()
    }
    moments = frozenset(v.attrs["state_of"] for v in held.values() if "holds" in v.attrs)
    names = (fresh,) if isinstance(fresh, str) else tuple(fresh)
    clock = float(first.attrs["clock_ms"])
    known = None if jumped is not None and not slopes else slopes
    runs = first.attrs.get(RUNS)
    return Start(
        dims,
        states,
        owners,
        moments,
        jumped,
        clock,
        names,
        slopes=known,
        sent=None if runs is None else sent,
        runs=int(runs or 1),
    )


def _along(ds: xr.Dataset, name: str) -> Along:
    """A dimension: of one axis, or of points with several."""
    keys = (
        (name,)
        if name in ds.coords
        else tuple(
            str(n) for n, c in ds.coords.items() if c.dims == (name,) and "worked" not in c.attrs
        )
    )
    if not keys:
        raise AxisError(f"start has points along '{name}' without values that tell them apart")
    rows = zip(*(ds[k].values.tolist() for k in keys), strict=True)
    places = {tuple(map(_plain, row)): i for i, row in enumerate(rows)}
    if len(places) < ds.sizes[name]:
        raise AxisError(f"start has points along '{name}' that {', '.join(keys)} do not tell apart")
    return Along(name, keys, places)
