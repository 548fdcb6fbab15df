"""Rows of frames, in both forms that a video may have; and views by what frames hold."""

from pathlib import Path

import pytest

from datasets.errors import ViewError
from datasets.handover import manifest
from datasets.records import Label
from datasets.storage import collection, frames, layout, schemas, store
from datasets.tables import MANIFEST, read_table
from datasets.views import pages, resolve
from datasets.viewspec import Filter, ViewSpec
from datasets.workspace import Workspace

NAME = "videos"


def one(label: str, index: int) -> Label:
    return Label(label, (0.1, 0.1, 0.2, 0.2), attributes={"index": index})


@pytest.fixture
def ids(database: Workspace) -> list[str]:
    """Two videos of three frames; a cat is seen in frame 2 of the first, a dog in frames 1 and 2 of the second."""
    store.create(NAME, videos=True)
    about = collection.video_metadata(64, 48, rate=10, frames=3, size=1, mime="video/mp4")
    made = [collection.sample_document(f"/nowhere/{n}.mp4", about, _media_type="video", split="val") for n in range(2)]
    found = collection.insert(NAME, made)
    frames.declare(NAME, "truth", "detections")
    rows = [(found[0], 2, (one("cat", 4),)), (found[1], 1, (one("dog", 5),)), (found[1], 2, (one("dog", 5),))]
    frames.write(NAME, "truth", rows)
    return found


def where(*filters: tuple[str, str, tuple[object, ...]]) -> ViewSpec:
    made = [Filter.model_validate({"field": field, "op": op, "values": values}) for field, op, values in filters]
    return ViewSpec(dataset=NAME, filters=tuple(made))


def test_a_video_has_a_row_for_every_frame(ids: list[str], tmp_path: Path) -> None:
    frozen = manifest.freeze(ViewSpec(dataset=NAME), "truth", tmp_path / "m.parquet")
    assert (frozen.samples, frozen.kind, frozen.classes) == (6, "detections", ("cat", "dog"))
    rows = read_table(frozen.path, MANIFEST).to_pylist()
    assert [(row["sample_id"], row["sequence"], row["frame_number"]) for row in rows] == [
        (key, key, number) for key in sorted(ids) for number in (1, 2, 3)
    ]
    assert {(row["path"], row["width"], row["height"]) for row in rows if row["sample_id"] == ids[0]} == {
        ("/nowhere/0.mp4", 64, 48)
    }
    held = {(row["sample_id"], row["frame_number"]): [(x["label"], x["index"]) for x in row["labels"]] for row in rows}
    assert [held[ids[0], n] for n in (1, 2, 3)] == [[], [("cat", 4)], []]
    assert [held[ids[1], n] for n in (1, 2, 3)] == [[("dog", 5)], [("dog", 5)], []]


def test_images_with_a_sequence_have_the_same_columns(database: Workspace, tmp_path: Path) -> None:
    store.create(NAME, {"truth": "detections"}, (), {"sequence": "string", "frame_number": "int"})
    made = [collection.sample_document(f"/nowhere/{n}.jpg", sequence="walk", frame_number=n) for n in (1, 2)]
    collection.insert(NAME, made)
    rows = read_table(manifest.freeze(ViewSpec(dataset=NAME), "truth", tmp_path / "m").path, MANIFEST).to_pylist()
    assert [(row["sequence"], row["frame_number"]) for row in rows] == [("walk", 1), ("walk", 2)]


def test_a_revision_is_that_of_before_where_nothing_is_new(database: Workspace, tmp_path: Path) -> None:
    """Hashed by an earlier version, whose rows had no columns for frames."""
    store.create(NAME, {"truth": "classification"})
    key = {"_id": layout.object_id("5" * 24)}
    collection.insert(NAME, [collection.sample_document("/nowhere/1.jpg", **key)])
    frozen = manifest.freeze(ViewSpec(dataset=NAME), "truth", tmp_path / "m")
    assert frozen.revision == "efb345a6d7fe7b3314f4116f912c5e35cd1f6bc6fecb3392fd9e796aaf1b6671"


def test_views_by_what_frames_hold(ids: list[str]) -> None:
    assert resolve.ids(where(("frames.truth.label", "any_of", ("cat",)))) == [ids[0]]
    assert resolve.ids(where(("frames.truth", "count_at_least", ("dog", 1)))) == [ids[1]]
    assert resolve.ids(where(("frames.frame_number", "at_least", (2,)), ("frames.truth.label", "any_of", ("dog",))))
    late = where(("frames.frame_number", "at_least", (3,)), ("frames.truth.label", "any_of", ("dog",)))
    assert resolve.ids(late) == []  # no single frame satisfies both
    assert pages.page(where(("frames.truth.label", "any_of", ("cat",)))).total == 1
    with pytest.raises(ViewError, match=r"frames\.truth\.label"):
        resolve.ids(where(("frames.none.label", "any_of", ("cat",))))
    with pytest.raises(ViewError, match="to sort by"):
        resolve.ids(ViewSpec(dataset=NAME, sort="frames.frame_number"))


def test_counts_and_ranges_of_frames(ids: list[str]) -> None:
    whole = ViewSpec(dataset=NAME)
    assert pages.class_counts(whole, "frames.truth") == {"dog": 2, "cat": 1}
    assert pages.class_counts(where(("frames.truth.label", "any_of", ("cat",))), "frames.truth") == {"cat": 1}
    assert pages.distinct(whole, "frames.truth.label") == ["cat", "dog"]
    assert pages.number_range(whole, "frames.frame_number") == (1, 2)
    frames.write(NAME, "truth", [(ids[0], 3, (one("cat", 4), one("cat", 6)))])
    assert pages.class_counts(whole, "frames.truth") == {"cat": 3, "dog": 2}  # a write to frames is noticed
    assert [made.name for made in store.frame_schema(NAME)][-1] == "frames.truth"


def test_a_saved_view_by_frames_means_the_same_to_fiftyone(ids: list[str]) -> None:
    resolve.save_view("cats", where(("frames.truth.label", "any_of", ("cat",))))
    assert resolve.ids(ViewSpec(dataset=NAME, saved="cats")) == [ids[0]]
    assert collection.load(NAME).load_saved_view("cats").values("id") == [ids[0]]


def test_a_cut_off_declaration_of_an_image_field_is_finished_by_the_next(ids: list[str]) -> None:
    schemas._declare_media(NAME, ["made"])
    schemas.declare(NAME, {"made": "image"})
    schemas.declare(NAME, {"made": "image"})
    assert collection.load(NAME).app_config.media_fields == ["filepath", "made"]
    assert [found.kind for found in store.schema(NAME) if found.name == "made"] == ["image"]
