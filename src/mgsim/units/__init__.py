"""Unit text to SI factor and dimension, and back.

mgsim keeps its own table of the few units that electrophysiology needs, because the parts, the
lowering and the command line must not wait for Brian2's import. The spelling and the values are
Brian2's; a test compares every entry with :mod:`brian2.units`.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

BASE = ("metre", "kilogram", "second", "amp", "kelvin", "mole")
Dimension = tuple[float, ...]
NONE: Dimension = (0.0,) * len(BASE)


class UnitError(ValueError):
    """A unit that is not known, or that does not fit where it is used."""


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit: its text, the factor to SI, and the exponents of :data:`BASE`."""

    text: str
    factor: float
    dimension: Dimension


_NAMED: dict[str, tuple[float, Dimension]] = {
    "m": (1.0, (1, 0, 0, 0, 0, 0)),
    "g": (1e-3, (0, 1, 0, 0, 0, 0)),
    "s": (1.0, (0, 0, 1, 0, 0, 0)),
    "A": (1.0, (0, 0, 0, 1, 0, 0)),
    "K": (1.0, (0, 0, 0, 0, 1, 0)),
    "mol": (1.0, (0, 0, 0, 0, 0, 1)),
    "M": (1e3, (-3, 0, 0, 0, 0, 1)),
    "V": (1.0, (2, 1, -3, -1, 0, 0)),
    "S": (1.0, (-2, -1, 3, 2, 0, 0)),
    "F": (1.0, (-2, -1, 4, 2, 0, 0)),
    "C": (1.0, (0, 0, 1, 1, 0, 0)),
    "J": (1.0, (2, 1, -2, 0, 0, 0)),
    "Hz": (1.0, (0, 0, -1, 0, 0, 0)),
    "ohm": (1.0, (2, 1, -3, -2, 0, 0)),
}
#: What people write, both micro signs among it, and how it is spelt here.
_SPELLING = {"µ": "u", "μ": "u", "^": "**", "mol/L": "M", "mol/l": "M"}
#: What people say for long times and for volumes. Equations do not name these: h is a gate.
_SPOKEN: dict[str, tuple[float, Dimension]] = {
    "min": (60.0, (0, 0, 1, 0, 0, 0)),
    "h": (3600.0, (0, 0, 1, 0, 0, 0)),
    "day": (86400.0, (0, 0, 1, 0, 0, 0)),
    "L": (1e-3, (3, 0, 0, 0, 0, 0)),
    "dl": (1e-4, (3, 0, 0, 0, 0, 0)),
    "ml": (1e-6, (3, 0, 0, 0, 0, 0)),
}
_PREFIX = {
    "f": 1e-15,
    "p": 1e-12,
    "n": 1e-9,
    "u": 1e-6,
    "m": 1e-3,
    "c": 1e-2,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
}

#: Physical constants that equations may name (CODATA 2018 exact values; Brian2's spelling).
CONSTANTS: dict[str, Unit] = {
    "faraday_constant": Unit("C/mol", 96485.33212331001, (0, 0, 1, 1, 0, -1)),
    "gas_constant": Unit("J/mol/K", 8.31446261815324, (2, 1, -2, 0, -1, -1)),
    "zero_celsius": Unit("K", 273.15, (0, 0, 0, 0, 1, 0)),
}


def named(name: str) -> Unit | None:
    """The unit of one word (``"mV"``), or None when there is none of that name."""
    if name == "degC":  # a temperature on the Celsius scale; add zero_celsius for kelvin
        return Unit(name, 1.0, _NAMED["K"][1])
    if name in _NAMED:
        factor, dimension = _NAMED[name]
        return Unit(name, factor, tuple(float(x) for x in dimension))
    prefix, rest = name[:1], name[1:]
    if prefix in _PREFIX and rest in _NAMED:
        factor, dimension = _NAMED[rest]
        return Unit(name, _PREFIX[prefix] * factor, tuple(float(x) for x in dimension))
    return None


@lru_cache(maxsize=512)
def unit(text: str) -> Unit:
    """Parse unit text such as ``"mV"``, ``"mS/cm**2"`` or ``"1/mM/ms"``; also ``"µmol/L"``.

    Raises
    ------
    UnitError
        When a word is no unit, or the text is anything but products, quotients and powers.
    """

    def walk(node: ast.expr) -> tuple[float, Dimension]:
        match node:
            case ast.Constant(value=1):
                return 1.0, NONE
            case ast.Name(id=word):
                if word in _SPOKEN:
                    return _SPOKEN[word]
                found = named(word)
                if word in ("Eq", "mEq", "meq"):
                    raise UnitError(
                        f"'{text}': {word} counts charges; in mM it is that over the charge of the "
                        "ion, 1 of K, Na, Cl, 2 of Mg, Ca"
                    )
                if found is None:
                    raise UnitError(
                        f"'{word}' in '{text}' is not a unit; write units as mV, mM, "
                        "ms, nS, pA, um**2, mS/cm**2, 1/ms"
                    )
                return found.factor, found.dimension
            case ast.BinOp(left=left, op=ast.Mult() | ast.Div() as op, right=right):
                (a, da), (b, db) = walk(left), walk(right)
                sign = 1 if isinstance(op, ast.Mult) else -1
                return a * b**sign, tuple(x + sign * y for x, y in zip(da, db, strict=True))
            case ast.BinOp(left=left, op=ast.Pow(), right=right):
                exponent = ast.literal_eval(right)
                if not isinstance(exponent, int | float):
                    raise UnitError(f"'{text}' is not a unit: an exponent is a number")
                a, da = walk(left)
                return a**exponent, tuple(x * exponent for x in da)
        raise UnitError(f"'{text}' is not a unit")

    try:
        spelt = text.strip()
        for word, ours in _SPELLING.items():
            spelt = spelt.replace(word, ours)
        tree = ast.parse(spelt, mode="eval").body
        factor, dimension = walk(tree)
    except (SyntaxError, ValueError, RecursionError, MemoryError, OverflowError) as error:
        if isinstance(error, UnitError):
            raise
        raise UnitError(f"'{text}' is not a unit") from error
    return Unit(text, factor, dimension)


def base_text(dimension: Dimension) -> str:
    """A dimension in SI base units, as Brian2 wants it in an equation (``"amp*second"``)."""
    parts = [f"{name}**{power:g}" for name, power in zip(BASE, dimension, strict=True) if power > 0]
    text = "*".join(p.removesuffix("**1") for p in parts) or "1"
    for name, power in zip(BASE, dimension, strict=True):
        if power < 0:
            text += f"/{name}**{-power:g}".removesuffix("**1")
    return text


def describe(dimension: Dimension) -> str:
    """A dimension in words a reader knows (``"V"``, ``"mol/m**3"``), for messages."""
    for name, (_, known) in _NAMED.items():
        if name not in ("M", "g") and tuple(map(float, known)) == dimension:
            return name
    return "no unit" if dimension == NONE else base_text(dimension)


_NUMBER = r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|[-+]?inf|nan"
_TEXT_VALUE = re.compile(rf"^\s*({_NUMBER})\s*(.*)$", re.ASCII)
#: The zero of the Celsius scale in kelvin.
_FREEZING = 273.15


def number(text: str, name: str) -> float:
    """A plain number as people write it, without a unit: no ``1_000``, no ``0x10``.

    Raises
    ------
    UnitError
        It names ``name``.
    """
    found = re.fullmatch(rf"\s*({_NUMBER})\s*", text, re.ASCII)
    if not found:
        raise UnitError(f"{name}: {_short(text)} is not a number")
    return float(found[1])


def is_amount(text: str) -> bool:
    """Whether a text is a number, perhaps with a unit behind it, rather than an expression."""
    match = _TEXT_VALUE.match(text)
    return bool(match) and not set(match[2].strip()[:1]) & set("+-*/")  # type: ignore[index]


def is_whole(value: Any) -> bool:
    """Whether a value is a whole number; to numpy, a span of time is one."""
    return isinstance(value, int | np.integer) and not isinstance(value, bool | np.timedelta64)


def is_real(value: Any) -> bool:
    """Whether a value is one real number without a unit."""
    return is_whole(value) or isinstance(value, float | np.floating)


def word(value: Any) -> str:
    """The unit that a text ends with; nothing for a number."""
    match = _TEXT_VALUE.match(value) if isinstance(value, str) else None
    return match[2].strip() if match else ""


def has_unit(value: Any) -> bool:
    """Whether a quantity says its unit itself: a text, a Brian2 quantity, an xarray variable."""
    if isinstance(value, str):
        return bool(word(value))
    return hasattr(value, "dim") or "units" in getattr(value, "attrs", {})


def read(value: Any, to: str, name: str) -> np.ndarray:
    """Turn what a user gave into plain numbers in the unit ``to``: the one door of quantities.

    ``value`` may be a number or array (taken to be in ``to`` already), a text such as
    ``"0.8 mM"``, a Brian2 quantity, an xarray variable (in the unit of its attribute ``units``,
    such as one of an earlier result), or a list of any of these. Temperatures in kelvin become
    degrees Celsius where those are asked for.

    Raises
    ------
    UnitError
        When the value carries a unit of another dimension, or is not a number; it names ``name``.
    """
    unit(to)
    try:
        return _read(value, to, name)
    except UnitError:
        raise
    except (TypeError, ValueError, OverflowError):
        raise UnitError(f"{name}: {_short(value)} is not a number in {to}") from None


def one(value: Any, to: str, name: str) -> float:
    """As :func:`read`, for what is a single number.

    Raises
    ------
    UnitError
        Also for several.
    """
    found = read(value, to, name)
    if found.ndim:
        raise UnitError(f"{name}: {_short(value)} is not a single number in {to}")
    return float(found)


def _read(value: Any, to: str, name: str) -> np.ndarray:
    if isinstance(value, str):
        return _from_text(value, to, name)
    if hasattr(value, "dim") and hasattr(value.dim, "_dims"):
        # A Brian2 quantity; the order of its exponents is that of BASE.
        given = Unit("SI", 1.0, tuple(map(float, value.dim._dims[:6])))
        return _converted(np.asarray(value, dtype=float), given, to, f"{name} = {_short(value)}")
    if hasattr(value, "magnitude") or hasattr(value, "to_value"):
        raise UnitError(
            f"{name}: {_short(value)} is a quantity of another package; give a number "
            f"in {to}, a text with a unit or a Brian2 quantity"
        )
    if hasattr(value, "attrs") and hasattr(value, "values"):
        word = value.attrs.get("units", to)
        if not isinstance(word, str):
            raise UnitError(f"{name}: its attribute 'units' is {word!r}, which is no unit")
        return _converted(
            _read(value.values, word, name), _known(word, name), to, f"{name} in {word}"
        )
    if isinstance(value, np.ma.MaskedArray) and np.any(np.ma.getmaskarray(value)):
        raise UnitError(f"{name}: some values are masked")
    if isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "OU":
        return _read(value.item(), to, name)
    several = isinstance(value, list | tuple) or (
        isinstance(value, np.ndarray) and value.dtype.kind in "OU"
    )
    if several and not all(type(x) in (int, float) for x in value):
        return np.array([_read(x, to, name) for x in value], dtype=float)
    found = np.asarray(value)
    if found.dtype.kind not in "iufO":  # no truth values, dates, bytes or complex numbers
        raise TypeError
    return np.asarray(value, dtype=float)


def _from_text(text: str, to: str, name: str) -> np.ndarray:
    match = _TEXT_VALUE.match(text)
    if not match:
        raise UnitError(f"{name}: {_short(text)} is not a number in {to}")
    plain, word = np.asarray(float(match[1])), match[2].strip()
    return _converted(plain, _known(word, name), to, f"{name} = {text}") if word else plain


def _known(word: str, name: str) -> Unit:
    try:
        return unit(word)
    except UnitError as error:
        raise UnitError(f"{name}: {error}") from None


def _converted(values: np.ndarray, given: Unit, to: str, what: str) -> np.ndarray:
    target = unit(to)
    _same(given.dimension, target, what)
    celsius = given.text.strip() == "degC", target.text.strip() == "degC"
    if celsius == (False, True):  # one is a level, counted from freezing
        return np.asarray(values * given.factor - _FREEZING)
    if celsius == (True, False):
        raise UnitError(f"{what} may be a level or a difference; give it in {target.text}")
    return np.asarray(values * (given.factor / target.factor))


def _short(value: Any) -> str:
    try:
        shown = repr(value)
    except ValueError:  # an integer with too many digits to write
        shown = f"<{type(value).__name__}>"
    return shown if len(shown) <= 80 else f"{shown[:60]}..."


def _same(given: Dimension, target: Unit, what: str) -> None:
    if given != target.dimension:
        raise UnitError(f"{what} has the unit of {describe(given)}; it must be in {target.text}")
