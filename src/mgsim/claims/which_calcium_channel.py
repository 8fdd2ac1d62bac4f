"""Claim 11: magnesium is called a natural calcium channel blocker."""

from mgsim.claims.bench import COVERS_MORE, tonic, train
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import dish, person
from mgsim.judging.reading import Reading

WHY = "assumed: a quarter of what is kept out is what one would call blocking these channels"


def through_channels(low, usual):
    """Of the calcium that more magnesium keeps out, the share of voltage-gated channels."""
    kept_out = low.ca_charge - usual.ca_charge
    return (low.ca_charge_l_type - usual.ca_charge_l_type) / kept_out


def readings(word, bench, **sets):
    low = {"low": dish(0.2, **sets), "usual": dish(1.2, **sets)}
    less = {"low": person(0.72, **sets), "usual": person(0.80, **sets)}
    for name, arms in (("dish", low), ("person", less)):
        yield Reading(
            f"{name}, {word}",
            bench,
            arms,
            through_channels,
            WHY,
            0.25,
            # Channels too few to matter, so that next to nothing can have come through them.
            control={"g_ca_l": 0.001},
            neutral=0.0,
        )


claim = Claim(
    "which_calcium_channel",
    "Magnesium works as a natural calcium channel blocker, which competes with calcium for entry.",
    documents=("001", "002", "003", "004"),
    category="A",
    mechanism="calcium",
    readings=(
        *readings("tonic", tonic),
        *(r for rate in (5, 20, 80) for r in readings(f"{rate} Hz", train, train_rate=rate)),
    ),
    caveat="What looks like a block of calcium channels: here magnesium touches NMDA receptors "
    "alone, and less calcium comes through channels because the cell is less depolarised. A direct "
    "block of the channels waits for a cell that has it.",
    literature=("Mayer and Westbrook 1985, PMC1192847: block of the open channel, no competition",),
    expected="CONDITIONAL: it looks like one where the cell fires",
    notes="Expected, and so it came: below about 15 to 63 nS of NMDA conductance in the dish, and "
    "20 to 195 nS in a person, what magnesium keeps out is calcium of NMDA receptors; above "
    "it a quarter or more would have come through voltage-gated channels, none of which it "
    "touches. So an experiment that measures calcium alone cannot tell the two. Under "
    "trapping block at the same conductance, which opens fewer receptors, it fails under "
    "tonic glutamate; on the bursting and the low-threshold cell more draws pass, and at 80 "
    "Hz in the dish the word is open there. A referee would add a direct block of the "
    "channels, which is not in it.",
    changes=(
        COVERS_MORE,
        "its control could not fail: without block both levels of magnesium are alike, nothing is "
        "kept out, and nothing over nothing is no number. The control is now a twentieth of the "
        "fewest channels, and the result that had the old one (CONDITIONAL in the dish and in a "
        "person) was taken away. Run anew, with 256 draws: CONDITIONAL in both again.",
    ),
)
