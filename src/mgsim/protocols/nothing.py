"""Nothing is done."""

from __future__ import annotations

import numpy as np

from mgsim.compose.protocol import Protocol

rest = Protocol("rest", "nothing is done", 1000.0, window=(-500.0, np.inf))
