"""Claim 5: low magnesium makes neurons over-excitable by strengthening glutamate transmission."""

from mgsim.claims.bench import COVERS_MORE, tonic, train
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import dish, person
from mgsim.judging.reading import Reading

FIFTH = "assumed: a fifth more spikes is over-excitable"
LEAST = "assumed: 5 % more; a readout of 20 spikes is no finer"


def more_spikes(low, usual):
    """Spikes: times as many at low magnesium."""
    return low.spike_count / usual.spike_count


def fires(usual):
    """Cells that fire at usual magnesium."""
    return usual.spike_count >= 2


def readings(word, bench, **sets):
    low = {"low": dish(0.2, **sets), "usual": dish(1.2, **sets)}
    less = {"low": person(0.72, **sets), "usual": person(0.80, **sets)}
    yield Reading(f"dish, {word}", bench, low, more_spikes, FIFTH, 1.2, where=fires)
    yield Reading(f"person, {word}", bench, less, more_spikes, LEAST, 1.05, where=fires)


ZERO = Reading(
    "dish, none against 0.2 mM, tonic",
    tonic,
    {"low": dish(0.0), "usual": dish(0.2)},
    more_spikes,
    "assumed: if less magnesium always excites, then also from 0.2 mM to none",
    at_least=1.05,
    where=fires,
    headline=False,
)
claim = Claim(
    "low_mg_hyperexcitable",
    "Low magnesium makes neurons over-excitable by strengthening glutamate transmission.",
    documents=("001", "002", "003", "004"),
    category="A",
    mechanism="block",
    readings=(
        *readings("tonic", tonic),
        *(r for rate in (5, 20, 80) for r in readings(f"{rate} Hz", train, train_rate=rate)),
        ZERO,
    ),
    caveat="About cells that fire at usual magnesium already; without glutamate nothing changes. "
    "One document says 'theoretically', and is right to.",
    literature=(
        "El-Beheiry and Puil 1990, doi 10.1111/j.1476-5381.1990.tb14197.x, dissent: without "
        "magnesium cells hyperpolarised and glutamate responses were depressed or unchanged",
    ),
    expected="dish CONDITIONAL, person CONDITIONAL or FAILS; from 0.2 mM to none CONDITIONAL: "
    "depolarisation silences",
    notes="In the dish and in a person strong NMDA conductance divides, not the law. What "
    "surprised: from 0.2 mM to none the regular spiking cell still fires more in 97 % or more"
    " of the draws; silence by depolarisation, which the claim's critics expect, is rare "
    "here. A referee would say that only cells which fire at usual magnesium are asked; those"
    " that are silent there make 30 to 90 % of the draws, and their share stands beside each "
    "word.",
    changes=(COVERS_MORE,),
)
