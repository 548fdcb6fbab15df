"""What we write into FiftyOne's storage is what FiftyOne itself would have written."""

from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from datasets.errors import DatabaseError, DatasetNotFound, FieldError
from datasets.records import Label
from datasets.storage import collection, documents, handle, labels, layout, schemas, store, vendor
from datasets.workspace import Workspace

FIELDS = {"ground_truth": "detections", "scene": "classification", "ground": "segmentation"}
OBJECTS = [Label("cat", (0.1, 0.2, 0.3, 0.4), mask_path="/m.png"), Label("dog", (0.5, 0.5, 0.25, 0.25), 0.5)]


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "a.png"
    Image.new("RGB", (64, 48)).save(path)
    return path


def our_document(path: Path) -> dict[str, Any]:
    return collection.sample_document(
        str(path),
        collection.image_metadata(64, 48, path.stat().st_size, "image/png", 3),
        tags=["new"],
        split="train",
        ground_truth=labels.to_document("detections", OBJECTS),
        scene=labels.to_document("classification", [Label("indoor", confidence=0.75)]),
        ground=labels.to_document("segmentation", [Label("", mask_path="/s.png")]),
    )


def written_by_fiftyone(name: str, path: Path) -> Any:
    fo = vendor.fiftyone()
    objects = [
        fo.Detection(label="cat", bounding_box=[0.1, 0.2, 0.3, 0.4], mask_path="/m.png"),
        fo.Detection(label="dog", bounding_box=[0.5, 0.5, 0.25, 0.25], confidence=0.5),
    ]
    sample = fo.Sample(
        str(path),
        tags=["new"],
        split="train",
        ground_truth=fo.Detections(detections=objects),
        scene=fo.Classification(label="indoor", confidence=0.75),
        ground=fo.Segmentation(mask_path="/s.png"),
    )
    sample.compute_metadata()
    dataset = fo.Dataset(name, persistent=True)
    dataset.add_sample(sample)
    return dataset


def without_chance(value: Any) -> Any:
    """Drops what differs between any two writes: ids, times, the random order; and FiftyOne's empty attributes."""
    if isinstance(value, dict):
        chance = {"_id", "_dataset_id", "_rand", "created_at", "last_modified_at", "id", "dataset_id"}
        return {k: without_chance(v) for k, v in value.items() if k not in chance and (k, v) != ("attributes", {})}
    return [without_chance(one) for one in value] if isinstance(value, list) else value


def kinds(dataset: str) -> dict[str, Any]:
    def describe(one: dict[str, Any]) -> tuple[Any, ...]:
        inner = {part["name"]: describe(part) for part in one["fields"]}
        return one["ftype"], one["subfield"], one["embedded_doc_type"], one["db_field"], inner

    return {one["name"]: describe(one) for one in documents.of(dataset)["sample_fields"]}


def test_documents_and_schema_equal_those_that_fiftyone_writes(database: Workspace, image: Path) -> None:
    theirs = written_by_fiftyone("theirs", image)
    store.create("ours", FIELDS)
    collection.insert("ours", [our_document(image)])
    raw = [next(collection.stream(name)) for name in ("ours", "theirs")]
    assert without_chance(raw[0]) == without_chance(raw[1])
    assert kinds("ours") == kinds("theirs")
    read = [collection.load(name).first().to_dict() for name in ("ours", "theirs")]
    assert without_chance(read[0]) == without_chance(read[1])
    assert documents.of("ours")["media_type"] == theirs.media_type


def test_fiftyone_works_with_what_we_wrote(database: Workspace, image: Path) -> None:
    store.create("ours", FIELDS)
    collection.insert("ours", [our_document(image)])
    fo = vendor.fiftyone()
    dataset = collection.load("ours")
    assert len(dataset) == dataset.count() == 1
    assert dataset.filter_labels("ground_truth", fo.ViewField("label") == "dog").count("ground_truth.detections") == 1
    assert dataset.match_tags("new").first().metadata.width == 64
    sample = dataset.first()
    sample["scene"].label = "outdoor"
    sample.save()
    assert next(collection.stream("ours"))["scene"]["label"] == "outdoor"
    assert len(dataset.take(1, seed=1)) == 1


def test_an_interrupted_insert_can_run_again(database: Workspace, image: Path) -> None:
    store.create("ours", FIELDS)
    made = [our_document(image) for _ in range(5)]
    collection.insert("ours", made[:3])
    assert collection.insert("ours", made) == [str(one["_id"]) for one in made]
    assert collection.samples("ours").count_documents({}) == 5


def test_updates_set_and_unset_and_move_the_time_of_change(database: Workspace, image: Path) -> None:
    store.create("ours", FIELDS)
    one, two = collection.insert("ours", [our_document(image), our_document(image)])
    before = handle.of("ours").version
    seen: list[tuple[int, int]] = []
    changes = [(one, {"split": "test", "scene": None}), ("0" * 24, {"split": "val"})]
    assert collection.update("ours", changes, 2, lambda done, total: seen.append((done, total))) == 1
    raw = list(collection.by_ids("ours", [two, one]))
    assert [found["split"] for found in raw] == ["train", "test"]
    assert "scene" not in raw[1]
    assert raw[1]["last_modified_at"] > raw[0]["last_modified_at"]
    assert seen == [(2, 2)]
    assert handle.of("ours").version != before


def test_removing_a_sample_changes_the_version(database: Workspace, image: Path) -> None:
    store.create("ours", FIELDS)
    (only,) = collection.insert("ours", [our_document(image)])
    before = handle.of("ours").version
    assert collection.remove("ours", [only, only]) == 1
    assert handle.of("ours").version != before
    assert image.exists()


def test_declaring_a_field_again_is_harmless_and_another_kind_is_refused(database: Workspace) -> None:
    store.create("ours", FIELDS)
    schemas.declare("ours", {"ground_truth": "detections", "score": "float"})
    schemas.declare("ours", {"score": "float"})
    assert collection.load("ours").get_field_schema()["score"].__class__.__name__ == "FloatField"
    with pytest.raises(FieldError, match="score is float, not int"):
        schemas.declare("ours", {"score": "int"})
    with pytest.raises(FieldError, match="expected the kind of field 'odd'"):
        schemas.declare("ours", {"odd": "colour"})
    schemas.undeclare("ours", ["score", "never there"])
    assert "score" not in [one.name for one in store.schema("ours")]


def test_attributes_of_labels_join_the_schema(database: Workspace, image: Path) -> None:
    store.create("ours", FIELDS)
    made = [Label("cat", (0, 0, 1, 1), crowd=True, attributes={"occluded": True})]
    document = collection.sample_document(str(image), ground_truth=labels.to_document("detections", made))
    collection.insert("ours", [document])
    schemas.declare_attributes("ours", "ground_truth")
    schema = {one.name: one for one in store.schema("ours")}["ground_truth"]
    assert {"ground_truth.iscrowd", "ground_truth.occluded"} <= {one.name for one in schema.attributes}


def test_another_version_of_fiftyone_is_refused_loudly(database: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    store.create("ours", FIELDS)
    monkeypatch.setattr(layout, "installed_version", lambda: "1.99.0")
    with pytest.raises(DatabaseError, match=r"expected FiftyOne 1\.22\.x, .*found 1\.99\.0"):
        collection.samples("ours")


def test_a_dataset_in_the_layout_of_another_version_is_refused(database: Workspace) -> None:
    store.create("ours", FIELDS)
    documents.update("ours", {"version": "0.24.0"})
    with pytest.raises(DatabaseError, match=r"found 0\.24\.0; migrate it once with `fiftyone migrate"):
        collection.samples("ours")
    documents.update("ours", {"version": "1.22.1"})


def test_an_unknown_dataset_is_an_error_that_lists_the_known(database: Workspace) -> None:
    store.create("ours")
    with pytest.raises(DatasetNotFound, match="found 'hours'; known datasets: ours"):
        collection.samples("hours")
    with pytest.raises(FieldError, match="24 hexadecimal digits, found 'x'"):
        layout.object_id("x")
