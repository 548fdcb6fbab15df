"""Results that are renewed when their inputs change: one computation at a time per key, the former result meanwhile."""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Result = TypeVar("Result")

PATIENCE = 0.3  # seconds that a page waits for renewed counts; then it shows the former ones


@dataclass
class _Flight(Generic[Result]):
    """A computation under way."""

    began: float = field(default_factory=time.monotonic)
    done: threading.Event = field(default_factory=threading.Event)
    result: Result | None = None
    error: BaseException | None = None


class Latest(Generic[Result]):
    """The newest result of each key; at most `most` keys."""

    def __init__(self, most: int = 200) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, tuple[Result]] = OrderedDict()
        self._flights: dict[Hashable, _Flight[Result]] = {}
        self._lock = threading.Lock()

    def get(
        self,
        key: Hashable,
        fresh: Callable[[Result], bool],
        compute: Callable[[Result | None], Result],
        patience: float | None = None,
        meanwhile: Result | None = None,
    ) -> Result:
        """A result that is `fresh`; `compute` gets the former one. Concurrent callers share one computation.

        With `patience`, in seconds, the former result is returned when the new one takes longer, or `meanwhile` where
        there is none, and the computation continues. Raises what `compute` raises.
        """
        asked = time.monotonic()
        while True:
            with self._lock:
                kept = self._kept.get(key)
                if kept is not None and fresh(kept[0]):
                    self._kept.move_to_end(key)
                    return kept[0]
                flight = self._flights.get(key)
                leads = flight is None
                if flight is None:
                    flight = self._flights[key] = _Flight()
            former = kept[0] if kept is not None else meanwhile
            if leads and (patience is None or former is None):
                self._fly(key, compute, flight)
            elif leads:
                threading.Thread(target=self._fly, args=(key, compute, flight), daemon=True).start()
            if not flight.done.wait(patience) and former is not None:
                return former
            flight.done.wait()
            if flight.began >= asked:  # it began after the caller asked
                if flight.error is not None:
                    raise flight.error
                return flight.result  # type: ignore[return-value]  # there is one, or an error

    def peek(self, key: Hashable) -> Result | None:
        """The result cached under a key, fresh or not."""
        kept = self._kept.get(key)
        return kept[0] if kept else None

    def forget(self, key: Hashable) -> None:
        """Drop the result cached under a key."""
        with self._lock:
            self._kept.pop(key, None)

    def _fly(self, key: Hashable, compute: Callable[[Result | None], Result], flight: _Flight[Result]) -> None:
        kept = self._kept.get(key)
        try:
            flight.result = compute(kept[0] if kept else None)
            with self._lock:
                self._kept[key] = (flight.result,)
                while len(self._kept) > self._most:
                    self._kept.popitem(last=False)
        except BaseException as error:
            flight.error = error
        finally:
            with self._lock:
                del self._flights[key]
            flight.done.set()
