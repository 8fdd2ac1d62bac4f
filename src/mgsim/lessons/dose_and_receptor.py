"""The exercises of the lesson on dish and person: from a dose to the receptor."""

from __future__ import annotations

import math

from mgsim.doses.amounts import Ionised, Total
from mgsim.doses.course import Course
from mgsim.doses.given import Dose, intravenous, oral
from mgsim.lessons.tools.answers import Number
from mgsim.lessons.tools.exercise import Exercise, Mistake
from mgsim.parts.baths import person, person_iv
from mgsim.parts.blocks.jahr_stevens_1990 import jahr_stevens_1990

#: What a laboratory writes for a person's serum, in mg/dl.
SLIP = 2.0
#: Part of a lasting rise of serum that arrives in the fluid of the brain.
GAIN = 0.25
_V, _ZERO = -65.0, 0.0
_BEFORE, _AFTER = person["mg_out"].value, person_iv["mg_out"].value


def _total() -> Total:
    return Total(f"{SLIP} mg/dl")


def _free() -> float:
    return _total().ionised.mM


def _free_mistakes() -> tuple[Mistake, ...]:
    none = 2 * Total(0.6).ionised.mM - Total(1.2).ionised.mM
    return (
        Mistake(
            "the total",
            _total().mM,
            "That is the total in mM. Part of it is bound to protein and other molecules; what is "
            "free is asked.",
        ),
        Mistake(
            "no conversion", SLIP, "That is the number on the slip. It is in mg/dl; asked is mM."
        ),
        Mistake(
            "took mg/dl for mEq/L",
            Total(f"{SLIP} mEq/L").mM,
            "That takes the slip for milliequivalents, of which two are a millimole. It is in "
            "mg/dl: divide by the mass of a millimole.",
        ),
        Mistake(
            "milliequivalents of the total",
            _total().to("mEq/L"),
            "That is the total in mEq/L. Asked are mM, and of the free part.",
        ),
        Mistake(
            "the slope without the offset",
            _free() - none,
            "That is the slope times the total. The line of serum does not go through zero: it "
            "has an offset too.",
        ),
        Mistake("micromolar", 1000 * _free(), "The number is right but in µM. Give mM."),
    )


def _b(v: float, mg_out: float) -> float:
    return float(jahr_stevens_1990.evaluate("unblocked", v=v, mg_out=mg_out))


def _less(v: float = _V, after: float = _AFTER) -> float:
    """Percent less current than before."""
    return 100 * (1 - _b(v, after) / _b(v, _BEFORE))


def _ceiling_mistakes() -> tuple[Mistake, ...]:
    x = _AFTER / _BEFORE - 1
    return (
        Mistake(
            "a percent in, a percent out",
            100 * x,
            "That is the change of magnesium. The current is not proportional to it; it goes at "
            "most as one over magnesium.",
        ),
        Mistake(
            "the ceiling itself",
            100 * x / (1 + x),
            "That is the ceiling, which no law with one site reaches. Asked is what this law "
            "gives: B after over B before.",
        ),
        Mistake(
            "divided the other way",
            100 * (_b(_V, _BEFORE) / _b(_V, _AFTER) - 1),
            "That is by how much more current there was before, over what there is after. Divide "
            "by what there was before.",
        ),
        Mistake(
            "0 mV, or no voltage",
            _less(_ZERO),
            f"That is at {_ZERO:g} mV, where little is blocked. Give the voltage, v={_V:g}.",
        ),
        Mistake(
            "what is left",
            100 - _less(),
            "That is what is left of the current, in percent. Asked is how much is gone.",
        ),
        Mistake(
            "a fraction", _less() / 100, "The number is right but as a fraction. Give percent."
        ),
        Mistake("the sign", -_less(), "It falls by that much; give the fall as a positive number."),
    )


def _after(dose: Dose, gain: float, at: list[float] | None = None) -> float:
    course = Course(dose, at, draws=0, held={"csf_gain": gain})
    return float(course.levels["mg_brain"][0, -1])


def _oral() -> float:
    return _less(after=_after(oral(), GAIN))


def _oral_mistakes() -> tuple[Mistake, ...]:
    rise = oral().shifts[0].value
    vein = _after(intravenous("4 g", rate="1 g/h"), GAIN, [24.0])
    share = (_after(oral(), GAIN) - _BEFORE) / _BEFORE
    return (
        Mistake(
            "serum is brain",
            _less(after=_after(oral(), 1.0)),
            "That lets all of the rise of serum arrive. Hold csf_gain at what the question says.",
        ),
        Mistake(
            "nothing arrives", 0.0, "That is for a gain of 0. Here a part of the rise arrives."
        ),
        Mistake(
            "total for free",
            _less(after=_BEFORE + GAIN * rise),
            "That adds the rise of the total to the free magnesium. Of what arrives in the fluid "
            "a part is bound, as before.",
        ),
        Mistake(
            "a percent in, a percent out",
            100 * share,
            "That is the percent of magnesium. The current falls by a little less: ask the law.",
        ),
        Mistake(
            "the infusion",
            _less(after=vein),
            "That is the infusion after a day. Here tablets are asked: mg.doses.oral().",
        ),
        Mistake(
            "a fraction", _oral() / 100, "The number is right but as a fraction. Give percent."
        ),
    )


free = Exercise(
    "free",
    _free,
    _free_mistakes,
    because=f"The slip says total; the receptor sees what is free, and not in serum but in the "
    f"fluid of the brain, which has its own: {Ionised(_BEFORE)}.",
    hint="Total is bound plus free: turn mg/dl into mM first, then take the ionised part.",
    code=f'mg.doses.Total("{SLIP:g} mg/dl").ionised.mM',
    gap=f'"{SLIP:g} mg/dl"',
    kind=Number((0.0, math.inf), "A concentration is above 0."),
)
ceiling = Exercise(
    "ceiling",
    _less,
    _ceiling_mistakes,
    because="A little below the ceiling, because not every channel was blocked before.",
    hint="Take B after over B before, at the same voltage; what is missing to 1 is the fall.",
    code='jahr = mg.blocks["jahr_stevens_1990"]\n'
    f'B = jahr.evaluate("unblocked", v={_V:g}, mg_out=[{_BEFORE:g}, {_AFTER:g}])\n'
    "float(100 * (1 - B[1] / B[0]))",
    gap="1 - B[1] / B[0]",
    kind=Number((0.0, 100.0), "A fall lies between 0 and 100 percent."),
)
tablets = Exercise(
    "tablets",
    _oral,
    _oral_mistakes,
    because="Small at each step: a few percent more in serum, of which a part arrives, of which a "
    "part is free.",
    hint="Multiply by the gain first, and let mgsim do it: the free magnesium is "
    'course.levels["mg_brain"].',
    code='jahr = mg.blocks["jahr_stevens_1990"]\n'
    f'course = mg.doses.Course(mg.doses.oral(), draws=0, held={{"csf_gain": {GAIN:g}}})\n'
    'B = jahr.evaluate("unblocked", v=-65, mg_out=course.levels["mg_brain"][0])\n'
    "float(100 * (1 - B[1] / B[0]))",
    gap='course.levels["mg_brain"][0]',
    kind=Number((-100.0, 100.0), "A fall is at most 100 percent.", tolerance=0.02),
)
