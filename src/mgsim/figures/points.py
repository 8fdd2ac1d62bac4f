"""The numbers that a figure shows, read back from the figure itself."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import PathCollection, PolyCollection, QuadMesh
from matplotlib.contour import ContourSet
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

COLUMNS = ("panel", "series", "kind", "x_axis", "x", "y_axis", "y", "y_high", "z")


def table(drawing: Figure) -> str:
    """All plotted points as CSV text, one row a point, in the units of the axes.

    ``y`` to ``y_high`` is the extent of a band; ``z`` is the value of a map or the level of a
    contour. What is not data (reference lines, text) is left out.
    """
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for axes in drawing.axes:
        if axes.get_label() == "<colorbar>":
            continue
        panel, x_axis, y_axis = (
            axes.get_label(),
            *(" ".join(text.split()) for text in (axes.get_xlabel(), axes.get_ylabel())),
        )
        for series, kind, x, y, y_high, z in _artists(axes):
            name = "" if series.startswith("_") else series
            writer.writerow([panel, name, kind, x_axis, *_text(x), y_axis, *_text(y, y_high, z)])
    return out.getvalue()


def _text(*values: float | None) -> list[str]:
    return ["" if v is None or np.isnan(v) else f"{v:.10g}" for v in values]


Row = tuple[str, str, float, float, float | None, float | None]


def _artists(axes: Axes) -> Iterator[Row]:
    for artist in axes.get_children():
        name = str(artist.get_label())
        if isinstance(artist, Line2D) and artist.get_transform() == axes.transData:
            xy = np.asarray(artist.get_xydata(), dtype=float)
            yield from ((name, "line", x, y, None, None) for x, y in xy)
        elif isinstance(artist, QuadMesh):
            yield from _mesh(artist, name)
        elif isinstance(artist, ContourSet):
            for level, path in zip(artist.levels, artist.get_paths(), strict=True):
                yield from (
                    (name, "contour", x, y, None, float(level))
                    for x, y in np.asarray(path.vertices)
                )
        elif isinstance(artist, PathCollection):
            yield from (
                (name, "point", x, y, None, None)
                for x, y in np.asarray(artist.get_offsets(), dtype=float)
            )
        elif isinstance(artist, PolyCollection):
            yield from _band(artist, name)


def _band(artist: PolyCollection, name: str) -> Iterator[Row]:
    for path in artist.get_paths():
        vertices = np.asarray(path.vertices, dtype=float)
        for x in np.unique(vertices[:, 0]):
            ys = vertices[vertices[:, 0] == x, 1]
            yield name, "band", float(x), float(ys.min()), float(ys.max()), None


def _mesh(artist: QuadMesh, name: str) -> Iterator[Row]:
    """Centres of the cells, or the vertices themselves under Gouraud shading."""
    corners = np.asarray(artist.get_coordinates(), dtype=float)
    values = np.ma.filled(np.ma.asarray(artist.get_array(), dtype=float), np.nan)
    if values.size != corners[..., 0].size:
        corners = (corners[:-1, :-1] + corners[1:, :-1] + corners[:-1, 1:] + corners[1:, 1:]) / 4
    flat = corners.reshape(-1, 2)
    for (x, y), z in zip(flat, values.ravel(), strict=True):
        yield name, "map", float(x), float(y), None, float(z)
