"""The schema of a field on its way in and out: stored with what is imported, told to the formats that can say it."""

from collections import Counter
from collections.abc import Iterable, Sequence

from datasets.exchange.previews import Preview, class_names
from datasets.labelschema import Rules, Schema, SchemaClass
from datasets.records import Finding
from datasets.storage import documents, handle, label_schemas
from datasets.views import label_schemas as reading

_MOST = 20  # classes that are named one by one


def declare(dataset: str, schema: Schema | None, fields: Iterable[str]) -> None:
    """Store what a source says about its classes and attributes for each of the fields that were made of it."""
    if schema is None or schema == Schema():
        return
    for field in fields:
        held = label_schemas.of(documents.of(dataset, any_version=True), field)
        label_schemas.swap(held, field, schema if held.kind.posed else schema.model_copy(update={"skeleton": None}))


def differences(dataset: str, field: str, found: Preview) -> list[Finding]:
    """Classes that were added to a field although its schema does not hold them: one finding for each."""
    if found.kind is None:
        return []
    stored = label_schemas.of(handle.of(dataset).document, field)
    known = set(stored.schema.names)
    if not stored.stored or stored.kind.whole_mask:
        return []
    counts = Counter(name for record in found.records for name in class_names(record) if name not in known)
    action = "add it to the classes, or rename it; the rules of the field list its labels"
    return [
        Finding("warning", "class_not_in_schema", dataset, "classes that the schema holds", f"{name!r} ({n:,})", action)
        for name, n in counts.most_common(_MOST)
    ]


def merged(dataset: str, fields: Sequence[str], classes: Sequence[str]) -> Schema:
    """The schema of several fields that go out together: classes in their order, attributes of all, the first skeleton.

    Where two fields differ about an attribute the first counts.
    """
    found = [reading.of(dataset, field).schema for field in fields if field]
    said = {one.name: one for schema in reversed(found) for one in schema.classes}
    made = tuple(said.get(name) or SchemaClass.model_construct(name=name) for name in classes)
    attributes = list(found[0].attributes) if found else []
    for schema in found[1:]:
        taken = {one.name for one in attributes}
        attributes += [one for one in schema.attributes if one.name not in taken]
    skeleton = next((schema.skeleton for schema in found if schema.skeleton), None)
    return Schema.model_construct(classes=made, attributes=tuple(attributes), skeleton=skeleton, rules=Rules())
