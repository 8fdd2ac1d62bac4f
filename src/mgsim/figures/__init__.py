"""Figures of the experiments, one a file; ``save`` writes one in every format with its data."""

from mgsim.figures.declare import Figure as Figure
from mgsim.figures.declare import figure as figure
from mgsim.figures.saving import save as save
