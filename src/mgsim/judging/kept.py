"""What is kept beside the claims: what was fixed of each before its run, and its result."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from mgsim import files
from mgsim.judging.claim import Claim
from mgsim.judging.fixed import changed, digest
from mgsim.judging.verdict.comparison import Compared
from mgsim.judging.verdict.result import WHAT, Judged, text_of
from mgsim.judging.verdict.runs import instrument
from mgsim.store import checked_json
from mgsim.store.checked_json import Damaged

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
    """What was fixed of a claim, with its digest; None where nothing was.

    Raises
    ------
    Damaged
        When the file is not as :func:`fix` wrote it.
    """
    file = path("fixed", name, folder)
    try:
        found: dict[str, Any] = json.loads(file.read_bytes())
        whole = found["digest"] == digest({n: x for n, x in found.items() if n != "digest"})
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError):
        whole = False
    if not whole:
        raise Damaged(f"{file}, what was fixed of '{name}', is damaged")
    return found


def keep(content: Mapping[str, Any], folder: Path = FOLDER) -> Path:
    """Write a result beside the claims, from its JSON data, with their checksum made anew.

    ``keep(json.loads(result.json()))`` is of a :class:`Judged`; of a kept file that is changed by
    hand, or by a script, it is ``keep(json.loads(file.read_text()))``.
    """
    file = path("results", content["claim"], folder)
    files.place(file, text_of(content).encode())
    return file


def result(name: str, folder: Path = FOLDER) -> Judged | None:
    """The result that is kept of a claim, None where none is, or a damaged one."""
    found = _read(name, folder)
    return found if isinstance(found, Judged) else None


def harm(name: str, folder: Path = FOLDER) -> str:
    """How the result that is kept of a claim is damaged, in words; empty where it is not."""
    found = _read(name, folder)
    return found if isinstance(found, str) else ""


def _read(name: str, folder: Path) -> Judged | str | None:
    """A result, or how it is damaged, None where there is none."""
    file = path("results", name, folder)
    try:
        found = Judged.of(checked_json.shipped(file, WHAT), str(file))
    except FileNotFoundError:
        return None
    except Damaged as error:
        return str(error)
    if found.claim != name:
        return f"{file} is damaged: it is the result of '{found.claim}', under another name"
    return found


def results(claims: Iterable[Claim]) -> list[Judged]:
    """The results that are kept of claims that are run."""
    found = (result(c.name) for c in claims if c.readings)
    return [r for r in found if r is not None]


def deciding(gate: str, folder: Path = FOLDER) -> list[Compared]:
    """The comparisons that decide a gate, of the results that are kept."""
    word = f'"{gate}"'.encode()
    every = sorted((folder / "results").glob("[!.]*.json"))
    found = (result(f.stem, folder) for f in every if f.is_file() and word in f.read_bytes())
    return [c for r in found if r for c in r.comparisons if c.gate == gate]


def compared(claim: Claim, found: Judged) -> list[Compared]:
    """The comparisons of a result, with the caveats that the claim has today."""
    now = {c.name: c.caveat for c in claim.comparisons}
    return [replace(c, caveat=now.get(c.name, c.caveat)) for c in found.comparisons]


def changes(claim: Claim, folder: Path = FOLDER) -> list[str]:
    """How a claim differs from what was fixed of it, in words; empty where it does not."""
    try:
        before = fixed(claim.name, folder)
    except Damaged as error:
        return [str(error)]
    if before is None:
        return ["nothing was fixed beforehand"]
    after = json.loads(json.dumps(claim.plain()))
    return changed({n: x for n, x in before.items() if n != "digest"}, after)


def aged(claim: Claim, found: Judged) -> list[str]:
    """Whether other code or equations than today's made a result, in words."""
    told = []
    if found.instrument["digest"] != instrument():
        told.append("computed with an earlier instrument")
    there = {x for known in found.instrument["systems"] for x in known.split(", ")} - {""}
    if there and there != claim.systems:
        told.append("computed with other equations than its models have today")
    return told


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
