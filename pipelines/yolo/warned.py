"""What Ultralytics warns of while it trains becomes notes of the run: its log is read by nobody."""

import logging
import re
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.runs.events import EventWriter

MOST, LONGEST = 20, 400  # notes of one training, characters of one
DRESS = re.compile(r"\x1b\[[0-9;]*m|WARNING\s*|\u26a0\ufe0f?\s*")  # colours, and a sign


@contextmanager
def told(logger: logging.Logger, events: EventWriter) -> Iterator[None]:
    """While the block runs, every warning of a logger that was not there before is a note."""
    handler = _Notes(events)
    level = logger.level
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING)  # no progress bars in log.txt; `Watch` writes a line per epoch
    try:
        yield
    finally:
        logger.setLevel(level)
        logger.removeHandler(handler)


class _Notes(logging.Handler):
    def __init__(self, events: EventWriter) -> None:
        super().__init__(logging.WARNING)
        self.events = events
        self.said: set[str] = set()

    def emit(self, record: logging.LogRecord) -> None:
        """One note for each text."""
        text = " ".join(DRESS.sub("", record.getMessage()).split())[:LONGEST]
        if text and text not in self.said and len(self.said) < MOST:
            self.said.add(text)
            self.events.write("note", text=f"Ultralytics: {text}")
