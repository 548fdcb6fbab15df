"""Images that could not be read during training: they are skipped, and reported once each.

Processes of a data loader tell the training by files of one folder, beside those of their caches.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path

from datasets.images.probe import probe_one
from datasets.records import Finding

NAME, TOLD = "unread", ".told"
LEFT_OUT = "it is left out of training and of the figures of epochs"


def tell(cache: Path, image: str) -> None:
    """Remember an image that could not be read; `cache` is the folder that its dataset may keep files in."""
    folder = cache.with_name(NAME)
    name = hashlib.sha256(image.encode()).hexdigest()
    if not (folder / f"{name}{TOLD}").exists():
        folder.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(image, encoding="utf-8")


def findings(work: Path) -> Iterator[Finding]:
    """Images of the run with this work folder that were not told before."""
    for file in sorted(work.glob(f"*/{NAME}/*")):
        if file.suffix != TOLD:
            image = file.read_text(encoding="utf-8")
            file.rename(file.with_name(file.name + TOLD))
            why = probe_one(Path(image), decode=True).detail or "none"
            yield Finding("warning", "unreadable_image", image, "a readable image", why, LEFT_OUT)
