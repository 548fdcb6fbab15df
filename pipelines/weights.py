"""Pretrained weights: what exists, where it lies on this machine, and how to fetch it when a person allowed that."""

import os
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import get_args

from datasets.workspace import Workspace
from pipelines.checkpoints import sha256
from pipelines.detection.config import Model
from pipelines.errors import WeightsMissing

ULTRALYTICS = "https://github.com/ultralytics/assets/releases/download/v8.4.0"
TORCHVISION = "https://download.pytorch.org/models"
TORCHVISION_FILES = {  # file names as in torchvision's weights enums; the last part begins the SHA-256
    "fasterrcnn_resnet50_fpn_v2": "fasterrcnn_resnet50_fpn_v2_coco-dd69338a.pth",
    "fasterrcnn_mobilenet_v3_large_320_fpn": "fasterrcnn_mobilenet_v3_large_320_fpn-907ea3f9.pth",
}
CHUNK = 1 << 20


@dataclass(frozen=True)
class Weights:
    """One pretrained file: its model, its name, where its maker offers it, and where it lies here (None: nowhere)."""

    model: str
    file: str
    url: str
    path: Path | None


def folders(workspace: Workspace | None = None) -> list[Path]:
    """Where weights are looked for: `<home>/weights`, then the folders in FOVEAL_WEIGHTS (separated as in PATH)."""
    home = workspace or Workspace.current()
    extra = [Path(part).expanduser() for part in os.environ.get("FOVEAL_WEIGHTS", "").split(os.pathsep) if part]
    return [home.weights, *extra]


def known(workspace: Workspace | None = None) -> list[Weights]:
    """Every pretrained model, with the file found for it on this machine."""
    return [
        Weights(model, file, _url(file), _look(file, workspace))
        for model in get_args(Model)
        for file in [file_of(model)]
    ]


def file_of(model: str) -> str:
    """The file name of a model's pretrained weights."""
    return TORCHVISION_FILES.get(model, f"{model}.pt")


def find(name: str, workspace: Workspace | None = None) -> Path:
    """The weights file of this model, file name or path. Raises WeightsMissing that names file, folders and address."""
    given = Path(name).expanduser()
    if given.is_absolute() or os.sep in name:
        if given.is_file():
            return given
        raise WeightsMissing(f"expected a weights file, found nothing at {given}; check the path")
    file = file_of(name) if not given.suffix else name
    found = _look(file, workspace)
    if found is None:
        places = folders(workspace)
        where = ", ".join(str(place) for place in places)
        action = f"put the file into {places[0]}"
        if url := _url(file):
            action += f" (from {url}), or allow the download with allow_download=true"
        raise WeightsMissing(f"expected the weights file {file} in {where}, found none; {action}")
    return found


def download(
    name: str, workspace: Workspace | None = None, progress: Callable[[int, int], None] = lambda _done, _total: None
) -> Path:
    """Fetch the weights of a known model into `<home>/weights`. Call only when a person allowed it.

    `progress(done, total)` counts bytes. Raises WeightsMissing when the maker's address cannot be reached.
    """
    file = file_of(name) if not Path(name).suffix else name
    url, target = _url(file), folders(workspace)[0] / file
    if not url:
        raise WeightsMissing(f"expected the name of a known model, found {name!r}; put the file into {target.parent}")
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(target.name + ".part")
    try:
        _fetch(url, part, progress)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise WeightsMissing(
            f"expected to fetch {file} from {url}, found {error}; put the file into {target.parent} by hand"
        ) from error
    if file in TORCHVISION_FILES.values() and not sha256(part).startswith(file.rpartition("-")[2].removesuffix(".pth")):
        part.unlink()
        raise WeightsMissing(f"{url}: expected a file whose SHA-256 begins as its name says, found another; try again")
    part.replace(target)
    return target


def _look(file: str, workspace: Workspace | None) -> Path | None:
    return next((path for folder in folders(workspace) if (path := folder / file).is_file()), None)


def _url(file: str) -> str:
    if file in TORCHVISION_FILES.values():
        return f"{TORCHVISION}/{file}"
    return f"{ULTRALYTICS}/{file}" if file.removesuffix(".pt") in get_args(Model) else ""


def _fetch(url: str, target: Path, progress: Callable[[int, int], None]) -> None:
    with urllib.request.urlopen(url, timeout=30) as source, target.open("wb") as file:  # noqa: S310 - constant https
        total, done = int(source.headers.get("Content-Length") or 0), 0
        while chunk := source.read(CHUNK):
            file.write(chunk)
            done += len(chunk)
            progress(done, total)
    if total and done != total:
        raise OSError(f"{done} of {total} bytes")
