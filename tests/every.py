"""One test over many cases, where what pytest does for a test takes longer than the test."""

from collections.abc import Callable, Iterable

import pytest


def each(cases: Iterable) -> Callable:
    """Over every case, a tuple of arguments or one; told are all that fail."""
    cases = list(cases)

    def decorated(check: Callable) -> Callable:
        def test() -> None:
            wrong = []
            for case in cases:
                arguments = case if isinstance(case, tuple) else (case,)
                try:
                    check(*arguments)
                except (Exception, pytest.fail.Exception) as error:
                    of = ", ".join(str(getattr(x, "name", x)) for x in arguments)
                    wrong.append(f"{of}: {type(error).__name__} {error}")
            assert cases
            assert not wrong, f"{len(wrong)} of {len(cases)}\n" + "\n".join(wrong)

        test.__name__, test.__doc__, test.__module__ = (
            check.__name__,
            check.__doc__,
            check.__module__,
        )
        return test

    return decorated
