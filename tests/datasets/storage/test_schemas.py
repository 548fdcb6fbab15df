"""Fields, declared through FiftyOne."""

import pytest

from datasets.errors import FieldError
from datasets.storage import collection, schemas, store
from datasets.workspace import Workspace


@pytest.fixture
def pets(database: Workspace) -> list[str]:
    store.create("pets")
    return collection.insert("pets", [collection.sample_document("/a.png", score=0.5)])


def kinds() -> dict[str, str]:
    return {one.name: one.label_kind or one.kind for one in store.schema("pets")}


def test_fields_are_declared_once_and_removed_with_their_values(pets: list[str]) -> None:
    wanted = {"score": "float", "boxes": "detections", "words": "list"}
    schemas.declare("pets", wanted)
    schemas.declare("pets", wanted)
    assert {key: kinds()[key] for key in wanted} == wanted
    assert collection.load("pets").first().score == 0.5
    schemas.undeclare("pets", ["score", "never there"])
    assert "score" not in kinds() and "score" not in next(collection.stream("pets"))


def test_another_kind_is_refused_before_anything_is_declared(pets: list[str]) -> None:
    schemas.declare("pets", {"score": "float"})
    with pytest.raises(FieldError, match="score is float, not string"):
        schemas.declare("pets", {"new": "int", "score": "string"})
    assert "new" not in kinds()
    with pytest.raises(FieldError, match=r"expected the kind of field 'x' in .*float.* found 'colour'"):
        schemas.declare("pets", {"x": "colour"})
