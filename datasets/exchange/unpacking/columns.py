"""Parquet and Arrow files with images inside, as Hugging Face's datasets are published: images and a table of labels.

An image is a column of `{bytes, path}` or of bytes. Names of classes are in the metadata of the file (`huggingface`,
features of type ClassLabel). Objects are a column of `{bbox, category}` of lists.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from datasets.errors import FormatError
from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import files
from datasets.exchange.formats.common.parsing import json_of
from datasets.exchange.formats.common.splits import split_in
from datasets.exchange.formats.tables import names
from datasets.exchange.unpacking.streams import broken
from datasets.exchange.unpacking.tables import LabelTable
from datasets.exchange.unpacking.writing import Writer

_OURS = ("image", "split", "label")  # columns of the table that is written
_BATCH = 64  # rows
_MASKS = ("mask", "masks", "segmentationmask", "segmentationmap", "annotation", "label", "labelimage", "semanticmask")
_OBJECTS = ("objects", "annotations", "annotation")
_BOX = ("bbox", "bboxes", "box", "boxes")
_CATEGORY = ("category", "categories", "label", "labels", "class", "classes", "categoryid", "classid")
_SUFFIXES = (
    (b"\xff\xd8", ".jpg"), (b"\x89PNG", ".png"), (b"GIF8", ".gif"), (b"BM", ".bmp"), (b"II*\0", ".tif"),
    (b"MM\0*", ".tif"),
)  # fmt: skip


def holds_images(path: Path) -> bool:
    """Whether a file has a column of images; False for one that cannot be read."""
    try:
        return bool(_image_columns(_schema(path)))
    except (FormatError, OSError):
        return False


def unpack(paths: Sequence[Path], writer: Writer, table: LabelTable, findings: Findings) -> None:
    """Write the images of all files, and what their other columns say into the table. Raises FormatError."""
    taken: set[str] = set()
    told: set[str] = set()
    for path in sorted(paths):
        schema = _schema(path)
        file = _File(path, schema, _image_columns(schema), _class_names(schema), writer, table, taken)
        if not file.images:
            findings.warn("no_images", path, "a column of images", ", ".join(schema.names[:10]), "it is left out")
            continue
        left = [name for name in file.unread() if name not in told]
        told.update(left)
        if left:
            found = f"other columns: {', '.join(left[:10])}"
            findings.note("columns_left_out", path, "columns of images and labels", found, "they are left out")
        file.unpack()
        if file.empty:
            found = f"{file.empty:,} rows without"
            findings.warn("no_image_inside", path, "an image in each row", found, "they are left out", count=file.empty)


@dataclass
class _File:
    path: Path
    schema: Any
    images: list[str]
    classes: dict[str, list[str]]
    writer: Writer
    table: LabelTable
    taken: set[str]
    empty: int = 0

    def __post_init__(self) -> None:
        self.split = split_in(self.path.stem) or split_in(self.path.parent.name)
        plain = {name: names.plain(name) for name in self.schema.names}
        self.mask = next((name for name in self.images[1:] if plain[name] in _MASKS), None)
        others = [name for name in self.schema.names if name not in self.images]
        scalar = [name for name in others if _is_plain(self.schema.field(name).type)]
        self.objects = next((name for name in others if plain[name] in _OBJECTS and name not in scalar), None)
        known = [name for name in scalar if plain[name] in names.LABEL]
        self.label = known[0] if known else next((name for name in scalar if name in self.classes), None)
        self.scalar = [name for name in scalar if name != self.label and plain[name] not in _OURS]

    def unread(self) -> list[str]:
        """Columns that say nothing that is kept."""
        used = {*self.images[:1], self.mask, self.objects, self.label, *self.scalar}
        return [name for name in self.schema.names if name not in used]

    def unpack(self) -> None:
        """Write every row."""
        done, size = 0, self.path.stat().st_size
        before, total = self.writer.read, max(1, _rows(self.path))
        for batch in _batches(self.path):
            for row in batch.to_pylist():
                self._row(row, done)
                done += 1
            self.writer.read = before + size * done // total
            self.writer.tell()
        self.writer.read = before + size
        for found in (self.label, self.objects):
            self.table.classes += self.classes.get(found or "", [])

    def _row(self, row: dict[str, Any], number: int) -> None:
        data, name = _image(row[self.images[0]])
        if not data:
            self.empty += 1
            return
        where = self._name(name, data, number)
        folder = "images/" if self.mask else ""
        self.writer.save(data, self.writer.root / f"{folder}{where}")
        if self.mask and (mask := _image(row[self.mask])[0]):
            stem = PurePosixPath(where).with_suffix(_suffix(mask))
            self.writer.save(mask, self.writer.root / f"masks/{stem}")
        about = {"image": f"{folder}{where}", "split": self.split or ""}
        if self.label:
            about["label"] = self._text(self.label, row[self.label])
        about |= {one: self._text(one, row[one]) for one in self.scalar}
        for one in self._objects(row) if self.objects else [{}]:
            self.table.add({**about, **one})

    def _name(self, name: str, data: bytes, number: int) -> str:
        """A name of a file that no other has: its own where it has one."""
        stem = PurePosixPath(name.replace("\\", "/")).name.replace("\0", "")[:150] or f"{number:06d}"
        stem = stem if files.is_image(stem) else stem + _suffix(data)
        folder = self.split or PurePosixPath(self.path.name).stem
        made = f"{folder}/{stem}"
        if made.casefold() in self.taken:
            made = f"{folder}/{self.path.stem}-{number:06d}-{stem}"
        self.taken.add(made.casefold())
        return made

    def _text(self, column: str, value: Any) -> str:
        if isinstance(value, list):
            return "|".join(self._text(column, one) for one in value)
        known = self.classes.get(column, [])
        if isinstance(value, int) and not isinstance(value, bool) and known:
            return known[value] if 0 <= value < len(known) else ""
        return "" if value is None else str(value)

    def _objects(self, row: dict[str, Any]) -> Iterator[dict[str, str]]:
        """A row for each object, one without a box where there is none."""
        found = row[self.objects or ""] or {}
        if isinstance(found, dict):
            lists = {key: some for key, some in found.items() if isinstance(some, list)}
            count = max(map(len, lists.values()), default=0)
            found = [{key: some[n] for key, some in lists.items() if n < len(some)} for n in range(count)]
        for one in found:
            plain = {names.plain(key): value for key, value in one.items()}
            box = next((plain[key] for key in _BOX if key in plain), None)
            category = next((plain[key] for key in _CATEGORY if key in plain), None)
            yield {"label": self._text(self.objects or "", category), "bbox": json.dumps(box)}
        if not found:
            yield {"label": "", "bbox": ""}


def _schema(path: Path) -> Any:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if path.suffix.lower() == ".arrow":
            with _arrow(path) as reader:
                return reader.schema
        return pq.read_schema(path)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise broken(path, error) from error


def _arrow(path: Path) -> Any:
    """A reader of an Arrow stream, as Hugging Face saves them, or of an Arrow file."""
    import pyarrow as pa

    try:
        return pa.ipc.open_stream(pa.OSFile(str(path)))
    except pa.ArrowInvalid:
        return pa.ipc.open_file(pa.OSFile(str(path)))


def _batches(path: Path) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        if path.suffix.lower() == ".arrow":
            with _arrow(path) as reader:
                many = getattr(reader, "num_record_batches", None)
                found = reader if many is None else (reader.get_batch(n) for n in range(many))
                for batch in found:
                    yield from (batch.slice(at, _BATCH) for at in range(0, batch.num_rows, _BATCH))
        else:
            with pq.ParquetFile(path) as file:
                yield from file.iter_batches(_BATCH, use_threads=False)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise broken(path, error) from error


def _rows(path: Path) -> int:
    import pyarrow.parquet as pq

    return 0 if path.suffix.lower() == ".arrow" else int(pq.read_metadata(path).num_rows)


def _image_columns(schema: Any) -> list[str]:
    """Columns that hold images: `{bytes, path}`, or bytes under a name of images; the best name first."""
    import pyarrow as pa

    def holds(field: Any) -> bool:
        kind = field.type
        if pa.types.is_struct(kind):
            return any(kind.field(n).name == "bytes" for n in range(kind.num_fields))
        return _is_binary(kind) and names.plain(field.name) in (*names.IMAGE, *_MASKS, "jpg", "png", "bytes", "content")

    found = [field.name for field in schema if holds(field)]
    order = {name: number for number, name in enumerate(names.IMAGE)}
    return sorted(found, key=lambda name: order.get(names.plain(name), len(order)))


def _is_binary(kind: Any) -> bool:
    import pyarrow as pa

    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind))


def _is_plain(kind: Any) -> bool:
    """Text, numbers, flags, or lists of text or whole numbers."""
    import pyarrow as pa

    if pa.types.is_list(kind) or pa.types.is_large_list(kind):
        return bool(pa.types.is_integer(kind.value_type) or pa.types.is_string(kind.value_type))
    text = pa.types.is_string(kind) or pa.types.is_large_string(kind)
    return bool(text or pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind))


def _class_names(schema: Any) -> dict[str, list[str]]:
    """Names of classes by column, from the features that Hugging Face writes into the metadata."""
    text = (schema.metadata or {}).get(b"huggingface", b"{}").decode("utf-8", "replace")
    try:
        features = json_of(text, "huggingface")["info"]["features"]
        return {name: found for name, one in features.items() if (found := _names_in(one))}
    except (FormatError, LookupError, TypeError, AttributeError):
        return {}


def _names_in(feature: Any, depth: int = 0) -> list[str]:
    if depth > 8 or not isinstance(feature, dict | list):
        return []
    if isinstance(feature, dict) and feature.get("_type") == "ClassLabel":
        return [str(one) for one in feature.get("names") or []]
    inner = feature.values() if isinstance(feature, dict) else feature
    return next((found for one in inner if (found := _names_in(one, depth + 1))), [])


def _image(value: Any) -> tuple[bytes, str]:
    if isinstance(value, dict):
        return value.get("bytes") or b"", str(value.get("path") or "")
    return value or b"", ""


def _suffix(data: bytes) -> str:
    if data[:4] == b"RIFF" and data[8:12] == b"WEBP":
        return ".webp"
    return next((suffix for magic, suffix in _SUFFIXES if data.startswith(magic)), ".png")
