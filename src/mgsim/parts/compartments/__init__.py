"""Membrane beside the soma, and what lies between two places."""
