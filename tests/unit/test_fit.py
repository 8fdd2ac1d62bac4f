"""Fitting block laws: constants that were put in come out, with honest intervals."""

import json
import math

import numpy as np
import pytest

import mgsim as mg
from mgsim.analysis import fitted
from mgsim.analysis.fit import compare, determinable, fit
from mgsim.analysis.measured import Data, DataError
from mgsim.catalogs.catalog import UnknownName
from mgsim.cli import BAD, GOOD, main
from mgsim.exports import export
from mgsim.sweeps.resolving.run_warnings import RangeWarning

JS = mg.blocks["jahr_stevens_1990"]
V, M = (a.ravel() for a in np.meshgrid(np.arange(-90.0, 51, 10), [0.05, 0.2, 1.0, 4.0]))
LAWS = [
    b
    for b in mg.blocks.own.values()
    if "unblocked" in {e.name for e in b.lines if not e.differential} and "mg_out" in b.requires
]


def block(law=JS, v=V, m=M, **values):
    return law.evaluate("unblocked", v=v, mg_out=m, **values)


def noisy(seed=0, noise=0.02, **values):
    return Data(
        V, M, block(**values) + np.random.default_rng(seed).normal(0, noise, V.size), "unblocked"
    )


def test_columns_of_other_lengths_are_named():
    for given, words in (
        ((V[1:], M, block()), f"v holds {V.size - 1} numbers for {V.size} points"),
        ((V, M[:3], block()), f"mg holds 3 numbers for {V.size} points"),
    ):
        with pytest.raises(DataError, match=words):
            Data(*given, "unblocked")


# ---- round trip ----------------------------------------------------------------------------------


@pytest.mark.filterwarnings("ignore::mgsim.sweeps.resolving.run_warnings.RangeWarning")
@pytest.mark.parametrize(
    "law", [b for b in LAWS if b.name != "antonov_johnson_1999"], ids=lambda b: b.name
)
def test_what_was_put_in_comes_out(law):
    free = determinable(law)
    assert len(free) >= 2
    known = {p.name: p.value for p in law.parameters}
    truth = {n: 1.2 * known[n] for n in free}
    data = Data(V, M, 2.5 * block(law, **truth) * (V - 3.0), "current")
    fitted = fit(law, data)
    found = fitted.values
    assert found.pop("g_nmda") == pytest.approx(2.5, rel=1e-4)
    assert found.pop("e_nmda") == pytest.approx(3.0, abs=1e-3)
    assert found == pytest.approx({**known, **fitted.given, **truth}, rel=1e-3)


def test_a_law_below_1_without_magnesium_is_compared_with_what_was_measured():
    """Fractions are of the conductance at zero magnesium; currents of the largest conductance."""
    law = mg.blocks["jahr_stevens_1990_flicker"]
    truth = {"mg_on": 1.2, "mg_close": 0.06}
    b, free = block(law, **truth), list(truth)
    share = Data(V, M, b / block(law, m=0, **truth), "unblocked")
    found = {e.name: e.value for e in fit(law, share, free=free).estimates}
    assert found == pytest.approx(truth, rel=1e-6)
    current = fit(law, Data(V, M, 30 * b * V, "current"), free=free, e_nmda=0)
    found = {e.name: e.value for e in current.estimates}
    assert found == pytest.approx(truth | {"g_nmda": 30}, rel=1e-6)


def test_intervals_cover_the_truth_as_often_as_they_say():
    """95 % intervals over 40 draws: at least 33 of 40 hold the truth (chance of less: 0.1 %)."""
    truth = {"mg_k": 3.57, "mg_slope": 0.062}
    inside = dict.fromkeys(truth, 0)
    for seed in range(40):
        for e in fit(JS, noisy(seed)).estimates:
            assert e.low < e.value < e.high
            inside[e.name] += e.low <= truth[e.name] <= e.high
    assert min(inside.values()) >= 33


def test_narrow_levels_give_narrow_intervals():
    wide, narrow = (fit(JS, noisy(), level=x).estimates[0] for x in (0.95, 0.5))
    assert wide.low < narrow.low < narrow.high < wide.high


def test_currents_with_noise():
    y = 2.0 * block() * (V - 1.5) + np.random.default_rng(4).normal(0, 1.5, V.size)
    found = {e.name: e for e in fit(JS, Data(V, M, y, "current")).estimates}
    assert list(found) == ["mg_k", "mg_slope", "g_nmda", "e_nmda"]
    for name, truth in (("mg_k", 3.57), ("mg_slope", 0.062), ("g_nmda", 2.0), ("e_nmda", 1.5)):
        assert found[name].low <= truth <= found[name].high
    held = fit(JS, Data(V, M, y, "current"), e_nmda=1.5)
    assert "e_nmda" not in {e.name for e in held.estimates}
    assert held.values["e_nmda"] == 1.5
    assert held.residuals.std() == pytest.approx(1.5, rel=0.25)


def test_constants_do_not_depend_on_how_large_currents_are():
    """Amperes read as pA are 1e-12 of them: constants of the block and intervals stay."""
    y = 2.0 * block(mg_k=4.0) * (V - 1.5) + np.random.default_rng(4).normal(0, 1.5, V.size)
    usual, small = (fit(JS, Data(V, M, c * y, "current")) for c in (1.0, 1e-12))
    for name, unit in (("mg_k", 1), ("mg_slope", 1), ("g_nmda", 1e12), ("e_nmda", 1)):
        one, other = ({e.name: e for e in f.estimates}[name] for f in (usual, small))
        assert [unit * x for x in (other.value, other.low, other.high)] == pytest.approx(
            [one.value, one.low, one.high], rel=1e-3
        )


def test_laws_that_both_fit_exactly_are_told_apart_by_nothing():
    """AICc of two laws of one form differs by rounding alone, whatever is left of the residuals."""
    data = Data(V, M, block(mg_k=3.0), "unblocked")
    fits, _ = compare([JS, mg.blocks["spruston_1995"]], data)
    assert fits[0].aicc == pytest.approx(fits[1].aicc, abs=1e-6)


def test_the_command_compares_laws_that_fit_exactly(tmp_path, capsys):
    rows = "\n".join(
        f"{v!r},{m!r},{b!r}"
        for v, m, b in zip(*map(np.ndarray.tolist, (V, M, block())), strict=True)
    )
    path = file(tmp_path, f"v,mg,unblocked\n{rows}\n")
    assert main(["fit", str(path), "--law", "jahr_stevens_1990,spruston_1995"]) == GOOD
    assert "the same curve as spruston_1995" in capsys.readouterr().out


def test_the_fitted_law_goes_into_a_model():
    found = fit(JS, noisy(1))
    b = found.law.evaluate("unblocked", v=V, mg_out=M)
    np.testing.assert_allclose(b, found.fitted, rtol=1e-12)
    assert found.law.name == "jahr_stevens_1990"


def test_there_is_one_fitted_law_and_every_way_leads_to_it():
    """What a run, an evaluation, an export and the values say are the same constants."""
    y = 2.0 * block(mg_k=5.0) * (V - 7.0)
    found = fit(JS, Data(V, M, y, "current", name="iv"))
    assert found.values["mg_k"] == found.law["mg_k"].value == pytest.approx(5.0, rel=1e-6)
    assert found.values["e_nmda"] == pytest.approx(7.0, abs=1e-5)
    assert not {"component", "e_nmda"} & set(dir(found))
    clamp = mg.protocols["voltage_clamp"].lasting(1.0, (0.0, 1.0))
    ds = mg.simulate(
        mg.models["patch"].swap(found.law),
        clamp,
        record=("unblocked",),
        v_hold=-40,
        mg_out=1.0,
        progress=False,
    )
    assert float(ds.unblocked[-1]) == pytest.approx(1 / (1 + np.exp(0.062 * 40) / 5.0), rel=1e-6)
    assert f"mg_k = {found.values['mg_k']!r}" in export(found.law, "neuron")


def test_a_fitted_law_says_so_wherever_it_goes():
    found = fit(JS, noisy(1))
    e = found.estimates[0]
    said = f"mg_k = {e.value:.6g} mM, fitted to data, 95 % interval {e.low:.4g} to {e.high:.4g} mM,"
    source = found.law["mg_k"].source
    assert source.startswith("fitted: to data, 95 % interval")
    assert "in place of 3.57 mM (jahr_1990:" in source
    model = mg.models["patch"].swap(found.law)
    clamp = mg.protocols["voltage_clamp"].lasting(1.0, (0.0, 1.0))
    ds = mg.sweep(model, clamp, mg.measures["mean_i_nmda"], progress=False)
    for text in (ds.attrs["differs"], export(found.law, "neuron"), "\n".join(found.law.differs)):
        assert said in " ".join(text.split())
    assert all("fitted to data" in mg.cite(x) for x in (found.law, model, ds))
    assert [x.published for x in fit(found.law, noisy(2)).estimates] == [3.57, 0.062]
    again = fit(found.law, noisy(2)).law["mg_k"]
    assert again.original.value == 3.57
    assert again.source.count("in place of") == 1


def test_what_was_held_is_in_the_law_too():
    law = mg.blocks["spruston_1995"]
    data = Data(V, M, block(law, mg_delta=0.9), "unblocked")
    found = fit(law, data, free=("mg_k",), mg_delta=0.9)
    assert found.law["mg_delta"].value == found.values["mg_delta"] == 0.9
    assert found.law["mg_delta"].source.startswith("set: in place of")


def test_points_are_weighed():
    y = block()
    y[:5] += 0.2
    trusted = Data(V, M, y, "unblocked", sd=np.where(np.arange(V.size) < 5, 1.0, 0.01))
    plain = Data(V, M, y, "unblocked")
    assert fit(JS, trusted).values["mg_k"] == pytest.approx(3.57, rel=1e-2)
    assert abs(fit(JS, plain).values["mg_k"] / 3.57 - 1) > 0.02


def test_temperature_is_held():
    law = mg.blocks["spruston_1995"]
    y = block(law, celsius=22.0, mg_delta=0.9) + np.random.default_rng(0).normal(0, 0.005, V.size)
    found = fit(law, Data(V, M, y, "unblocked"), celsius=22.0)
    assert found.values["mg_delta"] == pytest.approx(0.9, rel=0.01)
    assert fit(law, Data(V, M, y, "unblocked"), celsius=36.0).values["mg_delta"] > 0.92


def test_a_constant_outside_its_plausible_range_is_told():
    """A block deep in the field: beyond the whole way across it, an electrical distance of 1.25."""
    law = mg.blocks["spruston_1995"]
    data = Data(V, M, block(law, mg_delta=1.25), "unblocked", name="iv")
    with pytest.warns(RangeWarning, match=r"'spruston_1995' fitted to iv: mg_delta = 1\.25 .*0\.4"):
        found = fit(law, data)
    row = next(line for line in str(found).splitlines() if "mg_delta" in line)
    assert "outside the plausible range 0.4 to 1.1" in row
    assert str(found).count("outside") == 1
    with pytest.warns(RangeWarning, match="mg_delta = 1"):  # a law fitted once has that range still
        fit(found.law, data)
    with pytest.warns(RangeWarning, match=r"mg_delta = 1\.2 "):
        fit(law, data, free=("mg_k",), mg_delta=1.2)


# ---- comparing -----------------------------------------------------------------------------------


def test_held_values_are_read_as_everywhere():
    law, data = mg.blocks["spruston_1995"], noisy()
    assert fit(law, data, celsius="22 degC").values == fit(law, data, celsius=22).values
    with pytest.raises(KeyError, match="no parameter 'celcius'; did you mean celsius"):
        compare([JS, law], data, celcius=22)


def test_the_law_that_made_the_data_wins():
    """Magnesium that passes through gives a bend that the exponential form cannot follow."""
    antonov = mg.blocks["antonov_johnson_1999"]
    v, m = (a.ravel() for a in np.meshgrid(np.arange(-140.0, 51, 10), [0.01, 0.1, 1.0, 4.0]))
    truth = antonov.evaluate("unblocked", v=v, mg_out=m)
    data = Data(v, m, truth + np.random.default_rng(0).normal(0, 0.005, v.size), "unblocked")
    fits, _ = compare([JS, antonov], data, free=None)
    assert fits[0].law.name == "antonov_johnson_1999"
    assert fits[1].aicc - fits[0].aicc > 10


@pytest.mark.filterwarnings("ignore::mgsim.sweeps.resolving.run_warnings.RangeWarning")
def test_laws_of_one_form_fit_alike():
    fits, refused = compare([JS, mg.blocks["kampa_2004"], mg.blocks["chindemi_2022"]], noisy(2))
    assert not refused
    assert max(f.aicc for f in fits) == pytest.approx(min(f.aicc for f in fits), abs=1e-4)


def test_aicc():
    found = fit(JS, noisy(3))
    n, k = V.size, 3
    plain = n * math.log(float(found.residuals @ found.residuals) / n) + 2 * k
    assert found.aicc == pytest.approx(plain + 2 * k * (k + 1) / (n - k - 1))


def test_a_law_that_cannot_be_fitted_does_not_stop_the_others():
    fits, refused = compare([JS, mg.blocks["none"]], noisy())
    assert [f.law.name for f in fits] == ["jahr_stevens_1990"]
    assert "no block law" in refused["none"]
    with pytest.raises(DataError, match="no block law"):
        compare([mg.blocks["none"]], noisy())


# ---- refusals ------------------------------------------------------------------------------------


def part(mask, data=None):
    data = data or noisy()
    return Data(data.v[mask], data.mg[mask], data.y[mask], data.kind, name="some")


@pytest.mark.parametrize(
    ("data", "word"),
    [
        (part(np.arange(V.size) < 4), "4 points are too few for the 2 constants"),
        (
            Data(np.full(9, -60.0), np.linspace(0.1, 3, 9), np.linspace(0.8, 0.1, 9), "unblocked"),
            "1 potential and 9 magnesium concentrations",
        ),
        (Data(V, 0 * M, 0 * V + 1.0, "unblocked"), "cannot determine 'mg_k'"),
        (Data(V, 0 * M, 2.0 * V, "current"), "cannot determine"),
    ],
)
def test_data_that_cannot_answer(data, word):
    with pytest.raises(DataError, match=word):
        fit(JS, data)


def test_one_concentration_is_enough_for_two_constants():
    found = fit(JS, part(M == 1.0))
    assert found.values["mg_k"] == pytest.approx(3.57, rel=0.5)


def test_noise_without_block_is_refused():
    y = np.full(V.size, 0.5) + np.random.default_rng(0).normal(0, 0.3, V.size)
    with pytest.raises(DataError, match="cannot determine"):
        fit(JS, Data(V[::6], M[::6], y[::6], "unblocked"))


@pytest.mark.parametrize(
    ("v", "mg", "words"),
    [
        ([-60.0], np.geomspace(0.1, 10, 9), "1 potential and 9 magnesium concentrations"),
        ([-60.0, 20.0], [0.3], "2 potentials and 1 magnesium concentration;"),
    ],
)
def test_what_the_data_lack_is_counted(v, mg, words):
    """At one potential no slope can be told; g, E and K never from two potentials in one bath."""
    v, mg = (np.tile(a.ravel(), 4) for a in np.meshgrid(v, mg))
    current = v / (1 + mg / 3.57 * np.exp(-0.062 * v))
    with pytest.raises(DataError, match=f"cannot determine '.*; they hold {words}"):
        fit(JS, Data(v, mg, current, "current"))


def test_parameters_that_undo_one_another():
    words = "determine 'mg_v_ref' of 'jahr_stevens_1990' beside mg_k, mg_slope: a change of one"
    with pytest.raises(DataError, match=f"no measurement can {words} undoes that of the others"):
        fit(JS, noisy(), free=("mg_k", "mg_slope", "mg_v_ref"))
    with pytest.raises(UnknownName, match="mg_slope"):
        fit(JS, noisy(), free=("mg_slop",))
    with pytest.raises(UnknownName, match="no parameter 'celsus'"):
        fit(JS, noisy(), celsus=22.0)
    with pytest.raises(DataError, match="both held and free"):
        fit(JS, noisy(), free=("mg_k",), mg_k=3.0)


# ---- reading files -------------------------------------------------------------------------------


def file(tmp_path, text):
    path = tmp_path / "iv.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_units_in_the_head(tmp_path):
    rows = "\n".join(f"{v * 1e-3},{m * 1e3},{i}" for v, m, i in ((-60, 1, -5), (40, 0.1, 30)))
    data = mg.read_data(file(tmp_path, f"# a comment\nV [V], Mg (µM), current [nA]\n{rows}\n"))
    np.testing.assert_allclose(data.v, [-60, 40])
    np.testing.assert_allclose(data.mg, [1, 0.1])
    np.testing.assert_allclose(data.y, [-5000, 30000])
    assert (data.kind, data.name, data.size) == ("current", "iv", 2)


def test_semicolons_and_percent(tmp_path):
    data = mg.read_data(file(tmp_path, "v;mg_out;unblocked [%];sd\n-60;1;8;2\n40;1;97;2\n"))
    np.testing.assert_allclose(data.y, [0.08, 0.97])
    np.testing.assert_allclose(data.sd, [0.02, 0.02])


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("v,mg,current\n-0.06,1,2\n0.04,1,2\n", "so they are volts"),
        ("v,mg,current\n-60,1000,2\n40,100,2\n", "mg \\[uM\\]"),
        ("v,mg,current\n-60,-1,2\n", "cannot be negative"),
        ("v,mg,current\n-6000,1,2\n", "no potential in mV"),
        ("v,mg,unblocked\n-60,1,8\n", "percent"),
        ("v,mg,current\n-60,1,\n", "line 2: '' in column current"),
        ("# x\nv,mg,current\n-60,1,2\n-50,one,2\n", "line 4: 'one' in column mg"),
        ("v,mg\n-60,1\n", "one of the columns current and unblocked"),
        ("v,mg,current,unblocked\n-60,1,2,0.1\n", "one of the columns"),
        ("u,mg,current\n-60,1,2\n", "no column 'v'"),
        ("v,v,mg,current\n-60,1,1,2\n", "two columns give v"),
        ("v [mM],mg,current\n-60,1,2\n", "column v in mM"),
        ("v [mX],mg,current\n-60,1,2\n", "is not a unit"),
        ("", "needs a first line"),
    ],
)
def test_files_that_cannot_be_meant(tmp_path, text, word):
    with pytest.raises(DataError, match=word):
        mg.read_data(file(tmp_path, text))


# ---- data set, figure, CLI -----------------------------------------------------------------------


def test_the_data_set():
    fits, _ = compare([JS, mg.blocks["spruston_1995"]], noisy(5))
    ds = fitted.dataset(fits)
    np.testing.assert_allclose(ds.measured - ds.fitted, ds.residual.transpose("point", "law"))
    mg_k = float(ds.value.sel(law="jahr_stevens_1990", constant="mg_k"))
    assert mg_k == pytest.approx(3.57, rel=0.1)
    assert np.isnan(ds.value.sel(law="spruston_1995", constant="mg_slope"))
    curve = ds.curve.sel(law="jahr_stevens_1990", condition="1 mM Mg")
    assert float(curve.sel(x=-90)) == pytest.approx(float(block(v=-90.0, m=1.0)), rel=0.2)
    current = fitted.dataset([fit(JS, Data(V, M, 2.5 * block() * V, "current"))])
    for told, unit, word in ((ds, "1", "not blocked"), (current, "pA", "current")):
        assert word in told.measured.attrs["long_name"]
        for name in ("measured", "fitted", "curve", "residual"):
            assert told[name].attrs["units"] == unit


def test_the_figure():
    from mgsim.figures import fit as figure

    drawing = figure.draw(fitted.dataset([fit(JS, noisy())]))
    left, right = drawing.axes
    assert len(left.lines) > 8
    assert right.get_ylabel().startswith("Measured less fitted")


@pytest.fixture
def iv(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    y = 2.0 * block() * V + np.random.default_rng(0).normal(0, 1.0, V.size)
    rows = "\n".join(f"{v:g},{m:g},{i:.5g}" for v, m, i in zip(V, M, y, strict=True))
    return file(tmp_path, f"v [mV],mg [mM],current [pA]\n{rows}\n")


def test_the_command(iv, capsys, tmp_path):
    laws, out = "jahr_stevens_1990,kampa_2004,none", tmp_path / "out"
    assert main(["fit", "iv.csv", "--law", laws, "--out", "out"]) == GOOD
    said = capsys.readouterr()
    for word in (
        "mg_k",
        "95 % interval",
        "published 3.57",
        "the same curve as",
        "not fitted: none",
    ):
        assert word in said.out
    assert {p.name for p in out.iterdir()} == {"fit_iv.png", "fit_iv.pdf", "fit_iv.csv"}
    lines = (out / "fit_iv.csv").read_text().splitlines()
    assert len(lines) == 1 + 2 * V.size
    assert (
        main(
            [
                "fit",
                "iv.csv",
                "--law",
                "jahr_stevens_1990",
                "--set",
                "e_nmda=0mV",
                "--free",
                "mg_k,mg_slope",
                "--json",
            ]
        )
        == GOOD
    )
    found = json.loads(capsys.readouterr().out)["fits"][0]
    assert found["constants"]["mg_slope"]["low"] < 0.062 < found["constants"]["mg_slope"]["high"]
    assert len(found["residuals"]) == V.size


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ("--law jahr_stephens_1990", "jahr_stevens_1990"),
        ("--law none", "no block law"),
        ("--law jahr_stevens_1990 --free mg_v_ref,mg_k,mg_slope", "no measurement can determine"),
        ("--law jahr_stevens_1990 --set celcius=20", "no parameter"),
        ("--law spruston_1995 --set celcius=20", "did you mean celsius"),
        ("--law jahr_stevens_1990 --set level=0.9", "no parameter"),
        ("--law jahr_stevens_1990 --set free=mg_k", "use --free"),
        ("--law jahr_stevens_1990 --set e_nmda=1mM", "must be in mV"),
        ("--law jahr_stevens_1990 --set mg_k", "NAME=VALUE"),
    ],
)
def test_the_command_refuses(iv, options, word, capsys):
    assert main(["fit", "iv.csv", *options.split()]) == BAD
    assert word in capsys.readouterr().err


def test_a_file_that_is_not_there(capsys):
    assert main(["fit", "nowhere.csv", "--law", "jahr_stevens_1990"]) == BAD
    assert "nowhere.csv" in capsys.readouterr().err


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_the_interval_of_a_linear_constant_is_that_of_students_t(level):
    """g alone makes a straight line through 0: g = sum(xy)/sum(x^2), and t times its error."""
    from scipy.stats import t as student

    block = np.asarray(JS.evaluate("unblocked", v=V, mg_out=M))
    x = block * V
    y = 2.0 * x + np.random.default_rng(5).normal(0, 1.0, V.size)
    found = fit(JS, Data(V, M, y, "current"), free=(), level=level, e_nmda=0.0)
    g = float(x @ y / (x @ x))
    error = float(np.sqrt(np.sum((y - g * x) ** 2) / (V.size - 1) / (x @ x)))
    wide = float(student.ppf((1 + level) / 2, V.size - 1)) * error
    (one,) = found.estimates
    assert one.value == pytest.approx(g, rel=1e-6)
    assert (one.low, one.high) == pytest.approx((g - wide, g + wide), abs=0.01 * error)


def test_the_logit_of_a_boltzmann_law_is_a_straight_line():
    """log(B/(1 - B)) = log(3.57 mM/[Mg]) + 0.062 v of Jahr & Stevens (1990)."""
    from mgsim.analysis.fit import _logit

    block = np.asarray(JS.evaluate("unblocked", v=V, mg_out=M))
    np.testing.assert_allclose(_logit(block), np.log(3.57 / M) + 0.062 * V, rtol=1e-9, atol=1e-9)
