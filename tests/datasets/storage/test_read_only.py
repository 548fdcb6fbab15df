"""A database that refuses writes: one clear error, before anything is written."""

from pathlib import Path
from typing import Any

import pymongo
import pytest
from pymongo.errors import OperationFailure

from datasets.errors import DatabaseError
from datasets.evaluation import engines
from datasets.exchange import importing
from datasets.handover import predictions
from datasets.storage import collection, store
from datasets.workspace import Workspace
from tests.benchmarks.scene import predicted, preview, scene

N = 20


def refuse(*args: Any, **kwargs: Any) -> None:
    """What the server answers a user who may only read."""
    raise OperationFailure("not authorized on fiftyone to execute command", 13)


@pytest.fixture
def read_only(database: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    importing.ingest(preview(scene(N)), "kept", None)
    path = predicted(scene(N), [str(found["_id"]) for found in collection.stream("kept")], tmp_path)
    predictions.store("kept", "pred_r1", path, {"run": "r1"})
    for write in ("update_one", "update_many", "insert_one", "insert_many", "bulk_write", "replace_one"):
        monkeypatch.setattr(pymongo.collection.Collection, write, refuse)
    return path


def test_nothing_is_written(read_only: Path) -> None:
    before = list(collection.stream("kept"))
    expected = "expected a database that .* can be written to, found not authorized.*nothing was written"
    with pytest.raises(DatabaseError, match=expected):
        predictions.store("kept", "pred_r2", read_only, {"run": "r2"})
    with pytest.raises(DatabaseError, match=expected):
        engines.evaluate("kept", "r1", "pred_r1")
    with pytest.raises(DatabaseError, match=expected):
        importing.ingest(preview(scene(N + 1)), "kept", None, add=True)
    with pytest.raises(DatabaseError, match=expected):
        importing.ingest(preview(scene(N)), "new", None)
    assert list(collection.stream("kept")) == before and store.names(hidden=True) == ["kept"]
