"""Amounts and concentrations of magnesium: every conversion is made here.

mM, mEq/L and mg/dl are one quantity, for magnesium has two charges and one mass. Total and ionised
magnesium are two quantities: types keep them apart.
"""

from __future__ import annotations

import math
import re
import warnings
from typing import Any, ClassVar

from mgsim import salts, units
from mgsim.body.serum import BINDING_HIGH, BINDING_LOW, BINDING_RANGE, serum_binding
from mgsim.catalogs.catalog import unknown
from mgsim.declare.ports import ExtrapolationWarning
from mgsim.salts import Salt
from mgsim.units import UnitError, magnesium

_EQUIVALENTS = {"mEq": 0.5, "meq": 0.5, "Eq": 500.0}


def salt(given: Salt | str) -> Salt:
    """A salt itself, by its name or by its formula.

    Raises
    ------
    UnknownName
    """
    if isinstance(given, Salt):
        return given
    by_formula = {s.formula: s for s in salts.values()}
    word = str(given).strip()
    plain = re.sub(r"[\s-]+", "_", word.lower()).removeprefix("magnesium_")
    plain = plain.replace("sulphate", "sulfate")
    if plain in ("sulfate", "mgso4"):
        raise UnitError(
            f"salt '{word}': magnesium sulfate with seven waters, as infusions have it "
            "(sulfate_heptahydrate), or with none (sulfate_anhydrous)? They differ twofold"
        )
    found = by_formula.get(word) or salts.get(plain)
    if found is None:
        raise unknown("salt", word, salts)
    return found  # type: ignore[no-any-return]


def amount(
    given: Any, salt_of: Salt | str = "sulfate_heptahydrate", *, weight: Any = None, name: str
) -> float:
    """An amount of magnesium in mmol.

    Parameters
    ----------
    given : text with a unit: a mass of the salt (``"4 g"``), ``"16 mmol"`` or ``"32 mEq"``; also
        for each kilogram, ``"60 mg/kg"``, which needs ``weight``.
    salt_of : the salt that a mass is of, by name or formula. ``"elemental"`` is magnesium itself.
    weight : of the person, in kg or with a unit.
    name : for the error.

    Raises
    ------
    UnitError, UnknownName

    Examples
    --------
    >>> round(amount("4 g", name="load"), 2), round(amount("4 g", "elemental", name="load"), 1)
    (16.23, 164.6)
    """
    number, word = _parted(given, name, "an amount such as '4 g', '16 mmol' or '32 mEq'")
    if word.replace(" ", "").endswith("/kg"):
        if weight is None:
            raise UnitError(f"{name} = {given}: for each kilogram, so give the weight too")
        kilograms = units.one(weight, "kg", "weight")
        if not 0 < kilograms < 1000:
            raise UnitError(f"weight = {weight}: a person weighs more than 0 and less than 1000 kg")
        number, word = number * kilograms, word.rpartition("/")[0].strip()
    if word in _EQUIVALENTS:
        found = number * _EQUIVALENTS[word]
    else:
        unit = _unit(word, given, name)
        if unit.dimension == units.unit("g").dimension:
            found = number * unit.factor * 1e3 * salt(salt_of).mmol_per_gram
        elif unit.dimension == units.unit("mol").dimension:
            found = number * unit.factor * 1e3
        else:
            raise UnitError(f"{name} = {given}: an amount is in g, mg, mmol or mEq")
    if not math.isfinite(found) or found < 0:
        raise UnitError(f"{name} = {given}: an amount is finite and not negative")
    return found


def rate(
    given: Any, salt_of: Salt | str = "sulfate_heptahydrate", *, weight: Any = None, name: str
) -> float:
    """A rate of infusion in mmol/h: ``"1 g/h"``, ``"80 mmol/24 h"``, ``"15 mg/kg/h"``.

    Raises
    ------
    UnitError, UnknownName
    """
    what = "a rate such as '1 g/h' or '80 mmol/24 h'"
    _parted(given, name, what)
    first, slash, last = given.rpartition("/")
    last = last.strip()
    try:
        hours = hours_of(last if last[:1].isdigit() else f"1 {last}", name)
    except UnitError:
        hours = 0.0
    if not slash or not hours > 0:
        raise UnitError(f"{name} = {given}: write {what}")
    return amount(first.strip(), salt_of, weight=weight, name=name) / hours


def hours_of(given: Any, name: str, *, plain: bool = False) -> float:
    """A time in hours: ``"20 min"``, ``"2 h"``. A number but 0 says no unit, and is refused.

    ``plain``: a number is hours.

    Raises
    ------
    UnitError
    """
    found = units.one(given, "h", name)
    if not math.isfinite(found) or found < 0:
        raise UnitError(f"{name} = {given}: a time is finite and not negative")
    if found and not plain and not units.has_unit(given):
        raise UnitError(f"{name} = {given}: say '{found:g} min' or '{found:g} h'")
    return found


def concentration(given: Any, name: str) -> float:
    """A concentration of magnesium in mM: ``"2 mg/dl"``, ``"1.6 mEq/L"``, ``"0.8 mM"``, ``0.8``.

    Raises
    ------
    UnitError
        It names ``name``.

    Examples
    --------
    >>> round(concentration("2.43 mg/dl", "serum"), 3), concentration("2 mEq/L", "serum")
    (1.0, 1.0)
    """
    found = magnesium.in_mm(given, name) if isinstance(given, str) else None
    if found is None:
        try:
            found = units.one(given, "mM", name)
        except UnitError as error:
            raise UnitError(f"{error}; magnesium is given in mM, mEq/L or mg/dl") from None
    if not math.isfinite(found) or found < 0:
        raise UnitError(f"{name} = {given}: a concentration is finite and not negative")
    return found


def concentration_in(mm: Any, unit: str) -> Any:
    """A concentration in mM in another unit: ``"mEq/L"``, ``"mg/dl"``, ``"uM"``.

    Raises
    ------
    UnitError
    """
    if unit in magnesium.OF_MAGNESIUM:
        return mm / magnesium.OF_MAGNESIUM[unit]
    found = units.unit(unit)
    if found.dimension != units.unit("mM").dimension:
        raise UnitError(f"'{unit}' is no unit of magnesium: mM, mEq/L or mg/dl")
    return mm * (units.unit("mM").factor / found.factor)


class _Magnesium:
    """A concentration of one kind, in mM."""

    kind: ClassVar[str]

    def __init__(self, given: Any, name: str = "") -> None:
        self.mM = read(given, self.kind, name or f"{self.kind} magnesium")

    def to(self, unit: str) -> float:
        """In another unit: ``"mEq/L"``, ``"mg/dl"``."""
        return float(concentration_in(self.mM, unit))

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and other.mM == self.mM  # type: ignore[attr-defined]

    def __hash__(self) -> int:
        return hash((self.kind, self.mM))

    def __repr__(self) -> str:
        return f"{self.mM:.4g} mM {self.kind}"


class Ionised(_Magnesium):
    """Ionised (free) magnesium, which is what blocks.

    >>> Ionised("0.58 mM").total
    0.8197 mM total
    """

    kind = "ionised"

    @property
    def total(self) -> Total:
        """The total of serum with this much ionised.

        Raises
        ------
        UnitError
            Where the line has less in total than ionised.

        Warns
        -----
        ExtrapolationWarning
            Beyond the totals over which the line was fitted.
        """
        none, one = serum_binding.part.evaluate("serum_ionised", serum_total=[0.0, 1.0])
        return Total(_by_the_line(self, float((self.mM - none) / (one - none)), self.mM)[0])

    def __float__(self) -> float:
        return self.mM


class Total(_Magnesium):
    """Total magnesium: ionised, bound to protein and in complexes.

    It is no number by itself, so that nothing that takes ionised magnesium takes it.

    >>> Total("2 mg/dl").ionised
    0.5821 mM ionised
    """

    kind = "total"

    @property
    def ionised(self) -> Ionised:
        """The ionised part, in serum; it raises and warns as :attr:`Ionised.total` does."""
        found = float(serum_binding.part.evaluate("serum_ionised", serum_total=self.mM))
        return Ionised(_by_the_line(self, self.mM, found)[1])

    def __float__(self) -> float:
        raise UnitError(
            f"{self} where ionised magnesium is needed: {magnesium.ionised_of(self.mM)}; give the "
            "one of your fluid (.ionised is that of serum)"
        )


def _by_the_line(told: _Magnesium, total: float, ionised: float) -> tuple[float, float]:
    """Total and ionised magnesium of serum; refused where the line cannot hold."""
    if ionised > total:
        raise UnitError(
            f"{told}: the line of serum has {ionised:.3g} mM ionised of {max(total, 0.0):.3g} mM "
            f"in total, which cannot be; it was fitted over {BINDING_RANGE}"
        )
    if not BINDING_LOW <= total <= BINDING_HIGH:
        warnings.warn(
            f"{told} of serum: what is ionised was fitted over {BINDING_RANGE}, and extrapolates "
            "beyond",
            ExtrapolationWarning,
            stacklevel=3,
        )
    return total, ionised


def read(given: Any, kind: str, name: str, share: float | None = None) -> float:
    """A concentration of one kind in mM; one of the other kind is refused, and converted in words.

    Parameters
    ----------
    given : a number, a text with a unit and perhaps ``total`` or ``ionised`` behind it, or a
        :class:`Total` or :class:`Ionised`.
    kind : ``"total"`` or ``"ionised"``.
    share : the ionised part, of a fluid that is not serum; one that is ionised takes the units of
        clinics, who measure total, only with the kind.

    Raises
    ------
    UnitError
    """
    told: _Magnesium | None = given if isinstance(given, _Magnesium) else None
    if isinstance(given, str):
        text, said = magnesium.kind_of(given)
        if said:
            value = concentration(text, name)
            told = Total(value) if said == "total" else Ionised(value)
    if told is None:
        value = concentration(given, name)
        clinic = isinstance(given, str) and magnesium.in_mm(given, name) is not None
        if kind == "ionised" and share is not None and clinic:
            raise UnitError(
                f"{name} = {given}: that is {value:.4g} mM of magnesium, and {name} is ionised. If "
                f"it was measured as total, as is usual, {value * share:.4g} mM of it is ionised "
                f"here; if not, say '{given.strip()} ionised'"
            )
        return value
    if told.kind != kind:
        if share is not None:
            other = f"{told.mM * (share if kind == 'ionised' else 1 / share):.4g} mM {kind} here"
        else:
            other = f"{told.ionised if isinstance(told, Total) else told.total} in serum"  # type: ignore[attr-defined]
        raise UnitError(f"{name} is {kind} magnesium, and {told} was given: that is {other}")
    return told.mM


def _parted(given: Any, name: str, what: str) -> tuple[float, str]:
    """The number and the unit of a text."""
    word = units.word(given)
    if not isinstance(given, str) or not word:
        raise UnitError(f"{name} = {given!r}: give it a unit, as {what}")
    return units.number(given.strip().removesuffix(word).strip(), name), word


def _unit(word: str, given: Any, name: str) -> units.Unit:
    try:
        return units.unit(word)
    except UnitError:
        raise UnitError(f"{name} = {given}: an amount is in g, mg, mmol or mEq") from None
