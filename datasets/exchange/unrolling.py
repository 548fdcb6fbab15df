"""From videos to their canonical form: a dataset of images, one for each frame, with `sequence` and `frame_number`."""

import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cv2

from datasets.errors import DatasetsError
from datasets.images import keeping, videos
from datasets.records import FRAME_NUMBER, SEQUENCE, Progress, no_progress
from datasets.storage import collection, documents, frame_collection, layout, store
from datasets.workspace import Workspace

QUALITY = 95


def unroll(dataset: str, name: str, progress: Progress = no_progress) -> int:
    """Make the dataset `name` of all frames of a dataset of videos, with the labels and the split of each.

    Images are JPEG files of the workspace. The dataset gets its name once it is complete. Returns the number of frames.
    Raises DatasetNotFound, DatasetExists, DatasetsError for a dataset of images, OSError for a file that is no video.
    """
    found = documents.of(dataset)
    if not layout.is_video(found):
        raise DatasetsError(f"expected a dataset of videos, found {dataset!r}, which holds images")
    labelled = [one for one in layout.frame_fields(found) if one.label_kind]
    hidden = f".{name}"
    if store.exists(hidden):
        store.delete(hidden)
    kinds = {one.name: str(one.label_kind) for one in labelled}
    store.create(hidden, kinds, store.summary(dataset).classes, {SEQUENCE: "string", FRAME_NUMBER: "int"})
    try:
        made = collection.insert(hidden, _samples(dataset, [one.stored for one in labelled]), None, progress)
        store.rename(hidden, name)
    except BaseException:
        store.delete(hidden)
        raise
    return len(made)


def _samples(dataset: str, fields: list[str]) -> Iterator[dict[str, Any]]:
    folder = Workspace.current().images
    for video in collection.stream(dataset):
        key, path = str(video["_id"]), video["filepath"]
        known = frame_collection.stream(dataset, {}, dict.fromkeys(fields, 1), [key])
        held = next(known, None)
        for number, pixels in enumerate(videos.frames(path), start=1):
            while held is not None and held["frame_number"] < number:
                held = next(known, None)
            values = held if held is not None and held["frame_number"] == number else {}
            yield _sample(_kept(pixels, folder), pixels, video, {field: values.get(field) for field in fields}, number)


def _sample(
    path: Path, pixels: videos.Array, video: dict[str, Any], values: dict[str, Any], number: int
) -> dict[str, Any]:
    about = collection.image_metadata(pixels.shape[1], pixels.shape[0], path.stat().st_size, "image/jpeg", 3)
    place = {SEQUENCE: str(video["_id"]), FRAME_NUMBER: number, "split": video.get("split")}
    return collection.sample_document(str(path), about, tags=video.get("tags") or (), **place, **values)


def _kept(pixels: videos.Array, folder: Path) -> Path:
    """The frame as a JPEG of the workspace, named by its content."""
    done, data = cv2.imencode(".jpg", pixels, [cv2.IMWRITE_JPEG_QUALITY, QUALITY])
    if not done:
        raise OSError(f"expected to write a frame of {pixels.shape} as JPEG, found that OpenCV could not")
    part = folder / f".frame.{os.getpid()}-{threading.get_ident()}.jpg"
    folder.mkdir(parents=True, exist_ok=True)
    part.write_bytes(data.tobytes())
    try:
        return Path(keeping.adopt(part, folder))
    finally:
        part.unlink()
