"""What label fields allow, stored in the document of their dataset, and derived from it where nothing is stored.

The schema lies at `info.foveal_schemas.<field>`. FiftyOne has places of its own for the order of classes, the names of
mask values and skeletons: these are set by the same update, so that every other reader of the dataset agrees. The
skeleton lies there alone.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from datasets import kinds
from datasets.errors import FieldError, NotThere
from datasets.kinds import Kind
from datasets.labelschema import VOID, Schema, SchemaClass, Skeleton, free_value
from datasets.skeleton import Skeleton as Shape
from datasets.storage import documents, fields, labels, skeletons
from datasets.storage.documents import Document

NAME = "foveal_schemas"
_DEFAULTS = ("default_classes", "default_mask_targets", "default_skeleton")


class Held(NamedTuple):
    """The schema of a field as it was read, with its ETag. `stored` is False for one that was derived."""

    schema: Schema
    etag: str
    stored: bool
    kind: Kind
    document: Document


def of(document: Document, field: str, used: Iterable[str] = ()) -> Held:
    """The schema of a label field of a dataset's document.

    Where none is stored: its classes in the order of the dataset, with those that are `used`; the values of its masks;
    its skeleton. Raises NotThere without such a field, and FieldError for masks of colours.
    """
    try:
        kind = kinds.kind(str(fields.label_field(document, field).label_kind))
    except FieldError as wrong:
        raise NotThere(str(wrong)) from wrong
    raw = _stored(document, field)
    schema = parsed(raw) if raw is not None else _derived(document, field, kind, used)
    schema = schema.model_copy(update={"skeleton": _skeleton(document, field) if kind.posed else None})
    return Held(schema, etag(schema), raw is not None, kind, document)


def swap(
    held: Held,
    field: str,
    schema: Schema,
    *,
    targets: Mapping[int, str] | None = None,
    defaults: Sequence[str] | None = None,
) -> Held | None:
    """Store a schema in place of the one that was read. None, without effect, if that has changed since.

    Classes of whole masks without a value get a free one; `targets` are the names of all values, where a class has
    several. `defaults` are the classes of the whole dataset. Raises FieldError for what cannot be stored.
    """
    found = held.document
    taken = fields.targets(found, field) if held.kind.whole_mask else ()
    ready = checked(held.kind, schema, taken)
    change = {f"{path}.{field}": value for path, value in _parts(held, field, ready).items()}
    same = {path: {"$eq": _at(found, path)} for path in (*_DEFAULTS, *change)}
    if targets is not None:
        change[f"mask_targets.{field}"] = {str(value): targets[value] for value in sorted(targets)}
    if defaults is not None:
        change["default_classes"] = list(defaults)
    if not documents.swap(found, same, change):
        return None
    return Held(ready, etag(ready), True, held.kind, documents.of(str(found["name"])))


def versions(document: Mapping[str, Any]) -> tuple[str, ...]:
    """A text that changes with each of the stored schemas of a dataset."""
    found = _at(document, f"info.{NAME}") or {}
    return tuple(
        f"{field} {hashlib.blake2b(str(raw).encode(), digest_size=8).hexdigest()}" for field, raw in found.items()
    )


def colours(document: Mapping[str, Any]) -> dict[str, str]:
    """The colours that people chose for classes, `#rrggbb`; where fields differ, that of the first."""
    found: dict[str, str] = {}
    for raw in (_at(document, f"info.{NAME}") or {}).values():
        for one in parsed(raw).classes if isinstance(raw, str) else ():
            if one.colour:
                found.setdefault(one.name, one.colour)
    return found


def forget(dataset: str, field: str) -> None:
    """Remove what is stored about a field that was removed."""
    documents.unset(dataset, f"info.{NAME}.{field}")


def checked(kind: Kind, schema: Schema, taken: Iterable[int] = ()) -> Schema:
    """The schema as a field of this kind can have it. `taken` are values of pixels in use. Raises FieldError."""
    for one in schema.attributes:
        if labels.attribute_name(one.name) != one.name or one.name == "tags":
            raise FieldError(
                f"expected names of attributes of letters, digits and underscores, none of a label's own parts, found "
                f"{one.name!r}; choose another name, as {one.name.strip('_')}_value"
            )
    if schema.skeleton and not kind.posed:
        raise FieldError(f"expected a skeleton for key points alone, found one for {kind.word}; leave it out")
    if not kind.whole_mask:
        plain = tuple(one.model_copy(update={"value": None}) for one in schema.classes)
        return schema.model_copy(update={"classes": plain})
    return schema.model_copy(update={"classes": _with_values(schema.classes, set(taken))})


def etag(schema: Schema) -> str:
    """32 hexadecimal digits: equal schemas have equal ones."""
    return hashlib.blake2b(schema.model_dump_json().encode(), digest_size=16).hexdigest()


def parsed(raw: str) -> Schema:
    """A schema as it is stored: JSON text, since names of classes may hold what keys of documents may not."""
    return Schema.model_validate_json(raw)


def _stored(document: Mapping[str, Any], field: str) -> str | None:
    found = _at(document, f"info.{NAME}.{field}")
    return found if isinstance(found, str) else None


def _parts(held: Held, field: str, schema: Schema) -> dict[str, Any]:
    """What is written about a field, by the place in the document that holds such things of all fields."""
    made: dict[str, Any] = {f"info.{NAME}": schema.model_dump_json(exclude={"skeleton"}), "classes": list(schema.names)}
    if held.kind.whole_mask:
        more = {value: name for value, name in fields.targets(held.document, field).items() if name in schema.names}
        values = {**more, **{int(one.value or 0): one.name for one in schema.classes}}  # a class may have several
        made["mask_targets"] = {str(value): values[value] for value in sorted(values)}
    if held.kind.posed:
        shape = schema.skeleton
        made["skeletons"] = skeletons.stored(Shape(shape.points, shape.edges)) if shape else None
    return made


def _with_values(classes: Sequence[SchemaClass], taken: set[int]) -> tuple[SchemaClass, ...]:
    taken, made = taken | {one.value for one in classes if one.value is not None}, list[SchemaClass]()
    for one in classes:
        value = free_value(taken) if one.value is None else one.value
        if value is None:
            raise FieldError(f"expected at most {VOID - 1} classes of pixels, found {len(classes)}; merge some of them")
        taken.add(value)
        made.append(one.model_copy(update={"value": value}))
    return tuple(made)


def _derived(document: Document, field: str, kind: Kind, used: Iterable[str]) -> Schema:
    if kind.whole_mask:
        named = fields.targets(document, field)
        names = {name: value for value, name in reversed(named.items())}  # the first value of a name that has several
        made = tuple(_as_it_is(name, names[name]) for name in dict.fromkeys(named.values()))
    else:
        made = tuple(_as_it_is(name) for name in fields.class_order(document, field, used))
    return Schema(classes=made)


def _as_it_is(name: str, value: int | None = None) -> SchemaClass:
    """A class that labels have, whatever its name: only what people give is checked."""
    return SchemaClass.model_construct(name=name, value=value)


def _skeleton(document: Document, field: str) -> Skeleton | None:
    """The skeleton of a field; points that nobody named are numbered."""
    found = skeletons.of(document, field)
    if not found:
        return None
    most = max((end for edge in found.edges for end in edge), default=-1) + 1
    return Skeleton(points=found.points or tuple(str(number + 1) for number in range(most)), edges=found.edges)


def _at(document: Mapping[str, Any], path: str) -> Any:
    found: Any = document
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found
