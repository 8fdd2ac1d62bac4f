"""Calcium entry and pools."""
