"""The handle of a dataset: what its document says, read once and passed on, so that one operation sees one state.

Functions that need several facts about a dataset take a handle; where they also take a name (`Named`), a handle saves
a query. From the second time on, reading one is a single command, including `version` and the number of samples.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from datasets.storage import connection, database, documents, fields, layout, versions
from datasets.storage.documents import Document
from datasets.storage.layout import StoredField
from datasets.storage.versions import Version

_MOST = 1000
_places: dict[tuple[str, str], str] = {}  # collection of the samples, by address of the server and name of the dataset


@dataclass(frozen=True)
class Dataset:
    """A dataset as it was when it was read. `id` has 24 hexadecimal digits; `fields` are those of samples.

    `classes` is the class order declared for the whole dataset. `version` changes with every write (`versions`).
    """

    id: str
    name: str
    media_type: str
    fields: tuple[StoredField, ...]
    frame_fields: tuple[StoredField, ...]
    classes: tuple[str, ...]
    version: Version
    document: Document = field(repr=False, compare=False)

    @property
    def count(self) -> int:
        """The number of samples from the server's metadata."""
        return int(self.version[1])

    def label_field(self, name: str, fits: Callable[[str], bool] | None = None, what: str = "labels") -> StoredField:
        """The label field `name`. Raises FieldError unless it exists and its kind `fits`."""
        return fields.label_field(self.document, name, fits, what)

    def class_order(self, name: str, used: Iterable[str]) -> tuple[str, ...]:
        """Classes of a label field: the declared ones, then those that are only `used`."""
        return fields.class_order(self.document, name, used)

    def targets(self, name: str) -> dict[int, str]:
        """Names of the values of a field's semantic masks, in value order. Raises FieldError for colours."""
        return fields.targets(self.document, name)


Named = Dataset | str


def of(named: Named, *, any_version: bool = False) -> Dataset:
    """The handle of a dataset; a given handle is returned unchanged.

    Raises DatasetNotFound, or DatabaseError when its layout is not a tested one.
    """
    if isinstance(named, Dataset):
        return named
    found: Dataset = connection.once(("dataset", named), lambda: _read(named))
    if not any_version:
        documents.check_layout(found.document)
    return found


def renewed(dataset: Dataset) -> Dataset:
    """The same dataset as it is now."""
    return of(dataset.name, any_version=True)


def place(name: str, samples: str | None = None) -> str | None:
    """The collection of a dataset's samples, cached since it never moves; `samples` is the name that was read now."""
    key = database.ensure(), name
    if samples is not None:
        while len(_places) >= _MOST:
            _places.pop(next(iter(_places)), None)
        _places[key] = samples
    return _places.get(key)


def _read(name: str) -> Dataset:
    known = place(name)
    found, version = versions.with_document(known, name) if known else (None, None)
    if found is None or found["sample_collection_name"] != known:
        found = documents.of(name, any_version=True)
        version = versions.of(found)
        place(name, str(found["sample_collection_name"]))
    connection.keep(("document", name), found)
    return _made(found, version)


def _made(found: Mapping[str, Any], version: Version | None) -> Dataset:
    return Dataset(
        id=str(found["_id"]),
        name=str(found["name"]),
        media_type=str(found.get("media_type") or ""),
        fields=tuple(layout.stored_fields(found)),
        frame_fields=tuple(layout.frame_fields(found)),
        classes=tuple(found.get("default_classes") or ()),
        version=version or (),
        document=dict(found),
    )
