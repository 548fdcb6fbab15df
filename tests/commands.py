"""Counts the commands that this process sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo import monitoring

from datasets.storage import clients, database

_HANDSHAKES = ("hello", "isMaster", "ping")


class _Listener(monitoring.CommandListener):
    """What was sent while somebody listens: the name of a command and the collection that it asks."""

    def __init__(self) -> None:
        self.heard: list[str] | None = None

    def started(self, event: monitoring.CommandStartedEvent) -> None:
        if self.heard is not None and event.command_name not in _HANDSHAKES:
            of = str(event.command.get(event.command_name))
            self.heard.append(f"{event.command_name} {of.partition('.')[0]}")

    def succeeded(self, event: monitoring.CommandSucceededEvent) -> None:
        """Nothing to count."""

    def failed(self, event: monitoring.CommandFailedEvent) -> None:
        """Nothing to count."""


_listener = _Listener()
monitoring.register(_listener)  # clients made from now on tell it


@contextmanager
def heard() -> Iterator[list[str]]:
    """Within, each command of this process's client is noted, such as `find samples`; FiftyOne's own are not."""
    clients.drop(database.ensure())  # it may have been made before there was a listener
    database.connect()
    _listener.heard = made = list[str]()
    try:
        yield made
    finally:
        _listener.heard = None
