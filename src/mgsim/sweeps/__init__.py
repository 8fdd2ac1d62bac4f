"""From values and axes to an engine and back to a labelled data set."""

from contextlib import suppress
from pathlib import Path

#: When each file of source was last changed, as they were loaded: another is not what runs.
LOADED: dict[str, int] = {}
for _path in Path(__file__).parents[1].rglob("[!.]*.py"):  # a dot: an editor's, of no module
    with suppress(OSError):  # gone again, or a link to nothing
        LOADED[str(_path)] = _path.stat().st_mtime_ns
