"""What of a claim is fixed before its run: plain data, its digest, and how it changed, in words."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from mgsim.judging.reading import Kept, Reading

#: Values of measures at which a function is asked: zeros, ties, silence, what has no number.
_VALUES = (0.0, 0.0, 1.0, 1.0, 2.0, 3.0, 0.01, 0.5, 7.3, 40.0, 1e3, -1.5, float("nan"))
_PROBES = 400
#: Beside them, values of every size, in even steps of their logarithms: a line that moves by a
#: hundredth is seen.
_SIZES = np.geomspace(1e-3, 1e4, 1600)
#: Digits of an answer that count.
_DIGITS = 9


def answers(function: Callable[..., Any], names: Mapping[str, Any], measures: list[str]) -> str:
    """A digest of a function of conditions by what it answers on probes.

    However it is written, two functions that mean the same have one digest.
    """
    kept = {}
    for name in names:
        by = {}
        for measure in measures:
            word = hashlib.sha256(f"{name} {measure}".encode()).digest()
            rng = np.random.default_rng(list(word[:8]))
            special = rng.choice(_VALUES, _PROBES)
            by[measure] = np.concatenate([special, rng.permutation(_SIZES)])[None]
        kept[name] = Kept(by)
    with np.errstate(all="ignore"):
        found = np.asarray(function(**kept), dtype=float)
    told = [f"{x:.{_DIGITS}g}" if np.isfinite(x) else str(x) for x in found.ravel() + 0.0]
    return hashlib.sha256(" ".join(told).encode()).hexdigest()[:16]


def of_reading(reading: Reading) -> dict[str, Any]:
    """What is fixed of a reading."""
    measures = sorted(reading.bench.keeps)
    found = reading.plain()
    found["statistic"] = answers(reading.statistic, reading.conditions, measures)
    if reading.where is not None:
        found["where"] = answers(reading.where, {"usual": None}, measures)
    if reading.crosses is not None:
        found["crosses"] = answers(reading.crosses, {"here": None}, measures)
    return found


def digest(plain: Mapping[str, Any]) -> str:
    """The digest of plain data."""
    text = json.dumps(plain, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[str]:
    """How plain data differ, in words.

    >>> changed({"dish": {"at_least": 1.5}}, {"dish": {"at_least": 1.4}})
    ['dish: at_least 1.5 -> 1.4']
    """
    before, after = _flat(old), _flat(new)
    found = []
    for path in sorted(before.keys() | after.keys()):
        one, other = before.get(path), after.get(path)
        if one != other:
            *where, what = path
            place = f"{': '.join(where)}: " if where else ""
            found.append(f"{place}{what} {_shown(one)} -> {_shown(other)}")
    return found


def _flat(data: Any, path: tuple[str, ...] = ()) -> dict[tuple[str, ...], Any]:
    if isinstance(data, Mapping):
        found: dict[tuple[str, ...], Any] = {}
        for name, value in data.items():
            found |= _flat(value, (*path, str(name)))
        return found
    return {path: list(data) if isinstance(data, tuple) else data}


def _shown(value: Any) -> str:
    return "absent" if value is None else str(value)
