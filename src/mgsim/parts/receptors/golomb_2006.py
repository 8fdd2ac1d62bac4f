"""Golomb et al. (2006): synapses that the presynaptic potential drives, and a cell on itself.

A cell that is its own presynaptic cell stands for a network whose cells burst together: what the
network gives to each is what each gives to it.
"""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import Port

_CODE = "golomb_2006: as coded in ModelDB 147117 runhh.m"
_CONDITIONS = "Models of cortical tissue at low magnesium."

DRIVE = Port("release_drive", "1", "how far the presynaptic potential opens release, 0 to 1")
RESOURCE = Port("transmitter", "1", "share of the transmitter that is left")
ACTIVE = Port("active_start", "1", "how active the synapse is at the start")

_TERMINAL = """
release_drive = 1/(1 + exp(-(v - v_release)/k_release)) : 1  # release, by the cell's own potential
"""
_PARAMETERS = (
    Parameter("v_release", -20.0, "mV", "presynaptic potential of half release", _CODE, (-40, 0)),
    Parameter("k_release", 2.0, "mV", "slope of release with voltage", _CODE, (1, 5)),
    Parameter(
        "active_start",
        0.0,
        "1",
        "how active the synapse is at the start: 0 quiet, 1 as amid a burst",
        "assumed: the cell has a quiet and an active state, and begins in the quiet one",
        (0, 1),
    ),
)

self_coupled = Component(
    name="self_coupled",
    slot="presynapse",
    meaning="a cell that is its own presynaptic cell",
    equations=f"{_TERMINAL}transmitter = 1 : 1  # transmitter left",
    parameters=_PARAMETERS,
    ports=(DRIVE, RESOURCE, ACTIVE),
    references=("golomb_2006",),
    conditions=f"{_CONDITIONS} One cell for all: no differences between cells, no delay.",
)

self_coupled_depressing = Component(
    name="self_coupled_depressing",
    slot="presynapse",
    meaning="a cell that is its own presynaptic cell and runs out of transmitter",
    equations=f"""{_TERMINAL}
dtransmitter/dt = -k_deplete*release_drive*transmitter + k_refill*(1 - transmitter) : 1  # left
""",
    parameters=(
        *_PARAMETERS,
        Parameter("k_deplete", 1.0, "1/ms", "rate of depletion at full release", _CODE, (0, 5)),
        Parameter("k_refill", 1e-3, "1/ms", "rate of refilling", _CODE, (1e-4, 1e-2)),
    ),
    initial={"transmitter": "1"},
    ports=(DRIVE, RESOURCE, ACTIVE),
    references=("golomb_2006",),
    conditions=f"{_CONDITIONS} One cell for all: no differences between cells, no delay.",
)

golomb_2006_ampa = Component(
    name="golomb_2006_ampa",
    slot="ampa",
    meaning="AMPA current driven by the presynaptic potential",
    equations="""
ds_ampa/dt = alpha_ampa*release_drive*transmitter*(1 - s_ampa) - s_ampa/tau_ampa : 1  # AMPA gating
g_open_ampa = g_ampa*s_ampa : nS  # open AMPA conductance
i_ampa = g_open_ampa*(v - e_ampa) : pA  # AMPA receptor current
""",
    parameters=(
        Parameter(
            "g_ampa",
            16.0,
            "nS",
            "AMPA conductance with every receptor open",
            f"{_CODE}, 0.08 mS/cm2 of a cell of 20000 um2",
            (0, 100),
        ),
        Parameter("alpha_ampa", 1.0, "1/ms", "opening rate at full release", _CODE, (0.1, 5)),
        Parameter(
            "tau_ampa", 5.0, "ms", "decay time constant of the AMPA conductance", _CODE, (0.5, 10)
        ),
        Parameter("e_ampa", 0.0, "mV", "reversal potential of the AMPA current", _CODE, (-10, 10)),
    ),
    currents={"i_ampa": ""},
    initial={"s_ampa": "0.5*active_start"},
    ports=(DRIVE, RESOURCE, ACTIVE),
    references=("golomb_2006",),
    conditions=_CONDITIONS,
)

golomb_2006_nmda = Component(
    name="golomb_2006_nmda",
    slot="nmda_gating",
    meaning="NMDA gating driven by the presynaptic potential",
    equations="""
dx_nmda/dt = (alpha_x_nmda*release_drive*(1 - x_nmda)
              - (1 - release_drive)*x_nmda/tau_rise_nmda) : 1  # transmitter bound, phasic
ds_nmda/dt = alpha_nmda*x_nmda*transmitter*(1 - s_nmda) - s_nmda/tau_decay_nmda : 1  # open
open_nmda = s_nmda : 1  # open fraction of NMDA receptors
""",
    parameters=(
        Parameter("alpha_x_nmda", 1.0, "1/ms", "binding rate at full release", _CODE, (0.1, 5)),
        Parameter(
            "tau_rise_nmda",
            14.3,
            "ms",
            "rise time constant of the NMDA conductance",
            _CODE,
            (0.5, 50),
        ),
        Parameter(
            "alpha_nmda", 1.0, "1/ms", "opening rate with transmitter bound", _CODE, (0.05, 5)
        ),
        Parameter(
            "tau_decay_nmda",
            100.0,
            "ms",
            "decay time constant of the NMDA conductance",
            _CODE,
            (20, 300),
        ),
    ),
    initial={"x_nmda": "0.9*active_start", "s_nmda": "0.9*active_start"},
    ports=(DRIVE, RESOURCE, ACTIVE),
    references=("golomb_2006",),
    reproduces="Bursts of the self-coupled cell that need slow NMDA receptors.",
    conditions=_CONDITIONS,
    deviations="No site for glutamate: nothing competes with it, and ambient glutamate does not "
    "open it; g_nmda = 0 stands for an antagonist. No desensitisation.",
)
