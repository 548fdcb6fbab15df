"""The database that FiftyOne's datasets lie in, and a cache of queries for the time of one page or response."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pymongo.database import Database

from datasets.storage import database

_moment: ContextVar[dict[Any, Any] | None] = ContextVar("_moment", default=None)


def db() -> Database:
    """FiftyOne's database on the running server."""
    found: Database = once(("database", ""), database.connect)
    return found


@contextmanager
def moment() -> Iterator[None]:
    """Within it, `documents.of` and `handle.of` query the database once per dataset, until this thread writes.

    For a page or a response, which asks dozens of times and shows one consistent state.
    """
    if _moment.get() is not None:
        yield
        return
    token = _moment.set({})
    try:
        yield
    finally:
        _moment.reset(token)


def written() -> None:
    """Drop what was read in this moment, since it may have changed."""
    known = _moment.get()
    if known is not None:
        known.clear()


def once(key: tuple[str, str], ask: Callable[[], Any]) -> Any:
    """The result of `ask`; within a moment, the cached one."""
    known = _moment.get()
    if known is None:
        return ask()
    if key not in known:
        known[key] = ask()
    return known[key]


def keep(key: tuple[str, str], answer: Any) -> None:
    """Cache, within a moment, a result that came with another one."""
    known = _moment.get()
    if known is not None:
        known[key] = answer
