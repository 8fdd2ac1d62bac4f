"""Sections E, G and I: magnesium in people and dishes, and what is left to larger models."""

from __future__ import annotations

import math

from mgsim.validate.block import BBP, FLICKER, JS, unblocked
from mgsim.validate.target import Target


def _mg(bath: str) -> float:
    import mgsim

    return float(mgsim.baths[bath]["mg_out"].value)


def _ratios(name: str, levels: tuple[float, ...]) -> list[float]:
    found = unblocked(name, -65.0, [0.8, *levels])
    return [float(x) for x in found[1:] / found[0]]


def _largest_change() -> list[float]:
    """Percent by which levels measured in people move the conductance, at -65 mV."""
    return [
        100 * max(abs(r - 1) for r in _ratios(name, (0.70, 0.72, 0.88, 0.89, 0.97)))
        for name in (JS, BBP, FLICKER)
    ]


_LEVELS = (0.70, 0.72, 0.89, 0.97, 1.2, 0.4, 0.1, 0.05, 0.0)
_AT = "0.70, 0.72, 0.89, 0.97, 1.2, 0.4, 0.1, 0.05, 0 mM"
_CSF = "mckee_2005: ionised magnesium of cerebrospinal fluid, 0.80 +- 0.10 mM"

TARGETS: tuple[Target, ...] = (
    Target(
        "TE1",
        "network of conditional bursters: about 10 Hz at low Mg, silent at physiological Mg",
        source="page: Golomb et al. 2006, 10.1152/jn.00932.2005",
        evidence="page",
        beyond="needs a network",
    ),
    Target(
        "TE2",
        "human neocortex without Mg: events end with NMDA antagonists",
        source="page: Avoli et al. 1991, Ann Neurol 30:589",
        evidence="page",
        beyond="needs a network",
    ),
    Target(
        "TE9",
        "culture without Mg: calcium fluctuations in about 70 % of cells, blocked by TTX",
        source="page: Abele et al. 1990, 10.1016/0896-6273(90)90053-I",
        evidence="page",
        beyond="needs a network",
    ),
    Target(
        "TG1.person",
        "bath 'person'",
        (0.80,),
        "mM",
        lambda: [_mg("person")],
        abs=1e-9,
        source=_CSF,
        evidence="page",
        needs=("baths/person",),
        circular=True,
    ),
    Target(
        "TG1.person_iv",
        "bath 'person_iv'",
        unit="mM",
        obtain=lambda: [_mg("person_iv")],
        between=(0.88, 0.97),
        source="mckee_2005: review, +10 to +19 %",
        evidence="unverified",
        needs=("baths/person_iv",),
        circular=True,
    ),
    Target(
        "TG1.person_threonate",
        "bath after L-threonate, +7 to +15 % of 0.80 mM (rat)",
        unit="mM",
        obtain=lambda: [_mg("person_threonate")],
        between=(0.856, 0.92),
        source="unverified: Slutsky et al. 2010, percentage remembered",
        evidence="unverified",
        needs=("baths/person_threonate",),
        circular=True,
    ),
    Target(
        "TG1.dish_normal",
        "bath 'dish_normal'",
        unit="mM",
        obtain=lambda: [_mg("dish_normal")],
        between=(1.0, 1.3),
        source="liu_2021: slice media hold 1-2 mM",
        evidence="page",
        needs=("baths/dish_normal",),
        circular=True,
    ),
    Target(
        "TG1.dish_zero",
        "bath 'dish_zero'",
        (0.05,),
        "mM",
        lambda: [_mg("dish_zero")],
        abs=1e-9,
        source="liu_2021: contaminating magnesium of at most 0.05-0.08 mM",
        evidence="page",
        needs=("baths/dish_zero",),
        circular=True,
    ),
    Target(
        "TG1.dish_raised",
        "bath 'dish_raised'",
        unit="mM",
        obtain=lambda: [_mg("dish_raised")],
        between=(4.0, 10.0),
        source="assumed: convention of raised media, no source",
        evidence="unverified",
        needs=("baths/dish_raised",),
        circular=True,
    ),
    Target(
        "TG2.jahr_stevens",
        f"NMDA conductance at -65 mV over that at 0.80 mM Mg: {_AT}",
        (
            1.1309836,
            1.10211188,
            0.905606389,
            0.835503137,
            0.683407638,
            1.86308391,
            5.28254106,
            7.61058785,
            13.6074871,
        ),
        "1",
        lambda: _ratios(JS, _LEVELS),
        rel=1e-6,
        source="jahr_1990: closed form of the law; levels of mckee_2005 and liu_2021",
    ),
    Target(
        "TG2.chindemi",
        "the same by Chindemi et al. at 0.70, 0.89, 0.97, 1.2, 0.05, 0 mM",
        (1.13820411, 0.901485108, 0.82889939, 0.673087091, 11.1947238, 34.9450997),
        "1",
        lambda: _ratios(BBP, (0.70, 0.89, 0.97, 1.2, 0.05, 0.0)),
        rel=1e-6,
        source="chindemi_2022: closed form of the law",
    ),
    Target(
        "TG2.flicker",
        f"the same by Jahr & Stevens with flicker: {_AT}",
        (
            1.11799051,
            1.09221142,
            0.913284685,
            0.847941022,
            0.703312477,
            1.73216567,
            3.92485597,
            5.10564354,
            9.10190966,
        ),
        "1",
        lambda: _ratios(FLICKER, _LEVELS),
        rel=1e-6,
        needs=(f"blocks/{FLICKER}",),
        source="jahr_1990: equation 4a as coded in nrntraub mod/traub_nmda.mod; levels of "
        "mckee_2005 and liu_2021",
    ),
    Target(
        "TG2.person",
        "largest change of NMDA conductance at -65 mV over 0.70-0.97 mM, by the three laws",
        unit="%",
        obtain=_largest_change,
        between=(0.0, 20.0),
        source=_CSF,
        evidence="page",
        note="At 0.65 mM it is 21 %.",
    ),
    Target(
        "TG2.dish",
        "factor at 0.05 mM, nominally Mg-free, by the three laws",
        unit="1",
        obtain=lambda: [_ratios(n, (0.05,))[0] for n in (JS, BBP, FLICKER)],
        between=(5.0, math.inf),
        source="liu_2021: contaminating magnesium",
        evidence="page",
    ),
    Target(
        "TG3",
        "no epileptiform activity in a network anywhere in 0.65-1.0 mM",
        source=_CSF,
        evidence="page",
        beyond="needs a network",
    ),
    Target(
        "TI1",
        "calcium of paired pre- and postsynaptic spikes over the sum of each",
        source="page: Shouval et al. 2002, 10.1073/pnas.152343099",
        evidence="page",
        beyond="needs a spine",
    ),
)
