"""Findings of one kind as one: a person reads that 698 rows are wrong once, and opens the list of them where needed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from datasets.exchange.formats.base import COUNTED
from datasets.records import Finding, first_paths

_RANK = {"error": 0, "warning": 1, "note": 2}
FEW = 3  # of one kind are told one by one


@dataclass(frozen=True, slots=True)
class Group:
    """Findings of one severity and code with the same way out. `count` may exceed the number of those kept in full."""

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
            "expected": first.expected, "found": first.found, "action": first.action, "paths": list(first_paths(paths)),
        }  # fmt: skip


def grouped(findings: Sequence[Finding]) -> tuple[Group, ...]:
    """Findings by severity, code and way out, errors first, then warnings; in each the order in which they came."""
    found: dict[tuple[str, str, str], list[Finding]] = {}
    for one in findings:
        if one.action != COUNTED:
            found.setdefault((one.severity, one.code, one.action), []).append(one)
    counts = {key: sum(one.count for one in some) for key, some in found.items()}
    for one in findings:
        if one.action == COUNTED:  # it counts others of its code, and names no place of its own
            of_code = [key for key in found if key[:2] == (one.severity, one.code)]
            key = max(of_code, key=lambda key: len(found[key]), default=(one.severity, one.code, COUNTED))
            found.setdefault(key, [one])
            counts[key] = counts.get(key, 0) + one.count
    groups = [Group(*key[:2], counts[key], tuple(some)) for key, some in found.items()]
    return tuple(sorted(groups, key=lambda one: _RANK[one.severity]))


def reasons(findings: Sequence[Finding], most: int = FEW) -> str:
    """Why a source cannot be imported, in one line: the first kinds of its findings, errors first."""
    return "; ".join(str(one).removeprefix(f"{one.severity}: ") for one in grouped(findings)[:most])
