"""Operations on documents alone: random sequences come back by undo, and what does not fit is refused."""

from typing import Any

import pytest
from bson import ObjectId
from hypothesis import given, settings
from hypothesis import strategies as st

from datasets.editing import etags, operations
from datasets.editing.operations import Operation
from datasets.errors import FieldError, NotThere
from datasets.records import Label
from datasets.storage import labels

KIND = "detections"
IDS = [f"{number:024x}" for number in range(6)]
SHARES = st.integers(1, 20).map(lambda number: number / 20)
NAMES, BOXES = st.sampled_from("abc"), st.tuples(SHARES, SHARES, SHARES, SHARES)
VALUES = st.fixed_dictionaries(
    {"label": NAMES, "box": BOXES},
    optional={"confidence": SHARES, "attributes": st.dictionaries(st.sampled_from(["x", "y"]), st.integers())},
)
PARTS = st.fixed_dictionaries(
    {},
    optional={
        "label": NAMES, "box": BOXES, "confidence": st.none() | SHARES, "crowd": st.booleans(),
        "attributes": st.dictionaries(st.sampled_from(["x", "y", "tags"]), st.none() | st.lists(NAMES, max_size=2)),
    },
)  # fmt: skip
STEPS = st.lists(st.tuples(st.sampled_from(["add", "change", "delete"]), st.sampled_from(IDS), VALUES, PARTS),
                 max_size=12)  # fmt: skip


def document(key: str, name: str = "a", **attributes: Any) -> dict[str, Any]:
    return labels.to_item(KIND, Label(name, (0.1, 0.1, 0.2, 0.2), id=key, attributes=attributes))


def fitting(steps: list[Any], there: set[str]) -> list[Operation]:
    """The steps as operations, without those that cannot be done."""
    made = []
    for number, (action, key, values, parts) in enumerate(steps):
        if (action == "add") == (key in there):
            continue
        made.append(Operation(f"op{number}", action, key, values if action == "add" else parts))
        there = there | {key} if action == "add" else there - {key} if action == "delete" else there
    return made


@settings(max_examples=60, deadline=None)
@given(STEPS, st.integers(1, 4))
def test_random_sequences_come_back_to_the_start(steps: list[Any], parts: int) -> None:
    start = [document(key, y=[1]) for key in IDS[:2]]
    items, entries = start, []
    wanted = fitting(steps, set(IDS[:2]))
    for at in range(0, len(wanted), parts):  # some saves, of some operations each
        changes = operations.resolved(KIND, True, items, wanted[at : at + parts])
        items = operations.applied(items, changes)
        assert operations.are_done(items, changes)
        entries.append(changes)
    end = etags.of(items)
    undone = []
    for number, changes in enumerate(reversed(entries)):
        back = operations.taken_back(True, items, changes, f"undo{number}")
        assert back is not None
        items = operations.applied(items, back)
        undone.append(back)
    assert etags.of(items) == etags.of(start)
    for number, changes in enumerate(reversed(undone)):  # and an undo can be undone
        again = operations.taken_back(True, items, changes, f"redo{number}")
        assert again is not None
        items = operations.applied(items, again)
    assert etags.of(items) == end


def test_an_entry_that_was_changed_since_is_not_taken_back() -> None:
    items = [document(IDS[0]), document(IDS[1])]
    first = operations.resolved(KIND, True, items, [Operation("op-1", "change", IDS[0], {"label": "b"})])
    items = operations.applied(items, first)
    for later in ({"label": "c"}, {"label": "a"}):
        changes = operations.resolved(KIND, True, items, [Operation("op-2", "change", IDS[0], later)])
        assert operations.taken_back(True, operations.applied(items, changes), first, "undo") is None
    moved = operations.resolved(KIND, True, items, [Operation("op-3", "change", IDS[0], {"box": (0.0, 0.0, 0.5, 0.5)})])
    back = operations.taken_back(True, operations.applied(items, moved), first, "undo")
    assert back is not None and back[0].after == {"label": "a"}  # its box is another matter
    gone = operations.resolved(KIND, True, items, [Operation("op-4", "delete", IDS[0])])
    assert operations.taken_back(True, operations.applied(items, gone), first, "undo") is None
    assert operations.taken_back(True, items, gone, "undo") is None  # it is there again


def test_tags_and_new_attributes_do_not_keep_an_added_label() -> None:
    added = operations.resolved(KIND, True, [], [Operation("op-1", "add", IDS[0], {"label": "a", "box": (0, 0, 1, 1)})])
    (item,) = operations.applied([], added)
    tagged = {**item, "tags": ["confirmed"], "eval_r1": "tp"}
    back = operations.taken_back(True, [tagged], added, "undo")
    assert back is not None and back[0].before == tagged
    assert operations.taken_back(True, [{**item, "label": "b"}], added, "undo") is None


def test_what_does_not_fit_is_refused() -> None:
    items = [document(IDS[0])]
    with pytest.raises(NotThere, match=IDS[1]):
        operations.resolved(KIND, True, items, [Operation("op-1", "change", IDS[1], {"label": "b"})])
    with pytest.raises(FieldError, match="change that one"):
        operations.resolved(KIND, True, items, [Operation("op-1", "add", IDS[0], {"label": "b", "box": (0, 0, 1, 1)})])
    with pytest.raises(FieldError, match="at most, found 'a'"):
        operations.resolved(KIND, False, items, [Operation("op-1", "add", IDS[1], {"label": "b", "box": (0, 0, 1, 1)})])


def test_the_id_of_a_new_label_is_made_from_the_operation() -> None:
    one, other = (operations.named(Operation(name, "add")) for name in ("op-1", "op-2"))
    assert ObjectId(one.label_id) != ObjectId(other.label_id)
    assert operations.named(Operation("op-1", "add")) == one and operations.named(one) == one


def test_the_etag_depends_on_the_content_alone() -> None:
    item = document(IDS[0], x=float("nan"))
    turned = dict(reversed(item.items()))
    assert etags.of([item]) == etags.of([turned]) != etags.of([{**item, "label": "b"}])
    assert etags.of([]) != etags.of([item]) != etags.of([item, item])
    assert etags.of([{"m": b"1"}]) != etags.of([{"m": b"2"}])
    assert etags.same([float("nan")], [float("nan")]) and not etags.same(1, "1")
