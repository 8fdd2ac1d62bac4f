"""What a figure is: a function of a data set whose docstring is the caption."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from mgsim.catalog import unknown
from mgsim.figures.style import styled
from mgsim.parameter import PartError, check_word

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.figure import Figure as Drawing


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
    any_axis : whether each value of any further axis is a line too.
    draw : makes the matplotlib figure; its docstring is the caption.
    """

    name: str
    of: str
    needs: tuple[str, ...]
    draw: Callable[[xr.Dataset], Drawing]
    lines: tuple[str, ...] = ()
    any_axis: bool = False

    def __post_init__(self) -> None:
        check_word(self.name, "figure")
        if not self.caption:
            raise PartError(f"figure '{self.name}' needs a docstring: it is the caption")

    @property
    def caption(self) -> str:
        """The caption, one line."""
        return " ".join(inspect.cleandoc(self.draw.__doc__ or "").split())

    def check(self, axes: Collection[str], fixed: Collection[str]) -> None:
        """Refuse a result that cannot be drawn, from its axes and the parameters that are fixed.

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
        for name in axes:
            if name not in (*self.needs, "time", "spike") and not self.any_axis:
                raise ValueError(
                    f"figure '{self.name}' has no place for the axis '{name}': choose "
                    "one value of it, as in ds.sel(...) or --set; it draws " + ", ".join(self.needs)
                )

    def __call__(self, ds: xr.Dataset) -> Drawing:
        """Draw ``ds``, in the style of the package whatever the user's matplotlib settings.

        Raises
        ------
        UnknownName
            When ``ds`` lacks what the figure draws; it names the experiment that has it.
        ValueError
            For an axis that it has no place for, or that has one value where several are drawn.
        """
        for name in self.lines:
            if name in ds.coords and name not in ds.dims:
                ds = ds.expand_dims(name)
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
        self.check(
            [n for n in coordinates if n in ds.dims], [n for n in coordinates if n not in ds.dims]
        )
        with styled():
            return self.draw(ds)


def figure(
    *, of: str, needs: Iterable[str], lines: Iterable[str] = (), any_axis: bool = False
) -> Callable[[Callable[[xr.Dataset], Drawing]], Figure]:
    """Declare the decorated function, named like its figure, to draw results of experiment ``of``.

    Examples
    --------
    >>> import mgsim as mg
    >>> mg.figures["nmda_iv"].of
    'nmda_iv'
    """

    def declare(draw: Callable[[xr.Dataset], Drawing]) -> Figure:
        return Figure(draw.__name__, of, tuple(needs), draw, tuple(lines), any_axis)

    return declare
