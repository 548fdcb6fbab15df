"""Names of classes over a whole source: which were made up, which are nearly equal, and those joined to one.

Names stay as they are written. That `bolt ` and `Bolt` are one class is for a person to say.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from datasets.exchange.formats.base import Findings, Source
from datasets.records import ImageRecord, Label

_SHOWN = 5  # groups, or names, that are named in a finding


def numbered(number: int) -> str:
    """The name of a class of which the source gives the number alone."""
    return f"class_{number}"


def tell_made_up(names: Sequence[str], where: str | Path, findings: Findings) -> None:
    """A note that the source does not name these classes."""
    if names:
        found = f"none for {len(names):,} of them"
        action = f"made-up names are used ({_listed(names)}); rename the classes, or add a list of names"
        findings.note("made_up_names", where, "names of the classes", found, action, count=len(names))


def alike(classes: Sequence[str]) -> tuple[tuple[str, ...], ...]:
    """Groups of two or more names that are equal but for blanks around or within them, case or Unicode form (NFC)."""
    groups: dict[str, list[str]] = {}
    for name in dict.fromkeys(classes):
        groups.setdefault(plain(name), []).append(name)
    return tuple(tuple(names) for names in groups.values() if len(names) > 1)


def plain(name: str) -> str:
    """What two names share that a person would take for the same word."""
    return " ".join(unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold()).split())


def tell_alike(classes: Sequence[str], counts: Mapping[str, int], where: str | Path, findings: Findings) -> None:
    """A warning that names are nearly equal, with the number of labels of each; `joined` makes one class of them."""
    groups = alike(classes)
    if groups:
        words = (" and ".join(f"{name!r} ({counts.get(name, 0):,} labels)" for name in group) for group in groups)
        found = "names that are nearly equal: " + _listed(list(words))
        action = "they stay classes of their own; merge them when you import, or later among the classes"
        findings.warn("names_alike", where, "one name for each class", found, action, count=len(groups))


def joined(source: Source, counts: Mapping[str, int]) -> Source:
    """The source with each group of names that are alike as one class, under the name that most labels have."""
    groups = alike(source.classes)
    kept = {name: max(group, key=lambda one: counts.get(one, 0)).strip() for group in groups for name in group}
    if not kept:
        return source
    findings = Findings()
    words = _listed([" and ".join(map(repr, group)) for group in groups])
    findings.note("names_merged", "the classes", "one name for each class", words, "merged, as you asked")
    return replace(
        source,
        records=tuple(_renamed(record, kept) for record in source.records),
        classes=tuple(dict.fromkeys(kept.get(name, name) for name in source.classes)),
        findings=(*source.findings, *findings.all()),
    )


def _renamed(record: ImageRecord, kept: Mapping[str, str]) -> ImageRecord:
    def named(labels: Sequence[Label]) -> tuple[Label, ...]:
        return tuple(replace(one, label=kept[one.label]) if one.label in kept else one for one in labels)

    return replace(
        record,
        objects=named(record.objects),
        classification=next(iter(named([record.classification])), None) if record.classification else None,
        classifications=tuple({one.label: one for one in named(record.classifications)}.values()),
        others={key: named(labels) for key, labels in record.others.items()},
    )


def _listed(words: Sequence[str]) -> str:
    more = len(words) - _SHOWN
    return ", ".join(words[:_SHOWN]) + (f" and {more:,} more" if more > 0 else "")
