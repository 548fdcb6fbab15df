"""Columns equal what bson itself decodes, whatever the layout; views of FiftyOne are honoured."""

import datetime
import tracemalloc
from typing import Any

import bson
import numpy as np
import pytest
from bson import ObjectId
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.storage import collection, columns, replies, store
from datasets.storage.columns import Columns, Wanted
from datasets.workspace import Workspace

WANTED = Wanted(("gt.detections", "weather"), ("filepath", "meta.kind"), ("meta.width", "score"), ("mask_path", "mask"))
ID = ObjectId("0123456789abcdef01234567")

anything = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**31), 2**31 - 1), st.integers(-(2**63), 2**63 - 1), st.floats(),
    st.text(), st.binary(), st.just(ID), st.just(datetime.datetime(2020, 1, 1)), st.just(bson.Regex("a.", "i")),
    st.just(bson.Decimal128("1.5")), st.just(bson.MinKey()), st.just(bson.Timestamp(3, 4)), st.just(bson.Code("x")),
    st.just(bson.Code("x", {"y": 1})), st.lists(st.integers(0, 9)), st.dictionaries(st.sampled_from("ab"), st.text()),
)  # fmt: skip
number = st.floats() | st.integers(-5, 5) | st.booleans()
key = st.text(st.characters(blacklist_characters="\0", blacklist_categories=("Cs",)), min_size=1)


@st.composite
def shuffled(draw: Any, known: dict[str, Any]) -> dict[str, Any]:
    """A document with some of the known keys, each well or oddly filled, other keys, in any order."""
    made = {name: draw(st.one_of(good, anything)) for name, good in known.items() if draw(st.integers(0, 5))}
    made |= {
        name: value for name, value in draw(st.dictionaries(key, anything, max_size=2)).items() if name not in known
    }
    return dict(draw(st.permutations(list(made.items()))))


label = shuffled({
    "_id": st.builds(ObjectId), "label": st.text(), "bounding_box": st.lists(number, max_size=5), "confidence": number,
    "iscrowd": st.integers(0, 1), "mask_path": st.text(), "mask": st.binary(),
})  # fmt: skip
document = shuffled({
    "gt": st.fixed_dictionaries({"detections": st.lists(label | anything, max_size=3)}), "weather": label,
    "filepath": st.text(), "meta": shuffled({"kind": st.text(), "width": number}), "score": number,
})  # fmt: skip


def reference(documents: list[dict[str, Any]]) -> list[Any]:
    """The same by plain Python."""
    rows = []
    for made in documents:
        meta = made.get("meta") if isinstance(made.get("meta"), dict) else {}
        labels_ = [_items(_inner(made.get("gt"), "detections")), _items(made.get("weather"))]
        rows.append([
            made["_id"].binary, _text(made.get("filepath")), _text(meta.get("kind")),
            _number(meta.get("width")), _number(made.get("score")),
            *([_label(one) for one in some] for some in labels_),
        ])  # fmt: skip
    return rows


def _inner(value: Any, name: str) -> Any:
    return value.get(name) if isinstance(value, dict) else None


def _items(value: Any) -> list[Any]:
    return [value] if isinstance(value, dict) else value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str) and not isinstance(value, bson.Code) else ""


def _number(value: Any) -> Any:
    known = isinstance(value, int | float) and not isinstance(value, datetime.datetime)
    return float(value) if known and value == value else None


def _label(found: Any) -> list[Any]:
    one = found if isinstance(found, dict) else {}
    box = one.get("bounding_box") if isinstance(one.get("bounding_box"), list) else []
    numbers = [_number(value) for value in box][:4]
    extra = one.get("mask_path"), one.get("mask")
    return [
        _text(one.get("label")), numbers + [None] * (4 - len(numbers)), len(box), _number(one.get("confidence")),
        bool(_number(one.get("iscrowd"))), one["_id"].binary if isinstance(one.get("_id"), ObjectId) else bytes(12),
        *(_text(value) if _text(value) or value == "" else value if isinstance(value, bytes) else _number(value)
          for value in extra),
    ]  # fmt: skip


def as_rows(found: Columns) -> list[Any]:
    rows: list[list[Any]] = [
        [found.id[row].tobytes(), *(found.texts[path][row] for path in WANTED.texts),
         *(_number(float(found.numbers[path][row])) for path in WANTED.numbers), [], []]
        for row in range(len(found))
    ]  # fmt: skip
    for place, path in enumerate(WANTED.labels, 5):
        of = found.labels[path]
        for n in range(len(of)):
            rows[of.sample[n]][place].append([
                found.names[of.label[n]], [_number(float(value)) for value in of.box[n]], int(of.numbers[n]),
                _number(float(of.confidence[n])), bool(of.crowd[n]), of.id[n].tobytes(),
                of.extra["mask_path"][n], of.extra["mask"][n],
            ])  # fmt: skip
    return rows


def array(documents: list[dict[str, Any]]) -> bytes:
    """A BSON array of documents, as it stands in a server's reply."""
    return bytes(bson.encode({str(key): one for key, one in enumerate(documents)}))


@settings(deadline=None)  # the first example may compile
@given(st.lists(document, max_size=4), st.lists(document, max_size=2))
def test_columns_equal_decoded_documents(first: list[dict[str, Any]], second: list[dict[str, Any]]) -> None:
    batches = [[{**made, "_id": ObjectId()} for made in some] for some in (first, second)]
    raw = [array(some) for some in batches]
    decoded = [list(bson.decode(one).values()) for one in raw]
    expected = reference([made for some in decoded for made in some])
    assert as_rows(columns.joined(list(columns.stream(raw, WANTED)), WANTED)) == expected


def test_ids_as_text() -> None:
    made = [ObjectId() for _ in range(5)]
    packed = np.frombuffer(b"".join(one.binary for one in made), np.uint8).reshape(-1, 12)
    assert columns.texts_of(packed).tolist() == [str(one) for one in made]
    assert columns.object_ids(packed) == made
    assert columns.texts_of(packed[:0]).tolist() == []


NAME = "columns"
BOXES = Wanted(("gt.detections",), ("filepath",))


@pytest.fixture
def filled(database: Workspace) -> list[str]:
    store.create(NAME, {"gt": "detections"})
    made = []
    for row in range(7):
        one = {"_cls": "Detection", "bounding_box": [0.1, 0.1, 0.2, 0.2], "tags": []}
        found = [{"_id": ObjectId(), **one, "label": "äx"[k % 2], "confidence": k / 7} for k in range(row)]
        made.append(collection.sample_document(f"/{row}.jpg", gt={"_cls": "Detections", "detections": found}))
    return collection.insert(NAME, made)


def test_a_dataset_is_read_in_the_order_of_its_ids(filled: list[str]) -> None:
    found = columns.read(NAME, BOXES)
    assert columns.texts_of(found.id).tolist() == filled
    assert np.bincount(found.labels["gt.detections"].sample, minlength=7).tolist() == list(range(7))
    chosen = columns.read(NAME, BOXES, ids=[filled[5], filled[2], filled[5]])
    assert chosen.texts["filepath"] == ["/2.jpg", "/5.jpg"] and len(chosen.labels["gt.detections"]) == 7
    assert len(columns.read(NAME, BOXES, {"filepath": "/absent"})) == 0


def test_small_batches_are_joined(filled: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    whole = columns.read(NAME, BOXES).labels["gt.detections"]
    monkeypatch.setattr(replies, "BATCH", 2)
    seen: list[tuple[int, int]] = []
    parts = columns.read(NAME, BOXES, progress=lambda *at: seen.append(at)).labels["gt.detections"]
    assert np.array_equal(whole.sample, parts.sample) and np.array_equal(whole.id, parts.id)
    assert len(seen) > 2 and seen[-1] == (7, 7)


def test_views_of_fiftyone_filter_samples_and_labels(filled: list[str]) -> None:
    from fiftyone import ViewField

    view = collection.load(NAME).filter_labels("gt", ViewField("confidence") > 0.5).sort_by("filepath", reverse=True)
    found = columns.read_view(view, BOXES)
    labels = found.labels["gt.detections"]
    assert found.texts["filepath"] == view.values("filepath") == ["/6.jpg", "/5.jpg"]
    ids = [one for some in view.values("gt.detections.id") for one in some]
    assert columns.texts_of(labels.id).tolist() == ids and (labels.confidence > 0.5).all()


def test_a_stream_holds_one_batch_at_a_time() -> None:
    label = {"_id": ObjectId(), "label": "a", "bounding_box": [0.1, 0.2, 0.3, 0.4]}
    raw = array([{"_id": ObjectId(), "gt": {"detections": [label] * 8}} for _ in range(200)])

    def peak(batches: int) -> int:
        tracemalloc.start()
        for part in columns.stream((raw for _ in range(batches)), BOXES):
            assert len(part.labels["gt.detections"]) == 1600
        most = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return most

    peak(1)
    assert peak(40) < 1.5 * peak(4)


def test_many_replies_read_as_one(database: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    store.create("many")
    collection.insert("many", [collection.sample_document(f"/{n}.jpg", None) for n in range(7)], 7)
    monkeypatch.setattr(replies, "BATCH", 3)
    wanted = columns.Wanted((), ("filepath",), ())
    assert len(list(replies.raw_batches("many", wanted.projection))) == 3
    assert columns.read("many", wanted).texts["filepath"] == [f"/{n}.jpg" for n in range(7)]
    first = next(replies.raw_batches("many", wanted.projection))  # leaves the rest: its cursor is closed
    assert len(next(iter(columns.stream([first], wanted)))) == 3


def test_lists_of_numbers_are_read_with_those_in_them() -> None:
    values = [[[0.5, 1], [2, float("nan")]], [], [True, None, "x"], "text", 7]
    found = [{"_id": ID, "a": {"b": [{"points": value} for value in values]}}, {"_id": ID, "a": {"b": [{}]}}]
    batch = bson.encode({str(row): one for row, one in enumerate(found)})
    (read,) = columns.stream([batch], Wanted(("a.b",), lists=("points",)))
    flat, start = columns.lists_of(read.labels["a.b"].extra["points"])
    assert start.tolist() == [0, 4, 4, 7, 7, 7, 7]
    np.testing.assert_array_equal(flat, [0.5, 1, 2, np.nan, 1, np.nan, np.nan])
    assert [len(part) for part in columns.lists_of([])] == [0, 1]
