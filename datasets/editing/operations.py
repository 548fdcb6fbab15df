"""Operations on the labels of a field: what each does to them, whether it still applies, and how it is undone.

Pure functions, no database: label documents in; journal changes and documents out.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from datasets.editing import etags
from datasets.errors import FieldError, NotThere
from datasets.storage import edits
from datasets.storage.journal import Change

Action = Literal["add", "change", "delete"]
Item = dict[str, Any]
_LATER = frozenset({"tags"})  # of an added label: other people may have tagged it since


@dataclass(frozen=True)
class Operation:
    """One change to one label. Sent again under the same `id`, it takes effect once.

    `values` are parts of `Label` by name: of the new label, or those that change. Unnamed attributes are kept;
    one that is None is removed. An empty `label_id` (24 hexadecimal digits) of a label to add is derived from `id`.
    """

    id: str
    action: Action
    label_id: str = ""
    values: Mapping[str, Any] = field(default_factory=dict)


class Sheet:
    """The labels of a field while changes are made to them, in order. `many`: any number of them, else at most one."""

    def __init__(self, items: Sequence[Item], many: bool) -> None:
        self.items, self.many = list(items), many
        self.ids = [str(one.get("_id")) for one in items]

    def place(self, label_id: str) -> int | None:
        """The position of a label in the list; None if it is absent."""
        try:
            return self.ids.index(label_id)
        except ValueError:
            return None

    def apply(self, change: Change) -> None:
        """Apply a change that fits."""
        if change.before is None:
            self.items.insert(change.at, dict(change.after or {}))
            self.ids.insert(change.at, change.label_id)
            return
        at = self.ids.index(change.label_id)
        if change.after is None:
            del self.items[at], self.ids[at]
        else:
            gone = change.before.keys() - change.after.keys()
            kept = {key: value for key, value in self.items[at].items() if key not in gone}
            self.items[at] = {**kept, **change.after}


def resolved(kind: str, many: bool, items: Sequence[Item], operations: Sequence[Operation]) -> tuple[Change, ...]:
    """The changes that operations, applied in order, make to these labels.

    Raises NotThere for a missing label, and FieldError for adding one that exists or that has no room.
    """
    sheet, made = Sheet(items, many), list[Change]()
    for one in operations:
        change = _resolved(kind, sheet, one)
        made.append(change)
        sheet.apply(change)
    return tuple(made)


def applied(items: Sequence[Item], changes: Sequence[Change]) -> list[Item]:
    """The labels after changes that fit them."""
    sheet = Sheet(items, many=True)
    for change in changes:
        sheet.apply(change)
    return sheet.items


def left_by(changes: Sequence[Change]) -> dict[str, Item | None]:
    """Each touched label after the changes: the parts that they name (None: removed); None for a deleted label."""
    left: dict[str, Item | None] = {}
    for change in changes:
        if change.after is None:
            left[change.label_id] = None
        else:
            left[change.label_id] = {
                **(left.get(change.label_id) or {}), **dict.fromkeys(change.before or ()), **change.after
            }  # fmt: skip
    return left


def are_done(items: Sequence[Item], changes: Sequence[Change]) -> bool:
    """Whether the labels are as these changes left them, regardless of other changes."""
    known = {str(one.get("_id")): one for one in items}
    return all(_has(known.get(key), values) for key, values in left_by(changes).items())


def taken_back(many: bool, items: Sequence[Item], changes: Sequence[Change], prefix: str) -> tuple[Change, ...] | None:
    """The changes that undo these, with ids of their own; None when one of the labels has changed since."""
    sheet, made = Sheet(items, many), list[Change]()
    for number, change in enumerate(reversed(changes)):
        undoing = _taken_back(sheet, change, f"{prefix}:{number}")
        if undoing is None:
            return None
        made.append(undoing)
        sheet.apply(undoing)
    return tuple(made)


def agree(one: Mapping[str, Any], other: Mapping[str, Any], key: str) -> bool:
    """Whether two documents hold equal values under a key; an absent key equals None."""
    return etags.same(one.get(key), other.get(key))


def named(operation: Operation) -> Operation:
    """The operation with the id of the label it adds, derived from its own id so that it is always the same."""
    if operation.action != "add" or operation.label_id:
        return operation
    made = hashlib.blake2b(operation.id.encode(), digest_size=12).hexdigest()
    return Operation(operation.id, "add", made, operation.values)


def _resolved(kind: str, sheet: Sheet, one: Operation) -> Change:
    at = sheet.place(one.label_id)
    if one.action == "add":
        _check_room(sheet, one.label_id)
        return Change(one.id, "add", one.label_id, len(sheet.ids), None, edits.made(kind, one.label_id, one.values))
    if at is None:
        raise NotThere(f"expected label {one.label_id!r} in the field, found none; it may have been deleted")
    item = sheet.items[at]
    if one.action == "delete":
        return Change(one.id, "delete", one.label_id, at, item, None)
    after = edits.changed(kind, item, one.values)
    keys = [
        key for key in {**item, **after} if (key in item) != (key in after) or not etags.same(item[key], after[key])
    ]
    values = ({key: where[key] for key in keys if key in where} for where in (item, after))
    return Change(one.id, "change", one.label_id, at, *values)


def _check_room(sheet: Sheet, label_id: str) -> None:
    if sheet.place(label_id) is not None:
        raise FieldError(f"expected the id of a new label, found {label_id!r}, which is there; change that one")
    if sheet.items and not sheet.many:
        found = f"{sheet.items[0].get('label')!r}; relabel that one"
        raise FieldError(f"expected no label in the field, which holds one at most, found {found}")


def _taken_back(sheet: Sheet, change: Change, operation: str) -> Change | None:
    at = sheet.place(change.label_id)
    if change.after is None:  # it was deleted
        fits = at is None and (sheet.many or not sheet.items)
        place = min(change.at, len(sheet.items))
        return Change(operation, "add", change.label_id, place, None, change.before) if fits else None
    if at is None:
        return None
    item = sheet.items[at]
    if change.before is None:  # it was added
        left = {key: value for key, value in change.after.items() if key not in _LATER}
        return Change(operation, "delete", change.label_id, at, item, None) if _has(item, left) else None
    fits = _has(item, left_by([change])[change.label_id])
    return Change(operation, "change", change.label_id, at, change.after, change.before) if fits else None


def _has(item: Item | None, values: Mapping[str, Any] | None) -> bool:
    """Whether a label has these values (None: lacks the key) or, where `values` is None, does not exist."""
    if item is None or values is None:
        return item is None and values is None
    return all(agree(item, values, key) for key in values)
