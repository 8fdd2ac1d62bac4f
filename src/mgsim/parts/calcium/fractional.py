"""Calcium through NMDA receptors as a fraction of their current."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

_CODE = "chindemi_2022: as coded in BlueBrain/neurodamus-models GluSynapse.mod"

fractional = Component(
    name="fractional",
    slot="ca_entry",
    meaning="calcium as a fraction of the NMDA current, total conserved",
    equations="""
pf_nmda = ca_out/(ca_out + pf_half) : 1  # fractional calcium current
i_ca_nmda = pf_scale*pf_nmda*g_conducting*clip(v - e_ca_nmda, -1*V, 0*mV) : pA  # calcium current
""",
    parameters=(
        Parameter(
            "pf_half",
            30 / 1.38,
            "mM",
            "external calcium at which the fraction is half",
            _CODE + ", 4 Ca/(4 Ca + 120/1.38)",
            (10, 40),
        ),
        Parameter(
            "pf_scale", 0.6, "1", "scale that gives the fraction at -60 mV", _CODE, (0.4, 1.0)
        ),
        Parameter(
            "e_ca_nmda", 40.0, "mV", "reversal potential of the calcium share", _CODE, (20, 130)
        ),
    ),
    currents={"i_ca_nmda": "ca of i_nmda"},
    references=("chindemi_2022", "schneggenburger_1993"),
    reproduces="6.85 % of the current at -60 mV and 1.6 mM calcium (forebrain neurons).",
    conditions="Magnesium-free solution, 1.6 mM calcium, -60 mV, 22 degC; other potentials follow "
    "from an ohmic calcium share that reverses at +40 mV.",
    deviations="At -60 mV the fraction is pf_nmda; it is 0.94 of that at -70 mV and 1.2 at -40 mV. "
    "The rest of the NMDA current is sodium and potassium, so the total is what the "
    "receptor part says. Calcium is inward below +40 mV and none above, where the public "
    "code turns it outward, which the little calcium inside could not carry; flux theory would "
    "keep it inward up to the calcium equilibrium potential.",
)
