"""What claims about a lasting or a blocked synapse are tried on: plastic spines and an endplate."""

from __future__ import annotations

import numpy as np

from mgsim.claims.bench import BLOCK, released
from mgsim.declare.priors import Prior
from mgsim.judging.reading import Bench
from mgsim.measures import release_first, time_depressing, time_potentiating
from mgsim.models.junctions import neuromuscular_junction
from mgsim.models.spines import clamped_spine
from mgsim.parts.mechanisms import calcium_rule
from mgsim.protocols.pairings import clamped_pairing
from mgsim.protocols.trains import single_pulse
from mgsim.runs.experiment import Experiment

#: Constants of the calcium rule that were fitted to different preparations, by its suffix.
PREPARATIONS = ("dp", "hippocampal_slice", "cortical_slice")


def _plastic(preparation: str) -> Bench:
    """The head of a spine in which the rule of a preparation reads calcium by its channel."""
    fitted = calcium_rule.CONSTANTS[preparation]
    suffix = "" if preparation == "dp" else f"_{preparation}"
    calcium = calcium_rule.pore_calcium.with_values(c_presyn=fitted.c_pre, c_postsyn=fitted.c_post)
    model = clamped_spine.swap(calcium).swap(getattr(calcium_rule, f"calcium_rule{suffix}"))
    return Bench(
        f"plastic_{preparation}",
        Experiment(
            f"plastic_{preparation}",
            "For how long is the calcium of a paired spine above the thresholds of plasticity?",
            (model,),
            clamped_pairing.lasting(450, (0, np.inf)).with_values(pair_number=1, pair_start=100),
            (time_depressing, time_potentiating),
        ),
        BLOCK
        | {
            "g_nmda": Prior("loguniform", (0.3, 1.0), "assumed: about the 0.55 nS of one synapse"),
            "tau_decay_nmda": Prior("uniform", (40, 110), "assumed: about the 70 ms of the spine"),
            "pf_scale": Prior("uniform", (0.7, 1.3), "assumed: a third about the spine's"),
            "v_hold": Prior("uniform", (-75, -60), "assumed: rest of cortical cells"),
        },
    )


plastic = {preparation: _plastic(preparation) for preparation in PREPARATIONS}

#: One nerve impulse at an endplate, and what it releases. What fires the muscle fibre is 0.05, so
#: that ``u_rel`` over it is the safety factor.
junction = Bench(
    "junction",
    Experiment(
        "junction",
        "What does a nerve impulse release at the endplate?",
        (neuromuscular_junction,),
        single_pulse.lasting(60),
        (release_first,),
    ),
    {
        "u_rel": Prior("uniform", (0.1, 0.3), "assumed: safety factors of 2 to 6, as of mammals"),
        "release_power": Prior(
            "uniform", (3.0, 4.5), "assumed: about the slope of 3.78 of Dodge & Rahamimoff 1967"
        ),
        "ca_release_k": released.priors["ca_release_k"],
        "mg_release_k": released.priors["mg_release_k"],
    },
    laws=("dodge_rahamimoff_1967",),
    slot="release_law",
)
