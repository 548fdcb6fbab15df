"""The records of a schema: what they allow, what they refuse and in which words."""

import json
from typing import Any

import pytest
from pydantic import ValidationError

from datasets.labelschema import Schema, SchemaAttribute, SchemaClass, Skeleton, free_value

COLOUR = {"name": "colour", "kind": "choice", "choices": ["red", "blue"], "default": "red"}


def schema(**parts: Any) -> Schema:
    """A schema of two classes, through JSON as it travels."""
    return Schema.model_validate_json(json.dumps({"classes": [{"name": "cat"}, {"name": "dog"}], **parts}))


def test_a_schema_is_the_same_after_a_journey_as_json() -> None:
    made = schema(
        classes=[{"name": "cat", "colour": "#ff0000", "hotkey": "c"}, {"name": "dog"}],
        attributes=[COLOUR, {"name": "age", "kind": "number", "minimum": 0, "maximum": 3.5, "classes": ["cat"]}],
        skeleton={"points": ["nose", "tail"], "edges": [[0, 1]]},
        rules={"smallest": 4, "inside": True, "overlap": 0.5},
    )
    assert Schema.model_validate_json(made.model_dump_json()) == made
    assert [one.name for one in made.attributes_of("dog")] == ["colour"]


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"classes": [{"name": "cat"}, {"name": "cat"}]}, "each name of a class once, found 'cat'"),
        ({"classes": [{"name": "a", "hotkey": "x"}, {"name": "b", "hotkey": "x"}]}, "each hotkey once"),
        ({"classes": [{"name": "a", "value": 0}, {"name": "b", "value": 0}]}, "each value of a class once, found 0"),
        ({"classes": [{"name": "a\nb"}]}, "pattern"),
        ({"classes": [{"name": "a", "colour": "red"}]}, "pattern"),
        ({"attributes": [{"name": "c", "kind": "choice"}]}, "at least one choice"),
        ({"attributes": [{**COLOUR, "default": "green"}]}, "'green', none of its choices"),
        ({"attributes": [{"name": "n", "kind": "number", "minimum": 2, "maximum": 1}]}, "below its maximum"),
        ({"attributes": [{**COLOUR, "classes": ["cow"]}]}, "found 'cow'; add that class first"),
        ({"attributes": [COLOUR, {**COLOUR, "classes": ["cat"]}]}, "one attribute 'colour' for each class"),
        ({"skeleton": {"points": ["a"], "edges": [[0, 1]]}}, "edges between points 0 to 0"),
        ({"more": 1}, "Extra inputs"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(parts: dict[str, Any], words: str) -> None:
    with pytest.raises(ValidationError, match=words):
        schema(**parts)


def test_attributes_of_one_name_may_belong_to_different_classes() -> None:
    other = {"name": "colour", "kind": "text", "classes": ["dog"]}
    made = schema(attributes=[{**COLOUR, "classes": ["cat"]}, other])
    assert [one.kind for one in made.attributes_of("dog")] == ["text"]


@pytest.mark.parametrize(
    ("kind", "value", "fits"),
    [("choice", "red", True), ("choice", "green", False), ("flag", True, True), ("flag", 1, False),
     ("number", 2, True), ("number", 5, False), ("number", True, False), ("number", float("nan"), False),
     ("text", "x", True), ("text", 1, False)],
)  # fmt: skip
def test_an_attribute_says_which_values_it_allows(kind: Any, value: object, fits: bool) -> None:
    one = SchemaAttribute(name="a", kind=kind, choices=("red",) if kind == "choice" else (), minimum=1, maximum=3)
    assert (one.problem(value) is None) is fits


def test_a_new_class_goes_to_the_end() -> None:
    assert schema().with_class(SchemaClass(name="cow")).names == ("cat", "dog", "cow")


@pytest.mark.parametrize(
    ("taken", "free"), [((), 1), ((0, 1), 2), ((1, 5, 255), 6), ((254,), 1), (range(1, 255), None)]
)
def test_a_free_value_of_pixels_is_above_the_highest_while_there_is_one(taken: Any, free: int | None) -> None:
    assert free_value(taken) == free


def test_points_of_a_skeleton_have_a_name_each() -> None:
    with pytest.raises(ValidationError, match="each point of a skeleton once"):
        Skeleton(points=("a", "a"))
