"""How long it takes to find the format of a folder of 100,000 images, and to preview it: labels read, images probed."""

import json
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from datasets.exchange.formats import registry
from datasets.exchange.looking import preview
from tests.benchmarks.measure import Bench
from tests.helpers import make_image

pytestmark = pytest.mark.slow
N = 100_000
MOST = 20.0  # seconds for both, on two cores
XML = (
    "<annotation><size><width>64</width><height>48</height></size><object><name>c1</name><bndbox><xmin>5</xmin>"
    "<ymin>5</ymin><xmax>25</xmax><ymax>25</ymax></bndbox></object></annotation>"
)


def yolo(root: Path, image: Path) -> None:
    """Two folders of images and labels."""
    for folder in ("images", "labels"):
        (root / folder / "train").mkdir(parents=True)
    for name in names():
        link(image, root / "images/train" / f"{name}.jpg")
        (root / "labels/train" / f"{name}.txt").write_text("0 0.5 0.5 0.2 0.2\n1 0.3 0.3 0.1 0.2\n")
    (root / "data.yaml").write_text("train: images/train\nnames: [c0, c1]\n")


def coco(root: Path, image: Path) -> None:
    """One json."""
    (root / "images").mkdir(parents=True)
    entries = []
    for name in names():
        link(image, root / "images" / f"{name}.jpg")
        entries.append({"id": int(name), "file_name": f"{name}.jpg", "width": 64, "height": 48})
    boxes = [{"id": k, "image_id": k, "category_id": 1, "bbox": [5, 5, 20, 20], "area": 400} for k in range(N)]
    whole = {"images": entries, "annotations": boxes, "categories": [{"id": 1, "name": "c1"}]}
    (root / "instances.json").write_text(json.dumps(whole))


def voc(root: Path, image: Path) -> None:
    """An xml for each image."""
    for folder in ("JPEGImages", "Annotations"):
        (root / folder).mkdir(parents=True)
    for name in names():
        link(image, root / "JPEGImages" / f"{name}.jpg")
        (root / "Annotations" / f"{name}.xml").write_text(XML)


def class_folders(root: Path, image: Path) -> None:
    """A hundred classes."""
    for number in range(100):
        (root / "train" / f"c{number:02}").mkdir(parents=True)
    for name in names():
        link(image, root / "train" / f"c{name[-2:]}" / f"{name}.jpg")


def link(image: Path, to: Path) -> None:
    """A name more for an image, or a copy where a file system gives it no more names (ext4: 65,000)."""
    try:
        os.link(image, to)
    except OSError:
        shutil.copyfile(image, to)
        image.unlink()
        os.link(to, image)


def names() -> Iterator[str]:
    return (f"{number:06}" for number in range(N))


@pytest.mark.parametrize("make", [yolo, coco, voc, class_folders])
def test_a_large_folder_is_seen_in_seconds(bench: Bench, make: Callable[[Path, Path], None], tmp_path: Path) -> None:
    root = tmp_path / "set"
    make(root, make_image(tmp_path / "one.jpg"))
    found = bench.alone(f"detect {make.__name__}", N, lambda: registry.detect(root))
    seen = bench.alone(f"preview {make.__name__}", N, lambda: preview(root).count)
    assert found.ours_wall_s < MOST and seen.ours_wall_s < MOST
