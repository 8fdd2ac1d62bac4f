"""Claim 28: low magnesium contributes to migraine, and magnesium helps: spreading depression."""

from mgsim.claims.bench import OPEN_TURNS
from mgsim.claims.bench_ions import DRAWS, bathed
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import dish, person
from mgsim.judging.reading import Reading

#: How long a run is (ms), and for how long a cell must be depolarised to count.
END, LASTS = 5000.0, 50.0
#: Gates as they are in the usual bath of each: only what changes shifts them.
DISH = dish(1.2, mg_unshifted=1.2, ca_unshifted=1.75)
PERSON = person(0.80, mg_unshifted=0.80, ca_unshifted=1.2)
#: Magnesium that screens no charge.
NO_CHARGE = {"mg_screening": 1e6}
SOONER = "claims on it: a tenth; the time that potassium has to act stands for the threshold"


def sooner(usual, low):
    """Time to depolarisation for good at low magnesium, over the usual; the run's end if never."""
    return (END - low.time_beyond) / (END - usual.time_beyond)


def later(usual, raised):
    """Time to depolarisation for good at more magnesium, over the usual; the run's end if never."""
    return (END - raised.time_beyond) / (END - usual.time_beyond)


def ignites(usual):
    """Cells that depolarise for good at usual magnesium."""
    return usual.time_beyond > LASTS


def ignited(here):
    """Depolarised for good within five seconds, by condition:"""
    return here.time_beyond > LASTS


def reading(name, low, usual, headline=True, **sets):
    return Reading(
        f"{usual.range}, {name}",
        bathed,
        {"low": usual.but(mg_out=low, **sets), "usual": usual.but(**sets)},
        sooner,
        SOONER,
        below=0.9,
        where=ignites,
        control={"mg_screening": 1e6, "g_nmda": 0.0},
        crosses=ignited,
        headline=headline,
    )


claim = Claim(
    "migraine_spreading_depression",
    "Migraine comes from an over-excitable cortex; low magnesium contributes and magnesium helps.",
    documents=("000", "001", "002", "003", "004"),
    category="B",
    mechanism="ions",
    draws=DRAWS,
    readings=(
        reading("low magnesium", 0.2, DISH),
        reading("low magnesium, no AMPA receptors", 0.2, DISH, False, g_ampa=0.0),
        reading("low magnesium, by block alone", 0.2, DISH, False, **NO_CHARGE),
        reading("low magnesium", 0.72, PERSON),
        Reading(
            "person, more magnesium",
            bathed,
            {"usual": PERSON, "raised": PERSON.but(mg_out=0.92)},
            later,
            SOONER,
            at_least=1.1,
            where=ignites,
            control={"mg_screening": 1e6, "g_nmda": 0.0},
            crosses=ignited,
            headline=False,
        ),
    ),
    caveat="Spreading depression is the aura, not the headache, and here it is one cell that high "
    "potassium depolarises: nothing spreads. Only its onset is asked, as its end is set by the "
    "smallest push. Magnesium acts by block and by screening charge, which calcium does as well.",
    literature=(
        "Santos et al. 2016, doi 10.1177/0271678X16671317: magnesium on the brain abolishes it, "
        "into the vein it does not",
    ),
    expected="dish: CONDITIONAL on the density of charge; by block alone and in a person: FAILS",
    notes="As expected. In a dish the onset at 0.2 mM comes at 0.86 of its usual time (median), a "
    "tenth or more sooner where the membrane has more charge than 0.081 C/m2. By block alone it "
    "moves by 0.2 %: what magnesium does to it here it does by screening. In a person, from 0.80 "
    "to 0.72 mM, it comes 1.4 % sooner, less than 4.2 % in 99 draws of a hundred; more magnesium, "
    "0.92 mM, delays it by 2 %. What surprised: that AMPA receptors change none of this. The "
    "person's word would survive a line of 7 %; one of 5 % leaves it open and one of 2.5 % turns "
    "it. A referee would say that more than a third of the draws never ignite and are not asked, "
    "that it is one law of charge, and that in the cell of cortex with ATP the person's word "
    "could not be shown.",
    changes=(
        "thirty-two draws of some conditions were seen before it was fixed: low magnesium brings "
        "it a tenth sooner in some of a dish and in none of a person. Where a fast bath gave "
        "potassium alone, sodium outside ran out and one run in seven failed, so that the bath has "
        "both salts.",
        f"{OPEN_TURNS} In a person FAILS before and FAILS, fragile after, as more "
        "magnesium does beside it.",
    ),
)
