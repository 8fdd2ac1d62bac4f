"""Volumes of the cell, the extracellular space and glia: fixed, or as water follows particles."""

from mgsim.component import Component
from mgsim.homeostasis import words

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
