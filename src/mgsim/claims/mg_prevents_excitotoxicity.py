"""Claim 6: enough magnesium prevents injury even where glutamate is in excess."""

from mgsim.claims.bench import COVERS_MORE, tonic
from mgsim.claims.measured import ESCAPE, GLUTAMATE, NMDA, TRACE
from mgsim.judging.claim import Claim
from mgsim.judging.conditions import dish, person
from mgsim.judging.reading import Reading

#: Forty times the half-effect: as good as every receptor open.
EXCESS = 0.1


def left(usual, more):
    """The calcium load with more magnesium over that with less."""
    return more.ca_charge / usual.ca_charge


def flooded(usual):
    """Cells in which much calcium comes in with less magnesium."""
    return usual.ca_charge >= 20


def reading(name, bath, less, more, below, why):
    arms = {"usual": bath(less, glu_tonic=EXCESS), "more": bath(more, glu_tonic=EXCESS)}
    return Reading(name, tonic, arms, left, why, below=below, where=flooded)


HALF = "assumed: what prevents takes away half of the load at least"
claim = Claim(
    "mg_prevents_excitotoxicity",
    "Enough magnesium prevents excitotoxic injury even where glutamate is in excess.",
    documents=("000", "001", "003", "004"),
    category="A",
    mechanism="calcium",
    gate="G2",
    readings=(
        reading("dish, 0.2 to 1.2 mM", dish, 0.2, 1.2, 0.5, HALF),
        reading("dish, 1.2 to 4 mM", dish, 1.2, 4.0, 0.5, HALF),
        reading(
            "person, 0.72 to 0.92 mM",
            person,
            0.72,
            0.92,
            0.8,
            "assumed: a fifth; at a fixed potential 28 % more can take away 22 %",
        ),
    ),
    comparisons=(NMDA, TRACE, GLUTAMATE, ESCAPE),
    caveat="The load of one cell, in which nothing dies; magnesium is there before the glutamate. "
    "Insults of kainate, to which magnesium does nothing here, are left out: so is a failing pump.",
    literature=(
        "Zeevalk and Nicklas 1992: toxicity of kainate is not changed by magnesium",
        "Temkin et al. 2007, doi 10.1016/S1474-4422(06)70630-5: brain injury, worse at the lower "
        "dose, more deaths at the higher",
    ),
    expected="dish CONDITIONAL, from 1.2 to 4 mM less than from 0.2 to 1.2; person CONDITIONAL",
    notes="Not as expected: going from 1.2 to 4 mM halves the load in more of the draws than going "
    "from 0.2 to 1.2. A cell that glutamate alone depolarises is near the fold of its "
    "current, and more block lets it fall back; where calcium channels are dense it stays up,"
    " and they divide. Cells that are flooded at the lower magnesium alone are asked: a tenth"
    " to a half of the draws at 1.2 mM. A referee would give the magnesium after the "
    "glutamate, or let a pump fail: both wait.",
    changes=(COVERS_MORE,),
)
