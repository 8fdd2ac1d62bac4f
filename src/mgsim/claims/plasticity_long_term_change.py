"""Claim 30: magnesium takes part in plasticity, and a lack of it lasts."""

from mgsim.analysis.plasticity import strength
from mgsim.claims.synapses import plastic
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import dish, person
from mgsim.judging.reading import Reading

#: From the presynaptic to the postsynaptic spike, ms, and between pairs, of which there are 60.
DELAYS, PERIOD = (-20.0, 5.0, 10.0, 20.0, 40.0), 1000.0
#: What is no potentiation.
NOTHING = 0.01


def after(paired, preparation):
    """Strength after 60 pairs a second apart, over that before."""
    depressing = paired.time_depressing.clip(0, PERIOD) / PERIOD
    potentiating = paired.time_potentiating.clip(0, PERIOD) / PERIOD
    return strength(depressing, potentiating, 60.0, preparation)


def potentiated(paired, preparation):
    return sum((after(x, preparation) - 1).clip(min=0) for x in paired) / len(paired)


def apart(one, other):
    """How many times the larger is the smaller."""
    return (one / other).clip(min=other / one)


def window(preparation):
    def moved(a, b, c, d, e, low_a, low_b, low_c, low_d, low_e):
        """Potentiation over five delays of a pair: the larger of low and usual over the smaller."""
        low = potentiated((low_a, low_b, low_c, low_d, low_e), preparation)
        return apart(low + NOTHING, potentiated((a, b, c, d, e), preparation) + NOTHING)

    return moved


def kept(preparation):
    def lasting(a, b, c, d, e, low_a, low_b, low_c, low_d, low_e):
        """What low magnesium changes in what 60 pairs leave: the most over five delays."""
        found = 1.0 + 0 * a.time_depressing
        for low, usual in zip((low_a, low_b, low_c, low_d, low_e), (a, b, c, d, e), strict=True):
            found = apart(after(low, preparation), after(usual, preparation)).clip(min=found)
        return found

    return lasting


def readings(bath, usual, low):
    conditions = {n: bath(usual, post_delay=x) for n, x in zip("abcde", DELAYS, strict=True)}
    conditions |= {f"low_{n}": c.but(mg_out=low) for n, c in conditions.items()}
    for preparation, bench in plastic.items():
        word = f"{bath.__name__}, {{}}, {preparation.replace('_', ' ')}"
        yield Reading(
            word.format("potentiation"),
            bench,
            conditions,
            window(preparation),
            "assumed: a tenth more or less, whichever way, takes part",
            at_least=1.1,
        )
        yield Reading(
            word.format("what lasts"),
            bench,
            conditions,
            kept(preparation),
            "assumed: a twentieth of a synapse's strength, whichever way, is a change",
            at_least=1.05,
            headline=False,
        )


claim = Claim(
    "plasticity_long_term_change",
    "Magnesium takes part in plasticity; a lasting lack changes the brain.",
    documents=("003", "004"),
    category="B",
    mechanism="plasticity",
    readings=(*readings(dish, 1.2, 0.2), *readings(person, 0.80, 0.72)),
    caveat="One synapse without a cell round it, and one kind of rule, with the constants of three "
    "preparations: two thresholds of calcium, which were fitted to spikes and read the calcium of "
    "a spine here. Its strength lasts because the rule has two stable states. No lack over weeks "
    "is in it, nor what a cell does to make up for one, and no memory. More potentiation is not "
    "better or worse.",
    literature=(
        "Kampa et al. 2004: slow unblock narrows the window of timing",
        "Graupner and Brunel 2012, doi 10.1073/pnas.1109359109",
    ),
    expected="dish: potentiation HOLDS, as 6 times less magnesium multiplies calcium; person: "
    "CONDITIONAL on the preparation; what lasts the same",
    notes="Not as expected: in a dish it is conditional, and in a person next to nothing passes, "
    "which 512 draws leave open. In the published example and in cortical slices the word hangs "
    "on how long receptors stay open and how steep the block is; in hippocampal slices one spike "
    "of either kind brings so little that six times less magnesium hardly reaches the threshold. "
    "What lasts is seen in more draws than potentiation is, as depression moves too. A look at 32 "
    "draws went before. What surprised: how much of the word is the preparation. A referee would "
    "weigh the calcium anew under each law, as it was weighed under that of the spine, which "
    "passes most; would pair bursts; and would ask for a rule of another form, of which no "
    "constants were found.",
)
