"""Plasticity by two thresholds of calcium (Graupner & Brunel 2012), and where its calcium is from.

The rule reads the port ``c_syn``. It comes from the spikes themselves, as published, or from the
calcium currents of a spine, so that magnesium acts on it through the pore alone.
"""

from __future__ import annotations

from dataclasses import dataclass

from mgsim.declare.component import Component
from mgsim.declare.events import Event
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import Port

#: What a protocol sends and parts hear.
POST_SPIKE = Event("post_spike", "an action potential arrives from the soma")

_KEY = "graupner_2012"


@dataclass(frozen=True)
class Constants:
    """The published constants of a preparation.

    Parameters
    ----------
    tau_c, delay : ms; decay of a spike's calcium, and delay of the presynaptic one.
    c_pre, c_post : calcium that a spike brings, over the threshold of depression.
    gamma_d, gamma_p : rates above the thresholds, over the rate of the efficacy's own dynamics.
    sigma : noise above the thresholds.
    tau : s; time constant of the efficacy.
    share_down : share of synapses that are DOWN at first (beta).
    strength_up : strength of an UP synapse over that of a DOWN one (b).
    source : where the numbers stand.
    theta_d, theta_p : thresholds of depression and potentiation.
    rho_star : efficacy between DOWN and UP.
    """

    tau_c: float
    c_pre: float
    c_post: float
    gamma_d: float
    gamma_p: float
    sigma: float
    tau: float
    delay: float
    share_down: float
    strength_up: float
    source: str
    theta_d: float = 1.0
    theta_p: float = 1.3
    rho_star: float = 0.5


_CODE = f"{_KEY}: as coded in mgraupe/CalciumBasedPlasticityModel synapticChange.py"
#: By preparation; ``dp`` is the published example of depression before potentiation.
CONSTANTS = {
    "dp": Constants(20.0, 1.0, 2.0, 200.0, 321.808, 2.8284, 150.0, 13.7, 0.5, 5.0, f"{_CODE}, DP"),
    "hippocampal_slice": Constants(
        48.8373,
        1.0,
        0.275865,
        313.0965,
        1645.59,
        9.1844,
        688.355,
        18.8008,
        0.7,
        5.28145,
        f"{_CODE}, hippocampal slices",
    ),
    "cortical_slice": Constants(
        22.6936,
        0.5617539,
        1.23964,
        331.909,
        725.085,
        3.3501,
        346.3615,
        4.6098,
        0.5,
        5.40988,
        f"{_CODE}, cortical slices",
    ),
    "hippocampal_culture": Constants(
        11.9536,
        0.58156,
        1.76444,
        61.141,
        113.6545,
        2.5654,
        33.7596,
        10.0,
        0.5,
        36.0263,
        f"{_CODE}, hippocampal cultures",
    ),
}


def _named(name: str, preparation: str) -> str:
    return name if preparation == "dp" else f"{name}_{preparation}"


def _words(preparation: str) -> str:
    return "the example DP" if preparation == "dp" else preparation.replace("_", " ")


def _about(value: float) -> tuple[float, float]:
    return (0.0, 5 * value)


def _rule(preparation: str) -> Component:
    """The rule itself, which reads calcium and moves the efficacy."""
    c = CONSTANTS[preparation]
    return Component(
        name=_named("calcium_rule", preparation),
        slot="plasticity",
        meaning=f"plasticity by two thresholds of calcium, {_words(preparation)}",
        equations="""
depressing = int(c_syn > theta_d) : 1  # whether calcium is above the threshold of depression
potentiating = int(c_syn > theta_p) : 1  # whether it is above that of potentiation
defficacy/dt = (gamma_p*(1 - efficacy)*potentiating - gamma_d*efficacy*depressing
                - efficacy*(1 - efficacy)*(rho_star - efficacy))/tau_rho : 1  # efficacy
""",
        parameters=(
            Parameter(
                "theta_d",
                c.theta_d,
                "1",
                "calcium above which there is depression",
                c.source,
                (0, 5),
            ),
            Parameter(
                "theta_p",
                c.theta_p,
                "1",
                "calcium above which there is potentiation",
                c.source,
                (0, 5),
            ),
            Parameter("gamma_d", c.gamma_d, "1", "rate of depression", c.source, _about(c.gamma_d)),
            Parameter(
                "gamma_p", c.gamma_p, "1", "rate of potentiation", c.source, _about(c.gamma_p)
            ),
            Parameter(
                "tau_rho",
                c.tau,
                "s",
                "time constant of the efficacy",
                c.source,
                (c.tau / 5, c.tau * 5),
            ),
            Parameter(
                "rho_star", c.rho_star, "1", "efficacy between DOWN and UP", c.source, (0, 1)
            ),
            Parameter("rho_start", 0.0, "1", "efficacy at the start", "assumed: DOWN", (0, 1)),
        ),
        initial={"efficacy": "rho_start"},
        references=(_KEY,),
        reproduces="The curve of change against timing, case DP, within 0.03.",
        conditions="Constants fitted to many synapses and pairings; calcium is over the threshold "
        "of depression.",
        deviations="Without noise, so this is one synapse without chance; what noise makes of many "
        "synapses is in mgsim.analysis.plasticity.",
    )


def _spikes(preparation: str) -> Component:
    """Calcium that every spike brings by itself, as published."""
    c = CONSTANTS[preparation]
    return Component(
        name=_named("spike_calcium", preparation),
        slot="plasticity_calcium",
        meaning=f"calcium that spikes bring to plasticity, {_words(preparation)}",
        equations="""
dc_kept/dt = -c_kept/tau_c : 1  # calcium of all spikes but the last presynaptic one
dt_presyn/dt = 0 : ms  # time of the last presynaptic spike
c_syn = (c_kept + c_presyn*int(t > t_presyn + delay_presyn)
         *exp(-clip(t - t_presyn - delay_presyn, 0*s, 1e3*s)/tau_c)) : 1  # calcium
""",
        parameters=(
            Parameter("tau_c", c.tau_c, "ms", "decay of calcium", c.source, (5, 100)),
            Parameter(
                "c_presyn",
                c.c_pre,
                "1",
                "calcium of a presynaptic spike",
                c.source,
                _about(c.c_pre),
            ),
            Parameter(
                "c_postsyn",
                c.c_post,
                "1",
                "calcium of a postsynaptic spike",
                c.source,
                _about(c.c_post),
            ),
            Parameter(
                "delay_presyn", c.delay, "ms", "delay of presynaptic calcium", c.source, (0, 50)
            ),
        ),
        events=(POST_SPIKE,),
        # The logarithm has no value for a spike that comes before the calcium of the last one.
        on_event={
            "pre": "c_kept += c_presyn*exp(-(t - t_presyn - delay_presyn)/tau_c)"
            " + log(int(t > t_presyn + delay_presyn)); t_presyn = t",
            "post_spike": "c_kept += c_postsyn",
        },
        initial={"t_presyn": "-1000*s"},
        references=(_KEY,),
        conditions="Presynaptic spikes further apart than the delay; closer ones give no number.",
        deviations="Calcium stands for its effect and knows neither potential nor magnesium.",
    )


calcium_rule, calcium_rule_hippocampal_slice, calcium_rule_cortical_slice = map(
    _rule, ("dp", "hippocampal_slice", "cortical_slice")
)
calcium_rule_hippocampal_culture = _rule("hippocampal_culture")
spike_calcium, spike_calcium_hippocampal_slice, spike_calcium_cortical_slice = map(
    _spikes, ("dp", "hippocampal_slice", "cortical_slice")
)
spike_calcium_hippocampal_culture = _spikes("hippocampal_culture")

pore_calcium = Component(
    name="pore_calcium",
    slot="plasticity_calcium",
    meaning="calcium of a spine for plasticity, weighed by the channel through which it comes",
    equations="""
dc_syn/dt = -c_presyn*i_ca_nmda/q_presyn - c_postsyn*i_ca_r/q_postsyn - c_syn/tau_c : 1  # calcium
""",
    parameters=(
        Parameter(
            "tau_c",
            12.0,
            "ms",
            "decay of calcium",
            "chindemi_2022: as coded in BlueBrain/neurodamus-models GluSynapse.mod, 12 ms",
            (5, 100),
        ),
        Parameter(
            "c_presyn",
            1.0,
            "1",
            "largest calcium of a presynaptic spike at 1 mM magnesium and -70 mV",
            CONSTANTS["dp"].source,
            (0, 5),
        ),
        Parameter(
            "c_postsyn",
            2.0,
            "1",
            "largest calcium of a postsynaptic spike",
            CONSTANTS["dp"].source,
            (0, 10),
        ),
        Parameter(
            "q_presyn",
            0.4238,
            "fC",
            "charge through NMDA receptors that, let in at once, would give c_presyn",
            "assumed: so that c_presyn is the largest after a presynaptic spike of 'clamped_spine'",
            (0.1, 2),
        ),
        Parameter(
            "q_postsyn",
            3.926,
            "fC",
            "charge through R-type channels that, let in at once, would give c_postsyn",
            "assumed: so that c_postsyn is the largest after a spike of 'clamped_spine'",
            (1, 20),
        ),
    ),
    ports=(
        Port("i_ca_nmda", "pA", "calcium current of NMDA receptors"),
        Port("i_ca_r", "pA", "R-type calcium current"),
    ),
    references=("chindemi_2022", _KEY),
    conditions="The spine of Chindemi et al. 2022. Two weights, as one scale cannot turn 1.01 uM "
    "of a presynaptic and 9.35 uM of a postsynaptic spike into 1 and 2: the sensors of plasticity "
    "are taken to lie nearer to the receptors.",
    deviations="The published delay and decay of presynaptic calcium are those of the spine here. "
    "Magnesium acts through the pore and the driving force alone.",
)

effective_calcium = Component(
    name="effective_calcium",
    slot="effective_calcium",
    meaning="calcium of a spine above rest, summed over about 200 ms",
    equations="dca_effective/dt = ca - ca_baseline - ca_effective/tau_effective : uM*ms"
    "  # effective calcium",
    parameters=(
        Parameter(
            "tau_effective",
            200.0,
            "ms",
            "time over which calcium is summed",
            "chindemi_2022: as coded in BlueBrain/neurodamus-models GluSynapse.mod, 200 ms",
            (20, 2000),
        ),
        Parameter(
            "ca_baseline",
            0.07,
            "uM",
            "calcium from which it is counted",
            "chindemi_2022: as coded in BlueBrain/neurodamus-models GluSynapse.mod, 70 nM",
            (0, 0.2),
        ),
    ),
    references=("chindemi_2022",),
    conditions="What the published thresholds of the neocortex act on; they were fitted for each "
    "synapse, and those in the public code are placeholders, so that none are here.",
    deviations="None known.",
)
