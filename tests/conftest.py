"""What every test runs under: repeatable draws, and compiled kernels kept apart from the user's."""

import gc
import os
import signal
from collections.abc import Iterator

import pytest
from hypothesis import settings

from mgsim.engines.fused import engine
from mgsim.engines.fused.compiling import build

settings.register_profile("mgsim", derandomize=True, deadline=None, max_examples=25, database=None)
settings.load_profile("mgsim")


def pytest_configure(config: pytest.Config) -> None:
    # A shell starts what it does not wait for deaf to Ctrl-C, and so would be all that tests start.
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if "MGSIM_CACHE" not in os.environ and hasattr(config, "cache"):
        os.environ["MGSIM_CACHE"] = str(config.cache.mkdir("mgsim-kernels"))


def pytest_collection_finish() -> None:
    gc.freeze()  # the tests themselves are no garbage, and many: each collection would walk them


_unoptimised: dict = {}


@pytest.fixture(scope="module")
def unoptimised() -> Iterator[None]:
    """Kernels compiled without optimising, in a third of the time: for short runs of few points.

    They are kept apart; tests/agreement compares the engines with kernels as users have them.
    """
    build.machine()  # names kernels by the usual flags
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(build, "FLAGS", ("-O0", *build.FLAGS[1:]))
        patch.setattr(build, "GCC_FLAGS", ())
        patch.setattr(engine, "_programs", _unoptimised)
        yield
