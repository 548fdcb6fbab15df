"""Imports that warn about one another, once, before tests turn warnings into errors."""

import warnings

with warnings.catch_warnings():
    warnings.simplefilter("ignore", DeprecationWarning)  # starlette 1.x still uses an old name of anyio
    import starlette.testclient  # noqa: F401
