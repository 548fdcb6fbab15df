"""Media that were moved: noticed, and found again where a person says they are."""

from pathlib import Path

import pytest

from app import doctor
from datasets.errors import DatasetsError
from datasets.exchange import importing
from datasets.storage import collection, relocating
from datasets.workspace import Workspace
from tests.helpers import make_mask_folders


def test_moved_media_are_noticed_and_found_again(database: Workspace, tmp_path: Path) -> None:
    importing.ingest(make_mask_folders(tmp_path / "old place", 6), "shapes", None)
    assert relocating.presence("shapes").missing == 0
    new = (tmp_path / "old place").rename(tmp_path / "new")
    seen = relocating.presence("shapes")
    assert (seen.looked, seen.missing) == (6, 6) and str(tmp_path / "old place") in seen.folder
    (told,) = (one for one in doctor.examine(database) if one.name == "media")
    assert told.state == "warning" and "6 of 6 files looked at are missing" in told.found
    assert "datasets --relocate shapes" in told.action

    with pytest.raises(DatasetsError, match=r"expected media of 6 samples .* found none"):
        relocating.relocate("shapes", tmp_path / "old place", tmp_path / "elsewhere")
    (new / "images/train/0.png").unlink()
    done = relocating.relocate("shapes", tmp_path / "old place", new)
    assert (done.changed, done.left) == (5, 1)
    moved = [one for one in collection.stream("shapes") if one["filepath"].startswith(str(new))]
    assert len(moved) == 5
    for one in moved:
        assert Path(one["filepath"]).is_file() and Path(one["ground_truth"]["mask_path"]).is_file()
    assert relocating.presence("shapes").missing == 1
