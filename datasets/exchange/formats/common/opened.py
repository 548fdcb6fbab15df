"""What was opened of a source while it was read, and remarks of readers that know no findings.

`looking` watches a source while a format reads it: label files that nobody opened were not used, which is told.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from pathlib import Path

from datasets.exchange.formats.base import Findings


@dataclass
class Watch:
    """`paths` of the files of text that were opened, as they were named; `findings` about how they were read."""

    paths: set[str] = field(default_factory=set)
    findings: Findings = field(default_factory=Findings)


_watch: ContextVar[Watch | None] = ContextVar("watch", default=None)


@contextmanager
def watching() -> Iterator[Watch]:
    """Collect what is opened meanwhile in this thread."""
    made = Watch()
    before = _watch.set(made)
    try:
        yield made
    finally:
        _watch.reset(before)


def note(path: Path) -> None:
    """A file of labels, classes or splits was opened, or what it says is known otherwise."""
    watch = _watch.get()
    if watch is not None:
        watch.paths.add(str(path))


def findings() -> Findings:
    """Where a reader that is given no findings puts its remarks; nobody sees them unless a source is watched."""
    watch = _watch.get()
    return watch.findings if watch is not None else Findings()


def was(path: Path) -> bool:
    """Whether a file was opened or noted since the source is watched."""
    watch = _watch.get()
    return watch is not None and str(path) in watch.paths


@contextmanager
def trying() -> Iterator[None]:
    """Meanwhile files are only tried: what is opened does not count as used."""
    token = _watch.set(None)
    try:
        yield
    finally:
        _watch.reset(token)
