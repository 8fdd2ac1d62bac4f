"""Checks that run the model: bounds, temperature, magnesium, live parameters, step size."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any

import numpy as np

from mgsim import measures, units
from mgsim.checks.drive import (
    Run,
    busy,
    clamped_version,
    crossed,
    good,
    holding,
    named,
    rows,
    watch,
    whole,
)
from mgsim.checks.equations import lively
from mgsim.checks.finding import Finding, judged
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.ions import IONS
from mgsim.declare.ports import PORTS
from mgsim.engines.algebra import follow
from mgsim.engines.contract import OK, EngineError
from mgsim.equations import expressions
from mgsim.measures import last_spike_time
from mgsim.runs.simulate import simulate
from mgsim.sweeps.prepare import DEFAULT_DT
from mgsim.system.joining import Joined, union
from mgsim.system.lowering import System, lower

#: Measures of spikes, how far (ms) one may move, and how far (mV) a potential may.
_SPIKES = ("first_spike_time", "last_spike_time")
_SPIKE, _POTENTIAL = 0.1, 0.1


def _relative(a: Any, b: Any) -> float:
    return float(np.max(np.abs(np.asarray(a) - b)) / max(float(np.max(np.abs(b))), 1e-30))


def idle(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """No part is there for nothing."""
    found = Joined(model, protocol).idle
    yield Finding(
        "idle parts",
        "FAIL" if found else "pass",
        "; ".join(
            f"nothing reads {' or '.join(ports)} of '{name}'" for name, ports in found.items()
        )
        or "each part acts on another, on a sum, or on the membrane",
    )


def bounds(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Along one run: no concentration is below zero, receptors are kept."""
    ds = good(rows(model, whole(protocol), watch(system), [{}])).isel(point=0)
    states = {e.name for e in system.states}
    inside_of = {i.inside: i for i in IONS.values()}
    for name in sorted(n for n in states if system.ports.get(n) in inside_of):
        ion = inside_of[system.ports[name]]
        low = 0.0 - float(ds[f"least_of_{name}"])
        words = f"{name} never below {low:.3g} {ion.unit}"
        yield Finding(f"free {ion.meaning}", "pass" if low >= 0 else "FAIL", words)
    if system.schemes:
        lost = max(float(ds[f"lost_{k.states[0]}"]) for k in system.schemes)
        low = min(0.0 - float(ds[f"least_of_{s}"]) for k in system.schemes for s in k.states)
        yield Finding(
            "occupancies",
            "pass" if lost < 1e-9 and low > -1e-9 else "FAIL",
            f"sum to 1 within {max(lost, 1e-16):.0e}, lowest {low:.1e}",
        )
    ends = {
        n: (0.0 - float(ds[f"least_of_{n}"]), float(ds[f"most_of_{n}"]))
        for n in sorted(named(system, "open_nmda", "unblocked"))
    }
    if ends:
        free = {p.called("open_nmda") for p in model.parts if p.adds_up}
        inside = all(
            low > -1e-9 and (high < 1 + 1e-9 or n in free) for n, (low, high) in ends.items()
        )
        spans = (
            f"{n} {low:.3g} to {high:.3g}" + " (over one release)" * (n in free)
            for n, (low, high) in ends.items()
        )
        yield Finding("fractions", "pass" if inside else "FAIL", ", ".join(spans))


def warmth(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Kinetic schemes are not slower where it is warmer."""
    if not system.schemes or default_of(system, "celsius") is None:
        return
    known = lively(system)
    wrong, fastest = [], 1.0
    for scheme in system.schemes:
        sums = []
        for more in (0.0, 10.0):
            read = follow(system, {**known, "celsius": known["celsius"] + more})
            sums.append(sum(float(read(r)) for r in scheme.rates))
        fastest = max(fastest, sums[1] / sums[0])
        if sums[1] < sums[0]:
            wrong.append(
                f"the rates of {scheme.states[0]}, {scheme.states[1]}, ... fall to "
                f"{sums[1] / sums[0]:.2g} of themselves with 10 degC more"
            )
    yield judged("temperature", wrong, f"rates grow {fastest:.2g} times at most with 10 degC more")


def held(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Under a clamp: conductance falls with magnesium; calcium flows one way below its reversal."""
    conducting = sorted(named(system, "g_conducting"))
    if not conducting:
        return

    laws = [p for p in model.parts if p.called("unblocked") in p.provides]
    if laws and all(p.plain_name == "none" for p in laws):
        yield Finding("magnesium", "skipped", "this is the control without block")
        return
    # The laws alone see endless magnesium: what else acts, as by surface charge, has its range.
    apart = [f"mg_out_{p.slots[0]}" for p in laws if p.called("mg_out") == "mg_out" in p.requires]
    if stated := model.stated("mg_out"):
        model = model.with_values(**dict.fromkeys(apart, stated.value))
        laws = [p for p in model.parts if p.called("unblocked") in p.provides]
    held = clamped_version(model)
    hold = whole(busy(held))
    clamped = lower(held, hold, ())
    seen = {"mg_out", *(p.called("mg_out") for p in laws)} & {p.name for p in clamped.parameters}
    if not seen:
        yield Finding("magnesium", "skipped", "nothing in the model reads mg_out")
        return
    potentials, levels = [-100.0, -80, -60, -40, -20, 20, 40], [0.0, 0.01, 0.1, 1.0, 10.0, 1e4]
    ds = rows(
        held,
        hold,
        watch(clamped),
        [
            holding(v, **{"mg_out": min(mg, 10.0), **dict.fromkeys(seen - {"mg_out"}, mg)})
            for mg in levels
            for v in potentials
        ],
    )
    # A cell whose ions move runs out of them where it is held far from rest.
    ran = (ds.status.values == OK).reshape(len(levels), len(potentials)).all(axis=0)
    if not ran.any():
        good(ds)
    blocked = {p.called("g_conducting") for p in laws if p.plain_name != "none"}
    wrong = []
    for name in conducting:
        g = ds[f"mean_of_{name}"].values.reshape(len(levels), len(potentials))[:, ran]
        of = name.replace("g_conducting", "the conductance", 1)
        (open_at,) = np.nonzero(g[0] > 0)
        if not open_at.size:
            wrong.append(f"{name}: no conductance without Mg")
            continue
        if np.any(np.diff(g, axis=0) > 1e-9 * g[0].max()):
            wrong.append(f"{of} grows somewhere as Mg rises")
        first = open_at[0]  # where depolarisation releases glutamate, none is open below
        if name in blocked and not g[-1, first] < 1e-2 * g[0, first]:
            at = np.array(potentials)[ran][first]
            wrong.append(f"10 M of Mg leaves more than 1 % of {of} at {at:g} mV")
    yield judged(
        "magnesium under clamp",
        wrong,
        f"conductance falls from 0 to 10 M Mg at {ran.sum()} potentials",
    )


def alive(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Each parameter, changed, changes some state or current."""
    tries = [(model, protocol), (model, busy(model))][: 1 + (protocol.name != busy(model).name)]
    if named(system, "v") & {e.name for e in system.states}:
        held = clamped_version(model)
        tries.append((held, busy(held)))
    live: set[str] = set()
    for one, done in tries:
        live |= _live(one, done)
    if default_of(system, "celsius") is not None:  # a Q10 acts off its own temperature only
        live |= _live(*tries[-1], {"celsius": (default_of(system, "celsius") or 0.0) + 5.0})
    own = {p.name for p in system.parameters if not p.name.startswith(("window_", "drive_"))}
    own -= _unread(system, model)
    measured = {p.name for m in (*system.measures, *measures.all) for p in m.parameters}
    exempt = _quiet(model, protocol, system)
    last, done = tries[-1]
    moved = {
        p.name: 0.1 * p.range[1] if p.bounded else 1.0
        for p in lower(last, done, ()).parameters
        if p.value == 0 and not p.name.startswith(("window_", "drive_"))
    }
    bath = default_of(system, "mg_out")
    if bath is not None:
        moved["mg_out"] = bath + 1.0
    if moved and own - live - measured:
        # A block does nothing without magnesium, a law of ratios nothing in the bath of its ratio,
        # and what scales with a slope that is 0 nothing at all.
        live |= _live(last, done, moved)
    if own - live - measured and any(p.chances for p in model.parts):
        live |= _live(last, done, widely=True)  # a whole number of vesicles hides a small change
    for name in sorted(own - live - measured - exempt.keys()):  # what is saturated, at its middle
        beside = _beside(system, name)
        live |= _live(last, done, beside)
        zero = [n for n in beside if default_of(system, n) == 0]
        if zero and name in live:
            exempt[name] = f"nothing here, as {', '.join(zero)} is 0"
            live -= {name}
    dead = sorted(own - live - measured - exempt.keys())
    brought = [p.name for part in model.parts for p in part.parameters]
    brought += [p.name for p in model.shared]
    unread = sorted(set(brought) - own - set(system.recordable))
    note = f"; not read by any part here: {', '.join(unread)}" if unread else ""
    note += "".join(f"; {n}: {why}" for n, why in exempt.items() if n not in live)
    yield Finding(
        "live parameters",
        "FAIL" if dead else "pass",
        (
            f"nothing changes with {', '.join(dead)}"
            if dead
            else f"{len(own - measured)} parameters each change something"
        )
        + note,
    )


def _beside(system: System, name: str) -> dict[str, float]:
    """Parameters of one kind of unit in one equation with a parameter, near its value."""
    known = {p.name: p for p in system.parameters}
    texts = [e.text for e in system.recordable.values()]
    mates = union(expressions.variables(t) for t in texts if name in expressions.variables(t))
    of = {n: units.unit(known[n].unit) for n in sorted(mates & known.keys())}
    own = units.unit(known[name].unit)
    alike = [n for n in of if of[n].dimension == own.dimension and n != name]
    value = known[name].value * own.factor
    return {n: value * (1 + 0.5 * i) / of[n].factor for i, n in enumerate(alike)}


def _unread(system: System, model: Model) -> set[str]:
    """Ports' values that no equation reads; magnesium only where no NMDA receptor is."""
    texts = [e.text for e in system.recordable.values()] + list(system.initial.values())
    texts += [s.right for statements in system.events.values() for s in statements]
    texts += [x for m in system.measures for x in m.texts]
    texts += [x for c in system.crossings.values() for x in (c.signal, c.level)]
    read = union(expressions.variables(t) for t in texts)
    found = {p.name for p in system.parameters if p.name in PORTS and p.name not in read}
    apart = any("mg_out" in part.sees for part in model.parts)
    return found - {"mg_out"} if named(system, "open_nmda") and not apart else found


def _quiet(model: Model, protocol: Protocol, system: System) -> dict[str, str]:
    """Parameters that rightly change nothing here, and why."""
    found = {}
    laws = [p for p in model.parts if p.called("unblocked") in p.provides]
    if laws and all(p.plain_name == "none" for p in laws):
        found["mg_out"] = "this is the control without block"
    read = union(expressions.variables(e.text) for e in system.recordable.values())
    alone = {e: expressions.variables(c.level) - read for e, c in system.crossings.items()}
    if any(alone.values()):
        ds = rows(model, whole(protocol), watch(system), [{}])
        for event, names in alone.items():
            if not bool((ds[crossed(event)].fillna(0) > 0).any()):
                why = (
                    "nothing fires in this drive"
                    if event == "spike"
                    else f"no {event} in this drive"
                )
                found |= dict.fromkeys(sorted(names), why)
    return found


def default_of(system: System, name: str) -> float | None:
    """The default of a parameter, None where the system has none of that name."""
    return next((p.value for p in system.parameters if p.name == name), None)


def _live(
    model: Model,
    protocol: Protocol,
    base: Mapping[str, float] = MappingProxyType({}),
    *,
    widely: bool = False,
) -> set[str]:
    """Parameters whose change moves the mean of a state or of a current that nothing reads.

    ``widely``: a change to the lower end of the range, where that is above 0.
    """
    done = whole(protocol)
    system = lower(model, done, ())
    varied = [p for p in system.parameters if not p.name.startswith("window_")]
    changes: list[dict[str, float]] = [dict(base)]
    for p in varied:
        low, high = p.range
        step = 0.1 * (high - low if p.bounded else abs(p.value)) or 0.1 * abs(p.value) or 1.0
        if p.unit == "ms" and p.value > 0:  # a time stays in the order in which times are
            step = 0.1 * p.value
        start = base.get(p.name, p.value)
        other = start + (step if p.value + step <= high else -step)
        changes.append({**base, p.name: low if widely and low > 0 else other})
    measures = watch(system)
    ds = rows(model, done, measures, changes)
    found = np.array(
        [
            ds[m.name].values
            for m in measures
            if m.name.startswith("mean_of_") or m is last_spike_time
        ]
    )
    changed = np.any(
        ~((found == found[:, :1]) | (np.isnan(found) & np.isnan(found[:, :1]))), axis=0
    )
    return {p.name for p, moved in zip(varied, changed[1:], strict=True) if moved}


def converges(run: Run, system: System) -> Iterator[Finding]:
    """The run itself, at its own step, beside one at an eighth of it.

    What moves by more than it may is let off, and said, where a hundred-thousandth more of some
    parameter moves it as far: it is the model that is touchy then, not the step.
    """
    if not system.measures:
        yield Finding("step size", "skipped", "no measure fits this model")
        return
    dt = run.options["dt"]
    coarse, fine = (good(_results(run, system, run.changes, step)) for step in (dt, dt / 8))
    allowed = _allowed(run, system, fine)
    moved = {m.name: _off(coarse, fine, m, allowed) for m in system.measures}
    bad = {n: off for n, off in moved.items() if np.any(off > 1)}
    touchy = _touchy(run, system, fine, allowed) if bad else {}
    wrong: list[str] = []
    excused: list[str] = []
    for m in (m for m in system.measures if m.name in bad):
        for k in np.flatnonzero(bad[m.name] > 1).tolist():
            a, b = (float(ds[m.name].values[k]) for ds in (coarse, fine))
            words = f"{m.name} {a:.5g} -> {b:.5g} {m.unit}{run.at(k)}"
            (excused if touchy[m.name][k] >= bad[m.name][k] else wrong).append(words)
    worst = max((float(np.max(off)) for n, off in moved.items() if n not in bad), default=0.0)
    words = f"dt {dt:g} -> {dt / 8:g} ms"
    note = (
        f"; let off, for 1e-5 more of a parameter moves as much: {', '.join(excused)}"
        if excused
        else ""
    )
    yield Finding(
        "step size",
        "FAIL" if wrong else "pass",
        (
            f"{words} changes " + "; ".join(wrong)
            if wrong
            else f"{words} moves a measure by at most {100 * worst:.2g} % of what it may (2 % of "
            f"itself, {_SPIKE:g} ms for a spike, {_POTENTIAL:g} mV or 2 % of its way from lowest "
            "to highest for a potential)"
        )
        + note,
    )


def _results(run: Run, system: System, changes: Sequence[Mapping[str, float]], dt: float) -> Any:
    kept = (*system.measures, *(m for some in _extremes(system).values() for m in some))
    return rows(run.model, run.protocol, kept, changes, **{**run.options, "dt": dt})


def _extremes(system: System) -> dict[str, tuple[Measure, Measure]]:
    """The highest and, less, the lowest of each potential, by its name."""
    return {
        v: (
            Measure(f"most_of_{v}", "mV", v, peak=v),
            Measure(f"least_of_{v}", "mV", v, peak=f"-{v}"),
        )
        for v in sorted(named(system, "v"))
    }


def _allowed(run: Run, system: System, ds: Any) -> dict[str, np.ndarray]:
    """How far each measure may be from another run's.

    A potential has its zero where nobody put it: what counts of it is the way that it goes.
    """
    start, stop = run.protocol.measured()
    floors = {"ms": 0.5, "ms**2": 0.05, "mV": _POTENTIAL, "Hz": 0.5e3 / (stop - start), "1": 0.5}
    ways = {v: sum(ds[m.name].values for m in some) for v, some in _extremes(system).items()}
    mv = units.unit("mV")
    found = {}
    for m in system.measures:
        y, unit = ds[m.name].values.astype(float), units.unit(m.unit)
        read = expressions.behind((text for b in m.behind for text in b.texts), system.texts)
        goes = [way for v, way in ways.items() if v in read and unit.dimension == mv.dimension]
        size = np.max(goes, axis=0) * (mv.factor / unit.factor) if goes else np.abs(y)
        scale = np.max(np.abs(y), initial=0.0, where=np.isfinite(y))
        floor = next(
            (
                x * units.unit(u).factor / unit.factor
                for u, x in floors.items()
                if units.unit(u).dimension == unit.dimension
            ),
            0.0,
        )
        least = np.maximum(floor, 1e-6 * scale + 1e-12)
        found[m.name] = np.maximum(0.02 * size, least)
        if m.name in _SPIKES:
            found[m.name] = np.full_like(y, _SPIKE)
    return found


def _off(a: Any, b: Any, measure: Measure, allowed: Mapping[str, np.ndarray]) -> np.ndarray:
    """How far a measure is from another run's, over how far it may be."""
    x, y = (ds[measure.name].values.astype(float) for ds in (a, b))
    with np.errstate(invalid="ignore"):
        off = np.where(np.isnan(x) & np.isnan(y), 0.0, np.abs(x - y) / allowed[measure.name])
    return np.where(np.isnan(off), np.inf, off)


def _touchy(
    run: Run, system: System, fine: Any, allowed: Mapping[str, np.ndarray]
) -> dict[str, np.ndarray]:
    """How far 1e-5 more of any parameter moves the measures, in the units of :func:`_off`."""
    size = len(run.changes)
    most = {m.name: np.zeros(size) for m in system.measures}
    changes: list[Mapping[str, float]] = []
    for p in (p for p in system.parameters if not p.name.startswith("window_")):
        changes += [{**c, p.name: c.get(p.name, p.value) * (1 + 1e-5)} for c in run.changes]
    moved = _results(run, system, changes, run.options["dt"] / 8)
    for first in range(0, len(changes), size):
        part = moved.isel(point=slice(first, first + size))
        for m in system.measures:
            most[m.name] = np.maximum(most[m.name], _off(part, fine, m, allowed))
    return most


def engines(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """The fused engine and Brian2 compute the same."""
    names = tuple(sorted(named(system, "v", "ca", "i_nmda", "open_nmda", "g_conducting")))
    short = protocol.lasting(100.0, (0.0, np.inf))
    try:
        fused, brian = (
            simulate(
                model, short, record=names, engine=e, dt=DEFAULT_DT, method="rk4", progress=False
            )
            for e in ("fused", "brian")
        )
    except EngineError as error:
        yield Finding("engines", "skipped", str(error))
        return
    off = max(_relative(fused[n].values, brian[n].values) for n in names)
    yield Finding(
        "engines",
        "pass" if off < 1e-6 else "FAIL",
        f"fused and Brian2 differ by {off:.1e} over 100 ms ({', '.join(names)})",
    )
