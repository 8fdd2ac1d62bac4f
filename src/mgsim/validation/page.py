"""Rows as text for a terminal, as plain data, and as a page of the documentation."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from mgsim.references import entries
from mgsim.validation.rows import sections
from mgsim.validation.target import COMPARES, EVIDENCE, Compares, Row, Target

_MOST = 12
_COUNTED: dict[Compares, str] = {
    "data": "against data",
    "computation": "against a computation",
    "itself": "by construction",
}
CIRCULAR = (
    "by construction: its constants were set to this number, its prior was made wide enough to "
    "hold it, or it is an identity"
)


def source(target: Target) -> str:
    """The source in words, with its evidence tag."""
    key, _, where = target.source.partition(":")
    known = entries()
    name = f"{known[key].short}: " if key in known else ""
    if key in ("unverified", "assumed"):
        name = f"{key}: "
    return f"{name}{where.strip()} [{target.evidence}]"


def number(x: float, allowed: float = 0.0) -> str:
    """A number with as many digits as its tolerance asks for."""
    if not math.isfinite(x):
        return "none" if math.isnan(x) else "infinite"
    if x == 0:
        return "0"
    digits = 4
    if allowed > 0:
        digits = min(7, max(3, math.ceil(math.log10(abs(x) / allowed)) + 1))
    text = f"{x:.{digits}g}"
    return f"{float(text):.7g}" if "e+" in text else text


def numbers(values: Sequence[float], target: Target) -> str:
    """Numbers of a row; a long list is cut, with how many there are."""
    low, high = target.between or (0.0, 0.0)
    span = (high - low) / 2 if math.isfinite(high) else low
    allowed = [target.allowed(e) for e in target.expected] or [span] * len(values)
    shown = [
        number(0.0 if abs(x) < 1e-3 * a else x, a) for x, a in zip(values, allowed, strict=False)
    ]
    more = f" … ({len(values)})" if len(shown) > _MOST else ""
    return ", ".join(shown[:_MOST]) + more


def expected(target: Target) -> str:
    """What is expected, with the unit."""
    unit = "" if target.unit == "1" else f" {target.unit}"
    if target.between is not None:
        low, high = target.between
        if math.isinf(high):
            return f"at least {number(low)}{unit}"
        return f"{number(low)} to {number(high)}{unit}"
    return numbers(target.expected, target) + unit if target.expected else ""


def tolerance(target: Target) -> str:
    """How far off a number may be."""
    if target.between is not None:
        return "within"
    unit = "" if target.unit == "1" else f" {target.unit}"
    parts = [f"{target.rel * 100:g} %"] if target.rel else []
    if target.abs:
        parts.append("exact" if target.abs <= 1e-9 else f"{target.abs:g}{unit}")
    return " or ".join(parts)


def counts(rows: Iterable[Row]) -> str:
    """How many rows ended how."""
    rows = list(rows)
    found = Counter(r.state for r in rows)
    words = {s: f"{found[s]} {s}" for s in ("pass", "FAIL", "not yet", "not reached") if found[s]}
    kinds = Counter(r.target.compares for r in rows if r.state == "pass")
    if found["pass"]:
        some = (f"{kinds[k]} {word}" for k, word in _COUNTED.items() if kinds[k])
        words["pass"] += f" ({', '.join(some)})"
    return ", ".join(words.values())


def line(row: Row, width: int = 0) -> str:
    """A row for a terminal, one line; its id takes ``width`` columns."""
    t = row.target
    used = "" if row.why else f"{_of_tolerance(row)} of tolerance"
    about = t.statement + (f": {row.why}" if row.why else "")
    if t.circular and row.state == "pass":
        about += " (by construction)"
    if row.kept:
        about += " (kept)"
    return f"{row.state.upper():<12} {t.id:<{width}}  {used:<20}  {about}"


def _of_tolerance(row: Row) -> str:
    return "far outside" if not math.isfinite(row.worst) else f"{100 * row.worst:.0f} %"


def detail(row: Row) -> Iterator[str]:
    """A row for a terminal, whole."""
    t = row.target
    yield f"{t.id}  {row.state.upper()}" + (" (kept; --long runs it)" if row.kept else "")
    yield f"  {t.statement}"
    if t.labels and row.obtained:
        width = max(map(len, t.labels))
        for label, e, x in zip(t.labels, t.expected, row.obtained, strict=True):
            yield f"  {label:<{width}}  expected {number(e, t.allowed(e)):>10}  obtained " + (
                number(x, t.allowed(e))
            )
    else:
        yield f"  expected {expected(t)}"
        if row.obtained:
            yield f"  obtained {numbers(row.obtained, t)}"
    if t.obtain:
        yield f"  tolerance {tolerance(t)}" + (
            f", {_of_tolerance(row)} of it used" if row.obtained else ""
        )
    if row.why:
        yield f"  {row.why}"
    yield f"  source: {source(t)}"
    if t.circular:
        yield f"  {CIRCULAR}"
    if t.note:
        yield f"  {t.note}"


def plain(row: Row) -> dict[str, Any]:
    """A row as JSON has it."""
    t = row.target
    return {
        "id": t.id,
        "section": t.section,
        "state": row.state,
        "statement": t.statement,
        "unit": t.unit,
        "expected": list(t.expected),
        "between": t.between and [x if math.isfinite(x) else None for x in t.between],
        "obtained": [x if math.isfinite(x) else None for x in row.obtained],
        "labels": list(t.labels),
        "tolerance": tolerance(t) if t.obtain else "",
        "share_of_tolerance": row.worst if math.isfinite(row.worst) else None,
        "source": t.source,
        "evidence": t.evidence,
        "compares": t.compares,
        "priority": t.priority,
        "note": t.note,
        "circular": t.circular,
        "why": row.why,
        "command": t.command,
        "kept": row.kept,
        "seconds": round(row.seconds, 3),
    }


# ------------------------------------------------------------------------------------ the document

_HEAD = """\
# Validation

Written by `mgsim validate --write docs/validation.md`; nothing here is typed by hand. Each row
compares a number of the literature, or one computed independently from published constants, with
the number that mgsim obtains when the command is run. `mgsim validate ID` prints every number of a
row, `mgsim validate --section A` runs a section, `mgsim validate` everything; it ends with exit
code 3 when a row fails. Rows that take minutes are "kept": their last result counts while the
equations, the values and the module that finds it are the same, and `mgsim validate --long` runs
them.

Three kinds of rows are kept apart. What is compared with published measurements and results says
something about neurons. What is compared with an independent computation shows that mgsim computes
its equations rightly, and nothing about tissue. What holds by construction is no evidence: the
constants of the part were set or fitted to that very number, a prior was made wide enough to hold
it, or an identity gives it; it guards against slips. "Used" is the largest deviation as a share of
the tolerance. Evidence tags:
"""


_JUDGED = "| id | target | expected | obtained | tolerance | used | result | source | command |"


def markdown(rows: Sequence[Row]) -> str:
    """The page."""
    out = [_HEAD]
    out += [f"- **{tag}**: {words}" for tag, words in EVIDENCE.items()]
    out += ["", f"Rows: {counts(rows)}.", ""]
    failing = [r.target.id for r in rows if r.state == "FAIL"]
    if failing:
        out += [
            f"Failing, each with the reason in the notes of its section: {', '.join(failing)}.",
            "",
        ]
    for letter in sorted({r.target.section for r in rows}):
        inside = [r for r in rows if r.target.section == letter]
        judged = [r for r in inside if r.state in ("pass", "FAIL")]
        out += [f"## {letter}. {sections().get(letter, '')}", ""]
        for kind, heading in COMPARES.items():
            if some := [r for r in judged if r.target.compares == kind]:
                out += [f"### {heading}", "", _JUDGED, "|---" * 9 + "|", *map(_judged, some), ""]
        waiting = [r for r in inside if r not in judged]
        if waiting:
            out += [
                "### Not compared",
                "",
                "| id | target | expected | result | why | source |",
                "|---|---|---|---|---|---|",
            ]
            out += [
                _cells(
                    r.target.id,
                    r.target.statement,
                    expected(r.target),
                    r.state,
                    _lack(r),
                    source(r.target),
                )
                for r in waiting
            ]
            out.append("")
        notes = [r.target for r in inside if r.target.note]
        if notes:
            out += [f"- {t.id}: {t.note}" for t in notes] + [""]
    return "\n".join(out)


def _judged(row: Row) -> str:
    t = row.target
    got = numbers(row.obtained, t) if row.obtained else row.why
    used = _of_tolerance(row) if row.obtained else ""
    state = row.state if row.state == "pass" else f"**{row.state}**"
    if t.circular and row.state == "pass":
        state += ", by construction"
    if row.kept:
        state += ", kept"
    return _cells(
        t.id, t.statement, expected(t), got, tolerance(t), used, state, source(t), f"`{t.command}`"
    )


def _lack(row: Row) -> str:
    return f"lacks {row.why}" if row.state == "not yet" else row.why


def _cells(*words: str) -> str:
    return "| " + " | ".join(w.replace("|", "\\|").replace("\n", " ") or "-" for w in words) + " |"


def rows_of(page: str) -> dict[str, str]:
    """The ids and results in a page, to see whether it is up to date."""
    found = {}
    for text in page.splitlines():
        words = [w.strip() for w in text.strip("| ").split(" | ")]
        if len(words) in (6, 9) and words[0] not in ("id", "") and "---" not in words[0]:
            found[words[0]] = words[6 if len(words) == 9 else 3].partition(",")[0].strip("*")
    return found
