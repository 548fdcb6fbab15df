"""The one way functions are compiled here: numba, without the interpreter, cached beside the source."""

from collections.abc import Callable
from typing import TypeVar

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile on the first call (seconds, once per machine), load from the cache later (a fraction of a second)."""
    fast: F = numba.njit(cache=True, nogil=True)(function)
    return fast


def inlined(function: F) -> F:
    """Compile as a part of every caller: a call counts references to every array it hands over, which costs more."""
    fast: F = numba.njit(cache=True, nogil=True, inline="always")(function)
    return fast
