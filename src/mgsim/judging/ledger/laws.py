"""Under which laws a claim is judged, and what is known of the block where these are not its own.

A word is that of every law, and of the block there are five or more, of different papers. Where a
claim is about another mechanism, forms of that one stand in their place.
"""

from __future__ import annotations

import math

from mgsim.declare.ports import Measured
from mgsim.judging.claim import Claim
from mgsim.judging.ledger.otherwise import listed
from mgsim.judging.reading import LAWS, Bench

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def told(claim: Claim) -> list[str]:
    """A sentence for each kind of bench, from what the claim fixes."""
    return list(dict.fromkeys(_sentence(r.bench) for r in claim.readings))


def extrapolated(claim: Claim) -> list[str]:
    """The laws that are asked for magnesium at which they were not measured, in words.

    A law of no stated range is not among them.
    """
    asked: dict[tuple[str, Measured], set[float]] = {}
    for r in claim.readings:
        for law in (r.bench.law(name) for name in r.bench.laws):
            for m in (m for m in law.measured if m.name == "mg_out"):
                beyond = {c.mg_out for c in r.conditions.values() if not m.holds(c.mg_out)}
                asked.setdefault((law.plain_name, m), set()).update(beyond)
    alike: dict[str, list[str]] = {}
    for (name, m), levels in asked.items():
        if levels:
            told = listed([f"{x:g}" for x in sorted(levels)], "and")
            alike.setdefault(
                f"{_span(m.low, m.high)} mM of magnesium, asked at {told} mM", []
            ).append(name)
    return [f"{listed(some, 'and')}, measured at {told}" for told, some in alike.items()]


def _span(low: float, high: float) -> str:
    if math.isinf(high):
        return f"{low:g} or more"
    return f"{low:g}" if low == high else f"{low:g} to {high:g}"


def _sentence(bench: Bench) -> str:
    count = _NUMBERS[len(bench.laws)] if len(bench.laws) < len(_NUMBERS) else str(len(bench.laws))
    names = listed(bench.laws, "and")
    if bench.slot.startswith("block"):
        return f"{count} laws of the block: {names}"
    forms = (
        f"{count} form{'' if len(bench.laws) == 1 else 's'} of the {bench.slot.replace('_', ' ')}"
    )
    return f"{forms}: {names}; not the {_NUMBERS[len(LAWS)]} laws of the block, as {_block(bench)}"


def _block(bench: Bench) -> str:
    """What stands for the block, and how far it is drawn."""
    parts = [
        p for p in bench.experiment.models[0].parts if any(s.startswith("block") for s in p.slots)
    ]
    if not parts:
        return "there is no block in what is run"
    own = {x.name for p in parts for x in p.parameters}
    drawn = [n for n, p in bench.priors.items() if own & {n, *p.powers}]
    alone = listed(list(dict.fromkeys(p.plain_name for p in parts)), "and")
    long = f"each would be a run of {bench.seconds:g} model-seconds a draw and condition"
    if not drawn:
        return f"{long}: the block is {alone} as published, and no doubt of it is in the word"
    return (
        f"{long}: the block is {alone} alone, of drawn size and steepness ({listed(drawn, 'and')})"
    )
