from pathlib import Path

import pyarrow as pa
import pytest

from datasets.tables import LABEL, MANIFEST, PREDICTIONS, read_table, write_table


def test_tables_from_before_later_columns_are_read(tmp_path: Path) -> None:
    older = pa.struct([one for one in LABEL if one.name not in ("index", "logits")])
    made = pa.table({"sample_id": ["a"], "labels": pa.array([[{"label": "cat"}]], pa.list_(older))})
    write_table(made, tmp_path / "p.parquet")
    (row,) = read_table(tmp_path / "p.parquet", PREDICTIONS).to_pylist()
    assert row["labels"][0]["label"] == "cat"
    assert [row["labels"][0]["index"], row["frame_number"], row["image_path"], row["params"]] == [None] * 4


def test_other_columns_are_refused_with_both_lists(tmp_path: Path) -> None:
    write_table(pa.table({"sample_id": ["a"]}), tmp_path / "p.parquet")
    with pytest.raises(ValueError, match=r"expected columns .*'labels'.*, found \['sample_id'\]"):
        read_table(tmp_path / "p.parquet", PREDICTIONS)
    write_table(pa.table({"sample_id": ["a"], "labels": [[]], "more": [1]}), tmp_path / "p.parquet")
    with pytest.raises(ValueError, match="'more'"):
        read_table(tmp_path / "p.parquet", MANIFEST)
