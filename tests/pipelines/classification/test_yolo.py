from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from datasets.tables import PREDICTIONS, read_table
from pipelines import registry
from pipelines.errors import CheckpointError, ConfigError
from pipelines.runs import checkpoints

pytestmark = pytest.mark.usefixtures("workspace")
TINY = {"model": "yolo11n-cls", "learn": "all", "image_size": 32, "batch": 4, "epochs": 2}


@pytest.fixture
def network(tmp_path: Path) -> Path:
    """A weights file of an untrained YOLO-cls that knows three colours, as Ultralytics writes it."""
    from pipelines.yolo.model import quiet

    quiet()
    import torch
    from ultralytics.nn.tasks import ClassificationModel

    torch.manual_seed(51)
    made = ClassificationModel("yolo11n-cls.yaml", nc=3, verbose=False)
    made.names = {0: "red", 1: "green", 2: "blue"}
    torch.save(
        {"model": made, "train_args": {"task": "classify", "imgsz": 32, "model": "yolo11n-cls.yaml"}},
        tmp_path / "untrained.pt",
    )
    return tmp_path / "untrained.pt"


def test_training_leaves_a_checkpoint_that_predicts(trial: Callable[..., Any]) -> None:
    done = trial(**TINY)
    done.train()
    found = checkpoints.load(done.run.checkpoint)
    assert (found.classes, found.kind, found.family) == (("red", "green", "blue"), "classification", "yolo")
    assert set(found.metrics) == {"accuracy", "top5"}
    assert found.preprocess["image_size"] == 32
    last = done.events("epoch")[-1]
    assert (last["epoch"], last["epochs"]) == (2, 2)
    assert {"train/loss", "val/loss", "accuracy", "top5", "lr"} <= set(last["metrics"])
    assert not done.events("finding") or {one["code"] for one in done.events("finding")} == {"from_scratch"}
    done.predict()
    for row in read_table(done.run.predictions, PREDICTIONS).to_pylist():
        (label,) = row["labels"]
        logits = np.array(label["logits"])
        chances = np.exp(logits) / np.exp(logits).sum()
        assert label["label"] == found.classes[logits.argmax()]
        assert label["confidence"] == pytest.approx(chances.max(), abs=1e-5)


def test_predictions_are_those_of_ultralytics(trial: Callable[..., Any], network: Path) -> None:
    from ultralytics import YOLO

    done = trial(**TINY)
    about = registry.adopter("classification")(network, done.run.checkpoint)
    assert about["classes"] == ["red", "green", "blue"]
    assert (about["family"], about["model"]) == ("yolo", "yolo11n-cls")
    done.predict()
    paths = read_table(done.run.manifest, _manifest_schema())["path"].to_pylist()
    theirs = YOLO(str(network)).predict(paths[:4], imgsz=32, verbose=False, device="cpu")
    rows = read_table(done.run.predictions, PREDICTIONS).to_pylist()
    for row, result in zip(rows, theirs, strict=False):
        logits = np.array(row["labels"][0]["logits"])
        assert np.allclose(np.exp(logits) / np.exp(logits).sum(), result.probs.data.numpy(), atol=1e-4)


def test_a_linear_probe_changes_the_last_layer_alone(trial: Callable[..., Any], network: Path) -> None:
    from pipelines.yolo.model import load

    done = trial(**{**TINY, "epochs": 1, "learn": "head", "weights": str(network)})
    done.train()
    before, _ = load(network, "classify")
    after, _ = load(checkpoints.load(done.run.checkpoint).weights, "classify")
    pairs = list(zip(before.named_parameters(), after.named_parameters(), strict=True))
    changed = {one[0].split(".")[1] for one, two in pairs if not one[1].data.allclose(two[1].data, atol=2e-3)}
    assert changed <= {str(len(before.model) - 1)}


def test_what_ultralytics_lacks_is_said(trial: Callable[..., Any]) -> None:
    with pytest.raises(ConfigError, match="which gives one; choose another model"):
        trial(kind="classifications", **TINY).train()
    with pytest.raises(ConfigError, match=r"option .mixup.: expected an option that acts for yolo11n-cls \(YOLO\)"):
        trial(**TINY, mixup=0.2).train()


def test_a_detector_is_no_classifier(tmp_path: Path) -> None:
    from pipelines.yolo.model import quiet

    quiet()
    import torch
    from ultralytics.nn.tasks import DetectionModel

    torch.save({"model": DetectionModel("yolov8n.yaml", nc=2, verbose=False)}, tmp_path / "d.pt")
    with pytest.raises(CheckpointError, match="task 'classify', found one of the task 'detect'"):
        registry.adopter("classification")(tmp_path / "d.pt", tmp_path / "checkpoint")


def _manifest_schema() -> Any:
    from datasets.tables import MANIFEST

    return MANIFEST


def test_what_speaks_for_a_class_is_mapped(tmp_path: Path, network: Path) -> None:
    from pipelines.classification.explain import explain
    from tests.helpers import make_image

    registry.adopter("classification")(network, tmp_path / "checkpoint")
    found = explain(tmp_path / "checkpoint", make_image(tmp_path / "a.png"), "green")
    assert (found.shape, found.dtype) == ((48, 64), np.float32)
    assert found.min() == 0 and found.max() in (0, 1)
