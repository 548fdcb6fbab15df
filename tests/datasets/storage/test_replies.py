"""The server's answers, undecoded."""

import bson
import pytest

from datasets.storage import collection, replies, store
from datasets.workspace import Workspace
from tests import commands


@pytest.fixture
def ids(database: Workspace) -> list[str]:
    store.create("d")
    made = [collection.sample_document(f"/{k}.png", split="val" if k % 2 else "train") for k in range(7)]
    return collection.insert("d", made)


def paths(batches: object) -> list[str]:
    return [one["filepath"] for batch in batches for one in bson.decode(batch).values()]  # type: ignore[attr-defined]


def test_all_documents_come_in_the_order_of_their_ids_however_many_answers(
    ids: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = [f"/{k}.png" for k in range(7)]
    assert paths(replies.raw_batches("d", {"filepath": 1})) == whole
    monkeypatch.setattr(replies, "BATCH", 2)
    with commands.heard() as asked:
        assert paths(replies.raw_batches("d", {"filepath": 1})) == whole
    assert [one.split()[0] for one in asked].count("getMore") == 3
    assert paths(replies.raw_batches("d", {"filepath": 1}, {"split": "val"})) == ["/1.png", "/3.png", "/5.png"]
    assert paths(replies.raw_batches("d", {"filepath": 1}, None, ids[2:5])) == whole[2:5]


def test_what_is_not_read_to_its_end_is_closed(ids: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(replies, "BATCH", 2)
    with commands.heard() as asked:
        batches = replies.raw_batches("d", {"filepath": 1})
        assert len(bson.decode(next(batches))) == 2
        batches.close()  # type: ignore[attr-defined]
    assert asked[-1].startswith("killCursors")


def test_a_view_of_fiftyone_is_read_through_its_own_stages(ids: list[str]) -> None:
    view = collection.load("d").match({"split": "val"}).sort_by("filepath", reverse=True)
    assert paths(replies.view_batches(view, {"filepath": 1})) == ["/5.png", "/3.png", "/1.png"]
