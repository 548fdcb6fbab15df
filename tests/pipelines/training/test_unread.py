"""An image that cannot be read while a network learns is a finding, once."""

from pathlib import Path

from pipelines.training import unread


def test_an_image_is_told_once_by_whichever_process_met_it(tmp_path: Path) -> None:
    for split in ("train", "val", "train"):
        unread.tell(tmp_path / "cache" / split, "/pictures/a b.png")
    unread.tell(tmp_path / "cache" / "val", "/pictures/c.png")
    found = list(unread.findings(tmp_path))
    assert sorted(finding.where for finding in found) == ["/pictures/a b.png", "/pictures/c.png"]
    assert {finding.code for finding in found} == {"unreadable_image"}
    unread.tell(tmp_path / "cache" / "train", "/pictures/c.png")
    assert list(unread.findings(tmp_path)) == []
