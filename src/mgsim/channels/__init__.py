"""Voltage-gated and leak channels, per membrane area: what cells are assembled from."""

from mgsim.catalog import Catalog
from mgsim.component import Component

Catalog.adopt(__name__, Component)
