"""Claim 7: a lack of magnesium makes excitotoxic injury worse."""

from mgsim.claims.bench_harm import MOST, least_harmful
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import dish, person
from mgsim.judging.reading import Reading


def shift(low, usual):
    """The least harmful glutamate: how many times as much at usual magnesium as at low."""
    return usual.glu_tonic_threshold / low.glu_tonic_threshold


def harmed(usual):
    """Cells in which some glutamate does harm at usual magnesium."""
    return usual.glu_tonic_threshold < MOST


def reading(name, low, usual, line, why, headline=True):
    return Reading(
        name,
        least_harmful,
        {"low": low, "usual": usual},
        shift,
        why,
        line,
        where=harmed,
        headline=headline,
    )


claim = Claim(
    "low_mg_worsens_excitotoxicity",
    "A lack of magnesium makes excitotoxic injury worse, or starts it.",
    documents=("001", "003", "004"),
    category="A",
    mechanism="calcium",
    gate="G2",
    readings=(
        reading(
            "dish, 1.2 to 0.2 mM", dish(0.2), dish(1.2), 2.0, "assumed: half the glutamate suffices"
        ),
        reading(
            "dish, 1.2 mM to none",
            dish(0.0),
            dish(1.2),
            2.5,
            "Zeevalk and Nicklas 1992: fivefold for NMDA in the chick retina; half of that",
            headline=False,
        ),
        reading(
            "person, 0.80 to 0.72 mM",
            person(0.72),
            person(0.80),
            1.1,
            "assumed: a tenth less glutamate suffices",
        ),
    ),
    caveat="Harm is a charge of calcium through NMDA receptors, and which charge is drawn over two "
    "decades: nothing here dies. Injury that a lack starts by itself, without glutamate, is not in "
    "it: without glutamate magnesium touches no calcium in this cell. No uptake, which in tissue "
    "decides how much of a dose arrives.",
    literature=(
        "Zeevalk and Nicklas 1992: the least toxic NMDA fell from 25 to 5 uM, and glutamate from "
        "300 to 10, from 1.2 mM to none; toxicity of a metabolic block did not change",
    ),
    expected="dish CONDITIONAL, on the line: where much charge is asked for, the cell is "
    "depolarised and the block weak; person CONDITIONAL or FAILS. Exploratory "
    "runs of 16 draws went before",
    notes="In the dish the charge that counts as harm divides, as expected, but the other way: "
    "more draws pass where more than 0.34 pC is asked for, and it explains a fifth "
    "only. A person, surprisingly, passes in more than half of the draws, fewer where the "
    "receptors are many, since then the cell is depolarised and the block weak. But the "
    "line stands beside the ratio of the two magnesiums (1.11), which is what a block of "
    "one magnesium a channel gives, and so does the middle of the draws: with a line at "
    "1.2 a sixth to three tenths pass, at 1.05 nine tenths or so. It is a word about a "
    "tenth, not about injury.",
)
