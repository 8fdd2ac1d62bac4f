"""What is kept beside the claims: what was fixed of each before its run, and its result."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path
from typing import Any

from mgsim import files
from mgsim.judging.claim import Claim
from mgsim.judging.fixed import changed
from mgsim.judging.verdict.comparison import Compared
from mgsim.judging.verdict.result import Judged
from mgsim.judging.verdict.runs import instrument

#: Beside the claims' files.
FOLDER = Path(__file__).parents[1] / "claims"
#: What :func:`aged` means, for a page.
EARLIER = (
    '"Computed with an earlier instrument": the code that computes has changed since, as its '
    "digest tells. Other numbers are possible, not likely; `mgsim claims run NAME` computes again."
)
DOCUMENTS = FOLDER / "data" / "documents.toml"


def path(kind: str, name: str, folder: Path = FOLDER) -> Path:
    """Where something is kept: ``kind`` is ``"fixed"`` or ``"results"``."""
    return folder / kind / f"{name}.json"


def fix(claim: Claim, folder: Path = FOLDER) -> Path:
    """Write down what is fixed of a claim, to be committed before its run."""
    file = path("fixed", claim.name, folder)
    text = json.dumps({"digest": claim.digest, **claim.plain()}, indent=1, sort_keys=True)
    files.place(file, (text + "\n").encode())
    return file


def fixed(name: str, folder: Path = FOLDER) -> dict[str, Any] | None:
    """What was fixed of a claim, with its digest; None where nothing was."""
    file = path("fixed", name, folder)
    return json.loads(file.read_text(encoding="utf-8")) if file.exists() else None


def keep(result: Judged, folder: Path = FOLDER) -> Path:
    """Write a result beside the claims."""
    file = path("results", result.claim, folder)
    files.place(file, result.json().encode())
    return file


def result(name: str, folder: Path = FOLDER) -> Judged | None:
    """The result that is kept of a claim, None where none is."""
    file = path("results", name, folder)
    return Judged.read(file.read_text(encoding="utf-8")) if file.exists() else None


def results(claims: Iterable[Claim]) -> list[Judged]:
    """The results that are kept of claims that are run."""
    found = (result(c.name) for c in claims if c.readings)
    return [r for r in found if r is not None]


def deciding(gate: str, folder: Path = FOLDER) -> list[Compared]:
    """The comparisons that decide a gate, of the results that are kept."""
    texts = (f.read_text(encoding="utf-8") for f in sorted((folder / "results").glob("*.json")))
    found = [Judged.read(text) for text in texts if f'"{gate}"' in text]
    return [c for r in found for c in r.comparisons if c.gate == gate]


def compared(claim: Claim, found: Judged) -> list[Compared]:
    """The comparisons of a result, with the caveats that the claim has today."""
    now = {c.name: c.caveat for c in claim.comparisons}
    return [replace(c, caveat=now.get(c.name, c.caveat)) for c in found.comparisons]


def changes(claim: Claim, folder: Path = FOLDER) -> list[str]:
    """How a claim differs from what was fixed of it, in words; empty where it does not."""
    before = fixed(claim.name, folder)
    if before is None:
        return ["nothing was fixed beforehand"]
    after = json.loads(json.dumps(claim.plain()))
    return changed({n: x for n, x in before.items() if n != "digest"}, after)


def aged(found: Judged) -> list[str]:
    """Whether other equations or steps than today's computed a result, in words."""
    earlier = found.instrument["digest"] != instrument()
    return ["computed with an earlier instrument"] if earlier else []


def fewer(claim: Claim, found: Judged) -> str:
    """Whether a result has fewer draws than was fixed, in words; empty where it has not."""
    if found.draws >= claim.draws:
        return ""
    return f"fewer draws than fixed: {found.draws} of {claim.draws}"


def doubts(claim: Claim, found: Judged, folder: Path = FOLDER) -> list[str]:
    """Why a kept result is not the claim's as it stands, in words."""
    told = [f"not as it was fixed: {x}" for x in changes(claim, folder)]
    if found.fixed != claim.digest:
        told.append("the result is of the claim as it was before the last change")
    if "step" in found.instrument:
        step, precision = found.instrument["step"], found.instrument["precision"]
        told.append(f"computed at {step:g} times the usual step, in {precision}")
    if found.quick:
        told.append("a quick run, no verdict")
    return told
