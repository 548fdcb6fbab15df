"""Findings of one kind are one line, with the number of all of them."""

from dataclasses import replace

from datasets.exchange.formats.base import Findings
from datasets.exchange.grouping import grouped, reasons
from datasets.records import Finding


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


def test_few_are_told_one_by_one_and_many_by_the_first() -> None:
    def found(n: int) -> list[Finding]:
        return [Finding("warning", "odd", f"{k}.txt", "a", "b", "leave it out", paths=(f"{k}.jpg",)) for k in range(n)]

    assert list(grouped(found(3))[0].lines()) == [str(one) for one in found(3)]
    assert list(grouped(found(4))[0].lines()) == [f"{found(1)[0]} (4 of this kind)"]
    told = grouped([replace(found(1)[0], count=9)])[0]
    assert list(told.lines()) == [f"{found(1)[0]} (9 of this kind)"]
    plain = grouped(found(30))[0].plain()
    assert (plain["count"], plain["where"], plain["paths"]) == (30, "0.txt", [f"{k}.jpg" for k in range(20)])


def test_why_nothing_is_imported_begins_with_the_errors() -> None:
    bad = Finding("error", "empty", "in", "images", "none")
    some = [Finding("warning", f"c{k}", f"{k}.txt", "a", "b") for k in range(5)]
    assert (
        reasons([*some, bad])
        == "in: expected images, found none; 0.txt: expected a, found b; 1.txt: expected a, found b"
    )
