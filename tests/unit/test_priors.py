"""Priors, factors, what follows from others, arms: what is drawn, where, and what runs."""

import csv
import hashlib
import json
import math
import pickle
import warnings
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from running import BRIAN
from scipy.special import ndtr, ndtri

import mgsim as mg
from mgsim.catalogs.catalog import UnknownName
from mgsim.cli import GOOD, main
from mgsim.declare import priors
from mgsim.declare.parameter import PartError
from mgsim.declare.ports import ExtrapolationWarning
from mgsim.declare.priors import LISTED, WIDTH, Prior, PriorError, column
from mgsim.equations.expressions import EquationError
from mgsim.runs.from_file import sweep_file
from mgsim.store import checked_json
from mgsim.store.description import manifest
from mgsim.store.description.identity import describe, identity
from mgsim.sweeps.designs import DRAWS_MOST, AxisError, table_of_draws
from mgsim.sweeps.prepare import prepare
from mgsim.sweeps.resolving.run_warnings import (
    DrawnTogetherWarning,
    MissedStimulusWarning,
    RangeWarning,
)

pytestmark = pytest.mark.usefixtures("unoptimised")

U = np.array([1e-9, 0.01, 0.25, 0.5, 0.75, 0.99, 1 - 1e-9])
WHY = "assumed: for a test"
G = Prior("uniform", (20, 40), WHY)
STRENGTH = Prior("lognormal", (1, 0.3), WHY, "block_strength")
RATIO = Prior("uniform", (0.2, 0.6), WHY)
#: A short run of a cell with a kinetic receptor, which takes laws with states too.
CELL = (
    mg.models["kinetic"],
    mg.protocols["train_20hz"].lasting(60),
    [mg.measures["mean_v"], mg.measures["ca_charge_nmda"]],
)
LAWS = ["none", "jahr_stevens_1990", "kampa_2004", "kampa_2004_trapping"]


def job(design=None, **options):
    return prepare(*CELL, design=design, **options)


def numbers(ds):
    """What a result holds besides words."""
    return {n: ds[n].values for n in ("mean_v", "ca_charge_nmda", "status")}


def same(one, other):
    for name, values in numbers(one).items():
        np.testing.assert_array_equal(values, other[name].values)


# ---- distributions ------------------------------------------------------------------------------

#: The quantile of each shape in closed form, from its definition.
CLOSED = {
    ("constant", (3,)): lambda u: np.full_like(u, 3.0),
    ("uniform", (-65, 0)): lambda u: -65 + 65 * u,
    ("loguniform", (0.1, 10)): lambda u: 0.1 * 100**u,
    ("normal", (5, 2)): lambda u: 5 + 2 * ndtri(u),
    ("lognormal", (4, 0.5)): lambda u: 4 * np.exp(0.5 * ndtri(u)),
    ("truncated_normal", (5, 2, 4, 8)): lambda u: (
        5 + 2 * ndtri(ndtr(-0.5) + u * (ndtr(1.5) - ndtr(-0.5)))
    ),
    # Two straight sides meet at the mode, which leaves (mode - low)/(high - low) below it.
    ("triangular", (0, 1, 4)): lambda u: np.where(
        u < 0.25, np.sqrt(4 * u), 4 - np.sqrt(12 * (1 - u))
    ),
    ("gamma", (3, 3)): lambda u: -3 * np.log1p(-u),  # sd equal to the mean: exponential
    ("beta", (1, 3, 2, 1)): lambda u: 1 + 2 * np.sqrt(u),  # density 2x on 0 to 1
    ("beta", (0, 1, 1, 1)): lambda u: u,
}


@pytest.mark.parametrize("given", CLOSED)
def test_a_quantile_is_that_of_its_definition(given):
    shape, arguments = given
    np.testing.assert_allclose(
        Prior(shape, arguments, WHY).quantile(U), CLOSED[given](U), rtol=1e-9, atol=1e-9
    )


def test_every_shape_is_compared():
    assert {shape for shape, _ in CLOSED} == set(priors.SHAPES)


@given(st.sampled_from(sorted(CLOSED)), st.lists(st.floats(1e-6, 1 - 1e-6), min_size=2))
def test_quantiles_rise(given, shares):
    shape, arguments = given
    values = Prior(shape, arguments, WHY).quantile(np.sort(shares))
    assert np.all(np.diff(values) >= 0)


def test_arguments_may_have_units():
    plain = Prior("truncated_normal", (0.8, 0.1, 0.4, 1.2), WHY)
    spelt = Prior("truncated_normal", ("800 uM", "100 uM", 0.4, "1.2 mM"), WHY)
    assert spelt.within("mM", "mg_out").quantile(U) == pytest.approx(plain.quantile(U), rel=1e-12)
    both = [
        mg.designs.sobol(8, mg_out=Prior("uniform", ends, WHY))
        for ends in (("200 uM", "1 mM"), (0.2, 1))
    ]
    assert describe(job(both[0])) == describe(job(both[1]))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (("unifrom", (0, 1), WHY), "did you mean uniform"),
        (("uniform", (0, 1, 2), WHY), r"arguments \(low, high\)"),
        (("uniform", "01", WHY), r"arguments \(low, high\)"),
        (("uniform", 3, WHY), r"arguments \(low, high\)"),
        (("uniform", (1, 0), WHY), "low < high"),
        (("uniform", (1, 1), WHY), "'constant'"),
        (("uniform", (0, math.inf), WHY), "finite"),
        (("uniform", (math.nan, 1), WHY), "finite"),
        (("loguniform", (0, 1), WHY), "low above 0"),
        (("normal", (0, 0), WHY), "sd above 0"),
        (("lognormal", (-1, 1), WHY), "median above 0"),
        (("triangular", (0, 2, 1), WHY), "low < mode < high"),
        (("uniform", (0, 1), "no source"), "needs a source"),
        (("uniform", (0, 1), None), "source is a text"),
        (("uniform", (0, 1), WHY, "block_strenght"), "did you mean block_strength"),
        (("uniform", (1, 2), WHY, {"mg_k": 0}), "power"),
        (("uniform", (1, 2), WHY, {"mg_k": math.nan}), "power"),
        (("uniform", (1, 2), WHY, {"mg_k": "1"}), "power"),
        (("uniform", (1, 2), WHY, [3]), "names of parameters"),
    ],
)
def test_a_prior_that_cannot_be_meant(given, words):
    with pytest.raises((PriorError, UnknownName, PartError), match=words):
        Prior(*given)


# ---- the table of draws -------------------------------------------------------------------------


def test_the_list_of_columns_only_grows():
    """Names keep their columns for good: a new one goes to the end of the file, and of this."""
    known = (  # noqa: SIM905
        "dummy_1 dummy_2 dummy_3 block_strength block_slope g_nmda g_ampa ampa_nmda_ratio mg_out "
        "ca_out celsius v_hold g_leak e_leak g_na g_k g_m v_t area tau_decay_nmda tau_ampa "
        "pf_scale tau_ca ca_kappa ca_depth glu_tonic train_rate i_amp g_ca_l leak_factor "
        "block_warming g_nmda_spine g_ampa_spine tau_decay_nmda_spine pf_scale_spine "
        "r_axial_spine i_pulse release_power ca_release_k mg_release_k u_rel tau_rec tau_facil "
        "clearance v_central v_peripheral q_peripheral serum_mg im_uptake csf_mg csf_gain csf_exit "
        "brain_exchange serum_shift csf_shift"
    ).split()
    listed = list(priors.columns())
    assert listed[: len(known)] == known
    # The order stands here a second time, so that nobody moves both without a thought.
    digest = hashlib.sha256("\n".join(listed[: len(known)]).encode()).hexdigest()
    assert digest == "1af31467f638afb6b08f16d4a9ade10b0dab9ced887602cacfc7521679cae40e"
    assert len(listed) <= LISTED < WIDTH == 128


def test_a_column_has_one_value_in_each_of_any_2_to_the_m_strata():
    """Each coordinate of a Sobol' sequence is a (0, 1)-sequence in base 2 (Sobol' 1967)."""
    rows = table_of_draws(5, np.arange(256))
    assert rows.shape == (256, WIDTH)
    for m in range(9):
        strata = np.floor(rows[: 2**m] * 2**m).astype(int)
        assert np.all(np.sort(strata, axis=0) == np.arange(2**m)[:, None])


def test_a_draw_depends_on_seed_and_name_alone():
    at = np.array([3, 0, 4097, 255])
    alone = mg.designs.draws(5000, seed=4, g_nmda=G).columns(at)["g_nmda"]
    more = mg.designs.draws(8192, seed=4, own=["mine"], mine=RATIO, tau_ca=G, g_nmda=G)
    np.testing.assert_array_equal(more.columns(at)["g_nmda"], alone)
    np.testing.assert_array_equal(alone, 20 + 20 * table_of_draws(4, at)[:, column("g_nmda")])
    other = mg.designs.draws(5000, seed=5, g_nmda=G).columns(at)["g_nmda"]
    assert not np.any(other == alone)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (["g_a one", "g_b two", "g_a three"], "'g_a' stands twice"),
        (["g_a one", "g_b"], "'g_b' stands twice, or has no meaning"),
        ([f"g_{i} meaning" for i in range(LISTED + 1)], f"names {LISTED + 1} columns; there are"),
    ],
)
def test_a_list_of_columns_that_cannot_be_meant_is_refused(lines, words, tmp_path, monkeypatch):
    (tmp_path / "columns.txt").write_text("\n".join(lines))
    monkeypatch.setattr(priors, "files", lambda package: tmp_path)
    with pytest.raises(PriorError, match=words):
        priors.columns.__wrapped__()


def test_names_of_ones_own_keep_their_columns():
    assert column("mine", ["mine"]) == column("mine", ["mine", "yours"]) == LISTED
    assert column("yours", ["mine", "yours"]) == LISTED + 1
    assert column("g_nmda", ["mine"]) == column("g_nmda")
    with pytest.raises(UnknownName, match=r"own=\[mine\].*further names at its end.*columns\.txt"):
        mg.designs.draws(8, mine=G)
    with pytest.raises(UnknownName, match=r"did you mean g_nmda.*own=\[first, g_mnda\]"):
        mg.designs.draws(8, own=["first"], g_mnda=G)
    for own in (["g_nmda"], ["mine", "mine"], [f"x{i}" for i in range(33)]):
        with pytest.raises(PriorError, match="own"):
            mg.designs.draws(8, own=own, g_nmda=G)
    with pytest.raises(AxisError, match="list of names"):
        mg.designs.draws(8, own="mine", mine=G)


def test_two_priors_that_go_together_in_few_draws_are_named_once():
    """Those of 64 rows that do so worst in this cell; a hypercube of 64 has no such pair."""
    known = {p.name: p for part in mg.models["standard"].parts for p in part.parameters}
    pair = {
        n: mg.Prior("uniform", (0.9 * known[n].value, 1.1 * known[n].value), "assumed: for a test")
        for n in ("tau_ampa", "tau_ca")
    }
    few, many = (mg.designs.draws(n, **pair) for n in (64, 1024))
    r = np.corrcoef(*few.columns(np.arange(64)).values())[0, 1]
    assert r > 0.7
    assert few.together() == ("tau_ampa", "tau_ca", pytest.approx(r))
    with pytest.warns(DrawnTogetherWarning, match=rf"'tau_ampa' and 'tau_ca'.*{r:.2f}") as told:
        mg.sweep("standard", mg.protocols["train_20hz"].lasting(99, (0, 99)), "peak_ca", design=few)
    assert sum(isinstance(w.message, DrawnTogetherWarning) for w in told) == 1
    assert many.together() is None
    assert mg.designs.latin_hypercube(64, **pair).together() is None


@pytest.mark.parametrize(("n", "most"), [(64, 0.94), (128, 0.84), (256, 0.42), (1024, 0.19)])
def test_how_much_pairs_of_draws_go_together_is_what_pages_say(n, most):
    """The largest correlation of any two listed columns, over the seeds that claims draw by."""
    found = [
        np.abs(np.triu(np.corrcoef(table_of_draws(seed, np.arange(n))[:, :LISTED].T), 1)).max()
        for seed in (0, 1)
    ]
    assert round(max(found), 2) == most
    page = (Path(__file__).parents[2] / "docs" / "ledger.html").read_text(encoding="utf-8")
    assert f"{most} in {n}" in page or (n == 1024 and "0.2 in 1024" in page)


def test_draws_are_from_priors_and_few_enough():
    with pytest.raises(AxisError, match="source"):
        mg.designs.draws(8, g_nmda=(20, 40))
    with pytest.raises(AxisError, match="at most"):
        mg.designs.draws(DRAWS_MOST + 1, g_nmda=G)
    last = mg.designs.draws(DRAWS_MOST, g_nmda=G).columns(np.array([DRAWS_MOST - 1]))
    assert 20 < last["g_nmda"][0] < 40


@pytest.mark.parametrize("make", [mg.designs.sobol, mg.designs.latin_hypercube])
def test_a_prior_that_is_uniform_is_a_range(make):
    points = np.arange(500)
    ranged = make(500, seed=2, g_nmda=(20, 40), tau_ca=(1, 2)).columns(points)
    drawn = make(500, seed=2, g_nmda=G, tau_ca=Prior("uniform", (1, 2), WHY)).columns(points)
    for name, values in ranged.items():
        np.testing.assert_allclose(drawn[name], values, rtol=1e-7)


# ---- one sweep of several laws and arms ---------------------------------------------------------


@pytest.mark.filterwarnings("ignore::mgsim.sweeps.prepare.DeadAxisWarning")
@pytest.mark.parametrize(
    ("law", "engine"), [*((law, "fused") for law in LAWS), ("kampa_2004_trapping", BRIAN)]
)
def test_a_factor_of_one_changes_no_bit(law, engine):
    one = Prior("constant", (1,), WHY, "block_strength")
    flat = Prior("constant", (1,), WHY, "block_slope")
    design = mg.designs.draws(2, block_strength=one, block_slope=flat, dummy_1=RATIO)
    short = CELL[1].lasting(6, (0, 6))
    options = {"block": law, "mg_out": [0.2, 1.2], "engine": engine, "train_start": 0.5}
    if law == "none":  # nothing there to scale
        options["block"] = [law, "jahr_stevens_1990"]
    drawn = mg.sweep(CELL[0], short, CELL[2], design=design, **options)
    plain = mg.sweep(CELL[0], short, CELL[2], **options)
    for name, values in numbers(plain).items():
        np.testing.assert_array_equal(drawn[name].isel(point=0).values, values)
        np.testing.assert_array_equal(drawn[name].isel(point=1).values, values)


def test_a_strength_is_as_much_more_magnesium():
    """Of every law at once, in a run: its definition (see tests/contract/test_effects.py)."""
    options = {"block": LAWS[1:], "follow": None}
    twice = Prior("constant", (2,), WHY, "block_strength")
    one = mg.sweep(*CELL, design=mg.designs.draws(1, block_strength=twice), mg_out=0.5, **options)
    other = mg.sweep(*CELL, mg_out=1.0, **options)
    for name in ("mean_v", "ca_charge_nmda"):
        np.testing.assert_allclose(one[name].isel(point=0), other[name], rtol=1e-9)


def test_every_law_and_arm_meets_the_same_draws():
    design = mg.designs.draws(8, g_nmda=G, block_strength=STRENGTH, ampa_nmda_ratio=RATIO)
    arms = {"usual": {}, "without": {"g_ampa": 0}, "control": {"g_nmda": 10, "tau_ca": "40 ms"}}
    arms["control"] |= {"g_ampa": 4}
    found = job(
        design,
        block=LAWS,
        arms=arms,
        follow={"g_ampa": "ampa_nmda_ratio*g_nmda"},
        mg_out=[0.2, 1.2],
    ).request
    assert found.design.dims == {"block": 4, "mg_out": 2, "arm": 3, "point": 8}
    drawn = design.columns(np.arange(8))
    ampa = drawn["ampa_nmda_ratio"] * drawn["g_nmda"]
    for variant, places in found.split(np.arange(found.size)):
        columns = found.batch(variant, places).columns
        law, arm = variant.labels["block"], variant.labels["arm"]

        def at(name, columns=columns, places=places):
            return np.broadcast_to(columns[name], len(places)).reshape(2, 8)

        own = {"control": np.full(8, 10.0)}.get(arm, drawn["g_nmda"])
        np.testing.assert_allclose(at("g_nmda"), np.tile(own * 1e-9, (2, 1)), rtol=1e-12)
        own = {"without": np.zeros(8), "control": np.full(8, 4.0)}.get(arm, ampa)
        np.testing.assert_allclose(at("g_ampa"), np.tile(own * 1e-9, (2, 1)), rtol=1e-12)
        factor = drawn["block_strength"]
        if law == "jahr_stevens_1990":
            np.testing.assert_allclose(at("mg_k"), np.tile(3.57 / factor, (2, 1)), rtol=1e-12)
        elif law != "none":
            on = mg.blocks["kampa_2004"]["mg_on"].si
            np.testing.assert_allclose(at("mg_on"), np.tile(on * factor, (2, 1)), rtol=1e-12)
        assert columns["tau_ca"] == (0.04 if arm == "control" else 0.08)


ALL = {
    "design": mg.designs.draws(
        8, seed=3, own=["mine"], g_nmda=G, mine=RATIO, block_strength=STRENGTH, dummy_2=RATIO
    ),
    "block": ["none", "jahr_stevens_1990", "kampa_2004"],
    "mg_out": [0.2, 1.2],
    "follow": {"g_ampa": "mine*g_nmda"},
    "arms": {"usual": {}, "without": {"g_nmda": 0, "g_ampa": 0}},
}
WRITTEN = """
model = "kinetic"
protocol = "train_20hz"
duration = 60
measures = ["mean_v", "ca_charge_nmda"]
[axes]
block = ["none", "jahr_stevens_1990", "kampa_2004"]
mg_out = [0.2, 1.2]
[design]
kind = "draws"
points = 8
seed = 3
own = ["mine"]
priors.g_nmda = {shape = "uniform", arguments = [20, 40], source = "assumed: said otherwise"}
priors.mine = {shape = "uniform", arguments = [0.2, 0.6], source = "assumed: for a test"}
priors.dummy_2 = {shape = "uniform", arguments = [0.2, 0.6], source = "assumed: for a test"}
[design.priors.block_strength]
shape = "lognormal"
arguments = [1, 0.3]
source = "assumed: for a test"
scales = "block_strength"
[follow]
g_ampa = "mine*g_nmda"
[arms.usual]
[arms.without]
g_nmda = 0
g_ampa = "0 nS"
"""


@pytest.fixture(scope="module")
def memory():
    return mg.sweep(*CELL, **ALL)


def test_memory_folder_file_and_command_line_agree_bit_for_bit(memory, tmp_path, capsys):
    folder = mg.sweep(*CELL, **ALL, out=tmp_path / "a")
    assert folder.identical(memory)
    assert mg.open_sweep(tmp_path / "a").identical(memory)
    path = tmp_path / "study.toml"
    path.write_text(WRITTEN, encoding="utf-8")
    assert identity(describe(sweep_file.read(path))) == identity(describe(job(**ALL)))
    assert main(["sweep", "run", str(path), "--out", str(tmp_path / "b")]) == GOOD
    assert main(["sweep", "run", str(path), "--out", str(tmp_path / "a")]) == GOOD  # opened
    same(mg.open_sweep(tmp_path / "b"), memory)
    capsys.readouterr()
    assert main(["sweep", "run", str(path), "--json"]) == GOOD
    shown = json.loads(capsys.readouterr().out)["data_vars"]
    assert shown["mean_v"]["data"] == memory.mean_v.values.tolist()


def test_coordinates_are_what_was_run(memory):
    """A number that was scaled, followed or set by an arm is nowhere shown as it was before."""
    drawn = ALL["design"].columns(np.arange(8))
    np.testing.assert_array_equal(
        memory.g_nmda.transpose("arm", "point"), [drawn["g_nmda"], np.zeros(8)]
    )
    ampa = drawn["mine"] * drawn["g_nmda"]
    shown = memory.g_ampa.transpose("arm", "point")
    np.testing.assert_allclose(shown, [ampa, np.zeros(8)], rtol=1e-12)
    k = memory.mg_k
    assert k.dims == ("block", "point")  # an arm changes nothing of it
    np.testing.assert_array_equal(
        k.sel(block="jahr_stevens_1990"), 3.57 * drawn["block_strength"] ** -1.0
    )
    assert np.isnan(k.sel(block=["none", "kampa_2004"])).all()
    assert memory.mine.attrs["source"] == WHY
    assert "lognormal, median 1, sigma 0.3 (assumed: for a test)" in memory.attrs["priors"]
    assert (
        "mg_k**-1 of jahr_stevens_1990; mg_on of kampa_2004; on nothing with none"
        in (memory.attrs["priors"])
    )
    assert memory.attrs["follows"] == "g_ampa follows mine*g_nmda"
    assert memory.attrs["arms"].splitlines()[1] == "without: g_nmda 0 nS, g_ampa 0 nS"


def test_a_table_holds_what_was_run(memory, tmp_path):
    mg.sweep(*CELL, **ALL, out=tmp_path / "memory.csv")
    mg.sweep(*CELL, **ALL, out=tmp_path / "s")
    assert main(["sweep", "export", str(tmp_path / "s"), str(tmp_path / "folder.csv")]) == GOOD
    text = (tmp_path / "memory.csv").read_text()
    assert text == (tmp_path / "folder.csv").read_text()
    rows = list(csv.DictReader(text.splitlines()))
    assert {r["g_nmda"] for r in rows if r["arm"] == "without"} == {"0.0"}
    assert {r["mg_k"] for r in rows if r["block"] == "none"} == {""}
    row = rows[8]  # block none, 0.2 mM, arm without
    assert (row["arm"], float(row["g_ampa"])) == ("without", 0.0)


def test_a_sweep_goes_on_and_is_repaired(memory, tmp_path, capsys):
    path = tmp_path / "study.toml"
    path.write_text(WRITTEN, encoding="utf-8")
    folder = tmp_path / "s"
    assert main(["sweep", "run", str(path), "--out", str(folder), "--batch", "10"]) == GOOD
    for chunk in (folder / "values").glob("[35].*"):
        chunk.unlink()
    for mark in sorted((folder / "done").glob("*.json"))[:2]:
        mark.unlink()
    assert main(["sweep", "repair", str(folder)]) == GOOD
    assert mg.open_sweep(folder).drop_attrs().identical(memory.drop_attrs())
    capsys.readouterr()
    assert main(["sweep", "status", str(folder)]) == GOOD
    out = capsys.readouterr().out
    assert "mine: uniform, low 0.2, high 0.6 (assumed: for a test)" in out
    assert "g_ampa follows mine*g_nmda" in out
    assert "without: g_nmda 0 nS" in out
    assert main(["sweep", "plan", str(path)]) == GOOD
    assert "mine: uniform, low 0.2, high 0.6" in capsys.readouterr().out


def test_an_experiment_of_the_command_line_is_repaired(tmp_path):
    """What was typed is kept in the folder, and means the same job again."""
    folder = tmp_path / "s"
    line = ["sweep", "run", "mg_response", "--axis", "mg_out=0.2,1.2", "--set", "train_start=5ms"]
    line += ["--design", 'kind="draws", points=3', "--follow", "g_ampa=g_nmda/3"]
    line += ["--prior", 'g_nmda=shape="uniform", arguments=[20, "40 nS"], source="assumed: x"']
    line += ["--arm", "usual=", "--arm", 'off=block="none"', "--out", str(folder)]
    assert main(line) == GOOD
    before = mg.open_sweep(folder)
    assert dict(before.sizes) == {"mg_out": 2, "arm": 2, "point": 3}
    for chunk in (folder / "values").glob("0.*"):
        chunk.unlink()
    assert main(["sweep", "repair", str(folder)]) == GOOD
    np.testing.assert_array_equal(mg.open_sweep(folder).mean_v, before.mean_v)


def test_a_job_goes_to_a_worker_whole():
    again = pickle.loads(pickle.dumps(job(**ALL)))  # noqa: S301
    assert describe(again) == describe(job(**ALL))
    for one, other in zip(again.request.variants, job(**ALL).request.variants, strict=True):
        assert one.rules == other.rules


# ---- identity -----------------------------------------------------------------------------------


def key(design=None, **options):
    return identity(describe(job(design, **options)))


def test_the_order_matters_where_it_changes_the_points():
    wide = {"g_nmda": G, "tau_ca": (20, 90)}
    turned = dict(reversed(wide.items()))
    for make in (mg.designs.sobol, mg.designs.latin_hypercube):
        one, other = make(8, **wide), make(8, **turned)
        points = (d.columns(np.arange(8))["tau_ca"] for d in (one, other))
        assert not np.array_equal(*points)
        assert key(one) != key(other)


def test_the_order_of_draws_does_not_matter(tmp_path):
    one = mg.designs.draws(8, g_nmda=G, block_strength=STRENGTH)
    other = mg.designs.draws(8, block_strength=STRENGTH, g_nmda=G)
    assert key(one) == key(other)
    first = mg.sweep(*CELL, design=one, out=tmp_path / "s")
    assert mg.sweep(*CELL, design=other, out=tmp_path / "s").identical(first)


def test_words_are_no_part_of_an_identity_but_numbers_are():
    design = mg.designs.draws(8, g_nmda=G)
    said = mg.designs.draws(8, g_nmda=Prior("uniform", (20, 40), "unverified: recalled"))
    wider = mg.designs.draws(8, g_nmda=Prior("uniform", (20, 41), WHY))
    seeded = mg.designs.draws(8, seed=1, g_nmda=G)
    assert key(design) == key(said)
    more = mg.designs.draws(8, g_nmda=G, block_strength=STRENGTH)
    turned = Prior("lognormal", (1, 0.3), WHY, {"mg_k": 1})
    weaker = mg.designs.draws(8, g_nmda=G, block_strength=turned)
    followed = key(design, follow={"g_ampa": "g_nmda/3"})
    keys = {key(d) for d in (design, wider, seeded, more, weaker)} | {followed}
    keys.add(key(design, follow={"g_ampa": "g_nmda/2"}))
    keys.add(key(design, arms={"low": {"mg_out": 0.2}}))
    keys.add(key(design, arms={"low": {"mg_out": 0.3}}))
    assert len(keys) == 9


def test_a_folder_whose_draws_are_not_those_of_this_scipy_is_refused(tmp_path, monkeypatch):
    mg.sweep(*CELL, design=mg.designs.draws(4, g_nmda=G), out=tmp_path / "s")
    monkeypatch.setattr(
        "mgsim.sweeps.designs._rows", lambda seed, block: np.full((4096, WIDTH), 0.25)
    )
    with pytest.raises(ValueError, match="not those that this version of scipy draws"):
        mg.open_sweep(tmp_path / "s")


TAMPERED = {
    "a name that nothing has": lambda m: m["frame"]["rules"][0].update(g_ampa="mine*nothing_of_it"),
    "a call": lambda m: m["frame"]["rules"][0].update(g_ampa="open(1)"),
    "a tower": lambda m: m["frame"]["rules"][0].update(g_ampa="9**9**9**9**9"),
    "depth": lambda m: m["frame"]["rules"][0].update(g_ampa="(" * 400 + "1" + ")" * 400),
    "no rules": lambda m: m["frame"].update(rules=[]),
    "a unit less": lambda m: m["frame"]["units"].pop("g_nmda"),
    "a unit that is none": lambda m: m["frame"]["units"].update(g_nmda="x y"),
    "a factor that nothing has": lambda m: m["frame"]["rules"][2]["mg_k"].update(times={"no": 1.0}),
    "an axis worked out": lambda m: m["frame"]["coordinates"]["mg_out"].update(worked=True),
    "worked out and given": lambda m: m["frame"]["coordinates"]["g_ampa"].update(values=[1.0]),
    "a shape that is none": lambda m: prior(m).update(shape="exec"),
    "an argument less": lambda m: prior(m).update(arguments=[1.0]),
    "arguments turned": lambda m: prior(m).update(arguments=[40.0, 20.0]),
    "arguments moved": lambda m: prior(m).update(arguments=[21.0, 40.0]),
    "a column that is none": lambda m: m["structure"]["inner"].update(drawn_at=[5, 96, 3, 128]),
    "a column twice": lambda m: m["structure"]["inner"].update(drawn_at=[5, 5, 3, 1]),
    "a column less": lambda m: m["structure"]["inner"].update(drawn_at=[5]),
    "another column": lambda m: m["structure"]["inner"].update(drawn_at=[5, 97, 3, 1]),
    "an axis less": lambda m: m["structure"]["inner"].update(axes=["g_nmda"]),
    "an axis that nothing has": lambda m: m["structure"]["inner"]["axes"].append("no"),
    "a range too": lambda m: m["structure"]["inner"]["ranges"].update(g_nmda=[1.0, 2.0]),
    "many draws": lambda m: m["structure"]["inner"].update(n=10**11),
}


def prior(manifest):
    return manifest["structure"]["inner"]["priors"]["g_nmda"]


@pytest.mark.parametrize("what", TAMPERED)
def test_a_folder_that_says_what_cannot_be_is_refused_in_words(what, memory, tmp_path, capsys):
    folder = tmp_path / "s"
    mg.sweep(*CELL, **ALL, out=folder)
    for name in manifest.NAMES:
        content = manifest.read_as(folder / name, "manifest")
        TAMPERED[what](content)
        checked_json.write(folder / name, "manifest", content)
    before = sorted(folder.rglob("*"))
    assert main(["sweep", "status", str(folder)]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("mgsim: error:")
    assert sorted(folder.rglob("*")) == before


# ---- what cannot be meant -----------------------------------------------------------------------


def own(**axes):
    return mg.designs.draws(4, own=["more", "less"], **axes)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"g_nmda": G}, r"design=mg\.designs\.draws"),
        ({"design": own(more=RATIO)}, "no parameter 'more'.*fits nothing"),
        (
            {"design": own(more=Prior("uniform", (1, 2), WHY, ["mg_kk"]))},
            "no parameter 'mg_kk'.*did you mean mg_k",
        ),
        (
            {"design": own(more=Prior("uniform", (1, 2), WHY, {"mg_k": 1})), "block": "none"},
            "scales nothing here",
        ),
        ({"design": own(g_nmda=Prior("uniform", (1, 2), WHY, ["mg_k"]))}, "name it by what more"),
        ({"design": own(more=Prior("uniform", (1, 2), WHY, ["mg_k"])), "mg_k": [1, 2]}, "an axis"),
        (
            {
                "design": own(more=Prior("uniform", (1, 2), WHY, ["g_ampa"])),
                "follow": {"g_ampa": "g_nmda"},
            },
            "worked out",
        ),
        ({"design": own(more=Prior("uniform", (-1, 2), WHY, ["mg_k"]))}, "factor must be above 0"),
        ({"design": own(g_nmda=Prior("normal", (0, 9), WHY))}, "cannot be negative.*drawn"),
        ({"design": own(g_nmda=Prior("lognormal", (1, 1e4), WHY))}, "finite"),
        ({"design": own(g_nmda=Prior("uniform", ("1 mV", "2 mV"), WHY))}, "must be in nS"),
        ({"design": own(dummy_1=RATIO), "follow": {"g_ampa": "dummy_1*g_nmda"}}, "a dummy"),
        ({"design": own(g_nmda=G), "g_nmda": 3}, "given twice"),
        ({"design": own(more=Prior("uniform", ("1 nS", "2 nS"), WHY))}, "must be in 1"),
        ({"follow": {"g_ampa": "g_nmda", "g_nmda": "g_ampa"}}, "circle"),
        ({"follow": {"g_ampa": "g_ampa"}}, "circle"),
        ({"follow": {"g_ampa": "g_nmdaa"}}, "no parameter or prior 'g_nmdaa'.*g_nmda"),
        ({"follow": {"g_amp": "g_nmda"}}, "no parameter 'g_amp'.*g_ampa"),
        ({"follow": {"g_ampa": "g_nmda*mV"}}, "the unit is nS"),
        ({"follow": {"g_ampa": "g_nmda*t/ms"}}, "'t' is no value of a point"),
        ({"follow": {"g_ampa": "f(g_nmda)"}}, "functions are"),
        ({"follow": {"g_ampa": "(g_nmda"}}, "cannot read"),
        ({"follow": {"g_ampa": ""}}, "an expression"),
        ({"follow": {"g_ampa": "-g_nmda"}}, "cannot be negative.*follows"),
        ({"follow": {"g_ampa": "g_nmda/(g_m*0)*g_m"}}, "finite.*follows"),
        ({"follow": {"g_ampa": "g_nmda"}, "g_ampa": 3}, "given too"),
        ({"arms": {}}, "values by name"),
        ({"arms": {"a": 3}}, "values by name"),
        ({"arms": {"a b": {}}}, "a name is letters"),
        ({"arms": {"a": {"g_mnda": 3}}}, "no parameter 'g_mnda'.*g_nmda"),
        ({"arms": {"a": {"mg_out": [0, 1]}}}, "one number"),
        ({"arms": {"a": {"mg_out": -1}}}, "cannot be negative"),
        ({"arms": {"a": {"seed": 1}}}, "no parameter"),
        ({"arms": {"a": {"mg_out": 1}}, "mg_out": [0, 1]}, "an axis, and an arm sets it"),
        ({"arms": {"a": {"block": "none"}}, "block": LAWS}, "'block' is given, and arm 'a'"),
        ({"arms": {"a": {"block": "nona"}}}, "no block 'nona'"),
        ({"arms": {"a": {"mg_k": 1}}, "block": LAWS[:2]}, "no parameter of the model with"),
        (
            {"arms": {"a": {"g_nmda": 0}}, "follow": {"g_ampa": "g_nmda/3"}},
            "arm sets 'g_nmda', from which 'g_ampa' follows",
        ),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_runs(options, words):
    with pytest.raises((AxisError, UnknownName, EquationError, ValueError), match=words) as caught:
        job(**options)
    assert "\n" not in str(caught.value)


def test_what_the_window_follows_is_no_condition():
    step = (mg.models["cell"], mg.protocols["current_step"], [mg.measures["mean_v"]])
    for options in (
        {"arms": {"late": {"step_start": 400}}},
        {"follow": {"step_start": "step_stop/2"}},
    ):
        with pytest.raises(AxisError, match="window of protocol 'current_step' follows"):
            prepare(*step, **options)


def test_a_threshold_takes_draws_and_arms_but_nothing_may_follow_from_its_axis():
    """Rheobase of a passive membrane grows with its leak (Ohm's law): twice the leak, more."""
    cell = mg.models["cell"], mg.protocols["current_step"].lasting(100, (0, 100))
    look = {"axis": "i_amp", "between": (0, 2000), "to": 20, "measure": "spike_count", "looks": 3}
    look |= {"level": 0.5, "step_start": 5, "step_stop": 90}
    design = mg.designs.draws(1, own=["leaky"], leaky=Prior("constant", (1,), WHY, ["g_leak"]))
    arms = {"usual": {}, "leaky": {"g_leak": "0.2 mS/cm**2"}}
    found = mg.threshold(*cell, **look, design=design, arms=arms)
    (name,) = found.data_vars.keys() - {"status", "failed_at"}
    low, high = (found[name].sel(arm=arm).values for arm in arms)
    assert np.all(high > low)
    with pytest.raises(AxisError, match="'g_leak' follows from 'i_amp'"):
        mg.threshold(*cell, **look, follow={"g_leak": "(0.1 + i_amp/(2e4*pA))*mS/cm**2"})
    for options in ({"arms": {"a": {"i_amp": 3}}}, {"follow": {"i_amp": "step_start*pA/ms"}}):
        with pytest.raises(AxisError, match="i_amp"):
            mg.threshold(*cell, **look, **options)


# ---- arms and models that lack something --------------------------------------------------------


def test_a_prior_need_not_be_in_every_arm():
    design = mg.designs.draws(4, g_nmda=G, g_ampa=Prior("uniform", (5, 9), WHY))
    arms = {"synapse": {"model": "standard"}, "patch": {"model": "tonic"}}
    found = prepare(
        mg.models["standard"],
        mg.protocols["rest"].lasting(20, (0, 20)),
        [mg.measures["mean_v"]],
        design=design,
        arms=arms,
        tau_ampa=3,
    ).request
    by_arm = {v.labels["arm"]: set(found.parameters(v)) for v in found.variants}
    assert "g_ampa" in by_arm["synapse"] - by_arm["patch"]
    with pytest.raises(AxisError, match="tau_ampa"):  # the same of two models, without arms
        prepare(
            mg.models["standard"],
            mg.protocols["rest"],
            None,
            model=["standard", "tonic"],
            tau_ampa=3,
        )


def test_a_prior_need_not_be_in_every_model():
    design = mg.designs.draws(4, g_ampa=Prior("uniform", (5, 9), WHY))
    short = mg.protocols["rest"].lasting(20, (0, 20))
    models = {"model": ["standard", "tonic"]}
    found = prepare("standard", short, ["mean_v"], design=design, **models).request
    with_it, without = (found.batch(v).columns for v in found.variants)
    assert np.all((with_it["g_ampa"] > 5e-9) & (with_it["g_ampa"] < 9e-9))
    assert "g_ampa" not in without


def test_what_follows_need_not_be_in_every_arm():
    """A patch has neither AMPA receptors nor what their conductance follows from here."""
    arms = {"synapse": {"model": "standard"}, "patch": {"model": "tonic"}}
    short = mg.protocols["rest"].lasting(20, (0, 20))
    follow = {"g_ampa": "tau_ampa*nS/ms"}
    found = prepare("standard", short, ["mean_v"], arms=arms, follow=follow).request
    rules = {v.labels["arm"]: v.rules.keys() for v in found.variants}
    assert rules["synapse"] == {"g_ampa", "tau_ampa"}
    assert not rules["patch"]


def test_an_arm_sets_what_others_fix():
    ds = mg.sweep(
        *CELL[:2],
        CELL[2][0],
        mg_out=1.0,
        arms={"none": {"block": "none"}, "usual": {}, "low": {"mg_out": "200 uM"}},
    )
    assert ds.mg_out.values.tolist() == [1.0, 1.0, 0.2]
    for arm, options in (("usual", {}), ("low", {"mg_out": 0.2}), ("none", {"block": "none"})):
        alone = mg.sweep(*CELL[:2], CELL[2][0], **{"mg_out": 1.0, **options})
        assert float(ds.mean_v.sel(arm=arm)) == float(alone.mean_v)


def test_what_follows_may_follow_from_what_follows():
    design = mg.designs.draws(4, own=["total"], total=Prior("uniform", (30, 40), WHY))
    follow = {"g_ampa": "total*nS - g_nmda", "g_nmda": "0.7*total*nS"}
    request = job(design, follow=follow).request
    columns = request.batch(request.variants[0]).columns
    total = design.columns(np.arange(4))["total"]
    np.testing.assert_allclose(columns["g_ampa"] + columns["g_nmda"], total * 1e-9, rtol=1e-12)


# ---- warnings, once a job -----------------------------------------------------------------------


def told(caught, kind):
    return [str(w.message) for w in caught if w.category is kind]


def test_a_job_warns_once_whatever_arms_laws_and_batches_it_has(tmp_path):
    design = mg.designs.draws(
        8, tau_ca=Prior("uniform", (1, 900), WHY), g_nmda=Prior("uniform", (1e4, 1e5), WHY)
    )
    options = {"block": LAWS, "mg_out": [0.05, 1.2], "arms": {"a": {}, "b": {"celsius": 44}}}
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        found = job(design, **options)
        found.run(np.arange(8), lambda _: None)
        found.run(np.arange(8, 24), lambda _: None)
    (beyond,) = told(caught, RangeWarning)
    assert beyond.count("g_nmda (drawn)") == beyond.count("tau_ca (drawn)") == 1
    assert "at 8 of 8 values" in beyond
    (extrapolated,) = told(caught, ExtrapolationWarning)
    assert "kampa_2004_trapping" in extrapolated


@pytest.mark.filterwarnings("error::mgsim.sweeps.resolving.run_warnings.MissedStimulusWarning")
def test_a_stimulus_is_missed_in_the_arm_that_moves_it():
    whole = CELL[1].lasting(60, (0, 60))
    arms = {"usual": {}, "late": {"train_start": 70}}
    with pytest.raises(MissedStimulusWarning, match="train_start 70 ms"):
        prepare(CELL[0], whole, CELL[2], arms=arms)
    prepare(CELL[0], whole, CELL[2], arms={"early": {"train_start": 20}}, train_start=70)


# ---- hostile text -------------------------------------------------------------------------------

HEAD = 'model = "kinetic"\nprotocol = "train_20hz"\n'
PRIOR = 'kind = "draws"\npoints = 4\npriors.g_nmda = {shape = "uniform", arguments = [20, 40]'
HOSTILE = {
    "no source": f"[design]\n{PRIOR}}}",
    "source of two lines": f'[design]\n{PRIOR}, source = "assumed: a\\nb"}}',
    "source that a terminal obeys": f'[design]\n{PRIOR}, source = "assumed: \\u001b[2J"}}',
    "source that is none": f'[design]\n{PRIOR}, source = "well known"}}',
    "unknown key": f'[design]\n{PRIOR}, source = "assumed: x", scale = 3}}',
    "unknown effect": f'[design]\n{PRIOR}, source = "assumed: x", scales = "block_stregnth"}}',
    "power of text": f'[design]\n{PRIOR}, source = "assumed: x", scales = {{mg_k = "1"}}}}',
    "power of zero": f'[design]\n{PRIOR}, source = "assumed: x", scales = {{mg_k = 0}}}}',
    "code for a name": f'[design]\n{PRIOR}, source = "assumed: x", scales = ["__import__(1)"]}}',
    "shape of code": '[design]\nkind = "draws"\npoints = 4\n'
    'priors.g_nmda = {shape = "os.system", arguments = [1], source = "assumed: x"}',
    "arguments of text": '[design]\nkind = "draws"\npoints = 4\n'
    'priors.g_nmda = {shape = "uniform", arguments = "01", source = "assumed: x"}',
    "too many arguments": '[design]\nkind = "draws"\npoints = 4\n'
    'priors.g_nmda = {shape = "uniform", arguments = [1, 2, 3], source = "assumed: x"}',
    "nan": '[design]\nkind = "draws"\npoints = 4\n'
    'priors.g_nmda = {shape = "uniform", arguments = [nan, 1], source = "assumed: x"}',
    "a prior that is a list": '[design]\nkind = "draws"\npoints = 4\npriors.g_nmda = [20, 40]',
    "a range drawn": '[design]\nkind = "draws"\npoints = 4\nranges = {g_nmda = [20, 40]}',
    "no priors": '[design]\nkind = "draws"\npoints = 4',
    "a name without a column": '[design]\nkind = "draws"\npoints = 4\n'
    'priors.own = {shape = "uniform", arguments = [1, 2], source = "assumed: x"}',
    "a reserved name": '[design]\nkind = "draws"\npoints = 4\n'
    'priors.seed = {shape = "uniform", arguments = [1, 2], source = "assumed: x"}',
    "too many draws": f'[design]\n{PRIOR}, source = "assumed: x"}}'.replace("4", "99999999", 1),
    "own twice": f'[design]\n{PRIOR}, source = "assumed: x"}}\nown = ["a", "a"]',
    "range and prior": '[design]\nkind = "sobol"\npoints = 4\nranges = {g_nmda = [20, 40]}\n'
    'priors.g_nmda = {shape = "uniform", arguments = [1, 2], source = "assumed: x"}',
    "follow a call": '[follow]\ng_ampa = "open(1)"',
    "follow an attribute": '[follow]\ng_ampa = "g_nmda.real"',
    "follow brackets": '[follow]\ng_ampa = "g_nmda[0]"',
    "follow text": "[follow]\ng_ampa = \"'a'*9\"",
    "follow a tower": '[follow]\ng_ampa = "g_nmda*9**9**9**9"',
    "follow depth": f'[follow]\ng_ampa = "{"(" * 400}g_nmda{")" * 400}"',
    "follow length": f'[follow]\ng_ampa = "{"g_nmda+" * 2000}g_nmda"',
    "follow a number": "[follow]\ng_ampa = 3",
    "arms of a list": "[arms]\nlow = [1, 2]",
    "arms of code": '[arms.low]\nmg_out = "__import__(1)"',
    "arms of a table": "[arms.low.mg_out]\nx = 1",
    "an arm's seed": "[arms.low]\nseed = 1",
}


@pytest.mark.parametrize("what", HOSTILE)
def test_hostile_text_gives_one_clear_line(what, tmp_path, capsys):
    path = tmp_path / "study.toml"
    path.write_text(HEAD + HOSTILE[what] + "\n", encoding="utf-8")
    assert main(["sweep", "run", str(path), "--out", str(tmp_path / "s")]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("mgsim: error:")
    assert len(said[0]) < 700
    assert said[0].isprintable()
    assert not (tmp_path / "s").exists()


@pytest.mark.parametrize(
    "typed",
    [
        ["--prior", "g_nmda=1"],
        ["--design", 'kind="draws", points=4', "--prior", "shape=uniform"],
        ["--design", "kind=draws"],
        ["--design", 'kind="draws"}\nx = {'],
        ["--design", 'kind="draws", points=4} #'],
        ["--design", f"{'a.' * 4000}b=1"],
        ["--design", f"a={'[' * 5000}"],
        ["--design", "a={" + "a={" * 900],
        ["--design", 'kind="table", file="/etc/passwd"'],
        ["--design", 'kind="table", file="../x.csv"'],
        ["--follow", "g_ampa"],
        ["--follow", "g_ampa=open(1)"],
        ["--arm", "low=mg_out"],
        ["--arm", "low=mg_out=0.2", "--arm", "low=mg_out=0.3"],
        ["--arm", "a b=mg_out=0.2"],
        ["--design", 'kind="sobol", points=999999999999, ranges={tau_ca=[1,2]}'],
    ],
)
def test_a_hostile_command_line_gives_one_clear_line(typed, capsys):
    assert main(["sweep", "run", "mg_response", *typed]) == 2
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith("mgsim: error:")
    assert len(said[0]) < 700


def test_a_sweep_file_takes_no_options_beside_it(tmp_path, capsys):
    path = tmp_path / "study.toml"
    path.write_text(WRITTEN, encoding="utf-8")
    for flag, value in (
        ("--design", "x=1"),
        ("--follow", "a=b"),
        ("--arm", "a="),
        ("--prior", "a=b"),
    ):
        assert main(["sweep", "run", str(path), flag, value]) == 2
        assert f"{flag} is for experiments" in capsys.readouterr().err


# ---- experiments --------------------------------------------------------------------------------


def test_an_experiment_runs_its_job():
    experiment = mg.experiments["mg_response"].few()
    design = mg.designs.draws(2, mg_out=Prior("uniform", (0.2, 1.2), WHY), g_nmda=G)
    found = experiment.job(design=design, train_start="5 ms")
    assert found.request.design.dims == {"point": 2}  # the prior stands in place of the axis
    ds = experiment.run(design=design, train_start="5 ms")
    columns = found.request.batch(found.request.variants[0]).columns
    np.testing.assert_array_equal(ds.mg_out, columns["mg_out"])
    arms = experiment.job(arms={"low": {"mg_out": 0.2}, "usual": {"mg_out": 1.2}})
    assert arms.request.design.dims == {"arm": 2}


@pytest.mark.parametrize("name", mg.experiments)
def test_every_experiment_has_a_job_of_its_points(name):
    experiment = mg.experiments[name].few()
    request = experiment.job().request
    several = {n: v for n, v in experiment.axes.items() if np.ndim(v) or isinstance(v, list)}
    sample = [] if experiment.design is None else list(experiment.design.dims)
    first = ["model"] * (len(experiment.models) > 1)
    arms = ["arm"] * bool(experiment.arms)
    assert list(request.design.dims) == [*first, *several, *arms, *sample]


def test_an_experiment_has_arms_and_draws_of_its_own_where_a_run_gives_none():
    usual, low = {"mg_out": 1.2}, {"mg_out": 0.2}
    own = replace(
        mg.experiments["mg_response"],
        axes={"tau_ca": [40.0, 80.0]},
        arms={"low": low, "usual": usual},
        design=mg.designs.draws(8, own=("ratio",), g_nmda=G, ratio=Prior("uniform", (2, 4), WHY)),
        follow={"g_ampa": "g_nmda/ratio"},
    )
    dims = {"tau_ca": 2, "arm": 2, "point": 8}
    assert dict(own.job().request.design.dims) == dims
    assert dict(own.few().job().request.design.dims) == {**dims, "point": 4}

    def drawn(**given):
        request = own.job(**given).request
        values = request.values(request.variants[0], request.design.columns(np.arange(8)))
        return {n: values[n] for n in ("g_nmda", "g_ampa")}, set(request.priors)

    both, names = drawn()
    assert names == {"g_nmda", "ratio"}
    held, names = drawn(g_nmda=10.0)  # no longer drawn; what follows still does, as it was drawn
    assert names == {"ratio"}
    np.testing.assert_allclose(held["g_ampa"], 10.0 * both["g_ampa"] / both["g_nmda"])
    held, names = drawn(g_ampa=5.0)  # what was drawn for nothing else goes with it
    assert names == {"g_nmda"}
    np.testing.assert_array_equal(held["g_nmda"], both["g_nmda"])
    assert "point" not in own.job(g_ampa=5.0, g_nmda=10.0).request.design.dims
    followed, _ = drawn(follow={"tau_ampa": "tau_ca/40"})
    np.testing.assert_array_equal(followed["g_ampa"], both["g_ampa"])
    assert dict(own.job(arms={"one": low}).request.design.dims)["arm"] == 1
    assert dict(own.job(design=mg.designs.draws(2, g_nmda=G)).request.design.dims)["point"] == 2


def test_arms_that_set_the_same_numbers_are_one_system():
    """Sixty-four of them, of which each slot sees its own magnesium: one kernel, lowered once."""
    variants = mg.experiments["mg_shares"].few().job().request.variants
    assert len(variants) == 64
    assert len({id(v.system) for v in variants}) == len({id(v.model) for v in variants}) == 1
