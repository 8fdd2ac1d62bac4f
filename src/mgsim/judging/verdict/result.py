"""What judging a claim gives: plain data from which a page or a table is made.

Everything but :attr:`Judged.data` is plain and goes to JSON and back.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from mgsim.judging.statistics import FAILS, HOLDS, UNDECIDED
from mgsim.judging.verdict.comparison import Compared
from mgsim.judging.verdict.profile import Divider, Place
from mgsim.store import checked_json

if TYPE_CHECKING:
    import xarray as xr

#: Times the effect, and times the widths of priors, that a word that is not fragile withstands.
DOUBT, WIDER = (0.5, 2.0), 1.5
#: What a file of a result says that it is.
WHAT = "result of a claim"
#: Digits that are kept of a number.
_DIGITS = 5
#: Fields that hold what a statistic is, which may be infinite.
_INFINITE = ("quantiles", "model")


@dataclass(frozen=True)
class LawResult:
    """A reading under one law.

    Attributes
    ----------
    law : its name.
    passes, draws : draws that pass, of those that the reading is about.
    share, low, high : their share and its interval, Clopper and Pearson's at 99.9 %.
    missing : draws without a number, which count as failing here; the word is UNDECIDED where it
        would be another if they passed.
    quantiles : of the statistic, by the share of draws below: 0.01, 0.05, 0.25, 0.5, ...; they may
        be infinite, as it may.
    edges, counts : a histogram of the statistic between the 0.5 % and 99.5 % quantile of what is
        finite, in 40 bins; what lies beyond is in the outer bins.
    """

    law: str
    passes: int
    draws: int
    share: float
    low: float
    high: float
    missing: int
    quantiles: Mapping[str, float]
    edges: Sequence[float]
    counts: Sequence[int]


@dataclass(frozen=True)
class ControlResult:
    """The negative control: what was set, how many draws pass under it, and whether it is good.

    ``turned``: of the draws that pass the reading, the share that no longer does (NaN where none
    passes, so that there was nothing to turn).
    """

    sets: Mapping[str, Any]
    passes: int
    draws: int
    turned: float
    good: bool


@dataclass(frozen=True)
class StepResult:
    """The step halved, on the first draws: both rules (see :mod:`mgsim.judging.statistics`)."""

    median_change: float
    flips: int
    draws: int
    good: bool


@dataclass(frozen=True)
class Flip:
    """The word if something were otherwise.

    ``kind``: ``"threshold"`` (``by``: times the effect; ``to``: the threshold), ``"width"``
    (``by``: times the width of every prior), ``"prior"`` (``name``, narrowed to its middle half),
    ``"cell"`` (``name``) or ``"scramble"`` (``name``: the second one). ``share``: of the draws that
    pass, the least and the most of the laws.
    """

    kind: str
    word: str
    share: tuple[float, float]
    by: float = 1.0
    to: float = float("nan")
    name: str = ""


def fragile(word: str, flips: Sequence[Flip]) -> list[str]:
    """What turns a HOLDS or a FAILS: ``"threshold"``, half or twice the effect, or ``"width"``.

    At another threshold the same draws are asked, and a word that they do not give again has
    turned: UNDECIDED is another word. Wider priors are other draws and fewer, of which UNDECIDED
    says that they are too few; it is told beside the word, and turns none.
    """
    if word not in (HOLDS, FAILS):
        return []
    lines = {f.word for f in flips if f.kind == "threshold" and f.by in DOUBT}
    wider = {f.word for f in flips if f.kind == "width" and f.by == WIDER}
    turned = {"threshold": lines - {word}, "width": wider - {word, UNDECIDED}}
    return [kind for kind, words in turned.items() if words]


@dataclass(frozen=True)
class Crossing:
    """How far the draws of a reading lie from a threshold of the model's own.

    Attributes
    ----------
    asks : what is past it, in words.
    shares : by condition, the share of draws past it, least and most of the laws.
    between : the share of draws that are past it in some conditions and not in others.
    along, unit : the parameter that tells best which draws are past it, and its unit.
    places : by condition, where along it half are, least and most of the laws; None where half are
        nowhere.
    own : that parameter in the model as it is; None where the model has none.
    """

    asks: str
    shares: Mapping[str, tuple[float, float]]
    between: tuple[float, float]
    along: str
    unit: str
    places: Mapping[str, tuple[float, float] | None]
    own: float | None = None


@dataclass(frozen=True)
class ReadingResult:
    """One reading, judged.

    Attributes
    ----------
    name, range, headline : as in the claim; range is ``"dish"`` or ``"person"``.
    asks : what the statistic is, in words.
    threshold, direction, why : the line fixed beforehand, ``"at least"`` or ``"below"``, and its
        reason.
    neutral : what the statistic is without any effect.
    word : HOLDS, FAILS, CONDITIONAL, UNDECIDED or INVALID.
    because : what the word rests on, in words: the divider, the law, the cell, the failed control.
    fragile : of a HOLDS or FAILS, what turns it: ``"threshold"`` (half or twice the effect),
        ``"width"`` (priors half as wide again); empty if nothing.
    about : share of draws that the reading is about, least and most of the laws.
    laws : one :class:`LawResult` a law.
    control, step : the negative and the numerical control.
    dividers : what explains pass and fail, most first, dummies and ``"law"`` among them; those at
        the front have intervals, profiles and places (see
        :class:`mgsim.judging.verdict.profile.Divider`).
    divider : the name of the one that beats the dummies on both designs, or empty.
    flips : one :class:`Flip` each.
    failed : runs that failed, which leave draws without a number; None where it was not counted.
    crossing : how far the draws lie from a threshold of the model's own; None where none is asked.
    """

    name: str
    range: str
    headline: bool
    asks: str
    threshold: float
    direction: str
    why: str
    neutral: float
    word: str
    because: str
    fragile: Sequence[str]
    about: tuple[float, float]
    laws: Sequence[LawResult]
    control: ControlResult
    step: StepResult
    dividers: Sequence[Divider]
    divider: str
    flips: Sequence[Flip]
    failed: int | None = None
    crossing: Crossing | None = None

    @property
    def told(self) -> str:
        """The word, with what makes it less: ``HOLDS, fragile``."""
        return _told(self.word, self.fragile)


def _told(word: str, turns: object) -> str:
    return f"{word}, fragile" if turns and word in (HOLDS, FAILS) else word


@dataclass(frozen=True, repr=False)
class Judged:
    """A claim, judged; :meth:`json` has all of it.

    Attributes
    ----------
    claim, statement, documents, category : what the claim says, and where it is made.
    verdicts : a word for ``"dish"`` and for ``"person"``, of the headline readings of each; a range
        without any is absent.
    because : by range, what the verdict rests on, in words.
    readings : one :class:`ReadingResult` each, in the claim's order.
    draws, seed, scramble, hypercube : how many draws, and the seeds of the three designs; None
        where one was not run.
    laws : of all readings.
    priors : by name, as in :meth:`mgsim.Prior.plain`, with ``unit`` and ``told`` in words.
    fixed : the digest of all that was fixed beforehand.
    instrument : the digest of what computed, mgsim's version, step and method.
    cost : ``model_seconds`` in all, ``model_seconds_a_draw``; ``cpu_minutes`` of what no other
        claim, and no earlier run in the folder, had run.
    caveat, literature, expected, notes : of the claim's file.
    quick : a run of fewer parts (no second design, cells or widths), whose words are no verdicts.
    comparisons : what was measured beside the model, one
        :class:`mgsim.judging.verdict.comparison.Compared` each.
    data : the statistic and whether it passes, over reading, law and draw, with the draws as
        coordinates; not in JSON, None when read from it.
    """

    claim: str
    statement: str
    documents: Sequence[str]
    category: str
    verdicts: Mapping[str, str]
    because: Mapping[str, str]
    readings: Sequence[ReadingResult]
    draws: int
    seed: int
    scramble: int | None
    hypercube: int | None
    laws: Sequence[str]
    priors: Mapping[str, Mapping[str, Any]]
    fixed: str
    instrument: Mapping[str, Any]
    cost: Mapping[str, float]
    caveat: str
    literature: Sequence[str]
    expected: str
    notes: str
    quick: bool = False
    comparisons: Sequence[Compared] = ()
    data: xr.Dataset | None = field(default=None, compare=False, repr=False)

    def told(self, which: str) -> str:
        """The word for a dish or a person, fragile where one of its readings is; empty if none."""
        own = (r for r in self.readings if r.headline and r.range == which)
        return _told(self.verdicts.get(which, ""), any(r.fragile for r in own))

    def __repr__(self) -> str:
        words = (f"{n} {self.told(n)} ({self.because.get(n, '')})" for n in self.verdicts)
        looked = ", a first look" if self.quick else ""
        return f"<Judged {self.claim}, {self.draws} draws{looked}: {'; '.join(words)}>"

    def json(self) -> str:
        """The result as text, with a checksum; what has no number is null.

        Of what a statistic is, ``"inf"`` and ``"-inf"`` are infinite.
        """
        return text_of(_plain(self))

    @classmethod
    def read(cls, text: str) -> Judged:
        """The result from :meth:`json`.

        Raises
        ------
        mgsim.store.checked_json.Damaged
            When the text is not as it was written.
        """
        return cls.of(checked_json.parsed(text, WHAT, "the text"), "the text")

    @classmethod
    def of(cls, content: Mapping[str, Any], where: str) -> Judged:
        """The result from its JSON data; ``where``: what an error calls them."""
        try:
            found = dict(content)
            found["readings"] = [_reading(r) for r in found["readings"]]
            found["comparisons"] = [_compared(c) for c in found["comparisons"]]
            return cls(**found)
        except (ValueError, LookupError, TypeError, AttributeError):
            raise checked_json.Damaged(f"{where} is no result as this mgsim has it") from None


def text_of(content: Mapping[str, Any]) -> str:
    """The JSON data of a result as it is kept: a line a field and a reading, and its checksum."""
    found = checked_json.signed(content, WHAT)
    readings = ",\n".join(json.dumps(r) for r in found.pop("readings"))
    fields = ",\n".join(f"{json.dumps(n)}: {json.dumps(x)}" for n, x in found.items())
    return f'{{{fields},\n"readings": [\n{readings}\n]}}\n'


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        named = ((f.name, getattr(value, f.name)) for f in dataclasses.fields(value))
        return {n: _ends(x) if n in _INFINITE else _plain(x) for n, x in named if n != "data"}
    if isinstance(value, Mapping):
        return {str(n): _plain(x) for n, x in value.items()}
    if isinstance(value, str) or value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, Sequence):
        return [_plain(x) for x in value]
    number = float(value)
    return float(f"{number:.{_DIGITS}g}") if math.isfinite(number) else None


def _ends(value: Any) -> Any:
    """As :func:`_plain`, of numbers that may be infinite."""
    if isinstance(value, Mapping):
        return {n: _ends(x) for n, x in value.items()}
    if isinstance(value, Sequence):
        return [_ends(x) for x in value]
    return str(float(value)) if math.isinf(value) else _plain(value)


def _number(value: float | str | None) -> float:
    return float("nan") if value is None else float(value)


def _reading(found: dict[str, Any]) -> ReadingResult:
    control, step = found["control"], found["step"]
    control["turned"] = _number(control["turned"])
    flips = [
        Flip(**{**x, "share": tuple(map(_number, x["share"])), "to": _number(x["to"])})
        for x in found["flips"]
    ]
    return ReadingResult(
        **{
            **found,
            "about": tuple(found["about"]),
            "laws": [_law(x) for x in found["laws"]],
            "control": ControlResult(**control),
            "step": StepResult(**step),
            "dividers": [_divider(x) for x in found["dividers"]],
            "fragile": fragile(found["word"], flips),
            "crossing": Crossing(**found["crossing"]) if found.get("crossing") else None,
            "flips": flips,
        }
    )


def _law(found: dict[str, Any]) -> LawResult:
    quantiles = {q: _number(x) for q, x in found["quantiles"].items()}
    return LawResult(**{**found, "share": _number(found["share"]), "quantiles": quantiles})


def _compared(found: dict[str, Any]) -> Compared:
    least, most = found["within"]
    within = (-math.inf if least is None else least, math.inf if most is None else most)
    return Compared(**{**found, "within": within, "model": tuple(map(_number, found["model"]))})


def _divider(found: dict[str, Any]) -> Divider:
    interval = found["interval"]
    places = {
        law: {mark: Place(**p) for mark, p in marks.items()}
        for law, marks in found["places"].items()
    }
    profile = {law: (x, y) for law, (x, y) in found["profile"].items()}
    return Divider(
        found["name"],
        found["share"],
        tuple(interval) if interval else None,
        found["again"],
        profile,
        places,
        found.get("bent"),
    )
