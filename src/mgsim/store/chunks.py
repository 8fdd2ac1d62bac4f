"""Chunks of zarr 3 arrays as bytes: little-endian values, zstd, crc32c, one after another.

The codecs are zarr's own; zarr itself would start a thread to call them, and wait for it for ever
where the machine has no room for one.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np

#: How many bytes of a zstd frame's head name a dictionary, and its content's size, by their codes.
_DICTIONARY, _SIZE = (0, 1, 2, 4), (0, 2, 4, 8)
_ZSTD = b"\x28\xb5\x2f\xfd"


def encoded(metadata: Mapping[str, Any], values: np.ndarray) -> bytes:
    """A chunk of the array that ``metadata`` (its ``zarr.json``) tells of.

    ``values``: the chunk's, along the first dimension as many as there are; the rest is filled.
    """
    import google_crc32c
    from numcodecs.zstd import Zstd

    shape, dtype = _layout(metadata)
    chunk = np.full(shape, metadata["fill_value"], dtype=dtype)
    chunk[: len(values)] = values
    level = metadata["codecs"][1]["configuration"]["level"]
    data = bytes(Zstd(level=level).encode(chunk))
    return data + google_crc32c.value(data).to_bytes(4, "little")


def decoded(metadata: Mapping[str, Any], data: bytes) -> np.ndarray:
    """The values of a whole chunk.

    Raises
    ------
    ValueError, RuntimeError
        When it is no such chunk.
    """
    import google_crc32c
    from numcodecs.zstd import Zstd

    shape, dtype = _layout(metadata)
    frame = data[:-4]
    if google_crc32c.value(frame) != int.from_bytes(data[-4:], "little"):
        raise ValueError("its crc32c is another")
    size = math.prod(shape) * dtype.itemsize
    if _unpacked(frame) != size:
        raise ValueError(f"it does not hold {size} bytes")
    return np.frombuffer(Zstd().decode(frame), dtype=dtype).reshape(shape)


def _layout(metadata: Mapping[str, Any]) -> tuple[tuple[int, ...], np.dtype]:
    shape = tuple(metadata["chunk_grid"]["configuration"]["chunk_shape"])
    return shape, np.dtype(metadata["data_type"]).newbyteorder("<")


def _unpacked(frame: bytes) -> int:
    """The bytes that a zstd frame says it unpacks to (RFC 8878, 3.1.1.1), before any is."""
    if len(frame) < 5 or not frame.startswith(_ZSTD):
        raise ValueError("it is no zstd frame")
    code, single = frame[4] >> 6, frame[4] >> 5 & 1
    first = 5 + (not single) + _DICTIONARY[frame[4] & 3]
    length = _SIZE[code] or single
    if not length or len(frame) < first + length:
        raise ValueError("it does not say its size")
    return int.from_bytes(frame[first : first + length], "little") + 256 * (code == 1)
