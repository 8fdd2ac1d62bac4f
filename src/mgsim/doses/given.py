"""What is given: infusions and injections in time, or a lasting change that has no time course."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mgsim import units
from mgsim.declare.parameter import Parameter
from mgsim.declare.priors import Prior
from mgsim.doses import amounts
from mgsim.salts import Salt
from mgsim.units import UnitError

#: What is said wherever doses are printed.
NO_ADVICE = "A simulation of published averages: no advice on doses, for anybody."
_MOST_TIMES = 1000


@dataclass(frozen=True)
class Given:
    """An infusion or injection.

    Parameters
    ----------
    route : ``"vein"`` or ``"muscle"``.
    mmol : magnesium, in mmol; of an infusion that never ends, in an hour.
    start : hours from the beginning.
    hours : how long it takes, 0 for at once, infinity for ever.
    """

    route: str
    mmol: float
    start: float = 0.0
    hours: float = 0.0

    @property
    def rate(self) -> float:
        """What comes in an hour while it runs, in mmol."""
        if math.isinf(self.hours):
            return self.mmol
        return self.mmol / self.hours if self.hours else 0.0


@dataclass(frozen=True)
class Dose:
    """A regimen.

    Parameters
    ----------
    name, words : the arm, and what it is in words.
    given : infusions and injections.
    shifts : of an arm without a time course: what lasts, ``serum_shift`` (mM, total),
        ``serum_level`` (mM, total, that is reached) or ``csf_shift`` (a share of the fluid's own
        magnesium), with how it may differ.
    note : what the result is not, said with it.
    """

    name: str
    words: str
    given: tuple[Given, ...] = ()
    shifts: tuple[Parameter, ...] = ()
    priors: Mapping[str, Prior] = field(default_factory=dict)
    note: str = ""

    @property
    def lasting(self) -> bool:
        """Whether it has no time course: only before and settled."""
        return bool(self.shifts)

    def mmol(self, until: float) -> float:
        """Magnesium given until a time in hours."""
        found = 0.0
        for one in self.given:
            if one.hours == 0:
                found += one.mmol if one.start < until else 0.0
            else:
                found += one.rate * max(0.0, min(until, one.start + one.hours) - one.start)
        return found


def intravenous(
    load: Any = None,
    *,
    over: Any = "20 min",
    rate: Any = None,
    until: Any = None,
    every: Any = None,
    times: int = 1,
    salt: Salt | str = "sulfate_heptahydrate",
    weight: Any = None,
) -> Dose:
    """Into a vein: a load, an infusion after it, or both; the load may be repeated.

    Parameters
    ----------
    load : an amount, ``"4 g"``, ``"16 mmol"``, ``"60 mg/kg"``.
    over : how long the load takes, with its unit; 0 is at once.
    rate : of the infusion that follows the (first) load, ``"1 g/h"``, ``"80 mmol/24 h"``.
    until : when the infusion ends, from the beginning of the load, with its unit; never where not
        given.
    every, times : how often the load is given (``"4 h"``), and how many times.
    salt : what masses are of, by name or formula.
    weight : of the person, for amounts for each kilogram.

    Raises
    ------
    UnitError, UnknownName

    Examples
    --------
    >>> intravenous("4 g", rate="1 g/h").words
    'load 4 g over 20 min, then 1 g/h (sulfate_heptahydrate)'
    """
    if load is None and rate is None:
        raise UnitError("intravenous: give a load ('4 g'), a rate ('1 g/h') or both")
    of = amounts.salt(salt)
    long = amounts.hours_of(over, "over") if load is not None else 0.0
    found: list[Given] = []
    said = []
    if load is not None:
        mmol = amounts.amount(load, of, weight=weight, name="load")
        found += _repeated("vein", mmol, long, every, times)
        said.append(
            f"load {load} " + (f"over {over}" if long else "at once") + _again(every, times)
        )
    elif every is not None or times != 1:
        raise UnitError("every and times repeat a load, and none is given")
    if rate is not None:
        hourly = amounts.rate(rate, of, weight=weight, name="rate")
        end = math.inf if until is None else amounts.hours_of(until, "until")
        if not end > long:
            raise UnitError(f"until = {until}: the infusion begins after the load, at {long:g} h")
        lasts = end - long
        found.append(Given("vein", hourly * (1 if math.isinf(lasts) else lasts), long, lasts))
        said.append(("then " if said else "") + rate + (f" until {until}" if until else ""))
    elif until is not None:
        raise UnitError("until ends an infusion, and no rate is given")
    return Dose("iv", f"{', '.join(said)} ({of.name})", tuple(found))


def intramuscular(
    dose: Any,
    *,
    every: Any = None,
    times: int = 1,
    load: Any = None,
    over: Any = "20 min",
    salt: Salt | str = "sulfate_heptahydrate",
    weight: Any = None,
) -> Dose:
    """Into a muscle, once or repeated, perhaps with a load into a vein at the beginning.

    The parameters are those of :func:`intravenous`; ``dose`` is one injection.

    Raises
    ------
    UnitError, UnknownName
    """
    of = amounts.salt(salt)
    mmol = amounts.amount(dose, of, weight=weight, name="dose")
    found = _repeated("muscle", mmol, 0.0, every, times)
    said = f"{dose} into a muscle{_again(every, times)}"
    if load is not None:
        first = intravenous(load, over=over, salt=of, weight=weight)
        found, said = [*first.given, *found], f"load {load} into a vein, {said}"
    return Dose("im", f"{said} ({of.name})", tuple(found))


def oral() -> Dose:
    """Weeks of tablets: a lasting rise of serum, as in trials; no kinetic constants were read.

    The rise is drawn from the 95 % interval of the mean of trials: how sure that mean is, not how
    people differ, of which nothing was read.
    """
    return _shifted(
        "oral",
        "weeks of tablets, 368 mg of magnesium a day",
        "serum_shift",
        0.05,
        "mM",
        "lasting rise of total serum magnesium",
        "zhang_2016: 368 mg a day for 3 months, +0.05 mM (95 % interval 0.03 to 0.07)",
        (-1, 1),
        Prior(
            "normal",
            (0.05, 0.0102),
            "zhang_2016: +0.05 mM, 95 % interval 0.03 to 0.07, of the mean of trials and not of "
            "people",
        ),
        "the rise of serum is drawn from the 95 % interval of the mean of trials, not from how "
        "people differ in it, which was not read",
    )


def threonate() -> Dose:
    """Weeks of magnesium L-threonate: a rise of the fluid as in rats; of people none is known."""
    return _shifted(
        "threonate",
        "weeks of magnesium L-threonate, as in rats (no human data)",
        "csf_shift",
        0.11,
        "1",
        "lasting rise of the cerebrospinal fluid, as a share",
        "unverified: Slutsky et al. 2010, doi 10.1016/j.neuron.2009.12.026, percentage "
        "remembered; rat cerebrospinal fluid +7 to +15 % in about 24 days",
        (-1, 1),
        Prior("uniform", (0.07, 0.15), "unverified: +7 to +15 % in rats, remembered"),
    )


def deficiency() -> Dose:
    """Lasting severe deficiency: total serum magnesium falls to 0.3 to 0.5 mM, usually 0.4."""
    return _shifted(
        "deficiency",
        "lasting severe deficiency, total serum magnesium at 0.3 to 0.5 mM",
        "serum_level",
        0.4,
        "mM",
        "total serum magnesium that lasts",
        "assumed: 0.4 mM, severe; symptoms come below 0.5",
        (0.2, 0.7),
        Prior("uniform", (0.3, 0.5), "assumed: 0.3 to 0.5 mM"),
    )


def _shifted(
    arm: str,
    words: str,
    name: str,
    value: float,
    unit: str,
    meaning: str,
    source: str,
    span: tuple[float, float],
    prior: Prior,
    note: str = "",
) -> Dose:
    shift = Parameter(name, value, unit, meaning, source, span)
    return Dose(arm, words, (), (shift,), {name: prior}, note)


def _repeated(route: str, mmol: float, hours: float, every: Any, times: int) -> list[Given]:
    if not units.is_whole(times) or not 1 <= times <= _MOST_TIMES:
        raise UnitError(f"times = {times}: a whole number from 1 to {_MOST_TIMES}")
    if (every is None) != (times == 1):
        raise UnitError("every and times go together: every='4 h', times=6")
    apart = 0.0 if every is None else amounts.hours_of(every, "every")
    if times > 1 and not apart >= max(hours, 1e-6):
        raise UnitError(f"every = {every}: a dose would begin before the one before it ends")
    return [Given(route, mmol, i * apart, hours) for i in range(times)]


def _again(every: Any, times: int) -> str:
    return "" if times == 1 else f", {times} times, one every {every}"
