"""The schemas of label fields in the words of FiftyOne's Annotate tab, so that both labelers offer the same."""

from collections.abc import Mapping
from typing import Any

from datasets.kinds import Kind
from datasets.labelschema import Schema, SchemaAttribute
from datasets.storage import annotate, documents, label_schemas, layout, store

RADIO = 5  # choices that are buttons, as FiftyOne itself decides


def tell(dataset: str) -> list[str]:
    """Set what Annotate offers for the fields with a stored schema. Returns those that changed; imports FiftyOne."""
    found, changed = documents.of(dataset), []
    for field, kind in store.summary(dataset).label_fields.items():
        held = label_schemas.of(found, field)
        if not held.stored or not annotate.supported(kind, str(found.get("media_type") or "image")):
            continue
        wanted = label_schema(held.kind, held.schema, known_types(found, field))
        if annotate.stored(found, field) != wanted:
            annotate.declare(dataset, field, kind, wanted)
            changed.append(field)
    return changed


def label_schema(kind: Kind, schema: Schema, types: Mapping[str, str] | None = None) -> dict[str, Any]:
    """FiftyOne's label schema of a field. Of attributes with one name, which Annotate has once, the first counts.

    `types` are those of attributes that the dataset declares already. Ones of another type are left out: FiftyOne
    would refuse their values.
    """
    made: dict[str, Any] = {"type": kind.name, **_choice(list(schema.names), "classes")}
    attributes: dict[str, dict[str, Any]] = {}
    for one in schema.attributes:
        said = _attribute(one)
        if (types or {}).get(one.name, said["type"]) == said["type"]:
            attributes.setdefault(one.name, said)
    return {**made, "attributes": list(attributes.values())}


def known_types(document: Mapping[str, Any], field: str) -> dict[str, str]:
    """Types of the attributes that a dataset declares for the labels of a field, in FiftyOne's words."""
    names = {"string": "str"}
    held = next((one for one in layout.stored_fields(document) if one.name == field), None)
    inner = held.fields if held else ()
    inner = inner[0].fields if len(inner) == 1 and inner[0].fields else inner
    return {one.name: names.get(one.kind, one.kind) for one in inner}


def _attribute(one: SchemaAttribute) -> dict[str, Any]:
    made: dict[str, Any] = {"name": one.name}
    if one.kind == "choice":
        made |= {"type": "str", **_choice(list(one.choices), "values")}
    elif one.kind == "flag":
        made |= {"type": "bool", "component": "toggle"}
    elif one.kind == "text":
        made |= {"type": "str", "component": "text"}
    elif one.minimum is not None and one.maximum is not None and one.minimum < one.maximum:
        made |= {"type": "float", "component": "slider", "range": [one.minimum, one.maximum]}
    else:
        made |= {"type": "float", "component": "text"}
    default = float(one.default) if one.kind == "number" and isinstance(one.default, int | float) else one.default
    return made if default is None else {**made, "default": default}


def _choice(values: list[str], key: str) -> dict[str, Any]:
    if not values:
        return {"component": "text"}
    return {"component": "radio" if len(values) <= RADIO else "dropdown", key: values}
