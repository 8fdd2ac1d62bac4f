"""Claim 14: magnesium lowers glutamate; where it lacks, glutamate gathers."""

from mgsim.claims.bench import OPEN_TURNS
from mgsim.claims.bench_ions import DRAWS, ambient
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import dish, person
from mgsim.judging.reading import Reading

#: The bath in which a share of ambient glutamate is what it is, is the usual one of each.
DISH = dish(1.2, mg_recorded=1.2, ca_recorded=1.75)
PERSON = person(0.80, mg_recorded=0.80, ca_recorded=1.2)
MORE = "claims on it: a tenth"


def around(usual, low):
    """Glutamate around clefts at low magnesium, times the usual."""
    return low.glu_mean / usual.glu_mean


def in_clefts(usual, low):
    """Glutamate in clefts at low magnesium, times the usual, of a release that never stops."""
    return low.glu_mean_cleft / usual.glu_mean_cleft


def readings(usual, low):
    for word, statistic in (("around clefts", around), ("in clefts", in_clefts)):
        yield Reading(
            f"{usual.range}, {word}",
            ambient,
            {"usual": usual, "low": usual.but(mg_out=low)},
            statistic,
            MORE,
            at_least=1.1,
            control={"release_max": 0.0},
            headline=word == "around clefts",
        )


claim = Claim(
    "mg_lowers_ambient_glutamate",
    "Magnesium lowers glutamate; where it lacks, glutamate gathers in the cleft.",
    documents=("003",),
    category="B",
    mechanism="glutamate",
    draws=DRAWS,
    readings=(*readings(PERSON, 0.72), *readings(DISH, 0.2)),
    caveat="Synaptic, ambient, of the blood or of the body: the document does not say which "
    "glutamate. Uptake does not follow magnesium here, as no measurement was found "
    "('mg_boosts_uptake' says how much it would take). The law of release is the endplate's. The "
    "share of vesicles is that under the slower uptake; the faster takes more of it in the cleft. "
    "It is that share at the calcium of the recording alone (1.75 mM in a dish, 1.2 in a person): "
    "calcium is drawn about it, and with its fourth power or so takes what vesicles release to 0.3 "
    "to 1.8 times in a dish, so that the share from which half pass has calcium in it.",
    literature=(
        "Jabaudon et al. 1999, PMC17585: ambient glutamate does not come from vesicles for the "
        "most part",
        "Vazquez-Espierrez 1998: in stroke magnesium and glutamate of the fluid rise together",
    ),
    expected="person: FAILS, as release changes by less than a tenth; dish: CONDITIONAL on the "
    "share from vesicles",
    notes="The word for a person is arithmetic at typical constants: the law of release bounds "
    "what all glutamate from vesicles can rise from 0.80 to 0.72 mM to ((1 + 1.2/1.1 + 0.80/2.97) "
    "/ (1 + 1.2/1.1 + 0.72/2.97))^4.5, that is 1.05, below the line of 1.1; only constants far "
    "from these could pass. A law measured at a synapse of the brain, or a line of a hundredth, "
    "would make it say more. As expected, it fails: glutamate around clefts rises by 1 to 1.5 % "
    "(median), by more than 7 % in one draw of 256 under each law; none reaches a tenth. With half "
    "the line 1.6 to 3.1 % of the draws pass, which leaves the word open there, and with priors "
    "half as wide again 0.8 %. In a dish, from 1.2 to 0.2 mM, it is as far as the glutamate comes "
    "from vesicles: half pass from a share of 0.30 (slow uptake) or 0.46 (fast), calcium being "
    "drawn beside it; what was measured says little of it does, which is where most draws fail. "
    "In clefts that are filled by release alone nearly all draws of a dish pass, as that is "
    "release itself. What surprised: with clefts that empty as slowly as published nothing of the "
    "vesicles' glutamate gets out, so that the claim would fail by construction; a referee would "
    "ask for that time first. The word of a dish rests on a share that is drawn from none to all.",
    changes=(
        "sixteen draws were seen before it was fixed: none passed in a person, in a dish up to a "
        "fifth around clefts and all in them. Clefts emptied as slowly as published in them, so "
        "that 4 % of what vesicles release came out; they empty ten times as fast now, and the "
        "share from vesicles is what it says.",
        "the share from vesicles is held between none and all, which wider priors had left; fixed "
        "for the third time. No result of the earlier two is kept, so no word before.",
        f"{OPEN_TURNS} In a person FAILS before and FAILS, fragile after.",
    ),
)
