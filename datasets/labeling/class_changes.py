"""What a change of classes does to a schema, to the names of mask values, and to a label: pure functions."""

from collections.abc import Mapping, Sequence
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from datasets.labelschema import Name, Schema, SchemaAttribute, SchemaClass, Value
from datasets.viewspec import ViewSpec

Action = Literal["rename", "merge", "split", "delete"]


class ClassChange(BaseModel):
    """A change of classes over a whole field.

    rename: the one class of `names` becomes `into`. merge: several become `into`, which may be one of them. split:
    those labels of the one class become `into` that have `value` in `attribute`, lie in the samples of `view`, or both.
    delete: the classes and all their labels are removed.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    action: Action
    names: tuple[Name, ...] = Field(min_length=1, max_length=1000)
    into: Name | None = None
    attribute: str | None = None
    value: Value = None
    view: ViewSpec | None = None

    @model_validator(mode="after")
    def _fits(self) -> "ClassChange":
        if (self.into is None) != (self.action == "delete"):
            raise ValueError(f"expected a new class for rename, merge and split alone, found {self.into!r}")
        if self.action in ("rename", "split") and (len(self.names) != 1 or self.into in self.names):
            raise ValueError(f"expected one class and another name for it, found {self.names} and {self.into!r}")
        if self.action == "split" and self.attribute is None and self.view is None:
            raise ValueError("expected an attribute with its value, or a view, to split by; found neither")
        if self.action != "split" and (self.attribute is not None or self.view is not None):
            raise ValueError(f"expected an attribute or a view for a split alone, found one for {self.action}")
        return self

    @property
    def moved(self) -> tuple[str, ...]:
        """The classes whose labels change."""
        return tuple(name for name in dict.fromkeys(self.names) if name != self.into)

    @property
    def words(self) -> str:
        """The change in words: what the history shows."""
        listed = ", ".join(self.names)
        if self.action == "delete":
            return f"delete {listed}"
        by = f" where {self.attribute} is {self.value}" if self.attribute else ""
        where = " in a view" if self.view else ""
        return f"{self.action} {listed} {'to' if self.action == 'rename' else 'into'} {self.into}{by}{where}"

    def conditions(self) -> dict[str, Any]:
        """The labels that change, as a condition on their keys."""
        own = {self.attribute: self.value} if self.attribute else {}
        return {"label": {"$in": list(self.moved)}, **own}

    def touches(self, item: Mapping[str, Any]) -> bool:
        """Whether the label of a document changes; the condition of `conditions` in Python."""
        here = item.get("label") in self.moved
        return here and (self.attribute is None or _same(item.get(self.attribute), self.value))


def grown(schema: Schema, change: ClassChange) -> Schema:
    """The schema while labels are changed: the new class is there, beside the old ones."""
    if change.into is None:
        return schema
    own = {one.name for one in schema.attributes_of(change.into)} if change.into in schema.names else set()
    attributes = [one if one.name in own else _extended(one, change) for one in schema.attributes]
    if change.into in schema.names:
        return _made(schema, schema.classes, attributes)
    old = next((one for one in schema.classes if one.name == change.names[0]), None)
    kept = old.kept if old and change.action == "rename" else {}
    at = schema.names.index(change.names[0]) if change.action == "rename" and old else len(schema.names)
    made = SchemaClass(name=change.into, kept=kept)
    return _made(schema, (*schema.classes[:at], made, *schema.classes[at:]), attributes)


def shrunk(schema: Schema, change: ClassChange) -> Schema:
    """The schema when labels were changed: the old classes are gone; a renamed one keeps colour, hotkey and value."""
    if change.action == "split":
        return schema
    old = next((one for one in schema.classes if one.name == change.names[0]), None)
    classes = []
    for one in schema.classes:
        if one.name in change.moved:
            continue
        renamed = one.name == change.into and change.action == "rename" and old
        classes.append(old.model_copy(update={"name": one.name}) if renamed and old else one)
    attributes = []
    for attribute in schema.attributes:
        left = None if attribute.classes is None else tuple(n for n in attribute.classes if n not in change.moved)
        if left != ():
            attributes.append(attribute.model_copy(update={"classes": left}))
    return _made(schema, classes, attributes)


def retargeted(targets: Mapping[int, str], change: ClassChange) -> dict[int, str]:
    """Names of mask values after the change: merged classes share a name, values of deleted ones are void."""
    moved = {value: change.into if name in change.moved else name for value, name in targets.items()}
    return {value: name for value, name in moved.items() if name is not None}


def back(now: Schema, before: Schema, after: Schema) -> Schema:
    """The schema when a change is taken back: as it was before, with what was added since the change."""
    if now == after:
        return before
    more = [one for one in now.classes if one.name not in before.names and one.name not in after.names]
    known = {one.name for one in before.attributes}
    attributes = [one for one in now.attributes if one.name not in known]
    return _made(before, (*before.classes, *more), [*before.attributes, *attributes])


def _extended(one: SchemaAttribute, change: ClassChange) -> SchemaAttribute:
    """An attribute that the new class has where the old one had it."""
    into = str(change.into)
    if one.classes is None or not set(change.moved) & set(one.classes) or into in one.classes:
        return one
    return one.model_copy(update={"classes": (*one.classes, into)})


def _made(schema: Schema, classes: Sequence[SchemaClass], attributes: Sequence[SchemaAttribute]) -> Schema:
    """A schema in which no class has two attributes of one name: the first keeps it."""
    kept = list[SchemaAttribute]()
    names = {one.name for one in classes}
    for one in attributes:
        own = None if one.classes is None else {name for name in one.classes if name in names}
        for other in kept:
            if other.name == one.name:
                own = set() if own is None or other.classes is None else own - set(other.classes)
        if own is None or own:
            order = None if own is None else tuple(name for name in one.classes or () if name in own)
            kept.append(one.model_copy(update={"classes": order}))
    return schema.model_copy(update={"classes": tuple(classes), "attributes": tuple(kept)})


def _same(one: object, other: object) -> bool:
    return one == other and isinstance(one, bool) == isinstance(other, bool)
