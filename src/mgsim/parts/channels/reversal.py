"""Reversal potentials from the concentrations on both sides, as text."""

#: Nernst's potential of calcium; below 0.1 nM, where it would have no value, as at that.
CALCIUM = (
    "gas_constant*(celsius + zero_celsius)/(2*faraday_constant)"
    "*log(clip(ca_out, 1e-4*uM, 1*M)/clip(ca, 1e-4*uM, 1*M))"
)
