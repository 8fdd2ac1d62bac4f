"""Numbers that were measured and that nothing here was fitted to, for claims to stand beside."""

from dataclasses import replace

import numpy as np

from mgsim.claims.bench import KEPT, released, tonic
from mgsim.claims.synapses import junction
from mgsim.judging.conditions import dish
from mgsim.judging.verdict.comparison import Comparison
from mgsim.measures import peak_ca

ZEEVALK = (
    "unverified: Zeevalk & Nicklas 1992, J Neurochem 59:1211, chick retina; the abstract, at "
    "https://discovery.researcher.life/article/evidence-that-the-loss-of-the-voltage-dependent-"
    "mg2-block-at-the-n-methyl-d-aspartate-receptor-underlies-receptor-activation-during-"
    "inhibition-of-neuronal-metabolism/d10a73fda1ae3af69e602eea7e428c6a"
)
#: Of NMDA, where glutamate has 2.3 uM.
HALF_EFFECT = {"ec50_nmda": "30 uM"}


def reached(levels, numbers, line):
    """The level at which a number that rises or falls with it reaches a line, by logarithms.

    No number where it does not lie between those that were run, or comes back to it.
    """
    x = np.log(levels)
    y = np.stack(np.broadcast_arrays(*numbers)) - line
    turns = np.diff(np.sign(y), axis=0) != 0
    first = turns.argmax(axis=0)[None]
    low, high = (np.take_along_axis(y, first + i, 0)[0] for i in (0, 1))
    with np.errstate(all="ignore"):
        share = low / (low - high)
    at = np.exp(x[first[0]] + share * (x[first[0] + 1] - x[first[0]]))
    return np.where(turns.sum(axis=0) == 1, at, np.nan)


def shift(name, dose, doses, within, measured, why, caveat, gate="", none=0.0, **sets):
    """How much less of an agonist does without magnesium what a dose does with 1.2 mM.

    ``none``: the magnesium, in mM, of what is called without.
    """

    def fold(usual, a, b, c, d, e, f):
        """The dose with 1.2 mM magnesium over the one that lets as much calcium in without any."""
        loads = [np.log(x.ca_charge_nmda) for x in (a, b, c, d, e, f)]
        return dose / reached(doses, loads, np.log(usual.ca_charge_nmda))

    bare = {n: dish(none, glu_tonic=x * 1e-3, **sets) for n, x in zip("abcdef", doses, strict=True)}
    usual = dish(1.2, glu_tonic=dose * 1e-3, **sets)
    return Comparison(
        name,
        tonic,
        {"usual": usual, **bare},
        fold,
        measured,
        within,
        why,
        ZEEVALK,
        caveat=caveat,
        gate=gate,
    )


TWICE = "assumed: within a factor of two"
LOAD = (
    "Injury is taken to be the same where NMDA receptors let the same calcium in, as the injury "
    "index has it: of any index that rises with it the shift is this one. It is not what was "
    "measured: swelling and release of GABA in the retina of a chick embryo, of which the abstract "
    "says that signs of metabolic stress were the same with and without calcium. The same abstract "
    "has a potency that is enhanced two- to fivefold. A neuron of cortex, half a second."
)
NMDA = shift(
    "least toxic NMDA, 1.2 mM magnesium over none",
    25,
    (0.1, 0.5, 1, 3, 8, 25),
    (2.5, 10),
    "25 against 5 uM, fivefold",
    TWICE,
    f"{LOAD} It alone decides gate G2; that of glutamate decides nothing.",
    gate="G2",
    **HALF_EFFECT,
)
TRACE = shift(
    "the same, with the magnesium that is left in a bath without any",
    25,
    (0.1, 0.5, 1, 3, 8, 25),
    (2.5, 10),
    "25 against 5 uM, fivefold",
    TWICE,
    f"{LOAD} Such baths hold 0.05 to 0.08 mM (doi 10.1186/s12868-021-00650-3); here 0.065. "
    "Added after the one without any was seen, from which it lies nearer to what was measured.",
    none=0.065,
    **HALF_EFFECT,
)
GLUTAMATE = shift(
    "least toxic glutamate, 1.2 mM magnesium over none",
    300,
    (0.01, 0.1, 1, 10, 60, 300),
    (15, 60),
    "300 against 10 uM, thirtyfold",
    TWICE,
    f"{LOAD} No uptake, which takes glutamate away in a retina.",
)


def protection(with_mg, without):
    """The share of the calcium load that magnesium keeps out."""
    return 1 - with_mg.ca_charge_nmda / without.ca_charge_nmda


def escape(low, low_0, high, high_0):
    """What 0.8 mM keeps out at 1 mM glutamate, over what it keeps out at 0.01 mM."""
    return protection(high, high_0) / protection(low, low_0)


ESCAPE = Comparison(
    "how much of magnesium's protection is left at much glutamate",
    tonic,
    {
        f"{word}{'' if mg else '_0'}": dish(mg, glu_tonic=dose)
        for word, dose in (("low", 0.01), ("high", 1.0))
        for mg in (0.8, 0.0)
    },
    escape,
    "0.8 mM lowers the calcium of 10 and 100 uM glutamate, and not that of 1 mM",
    (0.0, 0.5),
    "assumed: less than a half is left",
    "unverified: J Physiol 2008, 586:3425, figure 5, isolated retinal ganglion cells; its legend, "
    "PMC2538810",
    caveat="Not the same quantity: there a dye sees all calcium of a ganglion cell, here it is the "
    "charge through NMDA receptors alone. Half a second of glutamate that nothing takes up, in a "
    "cell without AMPA receptors.",
)
_seen = replace(
    tonic, name="tonic_seen", experiment=replace(tonic.experiment, measures=(*KEPT, peak_ca))
)


def seen(usual):
    """The highest calcium of the shell below the membrane."""
    return usual.peak_ca


CALCIUM = Comparison(
    "calcium of a neuron under 300 uM NMDA",
    _seen,
    {"usual": dish(0.8, glu_tonic=0.3, **HALF_EFFECT)},
    seen,
    "above 5 uM by a dye of low affinity",
    (5.0, np.inf),
    "what the dye read",
    "unverified: Hyrc et al. 1997, doi 10.1523/JNEUROSCI.17-17-06669.1997, abstract; cortical "
    "cultures",
    unit="uM",
    caveat="Not the same quantity: there calcium of the cytosol during an exposure that kills, "
    "here the peak of a shell below the membrane within half a second; without an upper end, a "
    "model with far too much agrees. A pool that is linear, so that its micromolar are no "
    "measurement; the magnesium of the culture is taken as 0.8 mM.",
)


def at_less(less, usual):
    """What the first spike releases at 1.0 mM calcium, over that at 2.5 mM."""
    return less.release_first / usual.release_first


RELEASE = Comparison(
    "release at little calcium",
    released,
    {"less": dish(1.0, ca_out=1.0), "usual": dish(1.0, ca_out=2.5)},
    at_less,
    "0.452 against 0.892 at single sites of neocortex, 0.51",
    (0.3, 0.7),
    "assumed: two fifths about it",
    "unverified: Hardingham et al. 2006, J Neurosci 26:6337, abstract",
    caveat="Magnesium was not asked about there: it tests the form of the law in calcium.",
)
_LEVELS = (1, 2, 3, 4.5, 6.5, 10)


def blocking(a, b, c, d, e, f):
    """The magnesium at which an impulse releases no more than just fires the muscle fibre."""
    left = [np.log(x.release_first / 0.05) for x in (a, b, c, d, e, f)]
    return reached(_LEVELS, left, 0.0)


MUSCLE = Comparison(
    "magnesium that just blocks a muscle",
    junction,
    {
        n: dish(x, ca_out=2.0, ca_recorded=2.0, mg_recorded=1.0)
        for n, x in zip("abcdef", _LEVELS, strict=True)
    },
    blocking,
    "6 mM at 37 degC and 10 mM at 22 degC, rat diaphragm",
    (4.0, 10.0),
    "assumed: from a third below the warm one to the cold one",
    "unverified: the abstract at https://discovery.researcher.life/article/the-effect-of-"
    "tetraethylammoninum-tea-and-temperature-on-the-neuromuscular-block-produced-by-magnesium/"
    "8794af8999263a4695b0d14598b9da95",
    unit="mM",
    caveat="The bath's calcium is taken as 2 mM and its usual magnesium as 1 mM. What agrees "
    "reaches to the value at 22 degC, though nothing here follows temperature. Draws that do not "
    "reach the line between 1 and 10 mM have no number and are left out of the middle.",
)
