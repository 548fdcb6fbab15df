"""Moved media: detected by checking some of them, and found again by naming their new folder."""

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datasets.errors import DatasetsError
from datasets.records import Progress, no_progress
from datasets.storage import collection

LOOKED_AT = 100  # samples of a dataset, chosen at random


@dataclass(frozen=True)
class Presence:
    """How many of the `looked` at samples have lost their file; `folder` is where most of those were."""

    dataset: str
    looked: int
    missing: int
    folder: str


@dataclass(frozen=True)
class Relocated:
    """How many samples were `changed`, and how many stay unchanged because there is no file at the new path."""

    changed: int
    left: int


def presence(dataset: str, most: int = LOOKED_AT) -> Presence:
    """Check for some samples whether the media are where the dataset says. Raises DatasetNotFound."""
    found = [one["filepath"] for one in collection.samples(dataset).aggregate(_some(most))]
    gone = [path for path in found if not os.path.exists(path)]  # noqa: PTH110  as text: FiftyOne may hold odd ones
    folder = os.path.commonpath([str(Path(path).parent) for path in gone]) if gone else ""
    return Presence(dataset, len(found), len(gone), folder)


def relocate(dataset: str, old: Path, new: Path, progress: Progress = no_progress) -> Relocated:
    """Replace the folder `old` by `new` in the paths of media and masks, where a file exists at the new path.

    Raises DatasetNotFound, or DatasetsError when there is no such file; labels that change meanwhile are not touched.
    """
    source, target = (os.path.abspath(path.expanduser()) for path in (old, new))  # noqa: PTH100  links stay links
    inside = {"filepath": {"$gte": f"{source}/", "$lt": f"{source}0"}}  # 0 follows /: all paths with this prefix
    found = collection.samples(dataset).find(inside, {"filepath": 1})
    here = [os.path.exists(_moved(one["filepath"], source, target)) for one in found]  # noqa: PTH110
    if not any(here):
        were = f"{len(here)} samples of {dataset!r} below {source}"
        raise DatasetsError(f"expected media of {were} to lie below {target}, found none; name both folders exactly")
    changed = collection.update_if(dataset, _changes(dataset, inside, source, target), sum(here), progress)
    return Relocated(changed, len(here) - changed)


def _changes(
    dataset: str, inside: Mapping[str, Any], source: str, target: str
) -> Iterator[tuple[str, Mapping[str, Any], Mapping[str, Any]]]:
    for one in collection.samples(dataset).find(inside).sort("_id", 1):
        if not os.path.exists(_moved(one["filepath"], source, target)):  # noqa: PTH110
            continue
        values = {key: _moved(value, source, target) for key, value in one.items() if key != "_id"}
        as_read = {"last_modified_at": one.get("last_modified_at")}
        yield str(one["_id"]), as_read, {key: value for key, value in values.items() if value != one[key]}


def _moved(value: Any, source: str, target: str) -> Any:
    if isinstance(value, str):
        return target + value[len(source) :] if value.startswith(f"{source}/") else value
    if isinstance(value, dict):
        return {key: _moved(one, source, target) for key, one in value.items()}
    return [_moved(one, source, target) for one in value] if isinstance(value, list) else value


def _some(most: int) -> list[dict[str, Any]]:
    return [{"$sample": {"size": most}}, {"$project": {"filepath": 1}}]
