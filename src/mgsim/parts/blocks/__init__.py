"""Magnesium block laws, one published law a file; each provides ``unblocked``.

Without magnesium ``unblocked`` is exactly 1, unless the law states another value of its own as
``unblocked_without_mg``: channels may close in other ways too.
"""

from typing import Any

import numpy as np

from mgsim.catalogs import blocks
from mgsim.declare.component import Component


def sourced() -> list[Component]:
    """The laws whose every constant has a source that was read, and the control ``none``.

    Laws with assumed or unverified constants would widen a band between laws by hearsay.
    """
    uncited = ("assumed", "unverified")
    return [
        law
        for law in blocks.own.values()
        if not any(p.source.startswith(uncited) for p in law.parameters)
    ]


def without_magnesium(law: Component, **values: Any) -> np.ndarray:
    """What a law states to leave at zero magnesium: ``unblocked_without_mg``, or 1.

    Parameters
    ----------
    law : a block law.
    values : potentials and what else it depends on, as for :meth:`Component.evaluate`.

    Examples
    --------
    >>> import mgsim as mg
    >>> without_magnesium(mg.blocks["kampa_2004"], v=[-80, 0]).tolist()
    [1.0, 1.0]
    >>> without_magnesium(mg.blocks["jahr_stevens_1990_flicker"], v=[-80, 0]).round(2).tolist()
    [0.56, 0.89]
    """
    stated = law.called("unblocked_without_mg")
    if stated in law.provides:
        return law.evaluate(stated, **{law.called(n): x for n, x in values.items()})
    return np.ones(np.broadcast_shapes(*(np.shape(v) for v in values.values())))
