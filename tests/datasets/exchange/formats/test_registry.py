"""Which format claims a source, how sure it is, and what comes next."""

import pytest

from datasets.errors import FormatError
from datasets.exchange.formats import registry
from datasets.exchange.formats.base import Sniff
from datasets.exchange.importing import preview
from tests.helpers import make_coco, make_image, make_yolo


@pytest.mark.parametrize("depth", [1, 3, 5])
def test_a_set_some_folders_down_is_found_beside_a_readme_and_a_zip(depth, tmp_path):
    inner = tmp_path.joinpath(*map(str, range(depth)))
    make_coco(inner)
    (tmp_path / "README.md").write_text("about")
    (tmp_path / "0" / "photos.zip").write_bytes(b"PK\5\6" + bytes(18))
    found = registry.detect(tmp_path)
    assert (found.format, found.path) == ("coco", inner) and str(inner.relative_to(tmp_path)) in found.why
    assert registry.locate(tmp_path, "coco") == inner


def test_several_sets_are_named(tmp_path):
    make_coco(tmp_path / "deep" / "one")
    make_yolo(tmp_path / "deep" / "two")
    with pytest.raises(FormatError, match=r"found several: deep/one, deep/two; name the one to import"):
        registry.detect(tmp_path)


def test_the_next_best_are_known_surest_first(tmp_path):
    make_yolo(tmp_path)
    found = registry.detect(tmp_path)
    scores = [one.score for one in found.others]
    assert found.score > registry.CERTAIN and scores == sorted(scores, reverse=True)
    assert "images" in [one.format for one in found.others]
    assert preview(tmp_path).choices == found.others


class Broken:
    NAME = "broken"

    def sniff(self, path):
        raise KeyError("deep inside")


def test_a_format_that_fails_to_look_ends_nothing_and_is_told(tmp_path, monkeypatch):
    make_coco(tmp_path)
    monkeypatch.setitem(registry.FORMATS, "broken", Broken())
    found = preview(tmp_path)
    assert (found.format, found.count) == ("coco", 6)
    (told,) = (one for one in found.findings if one.code == "unread_file")
    assert "KeyError" in told.found and "broken" in told.found


def test_where_nothing_else_is_sure_the_trouble_is_the_error(tmp_path, monkeypatch):
    make_image(tmp_path / "a.jpg")
    monkeypatch.setitem(registry.FORMATS, "broken", Broken())
    with pytest.raises(FormatError, match="expected a source that can be looked at as broken"):
        preview(tmp_path)
    assert preview(tmp_path, "images").count == 1


def test_folders_of_images_alone_are_not_searched(tmp_path, monkeypatch):
    for number in range(30):
        make_image(tmp_path / f"c{number}" / "1.jpg", seed=number)
    looked = []
    sniff = registry.FORMATS["voc"].sniff
    monkeypatch.setattr(registry.FORMATS["voc"], "sniff", lambda path: looked.append(path) or sniff(path))
    assert registry.detect(tmp_path).format == "class_folders" and looked == [tmp_path]
    assert Sniff(0).score == 0
