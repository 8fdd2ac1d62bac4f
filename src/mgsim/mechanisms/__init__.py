"""Parts by which magnesium acts besides the receptors' block: release, charge, channels."""
