"""Ultralytics learns from what people see: images that it would read otherwise are copied for it."""

from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
import pytest

from datasets.images import pictures
from datasets.workspace import Workspace
from pipelines.yolo.data import place, prepare, sample_id
from pipelines.yolo.model import quiet
from pipelines.yolo.train import _named
from tests.datasets.images.test_pictures import KINDS


@dataclass(frozen=True)
class Image:
    id: str
    path: str
    width: int = 96
    height: int = 64


@pytest.fixture
def samples(tmp_path: Path) -> list[Image]:
    made = []
    for number, (name, make) in enumerate(KINDS.items()):
        path = tmp_path / "source" / name
        path.parent.mkdir(exist_ok=True)
        make(path)
        made.append(Image(f"{number:024x}", str(path)))
    return made


def test_ultralytics_reads_what_people_see(samples: list[Image], tmp_path: Path, workspace: Workspace) -> None:
    quiet()
    from ultralytics.data.dataset import YOLODataset

    def line(sample: Image) -> str:
        return "0 0.5 0.5 0.4 0.4\n"

    yaml = prepare(tmp_path / "work", ["thing"], "1", {"train": samples, "val": samples[:1]}, line)
    data = {"names": {0: "thing"}, "nc": 1, "channels": 3}
    dataset = YOLODataset(str(yaml.parent / "images" / "train"), data=data, imgsz=96, augment=False, rect=False)
    known = {sample.id: sample.path for sample in samples}
    assert len(dataset.labels) == len(samples)  # none is left out
    for number, label in enumerate(dataset.labels):
        seen = dataset.load_image(number)[0]
        assert np.array_equal(seen, pictures.read(known[sample_id(label["im_file"])])), label["im_file"]


def test_common_files_are_linked_and_others_copied(samples: list[Image], tmp_path: Path) -> None:
    placed = dict(zip(KINDS, place(samples, [tmp_path / "out"] * len(samples)), strict=True))
    for name in ("turned.jpg", "palette.png", "bits.png"):
        assert placed[name].is_symlink()
    for name in ("unit.tif", "twelve_bits.png", "see_through.png", "print.jpg", "photo.heic", "film.gif"):
        assert not placed[name].is_symlink() and cv2.imread(str(placed[name])) is not None


def test_of_a_broken_image_there_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypheic")
    broken = [Image("0" * 24, str(tmp_path / "a.heic")), Image("1" * 24, str(tmp_path / "gone.png"))]
    assert not any(path.exists() for path in place(broken, [tmp_path / "out"] * 2))


def test_an_image_that_cannot_be_decoded_is_named_by_the_user_s_path(tmp_path: Path) -> None:
    image = tmp_path / "my pictures" / "a b.jpg"
    image.parent.mkdir()
    image.touch()
    (tmp_path / "0_1.jpg").symlink_to(image)
    told = _named(
        FileNotFoundError(f"Caught in worker 0.\nTraceback\nFileNotFoundError: Image Not Found {tmp_path}/0_1.jpg")
    )
    assert str(told).startswith(f"{image}: expected an image that can be decoded")
    other = FileNotFoundError("no such file")
    assert _named(other) is other
