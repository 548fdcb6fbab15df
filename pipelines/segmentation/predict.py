"""Any checkpoint on any manifest: one mask of class values per sample, as a PNG beside the table of predictions."""

import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from pipelines import devices, predicting
from pipelines.images import read_image
from pipelines.memory import guard
from pipelines.runs import checkpoints, manifests, results
from pipelines.runs.events import EventWriter
from pipelines.segmentation import model as networks
from pipelines.segmentation.config import Config
from pipelines.segmentation.data import VALUES, shrink
from pipelines.segmentation.windows import classes

Array = np.ndarray[Any, Any]
OPTIONS = ("window", "overlap", "flip", "predict_batch", "precision", "workers", "device")
NUMBERS = {"bf16": torch.bfloat16, "fp16": torch.float16}


def predict(  # noqa: PLR0917 - the contract of every task
    checkpoint: Path,
    manifest: Path,
    out: Path,
    config: Mapping[str, Any],
    events: EventWriter,
    stop: threading.Event,
) -> None:
    """Write a mask of every sample of a manifest below `masks/` beside `out`, and the table that names them.

    Masks are (height, width) uint8, of the image as shown, with the values that the dataset gives to the classes.
    Of `config` only the options in OPTIONS matter. A sample whose image cannot be read gets no mask and a finding.
    Raises CheckpointError, ClassMismatch (no class name in common), OutOfMemory, Stopped.
    """
    found = checkpoints.load(checkpoint)
    about, options = networks.About.read(found.preprocess), predicting.options(Config, OPTIONS, config)
    table = manifests.read(manifest, labels=False)
    predicting.compare_classes(about.classes, table.classes)
    values = values_of(about.targets, table.targets)
    folder = out.parent / "masks"
    folder.mkdir(parents=True, exist_ok=True)
    device = devices.choose(options.device)
    paths: list[str | None] = [None] * len(table.rows)
    with guard("predict_batch", "window"):
        batches = _maps(networks.load(found, device), about, table.rows, options, device)
        for number, predicted in predicting.each(batches, [row.path for row in table.rows], events, stop):
            paths[number] = _written(folder / f"{table.rows[number].id}.png", values[predicted])
    kept = [path for path in paths if path]
    results.write(
        out, [row.id for row in table.rows], [int(path is not None) for path in paths], [""] * len(kept), masks=kept
    )


def values_of(ours: Mapping[int, str], theirs: Mapping[int, str]) -> Array:
    """The mask value (k,) uint8 of each class: that of the dataset, by name, else our own.

    A class that the dataset does not have gets a value that means nothing there: its own, or the highest free one.
    """
    named = {name: value for value, name in theirs.items()}
    free = [value for value in range(VALUES - 1) if value not in theirs]
    chosen = []
    for value, name in ours.items():
        if name not in named:
            named[name] = value if value in free else free[-1]
            free.remove(named[name])
        chosen.append(named[name])
    return np.array(chosen, np.uint8)


class _Images(Dataset[tuple[int, torch.Tensor | None, tuple[int, int]]]):
    """Number, image (3, h, w) uint8 RGB as the network sees it or None, size (height, width) as shown."""

    def __init__(self, rows: Sequence[manifests.Row], longest: int) -> None:
        self.rows, self.longest = rows, longest

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, number: int) -> tuple[int, torch.Tensor | None, tuple[int, int]]:
        image = read_image(self.rows[number].path)
        if image is None:
            return number, None, (0, 0)
        pixels = np.ascontiguousarray(shrink(image, self.longest)[..., ::-1])
        return number, torch.from_numpy(pixels).permute(2, 0, 1), image.shape[:2]


def _maps(
    model: Any, about: networks.About, rows: Sequence[manifests.Row], options: Config, device: str
) -> Iterator[list[tuple[int, Array | None]]]:  # fmt: skip
    """Batches of (number of the row, class of every pixel); None for an image that cannot be read."""
    view = networks.view(model, about, options)
    model = model.to(memory_format=torch.channels_last)
    numbers = NUMBERS.get(devices.precision(options.precision, device, cpu=options.bf16_on_cpu))
    batches: DataLoader[Any] = DataLoader(
        _Images(rows, about.image_size), batch_size=options.predict_batch, collate_fn=list,
        num_workers=0 if device == "cpu" else options.workers,
    )  # fmt: skip
    for batch in batches:
        alike: dict[Any, list[Any]] = {}
        for number, image, size in batch:
            if image is not None:
                alike.setdefault((image.shape, size), []).append((number, image))
        found: dict[int, Array] = {}
        for (_, size), some in alike.items():
            images = torch.stack([image for _, image in some]).to(device)
            with torch.inference_mode(), torch.autocast(device.partition(":")[0], numbers, enabled=numbers is not None):
                maps = classes(model, images, view, size).cpu().numpy()
            found |= {number: one for (number, _), one in zip(some, maps, strict=True)}
        yield [(number, found.get(number)) for number, _, _ in batch]


def _written(path: Path, mask: Array) -> str:
    if not cv2.imwrite(str(path), mask):
        raise OSError(f"expected to write the mask {path}, found no way to; is the disk full?")
    return str(path)
