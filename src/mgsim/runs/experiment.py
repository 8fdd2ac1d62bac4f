"""A question put to models: what is run, over which axes, and what is kept."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from mgsim.catalogs import look_up
from mgsim.catalogs.catalog import UnknownName, unknown
from mgsim.compose.measure import Measure
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter, PartError, check_word
from mgsim.engines.algebra import AlgebraEngine
from mgsim.equations import expressions
from mgsim.parts.blocks import sourced
from mgsim.runs.saved import saved
from mgsim.runs.sweep import perform
from mgsim.sweeps import designs
from mgsim.sweeps.designs import AxisError, Design
from mgsim.sweeps.keywords import TRACES, Along, How, Where, names, taken, takes
from mgsim.sweeps.prepare import Job, prepare, sought
from mgsim.sweeps.result.file import file_of, write

if TYPE_CHECKING:
    import xarray as xr

#: How many numbers a thinned axis keeps.
_FEW = 5
#: How many points a sample keeps.
_FEW_DRAWN = 4


@dataclass(frozen=True)
class Experiment:
    """Models, a protocol, what is kept, and the axes: everything that one figure or claim needs.

    Parameters
    ----------
    name, question : what it is called, and what it asks.
    models : one, or several that are compared along the axis ``model``.
    protocol : what is done to them.
    measures : numbers kept of each run.
    record : variables traced instead of measures; the result then has a ``time``.
    every : steps between two samples of a trace.
    dt : the step (ms), where a run gives none; None for that of the models' own time scales.
    search : what :func:`mgsim.threshold` takes, where the question is at which value of a parameter
        the one measure reaches a level: ``{"axis": "mg_out", "level": 1, "between": (0, 1), ...}``.
    algebraic : the models have no states, so ``record`` is evaluated once, without an engine.
    axes : the points, by parameter name in display units: a list is an axis, a number is fixed.
    derive : adds what follows from the result, such as a rate from spike times.
    small : axes of :meth:`few`, where a thinner axis would not show enough.
    arms, design, follow : as for :func:`mgsim.sweep`, where a run gives none of its own; what is
        given a value in a run is not drawn.

    Examples
    --------
    >>> import mgsim as mg
    >>> ds = mg.experiments["block_curves"].run(v=-70, mg_out=[0, 1], block="jahr_stevens_1990")
    >>> ds.unblocked.round(4).values.tolist()
    [1.0, 0.0445]
    """

    name: str
    question: str
    models: tuple[Model, ...]
    protocol: Protocol
    measures: tuple[Measure, ...] = ()
    record: tuple[str, ...] = ()
    every: int = 1
    dt: float | None = None
    search: Mapping[str, Any] = field(default_factory=dict)
    algebraic: bool = False
    axes: Mapping[str, Any] = field(default_factory=dict)
    derive: Callable[[xr.Dataset], xr.Dataset] | None = None
    small: Mapping[str, Any] = field(default_factory=dict)
    arms: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    design: Design | None = None
    follow: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        check_word(self.name, "experiment")
        for name, kind in (("models", Model), ("measures", Measure)):
            found = tuple(look_up(kind, x) for x in getattr(self, name))
            object.__setattr__(self, name, found)
        if not self.models:
            raise PartError(f"experiment '{self.name}' has no model")
        if bool(self.measures) == bool(self.record):
            raise PartError(f"experiment '{self.name}': give either measures or record")
        if self.search and len(self.measures) != 1:
            raise PartError(f"experiment '{self.name}': a search is for one measure")
        if self.algebraic and not self.record:
            raise PartError(f"experiment '{self.name}': an algebraic one needs record")
        object.__setattr__(self, "axes", {n: self._read(n, v) for n, v in self.axes.items()})
        for name in self.small:
            if name not in self.axes:
                raise unknown("axis", name, self.axes, f"'small' of experiment '{self.name}'")

    def __repr__(self) -> str:
        return f"<Experiment {self.name}: {self.question}>"

    def _read(self, name: str, value: Any) -> Any:
        """Quantities of an axis as numbers in its parameter's unit; names and parts as they are."""
        known = self._parameters
        return known[name].check(value).tolist() if name in known else value

    @property
    def _parameters(self) -> dict[str, Parameter]:
        known = {p.name: p for m in self.models for part in m.parts for p in part.parameters}
        known |= {p.name: p for p in (*self.models[0].shared, *self.protocol.parameters)}
        return known | {p.name: p for m in self.measures for b in m.behind for p in b.parameters}

    @takes(How, but=TRACES)
    def job(self, /, **axes: Any) -> Job:
        """Every point, checked and ready to run: the one way from an experiment to a run.

        Parameters
        ----------
        axes : replace the declared axes or add to them; a number for a declared axis fixes it.
            ``model`` and slots (``block``, ...) take names or parts. All else that says which
            points there are and how they run is as for :func:`mgsim.sweep`: ``design``,
            ``follow``, ``arms``, ``start``, ``fresh``, ``keep_state``, ``seed``, ``dt``,
            ``method``, ``engine``, ``precision``, ``threads``. What these give takes the place of
            a declared axis too; an algebraic experiment has no engine and no step.

        Raises
        ------
        UnknownName, AxisError, UnitError, PartError
            As :func:`mgsim.sweep`, before anything runs.

        Examples
        --------
        >>> import mgsim as mg
        >>> spread = mg.designs.draws(64, g_nmda=mg.Prior("uniform", (20, 40), "assumed: for show"))
        >>> job = mg.experiments["mg_response"].job(
        ...     design=spread, arms={"usual": {"mg_out": 0.8}, "low": {"mg_out": 0.2}})
        >>> dict(job.request.design.dims)
        {'arm': 2, 'point': 64}
        """
        for name in sorted(axes.keys() & {"measures", "record", "every"}):
            raise TypeError(f"experiment '{self.name}' keeps its own {name}, so it takes none")
        for name in sorted(axes.keys() & set(names(Along))) if self.search else ():
            raise AxisError(f"'{name}' is no parameter of experiment '{self.name}', which has it")
        axes = {**axes, **self._sampled(axes)}
        design, arms = axes.get("design"), axes.get("arms") or {}
        given = {*(design.axes if design else ()), *(axes.get("follow") or ())}
        given |= {n for sets in arms.values() for n in sets}
        chosen = {n: v for n, v in self.axes.items() if n not in given} | axes
        if len(self.models) > 1 and "model" not in given:
            chosen = {"model": list(self.models), **chosen}
        if self.dt is not None:
            chosen = {"dt": self.dt, **chosen}
        if self.algebraic:
            chosen |= {"engine": AlgebraEngine(), "dt": self.protocol.duration}
        if self.record:
            chosen |= {"record": self.record, "every": self.every}
        chosen["start"] = saved(chosen.get("start"))
        try:
            if self.search:
                (measure,) = self.measures
                more = {"measure": measure, **self.search}
                return sought(self.models[0], self.protocol, **more, **chosen)
            return prepare(self.models[0], self.protocol, self.measures, **chosen)
        except UnknownName as error:  # what arms set is no axis, so it is no hint
            own = self.arms if chosen.get("arms") is self.arms else {}
            raise error.but(n for sets in own.values() for n in sets) from None

    def _sampled(self, given: Mapping[str, Any]) -> dict[str, Any]:
        """The experiment's own arms, design and what follows, as far as a run gives none."""
        found: dict[str, Any] = {}
        if self.arms and "arms" not in given:
            found["arms"] = self.arms
        if "design" in given:
            return found
        follow = {n: text for n, text in self.follow.items() if n not in given}
        read = {v for text in follow.values() for v in expressions.variables(text)}
        gone = {v for text in self.follow.values() for v in expressions.variables(text)} - read
        design = self.design and designs.without(
            self.design, {*given, *(gone - self._parameters.keys())}
        )
        found["follow"] = {**follow, **(given.get("follow") or {})}
        return found | ({"design": design} if design else {})

    @takes(Where)
    def run(self, /, **axes: Any) -> xr.Dataset:
        """Run every point and return one labelled data set.

        Parameters
        ----------
        progress, out, large, batch, client, rerun_failed, single_writer, converge, overwrite : as
            for :func:`mgsim.sweep`; traces are kept in a file, not in a folder.
        axes : as for :meth:`job`.

        Raises
        ------
        UnknownName, AxisError, UnitError, PartError
            As :func:`mgsim.sweep`, before anything runs.
        """
        where = Where(**taken(Where, axes))
        out, file = where.out, file_of(where.out, where.overwrite)
        if self.record and out is not None and file is None:
            raise ValueError(
                f"{out}: traces are kept in a file, .nc, .csv or .parquet; a folder keeps measures"
            )
        job = self.job(**axes)
        result = perform(job, **{**vars(where), "out": None if file else out, "overwrite": False})
        if self.algebraic:
            result = result.isel(time=0, drop=True)
            for name in ("dt_ms", "part_ms", "method"):
                result.attrs.pop(name, None)
        fixed = {
            slot: getattr(part, "name", part)
            for slot, part in {**self.axes, **axes}.items()
            if slot in self.models[0].slots and slot not in result.dims
        }
        result = result.assign_coords(fixed)  # a part that was chosen is named, as an axis is
        if self.derive:
            result = self.derive(result)
        result.attrs = {"experiment": self.name, "question": self.question, **result.attrs}
        if file is not None:
            write(result, file)
        return result

    def few(self) -> Experiment:
        """The same question at a few points, for a quick look and for tests.

        What ``small`` does not give is thinned: an axis of numbers to five, its ends among them;
        an axis of parts to the model's own and the control ``none``, whatever others there are;
        a sample to its first points.
        """
        own = self.models[0].slots
        return replace(
            self,
            design=self.design and designs.first(self.design, _FEW_DRAWN),
            axes={
                name: self.small.get(
                    name, _thinned(values, own[name].name if name in own else None)
                )
                for name, values in self.axes.items()
            },
        )

    def with_draws(self, count: int) -> Experiment:
        """The same question with another number of the draws that it has by itself.

        Fewer are the first of them: draws do not depend on how many there are.

        Raises
        ------
        ValueError
            Where it draws nothing.

        Examples
        --------
        >>> import mgsim as mg
        >>> mg.experiments["mg_shares"].with_draws(8).design.dims
        {'point': 8}
        """
        if not isinstance(self.design, designs.Sampled):
            raise ValueError(
                f"experiment '{self.name}' draws nothing by itself: give it a design, as "
                "design=mg.designs.draws(...) or --design"
            )
        return replace(self, design=replace(self.design, n=count))

    def across(self, laws: Iterable[Component | str] | None = None, **options: Any) -> xr.Dataset:
        """Does it survive the choice of a block law? The result under each, and the extremes.

        Parameters
        ----------
        laws : block laws; by default those of :func:`mg.blocks.sourced`, without the control.
        options : as for :meth:`run`.

        Returns
        -------
        The result with the axis ``block``, and for each of its variables ``<name>_lowest`` and
        ``<name>_highest`` over the laws.

        Examples
        --------
        >>> import mgsim as mg
        >>> ds = mg.experiments["block_curves"].across(v=-70, mg_out=1)
        >>> bool(ds.unblocked_highest > 2 * ds.unblocked_lowest)
        True
        """
        if laws is None:
            laws = [law for law in sourced() if law.name != "none"]
        result = self.run(**{**options, "block": list(laws)})
        for name, value in list(result.data_vars.items()):
            if "block" not in value.dims:
                continue
            label = value.attrs.get("long_name", name)
            ends = {"lowest": value.min("block"), "highest": value.max("block")}
            for end, extreme in ends.items():
                extreme.attrs = {**value.attrs, "long_name": f"{label}, {end} of the laws"}
                result[f"{name}_{end}"] = extreme
        return result


def _thinned(values: Any, own: str | None) -> Any:
    if isinstance(values, str) or not hasattr(values, "__len__"):
        return values
    if own:
        return [x for x in values if getattr(x, "name", x) in (own, "none")] or values[:1]
    at = np.linspace(0, len(values) - 1, min(len(values), _FEW)).round().astype(int)
    return [values[i] for i in at]
