"""Long-running work that pages start: each piece under its key in `app.background`, where every tab finds it."""

import secrets
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app import background
from app.background import Work
from datasets.errors import ThumbnailError
from datasets.records import Progress
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace

if TYPE_CHECKING:
    from datasets.exchange.catalog import CatalogEntry
    from datasets.exchange.importing import ImportReport, Shares
    from datasets.exchange.previews import Preview
    from datasets.exchange.sketches import Sketch
    from datasets.labeling.proposals import Tally, Wanted
    from datasets.labeling.queue import Person
    from datasets.records import ImageRecord

SIDE = 256  # px of the thumbnails of a preview


@dataclass(frozen=True)
class Asked:
    """What a person asked for when a source is looked at.

    `classes` is a table of the classes of semantic masks, as text. Names that refer outside the source are followed
    only into the `allowed` folders; images of labels that lie far from them are looked for in `images`; `merge_names`
    makes one class of names that are nearly equal.
    """

    format: str = "auto"
    classes: str = ""
    allowed: tuple[Path, ...] = ()
    images: tuple[Path, ...] = ()
    merge_names: bool = False


def read(key: str, path: str, asked: Asked, *, examples: int) -> Work:
    """Look at a source; nothing is written but thumbnails of the first examples.

    What is known when a stage begins is the work's `about["sketch"]`.
    """
    from datasets.exchange import apart, importing
    from datasets.exchange.formats.masks import classtable
    from datasets.exchange.splitting import DEFAULT_SEED
    from datasets.showing import thumbnails

    def cut(records: "Sequence[ImageRecord]") -> None:  # here, because large images take seconds, and a page must not
        for record in records:
            with suppress(ThumbnailError):
                thumbnails.thumbnail(record.path, SIDE, Workspace.current())

    def told(sketch: "Sketch") -> None:
        cut(sketch.examples(examples))
        work = background.find(key)
        if work is not None:
            work.about["sketch"] = sketch
            work.enter(sketch.stage)

    def run(progress: Progress) -> "Preview":
        table = classtable.parse(asked.classes) if asked.classes.strip() else None
        folders = tuple(one.expanduser().absolute() for one in asked.images)
        found = apart.preview(
            path, asked.format, progress, told=told, classes=table, allowed=asked.allowed, images=folders,
            merge_names=asked.merge_names,
        )  # fmt: skip
        cut(found.examples(examples))
        if any(record.split for record in found.records):  # what a training will ask of these splits
            return importing.with_splits(found, importing.AUTO, DEFAULT_SEED)
        return found

    return background.start(key, f"Reading {path}", run)


def ingest(preview: "Preview", name: str, shares: "Shares", seed: int, *, add: bool) -> Work:
    """Make a dataset of a preview, or add to one what is new; its thumbnails are made afterwards."""

    def run(progress: Progress) -> "ImportReport":
        from datasets.exchange import importing

        report = importing.ingest(preview, name, shares, seed, progress, add=add)
        cut_thumbnails(name)
        return report

    return background.start(f"import:{preview.path}", f"Importing {name}", run, name=name)


def make_of_folder(path: Path, name: str, kind: str, classes: Sequence[str], points: Sequence[str]) -> Work:
    """Make a dataset of a folder of this machine, with a field to label unless it brings labels of its own."""

    def run(progress: Progress) -> "ImportReport":
        from datasets.exchange import apart, importing
        from datasets.labeling import newfields
        from datasets.storage import store

        found = apart.preview(str(path), importing.AUTO, progress)
        report = importing.ingest(found, name, None, progress=progress)
        if kind and not store.summary(name).label_fields:
            newfields.make(name, importing.FIELD, kind, classes, points=points)
        cut_thumbnails(name)
        return report

    return background.start(f"import:{path}", f"Importing {name}", run, name=name)


def cut_thumbnails(name: str) -> Work:
    """Make the thumbnails of a dataset, and count it once, before a page needs them."""

    def run(progress: Progress) -> int:
        from datasets.showing import thumbnails
        from datasets.storage import store

        store.summary(name)
        return thumbnails.make_ahead_of(name, progress=progress)

    return background.start(f"thumbnails:{name}", f"Thumbnails of {name}", run)


def accept(key: str, spec: ViewSpec, field: str, wanted: "Wanted", *, person: "Person", request: str) -> Work:
    """Take over proposals of a view into a field of labels; cancelled, it leaves what was taken over before."""

    def run(progress: Progress) -> "Tally":
        from datasets.labeling import accepting

        return accepting.accept(spec, field, wanted, person, request=request, progress=progress)

    return background.start(key, f"Taking over proposals into {field}", run)


def export(spec: ViewSpec, folder: str, format_name: str, options: Mapping[str, Any]) -> Work:
    """Write a view to disk, with the options of `datasets.exchange.exporting.export`."""

    def run(progress: Progress) -> object:
        from datasets.exchange import exporting

        return exporting.export(spec, Path(folder), format_name, progress=progress, **options)

    return background.start(f"export:{folder}", f"Exporting {spec.dataset} to {folder}", run)


def download(entry: "CatalogEntry") -> Work:
    """Download a public dataset, because a person asked for it."""

    def run(progress: Progress) -> object:
        from datasets.exchange import catalog

        return catalog.download(entry.name, Workspace.current(), progress)

    return background.start(f"catalog:{entry.name}", f"Downloading {entry.title}", run)


def make_sample(name: str) -> Work:
    """Make one sample dataset, or join the work that is making it."""

    def run(progress: Progress) -> object:
        from datasets.samples import prepare

        return prepare.prepare(Workspace.current(), [name], progress, again=True)

    return background.start(f"sample:{name}", f"Making the sample dataset {name}", run)


def agreement_key(dataset: str) -> str:
    """The key of the work that compares annotators, or writes what most of them say."""
    return f"agreement:{dataset}:page"


def compare(spec: ViewSpec, fields: Sequence[str]) -> Work:
    """Compare annotators (`datasets.labeling.agreement`)."""

    def run(progress: Progress) -> object:
        from datasets.labeling import agreement

        return agreement.measure(spec, fields, progress=progress)

    return background.start(agreement_key(spec.dataset), f"Comparing annotators of {spec.dataset}", run)


def consent(spec: ViewSpec, fields: Sequence[str], into: str) -> Work:
    """Write what most annotators say into a field."""

    def run(progress: Progress) -> object:
        from datasets.labeling import agreement_consensus

        return agreement_consensus.write(spec, fields, into, progress=progress)

    return background.start(agreement_key(spec.dataset), f"Consensus on {spec.dataset}", run, into=into)


def restore_key(dataset: str) -> str:
    """The key of the work that puts labels back to a time, or undoes that."""
    return f"restore:{dataset}"


def restore(spec: ViewSpec, field: str, time: datetime, *, seen: datetime, who: str) -> Work:
    """Put the labels of a view back to a time (`datasets.labeling.restoring`)."""
    name = secrets.token_hex(8)

    def run(progress: Progress) -> object:
        from datasets.labeling import restoring

        return restoring.restore_all(spec, field, time, name=name, seen=seen, who=who, progress=progress)

    return background.start(restore_key(spec.dataset), f"Putting labels of {spec.dataset} back", run, name=name)


def undo_restore(dataset: str, name: str, who: str) -> Work:
    """Undo a restore by its name."""

    def run(progress: Progress) -> object:
        from datasets.labeling import restoring

        return restoring.undo_all(dataset, name, who=who, progress=progress)

    return background.start(restore_key(dataset), f"Undoing on {dataset}", run, name=name, undo=True)
