"""Any checkpoint on any images: one mask of class values per sample, as a PNG beside the table of predictions."""

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pyarrow as pa
import torch

from datasets.records import Finding
from pipelines import devices
from pipelines.predicting import Asked, Model
from pipelines.runs import results
from pipelines.runs.manifests import Row
from pipelines.segmentation import model as networks
from pipelines.segmentation.config import Config
from pipelines.segmentation.data import VALUES, shrink
from pipelines.segmentation.windows import classes

Array = np.ndarray[Any, Any]
Item = tuple[torch.Tensor, tuple[int, int]]  # (3, h, w) uint8 RGB as the network sees it; (height, width) as shown
NUMBERS = {"bf16": torch.bfloat16, "fp16": torch.float16}


def predictor(asked: Asked[Config]) -> tuple[Model[Item, Array], "Masks"]:
    """The model of a checkpoint, which gives the class of every pixel, and what becomes of these maps."""
    about, options, device = networks.About.read(asked.checkpoint.preprocess), asked.config, asked.job.device
    network = networks.load(asked.checkpoint, device)
    view = networks.view(network, about, options)
    network = network.to(memory_format=torch.channels_last)
    numbers = NUMBERS.get(devices.precision(options.precision, device, cpu=options.bf16_on_cpu))

    def prepare(_number: int, image: Array) -> Item:
        pixels = np.ascontiguousarray(shrink(image, about.image_size)[..., ::-1])
        return torch.from_numpy(pixels).permute(2, 0, 1), (image.shape[0], image.shape[1])

    def infer(items: Sequence[Item]) -> list[Array]:
        found: dict[int, Array] = {}
        for (_, size), some in _alike(items).items():
            images = torch.stack([items[number][0] for number in some]).to(device)
            with torch.inference_mode(), torch.autocast(device.partition(":")[0], numbers, enabled=numbers is not None):
                found |= zip(some, classes(network, images, view, size).cpu().numpy(), strict=True)
        return [found[number] for number in range(len(items))]

    return Model(prepare, infer), Masks(
        asked.job.out.parent / "masks", values_of(about.targets, asked.manifest.targets)
    )


class Masks:
    """Masks (height, width) uint8 of the values of classes (k,), as files in a folder; see `predicting.Output`."""

    def __init__(self, folder: Path, values: Array) -> None:
        self.folder, self.values = folder, values

    def writing(self) -> AbstractContextManager[object]:
        """The folder is there."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return nullcontext()

    def keep(self, row: Row, result: Array) -> str:
        """The path of the mask, which has the size of the image as shown. Raises OSError."""
        path = self.folder / f"{row.id}.png"
        if not cv2.imwrite(str(path), self.values[result]):
            raise OSError(f"expected to write the mask {path}, found no way to; is the disk full?")
        return str(path)

    def table(self, ids: Sequence[str], kept: Sequence[str | None]) -> pa.Table:
        """One mask for each sample."""
        paths = [path for path in kept if path]
        return results.table(ids, [int(path is not None) for path in kept], [""] * len(paths), masks=paths)

    def findings(self) -> Sequence[Finding]:
        """Nothing is left out."""
        return ()


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


def _alike(items: Sequence[Item]) -> dict[Any, list[int]]:
    """Places of items by the shapes of what goes in and what comes out: these go through the network together."""
    alike: dict[Any, list[int]] = {}
    for number, (image, size) in enumerate(items):
        alike.setdefault((image.shape, size), []).append(number)
    return alike
