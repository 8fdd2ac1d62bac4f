"""Every parameter of every part, measure and protocol at zero: refused, or finite; never NaN."""

import numpy as np
import pytest
from running import BRIAN, FUSED, PARTS, at_home, batch, complete

import mgsim as mg
from mgsim.declare.parameter import PartError
from mgsim.engines.contract import NOT_FINITE, OK, Options
from mgsim.engines.updates.stepping import initial_values
from mgsim.sweeps.prepare import FailedPointsWarning
from mgsim.system.lowering import answerable
from mgsim.units import UnitError

pytestmark = pytest.mark.usefixtures("unoptimised")

TRAIN = mg.protocols["train_20hz"].lasting(4, (0, 4)).with_values(train_start=1)
BASES = [(mg.models[n], TRAIN) for n in ("standard", "clamped_synapse", "kinetic_synapse")]
BASES.append((mg.models["patch"], mg.protocols["voltage_step"].lasting(4, (0, 4))))
BASES.append((mg.models["hubel_2017"], mg.protocols["rest"].lasting(4, (0, 4))))
BASES.append((mg.models["full_moving"], TRAIN))


def accepts_zero(parameter):
    try:
        parameter.check(0)
    except UnitError:
        return False
    return True


def fitted(part):
    """A model with the part, and a protocol that it can run under."""
    for model, protocol in BASES:
        try:
            found = complete(model.swap(part), protocol)
        except (PartError, ValueError):
            continue
        if found is not None:
            return at_home(found, part), protocol
    return None


def zeros(model, protocol, parameters):
    """The names of what is at 0, one a point, and what ran."""
    measures = answerable(model, protocol, mg.measures.all)
    known = {p.name for p in mg.lower(model, protocol, measures).parameters}
    names = [p.name for p in parameters if p.name in known and accepts_zero(p)]
    found = [("default", {}), *((n, {n: 0.0}) for n in names)]
    system, points = batch(model, protocol, measures, [row for _, row in found])
    try:
        initial_values(system, points.columns)
    except PartError:  # no single equilibrium where a rate is 0, which is said
        found = [(n, row) for n, row in found if starts(model, protocol, row)]
        system, points = batch(model, protocol, measures, [row for _, row in found])
    options = Options(dt=0.05e-3, duration=protocol.duration * 1e-3)
    return [n for n, _ in found], FUSED.run(system, points, options)


def starts(model, protocol, row):
    system, points = batch(model, protocol, (), [row])
    try:
        initial_values(system, points.columns)
    except PartError:
        return False
    return True


def judge(names, outcome, what):
    """Where nothing divides by it a zero runs; slow or silly, but never without a number."""
    for i, name in enumerate(names):
        assert outcome.status[i] == OK, (what, name, outcome.reasons.get(i), outcome.failed_at[i])
        for measure, values in outcome.measures.items():
            assert np.isfinite(values[i]), (what, name, measure)


@pytest.mark.filterwarnings("ignore::mgsim.sweeps.resolving.run_warnings.IdlePartWarning")
@pytest.mark.parametrize("part", PARTS, ids=lambda p: p.name)
def test_parameters_of_a_part(part):
    found = fitted(part)
    assert found, "no model of the test can hold it"
    names, outcome = zeros(*found, part.parameters)
    judge(names, outcome, part.name)


#: Tried first for a protocol.
LIGHT = ("standard", "clamped_synapse", "patch", "cell", "tonic", "full", "hubel_2017")


@pytest.mark.parametrize("protocol", mg.protocols.all, ids=lambda p: p.name)
def test_parameters_of_a_protocol(protocol):
    short = protocol.lasting(4, (0, 4))
    model = next(
        m
        for m in (
            complete(m, short) for m in sorted(mg.models.all, key=lambda m: m.name not in LIGHT)
        )
        if m
    )
    own = (*short.parameters, *(p for m in mg.measures.all for p in m.parameters))
    names, outcome = zeros(model, short, own)
    judge(names, outcome, protocol.name)


@pytest.mark.parametrize(
    ("equations", "divides"),
    [
        ("out = mg_out/k : mM", "k"),
        ("out = 1/(k*(1 + other)) : 1", "k"),
        ("out = other/(other + k) : 1", ""),
        ("out = x**-k : 1\ndx/dt = -x/ms : 1", ""),
        ("out = 1/(1 + k) : 1", ""),
        ("out = exp(-1/k) : 1", "k"),
        ("out = (k*2)**-2 : 1", "k"),
        ("out = 1/low : 1\nlow = k : 1", "k"),
        ("dx/dt = -x/(k*ms) : 1", "k"),
        ("out = mg_out/(mg_out + k*mM) : 1", "k"),
    ],
)
def test_what_something_divides_by_refuses_zero_by_itself(equations, divides):
    """other is 1 by default: a sum is 0 only where all of it is, as magnesium may be."""
    part = mg.Component(
        "a",
        "slot",
        "",
        equations,
        parameters=tuple(
            mg.Parameter(n, 1.0, "1", n, "assumed: for a test", (0, 10)) for n in ("k", "other")
        ),
    )
    assert {p.name for p in part.parameters if p.nonzero} == {*divides.split()}
    for name in divides.split():
        with pytest.raises(UnitError, match=rf"{name} .*cannot be 0: it divides, in "):
            part.with_values(**{name: 0})


@pytest.mark.parametrize(
    ("part", "name"),
    [
        (mg.receptors["glycine_site"], "glycine_k"),
        (mg.blocks["jahr_stevens_1990"], "mg_k"),
        (mg.protocols["voltage_ramp"], "ramp_time"),
        (mg.neurons["pospischil_2008_rs"], "c_m"),
    ],
    ids=lambda x: str(getattr(x, "name", x)),
)
def test_zeros_that_would_be_divided_by_are_refused(part, name):
    with pytest.raises(UnitError, match="cannot be 0"):
        part.with_values(**{name: 0})


def test_engines_agree_on_what_is_not_finite():
    """A share of a sum that is 0, computed and integrated: NaN on both, and said on both."""
    part = mg.Component(
        "share",
        "slot",
        "",
        "dO/dt = -O/ms : 1\ndB/dt = -B/ms : 1\n"
        "open_share = O/(O + B) : 1\nwhole = open_share*(O + B) : 1",
        parameters=(mg.Parameter("begin", 0.5, "1", "start", "assumed: for a test", (0, 1)),),
        initial={"O": "begin", "B": "begin"},
    )
    model, protocol = mg.Model("m", (part,)), mg.Protocol("p", "", 2.0)
    measures = [
        mg.Measure("total", "ms", "", rate="whole"),
        mg.Measure("top", "1", "", peak="B"),
        mg.Measure("share_top", "1", "", peak="open_share"),
    ]
    system, points = batch(model, protocol, measures, [{"begin": 0.0}, {"begin": 0.5}])
    for record in ((), ("whole", "O")):
        options = Options(dt=0.05e-3, duration=2e-3, method="rk4", record=record)
        a, b = (e.run(system, points, options) for e in (FUSED, BRIAN))
        assert a.status.tolist() == b.status.tolist() == [NOT_FINITE, 0]
        assert a.reasons == b.reasons
        assert a.reasons[0] == "not finite: total, share_top" + (", whole" if record else "")
        for name in a.measures:
            np.testing.assert_allclose(a.measures[name], b.measures[name], rtol=1e-9)


def test_a_point_that_is_not_finite_has_words_everywhere(tmp_path):
    """In a data set in memory, in a folder, and as an error of the only run."""
    measure = mg.Measure("odd", "1", "", peak="sqrt(v/mV + 1000*(1 - mg_out/mM))")
    run = (mg.models["tonic"], mg.protocols["rest"].lasting(5, (0, 5)), measure)
    with pytest.warns(FailedPointsWarning, match=r"1 of 2 points.*finite.*odd"):
        ds = mg.sweep(*run, mg_out=[0.5, 2.0])
    assert ds.status.values.tolist() == [0, NOT_FINITE]
    assert np.isnan(ds.odd.values[1])
    assert "not_finite" in ds.status.attrs["flag_meanings"]
    with pytest.warns(FailedPointsWarning):
        kept = mg.sweep(*run, mg_out=[0.5, 2.0], out=tmp_path / "kept")
    assert kept.status.values.tolist() == [0, NOT_FINITE]
    assert "not finite: odd" in str(kept.attrs["failures"])
