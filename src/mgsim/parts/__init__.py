"""The catalogs of parts, a folder for each kind."""

import sys
from typing import TYPE_CHECKING

from mgsim.catalogs import PARTS, KeepsCatalogs

globals().update(PARTS)
sys.modules[__name__].__class__ = KeepsCatalogs

if TYPE_CHECKING:
    from mgsim.catalogs import *  # noqa: F403
