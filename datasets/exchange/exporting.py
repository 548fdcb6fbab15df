"""Write a view out in one of the formats; importing it again gives the same boxes, masks, class order and splits.

Everything is written into a hidden folder beside the target and renamed at the end.
"""

import json
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from datasets.errors import FieldError, FormatError
from datasets.exchange import honouring
from datasets.exchange.formats import registry
from datasets.exchange.formats.base import Draft, Findings, Format, Media
from datasets.images.probe import shown_size
from datasets.kinds import KINDS, Kind, kind
from datasets.records import Finding, ImageRecord, Label, Progress, no_progress
from datasets.storage import collection, documents, fields, labels, skeletons, store
from datasets.views import resolve, splits
from datasets.viewspec import ViewSpec

MARK = ".foveal-export.json"


@dataclass(frozen=True)
class ExportReport:
    """What was written where. `splits` counts samples; those without one count under the empty text."""

    folder: Path
    format: str
    samples: int
    labels: int
    classes: tuple[str, ...]
    splits: Mapping[str, int]
    findings: tuple[Finding, ...] = ()


def export(
    spec: ViewSpec,
    folder: Path | str,
    format: str,
    label_field: str | None = "ground_truth",
    *,
    media: Media = "link",
    progress: Progress = no_progress,
    force: bool = False,
    more: Sequence[str] = (),
) -> ExportReport:
    """Write the samples of a view with the labels of one field (None: images alone).

    `media`: symbolic links, copies, or none (only the paths are written, where the format allows it). A folder that
    holds anything is refused; with `force` an earlier export in it is replaced, but nothing else ever is. `more` are
    further fields, for formats that hold several; those that were imported with the field go with it unasked.
    Raises FormatError, FieldError for a field that does not exist or does not fit, DatasetNotFound, ViewError (a
    view or split that the dataset lacks).
    """
    target = Path(folder).expanduser().absolute()
    module = registry.find(format)
    _check_media(media)
    _check_target(target, force)
    splits.check(spec)
    if not module.ACCEPTS:
        raise FormatError(f"{module.TITLE} is only read; export in another format")
    held = written_as(_stored_kind(spec.dataset, label_field))
    if held not in module.ACCEPTS:
        accepted = " or ".join(map(_word, module.ACCEPTS))
        raise FieldError(
            f"expected a field of {accepted} labels for {module.TITLE}, found {label_field!r} with {_word(held)}"
        )
    others = _others(spec.dataset, label_field, module, more)
    records, findings = _gather(spec, label_field, held, module, others)
    targets = _targets(spec.dataset, label_field) if held and held.whole_mask else {}
    classes = tuple(targets.values()) or _classes(spec.dataset, records)
    _check_names(records, classes)
    kinds_of = {key: kind(str(_stored_kind(spec.dataset, name))) for key, name in others.items()}
    schema = honouring.merged(spec.dataset, [label_field or "", *others.values()], classes) if held else None
    posed = skeletons.of(documents.of(spec.dataset), label_field or "") if held and held.posed else None
    draft = Draft(records, classes, held, media, target, targets, kinds_of, schema, posed)
    written = _write_whole(module, draft, target, progress, {"format": format, "view": spec.model_dump(mode="json")})
    return ExportReport(
        folder=target,
        format=format,
        samples=len(records),
        labels=sum(len(list(_labels(record))) for record in records),
        classes=tuple(draft.classes),
        splits=dict(Counter(record.split or "" for record in records)),
        findings=(*findings, *written),
    )


def written_as(stored: str | None) -> Kind | None:
    """The kind of labels that formats write for a kind of field: one object is a list of one; None is images alone."""
    known = kind(stored) if stored else None
    if known is None or not known.place:
        return known
    return next(one for one in KINDS.values() if one.many and one.item_class == known.item_class)


def _check_media(media: str) -> None:
    if media not in ("link", "copy", "none"):
        raise FormatError(f"expected media to be link, copy or none, found {media!r}")


def _check_target(target: Path, force: bool) -> None:
    if target.exists() and not target.is_dir():
        raise FormatError(f"{target}: expected a folder to write to, found a file; choose another name")
    above = next(one for one in target.parents if one.exists())
    if not above.is_dir():
        raise FormatError(f"{target}: expected a folder to write to, found the file {above}; choose another folder")
    if not os.access(above, os.W_OK | os.X_OK):
        raise FormatError(f"{target}: expected a folder to write to, found {above} closed to you; choose another")
    if not target.is_dir() or not any(target.iterdir()):
        return
    if not (target / MARK).is_file():
        raise FormatError(f"{target}: expected an empty or absent folder, found files in it; choose another folder")
    if not force:
        raise FormatError(
            f"{target}: expected an empty or absent folder, found an earlier export; use force to replace it"
        )


def _gather(
    spec: ViewSpec, label_field: str | None, held: Kind | None, module: Format, others: Mapping[str, str]
) -> tuple[list[ImageRecord], tuple[Finding, ...]]:
    about = sorted(getattr(module, "ABOUT", {}))
    wanted = ["filepath", "split", "tags", "metadata.width", "metadata.height", *about, *others.values()]
    wanted += [label_field] if label_field else []
    findings = Findings()
    records: list[ImageRecord] = []
    for raw in collection.by_ids(spec.dataset, resolve.ids(spec), dict.fromkeys(wanted, 1)):
        record = _record(raw, label_field, held)
        more = {key: tuple(labels.from_document(raw.get(name))) for key, name in others.items()}
        values = {name: raw[name] for name in about if raw.get(name) is not None}
        record = replace(record, others={key: found for key, found in more.items() if found}, about=values)
        if not record.path.is_file():
            findings.warn("missing_image", record.path, "an image file", "no such file", "it is left out")
        elif not record.width:
            findings.warn("unreadable_image", record.path, "an image that can be read", "none", "it is left out")
        else:
            records.append(record)
    return records, findings.all()


def _others(dataset: str, label_field: str | None, module: Format, more: Sequence[str]) -> dict[str, str]:
    """Fields that go out with a field, by their keys (`base.Source.others`): those that came in with it, and `more`."""
    if label_field is None or not getattr(module, "SEVERAL", False):
        if more:
            raise FieldError(f"expected one field of labels for {module.TITLE}, found {len(more) + 1}; name one")
        return {}
    known = [one.name for one in store.schema(dataset) if one.label_kind and one.name != label_field]
    own = {one.removeprefix(f"{label_field}_"): one for one in known if one.startswith(f"{label_field}_")}
    beside = [name for name in store.info(dataset).get("beside") or () if name in known]
    for name in (*more, *beside):
        _stored_kind(dataset, name)
        own.setdefault(name.removeprefix(f"{label_field}_") if name.startswith(f"{label_field}_") else name, name)
    kinds_of = {key: _stored_kind(dataset, name) for key, name in own.items()}
    return {key: name for key, name in own.items() if written_as(kinds_of[key]) in module.ACCEPTS}


def _stored_kind(dataset: str, label_field: str | None) -> str | None:
    if label_field is None:
        return None
    known = {one.name: one.label_kind for one in store.schema(dataset) if one.label_kind}
    if label_field not in known:
        listed = ", ".join(known) or "none"
        raise FieldError(
            f"expected a label field of dataset {dataset!r}, found {label_field!r}; label fields: {listed}"
        )
    return known[label_field]


def _word(held: Kind | None) -> str:
    return held.word if held else "none"


def _targets(dataset: str, label_field: str | None) -> dict[int, str]:
    return fields.targets(documents.of(dataset), label_field or "")


def _record(raw: Mapping[str, Any], label_field: str | None, held: Kind | None) -> ImageRecord:
    path = Path(raw["filepath"])
    metadata = raw.get("metadata") or {}
    width, height = metadata.get("width"), metadata.get("height")
    if not width or not height:
        width, height = shown_size(path) or (None, None)
    found = labels.from_document(raw.get(label_field)) if label_field and held else ()
    several, one = (found, None) if held and (held.many or held.place) else ((), found[0] if found else None)
    return ImageRecord(
        path=path,
        split=raw.get("split"),
        width=width,
        height=height,
        objects=several if held and held.place else (),
        classification=one if held and held.of_class else None,
        classifications=several if held and held.of_class else (),
        segmentation=one if held and held.whole_mask else None,
        tags=tuple(raw.get("tags") or ()),
    )


def _labels(record: ImageRecord) -> Iterator[Label]:
    yield from (*record.objects, *record.classifications, *(one for found in record.others.values() for one in found))
    yield from (one for one in (record.classification, record.segmentation) if one)


def _classes(dataset: str, records: list[ImageRecord]) -> tuple[str, ...]:
    """The class order of the dataset, then names that only these labels use, sorted."""
    declared = store.summary(dataset).classes
    used = {label.label for record in records for label in _labels(record)} - {""}
    return (*declared, *sorted(used.difference(declared)))


def _check_names(records: list[ImageRecord], classes: tuple[str, ...]) -> None:
    """Splits become names of folders and files, classes lines of text: neither may point outside the export."""
    for name in dict.fromkeys(record.split or "" for record in records):
        if name in (".", "..") or set(name) & set("/\\\0") or name.startswith(".") or len(name) > 200:
            raise FormatError(f"expected splits whose names can be names of folders, found {name!r}; rename it first")
    for name in classes:
        if any(ord(letter) < 32 for letter in name):
            raise FormatError(f"expected classes with names in one line, found {name!r}; rename the class first")


def _write_whole(
    module: Any, draft: Draft, target: Path, progress: Progress, mark: Mapping[str, Any]
) -> tuple[Finding, ...]:
    part = target.with_name(f".{secrets.token_hex(8)}.export")  # a name of its own: that of the target may be long
    try:
        part.mkdir(parents=True)
    except OSError as error:
        found = error.strerror or error
        raise FormatError(f"{target}: expected a folder that can be made, found {found}; choose another") from error
    try:
        findings: tuple[Finding, ...] = module.write(draft, part, progress)
        (part / MARK).write_text(json.dumps(mark), encoding="utf-8")
        if target.exists():
            shutil.rmtree(target)
        part.replace(target)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    return findings


def formats_for(kind: str | None) -> dict[str, str]:
    """Titles of the formats that can write labels of a kind of field, by name; None for images alone."""
    wanted = written_as(kind)
    return {name: one.TITLE for name, one in registry.FORMATS.items() if wanted in one.ACCEPTS}
