"""Does a model keep the rules that every model has to keep? For any parts a user assembles."""

from __future__ import annotations

import textwrap
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from mgsim import expressions, units
from mgsim.component import PORTS, Component, Parameter, PartError
from mgsim.model import Measure, Model, Protocol
from mgsim.system import System, answerable, lower

DT = 0.05
_DURATION = 300.0
_WINDOW = "(window_stop - window_start)"
_MEAN_G = Measure("mean_g_conducting", "nS", "mean conducting NMDA conductance",
                  rate=f"g_conducting/{_WINDOW}")  # fmt: skip
State = Literal["pass", "FAIL", "skipped"]


@dataclass(frozen=True)
class Finding:
    """What one check found."""

    check: str
    state: State
    words: str


@dataclass(frozen=True)
class Report:
    """What the checks found on one model; true when none failed."""

    model: str
    protocol: str
    findings: tuple[Finding, ...]

    def __bool__(self) -> bool:
        return all(f.state != "FAIL" for f in self.findings)

    def __str__(self) -> str:
        lines = [f"model '{self.model}'" + (f", protocol '{self.protocol}'" if self.protocol
                                            else "")]
        for f in self.findings:
            lines += textwrap.wrap(f"{f.state:<8} {f.check}: {f.words}", 98,
                                   initial_indent="  ", subsequent_indent=" " * 11)
        return "\n".join(lines)

    __repr__ = __str__


def check(model: Model, protocol: Protocol | None = None, *, engines: bool = False) -> Report:
    """Check a model: charge balance, limits, monotonicity, live parameters, step size.

    Parameters
    ----------
    model : any parts that close a set of equations.
    protocol : what is done to it; by default one that drives everything the model listens to.
    engines : also compare the fused engine with Brian2 on a short run (some seconds).

    Returns
    -------
    A report to print; ``bool(report)`` says whether all is well.

    Examples
    --------
    >>> import mgsim as mg
    >>> from mgsim.check import check
    >>> bool(check(mg.models["patch"]))
    True
    """
    findings: list[Finding] = []
    used = protocol or busy(model)
    try:
        system = lower(model, used, answerable_of(model, used))
    except ValueError as error:
        return Report(model.name, used.name, (Finding("assembles", "FAIL", str(error)),))
    except KeyError as error:
        return Report(model.name, used.name, (Finding("assembles", "FAIL", str(error)),))
    parts = f"{len(model.parts)} parts, {len(system.state_names)} states, units fit"
    findings.append(Finding("assembles", "pass", parts))
    checks: list[Callable[[Model, Protocol, System], Iterator[Finding]]] = [
        _signs, _finite, _balance, _occupancy, _laws, _held, _calcium, _alive, _converges]
    if engines:
        checks.append(_engines)
    for one in checks:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            try:
                findings += one(model, used, system)
            except (ArithmeticError, LookupError, RuntimeError, ValueError) as error:
                name = one.__name__.strip("_")
                findings.append(Finding(name, "FAIL", f"could not be run: {error}"))
    return Report(model.name, used.name, tuple(findings))


# ---- what is done to the model -------------------------------------------------------------------
def _number(name: str, value: float, unit: str, range: tuple[float, float]) -> Parameter:
    return Parameter(name, value, unit, name, "assumed: drive of the check", range)


def busy(model: Model, name: str = "everything_at_once") -> Protocol:
    """A protocol that drives whatever the model listens to: clamp, current, glutamate, events."""
    from mgsim.protocols import train_20hz

    read = frozenset().union(*(p.requires for p in model.parts))
    lines: list[str] = []
    parameters: list[Parameter] = []
    adds: dict[str, str] = {}
    if "v_command" in read:
        lines.append("v_command = drive_v + (drive_v_late - drive_v)*int(t > drive_on) : mV")
        parameters += [_number("drive_v", -60.0, "mV", (-120, 80)),
                       _number("drive_v_late", -20.0, "mV", (-120, 80))]  # fmt: skip
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
    events = train_20hz.events if heard & {"pre", "release"} else {}
    return Protocol(name, "everything that the model listens to", _DURATION, stimulus, events)


def answerable_of(model: Model, protocol: Protocol) -> tuple[Measure, ...]:
    """All measures that the model has, names that a part already has left out."""
    from mgsim import measures

    try:
        return answerable(model, protocol, measures.values())  # type: ignore[attr-defined]
    except (ValueError, KeyError):
        return ()


# ---- checks that need no run ---------------------------------------------------------------------
def _state(system: System) -> dict[str, Any]:
    """Parameters and start values in SI."""
    values: dict[str, Any] = {p.name: p.si for p in system.parameters} | {"t": 0.0, "dt": 1e-5}
    pending = dict(system.initial)
    definitions = {e.name: e.text for e in system.definitions}

    def find(name: str) -> Any:
        if name not in values:
            text = pending.get(name, definitions.get(name, "0"))
            values[name] = expressions.evaluate(
                text, {n: find(n) for n in expressions.variables(text)})
        return values[name]

    for name in pending:
        find(name)
    return {n: values[n] for n in (*pending, *(p.name for p in system.parameters))} | {
        "t": 0.0, "dt": 1e-5}


def _follow(system: System, given: Mapping[str, Any]) -> dict[str, Any]:
    """Every definition, and ``d<state>`` for every derivative, at states and parameters."""
    values = dict(given)
    for e in system.definitions:
        if e.name not in values:
            values[e.name] = expressions.evaluate(
                e.text, {n: values[n] for n in expressions.variables(e.text) | {"t", "dt"}})
    for e in system.states:
        values[f"d{e.name}"] = expressions.evaluate(
            e.text, {n: values[n] for n in expressions.variables(e.text) | {"t", "dt"}})
    return values


def _signs(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Outward current hyperpolarises, injected current depolarises, calcium current fills."""
    known, names = _state(system), {e.name for e in system.states}
    wrong, seen = [], []
    for state, port, sign in (("v", "i_syn", -1), ("v", "i_stim", 1), ("ca", "i_ca", -1)):
        if state not in names or port not in {e.name for e in system.definitions}:
            continue
        base = _follow(system, {**known, port: np.asarray(0.0)})[f"d{state}"]
        moved = _follow(system, {**known, port: np.asarray(1e-12)})[f"d{state}"]
        seen.append(f"{port} -> {state}")
        if not sign * float(moved - base) > 0:
            wrong.append(f"1 pA of {port} moves {state} the wrong way or not at all")
    if seen:
        yield Finding("signs", "FAIL" if wrong else "pass", "; ".join(wrong or [", ".join(seen)]))


def _finite(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """No equation leaves the numbers between -200 and +200 mV."""
    names = {e.name for e in system.states}
    known = _state(system)
    v = np.arange(-200.0, 200.0 + 0.25, 0.5) * 1e-3
    if "v" in names:
        with np.errstate(all="ignore"):
            found = _follow(system, {**known, "v": v})
    elif "v_command" in {e.name for e in system.definitions}:
        with np.errstate(all="ignore"):
            found = _follow(system, {**known, "v_command": v})
    else:
        return
    bad = sorted(n for n, x in found.items() if not np.all(np.isfinite(x)))
    yield Finding("finite", "FAIL" if bad else "pass", (
        f"not finite somewhere between -200 and +200 mV: {', '.join(bad)}" if bad
        else "every equation from -200 to +200 mV"))


def _laws(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """An algebraic block law at its limits, and its order in magnesium and potential."""
    part = model.slots.get("block")
    if part is None or "unblocked" not in {e.name for e in part.lines if not e.differential}:
        return
    if "mg_out" not in part.requires:
        yield Finding("limits of the block", "skipped", f"'{part.name}' does not take magnesium")
        return
    v, mg = np.linspace(-100.0, 60.0, 81), np.array([0, 1e-4, 1e-3, 1e-2, 0.1, 0.5, 1, 2, 5, 10])
    try:
        b = part.evaluate("unblocked", v=v[:, None], mg_out=mg[None, :])
        ends = part.evaluate("unblocked", v=np.array([-1e4, -500.0, 500.0, 1e4])[:, None],
                             mg_out=mg[None, :])
        much = part.evaluate("unblocked", v=-70.0, mg_out=1e6)
    except PartError as error:
        yield Finding("limits of the block", "skipped", str(error))
        return
    wrong = []
    if not np.all(b[:, 0] == 1):
        wrong.append("not exactly 1 at zero Mg")
    if not much < 1e-2:
        wrong.append(f"{float(much):.3g} unblocked at -70 mV under endless Mg")
    if not (np.all(np.isfinite(ends)) and np.all((ends >= 0) & (ends <= 1))):
        wrong.append("not between 0 and 1 at extreme potentials")
    if not np.all((b > 0) & (b <= 1)):
        wrong.append("not between 0 and 1")
    yield Finding("limits of the block", "FAIL" if wrong else "pass",
                  "; ".join(wrong) or "1 at zero Mg, 0 at endless Mg, within 0 to 1 at any v")
    wrong = []
    if np.any(np.diff(b, axis=1) >= 0):
        wrong.append("does not fall as Mg rises")
    if np.any(np.diff(b[:, 1:], axis=0) < -1e-12):
        wrong.append("falls somewhere as v rises from -100 to +60 mV")
    yield Finding("monotonic block", "FAIL" if wrong else "pass",
                  "; ".join(wrong) or "falls with Mg, rises with v")


# ---- checks that run the model -------------------------------------------------------------------
def _traces(model: Model, protocol: Protocol, names: tuple[str, ...], **values: Any) -> Any:
    import mgsim

    return mgsim.simulate(model, protocol, record=names, dt=DT, progress=False, **values)


def _balance(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
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


def _occupancy(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Receptors are neither made nor lost."""
    if not system.schemes:
        return
    states = tuple(s for k in system.schemes for s in k.states)
    ds = _traces(model, protocol, states)
    off = max(float(np.abs(sum(ds[s].values for s in k.states) - 1).max())
              for k in system.schemes)
    low = min(float(ds[s].min()) for s in states)
    good = off < 1e-9 and low > -1e-6
    yield Finding("occupancies", "pass" if good else "FAIL",
                  f"sum to 1 within {max(off, 1e-16):.0e}, lowest {low:.1e}")


def clamped_version(model: Model) -> Model:
    """The model with its potential imposed, for checks over potential and magnesium."""
    from mgsim.neurons.clamped import clamped

    return model.swap(clamped) if "neuron" in model.slots else model


def _held(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
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


def _calcium(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
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


def _alive(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Each parameter, changed, changes some state or current."""
    tries = [(model, protocol)]
    if "v" in {e.name for e in system.states}:
        held = clamped_version(model)
        tries.append((held, busy(held)))
    live: set[str] = set()
    for one, done in tries:
        live |= _live(one, done)
    own = {p.name for p in system.parameters if not p.name.startswith(("window_", "drive_"))}
    measured = {p.name for m in system.measures for p in m.parameters}
    dead = sorted(own - live - measured)
    unread = sorted({p.name for part in model.parts for p in part.parameters} - own
                    - set(system.recordable))
    ports = [n for n in unread if n in PORTS]
    lost = [n for n in unread if n not in PORTS]
    words = [f"nothing changes with {', '.join(dead)}"] if dead else []
    words += [f"no equation reads {', '.join(lost)}"] if lost else []
    note = f"; not read by any part here: {', '.join(ports)}" if ports else ""
    yield Finding("live parameters", "FAIL" if words else "pass",
                  ("; ".join(words) or f"{len(own - measured)} parameters each change something")
                  + note)


def _live(model: Model, protocol: Protocol) -> set[str]:
    """Parameters whose change moves the mean of a state or of a current that nothing reads."""
    import mgsim

    system = lower(model, protocol, ())
    read = frozenset().union(*(expressions.variables(e.text) for e in system.recordable.values()))
    states = {e.name for e in system.states}
    ends = [e for n, e in system.recordable.items() if n in states or n not in read]
    means = [Measure(f"mean_of_{e.name}", e.unit, e.name, rate=f"{e.name}/{_WINDOW}")
             for e in ends]
    if system.spike:
        means.append(mgsim.measures["last_spike_time"])
    varied = [p for p in system.parameters if not p.name.startswith("window_")]
    columns = {}
    for i, p in enumerate(varied):
        low, high = p.range
        step = 0.1 * (high - low) or 0.1 * abs(p.value) or 1.0
        values = np.full(len(varied) + 1, p.value)
        values[i + 1] += step if p.value + step <= high else -step
        columns[p.name] = values
    ds = mgsim.sweep(model, protocol, means, dt=DT, progress=False,
                     design=mgsim.designs.zipped(**columns))  # type: ignore[attr-defined]
    found = np.array([ds[m.name].values for m in means])
    changed = np.any(~((found == found[:, :1]) | (np.isnan(found) & np.isnan(found[:, :1]))),
                     axis=0)
    return {p.name for p, moved in zip(varied, changed[1:], strict=True) if moved}


def _converges(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
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


def _engines(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
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
