"""How far the draws of a reading lie from a threshold of the model's own.

Beside a threshold a small change of anything decides: a word that rests on draws on either side of
it says as much about where the threshold lies as about magnesium.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from mgsim.declare.priors import DUMMIES
from mgsim.judging.reading import Kept, Reading
from mgsim.judging.verdict import profile
from mgsim.judging.verdict.result import Crossing
from mgsim.judging.verdict.runs import Arm, Table, laws_of, widest
from mgsim.judging.verdict.words import between as shown


def crossing(
    reading: Reading, needed: Mapping[str, Arm], tables: Mapping[str, Table]
) -> Crossing | None:
    """Which draws are past the threshold in each condition; None where no threshold is asked."""
    if reading.crosses is None:
        return None
    whole = widest(needed)
    shape = (len(laws_of(needed)), whole.take.draws)
    past = {
        n: np.broadcast_to(np.asarray(reading.crosses(Kept(tables[a.key].measures)), bool), shape)
        for n, a in needed.items()
    }
    every = np.array(list(past.values()))
    some = every.any(axis=0) & ~every.all(axis=0)
    drawn = {n: x for n, x in whole.drawn().items() if n not in DUMMIES}
    everywhere = np.ones(shape, dtype=bool)
    told = {
        name: sum(profile.shares({name: x}, p, everywhere)[name] for p in past.values())
        for name, x in drawn.items()
    }
    along = max(told, key=lambda n: told[n])
    return Crossing(
        " ".join((reading.crosses.__doc__ or "").split()),
        {n: _ends(p.mean(axis=1)) for n, p in past.items()},
        _ends(some.mean(axis=1)),
        along,
        reading.bench.unit(along),
        {n: _place(drawn[along], p) for n, p in past.items()},
        reading.bench.usual(along),
    )


def _ends(values: np.ndarray) -> tuple[float, float]:
    return float(values.min()), float(values.max())


def _place(values: np.ndarray, past: np.ndarray) -> tuple[float, float] | None:
    """Where half are past it, least and most of the laws that have such a place."""
    fits = [profile.monotone(values, p) for p in past]
    found = [at for fit in fits if (at := profile.place(fit.x, fit.y, 0.5)) is not None]
    return (min(found), max(found)) if found else None


def told(c: Crossing) -> str:
    """The distance to the threshold, in words."""
    unit = "" if c.unit == "1" else f" {c.unit}"
    words = []
    for name, share in c.shares.items():
        place = c.places[name]
        at = ""
        if place is not None:
            ends = " to ".join(dict.fromkeys(f"{x:.3g}" for x in place))
            at = f", half at {c.along} {ends}{unit}"
        words.append(f"{name} {shown(*share)}{at}")
    some = c.own is not None and any(c.places.values())
    own = f"; the model's own {c.along} is {c.own:.3g}{unit}" if some else ""
    return f"{c.asks} {'; '.join(words)}. Between: {shown(*c.between)} of the draws{own}."
