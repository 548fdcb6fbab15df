"""Findings of one kind are one line, with the number of all of them."""

from datasets.exchange.formats.base import Findings
from datasets.exchange.grouping import grouped


def test_findings_of_a_kind_are_one_and_counted() -> None:
    findings = Findings()
    for number in range(250):
        findings.warn("bad_row", f"a.txt:{number}", "5 numbers", "4")
    findings.note("encoding", "b.txt", "UTF-8", "cp1252")
    findings.error("empty", "here", "an image", "none")
    findings.warn("bad_box", "c.txt:1", "a box", "none", count=7)
    found = grouped(findings.all())
    assert [(one.severity, one.code, one.count) for one in found] == [
        ("error", "empty", 1),
        ("warning", "bad_row", 250),
        ("warning", "bad_box", 7),
        ("note", "encoding", 1),
    ]
    assert [one.where for one in found[1].findings] == [f"a.txt:{number}" for number in range(100)]
    assert "250" in str(found[1]) and "(1" not in str(found[3])
