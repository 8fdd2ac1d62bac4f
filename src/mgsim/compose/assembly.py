"""A cell put together from a membrane and channels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from mgsim.catalogs.catalog import unknown
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter, PartError
from mgsim.declare.ports import PORTS


def assemble(
    name: str,
    meaning: str,
    membrane: Component,
    *channels: Component,
    values: Mapping[str, float],
    source: str,
    **more: Any,
) -> Component:
    """A cell: one part of the membrane and its channels, in the slot of the membrane.

    Parameters
    ----------
    membrane : the part with the equation of the potential, ``dv/dt = -i_membrane/...``.
    channels : parts that bring currents; their order is that in which these are summed.
    values : the cell's own numbers in display units: of parameters of its parts, and of ports with
        a default (``e_k``).
    source : where the values are from.
    more : further fields of the cell, such as ``deviations``; ``references`` go before those of
        the parts.

    Returns
    -------
    An ordinary part: it swaps, sweeps, stores and is cited as any other.

    Raises
    ------
    UnknownName
        A value of something that no part of the cell has.
    PartError
        A name that two of the parts define.
    """
    parts = (membrane, *channels)
    known = {p.name: p for part in parts for p in part.parameters}
    stated = {n: p.default for n, p in PORTS.items() if p.default}
    known |= {n: p for n, p in stated.items() if n in values}
    for key in values:
        if key not in known:
            raise unknown("value", key, known, f"cell '{name}'")
    _once(name, parts)
    references = (*more.pop("references", ()), *(r for part in parts for r in part.references))
    return Component(
        name,
        membrane.slot,
        meaning,
        equations="\n".join(part.equations.strip() for part in parts),
        kinetics=tuple(k for part in parts for k in part.kinetics),
        exchange=tuple(way for part in parts for way in part.exchange),
        capacity={n: text for part in parts for n, text in part.capacity.items()},
        parameters=tuple(
            stating(p, values[n], source) if n in values else p for n, p in known.items()
        ),
        currents={n: c for part in parts for n, c in part.currents.items()},
        adds=_joined(parts, "adds"),
        on_event=_joined(parts, "on_event"),
        initial={n: text for part in parts for n, text in part.initial.items()},
        spike=membrane.spike,
        ports=tuple(dict.fromkeys(port for part in parts for port in part.ports)),
        references=tuple(dict.fromkeys(references)),
        measured=tuple(
            {(m.name, m.low, m.high): m for part in parts for m in part.measured}.values()
        ),
        longest_step=min(part.longest_step for part in parts),
        **more,
    )


def membrane(source: str, *, spikes: bool = True) -> Component:
    """A patch of membrane that sums its currents; ``spikes``: an upward crossing is a spike."""
    level = Parameter(
        "v_spike",
        0.0,
        "mV",
        "level whose upward crossing counts as a spike",
        "assumed: halfway up the action potential",
        (-30, 20),
    )
    return Component(
        "membrane",
        "neuron",
        "membrane capacitance",
        equations="dv/dt = -i_membrane/(c_m*area) : mV  # membrane potential",
        capacity={"v": "c_m*area"},
        parameters=(
            Parameter("c_m", 1.0, "uF/cm**2", "specific membrane capacitance", source, (0.7, 1.5)),
            Parameter("v_start", -70.0, "mV", "potential at the start", source, (-90, -50)),
            *([level] if spikes else []),
        ),
        initial={"v": "v_start"},
        spike="v > v_spike" if spikes else None,
        references=(source.partition(":")[0],),
    )


def stating(parameter: Parameter, value: float, source: str) -> Parameter:
    """The same parameter with another default, which has a source of its own."""
    low, high = parameter.range
    return replace(parameter, value=value, source=source, range=(min(low, value), max(high, value)))


def having(part: Component, source: str, **values: float) -> Component:
    """A part with other defaults, which have a source of their own."""
    key = source.partition(":")[0]
    cited = () if key in ("assumed", "unverified") else (key,)
    return replace(
        part,
        parameters=tuple(
            stating(p, values[p.name], source) if p.name in values else p for p in part.parameters
        ),
        references=tuple(dict.fromkeys((*part.references, *cited))),
    )


def _once(cell: str, parts: Iterable[Component]) -> None:
    """Refuse a name that two parts define."""
    owner: dict[str, str] = {}
    for part in parts:
        for name in (*(e.name for e in part.lines), *(p.name for p in part.parameters)):
            if name in owner:
                raise PartError(
                    f"cell '{cell}': '{name}' is defined by '{owner[name]}' and by '{part.name}'; "
                    "what channels share is a port"
                )
            owner[name] = part.name


def _joined(parts: Iterable[Component], field: str) -> dict[str, str]:
    """What several parts add to one sum, or do on one event, together."""
    found: dict[str, str] = {}
    for part in parts:
        for name, text in getattr(part, field).items():
            if name not in found:
                found[name] = text
            elif field == "on_event":
                found[name] += f"; {text}"
            else:
                times = "*" if PORTS[name].combine == "product" else " + "
                found[name] = f"({found[name]}){times}({text})"
    return found


def reworded(part: Component, name: str, by: Mapping[str, str], **fields: Any) -> Component:
    """A part under another name, with other pieces of its text and other fields.

    Raises
    ------
    PartError
        For a piece that its text does not have once.
    """
    text = part.equations
    for old, new in by.items():
        if text.count(old) != 1:
            raise PartError(f"part '{part.name}' has '{old}' {text.count(old)} times, not once")
        text = text.replace(old, new)
    return replace(part, name=name, equations=text, **fields)
