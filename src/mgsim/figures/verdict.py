"""Figure of a judged claim. It draws a verdict, so it belongs to no experiment."""

from __future__ import annotations

import textwrap
from typing import TYPE_CHECKING

import numpy as np

from mgsim.figures.laws import looks, title
from mgsim.figures.style import GREY, sheet, styled

if TYPE_CHECKING:
    from matplotlib.figure import Figure as Drawing

    from mgsim.judging.verdict.result import Judged

#: Shares of draws between which a distribution is drawn, and the shares that decide.
_ENDS, _DECIDING = (0.01, 0.99), (0.05, 0.95)


def draw(judged: Judged) -> Drawing:
    """Each reading of a claim: where its draws lie (left), and how many of them pass (right).

    Left: the share of draws below each value of the statistic, a line a law, between 1 and 99 %;
    dashed the line that was fixed beforehand, dotted what there is without any effect. Right: the
    share that passes under each law with its interval at 99.9 %; dashed 5 and 95 %.

    Raises
    ------
    ValueError
        For a result that was read from a file, which holds no draws.
    """
    if judged.data is None:
        raise ValueError(
            f"the result of '{judged.claim}' is from a file, which holds no draws: judge it again"
        )
    look = looks(judged.laws)
    with styled():
        drawing, panels = sheet(
            2, lines=len(judged.readings), height=14 + 46 * len(judged.readings), width="double"
        )
        for r, left, right in zip(judged.readings, panels[::2], panels[1::2], strict=True):
            for place, law in enumerate(r.laws):
                x = judged.data.statistic.sel(reading=r.name, law=law.law).values
                x = np.sort(x[~np.isnan(x)])
                below = (np.arange(len(x)) + 0.5) / max(len(x), 1)
                some = (below > _ENDS[0]) & (below < _ENDS[1]) & np.isfinite(x)
                left.plot(x[some], 100 * below[some], label=title(law.law), **look[law.law])
                right.plot([100 * law.low, 100 * law.high], [place, place], **look[law.law])
                right.plot([100 * law.share], [place], "o", color=look[law.law]["color"])
            left.axvline(r.threshold, color=GREY, ls="--", lw=0.8)
            left.axvline(r.neutral, color=GREY, ls=":", lw=0.8)
            left.set_xlabel(textwrap.fill(r.asks.rstrip("."), 48))
            left.set_ylabel("draws below (%)")
            for share in _DECIDING:
                right.axvline(100 * share, color=GREY, ls="--", lw=0.8)
            right.set_xlim(-2, 102)
            right.set_yticks(range(len(r.laws)), [title(law.law) for law in r.laws])
            right.invert_yaxis()
            right.set_xlabel(f"draws that pass {r.direction} {r.threshold:g} (%)")
            right.set_title(f"{r.name}: {r.told}", fontsize=7)
    return drawing
