"""Colours, dashes and names of block laws in figures."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from matplotlib.axes import Axes

from mgsim.figures.style import DASHES, GREY, INK, PALETTE
from mgsim.parts import blocks

_USUAL = "jahr_stevens_1990"
_CONTROL = "none"


def looks(laws: Iterable[str]) -> dict[str, dict[str, Any]]:
    """A colour and a dash for each law; the one that most models use is black and solid."""
    found: dict[str, dict[str, Any]] = {
        _USUAL: {"color": INK, "ls": "-", "lw": 1.6, "zorder": 3},
        _CONTROL: {"color": GREY, "ls": (0, (1, 2)), "lw": 1.0, "zorder": 2},
    }
    colours = PALETTE[:-1]
    for i, law in enumerate(law for law in laws if law not in (_USUAL, _CONTROL)):
        dash = DASHES[(i + i // len(colours)) % len(DASHES)]
        found[law] = {"color": colours[i % len(colours)], "ls": dash, "lw": 1.0, "zorder": 2}
    return found


def title(law: str) -> str:
    """Author and year, as the part itself states them."""
    if law == _CONTROL:
        return "no block (control)"
    return str(blocks[law].meaning).split(",")[0] if law in blocks else law


def key(axes: Axes) -> None:
    """The key of the laws, right of the last panel."""
    axes.legend(loc="center left", bbox_to_anchor=(1.03, 0.5), handlelength=2.8, borderaxespad=0.0)
