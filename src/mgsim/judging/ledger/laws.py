"""Under which laws a claim is judged, and what is known of the block where these are not its own.

A word is that of every law, and of the block there are five or more, of different papers. Where a
claim is about another mechanism, forms of that one stand in their place.
"""

from __future__ import annotations

from mgsim.judging.claim import Claim
from mgsim.judging.ledger.otherwise import listed
from mgsim.judging.reading import LAWS, Bench

_NUMBERS = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def told(claim: Claim) -> list[str]:
    """A sentence for each kind of bench, from what the claim fixes."""
    return list(dict.fromkeys(_sentence(r.bench) for r in claim.readings))


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
