"""Import a source: look at it, show what it holds, then make a dataset of it. Media stay where they are.

A dataset is filled under a hidden name and renamed when it is complete, so neither cancelling nor a crash leaves half a
dataset. Adding to a dataset removes what was written when it is stopped.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from datasets.errors import DatasetExists, FieldError, FormatError
from datasets.exchange import honouring
from datasets.exchange.drawing import Drawn, draw, needs_drawing
from datasets.exchange.formats import registry
from datasets.exchange.formats.base import field_name
from datasets.exchange.formats.common import files
from datasets.exchange.grouping import reasons
from datasets.exchange.looking import AUTO, preview
from datasets.exchange.previews import Preview, class_names
from datasets.exchange.readiness import renewed
from datasets.exchange.splitting import DEFAULT_FRACTIONS, DEFAULT_SEED, Fractions, Item, own_split, same_content, split
from datasets.images.probe import Probe
from datasets.kinds import Kind
from datasets.records import Finding, ImageRecord, Progress, no_progress
from datasets.skeleton import Skeleton
from datasets.speed.workers import in_order
from datasets.storage import collection, documents, fields, labels, schemas, skeletons, store
from datasets.workspace import Workspace

__all__ = ["AUTO", "FIELD", "ImportReport", "Preview", "ingest", "known_formats", "preview", "with_splits"]

FIELD = "ground_truth"
Shares = Fractions | Literal["auto"] | None


@dataclass(frozen=True)
class ImportReport:
    """What an import did. `skipped` samples existed already; `splits` counts the added ones."""

    dataset: str
    added: int
    skipped: int
    splits: Mapping[str, int]
    findings: tuple[Finding, ...] = ()


def ingest(
    source: Preview | Path | str,
    name: str,
    splits: Shares = AUTO,
    seed: int = DEFAULT_SEED,
    progress: Progress = no_progress,
    *,
    add: bool = False,
) -> ImportReport:
    """Make a dataset of a source, or add to one what is new in it (by path).

    `splits`: shares for a new stratified split; None keeps those of the source; auto keeps them when there are any,
    else splits 0.7, 0.15, 0.15. A dataset of this name is added to when `add` is set or it was made of the
    same source; otherwise DatasetExists is raised. Raises FormatError when there is nothing to import, SplitError.
    """
    found = source if isinstance(source, Preview) else preview(source, progress=progress)
    if not found.records:
        raise FormatError(reasons(found.findings))
    store.prune()
    if not store.exists(name):
        return _make(found, name, splits, seed, progress)
    if not add and store.info(name).get("source") != str(found.path):
        raise DatasetExists(name)
    return _add(found, name, splits, seed, progress)


def with_splits(found: Preview, splits: Shares, seed: int) -> Preview:
    """The preview with the splits that it would be imported with. Exact copies of an image share their split.

    A split that is drawn here stands in the findings, and so does what a training will ask of others.
    """
    if not found.records or splits is None:
        return found
    if splits == AUTO and any(record.split for record in found.records):
        return replace(found, findings=renewed(found.findings, found.records))
    shares = DEFAULT_FRACTIONS if isinstance(splits, str) else splits
    groups = same_content([record.path for record in found.records])
    items = [
        Item(_key(record.path, found.root), class_names(record), group)
        for record, group in zip(found.records, groups, strict=True)
    ]
    chosen = split(items, shares, seed)
    records = tuple(replace(record, split=where) for record, where in zip(found.records, chosen, strict=True))
    told = renewed(found.findings, () if splits == AUTO else records)
    return replace(found, records=records, findings=(*told, own_split(found.splits, found.path, shares, seed)))


def _make(found: Preview, name: str, splits: Shares, seed: int, progress: Progress) -> ImportReport:
    chosen = with_splits(found, splits, seed)
    hidden = f".import-{secrets.token_hex(6)}"
    store.create(hidden, _fields(chosen), chosen.classes)
    bad: list[Finding] = []
    try:
        _declare_targets(hidden, chosen.targets)
        _declare_skeleton(hidden, chosen.skeleton)
        collection.insert(hidden, _documents(chosen, bad), chosen.count, progress)
        _finish(hidden, chosen)
        honouring.declare(hidden, chosen.schema, _label_fields(chosen))
        store.set_info(hidden, "source", str(chosen.path))
        store.set_info(hidden, "format", chosen.format)
        if chosen.others:
            store.set_info(hidden, "beside", sorted(field_name(FIELD, key) for key in chosen.others))
        store.rename(hidden, name)
    except BaseException:
        store.delete(hidden)
        raise
    return ImportReport(name, chosen.count, 0, chosen.splits, (*chosen.findings, *bad))


def _add(found: Preview, name: str, splits: Shares, seed: int, progress: Progress) -> ImportReport:
    """Add what is new. Splits are chosen for the whole source, so that an interrupted import resumes consistently."""
    known = {document["filepath"] for document in collection.stream(name, projection={"filepath": 1})}
    whole = with_splits(found, splits, seed)
    fresh = [pair for pair in zip(whole.records, whole.probes, strict=True) if str(pair[0].path) not in known]
    new = replace(whole, records=tuple(record for record, _ in fresh), probes=tuple(seen for _, seen in fresh))
    documents.check_writable(name)
    schemas.declare(name, _fields(new))
    bad: list[Finding] = []
    if fresh:
        _declare_targets(name, new.targets)
        _declare_skeleton(name, new.skeleton)
        declared = store.summary(name).classes
        store.set_classes(name, [*declared, *(one for one in new.classes if one not in declared)])
        bad = _insert_whole(name, new, progress)
    _finish(name, whole)
    strange = honouring.differences(name, FIELD, found)
    return ImportReport(name, new.count, found.count - new.count, new.splits, (*whole.findings, *bad, *strange))


def _insert_whole(name: str, new: Preview, progress: Progress) -> list[Finding]:
    """Insert all or nothing. Returns findings about masks."""
    ids: list[str] = []
    bad: list[Finding] = []

    def noted() -> Iterator[dict[str, Any]]:
        for document in _documents(new, bad):
            ids.append(str(document["_id"]))
            yield document

    try:
        collection.insert(name, noted(), new.count, progress)
    except BaseException:
        collection.remove(name, ids)
        raise
    return bad


def _label_fields(found: Preview) -> list[str]:
    return [FIELD] * bool(found.kind) + [field_name(FIELD, key) for key in found.others]


def _fields(found: Preview) -> dict[str, str]:
    """The fields that a source fills, of labels and of samples, with their kinds."""
    main = {FIELD: found.kind.name} if found.kind else {}
    return {**main, **{field_name(FIELD, key): one.name for key, one in found.others.items()}, **found.about}


def _finish(name: str, found: Preview) -> None:
    """Declare the attributes that labels carry in the schema, so that FiftyOne's App offers them."""
    if any(label.attributes or label.crowd or label.points for record in found.records for label in record.objects):
        schemas.declare_attributes(name, FIELD)
    for key in found.others:
        if any(label.attributes for record in found.records for label in record.others.get(key, ())):
            schemas.declare_attributes(name, field_name(FIELD, key))


def _declare_targets(name: str, targets: Mapping[int, str]) -> None:
    """Name the values of semantic masks. Raises FieldError where the dataset has another name for a value."""
    if not targets:
        return
    known = fields.targets(documents.of(name), FIELD)
    for value, one in targets.items():
        if known.get(value, one) != one:
            raise FieldError(
                f"expected masks in which {value} means {known[value]!r}, as in dataset {name!r}, found that it means "
                f"{one!r}; import the source as a dataset of its own, or give it the same class table"
            )
    named = {str(value): one for value, one in sorted({**known, **targets}.items())}
    documents.update(name, {"default_mask_targets": named})


def _declare_skeleton(name: str, skeleton: Skeleton | None) -> None:
    """Join the key points by lines. Raises FieldError where the dataset names other points."""
    if skeleton is None:
        return
    known = skeletons.of(documents.of(name), FIELD)
    if known and known.points and known.points != skeleton.points:
        raise FieldError(
            f"expected the key points of dataset {name!r} ({', '.join(known.points[:5])}, ...), found others "
            f"({', '.join(skeleton.points[:5])}, ...); import the source as a dataset of its own"
        )
    if known is None or not known.edges:
        skeletons.declare(name, FIELD, skeleton)


def _documents(found: Preview, bad: list[Finding]) -> Iterator[dict[str, Any]]:
    """A document per record; masks are drawn meanwhile, in threads; findings about bad ones are added to `bad`."""
    workspace = Workspace.current()
    undrawn = any(needs_drawing(record) for record in found.records)
    drawn = in_order(lambda record: draw(record, workspace), found.records) if undrawn else map(Drawn, found.records)
    for one, seen in zip(drawn, found.probes, strict=True):
        record = one.record
        bad += one.findings
        yield collection.sample_document(
            str(record.path),
            _metadata(seen),
            tags=record.tags,
            split=record.split,
            **_label_value(record, found.kind),
            **{field_name(FIELD, key): labels.to_document(one.name, record.others.get(key, ()))
               for key, one in found.others.items()},
            **record.about,
        )  # fmt: skip


def _metadata(seen: Probe) -> dict[str, Any]:
    link = str(seen.path.resolve()) if seen.path.is_symlink() else None
    return collection.image_metadata(seen.width, seen.height, seen.bytes, seen.mime, seen.bands, link=link)


def _label_value(record: ImageRecord, kind: Kind | None) -> dict[str, Any]:
    if kind is None:
        return {}
    if kind.many:
        return {FIELD: labels.to_document(kind.name, record.classifications if kind.of_class else record.objects)}
    one = record.classification or record.segmentation
    return {FIELD: labels.to_document(kind.name, [one])} if one else {}


def _key(path: Path, root: Path) -> str:
    """The path below the source, so that a moved folder is split the same way."""
    top = files.resolved(root)
    return str(path.relative_to(top)) if path.is_relative_to(top) else str(path)


def known_formats() -> Sequence[tuple[str, str]]:
    """Name and title of every format."""
    return [(name, module.TITLE) for name, module in registry.FORMATS.items()]
