"""A walk over raw BSON documents, compiled: where wanted values lie, and the labels of a field as columns.

Format: https://bsonspec.org/spec.html. A position is that of a value's first byte in the batch; kinds are BSON's.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from datasets.speed.compiled import compiled, inlined

Bytes = NDArray[np.uint8]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]

DOUBLE, TEXT, DOCUMENT, ARRAY, BINARY, OBJECT_ID, BOOL, INT32, INT64 = 1, 2, 3, 4, 5, 7, 8, 0x10, 0x12
REGEX, ABSENT = 0x0B, 0


def _sizes(known: dict[int, int]) -> Ints:
    return np.array([known.get(kind, -1) for kind in range(256)], np.int64)


# Bytes of a value, by its kind: fixed ones (times, null, decimals, ...), and those that begin with their own length.
_FIXED = _sizes(
    {DOUBLE: 8, INT64: 8, 0x09: 8, 0x11: 8, OBJECT_ID: 12, BOOL: 1, INT32: 4, 0x13: 16, 6: 0, 0x0A: 0, 0x7F: 0, 0xFF: 0}
)
_COUNTED = _sizes({TEXT: 4, 0x0D: 4, 0x0E: 4, DOCUMENT: 0, ARRAY: 0, 0x0F: 0, BINARY: 5, 0x0C: 16})


class Names(NamedTuple):
    """Keys to look for, one after another in `text`; key k is `text[start[k]:start[k + 1]]`."""

    text: Bytes
    start: Ints


def names(keys: Sequence[str]) -> Names:
    """Keys in the form that the walk takes."""
    encoded = [key.encode() for key in keys]
    start = np.cumsum([0, *map(len, encoded)], dtype=np.int64)
    return Names(np.frombuffer(b"".join(encoded) or b"\0", np.uint8), start)


class Items(NamedTuple):
    """Columns of n labels.

    `label` hash, and `text` position and length of its name; `numbers` how many a box has; `extra` (n, e) and
    `extra_kind` where further keys lie; `box_bytes` (n, 32) and `confidence_bytes` (n, 8) are views of theirs.
    """

    sample: Ints
    label: NDArray[np.uint64]
    text: Ints
    box: Floats
    numbers: Ints
    confidence: Floats
    crowd: NDArray[np.bool_]
    id: Bytes
    extra: Ints
    extra_kind: Bytes
    box_bytes: Bytes
    confidence_bytes: Bytes


def reply(raw: bytes) -> tuple[int, bytes]:
    """The number of the cursor (0 when nothing is left) and the array of documents in a server's reply to a query."""
    heads, tails = names(["cursor"] * 3), names(["id", "firstBatch", "nextBatch"])
    at, kind = locate(np.frombuffer(raw, np.uint8), np.zeros(1, np.int64), heads, tails)
    start = int(at[1, 0] if kind[1, 0] else at[2, 0])
    size = int.from_bytes(raw[start : start + 4], "little")
    rest = int(at[0, 0])
    return int.from_bytes(raw[rest : rest + 8], "little", signed=True), raw[start : start + size]


@compiled
def documents(batch: Bytes) -> Ints:
    """Where each document of a BSON array begins."""
    count, at = 0, 4
    while at < len(batch) - 1:
        _, _, _, at = _element(batch, at)
        count += 1
    starts = np.empty(count, np.int64)
    at = 4
    for row in range(count):
        _, starts[row], _, at = _element(batch, at)
    return starts


@compiled
def locate(batch: Bytes, starts: Ints, heads: Names, tails: Names) -> tuple[Ints, Bytes]:
    """Position and kind (p, d) of the values under p paths of one or two keys (an empty tail: one); kind 0: absent."""
    paths = len(heads.start) - 1
    at, kind = np.zeros((paths, len(starts)), np.int64), np.zeros((paths, len(starts)), np.uint8)
    for row in range(len(starts)):
        here = starts[row] + 4
        while batch[here] != 0:
            key, value, found, here = _element(batch, here)
            for path in range(paths):
                if not _is(batch, key, heads, path):
                    continue
                if tails.start[path] == tails.start[path + 1]:
                    at[path, row], kind[path, row] = value, found
                elif found == DOCUMENT:
                    inner = value + 4
                    while batch[inner] != 0:
                        name, place, type_, inner = _element(batch, inner)
                        if _is(batch, name, tails, path):
                            at[path, row], kind[path, row] = place, type_
    return at, kind


@compiled
def count(batch: Bytes, at: Ints, kind: Bytes) -> Ints:
    """How many labels lie at each position: those of an array, or one document."""
    counts = np.zeros(len(at), np.int64)
    for row in range(len(at)):
        if kind[row] == DOCUMENT:
            counts[row] = 1
        elif kind[row] == ARRAY:
            here = at[row] + 4
            while batch[here] != 0:
                _, _, _, here = _element(batch, here)
                counts[row] += 1
    return counts


@compiled
def fill(batch: Bytes, at: Ints, kind: Bytes, wanted: Names, out: Items) -> None:
    """Fill the columns of the labels at these positions. `wanted`: see `WANTED`, then the extra keys."""
    n = 0
    for row in range(len(at)):
        if kind[row] == DOCUMENT:
            _label(batch, at[row], wanted, out, n)
            out.sample[n] = row
            n += 1
        elif kind[row] == ARRAY:
            here = at[row] + 4
            while batch[here] != 0:
                _, value, found, here = _element(batch, here)
                if found == DOCUMENT:  # any other element of the list is a label without a box
                    _label(batch, value, wanted, out, n)
                out.sample[n] = row
                n += 1


WANTED = ["_id", "label", "bounding_box", "confidence", "iscrowd"]


@inlined
def _label(batch: Bytes, start: int, wanted: Names, out: Items, n: int) -> None:
    here = start + 4
    while batch[here] != 0:
        key, value, found, here = _element(batch, here)
        if found == TEXT and _is(batch, key, wanted, 1):
            out.label[n], out.text[n, 0], out.text[n, 1] = _hash(batch, value), value + 4, int32(batch, value) - 1
        elif found == ARRAY and _is(batch, key, wanted, 2):
            out.numbers[n] = _box(batch, value, out, n)
        elif found == OBJECT_ID and _is(batch, key, wanted, 0):
            for i in range(12):
                out.id[n, i] = batch[value + i]
        elif found == DOUBLE and _is(batch, key, wanted, 3):
            for i in range(8):  # an array of eight bytes per number would cost more than all the rest
                out.confidence_bytes[n, i] = batch[value + i]
        elif _is(batch, key, wanted, 3):
            out.confidence[n] = number(batch, found, value)
        elif _is(batch, key, wanted, 4):
            crowd = number(batch, found, value)
            out.crowd[n] = not np.isnan(crowd) and crowd != 0
        else:
            for extra in range(out.extra.shape[1]):
                if _is(batch, key, wanted, 5 + extra):
                    out.extra[n, extra], out.extra_kind[n, extra] = value, found


@inlined
def _box(batch: Bytes, start: int, out: Items, n: int) -> int:
    here, numbers = start + 4, 0
    while batch[here] != 0:
        if batch[here] == DOUBLE and batch[here + 2] == 0:  # as all numbers of a box are: a kind, one digit, 0, 8 bytes
            value, found, here = here + 3, DOUBLE, here + 11
        else:
            _, value, found, here = _element(batch, here)
        if numbers < 4 and found == DOUBLE:
            for i in range(8):
                out.box_bytes[n, 8 * numbers + i] = batch[value + i]
        elif numbers < 4:
            out.box[n, numbers] = number(batch, found, value)
        numbers += 1
    return numbers


@compiled
def listed(batch: Bytes, starts: Ints) -> tuple[Floats, Ints]:
    """The numbers in arrays that begin here, those of arrays in them too; and where those of each begin, and end.

    What is no number, such as null, is NaN.
    """
    begin = np.zeros(len(starts) + 1, np.int64)
    for row in range(len(starts)):
        begin[row + 1] = begin[row] + _numbers_of(batch, starts[row], np.empty(0), 0)
    made = np.empty(begin[-1])
    for row in range(len(starts)):
        _numbers_of(batch, starts[row], made, begin[row])
    return made, begin


@compiled
def _numbers_of(batch: Bytes, start: int, into: Floats, first: int) -> int:
    """How many numbers an array holds; they are put into a column, unless that is empty."""
    count, here = 0, start + 4
    while batch[here] != 0:
        _, value, found, here = _element(batch, here)
        if found != ARRAY:
            if len(into):
                into[first + count] = number(batch, found, value)
            count += 1
            continue
        inner = value + 4
        while batch[inner] != 0:
            _, place, type_, inner = _element(batch, inner)
            if len(into):
                into[first + count] = number(batch, type_, place)
            count += 1
    return count


@compiled
def numbers(batch: Bytes, at: Ints, kind: Bytes) -> Floats:
    """The values at these positions as floats; NaN for everything that is no number."""
    made = np.empty(len(at))
    for row in range(len(at)):
        made[row] = number(batch, kind[row], at[row])
    return made


@compiled
def number(batch: Bytes, kind: int, at: int) -> float:
    """One value as float; NaN for everything that is no number."""
    if kind == DOUBLE:
        return float(batch[at : at + 8].view(np.float64)[0])
    if kind == INT32:
        return float(int32(batch, at))
    if kind == INT64:
        return float(batch[at : at + 8].view(np.int64)[0])
    return float(batch[at]) if kind == BOOL else np.nan


@compiled
def int32(batch: Bytes, at: int) -> int:
    """Four bytes, little endian."""
    low = np.int64(batch[at]) | (np.int64(batch[at + 1]) << 8) | (np.int64(batch[at + 2]) << 16)
    high = np.int64(batch[at + 3])
    return int(low | ((high - 256 if high > 127 else high) << 24))


@inlined
def _element(batch: Bytes, at: int) -> tuple[int, int, int, int]:
    """Where the key begins, where the value begins, its kind, and where the next element begins."""
    here = at + 1
    while batch[here] != 0:
        here += 1
    value = here + 1
    return at + 1, value, batch[at], value + _length(batch, batch[at], value)


@compiled
def _length(batch: Bytes, kind: int, at: int) -> int:
    if _FIXED[kind] >= 0:
        return int(_FIXED[kind])
    if _COUNTED[kind] >= 0:
        return int(_COUNTED[kind]) + int32(batch, at)
    if kind == REGEX:
        return _regex(batch, at)
    raise ValueError("expected BSON, found an unknown kind of value")


@compiled
def _regex(batch: Bytes, at: int) -> int:
    here, ends = at, 0
    while ends < 2:
        ends += batch[here] == 0
        here += 1
    return here - at


@inlined
def _is(batch: Bytes, at: int, keys: Names, key: int) -> bool:
    start = keys.start[key]
    size = keys.start[key + 1] - start
    for i in range(size):
        if batch[at + i] != keys.text[start + i]:
            return False
    return bool(batch[at + size] == 0)


@compiled
def _hash(batch: Bytes, at: int) -> np.uint64:
    """FNV-1a, 64 bits: two of a million names share one with a chance of 1 in 10 million."""
    value = np.uint64(14695981039346656037)
    for i in range(at + 4, at + 3 + int32(batch, at)):
        value = (value ^ np.uint64(batch[i])) * np.uint64(1099511628211)
    return value
