"""The rendered street: counts, the same picture for the same seed, masks that agree with boxes, splits, mistakes."""

import hashlib
from collections import Counter
from pathlib import Path

import cv2
import numpy as np
import pytest

from datasets.errors import Cancelled
from datasets.records import SPLITS
from datasets.samples import mistakes, street, tracks

SIX = 6


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("street")
    street.shoot(made, street.plan(SIX), workers=1)
    return made


@pytest.fixture(scope="module")
def images(folder: Path) -> list[street.StreetImage]:
    return street.read_all(folder, street.plan(SIX))


def test_the_plan_has_every_scene_class_equally_and_three_splits_without_overlap() -> None:
    shots = street.plan()
    assert len(shots) >= 300
    assert len({shot.seed for shot in shots}) == len({shot.number for shot in shots}) == len(shots)
    per_scene = Counter(shot.scene for shot in shots)
    assert set(per_scene) == set(street.SCENES) and max(per_scene.values()) - min(per_scene.values()) <= 1
    shares = Counter(shot.split for shot in shots)
    assert set(shares) == set(SPLITS)
    assert shares["train"] / len(shots) == pytest.approx(0.7, abs=0.03)
    assert shares["val"] / len(shots) == pytest.approx(0.15, abs=0.03)


def test_the_same_seed_gives_the_same_pixels_and_labels(folder: Path, tmp_path: Path) -> None:
    again = tmp_path / folder.name
    street.shoot(again, street.plan(SIX)[:2], workers=1)
    for name in ("images/00000.jpg", "images/00001.jpg", "semantic/00001.png", "labels/00000.json"):
        assert _digest(folder / name) == _digest(again / name)
    assert _digest(folder / "images/00000.jpg") != _digest(folder / "images/00001.jpg")


def test_masks_fill_their_boxes_and_agree_with_the_semantic_mask(images: list[street.StreetImage]) -> None:
    checked = 0
    for image in images:
        semantic = cv2.imread(str(image.semantic), cv2.IMREAD_GRAYSCALE)
        for one in image.objects:
            assert one.box is not None and one.mask_path is not None
            x, y, w, h = (round(v * s) for v, s in zip(one.box, (image.width, image.height) * 2, strict=True))
            mask = cv2.imread(one.mask_path, cv2.IMREAD_GRAYSCALE)
            assert mask.shape == (h, w)
            inside = mask > 0
            assert inside.any(0).all() or inside.any(0)[[0, -1]].all()
            assert inside.any(1)[[0, -1]].all()
            classes = set(np.unique(semantic[y : y + h, x : x + w][inside]).tolist())
            assert classes == {street.SEMANTIC.index(one.label) + 1}
            checked += 1
    assert checked > 20


def test_every_image_has_road_and_sky_or_house_and_is_neither_black_nor_white(images: list[street.StreetImage]) -> None:
    for image in images:
        pixels = cv2.imread(str(image.path))
        assert pixels.shape == (image.height, image.width, 3)
        assert 15 < pixels.mean() < 240 and pixels.std() > 12
        found = {
            street.TARGETS[int(index)] for index in np.unique(cv2.imread(str(image.semantic), cv2.IMREAD_GRAYSCALE))
        }
        assert "road" in found and "building" in found


def test_a_stopped_rendering_goes_on_where_it_was(tmp_path: Path) -> None:
    def stop(done: int, total: int) -> None:
        if done == 1:
            raise Cancelled("stop")

    shots = street.plan(SIX)[:2]
    with pytest.raises(Cancelled):
        street.shoot(tmp_path, shots, workers=1, progress=stop)
    first = (tmp_path / "images/00000.jpg").stat().st_mtime_ns
    street.shoot(tmp_path, shots, workers=1)
    assert (tmp_path / "images/00000.jpg").stat().st_mtime_ns == first
    assert len(street.read_all(tmp_path, shots)) == 2


def test_two_in_a_hundred_labels_are_wrong_and_the_truth_restores_them(
    images: list[street.StreetImage], tmp_path: Path
) -> None:
    planted, made = mistakes.plant(images, share=0.1)
    labels = sum(len(image.objects) for image in images)
    assert len(made) == round(0.1 * labels)
    assert {one.kind for one in made} == set(mistakes.KINDS)
    mistakes.write(made, tmp_path / "truth.json", seed=51)
    kept = mistakes.read(tmp_path / "truth.json")
    assert kept == made
    for image, spoilt in zip(images, planted, strict=True):
        restored = mistakes.restore(spoilt, kept)
        assert {(one.id, one.label, one.box) for one in restored.objects} == {
            (one.id, one.label, one.box) for one in image.objects
        }
    assert mistakes.SHARE == 0.02
    assert mistakes.plant(images, share=0.1)[1] == made


def test_mistakes_stay_inside_the_image(images: list[street.StreetImage]) -> None:
    planted, _ = mistakes.plant(images, share=0.3)
    for image in planted:
        for one in image.objects:
            assert one.box is not None
            assert min(one.box) >= 0 and one.box[0] + one.box[2] <= 1 + 1e-9 and one.box[1] + one.box[3] <= 1 + 1e-9


def test_a_track_keeps_its_class_and_the_files_of_the_video_agree(tmp_path: Path) -> None:
    tracks.film(tmp_path, frames=3, workers=1)
    frames = tracks.read_frames(tmp_path, 3)
    assert [image.frame for image in frames] == [1, 2, 3]
    classes: dict[object, set[str]] = {}
    for image in frames:
        for one in image.objects:
            classes.setdefault(one.attributes["index"], set()).add(one.label)
    assert all(len(names) == 1 for names in classes.values())
    rows = (tmp_path / "gt.txt").read_text().splitlines()
    assert len(rows) == sum(len(image.objects) for image in frames)
    video = cv2.VideoCapture(str(tmp_path / "video.mp4"))
    assert int(video.get(cv2.CAP_PROP_FRAME_COUNT)) == 3
    video.release()


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
