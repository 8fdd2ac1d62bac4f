"""Receptors: NMDA gating schemes and currents, AMPA, transmitter in the cleft."""

from mgsim.catalog import Catalog
from mgsim.component import Component

Catalog.adopt(__name__, Component)
