"""The embedded sample datasets, made while the app runs: each is a piece of background work that pages show."""

import logging

from app import background, data
from datasets.records import Progress

log = logging.getLogger(__name__)
waiting: set[str] = set()  # those whose turn is still to come


def make(name: str) -> background.Work:
    """Make one sample dataset, or find it being made."""

    def run(progress: Progress) -> object:
        return data.prepare_sample(name, progress)

    return background.start(f"sample:{name}", f"Making the sample dataset {name}", run)


def make_missing() -> None:
    """Make what is not there and was not deleted, one after another; returns when the last one has ended."""
    names = data.samples_to_make()
    waiting.update(names)
    try:
        for name in names:
            work = make(name)
            waiting.discard(name)
            work.wait()
            if work.state == "cancelled":
                return
            if work.error is not None:
                log.warning("%s: %s", work.title, work.error)
    finally:
        waiting.clear()
