"""The reference engine: Brian2 runs the system's own text."""

from mgsim.engines.brian.engine import BrianEngine as BrianEngine
