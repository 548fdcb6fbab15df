"""Many images processed at once, with few of them in memory."""

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from typing import TypeVar

T = TypeVar("T")
R = TypeVar("R")


def in_order(function: Callable[[T], R], items: Iterable[T], ahead: int = 32) -> Iterator[R]:
    """Results in the order of `items`, computed by a thread for each core, at most `ahead` of them waiting."""
    source = iter(items)
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        waiting: deque[Future[R]] = deque(pool.submit(function, item) for item in islice(source, ahead))
        try:
            while waiting:
                yield waiting.popleft().result()
                waiting.extend(pool.submit(function, item) for item in islice(source, 1))
        finally:
            pool.shutdown(cancel_futures=True)
