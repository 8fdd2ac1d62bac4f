"""Claim 18: magnesium activates GABA receptors and so calms."""

from mgsim.claims.bench import inhibited
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import dish, person
from mgsim.judging.reading import Reading


def spikes(low, usual):
    """Spikes with GABA receptors as at low magnesium, all else as usual: times as many."""
    return low.spike_count / usual.spike_count


def fires(usual):
    """The draws that fire ten times or more as usual, so that one spike is a tenth."""
    return usual.spike_count >= 10


def readings(mg, low, line, why):
    """Magnesium of the block stays; that to which the gain is held makes it what it is at low."""
    of = person if low > 0.5 else dish
    usual = of(mg, mg_gaba_measured=mg)
    arms = {"low": usual.but(mg_gaba_measured=2 * mg - low), "usual": usual}
    for rate in (20, 80):
        yield Reading(
            f"{usual.range}, {rate} Hz",
            inhibited,
            {n: c.but(train_rate=rate) for n, c in arms.items()},
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
        *readings(1.2, 0.2, 1.1, "assumed: a tenth more spikes is what one would call less calm"),
        *readings(0.80, 0.72, 1.05, "assumed: 5 % more; in most cells one spike"),
    ),
    caveat="Rests on an effect that nobody measured as a law: the gain of GABA-A receptors is "
    "drawn from 0 to 0.5 of itself per mM. 'Activates' blurs an agonist with such a gain: alone "
    "magnesium opens nothing here. NMDA receptors see usual magnesium in both arms. One cell; how "
    "GABA is released, and what inhibits the inhibiting cells, is not in it.",
    literature=(
        "El-Beheiry and Puil 1990, doi 10.1111/j.1476-5381.1990.tb14197.x: less magnesium, weaker "
        "GABA responses",
    ),
    expected="dish: CONDITIONAL on the gain or the drive; person: FAILS, as GABA-A conductance "
    "changes by 4 % at most",
)
