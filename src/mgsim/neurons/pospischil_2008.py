"""Pospischil et al. (2008): cortical cells of one family, as coded in ModelDB 123623."""

from mgsim.assembly import assemble
from mgsim.channels import cortical
from mgsim.component import Component
from mgsim.parameter import Parameter

_RS = "pospischil_2008: RS cell as coded in ModelDB 123623 sPY_template"
_STARTS = (
    "Gates start at their steady states at v_start, where the original ModelDB script starts them "
    "at 0"
)
_RATES = "Rates carry no temperature factor: they are those of 36 degC."


def _membrane() -> Component:
    """A patch of membrane that sums its currents."""
    return Component(
        "membrane",
        "neuron",
        "membrane capacitance",
        equations="dv/dt = -i_membrane/(c_m*area) : mV  # membrane potential",
        parameters=(
            Parameter("c_m", 1.0, "uF/cm**2", "specific membrane capacitance", _RS, (0.7, 1.5)),
            Parameter("v_start", -70.0, "mV", "potential at the start", _RS, (-90, -50)),
            Parameter(
                "v_spike",
                0.0,
                "mV",
                "level whose upward crossing counts as a spike",
                "assumed: halfway up the action potential",
                (-30, 20),
            ),
        ),
        initial={"v": "v_start"},
        spike="v > v_spike",
        references=("pospischil_2008",),
    )


pospischil_2008_rs = assemble(
    "pospischil_2008_rs",
    "regular spiking cortical pyramidal cell",
    _membrane(),
    cortical.leak,
    cortical.na_fast,
    cortical.k_dr,
    cortical.k_m,
    values={
        "area": 28952.9,
        "v_t": -55.0,
        "e_leak": -70.0,
        "e_na": 50.0,
        "e_k": -100.0,
        "celsius": 36.0,
    },
    source=_RS + ", diam = L = 96 um",
    reproduces="The five reference spike times at 0.75 nA of the Open Source Brain copy.",
    conditions="Rat somatosensory and ferret visual cortex, in vitro.",
    deviations=f"{_STARTS} (its fifth spike comes 5.5 ms earlier). {_RATES}",
)
