"""The manifest: a view frozen into a file. Its hash is the dataset revision that a run was made with."""

import hashlib
import json
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from datasets import kinds
from datasets.errors import DatasetsError
from datasets.handover import rows
from datasets.records import Progress, no_progress
from datasets.storage import documents, fields, handle, labelled, layout, skeletons
from datasets.storage.handle import Dataset
from datasets.tables import MANIFEST
from datasets.viewspec import ViewSpec

_CLASSES, _REVISION, _ABOUT = b"foveal.classes", b"foveal.revision", b"foveal.about"
_KIND, _TARGETS, _SKELETON = b"foveal.kind", b"foveal.targets", b"foveal.skeleton"
_BATCH = 2000


@dataclass(frozen=True)
class Manifest:
    """The metadata of a manifest. `counts` are samples per split; those without one under "".

    `kind` is that of the label field ("" without one). `targets` names the values of semantic masks, in value order.
    `unlabelled` samples of the view were left out, because nobody labelled them.
    """

    path: Path
    revision: str
    classes: tuple[str, ...]
    counts: Mapping[str, int]
    dataset: str
    label_field: str | None
    kind: str = ""
    targets: Mapping[int, str] = field(default_factory=dict)
    unlabelled: int = 0

    @property
    def samples(self) -> int:
        """Samples in all splits."""
        return sum(self.counts.values())


def freeze(
    spec: ViewSpec, label_field: str | None, path: Path, progress: Progress = no_progress, *, learn: bool = False
) -> Manifest:
    """Write the samples of a view with the labels of one field (None: without labels), in the order of their ids.

    Frames have a row each, with their sequence and number, whether they are samples themselves or lie in samples that
    are videos; for videos, the labels are those of the frames. The revision hashes every row and the classes, so it
    does not depend on the order of the view. Bounded memory. Masks inside documents become files. The classes of
    semantic masks are the names that the field declares for them. With `learn`, samples that nobody labelled are left
    out (`storage/labelled.py`): as examples they would say that nothing is on them. Raises DatasetNotFound, ViewError,
    FieldError, or DatasetsError for a view without samples.
    """
    from datasets.views import resolve

    dataset = handle.of(spec.dataset)
    described = rows.labelled(dataset.document)
    source = fields.label_field(described, label_field) if label_field else None
    kind = str(source.label_kind) if source else ""
    targets = dataset.targets(label_field or "") if kind and kinds.kind(kind).whole_mask else {}
    every = sorted(resolve.ids(spec, dataset))
    if not every:
        raise DatasetsError(f"expected samples in the view of dataset {spec.dataset!r}, found none; widen its filters")
    ids = _labelled(every, dataset, label_field) if learn and label_field else every
    made = rows.read(dataset, ids, source.stored if source else None)
    part = path.with_suffix(".part")
    content = _write(made, part, rows.count(dataset, ids), progress)
    classes = _classes(described, label_field, kind, targets, content)
    content.digest.update(json.dumps(classes).encode())
    if targets:
        content.digest.update(json.dumps(list(targets)).encode())
    skeleton = _skeleton(dataset.document, label_field, kind)
    if skeleton:
        content.digest.update(skeleton.encode())
    about: dict[str, Any] = {"dataset": spec.dataset, "label_field": label_field, "counts": content.counts}
    about |= {"unlabelled": len(every) - len(ids)} if len(ids) < len(every) else {}
    metadata = {
        _CLASSES: json.dumps(classes), _REVISION: content.digest.hexdigest(), _ABOUT: json.dumps(about), _KIND: kind,
        _TARGETS: json.dumps(targets), **({_SKELETON: skeleton} if skeleton else {}),
    }  # fmt: skip
    _describe(part, path, metadata)
    return load(path)


def load(path: Path) -> Manifest:
    """Read what a manifest says about itself. Raises DatasetsError for any other file."""
    try:
        metadata = pq.read_schema(path).metadata or {}
        about = json.loads(metadata[_ABOUT])
        classes = tuple(json.loads(metadata[_CLASSES]))
    except (OSError, KeyError, ValueError, pa.ArrowException) as wrong:
        raise DatasetsError(f"expected a manifest at {path}, found none that can be read: {wrong!r}") from wrong
    targets = {int(value): name for value, name in json.loads(metadata.get(_TARGETS, b"{}")).items()}
    return Manifest(
        path, metadata[_REVISION].decode(), classes, about["counts"], about["dataset"], about["label_field"],
        metadata.get(_KIND, b"").decode(), targets, about.get("unlabelled", 0),
    )  # fmt: skip


def revision(path: Path) -> str:
    """The dataset revision of a manifest: 64 hexadecimal digits."""
    return load(path).revision


@dataclass
class _Content:
    digest: Any
    counts: Counter[str]
    names: set[str]


def _labelled(ids: Sequence[str], dataset: Dataset, label_field: str) -> list[str]:
    """Those that somebody labelled. Raises DatasetsError for none."""
    if layout.is_video(dataset.document):
        return list(ids)
    known = labelled.ids(dataset, label_field)
    found = [one for one in ids if one in known]
    if not found:
        raise DatasetsError(
            f"expected labels in {label_field}, found none on the {len(ids):,} samples; label some first"
        )
    return found


def _write(made: Iterator[dict[str, Any]], path: Path, total: int, progress: Progress) -> _Content:
    content, done = _Content(hashlib.sha256(), Counter(), set()), 0
    with pq.ParquetWriter(path, MANIFEST) as writer:
        while some := list(islice(made, _BATCH)):
            writer.write_table(pa.Table.from_pylist(some, MANIFEST))
            for row in some:
                content.digest.update(json.dumps(row, sort_keys=True).encode())
                content.counts[row["split"] or ""] += 1
                content.names.update(one["label"] for one in row["labels"])
            done += len(some)
            progress(done, max(done, total))
    return content


def _classes(
    found: documents.Document, label_field: str | None, kind: str, targets: Mapping[int, str], content: _Content
) -> tuple[str, ...]:
    if kind and kinds.kind(kind).whole_mask:
        return tuple(targets.values())
    return fields.class_order(found, label_field or "", content.names)


def _skeleton(found: documents.Document, label_field: str | None, kind: str) -> str:
    """The skeleton of a field of key points, as JSON; empty for none."""
    declared = skeletons.of(found, label_field or "") if kind and kinds.kind(kind).posed else None
    return json.dumps(declared.plain()) if declared else ""


def _describe(part: Path, path: Path, metadata: Mapping[bytes, str]) -> None:
    """Copy into place with the metadata, which is known only after the last row."""
    whole = path.with_suffix(".whole.part")
    source = pq.ParquetFile(part)
    with pq.ParquetWriter(whole, MANIFEST.with_metadata(metadata)) as writer:
        for batch in source.iter_batches(_BATCH):
            writer.write_table(pa.Table.from_batches([batch]).replace_schema_metadata(metadata))
    source.close()
    part.unlink()
    whole.replace(path)
