"""Magnesium block laws, one published law a file; each provides ``unblocked``."""

from mgsim.catalog import Catalog
from mgsim.component import Component

Catalog.adopt(__name__, Component)


def sourced() -> list[Component]:
    """The laws whose every constant has a source that was read, and the control ``none``.

    Laws with assumed or unverified constants would widen a band between laws by hearsay.
    """
    import mgsim.blocks

    uncited = ("assumed", "unverified")
    catalog: Catalog = mgsim.blocks  # type: ignore[assignment]
    return [law for law in catalog.values()
            if not any(p.source.startswith(uncited) for p in law.parameters)]
