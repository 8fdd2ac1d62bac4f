"""Claim 38: serum magnesium does not show that of the brain."""

from mgsim.claims.bench_blood import a_day, a_month
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import person
from mgsim.judging.reading import Reading

HALF = "assumed: less than half of what serum shows is not shown by it"
#: Magnesium that runs in, or is lost beyond what comes in, mmol/h: 1 g/h of the sulfate, and what
#: lowers serum by some fifth.
IN, LOST = 4.06, -0.9
#: The fluid follows serum whole, and at once.
WHOLE = {"csf_gain": 1.4, "csf_exit": 1.0, "brain_exchange": 5.0}


def shown(usual, changed):
    """The brain's change over that of serum, each as a share of what it was."""
    brain = changed.brain_at_end / usual.brain_at_end - 1
    return brain / (changed.serum_at_end / usual.serum_at_end - 1)


def reading(name, bench, rate):
    usual = person(0.80)
    return Reading(
        name,
        bench,
        {"usual": usual, "changed": usual.but(mg_infusion=rate)},
        shown,
        HALF,
        below=0.5,
        control=WHOLE,
    )


claim = Claim(
    "serum_not_brain",
    "Magnesium of serum does not show that of body or brain.",
    documents=("000",),
    category="B",
    mechanism="dose",
    readings=(
        reading("person, a day of infusion", a_day, IN),
        reading("person, a month of loss", a_month, LOST),
    ),
    caveat="What of a rise arrives in the fluid is drawn from none to all, since four studies of "
    "people contradict one another: the word is about that. Muscle and bone, which hold most of "
    "the body's magnesium, are not in it; nor that people differ in both fluids from birth. Serum "
    "of pregnant women, whose kinetics were measured.",
    literature=(
        "Brewer et al. 2001: no change of the fluid in 4 h",
        "Fuchs-Buder et al. 1997: the fluid went on rising while serum fell",
    ),
    expected="CONDITIONAL on what arrives (csf_gain): half pass at about 0.7 once settled, higher "
    "after a day. Exploratory runs of 16 draws went before",
    notes="As expected. Once settled, half pass where 0.73 of what serum gains or loses arrives in "
    "the fluid; after a day of infusion at 0.97, since the fluid is still on its way. The "
    "words are those of that prior: where nothing arrives (as Brewer et al. measured) the "
    "sentence HOLDS, where all arrives (Fuchs-Buder et al.) it FAILS after a month. Nobody "
    "who believes one of these studies has to move; what would settle it is a measurement of "
    "both fluids over weeks.",
)
