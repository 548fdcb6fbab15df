"""Objects, by boxes, masks or key points, as Ultralytics reads them."""

from collections.abc import Callable, Mapping
from typing import Any

from pipelines.augment import transforms
from pipelines.instances.config import Config as MaskConfig
from pipelines.job import Job
from pipelines.objects.data import Manifest, ObjectImage, for_training
from pipelines.objects.options import ObjectsConfig
from pipelines.pose.config import Config as PoseConfig
from pipelines.yolo import outlines, pointed
from pipelines.yolo.data import prepare
from pipelines.yolo.lesson import Lesson


def boxes(job: Job[ObjectsConfig]) -> Lesson:
    """The boxes of a manifest. Raises DataError."""
    return _lesson(job, lines, arguments(job.config))


def masks(job: Job[MaskConfig]) -> Lesson:
    """The masks of a manifest, with their boxes. Raises DataError."""
    given = {**arguments(job.config), "mask_ratio": job.config.mask_ratio}
    return _lesson(job, outlines.lines, given, masks=True)


def points(job: Job[PoseConfig]) -> Lesson:
    """The key points of a manifest, with their boxes. Raises DataError."""
    config, manifest = job.config, for_training(job.manifest, points=True)
    given = {**arguments(config), "pose": config.points_gain, "kobj": config.seen_gain}
    return _learned(job, manifest, pointed.lines, given, pointed.described(manifest))


def lines(sample: ObjectImage) -> str:
    """`class x y width height` for every box, centres relative to the image."""
    centres = sample.boxes[:, :2] + sample.boxes[:, 2:] / 2
    rows = zip(sample.classes.tolist(), centres.tolist(), sample.boxes[:, 2:].tolist(), strict=True)
    return "".join(f"{number} {x!r} {y!r} {w!r} {h!r}\n" for number, (x, y), (w, h) in rows)


def arguments(config: ObjectsConfig) -> dict[str, Any]:
    """Options of tasks that find objects as Ultralytics' arguments.

    With those of `yolo.train.arguments`, `yolo train` gives the same model. Chosen steps take the place of the few
    that Ultralytics would take from albumentations, between mosaic and the options for colour and flips.
    """
    chosen = {"augmentations": transforms(config.augment, config.image_size)} if config.augment else {}
    return {
        "imgsz": config.image_size, "freeze": config.freeze or None,
        "mosaic": config.mosaic, "close_mosaic": config.close_mosaic,
        "mixup": config.mixup, "fliplr": config.flip_horizontal, "flipud": config.flip_vertical,
        "degrees": config.rotate, "translate": config.translate, "scale": config.scale,
        "hsv_h": config.hue, "hsv_s": config.saturation, "hsv_v": config.brightness,
        "iou": config.nms_iou, "max_det": config.max_detections, **chosen,
    }  # fmt: skip


def _lesson(
    job: Job[ObjectsConfig], lines: Callable[[ObjectImage], str], given: Mapping[str, Any], *, masks: bool = False
) -> Lesson:
    return _learned(job, for_training(job.manifest, masks=masks), lines, given)


def _learned(
    job: Job[Any], manifest: Manifest, lines: Callable[[ObjectImage], str], given: Mapping[str, Any],
    more: Mapping[str, Any] | None = None,
) -> Lesson:  # fmt: skip
    splits = {name: manifest.split(name) for name in ("train", "val")}
    source = prepare(job.run.work / "data", manifest.classes, manifest.revision, splits, lines, more=more)
    batch, skeleton = job.config.nominal_batch, manifest.skeleton
    return Lesson(manifest.classes, splits, source, job.config, given, batch, skeleton=skeleton)
