"""The exercises, a lesson a file."""

from mgsim.catalog import Catalog
from mgsim.lessons.exercise import Exercise

Catalog.adopt(__name__, Exercise)
