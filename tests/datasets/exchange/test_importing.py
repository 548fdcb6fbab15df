from datetime import timedelta

import pytest

from datasets.errors import Cancelled, DatasetExists, FieldError, FormatError, SplitError
from datasets.exchange.exporting import export
from datasets.exchange.formats import registry
from datasets.exchange.importing import ingest, preview, with_splits
from datasets.records import SPLITS
from datasets.storage import collection, schemas, store
from datasets.viewspec import Filter, ViewSpec
from tests.helpers import make_coco, make_image, make_yolo


def stop(done: int, total: int) -> None:
    raise Cancelled("enough")


def stop_later(done: int, total: int) -> None:
    if done >= total:
        raise Cancelled("enough")


def content(name: str, field: str = "ground_truth") -> dict[str, object]:
    """Path to split and labels, without ids."""
    found = {}
    for raw in collection.stream(name):
        value = raw.get(field) or {}
        items = value.get("detections", [value])
        labels = [
            (d.get("label"), [round(v, 9) for v in d.get("bounding_box", [])], d.get("confidence")) for d in items
        ]
        found[raw["filepath"]] = (raw.get("split"), labels)
    return found


@pytest.mark.parametrize("make", [make_coco, make_yolo])
def test_a_source_becomes_a_dataset(make, tmp_path, database):
    report = ingest(make(tmp_path / "s"), "pets")
    assert (report.added, report.skipped, report.splits, report.findings) == (6, 0, {"train": 4, "val": 2}, ())
    found = store.summary("pets")
    assert found.classes == ("cat", "dog", "bird") and found.count == 6
    assert found.class_counts == {"ground_truth": {"cat": 2, "dog": 2, "bird": 2}}
    assert found.splits == {"train": 4, "val": 2} and found.label_fields == {"ground_truth": "detections"}
    document = next(collection.stream("pets"))
    assert document["metadata"]["width"] == 64 and document["metadata"]["mime_type"] == "image/jpeg"
    assert document["filepath"] == str((tmp_path / "s/images/train/0000.jpg").resolve())


def test_fiftyone_reads_what_was_imported(tmp_path, database):
    ingest(make_coco(tmp_path), "pets")
    dataset = collection.load("pets")
    sample = dataset.match({"filepath": {"$regex": "0002"}}).first()
    assert [d.label for d in sample.ground_truth.detections] == ["bird", "cat"]
    assert sample.ground_truth.detections[0].bounding_box == pytest.approx([4.5 / 64, 3.25 / 48, 20 / 64, 12.5 / 48])
    assert dataset.media_type == "image" and sample.metadata.num_channels == 3


def test_importing_again_adds_only_what_is_new(tmp_path, database):
    folder = make_coco(tmp_path, 4)
    ingest(folder, "pets")
    before = content("pets")
    again = ingest(folder, "pets")
    assert (again.added, again.skipped) == (0, 4) and content("pets") == before
    make_coco(tmp_path, 6)
    more = ingest(folder, "pets")
    assert (more.added, more.skipped) == (2, 4)
    assert before.items() <= content("pets").items() and store.summary("pets").count == 6


def test_another_source_is_added_only_when_asked(tmp_path, database):
    ingest(make_coco(tmp_path / "a"), "pets")
    other = make_yolo(tmp_path / "b", classes=("cat", "dog", "horse"))
    with pytest.raises(DatasetExists, match="a dataset named 'pets' exists already"):
        ingest(other, "pets")
    report = ingest(other, "pets", add=True)
    assert report.added == 6 and store.summary("pets").classes == ("cat", "dog", "bird", "horse")


def test_labels_of_another_kind_are_refused_and_nothing_is_added(tmp_path, database):
    ingest(make_coco(tmp_path / "a"), "pets")
    make_image(tmp_path / "b" / "cat" / "1.jpg")
    make_image(tmp_path / "b" / "dog" / "2.jpg")
    with pytest.raises(FieldError, match="ground_truth is detections, not classification"):
        ingest(tmp_path / "b", "pets", add=True)
    assert store.summary("pets").count == 6


@pytest.mark.parametrize("when", [stop, stop_later])
def test_cancelling_leaves_no_half_dataset(when, tmp_path, database):
    found = preview(make_coco(tmp_path))
    with pytest.raises(Cancelled):
        ingest(found, "pets", progress=when)
    assert store.names(hidden=True) == []


def test_cancelling_an_addition_takes_it_back(tmp_path, database):
    folder = make_coco(tmp_path, 4)
    ingest(folder, "pets")
    before = content("pets")
    make_coco(tmp_path, 9)
    with pytest.raises(Cancelled):
        ingest(preview(folder), "pets", progress=stop_later)
    assert content("pets") == before


def test_a_dataset_that_dies_half_way_stays_hidden(tmp_path, database, monkeypatch):
    monkeypatch.setattr(store, "rename", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    monkeypatch.setattr(store, "delete", lambda *_: None)
    with pytest.raises(KeyboardInterrupt):
        ingest(make_coco(tmp_path), "pets")
    assert store.names() == [] and len(store.names(hidden=True)) == 1
    monkeypatch.undo()
    assert len(store.prune(timedelta(0))) == 1 and store.names(hidden=True) == []


def test_a_preview_writes_nothing(tmp_path, database):
    preview(make_coco(tmp_path))
    assert store.names(hidden=True) == []


def test_a_preview_can_be_cancelled(tmp_path):
    with pytest.raises(Cancelled):
        preview(make_yolo(tmp_path), progress=stop)


def test_nothing_to_import_is_an_error_that_says_why(tmp_path, database):
    (tmp_path / "a.jpg").write_text("x")
    with pytest.raises(FormatError, match="expected an image that can be read, found no image that Pillow knows"):
        ingest(tmp_path, "none")
    assert store.names(hidden=True) == []


def test_a_source_without_splits_is_split_and_copies_stay_together(tmp_path, database):
    for seed in range(40):
        make_image(tmp_path / f"class{seed % 2}" / f"{seed}.png", seed=seed // 2)  # each image twice, in both classes
    found = preview(tmp_path)
    chosen = with_splits(found, "auto", 51)
    assert chosen.splits.keys() == set(SPLITS) and chosen.splits["train"] == 28
    where = {int(r.path.stem): r.split for r in chosen.records}
    assert all(where[2 * k] == where[2 * k + 1] for k in range(20))
    assert ingest(found, "two").splits == chosen.splits
    assert ingest(found, "none", splits=None).splits == {"": 40}
    assert set(ingest(found, "half", splits=(0.5, 0.5, 0.0)).splits) == {"train", "val"}


def test_wrong_shares_write_nothing(tmp_path, database):
    with pytest.raises(SplitError):
        ingest(make_coco(tmp_path), "pets", splits=(0.5, 0.1, 0.1))
    assert store.names(hidden=True) == []


def test_a_moved_folder_is_split_the_same_way(tmp_path):
    for seed in range(30):
        make_image(tmp_path / "here" / f"{seed}.png", seed=seed)
    first = with_splits(preview(tmp_path / "here"), "auto", 51)
    (tmp_path / "here").rename(tmp_path / "there")
    second = with_splits(preview(tmp_path / "there"), "auto", 51)
    assert [r.split for r in first.records] == [r.split for r in second.records]


@pytest.mark.parametrize("format", ["coco", "yolo", "voc"])
@pytest.mark.parametrize("splits", [None, (0.5, 0.25, 0.25)])
def test_a_round_trip_through_the_database_is_exact(format, splits, tmp_path, database):
    ingest(make_coco(tmp_path / "in", 12, classes=("zebra", "dog", "ant")), "first", splits=splits)
    report = export(ViewSpec(dataset="first"), tmp_path / "out", format)
    assert (report.samples, report.labels, report.classes) == (12, 12, ("zebra", "dog", "ant"))
    again = ingest(tmp_path / "out", "second")
    assert {one.severity for one in again.findings} <= {"note"} and again.added == 12
    assert store.summary("second").classes == store.summary("first").classes
    before, after = content("first"), content("second")
    assert before.keys() == after.keys()
    for path, (split, labels) in before.items():
        assert after[path][0] == split
        assert [one[0] for one in after[path][1]] == [one[0] for one in labels]
        for one, other in zip(labels, after[path][1], strict=True):
            assert other[1] == pytest.approx(one[1], abs=1e-6)


def test_classes_in_folders_make_the_round_trip(tmp_path, database):
    for seed in range(9):
        make_image(tmp_path / "in" / ("train", "val")[seed % 2] / ("b", "a")[seed % 3 % 2] / f"{seed}.jpg", seed=seed)
    ingest(tmp_path / "in", "first")
    store.set_classes("first", ["b", "a", "unused"])
    export(ViewSpec(dataset="first"), tmp_path / "out", "class_folders", media="link")
    ingest(tmp_path / "out", "second")
    assert content("second") == content("first") and store.summary("second").classes == ("b", "a", "unused")


def test_a_part_of_a_dataset_and_copies_of_its_images(tmp_path, database):
    ingest(make_coco(tmp_path / "in"), "pets")
    spec = ViewSpec(dataset="pets", filters=(Filter(field="split", op="any_of", values=("val",)),))
    report = export(spec, tmp_path / "out", "yolo", media="copy")
    assert report.splits == {"val": 2} and report.classes == ("cat", "dog", "bird")
    image = tmp_path / "out" / "images" / "val" / "0002.jpg"
    assert image.is_file() and not image.is_symlink()
    assert "path: " + str(tmp_path / "out") in (tmp_path / "out" / "data.yaml").read_text()


def test_predictions_are_exported_with_their_confidence(tmp_path, database):
    ingest(make_coco(tmp_path / "in"), "pets")
    schemas.declare("pets", {"pred_r": "detections"})
    value = {"_cls": "Detection", "label": "dog", "bounding_box": [0.1, 0.1, 0.5, 0.5], "confidence": 0.625, "tags": []}
    ids = [
        (str(d["_id"]), {"pred_r": {"_cls": "Detections", "detections": [value]}}) for d in collection.stream("pets")
    ]
    collection.update("pets", ids)
    spec = ViewSpec(dataset="pets")
    export(spec, tmp_path / "yolo", "yolo", "pred_r")
    assert (tmp_path / "yolo/labels/val/0002.txt").read_text() == "1 0.35 0.35 0.5 0.5 0.625\n"
    export(spec, tmp_path / "coco", "coco", "pred_r")
    assert '"score": 0.625' in (tmp_path / "coco/annotations/results_val.json").read_text()
    assert preview(tmp_path / "coco").records[0].objects[0].confidence == 0.625


def test_a_folder_that_holds_something_is_never_overwritten(tmp_path, database):
    ingest(make_coco(tmp_path / "in"), "pets")
    spec, out = ViewSpec(dataset="pets"), tmp_path / "out"
    (out).mkdir()
    (out / "thesis.txt").write_text("mine")
    for force in (False, True):
        with pytest.raises(FormatError, match="expected an empty or absent folder, found files in it"):
            export(spec, out, "coco", force=force)
    (out / "thesis.txt").unlink()
    export(spec, out, "coco")
    with pytest.raises(FormatError, match="found an earlier export; use force to replace it"):
        export(spec, out, "yolo")
    export(spec, out, "yolo", force=True)
    assert registry.detect(out).format == "yolo"


def test_a_cancelled_export_leaves_nothing(tmp_path, database):
    ingest(make_coco(tmp_path / "in"), "pets")
    with pytest.raises(Cancelled):
        export(ViewSpec(dataset="pets"), tmp_path / "out", "voc", progress=stop)
    assert [p.name for p in tmp_path.iterdir()] == ["in"]


def test_wrong_wishes_of_an_export_are_named(tmp_path, database):
    ingest(make_coco(tmp_path / "in"), "pets")
    spec = ViewSpec(dataset="pets")
    with pytest.raises(FieldError, match="found 'truth'; label fields: ground_truth"):
        export(spec, tmp_path / "out", "coco", "truth")
    with pytest.raises(FieldError, match="expected a field of classification labels for Folder of class folders"):
        export(spec, tmp_path / "out", "class_folders")
    with pytest.raises(FormatError, match="expected media to be link, copy or none, found 'move'"):
        export(spec, tmp_path / "out", "coco", media="move")


def test_images_that_went_away_are_left_out_of_an_export(tmp_path, database):
    ingest(make_coco(tmp_path / "in"), "pets")
    (tmp_path / "in/images/train/0001.jpg").unlink()
    report = export(ViewSpec(dataset="pets"), tmp_path / "out", "coco")
    assert report.samples == 5 and [f.code for f in report.findings] == ["missing_image"]
