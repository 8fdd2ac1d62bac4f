"""Magnesium block laws, one published law a file; each provides ``unblocked``."""

from mgsim.catalog import Catalog
from mgsim.component import Component

Catalog.adopt(__name__, Component)
