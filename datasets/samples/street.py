"""The media of `street`: what is rendered, where it is stored, and the labels of each image.

    <folder>/images/00000.jpg     the picture                     labels/00000.json   everything known about it
    <folder>/semantic/00000.png   index of SEMANTIC plus one      masks/00000_3.png   object 3, inside its box

The json is written last: an image that has one is finished, so a killed rendering continues where it stopped.
"""

import hashlib
import json
import multiprocessing
import os
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from datasets.records import SPLITS, Label, Progress, no_progress
from datasets.samples.rendering.mood import SCENES
from datasets.samples.rendering.render import SEMANTIC, Picture, render
from datasets.samples.rendering.scene import CLASSES, SIZE, Scene, compose
from datasets.speed.children import end_with_parent

COUNT = 306
SEED = 51
SHARES = (0.7, 0.15, 0.15)
QUALITY = 92
TARGETS = {i + 1: name for i, name in enumerate(SEMANTIC)}  # 0 is FiftyOne's background, which its App does not draw

__all__ = [
    "CLASSES",
    "COUNT",
    "SCENES",
    "SEED",
    "SEMANTIC",
    "SIZE",
    "TARGETS",
    "Shot",
    "StreetImage",
    "plan",
    "read",
    "shoot",
]
_RENAMED = {"track": "index"}  # attributes of files that were rendered by earlier versions


@dataclass(frozen=True)
class Shot:
    """One image to render: its place in the dataset, scene class, split and the seed of its scene."""

    number: int
    scene: str
    split: str
    seed: int


@dataclass(frozen=True)
class StreetImage:
    """A rendered image and its labels. Sizes are pixels; `frame` counts from 1 in a video, else None."""

    path: Path
    width: int
    height: int
    scene: str
    split: str | None
    semantic: Path
    objects: tuple[Label, ...]
    frame: int | None = None


def plan(count: int = COUNT, seed: int = SEED) -> list[Shot]:
    """The images of the dataset: scene classes in turn, splits drawn at random within every scene class."""
    rng = np.random.default_rng(seed)
    splits = [""] * count
    for first in range(len(SCENES)):
        members = rng.permutation(np.arange(first, count, len(SCENES)))
        ends = np.round(np.cumsum(SHARES) * len(members)).astype(int)
        for place, member in enumerate(members):
            splits[int(member)] = SPLITS[int(np.searchsorted(ends, place, side="right"))]
    return [Shot(i, SCENES[i % len(SCENES)], splits[i], seed * 100_000 + i) for i in range(count)]


def shoot(folder: Path, shots: Sequence[Shot], workers: int | None = None, progress: Progress = no_progress) -> None:
    """Render what is not finished yet, in parallel processes. `progress` may raise Cancelled: finished images stay."""
    for name in ("images", "semantic", "masks", "labels"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    missing = [shot for shot in shots if not _note(folder, _stem(shot)).exists()]
    parallel(_shoot_one, [(folder, shot) for shot in missing], workers, len(shots), progress)


def parallel(work: Any, tasks: Sequence[Any], workers: int | None, total: int, progress: Progress) -> None:
    """Run `work(task)` for all tasks in processes (in this one when `workers` is 1); progress counts to `total`."""
    done = total - len(tasks)
    progress(done, total)
    if workers == 1 or len(tasks) < 4:
        for task in tasks:
            work(task)
            done += 1
            progress(done, total)
        return
    crowd = workers or max(1, min(8, os.cpu_count() or 1))
    with ProcessPoolExecutor(crowd, multiprocessing.get_context("spawn"), _alone) as pool:
        waiting = [pool.submit(work, task) for task in tasks]
        try:
            for finished in as_completed(waiting):
                finished.result()
                done += 1
                progress(done, total)
        except BaseException:
            pool.shutdown(cancel_futures=True)  # without waiting, an abandoned pool would still do all the work
            raise


def read(folder: Path, stem: str) -> StreetImage:
    """What was rendered under this name. Raises FileNotFoundError when it is not finished."""
    kept = json.loads(_note(folder, stem).read_text())
    objects = tuple(
        Label(
            label=one["label"],
            box=(one["box"][0], one["box"][1], one["box"][2], one["box"][3]),
            id=one["id"],
            mask_path=str(folder / "masks" / one["mask"]),
            attributes={_RENAMED.get(name, name): value for name, value in one["attributes"].items()},
        )
        for one in kept["objects"]
    )
    image, semantic = folder / "images" / f"{stem}.jpg", folder / "semantic" / f"{stem}.png"
    return StreetImage(
        image, kept["width"], kept["height"], kept["scene"], kept["split"], semantic, objects, kept["frame"]
    )


def read_all(folder: Path, shots: Sequence[Shot]) -> list[StreetImage]:
    """All images of a plan, in order."""
    return [read(folder, _stem(shot)) for shot in shots]


def develop(
    folder: Path, stem: str, scene: Scene, name: str, split: str | None = None, *, frame: int | None = None
) -> Picture:
    """Render a scene and write its files; objects of a video carry their number, the same in all frames."""
    picture = render(scene)
    height, width = picture.semantic.shape
    objects = []
    for i, seen in enumerate(picture.objects):
        x, y, w, h = seen.box
        mask = f"{stem}_{i}.png"
        _write(folder / "masks" / mask, seen.mask)
        attributes: dict[str, object] = {"occlusion": round(1 - seen.visible, 3)}
        if frame is not None:
            attributes["index"] = seen.thing
        objects.append({"label": seen.label, "box": [x / width, y / height, w / width, h / height], "mask": mask,
                        "id": identity(folder.name, stem, str(i)), "attributes": attributes})  # fmt: skip
    _write(folder / "semantic" / f"{stem}.png", picture.semantic + 1)
    _write(folder / "images" / f"{stem}.jpg", picture.image[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    kept = {"width": width, "height": height, "scene": name, "split": split, "frame": frame, "objects": objects}
    part = _note(folder, stem).with_suffix(".part")
    part.write_text(json.dumps(kept))
    part.replace(_note(folder, stem))
    return picture


def identity(*words: str) -> str:
    """An id of 24 hexadecimal digits, always the same for the same words."""
    return hashlib.sha256("/".join(words).encode()).hexdigest()[:24]


def _shoot_one(task: tuple[Path, Shot]) -> None:
    folder, shot = task
    develop(folder, _stem(shot), compose(shot.seed, shot.scene), shot.scene, shot.split)


def _alone() -> None:
    end_with_parent()
    cv2.setNumThreads(1)


def _stem(shot: Shot) -> str:
    return f"{shot.number:05d}"


def _note(folder: Path, stem: str) -> Path:
    return folder / "labels" / f"{stem}.json"


def _write(path: Path, pixels: Any, options: Sequence[int] = ()) -> None:
    if not cv2.imwrite(str(path), pixels, list(options)):
        raise OSError(f"expected to write {path}, the image library refused; is the disk full?")
