"""Imports that warn about one another, once, before tests turn warnings into errors."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # starlette 1.x still uses an old name of anyio
    import starlette.testclient  # noqa: F401

from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def nobody_waits() -> Iterator[None]:
    """The Import page keeps a process at hand that looks at sources."""
    yield
    from datasets.exchange import apart

    apart.dismiss()
