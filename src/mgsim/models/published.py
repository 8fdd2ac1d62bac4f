"""Published cells whose ions move, as they were published."""

from __future__ import annotations

from dataclasses import replace

from mgsim.compose.assembly import having
from mgsim.compose.model import Model
from mgsim.declare.component import Component
from mgsim.models.temperatures import BODY, ROOM
from mgsim.parts.baths import dish_normal
from mgsim.parts.blocks.traub_1991 import traub_1991
from mgsim.parts.homeostasis.amounts import counted, neutral
from mgsim.parts.homeostasis.cotransport import kcc2, nkcc1
from mgsim.parts.homeostasis.glutamate import glutamate, uptake
from mgsim.parts.homeostasis.oxygen import exchange_oxygen, glia_oxygen, oxygen, pump_oxygen
from mgsim.parts.homeostasis.pump import pump
from mgsim.parts.homeostasis.reversal import ampa_ions, nernst, nmda_ions
from mgsim.parts.homeostasis.surroundings import exchange_k, glia, k_buffer
from mgsim.parts.homeostasis.volumes import fixed, gradual, osmotic
from mgsim.parts.neurons.hubel_2014 import hubel_2014_cell
from mgsim.parts.neurons.hubel_2016 import hubel_2016_cell
from mgsim.parts.neurons.hubel_2017 import hubel_2017_cell
from mgsim.parts.neurons.wei_2014 import wei_2014_cell
from mgsim.parts.receptors.ampa import ampa_destexhe_1994
from mgsim.parts.receptors.destexhe_1994 import destexhe_1994
from mgsim.parts.receptors.nmda import nmda

_SD = "hubel_2017: as coded in ModelDB 235774 SD.ode"
_BOTH = f"{_SD}, for sodium and for potassium together, 5000 synapses"

hubel_2017 = Model(
    "hubel_2017",
    (
        having(dish_normal, _SD, mg_out=1.2),
        hubel_2017_cell,
        neutral,
        osmotic,
        nernst,
        pump,
        glia,
        exchange_k,
        glutamate,
        having(uptake, f"{_SD}: the reverse of what its comments say", co_transport=-1.0),
        having(
            destexhe_1994,
            f"{_SD}: its rates as they are at the temperature of the model",
            celsius_nmda=BODY,
        ),
        replace(
            having(traub_1991, f"{_SD}, 0.33 per mM there", mg_k=1 / 0.33),
            measured=tuple(m for m in traub_1991.measured if m.name != "celsius"),  # 36, as here
        ),
        having(nmda, _BOTH, g_nmda=50.0),
        having(ampa_destexhe_1994, _BOTH, g_ampa=175.0),
        nmda_ions,
        ampa_ions,
    ),
    "neuron, extracellular space and glia whose ions, volumes and glutamate move: spreading "
    "depolarisation and energy failure, as published",
    shared=(replace(ROOM, value=BODY, source=f"{_SD}: so that RT/F is the 26.64 mV there"),),
)

_2014 = "hubel_2014: as coded in ModelDB 167714 spreading-depression.ode"
_2016 = "hubel_2016: as coded in ModelDB 187213 time_series.ode"


def _rest(
    source: str, na: tuple[float, float], k: tuple[float, float], cl: tuple[float, float]
) -> Component:
    """Amounts of a cell of 2160 um3 in 720 um3; concentrations (mM) inside and outside."""
    values = {
        f"{ion}_{side}_rest": value
        for ion, both in (("na", na), ("k", k), ("cl", cl))
        for side, value in zip(("in", "out"), both, strict=True)
    }
    return having(neutral, source, vol_in_rest=2160.0, vol_out_rest=720.0, **values)


hubel_2014 = Model(
    "hubel_2014",
    (
        hubel_2014_cell,
        _rest(_2014, (25.231485, 125.30555), (129.25764, 4.0), (9.900239, 123.2716)),
        fixed,
        nernst,
        having(pump, _2014, pump_max=6.8, pump_na=25.0),
        k_buffer,
    ),
    "neuron, extracellular space and a potassium buffer, five states: spreading depolarisation, as "
    "published",
    shared=(replace(ROOM, value=BODY, source=f"{_2014}: so that RT/F is the 26.64 mV there"),),
)

hubel_2016 = Model(
    "hubel_2016",
    (
        hubel_2016_cell,
        _rest(_2016, (25.279156, 126.84917), (128.56935, 3.9962559), (10.055541, 124.71021)),
        fixed,
        nernst,
        having(pump, _2016, pump_max=6.8, pump_na=25.0),
        having(exchange_k, _2016, bath_rate=3e-5),
    ),
    "neuron and extracellular space that blood supplies, six states: anoxic depolarisation, as "
    "published",
    shared=(replace(ROOM, value=BODY, source=f"{_2016}: so that RT/F is the 26.64 mV there"),),
)

_WEI = "wei_2014: as coded in class Wei of jakobes/xalbrain"

wei_2014 = Model(
    "wei_2014",
    (
        wei_2014_cell,
        having(
            counted,
            _WEI,
            na_in_rest=18.0,
            na_out_rest=144.0,
            k_in_rest=140.0,
            k_out_rest=4.0,
            cl_in_rest=6.0,
            cl_out_rest=130.0,
            vol_in_rest=1436.8,
            vol_out_rest=1436.8 / 7,
        ),
        gradual,
        nernst,
        oxygen,
        pump_oxygen,
        glia_oxygen,
        exchange_oxygen,
        kcc2,
        nkcc1,
    ),
    "neuron, extracellular space and glia whose ions, volumes and oxygen move: rest, seizure-like "
    "firing, spreading depolarisation and anoxia, as published",
    shared=(replace(ROOM, value=BODY, source=f"{_WEI}: so that RT/F is the 26.64 mV there"),),
)
