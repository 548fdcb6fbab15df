"""What FiftyOne's documents look like."""

from datetime import UTC, datetime

import pytest
from bson import ObjectId

from datasets.errors import DatabaseError, FieldError
from datasets.storage import documents, layout, store
from datasets.workspace import Workspace


def test_ids_are_24_hexadecimal_digits() -> None:
    key = "0123456789abcdef01234567"
    assert layout.object_ids([key]) == [ObjectId(key)]
    for wrong in ("", "xyz", key + "0"):
        with pytest.raises(FieldError, match="24 hexadecimal digits"):
            layout.object_id(wrong)


def test_times_are_of_utc_in_milliseconds() -> None:
    now = layout.now()
    assert now.tzinfo is None and now.microsecond % 1000 == 0
    assert abs((datetime.now(UTC).replace(tzinfo=None) - now).total_seconds()) < 60


def test_versions_that_are_not_proven_are_refused() -> None:
    layout.check_version()
    layout.check_version(f"{layout.PROVEN[0]}9")
    with pytest.raises(DatabaseError, match=r"expected FiftyOne 1\.22\.x.* found 9\.0\.0"):
        layout.check_version("9.0.0")


def test_fields_are_read_as_fiftyone_declares_them(database: Workspace) -> None:
    store.create("d", {"boxes": "detections"}, (), {"score": "float", "words": "list", "more": "dict"})
    found = {one.name: one for one in layout.stored_fields(documents.of("d"))}
    assert (found["id"].stored, found["id"].kind) == ("_id", "id")
    assert [found[key].kind for key in ("score", "words", "more", "created_at")] == ["float", "list", "dict", "date"]
    assert (found["tags"].item, found["metadata"].kind) == ("string", "document")
    assert (found["boxes"].kind, found["boxes"].label_kind) == ("labels", "detections")
    assert not [key for key in found if key.startswith("_")]
    assert layout.frame_fields(documents.of("d")) == []


def test_what_is_not_known_is_told_as_unknown() -> None:
    raw = {"name": "odd", "ftype": "somewhere.HeatField", "db_field": "o"}
    (found,) = layout.stored_fields({"sample_fields": [raw, {"name": "_private", "ftype": "x.IntField"}]})
    assert (found.name, found.stored, found.kind, found.label_kind) == ("odd", "o", "unknown", None)
