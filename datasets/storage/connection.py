"""The database that FiftyOne's datasets lie in, and what one page or answer has asked of it already."""

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
    """Within, `documents.of` and `handle.of` ask the database once about a dataset, until this thread writes.

    For a page or an answer, which asks dozens of times and shows one state of things.
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
    """What was asked in this moment may have changed: the next question is asked anew."""
    known = _moment.get()
    if known is not None:
        known.clear()


def once(key: tuple[str, str], ask: Callable[[], Any]) -> Any:
    """The answer to `ask`, within a moment the one of before."""
    known = _moment.get()
    if known is None:
        return ask()
    if key not in known:
        known[key] = ask()
    return known[key]


def keep(key: tuple[str, str], answer: Any) -> None:
    """Within a moment, an answer that came along with another."""
    known = _moment.get()
    if known is not None:
        known[key] = answer
