"""Neurons, one published cell a file."""

from mgsim.catalog import Catalog
from mgsim.component import Component

Catalog.adopt(__name__, Component)
