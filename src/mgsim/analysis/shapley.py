"""Shapley shares: how much of an effect goes by each of several factors, interactions included.

Factors are changed from a first value to a second, in every combination. The Shapley value of a
factor is what its change adds, averaged over all orders in which the factors may be changed one
after another (Shapley 1953); the values of all factors sum to the effect of changing all, whatever
the factors do to one another.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from mgsim import units
from mgsim.catalogs.catalog import unknown
from mgsim.declare.parameter import PartError, check_word

if TYPE_CHECKING:
    import xarray as xr

Array = np.ndarray
#: Factors at most: each doubles what has to run.
MOST = 8
#: What every arm without a changed factor is called, and what stands between the names of several.
FIRST, _AND = "unchanged", "_and_"
#: An effect this small beside the values that it is the difference of is rounding.
_ROUNDING = 1e-10


def shapley_values(values: Any) -> Array:
    """The Shapley value of each of n factors.

    Parameters
    ----------
    values : shape (..., 2**n): of every set of changed factors, factor ``i`` being changed where
        bit ``i`` of the place is set.

    Returns
    -------
    Shape (..., n), in the unit of the values; their sum is ``values[..., -1] - values[..., 0]``.
    """
    values, n = _read(values)
    sets = np.arange(2**n)
    found = []
    for i in range(n):
        without = sets[(sets >> i) & 1 == 0]
        found.append(_added(values, without, 1 << i) @ _weights(without, n, 1))
    return np.stack(found, axis=-1)


def interactions(values: Any) -> Array:
    """The Shapley interaction index of each two factors (Grabisch, Marichal & Roubens 2000).

    What the change of both adds beyond what each adds alone, averaged as the Shapley value is: 0
    for factors whose effects add up.

    Parameters
    ----------
    values : as for :func:`shapley_values`.

    Returns
    -------
    Shape (..., n, n), symmetric, with NaN on its diagonal.
    """
    values, n = _read(values)
    sets = np.arange(2**n)
    found = np.full((*values.shape[:-1], n, n), np.nan)
    for i in range(n):
        for j in range(i):
            a, b = 1 << i, 1 << j
            without = sets[sets & (a | b) == 0]
            both = _added(values, without + b, a) - _added(values, without, a)
            found[..., i, j] = found[..., j, i] = both @ _weights(without, n, 2)
    return found


def marginals(values: Any) -> tuple[Array, Array]:
    """The least and the most that each factor's change adds to any set of the others.

    Both are the Shapley value where the factors do not interact.

    Parameters
    ----------
    values : as for :func:`shapley_values`.

    Returns
    -------
    Two arrays of shape (..., n).
    """
    values, n = _read(values)
    sets = np.arange(2**n)
    added = [_added(values, sets[(sets >> i) & 1 == 0], 1 << i) for i in range(n)]
    return (
        np.stack([a.min(axis=-1) for a in added], axis=-1),
        np.stack([a.max(axis=-1) for a in added], axis=-1),
    )


def _read(values: Any) -> tuple[Array, int]:
    found = np.asarray(values, dtype=float)
    n = int(found.shape[-1] if found.ndim else 0).bit_length() - 1
    if not 1 <= n <= MOST or found.shape[-1] != 2**n:
        raise ValueError(
            f"the values of all sets of 1 to {MOST} factors are 2, 4, ... {2**MOST} along the last "
            f"axis, not an array of shape {found.shape}"
        )
    return found, n


def _added(values: Array, without: Array, more: int) -> Array:
    added: Array = values[..., without + more] - values[..., without]
    return added


def _weights(sets: Array, n: int, apart: int) -> Array:
    """The share of each set of changed factors among all orders, ``apart`` others coming next."""
    sizes = [int(s).bit_count() for s in sets]
    orders = math.factorial(n - apart + 1)
    return np.array([math.factorial(k) * math.factorial(n - k - apart) / orders for k in sizes])


@dataclass(frozen=True)
class Shapley:
    """Factors of an effect, each of them parameters or parts that go from one value to another.

    Parameters
    ----------
    factors : by name, what each changes: ``{"block": {"mg_out_block": (0.2, 1.2)}}``. A value is
        what an arm of a sweep takes: a number, a text with a unit, or the name of a part.
    prefix : what the names of its arms begin with, where one sweep has the arms of several.

    Raises
    ------
    PartError
        For no factors, more than eight, names that are no words, two that change the same, or what
        is no pair of values.

    Examples
    --------
    >>> import mgsim as mg
    >>> both = mg.Shapley({"magnesium": {"mg_out": (0.2, 1.2)}, "receptors": {"g_nmda": (30, 15)}})
    >>> both.arms["magnesium"]
    {'mg_out': 1.2, 'g_nmda': 30}
    >>> ds = mg.experiments["mg_response"].run(arms=both.arms)
    >>> found = both.shares(ds.ca_charge_nmda)
    >>> bool(abs(found.value.sum("factor") - found.total) < 1e-9 * abs(found.total))
    True
    """

    factors: Mapping[str, Mapping[str, Sequence[Any]]]
    prefix: str = ""

    def __post_init__(self) -> None:
        given: Any = self.factors
        if not isinstance(given, Mapping) or not 1 <= len(given) <= MOST:
            raise PartError(
                f"Shapley shares are of 1 to {MOST} factors by name, each with what it changes: "
                "{'block': {'mg_out_block': (0.2, 1.2)}}"
            )
        if self.prefix:
            check_word(self.prefix, "prefix")
        owner: dict[str, str] = {}
        for factor, changes in given.items():
            check_word(str(factor), "factor")
            if not isinstance(changes, Mapping) or not changes:
                raise PartError(f"factor '{factor}' holds (first, second) by name, not {changes!r}")
            for name, pair in changes.items():
                if isinstance(pair, str) or not hasattr(pair, "__len__") or len(pair) != 2:
                    raise PartError(
                        f"factor '{factor}': '{name}' goes from one value to another, "
                        f"(first, second), not {pair!r}"
                    )
                if name in owner:
                    raise PartError(
                        f"'{name}' is changed by factor '{owner[name]}' and by '{factor}'; what "
                        "each changes must be its own"
                    )
                owner[name] = factor
        if len(set(self._names)) < len(self._names):
            raise PartError(
                f"factors {', '.join(self.factors)}: names with '{_AND}' in them are those of "
                "several factors changed together; name them otherwise"
            )

    @property
    def _names(self) -> list[str]:
        """The names of the arms; factor ``i`` is changed in those whose place has bit ``i``."""
        names = list(self.factors)
        start = f"{self.prefix}_" if self.prefix else ""
        return [
            start + (_AND.join(n for i, n in enumerate(names) if at >> i & 1) or FIRST)
            for at in range(2 ** len(names))
        ]

    @property
    def arms(self) -> dict[str, dict[str, Any]]:
        """The arms of a sweep: every set of changed factors, with all that it sets."""
        return {
            name: {
                parameter: pair[at >> i & 1]
                for i, changes in enumerate(self.factors.values())
                for parameter, pair in changes.items()
            }
            for at, name in enumerate(self._names)
        }

    def shares(
        self, values: xr.DataArray, *, scale: Literal["linear", "log"] = "linear"
    ) -> xr.Dataset:
        """What part of the whole effect each factor has.

        Parameters
        ----------
        values : a variable of a result with the arms along ``arm``, and any further axes.
        scale : ``"linear"``: an effect is a difference; ``"log"``: it is the logarithm of a ratio,
            so that factors which multiply add up, and values must be above 0.

        Returns
        -------
        xarray.Dataset along ``factor`` and the further axes: ``total`` (the effect of changing all
        factors), ``value`` (the Shapley value of each; they sum to ``total``), ``share`` (its
        ratio to ``total``: below 0 where a factor acts against the whole, NaN where there is no
        whole effect), ``lowest`` and ``highest`` (what the factor's change adds to the others,
        changed or not, least and most), and ``interaction`` along ``factor`` and ``other``. All but
        ``share`` are in the unit of ``values``, or natural logarithms. The attribute
        ``undefined`` says how many shares are not defined, and why.

        Raises
        ------
        ValueError
            For values without an axis ``arm``, or another scale.
        UnknownName
            For an arm that is not there.
        """
        import xarray as xr

        if scale not in ("linear", "log"):
            raise unknown("scale", scale, ("linear", "log"), "Shapley shares")
        if "arm" not in getattr(values, "dims", ()):
            raise ValueError(
                "Shapley shares follow from values along 'arm', such as ds.spike_rate of a sweep "
                "with arms=...; give one variable of it"
            )
        there = [str(x) for x in values.arm.values]
        for name in self._names:
            if name not in there:
                raise unknown("arm", name, there, "these values")
        ordered = values.sel(arm=self._names).transpose(..., "arm")
        given = np.asarray(ordered.values, dtype=float)
        impossible = (given <= 0).any(axis=-1) & (scale == "log")
        if scale == "log":
            with np.errstate(all="ignore"):
                given = np.where(np.expand_dims(impossible, -1), np.nan, np.log(given))
        missing = ~np.isfinite(given).all(axis=-1) & ~impossible
        given = np.where(np.isfinite(given), given, np.nan)
        total = given[..., -1] - given[..., 0]
        value = shapley_values(given)
        low, high = marginals(given)
        size = 1.0 if scale == "log" else np.abs(given).max(axis=-1)
        nothing = (np.abs(total) <= _ROUNDING * size) & ~missing
        with np.errstate(all="ignore"):
            share = np.where(np.expand_dims(nothing, -1), np.nan, value / total[..., None])
        dims = tuple(str(d) for d in ordered.dims[:-1])
        unit = "1" if scale == "log" else str(values.attrs.get("units", "1"))
        of = str(values.attrs.get("long_name", values.name))
        what = f"logarithm of {of}" if scale == "log" else of
        along = (*dims, "factor")
        found = {
            "total": (dims, total, unit, f"{what}, effect of all factors"),
            "value": (along, value, unit, f"{what}, Shapley value of the factor"),
            "share": (along, share, "1", f"share in the effect on {of}"),
            "lowest": (along, low, unit, f"{what}, least that the factor adds"),
            "highest": (along, high, unit, f"{what}, most that the factor adds"),
            "interaction": (
                (*along, "other"),
                interactions(given),
                unit,
                f"{what}, Shapley interaction of two factors",
            ),
        }
        coords = {n: c for n, c in ordered.coords.items() if "arm" not in c.dims}
        reasons = {
            "no effect of all factors together": nothing,
            "a value that is not above 0": impossible,
            "a value that is not defined": missing,
        }
        told = [f"{x.sum():,} of {x.size:,}: {why}" for why, x in reasons.items() if x.any()]
        names = list(self.factors)
        return xr.Dataset(
            {
                name: xr.DataArray(x, dims=d, attrs={"units": u, "long_name": meaning})
                for name, (d, x, u, meaning) in found.items()
            },
            {**coords, "factor": names, "other": names},
            {"scale": scale, "of": of, "undefined": "; ".join(told)},
        )


def spread(shares: xr.Dataset, over: str | Iterable[str] = "point", level: float = 0.95) -> Any:
    """How sure shares are: their spread over draws from priors.

    Parameters
    ----------
    shares : what :meth:`Shapley.shares` gives.
    over : the axes of the draws.
    level : of the interval, which leaves as many draws above it as below.

    Returns
    -------
    xarray.Dataset along ``factor`` and what is left: ``share`` (the median), ``low`` and ``high``
    of those that are defined; ``pooled``, the mean Shapley value over the mean effect of the draws
    that have all values, in which draws with little effect weigh little, so that it sums to 1;
    ``first``, the part of the defined draws in which the factor has the largest share, a draw that
    several lead being divided among them; ``defined``, the part of the draws that have shares.

    Raises
    ------
    UnknownName, ValueError
        For an axis that the shares lack, and a level outside 0 to 1.
    """
    import xarray as xr

    axes = [over] if isinstance(over, str) else list(over)
    for axis in axes:
        if axis not in shares.share.dims or axis == "factor":
            raise unknown("axis", axis, [str(d) for d in shares.total.dims], "these shares")
    level = units.one(level, "1", "level")
    if not 0 < level < 1:
        raise ValueError(f"level = {level:g}: an interval's level lies between 0 and 1")
    tail = (1 - level) / 2
    share, defined = shares.share, shares.share.notnull()
    low, median, high = (
        share.quantile(q, axes, skipna=True).drop_vars("quantile") for q in (tail, 0.5, 1 - tail)
    )
    whole = shares.value.notnull().all("factor")
    value, total = (shares[n].where(whole).mean(axes) for n in ("value", "total"))
    largest = (share >= share.max("factor") - _ROUNDING) & defined
    led = largest / largest.sum("factor").where(defined.any("factor"))
    count = defined.sum(axes)
    percent = f"{100 * level:g} %"
    found = {
        "share": (median, "median share"),
        "low": (low, f"lower end of the {percent} interval of the share"),
        "high": (high, f"upper end of the {percent} interval of the share"),
        "pooled": ((value / total).where(total != 0), "mean Shapley value over the mean effect"),
        "first": (
            (led.sum(axes) / count).where(count > 0),
            "part of the draws in which the factor has the largest share",
        ),
        "defined": (
            defined.isel(factor=0, drop=True).mean(axes),
            "part of the draws that have shares",
        ),
    }
    return xr.Dataset(
        {n: x.assign_attrs(units="1", long_name=meaning) for n, (x, meaning) in found.items()},
        attrs={**shares.attrs, "level": level},
    )
