"""The exercises of the lesson on the synapse."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from mgsim.experiments.epsp_mg import epsp_mg
from mgsim.lessons.tools.answers import Number
from mgsim.lessons.tools.exercise import Exercise, Mistake
from mgsim.measures import ca_charge_nmda, spike_count, time_depolarised
from mgsim.models.cells import standard
from mgsim.models.receptors import clamped_synapse
from mgsim.parts.baths import dish_zero, person
from mgsim.protocols.clamps import clamped_release
from mgsim.protocols.trains import single_pulse, train_80hz
from mgsim.runs.sweep import sweep

if TYPE_CHECKING:
    import xarray as xr

#: The potential (mV) of a quiet cell and that of the plateau, as the lesson holds them.
V_REST, V_PLATEAU = -65.0, -20.0
#: When (ms) the synapse is active, and how much later the plateau begins.
_RELEASE, _LATER = 50.0, 10.0
#: AMPA conductance (nS) of the exercise, and one that is stronger still.
_AMPA, _MORE = 80.0, 100.0
#: Width (ms) of the plateau of the exercise, and a longer one.
_WIDTH, _WIDER = 20.0, 50.0

plateau = clamped_release.lasting(600.0).with_values(
    train_start=_RELEASE, step_start=_RELEASE + _LATER, v_hold=V_REST, v_step=V_PLATEAU
)


def _free(bath_of: str) -> float:
    return float({"person": person, "dish": dish_zero}[bath_of]["mg_out"].value)


@cache
def _potentials() -> xr.Dataset:
    return epsp_mg.run(progress=False)


def _epsp(what: str, mg_out: float) -> float:
    found = _potentials()[f"epsp_{what}"]
    return float(found.sel(g_nmda=found.g_nmda.max(), mg_out=mg_out))


def _late() -> float:
    return _epsp("late", 0.0) / _epsp("late", _free("person"))


def _late_mistakes() -> tuple[Mistake, ...]:
    zero, some = _epsp("late", 0.0), _epsp("late", _free("person"))
    return (
        Mistake(
            "compared the peaks",
            _epsp("peak", 0.0) / _epsp("peak", _free("person")),
            "Much of the peak is AMPA's, which magnesium leaves alone. Asked is what is left late.",
        ),
        Mistake(
            "took the dish for zero",
            _epsp("late", _free("dish")) / some,
            f"That is {_free('dish'):g} mM, the dish that is called magnesium-free. Asked is "
            "exactly 0.",
        ),
        Mistake(
            "took the row of the antagonist",
            1.0,
            "Without NMDA receptors magnesium has nothing to act on here: that row is the control. "
            "Take the row that has them.",
        ),
        Mistake("turned over", some / zero, "That is a person's over none: turn it over."),
        Mistake(
            "subtracted",
            zero - some,
            "That is the difference in mV. Asked is how many times as large one is as the other.",
        ),
    )


@cache
def _charges(protocol: str, g_ampa: float, mg_out: float) -> float:
    done = {p.name: p for p in (single_pulse, train_80hz)}[protocol]
    kept = (ca_charge_nmda, spike_count, time_depolarised)
    ds = sweep(standard, done, kept, g_ampa=[g_ampa], mg_out=mg_out, progress=False)
    return float(ds.ca_charge_nmda.item())


def _gain(
    g_ampa: float = _AMPA, mg_out: float | None = None, protocol: str = "single_pulse"
) -> float:
    at = _free("person") if mg_out is None else mg_out
    with_it, alone = (_charges(protocol, g, at) for g in (g_ampa, 0.0))
    return 100 * (with_it / alone - 1)


def _gain_mistakes() -> tuple[Mistake, ...]:
    right = _gain()
    return (
        Mistake(
            "gave the ratio in percent",
            100 + right,
            "That is one as percent of the other. Asked is how much more: less the 100 % that were "
            "there without AMPA.",
        ),
        Mistake(
            "took the strongest synapse",
            _gain(_MORE),
            f"That is {_MORE:g} nS. There is less gain, not more, once the cell fires: what "
            f"follows a spike takes some back. Asked is {_AMPA:g} nS.",
        ),
        Mistake(
            "took no magnesium",
            _gain(mg_out=0.0),
            "That is at 0 mM: nothing is blocked, so there is nothing for AMPA to lift.",
        ),
        Mistake(
            "took the train",
            _gain(40.0, protocol="train_80hz"),
            "That is the train at 80 Hz. Asked is a single input.",
        ),
        Mistake(
            "divided by the larger",
            100 * (1 - 1 / (1 + right / 100)),
            "That divides by the calcium with AMPA. More than what? Divide by that without.",
        ),
    )


@cache
def _held(width: float, mg_out: float) -> float:
    ds = sweep(
        clamped_synapse,
        plateau,
        (ca_charge_nmda,),
        step_stop=[_RELEASE + _LATER + width],
        mg_out=[mg_out],
        progress=False,
    )
    return float(ds.ca_charge_nmda.item())


def _ratio(width: float = _WIDTH, mg_out: float = 0.0) -> float:
    return _held(width, mg_out) / _held(0.0, mg_out)


def _without_mistakes() -> tuple[Mistake, ...]:
    return (
        Mistake(
            "took the magnesium of a person",
            _ratio(mg_out=_free("person")),
            "That is with a person's magnesium: there the depolarisation lifts a block. At 0 mM "
            "there is none to lift.",
        ),
        Mistake(
            "no block, no effect",
            1.0,
            "There is no block to lift, but the depolarisation still does something: from "
            f"{V_REST:g} to {V_PLATEAU:g} mV the force that drives ions in shrinks.",
        ),
        Mistake(
            "turned over",
            1 / _ratio(),
            "That is the calcium without the depolarisation over that with it: turn it over.",
        ),
        Mistake(
            "took a longer plateau",
            _ratio(_WIDER),
            f"That is a plateau of {_WIDER:g} ms. Asked is {_WIDTH:g} ms.",
        ),
        Mistake(
            "gave the loss in percent",
            100 * (1 - _ratio()),
            "That is by how many percent it falls. Asked is the ratio, near 1.",
        ),
    )


late_epsp = Exercise(
    "late_epsp",
    _late,
    _late_mistakes,
    "The peak changes less than twofold, the tail manyfold: magnesium takes what is slow. A cell "
    "that adds up inputs feels the tail.",
    "Name the row: with NMDA receptors, 60 ms after the input, 0 mM over a person's magnesium.",
    f"""epsp = mg.experiments["epsp_mg"].run()
late = epsp.epsp_late.sel(g_nmda=5)
float(late.sel(mg_out=0) / late.sel(mg_out={_free("person"):g}))""",
    f"late.sel(mg_out={_free('person'):g})",
    Number((0, math.inf), "A ratio of two potentials that both point up is above 0."),
)
ampa_gain = Exercise(
    "ampa_gain",
    _gain,
    _gain_mistakes,
    "AMPA depolarises for a few milliseconds, NMDA receptors stay open for a hundred: most of "
    "their calcium comes when the AMPA potential is long over.",
    "Divide the calcium with AMPA by that without, at the same magnesium; then take 1 away, and "
    "give percent.",
    f"""charge = mg.sweep("standard", "single_pulse",
    ("ca_charge_nmda", "spike_count", "time_depolarised"),
    mg_out={_free("person"):g}, g_ampa=[0, {_AMPA:g}]).ca_charge_nmda
float(100 * (charge[1] / charge[0] - 1))""",
    f"[0, {_AMPA:g}]",
    Number((-100, math.inf), "Less than no calcium at all cannot be left: above -100 %."),
)
without = Exercise(
    "without",
    _ratio,
    _without_mistakes,
    "Without magnesium the depolarisation only makes the driving force smaller. The detector of "
    "coincidence is the magnesium, not the receptor.",
    f"The potential goes from {V_REST:g} to {V_PLATEAU:g} mV: think of the driving force, and "
    "divide by the calcium of a plateau of 0 ms.",
    f"""plateau = mg.protocols["clamped_release"].lasting(600).with_values(
    train_start={_RELEASE:g}, step_start={_RELEASE + _LATER:g},
    v_hold={V_REST:g}, v_step={V_PLATEAU:g})
held = mg.sweep("clamped_synapse", plateau, "ca_charge_nmda", mg_out=[0],
    step_stop=[{_RELEASE + _LATER:g}, {_RELEASE + _LATER + _WIDTH:g}]).ca_charge_nmda.values[0]
float(held[1] / held[0])""",
    "mg_out=[0]",
    Number((0, math.inf), "Calcium flows in with and without the plateau: the ratio is above 0."),
)
