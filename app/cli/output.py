"""Output of the command line: results on standard output, progress and problems on standard error.

Exit codes: 0 done · 1 failed · 2 wrong usage · 3 no such dataset or run · 4 stopped on request · 130 interrupted.
"""

import json
import re
import sys
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from datasets.evaluation.cards import Card, Report
from datasets.evaluation.figures import Figure
from datasets.redacting import redacted

_NOT_TEXT = re.compile("[\ud800-\udfff]")  # half a surrogate pair: what stands for a byte in the name of a file
DONE, FAILED, USAGE, NOT_FOUND, STOPPED, INTERRUPTED = 0, 1, 2, 3, 4, 130


@dataclass
class Console:
    """Writes JSON for machines and text for people."""

    as_json: bool = False
    _line: "_Line" = field(default_factory=lambda: _Line())  # noqa: PLW0108  defined below

    def result(self, values: Mapping[str, Any], text: str) -> None:
        """The one result of a verb: `values` as one JSON object, or `text` for people."""
        self._line.end()
        shown = json.dumps(values, default=str, ensure_ascii=False) if self.as_json else text
        print(_printable(shown, in_json=self.as_json), flush=True)

    def note(self, text: str) -> None:
        """Something worth knowing on the way; never on standard output."""
        self._line.end()
        print(_printable(text), file=sys.stderr, flush=True)

    def error(self, text: str) -> None:
        """Why the verb failed, in one line."""
        self._line.end()
        text = " ".join(filter(None, map(str.strip, text.splitlines())))
        if self.as_json:
            print(_printable(json.dumps({"error": text}, ensure_ascii=False), in_json=True), flush=True)
        print(_printable(f"error: {text}"), file=sys.stderr, flush=True)

    def progress(self, what: str) -> "Meter":
        """A progress meter, to be called with (done, total)."""
        return Meter(what, self._line)


@dataclass
class Meter:
    """Shows done of total with the time left, at most a few times a second."""

    what: str
    line: "_Line"
    since: float = field(default_factory=time.monotonic)
    told: tuple[int, int] = (0, 0)

    def begin(self, what: str) -> None:
        """The next stage of the work begins."""
        if what != self.what:
            self.what, self.since, self.told = what, time.monotonic(), (0, 0)

    def __call__(self, done: int, total: int) -> None:
        """Report that `done` of `total` are done, 0 for an unknown total; repeated values are not printed twice."""
        if (done, total) == self.told:
            return
        self.told = (done, total)
        if not total:
            self.line.show(f"{self.what}: {done:,}")
            return
        took = time.monotonic() - self.since
        known = done * 100 >= total or took > 5  # the first step of very many allows no estimate
        left = f", {duration(took / done * (total - done))} left" if done and known else ""
        self.line.show(f"{self.what}: {done:,} of {total:,}{left}", last=done >= total)


class _Line:
    """One line of standard error: rewritten in a terminal, printed rarely elsewhere."""

    def __init__(self) -> None:
        self.terminal = sys.stderr.isatty()
        self.open = False
        self.shown = 0.0

    def show(self, text: str, last: bool = False) -> None:
        now = time.monotonic()
        if not last and now - self.shown < (0.2 if self.terminal else 10):
            return
        self.shown = now
        if self.terminal:
            sys.stderr.write(f"\r\x1b[K{text}")
            self.open = True
        else:
            sys.stderr.write(text + "\n")
        sys.stderr.flush()

    def end(self) -> None:
        if self.open:
            sys.stderr.write("\n")
            self.open = False


def _printable(text: str, *, in_json: bool = False) -> str:
    """Without passwords; bytes of a file's name that are no UTF-8 become `\\xe9`, as Python writes them."""
    mark = r"\\x{:02x}" if in_json else r"\x{:02x}"
    return _NOT_TEXT.sub(lambda found: mark.format(ord(found.group()) & 0xFF), redacted(text))


def duration(seconds: float | None) -> str:
    """A duration in words: `8 s`, `3 min 20 s`, `1 h 5 min`."""
    if seconds is None:
        return "?"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole % 3600 // 60} min"


def figures(declared: Iterable[Figure], report: Report[Card]) -> str:
    """The figures of a report, in the order in which they are declared, as a table for people."""
    known = [(one, report.metrics.get(one.name)) for one in declared]
    rows = [[one.title, one.text(value, one.digits and one.digits + 1)] for one, value in known if value is not None]
    return table(rows, ["figure", "value"])


def table(rows: list[list[str]], header: list[str]) -> str:
    """Columns as text, as wide as their longest cell."""
    lines = [header, *rows]
    widths = [max(len(line[column]) for line in lines) for column in range(len(header))]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines
    )
