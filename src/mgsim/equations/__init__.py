"""Equation text: as lines, as a tree, and what follows from a tree."""
