"""Numbers mean the same whoever computes them: no sentinels, no NaN that goes by unseen."""

import ast

import numpy as np
import pytest
from running import BRIAN, FUSED, run

import mgsim as mg
from mgsim.compose.measure import Measure
from mgsim.compose.protocol import Protocol
from mgsim.engines.fused.compiling import build
from mgsim.engines.updates import stepping
from mgsim.system.lowering import answerable

both = pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=lambda e: e.name)

#: x goes from k to 2 k in 10 ms.
RISING = mg.Model(
    "rising",
    (
        mg.Component(
            "rising",
            "slot",
            "",
            "dx/dt = k/(10*ms) : 1\nhigh = x - 3*k : 1",
            parameters=(
                mg.Parameter("k", 1.0, "1", "start", "assumed: for a test", (-1e200, 1e200)),
            ),
            initial={"x": "k"},
        ),
    ),
)


def peak(engine, k, window=(0.0, 10.0), of="high"):
    measure = Measure("top", "1", "largest", peak=of)
    of_run = dict(zip(("window_start", "window_stop"), window, strict=True))
    outcome = run(
        engine,
        RISING,
        Protocol("p", "", 10.0),
        [measure],
        [{"k": k, **of_run}, {"k": 1.0, **of_run}],
    )
    return float(outcome.measures["top"][0])


@both
@pytest.mark.parametrize("k", [1e31, 1e100, 1e5, 1e-40, -1e5, -1e31])
def test_a_peak_may_be_of_any_size(engine, k):
    """``x - 3 k`` is at most ``-k`` for positive k and, falling from its start, ``-2 k`` else."""
    assert peak(engine, k) == pytest.approx(-k if k > 0 else -2 * k, rel=6e-3)


@both
def test_a_peak_is_that_of_the_window_only(engine):
    """``x - 3`` is -1.7 at 3 ms and -1.4 at 6 ms; the largest value lies after the window."""
    assert peak(engine, 1.0, (3.0, 6.0)) == pytest.approx(-1.4, abs=0.006)


@both
@pytest.mark.parametrize("window", [(3.0, 3.01), (3.003, 3.007), (2.99, 3.0), (0.0, 0.001)])
def test_a_window_inside_a_step_has_its_peak(engine, window):
    """``x - 3`` is ``stop/10 - 2`` at the window's end, and rises, whatever the steps are."""
    assert peak(engine, 1.0, window) == pytest.approx(window[1] / 10 - 2, rel=1e-12)


@both
def test_a_peak_whose_window_never_came_is_undefined(engine):
    assert np.isnan(peak(engine, 1.0, (20.0, 30.0)))


@both
def test_the_peak_of_a_value_that_is_not_finite_is_not_finite(engine):
    """log(1.5 - x) has no value after 5 ms, and is largest at the start."""
    assert not np.isfinite(peak(engine, 1.0, of="log(1.5 - x)"))


@pytest.mark.parametrize("spikes", [False, True])
def test_no_number_of_the_step_stands_for_what_is_absent(spikes):
    """A number that dwarfs every other loses them in a sum, in any order of its terms."""
    model, protocol = mg.models["standard"], mg.protocols["train_20hz"]
    system = mg.lower(model, protocol, answerable(model, protocol, mg.measures.all))
    for _, text in stepping.step_code(system, spikes=spikes).lines:
        numbers = [abs(n.value) for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Constant)]
        assert max(numbers, default=0) < 1e6, text


def test_no_flag_changes_what_an_expression_means():
    """What -ffast-math turns on, fusing a product with its sum and errno and traps apart."""
    assert not set(build.flags(("cc",))) & {
        "-ffast-math",
        "-Ofast",
        "-funsafe-math-optimizations",
        "-ffinite-math-only",
        "-fassociative-math",
        "-freciprocal-math",
        "-fno-signed-zeros",
        "-fcx-limited-range",
    }


@both
@pytest.mark.parametrize(
    "text",
    [
        "clip(log(1.5 - x), -2, 0)",
        "exp(log(1.5 - x))",
        "exprel(log(1.5 - x))",
        "1/(1 + exp(log(1.5 - x)))",
        "0.5*(abs(log(1.5 - x)) + 1)",
    ],
)
def test_functions_hand_on_what_is_not_a_number(engine, text):
    outcome = run(
        engine,
        RISING,
        Protocol("p", "", 10.0),
        [Measure("total", "s", "", rate=text)],
        [{"k": 1.0}],
    )
    assert not np.isfinite(outcome.measures["total"][0]) or outcome.status[0] != 0
