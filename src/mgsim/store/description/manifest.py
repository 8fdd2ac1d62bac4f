"""What a sweep's folder says of itself: only what stands here is believed.

A folder may have been sent by anyone. Its manifest goes through a strict model, the arrays follow
from it by :func:`arrays`, and nothing that the folder says of its arrays is read.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from mgsim import units
from mgsim.declare.window import edge_at
from mgsim.files import sha256
from mgsim.store import checked_json
from mgsim.store.description.identity import listed, rebuilt
from mgsim.sweeps.designs import AxisError, Design, size
from mgsim.sweeps.labels import Frame, worked_columns

#: The version of what a folder holds.
FORMAT = 3
NAMES = ("manifest.json", "manifest.copy.json")
#: What the start of a sweep leaves before there is a manifest.
START = "lock.start"
#: Batches of a sweep at most: each is four files.
MOST_BATCHES = 10_000_000
#: Values of an axis in a chunk.
_AXIS_CHUNK = 100_000

#: What a terminal would obey.
_OBEYED = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")


class NotASweep(ValueError):
    """A folder that holds no sweep, or something else as well."""


# ------------------------------------------------------------------------------------ reading


def load(folder: Path) -> tuple[dict[str, Any], dict[str, str]]:
    """The manifest, and what is wrong with either of its two files, by name.

    Raises
    ------
    NotASweep
        When there is none, or of another version.
    checked_json.Damaged
        When none of the two can be believed.
    """
    faults: dict[str, str] = {}
    found = []
    for name in NAMES:
        try:
            found.append((name, _checked(folder, name)))
        except FileNotFoundError:
            faults[name] = "is missing"
        except checked_json.Damaged as error:
            faults[name] = str(error).removeprefix(f"{folder / name} ")
    if found:
        first, *others = (json.dumps(content, sort_keys=True) for _, content in found)
        if others and others != [first]:
            faults[NAMES[1]] = f"says otherwise than {NAMES[0]}"
        return found[0][1], faults
    known = evidence(folder)
    if set(faults.values()) == {"is missing"} and not known:
        begun = (
            ", only the start of one: the same command again goes on from there"
            if (folder / START).is_file()
            else ""
        )
        raise NotASweep(f"{folder} holds no sweep: there is no {NAMES[0]} in it{begun}")
    told = "; ".join(f"{name} {words}" for name, words in faults.items())
    raise checked_json.Damaged(
        f"{folder}: what says which sweep it is cannot be read ({told}). "
        + (
            "The command that filled the folder writes it anew and keeps what is finished; without "
            "that command, put back a copy"
            if known
            else "Nothing in it tells which sweep it was: put back a copy, or give another folder"
        )
    )


def save(folder: Path, manifest: Mapping[str, Any]) -> None:
    """Write a manifest, twice."""
    for name in NAMES:
        checked_json.write(folder / name, "manifest", manifest)


def evidence(folder: Path) -> set[tuple[str, int]]:
    """(Sweep, points of a batch) that finished batches and records of runs name."""
    found = set()
    for path in folder.glob("done/*.json"):
        try:
            mark = read_as(path, "mark")
        except (OSError, ValueError):
            continue
        first, last = mark["points"]
        found.add((mark["sweep"], first // mark["batch"] if mark["batch"] else last - first))
    if not found:
        for path in folder.glob("runs/*.json"):
            try:
                run = checked_json.read(path, "run")
                found.add((str(run["sweep"]), int(run["batch"])))
            except (OSError, ValueError, KeyError, TypeError):
                continue
    return found


def read_as(path: Path, what: str) -> dict[str, Any]:
    """A sealed file that its model allows, as plain data.

    Raises
    ------
    checked_json.Damaged, FileNotFoundError
    """
    content = checked_json.read(path, what)
    fault = _fault(what, content)
    if fault:
        raise checked_json.Damaged(f"{path} is no {what} of a sweep: {fault}")
    return content


def shown(value: Any) -> Any:
    """Plain data without the characters that a terminal would obey."""
    if isinstance(value, str):
        return _OBEYED.sub(" ", value.replace("\r\n", "\n"))
    if isinstance(value, Mapping):
        return {k: shown(v) for k, v in value.items()}
    return [shown(v) for v in value] if isinstance(value, list) else value


def check(manifest: Mapping[str, Any]) -> None:
    """Refuse a manifest that could not be read again.

    Raises
    ------
    ValueError
    """
    fault = _fault("manifest", manifest) or _unfitting(manifest)
    if fault:
        raise ValueError(f"this sweep cannot be kept in a folder: {fault}")


def _fault(what: str, content: Mapping[str, Any]) -> str:
    """What the model of such a file does not allow, in words, or ""."""
    from pydantic import ValidationError

    from mgsim.store.description.schema import MODELS

    try:
        MODELS[what].model_validate(content)
    except ValidationError as error:
        fault = error.errors(include_url=False, include_input=False, include_context=False)[0]
        return f"{'.'.join(ascii(x)[:50] for x in fault['loc'])}: {fault['msg'][:200]}"
    except RecursionError:
        return "it is nested too deep"
    return ""


def _checked(folder: Path, name: str) -> dict[str, Any]:
    path = folder / name
    try:
        said = json.loads(checked_json.plain(path)).get("format", FORMAT)
    except (ValueError, AttributeError, RecursionError):
        said = FORMAT
    if isinstance(said, int) and said != FORMAT:
        raise NotASweep(
            f"{folder} was written by another version of mgsim: its format is {said}, this one "
            f"reads and writes {FORMAT}; nothing was changed. Give another folder, or use that "
            "version"
        )
    manifest = read_as(path, "manifest")
    fault = _unfitting(manifest)
    if fault:
        raise checked_json.Damaged(f"{path} is no manifest of a sweep: {fault}")
    return manifest


def _unfitting(manifest: Mapping[str, Any]) -> str:
    """Which parts of a manifest cannot belong together, or ""."""
    labels, axes, frame = manifest["labels"], manifest["axes"], manifest["frame"]
    if -(-manifest["points"] // manifest["batch"]) > MOST_BATCHES:
        return f"more than {MOST_BATCHES:,} batches"
    lengths = {n: range(len(v)) for n, v in labels.items()}
    lengths |= {n: range(a["length"]) for n, a in axes.items()}
    try:
        design = rebuilt(manifest["structure"], lengths)
        known = set(listed(design))
        points, dims = size(design), design.dims
    except AxisError as error:
        return str(error)
    except (ValueError, LookupError, TypeError, RecursionError):
        return "its design cannot be"
    if known != set(lengths) or set(labels) & set(axes) or points != manifest["points"]:
        return "its axes do not make its points"
    variants, coordinates = frame["variants"], frame["coordinates"]
    named = set(variants[0])
    if not named <= set(labels) or any(
        set(v) != named or any(text not in labels[n] for n, text in v.items()) for v in variants
    ):
        return "its variants do not fit its labels"
    if named <= set(dims) and math.prod(len(labels[n]) for n in named) != len(variants):
        return "its variants do not fit its labels"
    if not all(_is_coordinate(n, c, frame, design) for n, c in coordinates.items()):
        return "its coordinates do not fit its axes"
    if not _is_window(frame["window"], set(labels)):
        return "its window cannot be"
    shown = [*frame["measures"], *coordinates, "status", "failed_at", "window_start", "window_stop"]
    if len(set(shown)) < len(shown) or {"point", *dims} & set(frame["measures"]):
        return "it gives a name twice"
    return ""


def _is_coordinate(
    name: str, known: Mapping[str, Any], frame: Mapping[str, Any], design: Design
) -> bool:
    values = known.get("values")
    if known.get("worked"):
        if (
            values is not None
            or name in design.dims
            or len(frame["rules"]) != len(frame["variants"])
        ):
            return False
        plain = Frame(**frame)
        try:
            worked_columns(plain, design, np.zeros(1, dtype=np.int64), [name])
        except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError):
            return False
        return True
    return name in design.axes if values is None else len(values) == len(frame["variants"])


def _is_window(window: Mapping[str, Any], labels: set[str]) -> bool:
    ends = (window["window_start"], window["window_stop"])
    try:
        values = {
            n: value * units.unit(unit).factor for n, (value, unit) in window["values"].items()
        }
        found = [edge_at(edge, window["duration"], values) for edge in ends]
    except (ValueError, LookupError, TypeError, ArithmeticError, RecursionError):
        return False
    return not labels & set(values) and all(np.shape(x) == () for x in found)


# ------------------------------------------------------------------------------------- arrays


def arrays(manifest: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """What ``zarr.json`` of each array and group says (zarr 3), by its place in the folder.

    The groups list their members, so that ``xarray.open_zarr`` reads the folder, and its group
    ``axes``, without mgsim.
    """
    n, batch, measures = manifest["points"], manifest["batch"], manifest["frame"]["measures"]
    names = list(measures)
    units = [m.get("units", "") for m in measures.values()]
    about = {"sweep": manifest["sha256"]}
    found = {
        "values": _array(
            [n, len(names)],
            [batch, len(names)],
            "float64",
            "NaN",
            ["point", "measure"],
            {**about, "measures": names, "units": units},
        ),
        "status": _array([n], [batch], "int8", -1, ["point"], about),
        "failed_at": _array([n], [batch], "float64", "NaN", ["point"], {**about, "units": "ms"}),
    }
    axes = {name: axis_array(name, manifest) for name in manifest["axes"]}
    shown = {k: v for k, v in manifest["frame"]["attrs"].items() if v is not None}
    members = {**found, "axes": _group({}, about), **{f"axes/{k}": v for k, v in axes.items()}}
    return {
        "": _group(members, {**about, **shown}),
        "axes": _group(axes, about),
        **found,
        **{f"axes/{k}": v for k, v in axes.items()},
    }


def axis_array(name: str, manifest: Mapping[str, Any]) -> dict[str, Any]:
    """``zarr.json`` of an axis."""
    axis = manifest["axes"][name]
    about = manifest["frame"]["coordinates"].get(name, {}).get("about", {})
    along = name if name in _of_grids(manifest["structure"]) else "point"
    fill: Any = False if axis["dtype"] == "bool" else 0.0 if "f" in axis["dtype"] else 0
    return _array(
        [axis["length"]],
        [min(axis["length"], _AXIS_CHUNK)],
        axis["dtype"],
        fill,
        [along],
        {"sweep": manifest["sha256"], **about},
    )


def axis_of(values: Any) -> dict[str, Any]:
    """What the manifest says of an axis of numbers."""
    array = _native(values)
    return {"dtype": array.dtype.name, "length": len(array), "sha256": axis_digest(array)}


def axis_digest(values: Any) -> str:
    """sha256 of an axis: its type, and its values as bytes."""
    array = _native(values)
    return sha256(array.dtype.name.encode() + b"\0" + array.tobytes())


def _native(values: Any) -> np.ndarray:
    array = np.ascontiguousarray(values)
    return array.astype(array.dtype.newbyteorder("<"))


def _of_grids(structure: Mapping[str, Any]) -> list[str]:
    """The axes of a structure whose values are not side by side with others'."""
    if structure["kind"] == "product":
        return _of_grids(structure["outer"]) + _of_grids(structure["inner"])
    return structure["axes"] if structure["kind"] == "grid" else []


def _group(members: Mapping[str, Any], attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "zarr_format": 3,
        "node_type": "group",
        "attributes": dict(attributes),
        "consolidated_metadata": {
            "kind": "inline",
            "must_understand": False,
            "metadata": dict(members),
        },
    }


def _array(
    shape: list[int],
    chunk: list[int],
    dtype: str,
    fill: Any,
    dimensions: list[str],
    attributes: Mapping[str, Any],
) -> dict[str, Any]:
    ends: dict[str, Any] = {"name": "bytes"}
    if np.dtype(dtype).itemsize > 1:
        ends["configuration"] = {"endian": "little"}
    return {
        "zarr_format": 3,
        "node_type": "array",
        "shape": shape,
        "data_type": dtype,
        "chunk_grid": {"name": "regular", "configuration": {"chunk_shape": chunk}},
        "chunk_key_encoding": {"name": "v2", "configuration": {"separator": "."}},
        "fill_value": fill,
        "codecs": [
            ends,
            {"name": "zstd", "configuration": {"level": 1, "checksum": False}},
            {"name": "crc32c"},
        ],
        "attributes": dict(attributes),
        "dimension_names": dimensions,
        "storage_transformers": [],
    }
