"""Python, a sweep file and the command line: the same words mean the same run.

Jobs are compared by their identity, which holds everything that a number depends on.
"""

import argparse
import inspect
import json
import shlex

import numpy as np
import pytest

import mgsim as mg
from mgsim.cli import GOOD, jobs, main
from mgsim.cli.parser import parser
from mgsim.runs.from_file import sweep_file
from mgsim.runs.from_file.schema import Sweep
from mgsim.store.description.identity import describe
from mgsim.sweeps.prepare import prepare

pytestmark = pytest.mark.filterwarnings("ignore::mgsim.declare.ports.ExtrapolationWarning")
#: A model that each protocol runs on.
SUITS = {
    "inhibition_20hz": "full",
    "current_step": "cell",
    "voltage_clamp": "patch",
    "voltage_step": "patch",
    "clamped_release": "kinetic_synapse",
    "voltage_ramp": "patch",
    "mg_step": "tonic",
    "mg_ramp": "tonic",
    "potassium_bath": "hubel_2017",
    "energy_failure": "hubel_2017",
    "supply_off": "hubel_2017",
    "anoxia": "wei_2014",
}
STANDARD, TRAIN = mg.models["standard"], mg.protocols["train_20hz"]
HEAD = 'model = "standard"\nprotocol = "train_20hz"\n'


def said(path, text):
    path = path / "study.toml"
    path.write_text(text, encoding="utf-8")
    return describe(sweep_file.read(path))


def python(first=STANDARD, protocol=TRAIN, measures=None, **options):
    return describe(prepare(first, protocol, measures, **options))


def typed(line):
    """The job of a command line."""
    args = parser().parse_args(["sweep", "run", *shlex.split(line)])
    return describe(jobs.asked(argparse.Namespace(**{**vars(args), "threads": 0, "large": False})))


# ---- duration and window, over every protocol ----------------------------------------------------


@pytest.mark.parametrize("name", mg.protocols)
@pytest.mark.parametrize("factor", [1, 2, 0.75])
def test_a_duration_keeps_the_window_of_the_protocol(name, factor, tmp_path, monkeypatch):
    model, protocol = SUITS.get(name, "standard"), mg.protocols[name]
    duration = factor * protocol.duration
    meant = protocol.lasting(duration)
    text = f'model = "{model}"\nprotocol = "{name}"\nduration = {duration}\n'
    assert said(tmp_path, text) == python(mg.models[model], meant)
    if factor == 1:  # the protocol's own, said once more
        assert said(tmp_path, text) == python(mg.models[model], protocol)
    ran = []
    monkeypatch.setattr("mgsim.runs.simulate.simulate", lambda m, p, **_: ran.append(p) or 1 / 0)
    with pytest.raises(ZeroDivisionError):
        main(["simulate", model, "--protocol", name, "--duration", f"{duration}ms"])
    assert ran == [meant]


@pytest.mark.parametrize("name", mg.protocols)
@pytest.mark.parametrize("window", [(100, 250), (-100, np.inf), ("120 ms", "0.3 s")])
def test_a_window(name, window, tmp_path):
    model, protocol = SUITS.get(name, "standard"), mg.protocols[name]
    written = ", ".join(json.dumps(x) if isinstance(x, str) else f"{x}" for x in window)
    text = f'model = "{model}"\nprotocol = "{name}"\nwindow = [{written}]\n'
    meant = protocol.lasting(protocol.duration, window)
    assert said(tmp_path, text) == python(mg.models[model], meant)
    both = protocol.lasting(2 * protocol.duration, window)
    assert said(tmp_path, f"{text}duration = {2 * protocol.duration}\n") == python(
        mg.models[model], both
    )


def test_a_window_that_follows_a_parameter(tmp_path):
    text = (
        'model = "cell"\nprotocol = "current_step"\nwindow = ["step_start + 50*ms", "step_stop"]\n'
    )
    meant = mg.protocols["current_step"].lasting(1000, ("step_start + 50*ms", "step_stop"))
    assert said(tmp_path, text) == python(mg.models["cell"], meant)


# ---- everything else, pair by pair ---------------------------------------------------------------

AXIS = np.linspace(0.1, 0.7, 7)
#: What a sweep file says, and what Python says, by the key that it is about.
PAIRS = {
    "model": ("[set]\nca_rest = 0.06", {"ca_rest": 0.06}),
    "measures": (
        'measures = ["mean_v", "spike_rate"]',
        {"measures": [mg.measures["mean_v"], mg.measures["spike_rate"]]},
    ),
    "seed": ("seed = 7", {"seed": 7}),
    "seeds": ("seed = [3, 1, 2]", {"seed": [3, 1, 2]}),
    "dt": ("dt = 0.05", {"dt": 0.05}),
    "dt with a unit": ('dt = "50 us"', {"dt": 0.05}),
    "duration with a unit": ('duration = "0.5 s"', {"protocol": TRAIN.lasting(500)}),
    "engine": ('engine = "brian"', {"engine": "brian"}),
    "method": ('method = "euler"', {"method": "euler"}),
    "precision": (
        'precision = "float32"\nengine = "fused"',
        {"precision": "float32", "engine": "fused"},
    ),
    "set": ('[set]\ntau_ca = 40\nblock = "kampa_2004"', {"tau_ca": 40, "block": "kampa_2004"}),
    "set with a unit": ('[set]\nmg_out = "200 uM"', {"mg_out": 0.2}),
    "of one slot": (
        '[set]\nmg_out_block = "200 uM"\n[axes]\nmg_out = [1, 2]\n[arms.own]\nv_block = -65',
        {"mg_out_block": 0.2, "mg_out": [1, 2], "arms": {"own": {"v_block": -65}}},
    ),
    "axes": (
        '[axes]\nmg_out = [0, 0.5]\nblock = ["kampa_2004", "none"]',
        {"mg_out": [0, 0.5], "block": ["kampa_2004", "none"]},
    ),
    "axes with units": ('[axes]\ntau_ca = ["40 ms", "0.1 s"]', {"tau_ca": [40, 100]}),
    "axes linear": ("[axes]\nmg_out = {start = 0.1, stop = 0.7, count = 7}", {"mg_out": AXIS}),
    "axes log": (
        '[axes]\nmg_out = {start = 0.1, stop = 2, count = 7, spacing = "log"}',
        {"mg_out": np.geomspace(0.1, 2, 7)},
    ),
    "design zip": (
        '[design]\nkind = "zip"\nvalues = {mg_out = [0, 1], g_nmda = [5, 10]}',
        {"design": mg.designs.zipped(mg_out=[0, 1], g_nmda=[5, 10])},
    ),
    "design sobol": (
        '[design]\nkind = "sobol"\npoints = 8\nseed = 3\nlog = ["mg_out"]\n'
        "ranges = {mg_out = [0.1, 2], g_nmda = [5, 50]}",
        {"design": mg.designs.sobol(8, seed=3, log=["mg_out"], mg_out=(0.1, 2), g_nmda=(5, 50))},
    ),
    "design latin": (
        '[axes]\ntau_ca = [40, 80]\n[design]\nkind = "latin_hypercube"\npoints = 5\n'
        "ranges = {mg_out = [0.1, 2]}",
        {"tau_ca": [40, 80], "design": mg.designs.latin_hypercube(5, mg_out=(0.1, 2))},
    ),
    "design draws": (
        '[design]\nkind = "draws"\npoints = 8\nseed = 3\nown = ["depth"]\n'
        '[design.priors.g_nmda]\nshape = "uniform"\narguments = ["5 nS", "15 nS"]\n'
        'source = "assumed: for a test"\n'
        '[design.priors.depth]\nshape = "lognormal"\narguments = [1, 0.3]\n'
        'source = "assumed: for a test"\nscales = {mg_k = -1, mg_on = 1}\n',
        {
            "design": mg.designs.draws(
                8,
                seed=3,
                own=["depth"],
                g_nmda=mg.Prior("uniform", (5, 15), "assumed: for a test"),
                depth=mg.Prior("lognormal", (1, 0.3), "assumed: x", {"mg_k": -1, "mg_on": 1}),
            )
        },
    ),
    "design sobol of a prior and a range": (
        '[design]\nkind = "sobol"\npoints = 8\nranges = {tau_ca = [20, 90]}\n'
        '[design.priors.g_nmda]\nshape = "normal"\narguments = [30, 2]\n'
        'source = "assumed: for a test"',
        {
            "design": mg.designs.sobol(
                8, tau_ca=(20, 90), g_nmda=mg.Prior("normal", (30, 2), "assumed: x")
            )
        },
    ),
    "follow": (
        '[follow]\ng_ampa = "g_nmda/3"\n[axes]\ng_nmda = [10, 20]',
        {"follow": {"g_ampa": "g_nmda/3"}, "g_nmda": [10, 20]},
    ),
    "keep_state": ("keep_state = true", {"keep_state": True}),
    "arms": (
        '[arms.low]\nmg_out = "200 uM"\n[arms.none]\nblock = "none"\nmg_out = 1',
        {"arms": {"low": {"mg_out": 0.2}, "none": {"block": "none", "mg_out": 1}}},
    ),
}


@pytest.mark.parametrize("what", PAIRS)
def test_a_file_and_python(what, tmp_path):
    written, options = PAIRS[what]
    assert said(tmp_path, HEAD + written) == python(**options)


def test_a_table_and_python(tmp_path):
    (tmp_path / "points.csv").write_text("mg_out,g_nmda\n0,5\n1,10\n", encoding="utf-8")
    written = said(tmp_path, HEAD + '[design]\nkind = "table"\nfile = "points.csv"')
    assert written == python(design=mg.designs.table(tmp_path / "points.csv"))
    assert written == python(design=mg.designs.zipped(mg_out=[0, 1], g_nmda=[5, 10]))


def test_several_models(tmp_path):
    text = 'model = ["standard", "kinetic"]\nprotocol = "train_20hz"\nmeasures = ["mean_v"]\n'
    models = ["standard", "kinetic"]
    assert said(tmp_path, text) == python(measures=[mg.measures["mean_v"]], model=models)


def test_every_key_of_a_file_is_paired():
    """What a file may hold is what Python takes, and is compared above.

    Changes are compared in test_protocols, thresholds in test_thresholds, starts in test_going_on.
    """
    keys = set(Sweep.model_fields)
    own = {"model", "protocol", "duration", "window", "changes", "threshold", "set", "axes"}
    elsewhere = {"start", "fresh"}
    assert keys - own <= set(inspect.signature(mg.sweep).parameters)
    compared = {word for what in PAIRS for word in (what.split()[0].removesuffix("s"), what)}
    assert keys <= compared | own | elsewhere | {"measures"}


#: What the command line says of an experiment, and what Python says.
TYPED = {
    "--set tau_ca=40": {"tau_ca": 40},
    "--set mg_out=200uM": {"mg_out": 0.2},
    "--set block=kampa_2004": {"block": "kampa_2004"},
    "--axis mg_out=0.1:0.7:7": {"mg_out": AXIS},
    "--axis mg_out=0,0.5 --axis block=none,kampa_2004": {
        "mg_out": [0, 0.5],
        "block": ["none", "kampa_2004"],
    },
    "--axis mg_out=100uM,0.5": {"mg_out": [0.1, 0.5]},
    "--axis model=standard,kinetic": {"model": ["standard", "kinetic"]},
    "--keep-state": {"keep_state": True},
    "--seed 5": {"seed": 5},
    "--axis seed=1,2": {"seed": [1, 2]},
    "--dt 0.05": {"dt": 0.05},
    "--dt 50us": {"dt": 0.05},
    "--engine brian": {"engine": "brian"},
    '--design \'kind="sobol", points=8, ranges={tau_ca=[20, "0.09 s"]}\'': {
        "design": mg.designs.sobol(8, tau_ca=(20, 90))
    },
    "--design 'kind=\"draws\", points=8, seed=2' "
    '--prior \'g_nmda=shape="uniform", arguments=[5, 15], source="assumed: x"\' '
    '--prior \'block_strength=shape="lognormal", arguments=[1, 0.3], source="assumed: x", '
    'scales="block_strength"\'': {
        "design": mg.designs.draws(
            8,
            seed=2,
            g_nmda=mg.Prior("uniform", (5, 15), "assumed: for a test"),
            block_strength=mg.Prior("lognormal", (1, 0.3), "assumed: x", "block_strength"),
        )
    },
    "--follow 'g_ampa=g_nmda / 3'": {"follow": {"g_ampa": "g_nmda / 3"}},
    '--arm usual= --arm \'low=tau_ca="40 ms", block="none"\'': {
        "arms": {"usual": {}, "low": {"tau_ca": 40, "block": "none"}}
    },
}


@pytest.mark.parametrize("line", TYPED)
def test_the_command_line_and_python(line):
    experiment = mg.experiments["mg_response"]
    assert typed(f"mg_response {line}") == python(
        protocol=experiment.protocol,
        measures=experiment.measures,
        **{**experiment.axes, **TYPED[line]},
    )
    assert typed(f"mg_response {line}") == describe(experiment.job(**TYPED[line]))


@pytest.mark.parametrize(
    ("line", "written"),
    [
        ("--seed 5", "seed = 5"),
        ("--dt 0.05", "dt = 0.05"),
        ("--dt 50us", 'dt = "50 us"'),
        ("--engine brian", 'engine = "brian"'),
    ],
)
def test_the_command_line_goes_before_the_file(line, written, tmp_path):
    meant = said(tmp_path, HEAD + written)
    (tmp_path / "other.toml").write_text(
        HEAD + 'seed = 2\ndt = 0.1\nengine = "fused"\n', encoding="utf-8"
    )
    alone = {"seed": "dt = 0.1", "dt": "seed = 2", "engine": "seed = 2\ndt = 0.1"}
    rest = alone[line.split()[0].removeprefix("--")]
    fused = "" if "engine" in line else 'engine = "fused"\n'
    meant = said(tmp_path, f"{HEAD}{written}\n{rest}\n{fused}")
    assert typed(f"{tmp_path / 'other.toml'} {line}") == meant


@pytest.mark.parametrize("seed", [-1, 1.5, 2**53 + 1])
def test_a_seed_that_none_takes(seed, tmp_path, capsys):
    with pytest.raises(ValueError):  # noqa: PT011
        python(seed=seed)
    with pytest.raises(sweep_file.BadFile):
        said(tmp_path, f"{HEAD}seed = {seed}\n")
    with pytest.raises((ValueError, SystemExit)):
        typed(f"mg_response --seed {seed}")


def test_in_a_folder_and_in_memory(tmp_path, capsys):
    line = "sweep run mg_response --axis mg_out=0.8 --dt 0.1 --json"
    assert main(line.split()) == GOOD
    memory = json.loads(capsys.readouterr().out)
    assert main([*line.split()[:-1], "--out", str(tmp_path / "s")]) == GOOD
    ds = mg.open_sweep(tmp_path / "s")
    for name in ("spike_rate", "mean_v", "peak_ca"):
        assert memory["data_vars"][name]["data"] == ds[name].values.tolist()
    assert "window_start" not in memory["coords"]
    told = json.loads(memory["attrs"]["parameters"])["window_start"]["value"]
    assert told == float(mg.parameters(ds).window_start) == 50


def test_an_axis_of_steps_is_kept_in_a_folder_and_repaired(tmp_path):
    folder = tmp_path / "s"
    assert (
        main(
            [
                "sweep",
                "run",
                "mg_response",
                "--axis",
                "mg_out=0.8",
                "--dt",
                "100us,0.2",
                "--out",
                str(folder),
            ]
        )
        == GOOD
    )
    before = mg.open_sweep(folder)
    assert before.dt.values.tolist() == [0.1, 0.2]
    for chunk in (folder / "values").glob("0.*"):
        chunk.unlink()
    assert main(["sweep", "repair", str(folder)]) == GOOD
    after = mg.open_sweep(folder)
    assert set(after.status.values.ravel().tolist()) == {0}
    np.testing.assert_array_equal(after.mean_v.values, before.mean_v.values)
