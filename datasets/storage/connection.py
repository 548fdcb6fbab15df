"""The database that FiftyOne's datasets lie in, and a cache of queries for the time of one page or response."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from pymongo.collection import Collection
from pymongo.database import Database
from pymongo.write_concern import WriteConcern

from datasets.storage import database

_moment: ContextVar[dict[Any, Any] | None] = ContextVar("_moment", default=None)


def db() -> Database:
    """FiftyOne's database on the running server."""
    found: Database = once(("database", ""), database.connect)
    return found


def lasting(collection: Collection) -> Collection:
    """The collection, each write to which returns once it is in the server's log on disk: no kill can lose it then."""
    concern = WriteConcern(**{**collection.write_concern.document, "j": True})
    return collection.with_options(write_concern=concern)


def quick(collection: Collection) -> Collection:
    """The collection, where a write returns before it is on disk. For what a `lasting` write follows, or may be lost.

    A server writes its log in order: a lasting write takes along all before it. Only the wish of our own address
    (`journal=true`) is set aside; what the address of another server asks for is done.
    """
    if collection.write_concern.document != {"j": True}:
        return collection
    return collection.with_options(write_concern=WriteConcern(w=1))


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
