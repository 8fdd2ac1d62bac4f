"""What a sweep file may hold. Imported only when one is read, for pydantic takes its time."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, StringConstraints

#: Values of an axis, and names in a list or table, at most.
LONGEST, MOST_NAMES = 1_000_000, 1000

Word = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,99}$")]
#: A number with a unit, or a name; no brackets, so no calls.
Text = Annotated[str, StringConstraints(pattern=r"^[A-Za-zµμ0-9 _.+*/^-]{1,100}$")]
Number = Annotated[int, Field(ge=-(2**63), le=2**63)] | float
#: What something follows; its characters cannot call anything but functions of equations.
Expression = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_ .,+*/()<>=-]{1,1000}$")]
#: A number, or a text with a unit.
Amount = Number | Text
Values = Annotated[list[Amount], Field(min_length=1, max_length=LONGEST, fail_fast=True)]
Pair = Annotated[list[Amount], Field(min_length=2, max_length=2)]
#: One end of a measuring window; ``inf`` is the end of the run.
Edge = Annotated[float, Field(allow_inf_nan=True)] | Text
Seed = Annotated[int, Field(ge=0, le=2**53)]
Seeds = Annotated[list[Seed], Field(min_length=1, max_length=LONGEST, fail_fast=True)]
Names = Annotated[list[Word], Field(max_length=MOST_NAMES, fail_fast=True)]
SomeNames = Annotated[Names, Field(min_length=1)]


#: A protocol, or several at once.
Protocols = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_]+( *\+ *[A-Za-z0-9_]+){0,20}$")]
#: A change, as :func:`mg.changes.read` takes it; a file that it names lies beside this one.
How = Annotated[
    str, StringConstraints(pattern=r"^[a-z]+\([A-Za-zµμ0-9 _.,=+*/^\[\]-]*\)$", max_length=20_000)
]


class Strict(BaseModel):
    """A table that takes no other keys, and no text for a number."""

    model_config = ConfigDict(extra="forbid", strict=True, allow_inf_nan=False)


#: Steps or methods at most.
_WAYS = 100


def _counted(seeds: Any) -> Any:
    """``"first:last:count"`` as the seeds that it means, where they are whole numbers."""
    axis = _spelt(seeds)
    if not isinstance(axis, dict) or not isinstance(axis["count"], int):
        return seeds
    ends = axis["start"], axis["stop"]
    if not all(x.isascii() and x.isdigit() and len(x) < 17 for x in ends):
        return seeds
    first, last = map(int, ends)
    if not 1 <= axis["count"] <= LONGEST or (last - first) % max(1, axis["count"] - 1):
        return seeds
    apart = (last - first) // max(1, axis["count"] - 1)
    return [first + apart * i for i in range(axis["count"])]


class Axis(Strict):
    """``count`` values from ``start`` to ``stop``, both included."""

    start: Amount
    stop: Amount
    count: Annotated[int, Field(ge=1, le=LONGEST)]
    spacing: Literal["linear", "log"] = "linear"


def _spelt(axis: Any) -> Any:
    """``"start:stop:count"`` as the table that it means."""
    if not isinstance(axis, str) or axis.count(":") != 2:
        return axis
    start, stop, count = (word.strip() for word in axis.split(":"))
    number = int(count) if count.isascii() and count.isdigit() and len(count) < 19 else count
    return {"start": start, "stop": stop, "count": number}


class Prior(Strict):
    """See :class:`mgsim.Prior`."""

    shape: Word
    arguments: Annotated[list[Amount], Field(min_length=1, max_length=8)]
    source: Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f-\x9f]{1,1000}$")]
    scales: Word | SomeNames | dict[Word, Number] = {}


class Design(Strict):
    """Points other than a grid; see :mod:`mgsim.sweeps.designs`."""

    kind: Literal["zip", "table", "sobol", "latin_hypercube", "draws"]
    points: Annotated[int, Field(ge=1)] | None = None
    seed: Seed = 0
    log: Names = []
    own: Names = []
    ranges: dict[Word, Pair] = {}
    priors: dict[Word, Prior] = {}
    values: dict[Word, Values] = {}
    file: Annotated[str, StringConstraints(max_length=300)] | None = None

    def columns(self) -> list[str]:
        """The parameters that the table itself names."""
        return [*self.ranges, *self.priors, *self.values]


class Threshold(Strict):
    """See :func:`mgsim.threshold`."""

    axis: Word
    measure: Word
    level: Amount
    between: Pair
    to: Amount
    spacing: Literal["linear", "log"] = "linear"
    looks: Annotated[int, Field(ge=2, le=10_000)] = 9


class Sweep(Strict):
    """The whole file."""

    model: Word | SomeNames
    protocol: Protocols
    measures: SomeNames | None = None
    duration: Amount | None = None
    window: Annotated[list[Edge], Field(min_length=2, max_length=2)] | None = None
    seed: Annotated[Seed | Seeds | None, BeforeValidator(_counted)] = None
    dt: Amount | Annotated[list[Amount], Field(min_length=1, max_length=_WAYS)] | None = None
    engine: Word | None = None
    method: Word | Annotated[list[Word], Field(min_length=1, max_length=_WAYS)] | None = None
    precision: Word | None = None
    start: Annotated[str, StringConstraints(min_length=1, max_length=300)] | None = None
    fresh: Names = []
    keep_state: bool = False
    threshold: Threshold | None = None
    set: dict[Word, Amount] = {}
    changes: dict[Word, How] = {}
    axes: dict[Word, Annotated[Axis | Values, BeforeValidator(_spelt)]] = {}
    design: Design | None = None
    follow: dict[Word, Expression] = {}
    arms: dict[Word, dict[Word, Amount]] = {}
