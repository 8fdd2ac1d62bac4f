"""Checks that run the model: concentrations, occupancies, magnesium, live parameters, step size."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from mgsim import expressions
from mgsim.check.drive import DT, busy, clamped_version, traces
from mgsim.check.finding import Finding
from mgsim.joining import Joined, union
from mgsim.measures import last_spike_time
from mgsim.model import Measure, Model, Protocol
from mgsim.system import System, lower

_WINDOW = "(window_stop - window_start)"
_MEAN_G = Measure("mean_g_conducting", "nS", "mean conducting NMDA conductance",
                  rate=f"g_conducting/{_WINDOW}")  # fmt: skip


def _relative(a: Any, b: Any) -> float:
    return float(np.max(np.abs(np.asarray(a) - b)) / max(float(np.max(np.abs(b))), 1e-30))


def idle(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """No part is there for nothing."""
    found = Joined(model, protocol).idle
    yield Finding("idle parts", "FAIL" if found else "pass", "; ".join(
        f"nothing reads {' or '.join(ports)} of '{name}'" for name, ports in found.items())
        or "each part acts on another, on a sum, or on the membrane")


def pool(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Free calcium is never negative."""
    if "ca" not in {e.name for e in system.states}:
        return
    low = float(traces(model, protocol, ("ca",)).ca.min())
    yield Finding("free calcium", "pass" if low >= 0 else "FAIL", f"never below {low:.3g} uM")


def occupancy(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Receptors are neither made nor lost."""
    if not system.schemes:
        return
    states = tuple(s for k in system.schemes for s in k.states)
    ds = traces(model, protocol, states)
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
    hold = busy(held).with_values(drive_on=0.0, drive_off=1e6)
    if model.slots.get("block") == mgsim.blocks["none"]:
        yield Finding("magnesium", "skipped", "this is the control without block")
        return
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


def alive(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Each parameter, changed, changes some state or current."""
    tries = [(model, protocol), (model, busy(model))][: 1 + (protocol.name != busy(model).name)]
    if "v" in {e.name for e in system.states}:
        held = clamped_version(model)
        tries.append((held, busy(held)))
    live: set[str] = set()
    for one, done in tries:
        live |= _live(one, done)
    if default_of(system, "mg_out") == 0:  # without magnesium its law has nothing to do
        live |= _live(*tries[-1], mg_out=1.0)
    if default_of(system, "celsius") is not None:  # a Q10 acts off its own temperature only
        live |= _live(*tries[-1], celsius=(default_of(system, "celsius") or 0.0) + 5.0)
    own = {p.name for p in system.parameters if not p.name.startswith(("window_", "drive_"))}
    measured = {p.name for m in system.measures for p in m.parameters}
    exempt = _quiet(model, protocol, system)
    dead = sorted(own - live - measured - exempt.keys())
    unread = sorted({p.name for part in model.parts for p in part.parameters} - own
                    - set(system.recordable))
    note = f"; not read by any part here: {', '.join(unread)}" if unread else ""
    note += "".join(f"; {n}: {why}" for n, why in exempt.items() if n not in live)
    yield Finding("live parameters", "FAIL" if dead else "pass", (
        f"nothing changes with {', '.join(dead)}" if dead
        else f"{len(own - measured)} parameters each change something") + note)


def _quiet(model: Model, protocol: Protocol, system: System) -> dict[str, str]:
    """Parameters that rightly change nothing here, and why."""
    import mgsim

    found = {}
    if model.slots.get("block") == mgsim.blocks["none"]:
        found["mg_out"] = "this is the control without block"
    if system.spike:
        alone = expressions.variables(system.spike[1])
        alone -= union(expressions.variables(e.text) for e in system.recordable.values())
        if alone and not _spikes(model, protocol):
            found |= dict.fromkeys(sorted(alone), "nothing fires in this drive")
    return found


def _spikes(model: Model, protocol: Protocol) -> int:
    import mgsim

    ds = mgsim.sweep(model, protocol, mgsim.measures["spike_count"], dt=DT, progress=False)
    return int(ds.spike_count)


def default_of(system: System, name: str) -> float | None:
    """The default of a parameter, None where the system has none of that name."""
    return next((p.value for p in system.parameters if p.name == name), None)


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
    counts = [float(ds.get("spike_count", 0)) for ds in (whole, half)]
    for m in measures:
        if m.name == last_spike_time.name and counts[0] != counts[1]:
            continue  # not the same spike
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
