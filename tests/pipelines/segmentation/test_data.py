"""Masks become class indexes, images become crops."""

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image

from pipelines.runs.events import EventWriter
from pipelines.segmentation import data
from pipelines.segmentation.config import Config
from pipelines.training import unread
from tests.pipelines.segmentation.conftest import TARGETS, VOID, draw, shapes, write_manifest


def samples(folder: Path, count: int = 4) -> list[data.ImageWithMask]:
    return [data.ImageWithMask(str(image), str(mask)) for image, mask in (draw(folder, n) for n in range(count))]


def config(**options: Any) -> Config:
    return Config(crop_size=64, augment=(), **options)


@pytest.mark.parametrize("mode", ["L", "P", "I;16"])
def test_values_become_class_indexes(tmp_path: Path, mode: str) -> None:
    values = np.array([[0, 3, 7], [VOID, 1, 255]], np.uint8)
    image = Image.fromarray(values.astype(np.uint16) if mode == "I;16" else values)
    if mode == "P":
        image.putpalette(list(range(256)) * 3)
    image.save(tmp_path / "m.png")
    codes = data.table(TARGETS)
    found = data.read_mask(str(tmp_path / "m.png"), codes)
    np.testing.assert_array_equal(found, [[0, 1, 2], [255, 255, 255]])


def test_values_above_255_are_of_no_class(tmp_path: Path) -> None:
    Image.fromarray(np.array([[3, 259, 65535]], np.uint16)).save(tmp_path / "m.png")
    np.testing.assert_array_equal(data.read_mask(str(tmp_path / "m.png"), data.table(TARGETS)), [[1, 255, 255]])


def test_shares_are_those_of_labelled_pixels(tmp_path: Path) -> None:
    some = samples(tmp_path)
    masks = np.stack([cv2.imread(one.mask, cv2.IMREAD_UNCHANGED) for one in some])
    counts = np.array([(masks == value).sum() for value in TARGETS])
    np.testing.assert_allclose(data.shares(some, data.table(TARGETS), 3), counts / counts.sum())


@pytest.mark.parametrize("scale", [0.5, 1.0, 1.7])
@pytest.mark.parametrize("shape", [(200, 300), (30, 300), (20, 25)])
def test_a_crop_moves_image_and_mask_alike(scale: float, shape: tuple[int, int]) -> None:
    """The red channel tells the class, so both must stay together; what lies beside is of no class."""
    mask = np.zeros(shape, np.uint8)
    mask[:, shape[1] // 3 :] = 1
    mask[shape[0] // 2 :] = 2
    packed = np.dstack([mask * 100, mask * 0, mask * 0, mask])
    out = data.cut(packed, 64, scale, np.random.default_rng(1))
    assert out.shape == (64, 64, 4)
    inside = out[..., 3] != data.IGNORE
    height, width = (min(64, round(side * scale)) for side in shape)
    assert inside.sum() == pytest.approx(height * width, rel=0.06)
    red, label = out[..., 0].astype(int), out[..., 3].astype(int)
    assert (np.abs(red - label * 100)[inside] < 60).mean() > 0.97
    assert (out[~inside][:, :3] == data.FILL).all()


def test_crops_depend_on_seed_epoch_and_number_alone(tmp_path: Path) -> None:
    def make(epoch: int, number: int, cache: str = "none") -> Any:
        crops = data.Crops(samples(tmp_path), data.table(TARGETS), config(cache=cache), tmp_path / "cache")
        crops.epoch = epoch
        return np.dstack(crops[number])

    np.testing.assert_array_equal(make(1, 2), make(1, 2))
    for cache in ("ram", "disk"):
        np.testing.assert_array_equal(make(1, 2), make(1, 2, cache))
    assert not np.array_equal(make(1, 2), make(2, 2)) and not np.array_equal(make(1, 2), make(1, 1))


def test_crops_keep_their_size_whatever_the_augmentation_does(tmp_path: Path) -> None:
    steps = [{"name": "RandomScale", "p": 1.0, "options": {"scale_limit": (0.4, 0.5)}}, {"name": "Affine", "p": 1.0}]
    made = Config.model_validate({"crop_size": 64, "augment": steps})
    crops = data.Crops(samples(tmp_path), data.table(TARGETS), made, tmp_path)
    images, masks = crops.collate([crops[number] for number in range(4)])
    assert images.shape == (4, 3, 64, 64) and masks.shape == (4, 64, 64)
    assert set(np.unique(masks)) <= {0, 1, 2, data.IGNORE}


def test_validation_sees_shrunk_images_beside_whole_masks(tmp_path: Path) -> None:
    whole = data.Whole(samples(tmp_path), data.table(TARGETS), config(image_size=48), tmp_path)
    image, mask = whole[0]
    assert tuple(image.shape) == (3, 40, 48) and tuple(mask.shape) == (80, 96)


def test_an_unreadable_image_teaches_nothing(tmp_path: Path) -> None:
    some = [data.ImageWithMask(str(tmp_path / "gone.png"), one.mask) for one in samples(tmp_path, 1)]
    _, mask = data.Crops(some, data.table(TARGETS), config(), tmp_path)[0]
    assert (mask == data.IGNORE).all()


def test_a_mask_that_is_cut_off_teaches_nothing_and_is_told(tmp_path: Path) -> None:
    some, codes = samples(tmp_path), data.table(TARGETS)
    whole = data.shares(some[1:], codes, 3)
    torn = Path(some[0].mask)
    torn.write_bytes(torn.read_bytes()[:-40])  # its header is whole
    np.testing.assert_allclose(data.shares(some, codes, 3), whole)
    learned = data.Crops(some, codes, config(cache="none"), tmp_path / "cache" / "train")
    assert (learned[0][1] == data.IGNORE).all() and (learned[1][1] != data.IGNORE).any()
    assert [one.where for one in unread.findings(tmp_path)] == [str(torn)]


def test_rows_without_a_mask_are_no_examples(tmp_path: Path) -> None:
    rows = shapes(tmp_path)
    rows[0]["labels"] = []
    found = data.for_training(write_manifest(tmp_path / "m.parquet", rows), EventWriter(tmp_path / "e.jsonl"))
    assert (len(found.train), len(found.val), found.targets) == (7, 2, TARGETS)
    assert not (tmp_path / "e.jsonl").exists()
