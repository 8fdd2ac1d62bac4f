"""A first answer in plain words, made of verdicts: what a page and the command line begin with."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from mgsim.judging import kept
from mgsim.judging.claim import Claim
from mgsim.judging.ledger import beneath
from mgsim.judging.ledger.otherwise import listed, short
from mgsim.judging.ledger.verdicts import RANGES, parted, verdicts
from mgsim.judging.statistics import (
    CONDITIONAL,
    FAILS,
    HOLDS,
    INVALID,
    NOT_YET,
    OUT,
    UNDECIDED,
    UNSUPPORTED,
)
from mgsim.judging.verdict.result import Judged, ReadingResult

#: Judgements that a reader would care for most.
FIRST = (
    "achievable_mg_change_matters",
    "mg_cuts_ca_entry",
    "low_mg_hyperexcitable",
    "relief_needed_for_transmission",
    "mg_voltage_block",
)
#: What each word is to who has read no further.
SAYS = {
    HOLDS: "yes",
    f"{HOLDS}, fragile": "narrowly yes",
    FAILS: "no",
    f"{FAILS}, fragile": "narrowly no",
    CONDITIONAL: "it depends",
    UNDECIDED: "open",
    INVALID: "no answer, as a control failed",
    UNSUPPORTED: "no answer, as nobody has measured what it rests on",
    OUT: "no answer, as no model of a cell can give it",
    NOT_YET: "not yet run",
    "": "not asked",
}
TITLE = "Does magnesium protect? The short answer"
#: What the answers are not.
NOT = (
    "This is no medical advice: whether magnesium helps a person cannot be read from it. The "
    "answers are those of one simulated nerve cell, in which nothing dies."
)
#: What they are of.
OF = (
    "Each claim was made a number with a line that was fixed before the run, and asked of hundreds "
    "of such simulated cells, not of people; they differ in what nobody knows exactly. Where a "
    "line was changed after a look, the claim says so. Yes: nearly all of the simulated cells pass "
    "the line. No: hardly any does. Narrowly: another line, or more doubt, would turn it. Open: "
    "more of them would have to be run. Tonic is glutamate that stays; Hz, how often it comes."
)


@dataclass(frozen=True)
class Answer:
    """What is answered for a dish or a person: in a word or two, and in how many cells."""

    which: str
    word: str
    says: str
    levels: str = ""
    told: tuple[str, ...] = ()

    @property
    def more(self) -> str:
        """All after the first words."""
        levels = f" ({self.levels})" if self.levels else ""
        return f"{levels}{': ' if self.told else ''}{'; '.join(self.told)}"


def answers(claims: Iterable[Claim]) -> list[tuple[Claim, list[Answer]]]:
    """Those of some claims that stand in :data:`FIRST`, in its order, and their answers."""
    by = {c.name: c for c in claims}
    some = [by[name] for name in FIRST if name in by]
    return [(c, answered(c, kept.result(c.name))) for c in some]


def answered(claim: Claim, result: Judged | None) -> list[Answer]:
    """The answers to one claim, for a dish and for a person."""
    found = []
    for which, word in verdicts(claim, result).items():
        known, less = parted(word)
        says = SAYS[known]
        if result is None and less:
            found.append(Answer(which, word, "no answer", told=(less,)))
            continue
        if result is None or which not in result.verdicts:
            found.append(Answer(which, word, says))
            continue
        levels = beneath.levels(claim, which)
        found.append(Answer(which, word, says, levels, _told(claim, result, which)))
    return found


def lines(claims: Iterable[Claim]) -> Iterator[str]:
    """The answers for a terminal."""
    found = answers(claims)
    yield from (TITLE, "", f"{NOT} {summary(found)}", "", OF)
    for claim, some in found:
        yield from ("", claim.statement)
        yield from (f"  {a.which}: {a.says}{a.more}" for a in some)


def markdown(claims: Iterable[Claim]) -> Iterator[str]:
    """The answers for a page of text; nothing where none of the claims is among them."""
    if not (found := answers(claims)):
        return
    yield from (f"## {TITLE}", "", f"**{NOT}** {summary(found)}", "", OF, "")
    for claim, some in found:
        yield f"- **{claim.statement}**"
        yield from (f"  - {a.which}: **{a.says}**{a.more}" for a in some)
    yield ""


def summary(found: Sequence[tuple[Claim, list[Answer]]]) -> str:
    """How often each answer is given, of a person and of a dish, in a sentence."""
    told = []
    for which in reversed(RANGES):
        says = [a.says for _, some in found for a in some if a.which == which and a.word]
        counts = [f"{_quoted(x)} {_times(says.count(x))}" for x in dict.fromkeys(says)]
        told += [f"for a {which} {listed(counts, 'and')}"] if counts else []
    claims = "claim" if len(found) == 1 else f"{_number(len(found))} claims"
    return f"To the {claims} below it answers {'; '.join(told)}."


def _times(n: int) -> str:
    return {1: "once", 2: "twice"}.get(n, f"{_number(n)} times")


def _number(n: int) -> str:
    words = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
    return words[n] if n < len(words) else str(n)


def _told(claim: Claim, result: Judged, which: str) -> tuple[str, ...]:
    """In how many cells it is so, by reading where these differ, and on what most depends."""
    own = [r for r in result.readings if r.headline and r.range == which]
    by: dict[str, list[ReadingResult]] = {}
    for r in own:
        by.setdefault(r.told, []).append(r)
    told = [f"{_shares(own)} of the simulated cells pass"]
    if len(by) > 1:
        order = [x for x in SAYS if x in by]
        told = [
            f"{SAYS[x]} for {_names(by[x], own)}, {_shares(by[x])} of the simulated cells pass"
            for x in order
        ]
    if on := beneath.divided(result, which)[:1]:
        told.append(f"what divides them most: {beneath.in_words(claim, on[0])}")
    less = parted(verdicts(claim, result)[which])[1]
    return (*told, less) if less else tuple(told)


def _shares(some: Iterable[ReadingResult]) -> str:
    shares = [law.share for r in some for law in r.laws if law.draws]
    if not shares:
        return "none"
    return f"{' to '.join(dict.fromkeys(map(whole, (min(shares), max(shares)))))} %"


def whole(share: float) -> str:
    """A share in whole per cent; none and all are said of these alone.

    >>> [whole(x) for x in (0.0, 0.004, 0.314, 0.998, 1.0)]
    ['0', 'under 1', '31', 'over 99', '100']
    """
    if 0 < share < 0.005:
        return "under 1"
    return "over 99" if 0.995 <= share < 1 else f"{100 * share:.0f}"


def _names(some: Iterable[ReadingResult], own: Iterable[ReadingResult]) -> str:
    """Names of readings; those that differ in their last words alone together."""
    ends, every = _ends(some), _ends(own)
    told = []
    for begins, last in ends.items():
        if not begins:
            told += [_quoted(x) for x in last]
        else:
            some_of = f" ({', '.join(last)})" if last != every[begins] else ""
            told.append(f"{_quoted(begins)}{some_of}")
    return " and ".join(told) if len(told) < 3 else f"{', '.join(told[:-1])} and {told[-1]}"


def _quoted(words: str) -> str:
    return f'"{words}"'


def _ends(some: Iterable[ReadingResult]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for r in some:
        begins, _, last = short(r).rpartition(", ")
        found.setdefault(begins, []).append(last)
    return found
