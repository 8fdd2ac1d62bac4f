"""What strength and steepness of the block mean is the same in every law, states or none.

With a strength s and a steepness f a law leaves at (v, mg_out) what it left at (f v, s mg_out):
that is their definition, so both are checked without a number of any law.
"""

import numpy as np
import pytest
from running import PARTS

from mgsim.analysis.schemes import generator
from mgsim.declare.priors import EFFECTS

LAWS = {p.name: p for p in PARTS if "block" in p.slots}
#: What has no magnesium in it has no strength; the control has nothing.
WITHOUT = {"none": set(EFFECTS), "hill_tononi_2005": {"block_strength"}}
#: What of a law is by magnesium, where not all is.
BY_MAGNESIUM = {
    "jahr_stevens_1990_flicker": ["mg_entering", "mg_leaving"],
    "hill_tononi_2005": ["m_inf_mg"],
}
V = np.array([-110.0, -70.0, -30.0, 0.0, 35.0, 60.0])
MG = np.array([0.0, 0.1, 0.8, 3.0])[:, None]


def scaled(law, **factors):
    """The law with factors by effect."""
    values = {}
    for effect, factor in factors.items():
        for name, power in EFFECTS[effect].items():
            if name in {p.name for p in law.parameters}:
                values[name] = law[name].value * factor**power
    return law.with_values(**values)


def seen(law, v, mg_out):
    """Everything that a law says of its block: rates of schemes, or the fraction left."""
    if law.kinetics:
        inputs = {n: x for n, x in {"v": v, "mg_out": mg_out}.items() if n in law.requires}
        rates = [generator(law, s, glu=0.1, celsius=30, **inputs) for s in law.kinetics]
        open_only = [] if "mg_on" in {p.name for p in law.parameters} else ["unblocked"]
        return [*rates, *(law.evaluate(n, v=v, mg_out=mg_out) for n in open_only)]
    names = BY_MAGNESIUM.get(law.name, ["unblocked"])
    return [law.evaluate(n, v=v, mg_out=mg_out) for n in names]


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize(("strength", "slope"), [(1.7, 1.0), (1.0, 0.8), (0.4, 1.25)])
def test_an_effect_is_the_same_in_every_law(name, strength, slope):
    law = LAWS[name]
    moved = 1.0 if "block_strength" in WITHOUT.get(name, ()) else strength
    new = seen(scaled(law, block_strength=strength, block_slope=slope), V, MG)
    for there, then in zip(new, seen(law, slope * V, moved * MG), strict=True):
        np.testing.assert_allclose(there, then, rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("slope", [0.8, 1.2])
def test_the_flicker_keeps_its_voltage(slope):
    """What is not by magnesium stays: all at 0 mM, next to nothing at a person's, as docs say."""
    law, v = LAWS["jahr_stevens_1990_flicker"], np.linspace(-100, 60, 161)
    new = scaled(law, block_slope=slope)

    def off(mg_out, factor):
        there = new.evaluate("unblocked", v=v, mg_out=mg_out)
        return np.max(np.abs(there - law.evaluate("unblocked", v=factor * v, mg_out=mg_out)))

    assert off(0.0, 1.0) == 0
    assert 0.1 < off(0.0, slope) < 0.12
    assert max(off(mg_out, slope) for mg_out in (0.65, 0.8, 1.2, 3.0)) < 0.01


@pytest.mark.parametrize("name", LAWS)
@pytest.mark.parametrize("effect", EFFECTS)
def test_every_law_has_the_parameters_of_an_effect(name, effect):
    """A new law's parameters belong in mgsim.declare.priors.EFFECTS, or it would not be spread."""
    own = {p.name for p in LAWS[name].parameters}
    assert bool(own & EFFECTS[effect].keys()) is (effect not in WITHOUT.get(name, ()))


@pytest.mark.parametrize("effect", EFFECTS)
def test_every_name_of_an_effect_is_a_parameter_of_some_law(effect):
    known = {p.name for law in LAWS.values() for p in law.parameters}
    assert EFFECTS[effect].keys() <= known
