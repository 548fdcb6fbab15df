"""A bare folder of images, at any depth, without labels. Top folders named train, val or test become splits."""

from pathlib import Path

from datasets.exchange.formats.base import Draft, Findings, Sniff, Source
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.bounds import Bounds
from datasets.kinds import CLASSIFICATION, CLASSIFICATIONS, DETECTIONS, KEYPOINTS, SEGMENTATION
from datasets.records import Finding, ImageRecord, Progress, no_progress

NAME = "images"
TITLE = "Folder of images"
ACCEPTS = (DETECTIONS, CLASSIFICATION, CLASSIFICATIONS, SEGMENTATION, KEYPOINTS, None)


def sniff(path: Path) -> Sniff:
    """Any folder that holds an image, however deep; the weakest of all claims."""
    if path.is_dir() and any(files.is_image(file.name) for file in files.walk(path)):
        return Sniff(0.1, "a folder that holds images")
    return Sniff(0.0)


def read(path: Path, progress: Progress = no_progress, bounds: Bounds | None = None) -> Source:  # noqa: ARG001
    """Every image below `path`, in the order of names."""
    findings = Findings()
    records: list[ImageRecord] = []
    for file in files.images_below(path, findings):
        progress(len(records), 0)
        records.append(ImageRecord(files.resolved(file), split=_split(file.relative_to(path))))
    return Source(tuple(records), (), None, findings.all())


def write(draft: Draft, folder: Path, progress: Progress = no_progress) -> tuple[Finding, ...]:
    """Images in one folder per split; labels are not written."""
    for done, (record, name) in enumerate(zip(draft.records, files.file_names(draft.records), strict=True)):
        files.place(record.path, folder / (record.split or "") / name, draft.media)
        progress(done + 1, len(draft.records))
    return ()


def _split(relative: Path) -> str | None:
    return files.split_of(relative.parts[0]) if len(relative.parts) > 1 else None
