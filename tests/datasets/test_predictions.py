from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from datasets import collection, predictions, store
from datasets.errors import Cancelled, ClassMismatch, DatasetsError
from datasets.tables import PREDICTIONS, write_table
from datasets.workspace import Workspace

NAME = "home"


@pytest.fixture
def ids(database: Workspace) -> list[str]:
    """Samples of a small dataset with one labelled cat each."""
    store.create(NAME, {"ground_truth": "detections"}, ["cat", "dog"])
    made = [collection.sample_document(f"/nowhere/{i}.jpg", split="val", ground_truth=truth()) for i in range(4)]
    return collection.insert(NAME, made)


def truth() -> dict[str, Any]:
    from datasets import labels
    from datasets.records import Label

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
    monkeypatch.setattr(predictions, "_CHUNK", 2)
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
