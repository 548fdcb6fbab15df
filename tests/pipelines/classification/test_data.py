import json
from pathlib import Path

import cv2
import numpy as np
import pyarrow as pa
import pytest
import torch
from PIL import Image

from datasets.tables import MANIFEST, write_table
from pipelines.classification import data
from pipelines.classification.config import Config
from pipelines.classification.network.data import (
    Balanced,
    Decoded,
    Gathered,
    examples,
    moved,
    pixels,
    random_part,
    reader,
)
from pipelines.classification.network.learner import chances, class_weights
from pipelines.classification.network.preprocess import Preprocess
from pipelines.errors import DataError
from pipelines.training import unread
from tests.helpers import make_image


def manifest(path: Path, rows: list[tuple[str, list[str]]], classes: list[str], kind: str = "classification") -> Path:
    table = pa.Table.from_pylist(
        [
            {"sample_id": str(number), "path": f"{number}.png", "split": split, "width": 8, "height": 8,
             "labels": [{"label": name, "crowd": False} for name in names]}
            for number, (split, names) in enumerate(rows)
        ],
        MANIFEST,
    )  # fmt: skip
    about = {b"foveal.classes": json.dumps(classes), b"foveal.kind": kind}
    write_table(table.replace_schema_metadata(about), path)
    return path


def test_samples_without_a_class_are_left_out(tmp_path: Path) -> None:
    rows = [("train", ["a"]), ("train", []), ("val", ["b"])]
    found = data.for_training(manifest(tmp_path / "m.parquet", rows, ["b", "a"]))
    assert [sample.classes for sample in found.samples] == [(1,), (0,)]
    assert data.targets(found.samples, found.kind, 2).tolist() == [1, 0]


def test_of_many_classes_none_is_an_answer(tmp_path: Path) -> None:
    rows = [("train", ["a", "b", "a"]), ("train", []), ("val", ["b"])]
    found = data.for_training(manifest(tmp_path / "m.parquet", rows, ["b", "a"], "classifications"))
    assert data.targets(found.samples, found.kind, 2).tolist() == [[1, 1], [0, 0], [1, 0]]


@pytest.mark.parametrize(
    ("rows", "classes", "message"),
    [
        ([("train", ["a"]), ("val", ["a"])], ["a"], "at least 2 classes, found a"),
        ([("train", ["a"]), ("val", [])], ["a", "b"], "labels in the split 'val', found 0 samples"),
        ([("train", ["c"])], ["a", "b"], "labels of the classes a, b; found c"),
    ],
)
def test_what_cannot_be_learned_is_said(
    tmp_path: Path, rows: list[tuple[str, list[str]]], classes: list[str], message: str
) -> None:
    with pytest.raises(DataError, match=message):
        data.for_training(manifest(tmp_path / "m.parquet", rows, classes))


@pytest.mark.parametrize("name", ["resnet18", "tf_efficientnet_lite0"])
@pytest.mark.parametrize("size", [(90, 60), (50, 120), (64, 64)])
def test_images_are_placed_as_timm_places_them(tmp_path: Path, name: str, size: tuple[int, int]) -> None:
    import timm
    from timm.data import create_transform, resolve_model_data_config

    from pipelines.classification.network.model import preprocess_of

    path = tmp_path / "a.png"
    Image.fromarray(np.random.default_rng(0).integers(0, 255, (size[1], size[0], 3)).astype(np.uint8)).save(path)
    told = resolve_model_data_config(timm.create_model(name, pretrained=False))
    wanted = create_transform(**{**told, "input_size": (3, 48, 48)}, is_training=False)(Image.open(path))
    square = preprocess_of(name, 48)
    placed = square.place(reader([str(path)], square, tmp_path)(0))
    found = square.normalise(torch.from_numpy(placed.copy()).permute(2, 0, 1)[None])[0]
    assert torch.allclose(found, wanted, atol=1e-6)
    assert Preprocess.read(json.loads(json.dumps(square.plain()))) == square


def test_small_images_are_gathered_and_are_those_that_would_be_decoded(tmp_path: Path) -> None:
    samples = []
    for number in range(5):
        path = tmp_path / f"{number}.png"
        Image.fromarray(np.random.default_rng(number).integers(0, 255, (20, 24, 3)).astype(np.uint8)).save(path)
        samples.append(data.ClassifiedImage(str(number), str(path), "train", 24, 20, (number % 2,)))
    answers, square = data.targets(samples, "classification", 2), Preprocess(16).grey()
    some = [examples(samples, answers, config, square, folder=tmp_path, learns=False) for config in
            (Config(), Config(cache="none"), Config(cache="disk"))]  # fmt: skip
    assert [type(one) for one in some] == [Gathered, Decoded, Decoded]
    whole = some[0].__getitems__([3, 1])
    for other in some[1:]:
        batch = other.collate([other[3], other[1]])
        assert torch.equal(batch[0], whole[0]) and torch.equal(batch[1], whole[1])
    assert whole[0].shape == (2, 1, 16, 16) and whole[1].tolist() == [1, 1]


@pytest.mark.parametrize("augment", [(), ("HorizontalFlip", "RandomBrightnessContrast")])
def test_what_is_random_hangs_on_seed_and_epoch_alone(augment: tuple[str, ...]) -> None:
    config = Config.model_validate({"mirror": 0.5, "shift": 0.2, "augment": augment})
    made = np.random.default_rng(0).integers(0, 255, (6, 16, 16, 1)).astype(np.uint8)
    one, two = (Gathered(made, np.arange(6), config, True) for _ in range(2))
    assert torch.equal(one.__getitems__([4, 2])[0], two.__getitems__([4, 2])[0])
    two.epoch = 1
    assert not torch.equal(one.__getitems__([4, 2])[0], two.__getitems__([4, 2])[0])
    assert one.still().__getitems__([4, 2])[0].permute(0, 2, 3, 1).numpy().tolist() == made[[4, 2]].tolist()


def test_an_image_that_is_gone_is_told_and_another_stands_in(tmp_path: Path) -> None:
    paths = [str(tmp_path / "gone.png"), str(make_image(tmp_path / "here.png")), str(tmp_path / "gone too.png")]
    read = reader(paths, Preprocess(8), tmp_path / "images" / "train")
    assert read(0) is None and read(1) is not None
    decoded = Decoded(read, np.array([5, 6, 7]), Config(), Preprocess(8), learns=False)
    assert [int(decoded[number][1]) for number in range(3)] == [6, 6, 6]  # its own answer, never another's
    made, kept = pixels(read, 3, Preprocess(8))
    assert kept.tolist() == [1] and made.shape == (1, 8, 8, 3)
    assert sorted(one.where for one in unread.findings(tmp_path)) == sorted([paths[0], paths[2]])
    with pytest.raises(DataError, match="expected images that can be read in every split, found none"):
        pixels(lambda _: None, 3, Preprocess(8))
    with pytest.raises(DataError, match="found none"):
        Decoded(lambda _: None, np.arange(3), Config(), Preprocess(8), learns=False)[0]


@pytest.mark.parametrize("size", [(20_000, 3), (3, 20_000)])
def test_a_very_long_image_is_placed_without_its_whole_length(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(0)
    image = cv2.resize(random.integers(0, 255, (3, 40, 3)).astype(np.uint8), size)
    square = Preprocess(32, crop=0.875)
    monkeypatch.setattr("pipelines.classification.network.preprocess.LONG", 1 << 62)
    whole = square.place(image).astype(int)
    monkeypatch.setattr("pipelines.classification.network.preprocess.LONG", 1000)
    part = square.place(image).astype(int)
    assert part.shape == whole.shape == (32, 32, 3) and np.abs(part - whole).mean() < 4


def test_images_are_moved_and_what_enters_is_black() -> None:
    image = np.arange(1, 10, dtype=np.uint8).reshape(1, 3, 3, 1)
    found = moved(np.repeat(image, 2, axis=0), np.array([[1, 1], [0, 2]]), 1)
    assert found[0, ..., 0].tolist() == image[0, ..., 0].tolist()
    assert found[1, ..., 0].tolist() == [[0, 0, 0], [2, 3, 0], [5, 6, 0]]


def test_a_random_part_keeps_area_and_shape() -> None:
    random = np.random.default_rng(0)
    for shape in ((40, 60), (10, 200)):
        for _ in range(50):
            left, top, right, bottom = random_part(shape, 0.35, random)
            assert 0 <= left < right <= shape[1] and 0 <= top < bottom <= shape[0]
            assert 0.7 < (right - left) / (bottom - top) < 1.43


def test_classes_count_alike() -> None:
    from sklearn.utils.class_weight import compute_class_weight

    answers = np.array([0] * 90 + [1] * 10)
    wanted = compute_class_weight("balanced", classes=np.arange(2), y=answers)
    assert class_weights(answers, 2).numpy() == pytest.approx(wanted)
    several = np.array([[1, 0]] * 9 + [[0, 1]], dtype=np.float32)
    assert class_weights(several, 2).tolist() == pytest.approx([1 / 9, 9.0])

    class Epoch:
        epoch = 0

    for given in (answers, np.eye(2, dtype=np.float32)[answers]):
        drawn = np.bincount(answers[list(Balanced(Epoch(), chances(given, 2), 51))], minlength=2)
        assert drawn.sum() == 100 and abs(drawn[0] - drawn[1]) < 30
