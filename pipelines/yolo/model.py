"""Ultralytics' models: loaded quietly, from files that are read as plain data."""

import math
import os
import shutil
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from datasets.workspace import SAFE, Workspace, quiet_environment
from pipelines.families import Family
from pipelines.runs import checkpoints
from pipelines.yolo import files
from pipelines.yolo.heads import HEADS, Head


def quiet() -> None:
    """Import Ultralytics so that it stays inside the workspace and off the network. Call before any other use of it."""
    for name, value in quiet_environment(Workspace.current()).items():
        os.environ.setdefault(name, value)
    os.environ.update(SAFE)
    Path(os.environ["YOLO_CONFIG_DIR"]).mkdir(parents=True, exist_ok=True)
    from ultralytics.utils import SETTINGS, USER_CONFIG_DIR

    _give_fonts(USER_CONFIG_DIR)
    _give_back_pillow()
    _take_time()
    wanted = dict.fromkeys(("sync", "clearml", "comet", "dvc", "mlflow", "raytune", "tensorboard", "wandb"), False)
    if any(SETTINGS.get(name) is not False for name in wanted):
        SETTINGS.update(wanted)


def load(weights: Path, wanted: str, device: str = "cpu", *, fuse: bool = False) -> tuple[Any, dict[str, Any]]:
    """The fp32 model of an Ultralytics file in eval mode, and what else the file says in words, numbers and tensors.

    Nothing that the file holds is run: it is read as plain data, and the model is built from its layout. Raises
    CheckpointError when it is no model of the `wanted` task: detect, segment, pose or classify.
    """
    quiet()
    found = files.read(weights, wanted)
    model = found.model.to(device)
    if hasattr(model, "end2end"):
        model.end2end = False  # as Ultralytics validates by default: the head that needs NMS scores higher
    return (model.fuse(verbose=False) if fuse else model), {**found.rest, "train_args": found.arguments}


def cleaned(weights: Path, wanted: str, folder: Path) -> Path:
    """A file of the same name in a folder, written here from what another one says: Ultralytics may open it.

    Raises CheckpointError as `load`.
    """
    quiet()
    found = files.read(weights, wanted)
    files.write(folder / weights.name, found.model, {"train_args": {"task": wanted, **found.arguments}})
    return folder / weights.name


def names(model: Any) -> list[str]:
    """Class names in the order of the model's outputs."""
    found = model.names
    return (
        [str(found[index]) for index in sorted(found)] if isinstance(found, Mapping) else [str(name) for name in found]
    )


def metrics(rest: Mapping[str, Any], head: Head) -> dict[str, float]:
    """The validation figures that Ultralytics stored in a weights file, under our names."""
    found = rest.get("train_metrics")
    told = found if isinstance(found, Mapping) else {}
    values = {ours: told.get(theirs) for theirs, ours in head.figures.items()}
    return {name: float(one) for name, one in values.items() if isinstance(one, int | float) and math.isfinite(one)}


def adopt(weights: Path, checkpoint: Path, task: str, family: Family) -> dict[str, Any]:
    """Make a checkpoint folder from a weights file trained elsewhere.

    Returns `classes`, `sha256`, `family`, `model`. Raises CheckpointError when it is no model with this head.
    """
    head = HEADS[family.part]
    model, rest = load(weights, head.name)
    arguments = rest["train_args"]
    size = arguments.get("imgsz", head.image_size)
    made = checkpoints.save(
        checkpoint, weights, task=task, family=family.name, kind=head.label_kind,
        config={"model": Path(arguments.get("model", weights.name)).stem, "image_size": size},
        classes=names(model), preprocess=head.preprocess(size), metrics=metrics(rest, head),
    )  # fmt: skip
    return {"classes": list(made.classes), "sha256": made.sha256, "family": family.name, "model": made.config["model"]}


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


def _take_time() -> None:
    """Ultralytics' suppression of boxes gives up after a time and leaves the other images of a batch empty, whoever
    calls it: its figures would depend on what else the machine does. It has no limit here, in validation neither.
    """
    from ultralytics.utils import nms

    if not isinstance(nms.non_max_suppression, partial):
        nms.non_max_suppression = partial(nms.non_max_suppression, max_time_img=math.inf)
