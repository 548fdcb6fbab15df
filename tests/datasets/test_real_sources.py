"""Real sets, found through FOVEAL_SHARED or beside the checkout."""

import os
from pathlib import Path

import pytest

from datasets.importing import preview

SHARED = Path(os.environ.get("FOVEAL_SHARED") or Path(__file__).resolve().parents[2].parent / "shared")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (SHARED / "data").is_dir(), reason="no folder of real data; set FOVEAL_SHARED"),
]


@pytest.mark.parametrize("inside", ["", "BCCD"])
def test_bccd(inside):
    found = preview(SHARED / "data" / "det_bccd" / inside)
    assert (found.format, found.count) == ("voc", 364)
    assert found.splits == {"train": 205, "val": 87, "test": 72}
    # 4,888 boxes, two of which have neither width nor height
    assert found.class_counts == {"Platelets": 361, "RBC": 4153, "WBC": 372}
    assert [f.code for f in found.findings] == ["zero_size_box"] * 2


def test_coco128():
    found = preview(SHARED / "data" / "coco128_multitask")
    assert (found.format, found.splits, len(found.classes)) == ("yolo", {"train": 128, "val": 128}, 80)
    assert found.findings == () and found.labels > 1500


def test_nuclei():
    found = preview(SHARED / "data" / "inst_dsb2018_nuclei")
    assert (found.format, found.count, found.labels) == ("coco", 271, 8552)
    assert found.splits == {"train": 217, "val": 54}
    assert found.findings == () and found.masks == 8552


def test_hymenoptera():
    found = preview(SHARED / "data" / "cls_hymenoptera")
    assert (found.format, found.splits) == ("class_folders", {"train": 245, "val": 153})
    assert found.findings == ()
