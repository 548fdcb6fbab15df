"""A small cache for expensive results, bounded in bytes; the least recently used is dropped first."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Result = TypeVar("Result")

_ROUGH = 4096  # assumed size of a small result, in bytes


class Memo(Generic[Result]):
    """Results by key. A key must hold everything that the result depends on, such as the version of a dataset.

    Safe from many threads; two threads may compute the same result; the later one is cached.
    """

    def __init__(self, most_bytes: int, weigh: Callable[[Result], int] = lambda _: _ROUGH) -> None:
        self._most, self._weigh = most_bytes, weigh
        self._kept: OrderedDict[Hashable, tuple[Result, int]] = OrderedDict()
        self._bytes = 0
        self._lock = threading.Lock()

    def get(self, key: Hashable, compute: Callable[[], Result]) -> Result:
        """The result cached for this key, else the computed one, which is cached unless it alone exceeds the bound."""
        with self._lock:
            if key in self._kept:
                self._kept.move_to_end(key)
                return self._kept[key][0]
        made = compute()
        weight = self._weigh(made)
        if weight <= self._most:
            self._keep(key, made, weight)
        return made

    def known(self, key: Hashable) -> Result | None:
        """The result cached for this key, if there is one."""
        with self._lock:
            return self._kept[key][0] if key in self._kept else None

    def _keep(self, key: Hashable, made: Result, weight: int) -> None:
        with self._lock:
            if key in self._kept:
                self._bytes -= self._kept.pop(key)[1]
            self._kept[key] = (made, weight)
            self._bytes += weight
            while self._bytes > self._most:
                self._bytes -= self._kept.popitem(last=False)[1][1]
