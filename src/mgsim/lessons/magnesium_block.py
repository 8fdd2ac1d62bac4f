"""The exercises of the lesson on magnesium block."""

from __future__ import annotations

import math

from mgsim.declare.component import Component
from mgsim.lessons.tools.answers import Number
from mgsim.lessons.tools.exercise import Exercise, Mistake
from mgsim.parts.baths import dish_normal, dish_zero, person
from mgsim.parts.blocks.jahr_stevens_1990 import jahr_stevens_1990
from mgsim.parts.blocks.jahr_stevens_1990_flicker import jahr_stevens_1990_flicker

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
            "the sign of the voltage lost, or no magnesium",
            _unblocked(-v, mg),
            f"B is nearly 1 at {-v:+g} mV: if the sign of the voltage is lost, this comes out. The "
            f"inside is negative at rest ({v:+g} mV), and it is this that pulls magnesium into the "
            "pore. In a formula of your own, exp(-mg_slope*v) has a minus and v has its own. "
            "Exactly 1 it is without magnesium: is mg_out missing, or 0?",
        ),
        Mistake(
            "volts, or no voltage",
            _unblocked(v / 1000, mg),
            "That is B at about 0 mV. Did you give the voltage in volts, or leave it out? "
            f"mgsim takes mV: v={v:g}, not {v / 1000:g}.",
        ),
        Mistake(
            "the blocked share",
            1 - right,
            "That is the blocked share. The unblocked fraction B is what is left: 1 minus it.",
        ),
        Mistake(
            "percent", 100 * right, "The number is right but in percent. B is a fraction of 1."
        ),
        Mistake(
            "the total magnesium",
            _unblocked(v, CSF_TOTAL),
            f"That is B for {CSF_TOTAL:g} mM, the total magnesium. A good part of it is bound "
            f"to other molecules and cannot enter a pore; only the free {mg:g} mM blocks.",
        ),
        Mistake(
            "1 mM",
            _unblocked(v, 1.0),
            "That is B for 1 mM: the usual dish, not a person. Or your own formula has no "
            "magnesium in it, which is the same as 1 mM.",
        ),
        Mistake(
            "the medium called magnesium-free",
            _unblocked(v, _free(dish_zero)),
            "That is B for the medium called magnesium-free, not for a person.",
        ),
        Mistake(
            "micromolar",
            _unblocked(v, mg * 1000),
            f"That is B for {mg * 1000:g} mM. Magnesium is given in mM here, not in µM.",
        ),
        Mistake(
            "another voltage",
            _unblocked(_V_COMPARE, mg),
            f"That is B at {_V_COMPARE:g} mV, seen earlier. Here the cell is at {v:g} mV.",
        ),
    )


def _half_block() -> float:
    law = jahr_stevens_1990
    return law["mg_k"].value * math.exp(
        law["mg_slope"].value * (_V_COMPARE - law["mg_v_ref"].value)
    )


def _half_block_mistakes() -> tuple[Mistake, ...]:
    at_zero = jahr_stevens_1990["mg_k"].value
    return (
        Mistake(
            "the voltage left out",
            at_zero,
            f"That is mg_k, which halves the current at 0 mV. At {_V_COMPARE:g} mV the inside "
            "pulls the ions in, and far fewer do. (Volts instead of mV lead here too.)",
        ),
        Mistake(
            "half of a person's",
            _free(person) / 2,
            "That is half of a person's magnesium. Block does not go in proportion: at a person's "
            "far more than half of the channels are blocked already.",
        ),
        Mistake(
            "the sign of the voltage lost",
            at_zero**2 / _half_block(),
            f"That halves the current at {-_V_COMPARE:+g} mV, where magnesium hardly holds. Keep "
            "the minus of the voltage.",
        ),
        Mistake(
            "half conduct in the medium called magnesium-free",
            _free(dish_zero),
            "That is what the medium called magnesium-free holds. It lets a little more than half "
            "through; exactly half is asked.",
        ),
        Mistake(
            "the unblocked fraction",
            0.5,
            "That is the fraction that is left. Asked is the magnesium, in mM, that leaves it.",
        ),
        Mistake("micromolar", 1000 * _half_block(), "The number is right but in µM. Give mM."),
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
            "a dish of exactly 0 mM",
            ratio(v, 0.0, csf),
            "That takes the dish as exactly 0 mM. Nominally magnesium-free medium is "
            f"contaminated and holds about {dish:g} mM, enough to block part of the channels.",
        ),
        Mistake(
            "the ratio of the concentrations",
            csf / dish,
            "That is the ratio of the concentrations. The current does not grow as magnesium "
            "falls, one for one: B cannot exceed 1, and the dish is well on the way there.",
        ),
        Mistake("upside down", 1 / right, "That is person over dish: turn the ratio over."),
        Mistake(
            "the sign of the voltage lost",
            ratio(-v, dish, csf),
            f"That is the ratio at {-v:+g} mV. The sign of the voltage is lost; at positive "
            "voltages there is hardly any block to lift.",
        ),
        Mistake(
            "volts, or no voltage",
            ratio(v / 1000, dish, csf),
            "That is the ratio at about 0 mV. Did you give the voltage in volts, or leave it "
            f"out? mgsim takes mV: v={v:g}, not {v / 1000:g}.",
        ),
        Mistake(
            "blocked shares, or a difference",
            (1 - b_dish) / (1 - b_csf),
            "That comes out where the blocked shares are compared, and nearly the same where the "
            "two fractions are subtracted. Current flows through the unblocked ones; asked is how "
            "many times as large one is as the other.",
        ),
        Mistake(
            "blocked shares",
            (1 - b_csf) / (1 - b_dish),
            "That compares the blocked shares. Current flows through the unblocked ones.",
        ),
        Mistake(
            "the dish alone", b_dish, "That is B in the dish alone. Divide it by B in the person."
        ),
        Mistake(
            "the person alone", b_csf, "That is B in the person alone. Divide B in the dish by it."
        ),
        Mistake(
            "the total magnesium",
            ratio(v, dish, CSF_TOTAL),
            f"That takes {CSF_TOTAL:g} mM, the total magnesium, for the person. Only the free "
            f"{csf:g} mM blocks.",
        ),
        Mistake(
            "two dishes",
            ratio(v, dish, _free(dish_normal)),
            "That compares two dishes: the usual one holds 1 mM, a person has less.",
        ),
        Mistake(
            "another voltage",
            ratio(_V_REST, dish, csf),
            f"That is the ratio at {_V_REST:g} mV. Here both cells are at {v:g} mV.",
        ),
        Mistake("percent", 100 * right, "That is in percent. Asked is how many times as large."),
        Mistake(
            "by how much larger",
            right - 1,
            "That is by how much it is larger. Asked is how many times as large: what is twice "
            "as large is larger by once itself.",
        ),
        Mistake(
            "by how many percent",
            100 * (right - 1),
            "That is by how many percent it is larger. Asked is how many times as large: what "
            "is twice as large is larger by 100 %.",
        ),
        Mistake(
            "another law",
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
    because="Most of the open channels are blocked at any moment. The free magnesium counts, and "
    "the voltage goes in as mV, with its sign.",
    hint="Check three things: the voltage in mV with its sign, the free magnesium in mM, and that "
    "B is the fraction that conducts.",
    code=f'{_LAW}float(jahr.evaluate("unblocked", v={_V_REST:g}, mg_out={_free(person):g}))',
    gap=f"v={_V_REST:g}, mg_out={_free(person):g}",
    kind=Number(
        (0.0, 1.0),
        "B is a fraction of the open channels: above 0, because block is never complete, and "
        "at most 1.",
    ),
)
half_block = Exercise(
    "half_block",
    _half_block,
    _half_block_mistakes,
    because=f"One blocked for each unblocked. A person has {_free(person) / _half_block():.0f} "
    "times as much: far beyond half block, where the current is nearly inverse to magnesium.",
    hint="Half block is one blocked channel for each unblocked one: set the ratio in the equation "
    "of part 1 to 1 and solve for mg_out.",
    code=f'{_LAW}k, slope = jahr["mg_k"].value, jahr["mg_slope"].value\n'
    f"k * float(np.exp(slope * {_V_COMPARE:g}))",
    gap=f"np.exp(slope * {_V_COMPARE:g})",
    kind=Number((0.0, math.inf), "A concentration is above 0."),
)
dish_and_person = Exercise(
    "dish_and_person",
    _dish_and_person,
    _dish_and_person_mistakes,
    because="Voltage and driving force are the same, so the currents differ as B does. No change "
    "of magnesium measured in a person comes near this. (How many times depends on the law: part 5 "
    "goes on with that.)",
    hint="Take B at the same voltage for both baths, with the magnesium that each bath really "
    "holds, and divide dish by person.",
    code=f'{_LAW}dish, person = jahr.evaluate("unblocked", v={_V_COMPARE:g}, '
    f"mg_out=[{_free(dish_zero):g}, {_free(person):g}])\nfloat(dish / person)",
    gap=f"[{_free(dish_zero):g}, {_free(person):g}]",
    kind=Number((0.0, math.inf), "A ratio of two fractions is above 0."),
)
