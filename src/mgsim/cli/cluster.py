"""A client of a dask cluster, from an address or a scheduler's file."""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from typing import Any

#: Seconds that a scheduler may take to answer.
_PATIENCE = 20
#: Whose words on a cluster that fails are replaced by one line.
_LIBRARIES = ("distributed", "tornado")


def client(address: str) -> Any:
    """A client of the scheduler at an address, or of the one that wrote a file.

    Raises
    ------
    ValueError
        When none answers within :data:`_PATIENCE` seconds.
    """
    try:
        from distributed import Client
    except ImportError:
        raise ValueError(
            "--dask needs dask.distributed; in mgsim's folder: pip install -e '.[cluster]'"
        ) from None
    for name in [n for n in logging.root.manager.loggerDict if n.startswith(_LIBRARIES)]:
        logging.getLogger(name).setLevel(logging.CRITICAL)  # what matters is raised
    if address.endswith(".json"):
        address = _written(address)
    try:
        return Client(address, timeout=_PATIENCE, set_as_default=False)
    except (OSError, ValueError, ImportError) as error:
        raise ValueError(f"--dask {address}: no scheduler answers there ({error})") from None


def _written(file: str) -> str:
    """The address in a scheduler file, which may be about to be written."""
    reason, until = "", time.monotonic() + _PATIENCE
    while True:
        try:
            address = json.loads(Path(file).read_text())["address"]
            if isinstance(address, str):
                return address
            reason = "its 'address' is no text"
        except FileNotFoundError:
            reason = "there is no such file"
        except (OSError, ValueError, KeyError, TypeError) as error:
            reason = f"it is no scheduler file: {type(error).__name__} {error}"
        if time.monotonic() > until:
            raise ValueError(
                f"--dask {file}: {reason}, after {_PATIENCE} s; a scheduler writes "
                f"one with 'dask scheduler --scheduler-file {file}'"
            )
        time.sleep(0.1)
