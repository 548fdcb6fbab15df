"""Video files: recognised by content, their frames decoded by OpenCV. Frames are counted from 1."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from datasets.images import pixels
from datasets.images.regular import open_regular

Array = np.ndarray[Any, Any]

HEAD = 64  # leading bytes to recognise a video by
STILLS = {b"avif", b"avis", b"mif1", b"msf1", b"miaf", b"crx ", b"jxl "}  # images in the same kind of container


@dataclass(frozen=True)
class About:
    """A video: width and height in pixels as shown, frames per second, and the number of frames by its header."""

    width: int
    height: int
    rate: float
    frames: int


def type_of(head: bytes) -> str | None:
    """MIME type of a video by its first bytes; None for anything else."""
    if head[4:8] == b"ftyp" and (head[8:12] in STILLS or head[8:11] in (b"hei", b"hev")):
        return None
    if head[4:8] == b"ftyp":
        return "video/quicktime" if head[8:12] == b"qt  " else "video/mp4"
    if head[:4] == b"\x1a\x45\xdf\xa3":
        return "video/webm" if b"webm" in head else "video/x-matroska"
    return "video/x-msvideo" if head[:4] == b"RIFF" and head[8:12] == b"AVI " else None


def is_video(path: Path | str) -> bool:
    """Whether a file is a video. Raises OSError for a file that cannot be read."""
    with open_regular(path) as stream:
        return type_of(stream.read(HEAD)) is not None


def about(path: Path | str) -> About:
    """What the header of a video says. Raises OSError."""
    with _opened(path) as video:
        return _about(video)


def first_frame(path: Path | str) -> Array:
    """The first frame (h, w, 3) as BGR. Raises OSError for a file that is no video, or has no frame."""
    for frame in frames(path):
        return frame
    raise OSError(f"{path}: expected a video with frames, found none that can be read")


def frames(path: Path | str) -> Iterator[Array]:
    """All frames (h, w, 3) as BGR, in order, until the first that cannot be read. Raises OSError."""
    with _opened(path) as video:
        while True:
            here, frame = video.read()
            if not here:
                return
            yield np.asarray(frame)


@contextmanager
def _opened(path: Path | str) -> Iterator[cv2.VideoCapture]:
    """The video, if its content is of a known type: others, such as playlists, could refer to files elsewhere."""
    if not is_video(path):
        raise OSError(f"{path}: expected a video, found none")
    video = cv2.VideoCapture(str(path), cv2.CAP_FFMPEG)
    try:
        if not video.isOpened():
            raise OSError(f"{path}: expected a video that can be read, found that its frames cannot be decoded")
        found = _about(video)
        pixels.check(found.width, found.height)
        yield video
    finally:
        video.release()


def _about(video: cv2.VideoCapture) -> About:
    width, height, frames_ = (
        int(video.get(what)) for what in (cv2.CAP_PROP_FRAME_WIDTH, cv2.CAP_PROP_FRAME_HEIGHT, cv2.CAP_PROP_FRAME_COUNT)
    )
    return About(width, height, float(video.get(cv2.CAP_PROP_FPS)), max(0, frames_))
