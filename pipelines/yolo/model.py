"""Loading Ultralytics' models, quietly and without executing what a file may carry."""

import os
import shutil
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from datasets.workspace import Workspace, quiet_environment
from pipelines import checkpoints
from pipelines.errors import CheckpointError
from pipelines.yolo.kinds import Kind

CHECKED = (OSError, TypeError, ValueError, KeyError, RuntimeError, AttributeError, ModuleNotFoundError, EOFError)
CLASSES = {"detect": "DetectionModel", "segment": "SegmentationModel", "classify": "ClassificationModel"}


def quiet() -> None:
    """Import Ultralytics so that it stays inside the workspace and off the network. Call before any other use of it."""
    for name, value in quiet_environment(Workspace.current()).items():
        os.environ.setdefault(name, value)
    Path(os.environ["YOLO_CONFIG_DIR"]).mkdir(parents=True, exist_ok=True)
    from ultralytics.utils import SETTINGS, USER_CONFIG_DIR

    _give_fonts(USER_CONFIG_DIR)
    _give_back_pillow()
    wanted = dict.fromkeys(("sync", "clearml", "comet", "dvc", "mlflow", "raytune", "tensorboard", "wandb"), False)
    if any(SETTINGS.get(name) is not False for name in wanted):
        SETTINGS.update(wanted)


def load(weights: Path, wanted: str, device: str = "cpu", *, fuse: bool = False) -> tuple[Any, dict[str, Any]]:
    """The fp32 model of an Ultralytics file in eval mode, and the rest of the file.

    The file is unpickled with Ultralytics' allow-list of its own and torch's classes, so that loading it runs none of
    its code. Raises CheckpointError when it is no model of the `wanted` task: detect, segment or classify.
    """
    quiet()
    from ultralytics.nn import tasks

    tasks.SAFE_LOAD = True
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # files of older versions warn about themselves
            model, rest = tasks.load_checkpoint(weights, device=torch.device(device))
    except CHECKED as error:
        raise CheckpointError(
            f"{weights}: expected a YOLO weights file of Ultralytics (.pt), found {_first_line(error)}"
        ) from error
    task = tasks.guess_model_task(model.yaml) if isinstance(getattr(model, "yaml", None), dict) else "unknown"
    if task != wanted or not isinstance(model, getattr(tasks, CLASSES[wanted])):
        raise CheckpointError(f"{weights}: expected a model of the task {wanted!r}, found one of the task {task!r}")
    if hasattr(model, "end2end"):
        model.end2end = False  # as Ultralytics validates by default: the head that needs NMS scores higher
    return (model.fuse(verbose=False) if fuse else model), rest


def names(model: Any) -> list[str]:
    """Class names in the order of the model's outputs."""
    found = model.names
    return (
        [str(found[index]) for index in sorted(found)] if isinstance(found, Mapping) else [str(name) for name in found]
    )


def metrics(rest: Mapping[str, Any], kind: Kind) -> dict[str, float]:
    """The validation figures that Ultralytics stored in a weights file, under our names."""
    found = rest.get("train_metrics") or {}
    return {ours: float(found[theirs]) for theirs, ours in kind.figures.items() if theirs in found}


def adopt(weights: Path, checkpoint: Path, kind: Kind) -> dict[str, Any]:
    """Make a checkpoint folder from a weights file trained elsewhere.

    Returns `classes`, `sha256`, `family`, `model`. Raises CheckpointError when it is no model of this kind.
    """
    model, rest = load(weights, kind.name)
    arguments = rest.get("train_args") or {}
    size = arguments.get("imgsz") or kind.image_size
    size = max(size) if isinstance(size, (list, tuple)) else int(size)
    made = checkpoints.save(
        checkpoint, weights, task=kind.task, family="yolo", kind=kind.label_kind,
        config={"model": Path(str(arguments.get("model") or weights.name)).stem, "image_size": size},
        classes=names(model), preprocess=kind.preprocess(size), metrics=metrics(rest, kind),
    )  # fmt: skip
    return {"classes": list(made.classes), "sha256": made.sha256, "family": "yolo", "model": made.config["model"]}


def _give_fonts(folder: Path) -> None:
    """Ultralytics fetches a font when it opens a dataset, unless it finds one of that name: give it matplotlib's."""
    for name in ("Arial.ttf", "Arial.Unicode.ttf"):
        if not (folder / name).exists():
            import matplotlib

            folder.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(Path(matplotlib.get_data_path()) / "fonts" / "ttf" / "DejaVuSans.ttf", folder / name)


def _give_back_pillow() -> None:
    """Ultralytics puts a function of its own in place of `PIL.Image.open`, for everyone in this process: of a broken
    image it says that a package is missing. Pillow's own says what is wrong.
    """
    from PIL import Image
    from ultralytics.utils import patches

    Image.open = patches._image_open


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
