"""Checks of currents: each acts once, in the right direction, and calcium is a share of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np

from mgsim import units
from mgsim.checks.drive import busy, clamped_version, good, holding, rows, watch, whole
from mgsim.checks.equations import everything, lively, start_values
from mgsim.checks.finding import Finding, judged
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.ions import IONS, Ion
from mgsim.declare.ports import MEMBRANE, PORTS, Port
from mgsim.engines.contract import OK
from mgsim.system.currents import Current, carrying
from mgsim.system.lowering import System, lower

_AMPERE = units.unit("pA").dimension
_SIEMENS = units.unit("nS").dimension
#: The smallest distance (mV) between the reversal of calcium and that of the current it is part of.
_APART = 5.0
#: By how much (mV) the reversal of a current may lie outside the plausible range of its ion's.
_BEYOND = 30.0


def once(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """1 pA more of each declared current moves the membrane by that much, and its ion's sum.

    A part of another current moves its ion's sum alone, and what is left of the whole the other
    way. Found by changing one current at a time, so that one that acts twice, scaled on its way,
    or beside its sum shows, however the equations are written.
    """
    known = start_values(system)
    names = {e.name for e in system.definitions}
    if not system.currents:
        return

    def response(name: str, of: str) -> float:
        """Change of ``of`` for 1 pA more of ``name``."""
        low, high = (everything(system, {**known, name: np.asarray(x)})[of] for x in (0.0, 1e-12))
        return float(high - low)

    wrong = []
    states = {e.name for e in system.states}
    for place in dict.fromkeys(c.place for c in system.currents):
        total, v = (PORTS[n].at(place).name for n in (MEMBRANE, "v"))
        free = v in states
        unit = response(total, f"d{v}") if free else 1e-12
        if free and not unit < 0:
            wrong.append(f"1 pA of {total} moves {v} the wrong way or not at all")
            unit = np.nan
        for current in (c for c in system.currents if not c.rest):
            found = response(current.name, f"d{v}" if free else total) / unit
            expected = float(not current.whole and current.place == place)
            if not np.isclose(found, expected, rtol=0, atol=1e-6):
                part = f", as a part of {current.whole}" if current.whole else ", outward"
                wrong.append(
                    f"1 pA of {current.name} acts on {v} as {0.0 + found:.3g} pA instead of "
                    f"{expected:g}{part}"
                )
            for ion in IONS.values():
                flow = PORTS[ion.current].at(place).name
                if flow not in names:
                    continue
                found = response(current.name, flow) / 1e-12
                here = current.place == place
                expected = _carried(current, ion.name, system.currents) if here else 0.0
                if not np.isclose(found, expected, rtol=0, atol=1e-6):
                    wrong.append(
                        f"1 pA of {current.name} adds {0.0 + found:.3g} pA to {flow} instead of "
                        f"{expected:g}"
                    )
    yield judged("currents", wrong, "each current acts on v once, and is in its ion's sum once")


def _carried(current: Current, ion: str, currents: Iterable[Current]) -> float:
    """By how much an ion's current grows with a declared one."""
    of = current.whole or current.name
    rest = next((c for c in currents if c.rest and c.whole == of), None)
    if rest is None:
        return float(current.ion == ion)
    if current.whole:
        return float(current.ion == ion) - float(rest.ion == ion)
    return float(rest.ion == ion)


def filling(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """What an ion's currents bring inside comes by their sum alone, each once, and goes again.

    Asked with 100 pA flowing in, so that a pool which takes inward current only, or has a floor,
    answers too.
    """
    names = {e.name for e in system.definitions}
    for place in dict.fromkeys(c.place for c in system.currents):
        for ion in IONS.values():
            total, inside = (PORTS[n].at(place).name for n in (ion.current, ion.inside))
            if inside in {e.name for e in system.states} and total in names:
                yield from _filled(model, system, ion, place)


def _filled(model: Model, system: System, ion: Ion, place: str) -> Iterator[Finding]:
    total, inside = (PORTS[n].at(place).name for n in (ion.current, ion.inside))
    here = carrying(ion.name, system.currents)
    shares = sorted(c.name for c in here if c.place == place)
    known = {**start_values(system), **{n: np.asarray(0.0) for n in shares}}

    def slope(**more: float) -> float:
        found = everything(system, {**known, **{n: np.asarray(x) for n, x in more.items()}})
        return float(np.sign(ion.valence) * found[f"d{inside}"])

    def response(name: str) -> float:
        """Change of the slope for 1 pA more flowing in, beside 100 pA."""
        return slope(**{name: -1.01e-10}) - slope(**{name: -1e-10})

    wrong = []
    unit = response(total)
    if not unit > 0:
        wrong.append(f"1 pA of {total} moves {inside} the wrong way or not at all")
    for name in shares:
        found = 0.0 + response(name) / unit if unit else np.nan
        if not np.isclose(found, 1, rtol=0, atol=1e-6):
            wrong.append(f"1 pA of {name} fills the pool as {found:.3g} pA of {ion.meaning} would")
    own = next(p.provides for p in model.parts if inside in p.provides)
    base = slope(**{total: -1e-10})
    for e in system.definitions:
        flows = units.unit(e.unit).dimension in (_AMPERE, _SIEMENS)
        if (
            flows
            and e.name not in (*own, total)
            and not np.isclose(slope(**{total: -1e-10, e.name: -1e-9}), base, rtol=1e-9, atol=0)
        ):
            wrong.append(f"{e.name} fills the pool past {total}")
    high = float(known[inside]) + 0.1
    if not np.sign(ion.valence) * slope(**{inside: high}) < 0:
        wrong.append(f"100 uM more of free {ion.meaning} does not fall")
    yield judged(
        "filling of the pool",
        wrong,
        f"by {total} alone, each {ion.meaning} current once, and what came goes again",
    )


def directions(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """No current flows out far below and in far above every reversal potential."""
    known = lively(system)
    wrong, seen = [], []
    potentials = dict.fromkeys(PORTS["v"].at(c.place).name for c in system.currents)
    if not system.recordable.keys() & potentials:
        return
    low, high = (
        everything(system, {**known, **dict.fromkeys(potentials, np.asarray(v))})
        for v in (-0.15, 0.15)
    )
    for name in (c.name for c in system.currents):
        ends = np.sign(float(low[name])), np.sign(float(high[name]))
        if low[name] == high[name]:
            continue
        seen.append(name)
        if ends[0] >= 0 >= ends[1] and ends[0] > ends[1]:
            wrong.append(
                f"{name} is {float(low[name]) * 1e12:.3g} pA at -150 mV and "
                f"{float(high[name]) * 1e12:.3g} pA at +150 mV; outward is positive"
            )
    if seen:
        yield judged("direction of currents", wrong, "none turns inward as v rises")


def reversals(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """What an ion carries turns where that ion can: near its own equilibrium potential.

    A current that never turns, as that of a pump, says nothing; nor does calcium's share of another
    current, which turns below calcium's equilibrium where it is an ohmic fraction.
    """
    known = lively(system)
    v = np.arange(-200.0, 200.5, 1.0) + 0.5
    wrong, seen = [], []
    for current in (c for c in system.currents if c.ion and not c.rest):
        here = PORTS["v"].at(current.place).name
        if here not in system.recordable or (current.whole and IONS[current.ion].trace):
            continue
        with np.errstate(all="ignore"):
            found = everything(system, {**known, here: v * 1e-3})
        flow = np.sign(np.broadcast_to(found[current.name], v.shape))
        turns = v[1:][flow[1:] > flow[:-1]]
        if np.unique(flow[flow != 0]).size < 2 or not turns.size:
            continue
        port = PORTS[f"e_{current.ion}"]
        stated = [float(found[port.name]) * 1e3] if np.ndim(found.get(port.name, v)) == 0 else []
        low, high = _reach(port)
        if any(low <= x <= high or any(abs(x - e) < _APART for e in stated) for x in turns):
            seen.append(current.name)
            continue
        ion = IONS[current.ion].meaning
        wrong.append(
            f"{current.name} is declared as {ion} and turns at {turns[0]:.0f} mV, where {ion} "
            f"cannot ({low:.0f} to {high:.0f} mV); declare the ion that carries it, '' for several"
        )
    if seen or wrong:
        yield judged("ions of currents", wrong, f"{', '.join(seen)} turn where their ions can")


def _reach(port: Port) -> tuple[float, float]:
    """Where (mV) an ion's currents may turn: the plausible range of its potential, and more."""
    assert port.default is not None
    low, high = port.default.range
    return low - _BEYOND, high + _BEYOND


def calcium(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Calcium flows in below a reversal potential of its own, or is taken out by a pump."""
    names = [c for c in carrying("ca", system.currents) if not c.rest]
    if not names or "neuron" not in model.slots:
        return
    held = clamped_version(model)
    hold = whole(busy(held))
    clamped = lower(held, hold, ())
    v = np.arange(-120.0, 181.0, 5.0) + 0.5
    wholes = {c.name: c.whole for c in names}
    ds = rows(held, hold, watch(clamped), [holding(float(x)) for x in v])
    # A cell whose ions move runs out of them where it is held far from rest.
    ran = ds.status.values == OK
    if not ran.any():
        good(ds)
    v, ds = v[ran], ds.isel(point=ran)
    last = {
        n: ds[f"mean_of_{n}"].values for n in {*wholes, *wholes.values()} if f"mean_of_{n}" in ds
    }
    wrong, seen = [], []
    for name, total in wholes.items():
        signs = _signs(last[name])
        if not np.any(signs):
            continue
        inward = np.flatnonzero(signs < 0)
        stops = v[(int(inward[-1]) + 1 if inward.size else 0) :]
        turn = float(stops[0]) if stops.size else float("inf")
        seen.append(
            f"{name} inward below about {turn:.0f} mV"
            if stops.size
            else f"{name} inward up to {v[-1]:.0f} mV"
        )
        if not total and not np.any(signs < 0):
            seen[-1] = f"{name} takes calcium out"
            continue
        flowing = signs[signs != 0]
        if flowing[0] > 0 or np.sum(np.diff(flowing) != 0) > 1:
            wrong.append(f"{name} is outward at negative potentials, or turns more than once")
        elif total in last and np.any(_signs(last[total])):
            other = v[_signs(last[total]) > 0]
            if other.size and turn - float(other[0]) < _APART:
                wrong.append(
                    f"{name} turns outward with {total}, at {turn:.0f} mV; calcium has "
                    "a reversal potential of its own"
                )
            low = v < -20
            part = last[name][low] / np.where(last[total][low] == 0, -1e-30, last[total][low])
            if np.any(part > 1 + 1e-9):
                wrong.append(f"{name} is {100 * float(part.max()):.0f} % of {total} below -20 mV")
    if seen:
        yield judged("direction of calcium", wrong, "; ".join(seen))


def _signs(current: Any) -> np.ndarray:
    """-1, 0 and 1, where 0 is what is nothing beside the largest."""
    large = np.abs(current) > 1e-9 * np.max(np.abs(current))
    return np.sign(current) * large
