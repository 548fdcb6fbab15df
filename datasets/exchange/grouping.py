"""Findings of one kind as one: a person reads that 698 rows are wrong once, and opens the list of them where needed."""

from collections.abc import Sequence
from dataclasses import dataclass

from datasets.exchange.formats.base import COUNTED
from datasets.records import Finding

FEW = 3  # of one kind are told one by one


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


def _places(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Those that name a place, rather than count others."""
    return tuple(one for one in findings if one.action != COUNTED) or tuple(findings)
