"""The differences between the stored labels and a whole list that replaces them, as operations."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from uuid import uuid4

from datasets.editing import etags, operations, values
from datasets.editing.operations import Operation
from datasets.records import Label
from datasets.storage import edits
from datasets.storage.edits import Held

Given = Label | Mapping[str, Any]  # a label as a record, or its parts by name with `id`


def parts(given: Given) -> tuple[str, dict[str, Any]]:
    """The id (empty for a new label) and the parts of a given label. Raises FieldError for an invalid id."""
    named = values.of_label(given) if isinstance(given, Label) else {k: v for k, v in given.items() if k != "id"}
    key = given.id if isinstance(given, Label) else given.get("id")
    return values.label_id(key) if key else "", named


def between(held: Held, given: Sequence[tuple[str, dict[str, Any]]]) -> list[Operation]:
    """The operations that turn the stored labels into the given ones; deletions come first, so that there is room."""
    kind, save = held.place.kind, f"put:{uuid4().hex}"
    stored = {str(one["_id"]): values.of_label(edits.label(one)) for one in held.items}
    wanted = {key for key, _ in given}
    made = [Operation("", "delete", key) for key in stored if key not in wanted]
    for key, named in given:
        different = _different(stored[key], named) if key in stored else named
        if different:
            ready = values.checked(kind, different, new=key not in stored)
            made.append(Operation("", "change" if key in stored else "add", key, ready))
    return [operations.named(replace(one, id=f"{save}:{number}")) for number, one in enumerate(made)]


def _different(stored: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, Any]:
    """The given parts that differ from what is stored."""
    held = {**stored, "tags": stored["attributes"].get("tags") or []}
    made = {name: value for name, value in given.items() if name not in held or not etags.same(held[name], value)}
    if isinstance(named := made.get("attributes"), Mapping):
        known = stored["attributes"]
        made["attributes"] = {name: one for name, one in named.items() if not etags.same(known.get(name), one)}
    return made
