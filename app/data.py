"""Thin adapters to the rooms below, imported late so that a page paints before the vendors load."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from datasets.storage.store import DatasetSummary, FieldInfo
    from datasets.views.pages import Page, Row

PATIENCE = 0.3  # seconds that a page waits for counts to be renewed; then it shows those of before
_SAMPLES = {
    "street": "rendered street scenes with boxes, masks and planted label mistakes",
    "digits": "1,797 real hand-written digits in ten classes",
    "photos": "some real photographs",
}


def moment() -> "AbstractContextManager[None]":
    """Within, what datasets are is asked of the database once: for one page, or one answer."""
    from datasets.storage import connection

    return connection.moment()


def start_database() -> str:
    """Start or find the database server. Returns its address."""
    from datasets.storage import database

    return database.ensure()


def wake_supervisor() -> None:
    """Let queued jobs go on after a restart; with an empty queue nothing is started."""
    from pipelines.jobs import queue

    queue.jobs(Workspace.current())


def names() -> list[str]:
    """Names of all datasets, oldest first."""
    from datasets.storage import store

    return store.names()


def summaries() -> "list[DatasetSummary]":
    """What every dataset holds: people's own first, the newest of them at the top, then the sample datasets."""
    from datasets.storage import store

    samples = [*_SAMPLES, "street_video"]
    found = store.list_datasets(patience=PATIENCE)[::-1]
    return sorted(found, key=lambda one: samples.index(one.name) + 1 if one.name in samples else 0)


def summary(name: str) -> "DatasetSummary":
    """What one dataset holds. Raises DatasetNotFound."""
    from datasets.storage import store

    return store.summary(name, patience=PATIENCE)


def schema(name: str) -> "list[FieldInfo]":
    """The fields of a dataset. Raises DatasetNotFound."""
    from datasets.storage import store

    return store.schema(name)


def whole_masks(name: str) -> set[str]:
    """Label fields whose masks cover whole images, and so everything that is drawn below them."""
    about = summary(name)
    return {field for field in about.label_fields if labels_whole(about, field)}


def labels_whole(about: "DatasetSummary", field: str) -> bool:
    """Whether the labels of a field are masks of whole images."""
    from datasets.storage import labels

    return labels.has_whole_mask(about.label_fields[field])


def has_many(name: str, field: str) -> bool:
    """Whether a label field holds any number of labels for each sample."""
    from datasets.storage import labels

    return labels.is_list(summary(name).label_fields[field])


def label_fields(about: "DatasetSummary") -> list[str]:
    """Label fields: `ground_truth` first, then other labels, then predictions."""
    return sorted(about.label_fields, key=lambda name: (is_prediction(name), name != "ground_truth", name))


def main_classes(about: "DatasetSummary") -> dict[str, int]:
    """Labels per class in the field of labels that comes first: what a dataset is mainly about."""
    named = [name for name in label_fields(about) if name in about.class_counts and not is_prediction(name)]
    return dict(about.class_counts[named[0]]) if named else {}


def is_prediction(field: str) -> bool:
    """Whether a label field holds predictions of a run."""
    return field.startswith("pred_")


def count(spec: ViewSpec) -> int:
    """How many samples a view has."""
    from datasets.views import pages

    return pages.count(spec)


def page(spec: ViewSpec, number: int, size: int) -> "tuple[int, Page]":
    """A page of a view, counted from 1, and its number; behind the last page comes the last one."""
    from datasets.storage import handle
    from datasets.views import pages

    dataset = handle.of(spec.dataset)
    last = max(1, math.ceil(pages.count(spec, dataset) / size))
    number = min(number, last)
    return number, pages.page(spec, number, size, dataset)


def spread(dataset: str, count: int) -> "Sequence[Row]":
    """Some samples, spread over a dataset in the order of import; read again after a change."""
    from datasets.views import pages

    return pages.spread(dataset, count)


def sample(dataset: str, identity: str) -> "Row | None":
    """One sample with every field; None when the dataset has no such sample."""
    from datasets.views import pages

    found = pages.rows(dataset, [identity])
    return found[0] if found else None


def sizes(dataset: str, ids: Sequence[str]) -> dict[str, tuple[int, int]]:
    """Width and height of these samples in pixels as shown; those without a known size are left out."""
    from datasets.storage import collection

    found = {}
    for one in collection.by_ids(dataset, ids, {"metadata.width": 1, "metadata.height": 1}):
        metadata = one.get("metadata") or {}
        if metadata.get("width") and metadata.get("height"):
            found[str(one["_id"])] = (int(metadata["width"]), int(metadata["height"]))
    return found


def legend(spec: ViewSpec, field: str) -> Mapping[str, int | None]:
    """The classes of a label field with their labels in a view, most frequent first.

    Without numbers where masks cover whole images, and as long as they are not counted yet.
    """
    from datasets.storage import documents, fields
    from datasets.views import pages

    about = summary(spec.dataset)
    if labels_whole(about, field):
        return dict.fromkeys(fields.targets(documents.of(spec.dataset), field).values())
    uncounted = dict.fromkeys(about.class_counts.get(field, ()))
    return pages.class_counts(spec, field, PATIENCE, uncounted)


def distinct(spec: ViewSpec, field: str) -> Sequence[Any]:
    """The values of a field in a view."""
    from datasets.views import pages

    return pages.distinct(spec, field)


def number_range(spec: ViewSpec, field: str) -> tuple[float, float] | None:
    """Smallest and largest value of a field in a view; None when it has none."""
    from datasets.views import pages

    return pages.number_range(spec, field)


def image_path(dataset: str, identity: str) -> Path:
    """The file of a sample. Raises DatasetNotFound, MediaError, or RequestError for an unknown sample."""
    from app.api.problems import RequestError
    from datasets.showing import media

    path = media.path_of(dataset, identity)
    if path is None:
        raise RequestError(404, "no such sample", f"a sample of {dataset}", identity, "reload the page")
    return path


def thumbnail(path: Path, side: int) -> Path:
    """A cached JPEG whose longest side is at most `side` pixels. Raises ThumbnailError."""
    from datasets.showing import thumbnails

    return thumbnails.thumbnail(path, side, Workspace.current())


def displayable(path: Path) -> Path:
    """The image itself when browsers show it, else a cached JPEG of full size. Raises ThumbnailError."""
    from datasets.showing import thumbnails

    return thumbnails.displayable(path, Workspace.current())


def coloured_classes(dataset: str) -> list[str]:
    """The classes of a dataset that share out the colours: of its labels, and those that its semantic masks name."""
    from datasets.storage import documents, fields, labels

    document, about = documents.of(dataset, any_version=True), summary(dataset)
    named = [field for field, kind in about.label_fields.items() if labels.has_whole_mask(kind)]
    masks = [name for field in named for name in fields.targets(document, field).values()]
    return list(dict.fromkeys([*about.classes, *masks]))


def colour_of(dataset: str) -> Callable[[str], tuple[int, int, int]]:
    """The colour of a class as red, green and blue, the same as the browser chooses."""
    from app.components.palette import colour, colouring, rgb

    known = colouring(coloured_classes(dataset))
    return lambda name: rgb(known.get(name) or colour(name))


def palette_colours() -> list[tuple[int, int, int]]:
    """All colours, for what has no class: instances."""
    from app.components.palette import colours, rgb

    return [rgb(one) for one in colours()]


def tag(dataset: str, ids: Sequence[str], word: str, remove: bool = False) -> int:
    """Tag samples, or take the tag away. Returns how many changed."""
    from datasets.editing import tags

    return int((tags.remove if remove else tags.add)(dataset, ids, word) or 0)


def is_media(path: str) -> bool:
    """Whether a file of this machine belongs to a dataset."""
    from datasets.showing import media

    return media.knows(path)


def export(spec: ViewSpec, folder: str, format_name: str, progress: Any, *, field: str | None, **options: Any) -> Any:
    """Write a view to disk, with the options of `datasets.exchange.exporting.export`. Returns its report."""
    from datasets.exchange import exporting

    return exporting.export(spec, Path(folder), format_name, field, progress=progress, **options)


def rename(name: str, new: str) -> None:
    """Give a dataset another name."""
    from datasets.storage import store

    store.rename(name, new)


def delete(name: str) -> None:
    """Delete a dataset; media stay."""
    from datasets.storage import store

    store.delete(name)


def runs_by_dataset() -> dict[str, list[Any]]:
    """Training runs by the dataset of their view, newest first."""
    from pipelines.runs.run import Run

    found: dict[str, list[Any]] = {}
    for run in Run.all(Workspace.current()):
        view = run.request.view
        if view is not None and run.request.kind == "train":
            found.setdefault(view.dataset, []).append(run)
    return found


def sample_text(name: str) -> str:
    """What a sample dataset is, in a sentence."""
    return _SAMPLES[name]


def missing_samples() -> list[str]:
    """Sample datasets that are not there."""
    known = set(names())
    return [name for name in _SAMPLES if name not in known]


def samples_to_make() -> list[str]:
    """Sample datasets that a start makes: not there, and not deleted by a person."""
    from datasets.samples import prepare

    return prepare.missing(Workspace.current())


def prepare_sample(name: str, progress: Any) -> Any:
    """Make a sample dataset."""
    from datasets.samples import prepare

    return prepare.prepare(Workspace.current(), [name], progress, again=True)


def catalog() -> Sequence[Any]:
    """Entries of public datasets."""
    from datasets.exchange import catalog as entries

    return entries.entries()


def download(name: str, progress: Any) -> Any:
    """Download a public dataset, because a person asked for it."""
    from datasets.exchange import catalog as entries

    return entries.download(name, Workspace.current(), progress)


def formats() -> dict[str, str]:
    """Title of every format by its name."""
    from datasets.exchange import importing

    return dict(importing.known_formats())


def formats_for(kind: str | None) -> dict[str, str]:
    """Title of every format that can write labels of a kind of field; None for images alone."""
    from datasets.exchange.formats.registry import FORMATS
    from datasets.exchange.importing import KINDS

    wanted = next((name for name, stored in KINDS.items() if stored == kind), None) if kind else "none"
    return {name: one.TITLE for name, one in FORMATS.items() if wanted in one.ACCEPTS}


def preview(path: str, format_name: str, progress: Any, classes: str = "", allowed: Sequence[Path] = ()) -> Any:
    """What a source holds; nothing is written. `classes` is a table of the classes of semantic masks, as text.

    Names that lead out of the source are followed into `allowed` folders alone. Raises FormatError, Cancelled.
    """
    from datasets.exchange import apart
    from datasets.exchange.formats import classtable

    table = classtable.parse(classes) if classes.strip() else None
    return apart.preview(path, format_name, progress, classes=table, allowed=tuple(allowed))


def ready_to_preview() -> None:
    """Start what looks at sources, so that the first preview does not wait for it."""
    from datasets.exchange import apart

    apart.ready()


def takes_classes(format_name: str) -> bool:
    """Whether sources of a format may be read with a table of classes."""
    from datasets.exchange.formats import mask_folders

    return format_name == mask_folders.NAME


def glimpse(found: Any, record: Any, colours: Mapping[str, tuple[int, int, int]], side: int) -> bytes | None:
    """The masks of a record of a preview as a PNG to lay over its image; None without masks."""
    from datasets.exchange import glimpses

    return glimpses.glimpse(record, found.targets, colours, side)


def ingest(found: Any, name: str, progress: Any, *, shares: Any, seed: int, add: bool) -> Any:
    """Make a dataset of a preview, or add what is new to one; its thumbnails are cut ahead. Returns the report."""
    from app import background
    from datasets.exchange import importing
    from datasets.showing import thumbnails
    from datasets.storage import store

    report = importing.ingest(found, name, shares, seed, progress, add=add)

    def ahead(tell: Any) -> int:
        store.summary(name)  # counted once, before a page asks
        return thumbnails.make_ahead_of(name, progress=tell)

    background.start(f"thumbnails:{name}", f"Thumbnails of {name}", ahead)
    return report


def fiftyone_view(spec: ViewSpec) -> tuple[str, str | None]:
    """Dataset and slug of the same view in FiftyOne."""
    from datasets.views import resolve

    return resolve.fiftyone_view(spec)
