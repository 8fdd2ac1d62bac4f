"""The exercises of the lesson on magnesium block."""

from __future__ import annotations

import math

from mgsim.baths import dish_normal, dish_zero, person
from mgsim.blocks.jahr_stevens_1990 import jahr_stevens_1990
from mgsim.blocks.jahr_stevens_1990_flicker import jahr_stevens_1990_flicker
from mgsim.component import Component
from mgsim.lessons.exercise import Exercise, Mistake

_V_REST, _V_COMPARE = -70.0, -65.0
#: Total magnesium (mM) of the samples whose free magnesium is the bath ``person``: mckee_2005.
CSF_TOTAL = 1.25


def _unblocked(v: float, mg_out: float, law: Component = jahr_stevens_1990) -> float:
    return float(law.evaluate("unblocked", v=v, mg_out=mg_out))


def _free(bath: Component) -> float:
    return bath["mg_out"].value


def _at_rest() -> float:
    return _unblocked(_V_REST, _free(person))


def _at_rest_mistakes() -> tuple[Mistake, ...]:
    v, mg, right = _V_REST, _free(person), _at_rest()
    return (
        Mistake(
            _unblocked(-v, mg),
            f"That is B at {-v:+g} mV. The sign of the voltage is lost: the inside is "
            f"negative at rest ({v:+g} mV), and it is this that pulls magnesium into the pore. "
            "In a formula of your own, exp(-mg_slope*v) has a minus and v has its own.",
        ),
        Mistake(
            _unblocked(v / 1000, mg),
            "That is B at about 0 mV. Did you give the voltage in volts, or leave it out? "
            f"mgsim takes mV: v={v:g}, not {v / 1000:g}.",
        ),
        Mistake(
            1 - right,
            "That is the blocked share. The unblocked fraction B is what is left: 1 minus it.",
        ),
        Mistake(100 * right, "The number is right but in percent. B is a fraction of 1."),
        Mistake(
            _unblocked(v, 0),
            "This law says exactly 1 only without any magnesium. Is mg_out missing, or 0?",
        ),
        Mistake(
            _unblocked(v, CSF_TOTAL),
            f"That is B for {CSF_TOTAL:g} mM, the total magnesium. A good part of it is bound "
            f"to other molecules and cannot enter a pore; only the free {mg:g} mM blocks.",
        ),
        Mistake(
            _unblocked(v, 1.0),
            "That is B for 1 mM: the usual dish, not a person. Or your own formula has no "
            "magnesium in it, which is the same as 1 mM.",
        ),
        Mistake(
            _unblocked(v, _free(dish_zero)),
            "That is B for the medium called magnesium-free, not for a person.",
        ),
        Mistake(
            _unblocked(v, mg * 1000),
            f"That is B for {mg * 1000:g} mM. Magnesium is given in mM here, not in µM.",
        ),
        Mistake(
            _unblocked(_V_COMPARE, mg),
            f"That is B at {_V_COMPARE:g} mV, seen earlier. Here the cell is at {v:g} mV.",
        ),
    )


def _dish_and_person() -> float:
    return _unblocked(_V_COMPARE, _free(dish_zero)) / _unblocked(_V_COMPARE, _free(person))


def _with_flicker(mg_out: float) -> float:
    return _unblocked(_V_COMPARE, mg_out, jahr_stevens_1990_flicker) / _unblocked(
        _V_COMPARE, _free(person), jahr_stevens_1990_flicker
    )


def _dish_and_person_mistakes() -> tuple[Mistake, ...]:
    v, dish, csf = _V_COMPARE, _free(dish_zero), _free(person)
    b_dish, b_csf, right = _unblocked(v, dish), _unblocked(v, csf), _dish_and_person()

    def ratio(v: float, above: float, below: float) -> float:
        return _unblocked(v, above) / _unblocked(v, below)

    return (
        Mistake(
            ratio(v, 0.0, csf),
            "That takes the dish as exactly 0 mM. Nominally magnesium-free medium is "
            f"contaminated and holds about {dish:g} mM, enough to block part of the channels.",
        ),
        Mistake(1 / right, "That is person over dish: turn the ratio over."),
        Mistake(
            csf / dish,
            "That is the ratio of the concentrations. The current does not grow as magnesium "
            "falls, one for one: B cannot exceed 1, and the dish is well on the way there.",
        ),
        Mistake(
            ratio(-v, dish, csf),
            f"That is the ratio at {-v:+g} mV. The sign of the voltage is lost; at positive "
            "voltages there is hardly any block to lift.",
        ),
        Mistake(
            ratio(v / 1000, dish, csf),
            "That is the ratio at about 0 mV. Did you give the voltage in volts, or leave it "
            f"out? mgsim takes mV: v={v:g}, not {v / 1000:g}.",
        ),
        Mistake(
            (1 - b_dish) / (1 - b_csf),
            "That compares the blocked shares. Current flows through the unblocked ones.",
        ),
        Mistake(
            (1 - b_csf) / (1 - b_dish),
            "That compares the blocked shares. Current flows through the unblocked ones.",
        ),
        Mistake(
            b_dish - b_csf,
            "That is the difference of the two fractions. Asked is how many times as large "
            "one is as the other.",
        ),
        Mistake(b_dish, "That is B in the dish alone. Divide it by B in the person."),
        Mistake(b_csf, "That is B in the person alone. Divide B in the dish by it."),
        Mistake(
            ratio(v, dish, CSF_TOTAL),
            f"That takes {CSF_TOTAL:g} mM, the total magnesium, for the person. Only the free "
            f"{csf:g} mM blocks.",
        ),
        Mistake(
            ratio(v, dish, _free(dish_normal)),
            "That compares two dishes: the usual one holds 1 mM, a person has less.",
        ),
        Mistake(
            ratio(_V_REST, dish, csf),
            f"That is the ratio at {_V_REST:g} mV. Here both cells are at {v:g} mV.",
        ),
        Mistake(100 * right, "That is in percent. Asked is how many times as large."),
        Mistake(
            right - 1,
            "That is by how much it is larger. Asked is how many times as large: what is twice "
            "as large is larger by once itself.",
        ),
        Mistake(
            100 * (right - 1),
            "That is by how many percent it is larger. Asked is how many times as large: what "
            "is twice as large is larger by 100 %.",
        ),
        Mistake(
            _with_flicker(dish),
            "That is by another law, the whole function with the flicker. Here the short form "
            "of part 1 is asked, jahr_stevens_1990.",
        ),
    )


_LAW = 'jahr = mg.blocks["jahr_stevens_1990"]\n'

at_rest = Exercise(
    "at_rest",
    _at_rest,
    _at_rest_mistakes,
    (0.0, 1.0),
    "B is a fraction of the open channels: above 0, because block is never complete, and "
    "at most 1.",
    "Most of the open channels are blocked at any moment. The free magnesium counts, and the "
    "voltage goes in as mV, with its sign.",
    "Check three things: the voltage in mV with its sign, the free magnesium in mM, and that B is "
    "the fraction that conducts.",
    f'{_LAW}float(jahr.evaluate("unblocked", v={_V_REST:g}, mg_out={_free(person):g}))',
)
dish_and_person = Exercise(
    "dish_and_person",
    _dish_and_person,
    _dish_and_person_mistakes,
    (0.0, math.inf),
    "A ratio of two fractions is above 0.",
    "Voltage and driving force are the same, so the currents differ as B does. No change of "
    "magnesium measured in a person comes near this. (How many times depends on the law: part 5 "
    "goes on with that.)",
    "Take B at the same voltage for both baths, with the magnesium that each bath really holds, "
    "and divide dish by person.",
    f'{_LAW}dish, person = jahr.evaluate("unblocked", v={_V_COMPARE:g}, '
    f"mg_out=[{_free(dish_zero):g}, {_free(person):g}])\nfloat(dish / person)",
)
