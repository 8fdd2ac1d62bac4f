"""Amounts of sodium, potassium and chloride on both sides of the membrane."""

from __future__ import annotations

from mgsim.declare.component import Component
from mgsim.declare.ions import IONS
from mgsim.declare.parameter import Parameter
from mgsim.parts.homeostasis import words

_CODE = "hubel_2017: as coded in ModelDB 235774 SD.ode"
#: By ion, in mM, inside and outside at the start.
_REST = {"na": (15.0, 144.0), "k": (140.0, 4.0), "cl": (9.0, 130.0)}
_ROOM = "concentrations are amounts over it"
_MOVING = [IONS[n] for n in _REST]


def _amounts(name: str, meaning: str, gains: str, deviations: str) -> Component:
    """Concentrations and particles from what came into the cell since the start."""
    came = " + ".join(f"gain_{i.name}" for i in _MOVING)
    gone = " - ".join(f"taken_{i.name}" for i in _MOVING)
    lines = [gains]
    for i in _MOVING:
        lines += [
            f"{i.inside} = ({i.inside}_rest*vol_in_rest + gain_{i.name})/vol_in : mM"
            f"  # {i.meaning} inside",
            f"{i.outside} = ({i.outside}_rest*vol_out_rest - gain_{i.name} - taken_{i.name})"
            f"/vol_out : mM  # {i.meaning} outside",
        ]
    lines += [
        "osm_rest = 2*(na_in_rest + k_in_rest) + uncharged_in : mM  # osmolarity at the start",
        f"n_in = osm_rest*vol_in_rest + {came} : fmol  # particles inside",
        f"n_out = osm_rest*vol_out_rest - ({came}) - {gone} : fmol  # particles outside",
    ]
    parameters = [
        Parameter(
            f"{port}_rest",
            value,
            "mM",
            f"{i.meaning} {side} at the start",
            _CODE,
            (value / 3, value * 3),
            nonzero="reversal potentials are logarithms of it",
        )
        for i in _MOVING
        for port, side, value in zip(
            (i.inside, i.outside), ("inside", "outside"), _REST[i.name], strict=True
        )
    ]
    return Component(
        name,
        "amounts",
        meaning,
        "\n".join(lines),
        parameters=(
            *parameters,
            Parameter(
                "uncharged_in", 5.0, "mM", "uncharged particles inside that stay", _CODE, (0, 50)
            ),
            Parameter(
                "vol_in_rest",
                7500.0,
                "um**3",
                "volume of the cell at the start",
                _CODE,
                (10, 1e6),
                nonzero=_ROOM,
            ),
            Parameter(
                "vol_out_rest",
                2500.0,
                "um**3",
                "extracellular volume at the start",
                _CODE,
                (1, 1e6),
                nonzero=_ROOM,
            ),
        ),
        ports=(*words.VOLUMES, words.OSM_REST, words.N_IN, words.N_OUT, *words.TAKEN.values()),
        references=("hubel_2017",),
        conditions="Anions that stay inside close the charge; both sides start as strong as each "
        "other, by uncharged particles outside.",
        deviations=deviations,
    )


counted = _amounts(
    "counted",
    "sodium, potassium and chloride, each counted by the current that it carries",
    "\n".join(
        f"dgain_{i.name}/dt = -i_{i.name}/({i.valence}*faraday_constant) : fmol"
        f"  # {i.meaning} that came in"
        for i in _MOVING
    ),
    "Counts what charges the membrane too, where the published file takes sodium from "
    "electroneutrality ('neutral').",
)

neutral = _amounts(
    "neutral",
    "potassium and chloride counted, sodium by electroneutrality",
    "dgain_k/dt = -i_k/faraday_constant : fmol  # potassium that came in\n"
    "dgain_cl/dt = i_cl/faraday_constant : fmol  # chloride that came in\n"
    "gain_na = gain_cl - gain_k : fmol  # sodium that came in",
    "As published: sodium carries whatever the others do not, also what charges the membrane and "
    "what calcium and injected currents bring. Use it to reproduce the published cell alone.",
)
