"""The table of parameters that a paper's supplement has: value, unit, meaning, source, range."""

from __future__ import annotations

import csv
import io
import math
import re
from collections.abc import Iterator, Sequence
from typing import Any

from mgsim.catalogs.catalog import unknown
from mgsim.compose.finding import set_by
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter
from mgsim.references import CHOSEN, UNCITED, entries, entry
from mgsim.report import typeset
from mgsim.system.joining import Joined

#: The forms of a table.
FORMS = ("csv", "md", "latex")
_HEADS = ("part", "parameter", "value", "unit", "meaning", "source", "range")
_TEX = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "+-": r"\ensuremath{\pm}",
    "**": r"\textasciicircum{}",
} | {c: f"\\{c}" for c in "&%$#_{}"}


def table(thing: Any, form: str) -> str:
    """Every parameter of a model, a part or a protocol, each once, as a table.

    Parameters
    ----------
    thing : what has the parameters. Of a model those that its equations read: of a value that
        several parts state the one that holds, and the default of what no part states.
    form : ``"csv"`` with the range as two numbers and one source a line; ``"md"``; ``"latex"``, a
        ``longtable`` that cites by the keys of ``mgsim cite NAME --bibtex``.

    Raises
    ------
    UnknownName
        For another form.
    TypeError
        For what has no parameters of its own, such as an experiment.
    """
    if form not in FORMS:
        raise unknown("form of a table", form, FORMS)
    rows = list(_rows(thing))
    return {"csv": _csv, "md": _markdown, "latex": _latex}[form](thing.name, rows)


def _rows(thing: Any) -> Iterator[tuple[str, Parameter]]:
    """The parameters with the part that has each."""
    if isinstance(thing, Model):
        joined = Joined(thing, Protocol("nothing", "nothing is done", 1.0))
        for name, parameter in joined.parameters.items():
            yield joined.owner[name], parameter
    elif isinstance(thing, Component | Protocol):
        own = set_by(thing) if isinstance(thing, Protocol) else thing.parameters
        yield from ((thing.name, p) for p in own)
    else:
        raise TypeError(f"{thing!r} has no parameters of its own: a model, part or protocol has")


def _csv(_name: str, rows: Sequence[tuple[str, Parameter]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow((*_HEADS[:-1], "lowest", "highest"))
    for part, p in rows:
        ends = ("" if math.isinf(x) else f"{x:.6g}" for x in p.range)
        writer.writerow((part, p.name, f"{p.value:.12g}", p.unit, p.meaning, p.source, *ends))
    return out.getvalue()


def _markdown(_name: str, rows: Sequence[tuple[str, Parameter]]) -> str:
    lines = ["| " + " | ".join(_HEADS) + " |", "|---|---|--:|---|---|---|---|"]
    for part, p in rows:
        cells = (part, f"`{p.name}`", f"{p.value:.6g}", unit(p), p.meaning, source(p), span(p))
        lines.append("| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def unit(p: Parameter) -> str:
    """The unit as it is read; empty for none."""
    return "" if p.unit == "1" else p.unit.replace("**", "^").replace("*", " ")


def span(p: Parameter) -> str:
    """The plausible range in words."""
    low, high = p.range
    if math.isinf(low) and math.isinf(high):
        return "not stated"
    if math.isinf(high):
        return f"{low:.4g} or more"
    return f"{high:.4g} or less" if math.isinf(low) else f"{low:.4g} to {high:.4g}"


def source(p: Parameter) -> str:
    """The source with the paper's authors in place of its key, where the key is one of mgsim's."""
    key, _, where = p.source.partition(":")
    return f"{entry(key).short if key in entries() else key}:{where}"


def _latex(name: str, rows: Sequence[tuple[str, Parameter]]) -> str:
    lines = [
        r"% \usepackage{longtable,booktabs}; the keys: mgsim cite NAME --bibtex",
        r"\begin{longtable}{llrp{0.3\linewidth}p{0.3\linewidth}l}",
        rf"\caption{{Parameters of {_tex(name)}.}}\\",
        r"\toprule",
        " & ".join(("symbol", "name", "value", "meaning", "source", r"range \\")),
        r"\midrule",
        r"\endhead",
    ]
    above = ""
    for part, p in rows:
        if part != above:
            lines.append(rf"\multicolumn{{6}}{{l}}{{\textit{{{_tex(part)}}}}}\\")
        above = part
        key, _, where = p.source.partition(":")
        cited = rf"\textit{{{_tex(key)}}}" if key in (*UNCITED, *CHOSEN) else rf"\cite{{{key}}}"
        shown = typeset.unit(p.unit).replace("µ", r"\mu ").replace("°", r"^{\circ}")
        gap = r"\," if shown else ""
        cells = (
            f"${typeset.symbol(p.name, p.unit)}$",
            rf"\texttt{{{_tex(p.name)}}}",
            f"${typeset.number(p.value)}{gap}{shown}$",
            _tex(p.meaning),
            f"{cited}:{_tex(where)}",
            _tex(span(p)),
        )
        lines.append(" & ".join(cells) + r" \\")
    return "\n".join([*lines, r"\bottomrule", r"\end{longtable}", ""])


def _tex(text: str) -> str:
    return re.sub("|".join(map(re.escape, _TEX)), lambda found: _TEX[found[0]], text)
