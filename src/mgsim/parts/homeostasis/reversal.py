"""Reversal potentials from concentrations, and how ions share a current."""

from __future__ import annotations

from mgsim.declare.component import Component
from mgsim.declare.ions import IONS
from mgsim.declare.parameter import Parameter
from mgsim.declare.ports import Port

nernst = Component(
    "nernst",
    "reversal",
    "reversal potentials of sodium, potassium and chloride from their concentrations",
    "\n".join(
        f"e_{i.name} = gas_constant*(celsius + zero_celsius)/({i.valence}*faraday_constant)"
        f"*log({i.outside}/{i.inside}) : mV  # {i.meaning} reversal potential"
        for i in (IONS["na"], IONS["k"], IONS["cl"])
    ),
    conditions="Where concentrations are followed. Calcium's is stated, or 'nernst_ca'.",
    deviations="Concentrations stand for activities.",
)


def mixture(
    whole: str, conductance: str, potassium: float, source: str, *, ports: tuple[Port, ...] = ()
) -> Component:
    """Who carries a current of sodium and potassium, needed where these move.

    Parameters
    ----------
    whole : the current without its ``i_``, ``"nmda"``; it reverses at ``e_nmda``.
    conductance : its conductance, an expression in what the model has.
    potassium, source : potassium's share of the conductance, and whence it is. Sodium carries what
        potassium, and calcium where a part splits it off, leave.
    ports : words of the conductance that are no common ones.
    """
    share, key = f"share_k_{whole}", source.partition(":")[0]
    return Component(
        f"{whole}_ions",
        f"{whole}_ions",
        f"sodium and potassium that carry the {whole.upper()} current",
        f"e_{whole} = {share}*e_k + (1 - {share})*e_na : mV  # reversal potential\n"
        f"i_k_{whole} = {share}*{conductance}*(v - e_k) : pA  # what potassium carries",
        parameters=(
            Parameter(
                share,
                potassium,
                "1",
                f"share of potassium in the {whole.upper()} conductance",
                source,
                (0, 1),
            ),
        ),
        currents={f"i_k_{whole}": f"k of i_{whole}", f"i_{whole}_rest": f"na of i_{whole}"},
        ports=ports,
        references=() if key in ("assumed", "unverified") else (key,),
        deviations="Shares of conductance, by Ohm; no constant field.",
        conditions="The reversal potential follows from the share; a value that a part states for "
        "it gives way.",
    )


_HALF = "hubel_2017: one conductance for each, as coded in ModelDB 235774 SD.ode"
nmda_ions = mixture("nmda", "g_conducting", 0.5, _HALF)
ampa_ions = mixture("ampa", "g_open_ampa", 0.5, _HALF)
leak_ions = mixture(
    "leak",
    "g_leak*area",
    0.8,
    "assumed: a leak that reverses near -65 mV",
    ports=(Port("g_leak", "mS/cm**2", "leak conductance density", membrane=True),),
)
