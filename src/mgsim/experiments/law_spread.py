"""Firing and calcium load against magnesium under the published block laws, and none.

The input of ``mg_response``. What all laws share is a statement about magnesium block; where they
part, it is a statement about a law. Under ``none`` magnesium does nothing, which shows that it acts
through the block alone here.
"""

from __future__ import annotations

from dataclasses import replace

from mgsim.experiments.mg_response import mg_response
from mgsim.parts.blocks import sourced

law_spread = replace(
    mg_response,
    name="law_spread",
    question="Which effects of magnesium on firing and calcium load do all published laws share?",
    axes={"block": sourced(), **mg_response.axes},
    small={"block": ["jahr_stevens_1990", "chindemi_2022", "none"]},
)
