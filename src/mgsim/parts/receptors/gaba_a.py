"""GABA-A receptors: phasic and tonic, and a magnesium gain that is off unless asked for."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

_CODE = "destexhe_1998: as coded in ModelDB 18500 demo_gabaa.oc"

gaba_a = Component(
    name="gaba_a",
    slot="gaba",
    meaning="GABA-A receptor current, phasic and tonic",
    equations="""
ds_gaba/dt = -s_gaba/tau_gaba : 1  # phasic GABA-A gating
mg_gain_gaba = clip(1 + mg_slope_gaba*(clip(mg_out, 0*mM, 2*mM) - mg_gaba_measured), 0, 3) : 1
g_open_gaba = (g_gaba*s_gaba + g_gaba_tonic)*mg_gain_gaba : nS  # open GABA-A conductance
i_gaba = g_open_gaba*(v - e_cl) : pA  # GABA-A receptor current
""",
    parameters=(
        Parameter(
            "g_gaba",
            10.0,
            "nS",
            "GABA-A conductance after one inhibitory spike",
            "assumed: as the AMPA conductance of one release",
            (0, 100),
        ),
        Parameter(
            "tau_gaba",
            1 / 0.18,
            "ms",
            "decay time constant of the phasic GABA-A conductance",
            f"{_CODE}, unbinding at 0.18 /ms",
            (2, 50),
        ),
        Parameter(
            "g_gaba_tonic",
            1.0,
            "nS",
            "tonic GABA-A conductance",
            "assumed: some percent of the leak of a pyramidal cell",
            (0, 20),
        ),
        Parameter(
            "mg_slope_gaba",
            0.0,
            "1/mM",
            "gain of the GABA-A conductance for 1 mM more magnesium",
            "assumed: none unless asked for; 0 to 0.5 per mM is a prior without a law behind it",
            (0, 0.5),
        ),
        Parameter(
            "mg_gaba_measured",
            1.0,
            "mM",
            "magnesium of the bath in which GABA-A conductances were measured",
            "assumed: slices in the usual 1 mM",
            (0, 2),
        ),
    ),
    currents={"i_gaba": "cl"},
    on_event={"inhibition": "s_gaba += 1"},
    references=("destexhe_1998",),
    conditions="UNSUPPORTED INPUT beyond its sign: that magnesium raises the GABA-A conductance is "
    "reported, no law or constant was found. mg_slope_gaba is drawn from a prior or is 0. Decay as "
    "fitted to whole-cell currents (36 degC in the demonstration of the file).",
    deviations="Rises at once and does not saturate. The gain is linear from 0 to 2 mM, where it "
    "stops; magnesium opens nothing by itself. Its reversal is chloride's, e_cl (E_GABA); "
    "bicarbonate, which makes E_GABA less negative than that, is left out: set e_cl.",
)
