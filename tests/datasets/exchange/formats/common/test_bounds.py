"""Names in a source that lead out of it: told, never followed before a person says so, in every format alike."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from datasets.errors import FormatError
from datasets.exchange import exporting, importing
from datasets.exchange.formats.common.bounds import EVERYWHERE
from datasets.exchange.importing import preview
from datasets.viewspec import ViewSpec
from datasets.workspace import Workspace
from tests.helpers import make_image, run_foveal


def coco(source: Path, name: str) -> Path:
    images = [{"id": 1, "file_name": "in.png"}, {"id": 2, "file_name": name}]
    (source / "instances.json").write_text(json.dumps({"images": images, "annotations": [], "categories": []}))
    return source


def coco_file(source: Path, name: str) -> Path:
    return coco(source, name) / "instances.json"


def csv(source: Path, name: str) -> Path:
    (source / "labels.csv").write_text(f"image,label\nin.png,cat\n{name},dog\n")
    return source


def voc(source: Path, name: str) -> Path:
    for stem, path in (("in", "in.png"), ("out", name)):
        text = f"<annotation><filename>{stem}.png</filename><path>{path}</path></annotation>"
        (source / f"{stem}.xml").write_text(text)
    return source


def yolo_list(source: Path, name: str) -> Path:
    (source / "train.txt").write_text(f"in.png\n{name}\n")
    (source / "data.yaml").write_text("train: train.txt\nnames: [cat]\n")
    return source


def yolo_folder(source: Path, name: str) -> Path:
    shutil.move(source / "in.png", source / "images" / "in.png") if (source / "images").mkdir() is None else None
    (source / "data.yaml").write_text(json.dumps({"train": ["images", str(Path(name).parent)], "names": ["cat"]}))
    return source


def yolo_root(source: Path, name: str) -> Path:
    top, folder = Path(name).parent.parent, Path(name).parent.name
    (source / "data.yaml").write_text(
        json.dumps({"path": str(top), "train": folder, "val": "in.png", "names": ["cat"]})
    )
    return source


def masks(source: Path, name: str) -> Path:
    (source / "masks").mkdir()
    Image.new("L", (64, 48), 1).save(source / "masks" / "a.png")
    text = {"train": {"images": str(Path(name).parent), "masks": "masks"}, "classes": {0: "no", 1: "cat"}}
    (source / "data.yaml").write_text(json.dumps(text))
    return source


BY_NAME = [coco, coco_file, csv, yolo_list]
BY_FOLDER = [yolo_folder, yolo_root, masks]
Maker = Callable[[Path, str], Path]


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A source with an image of its own, and beside it a folder with one that is none of it."""
    make_image(tmp_path / "source" / "in.png")
    make_image(tmp_path / "other" / "set" / "out.png", seed=5)
    return tmp_path / "source"


@pytest.mark.parametrize(
    ("make", "start"),
    # names of VOC that lead upwards are looked for by their last part alone, which lies inside
    [*((one, way) for one in (*BY_NAME, *BY_FOLDER) for way in ("absolute", "above")), (voc, "absolute")],
)
def test_nothing_outside_is_read_before_a_person_says_so(
    make: Maker, start: str, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    outside = tmp_path / "other" / "set" / "out.png"
    path = make(source, str(outside) if start == "absolute" else "../other/set/out.png")
    opened = _watched(monkeypatch, tmp_path / "other")
    found = preview(path)
    assert not opened
    told = [one for one in found.findings if one.code == "outside"]
    assert told and found.outside and all(folder.is_relative_to(tmp_path / "other") for folder in found.outside)
    assert "nothing there is read until you confirm it" in str(told[0])
    assert {record.path.name for record in found.records} <= {"in.png"}
    allowed = preview(path, allowed=found.outside)
    assert "out.png" in {record.path.name for record in allowed.records} and not allowed.outside
    assert [one.severity for one in allowed.findings if one.code == "outside_read"] == ["note"]


def _watched(monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[str]:
    """Whatever is opened or listed below a folder from now on."""
    found: list[str] = []

    def watch(name: str) -> None:
        real = getattr(os, name)

        def call(path: Any, *more: Any, **named: Any) -> Any:
            if not isinstance(path, int) and Path(os.fsdecode(path)).absolute().is_relative_to(folder):
                found.append(f"{name} {path}")
            return real(path, *more, **named)

        monkeypatch.setattr(os, name, call)

    for name in ("open", "scandir", "listdir"):
        watch(name)
    return found


@pytest.mark.parametrize("make", BY_NAME)
@pytest.mark.parametrize(
    "name", ["/old/place/photos/a.png", "../photos/a.png", "C:\\old\\photos\\a.png", "..\\photos\\a.png", "/old/a.png"]
)
def test_a_set_that_was_moved_finds_its_images_by_the_end_of_their_path(make: Maker, name: str, source: Path) -> None:
    real = make_image(source / "deep" / "photos" / "a.png", seed=3)
    found = preview(make(source, name))
    assert real in {record.path for record in found.records} and not found.outside


@pytest.mark.parametrize("make", BY_NAME)
def test_an_end_that_fits_two_images_fits_none(make: Maker, source: Path) -> None:
    for folder in ("one", "two"):
        make_image(source / folder / "a.png")
    found = preview(make(source, "/old/place/a.png"))
    assert found.outside == (Path("/old/place"),)
    found = preview(make(source, "/old/one/a.png"))
    assert source / "one" / "a.png" in {record.path for record in found.records}


@pytest.mark.parametrize("make", BY_NAME)
@pytest.mark.parametrize("name", ["a\0b.png", "x" * 300 + ".png", "~root/a.png", "./in.png", "a/../in.png"])
def test_odd_names_are_looked_for_inside(make: Maker, name: str, source: Path) -> None:
    try:
        assert not preview(make(source, name)).outside
    except FormatError as refused:
        assert "NUL byte" in str(refused)


@pytest.mark.parametrize("make", BY_NAME)
def test_links_inside_a_source_are_followed(make: Maker, source: Path, tmp_path: Path) -> None:
    (source / "linked.png").symlink_to(tmp_path / "other" / "set" / "out.png")
    found = preview(make(source, "linked.png"))
    assert tmp_path / "other" / "set" / "out.png" in {record.path for record in found.records}
    assert not found.outside


def test_labels_beside_a_source_are_not_read_either(source: Path, tmp_path: Path) -> None:
    images, labels = tmp_path / "images", tmp_path / "labels"
    shutil.copytree(source, images)
    labels.mkdir()
    (labels / "in.txt").write_text("0 0.5 0.5 0.1 0.1\n")
    (images / "data.yaml").write_text("train: .\nnames: [cat]\n")
    assert preview(images).labels == 0


def test_many_folders_are_counted(source: Path) -> None:
    images = [{"id": n, "file_name": f"/some/{n}/a.png"} for n in range(30)] + [{"id": 99, "file_name": "in.png"}]
    (source / "instances.json").write_text(json.dumps({"images": images, "annotations": [], "categories": []}))
    found = preview(source)
    told = [one for one in found.findings if one.code == "outside"]
    assert len(told) == 21 and "names that lead to 10 more folders" in str(told[-1]) and len(found.outside) == 30


def test_the_command_line_asks_and_a_dry_run_only_tells(source: Path, tmp_path: Path, workspace: Workspace) -> None:
    coco(source, str(tmp_path / "other" / "set" / "out.png"))
    before = sorted(map(str, tmp_path.rglob("*")))
    told = json.loads(run_foveal("import", source, "--dry-run", "--json", "--home", workspace.home))["preview"]
    assert told["count"] == 1
    assert [one["code"] for one in told["findings"] if one["severity"] != "note"] == ["outside"]
    words = ("import", source, "--dry-run", "--json", "--allow-outside", "--home", workspace.home)
    assert json.loads(run_foveal(*words))["preview"]["count"] == 2
    assert sorted(map(str, tmp_path.rglob("*"))) == before


@pytest.mark.parametrize("format_name", ["coco", "yolo", "voc", "images"])
@pytest.mark.parametrize("name", ["../../out", "/tmp/out", "..", ".hidden", "a\\b", "a/b"])
def test_no_name_of_a_split_leads_out_of_an_export(
    format_name: str, name: str, database: Workspace, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_image(tmp_path / "in" / "a.png")
    importing.ingest(importing.preview(tmp_path / "in"), "held", None)
    real = exporting._record
    monkeypatch.setattr(exporting, "_record", lambda *given: _with_split(real(*given), name))
    with pytest.raises(FormatError, match="expected splits whose names can be names of folders, found "):
        exporting.export(ViewSpec(dataset="held"), tmp_path / "out" / "here", format_name, None)
    assert not (tmp_path / "out").exists()


def _with_split(record: Any, name: str) -> Any:
    from dataclasses import replace

    return replace(record, split=name)


def test_everything_may_be_allowed(source: Path, tmp_path: Path) -> None:
    coco(source, str(tmp_path / "other" / "set" / "out.png"))
    assert preview(source, allowed=EVERYWHERE).count == 2
