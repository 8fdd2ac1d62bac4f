"""Magnesium outside as a blocker of voltage-gated calcium channels."""

from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter

ca_channel_block = Component(
    name="ca_channel_block",
    slot="ca_channel_block",
    meaning="magnesium that blocks voltage-gated calcium channels, for sensitivity only",
    equations="""
ca_channel_unblocked = ((1 + mg_ca_measured/mg_k_ca)
                        /(1 + mg_out/mg_k_ca)) : 1  # calcium conductance over the measured one
""",
    parameters=(
        Parameter(
            "mg_k_ca",
            7.0,
            "mM",
            "magnesium that blocks half the calcium current",
            "assumed: between 5 and 10 mM with calcium as the carrier, about three orders above "
            "the micromolar block of lithium currents",
            (3, 30),
        ),
        Parameter(
            "mg_ca_measured",
            1.0,
            "mM",
            "magnesium of the bath in which calcium conductances were measured",
            "assumed: slices in the usual 1 mM; give that of the channel's source",
            (0, 4),
        ),
    ),
    adds={"modulation_ca_channel": "ca_channel_unblocked"},
    conditions="For sensitivity only: the constant has no measurement at physiological calcium "
    "behind it, so its range is wide and no headline may rest on it.",
    deviations="No law was found: one site at equilibrium, without voltage dependence, alike for "
    "every voltage-gated calcium channel of every place. Calcium does not compete. The shift of "
    "gates by surface charge is a part of its own.",
)
