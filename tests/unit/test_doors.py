"""Every door reads quantities alike: one quantity, many spellings, one number."""

import argparse
import re
import tomllib
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import brian2
import numpy as np
import pytest
import xarray as xr
from hypothesis import given, settings
from hypothesis import strategies as st

import mgsim as mg
from mgsim import units
from mgsim.analysis import schemes
from mgsim.analysis.fit import _problem
from mgsim.analysis.measured import Data, read_data
from mgsim.catalogs.catalog import UnknownName
from mgsim.cli import arguments
from mgsim.compose.protocol import Train
from mgsim.declare.component import Component
from mgsim.declare.parameter import Parameter, PartError
from mgsim.declare.ports import PORTS, Measured
from mgsim.equations.expressions import EquationError
from mgsim.exports import export
from mgsim.runs.from_file import sweep_file
from mgsim.sweeps import designs
from mgsim.sweeps.prepare import prepare
from mgsim.units import UnitError

PATCH, CLAMP = mg.models["patch"], mg.protocols["voltage_clamp"].lasting(10, (0, 10))
LAW = mg.blocks["jahr_stevens_1990"]
#: Other units of the same dimension, as text and as Brian2 has them.
OTHER = {
    "mM": {"uM": brian2.uM, "M": brian2.mM * 1000, "mmol/L": brian2.mM},
    "mV": {"V": brian2.volt, "uV": brian2.uvolt},
    "ms": {"s": brian2.second, "us": brian2.usecond},
    "degC": {"K": brian2.kelvin},
}


def texts(x, unit):
    """The quantity as people type it."""
    yield from (f"{x!r} {unit}", f" {x!r}{unit} ", repr(x))
    for word in OTHER[unit]:
        yield f"{in_unit(x, unit, word)!r} {word}"


def in_unit(x, unit, word):
    if unit == "degC":
        return x + 273.15
    return x * units.unit(unit).factor / units.unit(word).factor


def spellings(x, unit):
    """The quantity as code holds it."""
    yield from (
        x,
        np.float64(x),
        np.array(x),
        Decimal(repr(x)),
        Fraction(x),
        xr.DataArray(x),
        xr.DataArray(x, attrs={"units": unit}),
        np.array(f"{x!r} {unit}"),
    )
    yield from texts(x, unit)
    for word, quantity in OTHER[unit].items():
        there = in_unit(x, unit, word)
        yield xr.DataArray(there, attrs={"units": word})
        yield there * quantity
        yield np.array(there) * quantity


def prepared(**given):
    return prepare(PATCH, CLAMP, (), record=("v",), **given).request


def fitted_at(value):
    v, m = (a.ravel() for a in np.meshgrid(np.arange(-80.0, 41, 10), [0.1, 1.0]))
    data = Data(v, m, np.ones(v.size), "unblocked")
    return _problem(mg.blocks["spruston_1995"], data, ("mg_k",), {"celsius": value}).given


def train_of(value):
    once = Train((), lambda *_: value if np.ndim(value) else [value])
    protocol = replace(
        mg.protocols["clamped_release"].lasting(1e4, (0, np.inf)), events={"pre": once}
    )
    request = prepare(mg.models["clamped_synapse"], protocol, (), record=("v",)).request
    return float(request.batch(request.variants[0]).trains["pre"].times[0]) * 1e3


def made(unit, value, low):
    return Parameter("x_test", value, unit, "x", "assumed: for a test", (low, 1e6)).value


def lasted(value):
    return mg.protocols["rest"].lasting(value, (0, np.inf))


def in_two(value):
    """As one of two values of an axis; the other is a number."""
    return [0.0, value]


#: What takes a quantity, and the number that comes of it; by the quantity's unit.
DOORS = {
    "mM": {
        "read": lambda x: units.read(x, "mM", "x"),
        "a parameter": lambda x: made("mM", x, 0),
        "set_to": lambda x: mg.baths["person"]["mg_out"].set_to(x).value,
        "a part": lambda x: LAW.with_values(mg_k=x)["mg_k"].value,
        "a model": lambda x: PATCH.with_values(mg_out=x)["bath"]["mg_out"].value,
        "evaluate": lambda x: ((1 / LAW.evaluate("unblocked", v=0, mg_out=x)) - 1) * 3.57,
        "calculate": lambda x: LAW.calculate(["mg_out"], mg_out=x)[0],
        "equilibrium": lambda x: (
            0.0066
            / (
                0.072
                * (
                    1
                    / schemes.equilibrium(mg.receptors["destexhe_1994"], glu=x, celsius=22)[
                        "o_nmda"
                    ]
                    - 1
                )
            )
        ),
        "a run": lambda x: prepared(mg_out=x).fixed["mg_out"],
        "an axis": lambda x: prepared(mg_out=in_two(x)).axes["mg_out"][1],
        "values side by side": lambda x: prepared(
            design=designs.zipped(mg_out=in_two(x), v_hold=[0, 1])
        ).axes["mg_out"][1],
        "bounds of a sample": lambda x: prepared(design=designs.sobol(2, mg_out=(0, x))).axes[
            "mg_out"
        ][1],
        "a hypercube": lambda x: prepared(
            design=designs.latin_hypercube(2, log=("mg_out",), mg_out=(x, "10 mM"))
        ).axes["mg_out"][0],
        "an export": lambda x: float(
            re.search(r"^mg_k = (.*)\*mM", export(LAW.with_values(mg_k=x), "brian2"), re.MULTILINE)[
                1
            ]
        ),
        "data": lambda x: Data([0.0, 1.0], [x, 0.0], [1.0, 1.0], "unblocked").mg[0],
        "a measured range": lambda x: Measured("mg_out", 0, x, "assumed: for a test").high,
        "an experiment": lambda x: (
            mg.experiments["block_curves"].run(v=0, mg_out=x, block="none").mg_out
        ),
    },
    "mV": {
        "a protocol": lambda x: CLAMP.with_values(v_hold=x)["v_hold"].value,
        "a run": lambda x: prepared(v_hold=x).fixed["v_hold"],
        "data": lambda x: Data([x, 1.0], [1.0, 1.0], [1.0, 1.0], "unblocked").v[0],
    },
    "ms": {
        "lasting": lambda x: lasted(x).duration,
        "a window": lambda x: mg.protocols["rest"].lasting(1e6, (0, x)).measured()[1],
        "a protocol of one's own": lambda x: mg.Protocol("p", "", x).duration,
        "dt": lambda x: (
            prepare(mg.models["tonic"], lasted(x), (), record=("v",), dt=x).options.dt * 1e3
        ),
        "a train": lambda x: (
            mg.protocols["train_20hz"].with_values(train_start=x)["train_start"].value
        ),
        "a train made": lambda x: (
            mg.protocols.train("p", "", 20.0, 1e6, start=x)["train_start"].value
        ),
        "times of a train": train_of,
        "a time after a step": lambda x: (
            1
            - schemes.relaxation(mg.receptors["destexhe_1994"], x, {"glu": 0}, glu=1, celsius=22)[
                "o_nmda"
            ]
        ),
    },
    "degC": {
        "set_to": lambda x: PORTS["celsius"].default.set_to(x).value,
        "evaluate": lambda x: mg.blocks["spruston_1995"].evaluate(
            "unblocked", v=-60, mg_out=1, celsius=x
        ),
        "a run": lambda x: prepare(
            mg.models["kinetic_synapse"],
            mg.protocols["clamped_release"],
            (),
            record=("v",),
            celsius=x,
        ).request.fixed["celsius"],
        "a fit": lambda x: fitted_at(x)["celsius"],
    },
}
DRAWN = {
    "mM": st.floats(0.2, 9),
    "mV": st.floats(-100, 60),
    "ms": st.floats(1, 1000),
    "degC": st.floats(5, 40),
}
PLACES = [(unit, door) for unit, doors in DOORS.items() for door in doors]


@pytest.mark.parametrize(("unit", "door"), PLACES, ids=lambda x: x.replace(" ", "_"))
def test_one_quantity_in_many_spellings_is_one_number(unit, door):
    enter, transformed = DOORS[unit][door], door in ("evaluate", "a time after a step")

    @settings(max_examples=4)
    @given(DRAWN[unit])
    def same(x):
        expected = enter(x) if transformed else x
        for spelling in spellings(x, unit):
            np.testing.assert_allclose(
                enter(spelling), expected, rtol=1e-9, err_msg=f"{type(spelling)} {spelling!r}"
            )

    same()


@pytest.mark.parametrize(("unit", "door"), PLACES, ids=lambda x: x.replace(" ", "_"))
def test_what_does_not_fit_is_refused_at_every_door(unit, door):
    for odd in (
        "1 pA",
        "one",
        "1_000",
        "",
        1 * brian2.pA,
        10**400,
        True,
        1j,
        object(),
        np.timedelta64(5, "ms"),
        xr.DataArray(1.0, attrs={"units": "pA"}),
        np.ma.masked_array([1.0], [True]),
        b"1",
    ):
        with pytest.raises((UnitError, PartError, EquationError, UnknownName)):
            DOORS[unit][door](odd)


# ---- doors that take text ------------------------------------------------------------------------
def toml(text, folder):
    path = folder / "sweep.toml"
    path.write_text(text)
    assert tomllib.loads(text)
    return sweep_file.read(path)


HEAD = 'model = "patch"\nprotocol = "voltage_clamp"\nmeasures = ["mean_v"]\n'
COMMANDS = argparse.Namespace(axis=[], seed=None, dt=None, engine=None, fixed=[])


@settings(max_examples=4)
@given(st.floats(0.2, 9), st.integers(1, 40))
def test_files_and_commands_read_them_too(tmp_path_factory, x, k):
    folder = Path(tmp_path_factory.mktemp("files"))
    for text in texts(x, "mM"):
        text = text.strip()
        body = {
            f'duration = 10\n[set]\nmg_out = "{text}"\n': lambda j: j.request.fixed["mg_out"],
            f'duration = 10\n[axes]\nmg_out = [0, "{text}"]\n': lambda j: j.request.axes["mg_out"][
                1
            ],
            f'duration = 10\n[design]\nkind = "sobol"\npoints = 2\n[design.ranges]\n'
            f'mg_out = [0, "{text}"]\n': lambda j: j.request.axes["mg_out"][1],
        }
        for words, found in body.items():
            np.testing.assert_allclose(found(toml(HEAD + words, folder)), x, rtol=1e-12)
        said = argparse.Namespace(**{**vars(COMMANDS), "fixed": [f"mg_out={text}"]})
        assert prepared(**arguments.fixed(said)).fixed["mg_out"] == pytest.approx(x, rel=1e-12)
        (folder / "points.csv").write_text(f"mg_out,v_hold\n{text},1\n")
        table = designs.table(folder / "points.csv")
        assert prepared(design=table).axes["mg_out"][0] == pytest.approx(x, rel=1e-12)
        (folder / "iv.csv").write_text(
            f"v [V],mg [uM],unblocked [%]\n0.02,{x * 1e3!r},50\n-1,0,1\n".replace("-1,", "-0.09,")
        )
        data = read_data(folder / "iv.csv")
        np.testing.assert_allclose([data.v[0], data.mg[0], data.y[0]], [20, x, 0.5], rtol=1e-12)
    step = f'duration = "{k} ms"\nwindow = ["0 s", "{k / 1000!r} s"]\ndt = "25 us"\n'
    job = toml(HEAD + step, folder)
    assert (job.request.protocol.measured(), job.options.dt) == ((0, k), 25e-6)
    timed = argparse.Namespace(**{**vars(COMMANDS), "dt": "25us"})
    assert arguments.given(timed, mg.simulate)["dt"] == 0.025


def test_ends_of_an_axis_have_units_too(tmp_path):
    """Python, a file and a command mean the same values."""
    expected = np.linspace(0, 1, 5)
    body = 'duration = 10\n[axes]\nmg_out = {start = "0 uM", stop = "1 mM", count = 5}\n'
    np.testing.assert_allclose(toml(HEAD + body, tmp_path).request.axes["mg_out"], expected)
    body = 'duration = 10\n[axes]\nmg_out = {start = 0.1, stop = 1, count = 5, spacing = "log"}\n'
    np.testing.assert_allclose(
        toml(HEAD + body, tmp_path).request.axes["mg_out"], np.geomspace(0.1, 1, 5)
    )
    for text in ("0:1:5", "0uM:1mM:5", "0 M:1000 uM:5"):
        said = argparse.Namespace(**{**vars(COMMANDS), "axis": [f"mg_out={text}"]})
        asked = arguments.given(said, mg.sweep)["mg_out"]
        np.testing.assert_allclose(prepared(mg_out=asked).axes["mg_out"], expected, rtol=1e-12)
    for start, stop in (("1 uM", 1), (0, "1 mM"), ("0 mV", "1 mM"), (0, np.inf), ("a", "b")):
        with pytest.raises((designs.AxisError, UnitError)):
            designs.spread(start, stop, 3)


def test_seeds_from_the_first_to_the_last_are_whole_numbers_in_a_row(tmp_path):
    """A file and a command mean the same; what would lie between whole numbers is refused."""
    head = HEAD.replace("voltage_clamp", "poisson_20hz").replace("patch", "standard")
    for text, seeds in (("1:9:5", [1, 3, 5, 7, 9]), ("0:2:3", [0, 1, 2]), ("7:7:1", [7])):
        told = toml(f'{head}duration = 60\nseed = "{text}"\n', tmp_path).request.axes["seed"]
        said = argparse.Namespace(**{**vars(COMMANDS), "axis": [f"seed={text}"]})
        for asked in (told, arguments.given(said, mg.sweep)["seed"]):
            assert np.atleast_1d(asked).tolist() == seeds
    for text in ("1:4:3", "1:4:0", "-1:3:5", "1:4", "0.5:2.5:3"):
        with pytest.raises(ValueError, match="seed"):
            toml(f'{head}duration = 60\nseed = "{text}"\n', tmp_path)


def test_axes_of_an_experiment_are_read_when_it_is_made():
    found = replace(
        mg.experiments["mg_response"],
        axes={"mg_out": ["200 uM", 0.8 * brian2.mM], "g_nmda": np.array(3.0), "block": ["none"]},
    ).axes
    assert found["mg_out"] == pytest.approx([0.2, 0.8])
    assert (found["g_nmda"], found["block"]) == (3.0, ["none"])
    few = replace(mg.experiments["mg_response"], axes=found).few()
    assert "mg_out = 0.2 to 0.8 mM" in mg.cite(few)
    with pytest.raises(UnitError, match="mg_out = 1 mV"):
        replace(mg.experiments["mg_response"], axes={"mg_out": ["1 mV"]})


@pytest.mark.parametrize("text", ["1_000", "0x10", "1e", "1__0", "\u0661"])
def test_what_python_takes_for_a_number_is_none(text, tmp_path):
    """Underscores, hexadecimal, digits of other scripts: no number that people write."""
    with pytest.raises(UnitError):
        units.read(text, "mM", "mg_out")
    with pytest.raises(UnitError):
        units.number(text, "mg_out")
    with pytest.raises(argparse.ArgumentTypeError):
        arguments.whole(text)
    (tmp_path / "iv.csv").write_text(f"v,mg,current\n{text},1,1\n", encoding="utf-8")
    with pytest.raises(ValueError, match="line 2"):
        read_data(tmp_path / "iv.csv")


@pytest.mark.parametrize(
    "key",
    [
        "duration = {}",
        "dt = {}",
        "window = [0, {}]",
        "[set]\nmg_out = {}",
        "[axes]\nmg_out = [{}]",
        "[axes]\nmg_out = {{start = 0, stop = {}, count = 3}}",
    ],
)
def test_an_integer_of_400_digits_is_refused_in_words(key, tmp_path):
    with pytest.raises(sweep_file.BadFile, match=r" = 999+ \.\.\.: give a "):
        toml(HEAD + key.format("9" * 400), tmp_path)


# ---- designs -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "made",
    [
        lambda: designs.zipped(mg_out=1),
        lambda: designs.zipped(mg_out="12"),
        lambda: designs.zipped(),
        lambda: designs.sobol("8", mg_out=(0, 1)),
        lambda: designs.sobol(8, mg_out=1),
        lambda: designs.sobol(8, mg_out="ab"),
        lambda: prepared(design=designs.sobol(8, mg_out=("1 mM", "200 uM"))),
        lambda: prepared(design=designs.sobol(8, log=("mg_out",), mg_out=("0 mM", "200 uM"))),
        lambda: prepared(design=designs.sobol(8, block=("none", "kampa_2004"))),
        lambda: prepared(design=designs.sobol(8, mg_out=("a", "b"))),
    ],
)
def test_designs_that_cannot_be_meant(made):
    with pytest.raises((designs.AxisError, UnitError)):
        made()


def test_axes_of_an_earlier_result_go_back_in():
    """Coordinates with their units, bare values, and names of parts."""
    first = mg.sweep(
        PATCH,
        CLAMP,
        mg.measures["mean_i_nmda"],
        mg_out=["200 uM", 1.0],
        block=["none", "kampa_2004"],
        progress=False,
    )
    again = mg.sweep(
        PATCH,
        CLAMP,
        mg.measures["mean_i_nmda"],
        mg_out=first.mg_out,
        block=first.block,
        g_nmda=mg.parameters(first).g_nmda.values,
        v_hold=mg.parameters(first).v_hold,
        progress=False,
    )
    assert again.identical(
        first.assign_coords({n: again[n] for n in ("g_nmda", "v_hold")}).assign_attrs(again.attrs)
    )
    one = mg.sweep(
        PATCH,
        CLAMP,
        mg.measures["mean_i_nmda"],
        mg_out=first.mg_out[0],
        block=first.block[1],
        progress=False,
    )
    assert float(one.mean_i_nmda) == float(first.mean_i_nmda.sel(mg_out=0.2, block="kampa_2004"))


# ---- temperature ---------------------------------------------------------------------------------
def test_kelvin_is_a_level_where_degrees_are_asked_for():
    assert units.read("309.15 K", "degC", "celsius") == pytest.approx(36)
    assert units.read("309150 mK", "degC", "celsius") == pytest.approx(36)
    assert units.read("36 degC", "degC", "celsius") == 36
    assert units.read("3 1/degC", "1/K", "a slope") == 3  # a difference in both
    assert units.read("10 K", "K", "a difference") == 10
    with pytest.raises(UnitError, match="may be a level or a difference; give it in K"):
        units.read("10 degC", "K", "x")
    with pytest.raises(UnitError, match="cannot be negative"):
        PORTS["celsius"].check("36 K")


# ---- equations whose units do not fit ------------------------------------------------------------
WRONG = [
    ("a law", {"equations": "unblocked = 1/(1 + mg_out/(3.57*mM)*exp(-0.062*v)) : 1"}, "exp"),
    ("a port", {"equations": "unblocked = 1*mV : mV"}, "the port 'unblocked'"),
    ("a sum", {"equations": "x_a = 1*mM : mM", "adds": {"v_shift": "x_a"}}, "'v_shift'"),
    ("a start", {"equations": "dx_a/dt = -x_a/ms : 1", "initial": {"x_a": "1*mV"}}, "start value"),
    ("an event", {"equations": "dx_a/dt = -x_a/ms : 1", "on_event": {"pre": "x_a += 1*mV"}}, "pre"),
    ("a spike", {"equations": "dx_a/dt = -x_a/ms : 1", "spike": "x_a > 0*mV"}, "spike"),
    (
        "a parameter",
        {"parameters": (Parameter("mg_out", 1, "mV", "x", "assumed: x", (0, 2)),)},
        "the port 'mg_out'",
    ),
    ("a rate", {"kinetics": (mg.Scheme(("a_x", "b_x"), (("a_x", "b_x", "1", "1/ms"),)),)}, "a_x"),
]


@pytest.mark.parametrize(
    ("what", "has", "words"),
    WRONG,
    ids=lambda x: x if isinstance(x, str) and x.startswith("a") else "",
)
def test_a_part_whose_units_do_not_fit_is_never_made(what, has, words):
    """So that no evaluation, export or run can answer for it."""
    with pytest.raises(EquationError, match=f"part 'wrong'.*{words}"):
        Component("wrong", "block", "", **has)


def test_what_a_part_cannot_know_alone_waits_for_the_others():
    own = mg.Port("w_other", "mV", "declared by another part")
    reader = Component("reader", "b", "", "x_b = w_other : mM")
    with pytest.raises(EquationError, match="equation of 'x_b'"):
        mg.lower(
            mg.Model("m", (Component("a", "a", "", "w_other = 1*mV : mV", ports=(own,)), reader)),
            mg.Protocol("p", "", 1.0),
            (),
        )
