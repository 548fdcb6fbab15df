"""Thin adapters to the rooms below, imported late so that a page paints before the vendors load."""

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace

if TYPE_CHECKING:
    from datasets.pages import Page, Row
    from datasets.store import DatasetSummary, FieldInfo


def start_database() -> str:
    """Start or find the database server. Returns its address."""
    from datasets import database

    return database.ensure()


def wake_supervisor() -> None:
    """Let queued jobs go on after a restart; with an empty queue nothing is started."""
    from pipelines.jobs import queue

    queue.jobs(Workspace.current())


def names() -> list[str]:
    """Names of all datasets, oldest first."""
    from datasets import store

    return store.names()


def summaries() -> "list[DatasetSummary]":
    """What every dataset holds, newest first."""
    from datasets import store

    return store.list_datasets()[::-1]


def summary(name: str) -> "DatasetSummary":
    """What one dataset holds. Raises DatasetNotFound."""
    from datasets import store

    return store.summary(name)


def schema(name: str) -> "list[FieldInfo]":
    """The fields of a dataset. Raises DatasetNotFound."""
    from datasets import store

    return store.schema(name)


def is_prediction(field: str) -> bool:
    """Whether a label field holds predictions of a run."""
    return field.startswith("pred_")


def count(spec: ViewSpec) -> int:
    """How many samples a view has."""
    from datasets import pages

    return pages.count(spec)


def page(spec: ViewSpec, number: int, size: int) -> "tuple[int, Page]":
    """A page of a view, counted from 1, and its number; behind the last page comes the last one."""
    from datasets import pages

    last = max(1, math.ceil(pages.count(spec) / size))
    number = min(number, last)
    return number, pages.page(spec, number, size)


def sample(dataset: str, identity: str) -> "Row | None":
    """One sample with every field; None when the dataset has no such sample."""
    from datasets import pages

    found = pages.rows(dataset, [identity])
    return found[0] if found else None


def class_counts(spec: ViewSpec, field: str) -> Mapping[str, int]:
    """Labels per class in a view, most frequent first."""
    from datasets import pages

    return pages.class_counts(spec, field)


def distinct(spec: ViewSpec, field: str) -> Sequence[Any]:
    """The values of a field in a view."""
    from datasets import pages

    return pages.distinct(spec, field)


def number_range(spec: ViewSpec, field: str) -> tuple[float, float] | None:
    """Smallest and largest value of a field in a view; None when it has none."""
    from datasets import pages

    return pages.number_range(spec, field)


def image_path(dataset: str, identity: str) -> Path:
    """The file of a sample. Raises DatasetNotFound, or RequestError for an unknown sample."""
    from app.api.problems import RequestError

    row = sample(dataset, identity)
    if row is None:
        raise RequestError(404, "no such sample", f"a sample of {dataset}", identity, "reload the page")
    return Path(row.path)


def thumbnail(path: Path, side: int) -> Path:
    """A cached JPEG whose longest side is at most `side` pixels. Raises ThumbnailError."""
    from datasets import thumbnails

    return thumbnails.thumbnail(path, side, Workspace.current())


def displayable(path: Path) -> Path:
    """The image itself when browsers show it, else a cached JPEG of full size. Raises ThumbnailError."""
    from datasets import thumbnails

    return thumbnails.displayable(path, Workspace.current())


def mask_path(dataset: str, identity: str, field: str, label: str) -> tuple[Path, bool] | None:
    """The mask file of a label, and whether it covers the whole image."""
    row = sample(dataset, identity)
    for found in row.labels.get(field, ()) if row else ():
        if found.id == label and found.mask_path:
            return Path(found.mask_path), found.box is None
    return None


def tag(dataset: str, ids: Sequence[str], word: str, remove: bool = False) -> int:
    """Tag samples, or take the tag away. Returns how many changed."""
    from datasets import tags

    return int((tags.remove if remove else tags.add)(dataset, ids, word) or 0)


def is_media(path: str) -> bool:
    """Whether a file of this machine belongs to a dataset."""
    from datasets import media

    return media.knows(path)


def export(spec: ViewSpec, folder: str, format_name: str, field: str | None, media: str, progress: Any) -> Any:
    """Write a view to disk. Returns the report of `datasets.exporting`."""
    from datasets import exporting

    return exporting.export(spec, Path(folder), format_name, label_field=field, progress=progress)
