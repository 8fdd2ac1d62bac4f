"""Neurons, one published cell a file."""
