"""Volumes of the cell, the extracellular space and glia: fixed, or as water follows particles."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.parts.homeostasis import words

fixed = Component(
    "fixed",
    "volumes",
    "volumes that stay",
    "vol_in = vol_in_rest : um**3  # volume of the cell\n"
    "vol_out = vol_out_rest : um**3  # extracellular volume",
    ports=words.VOLUMES,
    conditions="The control for what swelling does.",
    deviations="Cells swell.",
)

osmotic = Component(
    "osmotic",
    "volumes",
    "volumes in proportion to the particles in them, their sum fixed",
    """
vol_whole = vol_in_rest + vol_out_rest + glia_room : um**3
n_whole = n_in + n_out + osm_rest*glia_room + gain_glia : fmol
vol_in = vol_whole*n_in/n_whole : um**3  # volume of the cell
vol_out = vol_whole*n_out/n_whole : um**3  # extracellular volume
vol_glia = vol_whole - vol_in - vol_out : um**3  # volume of glia
""",
    ports=(*words.VOLUMES, words.OSM_REST, words.N_IN, words.N_OUT, *words.GLIA),
    references=("hubel_2017",),
    conditions="Water passes freely and at once; the tissue as a whole does not swell.",
    deviations="None known. Water takes seconds in cells.",
)

_WEI = "wei_2014: as coded in class Wei of jakobes/xalbrain"

gradual = Component(
    "gradual",
    "volumes",
    "a sphere that swells and shrinks with the difference of particles, over time",
    """
vol_out = vol_in_rest + vol_out_rest - vol_in : um**3  # extracellular volume
strength_in = na_in + k_in + cl_in + stays_in*vol_in_rest/vol_in : mM
strength_out = na_out + k_out + cl_out + stays_out*vol_out_rest/vol_out : mM
vol_aim = vol_in_rest*(1 + shrinkage*(1 - exp((strength_out - strength_in)/swelling_width))) : um**3
dvol_in/dt = (vol_aim - vol_in)/tau_water : um**3  # volume of the cell
area = 4.835975862049408*vol_in**(2/3) : um**2  # of a sphere
""",
    parameters=(
        Parameter("stays_in", 132.0, "mM", "particles inside that stay", _WEI, (0, 300)),
        Parameter("stays_out", 18.0, "mM", "particles outside that stay", _WEI, (0, 300)),
        Parameter("shrinkage", 0.1029, "1", "largest shrinking, over the volume", _WEI, (0.01, 1)),
        Parameter("swelling_width", 20.0, "mM", "difference that it takes", _WEI, (1, 100)),
        Parameter("tau_water", 250.0, "ms", "time that water takes", _WEI, (10, 1e5)),
    ),
    initial={"vol_in": "vol_in_rest"},
    ports=words.VOLUMES,
    references=("wei_2014",),
    conditions="Cell and extracellular space keep their sum.",
    deviations="None known. The membrane has the area of a sphere of that volume, its capacitance "
    "per area stays.",
)
