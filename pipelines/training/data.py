"""Batches: in an order that depends on seed and epoch alone, from images that are decoded once."""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Protocol

import numpy as np
import psutil
import torch
from torch.utils.data import DataLoader, Sampler

from pipelines.training.options import TrainingConfig

Array = np.ndarray[Any, Any]
Read = Callable[[int], Array | None]
SHARE = {"auto": 0.25, "ram": 0.9}  # of the free memory that decoded images may fill
LOOKED_AT = 16  # images whose sizes tell how much memory all of them need


class Examples(Protocol):
    """Training or validation examples. `epoch` is set before every epoch; with the seed it determines all randomness.

    `__getitem__` gives one example; `collate`, if there is one, makes a batch of a list of them. A dataset that has
    `__getitems__(numbers)` gathers whole batches itself, which small images need.
    """

    epoch: int

    def __len__(self) -> int: ...

    def __getitem__(self, number: int) -> Any: ...


class Shuffle(Sampler[int]):
    """All examples once, in an order that depends on seed and epoch alone."""

    def __init__(self, dataset: Examples, seed: int) -> None:
        self.dataset, self.seed = dataset, seed

    def __len__(self) -> int:
        return len(self.dataset)

    def __iter__(self) -> Iterator[int]:
        yield from np.random.default_rng([self.seed, self.dataset.epoch]).permutation(len(self.dataset)).tolist()


def loader(dataset: Any, config: TrainingConfig, device: str, *, shuffle: bool, sampler: Any = None) -> DataLoader[Any]:
    """Batches of a dataset: shuffled or by `sampler` for training, in order for validation.

    A last batch of one image is dropped in training: batch normalisation needs more.
    """
    workers = 0 if device == "cpu" else config.workers
    chosen = sampler or (Shuffle(dataset, config.seed) if shuffle else None)
    gathers = hasattr(dataset, "__getitems__")
    return DataLoader(
        dataset, batch_size=config.batch, sampler=chosen, drop_last=shuffle and len(dataset) % config.batch == 1,
        collate_fn=_whole if gathers else getattr(dataset, "collate", None),
        num_workers=workers, pin_memory=device != "cpu",
        generator=torch.Generator(),  # its own: an iterator draws a number, at a time that a resumed training shifts
    )  # fmt: skip


def seeds(seed: int, epoch: int, number: int) -> int:
    """The seed of the augmentation of one image in one epoch."""
    return int(np.random.SeedSequence([seed, epoch, number]).generate_state(1)[0])


def cached(read: Read, count: int, kind: str, folder: Path, progress: Callable[[int, int], None] | None = None) -> Read:
    """A reader of `count` images that decodes each of them once; `kind` as in `TrainingConfig.cache`.

    In memory they are read at once, by a thread for each core, so that worker processes share them; on disk as arrays
    below `folder` when they are first asked for. With too little memory nothing is kept.
    """
    if kind == "disk":
        return _on_disk(read, folder)
    if kind == "none" or not _fits(read, count, SHARE[kind]):
        return read
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        kept: list[Array | None] = []
        for image in pool.map(read, range(count)):
            kept.append(image)
            if progress:
                progress(len(kept), count)
    return kept.__getitem__


def _fits(read: Read, count: int, share: float) -> bool:
    some = [read(number) for number in np.linspace(0, count - 1, min(count, LOOKED_AT)).astype(int).tolist()]
    sizes = [image.nbytes for image in some if image is not None]
    needed = count * float(np.mean(sizes)) if sizes else 0.0
    return bool(needed < share * psutil.virtual_memory().available)


def _on_disk(read: Read, folder: Path) -> Read:
    folder.mkdir(parents=True, exist_ok=True)

    def kept(number: int) -> Array | None:
        file = folder / f"{number}.npy"
        if file.exists():
            return np.asarray(np.load(file, mmap_mode="r"))
        image = read(number)
        if image is not None:
            part = file.with_suffix(f".{os.getpid()}.part")
            with part.open("wb") as stream:
                np.save(stream, image)
            part.replace(file)
        return image

    return kept


def _whole(batch: Sequence[Any]) -> Any:
    """A batch that its dataset gathered."""
    return batch


def stacked(images: Sequence[Array]) -> torch.Tensor:
    """Images (h, w, c) uint8 of one size as one tensor (n, c, h, w) in channels-last memory layout."""
    return torch.from_numpy(np.stack(images)).permute(0, 3, 1, 2)
