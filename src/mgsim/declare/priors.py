"""What a number may be: a distribution with its source, and the column at which it is drawn.

A prior is no :attr:`mgsim.Parameter.range`, which is plausible for anyone: one parameter has a
prior for a dish and another for a person.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

import numpy as np

from mgsim import units
from mgsim.catalogs.catalog import UnknownName, unknown
from mgsim.declare.parameter import check_source, check_word

#: Columns of a table of draws: those of the names in columns.txt, then those of one's own names.
#: Another width would change every column of a Sobol' set, and so every draw there ever was.
WIDTH, LISTED = 128, 96
#: What a prior of one of these names is drawn for is that nothing reads it.
DUMMIES = ("dummy_1", "dummy_2", "dummy_3")


class PriorError(ValueError):
    """A prior that is not well formed, or that cannot be drawn."""


@dataclass(frozen=True, slots=True)
class Shape:
    """A distribution: what its arguments are called, and its quantile by scipy.stats.

    ``quantile(stats, share, *arguments)``. ``rising``: arguments each above the one before;
    ``positive``: those above zero.
    """

    arguments: tuple[str, ...]
    quantile: Callable[..., Any]
    rising: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()


_ENDS = ("low", "high")
#: Every shape that a prior may have. Arguments are in the parameter's unit, but for _PLAIN.
SHAPES: Mapping[str, Shape] = MappingProxyType(
    {
        "constant": Shape(("value",), lambda stats, q, x: np.full(np.shape(q), x)),
        "uniform": Shape(_ENDS, lambda stats, q, a, b: stats.uniform.ppf(q, a, b - a), _ENDS),
        "loguniform": Shape(
            _ENDS, lambda stats, q, a, b: stats.loguniform.ppf(q, a, b), _ENDS, ("low",)
        ),
        "normal": Shape(
            ("mean", "sd"), lambda stats, q, m, s: stats.norm.ppf(q, m, s), (), ("sd",)
        ),
        "truncated_normal": Shape(
            ("mean", "sd", "low", "high"),
            lambda stats, q, m, s, a, b: stats.truncnorm.ppf(q, (a - m) / s, (b - m) / s, m, s),
            _ENDS,
            ("sd",),
        ),
        "lognormal": Shape(
            ("median", "sigma"),
            lambda stats, q, m, s: stats.lognorm.ppf(q, s, scale=m),
            (),
            ("median", "sigma"),
        ),
        "triangular": Shape(
            ("low", "mode", "high"),
            lambda stats, q, a, m, b: stats.triang.ppf(q, (m - a) / (b - a), a, b - a),
            ("low", "mode", "high"),
        ),
        "gamma": Shape(
            ("mean", "sd"),
            lambda stats, q, m, s: stats.gamma.ppf(q, (m / s) ** 2, scale=s**2 / m),
            (),
            ("mean", "sd"),
        ),
        "beta": Shape(
            ("low", "high", "a", "b"),
            lambda stats, q, low, high, a, b: stats.beta.ppf(q, a, b, low, high - low),
            _ENDS,
            ("a", "b"),
        ),
    }
)
_PLAIN = frozenset({"sigma", "a", "b"})


#: What a factor can do to any block law: the parameters that do it, and the power of the factor on
#: each. With a strength s and a steepness f a law leaves at (v, mg_out) what it left at (f v, s
#: mg_out), whichever its constants are. Those without magnesium in them have a steepness alone.
EFFECTS: Mapping[str, Mapping[str, float]] = MappingProxyType(
    {
        "block_strength": {"mg_k": -1.0, "mg_on": 1.0, "mg_on_closed": 1.0},
        "block_slope": {
            "mg_slope": 1.0,
            "mg_v_ref": -1.0,
            "mg_v_half": -1.0,
            "mg_delta": 1.0,
            "mg_v0": -1.0,
            "mg_kt": -1.0,
            "mg_on_v": -1.0,
            "mg_off_v": -1.0,
            "mg_through_v": -1.0,
            "cs_v": -1.0,
            "mg_on_slope": 1.0,
            "mg_off_slope": 1.0,
        },
    }
)


@dataclass(frozen=True)
class Prior:
    """What a parameter, or a factor on several, may be.

    Parameters
    ----------
    shape : one of :data:`SHAPES`: ``"constant"`` (value), ``"uniform"`` and ``"loguniform"`` (low,
        high), ``"normal"`` and ``"gamma"`` (mean, sd), ``"truncated_normal"`` (mean, sd, low,
        high), ``"lognormal"`` (median, sigma: the sd of the logarithm), ``"triangular"`` (low,
        mode, high), ``"beta"`` (low, high, a, b).
    arguments : numbers in the parameter's unit, or texts with a unit (``"5 nS"``). A factor, or
        what others follow from without being a parameter, has no unit.
    source : as of a :class:`mgsim.Parameter`.
    scales : nothing for a prior of the parameter that it is named after. Else the draw is a factor
        on whichever of these parameters a model has: names, names with the power of the factor on
        each, or one of :data:`EFFECTS` by name. Name such a prior by what more of it does.

    Raises
    ------
    PriorError, UnknownName
        For what cannot be meant.

    Examples
    --------
    >>> import numpy as np, mgsim as mg
    >>> mg.Prior("uniform", (5, 15), "assumed: half to three halves of 10 nS").quantile([0.5])
    array([10.])
    >>> mg.Prior("lognormal", (1, 0.5), "assumed: for show", scales={"mg_k": -1, "mg_on": 1}).scales
    {'mg_k': -1.0, 'mg_on': 1.0}
    """

    shape: str
    arguments: Sequence[Any]
    source: str
    scales: Mapping[str, float] | Iterable[str] | str = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.shape not in SHAPES:
            raise unknown("shape", self.shape, SHAPES, "a prior")
        words = SHAPES[self.shape].arguments
        given = self.arguments
        if isinstance(given, str) or not hasattr(given, "__len__") or len(given) != len(words):
            raise PriorError(
                f"a prior of shape '{self.shape}' has the arguments ({', '.join(words)}), "
                f"not {given!r}"
            )
        if not isinstance(self.source, str):
            raise PriorError(f"a prior's source is a text, not {self.source!r}")
        check_source(self.source, "a prior")
        object.__setattr__(self, "arguments", tuple(given))
        object.__setattr__(self, "scales", _powers(self.scales))
        if all(units.is_real(x) for x in self.arguments):
            object.__setattr__(self, "arguments", tuple(map(float, self.arguments)))
            self._check()

    def _check(self) -> None:
        shape = SHAPES[self.shape]
        given = dict(zip(shape.arguments, self.arguments, strict=True))
        for name, value in given.items():
            if not math.isfinite(value):
                raise PriorError(f"a prior's {name} must be a finite number, not {value}")
            if name in shape.positive and value <= 0:
                raise PriorError(
                    f"a prior of shape '{self.shape}' needs a {name} above 0, not {value:g}"
                )
        for below, above in zip(shape.rising, shape.rising[1:], strict=False):
            if not given[below] < given[above]:
                raise PriorError(
                    f"a prior of shape '{self.shape}' needs {' < '.join(shape.rising)}, not "
                    f"{', '.join(f'{given[n]:g}' for n in shape.rising)}"
                    + ("; one value is 'constant'" if given[below] == given[above] else "")
                )

    @property
    def powers(self) -> dict[str, float]:
        """The parameters that the draw is a factor on, and its power on each."""
        return dict(self.scales)  # type: ignore[arg-type]

    def within(self, unit: str, name: str) -> Prior:
        """The same with its arguments as numbers in a unit. ``name`` is for the error.

        Raises
        ------
        UnitError, PriorError
        """
        words = SHAPES[self.shape].arguments
        numbers = tuple(
            units.one(x, "1" if word in _PLAIN else unit, f"{word} of the prior of '{name}'")
            for word, x in zip(words, self.arguments, strict=True)
        )
        try:
            return replace(self, arguments=numbers)
        except PriorError as error:
            raise PriorError(f"'{name}': {error}") from None

    def quantile(self, share: Any) -> np.ndarray:
        """The values below which the given shares (0 to 1) of the distribution lie."""
        from scipy import stats

        with np.errstate(all="ignore"):  # what is not finite is refused where it is drawn
            found = SHAPES[self.shape].quantile(
                stats, np.asarray(share, dtype=float), *self.arguments
            )
        return np.asarray(found, dtype=float)

    def plain(self) -> dict[str, Any]:
        """The prior as JSON holds it; :class:`Prior` takes the same words."""
        return {
            "shape": self.shape,
            "arguments": list(self.arguments),
            "source": self.source,
            "scales": self.powers,
        }

    def told(self, unit: str = "1") -> str:
        """The distribution in words: ``uniform, low 5, high 15 nS``."""
        words = SHAPES[self.shape].arguments
        shown = (
            f"{word} {x:g}" if units.is_real(x) else f"{word} {x}"
            for word, x in zip(words, self.arguments, strict=True)
        )
        return f"{self.shape}, {', '.join(shown)}" + ("" if unit == "1" else f" {unit}")


def _powers(scales: Any) -> dict[str, float]:
    if isinstance(scales, str):
        if scales not in EFFECTS:
            raise unknown("effect", scales, EFFECTS, "a prior's scales")
        return dict(EFFECTS[scales])
    found = dict(scales) if isinstance(scales, Mapping) else dict.fromkeys(scales, 1.0)
    for name, power in found.items():
        if not isinstance(name, str):
            raise PriorError(f"a prior's scales are names of parameters, not {name!r}")
        if not units.is_real(power) or not math.isfinite(power) or power == 0:
            raise PriorError(f"the power of a factor on '{name}' is a number, not {power!r}")
    return {name: float(power) for name, power in found.items()}


@cache
def columns() -> Mapping[str, str]:
    """The names that have a column of every table of draws, in its order, and what each is.

    Raises
    ------
    PriorError
        For a list that names something twice, or is too long.
    """
    text = (files("mgsim") / "columns.txt").read_text(encoding="utf-8")
    found: dict[str, str] = {}
    for line in text.splitlines():
        name, _, meaning = line.partition(" ")
        check_word(name, "column")
        if name in found or not meaning.strip():
            raise PriorError(f"columns.txt: '{name}' stands twice, or has no meaning")
        found[name] = meaning.strip()
    if len(found) > LISTED:
        raise PriorError(f"columns.txt names {len(found)} columns; there are {LISTED}")
    return MappingProxyType(found)


def column(name: str, own: Sequence[str] = ()) -> int:
    """The column at which a name is drawn. ``own``: names of one's own, in an order that stays.

    Raises
    ------
    UnknownName
        For a name that has no column; the message says how to give it one.
    PriorError
        For names of one's own that cannot be meant.
    """
    listed = columns()
    taken = [n for n in own if n in listed] or [n for n in own if list(own).count(n) > 1]
    if taken:
        raise PriorError(f"'{taken[0]}' has a column already; 'own' is for other names, each once")
    if len(own) > WIDTH - LISTED:
        raise PriorError(
            f"{len(own)} names of one's own; a table has {WIDTH - LISTED} columns left"
        )
    if name in listed:
        return list(listed).index(name)
    if name in own:
        return LISTED + list(own).index(name)
    error = unknown("column", name, [*listed, *own], "the table of draws").args[0]
    raise UnknownName(
        f"{error} A name keeps its column for good: give own=[{', '.join([*own, name])}] here and "
        "wherever the same draws are meant, and add further names at its end; or add a line to the "
        "end of mgsim/columns.txt"
    )
