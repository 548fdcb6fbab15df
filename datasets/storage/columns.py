"""Labels of many samples as numpy columns, straight from the database's raw batches: no Python object per label.

`stream` hands out one batch after another (at most 16 MB of documents each), `read` all of them as one.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import bson
import numpy as np
from bson import ObjectId
from numpy.typing import NDArray

from datasets.records import Progress, no_progress
from datasets.storage import bsonwalk, collection, replies
from datasets.storage.bsonwalk import Bytes, Floats, Ints, Items

_NO_NAME = np.uint64(0)  # hash of a label without a name


@dataclass(frozen=True)
class Labels:
    """n labels of one field, in the order of their samples.

    `sample` (n) row of the sample; `label` (n) index into `Columns.names`, "" where missing; `box` (n, 4) NaN where
    missing, `numbers` (n) how many numbers the stored box has; `confidence` (n) NaN where missing; `crowd` (n);
    `id` (n, 12) bytes; `extra` further keys: text, bytes, float, or None for all else; of lists their bytes, see
    `lists_of`.
    """

    sample: Ints
    label: Ints
    box: Floats
    numbers: Ints
    confidence: Floats
    crowd: NDArray[np.bool_]
    id: Bytes
    extra: Mapping[str, list[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.sample)


@dataclass(frozen=True)
class Columns:
    """s samples: `id` (s, 12) bytes; `texts` ("" where missing) and `numbers` (NaN where missing) by path; `labels` by
    path; `names` of the label codes.
    """

    id: Bytes
    texts: Mapping[str, list[str]]
    numbers: Mapping[str, Floats]
    labels: Mapping[str, Labels]
    names: Sequence[str]

    def __len__(self) -> int:
        return len(self.id)


@dataclass(frozen=True)
class Wanted:
    """What to read, by stored paths of one or two keys.

    `labels` as of `labels.list_path` (`ground_truth.detections`, or `weather` for a field of one label), with the
    `extra` keys of each label (`mask_path`) and those that hold `lists` of numbers (`points`); `texts` and `numbers` of
    the sample (`filepath`, `metadata.width`).
    """

    labels: Sequence[str]
    texts: Sequence[str] = ()
    numbers: Sequence[str] = ()
    extra: Sequence[str] = ()
    lists: Sequence[str] = ()

    @property
    def more(self) -> tuple[str, ...]:
        """All further keys of each label."""
        return (*self.extra, *self.lists)

    @property
    def projection(self) -> dict[str, int]:
        """What the database must send."""
        parts = [*bsonwalk.WANTED, *self.more]
        return dict.fromkeys([f"{path}.{part}" for path in self.labels for part in parts], 1) | dict.fromkeys(
            [*self.texts, *self.numbers], 1
        )


def read(
    dataset: str,
    wanted: Wanted,
    match: Mapping[str, Any] | None = None,
    ids: Iterable[str] | None = None,
    progress: Progress = no_progress,
) -> Columns:
    """The samples that match (of `ids` alone, if given), in the order of their ids. Raises DatasetNotFound."""
    chosen = None if ids is None else sorted(set(ids))
    total = collection.samples(dataset).estimated_document_count() if chosen is None else len(chosen)
    parts, done = [], 0
    for part in stream(replies.raw_batches(dataset, wanted.projection, match, chosen), wanted):
        parts.append(part)
        done += len(part)
        progress(min(done, total), total)
    progress(total, total)
    return joined(parts, wanted)


def read_view(view: Any, wanted: Wanted) -> Columns:
    """The same from a view of FiftyOne's, whose stages may filter labels too; in the order of the view."""
    return joined(list(stream(replies.view_batches(view, wanted.projection), wanted)), wanted)


def stream(batches: Iterable[bytes], wanted: Wanted) -> Iterator[Columns]:
    """Columns of each batch, a BSON array of documents; label codes are the same in all of them (`names` grows)."""
    known = _Known()
    for batch in batches:
        yield _columns(batch, wanted, known)


def warm() -> None:
    """Read a made-up sample, so that the compiled functions are ready; this takes seconds the first time."""
    label = {"label": "a", "bounding_box": [0, 0, 1, 1]}
    sample = {"_id": ObjectId(), "boxes": {"all": [label]}, "one": label}
    list(stream([bson.encode({"0": sample})], Wanted(("boxes.all", "one"), ("path",), ("width",))))


def texts_of(ids: Bytes) -> NDArray[Any]:
    """Ids of 12 bytes (n, 12) as n texts of 24 hexadecimal digits."""
    digits = np.frombuffer(b"0123456789abcdef", np.uint8)
    pairs = np.stack([digits[ids >> 4], digits[ids & 15]], axis=2)
    return pairs.reshape(len(ids), 24).view("S24").ravel().astype("U24").astype(object)


def lists_of(values: Sequence[Any]) -> tuple[Floats, Ints]:
    """The numbers in lists that were read as `extra`, one after another, and where those of each of n begin (n + 1).

    Lists may hold lists; what is no list has no numbers, and what is no number is NaN.
    """
    empty = bson.encode({})
    parts = [one if isinstance(one, bytes) else empty for one in values]
    starts = np.cumsum([0, *map(len, parts)], dtype=np.int64)[:-1]
    return bsonwalk.listed(np.frombuffer(b"".join(parts) or b"\0", np.uint8), starts)


def object_ids(ids: Bytes) -> list[ObjectId]:
    """Ids of 12 bytes (n, 12) in the database's form."""
    packed = ids.tobytes()
    return [ObjectId(packed[at : at + 12]) for at in range(0, len(packed), 12)]


class _Known:
    """Label names by hash, numbered as they come."""

    def __init__(self) -> None:
        self.names: list[str] = [""]
        self._codes: dict[int, int] = {int(_NO_NAME): 0}

    def codes(self, batch: bytes, items: Items) -> Ints:
        hashes, first, back = np.unique(items.label, return_index=True, return_inverse=True)
        found = []
        for value, row in zip(hashes.tolist(), first.tolist(), strict=True):
            if value not in self._codes:
                start, size = items.text[row].tolist()
                name = batch[start : start + size].decode()
                self._codes[value] = len(self.names) if name else 0
                self.names += [name] if name else []
            found.append(self._codes[value])
        codes: Ints = np.array(found, np.int64)[back] if found else np.zeros(0, np.int64)
        return codes


def _columns(batch: bytes, wanted: Wanted, known: _Known) -> Columns:
    raw = np.frombuffer(batch, np.uint8)
    paths = ["_id", *wanted.labels, *wanted.texts, *wanted.numbers]
    heads, _, tails = zip(*(path.partition(".") for path in paths), strict=True)
    at, kind = bsonwalk.locate(raw, bsonwalk.documents(raw), bsonwalk.names(heads), bsonwalk.names(tails))
    place = dict(zip(paths, zip(at, kind, strict=True), strict=True))
    return Columns(
        id=raw[at[0][:, None] + np.arange(12)],
        texts={path: _texts(batch, *place[path]) for path in wanted.texts},
        numbers={path: bsonwalk.numbers(raw, *place[path]) for path in wanted.numbers},
        labels={path: _labels(batch, *place[path], wanted, known) for path in wanted.labels},
        names=known.names,
    )


def _texts(batch: bytes, at: Ints, kind: Bytes) -> list[str]:
    return [
        batch[start + 4 : start + 3 + int.from_bytes(batch[start : start + 4], "little")].decode()
        if type_ == bsonwalk.TEXT
        else ""
        for start, type_ in zip(at.tolist(), kind.tolist(), strict=True)
    ]


def _labels(batch: bytes, at: Ints, kind: Bytes, wanted: Wanted, known: _Known) -> Labels:
    raw = np.frombuffer(batch, np.uint8)
    items = _empty(int(bsonwalk.count(raw, at, kind).sum()), len(wanted.more))
    bsonwalk.fill(raw, at, kind, bsonwalk.names([*bsonwalk.WANTED, *wanted.more]), items)
    values = dict[str, list[Any]]()
    for k, key in enumerate(wanted.more):
        read = _list if key in wanted.lists else _value
        found = zip(items.extra[:, k].tolist(), items.extra_kind[:, k].tolist(), strict=True)
        values[key] = [read(batch, *one) for one in found]
    code = known.codes(batch, items)
    return Labels(items.sample, code, items.box, items.numbers, items.confidence, items.crowd, items.id, values)


def _empty(n: int, extra: int) -> Items:
    box, confidence = np.full((n, 4), np.nan), np.full(n, np.nan)
    return Items(
        sample=np.zeros(n, np.int64),
        label=np.full(n, _NO_NAME),
        text=np.zeros((n, 2), np.int64),
        box=box,
        numbers=np.zeros(n, np.int64),
        confidence=confidence,
        crowd=np.zeros(n, np.bool_),
        id=np.zeros((n, 12), np.uint8),
        extra=np.zeros((n, extra), np.int64),
        extra_kind=np.zeros((n, extra), np.uint8),
        box_bytes=box.view(np.uint8),
        confidence_bytes=confidence.reshape(n, 1).view(np.uint8),
    )


def _value(batch: bytes, at: int, kind: int) -> Any:
    if kind in (bsonwalk.TEXT, bsonwalk.BINARY):
        size = int.from_bytes(batch[at : at + 4], "little")
        return batch[at + 4 : at + 3 + size].decode() if kind == bsonwalk.TEXT else batch[at + 5 : at + 5 + size]
    value = float(bsonwalk.number(np.frombuffer(batch, np.uint8), kind, at))
    return None if np.isnan(value) else value


def _list(batch: bytes, at: int, kind: int) -> bytes | None:
    return batch[at : at + int.from_bytes(batch[at : at + 4], "little")] if kind == bsonwalk.ARRAY else None


def joined(parts: Sequence[Columns], wanted: Wanted) -> Columns:
    """The columns of several batches of one `stream`, as one."""
    if len(parts) == 1:
        return parts[0]
    offset = np.cumsum([0, *map(len, parts)])
    none = _columns(b"", wanted, _Known())
    whole = parts or [none]
    return Columns(
        id=np.concatenate([part.id for part in whole]),
        texts={path: [text for part in whole for text in part.texts[path]] for path in wanted.texts},
        numbers={path: np.concatenate([part.numbers[path] for part in whole]) for path in wanted.numbers},
        labels={
            path: _joined_labels([part.labels[path] for part in whole], offset, wanted.more)
            for path in wanted.labels
        },
        names=whole[-1].names,
    )  # fmt: skip


def _joined_labels(parts: Sequence[Labels], offset: Ints, extra: Sequence[str]) -> Labels:
    def of(name: str) -> Any:
        return np.concatenate([getattr(part, name) for part in parts])

    return Labels(
        sample=np.concatenate([part.sample + offset[k] for k, part in enumerate(parts)]),
        label=of("label"),
        box=of("box"),
        numbers=of("numbers"),
        confidence=of("confidence"),
        crowd=of("crowd"),
        id=of("id"),
        extra={key: [value for part in parts for value in part.extra[key]] for key in extra},
    )
