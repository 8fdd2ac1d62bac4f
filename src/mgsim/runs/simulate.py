"""``simulate``: traces of a model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.runs.saved import saved
from mgsim.runs.sweep import perform
from mgsim.sweeps.keywords import FOLDER, How, Where, taken, takes
from mgsim.sweeps.prepare import prepare
from mgsim.sweeps.result.file import file_of

if TYPE_CHECKING:
    import xarray as xr


@takes(How, Where, but=FOLDER)
def simulate(
    model: Model | str,
    protocol: Protocol | str,
    /,
    *,
    record: Iterable[str] = ("v", "ca"),
    **values: Any,
) -> xr.Dataset:
    """Run a model and record traces.

    Parameters
    ----------
    model, protocol : as for :func:`sweep`.
    record : names of variables; states, currents, or anything that an equation defines; and of
        events that the protocol sends (``"pre"``), whose times are then ``<event>_time``. Names of
        the default that the model lacks are left out; one with neither shows all its states.
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
    where, values["start"] = taken(Where, values, FOLDER), saved(values.get("start"))
    out, file = where.get("out"), file_of(where.get("out"), where.get("overwrite", False))
    if out is not None and file is None:
        raise ValueError(
            f"{out}: traces are kept in a file, .nc, .csv or .parquet; a folder keeps measures"
        )
    return perform(prepare(model, protocol, (), record=record, **values), **where)
