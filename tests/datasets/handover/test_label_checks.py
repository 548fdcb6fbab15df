import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from datasets.handover import preflight
from datasets.records import Finding
from datasets.tables import MANIFEST, write_table
from tests.helpers import make_image


def frozen(
    folder: Path, kind: str, labels: Sequence[Any], splits: str = "", classes: Sequence[str] = ("a", "b")
) -> Path:
    """A manifest of one image per list of labels, all in train but the last (or by `splits`, t and v)."""
    splits, rows = splits or "t" * (len(labels) - 1) + "v", []
    for number, (split, some) in enumerate(zip(splits, labels, strict=True)):
        path = make_image(folder / f"{number}.png", seed=number)
        name = {"t": "train", "v": "val"}[split]
        rows.append({"sample_id": f"{number:024x}", "path": str(path), "split": name, "labels": some, "width": 64,
                     "height": 48})  # fmt: skip
    counts = {name: sum(row["split"] == name for row in rows) for name in ("train", "val")}
    metadata = {
        "foveal.classes": json.dumps(classes), "foveal.revision": "0", "foveal.kind": kind,
        "foveal.about": json.dumps({"dataset": "d", "label_field": "labels", "counts": counts}),
    }  # fmt: skip
    write_table(pa.Table.from_pylist(rows, schema=MANIFEST.with_metadata(metadata)), folder / "m.parquet")
    return folder / "m.parquet"


def found(path: Path, **more: Any) -> dict[str, Finding]:
    return {one.code: one for one in preflight.check(path, **more) if one.code != "few-images"}


def named(name: str) -> list[dict[str, Any]]:
    return [{"label": name}]


def boxed(mask: str | None) -> list[dict[str, Any]]:
    return [{"label": "a", "box": [0.1, 0.1, 0.5, 0.5], "mask_path": mask}]


def test_classes_of_images_need_neither_boxes_nor_many_words(tmp_path: Path) -> None:
    sound = frozen(tmp_path, "classification", [named("a")] * 20 + [named("b")] * 20 + [named("a"), named("b")],
                   "t" * 40 + "vv")  # fmt: skip
    assert found(sound) == {}


def test_rare_and_uneven_classes_are_notes(tmp_path: Path) -> None:
    seen = found(frozen(tmp_path, "classification", [named("a")] * 30 + [named("b")] * 3 + [[]], "t" * 31 + "vvt"))
    assert (seen["rare-classes"].severity, seen["rare-classes"].found) == ("note", "b (1)")
    assert seen["class-imbalance"].found == "30 of a, 1 of b"
    assert "nothing is learned from them" in seen["images-without-labels"].action


def test_images_of_no_class_are_examples_of_none(tmp_path: Path) -> None:
    both = [{"label": "a"}, {"label": "b"}]
    seen = found(frozen(tmp_path, "classifications", [both, [], both]))
    assert "examples of none" in seen["images-without-labels"].action


@pytest.mark.parametrize(("masks", "code"), [((None, None), "no-masks"), (("x.png", None), "labels-without-masks")])
def test_a_task_that_needs_masks_says_so(tmp_path: Path, masks: tuple[str | None, ...], code: str) -> None:
    path = frozen(tmp_path, "detections", [boxed(masks[0]), boxed(masks[1]), boxed(masks[0])])
    assert code not in found(path)
    seen = found(path, needs_masks=True)[code]
    assert seen.severity == ("error" if code == "no-masks" else "warning")
    assert "masks" in seen.action


def test_nothing_labelled_stops_whatever_the_kind(tmp_path: Path) -> None:
    assert found(frozen(tmp_path, "classification", [[], [], named("a")]))["no-labels"].severity == "error"
