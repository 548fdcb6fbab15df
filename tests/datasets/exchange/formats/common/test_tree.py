import os

import pytest

from datasets.exchange.formats.base import Findings
from datasets.exchange.formats.common import tree
from datasets.exchange.importing import preview
from tests.helpers import make_image


def test_files_come_sorted_and_what_systems_make_is_not_among_them(tmp_path):
    for name in ("b/2", "b/10", "a/1", "@eaDir/x", "__MACOSX/a/1", ".git/x", "a/Thumbs.db", "a/.DS_Store", "top"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("")
    assert [str(path.relative_to(tmp_path)) for path in tree.walk(tmp_path)] == ["top", "a/1", "b/10", "b/2"]


def test_a_folder_is_listed_once_while_a_source_is_scanned(tmp_path):
    (tmp_path / "1").write_text("")
    with tree.scanning():
        first = tree.listing(tmp_path)
        (tmp_path / "2").write_text("")
        assert tree.listing(tmp_path) is first
        tree.forget()
        assert len(tree.listing(tmp_path).files) == 2
    assert len(tree.listing(tmp_path).files) == 2 and tree.listing(tmp_path / "absent").files == ()


def test_folders_that_lead_into_themselves_end(tmp_path):
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "again").symlink_to(tmp_path)
    (tmp_path / "a" / "x.jpg").symlink_to("x.jpg")
    findings = Findings()
    assert [path.name for path in tree.walk(tmp_path, findings)] == ["x.jpg"]
    assert [one.code for one in findings.kept] == ["symlink_loop"]
    assert len(list(tree.folders_below(tmp_path))) == 3


def test_names_that_are_not_utf8_are_told_and_left_out(tmp_path):
    make_image(tmp_path / "good.jpg")
    bad = os.fsencode(tmp_path) + b"/caf\xe9.jpg"
    try:
        os.rename(make_image(tmp_path / "bad.jpg"), bad)  # noqa: PTH104  bytes
    except OSError:
        pytest.skip("the file system takes no such name")
    found = preview(tmp_path)
    assert found.count == 1
    (told,) = (one for one in found.findings if one.code == "file_name")
    assert told.count == 1 and "caf\\xe9.jpg" in told.where


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read every folder")
def test_a_folder_that_may_not_be_read_is_told(tmp_path):
    make_image(tmp_path / "good.jpg")
    closed = tmp_path / "closed"
    closed.mkdir(mode=0)
    assert "unread_folder" in {one.code for one in preview(tmp_path).findings}


def test_a_link_to_a_folder_around_it_gives_no_image_another_class(tmp_path):
    make_image(tmp_path / "a" / "a.jpg")
    make_image(tmp_path / "b" / "b.jpg", seed=2)
    (tmp_path / "a" / "all").symlink_to(tmp_path)
    found = preview(tmp_path)
    assert {record.path.name: record.classification.label for record in found.records} == {"a.jpg": "a", "b.jpg": "b"}
    assert [one.where for one in found.findings if one.code == "symlink_loop"] == [str(tmp_path / "a" / "all")]
