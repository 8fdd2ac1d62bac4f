"""Claim 32: magnesium blocks the release of acetylcholine at the muscle."""

from mgsim.claims.bench import OPEN_TURNS
from mgsim.claims.measured import MUSCLE
from mgsim.claims.synapses import junction
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import dish
from mgsim.judging.reading import Reading

#: Free magnesium and calcium of serum; the synapse is taken to work there as it is known to.
SERUM = dish(0.55, ca_out=1.2, ca_recorded=1.2, mg_recorded=0.55)
#: Magnesium that does not compete.
WITHOUT = {"mg_release_k": 1e6}
#: What just fires the muscle fibre.
NEEDED = 0.05


def left(usual, more):
    """What an impulse releases with more magnesium, over what just fires the muscle fibre."""
    return more.release_first / NEEDED


def freed(low, usual):
    """What an impulse releases: times as much at low magnesium."""
    return low.release_first / usual.release_first


def fires(usual):
    """The draws in which the muscle fibre fires in usual serum."""
    return usual.release_first >= NEEDED


def blocked(mg, why, headline):
    return Reading(
        f"dish, blocked at {mg:g} mM",
        junction,
        {"usual": SERUM, "more": SERUM.but(mg_out=mg)},
        left,
        why,
        below=1.0,
        where=fires,
        control=WITHOUT,
        neutral=4.0,
        headline=headline,
    )


claim = Claim(
    "cholinergic_block",
    "Magnesium blocks the release of acetylcholine at the muscle and the receptor's current.",
    documents=("002",),
    category="B",
    mechanism="channels",
    readings=(
        blocked(10, "assumed: the most of a dish; no fibre fires on less than it needs", True),
        blocked(6, "assumed: as in the rat's diaphragm, which 6 mM just blocks", False),
        blocked(3, "unverified: 3 mM is about the most of a treatment", False),
        Reading(
            "dish, a lack doubles release",
            junction,
            {"low": SERUM.but(mg_out=0.3), "usual": SERUM},
            freed,
            "assumed: half as much again would be felt",
            at_least=1.5,
            control=WITHOUT,
            headline=False,
        ),
    ),
    comparisons=(MUSCLE,),
    caveat="10 mM is the most of a dish, and no level of a person. Of what the claim says, the "
    "release alone: no usable law of magnesium on the current of the receptor was found; it falls "
    "too, so that block comes at less than here. A law of the frog with constants that are "
    "recalled. Serum's calcium, which is not the 'person' of this page, whose fluid bathes the "
    "brain. One impulse, no train. The control cannot pass the line: with magnesium that does "
    "not compete an impulse releases as usual, and every safety factor that is drawn is 2 or "
    "more, so that the fibre fires in every draw.",
    literature=(
        "del Castillo and Engbaek 1954: magnesium lowers release, and the receptor's sensitivity",
        "https://discovery.researcher.life/article/the-effect-of-tetraethylammoninum-tea-and-"
        "temperature-on-the-neuromuscular-block-produced-by-magnesium/"
        "8794af8999263a4695b0d14598b9da95 (abstract): rat diaphragm, just blocked at 6 mM and 37 "
        "degC, at 10 mM and 22 degC",
    ),
    expected="blocked at 10 mM HOLDS, at 6 mM HOLDS or nearly; at 3 mM CONDITIONAL on the safety "
    "factor; a lack FAILS",
    notes="That magnesium lowers release is built into the law, and that no draw passes the "
    "control is so by construction: what is open is how much of it blocks, and the word at 10 mM "
    "is of that line alone. 99.7 % pass at 10 mM in serum, and it is fragile: below 0.8 of what "
    "just fires the fibre 98.9 % pass, below a half 94.8 %, below 0.4 90.2 %; with priors half as "
    "wide again it is open. Another bath turns it: with calcium of 2 mM, recorded at 2 mM, as in "
    "the comparison below, 96.9 % pass at 10 mM; with that calcium and a recording in serum 77 %, "
    "and with 2.5 mM 43 %. At 4 mM in serum 64 % pass. At 6 mM, "
    "which just blocks a rat's diaphragm, it does in nine draws of ten, which leaves the word "
    "open, and at 3 mM where the safety factor is below about 3.2. A lack does next to nothing to "
    "release: in serum magnesium is little beside what competes with it. A look at 64 draws went "
    "before. What surprised: that treatment comes so near to block, where the safety factor is "
    "low. A law of a mammal's endplate, measured safety factors and a bath of stated calcium would "
    "make it say more; one impulse is not a train, which facilitates.",
    changes=(
        "the law stood by a recording of 2 mM calcium and 1 mM magnesium, as it does by itself, in "
        "place of serum, so that safety factors were less than their prior says; seen after a run "
        "of 1024 draws. The control was another law, and is now magnesium that does not compete. "
        "HOLDS at 10 mM before and after; at 6 mM HOLDS before, UNDECIDED after; at 3 mM "
        "CONDITIONAL and for a lack FAILS before and after.",
        f"{OPEN_TURNS} Beside the verdict, a lack FAILS before and FAILS, fragile after.",
    ),
)
