"""Claim 26: low magnesium causes seizures."""

from mgsim.claims.bench_self import self_excited
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import dish, person
from mgsim.judging.reading import Reading


def goes_on(low, usual):
    """Spikes in a second at low magnesium, a second after activity has begun."""
    return low.spike_count


def ends(usual):
    """Cells in which activity that has begun ends at usual magnesium."""
    return usual.spike_count < 1


def reading(name, low, usual, headline=True):
    return Reading(
        name,
        self_excited,
        {"low": low, "usual": usual},
        goes_on,
        "assumed: one spike in a second is activity that has not ended",
        at_least=1.0,
        where=ends,
        control={"g_nmda": 0.0},
        neutral=0.0,
        headline=headline,
    )


claim = Claim(
    "low_mg_seizures",
    "Low magnesium causes seizures.",
    documents=("001", "002", "003"),
    category="B",
    mechanism="networks",
    readings=(
        reading("dish, next to none", dish(0.05), dish(1.2)),
        reading("person, a tenth less", person(0.72), person(0.80)),
        reading("person, a quarter less", person(0.60), person(0.80), headline=False),
    ),
    caveat="NO NETWORK: one cell that excites itself stands for cells that burst together, "
    "without inhibition, glia or potassium that gathers. It says whether activity that has begun "
    "goes on, not how often it begins: whatever the word, of seizures it is at most CONDITIONAL. "
    "Potassium outside is drawn from 3.3 to 7 mM by its reversal potential.",
    literature=(
        "Isaev et al. 2012: 67 % of slices at no magnesium and 2 mM calcium, none at 3 mM",
        "doi 10.1186/s12868-021-00650-3: bursts at 0.8 mM with potassium raised to 5.7 mM",
    ),
    expected="dish CONDITIONAL on the leak and the block law; person FAILS but for much potassium. "
    "Exploratory runs of 32 draws went before",
    notes="In a dish, next to no magnesium keeps up activity that has begun in 53 to 85 % of "
    "the draws by law; the decay of the NMDA current divides more than anything else, a "
    "quarter of pass and fail, and half pass where it is slower than about 103 ms under "
    "two of five laws. In a person, a tenth less does it in 0 to 2.4 % and a quarter less "
    "in 0.6 to 6.6 %: that is open, where FAILS was expected. What surprised: that it "
    "hangs on how long the current lasts and not on the leak. A referee would say that "
    "one cell which excites itself is no seizure, that inhibition is missing, and that "
    "the word for a person is made by the number of draws.",
)
