"""``simulate``: traces of a model."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from mgsim.engines.contract import LOCAL, Engine
from mgsim.model import Model
from mgsim.protocol import Protocol
from mgsim.runs.sweep import perform
from mgsim.store.export import file_of
from mgsim.store.opening import saved
from mgsim.sweeps.prepare import prepare

if TYPE_CHECKING:
    import xarray as xr


def simulate(
    model: Model,
    protocol: Protocol,
    /,
    *,
    record: Iterable[str] = ("v", "ca"),
    start: xr.Dataset | str | Path | None = None,
    fresh: Sequence[str] | str = (),
    keep_state: bool = False,
    engine: str | Engine | None = None,
    seed: int | Iterable[int] = 0,
    dt: float | str | None = None,
    method: str = LOCAL,
    precision: Literal["float64", "float32"] = "float64",
    every: int = 1,
    threads: int = 0,
    progress: bool | None = None,
    out: str | Path | None = None,
    overwrite: bool = False,
    **values: Any,
) -> xr.Dataset:
    """Run a model and record traces.

    Parameters
    ----------
    record : names of variables; states, currents, or anything that an equation defines; and of
        events that the protocol sends (``"pre"``), whose times are then ``<event>_time``. Names of
        the default that the model lacks are left out.
    start, fresh, keep_state : as for :func:`sweep`.
    every : steps between two samples; the last sample is at the end of the run.
    dt, method : as for :func:`sweep`, but the default step is 0.025 ms.
    out : a file that is written at the end: a name that ends with .nc, .csv or .parquet.
    overwrite : as for :func:`sweep`.
    values : parameters as for :func:`sweep`; a list makes an axis here too.

    Returns
    -------
    xarray.Dataset of the recorded variables over the axes and ``time`` (ms), with ``spike_time``
    (ms, padded with NaN along ``spike``) where the model spikes, in the measuring window or not.
    The value at a time is that just after it: a stimulus that starts there is there, an event has
    been delivered. Times are exact decimals, so that ``sel(time=9)`` finds one.

    Raises
    ------
    Diverged
        When the only run diverged; one of several is NaN and has a ``status``. Everything else
        as :func:`sweep`.
    """
    file = file_of(out, overwrite)
    if out is not None and file is None:
        raise ValueError(
            f"{out}: traces are kept in a file, .nc, .csv or .parquet; a folder keeps measures"
        )
    job = prepare(
        model,
        protocol,
        (),
        record=record,
        start=saved(start),
        fresh=fresh,
        keep_state=keep_state,
        every=every,
        engine=engine,
        seed=seed,
        dt=dt,
        method=method,
        precision=precision,
        threads=threads,
        **values,
    )
    return perform(job, progress=progress, out=file, overwrite=overwrite)
