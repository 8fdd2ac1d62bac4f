"""The fused engine: float32 within stated bounds; the same bits however the work is cut."""

import platform

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from running import FUSED, batch, run, unblocked

import mgsim as mg
from mgsim.compose.protocol import Protocol
from mgsim.engines.contract import Batch, Options, Trains
from mgsim.parts.blocks import without_magnesium
from mgsim.system.lowering import answerable

STANDARD, TONIC = mg.models["standard"], mg.models["tonic"]
TRAIN = mg.protocols["poisson_20hz"].lasting(200).with_values(train_rate=80)
MEASURES = answerable(STANDARD, TRAIN, mg.measures.all)


# ---- float32 ------------------------------------------------------------------------------------
def test_float32_is_within_its_bounds():
    """Ca within 1e-4, spike counts unchanged, v within 0.05 mV below threshold."""
    rows = [{"mg_out": m, "g_nmda": g} for m in (0.0, 0.4, 1.0, 2.0) for g in (5.0, 20.0)]
    chosen = [
        mg.measures[n] for n in ("ca_charge", "mean_ca", "nmda_charge", "spike_count", "peak_ca")
    ]
    double, single = (
        run(FUSED, STANDARD, TRAIN, chosen, rows, precision=p) for p in ("float64", "float32")
    )
    for name in ("ca_charge", "mean_ca", "nmda_charge", "peak_ca"):
        np.testing.assert_allclose(single.measures[name], double.measures[name], rtol=1e-3)
    np.testing.assert_array_equal(single.measures["spike_count"], double.measures["spike_count"])


def test_float32_of_the_full_model():
    """The same bounds with all other currents, release and surface charge."""
    rows = [{"mg_out": m, "g_ampa": 60.0} for m in (0.0, 0.8, 4.0)]
    names = ("ca_charge", "mean_ca", "peak_ca", "mean_v", "spike_count")
    chosen = [mg.measures[n] for n in names]
    double, single = (
        run(FUSED, mg.models["full"], TRAIN, chosen, rows, precision=p)
        for p in ("float64", "float32")
    )
    for name in names[:-1]:
        np.testing.assert_allclose(single.measures[name], double.measures[name], rtol=1e-3)
    np.testing.assert_array_equal(single.measures["spike_count"], double.measures["spike_count"])


def test_float32_integrals_do_not_drift():
    """100,000 steps of a small increment: a single-precision sum would be 1e-3 off."""
    rows = [{"mg_out": 1.0, "g_nmda": 5.0}]
    protocol = Protocol("p", "", 5000.0)
    a, b = (
        run(
            FUSED,
            TONIC,
            protocol,
            [mg.measures["ca_charge"], mg.measures["mean_v"]],
            rows,
            precision=p,
        )
        for p in ("float64", "float32")
    )
    for name in ("ca_charge", "mean_v"):
        assert b.measures[name][0] == pytest.approx(a.measures[name][0], rel=1e-4)


def test_a_result_says_its_precision():
    ds = mg.sweep(STANDARD, TRAIN, mg.measures["mean_v"], precision="float32")
    assert ds.attrs["precision"] == "float32"
    assert mg.sweep(STANDARD, TRAIN, mg.measures["mean_v"]).attrs["precision"] == "float64"


@pytest.mark.parametrize("law", list(mg.blocks.own))
def test_float32_blocks_at_their_limits(law):
    rows = [{"v_hold": v, "mg_out": m} for v in (-120, -70, 0, 80) for m in (0, 1e-9, 1, 1e3)]
    clamp = mg.protocols["voltage_clamp"].lasting(0.1, (0, 0.1))
    out = run(
        FUSED,
        mg.models["patch"].swap(mg.blocks[law]),
        clamp,
        (),
        rows,
        precision="float32",
        record=("unblocked",),
    )
    b = out.traces["unblocked"][:, 0]
    zero = np.array([r["mg_out"] == 0 for r in rows])
    own = without_magnesium(mg.blocks[law], v=[r["v_hold"] for r in rows if r["mg_out"] == 0])
    np.testing.assert_allclose(b[zero], own, rtol=0 if np.all(own == 1) else 2e-5)
    exact = unblocked(mg.blocks[law], rows)
    np.testing.assert_allclose(b, exact, rtol=2e-5)


# ---- the same bits ------------------------------------------------------------------------------
N = 70
RNG = np.random.default_rng(7)
ROWS = [
    {"mg_out": float(m), "g_nmda": float(g)}
    for m, g in zip(RNG.uniform(0, 3, N), RNG.uniform(0, 80, N), strict=True)
]


def full(precision="float64", threads=1):
    system, points = batch(STANDARD, TRAIN, MEASURES, ROWS, seed=5)
    times = [
        np.sort(RNG_TRAIN.uniform(0, 0.2, 12)) for RNG_TRAIN in map(np.random.default_rng, range(3))
    ]
    trains = {"pre": Trains(np.concatenate(times), np.array([0, 12, 24, 36]), np.arange(N) % 3)}
    return (
        system,
        Batch(N, points.columns, trains),
        Options(dt=5e-5, duration=0.2, precision=precision, threads=threads),
    )


def pick(points, which):
    columns = {n: c[which] if np.ndim(c) else c for n, c in points.columns.items()}
    train = points.trains["pre"]
    return Batch(
        len(which), columns, {"pre": Trains(train.times, train.offsets, train.of_point[which])}
    )


def bits(outcome):
    return {n: x.tobytes() for n, x in outcome.measures.items()}


@pytest.fixture(scope="module", params=["float64", "float32"])
def reference(request):
    system, points, options = full(request.param)
    return system, points, options, FUSED.run(system, points, options)


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
def test_any_number_of_threads(reference, threads):
    system, points, options, expected = reference
    from dataclasses import replace

    assert bits(FUSED.run(system, points, replace(options, threads=threads))) == bits(expected)


@settings(max_examples=8)
@given(st.permutations(range(N)), st.lists(st.integers(1, N - 1), max_size=5, unique=True))
def test_any_order_and_any_chunks(order, cuts):
    system, points, options = full()
    expected = FUSED.run(system, points, options)
    parts = np.split(np.array(order), sorted(cuts))
    found = [FUSED.run(system, pick(points, p), options) for p in parts]
    for name, values in expected.measures.items():
        joined = np.concatenate([o.measures[name] for o in found])
        assert joined.tobytes() == values[np.array(order)].tobytes(), name


def test_a_point_that_diverges_harms_no_other():
    rows = [dict(r) for r in ROWS[:20]]
    good = run(FUSED, STANDARD, TRAIN, MEASURES, rows)
    rows[7] = {"g_nmda": 1e12, "mg_out": 0.0}
    mixed = run(FUSED, STANDARD, TRAIN, MEASURES, rows)
    assert mixed.status.tolist() == [int(i == 7) for i in range(20)]
    assert np.isfinite(mixed.failed_at[7])
    keep = [i for i in range(20) if i != 7]
    for name in good.measures:
        assert mixed.measures[name][keep].tobytes() == good.measures[name][keep].tobytes()


# ---- nothing leaks ------------------------------------------------------------------------------
@pytest.mark.skipif(platform.machine() not in ("x86_64", "AMD64"), reason="x86 mode bits")
def test_flush_to_zero_does_not_leak():
    """Denormal arithmetic of the process is as before, in this thread and in new ones."""
    from concurrent.futures import ThreadPoolExecutor

    def denormals():
        return float(np.float64(1e-308) / 16) > 0 and float(np.float64(5e-324) * 1.0) > 0

    assert denormals()
    run(FUSED, STANDARD, TRAIN, MEASURES, ROWS, threads=2)
    assert denormals()
    with ThreadPoolExecutor(2) as pool:
        assert all(pool.map(lambda _: denormals(), range(8)))


def test_progress_is_told_and_ends_at_the_total():
    told = []
    run(
        FUSED,
        STANDARD,
        TRAIN,
        MEASURES,
        ROWS,
        on_progress=lambda done, total: told.append((done, total)),
    )
    assert told
    assert told[-1][0] == told[-1][1]
    assert [done for done, _ in told] == sorted(done for done, _ in told)
