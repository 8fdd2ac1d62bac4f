"""A current acts on the potential of every free cell, or is refused with what would carry it."""

import re
from dataclasses import replace

import numpy as np
import pytest
from running import PARTS, complete

import mgsim as mg
from mgsim import units
from mgsim.checks.equations import everything, start_values
from mgsim.component import Component
from mgsim.parameter import PartError
from mgsim.ports import PORTS, Port

PASSIVE = Component(
    "passive",
    "neuron",
    "a leaky membrane",
    "dv/dt = (-10*nS*(v + 70*mV) - i_channel - i_syn + i_stim)/(200*pF) : mV",
    initial={"v": "-60*mV"},
)
AMPERE = units.unit("A").dimension
SUMS = {
    n for n, p in PORTS.items() if p.combine == "sum" and units.unit(p.unit).dimension == AMPERE
}
CURRENTS = [p for p in PARTS if set(p.adds) & SUMS]
STIMULI = [p for p in mg.protocols.all if {n for s in p.stimuli for n in s.adds} & SUMS]
NEURONS = [*mg.neurons.all, PASSIVE]
FREE = [n for n in NEURONS if any(e.name == "v" and e.differential for e in n.lines)]
REST = mg.Protocol("rest", "", 10.0)


def under(neuron):
    return REST if neuron in FREE else mg.protocols["voltage_clamp"]


def with_both(neuron, part):
    """A model of the catalog with this cell and this part."""
    for name in ("standard", "kinetic"):
        if model := complete(mg.models[name].swap(neuron).swap(part), under(neuron)):
            return model
    raise AssertionError(f"no model takes {neuron.name} and {part.name}")


@pytest.mark.parametrize("part", CURRENTS, ids=lambda p: p.name)
@pytest.mark.parametrize("neuron", NEURONS, ids=lambda p: p.name)
def test_every_current_moves_every_free_cell(neuron, part):
    """1 pA more changes dv/dt, wherever the part is taken up; imposed potentials ask nothing."""
    system = mg.lower(with_both(neuron, part), under(neuron), ())
    given = {n: text for n, text in part.adds.items() if n in SUMS - {"i_ca"}}
    if neuron not in FREE or not given:
        return
    known = start_values(system)
    for current in given.values():
        slopes = [everything(system, {**known, current: np.asarray(x)})["dv"] for x in (0, 1e-12)]
        assert slopes[1] < slopes[0]


@pytest.mark.parametrize("part", CURRENTS, ids=lambda p: p.name)
@pytest.mark.parametrize("neuron", FREE, ids=lambda p: p.name)
def test_a_cell_that_does_not_read_a_current_is_refused(neuron, part):
    for port in sorted(set(part.adds) & (SUMS - {"i_ca"})):
        deaf = replace(neuron, equations=re.sub(rf"\b{port}\b", "0*pA", neuron.equations))
        model = mg.Model(
            "m",
            (
                part,
                deaf,
                *(
                    replace(p, adds={})
                    for p in with_both(neuron, part).parts
                    if p not in (neuron, part)
                ),
            ),
        )
        words = (
            rf"part '{part.name}' gives {part.adds[port]} to '{port}' .* does not reach the "
            rf"membrane: '{deaf.name}' must read it"
        )
        with pytest.raises(PartError, match=words):
            mg.lower(model, REST, ())
        # What a pool does with it, and what a channel does with the pool's calcium, is not enough.
        reader = Component(
            "reader",
            "reader",
            "",
            ports=(Port("ca_x", "1", "calcium's work"),),
            equations=f"dx_pool/dt = {port}/pA/ms - x_pool/ms : 1\nca_x = x_pool : 1",
        )
        worker = replace(
            deaf, ports=reader.ports, equations=deaf.equations.replace("0*pA", "0*pA*ca_x", 1)
        )
        with pytest.raises(PartError, match=words):
            mg.lower(model.swap(worker).swap(reader), REST, ())


@pytest.mark.parametrize("protocol", STIMULI, ids=lambda p: p.name)
def test_a_stimulus_that_only_a_pool_reads_is_refused(protocol):
    deaf = replace(PASSIVE, equations=PASSIVE.equations.replace("i_stim", "0*pA"))
    pool = Component("pool", "x", "", "dx_pool/dt = i_stim/pA/ms : 1")
    with pytest.raises(PartError, match=r"'i_stim' .* does not reach the membrane"):
        mg.lower(mg.Model("m", (deaf, pool)), protocol, ())


@pytest.mark.parametrize("channel", ["ca_l_type", "ca_t_type"])
def test_a_channel_that_fills_the_pool_alone_is_refused(channel):
    """A share of another part's current may: that current is on the membrane as a whole."""
    part = mg.calcium[channel]
    alone = replace(part, adds={"i_ca": part.adds["i_ca"]})
    model = mg.models["standard"].swap(alone)
    with pytest.raises(PartError, match=rf"{part.adds['i_ca']} to 'i_ca'.*'i_channel' too"):
        mg.lower(model, REST, ())
    mg.lower(mg.models["standard"].swap(part), REST, ())
    mg.lower(mg.models["patch"].swap(alone), mg.protocols["voltage_clamp"], ())


def test_a_part_may_give_a_share_of_its_own_current():
    text = "i_whole = 1*nS*v : pA\ni_share = 0.1*i_whole : pA"
    mine = Component("mine", "mine", "", text, adds={"i_channel": "i_whole", "i_ca": "i_share"})
    mg.lower(mg.models["standard"].swap(mine), REST, ())
    lost = replace(mine, adds={"i_ca": "i_share"})
    with pytest.raises(PartError, match="'i_channel' too"):
        mg.lower(mg.models["standard"].swap(lost), REST, ())


def test_a_density_of_current_and_a_cell_of_two_membranes():
    density = Port("j_channel", "uA/cm**2", "current density of channels", "sum")
    leaks = Component(
        "leaks",
        "leaks",
        "",
        "j_leaks = 0.1*mS/cm**2*v : uA/cm**2",
        ports=(density,),
        adds={"j_channel": "j_leaks"},
    )
    with pytest.raises(PartError, match=r"'j_channel' .* does not reach the membrane"):
        mg.lower(mg.models["cell"].swap(leaks), REST, ())
    both = replace(
        PASSIVE,
        equations=PASSIVE.equations + "\ndv_far/dt = (v - v_far)/ms - j_channel/(1*uF/cm**2) : mV",
        ports=(density,),
    )
    mg.lower(mg.Model("m", (both, leaks)), REST, ())


def test_what_is_only_looked_at_is_no_current_of_the_cell():
    probe = Component("probe", "probe", "", "i_probe = 1*nS*v : pA")
    mg.lower(mg.models["cell"].swap(probe), REST, ())
