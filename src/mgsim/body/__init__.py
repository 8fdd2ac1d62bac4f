"""Stages between a dose of magnesium and a neuron: serum, cerebrospinal fluid, brain."""
