import csv
import json
import socket
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import PIL.Image
import pillow_heif
import pyarrow as pa
import pytest
import yaml

from datasets.errors import ClassMismatch
from datasets.images.probe import probe_one
from datasets.tables import MANIFEST, PREDICTIONS, read_table, write_table
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.detection.config import Config
from pipelines.errors import CheckpointError, ConfigError, DataError, OutOfMemory, Stopped, WeightsMissing
from pipelines.images import read_image
from pipelines.runs import checkpoints
from tests.helpers import make_image
from tests.pipelines.detection.conftest import Trial, made

pytestmark = pytest.mark.usefixtures("workspace")


@dataclass
class Learned:
    """A run that was trained and has predicted: what was asked of the network, and the images before and after."""

    done: Trial
    asked: list[object]
    before: dict[Path, int]
    after: dict[Path, int]


@pytest.fixture(scope="module")
def learned(place: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Learned:
    """Two epochs, then a prediction without what only training needs. Tests look at it and leave it as it is."""
    folder, asked = tmp_path_factory.mktemp("learned"), []
    done = made(place, folder, epochs=2)
    before = written(folder / "images")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", lambda *given, **_: asked.append(given) or [])
        patch.setattr(socket.socket, "connect", lambda _, given: asked.append(given))
        done.train()
        done.run.work.rename(done.run.folder / "away")
        done.predict()
    (done.run.folder / "away").rename(done.run.work)
    return Learned(done, asked, before, written(folder / "images"))


def written(folder: Path) -> dict[Path, int]:
    return {path: path.stat().st_mtime_ns for path in folder.iterdir()}


def test_training_leaves_a_checkpoint(learned: Learned) -> None:
    done, found = learned.done, checkpoints.load(learned.done.run.checkpoint)
    assert found.classes == ("red", "green")
    assert found.preprocess["image_size"] == 64
    assert set(found.metrics) == {"map", "map50", "precision", "recall"}
    assert done.epochs() == [1, 2]
    last = done.events("epoch")[-1]
    assert {"train/box_loss", "val/box_loss", "map", "map50", "lr"} <= set(last["metrics"])
    assert last["epochs"] == 2
    assert last["eta"] == 0
    assert done.events("batch")[0]["batches"] == 2


def test_the_checkpoint_alone_predicts(learned: Learned) -> None:
    done = learned.done
    table = read_table(done.run.predictions, PREDICTIONS)
    assert table["sample_id"] == read_table(done.run.manifest, MANIFEST)["sample_id"]
    for label in [label for row in table.to_pylist() for label in row["labels"]]:
        x, y, w, h = label["box"]
        assert label["label"] in ("red", "green")
        assert 0 <= x < x + w <= 1 + 1e-9
        assert 0 <= y < y + h <= 1 + 1e-9
        assert label["confidence"] > 0.001
    assert done.events("progress")[-1]["done"] == 8


def test_training_and_prediction_open_no_connection(learned: Learned) -> None:
    assert learned.asked == []


def test_the_user_s_folder_is_not_written_to(learned: Learned) -> None:
    assert learned.after == learned.before


def test_a_finished_run_is_left_as_it_is(learned: Learned) -> None:
    done = learned.done
    before = checkpoints.load(done.run.checkpoint)
    done.train()
    assert checkpoints.load(done.run.checkpoint) == before
    assert done.epochs() == [1, 2]


def test_stopping_keeps_the_best_and_resuming_does_the_rest(trial: Callable[..., Any]) -> None:
    done = trial(epochs=2)
    _stop_in_epoch(done, 2)
    with pytest.raises(Stopped):
        done.train()
    assert done.epochs() == [1]
    assert checkpoints.load(done.run.checkpoint).classes == ("red", "green")
    done.stop.clear()
    done.train()
    assert done.epochs() == [1, 2]
    with (done.run.work / "yolo" / "results.csv").open() as file:
        assert [row["epoch"] for row in csv.DictReader(file)] == ["1", "2"]
    assert not list((done.run.work / "yolo" / "weights").glob("*part*"))


def test_stopping_before_the_first_epoch_says_that_there_is_no_checkpoint(trial: Callable[..., Any]) -> None:
    done = trial()
    done.stop.set()
    with pytest.raises(Stopped, match="no checkpoint yet"):
        done.train()
    assert not done.run.checkpoint.exists()


def test_from_scratch_the_weights_change_with_every_batch(trial: Callable[..., Any], network: Path) -> None:
    from pipelines.yolo.objects import boxes
    from pipelines.yolo.train import beginning

    for options, expected in (({}, 4), ({"weights": str(network)}, 64), ({"nominal_batch": 8}, 8)):
        job = trial(**options).job()
        job = job.ready(Config.model_validate(job.config), "cpu")
        assert beginning(job, boxes(job))["nbs"] == expected


def test_training_starts_from_a_weights_file(trial: Callable[..., Any], network: Path) -> None:
    done = trial(weights=str(network))
    done.train()
    assert done.events("finding") == []
    assert checkpoints.load(done.run.checkpoint).config["weights"] == str(network)


def test_training_is_that_of_ultralytics(trial: Callable[..., Any], tmp_path: Path) -> None:
    from ultralytics import YOLO

    done = trial(epochs=2, seed=7, nominal_batch=64)
    done.train()
    given = {"epochs": 2, "imgsz": 64, "batch": 4, "seed": 7, "patience": 14, "close_mosaic": 4, "device": "cpu"}
    data = done.run.work / "data" / "data.yaml"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        hand = YOLO("yolov8n.yaml")
        hand.train(data=str(data), project=str(tmp_path / "hand"), name="a", plots=False, verbose=False, **given)
    rows = [
        [float(value) for key, value in row.items() if "loss" in key or "metrics" in key]
        for file in (done.run.work / "yolo" / "results.csv", tmp_path / "hand" / "a" / "results.csv")
        for row in csv.DictReader(file.read_text().splitlines())
    ]
    assert rows[:2] == rows[2:]


@pytest.fixture(scope="module")
def rough(place: Workspace, tmp_path_factory: pytest.TempPathFactory) -> Trial:
    """A training and a prediction amid trouble: no weights here, half a state, an image that is none, a torn JPEG."""
    folder = tmp_path_factory.mktemp("rough")
    done = made(place, folder, weights="auto", augment=[{"name": "InvertImg", "p": 1}, "RandomResizedCrop"])
    last = done.run.work / "yolo" / "weights" / "last.pt"
    last.parent.mkdir(parents=True)
    last.write_bytes(b"half a file")
    rows = read_table(done.run.manifest, MANIFEST).to_pylist()
    torn = make_image(folder / "images" / "cut.jpg", (96, 72))
    torn.write_bytes(torn.read_bytes() + b"tail")
    rows[0]["path"] = str(torn)
    Path(rows[1]["path"]).write_bytes(b"no image")
    _rewrite(done.run.manifest, rows)
    done.train()
    done.predict()
    return done


def test_a_broken_training_state_starts_anew(rough: Trial) -> None:
    assert rough.epochs() == [1]
    assert any("starts anew" in event["text"] for event in rough.events("note"))


def test_chosen_steps_of_augmentation_reach_ultralytics(rough: Trial) -> None:
    told = yaml.safe_load((rough.run.work / "yolo" / "args.yaml").read_text())
    names = [one["transform"]["__class_fullname__"] for one in told["augmentations"]]
    assert names == ["InvertImg", "RandomResizedCrop"]


def test_an_unreadable_image_is_reported_and_left_out(rough: Trial) -> None:
    rows = read_table(rough.run.manifest, MANIFEST).to_pylist()
    found = [event["where"] for event in rough.events("finding") if event["code"] == "unreadable_image"]
    assert found == [rows[1]["path"]] * 2  # by training, and by prediction
    table = read_table(rough.run.predictions, PREDICTIONS).to_pylist()
    assert len(table) == 8
    assert table[1]["labels"] == []


def hollow(path: str) -> None:
    """Let a PNG keep its header and its end, and lose its pixels: only decoding shows that it is broken."""
    data = Path(path).read_bytes()
    at = data.index(b"IDAT")
    size = int.from_bytes(data[at - 4 : at])
    packed = zlib.compress(b"\0" * 40)
    chunk = len(packed).to_bytes(4) + b"IDAT" + packed + zlib.crc32(b"IDAT" + packed).to_bytes(4)
    Path(path).write_bytes(data[: at - 4] + chunk + data[at + size + 8 :])


def test_an_image_whose_pixels_are_broken_never_ends_a_training(trial: Callable[..., Any]) -> None:
    done = trial()
    paths = read_table(done.run.manifest, MANIFEST)["path"].to_pylist()
    for path in (paths[0], paths[-1]):  # of the training, and of the validation
        hollow(path)
        assert probe_one(Path(path)).error is None and read_image(path) is None
    done.train()
    assert done.epochs() == [1]
    told = [(one["where"], one["found"]) for one in done.events("finding")]
    assert sorted(told) == sorted((path, "one whose pixels are broken") for path in (paths[0], paths[-1]))


def test_a_split_of_broken_images_alone_ends_it_in_words(trial: Callable[..., Any]) -> None:
    done = trial()
    table = read_table(done.run.manifest, MANIFEST)
    for path, split in zip(table["path"].to_pylist(), table["split"].to_pylist(), strict=True):
        if split == "val":
            hollow(path)
    with pytest.raises(DataError, match=r"decoded in split val, found none; repair or replace"):
        done.train()


def test_a_cut_off_jpeg_is_mended_in_the_work_folder_only(rough: Trial) -> None:
    torn = Path(read_table(rough.run.manifest, MANIFEST)["path"][0].as_py())
    assert torn.read_bytes().endswith(b"tail")
    assert not torn.is_symlink()


def test_one_small_image_a_step_is_refused_with_the_size_that_works(trial: Callable[..., Any]) -> None:
    with pytest.raises(ConfigError, match="image_size of 64 or more"):
        trial(batch=1, image_size=32)
    trial(batch=2, image_size=32, epochs=1, mosaic=0.0)
    done = trial(batch=1, image_size=64)
    done.train()
    assert done.epochs() == [1]


def test_a_step_with_one_small_image_left_over_is_told(trial: Callable[..., Any]) -> None:
    done = trial(batch=5, image_size=32)  # of six
    with pytest.raises(ConfigError, match="a batch that leaves no single image over, or an image_size of 64 or more"):
        done.train()


def test_float_and_deep_images_are_learned_from(trial: Callable[..., Any], tmp_path: Path) -> None:
    done = trial()
    paths = read_table(done.run.manifest, MANIFEST)["path"].to_pylist()
    grey = cv2.imread(paths[0], cv2.IMREAD_GRAYSCALE)
    PIL.Image.fromarray((grey / 255).astype(np.float32)).save(tmp_path / "float.tif")
    (tmp_path / "float.tif").replace(paths[0])
    cv2.imwrite(paths[1], grey.astype(np.uint16) * 16)
    pillow_heif.register_heif_opener()
    PIL.Image.fromarray(cv2.imread(paths[6])).save(tmp_path / "photo.heic")
    (tmp_path / "photo.heic").replace(paths[6])  # of the validation
    done.train()
    done.predict()
    assert done.epochs() == [1] and not [one for one in done.events("finding") if one["code"] == "unreadable_image"]


def test_boxes_fit_the_image_as_shown(trial: Callable[..., Any], tmp_path: Path) -> None:
    from pipelines.images import read_image

    turned = make_image(tmp_path / "turned.jpg", (64, 48), orientation=6)
    image = read_image(str(turned))
    assert image is not None
    assert image.shape == (64, 48, 3)


def test_missing_weights_stop_when_asked_for(trial: Callable[..., Any], workspace: Workspace) -> None:
    with pytest.raises(WeightsMissing, match=f"yolov8n.pt in {workspace.weights}"):
        trial(weights="pretrained").train()


def test_missing_weights_are_a_warning_when_not_asked_for(rough: Trial) -> None:
    finding = rough.events("finding")[0]
    assert finding["code"] == "from_scratch"
    assert "yolov8n.pt" in finding["action"]


@pytest.mark.parametrize("split", ["train", "val"])
def test_an_empty_split_is_an_error_that_names_it(trial: Callable[..., Any], split: str) -> None:
    done = trial()
    rows = read_table(done.run.manifest, MANIFEST).to_pylist()
    _rewrite(done.run.manifest, [row for row in rows if row["split"] != split])
    with pytest.raises(DataError, match=f"labels in the split '{split}', found 0 samples"):
        done.train()


def test_running_out_of_memory_says_what_to_lower(trial: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    from pipelines.yolo import train

    def fail(*_: object) -> None:
        raise RuntimeError("CUDA out of memory. Tried to allocate 20 MiB")

    monkeypatch.setattr(train, "fit", fail)
    with pytest.raises(OutOfMemory, match="lower batch or image_size"):
        trial().train()


def test_a_weights_file_becomes_a_checkpoint(trial: Callable[..., Any], network: Path) -> None:
    done = trial()
    about = registry.adopter("detection")(network, done.run.checkpoint)
    assert about == {
        "classes": ["red", "green"], "sha256": checkpoints.sha256(network), "family": "yolo", "model": "yolov8n",
    }  # fmt: skip
    done.predict()
    assert any(row["labels"] for row in read_table(done.run.predictions, PREDICTIONS).to_pylist())


def test_a_file_of_another_kind_is_refused(tmp_path: Path) -> None:
    import torch

    for name, content, words in [
        ("a.pt", b"no pickle", "expected a YOLO weights file"),
        ("b.onnx", b"", "expected a weights file for object detection"),
    ]:
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CheckpointError, match=words):
            registry.adopter("detection")(tmp_path / name, tmp_path / "checkpoint")
    torch.save({"model": torch.nn.Linear(2, 2)}, tmp_path / "c.pt")
    with pytest.raises(CheckpointError):
        registry.adopter("detection")(tmp_path / "c.pt", tmp_path / "checkpoint")
    with pytest.raises(CheckpointError, match="found nothing at"):
        registry.adopter("detection")(tmp_path / "absent.pt", tmp_path / "checkpoint")


def test_a_classifier_is_no_detector(tmp_path: Path, workspace: Workspace) -> None:
    from pipelines.yolo.model import quiet

    quiet()
    import torch
    from ultralytics.nn.tasks import ClassificationModel

    torch.save({"model": ClassificationModel("yolov8n-cls.yaml", nc=2, verbose=False)}, tmp_path / "c.pt")
    with pytest.raises(CheckpointError, match="task 'detect', found one of the task 'classify'"):
        registry.adopter("detection")(tmp_path / "c.pt", tmp_path / "checkpoint")


def test_loading_a_pickle_runs_none_of_its_code(tmp_path: Path) -> None:
    import torch

    torch.save({"model": _Evil(tmp_path / "ran")}, tmp_path / "evil.pt")
    with pytest.raises(CheckpointError):
        registry.adopter("detection")(tmp_path / "evil.pt", tmp_path / "checkpoint")
    assert not (tmp_path / "ran").exists()


def test_classes_without_a_common_name_are_an_error(trial: Callable[..., Any], network: Path, tmp_path: Path) -> None:
    done = trial()
    registry.adopter("detection")(network, done.run.checkpoint)
    other = tmp_path / "other.parquet"
    _rewrite(other, [], classes=["cat", "dog"])
    with pytest.raises(ClassMismatch, match="the model knows red, green, the dataset has cat, dog"):
        done.predict(other)


def test_unlabeled_samples_of_any_size_are_predicted(trial: Callable[..., Any], network: Path, tmp_path: Path) -> None:
    done = trial()
    registry.adopter("detection")(network, done.run.checkpoint)
    sizes = [(200, 40), (40, 200), (30, 30), (97, 61)]
    rows = [
        {"sample_id": str(i), "path": str(make_image(tmp_path / f"n{i}.png", size, seed=i)), "width": size[0],
         "height": size[1] if i else 999, "labels": None}
        for i, size in enumerate(sizes)
    ]  # fmt: skip
    _rewrite(tmp_path / "new.parquet", rows, classes=[])
    done.predict(tmp_path / "new.parquet", predict_batch=2)
    assert read_table(done.run.predictions, PREDICTIONS)["sample_id"].to_pylist() == ["0", "1", "2", "3"]


def test_an_image_is_placed_as_ultralytics_does() -> None:
    from ultralytics.data.augment import LetterBox

    from pipelines.yolo.placing import place

    image = np.random.default_rng(0).integers(0, 255, (61, 64, 3), dtype=np.uint8)
    for canvas in ((64, 96), (96, 96), (96, 64)):
        ours = place(image, canvas, 64).pixels.numpy()
        theirs = LetterBox(canvas, scaleup=False)(image=image)[..., ::-1].transpose(2, 0, 1)
        assert np.array_equal(ours, theirs)


def _stop_in_epoch(done: Any, epoch: int) -> None:
    from pipelines.yolo import train

    class Impatient(train.Watch):
        def start_epoch(self, trainer: Any) -> None:
            super().start_epoch(trainer)
            if trainer.epoch + 1 == epoch and not done.epochs()[epoch - 1 :]:
                self.stop.set()

    patch = pytest.MonkeyPatch()
    patch.setattr(train, "Watch", Impatient)
    original = done.train

    def once() -> None:
        try:
            original()
        finally:
            patch.undo()
            done.train = original

    done.train = once


def _rewrite(path: Path, rows: list[dict[str, Any]], classes: list[str] | None = None) -> None:
    names = json.dumps(["red", "green"] if classes is None else classes)
    write_table(pa.Table.from_pylist(rows, schema=MANIFEST.with_metadata({"foveal.classes": names})), path)


class _Evil:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)
