"""Claim 18: magnesium activates GABA receptors and so calms."""

from mgsim.claims.bench_threshold import inhibited
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import dish, person
from mgsim.judging.reading import Reading


def spikes(low, usual):
    """Spikes where GABA receptors alone see low magnesium: times as many."""
    return low.spike_count / usual.spike_count


def fires(usual):
    """Cells that fire ten times or more, so that one spike is a tenth."""
    return usual.spike_count >= 10


def readings(usual, low, line, why):
    for rate in (20, 80):
        there = usual.but(train_rate=rate)
        yield Reading(
            f"{usual.range}, {rate} Hz",
            inhibited,
            {"low": there.but(mg_out_gaba=low), "usual": there},
            spikes,
            why,
            line,
            where=fires,
            control={"mg_slope_gaba": 0.0},
        )


claim = Claim(
    "gaba_activation",
    "Magnesium binds to and activates GABA receptors and so calms the brain.",
    documents=("000", "002", "004"),
    category="B",
    mechanism="channels",
    readings=(
        *readings(
            dish(1.2), 0.2, 1.1, "assumed: a tenth more spikes is what one would call less calm"
        ),
        *readings(
            person(0.80), 0.72, 1.05, "assumed: 5 % more, as of calcium; most often one spike"
        ),
    ),
    caveat="UNSUPPORTED INPUT beyond a sign: nobody measured the gain of GABA-A receptors by "
    "magnesium as a law. It is drawn from 0 to all of itself per mM, and where it divides, the "
    "place is the effect that the claim would need. 'Activates' blurs an agonist with such a gain: "
    "alone magnesium opens nothing here. How GABA is released is not in it.",
    literature=(
        "El-Beheiry and Puil 1990, doi 10.1111/j.1476-5381.1990.tb14197.x: less magnesium, weaker "
        "GABA responses",
    ),
    expected="dish: CONDITIONAL on the gain, the reversal of chloride or the drive; person: FAILS, "
    "as GABA-A conductance changes by 8 % at most. Exploratory runs of 32 draws went before",
    notes="The dish as expected; the person, where FAILS was, is open. In the dish a fifth or so "
    "of the draws fire a tenth more; at 20 a second the gain divides, with no place up to all of "
    "itself per mM at which half pass: the effect that the claim would need is not below "
    "that. At 80 a second the reversal of chloride divides as much as the gain. In a person "
    "3 to 7 % pass, which 1024 draws leave open beside 5 %. What surprised: how often "
    "nothing changes, for spikes of a cell that fires to a train are the train's. A referee "
    "would say that four to seven tenths of the draws, silent or firing less than ten "
    "times, are not asked, and that the gain has no measured size; so the word is about a "
    "range, not a receptor. At twice the line a tenth of the dish passes and hardly any "
    "person.",
)
