import json
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from PIL import Image

from datasets.handover import preflight
from datasets.records import Finding
from datasets.tables import MANIFEST, write_table
from tests.helpers import make_image

TARGETS = {1: "road", 2: "sky"}


def frozen(folder: Path, values: list[list[int] | None], targets: dict[int, str] = TARGETS) -> Path:
    """A manifest of one mask (48 x 64) per list of values, None for no mask; the last is val, the rest train."""
    rows: list[dict[str, Any]] = []
    for number, some in enumerate(values):
        path, mask = make_image(folder / f"{number}.png", seed=number), folder / f"mask-{number}.png"
        if some is not None:
            Image.fromarray(np.resize(np.array(some, np.uint8), (48, 64))).save(mask)
        labels = [] if some is None else [{"label": "", "mask_path": str(mask)}]
        split = "val" if number == len(values) - 1 else "train"
        rows.append({"sample_id": f"{number:024x}", "path": str(path), "split": split, "labels": labels, "width": 64,
                     "height": 48})  # fmt: skip
    about = {"dataset": "d", "label_field": "labels", "counts": {"train": len(values) - 1, "val": 1}}
    metadata = {
        "foveal.classes": json.dumps(list(targets.values())), "foveal.revision": "0", "foveal.kind": "segmentation",
        "foveal.about": json.dumps(about), "foveal.targets": json.dumps(targets),
    }  # fmt: skip
    write_table(pa.Table.from_pylist(rows, schema=MANIFEST.with_metadata(metadata)), folder / "m.parquet")
    return folder / "m.parquet"


def found(path: Path, **more: Any) -> dict[str, Finding]:
    return {one.code: one for one in preflight.check(path, **more)}


def test_sound_masks_have_no_findings(tmp_path: Path) -> None:
    assert found(frozen(tmp_path, [[1, 2]] * 11)) == {}


def test_few_images_are_fewer_than_of_other_kinds(tmp_path: Path) -> None:
    assert found(frozen(tmp_path, [[1, 2]] * 5))["few-images"].expected == "at least 10 images to learn from"


def test_classes_are_told_by_the_values(tmp_path: Path) -> None:
    seen = found(frozen(tmp_path, [[1]] * 10 + [[2]], {**TARGETS, 3: "sea"}))
    assert seen["class-not-in-train"].where == "sky"
    assert seen["class-not-in-val"].where == "road"
    assert seen["class-unused"].where == "sea"


def test_values_without_a_name_are_void(tmp_path: Path) -> None:
    few = found(frozen(tmp_path, [[1, 2, 1, 255]] * 11))["undeclared-values"]
    assert (few.severity, few.found) == ("note", "255 without, 25.0% of the pixels")
    (tmp_path / "most").mkdir()
    most = found(frozen(tmp_path / "most", [[1, 7, 7, 9]] * 11))["undeclared-values"]
    assert (most.severity, most.found) == ("warning", "7, 9 without, 75.0% of the pixels")


def test_broken_and_ill_sized_masks_stop(tmp_path: Path) -> None:
    path = frozen(tmp_path, [[1, 2]] * 11)
    (tmp_path / "mask-0.png").write_bytes(b"no image")
    (tmp_path / "mask-1.png").unlink()
    Image.fromarray(np.zeros((48, 64, 3), np.uint8) + np.arange(3, dtype=np.uint8)).save(tmp_path / "mask-2.png")
    Image.fromarray(np.ones((24, 64), np.uint8)).save(tmp_path / "mask-3.png")
    seen = found(path)
    assert seen["unreadable-masks"].severity == seen["mask-size"].severity == "error"
    assert seen["unreadable-masks"].found.startswith("3 that are not")
    assert "64 x 24 for an image of 64 x 48" in seen["mask-size"].found


def test_no_names_and_no_masks_stop(tmp_path: Path) -> None:
    assert found(frozen(tmp_path, [[1, 2]] * 11, {}))["no-classes"].severity == "error"
    (tmp_path / "none").mkdir()
    assert found(frozen(tmp_path / "none", [None] * 11))["no-labels"].severity == "error"


def test_time_is_bounded_and_that_is_said(tmp_path: Path) -> None:
    seen = found(frozen(tmp_path, [[1]] * 10 + [[2]]), seconds=0)
    assert seen["masks-partly-checked"].severity == "note"
    assert "class-not-in-train" not in seen


def test_images_without_a_mask_are_counted(tmp_path: Path) -> None:
    assert found(frozen(tmp_path, [None, [1, 2]] * 6))["images-without-labels"].found == "6 of 12 images without (50%)"
