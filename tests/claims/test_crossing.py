"""How far draws lie from a threshold of the model's own, planted where it is known."""

import html

import numpy as np
import planted
import pytest

from mgsim.judging import kept
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import ClaimError
from mgsim.judging.ledger import page, report
from mgsim.judging.reading import Reading
from mgsim.judging.verdict import crossing
from mgsim.judging.verdict.result import Judged
from mgsim.judging.verdict.runs import Table

#: The planted number is the potential over the lowest drawn, and a shift at low magnesium.
LINE, SHIFT = 40.0, 10.0


def past(here):
    """Past the line, by condition:"""
    return here.ca_charge_nmda > LINE


def run(arms):
    def one(arm):
        number = arm.drawn()["v_hold"] + 65 + SHIFT * (arm.condition.mg_out < 1)
        return Table({"ca_charge_nmda": np.broadcast_to(number, (len(arm.laws), len(number)))})

    return {arm.key: one(arm) for arm in arms}


def judged(draws=256, **options):
    claim = planted.claim("beside", at_least=1.1, crosses=past, **options)
    return claim, claim.judge(draws, quick=True, run=run)


def test_the_distance_to_a_threshold_is_the_one_that_was_planted():
    """The potential from which a draw is past the line is -25 mV, and -35 mV at low magnesium."""
    _, result = judged()
    found = result.readings[0].crossing
    assert found.along == "v_hold"
    assert found.unit == "mV"
    for name, place in (("usual", -25.0), ("low", -25.0 - SHIFT)):
        assert found.places[name] == pytest.approx((place, place), abs=65 / 256)
        assert found.shares[name] == pytest.approx((-place / 65, -place / 65), abs=2 / 256)
    assert found.between == pytest.approx((SHIFT / 65, SHIFT / 65), abs=2 / 256)
    assert found.own == planted.CLAMP.protocol.parameters[0].value
    assert Judged.read(result.json()).readings[0].crossing.places["low"][0] == pytest.approx(
        found.places["low"][0], rel=1e-4
    )
    told = crossing.told(found)
    assert told.startswith("Past the line, by condition: ")
    assert "half at v_hold" in told


def test_it_stands_on_every_page(monkeypatch):
    claim, result = judged()
    monkeypatch.setattr(kept, "result", lambda name: result)
    told = crossing.told(result.readings[0].crossing)
    assert any(told in line for line in report.lines(claim))
    assert told in report.markdown([claim])
    assert told in html.unescape(page.html([claim]))


def test_what_crosses_is_fixed_and_is_a_function_of_one_condition():
    def other(here):
        """Past another line:"""
        return here.ca_charge_nmda > LINE + 1

    def two(low, usual):
        """Of both:"""
        return low.ca_charge_nmda > usual.ca_charge_nmda

    claims = [
        planted.claim("beside", at_least=1.1, **x)
        for x in ({}, {"crosses": past}, {"crosses": other})
    ]
    assert len({c.digest for c in claims}) == 3
    with pytest.raises(ClaimError, match="a function of 'here'"):
        planted.claim("beside", at_least=1.1, crosses=two)


def test_a_claim_may_fix_fewer_draws():
    """Which are then those of its runs, and fewer than those are said."""
    reading = Reading("planted", planted.BENCH, planted.DISH, planted.ratio, "assumed", at_least=2)
    claim = Claim("few", "A planted claim.", ("000",), "A", (reading,), draws=256)
    assert claim.plain()["rules"]["draws"] == 256
    result = claim.judge(quick=True, run=planted.by_form)
    assert result.draws == 256
    assert kept.fewer(claim, result) == ""
    fewer = claim.judge(64, quick=True, run=planted.by_form)
    assert kept.fewer(claim, fewer) == "fewer draws than fixed: 64 of 256"
