"""Nothing that Ultralytics leaves out, on a busy machine or a free one, is left out in silence."""

import itertools
import logging
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from datasets.tables import MANIFEST, PREDICTIONS, read_table
from datasets.workspace import Workspace
from pipelines import registry
from pipelines.detection.config import Config
from pipelines.objects.found import Found, from_corners
from pipelines.objects.predict import Limits
from pipelines.runs import checkpoints
from pipelines.yolo import detecting
from pipelines.yolo.model import quiet
from tests.pipelines.detection.conftest import Trial
from tests.pipelines.detection.conftest import network as make_network
from tests.pipelines.detection.conftest import trial as make_trial

network, trial = make_network, make_trial


@pytest.fixture
def slow(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine so busy that a minute goes by whenever Ultralytics looks at the clock."""
    quiet()
    from ultralytics.utils import nms

    ticks = itertools.count(0, 60)

    class Clock:
        @staticmethod
        def time() -> float:
            return float(next(ticks))

    monkeypatch.setattr(nms, "time", Clock)


def crowded(images: int, boxes: int, classes: int = 2) -> torch.Tensor:
    """What a network says (n, 4 + classes, boxes): boxes side by side, all of them of the first class."""
    said = torch.zeros(images, 4 + classes, boxes)
    said[:, 0] = torch.arange(boxes) * 20.0 + 10
    said[:, 1], said[:, 2], said[:, 3], said[:, 4] = 10.0, 10.0, 10.0, 0.5
    return said


@pytest.mark.usefixtures("slow")
def test_predictions_do_not_hang_on_what_else_the_machine_does(
    trial: Callable[..., Trial], network: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = trial()
    registry.adopter("detection")(network, done.run.checkpoint)
    done.predict()
    busy = read_table(done.run.predictions, PREDICTIONS).to_pylist()
    assert all(row["labels"] for row in busy)
    monkeypatch.undo()
    done.predict()
    assert read_table(done.run.predictions, PREDICTIONS).to_pylist() == busy


@pytest.mark.usefixtures("slow")
def test_nor_do_the_figures_of_validation() -> None:
    from ultralytics.models.yolo.detect import DetectionValidator
    from ultralytics.models.yolo.segment import SegmentationValidator

    for kind, extra in ((DetectionValidator, 0), (SegmentationValidator, 32)):
        validator = kind(args={"conf": 0.001, "iou": 0.7, "task": "detect"})
        validator.nc, validator.end2end = 2, False
        said: Any = torch.cat([crowded(3, 5), torch.zeros(3, extra, 5)], dim=1)
        if extra:
            said = (said, torch.zeros(3, 32, 8, 8)), None
            validator.process = lambda *_, **__: torch.zeros(0)
        assert [len(one["bboxes"]) for one in validator.postprocess(said)] == [5, 5, 5]


def test_boxes_are_those_of_ultralytics_and_limits_are_told() -> None:
    quiet()
    from ultralytics.utils.nms import non_max_suppression

    config = Config(max_detections=10)
    few, many = detecting.suppress(crowded(2, 9), config, 2)[0], detecting.suppress(crowded(2, 11), config, 2)[0]
    theirs = non_max_suppression(crowded(2, 11), 0.001, config.nms_iou, multi_label=True, max_det=10, nc=2)
    assert torch.equal(many.values, theirs[0])
    assert (few.cut, len(few.values), many.cut, len(many.values)) == (False, 9, True, 10)


def test_candidates_that_are_not_compared_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    quiet()
    monkeypatch.setattr(detecting, "COMPARED", 4)
    (found,) = detecting.suppress(crowded(1, 5), Config(max_detections=100), 2)
    assert (found.cut, len(found.values)) == (True, 4)


def test_what_limits_left_out_becomes_one_note_each() -> None:
    whole, _ = from_corners(np.array([[0, 0, 0.5, 0.5], [0, 0, 1, 1]]), np.array([0.5, 0.4]), np.array([0, 0]))
    masked = whole.with_masks([np.zeros((2, 2), np.uint8), np.full((2, 2), 255, np.uint8)])
    cut = Found(whole.xywh, whole.confidences, whole.classes, cut=True)
    limits = Limits(2)
    limits.count(whole)
    assert list(limits.findings()) == []
    limits.count(cut)
    limits.count(masked)
    first, second = limits.findings()
    assert (first.code, first.where, first.severity) == ("limit_reached", "1 of 3 images", "note")
    assert "raise max_detections" in first.action
    assert (second.code, second.where) == ("empty_mask", "1 objects")


def test_a_limit_that_is_reached_is_a_finding_of_the_run(trial: Callable[..., Trial], network: Path) -> None:
    done = trial()
    registry.adopter("detection")(network, done.run.checkpoint)
    done.predict(max_detections=1)
    (finding,) = done.events("finding")
    assert (finding["code"], finding["expected"]) == ("limit_reached", "fewer than 1 objects in an image")


def test_objects_that_ultralytics_leaves_out_are_counted(trial: Callable[..., Trial], tmp_path: Path) -> None:
    from tests.pipelines.detection.test_yolo import _rewrite

    done = trial()
    rows = read_table(done.run.manifest, MANIFEST).to_pylist()
    train = next(row for row in rows if row["split"] == "train" and row["labels"])
    train["labels"] = [*train["labels"], train["labels"][0], train["labels"][0]]
    total = sum(len(row["labels"]) for row in rows if row["split"] == "train")
    _rewrite(done.run.manifest, rows)
    done.train()
    (finding,) = done.events("finding")
    assert (finding["code"], finding["where"]) == ("objects_left_out", "split train")
    assert (finding["expected"].split()[0], finding["found"]) == (str(total), str(total - 2))


def test_a_broken_image_is_told_with_its_reason(trial: Callable[..., Trial], tmp_path: Path) -> None:
    from tests.helpers import make_image

    done = trial()
    make_image(tmp_path / "images" / "1.png", (8, 8))
    done.train()
    (finding,) = done.events("finding")
    assert finding["code"] == "unreadable_image"
    assert finding["found"] == "one of 8 x 8 px" and "10 px or more" in finding["expected"]


def test_a_training_that_goes_back_says_so(tmp_path: Path) -> None:
    from pipelines.runs.events import EventWriter, read_events
    from pipelines.yolo.watch import Watch

    class Trainer:
        epoch, batch_size, nan_recovery_attempts = 3, 4, 1

    watch = Watch({}, {}, 0, EventWriter(tmp_path / "events.jsonl"), threading.Event(), classes=())
    watch.start_epoch(Trainer())
    watch.start_epoch(Trainer())
    (event,) = read_events(tmp_path / "events.jsonl")[0]
    assert (event["code"], event["where"]) == ("went_back", "epoch 4")


def test_what_ultralytics_warns_of_becomes_a_note_once(tmp_path: Path) -> None:
    from pipelines.runs.events import EventWriter, read_events
    from pipelines.yolo.warned import told

    logger = logging.getLogger("test_limits")
    logger.setLevel(logging.DEBUG)
    with told(logger, EventWriter(tmp_path / "events.jsonl")):
        for _ in range(3):
            logger.warning("\x1b[34mtrain: \x1b[0m30.0GB RAM required, not caching images")
        logger.info("nothing to worry about")
    logger.warning("afterwards")
    assert logger.level == logging.DEBUG
    (event,) = read_events(tmp_path / "events.jsonl")[0]
    assert (event["kind"], event["text"]) == ("note", "Ultralytics: train: 30.0GB RAM required, not caching images")


def test_classes_keep_their_names_though_they_look_like_codes(trial: Callable[..., Trial]) -> None:
    from tests.pipelines.detection.test_yolo import _rewrite

    done = trial()
    names = {"red": "n01440764", "green": "green"}
    rows = read_table(done.run.manifest, MANIFEST).to_pylist()
    for row in rows:
        row["labels"] = [{**label, "label": names[label["label"]]} for label in row["labels"] or []]
    _rewrite(done.run.manifest, rows, classes=list(names.values()))
    done.train()
    assert checkpoints.load(done.run.checkpoint).classes == ("n01440764", "green")
