"""ATP that pump and extrusion of calcium spend, and magnesium that it binds."""

from mgsim.compose.assembly import reworded
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import Port
from mgsim.parts.calcium import pool
from mgsim.parts.homeostasis import words
from mgsim.parts.homeostasis.amounts import counted
from mgsim.parts.homeostasis.pump import pump

_ASSUMED = "assumed: "
_K = "unverified: about 0.1 mM, a prior; public pump models take no MgATP or do not depend on it"
_SPENT = Port("atp_spent", "fmol/ms", "ATP spent", "sum", membrane=True)
_MGATP = Port("mgatp", "mM", "ATP with magnesium", membrane=True)
_FOR_CA = Port(
    "na_for_ca", "fmol/ms", "sodium that comes in for calcium that goes out", "sum", membrane=True
)
_WORDS = (
    _SPENT,
    _MGATP,
    Port("atp", "mM", "ATP inside", outcome=True, membrane=True),
    Port("mg_in", "mM", "free magnesium inside", membrane=True),
)

atp_pool = Component(
    "atp_pool",
    "energy",
    "ATP of the cell, made from ADP with the supply and spent by ion moved, and its magnesium",
    """
atp = (atp_start*vol_in_rest + gain_atp)/vol_in : mM  # ATP
adp = (adp_start*vol_in_rest - gain_atp)/vol_in : mM  # ADP
atp_made = atp_make*vol_in_rest*supply*adp/(adp + atp_adp_half) : fmol/ms  # ATP made
dgain_atp/dt = atp_made - atp_spent : fmol  # ATP made and not spent since the start
mg_whole = mg_in_rest*(1 + atp_start/(mg_in_rest + mg_atp_k))*vol_in_rest/vol_in : mM
mg_short = atp + mg_atp_k - mg_whole : mM
mg_in = (2*mg_atp_k*mg_whole
    /(mg_short + sqrt(mg_short**2 + 4*mg_atp_k*mg_whole))) : mM  # free magnesium inside
mgatp = atp*mg_in/(mg_in + mg_atp_k) : mM  # ATP with magnesium
""",
    parameters=(
        Parameter("atp_start", 3.0, "mM", "ATP at the start", _ASSUMED + "2 to 4 mM", (1, 6)),
        Parameter("adp_start", 0.1, "mM", "ADP at the start", _ASSUMED + "little", (0.01, 1)),
        Parameter(
            "atp_make",
            5e-3,
            "mM/ms",
            "fastest making of ATP",
            _ASSUMED + "more than a pump at its fastest spends",
            (1e-4, 0.02),
        ),
        Parameter(
            "atp_adp_half",
            0.1,
            "mM",
            "ADP at which it is made half as fast",
            _ASSUMED + "so that ATP falls little under load",
            (0.01, 1),
        ),
        Parameter(
            "mg_in_rest",
            0.7,
            "mM",
            "free magnesium inside at the start",
            "unverified: 0.5 to 1 mM in neurons",
            (0.05, 3),
        ),
        Parameter(
            "mg_atp_k",
            0.1,
            "mM",
            "magnesium at which half the ATP has bound it",
            "unverified: about 0.1 mM at the potassium of a cell",
            (0.01, 1),
            nonzero="magnesium binds against it",
        ),
    ),
    ports=(words.VOL_IN, words.VOL_IN_REST, *_WORDS),
    conditions="One ATP for three sodium or one calcium taken out. Magnesium is kept: what ATP "
    "loses is free, so that it rises as ATP falls.",
    deviations="Every ATP becomes ADP; no AMP, creatine phosphate or glycolysis, nor what else a "
    "cell spends ATP on. ADP and phosphate bind no magnesium, so that it rises by more than in a "
    "cell.",
)


def _half(name: str, what: str) -> Parameter:
    return Parameter(
        name,
        0.1,
        "mM",
        f"ATP with magnesium at which {what} is half as fast",
        _K,
        (0.001, 1),
        nonzero="where it is 0, ATP that is spent up would have no value to it",
    )


pump_atp = reworded(
    pump,
    "pump_atp",
    {"pump_rate = supply/(": "pump_rate = supply*mgatp/(mgatp + pump_mgatp)/("},
    meaning=f"{pump.meaning}, on ATP with magnesium",
    parameters=(*pump.parameters, _half("pump_mgatp", "the pump")),
    adds={"atp_spent": "pump_max*area*pump_rate/faraday_constant"},
    ports=(_SPENT, _MGATP),
    conditions=f"{pump.conditions} One ATP for three sodium.",
    deviations="No dependence on the potential. 'supply' of this slot is a factor on the pump "
    "itself, beside what ATP allows.",
)

counted_exchanging = reworded(
    counted,
    "counted_exchanging",
    {
        "dgain_na/dt = -i_na/(1*faraday_constant)": "dgain_na/dt = -i_na/(1*faraday_constant) + "
        "na_for_ca"
    },
    meaning=f"{counted.meaning}, and sodium that comes in for calcium that goes out",
    ports=(*counted.ports, _FOR_CA),
    conditions=f"{counted.conditions} What comes in for calcium moves no charge through the "
    "membrane.",
    deviations=f"{counted.deviations} Calcium outside is constant, as of a bath without end and "
    "without a counter-ion: what is inside was not taken from the extracellular space, whose "
    "charge is off by as much.",
)

pool_atp = reworded(
    pool.pool,
    "pool_atp",
    {
        "          - (ca - ca_rest)/tau_ca) : uM": "          - ca_left) : uM",
        "dca/dt": "ca_left = supply*mgatp/(mgatp + extrusion_mgatp)*(ca - ca_rest)/tau_ca : uM/ms\n"
        "dca/dt",
    },
    meaning=f"{pool.pool.meaning} on ATP with magnesium",
    parameters=(*pool.pool.parameters, _half("extrusion_mgatp", "extrusion of calcium")),
    adds={
        "atp_spent": "area*ca_depth*(1 + ca_kappa)*ca_left",
        "na_for_ca": "2*area*ca_depth*(1 + ca_kappa)*ca_left",
    },
    ports=(_SPENT, _MGATP, _FOR_CA),
    conditions=f"{pool.pool.conditions} One ATP for one calcium.",
    deviations="Two sodium come in for each calcium: the protons for which it goes out leave "
    "again for sodium ('counted_exchanging'). Calcium below rest comes back by the same way, and "
    "gives the ATP back.",
)
