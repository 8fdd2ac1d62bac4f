"""Claim 21: losing magnesium impairs the sodium pump and so prolongs depolarisation."""

from mgsim.claims.bench_ions import DRAWS, burst
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import person
from mgsim.judging.reading import Reading

#: Free magnesium inside (mM), usual and half of it; and half a pump, whatever the reason.
USUAL = person(0.80, mg_in_rest=0.7, supply_pump=1.0)
LOW, HALF = USUAL.but(mg_in_rest=0.35), USUAL.but(supply_pump=0.5)
#: All ATP has magnesium, whatever there is.
BOUND = {"mg_atp_k": 1e-6}
#: A pump that has lost a thousandth.
LITTLE = {"low": USUAL.but(supply_pump=0.999)}
LONGER = "claims on it: a tenth"


def width(usual, low):
    """Time above -40 mV of a spike, times as long."""
    return (low.time_depolarised / low.spike_count) / (usual.time_depolarised / usual.spike_count)


def potassium(usual, low):
    """The rise of potassium outside in a burst, times as much."""
    return low.k_rise / usual.k_rise


def fires(usual):
    """Cells that fire in the burst."""
    return usual.spike_count >= 2


def readings(what, low, control, headline):
    for word, statistic in (("spikes", width), ("potassium", potassium)):
        yield Reading(
            f"person, {what}, {word}",
            burst,
            {"usual": USUAL, "low": low},
            statistic,
            LONGER,
            at_least=1.1,
            where=fires,
            control=control,
            headline=headline,
        )


claim = Claim(
    "na_k_pump",
    "Losing magnesium impairs the sodium pump and potassium channels and so prolongs "
    "depolarisation.",
    documents=("002",),
    category="B",
    mechanism="ions",
    draws=DRAWS,
    readings=(
        *readings("half the magnesium inside", LOW, BOUND, True),
        *readings("half the pump", HALF, LITTLE, False),
    ),
    caveat="By MgATP alone, of which the pump needs an amount that no source was read for; "
    "potassium channels that magnesium inside blocks are not in it, nor potassium that the kidney "
    "loses. A deficient tissue loses less than half of its magnesium. The control of half a pump "
    "takes a thousandth of it: it weakens the insult and takes no mechanism away, so that it shows "
    "only that the reading follows the pump.",
    literature=(
        "O'Hara et al. 2011: the pump of a heart cell, its constant of MgATP far below any level",
    ),
    expected="half the magnesium: FAILS by both; half the pump: potassium HOLDS, spikes FAIL",
    notes="As expected in sense. With half of its magnesium inside, a cell keeps the width of its "
    "spikes within half a percent; potassium rises a tenth more in two draws of 192, which "
    "leaves that word open by number alone: more draws could make it fail, none could make it "
    "hold. Half a pump, whatever the reason, lets potassium rise 1.5 to 3.4 times as far "
    "and widens spikes by a percent or two. So what follows from a failing pump is true, and "
    "that a loss of magnesium makes it fail is not. What surprised: how little a spike feels "
    "of the pump. A referee would ask for the potassium channels that magnesium inside "
    "blocks, which are not in it, and would say that a part of the rise with half a pump is "
    "of the rest, without any burst; that is so.",
    changes=(
        "sixteen draws were seen before it was fixed, in which the mean potassium after a burst "
        "was asked; that drifts off the start where the pump is not in balance at rest, so "
        "that the largest rise is asked now.",
    ),
)
