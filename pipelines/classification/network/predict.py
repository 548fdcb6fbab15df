"""A network on any images, batch by batch."""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch
from torch.utils.data import DataLoader, Dataset

from pipelines.classification.config import Config
from pipelines.classification.network.model import load
from pipelines.classification.network.preprocess import Preprocess
from pipelines.images import read_image
from pipelines.runs.checkpoints import Checkpoint
from pipelines.training.data import stacked

Array = np.ndarray[Any, Any]


class _Images(Dataset[tuple[int, Array | None]]):
    def __init__(self, paths: Sequence[str], preprocess: Preprocess) -> None:
        self.paths, self.preprocess = paths, preprocess

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, number: int) -> tuple[int, Array | None]:
        image = read_image(self.paths[number])
        return number, None if image is None else self.preprocess.place(self.preprocess.coloured(image))


def predict(
    checkpoint: Checkpoint, paths: Sequence[str], config: Config, device: str
) -> Iterator[list[tuple[int, Array | None]]]:
    """Yield batches of (number of the path, its logits (k,)); None for an image that cannot be read."""
    model, preprocess = load(checkpoint, device)
    model = model.to(memory_format=torch.channels_last)
    batches = DataLoader(
        _Images(paths, preprocess), batch_size=config.predict_batch, collate_fn=list,
        num_workers=0 if device == "cpu" else config.workers,
    )  # fmt: skip
    for batch in batches:
        readable = [(number, image) for number, image in batch if image is not None]
        logits = _logits(model, preprocess, [image for _, image in readable], device)
        found = {number: row for (number, _), row in zip(readable, logits, strict=True)}
        yield [(number, found.get(number)) for number, _ in batch]


@torch.inference_mode()
def _logits(model: torch.nn.Module, preprocess: Preprocess, images: Sequence[Array], device: str) -> Array:
    if not images:
        return np.zeros((0, 0))
    logits: torch.Tensor = model(preprocess.normalise(stacked(images).to(device)))
    return logits.float().cpu().numpy()
