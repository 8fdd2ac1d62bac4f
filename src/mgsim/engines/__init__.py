"""Engines: a function of a system and columns of numbers."""
