"""Changing the schema of a label field: one class more, or the whole, based on the version that a person saw."""

from collections.abc import Callable

from pydantic import ValidationError

from datasets.errors import DatabaseError, FieldError, SchemaChanged
from datasets.labelschema import Schema, SchemaClass
from datasets.storage import label_schemas, store
from datasets.storage.label_schemas import Held
from datasets.views import label_schemas as reading

ANY = "*"
TRIES = 50  # each time another writer was quicker


def read(dataset: str, field: str) -> Held:
    """The schema with its ETag. Raises DatasetNotFound, and FieldError without such a label field."""
    return reading.of(dataset, field)


def write(dataset: str, field: str, schema: Schema, *, if_match: str) -> Held:
    """Store a schema that is based on the version `if_match` (`*`: on any).

    Raises SchemaChanged when the stored one is another by now, and FieldError where classes are left out that labels
    still have: these are renamed, merged or deleted with their labels (`datasets/labeling/classes.py`).
    """

    def made(found: Held) -> Schema:
        if if_match not in (ANY, found.etag):
            raise SchemaChanged(field, found.schema, found.etag)
        _check_kept(dataset, field, found, schema)
        return schema

    return changed(dataset, field, made)


def add_class(dataset: str, field: str, made: SchemaClass) -> Held:
    """Add one class at the end; where a class of this name is there, nothing changes.

    Raises FieldError for a hotkey or value that another class has.
    """

    def grown(found: Held) -> Schema:
        if made.name in found.schema.names:
            return found.schema
        try:
            return found.schema.with_class(made)
        except ValidationError as wrong:
            raise FieldError(words(wrong)) from wrong

    return changed(dataset, field, grown)


def changed(dataset: str, field: str, change: Callable[[Held], Schema]) -> Held:
    """Store what `change` makes of the schema, however many change it at once."""
    for _ in range(TRIES):
        found = reading.of(dataset, field)
        wanted = change(found)
        if found.stored and wanted == found.schema:
            return found
        stored = label_schemas.swap(found, field, wanted)
        if stored is not None:
            return stored
    raise DatabaseError(
        f"expected the schema of field {field!r} of {dataset!r} to hold still for a change, found others changing it "
        "all the time; try again"
    )


def words(wrong: ValidationError) -> str:
    """What a record refuses, in its own words."""
    first = wrong.errors()[0]
    text = str(first["msg"]).removeprefix("Value error, ")
    where = ".".join(str(part) for part in first["loc"])
    return text if text.startswith("expected") else f"expected a valid schema, found at {where or 'its top'}: {text}"


def _check_kept(dataset: str, field: str, found: Held, schema: Schema) -> None:
    gone = [name for name in found.schema.names if name not in schema.names]
    counts = store.summary(dataset).class_counts.get(field, {}) if gone else {}
    used = {name: counts[name] for name in gone if counts.get(name)}
    if used:
        listed = ", ".join(f"{name!r} ({count:,} labels)" for name, count in list(used.items())[:5])
        raise FieldError(
            f"expected all classes that labels of field {field!r} have, found {listed} left out; rename, merge or "
            "delete them with their labels"
        )
