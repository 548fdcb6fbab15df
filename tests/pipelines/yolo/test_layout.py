"""Every layout that Ultralytics offers for our tasks is taken; whatever else stands in one is refused."""

from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest
import torch

from datasets.workspace import Workspace
from pipelines import registry
from pipelines.errors import CheckpointError
from pipelines.yolo import building, files, layout
from pipelines.yolo.model import cleaned, load, quiet
from tests.pipelines.foreign.hostile import yolo

KINDS = {
    "detection": "DetectionModel", "instances": "SegmentationModel", "classification": "ClassificationModel",
    "pose": "PoseModel",
}  # fmt: skip
MODELS = [
    (KINDS[task], name) for task in KINDS for name in registry.task(task).models if name.startswith("yolo")
    if name.removesuffix("-seg").removesuffix("-cls").removesuffix("-pose").endswith(("n", "t"))
]  # fmt: skip

pytestmark = pytest.mark.usefixtures("workspace")


@pytest.mark.parametrize(("kind", "name"), MODELS, ids=[name for _, name in MODELS])
def test_every_model_that_is_offered_has_a_layout_that_is_taken(kind: str, name: str) -> None:
    quiet()
    from ultralytics.nn import tasks

    plan = layout.checked(tasks.yaml_model_load(f"{name}.yaml"))
    with torch.device("meta"), building._Budget() as budget:
        made = building._made(getattr(tasks, kind), plan)
    assert 0 < sum(value.numel() for value in made.parameters()) < budget.made < building.BUDGET / 5


PLAIN: dict[str, Any] = {
    "nc": 2, "scales": {"n": [0.33, 0.25, 1024]}, "scale": "n", "activation": "nn.SiLU()",
    "backbone": [[-1, 1, "Conv", [64, 3, 2]]], "head": [[[0, -1], 1, "Detect", ["nc"]]],
}  # fmt: skip


@pytest.mark.parametrize(
    "activation",
    ["nn.SiLU()", "torch.nn.ReLU()", "nn.LeakyReLU(0.1)", "nn.LeakyReLU(negative_slope=0.1, inplace=True)",
     "nn.ELU(-1e-3)"],
)  # fmt: skip
def test_activations_of_torch_are_taken(activation: str) -> None:
    assert layout.checked({**PLAIN, "activation": activation})["activation"] == activation


@pytest.mark.parametrize(
    "activation",
    ["__import__('os').system('true')", "nn.SiLU() or print()", "nn.SiLU(print())", "nn.Sequential()", "(nn.SiLU())",
     "nn.Linear(1, 1)", "nn.SiLU().__class__()", "nn.SiLU();1", "nn.utils.SiLU()", "torch.hub.load()",
     "nn.SiLU(__doc__)", "nn.SiLU()\nprint()", "lambda: 0", "nn.Module.__init__()", "", 3, ["nn.SiLU()"],
     "nn.LeakyReLU(1" + "0" * 200 + ")"],
)  # fmt: skip
def test_other_text_is_refused_as_an_activation(activation: Any) -> None:
    with pytest.raises(CheckpointError, match="Ultralytics would run that text as code"):
        layout.checked({**PLAIN, "activation": activation})


LIES = [
    (["backbone", 0, 2], "TorchVision"), (["backbone", 0, 2], "nn.Module"), (["backbone", 0, 2], "torchvision.ops.nms"),
    (["backbone", 0, 2], "nn.functional"), (["backbone", 0, 2], "__builtins__"), (["backbone", 0, 2], 3),
    (["backbone", 0, 3], ["__class__"]), (["backbone", 0, 3], ["layers"]), (["backbone", 0, 3], [{"a": 1}]),
    (["backbone", 0, 3], [10**9]), (["backbone", 0, 3], [float("inf")]), (["backbone", 0, 3], [1] * 17),
    (["backbone", 0, 3], "nc"), (["backbone", 0, 1], 10**9), (["backbone", 0, 1], -1), (["backbone", 0, 1], True),
    (["backbone", 0, 0], 10**9), (["backbone", 0, 0], "x"), (["backbone"], "Conv"), (["backbone", 0], [1]),
    (["backbone"], [[-1, 100, "Conv", [64, 3, 2]]] * 100), (["nc"], 10**9), (["nc"], "2"), (["nc"], 0),
    (["scales"], {"n": [1e9, 1, 1]}), (["scales"], {"n": "abc"}), (["scales"], {"../n": [1, 1, 1]}), (["scale"], "x"),
    (["scale"], "a" * 99), (["depth_multiple"], float("nan")), (["reg_max"], 10**6), (["end2end"], "yes"),
    (["channels"], 10**6),
]  # fmt: skip


@pytest.mark.parametrize(("place", "lie"), LIES, ids=[f"{place}-{str(lie)[:20]}" for place, lie in LIES])
def test_other_words_and_numbers_are_refused(place: list[Any], lie: Any) -> None:
    said = deepcopy(PLAIN)
    spot: Any = said
    for part in place[:-1]:
        spot = spot[part]
    spot[place[-1]] = lie
    with pytest.raises(CheckpointError, match="expected"):
        layout.checked(said)


def test_what_is_not_needed_is_left_out() -> None:
    assert layout.checked({**PLAIN, "yaml_file": "/etc/passwd", "download": "exit()", "text_model": "clip:x"}) == PLAIN


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("DetectionModel", "yolov8n.yaml"),
        ("SegmentationModel", "yolo11n-seg.yaml"),
        ("ClassificationModel", "yolo11n-cls.yaml"),
    ],
)
def test_a_model_says_what_it_says_to_ultralytics(kind: str, name: str, tmp_path: Path, workspace: Workspace) -> None:
    from ultralytics.nn.tasks import load_checkpoint

    torch.manual_seed(3)
    file = yolo(tmp_path / "mine.pt", kind=kind, layout=name)
    task = next(task for task, of in files.CLASSES.items() if of == kind)
    theirs, _ = load_checkpoint(file)
    copy = cleaned(file, task, tmp_path / "clean")
    again, _ = load_checkpoint(copy)
    pixels = torch.rand(1, 3, 64, 64)
    with torch.inference_mode():
        said = [_flat(one(pixels)) for one in (theirs, load(file, task)[0], load(copy, task)[0])]
    assert all(torch.equal(*pair) for pair in zip(said[0], said[1], strict=True))
    assert again.names == theirs.names
    assert torch.allclose(said[0][0], said[2][0], atol=1e-1)  # a file is written in half precision


def test_values_that_multiply_are_refused() -> None:
    many: Any = "word"
    for _ in range(5):
        many = [many] * 100
    deep: Any = []
    for _ in range(100):
        deep = [deep]
    for value in (many, deep):
        with pytest.raises(CheckpointError, match="nested 8 deep at most"):
            files.plain({"train_args": value})


def test_the_process_is_left_as_it_was(tmp_path: Path) -> None:
    quiet()
    from ultralytics.nn.modules.conv import Conv

    before, state = Conv.default_act, torch.get_rng_state()
    load(yolo(tmp_path / "a.pt", activation="nn.ReLU()"), "detect")
    with pytest.raises(CheckpointError):
        load(yolo(tmp_path / "b.pt", activation="nn.ReLU()", head=[[-1, 1, "Detect", ["nc", 1, 1]]]), "detect")
    assert Conv.default_act is before
    torch.set_rng_state(state)
    load(tmp_path / "a.pt", "detect")
    assert torch.equal(torch.get_rng_state(), state)


def _flat(said: Any) -> list[torch.Tensor]:
    if isinstance(said, torch.Tensor):
        return [said]
    return [one for part in (said.values() if isinstance(said, dict) else said) for one in _flat(part)]
