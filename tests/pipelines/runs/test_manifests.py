import json
from pathlib import Path

import pyarrow as pa

from datasets.tables import LABEL, MANIFEST, write_table
from pipelines.runs import manifests


def frozen(folder: Path, schema: pa.Schema = MANIFEST) -> Path:
    rows = [
        {"sample_id": key, "path": f"/x/{name}.png", "split": split, "labels": [{"label": "cat"}]}
        for key, name, split in (("1", "b", "train"), ("2", "a", "train"), ("3", "c", None))
    ]
    metadata = {
        "foveal.classes": json.dumps(["road", "sky"]), "foveal.revision": "0" * 64, "foveal.kind": "segmentation",
        "foveal.targets": json.dumps({"1": "road", "4": "sky"}),
    }  # fmt: skip
    write_table(pa.Table.from_pylist(rows, schema=schema.with_metadata(metadata)), folder / "m.parquet")
    return folder / "m.parquet"


def test_rows_classes_kind_and_names_of_values(tmp_path: Path) -> None:
    found = manifests.read(frozen(tmp_path))
    assert (found.classes, found.kind, found.revision) == (("road", "sky"), "segmentation", "0" * 64)
    assert found.targets == {1: "road", 4: "sky"}
    assert [row.id for row in found.split("train")] == ["2", "1"]
    assert (found.rows[2].split, found.rows[2].width) == ("", 0)
    assert found.rows[0].labels[0]["label"] == "cat"


def test_without_labels_for_prediction(tmp_path: Path) -> None:
    assert all(row.labels == () for row in manifests.read(frozen(tmp_path), labels=False).rows)


def test_a_manifest_from_before_logits_is_read(tmp_path: Path) -> None:
    older = pa.struct([field for field in LABEL if field.name != "logits"])
    schema = MANIFEST.set(MANIFEST.get_field_index("labels"), pa.field("labels", pa.list_(older)))
    assert manifests.read(frozen(tmp_path, schema)).rows[0].labels[0]["logits"] is None
