"""Runs: in memory, into a folder, on many processes; ``simulate``, ``sweep``, ``threshold``."""
