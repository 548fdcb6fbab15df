"""The embedded sample datasets, made while the app runs: each is a piece of background work that pages show."""

import logging

from app import background, works
from datasets.samples import about
from datasets.storage import store
from datasets.workspace import Workspace

log = logging.getLogger(__name__)
waiting: set[str] = set()  # those that are still waiting


def make_missing() -> None:
    """Make those that are missing and were not deleted, one after another; returns when the last has ended."""
    from datasets.samples import prepare

    names = prepare.missing(Workspace.current())
    waiting.update(names)
    try:
        for name in names:
            work = works.make_sample(name)
            waiting.discard(name)
            work.wait()
            if work.state == "cancelled":
                return
            if work.error is not None:
                log.warning("%s: %s", work.title, work.error)
    finally:
        waiting.clear()


def addable() -> list[str]:
    """Sample datasets that are missing, not being made and not about to be made."""
    making = {work.key for work in background.all_works("sample:") if work.state == "running"}
    known = {*store.names(), *waiting}
    return [name for name in about.TEXTS if name not in known and f"sample:{name}" not in making]
