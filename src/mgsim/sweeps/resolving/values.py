"""Numbers, axes, priors and seeds that were given, checked against the parameters of a request."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np

from mgsim import units
from mgsim.catalogs.catalog import about, unknown
from mgsim.compose import seeing
from mgsim.declare.parameter import RESERVED, Parameter, check_word
from mgsim.declare.priors import Prior
from mgsim.sweeps.designs import AxisError, Design, Sampled, Zipped
from mgsim.sweeps.keywords import TRACES, How, names
from mgsim.sweeps.resolving.choices import label, plain, slots
from mgsim.sweeps.resolving.request import Request

#: What a run takes besides parameters, and an error may offer.
OPTIONS = frozenset(names(How, TRACES))


def design_of(design: Design, request: Request, labels: Iterable[str]) -> Design:
    """The design with its numbers checked and in display units."""
    axes: dict[str, Any] = {}
    for name, value in design.axes.items():
        if name in labels:
            names = [e if isinstance(e, str) else label(e) for e in plain(value)]
            axes[name] = np.array(names, dtype=object)
        elif isinstance(value, Prior):
            axes[name] = prior_of(name, value, request)
        elif isinstance(design, Sampled):
            if parameter_of(name, request).whole:
                raise AxisError(
                    f"axis '{name}' of a sample counts something; a sample is not whole"
                )
            low, high = map(float, numbers_of(name, value, request))
            axes[name] = (low, high)
        else:
            axes[name] = numbers_of(name, value, request)
    if isinstance(design, Sampled):
        return replace(design, axes=axes)
    if isinstance(design, Zipped):
        return Zipped(axes)
    raise AxisError(f"{type(design).__name__} is no design; see mgsim.sweeps.designs")


def numbers_of(name: str, value: Any, request: Request) -> np.ndarray:
    """Checked values of a parameter in display units, or seeds: one number or an axis."""
    checked = seeds_of(value) if name == "seed" else parameter_of(name, request).check(value)
    if checked.ndim > 1:
        raise AxisError(f"axis '{name}' must be one-dimensional, not of shape {checked.shape}")
    if checked.size == 0:
        raise AxisError(f"axis '{name}' is empty")
    return checked


def prior_of(name: str, prior: Prior, request: Request) -> Prior:
    """A prior with its arguments in the parameter's unit; in none, where it is of no parameter."""
    if name in RESERVED:
        raise AxisError(f"'{name}' is no parameter, so it can have no prior")
    check_word(name, "prior")
    known = {n for v in request.variants for n in request.parameters(v)}
    if name in known and not prior.scales:
        return prior.within(parameter_of(name, request, anywhere=True).unit, name)
    return prior.within("1", name)


def seeds_of(value: Any) -> np.ndarray:
    """A seed, or an axis of seeds: whole numbers."""
    given = np.asarray(value)
    if given.dtype.kind not in "iuf" or np.any(
        (given != np.floor(given)) | (given < 0) | (given > 2**53)
    ):
        raise units.UnitError(f"seed must be a whole number from 0 to 2**53, not {value}")
    return given.astype(int)


def parameter_of(name: str, request: Request, *, anywhere: bool = False) -> Parameter:
    """The parameter of that name, which every variant must have, apart from whole arms.

    ``anywhere``: one variant is enough.
    """
    tables = [request.parameters(v) for v in request.variants]
    known = {n for table in tables for n in table}
    if name not in known:
        if name in ("duration", "window"):
            raise AxisError(
                f"'{name}' is the protocol's, not a parameter: run it under "
                "protocol.lasting(duration, window)"
            )
        _explain_absent(name, request)
        model = request.variants[0].model
        raise unknown(
            "parameter",
            name,
            {
                **dict.fromkeys([*slots(), *OPTIONS, *model.slots, *seeing.names(model.slots)], ""),
                **{n: p.meaning for table in tables for n, p in table.items()},
            },
            f"model '{model.name}' under protocol '{request.protocol.name}'",
        )
    having = {
        v.labels.get("arm") for v, t in zip(request.variants, tables, strict=True) if name in t
    }
    for variant, table in zip(request.variants, tables, strict=True):
        if name not in table and not anywhere and variant.labels.get("arm") in having:
            which = ", ".join(f"{k}={v}" for k, v in variant.labels.items())
            raise AxisError(f"'{name}' is no parameter of the model with {which}")
    found = [table[name] for table in tables if name in table]
    units_of = {p.unit for p in found}
    if len(units_of) > 1:
        raise AxisError(f"'{name}' is in {' and in '.join(sorted(units_of))} in the swept models")
    return found[0]


def _explain_absent(name: str, request: Request) -> None:
    """A parameter that some part has but no equation reads, or that the stimulus computes."""
    for variant in request.variants:
        if why := variant.model.computed(name):
            raise AxisError(why)
        if variant.model.stated(name):
            if name in variant.system.recordable:
                raise AxisError(
                    f"'{name}' is computed here, by protocol '{request.protocol.name}' or another "
                    "part, so it cannot be set; that part's own parameters can"
                )
            raise AxisError(
                f"model '{variant.model.name}' does not use '{name}': no equation reads it"
            )
    if name in slots():
        known = {n: p.meaning for v in request.variants for n, p in request.parameters(v).items()}
        near = about(name, known)[:3]
        raise AxisError(
            f"'{name}' is a slot, which takes the name of a part, not numbers"
            + (f"; parameters about it: {', '.join(near)}" if near else "")
        )
