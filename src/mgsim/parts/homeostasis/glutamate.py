"""Glutamate in clefts and around them: release, diffusion, uptake and recycling."""

import math

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.parts.homeostasis import words

_CODE = "hubel_2017: as coded in ModelDB 235774 SD.ode"

glutamate = Component(
    "glutamate",
    "cleft",
    "glutamate that depolarisation releases into clefts, from where it diffuses, and a store",
    """
glu_drive = clip((v - v_release)/release_span, 0, 1000)**2 : 1
glu_release = (synapses*release_max*glu_drive*(1 - glu_released/glu_store)
    *modulation_release) : fmol/ms
glu_recycled = glu_recycling/glu_store*(glu_released - glu_in_clefts - glu_in_space) : fmol/ms
glu_leaves = synapses*glu_exchange*(glu - glu_around) : fmol/ms  # diffusion out of clefts
dglu_released/dt = glu_release - glu_recycled : fmol  # released and not yet back in the store
dglu_in_clefts/dt = glu_release - glu_leaves - taken_from_clefts : fmol  # glutamate in all clefts
dglu_in_space/dt = glu_leaves - taken_from_around : fmol  # glutamate in the extracellular space
glu = glu_in_clefts/(synapses*vol_cleft) : mM  # glutamate at the receptor
glu_around = glu_in_space/vol_out : mM  # glutamate in the extracellular space
""",
    parameters=(
        Parameter("synapses", 5000.0, "1", "synapses that release", _CODE, (1, 1e5)),
        Parameter("glu_store", 10.0, "fmol", "glutamate that there is to release", _CODE, (1, 1e3)),
        Parameter(
            "release_max",
            1.5e-5,
            "fmol/ms",
            "release of a full synapse at release_span above v_release",
            _CODE,
            (0, 1e-3),
        ),
        Parameter("v_release", -50.0, "mV", "potential at which release begins", _CODE, (-60, -20)),
        Parameter("release_span", 100.0, "mV", "from there to release_max", _CODE, (50, 150)),
        Parameter(
            "glu_recycling",
            0.001,
            "fmol/ms",
            "return to the store of all of it taken up",
            _CODE,
            (0, 0.1),
        ),
        Parameter(
            "vol_cleft",
            6 * math.pi * 0.1**2 * 0.02,
            "um**3",
            "volume of one cleft",
            f"{_CODE}, 6 pi r**2 h of 0.1 and 0.02 um",
            (1e-4, 0.1),
        ),
        Parameter(
            "glu_exchange",
            0.3 * 4 * math.pi * 0.1**2 * 0.05 / 20,
            "um**3/ms",
            "diffusion between one cleft and the extracellular space",
            f"{_CODE}, 0.3 um2/ms over 20 um",
            (1e-6, 1e-2),
        ),
    ),
    ports=(words.VOL_OUT, *words.GLUTAMATE),
    references=("hubel_2017",),
    adds={"glu_ambient": "glu_around"},
    conditions="Release by the neuron's own potential, without vesicles or spikes of others: that "
    "of a tissue that depolarises as one.",
    deviations="The file's six pools of what was taken up are one, which is their sum.",
)

uptake = Component(
    "uptake",
    "uptake",
    "uptake of glutamate by neuron and glia, with sodium, potassium and chloride",
    """
pull_cleft = uptake_max*synapses*vol_cleft*supply*glu/(glu + uptake_km) : fmol/ms
pull_around = (uptake_max*vol_out_rest*supply
    *glu_around/(glu_around + uptake_km)) : fmol/ms
glu_to_neuron = pull_cleft + neuron_around*pull_around : fmol/ms  # uptake by the neuron
i_na_uptake = -3*co_transport*faraday_constant*glu_to_neuron : pA  # sodium with glutamate
i_k_uptake = co_transport*faraday_constant*glu_to_neuron : pA  # potassium against glutamate
i_cl_uptake = co_transport*faraday_constant*glu_to_neuron : pA  # chloride with glutamate
""",
    parameters=(
        Parameter(
            "uptake_max",
            0.03,
            "mM/ms",
            "largest rate of uptake from clefts by the neuron",
            _CODE,
            (0, 0.3),
        ),
        Parameter(
            "uptake_km", 0.03, "mM", "glutamate at half the rate of uptake", _CODE, (0.005, 0.1)
        ),
        Parameter(
            "glia_factor", 4.0, "1", "uptake by glia over that of the neuron", _CODE, (0, 20)
        ),
        Parameter(
            "neuron_around", 0.12, "1", "neuron's uptake outside clefts over inside", _CODE, (0, 1)
        ),
        Parameter(
            "glia_around", 0.24, "1", "glia's uptake outside clefts over inside", _CODE, (0, 1)
        ),
        Parameter(
            "co_transport",
            1.0,
            "1",
            "1: sodium and chloride come in with glutamate and potassium goes out, as in "
            "transporters; -1: the reverse, as the published file has it",
            "assumed: the sign of transporters",
            (-1, 1),
        ),
    ),
    currents={"i_na_uptake": "na", "i_k_uptake": "k", "i_cl_uptake": "cl"},
    adds={
        "taken_from_clefts": "(1 + glia_factor)*pull_cleft",
        "taken_from_around": "(neuron_around + glia_factor*glia_around)*pull_around",
    },
    ports=(words.VOL_OUT_REST, *words.GLUTAMATE),
    references=("hubel_2017",),
    conditions="Michaelis and Menten. 32 mM/s in the extracellular space, eight times what counts "
    "of transporters allow.",
    deviations="The file calls the ions' fluxes inward and has them outward (co_transport -1); "
    "here they have the sign of transporters. Chloride stands for glutamate's charge, and no "
    "proton comes along, so that a glutamate brings one charge where a transporter brings two. "
    "Amounts of what glia carry are not followed.",
)
