"""What each output refuses, before anything is written; the whole way of each is in `tests/app/test_outputs.py`."""

from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from datasets.errors import DatasetsError, FieldError
from datasets.handover import predictions
from datasets.storage import collection, store
from datasets.tables import PREDICTIONS, write_table
from datasets.workspace import Workspace
from tests.helpers import make_image

NAME = "home"


@pytest.fixture
def ids(database: Workspace) -> list[str]:
    """Two frames of a walk."""
    store.create(NAME, {}, (), {"sequence": "string", "frame_number": "int", "pred_text": "string"})
    made = [collection.sample_document(f"/nowhere/{n}.jpg", sequence="walk", frame_number=n) for n in (1, 2)]
    return collection.insert(NAME, made)


def put(folder: Path, output: str, *rows: dict[str, Any], field: str = "pred_r1") -> predictions.Stored:
    path = folder / "predictions.parquet"
    write_table(pa.Table.from_pylist(list(rows), PREDICTIONS), path)
    return predictions.store(NAME, field, path, {"output": output, "run": "r1"})


def cat(**changes: Any) -> dict[str, Any]:
    return {"label": "cat", "box": [0.1, 0.1, 0.2, 0.2], "index": 1, **changes}


def test_rows_that_cannot_be_written_are_refused(ids: list[str], tmp_path: Path) -> None:
    here = str(make_image(tmp_path / "a.png"))
    (tmp_path / "b.png").write_text("no image")
    bad = [
        ("none", {"sample_id": ids[0]}, "one of labels, image, frames, samples; found 'none'"),
        ("image", {"sample_id": ids[0], "image_path": str(tmp_path / "b.png")}, "an image file"),
        ("image", {"sample_id": "f" * 24, "image_path": here}, "does not hold"),
        ("frames", {"sample_id": ids[0], "labels": [cat()]}, "a frame number from 1"),
        ("frames", {"sample_id": ids[0], "frame_number": 2, "labels": [cat()]}, "frame 2 to be sample"),
        ("samples", {"seed": 1}, "an image file in every row"),
        ("samples", {"image_path": here, "params": "[1]"}, "a JSON object"),
    ]
    for output, row, message in bad:
        with pytest.raises(DatasetsError, match=message):
            put(tmp_path, output, row)
    with pytest.raises(DatasetsError, match="every frame of a sample once"):
        put(tmp_path, "frames", *[{"sample_id": ids[0], "frame_number": 1, "labels": []}] * 2)
    with pytest.raises(FieldError, match="pred_text is string, not image"):
        put(tmp_path, "image", {"sample_id": ids[0], "image_path": here}, field="pred_text")
    assert store.summary(NAME).count == 2
    assert [one.name for one in store.schema(NAME) if one.name == "pred_r1"] == []


def test_a_sample_without_an_image_has_none(ids: list[str], tmp_path: Path) -> None:
    here = str(make_image(tmp_path / "a.png"))
    put(tmp_path, "image", *[{"sample_id": key, "image_path": here} for key in ids])
    put(tmp_path, "image", {"sample_id": ids[0], "image_path": None})
    (first, second) = collection.stream(NAME)
    assert "pred_r1" not in first and Path(second["pred_r1"]).is_file()


def test_new_samples_may_go_to_a_dataset_of_their_own(ids: list[str], tmp_path: Path) -> None:
    path = tmp_path / "predictions.parquet"
    info = {"output": "samples", "run": "r1", "job": "j1", "into": "dreams"}
    for count in (3, 2):  # the job was done once more, and made fewer
        rows = [{"image_path": str(make_image(tmp_path / f"{n}.png", seed=n)), "seed": n} for n in range(count)]
        write_table(pa.Table.from_pylist(rows, PREDICTIONS), path)
        predictions.store(NAME, "pred_r1", path, info)
        predictions.store(NAME, "pred_r1", path, info)
    assert (store.summary("dreams").count, store.summary(NAME).count) == (2, 2)
    assert [one["seed"] for one in collection.stream("dreams")] == [0, 1]
