"""What labels were before some entries of the journal, and the changes that bring them back. Pure functions.

Changes that never passed through the journal (an import, FiftyOne's App) are not undone: only the parts that journalled
changes touched go back.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datasets.editing import etags
from datasets.editing.operations import Item, Sheet
from datasets.storage.journal import Change, Entry

_GONE = object()  # a key that the label did not have


@dataclass(frozen=True)
class Earlier:
    """A label at an earlier time. `parts` is None where it did not exist; `whole` says that all of it is known."""

    parts: Mapping[str, Any] | None
    whole: bool
    at: int


@dataclass(frozen=True)
class Version:
    """One change to a label, with the whole label before and after it; None where it did not exist."""

    change: Change
    before: Item | None
    after: Item | None


@dataclass(frozen=True)
class Rewinding:
    """The changes that bring labels back. `lost` are labels that cannot be: others than us deleted them since."""

    changes: tuple[Change, ...]
    lost: tuple[str, ...]


def earlier(entries: Iterable[Entry]) -> dict[str, Earlier]:
    """The labels that entries touched, as they were before them all. `entries` are newest first."""
    found: dict[str, Earlier] = {}
    for entry in entries:
        for change in reversed(entry.changes):
            found[change.label_id] = _before(change, found.get(change.label_id))
    return found


def back(items: Sequence[Item], many: bool, wanted: Mapping[str, Earlier], prefix: str) -> Rewinding:
    """The changes that turn labels into what they were; what is so already is left out."""
    sheet, made, lost = Sheet(items, many), list[Change](), list[str]()
    deleted_first = sorted(wanted.items(), key=lambda pair: (pair[1].parts is not None, pair[1].at))
    for key, one in deleted_first:
        place = sheet.place(key)
        if place is None and one.parts is not None and (not one.whole or (sheet.items and not many)):
            lost.append(key)
            continue
        change = _change(f"{prefix}:{len(made)}", key, one, sheet.items[place] if place is not None else None, place)
        if change is not None:
            made.append(_within(change, len(sheet.items)))
            sheet.apply(made[-1])
    return Rewinding(tuple(made), tuple(lost))


def versions(items: Sequence[Item], entries: Iterable[Entry]) -> Iterator[tuple[Entry, list[Version]]]:
    """Each entry, newest first, with the labels before and after each of its changes. `items` are the labels now."""
    known: dict[str, Item | None] = {str(one.get("_id")): one for one in items}
    for entry in entries:
        some = list[Version]()
        for change in reversed(entry.changes):
            after = None if change.after is None else {**change.after, **(known.get(change.label_id) or {})}
            before = None if change.before is None else _item(after, change)
            some.append(Version(change, before, after))
            known[change.label_id] = before
        yield entry, some[::-1]


def _item(after: Item | None, change: Change) -> Item:
    """A label before a change."""
    kept = {key: value for key, value in (after or {}).items() if key not in (change.after or {})}
    return {**kept, **(change.before or {})}


def _before(change: Change, later: Earlier | None) -> Earlier:
    """A label before a change, when `later` is what it was before the changes after that one."""
    if change.before is None:
        return Earlier(None, True, change.at)
    if change.after is None:
        return Earlier(change.before, True, change.at)
    parts = {key: change.before.get(key, _GONE) for key in {**change.before, **change.after}}
    if later is None or later.parts is None:
        return Earlier(parts, False, change.at)
    return Earlier({**later.parts, **parts}, later.whole, later.at)


def _change(key: str, label_id: str, one: Earlier, item: Item | None, place: int | None) -> Change | None:
    if one.parts is None:
        return None if item is None else Change(key, "delete", label_id, place or 0, item, None)
    parts = {name: value for name, value in one.parts.items() if value is not _GONE}
    if item is None:
        return Change(key, "add", label_id, one.at, None, parts)
    different = [name for name in one.parts if _differs(item, parts, name)]
    before = {name: item[name] for name in different if name in item}
    after = {name: parts[name] for name in different if name in parts}
    return Change(key, "change", label_id, place or 0, before, after) if different else None


def _differs(item: Item, parts: Mapping[str, Any], name: str) -> bool:
    return (name in item) != (name in parts) or (name in item and not etags.same(item[name], parts[name]))


def _within(change: Change, count: int) -> Change:
    """The change with a place inside the list."""
    at = min(change.at, count)
    return Change(change.id, change.action, change.label_id, at, change.before, change.after)
