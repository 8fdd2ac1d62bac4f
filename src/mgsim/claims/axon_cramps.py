"""Claim 34: low magnesium gives cramps and spasms."""

from mgsim.claims.bench import axon
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import dish
from mgsim.judging.reading import Reading

#: Gates taken as those of serum, which has 0.55 mM of free magnesium and 1.2 mM of calcium.
SERUM = dish(0.55, ca_out=1.2, mg_unshifted=0.55, ca_unshifted=1.2)


def spikes(low, usual):
    """Spikes in half a second with low magnesium, beyond those of usual serum."""
    return low.spike_count - usual.spike_count


def silent(usual):
    """The draws whose axon does not go on firing in usual serum."""
    return usual.spike_count < 3


def reading(name, low, headline=True):
    return Reading(
        f"dish, {name}",
        axon,
        {"low": low, "usual": SERUM},
        spikes,
        "assumed: three spikes or more are no single one at the onset of the current",
        at_least=3,
        where=silent,
        # Magnesium that screens nothing, and calcium as usual.
        control={"low": SERUM.but(mg_out=0.3), "mg_screening": 1e6},
        neutral=0.0,
        headline=headline,
    )


claim = Claim(
    "axon_cramps",
    "Low magnesium gives cramps and spasms.",
    documents=("001", "004", "000", "002"),
    category="B",
    mechanism="charge",
    readings=(
        reading("magnesium alone", SERUM.but(mg_out=0.3)),
        reading("calcium of 0.9 mM too", SERUM.but(mg_out=0.3, ca_out=0.9), headline=False),
    ),
    caveat="Tetany, a cramp and restless legs are three things; an axon has a threshold. A patch "
    "of a squid's axon, cold, with the shift of gates as of nerve; serum of a person, which is "
    "neither the cerebrospinal fluid that 'person' means here nor what bathes a muscle for sure. "
    "The share that passes is of currents from none to what makes it go on firing anyway: where "
    "half pass is the finding.",
    literature=(
        "Isaev et al. 2012: calcium shifts gates 1.4 times as much as magnesium",
        "Cochrane review CD009402.pub3: trials of magnesium on cramps",
    ),
    expected="magnesium alone: FAILS or CONDITIONAL on the current, as a shift of 1 mV fires only "
    "what is next to its threshold; with less calcium more draws pass; no current fires nothing",
    notes="Expected: by magnesium alone only an axon next to firing fires on, half of them from "
    "530 to 576 pA by the law. With calcium of 0.9 mM half pass from 292 to 470 pA. In both "
    "the current divides: at little of it few fire on, so that something else has to depolarise "
    "the axon. What surprised: how much the width of the current decides; drawn too narrow, the "
    "first run failed by construction. A "
    "referee would ask for a mammal's axon, warm and of a nerve, and for afterdischarge, which is "
    "not in it; the word would not survive another range of the current, the place would.",
    changes=(
        "the current was drawn from 0 to 220 pA, below what makes the axon go on firing in usual "
        "serum: so narrow that next to nothing could happen. Seen after a run of 256 draws (FAILS "
        "for magnesium alone), which was not kept. Drawn up to 700 pA now. A run of that "
        "was seen before it was committed; it was run again after, with the same words.",
    ),
)
