"""Findings of one kind as one: a person reads that 698 rows are wrong once, and opens the list of them where needed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from datasets.exchange.formats.base import COUNTED
from datasets.records import Finding

FEW = 3  # of one kind are told one by one
SHOWN = 20  # places of one kind


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one severity and code. `count` may exceed the number of those that were kept in full."""

    severity: str
    code: str
    count: int
    findings: tuple[Finding, ...]

    def __str__(self) -> str:
        first = str(self.findings[0])
        return first if self.count == 1 else f"{first} ({self.count:,} of this kind)"

    def lines(self) -> Iterator[str]:
        """A few findings one by one; of many the first, and their number."""
        few = self.count == len(self.findings) <= FEW
        yield from map(str, self.findings) if few else (str(self),)

    def plain(self) -> dict[str, Any]:
        """As JSON has it: what the first finding says, how many there are, and images or files that show it."""
        first = self.findings[0]
        paths = dict.fromkeys(path for one in self.findings for path in one.paths or (one.where,))
        return {
            "severity": self.severity, "code": self.code, "count": self.count, "where": first.where,
            "expected": first.expected, "found": first.found, "action": first.action, "paths": [*paths][:SHOWN],
        }  # fmt: skip


def grouped(findings: Sequence[Finding]) -> tuple[Group, ...]:
    """Findings by severity and code, errors first, then warnings; in each the order in which they came."""
    rank = {"error": 0, "warning": 1, "note": 2}
    found: dict[tuple[str, str], list[Finding]] = {}
    for one in findings:
        found.setdefault((one.severity, one.code), []).append(one)
    groups = [
        Group(severity, code, sum(one.count for one in some), _places(some)) for (severity, code), some in found.items()
    ]
    return tuple(sorted(groups, key=lambda one: rank[one.severity]))


def reasons(findings: Sequence[Finding], most: int = FEW) -> str:
    """Why a source cannot be imported, in one line: the first kinds of its findings, errors first."""
    return "; ".join(str(one).removeprefix(f"{one.severity}: ") for one in grouped(findings)[:most])


def _places(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those that name a place, rather than count others."""
    return tuple(one for one in findings if one.action != COUNTED) or tuple(findings)
