"""The words through which parts speak, and the ranges in which a part was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Any, Literal

import numpy as np

from mgsim import units
from mgsim.catalogs.catalog import unknown
from mgsim.declare.ions import IONS, Ion
from mgsim.declare.parameter import AMOUNTS, Parameter, PartError, check_source, checked, plain
from mgsim.equations.expressions import EquationError


@dataclass(frozen=True, slots=True)
class Port:
    """A variable through which parts speak.

    ``combine``: ``"sum"`` of what any number of parts add to it, 0 where none does; ``"product"``
    of the factors that they bring, 1 where there is none; ``"currents"``: the sum of the currents
    that parts declare. ``must_act``: giving to it where nothing reads it is an error, as for a drug
    in a model without its receptor. ``outcome``: what a model is run for, though no part reads it.

    ``everywhere``: one for all places of a model, as the bath and the temperature are.
    ``membrane``: one for all receptors of a membrane, and each place has its own. Neither: each
    population of receptors has its own. ``root``: the port that this one is at a place.
    """

    name: str
    unit: str
    meaning: str
    combine: Literal["one", "sum", "product", "currents"] = "one"
    default: Parameter | None = None
    must_act: bool = False
    outcome: bool = False
    everywhere: bool = False
    membrane: bool = False
    root: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "root", self.root or self.name)

    def at(self, place: str = "", *, copy: str = "") -> Port:
        """The port of a copy of receptors, of a place, or both; itself where it has none there.

        The default of a membrane's port, such as its area, is the whole cell's: a place has none.
        """
        if place and copy:
            return self.at(copy=copy).at(place)
        word = place or ("" if self.membrane else copy)
        if self.everywhere or not word:
            return self
        return replace(
            self,
            name=f"{self.name}_{word}",
            meaning=f"{self.meaning} ({word})",
            default=None if self.membrane or not self.default else self.default.at(word),
        )

    @property
    def empty(self) -> float | None:
        """What a sum or product is, in its unit, when no part gives to it."""
        return {"sum": 0.0, "currents": 0.0, "product": 1.0}.get(self.combine)

    def check(self, value: Any) -> np.ndarray:
        """What a user gave, in ``unit``; a clear error for what is no number or is impossible."""
        if self.default:
            return self.default.check(value)
        return checked(value, self.name, self.unit, self.meaning, self.unit in AMOUNTS)


def check_port(part: str, name: str, unit: str, port: Port) -> None:
    """Refuse a part that gives a port in another unit.

    Raises
    ------
    EquationError
    """
    if units.unit(port.unit).dimension != units.unit(unit).dimension:
        raise EquationError(
            f"part '{part}' gives '{name}' in {unit}; the port '{name}' "
            f"({port.meaning}) is in {port.unit}"
        )


def _ports(*ports: Port) -> Mapping[str, Port]:
    return MappingProxyType({p.name: p for p in ports})


def _default(
    name: str,
    value: float,
    unit: str,
    meaning: str,
    source: str,
    range: tuple[float, float],
    *,
    everywhere: bool = False,
    membrane: bool = False,
) -> Port:
    default = Parameter(name, value, unit, meaning, source, range)
    return Port(name, unit, meaning, default=default, everywhere=everywhere, membrane=membrane)


#: The sum of every current that a part declares.
MEMBRANE = "i_membrane"


def _ionic(ion: Ion) -> tuple[Port, ...]:
    """What an ion brings: its current and its concentrations."""
    return (
        Port(
            ion.current, "pA", f"{ion.meaning} current, outward positive", "currents", membrane=True
        ),
        Port(
            ion.inside, ion.unit, f"free intracellular {ion.meaning}", outcome=True, membrane=True
        ),
        Port(ion.outside, "mM", f"extracellular free {ion.meaning}", everywhere=True),
    )


#: The words that parts share. Currents are whole-cell (pA), outward positive, as in
#: ``C dv/dt = -i_membrane``.
PORTS: Mapping[str, Port] = _ports(
    Port("v", "mV", "membrane potential", outcome=True, membrane=True),
    Port(
        MEMBRANE,
        "pA",
        "current through the membrane, all ions, outward positive",
        "currents",
        membrane=True,
    ),
    *(port for ion in IONS.values() for port in _ionic(ion)),
    Port("v_command", "mV", "command potential of a voltage clamp", membrane=True),
    Port(
        "v_shift",
        "mV",
        "shift of channel gating by surface charge",
        "sum",
        must_act=True,
        everywhere=True,
    ),
    Port("mg_out", "mM", "extracellular free magnesium", everywhere=True),
    Port("glu_ambient", "mM", "ambient glutamate at the receptor", "sum", everywhere=True),
    Port("glu", "mM", "glutamate at the receptor"),
    Port(
        "competitor",
        "1",
        "competitive antagonist at the glutamate site of NMDA receptors, over "
        "its dissociation constant",
        "sum",
        must_act=True,
        everywhere=True,
    ),
    Port(
        "modulation_nmda",
        "1",
        "factors on the NMDA conductance, such as the share of receptors with glycine bound",
        "product",
        must_act=True,
    ),
    Port(
        "modulation_ca_channel",
        "1",
        "factors on the conductance of voltage-gated calcium channels",
        "product",
        must_act=True,
        everywhere=True,
    ),
    Port(
        "modulation_release",
        "1",
        "factors on the probability of release, such as that of magnesium and calcium outside",
        "product",
        must_act=True,
    ),
    Port("open_nmda", "1", "open fraction of NMDA receptors, block apart"),
    Port("unblocked", "1", "fraction of open NMDA receptors not blocked by magnesium"),
    _default(
        "unblocked_without_mg",
        1.0,
        "1",
        "fraction of open NMDA receptors that conduct "
        "without magnesium, as the block law states it",
        "assumed: a law that states nothing else leaves all",
        (0.0, 1.0),
    ),
    Port("g_conducting", "nS", "conducting NMDA conductance, gating and block included"),
    Port("g_open_ampa", "nS", "open AMPA conductance"),
    Port(
        "c_syn",
        "1",
        "calcium that drives plasticity, over the threshold of depression",
        membrane=True,
    ),
    _default(
        "celsius",
        36.0,
        "degC",
        "temperature of the preparation",
        "assumed: body temperature of the rodents the cells come from",
        (0, 45),
        everywhere=True,
    ),
    _default(
        "e_na",
        50.0,
        "mV",
        "sodium reversal potential",
        "pospischil_2008: RS cell",
        (20, 80),
        everywhere=True,
    ),
    _default(
        "e_k",
        -90.0,
        "mV",
        "potassium reversal potential",
        "assumed: mammalian neuron at 2.5-3 mM external potassium",
        (-120, -60),
        everywhere=True,
    ),
    _default(
        "e_ca",
        120.0,
        "mV",
        "calcium reversal potential",
        "assumed: usual rounded value for ohmic calcium currents",
        (60, 160),
        everywhere=True,
    ),
    _default(
        "e_cl",
        -70.0,
        "mV",
        "chloride reversal potential",
        "assumed: mature pyramidal cell",
        (-100, -40),
        everywhere=True,
    ),
    _default(
        "e_leak",
        -70.0,
        "mV",
        "leak reversal potential",
        "assumed: near the rest of cortical cells",
        (-95, -50),
        everywhere=True,
    ),
    _default(
        "e_nmda",
        0.0,
        "mV",
        "reversal potential of the NMDA current",
        "assumed: close to 0 mV, as a non-selective cation current",
        (-10, 10),
        everywhere=True,
    ),
    _default(
        "e_ampa",
        0.0,
        "mV",
        "reversal potential of the AMPA current",
        "assumed: non-selective cation current",
        (-10, 10),
        everywhere=True,
    ),
    _default(
        "v_t",
        -55.0,
        "mV",
        "potential that shifts the spike threshold",
        "pospischil_2008: RS cell",
        (-75, -45),
        membrane=True,
    ),
    _default(
        "area",
        20000.0,
        "um**2",
        "membrane area",
        "assumed: neocortical pyramidal cell lumped into one compartment",
        (100, 1e6),
        membrane=True,
    ),
    _default(
        "supply",
        1.0,
        "1",
        "energy supply (oxygen, glucose) of pump, glia, uptake and bath exchange, over the need",
        "assumed: all that is needed",
        (0.0, 1.0),
        everywhere=True,
    ),
)


class ExtrapolationWarning(UserWarning):
    """A part is asked for what lies outside the range in which it was measured."""


@dataclass(frozen=True, slots=True)
class Measured:
    """The range of an input in which a part was measured; outside it, the part extrapolates.

    Parameters
    ----------
    name : a port that the part reads, such as ``"mg_out"``, ``"v"`` or ``"celsius"``, or one that
        it gives to, such as ``"modulation_release"``: then what it gives is held against the range.
    low, high : in the port's unit; ``high`` may be infinite. Where no magnesium or agonist can be
        meant, 0 lies inside too.
    source : as of a :class:`Parameter`.
    """

    name: str
    low: float
    high: float
    source: str

    def __post_init__(self) -> None:
        if self.name not in PORTS:
            raise unknown("port", self.name, PORTS, "a measured range")
        unit = PORTS[self.name].unit
        for end in ("low", "high"):
            value = plain(getattr(self, end), unit, f"measured range of '{self.name}'")
            object.__setattr__(self, end, value)
        if not self.low <= self.high:
            raise PartError(f"measured range of '{self.name}': {self.low:g} is above {self.high:g}")
        check_source(self.source, f"measured range of '{self.name}'")

    def holds(self, values: Any) -> bool:
        """Whether every value (in the port's unit) lies inside."""
        given = np.asarray(values, dtype=float)
        nothing = (given == 0) & (PORTS[self.name].unit in ("mM", "uM"))
        slack = 1e-9 * max(abs(x) for x in (self.low, self.high) if np.isfinite(x))
        return bool(np.all(nothing | ((given >= self.low - slack) & (given <= self.high + slack))))

    def __str__(self) -> str:
        unit = PORTS[self.name].unit
        span = f"{self.low:g}" if self.low == self.high else f"{self.low:g} to {self.high:g}"
        span = f"{self.low:g} or more" if self.high == np.inf else span
        return f"{self.name} of {span}{'' if unit == '1' else f' {unit}'} ({self.source})"
