"""A claim: what it says, who says it, and how it is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from mgsim import units
from mgsim.catalogs.catalog import unknown
from mgsim.declare.parameter import check_word
from mgsim.judging.conditions import ClaimError
from mgsim.judging.fixed import digest, of_reading
from mgsim.judging.reading import Reading
from mgsim.judging.statistics import (
    CONTROL,
    FAILING,
    HOLDING,
    LEVEL,
    NOT_YET,
    OUT,
    STEP,
    UNSUPPORTED,
)
from mgsim.judging.verdict import judge as judging
from mgsim.judging.verdict.comparison import GATES, Comparison
from mgsim.judging.verdict.result import Judged
from mgsim.judging.verdict.runs import Runner, Sweeps, seconds, systems

#: What stands in place of a verdict where nothing is run.
UNRUN = (OUT, UNSUPPORTED, NOT_YET)
#: How much coarser a step may be asked for, and the precisions that there are.
MOST, PRECISIONS = 64.0, ("float64", "float32")
#: Whether a membrane model can decide a claim, and what the claim is about.
CATEGORIES = {
    "A": "the receptor and its cell",
    "B": "needs a mechanism beyond the receptor and its cell",
    "C": "no membrane model can decide it",
}
MECHANISMS = {
    "block": "block of NMDA receptors",
    "calcium": "load of calcium and injury",
    "glutamate": "release and uptake of glutamate",
    "plasticity": "plasticity and memory",
    "channels": "other receptors and channels",
    "charge": "surface charge and the axon",
    "ions": "pumps, ions and energy",
    "networks": "networks",
    "dose": "from a dose to the brain",
    "body": "the rest of the body",
}


def check_draws(draws: int) -> None:
    """Refuse what is no power of two, or too few."""
    if not units.is_whole(draws) or draws < 8:
        raise ClaimError(f"{draws!r} draws decide nothing; at least 8")
    if draws & (draws - 1):
        low = 1 << (int(draws).bit_length() - 1)
        raise ClaimError(
            f"{draws} draws: they fill what is uncertain evenly where they are a power of two; "
            f"{low} or {2 * low}"
        )


@dataclass(frozen=True, eq=False)
class Claim:
    """A claim, of the source documents or one's own, and how it is judged.

    Parameters
    ----------
    name : a word.
    statement : the claim in the ledger's own words.
    documents : the numbers of those that make it; empty for one of your own.
    category : of :data:`CATEGORIES`.
    mechanism : of :data:`MECHANISMS`, by which the ledger is filtered.
    readings : what is run; none where nothing is.
    comparisons : what was measured, to stand beside the model; no verdict rests on it.
    caveat : what the verdict does not say.
    literature : what was measured, with DOI where there is one.
    expected : what was expected before the run.
    notes : what came out and what surprised, once it ran.
    changes : what of this was changed after a look, each with its reason and the words before and
        after.
    unrun : of a claim without readings, OUT OF SCOPE, UNSUPPORTED INPUT or NOT YET RUN.
    reason : why, and what would settle it, or the effect it needs, or what it waits for.
    nearest : the claim that comes closest and is run.
    gate : of ``GATES``, that has to hold before its words are believed, as of those on injury;
        the words say where it does not.
    draws : of the verdict; fewer than usual where a run takes long, so that HOLDS needs more of
        them.

    Examples
    --------
    >>> import mgsim as mg
    >>> mg.claims["serotonin"].unrun
    'OUT OF SCOPE'
    """

    name: str
    statement: str
    documents: Sequence[str]
    category: str
    readings: tuple[Reading, ...] = ()
    caveat: str = ""
    literature: Sequence[str] = ()
    expected: str = ""
    notes: str = ""
    changes: Sequence[str] = ()
    unrun: str = ""
    reason: str = ""
    nearest: str = ""
    mechanism: str = ""
    comparisons: tuple[Comparison, ...] = ()
    gate: str = ""
    draws: int = judging.DRAWS

    def __post_init__(self) -> None:
        check_word(self.name, "claim")
        what = f"claim '{self.name}'"
        if self.category not in CATEGORIES:
            raise unknown(f"category of {what}", self.category, CATEGORIES)
        if self.mechanism and self.mechanism not in MECHANISMS:
            raise unknown(f"mechanism of {what}", self.mechanism, MECHANISMS)
        if self.gate and self.gate not in GATES:
            raise unknown(f"gate of {what}", self.gate, GATES)
        if bool(self.readings) == bool(self.unrun):
            raise ClaimError(f"{what}: give readings, or say why there are none")
        if self.unrun and (self.unrun not in UNRUN or not self.reason):
            raise ClaimError(f"{what} without readings is one of {', '.join(UNRUN)}, with a reason")
        names = [r.name for r in self.readings]
        if len(set(names)) < len(names):
            raise ClaimError(f"{what}: two readings of one name")
        if self.comparisons and not self.readings:
            raise ClaimError(f"{what}: comparisons run beside readings, and there are none")
        measured = [c.name for c in self.comparisons]
        if len(set(measured)) < len(measured):
            raise ClaimError(f"{what}: two comparisons of one name")
        check_draws(self.draws)
        if self.readings and not any(r.headline for r in self.readings):
            raise ClaimError(f"{what}: no reading counts for the verdict")

    def __repr__(self) -> str:
        return f"<Claim {self.name}: {self.statement}>"

    @property
    def meaning(self) -> str:
        """What it says, as of any thing of a catalog."""
        return self.statement

    def plain(self) -> dict[str, Any]:
        """All that is fixed before a run, as JSON holds it."""
        return {
            "statement": self.statement,
            "expected": self.expected,
            "rules": {
                "level": LEVEL,
                "holding": HOLDING,
                "failing": FAILING,
                "control": CONTROL,
                "step": STEP,
                "draws": self.draws,
            },
            "benches": {r.bench.name: r.bench.plain() for r in self.readings},
            "readings": {r.name: of_reading(r) for r in self.readings},
        }

    @property
    def digest(self) -> str:
        """The digest of :meth:`plain`."""
        return digest(self.plain())

    @cached_property
    def systems(self) -> frozenset[str]:
        """The digests of the systems that its readings run, as models and parts are today."""
        asked = judging.plans(self.readings, min(self.draws, 8), 0, True)
        return systems(arm for plan in asked for arm in plan.main.values())

    @property
    def ranges(self) -> tuple[str, ...]:
        """``dish`` and ``person``, as far as the headline has them."""
        return tuple(dict.fromkeys(r.range for r in self.readings if r.headline))

    def seconds(self, draws: int = 0) -> float:
        """Model-seconds of judging, without the designs that a CONDITIONAL word asks for."""
        n = draws or self.draws
        asked = [a for p in judging.plans(self.readings, n, 0, False) for a in p.arms]
        beside = [a for c in self.comparisons for a in c.arms(n, 0).values()]
        return seconds([*asked, *beside])

    def judge(
        self,
        draws: int = 0,
        *,
        seed: int = 0,
        quick: bool = False,
        step: float = 1.0,
        precision: str = "float64",
        out: str | Path | None = None,
        client: Any = None,
        progress: bool | None = None,
        threads: int = 0,
        run: Runner | None = None,
    ) -> Judged:
        """Run all that the claim needs, and decide.

        Parameters
        ----------
        draws : of the verdict, a power of two; 0 for those that the claim fixes.
        seed : of the draws.
        quick : leave out the second scramble, the cells and the widths: controls, shares and a
            first look, but no verdict.
        step : times the usual step, which is faster above 1; the control halves that.
        precision : ``"float32"`` is faster too; half the step stays in double precision, so that
            the control sees what single precision does.
        out : a folder in which the sweeps are kept: what is there is not run again.
        client : of dask, needs ``out``.
        progress : say how far it is; by default where it takes long.
        threads : 0 means all allowed cores.
        run : what runs arms, shared by several claims; see
            :class:`mgsim.judging.verdict.runs.Sweeps`.

        Raises
        ------
        ClaimError
            For a claim that has no readings, and draws that are no power of two of at least 8.
        """
        if not self.readings:
            raise ClaimError(f"claim '{self.name}' is {self.unrun}: {self.reason}")
        draws = draws or self.draws
        check_draws(draws)
        if not (units.is_real(step) and 0 < step <= MOST):
            raise ClaimError(f"step={step!r}: it is times the usual step, up to {MOST:g}")
        if precision not in PRECISIONS:
            raise unknown("precision", precision, PRECISIONS)
        if run is None:
            run = Sweeps(Path(out) if out is not None else None, client, progress, threads)
        return judging.judge(
            self.readings,
            self.comparisons,
            draws=draws,
            seed=seed,
            quick=quick,
            step=float(step),
            precision=precision,
            run=run,
            claim=self.name,
            statement=self.statement,
            documents=list(self.documents),
            category=self.category,
            fixed=self.digest,
            caveat=self.caveat,
            literature=list(self.literature),
            expected=self.expected,
            notes=self.notes,
        )
