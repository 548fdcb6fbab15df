from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from datasets.tables import MANIFEST
from pipelines import worker
from pipelines.errors import DataError


def manifest(path: Path, splits: list[str | None]) -> Path:
    rows = [
        {"sample_id": str(n), "path": "x", "split": split, "width": 1, "height": 1, "labels": []}
        for n, split in enumerate(splits)
    ]
    table = pa.Table.from_pylist(rows, MANIFEST).replace_schema_metadata({b"foveal.classes": b'["cat"]'})
    pq.write_table(table, path)
    return path


def test_only_the_asked_splits_are_predicted_and_the_metadata_stays(tmp_path: Path) -> None:
    whole = manifest(tmp_path / "manifest.parquet", ["train", "val", "test", None, "val"])
    part = worker.of_splits(whole, ("val", "test"), tmp_path / "part.parquet")
    assert pq.read_table(part)["sample_id"].to_pylist() == ["1", "2", "4"]
    assert pq.read_schema(part).metadata[b"foveal.classes"] == b'["cat"]'


def test_no_splits_means_every_sample(tmp_path: Path) -> None:
    whole = manifest(tmp_path / "manifest.parquet", ["train", None])
    assert worker.of_splits(whole, (), tmp_path / "part.parquet") == whole


def test_splits_without_samples_are_an_error_that_names_those_with(tmp_path: Path) -> None:
    whole = manifest(tmp_path / "manifest.parquet", ["train"])
    with pytest.raises(DataError, match="splits test, found the splits train; split the dataset"):
        worker.of_splits(whole, ("test",), tmp_path / "part.parquet")
