"""Magnesium of serum, cerebrospinal fluid and brain after a dose, in one person or in many."""

from __future__ import annotations

import math
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim import body, units
from mgsim.body.serum import BINDING_HIGH, BINDING_LOW, BINDING_RANGE
from mgsim.body.stage import Stage
from mgsim.catalogs.catalog import expect, unknown
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import ExtrapolationWarning
from mgsim.declare.priors import Prior
from mgsim.doses import amounts
from mgsim.doses.chain import Array, Chain, join
from mgsim.doses.given import NO_ADVICE, Dose
from mgsim.sweeps import designs
from mgsim.sweeps.resolving.run_warnings import RangeWarning, outside
from mgsim.units import UnitError

if TYPE_CHECKING:
    from collections.abc import Iterable

    import xarray as xr

#: What a stage of each slot is called where it is chosen, and the usual choice.
SERUM, CSF = "lu_2002", ("csf_linear", "csf_null", "csf_slow_full")
#: Times that are looked at where none are given, in hours.
USUAL = (0.5, 2.0, 6.0, 24.0)
#: The variables of a course, in their order: name, kind.
LEVELS = ("serum_total", "serum_ionised", "csf_total", "csf_ionised", "mg_brain")
#: Parameters that are magnesium of one kind, and the parameter of its ionised part.
_KINDS = {
    "serum_mg": ("total", ""),
    "serum_level": ("total", ""),
    "csf_mg": ("ionised", "csf_ionised_share"),
}
#: Totals and what is ionised of them.
_PARTS = {"serum_total": "serum_ionised", "csf_total": "csf_ionised"}
#: Total serum magnesium, mM, to which the sets of constants were measured, and ten times that,
#: which is taken to be no body's.
_MEASURED, _MOST = 4.0, 40.0
_LONGEST, _MOST_TIMES = 24.0 * 366, 10_000


def stage(given: Stage | str, slot: str) -> Stage:
    """A stage of a slot, itself or by name.

    Raises
    ------
    UnknownName
    """
    known = {n: s for n, s in body.items() if s.part.slot == slot}
    found = given if isinstance(given, Stage) else known.get(given)
    if found is None or found.part.slot != slot:
        raise unknown(slot.replace("_", " "), getattr(given, "name", given), known)
    return found


@dataclass(frozen=True)
class Course:
    """What a dose does to magnesium, from serum to the fluid of the brain.

    Parameters
    ----------
    dose : of :func:`mgsim.doses.intravenous` and the like.
    at : times in hours, or texts with a unit. The time before, 0, always comes first. An arm
        without a time course (``oral``, ``threonate``, ``deficiency``) takes none: it has before,
        and settled, whose time is infinity.
    serum, csf : stages by name or themselves, of :data:`mgsim.body`.
    draws : people, drawn from the stages' priors; 0 is the typical one alone.
    seed : of the draws. Other courses of as many draws and the same seed meet the same people.
    held : parameters of the stages that are given a value for all: ``{"csf_gain": 0.2}``.

    Raises
    ------
    UnknownName, UnitError
        For what cannot be meant.

    Examples
    --------
    >>> import mgsim as mg
    >>> dose = mg.doses.intravenous("4 g", rate="1 g/h")
    >>> course = mg.doses.Course(dose, at=["0.5 h", 24], draws=0, held={"serum_mg": 0.8})
    >>> course.levels["serum_total"].round(4).tolist()
    [[0.8, 1.4132, 1.5484]]
    """

    dose: Dose
    at: Sequence[Any] | None = None
    serum: Stage | str = SERUM
    csf: Stage | str = "csf_linear"
    draws: int = 64
    seed: int = 0
    held: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        expect(Dose, self.dose, "mg.doses.intravenous('4 g')")
        for name in ("draws", "seed"):
            if not units.is_whole(getattr(self, name)) or getattr(self, name) < 0:
                raise UnitError(f"{name} = {getattr(self, name)!r}: a whole number from 0")
        object.__setattr__(self, "serum", stage(self.serum, "serum_kinetics"))
        object.__setattr__(self, "csf", stage(self.csf, "csf"))
        object.__setattr__(self, "at", self._times(self.at))
        object.__setattr__(self, "held", self._held(self.held))
        beyond = [w for n, x in self.held.items() for w in outside(self.parameters[n], np.array(x))]
        if beyond:
            warnings.warn("; ".join(beyond), RangeWarning, stacklevel=3)
        most = float(self.levels["serum_total"].max())  # what cannot be is refused here
        if most > _MOST:
            raise UnitError(
                f"{self.dose.words}: total serum magnesium would reach {most:.3g} mM, which no "
                f"body does (here at most {_MOST:g}); is the dose in the unit that was meant?"
            )
        if most > _MEASURED:
            warnings.warn(
                f"{self.dose.words}: total serum magnesium reaches {most:.3g} mM; the constants of "
                f"serum were measured to about {_MEASURED:g} and extrapolate beyond",
                ExtrapolationWarning,
                stacklevel=3,
            )

    def _times(self, given: Sequence[Any] | None) -> tuple[float, ...]:
        if self.dose.lasting:
            if given is not None:
                raise UnitError(
                    f"{self.dose.name} has no time course, for no kinetic constants are known: it "
                    "has before and settled, and takes no times"
                )
            return (0.0, math.inf)
        listed = USUAL if given is None else given
        if isinstance(listed, str) or not hasattr(listed, "__len__"):
            listed = (listed,)
        found = {amounts.hours_of(t, "at", plain=True) for t in listed}
        if len(found) > _MOST_TIMES or (found and max(found) > _LONGEST):
            raise UnitError(f"at: at most {_MOST_TIMES} times, within a year")
        return tuple(sorted({0.0, *found}))

    @property
    def stages(self) -> tuple[Stage, ...]:
        """Serum, cerebrospinal fluid, what is ionised of serum, brain."""
        assert isinstance(self.serum, Stage)
        assert isinstance(self.csf, Stage)
        return (self.serum, self.csf, body["serum_binding"], body["brain_fluid"])

    @cached_property
    def body(self) -> Component:
        """The stages as one part."""
        return join([s.part for s in self.stages])

    @cached_property
    def parameters(self) -> dict[str, Parameter]:
        """Every parameter of the stages and the arm, by name."""
        own = {p.name: p for p in self.body.parameters if p.name != "mg_infusion"}
        return own | {p.name: p for p in self.dose.shifts}

    @cached_property
    def priors(self) -> dict[str, Prior]:
        """How people differ, in what is not held."""
        found = {n: p for s in self.stages for n, p in s.priors.items()} | dict(self.dose.priors)
        return {n: p for n, p in found.items() if n not in self.held}

    def _held(self, given: Mapping[str, Any]) -> dict[str, float]:
        found = {}
        for name, value in given.items():
            if name not in self.parameters:
                raise unknown("parameter", name, self.parameters, "the stages of a dose")
            p = self.parameters[name]
            if name in _KINDS:
                kind, share = _KINDS[name]
                part = self.parameters[share].value if share else None
                found[name] = amounts.read(value, kind, name, part)
            else:
                found[name] = units.one(value, p.unit, name)
            if not math.isfinite(found[name]) or (found[name] < 0 and name not in self._signed):
                raise UnitError(f"{name} = {value}: finite and not negative")
            if p.nonzero and found[name] == 0:
                raise UnitError(f"{name} = 0: {p.nonzero}")
        return found

    @property
    def _signed(self) -> set[str]:
        return {p.name for p in self.dose.shifts if p.name not in _KINDS}

    @property
    def people(self) -> int:
        """How many there are."""
        return max(self.draws, 1)

    @cached_property
    def values(self) -> dict[str, Array]:
        """Each parameter in its unit, a number a person."""
        found = {n: np.full(self.people, p.value) for n, p in self.parameters.items()}
        found |= {n: np.full(self.people, x) for n, x in self.held.items()}
        if self.draws and self.priors:
            sample = designs.apart(self.draws, self.priors, self.seed)
            found |= sample.columns(np.arange(self.draws))
        return found

    @cached_property
    def levels(self) -> dict[str, Array]:
        """Each of :data:`LEVELS` in mM, an array (people, times)."""
        chain = Chain(self.body, {**self.values, "mg_infusion": np.zeros(self.people)})
        states = self._settled(chain) if self.dose.lasting else chain.at(self.dose.given, self.at)  # type: ignore[arg-type]
        found = {n: chain.value(n, states).T for n in LEVELS}
        for name in LEVELS:
            if not np.all(np.isfinite(found[name])) or np.any(found[name] <= 0):
                raise UnitError(
                    f"{self.dose.words}: {name.replace('_', ' ')} would be "
                    f"{np.nanmin(found[name]):.3g} mM"
                )
        for name, part in _PARTS.items():
            over = found[part] > found[name] * (1 + 1e-9)
            if over.any():
                raise UnitError(
                    f"{self.dose.words}: of {found[name][over].min():.3g} mM "
                    f"{name.replace('_', ' ')} would be {found[part][over].min():.3g} mM ionised, "
                    "more than there is"
                )
        return found

    def _settled(self, chain: Chain) -> Array:
        rise = self.values.get("serum_shift", np.zeros(self.people))
        if "serum_level" in self.values:
            level, own = self.values["serum_level"], self.values["serum_mg"]
            rise = level - own
            if np.any(rise >= 0):
                i = int(np.argmax(rise))
                raise UnitError(
                    f"{self.dose.name}: serum_level, {level[i]:.3g} mM, is not below the person's "
                    f"own serum_mg, {own[i]:.3g} mM"
                )
        settled = chain.held(rise, [math.inf])[0]
        if "csf_shift" in self.values:
            total = self.values["csf_mg"] / self.values["csf_ionised_share"]
            for name in ("csf_rise", "brain_rise"):
                settled[:, chain.states.index(name)] += self.values["csf_shift"] * total
        return np.stack([np.zeros_like(settled), settled])

    @property
    def columns(self) -> dict[str, Array]:
        """``mg_out`` of every person at every time, for ``mg.designs.zipped(**course.columns)``.

        It is that of the brain's fluid. The times of a person stand together.
        """
        return {"mg_out": self.levels["mg_brain"].ravel()}

    def dataset(self) -> xr.Dataset:
        """Levels over ``person`` and ``hours``, with what was drawn as coordinates."""
        import xarray as xr

        about = {e.name: e.meaning for e in self.body.lines}
        found = {
            n: (("person", "hours"), x, {"units": "mM", "long_name": about[n]})
            for n, x in self.levels.items()
        }
        if self.extrapolates:
            found["serum_ionised"][2]["extrapolates"] = self.extrapolates
        people = {
            n: (
                ("person",) if n in self.priors and self.draws else (),
                self.values[n] if n in self.priors and self.draws else float(self.values[n][0]),
                {"units": p.unit, "long_name": p.meaning, "source": self._source(n)},
            )
            for n, p in self.parameters.items()
        }
        coords: dict[str, Any] = {
            "person": np.arange(self.people),
            "hours": (
                "hours",
                np.array(self.at),
                {"units": "h", "long_name": "time since the dose"},
            ),
        }
        return xr.Dataset(
            found,
            {**coords, **people},
            {
                "dose": self.dose.words,
                "serum": self.stages[0].name,
                "csf": self.stages[1].name,
                "advice": NO_ADVICE,
                **({"note": self.dose.note} if self._noted else {}),
            },
        )

    @property
    def extrapolates(self) -> str:
        """Where ionised serum magnesium is beyond the line that it is computed by; "" nowhere."""
        total = self.levels["serum_total"]
        share = float(np.mean((total < BINDING_LOW) | (total > BINDING_HIGH)))
        if not share:
            return ""
        return (
            f"{100 * share:.2g} % of its values are extrapolated: its line was fitted over "
            f"{BINDING_RANGE}, and totals are {total.min():.3g} to {total.max():.3g} mM"
        )

    @property
    def _noted(self) -> bool:
        """Whether what the dose's note is about was drawn."""
        return bool(self.dose.note and self.draws and set(self.dose.priors) & set(self.priors))

    def _source(self, name: str) -> str:
        if name in self.held:
            return "assumed: given for this course"
        if name in self.priors and self.draws:
            return f"{self.priors[name].source} ({self.priors[name].told()})"
        return self.parameters[name].source


def structures(given: Stage | str | Iterable[Stage | str]) -> list[Stage]:
    """Structures of the cerebrospinal fluid: one or several, each once."""
    several = [given] if isinstance(given, str | Stage) else list(given)
    found = [stage(one, "csf") for one in several]
    if not found or len({s.name for s in found}) != len(found):
        raise UnitError("csf: name one structure or several, each once")
    return found
