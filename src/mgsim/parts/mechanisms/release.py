"""What a presynaptic spike releases: shares of what is ready, or vesicles drawn one by one."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

_SOURCE = "unverified: Markram et al. 2015, a depressing synapse between excitatory cells: "
_PARAMETERS = (
    Parameter(
        "u_rel",
        0.5,
        "1",
        "probability that a ready site releases, at rest, in the bath of the recording",
        _SOURCE + "U = 0.5",
        (0, 1),
    ),
    Parameter("tau_rec", 671.0, "ms", "time constant of refilling", _SOURCE + "671 ms", (20, 3000)),
    Parameter(
        "tau_facil", 17.0, "ms", "time constant of facilitation", _SOURCE + "17 ms", (1, 2000)
    ),
)
_CONDITIONS = (
    "Depression and facilitation after Tsodyks & Markram. At each spike the use falls back and "
    "jumps, then what was released comes back, then release takes of it: the order of the "
    "simulators of the Blue Brain Project (ProbAMPANMDA_EMS). The constants are remembered, not "
    "looked up. A release law (slot release_law) scales u_rel, at most to 1, and never the "
    "conductance of a quantum: so it changes how the synapse depresses too."
)
#: Use at a spike: what is left of it, and its jump.
_LEFT = "u_now*exp(-(t - t_before)/tau_facil)"
_JUMP = f"u_now = {_LEFT} + u_bath*(1 - {_LEFT})"
_BATH = "u_bath = clip(u_rel*modulation_release, 0, 1) : 1  # use in this bath, of a site at rest"

constant_release = Component(
    name="constant_release",
    slot="release",
    meaning="release that neither depletes nor facilitates",
    equations=_BATH,
    parameters=_PARAMETERS[:1],
    on_event={"pre": "quanta = u_bath"},
    deviations="The first spike of depressing_release at each: for single impulses, and as the "
    "control of what depletion does.",
)

depressing_release = Component(
    name="depressing_release",
    slot="release",
    meaning="release that depletes and facilitates, as a mean",
    equations=f"""{_BATH}
dr_ready/dt = 0/s : 1  # share of sites that are ready
du_now/dt = 0/s : 1  # probability that a ready site releases
dt_before/dt = 0 : ms  # time of the last spike
""",
    parameters=_PARAMETERS,
    on_event={
        "pre": f"{_JUMP}; "
        "r_ready = 1 - (1 - r_ready)*exp(-(t - t_before)/tau_rec); "
        "t_before = t; quanta = u_now*r_ready; r_ready -= quanta"
    },
    initial={"r_ready": "1"},
    deviations="The mean over many sites, or over many trials, of vesicle_release.",
    conditions=_CONDITIONS,
)

vesicle_release = Component(
    name="vesicle_release",
    slot="release",
    meaning="vesicles that sites release and refill by chance",
    equations=f"""{_BATH}
dn_ready/dt = 0/s : 1  # sites with a vesicle
dn_released/dt = 0/s : 1  # vesicles released by the last spike
du_now/dt = 0/s : 1  # probability that a ready site releases
dt_before/dt = 0 : ms  # time of the last spike
""",
    parameters=(
        Parameter(
            "n_sites",
            5.0,
            "1",
            "release sites",
            "assumed: about the contacts between two pyramidal cells, one site each",
            (0, 100),
            whole=True,
        ),
        *_PARAMETERS,
    ),
    on_event={
        "pre": f"{_JUMP}; "
        "n_ready += binomial(n_sites - n_ready, 1 - exp(-(t - t_before)/tau_rec), chance_1); "
        "t_before = t; n_released = binomial(n_ready, u_now, chance_2); "
        "n_ready -= n_released; quanta = n_released/n_sites"
    },
    chances={"pre": 2},
    initial={"n_ready": "n_sites"},
    deviations="Sites do not know of one another; refilling and release are drawn at a spike.",
    conditions=_CONDITIONS + " The seed is the trial, and the dice of a trial are the same "
    "whatever else is changed.",
)
