from pathlib import Path

import numpy as np
import pytest
from bson import ObjectId

from datasets.errors import DatasetsError, FieldError
from datasets.handover import manifest, preflight
from datasets.images import masks
from datasets.records import Label
from datasets.skeleton import Skeleton
from datasets.storage import collection, documents, labels, skeletons, store
from datasets.tables import MANIFEST, read_table
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from tests import commands
from tests.helpers import make_image

NAME = "frozen"


def fill(folder: Path, splits: str = "ttvx", names: str = "abab", width: float = 0.3) -> list[str]:
    """One image per letter: its split (t, v, or x for test) and the class of its label (- for none)."""
    store.create(NAME, {"ground_truth": "detections"}, ["b", "a"])
    made = []
    for i, (split, name) in enumerate(zip(splits, names, strict=True)):
        path = make_image(folder / f"{i}.png", seed=i)
        truth = [] if name == "-" else [Label(name, (0.1, 0.1, width, width))]
        size = collection.image_metadata(64, 48, path.stat().st_size, "image/png", 3)
        where = {"t": "train", "v": "val", "x": "test"}[split]
        document = labels.to_document("detections", truth)
        made.append(collection.sample_document(str(path), size, split=where, ground_truth=document))
    return collection.insert(NAME, made)


def frozen(folder: Path) -> Path:
    return manifest.freeze(view(), "ground_truth", folder / "checked.parquet").path


def view(**more: object) -> ViewSpec:
    return ViewSpec.model_validate({"dataset": NAME, **more})


def test_a_manifest_holds_rows_classes_and_counts(database: Workspace, tmp_path: Path) -> None:
    ids = fill(tmp_path)
    frozen = manifest.freeze(view(), "ground_truth", tmp_path / "manifest.parquet")
    assert frozen == manifest.load(tmp_path / "manifest.parquet")
    assert frozen.classes == ("b", "a")
    assert frozen.counts == {"train": 2, "val": 1, "test": 1}
    rows = read_table(frozen.path, MANIFEST).to_pylist()
    assert [row["sample_id"] for row in rows] == ids
    assert rows[0]["labels"][0]["label"] == "a"
    assert rows[0]["labels"][0]["box"] == [0.1, 0.1, 0.3, 0.3]
    assert (rows[0]["width"], rows[0]["height"]) == (64, 48)


def test_the_revision_follows_content_not_order(database: Workspace, tmp_path: Path) -> None:
    ids = fill(tmp_path)
    first = manifest.freeze(view(), "ground_truth", tmp_path / "1.parquet").revision
    turned = manifest.freeze(view(sort="filepath", descending=True), "ground_truth", tmp_path / "2.parquet")
    assert turned.revision == first == manifest.revision(tmp_path / "2.parquet")
    fewer = manifest.freeze(view(ids=ids[:3]), "ground_truth", tmp_path / "3.parquet")
    collection.update(NAME, [(ids[0], {"ground_truth.detections.0.label": "b"})])
    changed = manifest.freeze(view(), "ground_truth", tmp_path / "4.parquet")
    assert len({first, fewer.revision, changed.revision}) == 3


def test_empty_views_absent_fields_and_other_files_are_told(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path)
    with pytest.raises(DatasetsError, match="found none"):
        manifest.freeze(view(ids=()), "ground_truth", tmp_path / "m.parquet")
    with pytest.raises(FieldError, match="ground_truth"):
        manifest.freeze(view(), "truth", tmp_path / "m.parquet")
    with pytest.raises(DatasetsError, match=r"m\.parquet"):
        manifest.load(tmp_path / "m.parquet")
    assert manifest.freeze(view(), None, tmp_path / "bare.parquet").samples == 4


def test_semantic_masks_are_frozen_with_their_targets_and_as_files(database: Workspace, tmp_path: Path) -> None:
    store.create(NAME, {"labels": "segmentation"})
    documents.update(NAME, {"mask_targets": {"labels": {"2": "sky", "1": "road"}}})
    inline = masks.pack(np.full((48, 64), 2, np.uint8))
    size = collection.image_metadata(64, 48, 1, "image/png", 3)
    label = {"_id": ObjectId(), "_cls": "Segmentation", "tags": [], "mask": inline}
    path = make_image(tmp_path / "a.png")
    collection.insert(NAME, [collection.sample_document(str(path), size, split="train", labels=label)])
    frozen = manifest.freeze(view(), "labels", tmp_path / "manifest.parquet")
    assert (frozen.kind, frozen.targets, frozen.classes) == ("segmentation", {1: "road", 2: "sky"}, ("road", "sky"))
    assert frozen == manifest.load(frozen.path)
    kept = read_table(frozen.path, MANIFEST).to_pylist()[0]["labels"][0]["mask_path"]
    assert (masks.read({"mask_path": kept}) == 2).all()
    documents.update(NAME, {"mask_targets": {"labels": {"3": "sky", "1": "road"}}})
    assert manifest.freeze(view(), "labels", tmp_path / "other.parquet").revision != frozen.revision


def findings(folder: Path, needed: tuple[str, ...] = ("train", "val")) -> dict[str, str]:
    path = manifest.freeze(view(), "ground_truth", folder / "m.parquet").path
    return {found.code: found.severity for found in preflight.check(path, needed)}


def test_a_sound_view_has_no_errors(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path, splits="t" * 20 + "vv", names="ab" * 11)
    assert findings(tmp_path) == {}


def test_empty_splits_stop_and_few_images_warn(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path, splits="tt", names="ab")
    assert findings(tmp_path) == {"empty-split": "error", "few-images": "warning"}
    assert findings(tmp_path, needed=()) == {}


def test_classes_without_examples_are_told_apart(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path, splits="t" * 20 + "v", names="c" * 20 + "a")
    found = findings(tmp_path)
    assert found["class-not-in-train"] == found["class-not-in-val"] == "warning"
    assert found["class-unused"] == "note"


def test_nothing_labelled_in_train_stops(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path, splits="ttv", names="--a")
    found = findings(tmp_path)
    assert found["no-labels"] == "error"
    assert found["images-without-labels"] == "warning"


def test_tiny_boxes_are_seen_at_the_scale_of_training(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path, splits="tv", names="aa", width=0.009)
    assert findings(tmp_path)["tiny-boxes"] == "warning"


def test_missing_media_stop_and_unreadable_are_left_out(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path, splits="ttvv", names="abab")
    (tmp_path / "0.png").unlink()
    (tmp_path / "1.png").write_bytes(b"no image")
    found = findings(tmp_path)
    assert (found["missing-media"], found["unreadable-media"]) == ("error", "error")  # nothing is left in train
    (tmp_path / "0.png").write_bytes((tmp_path / "2.png").read_bytes())
    assert findings(tmp_path)["unreadable-media"] == "warning"
    (told,) = [one for one in preflight.check(frozen(tmp_path)) if one.code == "unreadable-media"]
    assert told.where == str(tmp_path / "1.png") and told.paths == (told.where,)
    assert "no image that Pillow knows" in told.found


def test_missing_images_are_left_out_where_others_are_there(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path, splits="ttvv", names="abab")
    (tmp_path / "0.png").unlink()
    (told,) = [one for one in preflight.check(frozen(tmp_path)) if one.code == "missing-media"]
    assert (told.severity, told.count, told.paths) == ("warning", 1, (str(tmp_path / "0.png"),))
    assert told.action == "left out; bring them back"
    (tmp_path / "1.png").unlink()
    (told,) = [one for one in preflight.check(frozen(tmp_path)) if one.code == "missing-media"]
    assert told.severity == "error" and told.action == "bring them back: nothing else is in split train"


def test_thin_images_are_told_before_training(database: Workspace, tmp_path: Path) -> None:
    ids = fill(tmp_path)
    assert "thin-images" not in findings(tmp_path)
    collection.update(NAME, [(ids[1], {"metadata.width": 5000, "metadata.height": 3})])
    (told,) = [one for one in preflight.check(frozen(tmp_path)) if one.code == "thin-images"]
    assert told.paths == (str(tmp_path / "1.png"),) and "5000 x 3" in told.found and told.severity == "warning"


def test_crowded_images_are_told_before_training(database: Workspace, tmp_path: Path) -> None:
    ids = fill(tmp_path)
    assert "crowded-images" not in findings(tmp_path)
    boxes = [Label("a", (0.1, 0.1, 0.05, 0.05))] * 2000
    collection.update(NAME, [(ids[0], {"ground_truth": labels.to_document("detections", boxes)})])
    (told,) = [one for one in preflight.check(frozen(tmp_path)) if one.code == "crowded-images"]
    assert "up to 2,000" in told.found and told.where == str(tmp_path / "0.png")


def test_copies_and_one_image_in_two_splits_are_found(database: Workspace, tmp_path: Path) -> None:
    ids = fill(tmp_path)
    (tmp_path / "2.png").write_bytes((tmp_path / "0.png").read_bytes())
    assert findings(tmp_path)["duplicates-across-splits"] == "warning"
    collection.update(NAME, [(ids[3], {"filepath": str(tmp_path / "1.png")})])
    assert findings(tmp_path)["image-in-two-splits"] == "error"


def test_time_is_bounded_and_that_is_said(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path)
    path = manifest.freeze(view(), "ground_truth", tmp_path / "m.parquet").path
    assert "media-partly-checked" in {found.code for found in preflight.check(path, seconds=0)}


def test_freezing_asks_once_what_the_dataset_is(database: Workspace, tmp_path: Path) -> None:
    fill(tmp_path)
    spec = view(sort="filepath").of_splits("train")
    manifest.freeze(spec, "ground_truth", tmp_path / "first.parquet")
    store.set_info(NAME, "seen", True)
    with commands.heard() as asked:
        manifest.freeze(spec, "ground_truth", tmp_path / "again.parquet")
    assert not [one for one in asked if one.endswith(" datasets")]  # it comes along with the state of the samples
    assert asked.count("aggregate samples") == 1 and len(asked) <= 4


def test_poses_are_frozen_with_points_boxes_and_their_skeleton(database: Workspace, tmp_path: Path) -> None:
    store.create(NAME, {"ground_truth": "keypoints"}, ["person"])
    skeletons.declare(NAME, "ground_truth", Skeleton(("a", "b"), ((0, 1),)))
    points = (((0.1, 0.2), (0.5, 0.4)),)
    held = [Label("person", points=points, attributes={"visible": [1, 2]}),
            Label("person", (0.0, 0.0, 1.0, 1.0), points=(((0.3, 0.3), (float("nan"), float("nan"))),))]  # fmt: skip
    document = labels.to_document("keypoints", held)
    collection.insert(NAME, [collection.sample_document("/nowhere/0.png", split="train", ground_truth=document)])
    frozen = manifest.freeze(view(), "ground_truth", tmp_path / "manifest.parquet")
    first, second = read_table(frozen.path, MANIFEST).to_pylist()[0]["labels"]
    assert first["points"] == [0.1, 0.2, 1, 0.5, 0.4, 2] and first["box"] == pytest.approx([0.1, 0.2, 0.4, 0.2])
    assert second["box"] == [0, 0, 1, 1] and np.isnan(second["points"][3]) and second["points"][5] == 0
    skeletons.declare(NAME, "ground_truth", Skeleton(("b", "a"), ((0, 1),)))
    again = manifest.freeze(view(), "ground_truth", tmp_path / "again.parquet")
    assert again.revision != frozen.revision


def test_what_nobody_labelled_is_not_learned_from_and_said(database: Workspace, tmp_path: Path) -> None:
    ids = fill(tmp_path, "tttv", "a-bb")
    collection.update(NAME, [(ids[2], {"ground_truth": None})])
    whole = manifest.freeze(view(), "ground_truth", tmp_path / "whole.parquet")
    assert (whole.samples, whole.unlabelled) == (4, 0)
    frozen = manifest.freeze(view(), "ground_truth", tmp_path / "learn.parquet", learn=True)
    assert read_table(frozen.path, MANIFEST)["sample_id"].to_pylist() == [ids[0], ids[1], ids[3]]
    assert (frozen.unlabelled, frozen.counts) == (1, {"train": 2, "val": 1})
    [finding] = [one for one in preflight.check(frozen.path) if one.code == "never-labelled"]
    assert finding.severity == "warning" and finding.found.startswith("1 of 4 that nobody labeled")


def test_a_dataset_without_any_label_cannot_be_learned_from(database: Workspace, tmp_path: Path) -> None:
    ids = fill(tmp_path)
    collection.update(NAME, [(one, {"ground_truth": None}) for one in ids])
    with pytest.raises(DatasetsError, match="found none on the 4 samples; label some first"):
        manifest.freeze(view(), "ground_truth", tmp_path / "m.parquet", learn=True)
