"""Every parameter, when changed, changes some output (a dead Mg is the commonest published fault).

For each part, the models and protocols that use it; one run with every parameter changed in turn, a
point each. A parameter counts as live when any state or current that the run ends with differs.
"""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import pytest
from running import FUSED, PARTS, PLACED, at_home, batch, complete, run

import mgsim as mg
from mgsim.compose.model import Model
from mgsim.compose.protocol import Protocol
from mgsim.declare.component import Component

pytestmark = pytest.mark.usefixtures("unoptimised")

STANDARD, PATCH, SYNAPSE, FULL = (
    mg.models[n] for n in ("standard", "patch", "clamped_synapse", "full")
)
#: For parts of ions that move: cells that are depolarised from the start, and so release.
STARTS = {"k_out_rest": 60, "v_start": -20}
MOVING = [mg.models[n].with_values(**STARTS) for n in ("hubel_2017", "full_moving")]
FED = mg.models["full_moving"].with_values(atp_start=2)
TRAIN = mg.protocols["train_20hz"].lasting(100)
STEP = mg.protocols["current_step"].lasting(60).with_values(step_start=5, step_stop=50, i_amp=1200)
TONIC = mg.protocols["tonic_glutamate"].lasting(100, (50, 100))
CLAMP = mg.protocols["voltage_clamp"].lasting(60, (0, 60)).with_values(v_hold=-40)
VOLTAGE_STEP = mg.protocols["voltage_step"].lasting(100).with_values(step_start=20, step_stop=60)
LIKELY = [TRAIN, STEP, TONIC, CLAMP, VOLTAGE_STEP]

#: The method that compiles fastest: what a run reads does not hang on it.
QUICK = {"method": "rk2", "dt": 0.025}

#: Parameters that are allowed to do nothing, with why.
INERT: dict[str, str] = {
    "ca_least": "keeps a logarithm finite; calcium of a run that makes sense stays above it",
    "mg_gaba_measured": "acts through mg_slope_gaba, which is 0 unless asked for",
}
#: What a model is run for. What changes only something else is dead.
OUTPUTS = ("v", "ca", "i_membrane", "i_nmda", "i_ca", "i_nmda_rest")


def suits(part: Component) -> Iterator[tuple[Model, Protocol]]:
    """Models with the part (and what reads it), and protocols; the likely ones first."""
    readers = [
        None,
        *(p for p in PARTS if part.provides & p.requires and not set(p.slots) & set(part.slots)),
    ]
    protocols = [*LIKELY, *mg.protocols.all]
    pairs = [(p, None) for p in LIKELY] + [(p, r) for p in protocols for r in readers]
    clamped = part.name == "clamped"
    ions = part.name in mg.homeostasis.own
    own = part in mg.models["full_moving"].parts and part not in FULL.parts and not ions
    if own or ions:
        for model in [mg.models["full_moving"]] if own else MOVING:
            states = {p.name: STARTS[p.name] for p in part.parameters if p.name in STARTS}
            model = model.swap(part).with_values(**({} if own else states))
            for protocol in (mg.protocols["rest"].lasting(30, (0, 30)), TRAIN):
                if fits := complete(model, protocol):
                    yield fits, protocol
    laws = (None, mg.blocks["spruston_1995"])  # the one that reads a temperature
    for law in reversed(laws) if "celsius" in {p.name for p in part.parameters} else laws:
        for model in (
            [PATCH, SYNAPSE] if clamped else [STANDARD, PATCH, SYNAPSE, mg.models["tonic"]]
        ):
            for protocol, reader in pairs:
                chosen = model.swap(law) if law and "block" in model.slots else model
                chosen = complete((chosen.swap(reader) if reader else chosen).swap(part), protocol)
                if chosen and part in chosen.parts:
                    yield at_home(chosen, part), protocol


def live_parameters(model, protocol):
    """Names of the system's parameters whose change changes what the run ends with."""
    system, _ = batch(model, protocol)
    names = [p.name for p in system.parameters if not p.name.startswith("window_")]
    measures = [
        m for m in (mg.measures["last_spike_time"], mg.measures["spike_count"]) if system.spike
    ]
    rows = [{}]
    for p in system.parameters:
        if p.name in names:
            low, high = p.range
            step = 0.1 * (high - low)
            other = p.value + step if p.value + step <= high else p.value - step
            rows.append({p.name: other})
    record = tuple(n for n in system.recordable if n in OUTPUTS)
    outcome = run(FUSED, model, protocol, measures, rows, record=record, **QUICK)
    assert np.all(outcome.status == 0)
    outputs = [*outcome.traces.values(), *(m[:, None] for m in outcome.measures.values())]
    live = set()
    for i, name in enumerate(names, start=1):
        if any(not np.array_equal(x[i], x[0]) for x in outputs):
            live.add(name)
    return live


@pytest.mark.filterwarnings(
    "ignore::mgsim.sweeps.resolving.run_warnings.IdlePartWarning"
)  # tries what suits
@pytest.mark.parametrize("part", [p for p in PARTS if p.parameters], ids=lambda p: p.name)
def test_every_parameter_of_a_part_does_something(part):
    dead = {p.name for p in part.parameters} - set(INERT)
    for model, protocol in islice(suits(part), 40):
        dead -= live_parameters(model, protocol)
        dead -= {n for n in dead if model.computed(n)}  # gives way, as e_ampa where ions move
        if not dead:
            return
    pytest.fail(f"{', '.join(sorted(dead))} of '{part.name}' change nothing")


@pytest.mark.parametrize(("part", "placed"), PLACED, ids=lambda p: p.name)
def test_every_parameter_of_a_part_at_a_place_does_something(part, placed):
    assert placed.parameters
    live = live_parameters(mg.models["spine"].with_values(d_ca_spine=0.22), TRAIN)
    assert {p.name for p in placed.parameters} <= live


PROTOCOLS = {
    "current_step": ("cell", STEP),
    "voltage_clamp": ("patch", CLAMP),
    "voltage_step": ("patch", VOLTAGE_STEP),
    "clamped_release": (
        "kinetic_synapse",
        mg.protocols["clamped_release"].lasting(100).with_values(step_start=60, step_stop=80),
    ),
    "voltage_ramp": ("patch", mg.protocols["voltage_ramp"].lasting(50)),
    "tonic_glutamate": ("standard", TONIC),
    "glutamate_pulse": ("standard", mg.protocols["glutamate_pulse"].lasting(100)),
    "glutamate_exposure": (
        "standard",
        mg.protocols["glutamate_exposure"].lasting(100).with_values(pulse_start=20, pulse_width=50),
    ),
    "mg_step": ("standard", mg.protocols["mg_step"].lasting(100).with_values(mg_start=50)),
    "mg_ramp": (
        "standard",
        mg.protocols["mg_ramp"].lasting(100).with_values(mg_start=20, mg_time=50),
    ),
}


@pytest.mark.parametrize("name", [p.name for p in mg.protocols.all if p.stimuli])
def test_every_parameter_of_a_stimulus_does_something(name):
    models = mg.models.all
    protocol = mg.protocols[name]
    if name in PROTOCOLS:
        only, protocol = PROTOCOLS[name]
        models = [mg.models[only]]
    dead = {p.name for s in protocol.stimuli for p in s.parameters}
    for model in models:
        fits = complete(model, protocol)
        dead -= live_parameters(fits, protocol) if fits else set()
        if not dead:
            return
    pytest.fail(f"{', '.join(sorted(dead))} of '{name}' change nothing")


def other(p):
    """Another value that a run can tell from the default."""
    if p.unit == "ms":
        return 45.0 if p.value > 500 else p.value + 7
    return 2 * p.value


@pytest.mark.parametrize(
    ("name", "parameter"),
    [
        (p.name, q)
        for p in mg.protocols.all
        for q in dict.fromkeys(q for t in p.events.values() for q in t.parameters)
    ],
    ids=lambda x: getattr(x, "name", x),
)
def test_every_parameter_of_a_train_does_something(name, parameter):
    protocol = mg.protocols[name]
    if name == "clamped_pairing":  # its one pair has no rate
        protocol = protocol.with_values(pair_number=2).lasting(1500)
    protocol = protocol.lasting(protocol.duration, (0, protocol.duration))
    model = next(m for m in (complete(m, protocol) for m in (STANDARD, SYNAPSE, FULL)) if m)
    changed = other(parameter)
    if parameter.name.endswith("_stop"):  # after the start, and amid the events
        begun = parameter.name.replace("_stop", "_start")
        changed = next(p.value for p in protocol.parameters if p.name == begun) + 75
    ds = mg.sweep(
        model,
        protocol,
        [mg.measures["nmda_charge"], mg.measures["mean_v"]],
        seed=2,
        **{parameter.name: [parameter.value, changed]},
    )
    assert ds.attrs["dead_axes"] == ""


@pytest.mark.parametrize(
    "measure", [m for m in mg.measures.all if m.parameters], ids=lambda m: m.name
)
def test_every_parameter_of_a_measure_does_something(measure):
    for p in measure.parameters:
        low = {"v_level": -60.0, "ca_level": 0.1, "burst_gap": 2.0}.get(p.name, p.range[0])
        ds = mg.sweep(
            FED if p.name in ("atp_level", "injury_half", "injury_power") else STANDARD,
            mg.protocols["train_80hz"].lasting(200),
            measure,
            g_nmda=60,
            mg_out=0.1,
            **QUICK,
            **{p.name: [low, p.range[1]]},
        )
        assert ds.attrs["dead_axes"] == ""


@pytest.mark.parametrize(
    ("model", "protocol"),
    [("standard", TRAIN), ("patch", CLAMP), ("tonic", mg.protocols["rest"].lasting(50, (0, 50)))],
)
def test_magnesium_is_live_in_every_model_with_receptors(model, protocol):
    assert "mg_out" in live_parameters(mg.models[model], protocol)


def test_magnesium_is_live_in_a_clamped_synapse():
    puffed = Component(
        "clamp_and_puff",
        "stimulus",
        "",
        "v_command = v_hold : mV",
        parameters=mg.protocols["voltage_clamp"].stimuli[0].parameters,
    )
    protocol = mg.Protocol("clamped_train", "", 100.0, puffed, mg.protocols["train_20hz"].events)
    live = live_parameters(SYNAPSE, protocol)
    own = {p.name for part in SYNAPSE.parts for p in part.parameters}
    assert own - live <= {
        "celsius",
        "ec50_nmda",
    }  # no part here reads a temperature or ambient glutamate


def test_a_dead_parameter_would_be_found():
    """The test can fail: a law that takes magnesium and does not use it."""
    p = mg.Parameter("mg_dead", 1.0, "mM", "unused", "assumed: for a test", (0, 10))
    law = mg.Component(
        "dead_law", "block", "", "unblocked = 0.5 + 0*mg_dead/mM : 1", parameters=(p,)
    )
    live = live_parameters(PATCH.swap(law), CLAMP)
    assert "mg_dead" not in live
    assert "mg_out" not in live
    assert "v_hold" in live
