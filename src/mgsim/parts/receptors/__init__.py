"""Receptors: NMDA gating schemes and currents, AMPA, transmitter in the cleft."""
