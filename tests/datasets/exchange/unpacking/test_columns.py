"""Parquet and Arrow files with images inside: each image with its labels, names and split."""

import io
import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image

from datasets.exchange.importing import ingest, preview
from datasets.storage import collection, labels

IMAGE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])


@pytest.fixture(autouse=True)
def own_home(tmp_path, monkeypatch):
    monkeypatch.setenv("FOVEAL_HOME", str(tmp_path / "home"))


def png(value, mode="RGB"):
    made = io.BytesIO()
    Image.fromarray(np.full((16, 20, 3), value, np.uint8)).convert(mode).save(made, "PNG")
    return made.getvalue()


def images(*values):
    return pa.array([{"bytes": png(value), "path": f"{value}.png"} for value in values], IMAGE)


def features(**found):
    return {b"huggingface": json.dumps({"info": {"features": found}}).encode()}


NAMES = {"_type": "ClassLabel", "names": ["cat", "dog", "emu"]}


def stored(name="made"):
    found = {}
    for one in collection.stream(name):
        value = int(np.asarray(Image.open(one["filepath"]))[0, 0, 0])
        some = labels.from_document(one.get("ground_truth"))
        boxes = [(label.label, *(round(v * s, 4) for v, s in zip(label.box or (), (20, 16) * 2, strict=False)))
                 for label in some]  # fmt: skip
        found[value] = (one.get("split"), boxes)
    return found


def write(table, path, kind="parquet"):
    path.parent.mkdir(parents=True, exist_ok=True)
    if kind == "parquet":
        pq.write_table(table, path)
    else:
        with pa.OSFile(str(path), "wb") as sink, pa.ipc.new_stream(sink, table.schema) as writer:
            writer.write_table(table)


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_classes_by_the_names_in_the_metadata(kind, tmp_path, database):
    about = features(image={"_type": "Image"}, label=NAMES)
    for split, values, numbers in (("train", (1, 2), (0, 1)), ("test", (3,), (1,))):
        table = pa.table({"image": images(*values), "label": pa.array(numbers)}).replace_schema_metadata(about)
        name = f"{split}-00000-of-00001.parquet" if kind == "parquet" else f"{split}/data-00000-of-00001.arrow"
        write(table, tmp_path / "set" / name, kind)
    found = preview(tmp_path / "set")
    assert found.classes == ("cat", "dog", "emu")
    ingest(found, "made", splits=None)
    assert stored() == {1: ("train", [("cat",)]), 2: ("train", [("dog",)]), 3: ("test", [("dog",)])}


def test_objects_with_boxes(tmp_path, database):
    objects = pa.struct([("bbox", pa.list_(pa.list_(pa.float32()))), ("category", pa.list_(pa.int64()))])
    table = pa.table({
        "image_id": pa.array([7, 8]), "image": images(1, 2), "width": pa.array([20, 20]), "height": pa.array([16, 16]),
        "objects": pa.array([{"bbox": [[1, 2, 3, 4], [5, 6, 7, 8]], "category": [2, 0]},
                             {"bbox": [], "category": []}], objects),
    })  # fmt: skip
    about = features(objects={"feature": {"bbox": {}, "category": NAMES}, "_type": "Sequence"})
    table = table.replace_schema_metadata(about)
    write(table, tmp_path / "set" / "train-00000-of-00001.parquet")
    ingest(preview(tmp_path / "set"), "made", splits=None)
    assert stored() == {1: ("train", [("emu", 1, 2, 3, 4), ("cat", 5, 6, 7, 8)]), 2: ("train", [])}


def test_numbers_without_names_and_images_without_bytes(tmp_path):
    table = pa.table({
        "img": pa.array([{"bytes": png(1), "path": None}, {"bytes": None, "path": "gone.png"}], IMAGE),
        "label": pa.array([5, 6]), "embedding": pa.array([[0.5], [0.25]]),
    })  # fmt: skip
    write(table, tmp_path / "validation.parquet")
    found = preview(tmp_path / "validation.parquet")
    assert [(one.split, one.classification.label) for one in found.records] == [("val", "5")]
    assert {"no_image_inside", "columns_left_out"} <= {one.code for one in found.findings}
    assert "embedding" in str(next(one for one in found.findings if one.code == "columns_left_out"))


def test_equal_names_in_two_files_are_two_images(tmp_path):
    for split in ("a", "b"):
        write(
            pa.table({"image": images(1, 1), "label": pa.array([split, split])}), tmp_path / "set" / f"{split}.parquet"
        )
    found = preview(tmp_path / "set")
    assert found.class_counts == {"a": 2, "b": 2} and len({one.path for one in found.records}) == 4


def test_masks_beside_images(tmp_path):
    masks = pa.array([{"bytes": png(1, "L"), "path": None}, {"bytes": png(0, "L"), "path": None}], IMAGE)
    write(pa.table({"image": images(1, 2), "mask": masks}), tmp_path / "train.parquet")
    found = preview(tmp_path / "train.parquet")
    assert (found.format, found.count, found.masks) == ("mask_folders", 2, 2)


def test_a_table_without_images_is_left_alone(tmp_path):
    for n in range(2):
        (tmp_path / f"{n}.png").write_bytes(png(n))
    write(pa.table({"a": pa.array([1])}), tmp_path / "figures.parquet")
    found = preview(tmp_path)
    assert (found.format, found.root) == ("images", tmp_path)
