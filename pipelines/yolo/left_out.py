"""What Ultralytics left out of a dataset when it read it: it says so in its log alone, and goes on."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from datasets.images.probe import probe_one
from datasets.records import Finding
from pipelines.errors import DataError
from pipelines.images import read_image
from pipelines.yolo.data import SUFFIXES, LinkedImage, sample_id

LEAST = 10  # px; Ultralytics takes no image with a shorter side
IGNORED = ": ignoring corrupt image"  # how Ultralytics begins the reason


def left_out(split: str, samples: Sequence[LinkedImage], dataset: Any, folder: Path) -> Iterator[Finding]:
    """Findings about the samples of a split that are not in Ultralytics' dataset, and about objects that are not.

    `folder` is the one that it read.
    """
    read = _read(dataset)
    for sample in samples:
        if sample.id not in read:
            expected, action = f"a readable image of {LEAST} px or more", "it is left out of training"
            yield Finding("warning", "unreadable_image", sample.path, expected, _why(dataset, folder, sample), action)
    told = [(len(getattr(sample, "boxes", ())), read[sample.id]) for sample in samples if sample.id in read]
    given, kept = (sum(counts) for counts in zip(*told, strict=True)) if told else (0, 0)
    if kept < given:
        yield Finding(
            "warning", "objects_left_out", f"split {split}", f"{given} objects that differ and have a pixel", f"{kept}",
            "exact duplicates and masks without a pixel are not learned; look for them in the review",
        )  # fmt: skip


def discard_broken(folder: Path, splits: Mapping[str, Sequence[LinkedImage]]) -> bool:
    """Remove the images of a prepared folder whose pixels cannot be decoded, though their headers are whole.

    Returns whether there were some: all are decoded, since Ultralytics stops at the first that it meets. Raises
    DataError for a split of which nothing is left.
    """
    files = {sample_id(path.name): path for path in folder.rglob("*_*.*") if path.suffix in SUFFIXES}
    found = False
    for split, samples in splits.items():
        here = [sample for sample in samples if sample.id in files]
        with ThreadPoolExecutor() as pool:
            bad = [one for one, fine in zip(here, pool.map(_decodes, here), strict=True) if not fine]
        if here and len(bad) == len(here):
            expected = f"expected images that can be decoded in split {split}, found none"
            raise DataError(f"{bad[0].path}: {expected}; repair or replace them")
        for sample in bad:
            files[sample.id].unlink()
        found = found or bool(bad)
    return found


def _decodes(sample: LinkedImage) -> bool:
    return read_image(sample.path) is not None


def _read(dataset: Any) -> Mapping[str, int]:
    """Number of objects by sample, in a dataset of objects; 0 in one of whole images."""
    if hasattr(dataset, "labels"):
        return {sample_id(one["im_file"]): len(one["cls"]) for one in dataset.labels}
    return {sample_id(sample[0]): 0 for sample in dataset.samples}


def _why(dataset: Any, folder: Path, sample: LinkedImage) -> str:
    """Why Ultralytics could not read a sample: what is wrong with its file, else what Ultralytics says itself."""
    seen = probe_one(Path(sample.path))
    if seen.error:
        return seen.detail
    if min(seen.width, seen.height) < LEAST:
        return f"one of {seen.width} x {seen.height} px"
    if not _decodes(sample):
        return "one whose pixels are broken"
    from ultralytics.data import utils

    image = next((str(path) for path in sorted(folder.rglob(f"*_{sample.id}.*"))), "")
    if hasattr(dataset, "labels"):
        (label,) = utils.img2label_paths([image])
        points, (count, numbers) = getattr(dataset, "use_keypoints", False), dataset.data.get("kpt_shape", (0, 0))
        given = (image, label, "", points, len(dataset.data["names"]), count, numbers, False)
        said = utils.verify_image_label(given)[-1]
    else:
        said = utils.verify_image(((image, 0), ""))[-1]
    return str(said).partition(IGNORED)[2].partition(": ")[2].replace(image, "the image")[:300] or "none"
