"""What a figure is: a function of a data set whose docstring is the caption."""

from __future__ import annotations

import inspect
import itertools
import math
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mgsim.catalogs.catalog import unknown
from mgsim.declare.parameter import PartError, check_word
from mgsim.figures.style import rows, styled, value
from mgsim.references import Entry, entry

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing

#: Rows of a figure at most.
_MOST_ROWS = 8


@dataclass(frozen=True)
class Figure:
    """A figure of one experiment; call it on a data set.

    Parameters
    ----------
    name : what it is called.
    of : the experiment whose result it draws.
    needs : the dimensions and variables that it draws.
    lines : those dimensions whose every value is a line or more of its own: where one is fixed,
        its value is drawn alone.
    any_axis : whether each value of any further axis is a line too. Else each is a row of its own.
    draw : makes the matplotlib figure; its docstring is the caption.
    answer : what the figure shows in one sentence, computed from a result that has just the axes
        of the experiment.
    published : ``"key, key: words"``: the published figure that it corresponds to, by keys of
        references.bib (or ``none known``), and what differs.

    Raises
    ------
    PartError
        Without a docstring, or without a published counterpart.
    UnknownName
        For a key that references.bib lacks.
    """

    name: str
    of: str
    needs: tuple[str, ...]
    draw: Callable[[xr.Dataset], Drawing]
    lines: tuple[str, ...] = ()
    any_axis: bool = False
    answer: Callable[[xr.Dataset], str] | None = None
    published: str = ""

    def __post_init__(self) -> None:
        check_word(self.name, "figure")
        if not self.caption:
            raise PartError(f"figure '{self.name}' needs a docstring: it is the caption")
        if not self.published.partition(":")[2].strip():
            raise PartError(
                f"figure '{self.name}' needs published='key: words', the published figure that it "
                "corresponds to and what differs, or published='none known: words'"
            )
        assert self.counterpart

    @property
    def caption(self) -> str:
        """The caption, one line."""
        return " ".join(inspect.cleandoc(self.draw.__doc__ or "").split())

    @property
    def counterpart(self) -> tuple[list[Entry], str]:
        """The papers whose figure it corresponds to, and what differs, in a sentence."""
        keys, _, words = self.published.partition(":")
        named = [] if keys == "none known" else keys.split(",")
        return [entry(key.strip()) for key in named], f"{words.strip()}."

    def found(self, ds: xr.Dataset) -> str:
        """What a result shows: the words of its experiment, or of the figure; empty for none.

        An answer is about the axes that the experiment has, and about its own levels.
        """
        if told := str(ds.attrs.get("found", "")):
            return told
        axes = [str(n) for n in ds.coords if n in ds.dims]
        own = [n for n in self.needs if n in ds.dims or n not in ds.data_vars]
        plain = all(ds.sizes.get(n, 0) > (n not in self.lines) for n in own)
        plain = plain and not self._beyond(axes)
        return f"Found: {self.answer(ds)}." if self.answer and plain else ""

    def check(self, axes: Mapping[str, int], fixed: Collection[str]) -> None:
        """Refuse a result that cannot be drawn, from its axes and the parameters that are fixed.

        ``axes``: how many values each has.

        Raises
        ------
        ValueError
            It says which axes the figure takes.
        """
        for name in self.needs:
            if name in fixed and name not in axes and name not in self.lines:
                raise ValueError(
                    f"figure '{self.name}' draws over '{name}', which has one value "
                    f"here: give it several, as in {name}=[...] or --axis {name}=..."
                )
        further = self._further(axes)
        count = math.prod(axes[n] for n in further)
        if count > _MOST_ROWS:
            raise ValueError(
                f"figure '{self.name}' draws {', '.join(self.needs)}; each value of "
                f"{' and '.join(further)} is a row of its own, and {count} rows are too many (at "
                f"most {_MOST_ROWS}): choose some, as in ds.sel(...), --axis or --set"
            )

    def _further(self, axes: Iterable[str]) -> list[str]:
        """The axes that have no place in the drawing."""
        return [] if self.any_axis else self._beyond(axes)

    def _beyond(self, axes: Iterable[str]) -> list[str]:
        return [n for n in axes if n not in {*self.needs, "time", "spike"}]

    def _whole(self, ds: xr.Dataset) -> xr.Dataset:
        """The result with an axis of one value where it has one that is fixed."""
        for name in self.lines:
            if name in ds.coords and name not in ds.dims:
                ds = ds.expand_dims(name)
        return ds

    def __call__(self, ds: xr.Dataset) -> Drawing:
        """Draw ``ds``, in the style of the package whatever the user's matplotlib settings.

        Each value of an axis that the figure has no place for is a row of its own.

        Raises
        ------
        UnknownName
            When ``ds`` lacks what the figure draws; it names the experiment that has it.
        ValueError
            For too many rows, or an axis that has one value where several are drawn.
        """
        ds = self._whole(ds)
        coordinates = [str(n) for n in ds.coords]
        for name in self.needs:
            if name not in {*ds.dims, *ds.data_vars, *coordinates}:
                raise unknown(
                    "dimension or variable",
                    name,
                    {*map(str, ds.dims), *map(str, ds.data_vars)},
                    f"this data set; figure '{self.name}' draws a result of "
                    f"mg.experiments['{self.of}'].run()",
                )
        axes = {n: ds.sizes[n] for n in coordinates if n in ds.dims}
        self.check(axes, [n for n in coordinates if n not in ds.dims])
        each = self._rows(ds)
        with styled():
            if len(each) == 1 and not each[0][0]:
                return self.draw(ds)
            with rows([title for title, _ in each]) as sheets:
                for _, one in each:
                    self.draw(one)
            sheets.align()
            assert sheets.drawing is not None
            return sheets.drawing

    def _rows(self, ds: xr.Dataset) -> list[tuple[str, xr.Dataset]]:
        """The result at each value of the axes without a place, under a title; else as it is."""
        further = self._further(str(n) for n in ds.coords if n in ds.dims)
        places = itertools.product(*(range(ds.sizes[n]) for n in further))
        each = [ds.isel(dict(zip(further, at, strict=True))) for at in places]
        return [(", ".join(value(one[n]) for n in further), one) for one in each]


def figure(
    *,
    of: str,
    needs: Iterable[str],
    lines: Iterable[str] = (),
    any_axis: bool = False,
    answer: Callable[[xr.Dataset], str] | None = None,
    published: str,
) -> Callable[[Callable[[xr.Dataset], Drawing]], Figure]:
    """Declare the decorated function, named like its figure, to draw results of experiment ``of``.

    Examples
    --------
    >>> import mgsim as mg
    >>> mg.figures["nmda_iv"].of
    'nmda_iv'
    """

    def declare(draw: Callable[[xr.Dataset], Drawing]) -> Figure:
        return Figure(
            draw.__name__, of, tuple(needs), draw, tuple(lines), any_axis, answer, published
        )

    return declare
