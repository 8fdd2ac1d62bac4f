"""From conditions to sweeps: what has to run, each thing once, kept and gone on with."""

from __future__ import annotations

import hashlib
import json
import time
import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim import files
from mgsim.declare.priors import DUMMIES, Prior
from mgsim.engines.contract import ALWAYS, NEVER, OK, SEVERAL
from mgsim.judging.conditions import ClaimError, Condition
from mgsim.judging.reading import Bench
from mgsim.judging.verdict.widths import widened
from mgsim.runs.half_step import stepped
from mgsim.runs.progress import duration, say
from mgsim.runs.sweep import perform
from mgsim.store import source_digest
from mgsim.sweeps import designs
from mgsim.sweeps.designs import AxisError
from mgsim.sweeps.prepare import Job

if TYPE_CHECKING:
    import xarray as xr

#: Every table of draws has the dummies too.
_DUMMY = Prior("uniform", (0.0, 1.0), "assumed: read by nothing")


@dataclass(frozen=True)
class Take:
    """How something is run: draws, their seed and kind, the width of priors, and the step.

    ``step``: times the usual one; ``half`` of that is in double precision, whatever the rest is in.
    """

    draws: int
    seed: int = 0
    kind: str = "draws"
    width: float = 1.0
    half: bool = False
    step: float = 1.0
    precision: str = "float64"


@dataclass(frozen=True, eq=False)
class Arm:
    """A bench under one condition, taken in one way.

    ``last``: the names that an arm beside this one is without. They have the last places of a Latin
    hypercube, whose draws go by place, so that all else is drawn alike in both.
    """

    bench: Bench
    condition: Condition
    take: Take
    last: tuple[str, ...] = ()

    @property
    def lawless(self) -> bool:
        """Whether the condition itself says which law there is."""
        return self.bench.slot in self.condition.values

    @property
    def laws(self) -> tuple[str, ...]:
        return (str(self.condition.values[self.bench.slot]),) if self.lawless else self.bench.laws

    @property
    def priors(self) -> dict[str, Prior]:
        """What is drawn, the condition's own among it."""
        found = {**self.bench.priors, **dict.fromkeys(DUMMIES, _DUMMY)}
        found |= {n: p for n, p in self.condition.priors.items() if n not in self.bench.priors}
        if self.lawless:  # priors of laws that it does without fit nothing
            own = {p.name for law in self.laws for p in self.bench.law(law).parameters}
            other = self.bench.apart | own
            found = {n: p for n, p in found.items() if n in DUMMIES or other & {n, *p.powers}}
        if self.take.width != 1:
            found = {
                n: p if n in DUMMIES else widened(p, self.take.width) for n, p in found.items()
            }
        return found

    def drawn(self) -> dict[str, np.ndarray]:
        """The draws, by prior."""
        return self.design.columns(np.arange(self.take.draws))

    @property
    def design(self) -> designs.Sampled:
        """Its points: the same draw of a name in every arm of a reading."""
        take, priors = self.take, self.priors
        if take.kind == "latin_hypercube":
            ordered = {n: priors[n] for n in sorted(priors, key=lambda n: (n in self.last, n))}
            return designs.Sampled("latin_hypercube", take.draws, ordered, take.seed)
        return designs.drawn(take.draws, priors, take.seed, ())

    @cached_property
    def group(self) -> str:
        """Arms of one group run as one sweep: a digest of all but the condition."""
        priors = {n: p.plain() for n, p in self.priors.items()}
        law = self.laws if self.lawless else ()
        what = [self.bench.digest, self.condition.range, priors, repr(self.take), law, instrument()]
        last = [n for n in self.last if n in priors]
        return _digest([*what, last] if last else what)

    @property
    def name(self) -> str:
        """The arm's name in its sweep: a word for what it sets."""
        return f"{self.condition.range}_{_digest(self.condition.values)}"

    @property
    def key(self) -> str:
        """What it is known by."""
        return f"{self.group} {self.name}"

    @property
    def seconds(self) -> float:
        """Model-seconds that it takes."""
        runs = self.take.draws * len(self.laws)
        return runs * self.bench.seconds * (2 if self.take.half else 1)


@cache
def instrument() -> str:
    """The digest of what computes: other equations or steps mean run again."""
    return source_digest.of_compiled()[:16]


def _digest(what: Any) -> str:
    return hashlib.sha256(json.dumps(what, sort_keys=True, default=str).encode()).hexdigest()[:16]


def abreast(arms: Mapping[str, Arm]) -> dict[str, Arm]:
    """Arms of one reading, whose draws are paired whatever each is without.

    Raises
    ------
    ClaimError
        For conditions that each name a law with priors of its own: which is drawn with which?
    """
    sets = sorted((set(arm.priors) for arm in arms.values()), key=len)
    for fewer, more in pairwise(sets):
        if fewer - more:
            raise ClaimError(
                f"conditions {', '.join(arms)} name laws with priors of their own: "
                f"{', '.join(sorted(fewer ^ more))}; make a reading of each"
            )
    last = tuple(sorted(sets[-1] - sets[0]))
    hypercube = any(arm.take.kind == "latin_hypercube" for arm in arms.values())
    return {n: replace(a, last=last) for n, a in arms.items()} if last and hypercube else dict(arms)


def widest(arms: Mapping[str, Arm]) -> Arm:
    """Of arms whose draws are paired that which draws what any of them does."""
    return max(arms.values(), key=lambda a: len(a.priors))


def laws_of(arms: Mapping[str, Arm]) -> tuple[str, ...]:
    """The laws that arms are over: what a condition of its own law gives stands for each."""
    return max(arms.values(), key=lambda a: (not a.lawless, len(a.laws))).laws


@dataclass(frozen=True)
class Table:
    """The measures of an arm, arrays over laws and draws; NaN where a run failed."""

    measures: Mapping[str, np.ndarray]
    failed: int = 0
    system: str = ""


#: What runs arms: the table of each, by its key.
Runner = Callable[[Sequence[Arm]], "dict[str, Table]"]


@dataclass
class Sweeps:
    """Runs arms as sweeps, together where they can be, and keeps each.

    Parameters
    ----------
    out : a folder in which the sweeps are kept; what is there is not run again, and what was
        stopped goes on. None keeps them in memory.
    client : of dask, needs ``out``.
    progress : say what runs and how long it will take; by default where it takes long.
    threads : as of :func:`mgsim.sweep`.
    """

    out: Path | None = None
    client: Any = None
    progress: bool | None = None
    threads: int = 0
    seconds: float = 0.0
    cpu: float = 0.0
    tables: dict[str, Table] = field(default_factory=dict)

    def __call__(self, arms: Sequence[Arm]) -> dict[str, Table]:
        """The table of every arm, by its key."""
        groups: dict[str, dict[str, Arm]] = {}
        for arm in arms:
            if arm.key not in self.tables:
                groups.setdefault(arm.group, {})[arm.key] = arm
        left = sum(a.seconds for group in groups.values() for a in group.values())
        began, done = time.monotonic(), 0.0
        # Other widths first: what they draw beyond a parameter's limits is refused before much ran.
        for group in sorted(groups.values(), key=lambda g: -next(iter(g.values())).take.width):
            for known in self._known(group):
                self._run(known)
            if missing := [a for key, a in group.items() if key not in self.tables]:
                self._run(missing)
            done += sum(a.seconds for a in group.values())
            self._say(began, done, left)
        return {arm.key: self.tables[arm.key] for arm in arms}

    def _say(self, began: float, done: float, whole: float) -> None:
        spent = time.monotonic() - began
        if self.progress is False or (self.progress is None and spent < 10) or done >= whole:
            return
        say(
            f"{done:,.0f} of {whole:,.0f} model-seconds, "
            f"{duration(spent / done * (whole - done))} left"
        )

    def _known(self, group: Mapping[str, Arm]) -> Iterator[list[Arm]]:
        """Sweeps that are there, whole, and hold something of a group: their arms."""
        if self.out is None:
            return
        first = next(iter(group.values()))
        for note in sorted(self.out.glob(f"{first.bench.name}-{first.group}-*.json")):
            held = _noted(note, first)
            if {arm.key for arm in held} & (group.keys() - self.tables.keys()):
                yield held

    def _run(self, arms: Sequence[Arm]) -> None:
        out = None if self.out is None else self.out / _called(arms)
        began = time.process_time()
        with warnings.catch_warnings():  # ranges and extrapolations: a claim's caveat says them
            warnings.simplefilter("ignore")
            job = _allowed(arms, self.threads)
            result = perform(job, out=out, client=self.client, progress=False)
        if out is not None and not (note := out.with_name(f"{out.name}.json")).is_dir():
            kept = {a.name: a.condition.values for a in arms}
            files.place(note, json.dumps(kept).encode())
        self.cpu += time.process_time() - began
        self.seconds += sum(a.seconds for a in arms)
        for arm in arms:
            self.tables[arm.key] = _table(arm, result)


def _allowed(arms: Sequence[Arm], threads: int) -> Job:
    """:func:`job_of`, whose error tells of priors that were made wider."""
    first = arms[0]
    try:
        return job_of(arms, threads)
    except AxisError as error:
        if first.take.width == 1:
            raise
        words, unit = str(error).split(), first.bench.unit
        told = next((f" ({p.told(unit(n))})" for n, p in first.priors.items() if n in words), "")
        raise ClaimError(
            f"bench '{first.bench.name}', every prior {first.take.width:g} times as wide{told}: "
            f"{error}; a shape that ends, as uniform, or lognormal, stays above 0"
        ) from None


def _called(arms: Sequence[Arm]) -> str:
    """The name of the sweep that holds these arms."""
    first = arms[0]
    return f"{first.bench.name}-{first.group}-{_digest([a.name for a in arms])}"


def _noted(note: Path, like: Arm) -> list[Arm]:
    """The arms of a kept sweep; none where its note, which is then written anew, is damaged."""
    if not note.is_file():
        return []
    try:
        held = json.loads(note.read_text(encoding="utf-8"))
        arms = [_holding(like, values) for values in held.values()]
        whole = [a.name for a in arms] == [*held] and note.stem == _called(arms)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError):
        return []
    return arms if whole else []


def _holding(like: Arm, values: Mapping[str, Any]) -> Arm:
    sets = {n: v for n, v in values.items() if n != "mg_out"}
    return replace(like, condition=replace(like.condition, mg_out=values["mg_out"], sets=sets))


def job_of(arms: Sequence[Arm], threads: int = 0) -> Job:
    """One sweep of arms of one group."""
    first, take = arms[0], arms[0].take
    own = {p.name: p for p in first.bench.own}
    laws: dict[str, Any] = {first.bench.slot: [own.get(n, n) for n in first.laws]}
    sets = {
        a.name: {n: v for n, v in a.condition.values.items() if n != first.bench.slot} for a in arms
    }
    job = first.bench.experiment.job(
        design=first.design,
        follow=dict(first.bench.follow),
        arms=sets,
        engine="fused",
        threads=threads,
        precision="float64" if take.half else take.precision,
        **laws,
    )
    by = take.step / 2 if take.half else take.step
    return job if by == 1 else stepped(job, by)


def systems(arms: Iterable[Arm]) -> frozenset[str]:
    """The digests of the systems that some arms run: of equations, whatever the values are."""
    alike = {(a.bench, a.laws, tuple(a.condition.values)): a for a in arms}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        jobs = [job_of([arm]) for arm in alike.values()]
    return frozenset(v.system.digest for job in jobs for v in job.request.variants)


def _table(arm: Arm, result: xr.Dataset) -> Table:
    here = result.sel(arm=arm.name).transpose(arm.bench.slot, "point")
    status = here.status.values
    ran = np.isin(status, (OK, NEVER, ALWAYS, SEVERAL))
    measures = {n: np.where(status == OK, here[n].values, np.nan) for n in arm.bench.keeps}
    if search := arm.bench.search:
        found = measures[search.name]
        found[status == NEVER], found[status == ALWAYS] = np.inf, search.low
    return Table(measures, int((~ran).sum()), str(result.attrs.get("system_digest", "")))


def seconds(arms: Iterable[Arm]) -> float:
    """Model-seconds of some arms, each once."""
    return sum(a.seconds for a in {x.key: x for x in arms}.values())
