"""Ctrl-C: what is swallowed is heard, an import is not cut in half, a stopped run is no result."""

import signal
import subprocess
import sys
import textwrap

import pytest
from running import BRIAN, FUSED, batch

import mgsim as mg
from mgsim.engines import interrupts
from mgsim.engines.contract import EngineError, Options

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX signals")


@pytest.fixture(autouse=True)
def plain_handler():
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


class Swallows:
    def __del__(self):
        signal.raise_signal(signal.SIGINT)


def pressed(error=None):
    with interrupts.heard() as check:
        Swallows()
        if error:
            raise error
        check()
        pytest.fail("the check is silent")


def test_what_a_destructor_swallows_is_raised():
    with pytest.raises(KeyboardInterrupt):
        pressed()
    with pytest.raises(KeyboardInterrupt), interrupts.heard():
        Swallows()
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_what_an_interrupt_breaks_is_an_interrupt():
    with pytest.raises(KeyboardInterrupt):
        pressed(AttributeError("half of a module"))
    with pytest.raises(AttributeError), interrupts.heard():
        raise AttributeError("a fault of its own")


def test_who_answers_ctrl_c_in_another_way_goes_on():
    asked = []
    signal.signal(signal.SIGINT, lambda *_: asked.append(1))
    with interrupts.heard() as check:
        signal.raise_signal(signal.SIGINT)
        check()
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with interrupts.heard(), interrupts.deferred():
        signal.raise_signal(signal.SIGINT)
    assert asked == [1]
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def imported(done):
    with interrupts.deferred():
        signal.raise_signal(signal.SIGINT)
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # as Brian2's import sets its own
        done.append(1)


def test_an_import_is_whole_before_ctrl_c_is_heard():
    done = []
    with pytest.raises(KeyboardInterrupt):
        imported(done)
    assert done == [1]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def ran(code):
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)], text=True, capture_output=True, check=False
    )


def test_ctrl_c_in_the_first_import_of_brian_leaves_it_whole():
    done = ran("""
        import signal, sys
        class Press:
            def find_spec(self, name, path=None, target=None):
                if name == "brian2.core.network":
                    sys.meta_path.remove(self)
                    signal.raise_signal(signal.SIGINT)
        sys.meta_path.insert(0, Press())
        import mgsim as mg
        where = mg.models["cell"], mg.protocols["rest"].lasting(1, (0, 1))
        try:
            mg.simulate(*where, engine="brian")
        except KeyboardInterrupt:
            ds = mg.simulate(*where, engine="brian")
            assert int(ds.status) == 0
            print("interrupted, then whole")
    """)
    assert done.stdout == "interrupted, then whole\n", done.stderr


@pytest.mark.parametrize("handler", ["own", "Brian2's"])
@pytest.mark.parametrize(
    "when", ["mgsim.engines.brian.rounds.Rounds.plan", "brian2.NeuronGroup.before_run"]
)
def test_brian_interrupted_is_neither_diverged_nor_whole(handler, when, monkeypatch):
    """In its steps, and while code is made, where Brian2's own handler would end it as if whole."""
    import brian2

    if handler == "Brian2's":
        signal.signal(signal.SIGINT, brian2._InterruptHandler(signal.default_int_handler))
    monkeypatch.setattr(when, lambda *_: signal.raise_signal(signal.SIGINT))
    where = mg.models["standard"], mg.protocols["train_20hz"].lasting(20, (0, 20))
    for verb in (mg.simulate, mg.sweep):
        with pytest.raises(KeyboardInterrupt):
            verb(*where, engine="brian")
    assert not brian2.Network._globally_running, "the next Ctrl-C would be swallowed"
    assert brian2.prefs.core.stop_on_keyboard_interrupt


@pytest.mark.parametrize("engine", [FUSED, BRIAN], ids=["fused", "brian"])
def test_a_run_that_is_broken_off_within_a_piece_is_no_result(engine):
    """Its points stand at different times; what was saved before it goes on."""
    system, points = batch(mg.models["cell"], mg.protocols["current_step"].lasting(20, (0, 20)))

    def press(done, total):
        if done >= 100 and not pressed_at:
            pressed_at.append(done)
            signal.raise_signal(signal.SIGINT)

    pressed_at = []
    options = Options(1e-4, 0.02, on_progress=press)
    begun = engine.start(system, points, options)
    state = begun.state()
    begun.advance = lambda step: signal.raise_signal(signal.SIGINT)
    with pytest.raises(KeyboardInterrupt):
        begun.to(50)
    for call in (begun.state, begun.outcome, lambda: begun.to(100)):
        with pytest.raises(EngineError, match="broken off"):
            call()
    again = engine.start(system, points, options, state)
    with pytest.raises(KeyboardInterrupt):
        again.to(200)
    assert again.step >= 100  # between two pieces nothing is lost
    again.to(200)
    assert again.outcome().status.tolist() == [0]
