"""Files of Ultralytics become the models that they were written from."""

from pathlib import Path

import pytest
import torch

from pipelines.yolo import files


def written(model: torch.nn.Module, path: Path) -> Path:
    names = {number: f"class {number}" for number in range(model.yaml["nc"])}
    model.names, model.args, model.task = names, {"imgsz": 64}, "detect"
    torch.save({"model": model.half(), "train_args": {"imgsz": 64}}, path)
    return path


@pytest.mark.parametrize(
    ("network", "before", "after"),
    [("yolov8n", 80, 3), ("yolov8n", 3, 80), ("yolov10n", 80, 3), ("yolo11n", 80, 3), ("yolo26n", 80, 3)],
)
def test_a_head_keeps_the_width_of_the_weights_that_its_training_began_with(
    network: str, before: int, after: int, tmp_path: Path
) -> None:
    from ultralytics.nn.tasks import DetectionModel

    tuned = DetectionModel(f"{network}.yaml", nc=after, verbose=False)
    tuned.load(DetectionModel(f"{network}.yaml", nc=before, verbose=False))
    found = files.read(written(tuned, tmp_path / "best.pt"), "detect").model
    shapes = {name: value.shape for name, value in tuned.state_dict().items()}
    assert {name: value.shape for name, value in found.state_dict().items()} == shapes
    image = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(tuned.float().eval()(image)[0], found(image)[0])


def test_a_layout_that_says_more_classes_than_the_model_has_is_put_right(tmp_path: Path) -> None:
    from ultralytics.nn.tasks import PoseModel

    made = PoseModel("yolo11n-pose.yaml", nc=1, verbose=False)
    made.yaml["nc"], made.nc, made.names = 80, 1, {0: "person"}  # as in Ultralytics' yolo11n-pose.pt
    torch.save({"model": made.half(), "train_args": {"imgsz": 64}}, tmp_path / "pose.pt")
    found = files.read(tmp_path / "pose.pt", "pose")
    assert found.names == ("person",)
    image = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(made.float().eval()(image)[0], found.model(image)[0])
