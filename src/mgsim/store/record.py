"""When and how the runs of a sweep's folder ran, and on what machine."""

from __future__ import annotations

import os
import platform
import sys
import time
import uuid
from datetime import UTC, datetime
from typing import Any

from mgsim.store import checked_json
from mgsim.store.folder import Store
from mgsim.version import __version__


class Record:
    """When and how a run ran, as a small file of its own."""

    def __init__(self, store: Store) -> None:
        now = datetime.now(UTC)
        name = f"{now:%Y%m%dT%H%M%S}-{os.getpid()}-{uuid.uuid4().hex}.json"
        self.path = store.folder / "runs" / name
        self.began = time.monotonic()
        self.content: dict[str, Any] = {
            "sweep": store.identity,
            "batch": store.batch,
            "started": now.isoformat(timespec="seconds"),
            **machine(),
        }
        checked_json.write(self.path, "run", self.content)

    def end(self, how: str) -> None:
        """Say how it ended; a full disk does not matter here."""
        ended = datetime.now(UTC).isoformat(timespec="seconds")
        self.content |= {
            "ended": ended,
            "seconds": round(time.monotonic() - self.began, 3),
            "how": how[:300],
        }
        try:
            if self.path.exists():  # not in another folder that has the name by now
                checked_json.write(self.path, "run", self.content)
        except OSError:
            return


def machine() -> dict[str, Any]:
    """Versions, platform and command of this process."""
    from importlib.metadata import PackageNotFoundError, version

    versions = {"python": platform.python_version(), "mgsim": __version__}
    for name in ("numpy", "numcodecs", "xarray", "brian2"):
        try:
            versions[name] = version(name)
        except PackageNotFoundError:
            continue
    return {
        "versions": versions,
        "platform": platform.platform(),
        "cores": os.cpu_count(),
        "command": [a[:1000] for a in sys.argv[:100]],
    }
