"""What every test runs under: repeatable draws, and compiled kernels kept apart from the user's."""

import gc
import os

import pytest
from hypothesis import settings

settings.register_profile("mgsim", derandomize=True, deadline=None, max_examples=25, database=None)
settings.load_profile("mgsim")


def pytest_configure(config: pytest.Config) -> None:
    if "MGSIM_CACHE" not in os.environ and hasattr(config, "cache"):
        os.environ["MGSIM_CACHE"] = str(config.cache.mkdir("mgsim-kernels"))


def pytest_collection_finish() -> None:
    gc.freeze()  # the tests themselves are no garbage, and many: each collection would walk them
