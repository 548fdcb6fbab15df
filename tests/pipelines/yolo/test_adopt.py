"""A weights file tells its task."""

from pathlib import Path

import pytest

from datasets.workspace import Workspace
from pipelines import registry
from pipelines.errors import CheckpointError
from pipelines.jobs import queue
from pipelines.runs import checkpoints

CLASSES = {
    "yolov8n.yaml": "DetectionModel",
    "yolov8n-seg.yaml": "SegmentationModel",
    "yolo11n-cls.yaml": "ClassificationModel",
    "yolo11n-pose.yaml": "PoseModel",
}


@pytest.fixture
def weights(workspace: Workspace, tmp_path: Path) -> dict[str, Path]:
    """Untrained YOLO models, as Ultralytics writes them."""
    from pipelines.yolo.model import quiet

    quiet()
    import torch
    from ultralytics.nn import tasks

    made = {}
    for layout, name in CLASSES.items():
        model = getattr(tasks, name)(layout, nc=2, verbose=False)
        model.names = {0: "red", 1: "green"}
        made[layout] = tmp_path / f"{Path(layout).stem}-of-mine.pt"
        torch.save({"model": model, "train_args": {"imgsz": 64, "model": layout}}, made[layout])
    return made


def test_the_task_is_the_one_that_can_read_the_file(weights: dict[str, Path], tmp_path: Path) -> None:
    found = {layout: registry.adopt(file, tmp_path / layout) for layout, file in weights.items()}
    assert found == {
        "yolov8n.yaml": "detection",
        "yolov8n-seg.yaml": "instances",
        "yolo11n-cls.yaml": "classification",
        "yolo11n-pose.yaml": "pose",
    }
    for layout, task in found.items():
        assert checkpoints.load(tmp_path / layout).task == task
    with pytest.raises(CheckpointError, match="task 'detect', found one of the task 'segment'"):
        registry.adopt(weights["yolov8n-seg.yaml"], tmp_path / "wrong", "detection")


def test_a_file_of_no_task_says_what_every_task_expected(tmp_path: Path, workspace: Workspace) -> None:
    (tmp_path / "notes.pt").write_text("no weights")
    with pytest.raises(CheckpointError, match=r"none can read it: .*YOLO weights file"):
        registry.adopt(tmp_path / "notes.pt", tmp_path / "checkpoint")


def test_a_file_brought_in_becomes_a_run_of_its_task(weights: dict[str, Path], workspace: Workspace) -> None:
    run = queue.adopt(workspace, weights["yolov8n-seg.yaml"], name="mine")
    assert (run.request.task, run.request.name) == ("instances", "mine")
    assert checkpoints.load(run.checkpoint).classes == ("red", "green")
    assert queue.job(workspace, run.id).task == "instances"
