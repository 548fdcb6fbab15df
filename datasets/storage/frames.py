"""Labels of the frames of videos, which FiftyOne keeps apart from the samples. Frames are counted from 1.

`frame_collection` knows where they lie; here they are read and written as plain labels.
"""

from collections.abc import Iterable, Iterator, Sequence

from datasets import kinds
from datasets.errors import FieldError
from datasets.records import Label, Progress, no_progress
from datasets.storage import collection, documents, frame_collection, labels, layout, vendor

Frame = tuple[str, int, tuple[Label, ...]]


def fields(dataset: str) -> dict[str, str]:
    """Label fields of the frames, by kind; none for datasets of images. Raises DatasetNotFound."""
    found = layout.frame_fields(documents.of(dataset))
    return {one.name: str(one.label_kind) for one in found if one.label_kind}


def read(dataset: str, field: str, ids: Sequence[str] | None = None) -> Iterator[Frame]:
    """Sample id, frame number and labels of every frame (of the samples in `ids` alone), in their order.

    Frames without the field are skipped. Raises FieldError for a field that is absent.
    """
    _kind(dataset, field)
    for found in frame_collection.stream(dataset, {field: {"$ne": None}}, {field: 1}, ids):
        yield str(found["_sample_id"]), found["frame_number"], labels.from_document(found[field])


def write(dataset: str, field: str, rows: Iterable[Frame], progress: Progress = no_progress) -> int:
    """Put labels on frames, in place of what `field` held there; missing frames are created.

    The field must be declared (`declare`). Idempotent. Returns how many frames were written.
    """
    kind = _kind(dataset, field)
    changes = ((key, number, {field: labels.to_document(kind, found)}) for key, number, found in rows)
    return frame_collection.write(dataset, changes, progress)


def declare(dataset: str, field: str, kind: str) -> None:
    """Add a label field of frames to the schema. Raises FieldError when it exists with another kind."""
    known = fields(dataset)
    if known.get(field, kind) != kind:
        raise FieldError(f"expected field {field!r} of the frames to be {kind}, found {known[field]}")
    if field not in known:
        fo = vendor.fiftyone()
        made = getattr(fo, str(kinds.kind(kind).label_class))
        collection.load(dataset).add_frame_field(field, fo.EmbeddedDocumentField, embedded_doc_type=made)


def undeclare(dataset: str, field: str) -> None:
    """Remove a field of frames with its values; an absent one is ignored."""
    if field in fields(dataset):
        collection.load(dataset).delete_frame_field(field)


def _kind(dataset: str, field: str) -> str:
    known = fields(dataset)
    if field not in known:
        listed = ", ".join(f"{name} ({kind})" for name, kind in known.items()) or "none"
        raise FieldError(
            f"expected a label field of the frames of dataset {dataset!r}, found {field!r}; there is {listed}"
        )
    return known[field]
