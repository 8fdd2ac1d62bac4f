"""Claim 3: too much glutamate floods a neuron with calcium."""

from itertools import pairwise

from mgsim.claims.bench import COVERS_MORE, tonic, train
from mgsim.claims.measured import CALCIUM
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import dish, person
from mgsim.judging.reading import Reading


def least_rise(a, b, c, d):
    """The calcium load: the smallest factor by which a fivefold step of glutamate raises it."""
    loads = [x.ca_charge for x in (a, b, c, d)]
    rises = [after / before for before, after in pairwise(loads)]
    return rises[0].clip(max=rises[1]).clip(max=rises[2])


def lesser_rise(a, b, c):
    """The same of two steps."""
    first, second = b.ca_charge / a.ca_charge, c.ca_charge / b.ca_charge
    return first.clip(max=second)


def left(usual, without):
    """The calcium load with NMDA receptors blocked, over the usual one."""
    return without.ca_charge / usual.ca_charge


def flooded(usual):
    """Cells in which much calcium comes in."""
    return usual.ca_charge >= 20


#: uM; receptors are half open at 2.3.
BELOW_SATURATION, BEYOND = (0.2, 1, 5), (1, 5, 25, 125)


def dose(bath, mg, steps, rise, word, headline):
    return Reading(
        f"{bath.__name__}, more glutamate, more calcium{word}",
        tonic,
        {n: bath(mg, glu_tonic=g * 1e-3) for n, g in zip("abcd", steps, strict=False)},
        rise,
        "assumed: a tenth more calcium for five times the glutamate is the least that counts",
        at_least=1.1,
        control={"g_nmda": 0.0},
        headline=headline,
    )


def source(bath, mg, rate):
    usual = bath(mg, train_rate=rate)
    return Reading(
        f"{bath.__name__}, through NMDA receptors, {rate} Hz",
        train,
        {"usual": usual, "without": usual.but(g_nmda=0.0)},
        left,
        "assumed: blocking them has to take away half of the flood",
        below=0.5,
        where=flooded,
        control={"usual": usual.but(g_nmda=0.01)},
    )


RANGES = ((dish, 1.2), (person, 0.8))
claim = Claim(
    "glutamate_ca_overload",
    "Too much activation of glutamate receptors floods the neuron with calcium.",
    documents=("000", "001", "003", "004"),
    category="A",
    mechanism="calcium",
    readings=(
        *(dose(bath, mg, BELOW_SATURATION, lesser_rise, ", to 5 uM", True) for bath, mg in RANGES),
        *(dose(bath, mg, BEYOND, least_rise, "", False) for bath, mg in RANGES),
        *(source(bath, mg, rate) for bath, mg in RANGES for rate in (20, 80)),
    ),
    comparisons=(CALCIUM,),
    caveat="A load is no death: no process that kills is in the model. A flood is 20 pC in half a "
    "second, assumed.",
    literature=(
        "Choi 1985, doi 10.1016/0304-3940(85)90069-2: toxicity depends on calcium",
        "Abele et al. 1990, doi 10.1016/0896-6273(90)90053-I: blockers of calcium channels protect "
        "too",
    ),
    expected="more glutamate HOLDS; through NMDA receptors CONDITIONAL on calcium channels",
    notes="More glutamate below saturation lets more calcium in, as expected: 98 % or more of the "
    "draws pass under every law, and the regular spiking cell alone would say HOLDS; the "
    "low-threshold cell makes it depend on the cell. Not as expected: up to 125 uM, beside "
    "the verdict, a quarter to a third pass. From 25 to 125 uM the receptors are nine tenths "
    "open already, so that the last step cannot give a tenth more unless the cell fires more. "
    "Where AMPA receptors fire the cell (half at 67 to 103 nS) most of the flood comes in "
    "without NMDA receptors.",
    changes=(
        COVERS_MORE,
        "the reading of more glutamate no longer counts for the verdict: from 25 to 125 uM nine "
        "tenths of the receptors are open already, so that its last step asks of saturation, not "
        "of a flood. Seen after the run. The words are computed anew from the readings through "
        "NMDA receptors: CONDITIONAL before and after, in the dish and in a person.",
        "a reading of more glutamate below saturation, 0.2 to 5 uM, came to it and counts: the "
        "sentence says it first. An exploratory run of 32 draws, of 0.5 to 4.5 uM, went before: it "
        "passed in all of them.",
    ),
)
