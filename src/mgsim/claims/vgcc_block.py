"""Claim 19: magnesium blocks voltage-gated calcium channels."""

from mgsim.claims.bench import channels
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import dish, person
from mgsim.judging.reading import Reading

#: Magnesium that blocks nothing, and that screens nothing.
PORE, CHARGE = {"mg_k_ca": 1e6}, {"mg_screening": 1e6}


def l_type(low, usual):
    """Calcium through L-type channels during a step: times as much at low magnesium."""
    return low.ca_charge_l_type / usual.ca_charge_l_type


def t_type(low, usual):
    """Calcium through T-type channels during a step: times as much at low magnesium."""
    return low.ca_charge_t_type / usual.ca_charge_t_type


def readings(word, statistic):
    """At one distance from half activation the pore alone is asked, and at one potential all."""
    arms = (
        (dish(0.2), dish(1.2), 1.1, "assumed: a tenth more is what one would call a block"),
        (person(0.72), person(0.80), 1.05, "assumed: 5 % more, as of all calcium"),
    )
    for low, usual, line, why in arms:
        for how, sets in (("one distance", CHARGE), ("one potential", {})):
            yield Reading(
                f"{usual.range}, {word}, {how}",
                channels,
                {"low": low.but(**sets), "usual": usual.but(**sets)},
                statistic,
                why,
                line,
                control=PORE | CHARGE,
                headline=how == "one distance",
            )


claim = Claim(
    "vgcc_block",
    "Magnesium blocks voltage-gated calcium channels.",
    documents=("002", "003"),
    category="B",
    mechanism="channels",
    readings=(*readings("L-type", l_type), *readings("T-type", t_type)),
    caveat="The half-blocking magnesium has no measurement at usual calcium behind it: its prior "
    "is the claim's weak place. At one distance from half activation only the pore is asked; at "
    "one potential the charge that magnesium screens shifts the gates too, which is no block. "
    "A step of 50 ms from -90 mV; calcium inside and the reversal potential do not move.",
    literature=(
        "Kurejova et al. 2007: the calcium current of a T-type channel is far less sensitive than "
        "its monovalent current",
    ),
    expected="dish: CONDITIONAL on the half-blocking magnesium, about 9.8 mM by the closed form; "
    "at one potential more draws pass, by charge; person: FAILS at one distance",
    notes="As expected. The pore is a closed form, (K + 1.2)/(K + 0.2) for the dish, and the run "
    "finds its 9.8 mM. In a person's range no half-blocking magnesium of the prior passes: it "
    "would have to be 0.88 mM, a third of the least drawn; the word survives that prior moved down "
    "threefold, or half the line. A referee would ask at one potential: at the foot of "
    "activation, below about -35 mV, L-type channels of a person then pass 5 % more, in 13 to 21 % "
    "of the draws; but that is screening, which calcium does as well, and stands beside the word. "
    "What surprised: of T-type channels hardly more draws pass at one potential than at one "
    "distance, and none in a person.",
)
