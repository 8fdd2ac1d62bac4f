"""All that is run for a claim, in order, and the result of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim.declare.priors import DUMMIES
from mgsim.judging import statistics
from mgsim.judging.reading import Reading, asked_of
from mgsim.judging.statistics import CONDITIONAL, INVALID, UNDECIDED
from mgsim.judging.verdict import outcome as of
from mgsim.judging.verdict import profile
from mgsim.judging.verdict.comparison import Comparison
from mgsim.judging.verdict.crossing import crossing
from mgsim.judging.verdict.outcome import Outcome
from mgsim.judging.verdict.profile import Divider
from mgsim.judging.verdict.result import WIDER, Flip, Judged, ReadingResult, fragile
from mgsim.judging.verdict.runs import Arm, Runner, Sweeps, Table, Take, instrument, widest
from mgsim.judging.verdict.words import because_of_range, sentence
from mgsim.version import __version__

if TYPE_CHECKING:
    import xarray as xr

#: Draws of a verdict; of controls, cells and widths; and of the halved step.
DRAWS, SOME, FEW = 1024, 256, 64
#: Seeds of the second scramble and of the Latin hypercube, over that of the first.
SCRAMBLE, HYPERCUBE = 1, 2
WIDTHS = (0.5, WIDER)


@dataclass(frozen=True)
class Plan:
    """How one reading is taken: what runs for it, by what it is for."""

    reading: Reading
    draws: int
    seed: int
    quick: bool
    step: float = 1.0
    precision: str = "float64"

    @property
    def main(self) -> dict[str, Arm]:
        return self._as(self._take(self.draws, self.seed))

    @property
    def control(self) -> dict[str, Arm]:
        some = self._take(min(SOME, self.draws), self.seed)
        return of.arms(self.reading, some, self.reading.controlled)

    @property
    def half(self) -> dict[str, Arm]:
        return self._as(self._take(min(FEW, self.draws), self.seed, half=True))

    @property
    def others(self) -> dict[tuple[str, Any], dict[str, Arm]]:
        """The second scramble, and of the headline the cells and widths."""
        if self.quick:
            return {}
        found: dict[tuple[str, Any], dict[str, Arm]] = {
            ("scramble", "second"): self._as(self._take(self.draws, self.seed + SCRAMBLE))
        }
        if self.reading.headline:
            some = self._take(min(SOME, self.draws), self.seed)
            for cell, bench in self.reading.bench.cells.items():
                there = replace(self.reading, bench=bench)
                found["cell", cell] = of.arms(there, some, there.conditions)
            for by in WIDTHS:
                found["width", by] = self._as(replace(some, width=by))
        return found

    @property
    def hypercube(self) -> dict[str, Arm]:
        take = self._take(self.draws, self.seed + HYPERCUBE, kind="latin_hypercube")
        return self._as(take)

    def _take(self, draws: int, seed: int, **how: Any) -> Take:
        return Take(draws, seed, step=self.step, precision=self.precision, **how)

    def _as(self, take: Take) -> dict[str, Arm]:
        return of.arms(self.reading, take, self.reading.conditions)

    @property
    def arms(self) -> list[Arm]:
        """All that is run before anything is known."""
        sets = (self.main, self.control, self.half, *self.others.values())
        return [arm for one in sets for arm in one.values()]


def plans(
    readings: Sequence[Reading], draws: int, seed: int, quick: bool, **how: Any
) -> list[Plan]:
    """One for each reading of a claim; ``step`` and ``precision`` as of :class:`Plan`."""
    return [Plan(reading, draws, seed, quick, **how) for reading in readings]


def judge(
    readings: Sequence[Reading],
    comparisons: Sequence[Comparison],
    *,
    draws: int,
    seed: int,
    quick: bool,
    step: float,
    precision: str,
    run: Runner,
    **said: Any,
) -> Judged:
    """Run all that readings and comparisons need and decide.

    ``run`` gives the tables; see :class:`mgsim.judging.verdict.runs.Sweeps`. ``said`` is what the
    result repeats of the claim: of the fields of :class:`Judged`, those that no run makes.
    """
    asked = plans(readings, draws, seed, quick, step=step, precision=precision)
    beside = () if quick else comparisons
    more = [arm for c in beside for arm in c.arms(draws, seed).values()]
    tables = run([*(arm for plan in asked for arm in plan.arms), *more])
    found = [of.outcome(p.reading, p.main, tables) for p in asked]
    open_ = [p for p, o in zip(asked, found, strict=True) if o.word == CONDITIONAL and not quick]
    tables |= run([arm for plan in open_ for arm in plan.hypercube.values()])
    results = [_reading(p, o, tables) for p, o in zip(asked, found, strict=True)]
    ranges = list(dict.fromkeys(r.range for r in results if r.headline))
    by_range = {x: [r for r in results if r.headline and r.range == x] for x in ranges}
    return Judged(
        **said,
        verdicts={x: statistics.together(r.word for r in some) for x, some in by_range.items()},
        because={x: because_of_range(some) for x, some in by_range.items()},
        readings=results,
        draws=draws,
        seed=seed,
        scramble=None if quick else seed + SCRAMBLE,
        hypercube=seed + HYPERCUBE if open_ else None,
        laws=list(dict.fromkeys(law for r in readings for law in r.bench.laws)),
        priors=_priors(asked),
        instrument=_instrument(asked, tables),
        cost=_cost(asked, open_, more, run),
        quick=quick,
        comparisons=[c.result(draws, seed, tables) for c in beside],
        data=_data(asked, found),
    )


def _reading(plan: Plan, found: Outcome, tables: Mapping[str, Table]) -> ReadingResult:
    reading, arm = plan.reading, widest(plan.main)
    control = of.controlled(reading, found, of.outcome(reading, plan.control, tables))
    step = of.stepped(found, of.outcome(reading, plan.half, tables))
    flips = [*of.thresholds(found), *of.narrowed(found, arm)]
    for (kind, what), arms in plan.others.items():
        other = of.outcome(reading, arms, tables)
        named = {"by": what} if kind == "width" else {"name": str(what)}
        flips.append(Flip(kind, other.word, other.spread, **named))
    word, divider = found.word, ""
    resamples = profile.RESAMPLES if word == CONDITIONAL and not plan.quick else 0
    dividers = profile.dividers(arm.drawn(), found.laws, found.passes, found.inside, resamples)
    if word == CONDITIONAL:
        dividers, divider = _tested(plan, dividers, tables)
    cells = of.by_cell(word, flips)
    scrambled = [f.word for f in flips if f.kind == "scramble" and f.word != word]
    if not (control.good and step.good):
        word = INVALID
    elif scrambled:
        word = UNDECIDED
    elif cells:
        word = CONDITIONAL
    inside = found.inside.mean(axis=1)
    result = ReadingResult(
        name=reading.name,
        range=reading.range,
        headline=reading.headline,
        asks=asked_of(reading.statistic),
        threshold=reading.threshold,
        direction="at least" if reading.at_least is not None else "below",
        why=reading.why,
        neutral=reading.neutral,
        word=word,
        because="",
        fragile=fragile(word, flips),
        about=(float(inside.min()), float(inside.max())),
        laws=of.laws(found),
        control=control,
        step=step,
        dividers=dividers,
        divider=divider,
        flips=flips,
        crossing=crossing(reading, plan.main, tables),
        failed=sum({a.key: tables[a.key].failed for a in plan.main.values()}.values()),
    )
    unit = reading.bench.unit(divider)
    return replace(result, because=sentence(result, unit, scrambled, cells, quick=plan.quick))


def _tested(
    plan: Plan, dividers: Sequence[Divider], tables: Mapping[str, Table]
) -> tuple[list[Divider], str]:
    """What divides, if it beats the dummies here and on an independent Latin hypercube."""
    first = next(d for d in dividers if d.name not in DUMMIES)
    if plan.quick:
        return list(dividers), ""
    other = of.outcome(plan.reading, plan.hypercube, tables)
    drawn = widest(plan.hypercube).drawn()
    again = profile.shares(drawn, other.passes, other.inside)
    dividers = [replace(d, again=again[d.name]) for d in dividers]
    floor = first.interval[0] if first.interval else first.share
    beats = floor > profile.chance(dividers) and again[first.name] > max(again[n] for n in DUMMIES)
    return dividers, first.name if beats else ""


def _priors(asked: Sequence[Plan]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for plan in asked:
        for arm in plan.main.values():
            for name, prior in arm.priors.items():
                unit = plan.reading.bench.unit(name)
                key = name
                if name in found and found[name]["arguments"] != list(prior.arguments):
                    key = f"{name}, {plan.reading.range}"
                found[key] = {**prior.plain(), "unit": unit, "told": prior.told(unit)}
    return found


def _instrument(asked: Sequence[Plan], tables: Mapping[str, Table]) -> dict[str, Any]:
    systems = {tables[a.key].system for p in asked for a in p.main.values()}
    found = {"mgsim": __version__, "digest": instrument(), "systems": sorted(systems)}
    how = {"step": asked[0].step, "precision": asked[0].precision}
    return found if how == {"step": 1.0, "precision": "float64"} else found | how


def _cost(
    asked: Sequence[Plan], open_: Sequence[Plan], more: Sequence[Arm], run: Runner
) -> dict[str, float]:
    arms = {a.key: a for p in asked for a in p.arms}
    arms |= {a.key: a for p in open_ for a in p.hypercube.values()}
    arms |= {a.key: a for a in more}
    whole = sum(a.seconds for a in arms.values())
    found = {"model_seconds": whole, "model_seconds_a_draw": whole / max(1, asked[0].draws)}
    return found | {"cpu_minutes": run.cpu / 60} if isinstance(run, Sweeps) else found


def _data(asked: Sequence[Plan], found: Sequence[Outcome]) -> xr.Dataset:
    """Statistics and sides over reading, law and draw; NaN where a draw is not asked about."""
    import xarray as xr

    laws = list(dict.fromkeys(law for o in found for law in o.laws))
    shape = (len(found), len(laws), asked[0].draws)
    values, passes = np.full(shape, np.nan), np.zeros(shape, dtype=bool)
    for i, o in enumerate(found):
        at = [laws.index(law) for law in o.laws]
        values[i, at] = np.where(o.inside, o.values, np.nan)
        passes[i, at] = o.passes & o.inside
    dims = ("reading", "law", "draw")
    names = [p.reading.name for p in asked]
    data = xr.Dataset(
        {"statistic": (dims, values), "passes": (dims, passes)}, {"reading": names, "law": laws}
    )
    for plan in asked:
        for name, x in widest(plan.main).drawn().items():
            if name not in data.coords:
                attrs = {"units": plan.reading.bench.unit(name)}
                data = data.assign_coords({name: ("draw", x, attrs)})
    return data
