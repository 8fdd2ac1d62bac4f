"""A figure on disk: PDF, SVG, PNG, the plotted points, and a caption that says what it shows."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from mgsim import figures
from mgsim.figures.declare import Figure
from mgsim.figures.points import table
from mgsim.figures.style import styled
from mgsim.sweeps.result import outputs
from mgsim.sweeps.result.parameters import described

if TYPE_CHECKING:
    import xarray as xr

#: No dates in files: the same data give the same bytes.
_METADATA: dict[str, dict[str, str | None]] = {
    "pdf": {"CreationDate": None},
    "svg": {"Date": None},
    "png": {},
}
_RUN = (
    "model",
    "parts",
    "protocol",
    "duration_ms",
    "engine",
    "method",
    "precision",
    "dt_ms",
    "seed",
    "mgsim_version",
    "system_digest",
)
#: Columns of a caption file, digits of a digest, values that are all written out.
_WIDTH, _DIGITS, _MOST = 96, 12, 12


def save(
    figure: Figure | str, ds: xr.Dataset, folder: str | Path, overwrite: bool = False
) -> dict[str, Path]:
    """Draw a figure and write it as PDF, SVG and PNG (600 dpi) with its points and caption.

    Parameters
    ----------
    figure : a figure, or the name of one.
    ds : the result of its experiment.
    folder : where to; made when absent.
    overwrite : plain files of these names may be replaced whoever's they are. Without, those are
        replaced that mgsim wrote under these names and nobody has changed since.

    Returns
    -------
    The files by ending: ``pdf``, ``svg``, ``png``, ``csv`` (plotted points) and ``txt`` (caption,
    parameters with their sources, and how the data were computed).
    """
    return write(figure, ds, check(figure, folder, overwrite))


def write(
    figure: Figure | str, ds: xr.Dataset, files: Mapping[str, outputs.Target]
) -> dict[str, Path]:
    """Draw a figure and write it, as :func:`save`, into files that were checked."""
    figure = _named(figure)
    drawing = figure(ds)

    def drawn(end: str) -> Callable[[Path], object]:
        return lambda part: drawing.savefig(part, format=end, metadata=_METADATA[end])

    works = {files[end]: drawn(end) for end in _METADATA}
    works[files["csv"]] = outputs.writes(table(drawing))
    works[files["txt"]] = outputs.writes(caption(figure, ds))
    with styled():
        outputs.put(works)
    return {end: target.path for end, target in files.items()}


def check(
    figure: Figure | str, folder: str | Path, overwrite: bool = False
) -> dict[str, outputs.Target]:
    """The files of a figure, all of which can be written; the folder is made when absent.

    Raises
    ------
    ValueError
        For a file that is not as mgsim wrote it.
    """
    figure, folder = _named(figure), outputs.path_of(folder, "folder")
    folder.mkdir(parents=True, exist_ok=True)
    return {
        end: outputs.check(folder / f"{figure.name}.{end}", overwrite)
        for end in (*_METADATA, "csv", "txt")
    }


def _named(figure: Figure | str) -> Figure:
    if not isinstance(figure, str):
        return figure
    found = figures[figure]
    assert isinstance(found, Figure)
    return found


def caption(figure: Figure, ds: xr.Dataset) -> str:
    """The caption with every parameter, its source, and how the data were computed.

    What an experiment found, in words that it computes from its result, is the attribute ``found``.
    """
    lines = [*textwrap.wrap(figure.caption, _WIDTH), ""]
    papers, words = figure.counterpart
    named = "; ".join(paper.short for paper in papers) or "none known"
    beside = f"Published counterpart ({named}): {words}"
    lines += [*textwrap.wrap(beside, _WIDTH), ""]
    if "question" in ds.attrs:
        asked = f"Experiment {ds.attrs.get('experiment')}: {ds.attrs['question']}"
        lines += [*textwrap.wrap(asked, _WIDTH), ""]
    if shown := figure.found(ds):
        lines += [*textwrap.wrap(shown, _WIDTH), ""]
    lines += ["Axes", *(line for n in ds.dims if n in ds.coords for line in _lines(ds[n]))]
    lines += ["", "Parameters"]
    for name, coordinate in sorted(described(ds).items()):
        if name not in ds.dims and "source" in coordinate.attrs:
            lines += _lines(coordinate)
    for title, name in (("Differs from its source", "differs"), ("Extrapolated", "extrapolates")):
        if found := [x for x in ds.attrs.get(name, "").split("\n") if x]:
            lines += ["", title, *(line for x in found for line in _wrapped(x))]
    lines += ["", "Computed with"]
    for name in (n for n in _RUN if n in ds.attrs):
        value = ds.attrs[name]
        if not isinstance(value, str):
            value = ", ".join(f"{v:g}" for v in np.atleast_1d(value))
        if name == "system_digest":
            value = ", ".join(dict.fromkeys(v[:_DIGITS] for v in value.split(", ")))
        lines += _wrapped(f"{name}: {value}")
    return "\n".join(lines) + "\n"


def _wrapped(text: str) -> list[str]:
    return textwrap.wrap(
        text,
        _WIDTH,
        initial_indent="  ",
        subsequent_indent="      ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def _lines(coordinate: xr.DataArray) -> list[str]:
    """``name = value unit: meaning (source)``; what an axis holds was chosen, so has no source."""
    about, source = coordinate.attrs.get("long_name"), coordinate.attrs.get("source")
    chosen = coordinate.name in coordinate.dims
    return _wrapped(
        f"{coordinate.name} = {_values(coordinate)}{f': {about}' if about else ''}"
        f"{f' ({source})' if source and not chosen else ''}"
    )


def _values(coordinate: xr.DataArray) -> str:
    """All values, or both ends of many; where they differ between laws, whose each one is."""
    unit = coordinate.attrs.get("units", "1")
    unit = "" if unit == "1" else f" {unit}"
    owners = [coordinate[d] for d in coordinate.dims if d != coordinate.name]
    if len(owners) == 1 and owners[0].dtype.kind in "UO":
        whose: dict[float, list[str]] = {}
        for owner, value in zip(owners[0].values.tolist(), coordinate.values.tolist(), strict=True):
            whose.setdefault(value, []).append(owner)
        return ", ".join(
            f"{value:.6g}{unit} ({', '.join(names)})"
            for value, names in whose.items()
            if not np.isnan(value)
        )
    values = coordinate.values.ravel().tolist()
    if owners:
        values = sorted({v for v in values if not np.isnan(v)})
    shown = [f"{v:.6g}" if isinstance(v, float) else str(v) for v in values]
    if len(shown) > _MOST:
        return f"{shown[0]} to {shown[-1]}{unit}, {len(shown)} values"
    return ", ".join(shown) + unit
