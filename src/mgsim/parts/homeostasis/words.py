"""The words through which the parts of this folder speak, beside the common ones."""

from mgsim.declare.ports import Port

VOL_IN = Port("vol_in", "um**3", "volume of the cell", membrane=True)
VOL_OUT = Port("vol_out", "um**3", "extracellular volume", everywhere=True)
VOL_IN_REST = Port("vol_in_rest", "um**3", "volume of the cell at the start", membrane=True)
VOL_OUT_REST = Port("vol_out_rest", "um**3", "extracellular volume at the start", everywhere=True)
OSM_REST = Port("osm_rest", "mM", "particles in a volume at the start", everywhere=True)
N_IN = Port("n_in", "fmol", "particles in the cell", membrane=True)
N_OUT = Port("n_out", "fmol", "particles in the extracellular space", everywhere=True)
VOLUMES = (VOL_IN, VOL_OUT, VOL_IN_REST, VOL_OUT_REST)

#: By ion, what glia and bath took from the extracellular space.
TAKEN = {
    ion: Port(f"taken_{ion}", "fmol", f"{word} that glia and bath took", "sum", everywhere=True)
    for ion, word in (("na", "sodium"), ("k", "potassium"), ("cl", "chloride"))
}
#: What glia hold more or less than at the start, and how large they were.
GLIA = (
    Port("gain_glia", "fmol", "particles that glia took up", "sum", everywhere=True),
    Port("glia_room", "um**3", "volume of glia at the start", "sum", everywhere=True),
)

SYNAPSES = Port("synapses", "1", "number of synapses")
VOL_CLEFT = Port("vol_cleft", "um**3", "volume of one cleft")
GLU_AROUND = Port("glu_around", "mM", "glutamate in the extracellular space", everywhere=True)
UPTAKE = (
    Port("taken_from_clefts", "fmol/ms", "uptake of glutamate from all clefts", "sum"),
    Port("taken_from_around", "fmol/ms", "uptake from the extracellular space", "sum"),
)
GLUTAMATE = (SYNAPSES, VOL_CLEFT, GLU_AROUND, *UPTAKE)
