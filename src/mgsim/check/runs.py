"""Checks that run the model: balance, occupancies, magnesium, live parameters, step size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from mgsim import expressions, units
from mgsim.check.drive import DT, busy, clamped_version
from mgsim.check.finding import Finding
from mgsim.engines.contract import OK, Diverged
from mgsim.measures import last_spike_time
from mgsim.model import Measure, Model, Protocol
from mgsim.system import System, lower

_WINDOW = "(window_stop - window_start)"
_MEAN_G = Measure("mean_g_conducting", "nS", "mean conducting NMDA conductance",
                  rate=f"g_conducting/{_WINDOW}")  # fmt: skip


def _traces(model: Model, protocol: Protocol, names: tuple[str, ...], **values: Any) -> Any:
    import mgsim

    ds = mgsim.simulate(model, protocol, record=names, dt=DT, progress=False, **values)
    if np.any(ds.status != OK):
        raise Diverged(f"a run diverged at {float(ds.failed_at.min()):g} ms")
    return ds


def balance(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Each total is the sum of its shares; calcium and the rest make the NMDA current."""
    recordable = system.recordable
    parts = (*model.parts, *((protocol.stimulus,) if protocol.stimulus else ()))
    shares: dict[str, list[str]] = {}
    for part in parts:
        for port, text in part.adds.items():
            shares.setdefault(port, []).append(text)
    totals = {p: t for p, t in shares.items() if p in recordable}
    texts = [t for ts in totals.values() for t in ts]
    wanted = {n for t in texts for n in expressions.variables(t)} | set(totals)
    wanted |= {"i_nmda", "i_ca_nmda", "i_mono_nmda"}
    traced = tuple(n for n in recordable if n in wanted)
    if not traced:
        return
    ds = _traces(model, protocol, traced)
    si = {p.name: p.si for p in system.parameters}
    si |= {n: ds[n].values * units.unit(recordable[n].unit).factor for n in traced}
    wrong, seen = [], []
    for port, contributions in totals.items():
        named = [t for t in contributions if t in recordable]
        twice = sorted({t for t in named if named.count(t) > 1})
        if twice:
            wrong.append(f"'{twice[0]}' is added twice to {port}")
        if {"i_nmda", "i_ca_nmda"} <= set(named):
            wrong.append(f"i_ca_nmda is a share of i_nmda, and both are added to {port}")
        total = sum(expressions.evaluate(t, {n: si[n] for n in expressions.variables(t)})
                    for t in contributions)
        off = _relative(total, si[port])
        seen.append(f"{port} = {' + '.join(contributions)}")
        if off > 1e-9:
            wrong.append(f"{port} differs from the sum of its shares by {off:.2g} of it")
    if {"i_nmda", "i_ca_nmda", "i_mono_nmda"} <= set(traced):
        off = _relative(si["i_ca_nmda"] + si["i_mono_nmda"], si["i_nmda"])
        seen.append("i_nmda = i_ca_nmda + i_mono_nmda")
        if off > 1e-9:
            wrong.append(f"calcium and the rest differ from the NMDA current by {off:.2g} of it")
    yield Finding("charge balance", "FAIL" if wrong else "pass", "; ".join(wrong or seen))


def _relative(a: Any, b: Any) -> float:
    return float(np.max(np.abs(np.asarray(a) - b)) / max(float(np.max(np.abs(b))), 1e-30))


def occupancy(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Receptors are neither made nor lost."""
    if not system.schemes:
        return
    states = tuple(s for k in system.schemes for s in k.states)
    ds = _traces(model, protocol, states)
    off = max(float(np.abs(sum(ds[s].values for s in k.states) - 1).max())
              for k in system.schemes)
    low = min(float(ds[s].min()) for s in states)
    good = off < 1e-9 and low > -1e-9
    yield Finding("occupancies", "pass" if good else "FAIL",
                  f"sum to 1 within {max(off, 1e-16):.0e}, lowest {low:.1e}")


def held(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Under a clamp: conductance falls with magnesium; calcium flows one way below its reversal."""
    if "g_conducting" not in system.recordable:
        return
    import mgsim

    held = clamped_version(model)
    hold = busy(held).with_values(drive_on=0.0)
    read = {p.name for p in lower(held, hold, ()).parameters}
    if "mg_out" not in read:
        yield Finding("magnesium", "skipped", "nothing in the model reads mg_out")
        return
    potentials, levels = [-100.0, -80, -60, -40, -20, 20, 40], [0.0, 0.01, 0.1, 1.0, 10.0, 1e4]
    ds = mgsim.sweep(held, hold, _MEAN_G, dt=DT, progress=False, drive_v=0.0,
                     drive_v_late=potentials, mg_out=levels)
    g = ds.mean_g_conducting.transpose("mg_out", "drive_v_late").values
    wrong = []
    if not np.any(g[0] > 0):
        wrong.append("no conductance without Mg")
    else:
        if np.any(np.diff(g, axis=0) > 1e-9 * g[0].max()):
            wrong.append("the conductance grows somewhere as Mg rises")
        if "block" in model.slots and not g[-1, 0] < 1e-2 * g[0, 0]:
            wrong.append("10 M of Mg leaves more than 1 % of the conductance at -100 mV")
    yield Finding("magnesium under clamp", "FAIL" if wrong else "pass",
                  "; ".join(wrong) or "conductance falls from 0 to 10 M Mg at seven potentials")


def calcium(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Calcium flows in below the reversal potential of its form, and turns once."""
    currents = [n for n in system.recordable if n.startswith("i_ca") and n != "i_ca"]
    if not currents or "neuron" not in model.slots:
        return
    held = clamped_version(model)
    hold = busy(held).with_values(drive_on=0.0)
    v = np.arange(-120.0, 181.0, 10.0) + 0.5
    ds = _traces(held, hold.lasting(100.0), tuple(currents), drive_v_late=v)
    wrong, seen = [], []
    for name in currents:
        last = ds[name].isel(time=-1).transpose("drive_v_late").values
        flows = np.abs(last) > 1e-9 * np.abs(last).max() if np.any(last) else last != 0
        signs = np.sign(last[flows])
        if not signs.size:
            continue
        turn = v[flows][int(np.argmax(signs > 0))] if np.any(signs > 0) else v[-1]
        seen.append(f"{name} inward below about {turn:.0f} mV")
        if signs[0] > 0 or np.sum(np.diff(signs) != 0) > 1:
            wrong.append(f"{name} is outward at negative potentials, or turns more than once")
    if seen:
        yield Finding("direction of calcium", "FAIL" if wrong else "pass",
                      "; ".join(wrong or seen))


def alive(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Each parameter, changed, changes some state or current."""
    tries = [(model, protocol), (model, busy(model))][: 1 + (protocol.name != busy(model).name)]
    if "v" in {e.name for e in system.states}:
        held = clamped_version(model)
        tries.append((held, busy(held)))
    live: set[str] = set()
    for one, done in tries:
        live |= _live(one, done)
    if "celsius" in {p.name for p in system.parameters}:  # a Q10 acts off its own temperature only
        live |= _live(*tries[-1], celsius=default_of(system, "celsius") + 5.0)
    own = {p.name for p in system.parameters if not p.name.startswith(("window_", "drive_"))}
    measured = {p.name for m in system.measures for p in m.parameters}
    dead = sorted(own - live - measured)
    unread = sorted({p.name for part in model.parts for p in part.parameters} - own
                    - set(system.recordable))
    note = f"; not read by any part here: {', '.join(unread)}" if unread else ""
    yield Finding("live parameters", "FAIL" if dead else "pass", (
        f"nothing changes with {', '.join(dead)}" if dead
        else f"{len(own - measured)} parameters each change something") + note)


def default_of(system: System, name: str) -> float:
    """The default of a parameter."""
    return next(p.value for p in system.parameters if p.name == name)


def _live(model: Model, protocol: Protocol, **base: float) -> set[str]:
    """Parameters whose change moves the mean of a state or of a current that nothing reads."""
    import mgsim

    system = lower(model, protocol, ())
    read = frozenset().union(*(expressions.variables(e.text) for e in system.recordable.values()))
    states = {e.name for e in system.states}
    ends = [e for n, e in system.recordable.items() if n in states or n not in read]
    means = [Measure(f"mean_of_{e.name}", e.unit, e.name, rate=f"{e.name}/{_WINDOW}")
             for e in ends]
    if system.spike:
        means.append(last_spike_time)
    varied = [p for p in system.parameters if not p.name.startswith("window_")]
    columns = {}
    for i, p in enumerate(varied):
        low, high = p.range
        step = 0.1 * (high - low) or 0.1 * abs(p.value) or 1.0
        values = np.full(len(varied) + 1, base.get(p.name, p.value))
        values[i + 1] += step if p.value + step <= high else -step
        columns[p.name] = values
    ds = mgsim.sweep(model, protocol, means, dt=DT, progress=False,
                     design=mgsim.designs.zipped(**columns))  # type: ignore[attr-defined]
    found = np.array([ds[m.name].values for m in means])
    changed = np.any(~((found == found[:, :1]) | (np.isnan(found) & np.isnan(found[:, :1]))),
                     axis=0)
    return {p.name for p, moved in zip(varied, changed[1:], strict=True) if moved}


def converges(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Half the step changes no measure by more than 2 %."""
    import mgsim

    measures = system.measures
    if not measures:
        yield Finding("step size", "skipped", "no measure fits this model")
        return
    whole, half = (mgsim.sweep(model, protocol, measures, dt=dt, progress=False)
                   for dt in (DT, DT / 2))
    wrong, worst = [], 0.0
    start, stop = protocol.measured()
    floor = {"ms": 0.5, "mV": 2.0, "Hz": 1.01e3 / (stop - start), "1": 1.01}
    for m in measures:
        a, b = float(whole[m.name]), float(half[m.name])
        if np.isnan(a) and np.isnan(b):
            continue
        off = abs(a - b)
        allowed = max(0.02 * abs(b), floor.get(m.unit, 0.0), 1e-12)
        worst = max(worst, off / max(abs(b), 1e-12) if m.unit not in floor else 0.0)
        if not off <= allowed:
            wrong.append(f"{m.name} {a:.4g} -> {b:.4g} {m.unit}")
    yield Finding("step size", "FAIL" if wrong else "pass", (
        f"dt {DT:g} -> {DT / 2:g} ms changes " + "; ".join(wrong) if wrong else
        f"dt {DT:g} -> {DT / 2:g} ms changes the measures by at most {100 * worst:.2g} %"))


def engines(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """The fused engine and Brian2 compute the same."""
    import mgsim
    from mgsim.engines.contract import EngineError

    names = tuple(n for n in ("v", "ca", "i_nmda", "open_nmda") if n in system.recordable)
    short = replace(protocol.lasting(100.0), window=None)
    try:
        fused, brian = (mgsim.simulate(model, short, record=names, engine=e, dt=DT,
                                       progress=False) for e in ("fused", "brian"))
    except EngineError as error:
        yield Finding("engines", "skipped", str(error))
        return
    off = max(_relative(fused[n].values, brian[n].values) for n in names)
    yield Finding("engines", "pass" if off < 1e-6 else "FAIL",
                  f"fused and Brian2 differ by {off:.1e} over 100 ms ({', '.join(names)})")
