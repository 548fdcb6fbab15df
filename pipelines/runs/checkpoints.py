"""Checkpoint folders: weights, config, classes, preprocessing, metrics, versions.

They rebuild the model without the dataset. All but the weights is JSON, readable without torch.
"""

import json
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from hashlib import file_digest
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from datasets.kinds import DETECTIONS
from pipelines.errors import CheckpointError

FILES = ("config.json", "classes.json", "preprocess.json", "metrics.json", "versions.json")
PACKAGES = ("torch", "torchvision", "ultralytics-opencv-headless", "lightning", "numpy", "opencv-python-headless")


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint folder holds, apart from the weights themselves."""

    folder: Path
    weights: Path
    sha256: str
    task: str
    family: str
    config: Mapping[str, Any]
    classes: tuple[str, ...]
    preprocess: Mapping[str, Any]
    metrics: Mapping[str, Any]
    versions: Mapping[str, str]
    kind: str = DETECTIONS.name  # label kind of its predictions
    skeleton: Mapping[str, Any] | None = None  # of its key points, as `Skeleton.plain`; None where nobody described it


def save(
    folder: Path,
    weights: Path,
    *,
    task: str,
    family: str,
    config: Mapping[str, Any],
    classes: Sequence[str],
    preprocess: Mapping[str, Any],
    metrics: Mapping[str, Any],
    kind: str = DETECTIONS.name,
    skeleton: Mapping[str, Any] | None = None,
) -> Checkpoint:
    """Copy `weights` and write the rest beside them; the folder appears whole, in place of an earlier one.

    `kind` is the label kind of what the model predicts: detections, classification, classifications, segmentation,
    keypoints. `skeleton` says how key points are joined.
    """
    part = folder.with_name(folder.name + ".part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    shutil.copyfile(weights, part / weights.name)
    about = {"weights": weights.name, "sha256": sha256(part / weights.name), "packages": packages()}
    content = (
        {"task": task, "family": family, "kind": kind, "options": dict(config), "skeleton": skeleton},
        list(classes),
        preprocess,
        metrics,
        about,
    )
    for name, value in zip(FILES, content, strict=True):
        (part / name).write_text(json.dumps(value, indent=2, ensure_ascii=False), encoding="utf-8")
    if folder.exists():
        old = folder.with_name(folder.name + ".old")
        shutil.rmtree(old, ignore_errors=True)
        folder.rename(old)
        part.rename(folder)
        shutil.rmtree(old)
    else:
        part.rename(folder)
    return load(folder)


def load(folder: Path) -> Checkpoint:
    """Read a checkpoint folder. Raises CheckpointError that names what is missing or broken."""
    read = {}
    for name in FILES:
        try:
            read[name] = json.loads((folder / name).read_text(encoding="utf-8"))
        except (OSError, ValueError, RecursionError) as error:
            raise CheckpointError(
                f"{folder}: expected a readable {name} in the checkpoint folder, found {error}"
            ) from error
    config, classes, preprocess, metrics, about = (read[name] for name in FILES)
    try:
        weights = folder / Path(about["weights"]).name  # never a file elsewhere
        found = Checkpoint(
            folder, weights, about["sha256"], config["task"], config["family"], config["options"],
            tuple(classes), preprocess, metrics, about["packages"], config.get("kind", DETECTIONS.name),
            config.get("skeleton"),
        )  # fmt: skip
    except (KeyError, TypeError) as error:
        raise CheckpointError(f"{folder}: expected a complete checkpoint, {error} is missing; train again") from error
    if not weights.is_file():
        raise CheckpointError(f"{folder}: expected the weights {weights.name} in the checkpoint folder, found none")
    return found


def verified(found: Checkpoint) -> Checkpoint:
    """The checkpoint itself. Raises CheckpointError when its weights are not those that were written."""
    if sha256(found.weights) != found.sha256:
        raise CheckpointError(
            f"{found.weights}: expected the weights as they were written, found others; train again, or bring the "
            "file in as weights from elsewhere"
        )
    return found


def sha256(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal; remembered while size and time of the file stay the same."""
    stat = path.stat()
    return _digest(path, stat.st_size, stat.st_mtime_ns)


def packages() -> dict[str, str]:
    """Versions of the libraries that a model depends on, as far as they are installed."""
    return {name: found for name in PACKAGES if (found := _version(name))}


@lru_cache(maxsize=64)
def _digest(path: Path, size: int, changed: int) -> str:  # noqa: ARG001 - size and time are the cache's key
    with path.open("rb") as file:
        return file_digest(file, "sha256").hexdigest()


def _version(package: str) -> str | None:
    try:
        return version(package)
    except PackageNotFoundError:
        return None
