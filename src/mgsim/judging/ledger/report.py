"""The ledger as rows, as what one claim holds, and as a page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from typing import Any

from mgsim.judging import kept
from mgsim.judging.claim import CATEGORIES, MECHANISMS, Claim
from mgsim.judging.conditions import Dish, Person
from mgsim.judging.ledger import beneath, laws, plain, register
from mgsim.judging.ledger.gates import gates
from mgsim.judging.ledger.otherwise import sets, spread, turns
from mgsim.judging.ledger.verdicts import RANGES, parted, verdicts
from mgsim.judging.reading import asked_of
from mgsim.judging.statistics import WORDS
from mgsim.judging.verdict.comparison import GATES
from mgsim.judging.verdict.crossing import told as distance
from mgsim.judging.verdict.result import Judged, ReadingResult
from mgsim.judging.verdict.words import between, percent

#: What magnesium a dish and a person have.
LEVELS = "A dish has {:g} to {:g} mM of free magnesium, a person's fluid {:g} to {:g} mM".format(
    *Dish.limits, *Person.limits
)
_PLAIN = f"""\
**No medical advice.** A word is about this model and these priors: HOLDS means that the stated
effect of a membrane has the stated size within them, FAILS that it has not, by this route at this
dose. Neither says anything about patients. {LEVELS}, which
is why the two never share a word.

"""


def row(claim: Claim) -> dict[str, Any]:
    """A claim in a line: name, documents, words, and what they rest on."""
    result = kept.result(claim.name) if claim.readings else None
    found = {"claim": claim.name, "statement": claim.statement, "category": claim.category}
    found["mechanism"] = claim.mechanism
    return found | {
        "documents": list(claim.documents),
        **verdicts(claim, result),
        "hangs_on": {x: told for x in RANGES if (told := beneath.hangs(result, x))},
        "readings_say": {x: told for x in RANGES if (told := beneath.readings(result, x))},
        "because": claim.reason if claim.unrun else (dict(result.because) if result else {}),
        "nearest": claim.nearest,
    }


def doubts(claim: Claim) -> list[str]:
    """Why the result that is kept of a claim is not the claim's as it stands, in words."""
    result = kept.result(claim.name) if claim.readings else None
    return [*kept.doubts(claim, result), *kept.aged(claim, result)] if result else []


def made(claim: Claim) -> str:
    """Where a claim is made, in words."""
    many = "document" if len(claim.documents) == 1 else "documents"
    return f"{many} {', '.join(sorted(claim.documents))}" if claim.documents else "of no document"


def detail(claim: Claim) -> dict[str, Any]:
    """All that a claim's file says, and the result that is kept of it."""
    result = kept.result(claim.name) if claim.readings else None
    found = row(claim) | {"doubts": doubts(claim)}
    found |= {"caveat": claim.caveat, "literature": list(claim.literature)}
    found |= {"expected": claim.expected, "notes": claim.notes, "changes": list(claim.changes)}
    if claim.readings:
        found["readings"] = {r.name: _asked(claim, r.name, result) for r in claim.readings}
        found["fixed"] = claim.digest
        if result is not None:
            some = kept.compared(claim, result)
            found["comparisons"] = [asdict(c) | {"told": c.told} for c in some]
        found["model_seconds_a_draw"] = round(claim.seconds(64) / 64, 1)
    return {n: x for n, x in found.items() if x not in ("", [], {})}


def _asked(claim: Claim, name: str, result: Judged | None) -> dict[str, Any]:
    reading = next(r for r in claim.readings if r.name == name)
    asked = {
        "cell": ", ".join(m.name for m in reading.bench.experiment.models),
        "asks": asked_of(reading.statistic),
        "threshold": reading.told,
        "why": reading.why,
        "conditions": {n: c.values for n, c in reading.conditions.items()},
        "control": reading.told_control,
        "control_sets": sets(reading.told_control, reading.conditions),
        "headline": reading.headline,
    }
    if result is not None and (found := next((r for r in result.readings if r.name == name), None)):
        asked |= {"word": found.told, "because": found.because}
        asked |= {"draws": spread(found), "otherwise": turns(found)}
        if found.crossing is not None:
            asked["threshold_of_the_model"] = distance(found.crossing)
    return asked


def lines(claim: Claim) -> Iterator[str]:
    """A claim for a terminal."""
    found = detail(claim)
    yield f"{claim.name}: {claim.statement}"
    yield f"  {made(claim)}; category {claim.category}, {CATEGORIES[claim.category]}"
    for which in RANGES:
        if found.get(which):
            yield f"  {which}: {found[which]}"
            if isinstance(found.get("because"), Mapping) and found["because"].get(which):
                yield f"    {found['because'][which]}"
            if on := beneath.hangs_in_words(claim, kept.result(claim.name), which):
                yield f"    on {on}"
    if claim.unrun:
        yield f"  {claim.reason}"
    for word in ("caveat", "expected", "notes", "nearest"):
        if found.get(word):
            yield f"  {word}: {found[word]}"
    yield from (f"  judged under {x}" for x in laws.told(claim))
    yield from (f"  extrapolated: {x}" for x in laws.extrapolated(claim))
    for word in ("literature", "doubts", "changes"):
        yield from (f"  {word}: {x}" for x in found.get(word, ()))
    for c in found.get("comparisons", ()):
        yield f"  measured: {c['name']}: {c['measured']} ({c['source']})"
        yield f"    {c['asks']} {c['told']}. {c['caveat']}".rstrip()
    for name, asked in found.get("readings", {}).items():
        head = "" if asked["headline"] else ", beside the headline"
        yield f"  {name}{head}: {asked['asks']} {asked['threshold']} ({asked['why']})"
        conditions = "; ".join(
            f"{n}: {', '.join(f'{k} {v}' for k, v in values.items())}"
            for n, values in asked["conditions"].items()
        )
        yield f"    cell {asked['cell']}; {conditions}"
        yield f"    control, which must fail: {asked['control_sets']}"
        if "word" in asked:
            yield f"    {asked['word']}: {asked['because']}"
            yield f"    {asked['draws'].partition(': ')[2].partition('. ')[2]}"
            yield f"    otherwise: {asked['otherwise']}"
        if "threshold_of_the_model" in asked:
            yield f"    distance to a threshold: {asked['threshold_of_the_model']}"


def markdown(claims: Iterable[Claim]) -> str:
    """The page of all claims."""
    claims = list(claims)
    rows = [row(c) for c in claims]
    by = {c.name: c for c in claims}
    found = {c.name: kept.result(c.name) if c.readings else None for c in claims}
    text = ["# Claims", "", *plain.markdown(claims), _PLAIN]
    text += [kept.EARLIER, ""]
    text += [f"- {name}: {words}" for name, words in gates(kept.results(claims)).items()]
    text += ["", *counted(rows), ""]
    text += ["| claim | documents | dish | person |", "|---|---|---|---|"]
    text += [
        f"| **{r['claim']}** {r['statement']} | {', '.join(r['documents'])} | "
        f"{' | '.join('<br>'.join(cell(by[r['claim']], found[r['claim']], x)) for x in RANGES)} |"
        for r in sorted(rows, key=order)
    ]
    for claim in claims:
        if claim.readings:
            text += ["", *_section(claim)]
    text += ["", "## Not run", ""]
    text += [f"- **{c.name}**, {c.unrun}. {_sentence(c)}" for c in claims if c.unrun]
    text += ["", "## Plain facts that the documents have wrong", ""]
    text += ["| document | says | what is so | source |", "|---|---|---|---|"]
    text += [
        f"| {x['document']} | {x['says']} | {x['so']} | {x['source']} |"
        for x in register.documents(kept.DOCUMENTS)[1]
    ]
    return "\n".join(text) + "\n"


def _sentence(claim: Claim) -> str:
    more = [claim.caveat, *claim.literature]
    told = f" ({'; '.join(x.rstrip('.') for x in more if x)})" if any(more) else ""
    return f"{claim.reason}{told} Nearest: {claim.nearest}."


def order(r: Mapping[str, Any]) -> tuple[int, str]:
    """By what rows are sorted: what says most first."""
    words = [r[x].partition(",")[0] for x in RANGES if r[x]]
    return (min(WORDS.index(w) for w in words), r["claim"])


def cell(claim: Claim, result: Judged | None, which: str) -> list[str]:
    """What a row says of a dish or a person: the word, on what it hangs, what readings say."""
    on = beneath.hangs_in_words(claim, result, which, "`")
    told = [verdicts(claim, result)[which], f"on {on}" if on else ""]
    return [x for x in (*told, beneath.readings(result, which)) if x]


def table(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """Rows for a terminal, by what they are about; what makes a word less stands below, numbered.

    Of a word alone: on what it hangs, and what its readings say, :func:`lines` has.
    """
    rows = sorted(rows, key=lambda r: [*MECHANISMS, ""].index(r["mechanism"]))
    if not rows:
        return
    notes: dict[str, str] = {}
    words = {(r["claim"], x): _marked(r[x], notes) for r in rows for x in RANGES}
    wide = [max(len(words[r["claim"], x]) for r in rows) for x in RANGES]
    name = max(len(r["claim"]) for r in rows)
    yield f"  {'claim':<{name}}  {'dish':<{wide[0]}}  {'person':<{wide[1]}}  says"
    about = None
    for r in rows:
        if r["mechanism"] != about:
            about = r["mechanism"]
            yield from ("", MECHANISMS.get(about, "of no mechanism"))
        dish, person = (f"{words[r['claim'], x]:<{w}}" for x, w in zip(RANGES, wide, strict=True))
        yield f"  {r['claim']:<{name}}  {dish}  {person}  {r['statement']}"
    yield ""
    yield from (f"[{mark}] {less}{_gate(less)}" for less, mark in notes.items())
    yield from counted(rows)


def _gate(less: str) -> str:
    """What the gate is that words wait for."""
    return next((f": {told}" for name, told in GATES.items() if f"gate {name} " in less), "")


def _marked(told: str, notes: dict[str, str]) -> str:
    """A word with the numbers of what makes it less; those are added to ``notes``."""
    word, less = parted(told)
    marks = [notes.setdefault(x, str(len(notes) + 1)) for x in less.split(", ") if x]
    return " ".join([word or "-", *(f"[{mark}]" for mark in marks)])


def counted(rows: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """How many rows have each word."""
    rows = list(rows)
    for which in RANGES:
        words = [r[which].partition(",")[0] for r in rows]
        told = [f"{words.count(w)} {w}" for w in WORDS if words.count(w)]
        yield f"{which.capitalize()}: {', '.join(told)}."


def _section(claim: Claim) -> Iterator[str]:
    result = kept.result(claim.name)
    yield f"## {claim.name}"
    yield ""
    yield f"{claim.statement} ({made(claim)})"
    yield ""
    if result is None:
        yield f"{next(filter(None, verdicts(claim, None).values()))}. Expected: {claim.expected}."
        yield from ("", *(f"- Changed: {x}" for x in claim.changes))
        return
    yield from (f"- {_upper(x)}." for x in doubts(claim))
    for which, word in verdicts(claim, result).items():
        if word:
            yield f"- **{which}: {word}.** {result.because.get(which, '')}"
    yield f"- Expected: {claim.expected}."
    if claim.notes:
        yield f"- What came out: {claim.notes}"
    yield f"- {claim.caveat}"
    yield from (
        f"- Measured, {c.name}: {c.measured} ({c.source}). {_upper(c.told)}. {c.caveat}".rstrip()
        for c in kept.compared(claim, result)
    )
    yield from (f"- Changed: {x}" for x in claim.changes)
    yield from (f"- Judged under {x}." for x in laws.told(claim))
    yield from (f"- Extrapolated: {x}." for x in laws.extrapolated(claim))
    cost = result.cost
    under = f"{len(result.laws)} laws" if len(result.laws) > 1 else f"one law, {result.laws[0]}"
    yield (
        f"- {result.draws} draws under {under}, "
        f"{cost['model_seconds_a_draw']:.3g} model-seconds a draw"
        + (
            f", {cost['cpu_minutes']:.2g} CPU minutes of what had not run before"
            if cost.get("cpu_minutes")
            else ""
        )
        + f"; `mgsim claims run {claim.name}`. Instrument {result.instrument['digest']}."
    )
    yield ""
    yield "| reading | asks | draws that pass | about | word | control | half step | otherwise |"
    yield "|---|---|---|---|---|---|---|---|"
    yield from (_reading(r) for r in result.readings)
    some = [r for r in result.readings if r.crossing is not None]
    yield from ("",) if some else ()
    yield from (
        f"- Distance to a threshold of the model, {r.name}: {distance(r.crossing)}"
        for r in some
        if r.crossing
    )


def _upper(words: str) -> str:
    return f"{words[0].upper()}{words[1:]}"


def _reading(r: ReadingResult) -> str:
    shares = [law.share for law in r.laws if law.draws]
    cells = [
        r.name if r.headline else f"{r.name} (beside)",
        f"{r.asks.rstrip('.')} {r.direction} {r.threshold:g}",
        between(min(shares), max(shares)) if shares else "none",
        between(*r.about),
        r.told,
        f"{r.control.passes} of {r.control.draws} pass",
        f"{percent(r.step.median_change)}, {r.step.flips} of {r.step.draws} change sides",
        turns(r),
    ]
    return f"| {' | '.join(cells)} |"


def short(claims: Mapping[str, Claim]) -> str:
    """A small table of the judgements in :data:`plain.FIRST`, for a front page, and its names."""
    text = ["| claim | dish | person |", "|---|---|---|"]
    names: dict[str, str] = {}
    for name in plain.FIRST:
        claim, result = claims[name], kept.result(name)
        told = verdicts(claim, result)
        cells = []
        for x in RANGES:
            parts = (_short(told[x], beneath.hangs(result, x, "`")), beneath.sure(result, x))
            cells.append("; ".join(part for part in parts if part))
            own = (n for n in beneath.divided(result, x) if not n.startswith("the "))
            names |= {n: beneath.meaning(claim, n) for n in own}
        text.append(f"| {claim.statement} | {' | '.join(cells)} |")
    told_names = [f"`{n}`: {words}" for n, words in names.items()]
    return "\n".join([*text, *(["", f"{'; '.join(told_names)}."] if names else [])])


def _short(told: str, on: str) -> str:
    word, _, less = told.partition(", ")
    return ", ".join(x for x in (f"{word} on {on}" if on else word, less) if x) or "-"
