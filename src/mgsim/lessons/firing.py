"""The exercises of the lesson on a cell that fires."""

from __future__ import annotations

import math
from functools import cache
from typing import TYPE_CHECKING

from mgsim.lessons.tools.answers import Choice, Number
from mgsim.lessons.tools.exercise import Exercise, Mistake
from mgsim.measures import ca_charge_nmda, mean_v, spike_count, spike_rate
from mgsim.models.cells import tonic
from mgsim.parts.baths import dish_zero, person
from mgsim.protocols.currents import current_step
from mgsim.protocols.nothing import rest
from mgsim.runs.sweep import sweep, threshold

if TYPE_CHECKING:
    import xarray as xr

#: Magnesium (mM) of the firing curves.
LADDER = (0.0, 0.05, 0.1, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.65, 0.8, 1.2, 2.0, 4.0)
#: The small cell (um2), and the strongest glutamate (nS): the end of the declared range.
AREA, STRONG = 8000.0, 200.0
#: Glutamate (nS) of the rheobase.
TONE = 20.0
#: What `mgsim` counts as a spike by default, and two other conventions (mV).
V_SPIKE, _LOWER, _HIGHER = 0.0, -20.0, 20.0

long_step = current_step.lasting(2300.0, (1300.0, 2300.0)).with_values(
    step_start=300.0, step_stop=2300.0
)
last_second = rest.lasting(2000.0, (1000.0, 2000.0))


def _free(bath_of: str) -> float:
    return float({"person": person, "dish": dish_zero}[bath_of]["mg_out"].value)


@cache
def _rheobases() -> xr.DataArray:
    levels = [_free("dish"), _free("person"), 1.2]
    ds = threshold(
        tonic,
        long_step,
        axis="i_amp",
        measure=spike_count,
        level=1,
        between=(-500, 1500),
        to=1,
        g_nmda=[0, TONE],
        mg_out=levels,
        progress=False,
    )
    return ds.i_amp_threshold


def _needed(g_nmda: float, bath_of: str | float = "person") -> float:
    level = _free(bath_of) if isinstance(bath_of, str) else bath_of
    return float(_rheobases().sel(g_nmda=g_nmda, mg_out=level))


def _rheobase() -> float:
    return _needed(0) - _needed(TONE)


def _rheobase_mistakes() -> tuple[Mistake, ...]:
    return (
        Mistake(
            "gave the rheobase itself",
            _needed(TONE),
            "That is the current that is still needed. Asked is by how much glutamate lowers it: "
            "the control less this.",
        ),
        Mistake(
            "gave the control",
            _needed(0),
            "That is the current without glutamate, the control. Take from it what is needed with "
            "glutamate.",
        ),
        Mistake(
            "took the dish",
            _needed(0, "dish") - _needed(TONE, "dish"),
            f"That is in the dish's {_free('dish'):g} mM. Asked is a person's "
            f"{_free('person'):g} mM.",
        ),
        Mistake(
            "took 1.2 mM",
            _needed(0, 1.2) - _needed(TONE, 1.2),
            f"That is at 1.2 mM. A person's fluid holds {_free('person'):g} mM.",
        ),
        Mistake(
            "lost the sign",
            _needed(TONE) - _needed(0),
            "It is lowered, so the control is the larger of the two: by how many pA, above 0.",
        ),
    )


@cache
def _strong() -> xr.Dataset:
    kept = (spike_rate, ca_charge_nmda, mean_v)
    at = {"area": AREA, "g_nmda": [STRONG], "mg_out": list(LADDER)}
    return sweep(tonic, last_second, kept, **at, progress=False).sel(g_nmda=STRONG)


@cache
def _counted() -> xr.Dataset:
    kept = (spike_rate, ca_charge_nmda, mean_v)
    at = {"area": AREA, "g_nmda": [STRONG], "mg_out": list(LADDER), "v_spike": [_LOWER, _HIGHER]}
    return sweep(tonic, last_second, kept, **at, progress=False).sel(g_nmda=STRONG)


def _top() -> float:
    return float(_strong().spike_rate.idxmax("mg_out"))


def _top_at(v_spike: float) -> float:
    return float(_counted().spike_rate.sel(v_spike=v_spike).idxmax("mg_out"))


def _top_mistakes() -> tuple[Mistake, ...]:
    return (
        Mistake(
            "less is always more",
            0.0,
            "That is the story that everybody knows. Read the table: what is the rate at 0?",
        ),
        Mistake(
            "counted from -20 mV",
            _top_at(_LOWER),
            f"That is the top where all that passes {_LOWER:g} mV counts as a spike. The default "
            f"is {V_SPIKE:g} mV.",
        ),
        Mistake(
            "counted from +20 mV",
            _top_at(_HIGHER),
            f"That is the top where only what passes {_HIGHER:+g} mV counts as a spike. The "
            f"default is {V_SPIKE:g} mV.",
        ),
        Mistake(
            "took the magnesium of a person",
            _free("person"),
            "There the cell fires, but somewhere else it fires more.",
        ),
    )


def _charge(mg_out: float) -> float:
    return float(_strong().ca_charge_nmda.sel(mg_out=mg_out))


def _silent() -> float:
    return _charge(0.0) / _charge(_top())


def _silent_mistakes() -> tuple[Mistake, ...]:
    return (
        Mistake(
            "silent is safe",
            0.0,
            "No spikes is not no current: look at the calcium, not at the rate.",
        ),
        Mistake(
            "turned over", 1 / _silent(), "That is the top over the silent cell: turn it over."
        ),
        Mistake(
            "compared with a person",
            _charge(0.0) / _charge(_free("person")),
            f"That is over {_free('person'):g} mM. Asked is over the magnesium of most spikes.",
        ),
        Mistake(
            "subtracted",
            _charge(0.0) - _charge(_top()),
            "That is the difference in pC. Asked is how many times as large one is as the other.",
        ),
    )


rheobase = Exercise(
    "rheobase",
    _rheobase,
    _rheobase_mistakes,
    "The same magnesium changes nothing where no receptor is open: in this cell all that it does, "
    "it does through glutamate.",
    "Run the control too: without glutamate, and with it, at the same magnesium.",
    f"""long_step = mg.protocols["current_step"].lasting(2300, (1300, 2300))
needed = mg.threshold("tonic", long_step.with_values(step_start=300, step_stop=2300),
    axis="i_amp", measure="spike_count", level=1, between=(-500, 1500), to=1,
    g_nmda=[0, {TONE:g}], mg_out=[{_free("person"):g}]).i_amp_threshold.values[:, 0]
float(needed[0] - needed[1])""",
    f"g_nmda=[0, {TONE:g}]",
    Number((-math.inf, math.inf), tolerance=0.02),
)
top = Exercise(
    "top",
    _top,
    _top_mistakes,
    "Below it the cell stops firing, and not for want of excitement: its sodium channels never "
    "recover.",
    "Ask the table for the place of its maximum: spike_rate.idxmax.",
    f"""strong = mg.sweep("tonic", mg.protocols["rest"].lasting(2000, (1000, 2000)),
    ("spike_rate", "ca_charge_nmda", "mean_v"), area={AREA:g}, g_nmda=[{STRONG:g}],
    mg_out={[float(f"{x:g}") for x in LADDER]}).sel(g_nmda={STRONG:g})
float(strong.spike_rate.idxmax("mg_out"))""",
    f"g_nmda=[{STRONG:g}]",
    Choice(LADDER),
)
silent_calcium = Exercise(
    "silent_calcium",
    _silent,
    _silent_mistakes,
    "The silent cell takes in the most. Who counts spikes to see whether a cell is in trouble "
    "looks away when it matters.",
    "Silence is not zero current: divide the calcium at 0 mM by that at the top of the firing.",
    f"""strong = mg.sweep("tonic", mg.protocols["rest"].lasting(2000, (1000, 2000)),
    ("spike_rate", "ca_charge_nmda", "mean_v"), area={AREA:g}, g_nmda=[{STRONG:g}],
    mg_out={[float(f"{x:g}") for x in LADDER]}).sel(g_nmda={STRONG:g})
calcium = strong.ca_charge_nmda
float(calcium.sel(mg_out=0) / calcium.sel(mg_out=strong.spike_rate.idxmax("mg_out")))""",
    'strong.spike_rate.idxmax("mg_out")',
    Number((0, math.inf), "Calcium flows in at both: the ratio is above 0."),
)
