"""The one way functions are compiled here: numba in nopython mode, cached beside the source."""

from collections.abc import Callable
from typing import TypeVar

import numba

F = TypeVar("F", bound=Callable[..., object])


def compiled(function: F) -> F:
    """Compile on the first call (seconds, once per machine), load from the cache later (a fraction of a second)."""
    fast: F = numba.njit(cache=True, nogil=True)(function)
    return fast


def inlined(function: F) -> F:
    """Inline into every caller: a call would count references to every array it passes, which costs more."""
    fast: F = numba.njit(cache=True, nogil=True, inline="always")(function)
    return fast
