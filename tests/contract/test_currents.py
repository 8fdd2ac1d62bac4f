"""A current is declared once, with its ion; it acts on every free cell, or is refused with why."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from every import each
from running import PARTS, complete

import mgsim as mg
from mgsim.checks.equations import everything, start_values
from mgsim.declare.component import Component
from mgsim.declare.ions import IONS
from mgsim.declare.parameter import Parameter, PartError
from mgsim.declare.ports import PORTS, Port
from mgsim.equations.expressions import EquationError

PASSIVE = Component(
    "passive",
    "neuron",
    "a leaky membrane",
    "dv/dt = -i_membrane/(200*pF) : mV\ni_leak = g_leak*area*(v - e_leak) : pA",
    parameters=(Parameter("g_leak", 0.05, "mS/cm**2", "leak", "assumed: for a test", (0, 1)),),
    currents={"i_leak": ""},
    initial={"v": "-60*mV"},
)
SUMS = {n for n, p in PORTS.items() if p.combine == "currents"}
CURRENTS = [p for p in PARTS if p.currents and p.slot != "neuron"]
STIMULI = [p for p in mg.protocols.all if any(s.currents for s in p.stimuli)]
NEURONS = [*mg.neurons.all, PASSIVE]
FREE = [n for n in NEURONS if any(e.name == "v" and e.differential for e in n.lines)]
REST = mg.Protocol("rest", "", 10.0)


def under(neuron):
    return mg.protocols["voltage_clamp"] if "v_command" in neuron.requires else REST


def with_both(neuron, part):
    """A model of the catalog with this cell and this part; None where the cell has it inside.

    Or where the part needs ions that move, and the cell has a leak that no mixture of the catalog
    divides.
    """
    if set(neuron.currents) & set(part.currents):
        return None
    for name in ("standard", "kinetic"):
        if model := complete(mg.models[name].swap(neuron).swap(part), under(neuron)):
            return model
    if any(p.name == "g_leak" and p.unit != "mS/cm**2" for p in neuron.parameters):
        return None
    moving = mg.models["hubel_2017"].swap(neuron)
    if "i_leak" in neuron.currents:
        moving = moving.swap("leak_ions")
    elif part.slot == "leak_ions":
        moving = moving.swap("leak")
    if model := complete(moving.swap(part), under(neuron)):
        return model
    raise AssertionError(f"no model takes {neuron.name} and {part.name}")


def made(text, slot="mine", **currents):
    return Component("mine", slot, "", text, currents=currents)


def refused(words, *parts, model="standard", protocol=REST):
    whole = mg.models[model]
    for part in parts:
        whole = whole.swap(part)
    with pytest.raises(PartError, match=words):
        mg.lower(whole, protocol, ())


def test_the_ports_of_the_ions_are_there():
    for ion in IONS.values():
        assert {ion.current, ion.inside, ion.outside} <= PORTS.keys()
        assert ion.current in SUMS


@each(product(NEURONS, CURRENTS))
def test_every_current_acts_once(neuron, part):
    """1 pA more of a whole is 1 pA more through the membrane; of a part of one, of its ion."""
    model = with_both(neuron, part)
    if model is None:
        return
    system = mg.lower(model, under(neuron), ())
    known = start_values(system)

    def more(name, of):
        low, high = (everything(system, {**known, name: np.asarray(x)}) for x in (0, 1e-12))
        return (high[of] - low[of]) / 1e-12

    for current in (c for c in system.currents if c.name in part.currents):
        assert more(current.name, "i_membrane") == pytest.approx(0 if current.whole else 1)
        if current.ion:
            assert more(current.name, f"i_{current.ion}") == pytest.approx(1)
        if neuron in FREE:
            pull = more(current.name, "dv")
            assert pull == pytest.approx(0, abs=1e-9) if current.whole else pull < 0


@pytest.mark.parametrize("neuron", FREE, ids=lambda p: p.name)
def test_a_cell_that_does_not_read_the_sum_is_refused(neuron):
    deaf = replace(neuron, equations=neuron.equations.replace("-i_membrane", "0*pA"))
    words = rf"'i_\w+'.* does not reach the membrane: '{deaf.name}' must read 'i_membrane'"
    refused(words, deaf)
    # What a pool does with it, and what a channel does with the pool's calcium, is not enough.
    port = Port("x_pool", "1", "calcium's work")
    reader = Component(
        "reader", "reader", "", "dx_pool/dt = i_membrane/pA/ms - x_pool/ms : 1", ports=(port,)
    )
    worker = replace(
        deaf, ports=(port,), equations=deaf.equations.replace("0*pA", "0*pA*x_pool", 1)
    )
    refused(words, worker, reader)


@pytest.mark.parametrize("name", ["i_nmda", "i_leak", "i_ca", "i_nmda_rest"])
def test_a_cell_that_reads_a_current_beside_the_sum_is_refused(name):
    text = PASSIVE.equations.replace("-i_membrane", f"-(i_membrane + {name})")
    refused(rf"dv/dt of 'passive' reads '{name}'", replace(PASSIVE, equations=text))
    hidden = PASSIVE.equations.replace("-i_membrane", "-i_all")
    hidden += f"\ni_all = i_membrane + {name} : pA"
    refused(rf"dv/dt of 'passive' reads '{name}'", replace(PASSIVE, equations=hidden))


@pytest.mark.parametrize("protocol", STIMULI, ids=lambda p: p.name)
def test_a_stimulus_that_only_a_pool_reads_is_refused(protocol):
    deaf = replace(PASSIVE, equations=PASSIVE.equations.replace("-i_membrane", "0*pA"))
    pool = Component("pool", "x", "", "dx_pool/dt = i_membrane/pA/ms : 1")
    with pytest.raises(PartError, match=r"does not reach the membrane"):
        mg.lower(mg.models["standard"].swap(deaf).swap(pool), protocol, ())
    held = Component("held", "neuron", "", "v = -60*mV : mV")
    refused(
        r"sets .*\bi_.*, which nothing in model 'clamped_synapse' reads",
        held,
        model="clamped_synapse",
        protocol=protocol,
    )


@pytest.mark.parametrize("part", CURRENTS, ids=lambda p: p.name)
def test_a_current_that_is_not_declared_is_refused(part):
    """Whatever it flows through: the text says that it is a current, and nothing takes it."""
    cell = replace(PASSIVE, equations="dv/dt = -i_membrane/(200*pF) : mV", currents={})
    cell = replace(cell, parameters=())
    model = with_both(cell, part).swap(replace(part, currents={}))
    lost = sorted(part.currents)
    words = rf"'({'|'.join(lost)})' of part '{part.name}' is a current \(pA\) that acts on no "
    if any(f"of {n}" in t for n in lost for p in model.parts for t in p.currents.values()):
        words += rf"|'({'|'.join(lost)})', a current that no part"
    with pytest.raises(PartError, match=words):
        mg.lower(model, REST, ())


def test_a_current_of_the_only_part_is_refused_too():
    part = Component("alone", "neuron", "", "dv/dt = 0*mV/ms : mV\ni_lost = 1*pA : pA")
    with pytest.raises(PartError, match=r"'i_lost' of part 'alone' is a current \(pA\)"):
        mg.lower(mg.Model("m", (part,)), REST, ())


def test_a_density_that_nothing_takes_is_refused():
    density = Port("j_channel", "uA/cm**2", "current density of channels", "sum")
    leaks = Component(
        "leaks",
        "leaks",
        "",
        "j_leaks = 0.1*mS/cm**2*v : uA/cm**2",
        ports=(density,),
        adds={"j_channel": "j_leaks"},
    )
    words = r" is a current \(uA/cm\*\*2\) that acts on no membrane"
    refused("'j_leaks' of part 'leaks'" + words, leaks)
    summed = replace(leaks, equations="", adds={"j_channel": "0.1*mS/cm**2*v"})
    refused("'j_channel' of the sum of all parts" + words, summed)
    both = replace(
        PASSIVE,
        equations=PASSIVE.equations + "\ndv_far/dt = (v - v_far)/ms - j_channel/(1*uF/cm**2) : mV",
        ports=(density,),
    )
    mg.lower(mg.Model("m", (both, leaks)), REST, ())


def test_a_current_that_others_are_made_of_need_not_be_declared():
    """A pump moves three sodium out and two potassium in."""
    pump = made(
        "i_pump = 10*pA : pA\ni_na_pump = 3*i_pump : pA\ni_k_pump = -2*i_pump : pA",
        i_na_pump="na",
        i_k_pump="k",
    )
    system = mg.lower(mg.models["standard"].swap(pump), REST, ())
    known = everything(system, start_values(system))
    bare = mg.lower(mg.models["standard"], REST, ())
    before = everything(bare, start_values(bare))
    assert known["i_membrane"] - before["i_membrane"] == pytest.approx(10e-12)
    assert known["i_na"] - before["i_na"] == pytest.approx(30e-12)
    assert known["i_k"] - before["i_k"] == pytest.approx(-20e-12)


def test_parts_and_the_rest_make_the_whole():
    """K of the NMDA current is declared, calcium comes with 'fractional', the rest is sodium."""
    mixed = made(
        "i_k_nmda = 0.4*g_conducting*(v - e_k) : pA",
        i_k_nmda="k of i_nmda",
        i_nmda_rest="na of i_nmda",
    )
    system = mg.lower(mg.models["tonic"].swap(mixed), REST, ())
    x = everything(system, start_values(system))
    text = {d.name: d.text for d in system.definitions}
    assert text["i_nmda_rest"] == "i_nmda - i_ca_nmda - i_k_nmda"
    assert text["i_na"] == "i_na_fast + i_nmda_rest"
    assert "i_k_nmda" not in text["i_membrane"]
    parts = x["i_ca_nmda"] + x["i_k_nmda"] + x["i_nmda_rest"]
    assert parts == pytest.approx(x["i_nmda"], rel=1e-12)
    rest = {c.name: c for c in system.currents}["i_nmda_rest"]
    assert (rest.ion, rest.whole, rest.rest) == ("na", "i_nmda", True)


@pytest.mark.parametrize(
    ("currents", "words"),
    [
        ({"i_mine": "ca of i_nmdaa"}, "'i_nmdaa', a current that no part .* mean 'i_nmda'"),
        ({"i_mine": "ca of i_ca_nmda"}, "is a part of 'i_nmda' itself"),
        ({"i_mine": "ca i_nmda"}, "write the ion that carries it"),
        ({"i_mine": "of i_nmda"}, "no ion 'of'|write the ion that carries it"),
        ({"i_mine": "ca", "i_other": "ca"}, "declares the current 'i_other' and has no equation"),
    ],
)
def test_what_a_declaration_cannot_say(currents, words):
    def joined():
        part = made("i_mine = 1*nS*v : pA", **currents)
        return mg.lower(mg.models["standard"].swap(part), REST, ())

    with pytest.raises(PartError, match=words):
        joined()


def test_an_ion_that_is_none_and_a_unit_that_is_none():
    with pytest.raises(KeyError, match="no ion 'mg' in part 'mine', current 'i_mine'"):
        made("i_mine = 1*nS*v : pA", i_mine="mg")
    with pytest.raises(EquationError, match="'i_mine' in nS; a current is whole-cell, in pA"):
        made("i_mine = 1*nS : nS", i_mine="ca")


def test_the_sums_are_nobodys_own():
    refused("defines 'i_na' .* declare each", made("i_na = 1*nS*v : pA"))
    adds = replace(made("i_mine = 1*nS*v : pA"), adds={"i_membrane": "i_mine"})
    refused(r"adds to 'i_membrane' .* currents=\{'i_mine': ...\}", adds)
    refused("'i_nmda_rest' is defined twice", made("i_nmda_rest = 1*nS*v : pA", i_nmda_rest=""))


@pytest.mark.parametrize(
    ("ion", "words"),
    [
        ("na", "declares the current 'i_leak' and no ion .* sodium moves .'amount' reads 'i_na'"),
        ("k", "potassium moves"),
        ("cl", "chloride moves"),
        ("ca", ""),
    ],
)
def test_where_ions_move_every_current_names_its_own(ion, words):
    """Calcium moves alone: its amount is small beside the bulk."""
    amount = Component("amount", "x", "", f"dgain/dt = -i_{ion}/(9*faraday_constant) : mmol")
    if words:
        refused(words, amount, model="cell")
    else:
        mg.lower(mg.models["cell"].swap(amount), REST, ())


def test_a_current_is_a_word_that_parts_share():
    reader = Component("reader", "x", "", "seen = i_nmda/pA : 1")
    mg.lower(mg.models["standard"].swap(reader), REST, ())
