"""Measured block or currents from a CSV file, with what is wrong with it in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np

from mgsim import units
from mgsim.catalogs.catalog import unknown
from mgsim.files import textfile
from mgsim.sweeps.result.outputs import path_of


class DataError(ValueError):
    """Invalid data, or data that cannot answer what is asked of them."""


@dataclass(frozen=True)
class Data:
    """Potentials (mV), free magnesium (mM), and currents (pA) or unblocked fractions.

    Numbers in these units, or quantities. Steady ones, or, with ``t`` and ``v_before``, those a
    time ``t`` (ms) after the potential stepped from ``v_before`` to ``v``. One number a point in
    each array; ``sd`` weighs them.

    Raises
    ------
    DataError
        For invalid data, such as volts where millivolts are wanted.
    """

    v: np.ndarray
    mg: np.ndarray
    y: np.ndarray
    kind: Literal["current", "unblocked"]
    sd: np.ndarray | None = None
    name: str = "data"
    t: np.ndarray | None = None
    v_before: np.ndarray | None = None

    def __post_init__(self) -> None:
        measured = "pA" if self.kind == "current" else "1"
        for what in ("v", "mg", "y", "sd", "t", "v_before"):
            given = getattr(self, what)
            if given is not None:
                unit = measured if what in ("y", "sd") else _UNIT[what]
                word = self.kind if what == "y" else what
                values = units.read(given, unit, f"{self.name}: {word}")
                if values.ndim != 1:
                    raise DataError(f"{self.name}: {what} must be a list of numbers, one a point")
                object.__setattr__(self, what, values)
        check(self)

    @property
    def size(self) -> int:
        """How many points."""
        return len(self.y)


_NAMES = {
    "v": ("v", "voltage", "potential", "v_hold", "vm"),
    "mg": ("mg", "mg_out", "magnesium", "mg2+"),
    "current": ("current", "i", "i_nmda"),
    "unblocked": ("unblocked", "fraction", "b"),
    "sd": ("sd", "sem"),
    "t": ("t", "time"),
    "v_before": ("v_before", "v_from", "from"),
}
_UNIT = {
    "v": "mV",
    "mg": "mM",
    "current": "pA",
    "unblocked": "1",
    "sd": "",
    "t": "ms",
    "v_before": "mV",
}


def read_data(path: str | Path) -> Data:
    """Data from a CSV file: columns ``v`` [mV], ``mg`` [mM], and ``current`` or ``unblocked``.

    A unit in the head, as in ``v [V]`` or ``mg (uM)``, is converted; without one, numbers are in
    mV, mM, pA and ms. A column ``sd`` weighs the points. Columns ``t`` and ``v_before`` say that
    the potential stepped to ``v`` a time ``t`` ago. What spreadsheets write is read: see
    :func:`mgsim.files.textfile.table`.

    Raises
    ------
    DataError
        With the line, for what is no table or no number; or for columns that are not there or make
        no sense.
    """
    path = path_of(path, "read_data")
    try:
        read = textfile.table(path)
        places, factors = _columns(read.head, path.name)
        values = {
            name: np.array(read.numbers(place)) * factors[name] for name, place in places.items()
        }
    except textfile.BadText as error:
        raise DataError(str(error)) from None
    kind: Literal["current", "unblocked"] = "current" if "current" in values else "unblocked"
    return Data(
        values["v"],
        values["mg"],
        values[kind],
        kind,
        values.get("sd"),
        path.stem,
        values.get("t"),
        values.get("v_before"),
    )


def _columns(head: Sequence[str], file: str) -> tuple[dict[str, int], dict[str, float]]:
    places: dict[str, int] = {}
    factors: dict[str, float] = {}
    found: list[str] = []
    for place, text in enumerate(head):
        given, _, unit = text.replace("(", "[").rstrip(")] ").partition("[")
        word = given.strip().lower()
        found.append(word)
        for name, spellings in _NAMES.items():
            if word in spellings:
                if name in places:
                    raise DataError(f"{file}: two columns give {name}")
                places[name] = place
                factors[name] = _factor(name, unit.strip(), file)
    for name in ("v", "mg"):
        if name not in places:
            raise DataError(f"{file}: {unknown('column', name, found)}")
    if ("current" in places) == ("unblocked" in places):
        raise DataError(
            f"{file}: needs one of the columns current and unblocked; it has " + ", ".join(found)
        )
    if ("t" in places) != ("v_before" in places):
        there, lacking = ("t", "v_before") if "t" in places else ("v_before", "t")
        raise DataError(
            f"{file}: the column {there} needs a column {lacking}: the time since the "
            "potential stepped from v_before to v"
        )
    if "sd" in places:
        factors["sd"] *= factors["current" if "current" in places else "unblocked"]
    return places, factors


def _factor(name: str, unit: str, file: str) -> float:
    if not unit or not _UNIT[name] or (name == "current" and unit == "1"):
        return 1.0
    if name == "unblocked":
        if unit in ("1", "%"):
            return 0.01 if unit == "%" else 1.0
        raise DataError(f"{file}: a fraction has no unit, not {unit}")
    try:
        given, target = units.unit(unit), units.unit(_UNIT[name])
    except units.UnitError as error:
        raise DataError(f"{file}, column {name}: {error}") from None
    if given.dimension != target.dimension:
        raise DataError(f"{file}: column {name} in {unit}; it must be in {_UNIT[name]} or the like")
    return given.factor / target.factor


def check(data: Data) -> None:
    """Refuse what is surely in another unit.

    Raises
    ------
    DataError
        It names the column and the unit that is wanted.
    """
    v, mg, y, name = data.v, data.mg, data.y, data.name
    columns = {"v": v, "mg": mg, data.kind: y}
    if (data.t is None) != (data.v_before is None):
        raise DataError(f"{name}: times need the potential before the step, and that needs times")
    if data.t is not None and data.v_before is not None:
        columns |= {"t": data.t, "v_before": data.v_before}
        if np.any(data.t < 0):
            raise DataError(f"{name}: t = {data.t.min():g} ms; time counts from the step")
    for what, values in columns.items():
        if len(values) != data.size:
            raise DataError(f"{name}: {what} holds {len(values)} numbers for {data.size} points")
        if not np.all(np.isfinite(values)):
            raise DataError(f"{name}: {what} holds what is not a number")
    for what in ("v", "v_before"):
        found = columns.get(what, v)
        if data.size and np.max(np.abs(found)) <= 0.5 and np.any(found):
            raise DataError(
                f"{name}: every {what} lies within +-0.5, so they are volts; give mV, "
                f"or write '{what} [V]' in the head"
            )
        if np.any(np.abs(found) > 500):
            raise DataError(
                f"{name}: {what} = {found[np.argmax(np.abs(found))]:g} is no potential in mV"
            )
    if np.any(mg < 0):
        raise DataError(f"{name}: mg = {mg.min():g} mM; a concentration cannot be negative")
    if np.any(mg > 100):
        raise DataError(
            f"{name}: mg = {mg.max():g} is no concentration in mM; for micromolar "
            "write 'mg [uM]' in the head"
        )
    # After a step more receptors may conduct for a while than do steadily without magnesium.
    if data.kind == "unblocked" and data.t is None and np.any((y < -0.5) | (y > 1.5)):
        worst = y[np.argmax(np.abs(y - 0.5))]
        raise DataError(
            f"{name}: unblocked = {worst:g}; a fraction lies between 0 and 1 (for "
            "percent write 'unblocked [%]' in the head)"
        )
    if data.sd is not None and np.any(data.sd <= 0):
        raise DataError(f"{name}: every sd must be above 0")
