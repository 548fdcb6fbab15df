from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from datasets.errors import Cancelled, ClassMismatch, DatasetsError
from datasets.handover import predictions
from datasets.handover.outputs import predicted
from datasets.images import masks
from datasets.skeleton import Skeleton
from datasets.storage import collection, documents, skeletons, store
from datasets.tables import PREDICTIONS, read_table, write_table
from datasets.workspace import Workspace

NAME = "home"


@pytest.fixture
def ids(database: Workspace) -> list[str]:
    """Samples of a small dataset with one labelled cat each."""
    store.create(NAME, {"ground_truth": "detections"}, ["cat", "dog"])
    made = [collection.sample_document(f"/nowhere/{i}.jpg", split="val", ground_truth=truth()) for i in range(4)]
    return collection.insert(NAME, made)


def truth() -> dict[str, Any]:
    from datasets.records import Label
    from datasets.storage import labels

    return labels.to_document("detections", [Label("cat", (0.1, 0.1, 0.2, 0.2))]) or {}


def one(label: str = "cat", box: Any = (0.1, 0.1, 0.2, 0.2), confidence: float | None = 0.5) -> dict[str, Any]:
    return {"label": label, "box": list(box), "confidence": confidence, "crowd": False}


def table(folder: Path, rows: dict[str, list[dict[str, Any]]]) -> Path:
    made = pa.Table.from_pylist([{"sample_id": key, "labels": found} for key, found in rows.items()], PREDICTIONS)
    write_table(made, folder / "predictions.parquet")
    return folder / "predictions.parquet"


def held(field: str = "pred_r1") -> dict[str, list[tuple[Any, ...]] | None]:
    """What FiftyOne reads back."""
    dataset = collection.load(NAME)
    values = {}
    for sample in dataset.exists(field):
        found = sample[field]
        values[sample.id] = [(d.label, tuple(d.bounding_box), d.confidence) for d in found.detections]
    return values


def test_fiftyone_reads_back_what_was_written(ids: list[str], tmp_path: Path) -> None:
    rows = {ids[0]: [one(), one("dog", confidence=None)], ids[1]: []}
    before = collection.load(NAME).values("ground_truth")
    stored = predictions.store(NAME, "pred_r1", table(tmp_path, rows), {"run": "r1", "classes": ["cat", "dog"]})
    assert (stored.samples, stored.labels, stored.findings) == (2, 2, ())
    box = (0.1, 0.1, 0.2, 0.2)
    assert held() == {ids[0]: [("cat", box, 0.5), ("dog", box, None)], ids[1]: []}
    assert collection.load(NAME).values("ground_truth") == before


def test_writing_again_replaces_and_adds_nothing(ids: list[str], tmp_path: Path) -> None:
    path = table(tmp_path, {key: [one()] for key in ids})
    predictions.store(NAME, "pred_r1", path, {"run": "r1"})
    first = held()
    predictions.store(NAME, "pred_r1", path, {"run": "r1"})
    assert held() == first
    assert len(first) == 4


def test_what_is_known_about_predictions_is_kept_and_removed(ids: list[str], tmp_path: Path) -> None:
    predictions.store(NAME, "pred_r1", table(tmp_path, {ids[0]: []}), {"run": "r1", "weights_hash": "ab"})
    assert predictions.info(NAME, "pred_r1")["weights_hash"] == "ab"
    assert predictions.info(NAME, "pred_r1")["complete"] is True
    assert predictions.fields(NAME) == ["pred_r1"]
    predictions.remove(NAME, "pred_r1")
    assert predictions.info(NAME, "pred_r1") == {}
    assert "pred_r1" not in store.summary(NAME).label_fields
    assert "ground_truth" in store.summary(NAME).label_fields


def test_classes_that_share_nothing_are_refused_and_both_listed(ids: list[str], tmp_path: Path) -> None:
    path = table(tmp_path, {ids[0]: []})
    with pytest.raises(ClassMismatch, match=r"zebra.*cat, dog"):
        predictions.store(NAME, "pred_r1", path, {"classes": ["zebra"]})


def test_classes_known_in_part_are_a_warning(ids: list[str], tmp_path: Path) -> None:
    stored = predictions.store(NAME, "pred_r1", table(tmp_path, {ids[0]: [one()]}), {"classes": ["cat", "zebra"]})
    assert [(found.severity, found.code) for found in stored.findings] == [("warning", "classes-partly-known")]
    again = predictions.store(NAME, "pred_r2", table(tmp_path, {ids[0]: [one("zebra"), one()]}), {"run": "r2"})
    assert "zebra" in again.findings[0].found
    with pytest.raises(ClassMismatch):  # what another model predicted is no class of the dataset
        predictions.store(NAME, "pred_r3", table(tmp_path, {ids[0]: []}), {"classes": ["zebra"]})


@pytest.mark.parametrize(
    ("bad", "message"),
    [
        (one(box=(0.1, float("nan"), 0.2, 0.2)), "finite boxes"),
        (one(box=(0.1, 0.1, 0.0, 0.2)), "positive width"),
        (one(box=(0.1, 0.1, 0.2)), "four numbers"),
        (one(confidence=float("nan")), "confidences"),
        (one(confidence=1.5), "confidences"),
        (one(label=""), "class name"),
    ],
)
def test_bad_values_are_one_error_before_anything_is_written(
    ids: list[str], tmp_path: Path, bad: dict[str, Any], message: str
) -> None:
    with pytest.raises(DatasetsError, match=message):
        predictions.store(NAME, "pred_r1", table(tmp_path, {ids[0]: [one()], ids[1]: [one(), bad]}), {})
    assert "pred_r1" not in store.summary(NAME).label_fields


def test_unknown_samples_and_foreign_fields_are_refused(ids: list[str], tmp_path: Path) -> None:
    with pytest.raises(DatasetsError, match="f" * 24):
        predictions.store(NAME, "pred_r1", table(tmp_path, {ids[0]: [], "f" * 24: []}), {})
    with pytest.raises(DatasetsError, match="ground_truth"):
        predictions.store(NAME, "ground_truth", table(tmp_path, {ids[0]: []}), {})
    (tmp_path / "text.parquet").write_text("no parquet")
    with pytest.raises(DatasetsError, match="table of predictions"):
        predictions.store(NAME, "pred_r1", tmp_path / "text.parquet", {})


def test_large_tables_are_written_in_parts(ids: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(predicted, "_CHUNK", 2)
    boxes = {key: (0.1 * i, 0.2, 0.1, 0.1) for i, key in enumerate(ids)}
    rows = {key: [one("cat", box), one("dog", box)] for key, box in boxes.items()}
    predictions.store(NAME, "pred_r1", table(tmp_path, rows), {"run": "r1"})
    assert held() == {key: [("cat", box, 0.5), ("dog", box, 0.5)] for key, box in boxes.items()}


def test_a_write_that_was_cut_off_says_so_and_can_run_again(ids: list[str], tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        raise Cancelled

    path = table(tmp_path, {key: [one()] for key in ids})
    with pytest.raises(Cancelled):
        predictions.store(NAME, "pred_r1", path, {"run": "r1"}, stop)
    assert predictions.info(NAME, "pred_r1")["complete"] is False
    predictions.store(NAME, "pred_r1", path, {"run": "r1"})
    assert predictions.info(NAME, "pred_r1")["complete"] is True
    assert held() == {key: [("cat", (0.1, 0.1, 0.2, 0.2), 0.5)] for key in ids}


def choice(label: str = "cat", confidence: float | None = 0.75, logits: tuple[float, ...] | None = (0.5, -1.0)) -> Any:
    return {"label": label, "confidence": confidence, "crowd": False, "logits": logits}


def test_a_classification_comes_back_with_its_logits(ids: list[str], tmp_path: Path) -> None:
    rows = {ids[0]: [choice()], ids[1]: []}
    info = {"run": "r1", "label_kind": "classification", "classes": ["cat", "dog"]}
    stored = predictions.store(NAME, "pred_r1", table(tmp_path, rows), info)
    assert (stored.samples, stored.labels) == (2, 1)
    assert store.summary(NAME).label_fields["pred_r1"] == "classification"
    sample = collection.load(NAME)[ids[0]]
    assert (sample.pred_r1.label, sample.pred_r1.confidence) == ("cat", 0.75)
    assert sample.pred_r1.logits.dtype == np.float32
    assert sample.pred_r1.logits.tolist() == [0.5, -1.0]
    assert collection.load(NAME)[ids[1]].pred_r1 is None


def test_several_classes_of_one_image_come_back(ids: list[str], tmp_path: Path) -> None:
    rows = {ids[0]: [choice(logits=None), choice("dog", 0.25, None)], ids[1]: []}
    predictions.store(NAME, "pred_r1", table(tmp_path, rows), {"label_kind": "classifications"})
    found = collection.load(NAME)
    assert [(one.label, one.confidence) for one in found[ids[0]].pred_r1.classifications] == [
        ("cat", 0.75),
        ("dog", 0.25),
    ]
    assert found[ids[1]].pred_r1.classifications == []


def drawn(folder: Path, value: int = 1) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{value}.png"
    Image.fromarray(np.full((4, 6), value, np.uint8)).save(path)
    return path


def test_semantic_masks_move_into_the_workspace_and_keep_their_names(ids: list[str], tmp_path: Path) -> None:
    documents.update(NAME, {"mask_targets": {"labels": {"1": "cat", "2": "dog"}}})
    rows = {key: [{"label": "", "mask_path": str(drawn(tmp_path / "masks", n))}] for n, key in enumerate(ids[:2], 1)}
    path = table(tmp_path, rows)
    info = {"label_kind": "segmentation", "label_field": "labels", "classes": ["cat", "dog"]}
    predictions.store(NAME, "pred_r1", path, info)
    kept = read_table(path, PREDICTIONS).to_pylist()
    assert list((tmp_path / "masks").iterdir()) == []
    dataset = collection.load(NAME)
    for n, (key, row) in enumerate(zip(ids[:2], kept, strict=True), 1):
        mask = dataset[key].pred_r1.mask_path
        assert mask == row["labels"][0]["mask_path"]
        assert Path(mask).is_relative_to(Workspace.current().masks)
        assert (dataset[key].pred_r1.get_mask() == n).all()
    assert dataset.mask_targets["pred_r1"] == {1: "cat", 2: "dog"}
    predictions.store(NAME, "pred_r1", path, info)  # once more, from the table as it is now
    predictions.remove(NAME, "pred_r1")
    assert "pred_r1" not in collection.load(NAME).mask_targets
    with pytest.raises(ClassMismatch, match=r"zebra.*cat, dog"):
        predictions.store(NAME, "pred_r2", path, {**info, "classes": ["zebra"]})


def test_masks_of_objects_move_too_and_files_of_others_stay(ids: list[str], tmp_path: Path) -> None:
    mask = drawn(tmp_path / "elsewhere", 255)
    rows = {ids[0]: [{**one(), "mask_path": str(mask)}, one("dog")]}
    (tmp_path / "run").mkdir()
    predictions.store(NAME, "pred_r1", table(tmp_path / "run", rows), {})
    first, second = collection.load(NAME)[ids[0]].pred_r1.detections
    assert Path(first.mask_path).is_relative_to(Workspace.current().masks)
    assert (first.get_mask() == 255).all()
    assert second.mask_path is None
    assert mask.exists()


@pytest.mark.parametrize(
    ("kind", "bad", "message"),
    [
        ("classification", [choice(), choice()], "at most one label"),
        ("classification", [choice(confidence=None)], "confidences"),
        ("classification", [choice(logits=(1.0,))], "2 logits"),
        ("classification", [choice(logits=(1.0, float("inf")))], "finite logits"),
        ("classifications", [choice("", logits=None)], "class name"),
        ("segmentation", [{"label": ""}], "a mask for every label"),
        ("segmentation", [{"label": "", "mask_path": "/nowhere/1.png"}], "mask files that are there"),
        ("detections", [{**one(), "mask_path": "/nowhere/1.png"}], "mask files that are there"),
        ("polylines", [], "expected predictions of a kind in"),
    ],
)
def test_each_kind_has_its_own_checks(
    ids: list[str], tmp_path: Path, kind: str, bad: list[dict[str, Any]], message: str
) -> None:
    info = {"label_kind": kind, "classes": ["cat", "dog"]}
    with pytest.raises(DatasetsError, match=message):
        predictions.store(NAME, "pred_r1", table(tmp_path, {ids[0]: [], ids[1]: bad}), info)
    assert "pred_r1" not in store.summary(NAME).label_fields


def test_a_mask_is_written_once_under_the_name_of_its_content(workspace: Workspace) -> None:
    mask = np.array([[0, 1], [2, 300]])
    path = masks.write(mask)
    assert path == masks.write(mask.astype(np.uint16))
    assert path != masks.write(mask.T)
    assert (masks.read({"mask_path": path}) == mask).all()
    assert Path(path).is_relative_to(workspace.masks)
    with pytest.raises(ValueError, match="whole numbers"):
        masks.write(np.zeros((2, 2)))


def posed(numbers: list[float], **more: Any) -> dict[str, Any]:
    return {**one("person"), "points": numbers, **more}


def test_poses_keep_points_confidences_and_boxes_and_get_the_skeleton(database: Workspace, tmp_path: Path) -> None:
    store.create(NAME, {"ground_truth": "keypoints"}, ["person"])
    (key,) = collection.insert(NAME, [collection.sample_document("/nowhere/0.jpg")])
    skeleton = Skeleton(("a", "b"), ((0, 1),))
    skeletons.declare(NAME, "ground_truth", skeleton)
    info = {"run": "r1", "label_kind": "keypoints", "label_field": "ground_truth", "classes": ["person"]}
    rows = {key: [posed([0.1, 0.2, 0.9, 0.3, 0.4, 0.1]), posed([0.5, 0.5, 1, 0.6, 0.6, 0])]}
    predictions.store(NAME, "pred_r1", table(tmp_path, rows), info)
    first, second = collection.load(NAME)[key].pred_r1.keypoints
    assert (first.points, first.confidence) == ([[0.1, 0.2], [0.3, 0.4]], [0.9, 0.1])
    assert (first.bounding_box, first.score, second.points) == ([0.1, 0.1, 0.2, 0.2], 0.5, [[0.5, 0.5], [0.6, 0.6]])
    assert skeletons.of(documents.of(NAME), "pred_r1") == skeleton
    predictions.remove(NAME, "pred_r1")
    assert skeletons.of(documents.of(NAME), "pred_r1") is None


@pytest.mark.parametrize(
    ("numbers", "words"),
    [([], "three numbers for every point"), ([0.1, 0.2], "three numbers"), ([0.1, float("nan"), 1.0], "finite points"),
     ([0.1, 0.2, 1.5], r"confidences in \[0, 1\]")],
)  # fmt: skip
def test_bad_points_are_refused(numbers: list[float], words: str, tmp_path: Path) -> None:
    path = table(tmp_path, {"a": [posed(numbers)]})
    with pytest.raises(DatasetsError, match=words):
        predicted.check(path, read_table(path, PREDICTIONS), "keypoints", [])
