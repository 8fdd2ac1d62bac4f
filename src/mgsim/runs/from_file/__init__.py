"""Sweeps read from a TOML file."""
