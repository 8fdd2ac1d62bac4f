"""Checks of currents: each acts once, in the right direction, and calcium is a share of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from mgsim import units
from mgsim.checks.drive import busy, clamped_version, good, holding, rows, watch, whole
from mgsim.checks.equations import everything, lively, start_values
from mgsim.checks.finding import Finding
from mgsim.model import Model, Protocol
from mgsim.system import System, lower

_AMPERE = units.unit("pA").dimension
_SIEMENS = units.unit("nS").dimension
#: The smallest distance (mV) between the reversal of calcium and that of the current it is part of.
_APART = 5.0


def once(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """1 pA more of each current moves the membrane by that much, or not at all.

    Found by changing one current at a time, so that one that is added twice, scaled on its way, or
    never added shows, however the sums are written.
    """
    currents = {e.name for e in system.definitions if units.unit(e.unit).dimension == _AMPERE}
    states = {e.name for e in system.states}
    if not currents & {"i_syn", "i_channel", "i_stim", "i_ca"}:
        return
    shares = {
        n
        for n in currents
        for word in ("i_ca_", "i_mono_")
        if n.startswith(word) and f"i_{n.removeprefix(word)}" in currents
    }
    known = start_values(system)

    def response(name: str, of: str) -> float:
        """Change of ``of`` for 1 pA more of ``name``."""
        low, high = (everything(system, {**known, name: np.asarray(x)})[of] for x in (0.0, 1e-12))
        return float(high - low)

    wrong, seen = [], []
    if "v" in states and "i_stim" in currents:
        unit = response("i_stim", "dv")
        if not unit > 0:
            wrong.append("1 pA of i_stim moves v the wrong way or not at all")
        for name in sorted(currents - {"i_ca"}):
            found = 0.0 - response(name, "dv") / unit if unit else np.nan
            allowed, words = _allowed(name, shares, system, protocol)
            if not np.isclose(found, allowed, rtol=0, atol=1e-6).any():
                wrong.append(f"1 pA of {name} acts on v as {found:.3g} pA {words}")
        seen.append("each current acts on v once")
    elif "i_syn" in currents:
        for name in sorted(n for n in currents & {"i_nmda", "i_ampa"} | shares):
            found = response(name, "i_syn") / 1e-12
            if not np.isclose(found, float(name not in shares), rtol=0, atol=1e-6):
                wrong.append(f"1 pA of {name} adds {found:.3g} pA to i_syn")
        seen.append("each receptor current is in i_syn once")
    yield Finding("currents", "FAIL" if wrong else "pass", "; ".join(wrong or seen))


def filling(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Calcium comes into the pool by ``i_ca`` alone, each share of it once, and goes again.

    Asked with 100 pA flowing in, so that a pool which takes inward current only, or has a floor,
    answers too.
    """
    currents = {e.name for e in system.definitions if units.unit(e.unit).dimension == _AMPERE}
    if "ca" not in {e.name for e in system.states} or "i_ca" not in currents:
        return
    shares = sorted(n for n in currents if n.startswith("i_ca_"))
    known = {**start_values(system), **{n: np.asarray(0.0) for n in shares}}

    def slope(**more: float) -> float:
        return float(
            everything(system, {**known, **{n: np.asarray(x) for n, x in more.items()}})["dca"]
        )

    def response(name: str) -> float:
        """Change of the slope of ca for 1 pA more flowing in, beside 100 pA."""
        return slope(**{name: -1.01e-10}) - slope(**{name: -1e-10})

    wrong = []
    unit = response("i_ca")
    if not unit > 0:
        wrong.append("1 pA of i_ca moves ca the wrong way or not at all")
    for name in shares:
        found = 0.0 + response(name) / unit if unit else np.nan
        if not np.isclose(found, 1, rtol=0, atol=1e-6):
            wrong.append(f"1 pA of {name} fills the pool as {found:.3g} pA of calcium would")
    own = next(p.provides for p in model.parts if "ca" in p.provides)
    base = slope(i_ca=-1e-10)
    for e in system.definitions:
        flows = units.unit(e.unit).dimension in (_AMPERE, _SIEMENS)
        if (
            flows
            and e.name not in (*own, "i_ca")
            and not np.isclose(slope(i_ca=-1e-10, **{e.name: -1e-9}), base, rtol=1e-9, atol=0)
        ):
            wrong.append(f"{e.name} fills the pool past i_ca")
    high = float(known["ca"]) + 0.1
    if not slope(ca=high) < 0:
        wrong.append("100 uM of free calcium does not fall")
    yield Finding(
        "filling of the pool",
        "FAIL" if wrong else "pass",
        "; ".join(wrong) or "by i_ca alone, each calcium current once, and what came goes again",
    )


def directions(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """No current flows out far below and in far above every reversal potential."""
    known = lively(system)
    sums = {"i_syn", "i_channel", "i_ca", "i_stim"}
    wrong, seen = [], []
    if "v" not in system.recordable:
        return
    low, high = (everything(system, {**known, "v": np.asarray(v)}) for v in (-0.15, 0.15))
    for e in system.definitions:
        if units.unit(e.unit).dimension != _AMPERE or e.name in sums:
            continue
        ends = np.sign(float(low[e.name])), np.sign(float(high[e.name]))
        if low[e.name] == high[e.name]:
            continue
        seen.append(e.name)
        if ends[0] >= 0 >= ends[1] and ends[0] > ends[1]:
            wrong.append(
                f"{e.name} is {float(low[e.name]) * 1e12:.3g} pA at -150 mV and "
                f"{float(high[e.name]) * 1e12:.3g} pA at +150 mV; outward is positive"
            )
    if seen:
        yield Finding(
            "direction of currents",
            "FAIL" if wrong else "pass",
            "; ".join(wrong) or "none turns inward as v rises",
        )


def _allowed(
    name: str, shares: set[str], system: System, protocol: Protocol
) -> tuple[tuple[float, ...], str]:
    """What a current may count for on the membrane, and why in words."""
    stimuli = {n: text for s in protocol.stimuli for n, text in s.adds.items()}
    if name == "i_stim" or name in stimuli.get("i_stim", ""):
        return (-1.0,), "instead of one, inward"
    if name in shares:
        return (0.0,), "though it is a share of a current that is there already"
    if name in ("i_syn", "i_channel", "i_nmda", "i_ampa"):
        return (1.0,), "instead of one, outward"
    return (0.0, 1.0), "instead of one, outward, or none"


def calcium(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Calcium flows in below a reversal potential of its own, as a part of its current."""
    names = [n for n in system.recordable if n.startswith("i_ca_")]
    if not names or "neuron" not in model.slots:
        return
    held = clamped_version(model)
    hold = whole(busy(held))
    clamped = lower(held, hold, ())
    v = np.arange(-120.0, 181.0, 5.0) + 0.5
    wholes = {n: f"i_{n.removeprefix('i_ca_')}" for n in names}
    ds = good(rows(held, hold, watch(clamped), [holding(float(x)) for x in v]))
    last = {
        n: ds[f"mean_of_{n}"].values for n in {*names, *wholes.values()} if f"mean_of_{n}" in ds
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
        yield Finding("direction of calcium", "FAIL" if wrong else "pass", "; ".join(wrong or seen))


def _signs(current: Any) -> np.ndarray:
    """-1, 0 and 1, where 0 is what is nothing beside the largest."""
    large = np.abs(current) > 1e-9 * np.max(np.abs(current))
    return np.sign(current) * large
