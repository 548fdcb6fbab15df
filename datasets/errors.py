"""Errors of the `datasets` room.

DatasetsError
├── Cancelled                 a person stopped the work
├── DatabaseError             no usable MongoDB server
│   ├── DatabaseUnreachable
│   ├── MongodMissing
│   └── MongodTooOld
├── DiskFull
├── NotWritable               a folder or file is closed to this user
├── FileFault                 a file that is needed is gone, broken, or in use
├── BadValue                  text or a number that no file and no database can hold
├── DatasetNotFound
├── DatasetExists
├── FieldError                a field is absent or of the wrong kind
│   └── NotThere              what was named does not exist, or was deleted
├── LabelsChanged             labels changed since they were read; holds both versions
├── LeaseTaken                somebody else works on a sample of the labeler's queue
├── SchemaChanged             what a label field allows changed since it was read; holds the stored version
├── ViewError                 a view spec cannot be read or resolved
├── FormatError               a source on disk is in no known format, or broken as a whole
│   └── LimitError            it asks for more time or memory than labels need
├── SplitError                shares of a split make no sense
├── ThumbnailError            an image cannot be shown small
├── MediaError                a file may not be handed to a browser
├── WorkspaceError            the home or a file in it cannot be made, or is not its owner's alone
├── ClassMismatch             model classes and dataset classes do not join
└── EvaluationError           predictions cannot be scored
"""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any


class DatasetsError(Exception):
    """Base class: every error that this room raises on purpose."""


class Cancelled(DatasetsError):
    """Long-running work was stopped on request; nothing half-done remains."""


class DatabaseError(DatasetsError):
    """The database cannot be started or reached."""


class DatabaseUnreachable(DatabaseError):
    """The server does not answer, or the connection was lost; it may be back soon."""


class MongodMissing(DatabaseError):
    """No mongod binary was found; the message says which places were searched and how to get one."""


class MongodTooOld(DatabaseError):
    """The data folder was written by a newer mongod than the one found."""


class DiskFull(DatasetsError):
    """Nothing more fits on the disk."""


class NotWritable(DatasetsError):
    """A folder or file is closed to this user: rights, or a disk that is mounted read-only."""


class FileFault(DatasetsError):
    """A file that is needed is gone, broken, or held by another process."""


class BadValue(DatasetsError):
    """Text or a number that no file and no database can hold, such as a NUL or twenty digits."""


class DatasetNotFound(DatasetsError):
    """No dataset has this name."""

    def __init__(self, name: str, known: Sequence[str]) -> None:
        self.name, self.known = name, tuple(known)
        listed = ", ".join(known) if known else "none yet"
        super().__init__(f"expected the name of a dataset, found {name!r}; known datasets: {listed}")


class DatasetExists(DatasetsError):
    """A dataset of this name exists already."""

    def __init__(self, name: str) -> None:
        self.name = name
        super().__init__(f"a dataset named {name!r} exists already; choose another name or add to it")


class FieldError(DatasetsError):
    """A field is absent or holds another kind of value than was asked for."""


class NotThere(FieldError):
    """A named sample, field, label or journal entry does not exist; it may have been deleted."""


class LabelsChanged(DatasetsError):
    """A write was based on a version of the labels that is no longer the stored one; nothing was changed.

    Holds both versions: `ours`, the labels as this write would leave them, and `stored`, the current ones, with `etag`.
    """

    def __init__(self, message: str, ours: Sequence[Any], stored: Sequence[Any], etag: str) -> None:
        self.ours, self.stored, self.etag = tuple(ours), tuple(stored), etag
        super().__init__(message)


class LeaseTaken(DatasetsError):
    """Somebody else holds a sample: `who`, and `until` when (UTC) if they are not heard of again."""

    def __init__(self, who: str, until: datetime, left: int) -> None:
        self.who, self.until = who, until
        super().__init__(
            f"expected a sample that nobody else works on, found that {who} does, for {left} more seconds at least; "
            "take it over, or go on to the next one"
        )


class SchemaChanged(DatasetsError):
    """A write was based on a version of a field's schema that is no longer the stored one; nothing was changed.

    `stored` is the current one, with its `etag`.
    """

    def __init__(self, field: str, stored: Any, etag: str) -> None:
        self.field, self.stored, self.etag = field, stored, etag
        super().__init__(
            f"expected the classes and attributes of field {field!r} as they were read, found that they changed since; "
            "look at the stored ones, then save again"
        )


class ViewError(DatasetsError):
    """A view spec names something that does not exist or cannot be read."""


class FormatError(DatasetsError):
    """A source on disk is in no known format, or broken as a whole."""


class LimitError(FormatError):
    """A source file takes more time or memory than labels need: it is malicious, or not what it seems."""

    def __init__(self, where: object, expected: str, found: str, action: str = "") -> None:
        self.where, self.expected, self.found = str(where), expected, found
        super().__init__(f"{where}: expected {expected}, found {found}; {action or 'leave the file out, or mend it'}")

    def __reduce__(self) -> tuple[type["LimitError"], tuple[str, str, str]]:
        return type(self), (self.where, self.expected, self.found)


class SplitError(DatasetsError):
    """Shares of a split are not numbers that add up to 1."""


class ThumbnailError(DatasetsError):
    """An image file cannot be read, so there is nothing to show."""


class MediaError(DatasetsError):
    """A file is no image or video, or not the one that was imported: it is not handed to a browser."""


class ClassMismatch(DatasetsError):
    """The classes of a model and of a dataset have too few names in common, or none."""

    def __init__(self, model: Sequence[str], dataset: Sequence[str]) -> None:
        self.model, self.dataset = tuple(model), tuple(dataset)
        super().__init__(
            "expected model and dataset to share class names; "
            f"the model knows {_shorten(model)}, the dataset has {_shorten(dataset)}; "
            "rename the classes of one of them, or choose another model"
        )


class EvaluationError(DatasetsError):
    """Predictions cannot be scored; the message says what is missing."""


def _shorten(names: Sequence[str], most: int = 20) -> str:
    shown = ", ".join(names[:most]) or "none"
    return shown if len(names) <= most else f"{shown} and {len(names) - most} more"


class WorkspaceError(DatasetsError):
    """The home, or a file in it, cannot be made or is not its owner's alone."""

    def __init__(self, path: Path, expected: str, found: str, action: str) -> None:
        self.path = path
        super().__init__(f"{path}: expected {expected}, found {found}; {action}")
