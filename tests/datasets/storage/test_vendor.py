"""FiftyOne, bound to the database of this workspace."""

from pathlib import Path

import pytest

from datasets.errors import DatabaseError
from datasets.storage import database as server
from datasets.storage import layout, vendor
from datasets.workspace import Workspace


def test_it_uses_the_server_of_this_workspace(database: Workspace) -> None:
    fo = vendor.fiftyone()
    assert fo.config.database_uri == server.ensure() and fo.__version__ == layout.installed_version()


def test_one_that_is_bound_elsewhere_is_refused_without_passwords(
    database: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(vendor.fiftyone().config, "database_uri", "mongodb://me:secret@there/")
    with pytest.raises(DatabaseError, match="one workspace per process") as told:
        vendor.fiftyone()
    assert "secret" not in str(told.value)


def test_a_data_set_that_the_zoo_does_not_know_is_told_by_it(database: Workspace, tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="no-such-set"):
        vendor.download("no-such-set", tmp_path / "zoo", dataset_name="d")
    assert vendor.fiftyone().config.dataset_zoo_dir == str(tmp_path / "zoo") and not (tmp_path / "zoo" / "d").exists()
