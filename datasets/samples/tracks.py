"""The video of `street`: a slow walk along a street, its frames, an mp4, and the tracks in the MOT challenge's columns.

<folder>/images/00001.jpg ...   video.mp4   gt.txt (frame, track, x, y, width, height, 1, class, visibility)
"""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import cv2

from datasets.records import Progress, no_progress
from datasets.samples.rendering.scene import CLASSES, Scene, compose
from datasets.samples.street import SIZE, StreetImage, develop, parallel, read

FRAMES = 75
RATE = 15
SCENE = "day"
SEED = 514


def film(folder: Path, frames: int = FRAMES, workers: int | None = None, progress: Progress = no_progress) -> None:
    """Render the frames that are missing, then the mp4 and the tracks."""
    for name in ("images", "semantic", "masks", "labels"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    missing = [n for n in range(1, frames + 1) if not (folder / "labels" / f"{_stem(n)}.json").exists()]
    parallel(_shoot_frame, [(folder, n) for n in missing], workers, frames, progress)
    if not (folder / "gt.txt").exists():
        _write_video(folder, frames)
        _write_tracks(folder, read_frames(folder, frames))


def read_frames(folder: Path, frames: int = FRAMES) -> list[StreetImage]:
    """All frames with their labels, in order."""
    return [read(folder, _stem(n)) for n in range(1, frames + 1)]


def moment(scene: Scene, seconds: float) -> Scene:
    """The scene some time later: things have moved on, the camera has walked ahead."""
    x, y, z = scene.camera.eye
    camera = replace(scene.camera, eye=(x, y + 0.5 * seconds, z))
    return replace(scene, camera=camera, things=tuple(thing.later(seconds) for thing in scene.things))


def _shoot_frame(task: tuple[Path, int]) -> None:
    folder, number = task
    develop(folder, _stem(number), moment(compose(SEED, SCENE), (number - 1) / RATE), SCENE, frame=number)


def _stem(number: int) -> str:
    return f"{number:05d}"


def _write_video(folder: Path, frames: int) -> None:
    part = folder / "video.part.mp4"
    writer = cv2.VideoWriter(str(part), cv2.VideoWriter.fourcc(*"mp4v"), float(RATE), SIZE)
    if not writer.isOpened():
        raise OSError(f"expected to write {part}, OpenCV found no mp4 encoder; reinstall opencv-python-headless")
    for number in range(1, frames + 1):
        image = cv2.imread(str(folder / "images" / f"{_stem(number)}.jpg"))
        if image is not None:
            writer.write(image)
    writer.release()
    part.replace(folder / "video.mp4")


def _write_tracks(folder: Path, images: Sequence[StreetImage]) -> None:
    rows = []
    for image in images:
        for one in image.objects:
            if one.box is not None:
                x, y, w, h = (v * s for v, s in zip(one.box, (image.width, image.height) * 2, strict=True))
                seen = 1 - float(str(one.attributes["occlusion"]))
                rows.append(f"{image.frame},{one.index},{x:.0f},{y:.0f},{w:.0f},{h:.0f},1,"
                            f"{CLASSES.index(one.label) + 1},{seen:.3f}")  # fmt: skip
    part = folder / "gt.part"
    part.write_text("\n".join(rows) + "\n")
    part.replace(folder / "gt.txt")
