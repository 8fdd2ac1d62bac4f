"""Claim 12: the magnesium that a pill or a drip can add changes what a neuron does."""

from mgsim.claims.bench import COVERS_MORE, OPEN_TURNS, tonic, train
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import person
from mgsim.judging.reading import Reading

#: Free magnesium of the brain, mM: usual, after tablets at the most, after an infusion at the most.
USUAL, TABLETS, INFUSION = 0.80, 0.81, 0.92
LITTLE = "assumed: 5 % less calcium is the least that one would call protection"
MORE = "assumed: a tenth less; 15 % more magnesium can at a fixed potential take away 13 %"


def calcium(usual, raised):
    """Calcium through every channel, after over before."""
    return raised.ca_charge / usual.ca_charge


def spikes(usual, raised):
    """Spikes, after over before."""
    return raised.spike_count / usual.spike_count


def fires(usual):
    """Cells that fire at usual magnesium."""
    return usual.spike_count >= 2


def readings(word, bench, **sets):
    usual = person(USUAL, **sets)
    pill = {"usual": usual, "raised": usual.but(mg_out=TABLETS)}
    drip = {"usual": usual, "raised": usual.but(mg_out=INFUSION)}
    yield Reading(f"tablets, calcium, {word}", bench, pill, calcium, LITTLE, below=0.95)
    yield Reading(f"infusion, calcium, {word}", bench, drip, calcium, MORE, below=0.90)
    yield Reading(
        f"infusion, spikes, {word}",
        bench,
        drip,
        spikes,
        MORE,
        below=0.90,
        where=fires,
        headline=False,
    )


claim = Claim(
    "achievable_mg_change_matters",
    "Magnesium as tablets or infusion changes the excitability of the brain enough to protect.",
    documents=("000", "001", "002", "003", "004"),
    category="A",
    mechanism="dose",
    readings=(
        *readings("tonic", tonic),
        *(r for rate in (5, 20, 80) for r in readings(f"{rate} Hz", train, train_rate=rate)),
    ),
    caveat="From the receptor to spikes: what reaches the brain is given as the most that was "
    "reported, and may be nothing. Nothing slow is in it.",
    literature=(
        "Zhang et al. 2016, doi 10.1161/HYPERTENSIONAHA.116.07664: 368 mg a day, serum +0.05 mM",
        "Brewer et al. 2001: no change of the fluid in 4 h; Apostol et al. 2010, doi "
        "10.1016/j.fertnstert.2009.02.024: none at three times the serum",
    ),
    expected="tablets FAIL; infusion CONDITIONAL",
    notes="Expected: tablets fail, infusion conditional; so it came. Tablets fail in trains "
    "under every law; under tonic glutamate 2 to 3 in a hundred draws pass, cells beside "
    "their threshold, which leaves it open. That tablets fail is near arithmetic: from "
    "0.80 to 0.81 mM is 1.25 %, which at a fixed potential takes away 1.2 % at the most, "
    "where 5 % is asked. An infusion, taken at the most that was ever reported, lowers "
    "calcium by a tenth where AMPA receptors alone do not fire the cell (half at 40 to 90 "
    "nS). Calcium is what counts; spikes stand beside it, and tablets were not asked for "
    "them. A referee would start from magnesium that does not reach the brain at all: "
    "then nothing changes, by construction.",
    changes=(
        COVERS_MORE,
        f"{OPEN_TURNS} Tablets, calcium, at 5, 20 and 80 Hz FAILS before and FAILS, "
        "fragile after; the verdict is what it was.",
    ),
)
