"""What the files of a sweep's folder may say. Imported when one is read: pydantic takes time."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from mgsim.sweeps.designs import MOST, MOST_OF_BATCH

Name = Annotated[str, StringConstraints(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,99}$")]
#: Text that a terminal can be given.
Line = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$")]
Expression = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_ .,+*/()<>=-]{1,1000}$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Dtype = Literal[
    "float64",
    "float32",
    "float16",
    "int64",
    "int32",
    "int16",
    "int8",
    "uint64",
    "uint32",
    "uint16",
    "uint8",
    "bool",
]
Count = Annotated[int, Field(ge=0)]
Number = int | float | None


class Strict(BaseModel):
    """A table that takes no other keys, and no text for a number."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Listed(Strict):
    """A grid, or values side by side."""

    kind: Literal["grid", "zip"]
    axes: list[Name]


class Prior(Strict):
    """See :class:`mgsim.Prior`."""

    shape: Name
    arguments: Annotated[list[float], Field(max_length=10)]
    source: Line
    scales: dict[Name, float]


class Sample(Strict):
    """Points of a sample."""

    kind: Literal["sampled"]
    method: Literal["sobol", "latin_hypercube", "draws"]
    n: Annotated[int, Field(ge=1, le=MOST)]
    seed: Count
    log: list[Name]
    axes: list[Name]
    ranges: dict[Name, Annotated[list[float], Field(min_length=2, max_length=2)]]
    priors: dict[Name, Prior]
    drawn_at: list[Count]
    first: dict[Name, Line]


class Both(Strict):
    """Every point of one design with every point of another."""

    kind: Literal["product"]
    outer: Structure
    inner: Structure


Structure = Annotated[Listed | Sample | Both, Field(discriminator="kind")]
Both.model_rebuild()


class Coordinate(Strict):
    """A parameter as the result shows it."""

    about: dict[Name, Line]
    values: list[Number] | None = None
    worked: bool = False


class Scaled(Strict):
    """A number, and factors on it with their powers."""

    value: float
    times: dict[Name, float]


class Window(Strict):
    """When measures count: times in ms, or expressions in parameters, whose values follow."""

    window_start: Number | Expression
    window_stop: Number | Expression
    duration: float
    values: dict[Name, Annotated[tuple[Number, Line], Field(strict=False)]]  # JSON has lists


class Frame(Strict):
    """See :class:`mgsim.sweeps.labels.Frame`."""

    measures: dict[Name, dict[Name, Line]]
    coordinates: dict[Name, Coordinate]
    variants: Annotated[list[dict[Name, Line]], Field(min_length=1)]
    attrs: dict[Name, Line | Number | bool | list[Number]]
    window: Window
    rules: list[dict[Name, float | Expression | Scaled]] = []
    units: dict[Name, Line] = {}
    asked: list[Name] = []


class Axis(Strict):
    """An axis of numbers: its values are an array, of which this is the digest."""

    dtype: Dtype
    length: Annotated[int, Field(ge=1, le=MOST)]
    sha256: Digest


class Arguments(Strict):
    """What the command line was given, for ``repair`` to give it again."""

    experiment: str
    fixed: list[str]
    axis: list[str]
    draws: int | None = None
    design: str | None = None
    prior: list[str] = []
    follow: list[str] = []
    arm: list[str] = []
    start: str | None = None
    fresh: str | None = None
    keep_state: bool = False
    seed: int | None
    dt: float | list[float] | None
    engine: str | None
    large: bool


class Recipe(Strict):
    """How the command line makes the job again."""

    arguments: Arguments
    folder: str


class Manifest(Strict):
    """The whole file."""

    format: Literal[3]
    sha256: Digest
    points: Annotated[int, Field(ge=1, le=MOST)]
    batch: Annotated[int, Field(ge=1, le=MOST_OF_BATCH)]
    created: Line
    versions: dict[str, str]
    platform: str
    cores: int | None
    command: list[str]
    description: dict[str, Any]
    frame: Frame
    structure: Structure
    labels: dict[Name, Annotated[list[Line], Field(min_length=1)]]
    axes: dict[Name, Axis]
    recipe: Recipe | None


class Stored(Strict):
    """The bytes of one chunk."""

    size: Count
    sha256: Digest


class Chunks(Strict):
    """The chunks of a batch, by array."""

    values: Stored
    status: Stored
    failed_at: Stored


class Reason(Strict):
    """Why some points of a batch failed, counted from its first."""

    text: Line
    points: list[Count]


class Mark(Strict):
    """What a batch's mark says: which points, the bytes it vouches for, why points failed."""

    sweep: Digest
    batch: Count
    points: Annotated[list[Count], Field(min_length=2, max_length=2)]
    chunks: Chunks
    reasons: list[Reason]


class Summary(Strict):
    """What the end of a run has found."""

    sweep: Digest
    results: Digest | None = None
    counts: dict[Name, Count]
    failures: Line
    dead_axes: Line
    runs: list[str]


class HalfStep(Strict):
    """How far measures are from those at half the step."""

    sweep: Digest
    results: Digest | None = None
    points: Annotated[int, Field(ge=1, le=MOST)]
    distance: dict[Name, Annotated[float, Field(ge=0, allow_inf_nan=False)] | None]
    other_values: Annotated[int, Field(ge=0, le=MOST)] = 0
    other_counts: Annotated[int, Field(ge=0, le=MOST)] | None = None
    other_status: Annotated[int, Field(ge=0, le=MOST)]


#: By what a file says that it is.
MODELS: dict[str, type[Strict]] = {
    "manifest": Manifest,
    "mark": Mark,
    "summary": Summary,
    "half step": HalfStep,
}
