"""What divides pass from fail, found by another library and another method: RBD-FAST of SALib."""

import numpy as np
import planted
import pytest

import mgsim as mg
from mgsim.declare.priors import DUMMIES
from mgsim.judging import kept
from mgsim.judging.verdict import outcome as of
from mgsim.judging.verdict.runs import Sweeps, Take

rbd_fast = pytest.importorskip("SALib.analyze.rbd_fast", reason="SALib is not here")


def indices(reading, arms, tables):
    """Of the side, mean of all laws, the first-order index of each parameter."""
    found = of.outcome(reading, arms, tables)
    drawn = next(iter(arms.values())).drawn()
    some = found.inside.any(axis=0)
    side = (found.passes & found.inside)[:, some].mean(axis=0)
    problem = {
        "names": list(drawn),
        "num_vars": len(drawn),
        "bounds": [[float(x.min()), float(x.max())] for x in drawn.values()],
    }
    x = np.column_stack(list(drawn.values()))[some]
    by = rbd_fast.analyze(problem, x, side, num_resamples=2, seed=1)
    return dict(zip(by["names"], by["S1"], strict=True))


def check(by, divider):
    assert max(by, key=by.get) == divider
    assert by[divider] > 2 * max(by[n] for n in DUMMIES)


@pytest.mark.parametrize("seed", [0, 10])
def test_it_names_the_divider_of_the_planted_clamp(seed):
    claim = planted.claim("conditional", at_least=2.0)
    (reading,) = claim.readings
    (judged,) = claim.judge(1024, seed=seed, run=planted.by_form).readings
    arms = of.arms(reading, Take(1024, seed), reading.conditions)
    by = indices(reading, arms, planted.by_form(arms.values()))
    check(by, "v_hold")
    assert judged.divider == "v_hold"


def test_it_names_the_dividers_of_a_kept_result():
    """Release at low magnesium, which is run again: the power of the law in both first spikes."""
    claim = mg.claims["presynaptic_release_block"]
    result = kept.result(claim.name)
    named = {r.name: r.divider for r in result.readings if r.divider}
    assert named
    some = [r for r in claim.readings if r.name in named]
    arms = {r.name: of.arms(r, Take(result.draws, result.seed), r.conditions) for r in some}
    tables = Sweeps(progress=False)([a for one in arms.values() for a in one.values()])
    for reading in some:
        check(indices(reading, arms[reading.name], tables), named[reading.name])
