"""What is done to a model: clamps, currents, trains, glutamate, magnesium steps.

A step of current is measured while it lasts, what holds still late in the run, and everything else
from its onset to the end of the run.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from mgsim.catalogs import look_up
from mgsim.compose.protocol import Protocol
from mgsim.declare import changes
from mgsim.protocols.trains import train as train


def read(
    text: str | Protocol,
    changed: Mapping[str, str] | None = None,
    file: Callable[[str], Path] = Path,
) -> Protocol:
    """Protocols by name, ``"train_20hz + mg_step"``, and changes as :func:`mg.changes.read`.

    Raises
    ------
    UnknownName, PartError
        For an unknown protocol, and for protocols that do not go together.
    """
    if isinstance(text, str):
        made, *others = (look_up(Protocol, name.strip()) for name in text.split("+"))
        for other in others:
            made += other
    else:
        made = look_up(Protocol, text)
    hows = {n: changes.read(how, file) for n, how in (changed or {}).items()}
    return made.changing(**hows) if hows else made
