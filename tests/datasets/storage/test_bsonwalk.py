"""The walk over raw BSON, against what pymongo's own decoder says."""

import datetime
from typing import Any

import bson
import numpy as np
from bson import Decimal128, Int64, ObjectId, Regex

from datasets.storage import bsonwalk

ODD: dict[str, Any] = {
    "f": 1.5, "t": "text ü", "d": {"inner": {"deep": 1}}, "a": [1, [2]], "b": b"bytes", "o": ObjectId(), "y": True,
    "w": datetime.datetime(2024, 1, 1), "n": None, "r": Regex("a.b", "i"), "i": 7, "l": Int64(1 << 40),
    "c": Decimal128("1.5"),
}  # fmt: skip


def batch(*documents: dict[str, Any]) -> tuple[np.ndarray[Any, Any], bytes]:
    raw = bson.encode({str(row): one for row, one in enumerate(documents)})
    return np.frombuffer(raw, np.uint8), raw


def locate(found: Any, *paths: str) -> Any:
    parts = [path.partition(".") for path in paths]
    heads, tails = (bsonwalk.names([one[side] for one in parts]) for side in (0, 2))
    return bsonwalk.locate(found, bsonwalk.documents(found), heads, tails)


def test_every_kind_of_value_is_passed_over_to_the_one_that_is_wanted() -> None:
    found, raw = batch({**ODD, "last": 5}, {"last": 6}, ODD)
    at, kind = locate(found, "last")
    assert [int.from_bytes(raw[place : place + 4], "little") for place in at[0, :2]] == [5, 6]
    assert kind.tolist() == [[bsonwalk.INT32, bsonwalk.INT32, bsonwalk.ABSENT]]


def test_values_are_found_where_they_lie() -> None:
    found, raw = batch(ODD)
    at, kind = locate(found, "t", "d.inner", "l", "d.none", "f.x", "lx")
    assert kind[:, 0].tolist() == [bsonwalk.TEXT, bsonwalk.DOCUMENT, bsonwalk.INT64, 0, 0, 0]
    text, inner, large = at[:3, 0]
    size = int.from_bytes(raw[text : text + 4], "little")
    assert raw[text + 4 : text + 4 + size - 1].decode() == ODD["t"]
    assert bson.decode(raw[inner : inner + int.from_bytes(raw[inner : inner + 4], "little")]) == {"deep": 1}
    assert int.from_bytes(raw[large : large + 8], "little") == 1 << 40


def test_documents_begin_where_their_length_stands() -> None:
    made = [{"a": 1}, {}, {"b": "x" * 300}]
    found, raw = batch(*made)
    starts = bsonwalk.documents(found).tolist()
    assert [bson.decode(raw[at : at + int.from_bytes(raw[at : at + 4], "little")]) for at in starts] == made
    assert bsonwalk.documents(batch()[0]).tolist() == []


def test_a_reply_is_its_cursor_and_its_documents() -> None:
    for key, number in (("firstBatch", 0), ("nextBatch", -5)):
        answer = {"cursor": {key: [{"a": 1}, {"a": 2}], "id": Int64(number), "ns": "x.y"}, "ok": 1.0}
        rest, array = bsonwalk.reply(bson.encode(answer))
        assert rest == number and [*bson.decode(array).values()] == [{"a": 1}, {"a": 2}]
