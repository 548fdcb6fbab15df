"""The whole database as bytes and back."""

import io
import json
from collections.abc import Iterator
from pathlib import Path

import bson
import pytest

from datasets.errors import FormatError
from datasets.storage import collection, documents, dumping, store
from datasets.storage import database as server
from datasets.workspace import Workspace

NAME = "foveal_test_parts"


@pytest.fixture
def held(database: Workspace) -> Iterator[None]:
    """A collection of our own, gone after the test."""
    yield
    server.connect().drop_collection(NAME)


def parts() -> dict[str, bytes]:
    found = dict[str, bytes]()
    assert dumping.dump(found.clear, found.__setitem__)
    return found


def test_every_collection_is_given_in_parts_of_bounded_size(held: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dumping, "PART", 200)
    server.connect()[NAME].insert_many([{"_id": k, "text": "x" * 90} for k in range(5)])
    found = {name: part for name, part in parts().items() if name.startswith(NAME)}
    assert list(found) == [f"{NAME}/00000{k}.bson" for k in range(3)]
    assert [len(bson.decode_all(part)) for part in found.values()] == [2, 2, 1]


def test_what_was_dumped_is_loaded_again_with_its_indexes(held: None) -> None:
    into = server.connect()[NAME]
    into.insert_many([{"_id": k, "deep": {"texts": ["a", k]}, "raw": b"\0\1"} for k in range(3)])
    into.create_index([("deep.texts", 1), ("_id", -1)], name="own", sparse=True)
    whole, before = parts(), list(into.find().sort("_id", 1))
    server.connect().drop_collection(NAME)
    assert dumping.load(NAME, io.BytesIO(whole[f"{NAME}/000000.bson"]), None) == 3
    only = {NAME: json.loads(whole["indexes.json"])[NAME]}
    dumping.index(json.dumps(only).encode())
    assert list(into.find().sort("_id", 1)) == before
    made = into.index_information()["own"]
    assert made["key"] == [("deep.texts", 1), ("_id", -1)] and made["sparse"]


def test_paths_move_with_their_workspace_and_nothing_else_does(held: None) -> None:
    move = dumping.mover("/old/home", "/new")
    said = {"a": "/old/home/x.png", "b": ["/old/homely", "/very/old/home", '"/old/home"'], "c": b"/old/home/x"}
    dumping.load(NAME, io.BytesIO(bson.encode({"_id": 1, **said})), move)
    assert server.connect()[NAME].find_one({}, {"_id": 0}) == {
        "a": "/new/x.png", "b": ["/old/homely", "/very/old/home", '"/new"'], "c": b"/old/home/x",
    }  # fmt: skip
    assert dumping.mover("/same", "/same") is None


@pytest.mark.parametrize("wrong", [b"\1\0", b"\xff\xff\xff\x7f", b"\6\0\0\0\0\1", bson.encode({"a": 1})[:-2]])
def test_what_is_no_bson_is_refused(held: None, wrong: bytes) -> None:
    with pytest.raises(FormatError, match="expected documents as BSON"):
        dumping.load(NAME, io.BytesIO(wrong), None)
    assert not list(server.connect()[NAME].find())


@pytest.mark.parametrize("name", ["system.users", "", "../a", "$cmd", "a" * 300])
def test_a_name_that_is_no_collection_is_refused(database: Workspace, name: str) -> None:
    with pytest.raises(FormatError, match="expected the name of a collection"):
        dumping.load(name, io.BytesIO(b""), None)


def test_media_inside_and_outside_of_the_workspace_are_counted(database: Workspace) -> None:
    store.create("d")
    homes = [str(database.home / "a.png"), str(database.home) + "ly/b.png", "/c.png"]
    collection.insert("d", [collection.sample_document(path) for path in homes])
    assert dumping.outside(database.home) == (3, 2)
    assert (
        dumping.size() > 0 and not dumping.is_empty() and documents.of("d")["sample_collection_name"] in dumping.names()
    )
    assert dumping.outside(Path("/nowhere"))[1] == 3
