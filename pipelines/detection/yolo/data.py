"""A manifest as the folder that Ultralytics reads: links to the images, label files, one yaml."""

from collections.abc import Sequence
from pathlib import Path

import yaml

from pipelines.detection.data import Manifest, Sample

SUFFIXES = {
    ".avif",
    ".bmp",
    ".dng",
    ".heic",
    ".heif",
    ".jp2",
    ".jpeg",
    ".jpg",
    ".mpo",
    ".png",
    ".tif",
    ".tiff",
    ".webp",
}


def prepare(manifest: Manifest, folder: Path) -> Path:
    """Write `<folder>/data.yaml` and what it names; returns the yaml. A folder of the same revision is used again.

    Image names begin with their rank by original path, so that Ultralytics, which sorts names, reads them in the order
    it would read the original folder. Its label cache lands in `folder` too, never beside the user's images.
    """
    description = folder / "data.yaml"
    content = {
        "path": str(folder.resolve()),
        "train": "images/train",
        "val": "images/val",
        "names": dict(enumerate(manifest.classes)),
        "revision": manifest.revision,
    }
    if description.exists() and yaml.safe_load(description.read_text(encoding="utf-8")) == content:
        return description
    for split in ("train", "val"):
        _write_split(manifest.split(split), folder / "images" / split, folder / "labels" / split)
    description.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")
    return description


def sample_id(image: str) -> str:
    """The sample that an image file of the prepared folder belongs to."""
    return Path(image).stem.partition("_")[2]


def _write_split(samples: Sequence[Sample], images: Path, labels: Path) -> None:
    images.mkdir(parents=True, exist_ok=True)
    labels.mkdir(parents=True, exist_ok=True)
    for rank, sample in enumerate(samples):
        name = f"{rank:07d}_{sample.id}"
        suffix = Path(sample.path).suffix.lower()
        link = images / (name + (suffix if suffix in SUFFIXES else ".jpg"))
        link.unlink(missing_ok=True)
        link.symlink_to(sample.path)
        (labels / f"{name}.txt").write_text(_lines(sample), encoding="utf-8")


def _lines(sample: Sample) -> str:
    """`class x y width height`, box centres relative to the image."""
    centres = sample.boxes[:, :2] + sample.boxes[:, 2:] / 2
    rows = zip(sample.classes.tolist(), centres.tolist(), sample.boxes[:, 2:].tolist(), strict=True)
    return "".join(f"{number} {x!r} {y!r} {w!r} {h!r}\n" for number, (x, y), (w, h) in rows)
