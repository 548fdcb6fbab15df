"""What a change of classes does to schemas and to names of mask values."""

from typing import Any

import pytest
from pydantic import ValidationError

from datasets.labeling.class_changes import ClassChange, back, grown, retargeted, shrunk
from datasets.labelschema import Schema, SchemaAttribute, SchemaClass

SCHEMA = Schema(
    classes=(SchemaClass(name="cat", colour="#ff0000", hotkey="c", value=1), SchemaClass(name="dog", value=2),
             SchemaClass(name="cow", value=3)),
    attributes=(SchemaAttribute(name="age", kind="number", classes=("cat", "dog")),
                SchemaAttribute(name="age", kind="text", classes=("cow",)), SchemaAttribute(name="tame", kind="flag")),
)  # fmt: skip


def change(action: Any, *names: str, into: str | None = None, **more: Any) -> ClassChange:
    return ClassChange(action=action, names=names, into=into, **more)


def done(made: ClassChange) -> Schema:
    return shrunk(grown(SCHEMA, made), made)


def owners(schema: Schema) -> list[tuple[str, ...] | None]:
    return [one.classes for one in schema.attributes]


def test_a_renamed_class_keeps_its_place_colour_hotkey_and_attributes() -> None:
    made = done(change("rename", "cat", into="lynx"))
    assert made.names == ("lynx", "dog", "cow")
    assert made.classes[0] == SchemaClass(name="lynx", colour="#ff0000", hotkey="c", value=1)
    assert owners(made) == [("dog", "lynx"), ("cow",), None]


def test_merged_classes_leave_one_and_one_attribute_of_each_name() -> None:
    made = done(change("merge", "dog", "cow", into="cow"))
    assert made.names == ("cat", "cow") and owners(made) == [("cat",), ("cow",), None]
    fresh = done(change("merge", "cat", "dog", into="pet"))
    assert fresh.names == ("cow", "pet") and owners(fresh)[0] == ("pet",)


def test_a_deleted_class_takes_attributes_of_its_own_with_it() -> None:
    made = done(change("delete", "cow"))
    assert made.names == ("cat", "dog") and owners(made) == [("cat", "dog"), None]


def test_a_split_leaves_the_old_class_where_it_is() -> None:
    made = done(change("split", "cat", into="kitten", attribute="age", value=1))
    assert made.names == ("cat", "dog", "cow", "kitten") and owners(made)[0] == ("cat", "dog", "kitten")


def test_values_of_masks_follow() -> None:
    targets = {0: "sky", 1: "road", 2: "path", 3: "road"}
    assert retargeted(targets, change("rename", "road", into="street")) == {
        0: "sky", 1: "street", 2: "path", 3: "street"}  # fmt: skip
    assert retargeted(targets, change("merge", "road", "path", into="way")) == {0: "sky", 1: "way", 2: "way", 3: "way"}
    assert retargeted(targets, change("delete", "road")) == {0: "sky", 2: "path"}


def test_what_was_added_since_stays_when_a_change_is_taken_back() -> None:
    after = done(change("rename", "cat", into="lynx"))
    assert back(after, SCHEMA, after) == SCHEMA
    later = after.with_class(SchemaClass(name="ape"))
    assert back(later, SCHEMA, after).names == ("cat", "dog", "cow", "ape")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"action": "rename", "names": ("cat",)}, "a new class for rename, merge and split"),
        ({"action": "delete", "names": ("cat",), "into": "dog"}, "a new class for rename, merge and split"),
        ({"action": "rename", "names": ("cat", "dog"), "into": "cow"}, "one class and another name"),
        ({"action": "split", "names": ("cat",), "into": "cow"}, "an attribute with its value, or a view"),
        ({"action": "merge", "names": ("cat",), "into": "cow", "attribute": "x"}, "for a split alone"),
    ],
)
def test_changes_that_make_no_sense_are_refused(given: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        ClassChange(**given)
