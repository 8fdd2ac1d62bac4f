"""The examples in docstrings print what they say."""

import doctest
import importlib
import pkgutil

import pytest

import mgsim

MODULES = sorted(
    m.name
    for m in pkgutil.walk_packages(mgsim.__path__, "mgsim.")
    if not m.name.endswith("__main__")
)


@pytest.mark.parametrize("name", MODULES)
def test_examples_in_docstrings(name):
    found = doctest.testmod(importlib.import_module(name), optionflags=doctest.NORMALIZE_WHITESPACE)
    assert found.failed == 0
