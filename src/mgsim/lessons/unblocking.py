"""The exercises of the lesson on unblocking in time."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

from mgsim.lessons.tools.answers import Number
from mgsim.lessons.tools.exercise import Exercise, Mistake
from mgsim.models.receptors import kinetic_synapse
from mgsim.parts.blocks.kampa_2004 import kampa_2004
from mgsim.parts.receptors.kampa_2004_trapping import kampa_2004_trapping
from mgsim.protocols.clamps import clamped_release
from mgsim.runs.simulate import simulate

_HOLD, _STEP, _MG = -60.0, 40.0, 1.0
_GLUTAMATE, _LASTS = 50.0, 800.0
_TRAP = kinetic_synapse.swap(kampa_2004_trapping)


@cache
def _current(wait: float, mg_out: float = _MG) -> Any:
    """The current (pA) after glutamate and a step some ms later; without a step for inf."""
    stepped = math.isfinite(wait)
    return simulate(
        _TRAP,
        clamped_release.lasting(_LASTS),
        record=["i_nmda"],
        mg_out=mg_out,
        train_start=_GLUTAMATE,
        v_hold=_HOLD,
        v_step=_STEP if stepped else _HOLD,
        step_start=_GLUTAMATE + (wait if stepped else 0.0),
        step_stop=_LASTS,
    ).i_nmda


def _after(wait: float, mg_out: float = _MG) -> Any:
    """The same, from the step on, by time since it."""
    at = _GLUTAMATE + wait
    found = _current(wait, mg_out).sel(time=slice(at, None))
    return found.assign_coords(time=found.time - at)


def _share(wait: float) -> float:
    """Of the magnesium-free current at the same instant, where the current is largest."""
    with_mg = _after(wait)
    free = _after(wait, 0.0).sel(time=with_mg.idxmax(), method="nearest")
    return float(with_mg.max() / free)


def _when() -> float:
    return float(_after(10).idxmax())


def _when_mistakes() -> tuple[Mistake, ...]:
    peak = _when()
    return (
        Mistake(
            "a time constant",
            0.1,
            "That is how fast magnesium leaves the pore, as the question says. The current goes on "
            "rising long after: receptors that closed around an ion have to open first.",
        ),
        Mistake(
            "from glutamate on",
            peak + 10,
            "That counts from the glutamate. Count from the step, which comes 10 ms later.",
        ),
        Mistake(
            "by the clock of the run",
            peak + 10 + _GLUTAMATE,
            "That is the time since the run began. Subtract step_start.",
        ),
    )


def _late() -> float:
    return _share(100)


def _late_mistakes() -> tuple[Mistake, ...]:
    early = _after(10)
    return (
        Mistake(
            "the equilibrium of the law",
            float(kampa_2004.evaluate("unblocked", v=_STEP, mg_out=_MG)),
            "That is B at +40 mV, what the instantaneous law gives at any time. It speaks of the "
            "receptors that are open; by now many have closed for good.",
        ),
        Mistake(
            "a wait of 10 ms",
            _share(10),
            "That is the share after 10 ms. Here the step comes 100 ms after the glutamate.",
        ),
        Mistake(
            "how far it has risen after 1 ms",
            float(early.sel(time=1, method="nearest") / early.max()),
            "That is how much of its own peak the current has reached 1 ms after the step. Compare "
            "with the run without magnesium.",
        ),
    )


def _charge(current: Any) -> float:
    return float(current.integrate("time"))


def _overstated() -> float:
    law = float(kampa_2004.evaluate("unblocked", v=_HOLD, mg_out=_MG))
    return law * _charge(_current(math.inf, 0.0)) / _charge(_current(math.inf))


def _overstated_mistakes() -> tuple[Mistake, ...]:
    law = float(kampa_2004.evaluate("unblocked", v=_HOLD, mg_out=_MG))
    held, free = _current(math.inf), _current(math.inf, 0.0)
    return (
        Mistake(
            "peaks",
            law * float(free.min() / held.min()),
            "That compares the peaks. Block also shortens the response, and charge counts both.",
        ),
        Mistake(
            "upside down", 1 / _overstated(), "Turn the ratio over: the law over the receptor."
        ),
        Mistake(
            "no magnesium at all",
            _charge(free) / _charge(held),
            "That is how much magnesium takes away. The law takes away most of it too: multiply "
            f"the magnesium-free charge by B at {_HOLD:g} mV first.",
        ),
        Mistake(
            "the law alone",
            1 / law,
            "That is what the law takes away. Compare it with what the receptor takes away.",
        ),
    )


_BEGIN = (
    'trap = mg.models["kinetic_synapse"].swap(mg.receptors["kampa_2004_trapping"])\n'
    "def current(wait, mg_out=1.0, model=trap, v_step=40):\n"
    '    run = mg.simulate(model, mg.protocols["clamped_release"].lasting(800),\n'
    '                      record=["i_nmda"], mg_out=mg_out, train_start=50,\n'
    "                      step_start=50 + wait, step_stop=800, v_step=v_step)\n"
    "    return run.i_nmda.assign_coords(time=run.time - 50 - wait)  # since the step\n"
)

when = Exercise(
    "when",
    _when,
    _when_mistakes,
    because="The pore is free in a tenth of a millisecond; the receptors that closed around an ion "
    "open one after the other.",
    hint="Find the time of the largest current, and subtract the moment of the step.",
    code=f"{_BEGIN}float(current(10).idxmax())",
    gap="current(10)",
    kind=Number((0.0, math.inf), "The peak comes after the step.", tolerance=0.05),
)
late = Exercise(
    "late",
    _late,
    _late_mistakes,
    because="Relief gives back the open receptors, not those that closed around an ion and let go "
    "of glutamate meanwhile.",
    hint="Divide the largest current by that of a run without magnesium at the same instant.",
    code=f"{_BEGIN}blocked, without = current(100), current(100, mg_out=0)\n"
    'float(blocked.max() / without.sel(time=blocked.idxmax(), method="nearest"))',
    gap="current(100), current(100, mg_out=0)",
    kind=Number(
        (0.0, 1.0), "A share of the magnesium-free current is above 0 and not above 1 here."
    ),
)
overstated = Exercise(
    "overstated",
    _overstated,
    _overstated_mistakes,
    because="The law is right for the receptors that are open at one moment. It knows nothing of "
    "those that close sooner because they are blocked.",
    hint="Integrate both currents over time, without a step: the charge without magnesium times B, "
    "over the charge of the receptor.",
    code=f"{_BEGIN}blocked, without = current(0, v_step=-60), current(0, mg_out=0, v_step=-60)\n"
    'B = mg.blocks["kampa_2004"].evaluate("unblocked", v=-60, mg_out=1)\n'
    'float(B * without.integrate("time") / blocked.integrate("time"))',
    gap='without.integrate("time") / blocked.integrate("time")',
    kind=Number((0.0, math.inf), "A ratio of two charges is above 0.", tolerance=0.03),
)
