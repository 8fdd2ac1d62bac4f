"""The ledger as one page for a browser: it loads nothing, and filters itself."""

from __future__ import annotations

import base64
import hashlib
import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup, escape

from mgsim.declare.priors import DUMMIES
from mgsim.judging import kept
from mgsim.judging.claim import CATEGORIES, MECHANISMS, Claim
from mgsim.judging.ledger import beneath, drawing, laws, plain, register, report
from mgsim.judging.ledger.gates import gates
from mgsim.judging.ledger.otherwise import listed, sets, shares, short, spread, turns
from mgsim.judging.ledger.verdicts import verdicts
from mgsim.judging.statistics import (
    CONDITIONAL,
    FAILS,
    HOLDS,
    INVALID,
    NOT_YET,
    OUT,
    UNDECIDED,
    UNSUPPORTED,
    WORDS,
)
from mgsim.judging.verdict.comparison import Compared
from mgsim.judging.verdict.crossing import told as distance
from mgsim.judging.verdict.profile import Divider, chance
from mgsim.judging.verdict.result import Judged, ReadingResult
from mgsim.judging.verdict.words import between, percent

_TEMPLATES = Path(__file__).with_name("templates")
#: What leads to a source: a DOI, or a number of PubMed Central, or an address.
_SOURCE = re.compile(r"doi (10\.\d+/[^\s;]*[^\s;,.:)])|(PMC\d+)|(https://[^\s;]*[^\s;,.:)])")
MEANINGS = {
    HOLDS: "under every law, the share of draws that pass is surely at least 95 %.",
    FAILS: "under every law, that share is surely at most 5 %.",
    CONDITIONAL: "it depends: what divides passing draws from failing ones is named, with the "
    "place where half pass.",
    UNDECIDED: "more draws could still change the word.",
    INVALID: "a control failed: the run says nothing.",
    UNSUPPORTED: "it rests on an effect that nobody measured; what it would need is told.",
    OUT: "no membrane model can decide it.",
    NOT_YET: "what it waits for is told.",
}


@dataclass(frozen=True)
class Entry:
    """A claim as the page shows it, with the result that is kept of it."""

    claim: Claim
    result: Judged | None

    def __getattr__(self, name: str) -> Any:
        return getattr(self.claim, name)

    @property
    def about(self) -> str:
        return MECHANISMS.get(self.claim.mechanism, "")

    @cached_property
    def verdicts(self) -> dict[str, str]:
        return verdicts(self.claim, self.result)

    @property
    def words(self) -> list[str]:
        """The words alone, by which the page is filtered."""
        return list(dict.fromkeys(w.partition(",")[0] for w in self.verdicts.values() if w))

    @property
    def doubts(self) -> list[str]:
        if self.result is None:
            return [told] if self.claim.readings and (told := kept.harm(self.claim.name)) else []
        return _sentences(kept.doubts(self.claim, self.result))

    @property
    def aged(self) -> list[str]:
        return [] if self.result is None else _sentences(kept.aged(self.claim, self.result))

    def all(self, side: str) -> list[ReadingResult]:
        """The readings of a dish or a person, those of the headline first."""
        found = [r for r in self.result.readings if r.range == side] if self.result else []
        return sorted(found, key=lambda r: not r.headline)

    def of(self, side: str) -> list[ReadingResult]:
        """Those that count for the verdict."""
        return [r for r in self.all(side) if r.headline]

    def deciding(self, side: str) -> ReadingResult:
        """The reading that has the verdict's word and of which most is explained."""
        word = self.result.verdicts[side] if self.result else ""

        def weight(r: ReadingResult) -> tuple[bool, float]:
            share = next((d.share for d in r.dividers if d.name == r.divider), 0.0)
            return r.word == word, share

        return max(self.of(side), key=weight)

    def told(self, side: str) -> str:
        """What the verdict of several readings is made of, or what that of one rests on."""
        readings = self.of(side)
        if len(readings) == 1:
            return f"{because(readings[0])}."
        words = [r.told for r in readings]
        counted = ", ".join(f"{words.count(w)} {w}" for w in dict.fromkeys(words))
        every = "Both" if len(words) == 2 else f"All {len(words)}"
        return f"{every} readings." if len(set(words)) == 1 else f"{counted}."

    def hangs(self, side: str) -> str:
        return beneath.hangs_in_words(self.claim, self.result, side)

    def say(self, side: str) -> str:
        return beneath.readings(self.result, side)

    def meaning(self, name: str) -> str:
        return beneath.meaning(self.claim, name)

    @property
    def made(self) -> str:
        return report.made(self.claim)

    @property
    def extrapolated(self) -> list[str]:
        return laws.extrapolated(self.claim)

    @property
    def laws(self) -> list[str]:
        return laws.told(self.claim)

    def levels(self, side: str) -> str:
        return beneath.levels(self.claim, side)

    @property
    def comparisons(self) -> Sequence[Compared]:
        return kept.compared(self.claim, self.result) if self.result else ()

    def profile(self, r: ReadingResult) -> dict[str, Any] | None:
        priors = self.result.priors if self.result else {}
        return drawing.profile(r, dict(priors.get(r.divider, {})))

    @property
    def controls(self) -> str:
        """What the controls of all readings showed, in a sentence or two."""
        readings = self.result.readings if self.result else []
        bad = [short(r) for r in readings if not (r.control.good and r.step.good)]
        passes = max((r.control.passes / max(r.control.draws, 1) for r in readings), default=0)
        flips = max((r.step.flips / max(r.step.draws, 1) for r in readings), default=0)
        change = max((r.step.median_change for r in readings), default=0)
        sets = listed(list(dict.fromkeys(map(self.sets, readings))), "or")
        return (
            (f"Not good in {', '.join(bad)}. " if bad else "")
            + f"With {sets}, {_most(passes)} of the draws pass. With half the step, "
            f"{_most(flips)} change sides, and the statistic changes by {percent(change)} at most "
            "(median)."
        )

    def sets(self, r: ReadingResult) -> str:
        """What a control sets that the reading does not."""
        own = {x.name: x.conditions for x in self.claim.readings}.get(r.name, {})
        return sets(r.control.sets, own)

    @property
    def command(self) -> str:
        """What computes the result again."""
        words = ["mgsim claims run", self.claim.name]
        if self.result is not None:
            if kept.fewer(self.claim, self.result):
                words.append(f"--draws {self.result.draws}")
            if self.result.seed:
                words.append(f"--seed {self.result.seed}")
            how = self.result.instrument
            words += [f"--{x} {how[x]}" for x in ("step", "precision") if x in how]
        return " ".join(words)


def html(claims: Iterable[Claim]) -> str:
    """The page of all claims, whole: styles, script and pictures stand in it."""
    entries = [Entry(c, kept.result(c.name) if c.readings else None) for c in claims]
    rows = [{"claim": e.claim.name, **e.verdicts} for e in entries]
    by = {e.claim.name: e for e in entries}
    ordered = [by[r["claim"]] for r in sorted(rows, key=report.order)]
    documents, slips = register.documents(kept.DOCUMENTS)
    found = {w for e in entries for w in e.words}
    held = gates(e.result for e in entries if e.result is not None)
    return (
        _environment()
        .get_template("ledger.html")
        .render(
            claims=ordered,
            plain=plain,
            answers=plain.answers(e.claim for e in entries),
            ran=[e for e in ordered if e.claim.readings],
            unrun=[e for e in ordered if e.claim.unrun],
            levels=report.LEVELS,
            gates=sorted(held.items(), key=lambda g: g[1].startswith("hold")),
            counted=list(report.counted(rows)),
            words=[w for w in WORDS if w in found],
            meanings=MEANINGS.items(),
            categories=CATEGORIES.items(),
            mechanisms=MECHANISMS.items(),
            earlier=kept.EARLIER,
            documents=documents.items(),
            slips=slips,
            style=Markup((_TEMPLATES / "ledger.css").read_text(encoding="utf-8")),
            script=Markup((_TEMPLATES / "ledger.js").read_text(encoding="utf-8")),
        )
    )


def _environment() -> Environment:
    found = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters |= {
        "because": because,
        "beside": drawing.comparison,
        "between": lambda pair: between(*pair),
        "chance": lambda r: chance(r.dividers),
        "digest": _digest,
        "distance": lambda r: distance(r.crossing),
        "elsewhere": _elsewhere,
        "explain": _explain,
        "flips": drawing.flips,
        "kind": _kind,
        "linked": linked,
        "number": lambda x: "" if x is None else f"{x:.3g}",
        "overviews": drawing.overviews,
        "passing": _passing,
        "percent": lambda x: percent(x) if math.isfinite(x) else "",
        "px": drawing.px,
        "short": short,
        "turns": turns,
        "upper_first": _upper,
        "upright": drawing.upright,
        "words": spread,
    }
    return found


def _upper(words: str) -> str:
    return f"{words[:1].upper()}{words[1:]}"


def _sentences(told: Iterable[str]) -> list[str]:
    return [_upper(x).rstrip(".") for x in told]


def _digest(text: str) -> str:
    """What a policy knows a script or style by."""
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _kind(word: str) -> str:
    """The class of a word: of those that judge, the word itself."""
    return word.lower() if word in (HOLDS, FAILS, CONDITIONAL, UNDECIDED, INVALID) else "none"


def linked(text: str) -> Markup:
    """A text whose DOIs, numbers of PubMed Central and addresses are links; all else escaped.

    >>> linked("Zhou <2014>, doi 10.1000/a.b.")
    Markup('Zhou &lt;2014&gt;, <a href="https://doi.org/10.1000/a.b">doi 10.1000/a.b</a>.')
    """
    found, at = Markup(""), 0
    for match in _SOURCE.finditer(text):
        doi, pmc, url = match.groups()
        where = f"https://doi.org/{doi}" if doi else url
        if pmc:
            where = f"https://pmc.ncbi.nlm.nih.gov/articles/{pmc}/"
        found += escape(text[at : match.start()])
        found += Markup('<a href="{}">{}</a>').format(where, match[0])
        at = match.end()
    return found + escape(text[at:])


def because(r: ReadingResult) -> str:
    """What a word rests on, its units as one writes them."""
    return r.because.replace("**2", "²").replace("**3", "³")


def _passing(r: ReadingResult) -> str:
    """The shares that pass, and of how many draws."""
    of = between(*r.about)
    return f"{shares(r)} pass" + ("" if of == "100 %" else f", of {of} of the draws")


def _most(share: float) -> str:
    return f"at most {percent(share)}" if share else "none"


def _explain(r: ReadingResult) -> list[Divider]:
    """What explains most of pass and fail."""
    return [d for d in r.dividers if d.name not in DUMMIES][:4]


def _elsewhere(r: ReadingResult) -> str:
    """The word, and the share that passes, on other cells and of other draws."""
    told = {
        "cell": lambda f: f.name,
        "scramble": lambda f: "other draws",
        "width": lambda f: f"priors {f.by:g} times as wide",
    }
    return "; ".join(
        f"{told[f.kind](f)}: {f.word}"
        + (f", {between(*f.share)} pass" if math.isfinite(f.share[0]) else ", asked of no draw")
        for f in r.flips
        if f.kind in told
    )
