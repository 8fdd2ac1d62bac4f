"""What parts share (temperature, reversal potentials) does not change unsaid when one is swapped.

Over every part of the catalogs in every model, and over parts made to carry any such value.
"""

import itertools
import warnings

import numpy as np
import pytest
from every import each
from running import PARTS

import mgsim as mg
from mgsim.checks import busy
from mgsim.compose.model import SharedValueWarning
from mgsim.declare.parameter import PartError
from mgsim.declare.ports import PORTS
from mgsim.system.joining import Joined

SHARED = [n for n, p in PORTS.items() if p.default]
KINETIC = mg.models["kinetic"]
#: Membrane area is the cell's own: who swaps the cell means it.
SILENT = {"area"}


def shared(model, readers):
    """The values in use of what these parts read, in SI; None where something computes it."""
    try:
        joined = Joined(model, busy(model))
    except (ValueError, KeyError):
        return {}
    read = {n for p in readers for n in p.requires} & set(SHARED)
    return {
        n: joined.parameters[n].si if n in joined.parameters else None
        for n in read
        if n in joined.owner
    }


@pytest.mark.parametrize("name", mg.models)
def test_no_swap_of_the_catalogs_changes_what_others_read(name):
    before = mg.models[name]
    for part in PARTS:
        with warnings.catch_warnings(record=True) as said:
            warnings.simplefilter("always", SharedValueWarning)
            after = before.swap(part)
        staying = [p for p in after.parts if p in before.parts]
        old, new = shared(before, staying), shared(after, staying)
        told = " ".join(str(w.message) for w in said)
        for port in old.keys() & new.keys() - SILENT:
            computed = None in (old[port], new[port])  # a part that computes it is meant
            assert computed or old[port] == new[port] or f"{port} is" in told, (part.name, port)


@each((m.name, s) for m in mg.models.all for s in m.slots)
def test_taking_a_part_out_changes_nothing_that_others_read(name, slot):
    before = mg.models[name]
    after = before.without(slot)
    old, new = shared(before, after.parts), shared(after, after.parts)
    # What it computes itself is meant.
    stated = {n: x for n, x in old.items() if n in new and x is not None}
    assert stated == {n: new[n] for n in stated}


@pytest.mark.filterwarnings(
    "ignore::mgsim.compose.model.SharedValueWarning"
)  # of a dendrite's leak
@pytest.mark.parametrize("name", [m.name for m in mg.models.all if m.stated("celsius")])
def test_the_temperature_stays_however_often_a_cell_is_swapped(name):
    expected = mg.models[name].stated("celsius").si
    for neurons in itertools.permutations(mg.neurons.all, 2):
        model = mg.models[name]
        for neuron in neurons:
            model = model.swap(neuron)
            assert model.stated("celsius").si == expected


def test_under_clamp_the_kinetic_model_decays_as_it_did():
    """About 130 ms at room temperature (Lester & Jahr 1992), a Q10 of 3 faster at 36 degC."""
    pulse = mg.protocols["clamped_release"].lasting(450)
    clamped = KINETIC.swap(mg.neurons["clamped"])
    warm = mg.simulate(clamped, pulse, record=("open_nmda",), every=4)
    free = mg.simulate(
        KINETIC, mg.protocols["single_pulse"].lasting(450), record=("open_nmda",), every=4
    )
    assert float(mg.parameters(warm).celsius) == float(mg.parameters(free).celsius) == 36
    np.testing.assert_allclose(warm.open_nmda, free.open_nmda, atol=2e-4)
    cold = mg.simulate(clamped, pulse, record=("open_nmda",), every=4, celsius=22)
    falls = []
    for ds in (warm, cold):
        after = ds.open_nmda.isel(time=slice(int(np.argmax(ds.open_nmda.values)), None))
        falls.append(float(after.time[after < after[0] / np.e][0] - after.time[0]))
    assert falls[1] == pytest.approx(130, rel=0.1)
    assert falls[0] == pytest.approx(130 / 3**1.4, rel=0.1)


@pytest.mark.parametrize("port", SHARED)
def test_a_part_with_a_value_of_its_own(port):
    """Whatever the port: another value warns where others read it, the same does not."""
    default = PORTS[port].default
    reader = mg.Component("reader", "reader", "reads it", f"seen = {port} : {default.unit}")
    other = default.set_to(default.value * 1.1 or 1.0)
    bare = mg.Component("bare", "neuron", "states nothing", "v = v_command : mV")
    own = mg.Component("own", "neuron", "states it", "v = v_command : mV", parameters=(other,))
    quiet = mg.Model("quiet", (bare, reader))
    with warnings.catch_warnings(record=True) as said:
        warnings.simplefilter("always")
        loud = quiet.swap(own)
    assert shared(loud, [reader])[port] == other.si
    assert bool(said) == (port not in SILENT)
    if said:
        words = str(said[0].message)
        assert all(
            x in words
            for x in (
                "'own'",
                f"{port} is {other.value:g}",
                f"{default.value:g} {default.unit}",
                "reader",
            )
        )
    back = loud.swap(bare)  # it goes on without the part that stated it
    assert shared(back, [reader])[port] == other.si
    said_so = quiet.with_values(**{port: other.value})
    assert shared(said_so, [reader])[port] == other.si
    assert shared(said_so.swap(own), [reader])[port] == other.si


@pytest.mark.parametrize("port", SHARED)
def test_a_stimulus_does_not_bring_one(port):
    default = PORTS[port].default
    stimulus = mg.Component(
        "sly",
        "stimulus",
        "brings a value",
        "v_command = -60*mV : mV",
        parameters=(default.set_to(default.value * 1.1 or 1.0),),
    )
    reader = mg.Component("reader", "reader", "reads it", f"seen = {port} : {default.unit}")
    model = mg.Model("held", (mg.neurons["clamped"], reader))
    with pytest.raises(PartError, match=f"protocol 'sly' states '{port}'"):
        mg.lower(model, mg.Protocol("sly", "", 10.0, stimulus), [])


def test_the_value_of_the_model_is_shown_and_cited(capsys):
    from mgsim.cli import main

    main(["show", "kinetic_synapse"])
    out = capsys.readouterr().out
    assert "celsius" in out
    assert "22 degC" in out
    assert "room temperature" in mg.cite(mg.models["kinetic_synapse"])
    with pytest.raises(KeyError, match="celsius"):
        KINETIC.swap(mg.neurons["clamped"]).with_values(celsiu=22)
