from pathlib import Path

import numpy as np
import pytest

from datasets.tables import PREDICTIONS, read_table
from pipelines.runs import results


def test_flat_columns_become_one_row_per_sample(tmp_path: Path) -> None:
    boxes, logits = np.array([[0.1, 0.2, 0.3, 0.4], [0, 0, 1, 1]]), np.array([[0.5, -1], [2, 3]], np.float32)
    rows = results.table(
        ["a", "b", "c"], [1, 0, 1], ["cat", "dog"],
        boxes=boxes, confidences=np.array([0.5, 0.25]), masks=["m.png", None], logits=logits,
    ).to_pylist()  # fmt: skip
    assert [(row["sample_id"], len(row["labels"])) for row in rows] == [("a", 1), ("b", 0), ("c", 1)]
    assert rows[0]["labels"][0] == {
        "id": None, "label": "cat", "box": boxes[0].tolist(), "confidence": 0.5, "crowd": False, "mask_path": "m.png",
        "logits": [0.5, -1.0], "index": None, "points": None,
    }  # fmt: skip
    assert rows[2]["labels"][0]["mask_path"] is None


def test_what_a_kind_lacks_stays_null_and_nothing_found_is_a_table() -> None:
    label = results.table(["a"], [1], ["cat"]).to_pylist()[0]["labels"][0]
    assert [label[name] for name in ("box", "confidence", "mask_path", "logits")] == [None] * 4
    empty = results.table(["a", "b"], [0, 0], [], boxes=np.zeros((0, 4)), confidences=np.zeros(0))
    assert [row["labels"] for row in empty.to_pylist()] == [[], []]


def test_a_table_of_row_groups_appears_whole_or_not_at_all(tmp_path: Path) -> None:
    out = tmp_path / "p.parquet"
    with results.opened(out) as write:
        for name in ("a", "b"):
            write(results.table([name], [1], ["cat"]))
            assert not out.exists()
    assert read_table(out, PREDICTIONS)["sample_id"].to_pylist() == ["a", "b"]
    with pytest.raises(OSError, match="full"), results.opened(tmp_path / "half.parquet") as write:
        write(results.table(["a"], [1], ["cat"]))
        raise OSError("full")
    assert list(tmp_path.iterdir()) == [out]


def test_points_are_one_list_of_three_numbers_each() -> None:
    points = np.arange(12, dtype=np.float64).reshape(2, 2, 3)
    rows = results.table(["a", "b", "c"], [1, 0, 1], ["x", "y"], points=points).to_pylist()
    assert [row["labels"][0]["points"] for row in rows if row["labels"]] == points.reshape(2, 6).tolist()
    assert results.table(["a"], [0], [], points=np.zeros((0, 2, 3))).to_pylist()[0]["labels"] == []
