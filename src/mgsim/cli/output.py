"""Tables, files and exit codes."""

from __future__ import annotations

import argparse
import io
import json
import math
import os
import re
import shutil
import sys
import textwrap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, redirect_stderr, redirect_stdout, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import xarray as xr

    from mgsim.sweeps.result.outputs import Target

#: How a command ends: success, invalid request, finished but points failed, stopped.
GOOD, BAD, FAILED, STOPPED = 0, 2, 3, 130
_ROWS, _LONGEST = 60, 700
#: Columns that are shown where points failed.
_HIDDEN = frozenset({"failed_at", "status"})
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069]")


def harmless(text: str) -> str:
    """Text whose control characters a terminal shows in place of obeying them.

    Line feeds and tabs stay. What reverses the direction of writing is shown likewise.
    """
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)


class _Nowhere(io.TextIOBase):
    """In place of a stream that is closed."""

    def write(self, text: str) -> int:
        return len(text)


class Terminal:
    """A stream that writes :func:`harmless` text, in whatever encoding its own stream has.

    What cannot be written is dropped, and the first ``fault`` kept: the work goes on.
    """

    def __init__(self, stream: Any) -> None:
        self.stream = _Nowhere() if stream is None or getattr(stream, "closed", False) else stream
        self.fault: OSError | None = None

    def write(self, text: str) -> int:
        coding = getattr(self.stream, "encoding", None) or "utf-8"
        plain = harmless(text).encode(coding, "backslashreplace").decode(coding)
        self._try(self.stream.write, plain)
        return len(text)

    def flush(self) -> None:
        self._try(self.stream.flush)

    def _try(self, do: Callable[..., object], *given: str) -> None:
        try:
            do(*given)
        except OSError as error:
            self.fault = self.fault or error
            if self.stream in (sys.__stdout__, sys.__stderr__):  # which Python flushes as it ends
                with suppress(OSError):
                    os.dup2(os.open(os.devnull, os.O_WRONLY), self.stream.fileno())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.stream, name)


@contextmanager
def terminal() -> Iterator[Terminal]:
    """Everything that is printed goes through a :class:`Terminal`, errors and warnings too.

    Gives that of the output.
    """
    for descriptor in range(3):  # lest a file that is opened later be one that is printed to
        try:
            os.fstat(descriptor)
        except OSError:
            os.set_inheritable(os.open(os.devnull, os.O_RDWR), True)
    out, errors = Terminal(sys.stdout), Terminal(sys.stderr)
    with redirect_stdout(out), redirect_stderr(errors):  # type: ignore[type-var]
        try:
            yield out
        finally:
            out.flush()
            errors.flush()


def shortened(text: str) -> str:
    """An error's beginning and end, where all of it would be more than :data:`_LONGEST`."""
    shown = harmless(text)
    rest = _LONGEST * 2 // 3
    return (
        shown
        if len(shown) <= _LONGEST
        else (f"{shown[:rest].rstrip()} ... {shown[len(shown) - _LONGEST + rest + 5 :].lstrip()}")
    )


def columns(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """Rows as lines, each column as wide as its longest text."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        texts = (f"{text:<{width}}" for text, width in zip(row, widths, strict=True))
        yield f"  {'  '.join(texts)}".rstrip()


def amount(value: float, unit: str) -> str:
    """A number with its unit, where it has one."""
    return f"{value:g}{'' if unit == '1' else ' ' + unit}"


def result(args: argparse.Namespace, ds: xr.Dataset, out: Target | None) -> int:
    """Write and print a result."""
    if out:
        from mgsim.sweeps.result.file import write

        write(ds, out)
    if args.json:
        print(json.dumps(plain(ds.to_dict())))
    else:
        tables(ds)
        for word, name in (
            ("differs from its source", "differs"),
            ("extrapolated", "extrapolates"),
        ):
            for line in filter(None, ds.attrs.get(name, "").split("\n")):
                print("\n" + textwrap.fill(f"{word}: {line}", 98, subsequent_indent="  "))
        print(f"\nwritten: {out.path}" if out else "\n--out FILE.nc keeps the whole result")
    return ended(ds)


def ended(ds: xr.Dataset) -> int:
    """The exit code of a result."""
    return FAILED if "status" in ds and bool((ds.status != 0).any()) else GOOD


def tables(ds: xr.Dataset) -> None:
    """Print numbers for each point: of a trace its extremes and its last value."""
    if "time" in ds.dims:
        _traces(ds)
    else:
        table(ds)


def _traces(ds: xr.Dataset) -> None:
    """Print extremes and last value of each trace, a row for each, then how often events were."""
    import xarray as xr

    from mgsim.sweeps.result.parameters import numbered

    traces = {n: x for n, x in ds.data_vars.items() if "time" in x.dims}
    if traces:
        named = [
            f"{n} [{u}]" if (u := x.attrs.get("units", "1")) != "1" else n
            for n, x in traces.items()
        ]
        along = xr.IndexVariable("variable", named)
        both = xr.concat([x.drop_attrs() for x in xr.broadcast(*traces.values())], along)
        last = both.isel(time=-1)
        found = {"lowest": both.min("time"), "highest": both.max("time"), "last": last}
        rows = xr.Dataset({n: x.reset_coords(drop=True) for n, x in found.items()})
        for n in rows.dims:
            if n in ds.coords:
                rows[n].attrs |= ds[n].attrs
        table(rows.transpose(..., "variable"))
        step, kept = ds.attrs.get("dt_ms", math.inf), ds.time.values
        if len(kept) > 1 and (gap := float(kept[1] - kept[0])) > 1.5 * step:
            print(
                f"lowest and highest of the kept points alone, one each {gap:g} ms; what lies "
                "between them may be\nlower or higher: measures such as peak_v see every step"
            )
    events = numbered(ds)
    counts: dict[str, Any] = {}
    for name, values in ds.data_vars.items():
        if counted := [d for d in events if d in values.dims]:
            words = "spikes" if counted == ["spike"] else f"{counted[0]} events"
            counts[words] = values.notnull().sum(counted).assign_attrs(units="1")
        elif "time" not in values.dims:
            counts[str(name)] = values
    rest = ds.drop_dims(["time", *events]).assign(counts)
    if any(n not in _HIDDEN for n in counts) or ("status" in ds and bool((ds.status != 0).any())):
        print()
        table(rest)


def table(ds: xr.Dataset) -> None:
    """Print the points as rows, axes first; a column of failures only where there are some."""
    dims = [str(d) for d in ds.dims]
    hidden = _HIDDEN if "status" not in ds or not (ds.status != 0).any() else set()
    shown = [str(n) for n in ds.data_vars if n not in hidden]
    from mgsim.sweeps.result.parameters import described

    edges = {n: c for n, c in described(ds).items() if n in ("window_start", "window_stop")}
    shown += [n for n in edges if n in ds.coords]
    ds = ds.reset_coords([n for n in edges if n in ds.coords])
    frame = (
        ds[shown].to_dataframe(dim_order=dims)
        if dims
        else ds[shown].expand_dims(point=[0]).to_dataframe()
    )
    frame = frame.reset_index()[[*dims, *shown]]
    heads = [
        f"{n} [{u}]" if (u := ds[n].attrs.get("units", "1")) not in ("", "1") else n
        for n in (*dims, *shown)
    ]
    rows = [
        [_shown(x) if isinstance(x, float) else str(x) for x in row]
        for row in frame.head(_ROWS).itertuples(index=False)
    ]
    widths = [max(map(len, column)) for column in zip(heads, *rows, strict=True)]
    for row in (heads, *rows):
        print("  ".join(f"{x:>{w}}" for x, w in zip(row, widths, strict=True)).rstrip())
    if len(frame) > _ROWS:
        print(f"... {len(frame) - _ROWS} more points")
    if edges:
        start, stop = (n if c.dims else f"{float(c):g} ms" for n, c in edges.items())
        print(f"measured from {start} to {stop} of {ds.attrs['duration_ms']:g} ms")
    if "half_step_points" in ds.attrs:
        found = (
            f"{n} {v.attrs['half_step_distance']:.2g} {v.attrs['units']}".removesuffix(" 1")
            for n, v in ds.data_vars.items()
            if "half_step_distance" in v.attrs
        )
        print(
            f"half the step, at {ds.attrs['half_step_points']} points, changes at most: "
            + ", ".join(found)
        )
        for name, words in (
            ("half_step_other_values", "a measure has a value at one of the steps alone"),
            ("half_step_other_status", "the run ends otherwise at half the step"),
        ):
            if ds.attrs.get(name):
                print(f"at {ds.attrs[name]} of these points {words}")


def _shown(x: float) -> str:
    """Four digits; large numbers whole, for ``2e+04`` is hard to read."""
    return f"{x:.0f}" if 1e4 <= abs(x) < 1e7 else f"{x:.4g}"


def activation() -> list[str]:
    """What to type before this shell finds this environment's command ``mgsim``, if anything."""
    folder = Path(sys.executable).parent
    found = shutil.which("mgsim")
    script = folder / "activate"
    if (found and Path(found).parent == folder) or not script.is_file():
        return []
    here = script.relative_to(Path.cwd()) if script.is_relative_to(Path.cwd()) else script
    return [f"{'' if os.name == 'nt' else 'source '}{here}   (so that this shell finds mgsim)"]


def plain(value: Any) -> Any:
    """Lists, mappings, text and finite numbers only, as JSON has them; NaN becomes null."""
    if isinstance(value, Mapping):
        return {str(k): plain(v) for k, v in value.items()}
    if isinstance(value, list | tuple):
        return [plain(v) for v in value]
    if hasattr(value, "tolist"):
        return plain(value.tolist())
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value


def file(name: str | None, overwrite: bool) -> Target | None:
    """The file that ``--out`` names, checked before anything runs; None for a folder."""
    from mgsim.sweeps.result.file import file_of

    if name is None:
        return None
    try:
        return file_of(path_of(name), overwrite)
    except ValueError as error:
        raise ValueError(f"--out {error}") from None


def path_of(name: str) -> Path:
    """A name that a file or folder can have."""
    if not (name and name.isprintable()) or any(
        len(os.fsencode(part)) > 200 for part in Path(name).parts
    ):
        raise ValueError(f"{name!r}: not a name for a file")
    return Path(name)


def folder(name: str, flag: str = "--out") -> Path:
    """A folder for files, made when absent."""
    path = path_of(name)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise ValueError(f"{flag} {name}: there is a file of that name, not a folder") from None
    if not os.access(path, os.W_OK):
        raise ValueError(f"{flag} {name}: the folder cannot be written to")
    return path
