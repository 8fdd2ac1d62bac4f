"""Questions put to models, one a file."""

from mgsim.catalog import Catalog
from mgsim.experiment import Experiment

Catalog.adopt(__name__, Experiment)
