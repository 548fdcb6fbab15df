"""Frames of videos as raw documents."""

import pytest

from datasets.errors import FieldError
from datasets.storage import collection, frame_collection, store, vendor
from datasets.workspace import Workspace


@pytest.fixture
def clips(database: Workspace) -> list[str]:
    """Two videos without frames."""
    fo = vendor.fiftyone()
    made = fo.Dataset("clips", persistent=True)
    made.add_samples([fo.Sample(filepath=f"/{k}.mp4") for k in range(2)], progress=False)
    for name in ("a", "b"):
        made.add_frame_field(name, fo.IntField)
    return [str(one["_id"]) for one in collection.stream("clips")]


def test_frames_are_made_changed_and_read_in_order(clips: list[str]) -> None:
    first, second = clips
    rows = [(second, 1, {"a": 1}), (first, 2, {"a": 2}), (first, 1, {"a": 3, "b": 4})]
    told = list[tuple[int, int]]()
    assert frame_collection.write("clips", rows, lambda done, total: told.append((done, total))) == 3
    assert frame_collection.write("clips", [(first, 1, {"a": None})]) == 1 and told == [(3, 3)]
    found = list(frame_collection.stream("clips", {}, {"a": 1, "b": 1}))
    assert [(str(one["_sample_id"]), one["frame_number"], one.get("a"), one.get("b")) for one in found] == [
        (first, 1, None, 4), (first, 2, 2, None), (second, 1, 1, None),
    ]  # fmt: skip
    only = frame_collection.stream("clips", {"a": {"$exists": True}}, {"a": 1}, [first])
    assert [one["frame_number"] for one in only] == [2]


def test_images_have_no_frames(database: Workspace) -> None:
    store.create("photos")
    with pytest.raises(FieldError, match="'photos' to hold videos"):
        next(frame_collection.stream("photos", {}, {}))
