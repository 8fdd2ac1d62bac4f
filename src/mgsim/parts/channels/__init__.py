"""Voltage-gated and leak channels, per membrane area: what cells are assembled from."""
