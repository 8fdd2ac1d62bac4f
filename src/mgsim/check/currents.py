"""Checks of currents: each acts once, in the right direction, and calcium is a share of its own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from mgsim import units
from mgsim.check.drive import busy, clamped_version, traces
from mgsim.check.equations import everything, start_values
from mgsim.check.finding import Finding
from mgsim.model import Model, Protocol
from mgsim.system import System

_AMPERE = units.unit("pA").dimension
#: The smallest distance (mV) between the reversal of calcium and that of the current it is part of.
_APART = 5.0


def once(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """1 pA more of each current moves the membrane and the pool by that much, or not at all.

    Found by changing one current at a time, so that one that is added twice, scaled on its way, or
    never added shows, however the sums are written.
    """
    currents = {e.name for e in system.definitions if units.unit(e.unit).dimension == _AMPERE}
    states = {e.name for e in system.states}
    if not currents & {"i_syn", "i_channel", "i_stim", "i_ca"}:
        return
    shares = {n for n in currents for word in ("i_ca_", "i_mono_")
              if n.startswith(word) and f"i_{n.removeprefix(word)}" in currents}
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
    if "ca" in states and "i_ca" in currents:
        unit = response("i_ca", "dca")
        if not unit < 0:
            wrong.append("1 pA of i_ca moves ca the wrong way or not at all")
        for name in sorted(n for n in currents if n.startswith("i_ca_")):
            found = 0.0 + response(name, "dca") / unit if unit else np.nan
            if not np.isclose(found, 1, rtol=0, atol=1e-6):
                wrong.append(f"1 pA of {name} fills the pool as {found:.3g} pA of calcium would")
        seen.append("each calcium current fills the pool once")
    yield Finding("currents", "FAIL" if wrong else "pass", "; ".join(wrong or seen))


def _allowed(name: str, shares: set[str], system: System,
             protocol: Protocol) -> tuple[tuple[float, ...], str]:
    """What a current may count for on the membrane, and why in words."""
    stimuli = dict(protocol.stimulus.adds) if protocol.stimulus else {}
    if name == "i_stim" or name in stimuli.get("i_stim", ""):
        return (-1.0,), "instead of one, inward"
    if name in shares:
        return (0.0,), "though it is a share of a current that is there already"
    if name in ("i_syn", "i_channel", "i_nmda", "i_ampa"):
        return (1.0,), "instead of one, outward"
    return (0.0, 1.0), "instead of one, outward, or none"


def shares(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Calcium and the rest make the current that they are shares of, along a run."""
    totals = [f"i_{n.removeprefix('i_mono_')}" for n in system.recordable
              if n.startswith("i_mono_")]
    totals = [t for t in totals if {t, f"i_ca_{t[2:]}"} <= system.recordable.keys()]
    if not totals:
        return
    names = tuple(n for t in totals for n in (t, f"i_ca_{t[2:]}", f"i_mono_{t[2:]}"))
    ds = traces(model, protocol, names)
    wrong = []
    for t in totals:
        total, parts = ds[t].values, (ds[f"i_ca_{t[2:]}"] + ds[f"i_mono_{t[2:]}"]).values
        off = float(np.max(np.abs(parts - total)) / max(float(np.max(np.abs(total))), 1e-30))
        if off > 1e-9:
            wrong.append(f"calcium and the rest differ from {t} by {off:.2g} of it")
    yield Finding("conservation", "FAIL" if wrong else "pass", "; ".join(wrong or [
        f"i_ca_{t[2:]} + i_mono_{t[2:]} = {t}" for t in totals]))


def calcium(model: Model, protocol: Protocol, system: System) -> Iterator[Finding]:
    """Calcium flows in below a reversal potential of its own, as a part of its current."""
    names = [n for n in system.recordable if n.startswith("i_ca_")]
    if not names or "neuron" not in model.slots:
        return
    held = clamped_version(model)
    hold = busy(held).with_values(drive_on=0.0, drive_off=1e6).lasting(100.0)
    v = np.arange(-120.0, 181.0, 5.0) + 0.5
    wholes = {n: f"i_{n.removeprefix('i_ca_')}" for n in names}
    record = tuple({*names, *(w for w in wholes.values() if w in system.recordable)})
    ds = traces(held, hold, record, drive_v_late=v)
    last = {n: ds[n].isel(time=-1).transpose("drive_v_late").values for n in record}
    wrong, seen = [], []
    for name, whole in wholes.items():
        signs = _signs(last[name])
        if not np.any(signs):
            continue
        inward = np.flatnonzero(signs < 0)
        stops = v[(int(inward[-1]) + 1 if inward.size else 0):]
        turn = float(stops[0]) if stops.size else float("inf")
        seen.append(f"{name} inward below about {turn:.0f} mV" if stops.size
                    else f"{name} inward up to {v[-1]:.0f} mV")
        flowing = signs[signs != 0]
        if flowing[0] > 0 or np.sum(np.diff(flowing) != 0) > 1:
            wrong.append(f"{name} is outward at negative potentials, or turns more than once")
        elif whole in last and np.any(_signs(last[whole])):
            other = v[_signs(last[whole]) > 0]
            if other.size and turn - float(other[0]) < _APART:
                wrong.append(f"{name} turns outward with {whole}, at {turn:.0f} mV; calcium has "
                             "a reversal potential of its own")
            low = v < -20
            part = last[name][low] / np.where(last[whole][low] == 0, -1e-30, last[whole][low])
            if np.any(part > 1 + 1e-9):
                wrong.append(f"{name} is {100 * float(part.max()):.0f} % of {whole} below -20 mV")
    if seen:
        yield Finding("direction of calcium", "FAIL" if wrong else "pass",
                      "; ".join(wrong or seen))


def _signs(current: Any) -> np.ndarray:
    """-1, 0 and 1, where 0 is what is nothing beside the largest."""
    large = np.abs(current) > 1e-9 * np.max(np.abs(current))
    return np.sign(current) * large
