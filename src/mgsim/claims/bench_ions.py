"""What claims on moving ions are tried on: failing energy, potassium, uptake, the pump.

Where a run is about a mechanism other than the block, the block is drawn by its effect and the word
is that of two forms of the mechanism: a run of ions is long.
"""

from __future__ import annotations

from dataclasses import replace

from mgsim import measures
from mgsim.claims.bench import BLOCK, CHARGE
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.priors import Prior
from mgsim.judging.reading import Bench
from mgsim.models.published import hubel_2017
from mgsim.models.targets import full_moving
from mgsim.parts.calcium.fractional import fractional
from mgsim.parts.mechanisms.surface_charge import grahame
from mgsim.parts.receptors.fully_open import fully_open
from mgsim.protocols.currents import current_step
from mgsim.protocols.energy import potassium_bath
from mgsim.protocols.glutamate import tonic_glutamate
from mgsim.protocols.nothing import rest
from mgsim.runs.experiment import Experiment

#: Draws of each: HOLDS then needs 99.2 % of them.
DRAWS = 256
#: The step (ms): at 0.2 the fast gates of 'full_moving' are at the edge of stability at rest.
STEP = 0.15
_WINDOW = "(window_stop - window_start)"

time_beyond = Measure(
    "time_beyond",
    "ms",
    "time above -30 mV, where a cell stays and no spike does",
    rate="int(v > -30*mV)",
)
k_rise = Measure(
    "k_rise", "mM", "largest rise of potassium outside since the start", peak="k_out - k_out_rest"
)
mean_atp = Measure("mean_atp", "mM", "mean ATP inside", rate=f"atp/{_WINDOW}")
pump_share = Measure(
    "pump_share",
    "1",
    "largest rate of the pump that ATP with magnesium allows, as a share",
    rate=f"mgatp/(mgatp + pump_mgatp)/{_WINDOW}",
)
glu_mean = Measure("glu_mean", "uM", "mean glutamate around clefts", rate=f"glu_around/{_WINDOW}")
glu_mean_cleft = Measure("glu_mean_cleft", "uM", "mean glutamate in clefts", rate=f"glu/{_WINDOW}")

_TISSUE = {
    "g_nmda_extra": Prior("loguniform", (2, 60), "assumed: a fifteenth of synapses' to twice that"),
    "ampa_left": Prior("uniform", (0, 10), "assumed: none to three times that of the model"),
    "pf_scale": Prior(
        "uniform", (0.5, 1.0), "schneggenburger_1993: 6 to 11 % of the current at -60 mV, widened"
    ),
}
#: The block of receptors outside synapses too.
_BLOCK = {
    n: replace(
        p,
        scales={
            **p.powers,
            **{f"{x}_extra": y for x, y in p.powers.items() if x in ("mg_k", "mg_slope")},
        },
    )
    for n, p in BLOCK.items()
}
_ATP = {
    "pump_mgatp": Prior("loguniform", (0.01, 1), "assumed: a tenth to ten times 0.1 mM"),
    "mg_atp_k": Prior("loguniform", (0.03, 0.3), "assumed: a third to three times the recalled"),
    "atp_start": Prior("uniform", (1.5, 4), "assumed: 2 to 4 mM, widened"),
}
_TURNOVER = {
    "leak_factor": Prior(
        "lognormal",
        (1, 0.25),
        "assumed: leaks and pump together, so that the rest stays what it is",
        ("g_leak", "g_na_leak", "g_k_leak", "g_cl_leak", "pump_max"),
    )
}

_held = hubel_2017.swap("counted").swap("exchange_kcl").swap(fully_open).swap("jahr_stevens_1990")
#: The published cell without glutamate of its own, a few NMDA receptors open: held glutamate.
_failing = replace(_held, name="failing", parts=(*_held.parts, fractional)).with_values(
    release_max=0.0
)


def _fails(name: str, model: Model, protocol: Protocol, priors: dict[str, Prior]) -> Bench:
    return Bench(
        name,
        Experiment(
            name,
            "What does NMDA calcium do as energy fails, at one glutamate?",
            (model,),
            protocol,
            (measures.ca_charge_nmda, measures.mean_v),
            dt=0.1 if model is _failing else STEP,
        ),
        priors,
        laws=("osmotic",),
        slot="volumes",
    )


failing = replace(
    _fails(
        "failing",
        _failing,
        rest.lasting(6000, (5000, 6000)),
        BLOCK
        | _TURNOVER
        | {
            "g_nmda": Prior("loguniform", (0.05, 3), "assumed: what ambient glutamate holds open"),
            "glia_strength": Prior(
                "lognormal", (1, 0.3), "assumed: a third about its own", ("glia_take", "glia_give")
            ),
        },
    ),
    cells={
        "of cortex, with ATP ('full_moving')": _fails(
            "failing_cortex",
            full_moving.with_values(release_max=0.0, glu_leak=0.0),
            tonic_glutamate.lasting(18_000, (17_500, 18_000)).with_values(glu_tonic=2.5e-5),
            _BLOCK | _TURNOVER,
        )
    },
)
#: A cell in ambient glutamate whose ATP and pump are looked at.
powered = Bench(
    "powered",
    Experiment(
        "powered",
        "How much ATP is there, and how much of it can the pump use?",
        (full_moving,),
        tonic_glutamate.lasting(1000, (700, 1000)),
        (mean_atp, pump_share),
        dt=STEP,
    ),
    _BLOCK
    | _ATP
    | {
        "glu_tonic": Prior(
            "loguniform", ("0.03 uM", "10 uM"), "assumed: ambient to four times the half-effect"
        ).within("mM", "glu_tonic"),
        "g_nmda_extra": _TISSUE["g_nmda_extra"],
    },
    laws=("pump_atp",),
    slot="pump",
)
#: Half a second of firing, and the second after it.
burst = Bench(
    "burst",
    Experiment(
        "burst",
        "How long are spikes, and how much does potassium rise?",
        (full_moving,),
        current_step.lasting(1700, (200, 1700)).with_values(step_start=200, step_stop=700),
        (measures.time_depolarised, measures.spike_count, k_rise),
        dt=STEP,
    ),
    _ATP
    | {
        "i_amp": Prior("uniform", (300, 1500), "assumed: what makes the cell fire, to three times"),
        "g_k": Prior("lognormal", (5, 0.2), "assumed: a fifth about the cell's"),
    },
    laws=("pump_atp",),
    slot="pump",
)
#: A cell in the glutamate of its tissue, settled, with two uptakes.
taken_up = Bench(
    "taken_up",
    Experiment(
        "taken_up",
        "How much calcium comes in at the glutamate that leak and uptake leave?",
        (full_moving,),
        tonic_glutamate.lasting(1500, (1000, 1500)).with_values(glu_tonic=0.0),
        (measures.ca_charge_receptors, measures.mean_v),
        dt=STEP,
    ),
    _BLOCK
    | _TISSUE
    | {
        "glu_leak": Prior(
            "loguniform", (2e-6, 2e-4), "assumed: ambient glutamate of 10 nM to 1 uM, as measured"
        )
    },
    laws=("uptake_counted", "uptake_fast"),
    slot="uptake",
)
#: Release that never stops, whatever the potential, onto no receptors; a cleft empties within
#: 0.4 ms, a tenth of the published time, or next to nothing of it would come out.
_steady = full_moving.with_values(
    v_release=-1000.0,
    release_span=927.7,
    glu_store=1e6,
    glu_exchange=9.42e-3,
    g_ampa=0.0,
    g_nmda=0.0,
    g_nmda_extra=0.0,
)
#: Ambient glutamate of which a share comes from vesicles, at all times.
ambient = Bench(
    "ambient",
    Experiment(
        "ambient",
        "How much glutamate is there around clefts, and in them?",
        (_steady,),
        rest.lasting(600, (400, 600)),
        (glu_mean, glu_mean_cleft),
        dt=STEP,
    ),
    {
        "vesicular_share": Prior("uniform", (0, 1), "assumed: none to all of it"),
        "release_power": Prior(
            "uniform", (1.5, 4.5), "assumed: from central synapses, about 2, to the endplate, 4"
        ),
        "ca_release_k": Prior("lognormal", (1.1, 0.3), "assumed: a third about the law's"),
        "mg_release_k": Prior("lognormal", (2.97, 0.3), "assumed: a third about the law's"),
        "mg_slope_uptake": Prior("constant", (0,), "assumed: no measurement was found"),
    },
    follow={
        "glu_leak": "4.727e-6*mM/ms*clip(1 - vesicular_share, 0, 1)",
        "release_max": "8.5e-9*fmol/ms*clip(vesicular_share, 0, 1)",
    },
    laws=("uptake_counted", "uptake_fast"),
    slot="uptake",
)

_spreading = hubel_2017.swap("counted").swap("exchange_salts")
_bathed = replace(_spreading, name="bathed", parts=(*_spreading.parts, grahame))


def _potassium(name: str, model: Model, priors: dict[str, Prior]) -> Bench:
    return Bench(
        name,
        Experiment(
            name,
            "When does a cell in high potassium depolarise for good?",
            (model,),
            potassium_bath.lasting(5000, (0, 5000)),
            (time_beyond,),
            dt=0.1 if model is _bathed else STEP,
        ),
        priors
        | {n: CHARGE[n] for n in ("sigma", "mg_screening")}
        | {
            "k_bath_after": Prior("uniform", (10, 30), "assumed: about what ignites it, to twice"),
            "bath_rate": Prior("loguniform", (1e-3, 1e-2), "assumed: tissue follows in 0.1 to 1 s"),
        },
        laws=("grahame",),
        slot="surface_charge",
    )


bathed = replace(
    _potassium(
        "bathed",
        _bathed,
        BLOCK
        | {
            "g_nmda": Prior("loguniform", (10, 200), "assumed: a fifth to four times its own"),
            "g_ampa": Prior("loguniform", (20, 500), "assumed: a ninth to three times its own"),
            "pump_factor": Prior(
                "lognormal", (1, 0.2), "assumed: a fifth about its own", ("pump_max",)
            ),
        },
    ),
    cells={
        "of cortex, with ATP ('full_moving')": _potassium(
            "bathed_cortex", full_moving, _BLOCK | _TISSUE
        )
    },
)
