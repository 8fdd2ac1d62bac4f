"""A target: a number from the literature or from an independent computation, and mgsim's own."""

from __future__ import annotations

import math
import re
import time
import warnings
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Literal

from pydantic import StrictBool, StrictFloat, StrictInt, StrictStr

from mgsim.catalogs.catalog import unknown
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.parameter import PartError
from mgsim.declare.ports import ExtrapolationWarning
from mgsim.files import sha256
from mgsim.store import source_digest
from mgsim.sweeps.prepare import DeadAxisWarning
from mgsim.system.lowering import lower

#: Where an expected number comes from.
EVIDENCE = {
    "code": "constants or numbers read in public code of the model",
    "page": "number read on a public page of the paper, mostly its abstract or a table",
    "independent": "computed independently of mgsim from the published constants: closed form, "
    "matrix exponential or solve_ivp",
    "rerun": "a result of the published model's own file, or of its equations written a second "
    "time, run elsewhere; shows that mgsim has the same model, nothing about tissue",
    "unverified": "remembered or from a secondary source; not read in the paper",
}
#: Models and protocols that a row runs.
Runs = Callable[[], Iterable[tuple[Model, Protocol]]]
State = Literal["pass", "FAIL", "not yet", "not reached"]
Compares = Literal["data", "computation", "itself"]
#: What a row compares mgsim with, as a heading.
COMPARES: dict[Compares, str] = {
    "data": "Compared with published measurements and results",
    "computation": "Compared with an independent computation",
    "itself": "Guards against slips only: holds by construction",
}


_SECTION = re.compile(r"T(S\d+|[A-Z])")


@dataclass(frozen=True)
class Target:
    """One row: what is expected, from where, how close, and how mgsim finds its own number.

    Parameters
    ----------
    id : ``T`` and the section first, a letter or a system's number: ``"TA1.curve"``, ``"TS1a"``.
    statement : what is compared, with its conditions.
    expected : the numbers; empty where ``between`` says all.
    unit : of the numbers.
    obtain : finds mgsim's numbers, in the order of ``expected``.
    rel, abs : how far off they may be; the larger allowance counts.
    between : instead of ``expected``, the bounds of every number; infinity for no upper one.
    source : ``"key: where"`` with a key of references.bib.
    evidence : a key of :data:`EVIDENCE`.
    lacks : in words, what has to be made first; the row is "not yet".
    beyond : why one compartment cannot show it; the row is "not reached".
    labels : names of the numbers.
    note : corrections and limits, shown in the page.
    circular : mgsim's constants were set to or fitted to this number, a prior was made wide enough
        to hold it, or an identity gives it: the row guards against slips and is no evidence.
    runs : of a row that takes long, what it runs: its result is kept beside :attr:`digest`.
    """

    id: StrictStr
    statement: StrictStr
    expected: tuple[StrictFloat, ...] = ()
    unit: StrictStr = "1"
    obtain: Callable[[], Iterable[float]] | None = None
    rel: StrictFloat = 0.0
    abs: StrictFloat = 0.0
    between: tuple[StrictFloat, StrictFloat] | None = None
    source: StrictStr = ""
    evidence: StrictStr = "independent"
    priority: StrictInt = 1
    lacks: StrictStr = ""
    beyond: StrictStr = ""
    labels: tuple[StrictStr, ...] = ()
    note: StrictStr = ""
    circular: StrictBool = False
    runs: Runs | None = None

    def __post_init__(self) -> None:
        if not self.section:
            raise PartError(f"target '{self.id}': an id is T and a section, as in TA1 or TS1a")
        if self.evidence not in EVIDENCE:
            raise PartError(f"target '{self.id}': evidence is one of {', '.join(EVIDENCE)}")
        if not self.source.partition(":")[2].strip():
            raise PartError(f"target '{self.id}' needs a source, 'key: where'")
        if (self.obtain is None) != bool(self.beyond or self.lacks):
            raise PartError(
                f"target '{self.id}': give either a way to obtain its numbers or why there is none"
            )
        if self.obtain and bool(self.expected) == bool(self.between):
            raise PartError(f"target '{self.id}': give either expected numbers or bounds")
        if self.between and not (
            math.isfinite(self.between[0])
            and (self.between[0] > 0 or math.isfinite(self.between[1]))
        ):
            raise PartError(f"target '{self.id}': without an upper bound the lower one is above 0")
        if self.expected and self.obtain and not (self.rel or self.abs):
            raise PartError(f"target '{self.id}' needs a tolerance")
        if self.labels and len(self.labels) != len(self.expected):
            raise PartError(f"target '{self.id}': one label for each number")

    @property
    def section(self) -> str:
        """Its section: ``"A"``, or ``"S1"`` for a system."""
        found = _SECTION.match(self.id)
        return found[1] if found else ""

    @property
    def compares(self) -> Compares:
        """What its numbers are held against."""
        if self.circular:
            return "itself"
        return "data" if self.evidence in ("page", "unverified") else "computation"

    @property
    def command(self) -> str:
        """What reproduces it."""
        return f"mgsim validate {self.id}"

    @property
    def digest(self) -> str:
        """sha256 of what a long row runs, what is given, and of the module that finds its numbers.

        Comments and docstrings of that module apart.
        """
        assert self.obtain is not None
        find = self.obtain if isinstance(self.obtain, partial) else partial(self.obtain)
        told = [repr(sorted(find.keywords.items())), source_digest.of_module(find.func)]
        for model, protocol in self.runs() if self.runs else ():
            system = lower(model, protocol, ())
            values = sorted((p.name, p.value) for p in system.parameters)
            told += [system.digest, repr(values), repr(protocol.duration)]
        return sha256("\n".join(told))

    def allowed(self, expected: float) -> float:
        """How far off a number may be."""
        return max(self.abs, self.rel * abs(expected))


@dataclass(frozen=True)
class Row:
    """What came of a target; ``kept``: in an earlier run, of the same systems."""

    target: Target
    state: State
    obtained: tuple[float, ...] = ()
    why: str = ""
    seconds: float = field(default=0.0, compare=False)
    kept: bool = False

    @property
    def worst(self) -> float:
        """The largest deviation, as a share of what is allowed; NaN where there is none."""
        t = self.target
        if not self.obtained:
            return math.nan
        if not all(map(math.isfinite, self.obtained)):
            return math.inf
        if t.between is not None:
            return max(_used(x, *t.between) for x in self.obtained)
        return max(
            abs(x - e) / t.allowed(e) for x, e in zip(self.obtained, t.expected, strict=True)
        )


def _used(x: float, low: float, high: float) -> float:
    if math.isinf(high):
        return low / x if x > 0 else math.inf
    return abs(x - (high + low) / 2) / ((high - low) / 2)


def judge(target: Target) -> Row:
    """Run one target; a target that cannot be run fails, with the reason."""
    if target.beyond:
        return Row(target, "not reached", why=target.beyond)
    if target.lacks:
        return Row(target, "not yet", why=target.lacks)
    assert target.obtain is not None
    start = time.perf_counter()
    try:
        with warnings.catch_warnings():
            # Rows lie outside what single laws were measured for, and some show no change at all.
            warnings.simplefilter("ignore", ExtrapolationWarning)
            warnings.simplefilter("ignore", DeadAxisWarning)
            obtained = tuple(float(x) for x in target.obtain())
        return _compared(target, obtained, time.perf_counter() - start)
    except (ArithmeticError, LookupError, RuntimeError, ValueError, TypeError) as error:
        words = f"{type(error).__name__}: {error}"
        return Row(target, "FAIL", why=words, seconds=time.perf_counter() - start)


def recall(target: Target, kept: Mapping[str, Any]) -> Row:
    """A long target by what was kept of it; it fails where that is of other systems."""
    found = kept.get(target.id, {})
    if found.get("digest") != target.digest:
        words = "what was kept is of other equations or values, or found otherwise: run it"
        return Row(target, "FAIL", why=words)
    return _compared(target, tuple(map(float, found["obtained"])), 0.0, kept=True)


def _compared(
    target: Target, obtained: tuple[float, ...], seconds: float, kept: bool = False
) -> Row:
    if target.expected and len(obtained) != len(target.expected):
        raise ValueError(f"{len(obtained)} numbers for {len(target.expected)}")
    row = Row(target, "pass", obtained, "", seconds, kept)
    return row if row.worst <= 1 else replace(row, state="FAIL")


def choose(
    targets: Iterable[Target], section: str | None = None, ids: Sequence[str] = ()
) -> tuple[Target, ...]:
    """Targets of a section, and those whose id is one of ``ids`` or lies under one.

    Raises
    ------
    UnknownName
        For an unknown section or id.
    """
    targets = tuple(targets)
    if section is not None:
        letters = sorted({t.section for t in targets})
        if section.upper() not in letters:
            raise unknown("section", section, letters)
        targets = tuple(t for t in targets if t.section == section.upper())
    for name in ids:
        if not any(_under(t.id, name) for t in targets):
            raise unknown("target", name, [t.id for t in targets])
    return tuple(t for t in targets if not ids or any(_under(t.id, n) for n in ids))


def _under(id: str, name: str) -> bool:
    return id == name or id.startswith(f"{name}.")
