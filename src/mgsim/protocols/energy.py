"""Baths and failing supplies, for cells whose ions move; and kicks."""

from __future__ import annotations

from dataclasses import replace

from mgsim.compose.protocol import Protocol, Train
from mgsim.declare import changes
from mgsim.declare.component import Component
from mgsim.declare.events import Event
from mgsim.declare.ports import Port
from mgsim.protocols.chosen import APART, Ticks, chosen
from mgsim.protocols.nothing import rest

potassium_bath = replace(
    rest.changing(k_bath=changes.step(15.0, "0 s")),
    name="potassium_bath",
    meaning="high potassium in the bath, for a cell whose ions move: spreading depolarisation",
    duration=100_000.0,
    window=None,
)

_KICK = Event(
    "kick",
    "the potential is kicked up or down",
    carries=(Port("kick_draw", "1", "a number between 0 and 1, drawn for each kick"),),
)
_EVERY = chosen("kick_every", 100.0, "ms", "time between kicks", (1, 1e5), nonzero=APART)

kicks = Protocol(
    "kicks",
    "small kicks of the potential, up or down by the seed, to be added to what is done: without "
    "any, how long a cell stays depolarised is set by rounding",
    1000.0,
    stimuli=(
        Component(
            "kicks",
            "kicks",
            "jumps of the potential",
            parameters=(chosen("kick_size", 0.01, "mV", "size of a kick", (0, 5)), _EVERY),
            on_event={"kick": "v += kick_size*(1 - 2*int(kick_draw > 0.5))"},
            events=(_KICK,),
            deviations="The charge of a kick is that of no ion.",
        ),
    ),
    events={"kick": Train((_EVERY,), Ticks(_EVERY.name), goes_on=True)},
    inputs=(_KICK,),
)

energy_failure = replace(
    rest.changing(supply=changes.ramp(0.0, "20 s", "15 s", "75 s")),
    name="energy_failure",
    meaning="the energy supply fails within 15 s, for a minute: oxygen and glucose deprivation of "
    "a cell whose ions move",
    duration=100_000.0,
    window=None,
    references=("hubel_2017",),
)

supply_off = replace(
    rest.changing(supply=changes.step(0.0, "20 s", "29.5 s")),
    name="supply_off",
    meaning="all that spends energy stops at once and comes back, for a cell whose ions move: its "
    "pump, and the exchange with a bath or blood where it has one",
    duration=130_000.0,
    window=None,
    references=("hubel_2014", "hubel_2016"),
)

anoxia = replace(
    rest.changing(o2_bath=changes.step(0.0, "0 s")),
    name="anoxia",
    meaning="the bath loses its oxygen, for a cell with oxygen of its own",
    duration=20_000.0,
    window=None,
    references=("wei_2014",),
)
