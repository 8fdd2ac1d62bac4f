"""The five-state NMDA scheme: two binding steps, desensitised, open."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from mgsim.component import Component, Parameter, Scheme


def five_state(name: str, *, rates: Sequence[float], source: str, two_sites: bool,
               **about: Any) -> Component:
    """A scheme C0 - C1 - C2, C2 - D, C2 - O.

    ``rates``: k_on (1/mM/ms), then k_off, open, close, desensitise, resensitise (1/ms).
    ``two_sites``: two identical sites, so that the first binding and the second unbinding step
    run at twice the rate of one site.
    """
    words = (("k_on_nmda", "1/mM/ms", "glutamate binding rate of one site"),
             ("k_off_nmda", "1/ms", "glutamate unbinding rate of one site"),
             ("k_open_nmda", "1/ms", "opening rate"),
             ("k_close_nmda", "1/ms", "closing rate"),
             ("k_des_nmda", "1/ms", "desensitisation rate"),
             ("k_res_nmda", "1/ms", "recovery rate from desensitisation"))  # fmt: skip
    two = "2*" if two_sites else ""
    return Component(
        name=name,
        slot="nmda_gating",
        equations="open_nmda = o_nmda : 1  # open fraction of NMDA receptors",
        kinetics=(
            Scheme(
                ("c0_nmda", "c1_nmda", "c2_nmda", "d_nmda", "o_nmda"),
                (
                    ("c0_nmda", "c1_nmda", f"{two}k_on_nmda*glu", "k_off_nmda"),
                    ("c1_nmda", "c2_nmda", "k_on_nmda*glu", f"{two}k_off_nmda"),
                    ("c2_nmda", "d_nmda", "k_des_nmda", "k_res_nmda"),
                    ("c2_nmda", "o_nmda", "k_open_nmda", "k_close_nmda"),
                ),
            ),
        ),
        parameters=tuple(
            Parameter(word, value, unit, meaning, source, (0.2 * value, 5 * value))
            for (word, unit, meaning), value in zip(words, rates, strict=True)
        ),
        **about,
    )
