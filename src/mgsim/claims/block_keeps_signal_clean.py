"""Claim 10: the block prevents needless stimulation, so that a spine hears what is in time."""

from mgsim.claims.bench import COVERS_MORE, paired
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import dish, person
from mgsim.judging.reading import Reading

IN_TIME, OUT_OF_TIME = 10.0, 50.0


def contrast(within, apart):
    """Calcium of a spine, spikes in time over spikes out of it."""
    return within.ca_charge_nmda_spine / apart.ca_charge_nmda_spine


def sharpened(within, apart, within_0, apart_0):
    """That contrast with magnesium over the one without."""
    return contrast(within, apart) / contrast(within_0, apart_0)


WITH = {"within": dish(1.2, post_delay=IN_TIME), "apart": dish(1.2, post_delay=OUT_OF_TIME)}
WITHOUT = {"within_0": dish(0.0, post_delay=IN_TIME), "apart_0": dish(0.0, post_delay=OUT_OF_TIME)}
THERE = {"within": person(0.8, post_delay=IN_TIME), "apart": person(0.8, post_delay=OUT_OF_TIME)}
claim = Claim(
    "block_keeps_signal_clean",
    "The block prevents needless stimulation and so keeps a signal clean, which memory needs.",
    documents=("004", "003"),
    category="A",
    mechanism="plasticity",
    readings=(
        Reading(
            "dish, contrast with over without magnesium",
            paired,
            {**WITH, **WITHOUT},
            sharpened,
            "assumed: half as much again is a contrast that a threshold could read",
            at_least=1.5,
        ),
        Reading(
            "person, contrast",
            paired,
            THERE,
            contrast,
            "assumed: as in the dish, where without magnesium the contrast is about 1",
            at_least=1.5,
        ),
    ),
    caveat="Calcium of one spine over four pairings. A memory is not tested, nor what reads the "
    "calcium.",
    literature=(
        "Miyashita et al. 2012, PMC3651368: flies without the block lack long-term memory alone",
    ),
    expected="HOLDS under trapping block; under equilibrium block less, perhaps FAILS: a spike of "
    "2 ms is short beside 100 ms of open receptors",
    notes="Equilibrium block as expected: a spike in time raises a spine's calcium by 3 to 9 % "
    "over one out of time, and the claim fails under each of the five laws. Trapping "
    "block not as expected: it raises it by half, but the word is no HOLDS, as the "
    "steepness of the block divides. So the claim rests on kinetics that one paper "
    "measured at one magnesium. A referee would pair with bursts or with a plateau of the "
    "dendrite, which last longer than a spike; that is not tried.",
    changes=(COVERS_MORE,),
)
