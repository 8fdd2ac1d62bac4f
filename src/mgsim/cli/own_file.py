"""A part or model of one's own, from a Python file that the command line names.

The file is run, as ``python FILE`` would run it. So only a command may name one: what comes from
elsewhere, a sweep file or a folder, may not.
"""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import Any

from mgsim.catalogs.catalog import unknown

_asked: ContextVar[bool] = ContextVar("asked", default=True)


@contextmanager
def not_asked() -> Iterator[None]:
    """Within, nothing is loaded: what names a file is not what the command line says."""
    before = _asked.set(False)
    try:
        yield
    finally:
        _asked.reset(before)


def named(text: str) -> bool:
    """Whether a text names a file rather than something in a catalog."""
    return text.endswith(".py") or ".py:" in text


def load(text: str, *kinds: type, slot: str = "") -> Any:
    """The declaration in ``FILE.py`` or ``FILE.py:NAME``; of parts, the one that fills the slot.

    A slot at a place, ``block_spine``, is filled by what fills ``block``: the caller puts it there.

    Raises
    ------
    ValueError
        Where there is no such file, where it cannot be run, or where it holds none or several;
        where a folder names it.
    """
    if not _asked.get():
        raise ValueError(f"'{text}': a file that is run is named on the command line alone")
    name, _, wanted = text.partition(".py:")
    file = Path(name if wanted else text).with_suffix(".py").resolve()
    if not file.is_file():
        raise ValueError(f"'{text}': there is no file of that name")
    label = f"mgsim_own_{hashlib.sha256(str(file).encode()).hexdigest()[:12]}"
    if label not in sys.modules:
        spec = importlib.util.spec_from_file_location(label, file)
        assert spec is not None
        assert spec.loader is not None  # as of every .py file
        module = importlib.util.module_from_spec(spec)
        sys.modules[label] = module  # where a dataclass looks for the names of its annotations
        try:
            spec.loader.exec_module(module)
        except (Exception, SystemExit) as error:
            del sys.modules[label]
            raise ValueError(
                f"'{text}' could not be run: {type(error).__name__}: {error}"
            ) from error
    held: list[Any] = [x for x in vars(sys.modules[label]).values() if isinstance(x, kinds)]
    found = {x.name: x for x in held if not slot or slot in x.slots}
    if slot and not found:  # at a place that the slot's name ends in
        found = {x.name: x for x in held if any(slot.startswith(f"{s}_") for s in x.slots)}
    what = " or ".join(k.__name__ for k in kinds)
    what += f" that fills the slot '{slot}'" if slot else ""
    if wanted:
        if wanted not in found:
            raise unknown(what, wanted, found, f"'{file.name}'")
        return found[wanted]
    if len(found) != 1:
        some = f"{len(found)} ({', '.join(sorted(found))}); say which: {text}:NAME"
        raise ValueError(f"'{text}' holds {some if found else 'no ' + what}")
    return next(iter(found.values()))
